/* Differences leaf by leaf; what is one leaf says shape.h. */
#include "schema/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/secret.h"
#include "tree/node.h"

struct diff {
	shape_diff_fn each;
	void *ctx;
	struct buf path;
};

static void
diff_node(struct diff *d, const struct shape *s, const struct node *a, const struct node *b);

/* Lengthens the path; returns what to cut it back to. */
static size_t
enter(struct diff *d, const char *name)
{
	size_t was = d->path.n;

	buf_printf(&d->path, "%s%s", was ? "." : "", name);
	return was;
}

static void
leave(struct diff *d, size_t was)
{
	d->path.n = was;
	if (d->path.p)
		d->path.p[was] = '\0';
}

static void
report(struct diff *d, const char *name, const struct node *from, const struct node *to)
{
	size_t was = d->path.n;

	if (name)
		enter(d, name);
	d->each(d->ctx, buf_str(&d->path), from, to);
	leave(d, was);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Fields in schema order, then those it does not name, by bytes. */
static void
diff_map(struct diff *d, const struct shape *s, const struct node *a, const struct node *b)
{
	const struct node *sides[] = {a, b};
	size_t n = 0, max = (a ? a->n : 0) + (b ? b->n : 0);
	const char **other = xmalloc((max + 1) * sizeof *other);

	for (size_t i = 0; s && i < s->nfields; i++) {
		const char *name = s->fields[i]->name;
		size_t was = enter(d, name);

		diff_node(d, s->fields[i], node_get(a, name), node_get(b, name));
		leave(d, was);
	}
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; sides[k] && i < sides[k]->n; i++)
			if (!shape_field(s, sides[k]->map[i].key))
				other[n++] = sides[k]->map[i].key;
	qsort(other, n, sizeof *other, by_text);
	for (size_t i = 0; i < n; i++) {
		size_t was;

		if (i > 0 && strcmp(other[i], other[i - 1]) == 0)
			continue;
		was = enter(d, other[i]);
		diff_node(d, s ? s->rest : NULL, node_get(a, other[i]), node_get(b, other[i]));
		leave(d, was);
	}
	free(other);
}

/* --- keyed lists ------------------------------------------------------------------ */

struct keyed {
	const char *key;
	size_t index;
};

struct keys {
	size_t n;
	struct keyed *v; /* by key */
};

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

/* False when an item has no key or two have the same: then they cannot be told apart. */
static bool
keys_of(struct keys *out, const struct node *list, const char *field)
{
	*out = (struct keys){.v = xmalloc(((list ? list->n : 0) + 1) * sizeof *out->v)};
	for (size_t i = 0; list && i < list->n; i++) {
		const char *key = node_get_str(list->seq[i], field);

		if (!key)
			return false;
		out->v[out->n++] = (struct keyed){key, i};
	}
	qsort(out->v, out->n, sizeof *out->v, by_key);
	for (size_t i = 1; i < out->n; i++)
		if (strcmp(out->v[i].key, out->v[i - 1].key) == 0)
			return false;
	return true;
}

static const struct keyed *
key_find(const struct keys *k, const char *key)
{
	struct keyed want = {.key = key};

	return k->n ? bsearch(&want, k->v, k->n, sizeof want, by_key) : NULL;
}

static void
diff_keyed(struct diff *d, const struct shape *s, const struct node *a, const struct node *b)
{
	struct keys ka = {0}, kb = {0};
	bool reordered = false, told_apart = keys_of(&ka, a, s->list_key);
	size_t last = 0;

	told_apart = keys_of(&kb, b, s->list_key) && told_apart;
	if (!told_apart) {
		if (!node_equal(a, b))
			report(d, NULL, a, b);
		goto done;
	}
	for (size_t i = 0; a && i < a->n; i++) {
		const char *key = node_get_str(a->seq[i], s->list_key);
		const struct keyed *in_b = key_find(&kb, key);
		size_t was;

		if (!in_b) {
			report(d, key, a->seq[i], NULL);
			continue;
		}
		reordered = reordered || in_b->index < last;
		last = in_b->index;
		was = enter(d, key);
		diff_node(d, s->item, a->seq[i], b->seq[in_b->index]);
		leave(d, was);
	}
	for (size_t i = 0; b && i < b->n; i++) {
		const char *key = node_get_str(b->seq[i], s->list_key);

		if (!key_find(&ka, key))
			report(d, key, NULL, b->seq[i]);
	}
	if (reordered)
		report(d, NULL, a, b);
done:
	free(ka.v);
	free(kb.v);
}

