/* People at work: new records, edits of every kind, conflicts settled. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "sim/mem.h"
#include "sim/ops.h"
#include "trail/state.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/vault.h"

enum { ASSIGNMENTS = 4 };

struct edit {
	struct world *w;
	struct arena *a;
	const struct node *data;
	uint64_t r;
	size_t n, nunset;
	struct assignment set[ASSIGNMENTS];
	const char *unset[ASSIGNMENTS];
};

static uint64_t
chance(struct edit *x, uint64_t n)
{
	return rnd_next(&x->r) % n;
}

/* A word that nobody ever wrote. */
static const char *
token(struct edit *x)
{
	return arena_printf(x->a, "t%zux%zuz", x->w->op, x->w->tokens++);
}

static void
put(struct edit *x, const char *path, const char *value)
{
	x->set[x->n++] = (struct assignment){path, value, false};
}

static void
drop(struct edit *x, const char *path)
{
	x->unset[x->nunset++] = path;
}

static const struct node *
some(struct edit *x, const struct node *list)
{
	return list && list->kind == NODE_SEQ && list->n ? list->seq[chance(x, list->n)] : NULL;
}

/* --- kinds of edits ------------------------------------------------------------------------ */

static void
scalar(struct edit *x)
{
	static const char *const path[] = {"title", "m.x", "m.y", "m.n.z", "m.n.w", "due", "any"};
	const char *at = path[chance(x, 7)];

	switch (chance(x, 6)) {
	case 0:
		drop(x, at);
		break;
	case 1: /* the same on both sides at times */
		put(x, at, chance(x, 2) ? "p" : "q");
		break;
	default:
		put(x, at, token(x));
	}
}

static void
whole(struct edit *x)
{
	switch (chance(x, 5)) {
	case 0:
		put(x, "any", arena_printf(x->a, "{a: %s, b: [%s]}", token(x), token(x)));
		break;
	case 1:
		put(x, "any", arena_printf(x->a, "[%s, {c: %s}]", token(x), token(x)));
		break;
	case 2:
		put(x, "vals", arena_printf(x->a, "[%s, p]", token(x)));
		break;
	case 3:
		drop(x, chance(x, 2) ? "m" : "m.n");
		break;
	default:
		put(x, "m", arena_printf(x->a, "{x: %s, n: {z: %s}}", token(x), token(x)));
	}
}

static void
text(struct edit *x)
{
	const char *was = node_get_str(x->data, "plan"), *p;
	struct buf b = {0};
	size_t lines = 0, at, what = chance(x, 4);

	if (!was)
		was = "one\ntwo\nthree\nfour\nfive\nsix\n";
	for (p = was; *p; p++)
		lines += *p == '\n';
	at = chance(x, lines + 1);
	p = was;
	for (size_t i = 0; i < lines; i++) {
		size_t n = strcspn(p, "\n") + 1;

		if (i == at && what)
			buf_printf(&b, "%s\n", token(x));
		if (i != at || what == 3)
			buf_add(&b, p, n);
		p += n;
	}
	if (at == lines)
		buf_printf(&b, "%s\n", token(x));
	if (chance(x, 12) == 0)
		buf_printf(&b, "\n\n");
	put(x, "plan", arena_strdup(x->a, buf_str(&b)));
	buf_free(&b);
}

static void
steps(struct edit *x, const struct node *goal)
{
	const char *g = node_get_str(goal, "k"), *k;
	const struct node *step = some(x, node_get(goal, "steps"));

	if (!step || chance(x, 3) == 0) {
		put(x, arena_printf(x->a, "goals.%s.steps.+", g), arena_printf(x->a, "{t: %s}", token(x)));
		return;
	}
	k = node_get_str(step, "k");
	if (chance(x, 3) == 0)
		drop(x, arena_printf(x->a, "goals.%s.steps.%s", g, k));
	else
		put(x, arena_printf(x->a, "goals.%s.steps.%s.t", g, k), token(x));
}

static void
reorder(struct edit *x, const struct node *goals)
{
	struct node *copy = node_clone(x->a, goals), *last = copy->seq[copy->n - 1];
	struct buf b = {0};

	node_seq_del(copy, copy->n - 1);
	node_seq_insert(x->a, copy, chance(x, copy->n + 1), last);
	yaml_emit_flow(&b, copy);
	put(x, "goals", arena_strdup(x->a, buf_str(&b)));
	buf_free(&b);
}

