#include "merge/walk.h"

#include <string.h>

#include "base/arena.h"
#include "merge/place.h"
#include "merge/record.h"
#include "schema/shape.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { OTHERS = WALK_BASE + WALK_OURS + WALK_THEIRS }; /* OTHERS - x: the side that x is not */

static struct node *merge_at(struct walk *w, const struct shape *s,
    struct node *const v[WALK_SIDES]);

/* --- one side stands ---------------------------------------------------------- */

/* What is open beneath; with `here` at the path itself too. */
static bool
same_open(struct walk *w, int x, int y, bool here)
{
	const struct conflicts *p = &w->side[x].open, *q = &w->side[y].open;
	const char *path = buf_str(&w->path);
	const struct conflict *c = here ? conflicts_find(p, path) : NULL,
	    *d = here ? conflicts_find(q, path) : NULL;
	size_t from, to, start, end;

	if (!c != !d || (c && !conflicts_equal(c, d)))
		return false;
	conflicts_beneath(p, path, &from, &to);
	conflicts_beneath(q, path, &start, &end);
	if (to - from != end - start)
		return false;
	for (; from < to; from++, start++)
		if (!conflicts_equal(&p->v[from], &q->v[start]))
			return false;
	return true;
}

static bool
same(struct walk *w, struct node *const v[WALK_SIDES], int x, int y)
{
	return place_exact(v[x], v[y]) && same_open(w, x, y, true);
}

/* The side that stands because both say the same or the other changed nothing here; -1 when
 * both changed. What the other side wrote in closed fields does not stand against a lock. */
static int
unchanged(struct walk *w, struct node *const v[WALK_SIDES])
{
	if (same(w, v, WALK_OURS, WALK_THEIRS))
		return WALK_OURS;
	for (int i = WALK_OURS; i <= WALK_THEIRS && !w->fold; i++)
		if (same(w, v, i, WALK_BASE) && (w->locking != i || leaf_open(w)))
			return OTHERS - i;
	return -1;
}

static void
use_beneath(struct walk *w, int side)
{
	struct conflicts *open = &w->side[side].open;
	size_t from, to;

	conflicts_beneath(open, buf_str(&w->path), &from, &to);
	for (; from < to; from++)
		open->v[from].used = true;
}

/* One side's subtree as it is, what is open beneath with it; `here`: at its own path too. */
static struct node *
take(struct walk *w, struct node *const v[WALK_SIDES], int side, bool here)
{
	struct conflicts *open = &w->side[side].open;
	const char *path = buf_str(&w->path);
	size_t from, to;

	for (int i = WALK_OURS; here && i <= WALK_THEIRS; i++) {
		struct conflict *c = conflicts_find(&w->side[i].open, path);

		if (c && i == side)
			conflicts_add(w->a, &w->out, c);
		if (c)
			c->used = true;
	}
	conflicts_beneath(open, path, &from, &to);
	for (; from < to; from++)
		conflicts_add(w->a, &w->out, &open->v[from]);
	use_beneath(w, side);
	if (here) /* the other side has nothing to add; where it lacks the item, it may */
		use_beneath(w, OTHERS - side);
	return v[side];
}

/* --- maps ----------------------------------------------------------------------- */

/* Children that only the open conflicts at or beneath them speak of: a locked leaf may stand
 * as absent. */
static size_t
count_open(struct walk *w)
{
	size_t all = 0, from, to;

	for (int i = WALK_OURS; i <= WALK_THEIRS; i++) {
		conflicts_beneath(&w->side[i].open, buf_str(&w->path), &from, &to);
		all += to - from;
	}
	return all;
}

static void
join_open(struct walk *w, struct join *j)
{
	const char *path = buf_str(&w->path);
	size_t skip = w->path.n ? w->path.n + 1 : 0, depth = w->path.n > 0, from, to;

	for (const char *p = path; *p; p++)
		depth += *p == '.';
	if (depth >= YAML_MAX_DEPTH) /* no document is that deep: such entries have no place */
		return;
	for (int i = WALK_OURS; i <= WALK_THEIRS; i++) {
		conflicts_beneath(&w->side[i].open, path, &from, &to);
		for (; from < to; from++) {
			const char *rest,
			    *key = place_segment(w->a, w->side[i].open.v[from].path + skip, &rest);

			join_add(j, JOIN_SIDES, 0, key, strlen(key), NULL);
		}
	}
}

/* An empty map or list says only that it is there: a boolean merged three ways. */
static bool
stays_empty(struct node *const v[WALK_SIDES])
{
	bool b = v[WALK_BASE] != NULL, o = v[WALK_OURS] != NULL, t = v[WALK_THEIRS] != NULL;

	return o == t || o != b ? o : t;
}

