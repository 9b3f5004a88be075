#include "sim/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/readers.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "git/repo.h"
#include "sim/mem.h"
#include "sync/sync.h"
#include "vault/vault.h"

enum { LONG_FAULT = 8 };

/* The machine for an operation among those at work; MACHINES when there is none. */
static size_t
machine_of(const struct world *w, uint32_t n)
{
	size_t at[MACHINES], k = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->m[i].joined && !w->m[i].out)
			at[k++] = i;
	return k ? at[n % k] : MACHINES;
}

/* An administrator's, mostly. */
static size_t
admin_of(const struct world *w, const struct op *op)
{
	size_t at[2], k = 0;

	for (size_t i = 0; i <= 3; i += 3)
		if (w->m[i].joined && !w->m[i].out)
			at[k++] = i;
	return k && op->c % 8 ? at[op->m % k] : machine_of(w, op->m);
}

static const char *
first_error(const struct err *e)
{
	return e->n ? e->item[0].text : "no reason given";
}

bool
op_settle(struct world *w, size_t m, int rc, const struct err *e, const char *what)
{
	bool crashed = mem_fault.seen && mem_fault.kind == FAULT_CRASH;

	if (crashed) {
		world_tell(w, "  %s dies in it\n", w->m[m].id);
		mem_fault = (struct fault){0};
		world_leave(w, m);
		world_reboot(w, m);
		return false;
	}
	world_leave(w, m);
	/* what a patched program stored where its member may write is told of, and opened by nobody */
	for (size_t i = 0; rc == ERR_DAMAGED && i < w->n; i++)
		if (w->m[i].rogue && strstr(first_error(e), "is sealed for none of its dossier's keys"))
			return false;
	switch (rc) {
	case 0:
	case ERR_FINDINGS:
		return true;
	case ERR_HUB:
		if (!mem_fault.seen)
			world_fail(w, "%s: %s: hub out of reach: %s", w->m[m].id, what, first_error(e));
		return false;
	case ERR_ACCESS:
	case ERR_USAGE:
	case ERR_INVALID:
	case ERR_NOTFOUND:
	case ERR_EXISTS:
		world_tell(w, "  not done: %s: %s: %s\n", err_name((enum err_code)rc),
		    e->n ? e->item[0].path : "", first_error(e));
		return false;
	default:
		world_fail(w, "%s: %s: %s: %s: %s", w->m[m].id, what, err_name((enum err_code)rc),
		    e->n ? e->item[0].path : "", first_error(e));
		return false;
	}
}

/* --- records of a machine ----------------------------------------------------------------- */

struct picking {
	struct world *w;
	struct machine *x;
	const char *type;
	size_t n, want;
	struct pick *out;
};

static int
pick_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct picking *k = ctx;

	if (p->kind != PATH_RECORD || (k->type && strcmp(k->type, p->type) != 0) ||
	    !vault_can_read(k->x->s.v, p->dossier))
		return 0;
	if (k->n++ == k->want) {
		memcpy(k->out->id, p->record, sizeof k->out->id);
		memcpy(k->out->dossier, p->dossier, sizeof k->out->dossier);
		memcpy(k->out->type, p->type, sizeof k->out->type);
		k->out->path = arena_strdup(k->x->s.arena, path);
		k->out->blob = *id;
	}
	return 0;
}

bool
op_pick(struct world *w, size_t m, struct pick *out, uint32_t n, const char *type)
{
	struct picking k = {.w = w, .x = &w->m[m], .type = type, .want = SIZE_MAX, .out = out};
	struct err e = {0};

	if (vault_refresh(k.x->s.v, &e) ||
	    vault_each_record(k.x->s.v, vault_tree(k.x->s.v), pick_one, &k, &e) || k.n == 0)
		return false;
	k.want = n % k.n;
	k.n = 0;
	vault_each_record(k.x->s.v, vault_tree(k.x->s.v), pick_one, &k, &e);
	return true;
}

/* --- sync ------------------------------------------------------------------------------------ */