static void
items(struct edit *x)
{
	const struct node *goals = node_get(x->data, "goals"), *goal = some(x, goals);
	const char *k = node_get_str(goal, "k");

	switch (goal ? chance(x, 8) : 0) {
	case 0:
	case 1:
		/* a key of its own choice at times: two people may choose the same */
		put(x, "goals.+", chance(x, 3) ? arena_printf(x->a, "{text: %s}", token(x)) :
		    arena_printf(x->a, "{k: g%d, text: %s}", (int)chance(x, 3), token(x)));
		break;
	case 2:
		drop(x, arena_printf(x->a, "goals.%s", k));
		break;
	case 3:
		reorder(x, goals);
		break;
	case 4:
		put(x, arena_printf(x->a, "goals.%s.note", k), token(x));
		break;
	case 5:
		put(x, arena_printf(x->a, "goals.%s.text", k), token(x));
		break;
	default:
		steps(x, goal);
	}
}

static void
lists(struct edit *x)
{
	static const char *const name[] = {"tags", "log", "vals"};
	size_t i = chance(x, 3);
	const struct node *list = node_get(x->data, name[i]);

	if (list && list->kind == NODE_SEQ && list->n && chance(x, 3) == 0)
		drop(x, arena_printf(x->a, "%s.%d", name[i], (int)chance(x, list->n)));
	else
		put(x, arena_printf(x->a, "%s.+", name[i]), chance(x, 8) ? token(x) : "p");
}

static void
one_edit(struct edit *x)
{
	static const char *const who[] = {"anna", "bo", "cia", "dan", "eva", "gun"};

	switch (chance(x, 16)) {
	case 0:
	case 1:
		text(x);
		break;
	case 2:
	case 3:
		whole(x);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		items(x);
		break;
	case 8:
	case 9:
	case 10:
		lists(x);
		break;
	case 11:
		put(x, "state", chance(x, 3) ? "draft" : chance(x, 2) ? "final" : "void");
		break;
	case 12:
		/* whoever reads follows the field */
		put(x, "keeper", who[chance(x, 6)]);
		break;
	default:
		scalar(x);
	}
}

/* --- operations ------------------------------------------------------------------------------ */

static void
tell_edit(const struct edit *x, const char *what)
{
	for (size_t i = 0; i < x->n; i++)
		world_tell(x->w, "  %s %s=%s\n", what, x->set[i].path, x->set[i].value);
	for (size_t i = 0; i < x->nunset; i++)
		world_tell(x->w, "  %s without %s\n", what, x->unset[i]);
}

/* Who stands on the list, in a role that writes the type, and where no erasure is ordered: a save must
 * be taken. */
static bool
may_write(struct world *w, size_t m, const struct pick *p)
{
	const struct vault *v = w->m[m].s.v;
	const struct state *s = vault_state(v);
	const struct tombstone *t = NULL;
	const struct dossier *d = NULL;
	const struct member *me = NULL;
	struct err e = {0};
	int64_t now = w->now + w->m[m].off;

	/* an auditor whose team writes a type still makes no key for it */
	return vault_me(v, &me, NULL, &e) == 0 && me->roles & ~(unsigned)ROLE_AUDITOR &&
	    state_dossier(s, &d, p->dossier, &e) == 0 && state_may_read(s, d, me->handle, now) &&
	    state_may_write_type(s, p->type, me, now) && state_tombstone(s, &t, p->dossier, &e) != 0;
}

static void
finish(struct world *w, size_t m, int rc, const struct err *e, const char *what, bool may)
{
	struct oid head = {0};
	bool refused = rc == ERR_ACCESS && may && !mem_fault.seen;

	if (refused)
		world_fail(w, "%s: %s was refused: %s: %s", w->m[m].id, what,
		    e->n ? e->item[0].path : "", e->n ? e->item[0].text : "");
	if (!rc && !mem_fault.seen)
		head = *vault_head(w->m[m].s.v);
	if (op_settle(w, m, rc, e, what) && !oid_zero(&head))
		world_saved(w, m);
}