/* --- sets and lists that grow -------------------------------------------------------- */

struct bytes {
	char *p;
	size_t n;
	const struct node *node;
	bool matched;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct bytes *x = *(struct bytes *const *)a, *y = *(struct bytes *const *)b;
	int c = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return c ? c : x->n < y->n ? -1 : x->n > y->n;
}

struct bag {
	size_t n;
	struct bytes *v;       /* in the list's order */
	struct bytes **sorted;
};

static struct bag
bag_of(const struct node *list)
{
	struct bag g = {.n = list ? list->n : 0};

	g.v = xcalloc(g.n + 1, sizeof *g.v);
	g.sorted = xmalloc((g.n + 1) * sizeof *g.sorted);
	for (size_t i = 0; i < g.n; i++) {
		struct buf b = {0};

		node_canonical(&b, list->seq[i]);
		g.v[i] = (struct bytes){.n = b.n, .node = list->seq[i]};
		g.v[i].p = buf_take(&b);
		g.sorted[i] = &g.v[i];
	}
	qsort(g.sorted, g.n, sizeof *g.sorted, by_bytes);
	return g;
}

static void
bag_free(struct bag *g)
{
	for (size_t i = 0; i < g->n; i++) {
		secret_wipe(g->v[i].p, g->v[i].n);
		free(g->v[i].p);
	}
	free(g->v);
	free(g->sorted);
}

static void
diff_bag(struct diff *d, const struct node *a, const struct node *b)
{
	struct bag ga = bag_of(a), gb = bag_of(b);

	for (size_t i = 0, j = 0; i < ga.n && j < gb.n;) {
		int c = by_bytes(&ga.sorted[i], &gb.sorted[j]);

		if (c == 0)
			ga.sorted[i]->matched = gb.sorted[j]->matched = true;
		i += c <= 0;
		j += c >= 0;
	}
	for (size_t i = 0; i < ga.n; i++)
		if (!ga.v[i].matched)
			report(d, "-", ga.v[i].node, NULL);
	for (size_t i = 0; i < gb.n; i++)
		if (!gb.v[i].matched)
			report(d, "+", NULL, gb.v[i].node);
	bag_free(&ga);
	bag_free(&gb);
}

/* --- any value ---------------------------------------------------------------------- */

static bool
all_are(const struct node *a, const struct node *b, enum node_kind kind)
{
	return (a || b) && (!a || a->kind == kind) && (!b || b->kind == kind);
}

static void
diff_node(struct diff *d, const struct shape *s, const struct node *a, const struct node *b)
{
	if (!a && !b)
		return;
	if (all_are(a, b, NODE_MAP)) {
		/* without fields there would be nothing to tell by */
		if ((!a && b->n == 0) || (!b && a->n == 0))
			report(d, NULL, a, b);
		else
			diff_map(d, s, a, b);
	} else if (all_are(a, b, NODE_SEQ) && s && s->list != LIST_VALUE &&
	    (a ? a->n : 0) + (b ? b->n : 0) > 0) {
		if (s->list == LIST_KEY)
			diff_keyed(d, s, a, b);
		else
			diff_bag(d, a, b);
	} else if (!node_equal(a, b)) {
		report(d, NULL, a, b);
	}
}

void
shape_diff(const struct shape *s, const struct node *a, const struct node *b, shape_diff_fn each,
    void *ctx)
{
	struct diff d = {.each = each, .ctx = ctx};

	diff_node(&d, s, a, b);
	buf_free(&d.path);
}
