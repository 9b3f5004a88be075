/* One change of the store: sealed, judged, read back, durable; refused and half-done ones leave nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "trail/verify.h"
#include "tree/node.h"
#include "vault/draft.h"
#include "vault/store.h"

static int
save(struct store *s, const char *id, const char *dossier, const char *text, bool *changed,
    struct err *e)
{
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct oid commit;
	int rc = txn_begin(&t, s->v, e);

	if (!rc)
		rc = txn_put_record(t, store_record(a, id, dossier, txn_now(t), text), a, changed, e);
	if (!rc)
		rc = txn_commit(t, &commit, "set", e);
	txn_free(t);
	arena_free(a);
	return rc;
}

static void
text_is(struct store *s, const char *path, const char *want)
{
	struct arena *a = arena_new();
	struct node *rec = NULL;
	struct err e = {0};
	struct oid blob;
	unsigned mode;

	assert_int_equal(git_tree_find(vault_git(s->v), &blob, &mode, vault_tree(s->v), path, &e), 0);
	assert_int_equal(vault_open_record(s->v, &rec, a, path, &blob, &e), 0);
	assert_string_equal(node_get_str(node_get(rec, "data"), "text"), want);
	arena_free(a);
}

static void
a_record_goes_in_and_comes_out(void **state)
{
	struct store *s = *state;
	struct err e = {0};
	bool changed = false;
	struct oid head;

	/* the two are made in one second, however slow the machine */
	date_clock_set(date_now());
	assert_int_equal(save(s, "item-aaaaaaaa", "0a1b2c3d4e", "hej", &changed, &e), 0);
	assert_true(changed);
	store_reopen(s);
	text_is(s, "records/0/a/0a1b2c3d4e/item-aaaaaaaa.yaml.age", "hej");
	/* equal content makes no commit and keeps the ciphertext */
	head = *vault_head(s->v);
	assert_int_equal(save(s, "item-aaaaaaaa", "0a1b2c3d4e", "hej", &changed, &e), 0);
	date_clock_set(-1);
	assert_false(changed);
	assert_true(oid_equal(&head, vault_head(s->v)));
}

static void
a_part_of_two_records_is_one_commit(void **state)
{
	struct store *s = *state;
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct err e = {0};
	struct oid before = *vault_head(s->v), commit, tree, parents[2];
	const char *team = "unit";
	bool changed;
	size_t n;

	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_new_dossier(t, "zzzzzzzzz1", "B", &team, 1, &e), 0);
	assert_int_equal(txn_new_dossier(t, "zzzzzzzzz1", "B", &team, 1, &e), ERR_EXISTS);
	err_clear(&e);
	for (int i = 0; i < 2; i++) {
		char id[32];

		snprintf(id, sizeof id, "item-bbbbbbb%d", i);
		assert_int_equal(txn_put_record(t, store_record(a, id, "zzzzzzzzz1", txn_now(t), "x"), a,
		                     &changed, &e), 0);
	}
	assert_int_equal(txn_commit(t, &commit, "new", &e), 0);
	txn_free(t);
	assert_int_equal(git_commit_links(vault_git(s->v), &commit, &tree, parents, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_true(oid_equal(&parents[0], &before));
	text_is(s, "records/z/z/zzzzzzzzz1/item-bbbbbbb1.yaml.age", "x");
	arena_free(a);
}

static void
what_policy_refuses_moves_nothing(void **state)
{
	struct store *s = *state;
	struct txn *t = NULL;
	struct err e = {0};
	struct oid before = *vault_head(s->v), commit;

	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	txn_put(t, "records/9/9/9999999999/item-aaaaaaaa.yaml.age", "x", 1);
	assert_int_equal(txn_commit(t, &commit, "set", &e), ERR_ACCESS);
	assert_string_equal(e.item[0].path, "records/9/9/9999999999/item-aaaaaaaa.yaml.age");
	assert_non_null(strstr(e.item[0].text, "the dossier has no dossier.yaml"));
	txn_free(t);
	store_reopen(s);
	assert_true(oid_equal(&before, vault_head(s->v)));
}

static void
a_record_out_of_place_is_refused(void **state)
{
	struct store *s = *state;
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct err e = {0};
	struct node *rec;
	bool changed;

	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	rec = store_record(a, "item-cccccccc", "0a1b2c3d4e", txn_now(t), "x");
	node_set(a, rec, "extra", node_str(a, "x"));
	assert_int_equal(txn_put_record(t, rec, a, &changed, &e), ERR_INVALID);
	assert_string_equal(e.item[0].text, "is no part of a record's envelope");
	err_clear(&e);
	rec = store_record(a, "item-cccccccc", "9999999999", txn_now(t), "x");
	assert_int_equal(txn_put_record(t, rec, a, &changed, &e), ERR_NOTFOUND);
	txn_free(t);
	arena_free(a);
}

static void
the_last_reader_stays(void **state)
{
	struct store *s = *state;
	struct txn *t = NULL;
	struct err e = {0};

	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_revoke(t, "0a1b2c3d4e", "unit", &e), ERR_USAGE);
	assert_string_equal(e.item[0].text, "unit is the last reader of dossier 0a1b2c3d4e and stays");
	err_clear(&e);
	assert_int_equal(txn_revoke(t, "0a1b2c3d4e", "logg", &e), ERR_NOTFOUND);
	txn_free(t);
}

