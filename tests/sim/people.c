/* Members, devices, teams, lists, types, erasures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "git/repo.h"
#include "sim/mem.h"
#include "sim/ops.h"
#include "sync/sync.h"
#include "trail/state.h"
#include "vault/txn.h"
#include "vault/vault.h"

static const char *const team_names[] = {"unit", "apiary", "queens", "logg"};

static void
finish(struct world *w, size_t m, int rc, const struct err *e, const char *what)
{
	struct oid head = {0};

	if (!rc && !mem_fault.seen)
		head = *vault_head(w->m[m].s.v);
	if (op_settle(w, m, rc, e, what) && !oid_zero(&head))
		world_saved(w, m);
}

static const char *
some_handle(const struct world *w, uint32_t n)
{
	return w->m[n % MACHINES].handle;
}

/* A machine whose card was let in gets its store. */
static void
join(struct world *w, const struct op *op)
{
	const struct sync_options opt = {0};
	struct sync_result r = {0};
	struct vault *v = NULL;
	struct err e = {0};
	size_t at[MACHINES], k = 0;
	struct machine *x;
	const struct member *me = NULL;
	uint8_t fingerprint[32];
	int rc;

	for (size_t i = 0; i < MACHINES; i++)
		if (w->m[i].known && !w->m[i].joined)
			at[k++] = i;
	if (!k)
		return;
	x = &w->m[at[op->b % k]];
	x->off = 0;
	date_clock_set(w->now);
	world_fingerprint(fingerprint);
	rc = vault_create(&v, x->path, x->identity, &e);
	if (!rc)
		rc = sync_join(&r, v, place_name[PLACE_MAIN], place_path[PLACE_MAIN], fingerprint, &opt, &e);
	if (rc && rc != ERR_ACCESS)
		world_fail(w, "%s: join: %s", x->id, e.n ? e.item[0].text : "");
	/* the hub may have been set back to before its card was let in */
	x->joined = !rc && vault_me(v, &me, NULL, &e) == 0 && me->roles;
	world_tell(w, "  %s joins: %s\n", x->id, x->joined ? "yes" : "no");
	vault_close(v);
	if (x->joined)
		mem_joined(x->path);
	sync_result_free(&r);
	if (!x->joined) {
		char *keys = xasprintf("%s/akt/keys.git", x->path);

		disk_drop(x->path);
		disk_drop(keys);
		free(keys);
	}
}

static int
let_in(struct world *w, size_t m, size_t who, const struct op *op, struct node **out, struct err *e)
{
	const char *team = team_names[op->b % 2];
	struct machine *x = &w->m[m];
	int rc;

	world_tell(w, "  lets in %s\n", w->m[who].id);
	rc = op->kind == OP_MEMBER ? app_member_add(&x->s, out, world_card(w, who), "staff", &team,
	                                 op->c % 2, e)
				   : app_device_add(&x->s, out, world_card(w, who), e);
	if (!rc)
		w->m[who].known = true;
	return rc;
}

static int
team(struct world *w, size_t m, const struct op *op, struct node **out, struct err *e)
{
	const char *name = team_names[op->b % 4], *who = some_handle(w, op->b >> 8);
	bool add = op->a % 2;

	world_tell(w, "  %s %s %s\n", name, add ? "gets" : "loses", who);
	return app_team(&w->m[m].s, out, name, &who, add, &who, !add, e);
}

