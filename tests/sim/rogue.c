/* A patched program: it signs what its member may not do, without asking policy, and offers it to the hub. Nobody
 * may take it; rules.c sees whoever did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "sim/mem.h"
#include "sim/ops.h"
#include "sync/sync.h"
#include "trail/state.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct target {
	struct vault *v;
	bool readable; /* wanted */
	size_t n, want;
	char *path;
};

static int
target_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct target *t = ctx;

	(void)id;
	if (p->kind != PATH_RECORD || vault_can_read(t->v, p->dossier) != t->readable)
		return 0;
	if (t->n++ == t->want)
		t->path = xstrdup(path);
	return 0;
}

/* A record's path, malloc'd; NULL when there is none of the kind. */
static char *
target(struct vault *v, bool readable, uint32_t n)
{
	struct target t = {.v = v, .readable = readable, .want = SIZE_MAX};
	struct err e = {0};

	if (vault_each_record(v, vault_tree(v), target_one, &t, &e) || !t.n)
		return NULL;
	t.want = n % t.n;
	t.n = 0;
	vault_each_record(v, vault_tree(v), target_one, &t, &e);
	return t.path;
}

/* False when there is nothing to do harm to. */
static bool
harm(struct world *w, size_t m, struct txn *t, const struct op *op)
{
	struct vault *v = w->m[m].s.v;
	const struct member *me = NULL;
	struct member more;
	struct err e = {0};
	bool admin = vault_me(v, &me, NULL, &e) == 0 && me->roles & ROLE_ADMIN;
	uint32_t what = op->b % (admin ? 2 : 4);
	char *path = what < 2 ? target(v, what == 0, op->c) : NULL, *text;
	struct buf box = {0};
	bool done = true;

	switch (what) {
	case 0:
		if (path)
			txn_remove(t, path);
		break;
	case 1:
		if (path && age_encrypt(&box, (const uint8_t(*)[32])&w->m[m].identity->age_pk, 1, "x\n", 2, &e) == 0)
			txn_put(t, path, box.p, box.n);
		break;
	case 2:
		text = schema_text(op->c % TYPES, 2);
		path = xasprintf("schema/%s.yaml", type_name[op->c % TYPES]);
		txn_put(t, path, text, strlen(text));
		free(text);
		break;
	default:
		if (!me)
			break;
		path = xasprintf("members/%s.yaml", me->handle);
		more = *me;
		more.roles |= ROLE_ADMIN;
		done = txn_put_member(t, &more, &e) == 0;
	}
	done &= path != NULL;
	world_tell(w, "  %s %s\n", done ? "harms" : "finds nothing to harm", path ? path : "");
	buf_free(&box);
	free(path);
	return done;
}

void
op_rogue(struct world *w, size_t m, const struct op *op)
{
	const struct sync_options opt = {0};
	struct machine *x = &w->m[m];
	struct sync_result r = {0};
	struct err e = {0};
	struct txn *t = NULL;
	struct oid id;
	bool done;

	if (world_enter(w, m, &e)) {
		op_settle(w, m, ERR_DAMAGED, &e, "open");
		return;
	}
	mem_unjudged = true;
	done = txn_begin(&t, x->s.v, &e) == 0 && harm(w, m, t, op) && txn_commit(t, &id, "set", &e) == 0;
	txn_free(t);
	mem_unjudged = false;
	if (done) {
		x->out = x->rogue = true;
		for (int p = 0; p < PLACES; p++) {
			err_clear(&e);
			sync_run(&r, x->s.v, place_name[p], place_path[p], &opt, &e);
			world_tell(w, "  offers it to %s: pushed %zu, %s\n", place_name[p], r.pushed,
			    e.n ? e.item[0].text : "");
			sync_result_free(&r);
		}
	}
	world_leave(w, m);
	world_reboot(w, m);
}