static void
a_grant_wraps_and_a_revocation_renews(void **state)
{
	struct store *s = *state;
	struct dossier *d = NULL;
	struct txn *t = NULL;
	struct err e = {0};
	struct oid commit;
	bool changed;

	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_grant(t, "0a1b2c3d4e", "logg", 0, &e), 0);
	assert_int_equal(txn_dossier(t, &d, "0a1b2c3d4e", &e), 0);
	/* the same identity in one file more */
	assert_int_equal(d->naccess, 2);
	assert_int_equal(d->nkeys, 2);
	assert_memory_equal(d->keys[0].id, d->keys[1].id, 32);
	dossier_free(d);
	assert_int_equal(txn_commit(t, &commit, "access", &e), 0);
	txn_free(t);
	/* nothing is renewed while it is current, and nothing at the revocation itself */
	assert_int_equal(save(s, "item-dddddddd", "0a1b2c3d4e", "1", &changed, &e), 0);
	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_revoke(t, "0a1b2c3d4e", "logg", &e), 0);
	assert_int_equal(txn_dossier(t, &d, "0a1b2c3d4e", &e), 0);
	assert_int_equal(d->nkeys, 2);
	dossier_free(d);
	assert_int_equal(txn_commit(t, &commit, "access", &e), 0);
	txn_free(t);
	/* the next writer makes a new identity, for those who are left alone */
	assert_int_equal(save(s, "item-dddddddd", "0a1b2c3d4e", "2", &changed, &e), 0);
	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_dossier(t, &d, "0a1b2c3d4e", &e), 0);
	assert_int_equal(d->nkeys, 3);
	dossier_free(d);
	txn_free(t);
	store_reopen(s);
	text_is(s, "records/0/a/0a1b2c3d4e/item-dddddddd.yaml.age", "2");
}

static int
change(struct store *s, int (*how)(struct txn *t, struct err *e), struct err *e)
{
	struct txn *t = NULL;
	struct oid commit;
	int rc = txn_begin(&t, s->v, e);

	if (!rc)
		rc = how(t, e);
	if (!rc)
		rc = txn_commit(t, &commit, "access", e);
	txn_free(t);
	return rc;
}

static int
grant_for_a_minute(struct txn *t, struct err *e)
{
	return txn_grant(t, "0a1b2c3d4e", "logg", txn_now(t) + 60, e);
}

static int
grant_again(struct txn *t, struct err *e)
{
	return txn_grant(t, "0a1b2c3d4e", "logg", 0, e);
}

static int
end_the_first(struct txn *t, struct err *e)
{
	return txn_grant(t, "0a1b2c3d4e", "unit", txn_now(t) + 60, e);
}

static int
revoke_the_first(struct txn *t, struct err *e)
{
	return txn_revoke(t, "0a1b2c3d4e", "unit", e);
}

/* What was written after a grant ended is not sealed to the team: renewing must not leave that out. */
static void
a_grant_that_ended_is_renewed_whole(void **state)
{
	struct store *s = *state;
	struct dossier *d = NULL;
	struct txn *t = NULL;
	struct err e = {0};
	bool changed;

	assert_int_equal(change(s, grant_for_a_minute, &e), 0);
	date_clock_set(date_now() + 120);
	assert_int_equal(save(s, "item-dddddddd", "0a1b2c3d4e", "late", &changed, &e), 0);
	assert_int_equal(change(s, grant_again, &e), 0);
	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_dossier(t, &d, "0a1b2c3d4e", &e), 0);
	for (size_t i = 0; i < d->nkeys; i++) {
		bool found = false;

		for (size_t k = 0; k < d->nkeys; k++)
			found |= memcmp(d->keys[i].id, d->keys[k].id, 32) == 0 &&
			    strcmp(d->keys[k].to[0].team, "logg") == 0;
		assert_true(found);
	}
	assert_int_equal(d->nuntil, 0);
	assert_int_equal(d->nkeys, 4);
	dossier_free(d);
	txn_free(t);
	/* once more adds nothing */
	assert_int_equal(change(s, grant_again, &e), 0);
	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	assert_int_equal(txn_dossier(t, &d, "0a1b2c3d4e", &e), 0);
	assert_int_equal(d->nkeys, 4);
	dossier_free(d);
	txn_free(t);
	date_clock_set(-1);
}

