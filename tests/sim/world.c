#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/id.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "index/names.h"
#include "sim/mem.h"
#include "sync/sync.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

const char *world_root = "";
char place_path[PLACES][PATH_LEN];
const char *const place_name[PLACES] = {"hub", "stick"};

struct tally tally;

enum { START = 1772442840 /* 2026-03-02T09:14:00Z */, LAST = 6 };

static const struct {
	const char *handle, *device, *roles, *teams[3];
} cast[MACHINES] = {
	{"anna", "pc", "admin,staff", {"apiary", NULL}},
	{"bo", "pc", "staff", {"unit", NULL}},
	{"cia", "pc", "supervisor,staff", {"unit", "apiary", NULL}},
	{"dan", "pc", "admin,supervisor", {NULL}},
	{"eva", "pc", "staff", {"apiary", NULL}},
	{"fia", "pc", "auditor", {"logg", NULL}},
	{"bo", "lap", "", {NULL}},
	{"gun", "pc", "staff", {NULL}},
};

static struct {
	struct identity *id[MACHINES], *recovery;
	size_t kept; /* objects of it */
	uint8_t fingerprint[32];
} ready;

void
world_fail(struct world *w, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	if (w->trace)
		buf_printf(&w->story, "  FAILS: %s\n", buf_str(&b));
	if (!w->failed)
		w->failed = buf_take(&b);
	buf_free(&b);
}

void
world_tell(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->trace)
		return;
	va_start(ap, fmt);
	buf_vprintf(&w->story, fmt, ap);
	va_end(ap);
}

int
world_enter(struct world *w, size_t m, struct err *e)
{
	struct machine *x = &w->m[m];
	int rc = 0;

	date_clock_set(w->now + x->off);
	if (!x->open) {
		x->s = (struct session){.store = x->path};
		x->s.id = x->identity;
		rc = vault_open(&x->s.v, x->path, x->identity, e);
		x->open = rc == 0;
	}
	if (!rc) {
		x->s.arena = arena_new();
		x->s.scratch = arena_new();
	}
	return rc;
}

void
world_leave(struct world *w, size_t m)
{
	arena_free(w->m[m].s.arena);
	arena_free(w->m[m].s.scratch);
	w->m[m].s.arena = w->m[m].s.scratch = NULL;
}

void
world_reboot(struct world *w, size_t m)
{
	struct machine *x = &w->m[m];

	if (!x->open)
		return;
	names_close(x->s.names);
	vault_close(x->s.v);
	x->s = (struct session){0};
	x->open = false;
}

void
world_saved(struct world *w, size_t m)
{
	vec_grow(&w->saved);
	w->saved.v[w->saved.n++] = (struct saved){*vault_head(w->m[m].s.v), m, w->op};
}

const char *
world_card(struct world *w, size_t m)
{
	return w->m[m].card;
}

const struct identity *
world_recovery(void)
{
	return ready.recovery;
}

void
world_fingerprint(uint8_t out[32])
{
	memcpy(out, ready.fingerprint, 32);
}

/* --- the store that schedules start from ------------------------------------------------- */

static void
must(int rc, const struct err *e, const char *what)
{
	if (!rc)
		return;
	fprintf(stderr, "cannot prepare the simulation: %s: %s\n", what, e->n ? e->item[0].text : "");
	abort();
}

static void
place_machines(struct world *w)
{
	for (int i = 0; i < PLACES; i++)
		snprintf(place_path[i], sizeof place_path[i], "%s/%s", world_root, place_name[i]);
	for (size_t i = 0; i < MACHINES; i++) {
		struct machine *x = &w->m[i];

		snprintf(x->handle, sizeof x->handle, "%s", cast[i].handle);
		snprintf(x->id, sizeof x->id, "%s.%s", cast[i].handle, cast[i].device);
		snprintf(x->path, sizeof x->path, "%s/m%zu", world_root, i);
		snprintf(x->card, sizeof x->card, "%s/%s.%s.card", world_root, cast[i].handle, cast[i].device);
		x->identity = ready.id[i];
	}
}

static void
add_device(struct device *d, const struct identity *id, int64_t now)
{
	snprintf(d->id, sizeof d->id, "%.65s", id->id);
	memcpy(d->recipient, id->age_pk, 32);
	memcpy(d->signer, id->sign_pk, 32);
	d->added = now;
}

