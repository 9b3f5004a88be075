#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "merge/place.h"
#include "merge/record.h"
#include "merge/walk.h"
#include "schema/schema.h"
#include "tree/node.h"

enum {
	/* a type clash over a document with this many bytes of open candidates beneath is
	 * no person's work; they stay in the list instead of being spelled out */
	SPELL_OUT_MAX = 16 * 1024 * 1024,
};

/* What one side has at the leaf. */
struct leaf {
	struct cands set;
	struct cands spelled;   /* those of the set that stood open beneath */
	struct cand standing;   /* its value in data */
	struct conflict *entry; /* NULL when settled */
	bool holds;             /* the record or the entry is locked on this side */
};

bool
leaf_open(const struct walk *w)
{
	const struct schema_akt *akt = w->env->akt;
	const char *path = buf_str(&w->path);

	if (!akt || !akt->lock_field)
		return true;
	for (size_t i = 0; i < akt->nopen; i++) {
		size_t n = strlen(akt->lock_open[i]);

		if (strncmp(path, akt->lock_open[i], n) == 0 && (!path[n] || path[n] == '.'))
			return true;
	}
	return false;
}

static int
locking_here(const struct walk *w)
{
	return w->locking >= 0 && !leaf_open(w) ? w->locking : -1;
}

/* Open conflicts beneath a leaf (a field that changed its type): each of their other values
 * becomes a candidate of the whole, so that none is lost with the place it belonged to. */
static void
spell_out(struct walk *w, enum walk_side side, const struct shape *s, const struct node *v,
    struct leaf *l)
{
	struct conflicts *open = &w->side[side].open;
	size_t from, to, many = 0, skip = w->path.n ? w->path.n + 1 : 0;

	conflicts_beneath(open, buf_str(&w->path), &from, &to);
	for (size_t i = from; i < to; i++)
		many += open->v[i].set.n;
	if (!v || (many && l->standing.n > SPELL_OUT_MAX / many))
		return;
	for (size_t i = from; i < to; i++) {
		struct conflict *q = &open->v[i];
		struct cands made = {0};
		bool placed = true;

		for (size_t k = 0; k < q->set.n && placed; k++) {
			const struct cand *c = &q->set.v[k];
			struct node *whole = node_clone(w->a, v);
			struct cand one;

			placed = place_put(w->a, s, whole, q->path + skip,
			    c->value ? node_clone(w->a, c->value) : NULL);
			if (!placed || cands_same(c, &q->first))
				continue;
			place_order_keys(w->a, s, whole);
			one = cands_make(w->a, whole, c->at, c->by, true);
			cands_add(w->a, &made, &one);
		}
		if (!placed) /* its place is gone already: leaf_orphans keeps it */
			continue;
		q->used = true;
		for (size_t k = 0; k < made.n; k++) {
			cands_add(w->a, &l->set, &made.v[k]);
			cands_add(w->a, &l->spelled, &made.v[k]);
		}
	}
}

static void
gather(struct walk *w, enum walk_side side, const struct shape *s, const struct node *v,
    struct leaf *l)
{
	struct walk_version *x = &w->side[side];

	*l = (struct leaf){.standing = cands_make(w->a, v, x->at, x->by, false)};
	l->entry = conflicts_find(&x->open, buf_str(&w->path));
	if (l->entry) {
		l->entry->used = true;
		for (size_t i = 0; i < l->entry->set.n; i++)
			cands_add(w->a, &l->set, &l->entry->set.v[i]);
	}
	cands_add(w->a, &l->set, &l->standing);
	/* The same open values beneath another one that stands give other wholes. Those of the base would take away
	 * what nobody has settled: a whole of one side's that the other has in parts. */
	if (side != WALK_BASE)
		spell_out(w, side, s, v, l);
	cands_seal(&l->set);
	l->holds = (l->entry && l->entry->locked) || (x->locked && !leaf_open(w));
}

static bool
long_text(const struct leaf *l)
{
	const struct node *v = l->standing.value;

	return l->set.n == 1 && v && v->kind == NODE_STR;
}