void
op_new(struct world *w, size_t m, const struct op *op)
{
	size_t type = op->b % TYPES;
	struct edit x = {.w = w, .r = op->seed};
	struct pick hive;
	struct node *out = NULL;
	struct err e = {0};
	int rc;

	if (world_enter(w, m, &e)) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	x.a = w->m[m].s.arena;
	if (type == 1 || type == 2) {
		if (!op_pick(w, m, &hive, op->c, "hive")) {
			world_leave(w, m);
			return;
		}
		put(&x, "hive", hive.id);
	}
	put(&x, "title", token(&x));
	if (chance(&x, 2))
		put(&x, "goals", arena_printf(x.a, "[{k: g0, text: %s}, {text: %s}]", token(&x), token(&x)));
	if (chance(&x, 4) == 0)
		put(&x, "keeper", chance(&x, 2) ? "bo" : "eva");
	rc = app_new(&w->m[m].s, &out, type_name[type], NULL, x.set, x.n, NULL, false, &e);
	world_tell(w, "  %s makes %s\n", w->m[m].id,
	    rc ? type_name[type] : node_get_str(out, "id"));
	tell_edit(&x, "with");
	finish(w, m, rc, &e, "new", false);
}

void
op_edit(struct world *w, size_t m, const struct op *op)
{
	struct edit x = {.w = w, .r = op->seed};
	struct node *rec = NULL, *out = NULL;
	struct pick p;
	struct err e = {0};
	bool may;
	int rc;

	if (world_enter(w, m, &e)) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	x.a = w->m[m].s.arena;
	/* mostly what others work on too */
	if (!op_pick(w, m, &p, op->a % 4 ? op->b % 2 : op->b, NULL) ||
	    vault_open_record(w->m[m].s.v, &rec, x.a, p.path, &p.blob, &e)) {
		world_leave(w, m);
		return;
	}
	x.data = node_get(rec, "data");
	one_edit(&x);
	if (op->c % 4 == 0)
		one_edit(&x);
	world_tell(w, "  %s edits %s\n", w->m[m].id, p.id);
	tell_edit(&x, "now");
	may = may_write(w, m, &p);
	rc = app_set(&w->m[m].s, &out, p.id, x.set, x.n, x.unset, x.nunset,
	    op->c % 3 ? "because" : NULL, &e);
	finish(w, m, rc, &e, "edit", may);
}

/* A record with an open conflict, from the one picked on. */
static bool
pick_conflict(struct world *w, size_t m, struct pick *p, const struct node **entry, uint32_t n)
{
	for (uint32_t i = 0; i < 24; i++) {
		struct node *rec = NULL;
		const struct node *open;
		struct err e = {0};

		if (!op_pick(w, m, p, n + i, NULL))
			return false;
		if (vault_open_record(w->m[m].s.v, &rec, w->m[m].s.arena, p->path, &p->blob, &e))
			continue;
		open = node_get(rec, "conflicts");
		if (!open || !open->n)
			continue;
		*entry = open->seq[n % open->n];
		return true;
	}
	return false;
}

void
op_resolve(struct world *w, size_t m, const struct op *op)
{
	struct edit x = {.w = w, .r = op->seed};
	const struct node *entry = NULL;
	const char *path, *value = NULL;
	struct node *out = NULL;
	struct pick p;
	struct err e = {0};
	int take = 0, rc;
	bool drops = false;

	if (world_enter(w, m, &e)) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	x.a = w->m[m].s.arena;
	if (!pick_conflict(w, m, &p, &entry, op->b)) {
		world_leave(w, m);
		return;
	}
	path = node_get_str(entry, "path");
	switch (chance(&x, 4)) {
	case 0:
		drops = true;
		break;
	case 1:
		value = token(&x);
		break;
	default:
		take = 1 + (int)chance(&x, node_get(entry, "values")->n);
	}
	world_tell(w, "  %s resolves %s %s: take %d, value %s, drop %d\n", w->m[m].id, p.id, path, take,
	    value ? value : "-", drops);
	rc = app_resolve(&w->m[m].s, &out, p.id, path, take, value, drops, "because", &e);
	finish(w, m, rc, &e, "resolve", false);
}