/* True when the machine's device works no more, as far as the given head knows. */
static bool
is_dead(struct world *w, size_t m, const char *url)
{
	struct machine *x = &w->m[m];
	struct vault *v = NULL;
	const struct member *me = NULL;
	struct err e = {0};
	bool dead;

	if (vault_open(&v, url, x->identity, &e))
		return false;
	dead = vault_me(v, &me, NULL, &e) != 0 || !me->roles;
	vault_close(v);
	return dead;
}

static void
note_waiting(struct waiting *to, const struct sync_result *r)
{
	*to = (struct waiting){.recovery = r->recovery, .erasing = r->nerasing > 0};
	for (size_t i = 0; i < r->nquarantined && i < MACHINES; i++)
		memcpy(to->device[to->n++], r->quarantined[i], sizeof *to->device);
}

bool
op_sync(struct world *w, size_t m, const char *name, const char *url, struct waiting *waiting)
{
	const struct sync_options opt = {0};
	struct machine *x = &w->m[m];
	struct sync_result r = {0};
	struct err e = {0};
	bool done, removed;
	size_t closed = 0;
	struct oid was;
	int rc = world_enter(w, m, &e);

	if (!rc)
		was = *vault_tree(x->s.v);
	if (!rc)
		rc = sync_run(&r, x->s.v, name, url, &opt, &e);
	/* as app_sync goes on */
	if (!rc && r.fetched)
		rc = readers_narrow(&x->s, &was, &closed, &e);
	if (!rc && closed) {
		sync_result_free(&r);
		rc = sync_run(&r, x->s.v, name, url, &opt, &e);
	}
	/* at rest most say nothing */
	if (w->op != SIZE_MAX || rc || r.fetched || r.pushed || r.nquarantined)
		world_tell(w, "  %s syncs with %s: rc %s, fetched %zu, pushed %zu, merged %zu, waiting %zu%s%s%s\n",
		    x->id, name, err_name((enum err_code)rc), r.fetched, r.pushed, r.merged, r.nquarantined,
		    r.stuck ? ", stuck" : "", r.recovery ? ", recovery" : "", r.nerasing ? ", erasing" : "");
	for (size_t i = 0; i < r.nnotices; i++)
		world_tell(w, "    %s\n", r.notices[i]);
	tally.syncs++;
	tally.records += r.merged;
	removed = rc == ERR_ACCESS && !mem_fault.seen;
	if (removed && !is_dead(w, m, x->path) && !is_dead(w, m, url))
		world_fail(w, "%s: sync with %s was refused: %s", x->id, name, first_error(&e));
	if (rc == ERR_RACE && mem_fault.seen)
		rc = ERR_HUB;
	if (waiting)
		note_waiting(waiting, &r);
	sync_result_free(&r);
	done = op_settle(w, m, rc, &e, "sync");
	x->out |= removed;
	return done;
}

static enum place
place_of(const struct op *op)
{
	return op->a % 6 == 0 ? PLACE_STICK : PLACE_MAIN;
}

struct racing {
	struct world *w;
	size_t m, other;
	const struct op *op;
};

/* Between what one machine has seen of the hub and what it brings there: another's sync, or a save
 * of its own in a second window. */
static void
meanwhile(void *ctx)
{
	struct racing *r = ctx;
	struct world *w = r->w;
	struct machine *x = &w->m[r->m];

	if (r->op->c % 3 && r->other != r->m) {
		op_sync(w, r->other, place_name[place_of(r->op)], place_path[place_of(r->op)], NULL);
	} else {
		struct session first = x->s;

		x->s = (struct session){0};
		x->open = false;
		op_edit(w, r->m, r->op);
		world_reboot(w, r->m);
		x->s = first;
		x->open = true;
	}
}

static void
race(struct world *w, size_t m, const struct op *op)
{
	struct racing r = {w, m, machine_of(w, op->b), op};
	enum place p = place_of(op);

	mem_before_push = meanwhile;
	mem_before_push_ctx = &r;
	op_sync(w, m, place_name[p], place_path[p], NULL);
	mem_before_push = NULL;
}

