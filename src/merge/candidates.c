#include "merge/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "merge/place.h"
#include "tree/node.h"
#include "tree/yaml.h"

static int
compare(const void *p, size_t n, const void *q, size_t m)
{
	int c = memcmp(p, q, n < m ? n : m);

	return c ? c : (n > m) - (n < m);
}

/* by value: absent first, then canonical bytes */
static int
by_value(const struct cand *x, const struct cand *y)
{
	if (!x->value || !y->value)
		return (x->value != NULL) - (y->value != NULL);
	return compare(x->bytes, x->n, y->bytes, y->n);
}

static int
by_stamp(const struct cand *x, const struct cand *y)
{
	int c = strcmp(x->at, y->at);

	return c ? c : strcmp(x->by, y->by);
}

/* negative: x stands before y (DESIGN 5: present before absent, later `at`, greater `by`,
 * greater canonical bytes) */
static int
by_rank(const struct cand *x, const struct cand *y)
{
	int c = (y->value != NULL) - (x->value != NULL);

	if (!c)
		c = by_stamp(y, x);
	return c ? c : by_value(y, x);
}

static int
sort_by_value(const void *p, const void *q)
{
	return by_value(p, q);
}

static int
sort_by_rank(const void *p, const void *q)
{
	return by_rank(p, q);
}

/* 1 and 1.0 are one value: of two spellings the smaller in bytes is written, on every machine. */
static const struct node *
spelling(const struct node *x, const struct node *y)
{
	struct buf p = {0}, q = {0};
	bool swap;

	if (!x || place_exact(x, y))
		return x;
	yaml_emit_flow(&p, x);
	yaml_emit_flow(&q, y);
	swap = compare(p.p, p.n, q.p, q.n) > 0;
	buf_free(&p);
	buf_free(&q);
	return swap ? y : x;
}

struct cand
cands_make(struct arena *a, const struct node *value, const char *at, const char *by,
    bool carried)
{
	struct cand c = {.value = value, .bytes = "", .at = at, .by = by, .carried = carried};
	struct buf bytes = {0};

	if (value) {
		node_canonical(&bytes, value);
		c.n = bytes.n;
		c.bytes = arena_strndup(a, buf_str(&bytes), bytes.n);
	}
	buf_free(&bytes);
	return c;
}

bool
cands_same(const struct cand *x, const struct cand *y)
{
	return by_value(x, y) == 0;
}

void
cands_add(struct arena *a, struct cands *s, const struct cand *c)
{
	if (s->n == s->cap) {
		struct cand *v;

		s->cap = s->cap ? s->cap * 2 : 4;
		v = arena_alloc(a, s->cap * sizeof *v);
		if (s->n)
			memcpy(v, s->v, s->n * sizeof *v);
		s->v = v;
	}
	s->v[s->n++] = *c;
}

void
cands_seal(struct cands *s)
{
	size_t n = 0;

	if (s->n > 1)
		qsort(s->v, s->n, sizeof *s->v, sort_by_value);
	for (size_t i = 0; i < s->n; i++) {
		struct cand *last = n ? &s->v[n - 1] : NULL, *c = &s->v[i];
		const struct node *written;

		if (!last || by_value(last, c) != 0) {
			s->v[n++] = *c;
			continue;
		}
		written = spelling(last->value, c->value);
		if (c->carried > last->carried ||
		    (c->carried == last->carried && by_stamp(c, last) < 0))
			*last = *c;
		last->value = written;
	}
	s->n = n;
}

static const struct cand *
lookup(const struct cands *s, const struct cand *c)
{
	return s->n ? bsearch(c, s->v, s->n, sizeof *s->v, sort_by_value) : NULL;
}

bool
cands_has(const struct cands *s, const struct cand *c)
{
	return lookup(s, c) != NULL;
}

bool
cands_equal(const struct cands *x, const struct cands *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (by_value(&x->v[i], &y->v[i]) != 0 || by_stamp(&x->v[i], &y->v[i]) != 0)
			return false;
	return true;
}

void
cands_merge(struct arena *a, struct cands *out, const struct cands *o, const struct cands *t,
    const struct cands *b, bool whole)
{
	struct cands r = {0};

	for (size_t i = 0; i < o->n; i++)
		if (cands_has(t, &o->v[i]) || !cands_has(b, &o->v[i]))
			cands_add(a, &r, &o->v[i]);
	for (size_t i = 0; i < t->n; i++)
		if (cands_has(o, &t->v[i]) || !cands_has(b, &t->v[i]))
			cands_add(a, &r, &t->v[i]);
	if (r.n == 0 && whole) {
		for (size_t i = 0; i < o->n; i++)
			cands_add(a, &r, &o->v[i]);
		for (size_t i = 0; i < t->n; i++)
			cands_add(a, &r, &t->v[i]);
	}
	cands_seal(&r);
	*out = r;
}

const struct cand *
cands_first(const struct cands *s)
{
	const struct cand *best = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (!best || by_rank(&s->v[i], best) < 0)
			best = &s->v[i];
	return best;
}

void
conflicts_add(struct arena *a, struct conflicts *list, const struct conflict *c)
{
	if (list->n == list->cap) {
		struct conflict *v;

		list->cap = list->cap ? list->cap * 2 : 8;
		v = arena_alloc(a, list->cap * sizeof *v);
		if (list->n)
			memcpy(v, list->v, list->n * sizeof *v);
		list->v = v;
	}
	list->v[list->n++] = *c;
}

