/* x-akt.guard: what no text of a record may hold, whichever field it stands in: numbers of people, say. */
#include "schema/guard.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "schema/regex.h"
#include "schema/run.h"
#include "tree/node.h"

/* ISO/IEC 7812: every second digit twice from the right, digits added, the sum ends in 0. */
static bool
luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0') << (i & 1);

		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

/* Whether the last digits of a match are a number that checks. */
static bool
checks(const struct schema_guard *g, const char *p, size_t n)
{
	char digits[SCHEMA_GUARD_DIGITS];
	size_t have = 0;

	if (!g->digits)
		return true;
	while (n > 0 && have < g->digits) {
		char c = p[--n];

		if (c >= '0' && c <= '9')
			digits[g->digits - ++have] = c;
	}
	return have == g->digits && luhn(digits, have);
}

enum schema_guarded
schema_guard(const struct schema *s, const char *p, size_t n, const char **text)
{
	enum schema_guarded all = GUARD_CLEAR;

	for (size_t i = 0; i < s->akt.nguards; i++) {
		const struct schema_guard *g = &s->akt.guards[i];
		size_t from = 0, start, end;
		enum regex_result found;

		while ((found = regex_find(g->pattern, p, n, from, &start, &end)) == REGEX_YES) {
			if (checks(g, p + start, end - start)) {
				*text = run_text(&g->message);
				return GUARD_HIT;
			}
			if (all == GUARD_CLEAR && (g->warning.sv || g->warning.en)) {
				all = GUARD_DOUBT;
				*text = run_text(&g->warning);
			}
			/* a number may begin within one that was none; never within a character */
			from = start + 1;
			while (from < n && ((unsigned char)p[from] & 0xc0) == 0x80)
				from++;
		}
		if (found == REGEX_LIMIT) { /* never a silent pass */
			*text = run_text(&g->message);
			return GUARD_HIT;
		}
	}
	return all;
}

static void
look(struct run *r, const struct schema *s, const struct shape *shape, const struct node *n,
    const struct frame *at, enum schema_guarded wanted)
{
	const char *text = NULL;

	if ((n->kind == NODE_STR || n->kind == NODE_INT) &&
	    schema_guard(s, n->text, n->len, &text) == wanted)
		run_fail(r, n->line, n->column, at, "%s", text);
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		struct frame field = {.up = at, .name = n->map[i].key};

		look(r, s, shape ? shape_field(shape, n->map[i].key) : NULL, n->map[i].value, &field, wanted);
	}
	for (size_t i = 0; n->kind == NODE_SEQ && i < n->n; i++) {
		const struct node *item = n->seq[i],
		                  *key = shape && shape->list_key ? node_get(item, shape->list_key) : NULL;
		struct frame one = {.up = at, .index = i};

		/* as validation names items: by the key that is in the reader's file */
		if (key && key->kind == NODE_STR && (key->line || !item->line))
			one.name = key->text;
		look(r, s, shape ? shape->item : NULL, item, &one, wanted);
	}
}

void
guard_find(const struct schema *s, const struct node *doc, const char *file, const char *prefix,
    enum schema_guarded wanted, struct diags *out)
{
	struct run r = {.file = file, .prefix = prefix ? prefix : "", .out = out};
	struct frame top = {0};

	if (s->akt.nguards)
		look(&r, s, s->shape, doc, &top, wanted);
}

void
schema_doubts(const struct schema *s, const struct node *doc, const char *file, const char *prefix,
    struct diags *out)
{
	guard_find(s, doc, file, prefix, GUARD_DOUBT, out);
}
