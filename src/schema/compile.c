/* From a schema document to the graph of schema/sub.h. Three passes: walk every subschema by
 * the keywords (what a keyword does not call a schema is none, section 9.4.2), then resolve
 * references, then gather the shape. Faults are collected, not thrown: whoever writes a
 * schema wants to see them all. */
#include "schema/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "schema/regex.h"
#include "tree/node.h"

enum { SCHEMA_DEPTH = 200 }; /* subschema in subschema; a parsed document has fewer anyway */

struct place
compile_place(const struct place *up, const char *name, size_t index)
{
	return (struct place){
		.up = up,
		.name = name,
		.index = index,
		.file = up->file,
		.depth = up->depth + 1,
	};
}

static void
add_path(struct buf *out, const struct place *at)
{
	if (!at || !at->up)
		return;
	add_path(out, at->up);
	if (out->n)
		buf_putc(out, '.');
	if (at->name)
		buf_puts(out, at->name);
	else
		buf_printf(out, "%zu", at->index);
}

const char *
compile_path(struct compiler *c, const struct place *at)
{
	struct buf b = {0};
	const char *path;

	add_path(&b, at);
	path = arena_strndup(c->a, buf_str(&b), b.n);
	buf_free(&b);
	return path;
}

static void
fault(struct compiler *c, const char *file, const struct node *at, const char *path,
    const char *fmt, va_list ap)
{
	struct buf text = {0};

	c->faults++;
	buf_vprintf(&text, fmt, ap);
	if (c->diags)
		diags_add(c->diags, file, at->line, at->column, path, "%s", buf_str(&text));
	buf_free(&text);
}

void
compile_fault(struct compiler *c, const struct node *at, const struct place *place,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault(c, place->file, at, compile_path(c, place), fmt, ap);
	va_end(ap);
}

void
compile_fault_sub(struct compiler *c, const struct sub *s, const struct node *at,
    const char *name, const char *fmt, ...)
{
	const char *path = s->path;
	va_list ap;

	if (name)
		path = arena_printf(c->a, "%s%s%s", path, *path ? "." : "", name);
	va_start(ap, fmt);
	fault(c, s->file, at ? at : s->src, path, fmt, ap);
	va_end(ap);
}

static struct sub *
new_sub(struct compiler *c, const struct node *n, const char *base, const struct place *at)
{
	struct sub *s = arena_alloc(c->a, sizeof *s);

	*s = (struct sub){
		.src = n,
		.base = base,
		.file = at->file,
		.path = compile_path(c, at),
		.format = -1,
		.max_length = SIZE_MAX,
		.max_items = SIZE_MAX,
		.max_contains = SIZE_MAX,
		.min_contains = 1,
		.max_properties = SIZE_MAX,
	};
	refs_know(c, n, s);
	vec_grow(&c->subs);
	c->subs.v[c->subs.n++] = s;
	return s;
}

/* The fault is at the key, not at its value. */
static void
unknown_keyword(struct compiler *c, const struct pair *p, const struct place *at)
{
	static const struct {
		const char *old, *now;
	} renamed[] = {
		{"definitions", "$defs"},
		{"dependencies", "dependentRequired"},
		{"additionalItems", "items"},
		{"$recursiveRef", "$ref"},
		{"id", "$id"},
	};
	struct node key = {.line = p->line, .column = p->column};

	for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
		if (strcmp(p->key, renamed[i].old) == 0) {
			compile_fault(c, &key, at,
			    _("is not a JSON Schema keyword of 2020-12; see %s"), renamed[i].now);
			return;
		}
	}
	compile_fault(c, &key, at, _("is not a JSON Schema keyword; own ones begin with x-"));
}

struct sub *
compile_sub(struct compiler *c, const struct node *n, const char *base, const struct place *at)
{
	struct sub *s = refs_known(c, n);

	if (s)
		return s;
	base = refs_id(c, n, base, at);
	s = new_sub(c, n, base, at);
	if (n->kind == NODE_BOOL) {
		s->always = n->b;
		s->never = !n->b;
		return s;
	}
	if (n->kind != NODE_MAP || at->depth > SCHEMA_DEPTH) {
		s->always = true;
		compile_fault(c, n, at, n->kind == NODE_MAP
		    ? _("is nested too deep")
		    : _("must be a schema: a mapping, true or false"));
		return s;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct pair *p = &n->map[i];
		struct keyword k = {
			.sub = s,
			.pair = p,
			.v = p->value,
			.at = compile_place(at, p->key, 0),
		};

		if (!keywords_compile(c, &k) && c->mode == SCHEMA_STORE &&
		    strncmp(p->key, "x-", 2) != 0)
			unknown_keyword(c, p, &k.at);
	}
	return s;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct named_sub *)a)->name, ((const struct named_sub *)b)->name);
}

struct sub *
named_subs_find(const struct named_subs *s, const char *name)
{
	struct named_sub want = {.name = name}, *found;

	if (!s->n)
		return NULL;
	found = bsearch(&want, s->sorted, s->n, sizeof want, by_name);
	return found ? found->sub : NULL;
}

static void
compiler_free(struct compiler *c)
{
	free(c->resources.v);
	free(c->anchors.v);
	free(c->pending.v);
	free(c->subs.v);
	free(c->known.slot);
}

int
schema_compile(struct schema **out, const struct node *doc, const char *file,
    enum schema_mode mode, const struct schema_docs *docs, struct diags *diags, struct err *e)
{
	struct schema *s = xcalloc(1, sizeof *s);
	struct compiler c = {.s = s, .mode = mode, .docs = docs, .diags = diags};
	struct place top = {0};
	int rc = 0;

	s->a = c.a = arena_new();
	s->mode = mode;
	s->file = arena_strdup(s->a, file ? file : "");
	top.file = s->file;
	vec_grow(&c.resources);
	c.resources.v[c.resources.n++] = (struct resource){"", doc, s->file};
	s->root = compile_sub(&c, doc, "", &top);
	refs_link(&c);
	refs_check_progress(&c);
	/* what follows walks the graph and would be lost in a broken one */
	if (!c.faults) {
		gather_shape(&c);
		akt_check(&c);
		akt_defaults(&c);
	}
	if (c.faults) {
		if (diags)
			diags_sort(diags);
		rc = err_at(e, ERR_INVALID, file, 0, 0, NULL,
		    ngettext("the schema has %zu error", "the schema has %zu errors", c.faults),
		    c.faults);
		goto done;
	}
	*out = s;
	s = NULL;
done:
	compiler_free(&c);
	schema_free(s);
	return rc;
}

void
schema_free(struct schema *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nregexes; i++)
		regex_free(s->regexes[i]);
	free(s->regexes);
	arena_free(s->a);
	free(s);
}

const struct shape *
schema_shape(const struct schema *s)
{
	return s->shape;
}

const struct schema_akt *
schema_akt(const struct schema *s)
{
	return &s->akt;
}