static int
sort_by_path(const void *p, const void *q)
{
	const struct conflict *x = p, *y = q;

	return strcmp(x->path, y->path);
}

void
conflicts_seal(struct arena *a, struct conflicts *list)
{
	size_t n = 0;

	if (list->n > 1)
		qsort(list->v, list->n, sizeof *list->v, sort_by_path);
	for (size_t i = 0; i < list->n; i++) {
		struct conflict *last = n ? &list->v[n - 1] : NULL, *c = &list->v[i];

		if (!last || strcmp(last->path, c->path) != 0) {
			list->v[n++] = *c;
			continue;
		}
		for (size_t k = 0; k < c->set.n; k++)
			cands_add(a, &last->set, &c->set.v[k]);
	}
	list->n = n;
	for (size_t i = 0; i < n; i++)
		cands_seal(&list->v[i].set);
}

struct conflict *
conflicts_find(const struct conflicts *list, const char *path)
{
	struct conflict key = {.path = path};

	return list->n ? bsearch(&key, list->v, list->n, sizeof *list->v, sort_by_path) : NULL;
}

void
conflicts_beneath(const struct conflicts *list, const char *path, size_t *from, size_t *to)
{
	size_t k = strlen(path), lo = 0, hi = list->n;

	if (k == 0) {
		*from = list->n && !*list->v[0].path ? 1 : 0;
		*to = list->n;
		return;
	}
	while (lo < hi) { /* first entry not before `path` and a dot */
		size_t mid = lo + (hi - lo) / 2;
		const char *p = list->v[mid].path;
		int c = strncmp(p, path, k);

		if (c < 0 || (c == 0 && (unsigned char)p[k] < '.'))
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*from = lo; lo < list->n; lo++) {
		const char *p = list->v[lo].path;

		if (strncmp(p, path, k) != 0 || p[k] != '.')
			break;
	}
	*to = lo;
}

bool
conflicts_equal(const struct conflict *x, const struct conflict *y)
{
	return strcmp(x->path, y->path) == 0 && x->locked == y->locked &&
	    cands_same(&x->first, &y->first) && cands_equal(&x->set, &y->set);
}

static const char *
text(struct arena *a, const struct node *map, const char *key)
{
	const char *s = node_get_str(map, key);

	return s ? arena_strdup(a, s) : "";
}

static void
read_values(struct arena *a, struct conflict *c, const struct shape *shape,
    const struct node *values)
{
	for (size_t i = 0; i < values->n; i++) {
		const struct node *v = values->seq[i], *given = node_get(v, "value");
		struct node *copy = NULL;
		struct cand cand;

		if (!given && !node_get(v, "absent"))
			continue;
		if (given) {
			copy = node_clone(a, given);
			place_order_keys(a, shape, copy);
		}
		cand = cands_make(a, copy, text(a, v, "at"), text(a, v, "by"), true);
		if (c->set.n == 0)
			c->first = cand;
		cands_add(a, &c->set, &cand);
	}
}

void
conflicts_read(struct arena *a, struct conflicts *out, const struct shape *shape,
    const struct node *envelope)
{
	const struct node *list = node_get(envelope, "conflicts");
	struct conflicts all = {0};

	for (size_t i = 0; list && list->kind == NODE_SEQ && i < list->n; i++) {
		const struct node *e = list->seq[i], *values = node_get(e, "values"),
		    *locked = node_get(e, "locked");
		const char *path = node_get_str(e, "path");
		struct conflict c = {0};

		if (!path || !values || values->kind != NODE_SEQ)
			continue;
		c.path = arena_strdup(a, path);
		c.locked = locked && locked->kind == NODE_BOOL && locked->b;
		read_values(a, &c, place_shape(a, shape, path), values);
		if (c.set.n)
			conflicts_add(a, &all, &c);
	}
	conflicts_seal(a, &all);
	*out = all;
}

static struct node *
cand_node(struct arena *a, const struct shape *shape, const struct cand *c)
{
	struct node *m = node_map(a), *copy;

	if (c->value) {
		copy = node_clone(a, c->value);
		place_order_keys(a, shape, copy);
		node_set(a, m, "value", copy);
	} else {
		node_set(a, m, "absent", node_bool(a, true));
	}
	node_set(a, m, "at", node_str(a, c->at));
	node_set(a, m, "by", node_str(a, c->by));
	return m;
}

struct node *
conflicts_node(struct arena *a, const struct shape *shape, const struct conflicts *list)
{
	struct node *seq = node_seq(a);

	for (size_t i = 0; i < list->n; i++) {
		struct conflict *c = &list->v[i];
		struct node *m = node_map(a), *values = node_seq(a);
		const struct shape *at = place_shape(a, shape, c->path);
		struct cands order = {0};

		for (size_t k = 0; k < c->set.n; k++) {
			if (cands_same(&c->set.v[k], &c->first))
				node_push(a, values, cand_node(a, at, &c->set.v[k]));
			else
				cands_add(a, &order, &c->set.v[k]);
		}
		if (order.n > 1)
			qsort(order.v, order.n, sizeof *order.v, sort_by_rank);
		for (size_t k = 0; k < order.n; k++)
			node_push(a, values, cand_node(a, at, &order.v[k]));
		node_set(a, m, "path", node_str(a, c->path));
		if (c->locked)
			node_set(a, m, "locked", node_bool(a, true));
		node_set(a, m, "values", values);
		node_push(a, seq, m);
	}
	return seq;
}