void
op_people(struct world *w, size_t m, const struct op *op)
{
	static const char *const roles[] = {"staff", "admin", "supervisor,staff", "auditor", "admin,staff"};
	struct machine *x = &w->m[m];
	struct node *out = NULL;
	struct err e = {0};
	const char *who;
	int rc;

	if (op->kind == OP_JOIN) {
		join(w, op);
		return;
	}
	rc = world_enter(w, m, &e);
	if (rc) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	switch (op->kind) {
	case OP_MEMBER:
		rc = let_in(w, m, 7, op, &out, &e);
		break;
	case OP_DEVICE:
		rc = let_in(w, m, 6, op, &out, &e);
		break;
	case OP_REVOKE:
		who = w->m[op->b % MACHINES].id;
		world_tell(w, "  revokes %s\n", who);
		rc = app_device_revoke(&x->s, &out, who, &e);
		break;
	case OP_REMOVE:
		who = some_handle(w, op->b);
		world_tell(w, "  removes %s\n", who);
		rc = app_member_remove(&x->s, &out, who, &e);
		break;
	case OP_ROLE:
		who = some_handle(w, op->b);
		world_tell(w, "  makes %s %s\n", who, roles[op->a % 5]);
		rc = app_member_role(&x->s, &out, who, roles[op->a % 5], &e);
		break;
	default:
		rc = team(w, m, op, &out, &e);
	}
	finish(w, m, rc, &e, "people");
}

void
op_access(struct world *w, size_t m, const struct op *op)
{
	static const char *const who[] = {"~anna", "~bo", "~cia", "~dan", "~eva", "~gun", "unit",
		"apiary", "queens", "logg", "~fia"};
	const struct dossier *d = NULL;
	struct machine *x = &w->m[m];
	struct node *out = NULL;
	struct err e = {0};
	struct pick p;
	const char *team = who[op->a % 11];
	char until[11];
	bool grants = op->kind == OP_GRANT;
	int rc;

	if (world_enter(w, m, &e)) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	if (!op_pick(w, m, &p, op->b, NULL) ||
	    state_dossier(vault_state(x->s.v), &d, p.dossier, &e)) {
		world_leave(w, m);
		return;
	}
	if (!grants)
		team = arena_strdup(x->s.arena, d->access[op->a % d->naccess]);
	date_format(until, w->now / 86400 + op->c % 40);
	world_tell(w, "  %s %s %s%s%s\n", p.dossier, grants ? "for" : "no longer for", team,
	    grants && op->c % 3 == 0 ? " until " : "", grants && op->c % 3 == 0 ? until : "");
	rc = app_access(&x->s, &out, p.dossier, &team, grants, &team, !grants,
	    grants && op->c % 3 == 0 ? until : NULL, &e);
	finish(w, m, rc, &e, "access");
}

void
op_schema(struct world *w, size_t m, const struct op *op)
{
	char *path = xasprintf("schema/%s.yaml", type_name[op->b % TYPES]),
	     *text = schema_text(op->b % TYPES, op->a % SCHEMAS);
	struct err e = {0};
	struct txn *t = NULL;
	struct oid id;
	int rc = world_enter(w, m, &e);

	world_tell(w, "  %s, version %u\n", path, (unsigned)(op->a % SCHEMAS + 1));
	if (!rc)
		rc = txn_begin(&t, w->m[m].s.v, &e);
	if (!rc) {
		txn_put(t, path, text, strlen(text));
		rc = txn_commit(t, &id, "schema", &e);
	}
	txn_free(t);
	finish(w, m, rc, &e, "schema");
	free(path);
	free(text);
}

void
op_erase(struct world *w, size_t m, const struct op *op)
{
	const struct tombstone *t = NULL;
	struct machine *x = &w->m[m];
	struct node *out = NULL;
	struct err e = {0}, inner = {0};
	struct pick p;
	bool ordered;
	int rc;

	if (world_enter(w, m, &e)) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	/* few records are picked on, so that a second signer comes by */
	if (!op_pick(w, m, &p, op->b % 3, NULL)) {
		world_leave(w, m);
		return;
	}
	ordered = state_tombstone(vault_state(x->s.v), &t, p.dossier, &inner) == 0;
	world_tell(w, "  %s the erasure of %s\n", ordered ? "confirms" : "orders", p.dossier);
	rc = app_erase(&x->s, &out, p.dossier, ordered ? NULL : "gdpr", ordered, &e);
	finish(w, m, rc, &e, "erase");
}
