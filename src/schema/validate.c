/* Walks a document along the compiled graph. One call per (subschema, value). */
#include "schema/run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "schema/guard.h"
#include "tree/node.h"

enum {
	DEPTH = 2000,        /* run_check in run_check: values are 64 deep, references 200 */
	STEPS = 20000000,    /* run_check calls; schemas can be built that take 2^n of them */
	FINDINGS = 1000,     /* per document; more help nobody */
	NAME_BYTES = 64,     /* of a field's name in a path */
	FEW = 64,
};

/* --- findings --------------------------------------------------------------- */

static void
add_path(struct buf *out, const struct frame *at)
{
	if (!at->up)
		return;
	add_path(out, at->up);
	if (out->n)
		buf_putc(out, '.');
	if (!at->name) {
		buf_printf(out, "%zu", at->index);
		return;
	}
	/* an unknown field's name is foreign text: keep the line a line */
	for (size_t i = 0; at->name[i]; i++) {
		unsigned char c = (unsigned char)at->name[i];

		if (i >= NAME_BYTES && (c & 0xc0) != 0x80) {
			buf_puts(out, "...");
			break;
		}
		buf_putc(out, c < 0x20 || c == 0x7f ? '?' : c);
	}
}

bool
run_fail(struct run *r, unsigned line, unsigned column, const struct frame *at, const char *fmt,
    ...)
{
	struct buf path = {0}, text = {0};
	va_list ap;

	/* after giving up a failure may only be a consequence of that */
	if (!r->out || r->out->n >= FINDINGS || r->gave_up)
		return false;
	buf_puts(&path, r->prefix);
	add_path(&path, at);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	diags_add(r->out, r->file, line, column, buf_str(&path), "%s", buf_str(&text));
	buf_free(&path);
	buf_free(&text);
	return false;
}

bool
run_give_up(struct run *r, const char *why)
{
	if (!r->gave_up) {
		r->gave_up = true;
		r->why = why;
	}
	return false;
}

const char *
run_text(const struct text_label *l)
{
	bool sv = strcmp(i18n_lang(), "sv") == 0;

	return sv ? (l->sv ? l->sv : l->en) : (l->en ? l->en : l->sv);
}

/* x-akt.message: one finding, where the first one was, in the author's words. */
static void
replace_findings(struct diags *d, size_t from, const char *text)
{
	while (d->n > from + 1) {
		struct diag *x = &d->v[--d->n];

		free(x->file);
		free(x->path);
		free(x->text);
	}
	if (d->n > from) {
		free(d->v[from].text);
		d->v[from].text = xstrdup(text);
	}
}

/* --- lists ------------------------------------------------------------------- */

struct bytes {
	char *p;
	size_t n, index;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;
	int c = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	if (c)
		return c;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static bool
fail_item(struct run *r, const struct node *list, size_t i, const struct frame *at,
    const char *text)
{
	struct frame item = {.up = at, .index = i};

	return run_fail(r, list->seq[i]->line, list->seq[i]->column, &item, "%s", text);
}

static bool
check_unique(struct run *r, const struct node *n, const struct frame *at)
{
	struct bytes *v;
	bool ok = true;

	if (n->n < 2)
		return true;
	/* sorted canonical bytes: comparing pair by pair takes minutes on a hostile list */
	v = xmalloc(n->n * sizeof *v);
	for (size_t i = 0; i < n->n; i++) {
		struct buf b = {0};

		node_canonical(&b, n->seq[i]);
		v[i] = (struct bytes){.n = b.n, .index = i};
		v[i].p = buf_take(&b);
	}
	qsort(v, n->n, sizeof *v, by_bytes);
	for (size_t i = 1; i < n->n; i++)
		if (v[i].n == v[i - 1].n && memcmp(v[i].p, v[i - 1].p, v[i].n) == 0)
			ok = fail_item(r, n, v[i].index, at, _("is in the list twice"));
	for (size_t i = 0; i < n->n; i++) {
		secret_wipe(v[i].p, v[i].n);
		free(v[i].p);
	}
	free(v);
	return ok;
}

static const char *
item_key(const struct sub *s, const struct node *item)
{
	const char *key = s->akt.list_key ? node_get_str(item, s->akt.list_key) : NULL;
	size_t n = key ? strspn(key, "0123456789abcdefghijklmnopqrstuvwxyz_") : 0;

	return key && n >= 1 && n <= 32 && !key[n] ? key : NULL;
}

/* What stands for the item in paths; NULL: its index, which says more than a key that the engine
 * gave and that is not in the reader's file. */
static const char *
item_name(const struct sub *s, const struct node *item)
{
	const struct node *key = s->akt.list_key ? node_get(item, s->akt.list_key) : NULL;

	return key && item->line && !key->line ? NULL : item_key(s, item);
}

struct keyed {
	const char *key;
	size_t index;
};

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c ? c : x->index < y->index ? -1 : x->index > y->index;
}

