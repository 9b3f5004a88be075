/* Base URIs, $id, $anchor and $ref (section 8.2). Nothing is ever fetched: a reference
 * reaches this document or one that the caller handed in. */
#include "schema/compiler.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "schema/uri.h"
#include "tree/node.h"

enum { IN_PLACE_DEPTH = 200 }; /* references and branches applied to one and the same value */

static size_t
slot_of(const struct compiler *c, const struct node *n)
{
	uint64_t hash = (uint64_t)(uintptr_t)n * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(hash >> 32) & (c->known.cap - 1);

	while (c->known.slot[i].node && c->known.slot[i].node != n)
		i = (i + 1) & (c->known.cap - 1);
	return i;
}

struct sub *
refs_known(struct compiler *c, const struct node *n)
{
	return c->known.cap ? c->known.slot[slot_of(c, n)].sub : NULL;
}

void
refs_know(struct compiler *c, const struct node *n, struct sub *s)
{
	size_t i;

	if (c->known.n * 2 >= c->known.cap) {
		struct known *old = c->known.slot;
		size_t cap = c->known.cap;

		c->known.cap = cap ? cap * 2 : 64;
		c->known.slot = xcalloc(c->known.cap, sizeof *old);
		for (size_t j = 0; j < cap; j++)
			if (old[j].node)
				c->known.slot[slot_of(c, old[j].node)] = old[j];
		free(old);
	}
	i = slot_of(c, n);
	c->known.slot[i] = (struct known){n, s};
	c->known.n++;
}

static const struct resource *
find_resource(const struct compiler *c, const char *uri)
{
	for (size_t i = 0; i < c->resources.n; i++)
		if (strcmp(c->resources.v[i].uri, uri) == 0)
			return &c->resources.v[i];
	return NULL;
}

const char *
refs_id(struct compiler *c, const struct node *n, const char *base, const struct place *at)
{
	const struct node *id = node_get(n, "$id");
	const struct resource *r;
	const char *uri, *fragment;
	struct place here = compile_place(at, "$id", 0);

	if (!id || id->kind != NODE_STR)
		return base; /* a wrong kind is found with the other keywords */
	if (!uri_resolve(c->a, &uri, &fragment, base, id->text) || (fragment && *fragment)) {
		compile_fault(c, id, &here, _("must be a URI without a fragment (#...)"));
		return base;
	}
	r = find_resource(c, uri);
	if (r && r->root != n) {
		compile_fault(c, id, &here, _("is used by another schema already"));
		return base;
	}
	if (!r) {
		vec_grow(&c->resources);
		c->resources.v[c->resources.n++] = (struct resource){uri, n, at->file};
	}
	return uri;
}

