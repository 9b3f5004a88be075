#include "vault/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/worker.h"
#include "vault/vault_private.h"

enum {
	BATCH = 16,         /* handed over at a time: waiting costs more than opening one */
	BYTES = 256 * 1024, /* or so much; room that one larger took is given back */
	KEYS = 4,           /* of one dossier: old ones open what was written before */
};

/* The vault, its repository and its keys belong to the thread that puts: the worker has copies. */
struct job {
	char *path;
	struct storepath p;
	struct oid id;
	struct buf sealed;
	struct keyring_key *keys; /* room for KEYS, guarded */
	size_t nkeys;             /* 0: nothing to open */
	struct arena *arena;
	struct node *rec;
};

struct batch {
	size_t n, bytes;
	struct job v[BATCH];
};

/* One is filled or gone through while the worker has the other. */
struct vault_ahead {
	struct vault *v;
	vault_ahead_fn each;
	void *ctx;
	struct worker *worker; /* NULL until there is enough for one, or where none is to be had */
	bool alone;
	struct batch batch[2], *filling, *given;
	struct keyring_key *keys;
};

static void
open_one(struct job *j)
{
	struct buf plain = {0};
	struct err e = {0};
	int rc = ERR_ACCESS;

	for (size_t i = 0; rc == ERR_ACCESS && i < j->nkeys; i++)
		rc = age_decrypt_one(&plain, j->keys[i].sk, j->keys[i].pk, 0, buf_str(&j->sealed), j->sealed.n, NULL, &e);
	if (!rc && vault_parse_record(&j->rec, j->arena, &plain, &j->p, &e))
		j->rec = NULL;
	buf_free(&plain);
}

static void
open_batch(void *batch)
{
	struct batch *b = batch;

	for (size_t i = 0; i < b->n; i++)
		open_one(&b->v[i]);
}

struct vault_ahead *
vault_ahead_new(struct vault *v, vault_ahead_fn each, void *ctx)
{
	struct vault_ahead *a = xcalloc(1, sizeof *a);

	a->v = v;
	a->each = each;
	a->ctx = ctx;
	a->filling = &a->batch[0];
	a->keys = secret_alloc((size_t)2 * BATCH * KEYS * sizeof *a->keys);
	for (size_t i = 0; i < (size_t)2 * BATCH; i++)
		a->batch[i / BATCH].v[i % BATCH].keys = a->keys + i * KEYS;
	return a;
}

static int
go_through(struct vault_ahead *a, struct batch *b)
{
	int rc = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct job *j = &b->v[i];

		/* by whom the schemas are kept, not by the worker */
		if (!rc && j->rec)
			vault_texts(a->v, j->p.type, j->rec);
		if (!rc)
			rc = a->each(a->ctx, j->path, &j->p, &j->id, j->rec);
		if (j->sealed.n > BYTES / BATCH) {
			buf_free(&j->sealed);
			arena_free(j->arena);
			j->arena = NULL;
		} else if (j->arena) {
			arena_reset(j->arena);
		}
		j->rec = NULL;
		xfree(j->path);
	}
	b->n = b->bytes = 0;
	return rc;
}

/* What is being filled goes to the worker, and what it had before to who asked. */
static int
turn(struct vault_ahead *a)
{
	struct batch *done = a->given;

	if (!a->worker && !a->alone) {
		a->worker = worker_new(open_batch);
		a->alone = !a->worker;
	}
	if (a->alone) {
		open_batch(a->filling);
		return go_through(a, a->filling);
	}
	worker_wait(a->worker);
	worker_give(a->worker, a->filling);
	a->given = a->filling;
	a->filling = a->given == &a->batch[0] ? &a->batch[1] : &a->batch[0];
	return done ? go_through(a, done) : 0;
}

/* The sealed bytes and the keys for them; without, where anything is in the way. */
static void
load(struct vault_ahead *a, struct job *j)
{
	size_t n;

	j->nkeys = 0;
	if (j->p.kind != PATH_RECORD || vault_load_record(a->v, &j->sealed, j->keys, KEYS, &n, &j->p, &j->id))
		return;
	j->nkeys = n;
	if (!j->arena)
		j->arena = arena_new();
}

int
vault_ahead_put(struct vault_ahead *a, const char *path, const struct storepath *p, const struct oid *id)
{
	struct batch *b = a->filling;
	struct job *j = &b->v[b->n++];

	j->path = xstrdup(path);
	j->p = *p;
	j->id = *id;
	buf_reset(&j->sealed);
	load(a, j);
	b->bytes += j->sealed.n;
	return b->n == BATCH || b->bytes > BYTES ? turn(a) : 0;
}

int
vault_ahead_finish(struct vault_ahead *a)
{
	struct batch *last = a->filling;
	int rc = 0;

	if (a->given) {
		worker_wait(a->worker);
		rc = go_through(a, a->given);
		a->given = NULL;
	}
	if (rc)
		return rc;
	open_batch(last);
	return go_through(a, last);
}

void
vault_ahead_free(struct vault_ahead *a)
{
	if (!a)
		return;
	worker_free(a->worker);
	for (size_t i = 0; i < (size_t)2 * BATCH; i++) {
		struct job *j = &a->batch[i / BATCH].v[i % BATCH];

		free(j->path);
		buf_free(&j->sealed);
		arena_free(j->arena);
	}
	secret_free(a->keys);
	free(a);
}