static struct node *
merge_maps(struct walk *w, const struct shape *s, struct node *const v[WALK_SIDES])
{
	struct node *out = node_map(w->a);
	size_t here = w->path.n;
	struct join j;

	join_start(&j, w->a, v, count_open(w));
	for (int i = 0; i < WALK_SIDES; i++)
		for (size_t k = 0; v[i] && k < v[i]->n; k++)
			join_add(&j, i, k, v[i]->map[k].key, strlen(v[i]->map[k].key),
			    v[i]->map[k].value);
	join_open(w, &j);
	join_group(&j);
	/* not node_set, which looks through the map each time */
	out->map = arena_alloc(w->a, (j.n + 1) * sizeof *out->map);
	out->cap = (uint32_t)(j.n + 1);
	for (size_t i = 0; i < j.n; i++) {
		struct node *child;

		place_push(&w->path, j.group[i].key);
		child = merge_at(w, place_field(s, j.group[i].key), j.group[i].v);
		w->path.p[w->path.n = here] = '\0';
		if (child)
			out->map[out->n++] = (struct pair){.key = j.group[i].key, .value = child};
	}
	return out->n || stays_empty(v) ? out : NULL;
}

/* --- lists -------------------------------------------------------------------- */

/* DESIGN 5: additions of the side with the smaller (at, by, bytes) come first. */
static int
first_side(struct walk *w, struct node *const v[WALK_SIDES])
{
	const struct walk_version *o = &w->side[WALK_OURS], *t = &w->side[WALK_THEIRS];
	struct buf p = {0}, q = {0};
	int c = strcmp(o->at, t->at);

	if (!c)
		c = strcmp(o->by, t->by);
	if (!c && v[WALK_OURS] && v[WALK_THEIRS]) {
		node_canonical(&p, v[WALK_OURS]);
		node_canonical(&q, v[WALK_THEIRS]);
		c = strcmp(buf_str(&p), buf_str(&q));
	}
	buf_free(&p);
	buf_free(&q);
	return c <= 0 ? WALK_OURS : WALK_THEIRS;
}

/* The base's order, then one side's additions, then the other's. Under a lock the locking
 * side's order stands. */
static struct node *
in_order(struct walk *w, struct join *j, struct node *const v[WALK_SIDES])
{
	struct node *out = node_seq(w->a);
	int order[WALK_SIDES];

	order[0] = WALK_BASE;
	order[1] = first_side(w, v);
	if (w->locking >= 0 && !leaf_open(w)) {
		order[0] = w->locking;
		order[1] = WALK_BASE;
	}
	order[2] = OTHERS - order[0] - order[1]; /* the three add up to OTHERS */
	for (int k = 0; k < WALK_SIDES; k++) {
		const struct node *list = v[order[k]];

		for (size_t i = 0; i < j->n; i++)
			j->group[i].seen = 0;
		for (size_t i = 0; list && i < list->n; i++) {
			struct join_group *g = &j->group[j->of[order[k]][i]];

			if (++g->seen > g->emitted && g->emitted < g->keep) {
				g->emitted++;
				node_push(w->a, out, g->result);
			}
		}
	}
	for (size_t i = 0; i < j->n; i++) /* carried by a conflict alone */
		if (j->group[i].emitted < j->group[i].keep)
			node_push(w->a, out, j->group[i].result);
	return out->n || stays_empty(v) ? out : NULL;
}

/* An entry at an item's path says "this item, or absent"; anything else there is an
 * ordinary leaf. */
static bool
is_presence(struct walk *w, int side, const struct node *item)
{
	const struct conflict *c = conflicts_find(&w->side[side].open, buf_str(&w->path));
	struct cand now;

	if (!c)
		return true;
	if (!item || c->set.n != 2 || c->set.v[0].value)
		return false;
	now = cands_make(w->a, item, "", "", false);
	return cands_same(&c->set.v[1], &now);
}

static struct node *
merge_item(struct walk *w, const struct shape *s, struct node *const v[WALK_SIDES])
{
	bool changed[WALK_SIDES] = {false}, ordinary = true, closed = !leaf_open(w);
	int stands = unchanged(w, v);
	struct conflict c;
	struct node *item;

	if (stands >= 0)
		return take(w, v, stands, true);
	for (int i = 0; i < WALK_SIDES; i++)
		ordinary = ordinary && is_presence(w, i, v[i]);
	/* under a lock an item that only the other side has stands as absent: a plain leaf */
	if (!ordinary || (!v[WALK_OURS] && !v[WALK_THEIRS]) ||
	    (w->locking >= 0 && closed && !v[w->locking]))
		return leaf_merge(w, s, v);
	for (int i = WALK_OURS; i <= WALK_THEIRS; i++) /* re-asserts presence */
		changed[i] = !place_exact(v[i], v[WALK_BASE]) || !same_open(w, i, WALK_BASE, false);
	c = leaf_presence(w, v, changed);
	cands_seal(&c.set);
	if (!c.set.v[c.set.n - 1].value) { /* only "absent" */
		for (int i = WALK_OURS; i <= WALK_THEIRS; i++)
			if (v[i])
				use_beneath(w, i);
		return NULL;
	}
	if (v[WALK_OURS] && v[WALK_THEIRS])
		item = merge_maps(w, s, v);
	else
		item = take(w, v, v[WALK_OURS] ? WALK_OURS : WALK_THEIRS, false);
	if (c.set.n > 1) {
		place_order_keys(w->a, s, item);
		c.set.v[1] = cands_make(w->a, item, c.set.v[1].at, c.set.v[1].by, true);
		c.first = c.set.v[1];
		conflicts_add(w->a, &w->out, &c);
	}
	return item;
}