static bool
has_newline(const struct leaf *l)
{
	return memchr(l->standing.value->text, '\n', l->standing.value->len) != NULL;
}

/* DESIGN 5: git's three-way file merge with the smaller bytes as ours; only a clean result
 * is taken. NULL: whole-field candidates. */
static struct node *
merge_text(struct walk *w, const struct leaf l[WALK_SIDES])
{
	const struct node *b, *o, *t;
	struct buf out = {0};
	struct node *merged = NULL;
	bool clean = false;
	int c;

	if (!w->env->text || w->rc)
		return NULL;
	for (int i = 0; i < WALK_SIDES; i++)
		if (!long_text(&l[i]))
			return NULL;
	if (!has_newline(&l[WALK_BASE]) && !has_newline(&l[WALK_OURS]) &&
	    !has_newline(&l[WALK_THEIRS]))
		return NULL;
	b = l[WALK_BASE].standing.value;
	o = l[WALK_OURS].standing.value;
	t = l[WALK_THEIRS].standing.value;
	c = memcmp(o->text, t->text, o->len < t->len ? o->len : t->len);
	if (c > 0 || (c == 0 && o->len > t->len)) {
		const struct node *swap = o;

		o = t;
		t = swap;
	}
	w->rc = w->env->text(w->env->text_ctx, &out, &clean, b->text, b->len, o->text, o->len,
	    t->text, t->len, w->e);
	if (!w->rc && clean)
		merged = node_strn(w->a, buf_str(&out), out.n);
	buf_free(&out);
	return merged;
}

static const struct cand *
find(const struct cands *s, const struct cand *c)
{
	for (size_t i = 0; i < s->n; i++)
		if (cands_same(&s->v[i], c))
			return &s->v[i];
	return NULL;
}

/* Which candidate stands, and whether it does so because it was locked. */
static void
choose(struct conflict *c, const struct leaf *o, const struct leaf *t)
{
	bool marked = (o->entry && o->entry->locked) || (t->entry && t->entry->locked);
	const struct leaf *h = o->holds ? o : t;
	const struct cand *held = find(&c->set, &h->standing);

	/* locked differently on the two sides: ordinary candidates */
	if (o->holds && t->holds && !cands_same(&o->standing, &t->standing))
		marked = false;
	c->locked = marked && held;
	c->first = c->locked ? *held : *cands_first(&c->set);
}

struct node *
leaf_merge(struct walk *w, const struct shape *s, struct node *const v[WALK_SIDES])
{
	static const struct cands none;
	struct conflict c = {.path = arena_strdup(w->a, buf_str(&w->path))};
	int lock = locking_here(w);
	struct leaf l[WALK_SIDES];
	struct node *text;

	for (int i = 0; i < WALK_SIDES; i++)
		gather(w, (enum walk_side)i, s, v[i], &l[i]);
	if (lock >= 0) {
		const struct leaf *k = &l[lock], *other = &l[WALK_OURS + WALK_THEIRS - lock];

		/* the locking side stands; what the other changed is kept beside it */
		c.set = k->set;
		c.locked = k->entry && k->entry->locked;
		for (size_t i = 0; i < other->set.n; i++) {
			const struct cand *x = &other->set.v[i];

			if (cands_has(&l[WALK_BASE].set, x) || cands_has(&k->set, x))
				continue;
			cands_add(w->a, &c.set, x);
			c.locked = true;
		}
		cands_seal(&c.set);
		c.first = *find(&c.set, &k->standing);
	} else {
		cands_merge(w->a, &c.set, &l[WALK_OURS].set, &l[WALK_THEIRS].set,
		    w->fold ? &none : &l[WALK_BASE].set, true);
		for (int i = WALK_OURS; i <= WALK_THEIRS; i++)
			for (size_t k = 0; k < l[i].spelled.n; k++)
				cands_add(w->a, &c.set, &l[i].spelled.v[k]);
		cands_seal(&c.set);
		if (c.set.n > 1 && !w->fold && (text = merge_text(w, l)))
			return text;
		choose(&c, &l[WALK_OURS], &l[WALK_THEIRS]);
	}
	if (c.set.n > 1)
		conflicts_add(w->a, &w->out, &c);
	return (struct node *)c.first.value;
}