/* Keys given by people must be usable in paths, and tell the items apart (DESIGN 3). One that
 * is missing is no fault: the engine gives it. */
static bool
check_keys(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	struct keyed *v = xmalloc((n->n + 1) * sizeof *v);
	size_t count = 0;
	bool ok = true;

	for (size_t i = 0; i < n->n; i++) {
		const struct node *given = node_get(n->seq[i], s->akt.list_key);
		struct frame item = {.up = at, .index = i};
		struct frame field = {.up = &item, .name = s->akt.list_key};
		const char *key = item_key(s, n->seq[i]);

		if (key)
			v[count++] = (struct keyed){key, i};
		else if (given)
			ok = run_fail(r, given->line, given->column, &field,
			    _("must be 1 to 32 of 0-9, a-z and _, since it names the entry"));
	}
	qsort(v, count, sizeof *v, by_key);
	for (size_t i = 1; i < count; i++) {
		const struct node *given = node_get(n->seq[v[i].index], s->akt.list_key);
		struct frame item = {.up = at, .index = v[i].index};
		struct frame field = {.up = &item, .name = s->akt.list_key};

		if (strcmp(v[i].key, v[i - 1].key) == 0)
			ok = run_fail(r, given->line, given->column, &field,
			    _("names another entry of this list already"));
	}
	free(v);
	return ok;
}

static bool
check_seq(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	bool ok = true;
	size_t found = 0;

	if (n->n < s->min_items)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    ngettext("must have at least %zu entry", "must have at least %zu entries",
		        s->min_items), s->min_items);
	if (n->n > s->max_items)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    ngettext("must have at most %zu entry", "must have at most %zu entries",
		        s->max_items), s->max_items);
	if (s->unique)
		RUN_TRY(r, ok, check_unique(r, n, at));
	if (s->akt.list_key)
		RUN_TRY(r, ok, check_keys(r, s, n, at));
	for (size_t i = 0; i < n->n; i++) {
		const struct sub *sub = i < s->prefix.n ? s->prefix.v[i] : s->items;
		struct frame item = {
			.up = at,
			.name = item_name(s, n->seq[i]),
			.index = i,
			.depth = at->depth + 1,
			.list_key = s->akt.list_key,
		};

		if (sub && sub->never)
			RUN_TRY(r, ok, fail_item(r, n, i, at, _("is one entry too many")));
		else if (sub)
			RUN_TRY(r, ok, run_check(r, sub, n->seq[i], &item, NULL));
		if (sub && marks)
			marks[i] = 1;
		if (s->contains && run_branch(r, s->contains, n->seq[i], &item, NULL)) {
			found++;
			if (marks)
				marks[i] = 1;
		}
	}
	if (s->contains && found < s->min_contains)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    _("lacks an entry that the schema demands"));
	if (s->contains && found > s->max_contains)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    _("has too many entries of the kind that the schema counts"));
	return ok;
}

/* --- mappings ------------------------------------------------------------------ */