static long
fault_step(const struct op *op)
{
	return (long)(op->b >> 8) % (2L << (op->b % LONG_FAULT));
}

static void
crash(struct world *w, size_t m, const struct op *op)
{
	enum place p = place_of(op);

	mem_fault = (struct fault){.kind = FAULT_CRASH, .at = fault_step(op), .late = op->c & 1};
	if (op->c % 5 < 3)
		op_sync(w, m, place_name[p], place_path[p], NULL);
	else if (op->c % 5 == 3)
		op_edit(w, m, op);
	else
		op_new(w, m, op);
	mem_fault = (struct fault){0};
}

static void
dead_line(struct world *w, size_t m, const struct op *op)
{
	enum place p = place_of(op);

	mem_fault = (struct fault){.kind = FAULT_NET, .at = fault_step(op), .late = op->c & 1};
	op_sync(w, m, place_name[p], place_path[p], NULL);
	mem_fault = (struct fault){0};
}

/* --- time and hubs ------------------------------------------------------------------------------ */

static int64_t
span(uint32_t n)
{
	static const int64_t s[] = {120, 600, 4000, 90000, 700000, 3000000, 40000000, 320000000};

	return s[n % 8];
}

static void
hub(struct world *w, const struct op *op)
{
	struct disk *d = disk_find(place_path[PLACE_MAIN]);

	if (op->kind == OP_BACKUP) {
		disk_free(w->backup);
		w->backup = disk_backup(d);
	} else if (w->backup) {
		disk_restore(d, w->backup);
	}
}

void
op_run(struct world *w, const struct op *op)
{
	bool people = op->kind >= OP_MEMBER && op->kind <= OP_TEAM && op->kind != OP_JOIN;
	size_t m = people || op->kind == OP_SCHEMA || op->kind == OP_ADMIT ? admin_of(w, op)
									 : machine_of(w, op->m);
	enum place p = place_of(op);

	w->op = op->id;
	w->tokens = 0;
	w->now += 1 + op->a % 300;
	mem_seed(op->seed);
	if (m == MACHINES)
		return;
	world_tell(w, "#%zu %s %s\n", op->id, op_name(op->kind), w->m[m].id);
	switch (op->kind) {
	case OP_NEW:
		op_new(w, m, op);
		break;
	case OP_EDIT:
		op_edit(w, m, op);
		break;
	case OP_RESOLVE:
		op_resolve(w, m, op);
		break;
	case OP_SYNC:
		op_sync(w, m, place_name[p], place_path[p], NULL);
		break;
	case OP_RACE:
		race(w, m, op);
		break;
	case OP_CRASH:
		crash(w, m, op);
		break;
	case OP_LINE:
		dead_line(w, m, op);
		break;
	case OP_WAIT:
		w->now += span(op->b % 6);
		break;
	case OP_CLOCK:
		w->m[m].off = op->b % 4 ? (op->c & 1 ? span(op->b) : -span(op->b)) : 0;
		world_tell(w, "  its clock is wrong by %lld s\n", (long long)w->m[m].off);
		break;
	case OP_BACKUP:
	case OP_RESTORE:
		hub(w, op);
		break;
	case OP_MEMBER:
	case OP_JOIN:
	case OP_DEVICE:
	case OP_REVOKE:
	case OP_REMOVE:
	case OP_ROLE:
	case OP_TEAM:
		op_people(w, m, op);
		break;
	case OP_GRANT:
	case OP_UNGRANT:
		op_access(w, m, op);
		break;
	case OP_SCHEMA:
		op_schema(w, m, op);
		break;
	case OP_ERASE:
		op_erase(w, m, op);
		break;
	case OP_ADMIT:
		op_admit(w, m, place_name[p], place_path[p]);
		break;
	case OP_REBOOT:
		world_reboot(w, m);
		break;
	case OP_ROGUE:
		op_rogue(w, m, op);
		break;
	case OP_KINDS:
		break;
	}
}