/* A day on which nobody may read or write any more must not be named either. */
static void
somebody_reads_without_an_end(void **state)
{
	struct store *s = *state;
	struct err e = {0};

	assert_int_equal(change(s, end_the_first, &e), ERR_USAGE);
	err_clear(&e);
	assert_int_equal(change(s, grant_for_a_minute, &e), 0);
	assert_int_equal(change(s, revoke_the_first, &e), ERR_USAGE);
	err_clear(&e);
	assert_int_equal(change(s, grant_again, &e), 0);
	assert_int_equal(change(s, end_the_first, &e), 0);
}

static void
a_file_that_fails_leaves_the_old_state(void **state)
{
	struct store *s = *state;
	struct err e = {0};
	struct trail_report r = {0};
	struct trail_options opt = {0};
	bool changed;

	assert_int_equal(save(s, "item-eeeeeeee", "0a1b2c3d4e", "first", &changed, &e), 0);
	for (long i = 1; i < 40; i++) {
		char text[32];
		int rc;

		snprintf(text, sizeof text, "n%ld", i);
		err_clear(&e);
		os_fault_at(i, ENOSPC);
		rc = save(s, "item-eeeeeeee", "0a1b2c3d4e", text, &changed, &e);
		os_fault_at(0, 0);
		store_reopen(s);
		if (rc == 0)
			text_is(s, "records/0/a/0a1b2c3d4e/item-eeeeeeee.yaml.age", text);
		else
			assert_true(e.n > 0 && e.item[0].text[0]);
	}
	assert_int_equal(trail_verify(&r, vault_git(s->v), vault_head(s->v), &opt, &e), 0);
	assert_int_equal(r.nfailures, 0);
	trail_report_free(&r);
}

static void
drafts_are_sealed(void **state)
{
	struct store *s = *state;
	struct buf b = {0};
	struct err e = {0};
	char *path = xasprintf("%s/akt/drafts/item-x.age", s->path);

	assert_int_equal(draft_get(s->v, &b, "item-x", &e), ERR_NOTFOUND);
	err_clear(&e);
	assert_int_equal(draft_put(s->v, "item-x", "hemligt utkast", 14, &e), 0);
	assert_int_equal(os_read_file(&b, path, 4096, &e), 0);
	assert_null(memmem(b.p, b.n, "hemligt", 7));
	assert_memory_equal(b.p, "age-encryption.org/v1\n", 22);
	buf_reset(&b);
	assert_int_equal(draft_get(s->v, &b, "item-x", &e), 0);
	assert_string_equal(buf_str(&b), "hemligt utkast");
	assert_int_equal(draft_drop(s->v, "item-x", &e), 0);
	assert_false(os_exists(path));
	buf_free(&b);
	free(path);
}

/* A reason with an escape in it, say: sealed it would be lost to all its readers. */
static void
what_would_not_read_back_is_not_written(void **state)
{
	struct store *s = *state;
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct node *rec;
	struct err e = {0};
	bool changed;

	assert_int_equal(txn_begin(&t, s->v, &e), 0);
	rec = store_record(a, "item-00000009", state_store(vault_state(s->v))->unit, txn_now(t), "a");
	envelope_stamp(a, rec, "anna", txn_now(t), "x\x01");
	assert_int_equal(txn_put_record(t, rec, a, &changed, &e), ERR_INVALID);
	assert_string_equal(e.item[0].path, "updated.why");
	assert_true(txn_empty(t));
	txn_free(t);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_record_goes_in_and_comes_out, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_part_of_two_records_is_one_commit, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(what_policy_refuses_moves_nothing, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_record_out_of_place_is_refused, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(the_last_reader_stays, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_grant_wraps_and_a_revocation_renews, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_grant_that_ended_is_renewed_whole, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(somebody_reads_without_an_end, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_file_that_fails_leaves_the_old_state, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(drafts_are_sealed, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(what_would_not_read_back_is_not_written, store_setup, store_teardown),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