static bool
check_required(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	bool ok = true;

	for (size_t i = 0; i < s->required.n; i++) {
		struct frame missing = {.up = at, .name = s->required.v[i]};

		if (!node_get(n, s->required.v[i]))
			RUN_FAIL(r, ok, n->line, n->column, &missing,
			    _("is required but missing"));
	}
	for (size_t i = 0; i < s->ndependent; i++) {
		const struct dependent *d = &s->dependent[i];

		if (!node_get(n, d->name))
			continue;
		for (size_t j = 0; j < d->required.n; j++) {
			struct frame missing = {.up = at, .name = d->required.v[j]};

			if (!node_get(n, d->required.v[j]))
				RUN_FAIL(r, ok, n->line, n->column, &missing,
				    _("is required together with %s but missing"), d->name);
		}
	}
	return ok;
}

static bool
is_list_key(const struct frame *at, const char *name)
{
	return at->list_key && strcmp(at->list_key, name) == 0;
}

/* A field under `sub`; false schemas speak of the field, so they point at its name. */
static bool
check_field(struct run *r, const struct sub *sub, const struct pair *p, const struct frame *at,
    const char *refusal)
{
	struct frame field = {.up = at, .name = p->key, .depth = at->depth + 1};

	if (sub->never)
		return run_fail(r, p->line, p->column, &field, "%s", refusal);
	return run_check(r, sub, p->value, &field, NULL);
}

static bool
check_pair(struct run *r, const struct sub *s, const struct pair *p, const struct frame *at,
    bool *evaluated)
{
	const struct sub *sub = named_subs_find(&s->properties, p->key);
	bool ok = true;

	*evaluated = true;
	if (s->property_names) {
		struct node name = {.kind = NODE_STR, .text = p->key, .len = strlen(p->key)};
		struct frame field = {.up = at, .name = p->key, .depth = at->depth + 1};

		if (!run_branch(r, s->property_names, &name, &field, NULL)) {
			const char *text = run_text(&s->property_names->akt.message);

			RUN_FAIL(r, ok, p->line, p->column, &field, "%s",
			    text ? text : _("is not an allowed name for a field"));
		}
	}
	for (size_t i = 0; i < s->npatterns; i++) {
		if (!run_pattern(r, s->patterns[i].re, p->key, strlen(p->key)))
			continue;
		RUN_TRY(r, ok, check_field(r, s->patterns[i].sub, p, at, _("is not allowed here")));
		if (!sub)
			sub = s->patterns[i].sub;
	}
	if (named_subs_find(&s->properties, p->key))
		RUN_TRY(r, ok, check_field(r, sub, p, at, _("is not allowed here")));
	else if (!sub && s->additional && !is_list_key(at, p->key))
		RUN_TRY(r, ok, check_field(r, s->additional, p, at, _("is not a known field")));
	else if (!sub)
		*evaluated = false;
	return ok;
}

static bool
check_map(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	bool ok = true;

	if (n->n < s->min_properties)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    ngettext("must have at least %zu field", "must have at least %zu fields",
		        s->min_properties), s->min_properties);
	if (n->n > s->max_properties)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    ngettext("must have at most %zu field", "must have at most %zu fields",
		        s->max_properties), s->max_properties);
	RUN_TRY(r, ok, check_required(r, s, n, at));
	if (!s->properties.n && !s->npatterns && !s->additional && !s->property_names)
		return ok;
	for (size_t i = 0; i < n->n; i++) {
		bool evaluated = false;

		RUN_TRY(r, ok, check_pair(r, s, &n->map[i], at, &evaluated));
		if (evaluated && marks)
			marks[i] = 1;
	}
	return ok;
}

/* Section 11: what no other keyword has evaluated, here or in place below. For mappings with unevaluatedProperties, lists with
 * unevaluatedItems. */
static bool
check_unevaluated(struct run *r, const struct sub *s, const struct node *n,
    const struct frame *at, const unsigned char *marks)
{
	bool ok = true;

	if (n->kind == NODE_MAP) {
		for (size_t i = 0; i < n->n; i++)
			if (!marks[i] && !is_list_key(at, n->map[i].key))
				RUN_TRY(r, ok, check_field(r, s->unevaluated_properties, &n->map[i], at,
				    _("is not a known field")));
		return ok;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct frame item = {.up = at, .index = i, .depth = at->depth + 1};

		if (marks[i])
			continue;
		if (s->unevaluated_items->never)
			RUN_TRY(r, ok, fail_item(r, n, i, at, _("is one entry too many")));
		else
			RUN_TRY(r, ok, run_check(r, s->unevaluated_items, n->seq[i], &item, NULL));
	}
	return ok;
}

