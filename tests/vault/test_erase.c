/* Erasing on one machine: keys and drafts go, nothing else does, whichever call fails on the way. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/draft.h"
#include "vault/erase.h"
#include "vault/store.h"

static char gone[] = "1a2b3c4d5e", stays[] = "0a1b2c3d4e";

static int
setup(void **state)
{
	static const char *const basis[] = {"gdpr", "sol"};
	const struct store_info one = {.id = "7k3f9q2m1x", .unit = "0a1b2c3d4e", .name = "Enhet",
	    .language = "sv", .erase_signers = 1, .nbasis = 2, .basis = (const char **)basis};
	struct store *s = malloc(sizeof *s);
	struct arena *a = arena_new();
	struct buf text = {0};
	struct txn *t = NULL;
	struct err e = {0};
	struct oid id;
	bool changed;

	store_make(s);
	state_format_store(&text, &one);
	fine(txn_begin(&t, s->v, &e), &e);
	txn_put(t, "store.yaml", buf_str(&text), text.n);
	fine(txn_new_dossier(t, gone, "", NULL, 0, &e), &e);
	fine(txn_put_record(t, store_record(a, "item-abc", gone, txn_now(t), "secret"), a, &changed, &e), &e);
	fine(txn_put_record(t, store_record(a, "item-def", stays, txn_now(t), "kept"), a, &changed, &e), &e);
	fine(txn_commit(t, &id, "set", &e), &e);
	txn_free(t);
	fine(draft_put(s->v, "item-abc", "x", 1, &e), &e);
	fine(draft_put(s->v, "item-def", "x", 1, &e), &e);
	fine(draft_put(s->v, "new-item", "x", 1, &e), &e);
	buf_free(&text);
	arena_free(a);
	*state = s;
	return 0;
}

/* Orders, which is final at once with one signer, as app does it. */
static void
order(struct store *s, const char *dossier)
{
	struct tombstone stone = {.basis = "gdpr", .nby = 1};
	struct buf text = {0};
	struct txn *t = NULL;
	struct err e = {0};
	struct oid id;
	char path[64];

	snprintf(stone.dossier, sizeof stone.dossier, "%s", dossier);
	stone.by = calloc(1, sizeof *stone.by);
	fine(txn_begin(&t, s->v, &e), &e);
	strcpy(stone.by[0].handle, "anna");
	stone.by[0].at = txn_now(t);
	state_format_tombstone(&text, &stone);
	snprintf(path, sizeof path, "erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	txn_put(t, path, buf_str(&text), text.n);
	snprintf(path, sizeof path, "records/%c/%c/%s", dossier[0], dossier[1], dossier);
	txn_remove(t, path);
	fine(txn_commit(t, &id, "erase", &e), &e);
	txn_free(t);
	buf_free(&text);
	free(stone.by);
}

/* Key files below a dossier's folder in refs/akt/keys. */
static bool
has_keys(struct store *s, const char *dossier)
{
	struct oid commit, tree, parents[2], id;
	struct err e = {0};
	char path[32];
	unsigned mode;
	size_t n;

	fine(git_ref_get(vault_keys_git(s->v), &commit, VAULT_KEYS, &e), &e);
	fine(git_commit_links(vault_keys_git(s->v), &commit, &tree, parents, &n, &e), &e);
	snprintf(path, sizeof path, "%c/%c/%s", dossier[0], dossier[1], dossier);
	return git_tree_find(vault_keys_git(s->v), &id, &mode, &tree, path, NULL) == 0;
}

/* The ids of the dossier's key files. */
static size_t
key_blobs(struct store *s, const char *dossier, struct oid out[4])
{
	const struct dossier *d;
	struct err e = {0};
	size_t n = 0;

	fine(state_dossier(vault_state(s->v), &d, dossier, &e), &e);
	for (size_t i = 0; i < d->nkeys && n < 4; i++) {
		struct oid commit, tree, parents[2];
		unsigned mode;
		size_t np;
		char hex[65], path[128];

		for (int k = 0; k < 32; k++)
			snprintf(hex + 2 * k, 3, "%02x", d->keys[i].file[k]);
		snprintf(path, sizeof path, "%c/%c/%s/%s.age", dossier[0], dossier[1], dossier, hex);
		fine(git_ref_get(vault_keys_git(s->v), &commit, VAULT_KEYS, &e), &e);
		fine(git_commit_links(vault_keys_git(s->v), &commit, &tree, parents, &np, &e), &e);
		fine(git_tree_find(vault_keys_git(s->v), &out[n++], &mode, &tree, path, &e), &e);
	}
	return n;
}

static bool
has_draft(struct store *s, const char *name)
{
	struct buf b = {0};
	bool has = draft_get(s->v, &b, name, NULL) == 0;

	buf_free(&b);
	return has;
}

static void
all_is_gone(struct store *s, const struct oid *blobs, size_t n)
{
	char *old = vault_local(s->v, "keys.old");

	assert_false(has_keys(s, gone));
	assert_true(has_keys(s, stays));
	for (size_t i = 0; i < n; i++)
		assert_false(git_has(vault_keys_git(s->v), &blobs[i]));
	assert_false(has_draft(s, "item-abc"));
	assert_true(has_draft(s, "item-def"));
	assert_true(has_draft(s, "new-item"));
	assert_false(os_exists(old));
	assert_true(vault_can_read(s->v, stays));
	free(old);
}

static void
keys_and_drafts_go(void **state)
{
	struct store *s = *state;
	struct oid blobs[4];
	size_t n = key_blobs(s, gone, blobs), count = 9;
	struct err e = {0};

	assert_int_equal(n, 1);
	fine(erase_forget(s->v, &count, &e), &e);
	assert_int_equal(count, 0);
	assert_true(has_keys(s, gone));
	assert_false(erase_done(vault_state(s->v), gone));
	order(s, gone);
	assert_true(erase_done(vault_state(s->v), gone));
	assert_true(has_keys(s, gone));
	fine(erase_forget(s->v, &count, &e), &e);
	assert_int_equal(count, 1);
	all_is_gone(s, blobs, n);
	fine(erase_forget(s->v, &count, &e), &e);
	assert_int_equal(count, 0);
	store_reopen(s);
	all_is_gone(s, blobs, n);
}

/* Whatever fails, the program may die there: the next one finds a store that works, and finishes. */
static void
under_failing_calls(void **state)
{
	struct store *s = *state;
	struct oid blobs[4];
	size_t n = key_blobs(s, gone, blobs), count;
	struct err e = {0};
	long calls;
	int rc = 1;

	order(s, gone);
	for (calls = 1; rc && calls < 400; calls++) {
		err_clear(&e);
		os_fault_at(calls, EIO);
		rc = erase_forget(s->v, &count, &e);
		os_fault_at(0, 0);
		store_reopen(s);
		assert_true(vault_can_read(s->v, stays));
	}
	fine(rc, &e);
	assert_true(calls > 20);
	all_is_gone(s, blobs, n);
}

/* A fetch of keys that was cut short may have left some that no ref shows. */
static void
a_doubt_is_cleared_up(void **state)
{
	struct store *s = *state;
	struct git_batch *b;
	struct oid stray;
	struct err e = {0};
	bool doubted;
	size_t count;

	order(s, gone);
	/* not forgotten yet: the next fetch must not end it */
	fine(erase_doubt(s->v, &doubted, &e), &e);
	assert_true(doubted);
	fine(erase_forget(s->v, &count, &e), &e);
	fine(erase_doubt(s->v, &doubted, &e), &e);
	assert_false(doubted);
	b = git_batch_new(vault_keys_git(s->v));
	git_batch_add(b, &stray, GIT_BLOB, "an erased key", 13);
	fine(git_batch_write(b, &e), &e);
	git_batch_free(b);
	fine(erase_forget(s->v, &count, &e), &e);
	assert_false(git_has(vault_keys_git(s->v), &stray));
	fine(erase_doubt(s->v, &doubted, &e), &e);
	assert_false(doubted);
	fine(erase_doubt(s->v, &doubted, &e), &e);
	assert_true(doubted);
	erase_doubt_over(s->v);
	b = git_batch_new(vault_keys_git(s->v));
	git_batch_add(b, &stray, GIT_BLOB, "another", 7);
	fine(git_batch_write(b, &e), &e);
	git_batch_free(b);
	fine(erase_forget(s->v, &count, &e), &e);
	assert_true(git_has(vault_keys_git(s->v), &stray));
}

static void
what_policy_refuses(void **state)
{
	struct store *s = *state;
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct err e = {0};
	struct oid id;
	bool changed;

	order(s, gone);
	/* an erased dossier does not open again under its id */
	fine(txn_begin(&t, s->v, &e), &e);
	fine(txn_new_dossier(t, gone, "", NULL, 0, &e), &e);
	fine(txn_put_record(t, store_record(a, "item-new", gone, txn_now(t), "again"), a, &changed, &e), &e);
	assert_int_equal(txn_commit(t, &id, "new", &e), ERR_ACCESS);
	assert_string_equal(e.item[0].text,
	    "nothing more is written in a dossier whose erasure has been ordered (erase: An erasure was not "
	    "ordered, confirmed or carried out as the rules say.)");
	txn_free(t);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_and_drafts_go, setup, store_teardown),
		cmocka_unit_test_setup_teardown(under_failing_calls, setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_doubt_is_cleared_up, setup, store_teardown),
		cmocka_unit_test_setup_teardown(what_policy_refuses, setup, store_teardown),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
