#include "merge/oracle.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "tree/node.h"
#include "tree/yaml.h"

/* --- stamps and ranks ----------------------------------------------------------------------- */

static const struct node *
entry(const struct node *record, const char *path)
{
	const struct node *open = node_get(record, "conflicts");

	for (size_t i = 0; open && i < open->n; i++)
		if (strcmp(node_get_str(open->seq[i], "path"), path) == 0)
			return open->seq[i];
	return NULL;
}

static const struct node *
walk(const struct node *n, const char *path)
{
	while (n && *path) {
		size_t len = strcspn(path, ".");
		const struct node *next = NULL;

		if (n->kind == NODE_SEQ) {
			for (size_t i = 0; i < n->n; i++) {
				const char *k = node_get_str(n->seq[i], "k");

				if (k && strlen(k) == len && memcmp(k, path, len) == 0)
					next = n->seq[i];
			}
		} else {
			char *key = xstrndup(path, len);

			next = node_get(n, key);
			free(key);
		}
		n = next;
		path += len + (path[len] == '.');
	}
	return n;
}

static char *
stamp(const struct node *c)
{
	return xasprintf("%s %s", node_get_str(c, "at"), node_get_str(c, "by"));
}

/* The stamp that `c` must have: the earliest that travelled in, else that of the side's
 * `updated` whose value it is. */
static bool
stamp_right(const struct node *const side[2], const char *path, const struct node *c)
{
	const struct node *value = node_get(c, "value");
	char *got = stamp(c), *mine = value ? oracle_canonical(value) : xstrdup(ABSENT), *best = NULL;
	bool item = oracle_is_item(path), ok = false;

	for (int s = 0; s < 2; s++) {
		const struct node *e = entry(side[s], path), *values = node_get(e, "values");

		for (size_t i = 0; values && i < values->n; i++) {
			const struct node *v = node_get(values->seq[i], "value");
			char *text = v ? oracle_canonical(v) : xstrdup(ABSENT), *at = stamp(values->seq[i]);

			if ((item ? !v == !value : strcmp(text, mine) == 0) &&
			    (!best || strcmp(at, best) < 0)) {
				free(best);
				best = xstrdup(at);
			}
			free(text);
			free(at);
		}
	}
	for (int s = 0; !best && s < 2; s++) {
		const struct node *now = walk(node_get(side[s], "data"), path);
		char *text = now ? oracle_canonical(now) : xstrdup(ABSENT), *at = stamp(node_get(side[s], "updated"));

		ok = ok || ((item ? !now == !value : strcmp(text, mine) == 0) && strcmp(at, got) == 0);
		free(text);
		free(at);
	}
	ok = ok || (best && strcmp(best, got) == 0);
	free(best);
	free(got);
	free(mine);
	return ok;
}

/* A side that says what the base said, stamps and all, has nothing to add to the other. */
static bool
silent(const struct node *base, const struct node *side, const struct node *other,
    const char *path)
{
	const struct node *x = entry(base, path), *y = entry(side, path);

	return x && y && node_equal(x, y) && entry(other, path);
}

char *
oracle_stamps(const struct node *base, const struct node *ours, const struct node *theirs,
    const struct node *got)
{
	const struct node *open = node_get(got, "conflicts");

	for (size_t i = 0; open && i < open->n; i++) {
		const char *path = node_get_str(open->seq[i], "path");
		const struct node *values = node_get(open->seq[i], "values"),
		    *first = node_get(values->seq[0], "value"), *now = walk(node_get(got, "data"), path);

		const struct node *const side[2] = {
			silent(base, ours, theirs, path) ? theirs : ours,
			silent(base, theirs, ours, path) ? ours : theirs,
		};

		if (values->n < 2)
			return xasprintf("%s: settled but listed", path);
		if (i > 0 && strcmp(node_get_str(open->seq[i - 1], "path"), path) >= 0)
			return xasprintf("%s: not sorted", path);
		if (!now != !first || (now && !node_equal(now, first)))
			return xasprintf("%s: the first does not stand in data", path);
		for (size_t k = 0; k < values->n; k++) {
			const struct node *c = values->seq[k], *next = k + 1 < values->n ? values->seq[k + 1] : NULL;

			if (!stamp_right(side, path, c))
				return xasprintf("%s: wrong stamp", path);
			if (next && !node_get(open->seq[i], "locked")) {
				char *x = stamp(c), *y = stamp(next);
				bool wrong = (!node_get(c, "value") && node_get(next, "value")) ||
				    (!node_get(c, "value") == !node_get(next, "value") && strcmp(x, y) < 0);

				free(x);
				free(y);
				if (wrong)
					return xasprintf("%s: wrong order", path);
			}
		}
	}
	return NULL;
}

/* --- tokens ------------------------------------------------------------------------------------ */

static char *
all_text(const struct node *record)
{
	struct buf b = {0};

	if (node_get(record, "data"))
		yaml_emit(&b, node_get(record, "data"));
	if (node_get(record, "conflicts"))
		yaml_emit(&b, node_get(record, "conflicts"));
	return buf_take(&b);
}

static char *
next_token(const char **p)
{
	for (const char *s = *p; *s; s++) {
		size_t n = 1;

		if (*s != 't')
			continue;
		while (isdigit((unsigned char)s[n]))
			n++;
		if (n > 1 && s[n] == 'x') {
			*p = s + n + 1;
			return xstrndup(s, n + 1);
		}
	}
	return NULL;
}

char *
oracle_tokens(bool whole, const struct node *base, const struct node *ours,
    const struct node *theirs, const struct node *got)
{
	char *b = base ? all_text(base) : xstrdup(""), *o = all_text(ours), *t = all_text(theirs),
	    *g = all_text(got), *token, *wrong = NULL;
	const char *p = o;

	for (int k = 0; k < 3 && !wrong; k++) {
		p = k == 0 ? o : k == 1 ? t : g;
		while (!wrong && (token = next_token(&p))) {
			bool in_o = strstr(o, token), in_t = strstr(t, token), in_g = strstr(g, token);

			if (in_g ? !in_o && !in_t : (whole && in_o && in_t) || !strstr(b, token))
				wrong = xasprintf("%s %s", token, in_g ? "came from nowhere" : "was lost");
			free(token);
		}
	}
	free(b);
	free(o);
	free(t);
	free(g);
	return wrong;
}

bool
oracle_has(const struct node *record, const char *token)
{
	char *text = all_text(record);
	bool found = strstr(text, token) != NULL;

	free(text);
	return found;
}