/* NULL in *out and true: the list is gone; false: no list told apart by keys. */
static bool
merge_keyed(struct node **out, struct walk *w, const struct shape *s,
    struct node *const v[WALK_SIDES])
{
	size_t here = w->path.n;
	struct join j;

	join_start(&j, w->a, v, count_open(w));
	for (int i = 0; i < WALK_SIDES; i++) {
		for (size_t k = 0; v[i] && k < v[i]->n; k++) {
			const char *key = place_item_key(s, v[i]->seq[k]);

			if (!key)
				return false;
			join_add(&j, i, k, key, strlen(key), v[i]->seq[k]);
		}
	}
	join_open(w, &j);
	join_group(&j);
	for (size_t i = 0; i < j.n; i++)
		for (int k = 0; k < WALK_SIDES; k++)
			if (j.group[i].count[k] > 1)
				return false;
	for (size_t i = 0; i < j.n; i++) {
		struct join_group *g = &j.group[i];

		place_push(&w->path, g->key);
		g->result = merge_item(w, s->item, g->v);
		g->keep = g->result != NULL;
		w->path.p[w->path.n = here] = '\0';
	}
	*out = in_order(w, &j, v);
	return true;
}

/* `set`: union with removals. `append`: union, each value as many times as on the side that
 * has it most. */
static struct node *
merge_union(struct walk *w, enum list_kind kind, struct node *const v[WALK_SIDES])
{
	struct join j;

	join_start(&j, w->a, v, 0);
	for (int i = 0; i < WALK_SIDES; i++) {
		for (size_t k = 0; v[i] && k < v[i]->n; k++) {
			struct cand c = cands_make(w->a, v[i]->seq[k], "", "", false);

			join_add(&j, i, k, c.bytes, c.n, v[i]->seq[k]);
		}
	}
	join_group(&j);
	for (size_t i = 0; i < j.n; i++) {
		struct join_group *g = &j.group[i];
		size_t o = g->count[WALK_OURS], t = g->count[WALK_THEIRS];
		struct cands spelled = {0};

		if (kind == LIST_APPEND)
			g->keep = o > t ? o : t;
		else
			g->keep = (o && t) || (!w->fold && (o || t) && !g->count[WALK_BASE]);
		for (int k = WALK_OURS; k <= WALK_THEIRS; k++) {
			struct cand c;

			if (!g->v[k])
				continue;
			c = cands_make(w->a, g->v[k], "", "", false);
			cands_add(w->a, &spelled, &c);
		}
		cands_seal(&spelled);
		g->result = spelled.n ? (struct node *)spelled.v[0].value : NULL;
	}
	return in_order(w, &j, v);
}

/* --- one place ------------------------------------------------------------------ */

static bool
all_of(struct node *const v[WALK_SIDES], enum node_kind kind)
{
	for (int i = 0; i < WALK_SIDES; i++)
		if (v[i] && v[i]->kind != kind)
			return false;
	return true;
}

static bool
any_of(struct node *const v[WALK_SIDES])
{
	return v[WALK_BASE] || v[WALK_OURS] || v[WALK_THEIRS];
}

static struct node *
merge_at(struct walk *w, const struct shape *s, struct node *const v[WALK_SIDES])
{
	enum list_kind kind = s ? s->list : LIST_VALUE;
	bool closed = w->locking >= 0 && !leaf_open(w), open_here = false;
	int stands = unchanged(w, v);
	struct node *out = NULL;

	if (stands >= 0)
		return take(w, v, stands, true);
	for (int i = 0; i < WALK_SIDES; i++)
		open_here = open_here || conflicts_find(&w->side[i].open, buf_str(&w->path));
	if (open_here)
		return leaf_merge(w, s, v);
	if (all_of(v, NODE_MAP) && (any_of(v) || kind != LIST_KEY))
		return merge_maps(w, s, v);
	if (all_of(v, NODE_SEQ) && kind == LIST_KEY && s->list_key &&
	    merge_keyed(&out, w, s, v))
		return out;
	/* a closed list of a locked record stands as a whole, the other side's beside it */
	if (all_of(v, NODE_SEQ) && !closed && (kind == LIST_SET || kind == LIST_APPEND))
		return merge_union(w, kind, v);
	return leaf_merge(w, s, v);
}

int
walk_merge(struct node **out, struct walk *w, struct err *e)
{
	struct node *v[WALK_SIDES];
	struct node *data;

	w->e = e;
	for (int i = 0; i < WALK_SIDES; i++)
		v[i] = w->side[i].data;
	data = merge_at(w, w->env->shape, v);
	leaf_orphans(w);
	conflicts_seal(w->a, &w->out);
	if (w->rc)
		return w->rc;
	if (data)
		place_order_keys(w->a, w->env->shape, data);
	*out = data;
	return 0;
}