void
refs_anchor(struct compiler *c, struct keyword *k)
{
	const char *name = k->v->kind == NODE_STR ? k->v->text : "";
	size_t n = strspn(name,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	if (!*name || name[n] || strchr("0123456789.-", *name)) {
		compile_fault(c, k->v, &k->at,
		    _("must be a name: letters, digits, '-', '_' and '.', a letter or '_' first"));
		return;
	}
	for (size_t i = 0; i < c->anchors.n; i++) {
		const struct anchor *a = &c->anchors.v[i];

		if (strcmp(a->name, name) == 0 && strcmp(a->uri, k->sub->base) == 0) {
			compile_fault(c, k->v, &k->at, _("is used by another schema already"));
			return;
		}
	}
	vec_grow(&c->anchors);
	c->anchors.v[c->anchors.n++] = (struct anchor){k->sub->base, name, k->sub};
}

/* The resource `uri`, from what is known or from the caller's documents. */
static const struct resource *
need_resource(struct compiler *c, const char *uri)
{
	const struct resource *r = find_resource(c, uri);
	struct place top = {0};

	for (size_t i = 0; !r && c->docs && i < c->docs->n; i++) {
		if (strcmp(c->docs->v[i].uri, uri) != 0)
			continue;
		top.file = arena_strdup(c->a, uri);
		vec_grow(&c->resources);
		c->resources.v[c->resources.n++] =
		    (struct resource){top.file, c->docs->v[i].doc, top.file};
		compile_sub(c, c->docs->v[i].doc, top.file, &top);
		r = find_resource(c, uri);
	}
	return r;
}

/* One token, its ~0 and ~1 undone; NULL when it has another ~. */
static const char *
pointer_token(struct compiler *c, const char *token, size_t n)
{
	char *key = arena_alloc(c->a, n + 1);
	size_t j = 0;

	for (size_t i = 0; i < n; i++) {
		key[j] = token[i];
		if (token[i] == '~') {
			if (++i == n || (token[i] != '0' && token[i] != '1'))
				return NULL;
			key[j] = token[i] == '0' ? '~' : '/';
		}
		j++;
	}
	return key;
}

static const struct node *
pointer_step(const struct node *n, const char *key)
{
	char *end = NULL;
	unsigned long i;

	if (n->kind == NODE_MAP)
		return node_get(n, key);
	if (n->kind != NODE_SEQ || *key < '0' || *key > '9' || (key[0] == '0' && key[1]))
		return NULL;
	i = strtoul(key, &end, 10);
	return !*end && i < n->n ? n->seq[i] : NULL;
}

/* RFC 6901 from `r` on. The target may be where no keyword puts a schema; it is compiled
 * then, under the base URI of the last $id passed. */
static struct sub *
follow_pointer(struct compiler *c, const struct resource *r, const char *pointer)
{
	const struct node *n = r->root;
	const char *base = r->uri;
	struct place places[64], *at = &places[0];

	places[0] = (struct place){.file = r->file};
	while (*pointer == '/') {
		size_t len = strcspn(++pointer, "/");
		const char *key = pointer_token(c, pointer, len);
		const struct sub *known = refs_known(c, n);

		if (known)
			base = known->base;
		pointer += len;
		n = key ? pointer_step(n, key) : NULL;
		if (!n || at == &places[sizeof places / sizeof *places - 1])
			return NULL;
		at[1] = compile_place(at, key, 0);
		at++;
	}
	return compile_sub(c, n, base, at);
}

static void
resolve(struct compiler *c, const struct pending *p)
{
	const char *uri = NULL, *fragment = NULL;
	const struct resource *r;
	struct sub *to = NULL;

	if (!uri_resolve(c->a, &uri, &fragment, p->from->base, p->at->text)) {
		compile_fault_sub(c, p->from, p->at, "$ref", _("is not a reference (RFC 3986)"));
		return;
	}
	r = need_resource(c, uri);
	if (!r) {
		compile_fault_sub(c, p->from, p->at, "$ref",
		    _("refers to a document that is not here; nothing is fetched"));
		return;
	}
	if (!fragment || *fragment == '\0' || *fragment == '/') {
		to = follow_pointer(c, r, fragment ? fragment : "");
	} else {
		/* the document may be known under two names, its own $id and where it was found */
		const struct sub *root = refs_known(c, r->root);
		const char *base = root ? root->base : uri;

		for (size_t i = 0; !to && i < c->anchors.n; i++)
			if (strcmp(c->anchors.v[i].name, fragment) == 0 &&
			    strcmp(c->anchors.v[i].uri, base) == 0)
				to = c->anchors.v[i].sub;
	}
	if (!to)
		compile_fault_sub(c, p->from, p->at, "$ref", _("refers to nothing"));
	p->from->ref = to;
}

void
refs_link(struct compiler *c)
{
	/* the list grows while what the references reach is compiled */
	for (size_t i = 0; i < c->pending.n; i++) {
		struct pending p = c->pending.v[i];

		resolve(c, &p);
	}
}

enum { NEW, OPEN, DONE };

/* Depth first; `height` counts the longest way on from here, whatever the order of visits. */
static unsigned
visit(struct compiler *c, struct sub *s, unsigned depth)
{
	const struct subs *lists[] = {&s->all, &s->any, &s->one};
	struct sub *ones[] = {s->ref, s->neither, s->when, s->then, s->otherwise};
	unsigned height = 0, h;

	if (s->visit == DONE)
		return s->height;
	if (s->visit == OPEN) {
		compile_fault_sub(c, s, s->src, NULL,
		    _("refers to itself without end: the reference never enters a field or a "
		      "list"));
		return 0;
	}
	s->visit = OPEN;
#define VISIT(sub) \
	if ((sub) && depth <= IN_PLACE_DEPTH && (h = 1 + visit(c, (sub), depth + 1)) > height) \
		height = h
	for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
		VISIT(ones[i]);
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		for (size_t i = 0; i < lists[l]->n; i++)
			VISIT(lists[l]->v[i]);
	for (size_t i = 0; i < s->dependents.n; i++)
		VISIT(s->dependents.v[i].sub);
#undef VISIT
	if (height == IN_PLACE_DEPTH || depth == IN_PLACE_DEPTH)
		compile_fault_sub(c, s, s->src, NULL, _("is reached through too many references"));
	s->height = height;
	s->visit = DONE;
	return height;
}

void
refs_check_progress(struct compiler *c)
{
	for (size_t i = 0; i < c->subs.n; i++)
		visit(c, c->subs.v[i], 0);
}