/* --- presence --------------------------------------------------------------- */

static bool
in_r(bool o, bool t, bool b, bool o_changed, bool t_changed)
{
	return (o && t) || (o && (!b || o_changed)) || (t && (!b || t_changed));
}

struct conflict
leaf_presence(struct walk *w, struct node *const v[WALK_SIDES], const bool changed[WALK_SIDES])
{
	struct conflict c = {.path = arena_strdup(w->a, buf_str(&w->path))};
	struct conflict *entry[WALK_SIDES];
	bool there[WALK_SIDES], gone[WALK_SIDES], stays, goes;
	int lock = locking_here(w);

	for (int i = 0; i < WALK_SIDES; i++) {
		entry[i] = conflicts_find(&w->side[i].open, c.path);
		there[i] = v[i] != NULL;
		gone[i] = !v[i] || entry[i];
	}
	stays = in_r(there[WALK_OURS], there[WALK_THEIRS], there[WALK_BASE], changed[WALK_OURS],
	    changed[WALK_THEIRS]);
	goes = in_r(gone[WALK_OURS], gone[WALK_THEIRS], gone[WALK_BASE] && !w->fold, false, false);
	if (lock >= 0) {
		stays = there[lock];
		goes = gone[lock] || (gone[WALK_OURS + WALK_THEIRS - lock] && !gone[WALK_BASE]);
	} else if (!stays && !goes) {
		/* settled as there on one side, as gone on the other */
		stays = goes = true;
	}
	for (int i = WALK_OURS; i <= WALK_THEIRS; i++) {
		struct walk_version *x = &w->side[i];

		if (entry[i]) {
			entry[i]->used = true;
			c.locked |= entry[i]->locked;
		}
		for (size_t k = 0; entry[i] && k < entry[i]->set.n; k++) {
			struct cand *from = &entry[i]->set.v[k], mark = *from;

			mark.bytes = ""; /* any version of the item means: it is there */
			mark.n = 0;
			if (from->value ? stays : goes)
				cands_add(w->a, &c.set, &mark);
		}
		if (!entry[i] && (there[i] ? stays : goes)) {
			struct cand mark = {.value = v[i], .bytes = "", .at = x->at, .by = x->by};

			cands_add(w->a, &c.set, &mark);
		}
	}
	if (lock >= 0 && goes && !gone[lock])
		c.locked = true;
	return c;
}

/* --- what no version has a place for ---------------------------------------- */

static void
orphan(struct walk *w, struct conflict *o, struct conflict *t)
{
	static const struct cands none;
	struct conflict *b = conflicts_find(&w->side[WALK_BASE].open, o ? o->path : t->path);
	struct conflict c = {.path = o ? o->path : t->path};
	const struct cand *held;

	cands_merge(w->a, &c.set, o ? &o->set : &none, t ? &t->set : &none, b ? &b->set : &none,
	    false);
	if (c.set.n) {
		held = find(&c.set, o ? &o->first : &t->first);
		c.locked = ((o && o->locked) || (t && t->locked)) && held &&
		    (!o || !t || cands_same(&o->first, &t->first));
		c.first = c.locked ? *held : *cands_first(&c.set);
		conflicts_add(w->a, &w->out, &c);
	}
	if (o)
		o->used = true;
	if (t)
		t->used = true;
}

void
leaf_orphans(struct walk *w)
{
	struct conflicts *ours = &w->side[WALK_OURS].open, *theirs = &w->side[WALK_THEIRS].open;

	for (size_t i = 0; i < ours->n; i++) {
		struct conflict *t = conflicts_find(theirs, ours->v[i].path);

		if (!ours->v[i].used)
			orphan(w, &ours->v[i], t && !t->used ? t : NULL);
	}
	for (size_t i = 0; i < theirs->n; i++)
		if (!theirs->v[i].used)
			orphan(w, NULL, &theirs->v[i]);
}