/* As app_init, with types of our own. */
static void
found(struct world *w)
{
	static const char *basis[] = {"gdpr", "sol"};
	const char *unit = "unit", *anna[] = {"anna"};
	struct member founder = {.handle = "anna", .roles = ROLE_ADMIN | ROLE_STAFF, .ndevices = 1};
	struct member spare = {.handle = "recovery", .roles = ROLE_RECOVERY, .ndevices = 1};
	struct device mine = {0}, theirs = {0};
	struct store_info info = {.id = "s000000000", .unit = "d000000000", .name = "Bin",
		.language = "sv", .erase_signers = 2, .nbasis = 2, .basis = basis};
	struct machine *x = &w->m[0];
	struct vault *v = NULL;
	struct txn *t = NULL;
	struct buf text = {0};
	struct err e = {0};
	struct oid id;
	uint8_t raw[32];

	date_clock_set(w->now);
	must(vault_create(&v, x->path, x->identity, &e), &e, "create");
	founder.devices = &mine;
	spare.devices = &theirs;
	must(txn_begin_root(&t, v, &founder, &e), &e, "begin");
	add_device(&mine, x->identity, w->now);
	add_device(&theirs, ready.recovery, w->now);
	state_format_store(&text, &info);
	txn_put(t, "store.yaml", buf_str(&text), text.n);
	buf_free(&text);
	for (size_t i = 0; i < TYPES; i++) {
		char *path = xasprintf("schema/%s.yaml", type_name[i]), *s = schema_text(i, 0);

		txn_put(t, path, s, strlen(s));
		free(path);
		free(s);
	}
	must(txn_put_member(t, &founder, &e), &e, "founder");
	must(txn_put_member(t, &spare, &e), &e, "recovery");
	must(txn_new_epoch(t, "unit", anna, 1, &e), &e, "unit");
	must(txn_new_epoch(t, "logg", anna, 1, &e), &e, "logg");
	must(txn_new_epoch(t, "apiary", anna, 1, &e), &e, "apiary");
	must(txn_new_epoch(t, "~anna", anna, 1, &e), &e, "~anna");
	must(txn_new_dossier(t, info.unit, "", &unit, 1, &e), &e, "unit's dossier");
	must(txn_commit(t, &id, "init", &e), &e, "commit");
	must(trail_stated(vault_git(v), ready.fingerprint, raw, &id, &e), &e, "trail");
	txn_free(t);
	vault_close(v);
	mem_joined(x->path);
	x->known = x->joined = true;
}

static void
sync_at(struct world *w, size_t m, enum place p)
{
	const struct sync_options opt = {0};
	struct sync_result r = {0};
	struct err e = {0};

	must(world_enter(w, m, &e), &e, "open");
	must(sync_run(&r, w->m[m].s.v, place_name[p], place_path[p], &opt, &e), &e, "sync");
	sync_result_free(&r);
	world_leave(w, m);
}

static void
let_in(struct world *w, size_t m)
{
	struct machine *anna = &w->m[0];
	struct node *out = NULL;
	struct err e = {0};
	size_t n = 0;

	while (cast[m].teams[n])
		n++;
	w->now += 60;
	must(world_enter(w, 0, &e), &e, "open");
	must(app_member_add(&anna->s, &out, world_card(w, m), cast[m].roles,
	         (const char *const *)cast[m].teams, n, &e), &e, "member");
	world_leave(w, 0);
	w->m[m].known = true;
}

static void
join(struct world *w, size_t m)
{
	const struct sync_options opt = {0};
	struct sync_result r = {0};
	struct vault *v = NULL;
	struct err e = {0};

	date_clock_set(w->now);
	must(vault_create(&v, w->m[m].path, w->m[m].identity, &e), &e, "create");
	must(sync_join(&r, v, place_name[0], place_path[0], ready.fingerprint, &opt, &e), &e, "join");
	sync_result_free(&r);
	vault_close(v);
	mem_joined(w->m[m].path);
	w->m[m].joined = true;
}

void
world_prepare(void)
{
	struct world w = {.now = START};
	struct buf card = {0};

	mem_seed(1);
	mem_devices = true;
	for (size_t i = 0; i < MACHINES; i++)
		ready.id[i] = identity_new(cast[i].handle, cast[i].device);
	ready.recovery = identity_new("recovery", NULL);
	place_machines(&w);
	for (size_t i = 0; i < MACHINES; i++) {
		identity_card(&card, ready.id[i]);
		mem_file(w.m[i].card, buf_str(&card), card.n);
		buf_free(&card);
		mem_device(ready.id[i]);
	}
	mem_device(ready.recovery);
	for (int i = 0; i < PLACES; i++)
		disk_make(place_path[i]);
	found(&w);
	for (size_t m = 1; m < LAST; m++)
		let_in(&w, m);
	for (int i = 0; i < PLACES; i++)
		sync_at(&w, 0, (enum place)i);
	for (size_t m = 1; m < LAST; m++)
		join(&w, m);
	for (size_t m = 0; m < LAST; m++)
		world_reboot(&w, m);
	ready.kept = mem_keep();
}

void
world_done(void)
{
	for (size_t i = 0; i < MACHINES; i++)
		identity_free(ready.id[i]);
	identity_free(ready.recovery);
	mem_forget();
}

void
world_start(struct world *w, const struct plan *p)
{
	*w = (struct world){.plan = p, .n = MACHINES, .now = START + 86400};
	mem_reset(ready.kept);
	mem_fault = (struct fault){0};
	mem_before_push = NULL;
	mem_seed(p->seed);
	mem_devices = p->seed % 32 == 0;
	place_machines(w);
	for (size_t i = 0; i < LAST; i++)
		w->m[i].known = true;
	for (size_t i = 0; i < LAST; i++) {
		char keys[PATH_LEN + 16];

		w->m[i].joined = i < p->members;
		if (w->m[i].joined) {
			mem_joined(w->m[i].path);
			continue;
		}
		snprintf(keys, sizeof keys, "%s/akt/keys.git", w->m[i].path);
		disk_drop(keys);
		disk_drop(w->m[i].path);
	}
}

void
world_end(struct world *w)
{
	for (size_t i = 0; i < MACHINES; i++)
		world_reboot(w, i);
	disk_free(w->backup);
	free(w->saved.v);
	free(w->failed);
	buf_free(&w->story);
}
