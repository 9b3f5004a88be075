/* Records opened ahead: the same as one by one, in order, whatever is among them, with a second thread or without.
 * Linked with --wrap=worker_new (Makefile). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/worker.h"
#include "tree/node.h"
#include "vault/ahead.h"
#include "vault/store.h"

enum { RECORDS = 20, LARGE = 7, STOP = 70 };

static const char dossier[] = "zzzzzzzzz1";

static bool no_thread;
static size_t workers;

struct worker *__real_worker_new(void (*work)(void *piece));
struct worker *__wrap_worker_new(void (*work)(void *piece));
struct worker *
__wrap_worker_new(void (*work)(void *piece))
{
	workers++;
	return no_thread ? NULL : __real_worker_new(work);
}

struct file {
	char *path;
	struct storepath p;
	struct oid id;
};

/* What is put, and how far it has come back. */
struct run {
	struct vault *v;
	size_t n, cap;
	struct file *file;
	size_t at, stop; /* stop: at this one */
	bool stopped;
};

static void
add(struct run *r, const char *path, const struct oid *id)
{
	struct file f = {xstrdup(path), {0}, *id};

	storepath_parse(&f.p, path);
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->file = xrealloc(r->file, r->cap, sizeof *r->file);
	}
	r->file[r->n++] = f;
}

static void
run_free(struct run *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->file[i].path);
	free(r->file);
}

static int
collect(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	(void)p;
	add(ctx, path, id);
	return 0;
}

/* RECORDS in one dossier, one of them large. */
static void
fill(struct store *s, struct run *r)
{
	const char *team = "unit";
	struct arena *a = arena_new();
	struct err e = {0};
	struct txn *t = NULL;
	struct oid commit;
	char *large = xcalloc(200001, 1);

	memset(large, 'x', 200000);
	fine(txn_begin(&t, s->v, &e), &e);
	fine(txn_new_dossier(t, dossier, "", &team, 1, &e), &e);
	for (int i = 0; i < RECORDS; i++) {
		char id[] = "item-aaaaaaaa", text[] = "text 0";
		bool changed;

		id[12] = text[5] = (char)('a' + i);
		fine(txn_put_record(t,
		         store_record(a, id, dossier, txn_now(t), i == LARGE ? large : text), a, &changed, &e),
		    &e);
	}
	fine(txn_commit(t, &commit, "new", &e), &e);
	txn_free(t);
	arena_free(a);
	free(large);
	*r = (struct run){.v = s->v, .stop = SIZE_MAX};
	fine(vault_each_record(s->v, vault_tree(s->v), collect, r, &e), &e);
	assert_int_equal(r->n, RECORDS);
}

static int
came(void *ctx, const char *path, const struct storepath *p, const struct oid *id, const struct node *rec)
{
	struct run *r = ctx;
	const struct file *f = &r->file[r->at];
	struct arena *a = arena_new();
	struct node *alone = NULL;
	struct err e = {0};

	assert_false(r->stopped);
	assert_true(r->at < r->n);
	assert_string_equal(path, f->path);
	assert_string_equal(p->record, f->p.record);
	assert_true(oid_equal(id, &f->id));
	if (p->kind == PATH_RECORD && vault_open_record(r->v, &alone, a, path, id, &e) == 0) {
		assert_non_null(rec);
		assert_true(node_equal(rec, alone));
	} else {
		assert_null(rec);
	}
	arena_free(a);
	r->stopped = r->at++ == r->stop;
	return r->stopped ? STOP : 0;
}

static int
go(struct run *r)
{
	struct vault_ahead *a = vault_ahead_new(r->v, came, r);
	int rc = 0;

	r->at = 0;
	for (size_t i = 0; !rc && i < r->n; i++)
		rc = vault_ahead_put(a, r->file[i].path, &r->file[i].p, &r->file[i].id);
	if (!rc)
		rc = vault_ahead_finish(a);
	vault_ahead_free(a);
	return rc;
}

static void
as_one_by_one(void **state)
{
	struct store *s = *state;
	struct run r;

	fill(s, &r);
	/* no worker for the first few; then batches that are full, and one that is not */
	for (size_t n = 0; n < 80; n += n < 36 ? 1 : 11) {
		struct run some = r;

		some.file = NULL;
		some.n = some.cap = 0;
		for (size_t i = 0; i < n; i++)
			add(&some, r.file[i % RECORDS].path, &r.file[i % RECORDS].id);
		assert_int_equal(go(&some), 0);
		assert_int_equal(some.at, n);
		run_free(&some);
	}
	run_free(&r);
}

static void
among_what_does_not_open(void **state)
{
	struct store *s = *state;
	struct oid none = {{1}};
	struct run r, all;

	fill(s, &r);
	all = (struct run){.v = s->v, .stop = SIZE_MAX};
	for (size_t i = 0; i < (size_t)5 * RECORDS; i++) {
		const struct file *f = &r.file[i % RECORDS], *other = &r.file[(i + 1) % RECORDS];
		char *parked = xasprintf("%s.parked-0123456789abcdef", f->path);

		add(&all, f->path, &f->id);
		if (i % 3 == 0)
			add(&all, f->path, &other->id); /* another's content */
		if (i % 4 == 0)
			add(&all, f->path, &none); /* no object */
		if (i % 5 == 0)
			add(&all, parked, &f->id);
		if (i % 7 == 0)
			add(&all, "records/y/y/yyyyyyyyy1/item-aaaaaaaa.yaml.age", &f->id); /* no dossier */
		if (i % 11 == 0)
			add(&all, f->path, vault_tree(s->v)); /* not sealed */
		free(parked);
	}
	assert_int_equal(go(&all), 0);
	assert_int_equal(all.at, all.n);
	run_free(&all);
	run_free(&r);
}

/* Nobody is asked again once somebody has said stop, and nothing is kept of what was under way. */
static void
stopped_anywhere(void **state)
{
	struct store *s = *state;
	struct run r, all;

	fill(s, &r);
	all = (struct run){.v = s->v};
	for (size_t i = 0; i < (size_t)3 * RECORDS; i++)
		add(&all, r.file[i % RECORDS].path, &r.file[i % RECORDS].id);
	for (all.stop = 0; all.stop < all.n; all.stop++) {
		all.stopped = false;
		assert_int_equal(go(&all), STOP);
		assert_int_equal(all.at, all.stop + 1);
	}
	for (size_t n = 0; n < all.n; n += 5) {
		struct vault_ahead *a = vault_ahead_new(s->v, came, &all);

		all.stopped = false;
		all.at = 0;
		all.stop = SIZE_MAX;
		for (size_t i = 0; i < n; i++)
			assert_int_equal(vault_ahead_put(a, all.file[i].path, &all.file[i].p, &all.file[i].id), 0);
		vault_ahead_free(a);
	}
	run_free(&all);
	run_free(&r);
}

/* Asked for once, and then done without. */
static void
without_a_second_thread(void **state)
{
	size_t before = workers;

	no_thread = true;
	among_what_does_not_open(state);
	no_thread = false;
	assert_int_equal(workers, before + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(as_one_by_one, store_setup, store_teardown),
	    cmocka_unit_test_setup_teardown(among_what_does_not_open, store_setup, store_teardown),
	    cmocka_unit_test_setup_teardown(stopped_anywhere, store_setup, store_teardown),
	    cmocka_unit_test_setup_teardown(without_a_second_thread, store_setup, store_teardown),
	};

	return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