/* --- any value ------------------------------------------------------------------ */

static bool
check_body(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	bool ok = true, wrong_kind = false;

	RUN_TRY(r, ok, run_scalar(r, s, n, at, &wrong_kind));
	if (wrong_kind) {
		/* all else, "not a known field" for each field above all, would only repeat it */
		if (marks)
			memset(marks, 1, n->n);
		return false;
	}
	if (n->kind == NODE_SEQ)
		RUN_TRY(r, ok, check_seq(r, s, n, at, marks));
	else if (n->kind == NODE_MAP)
		RUN_TRY(r, ok, check_map(r, s, n, at, marks));
	RUN_TRY(r, ok, run_in_place(r, s, n, at, marks));
	return ok;
}

/* A schema with unevaluated* starts its own account of what was evaluated: it does not see
 * its cousins', but its parent sees its. */
static bool
check_own_marks(struct run *r, const struct sub *s, const struct node *n,
    const struct frame *at, unsigned char *outer)
{
	unsigned char few[FEW] = {0}, *marks = n->n <= FEW ? few : xcalloc(n->n, 1);
	bool ok = check_body(r, s, n, at, marks);

	if (ok || r->out)
		ok = check_unevaluated(r, s, n, at, marks) && ok;
	if (outer)
		memset(outer, 1, n->n);
	if (marks != few)
		free(marks);
	return ok;
}

bool
run_check(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	size_t from = r->out ? r->out->n : 0;
	const char *text;
	bool ok;

	if (r->gave_up || s->always)
		return !r->gave_up;
	if (s->never)
		return run_fail(r, n->line, n->column, at, "%s", _("is not allowed here"));
	if (r->depth >= DEPTH || r->steps++ >= STEPS)
		return run_give_up(r,
		    N_("is too deep or too large to be checked against its schema"));
	r->depth++;
	if ((n->kind == NODE_MAP && s->unevaluated_properties) ||
	    (n->kind == NODE_SEQ && s->unevaluated_items))
		ok = check_own_marks(r, s, n, at, marks);
	else
		ok = check_body(r, s, n, at, marks);
	r->depth--;
	if (!ok && r->out && (text = run_text(&s->akt.message)))
		replace_findings(r->out, from, text);
	return ok;
}

/* Two branches may say the same of the same value; once is enough. */
static void
add_all(struct diags *out, struct diags *found)
{
	diags_sort(found);
	for (size_t i = 0; i < found->n; i++) {
		const struct diag *d = &found->v[i], *before = d - 1;

		if (i > 0 && d->line == before->line && d->column == before->column &&
		    strcmp(d->path, before->path) == 0 && strcmp(d->text, before->text) == 0)
			continue;
		diags_add(out, d->file, d->line, d->column, d->path, "%s", d->text);
	}
}

bool
schema_validate(const struct schema *s, const struct node *doc, const char *file,
    const char *prefix, struct diags *out)
{
	struct diags found = {0};
	struct frame top = {0};
	struct run r = {
		.file = file,
		.prefix = prefix ? prefix : "",
		.out = out ? &found : NULL,
		.mismatch = UINT_MAX,
	};
	bool ok = run_check(&r, s->root, doc, &top, NULL);

	if (r.gave_up) {
		/* never a silent pass: what could not be checked is not valid */
		ok = false;
		r.gave_up = false;
		run_fail(&r, doc->line, doc->column, &top, "%s", _(r.why));
	}
	guard_find(s, doc, file, prefix, GUARD_HIT, &found);
	ok = ok && !found.n;
	if (out)
		add_all(out, &found);
	diags_free(&found);
	return ok;
}
