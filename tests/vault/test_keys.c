/* Keys that are not what they are called: a key file with other bytes than its name says, one that holds another dossier's key, a
 * list that names an identity nobody has a key for. Nothing opens, nothing is taken for it, and it is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/keystore.h"
#include "vault/store.h"
#include "vault/vault_private.h"

static const char one[] = "zzzzzzzzz1", two[] = "zzzzzzzzz2";

/* A dossier with a record. */
static void
make(struct store *s, const char *dossier)
{
	const char *team = "unit";
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct err e = {0};
	struct oid commit;
	bool changed;

	fine(txn_begin(&t, s->v, &e), &e);
	fine(txn_new_dossier(t, dossier, "", &team, 1, &e), &e);
	fine(txn_put_record(t, store_record(a, "item-aaaaaaaa", dossier, txn_now(t), "hej"), a, &changed, &e), &e);
	fine(txn_commit(t, &commit, "new", &e), &e);
	txn_free(t);
	arena_free(a);
}

static int
open_record(struct store *s, const char *dossier, struct err *e)
{
	char *path = xasprintf("records/z/z/%s/item-aaaaaaaa.yaml.age", dossier);
	struct arena *a = arena_new();
	struct node *rec = NULL;
	struct oid blob;
	unsigned mode;
	int rc;

	store_reopen(s);
	fine(git_tree_find(vault_git(s->v), &blob, &mode, vault_tree(s->v), path, e), e);
	rc = vault_open_record(s->v, &rec, a, path, &blob, e);
	if (!rc)
		assert_string_equal(node_get_str(node_get(rec, "data"), "text"), "hej");
	arena_free(a);
	free(path);
	return rc;
}

/* What dossier.yaml says of its one key. */
static void
key_of(struct store *s, struct dossier_key *out, const char *dossier)
{
	const struct dossier *d = NULL;
	struct err e = {0};

	fine(state_dossier(vault_state(s->v), &d, dossier, &e), &e);
	assert_int_equal(d->nkeys, 1);
	*out = d->keys[0];
}

/* refs/akt/keys with these bytes in place of a key file's; NULL: without it. */
static void
put_keyfile(struct store *s, const char *path, const void *p, size_t n)
{
	struct git *g = vault_keys_git(s->v);
	struct git_batch *b = git_batch_new(g);
	struct oid now, tree, parents[2], blob, commit;
	struct git_update u = {path, p ? &blob : NULL};
	struct err e = {0};
	size_t count;

	fine(git_ref_get(g, &now, VAULT_KEYS, &e), &e);
	fine(git_commit_links(g, &now, &tree, parents, &count, &e), &e);
	if (p)
		git_batch_add(b, &blob, GIT_BLOB, p, n);
	fine(git_tree_update(b, &tree, &tree, &u, 1, &e), &e);
	keystore_commit(b, &commit, &tree);
	fine(git_batch_write(b, &e), &e);
	fine(git_ref_set(g, VAULT_KEYS, &commit, &now, &e), &e);
	git_batch_free(b);
}

static void
read_keyfile(struct store *s, struct buf *out, const char *path)
{
	struct git *g = vault_keys_git(s->v);
	struct oid now, tree, parents[2], blob;
	struct err e = {0};
	unsigned mode;
	size_t n;

	fine(git_ref_get(g, &now, VAULT_KEYS, &e), &e);
	fine(git_commit_links(g, &now, &tree, parents, &n, &e), &e);
	fine(git_tree_find(g, &blob, &mode, &tree, path, &e), &e);
	fine(git_read(g, out, NULL, &blob, &e), &e);
}

/* Another dossier's key file under this one's name: its hash tells. */
static void
other_bytes(void **state)
{
	struct store *s = *state;
	struct dossier_key mine, others;
	struct buf right = {0}, wrong = {0}, out = {0};
	struct err e = {0};
	char *path, *from;

	make(s, one);
	make(s, two);
	key_of(s, &mine, one);
	key_of(s, &others, two);
	path = vault_keyfile_path(one, mine.file);
	from = vault_keyfile_path(two, others.file);
	read_keyfile(s, &right, path);
	read_keyfile(s, &wrong, from);
	put_keyfile(s, path, wrong.p, wrong.n);
	buf_puts(&out, "before");
	assert_int_equal(vault_read_keyfile(s->v, &out, one, mine.file, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "a key file does not have the content it is named by");
	assert_string_equal(buf_str(&out), "before"); /* and nothing behind it */
	err_clear(&e);
	assert_int_equal(open_record(s, one, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text,
	    "a key of dossier zzzzzzzzz1 cannot be opened though it is meant for us; akt doctor puts it back");
	err_clear(&e);
	fine(open_record(s, two, &e), &e);
	/* gone altogether, and back */
	put_keyfile(s, path, NULL, 0);
	assert_int_not_equal(open_record(s, one, &e), 0);
	err_clear(&e);
	put_keyfile(s, path, right.p, right.n);
	fine(open_record(s, one, &e), &e);
	buf_free(&right);
	buf_free(&wrong);
	buf_free(&out);
	free(path);
	free(from);
}

/* A list that says of a key file that another identity is in it: who wrote that could have everything sealed to a key of their
 * own. */
static void
another_key(void **state)
{
	struct store *s = *state;
	char path[64], want[65], is[65], *hit;
	const struct dossier *d = NULL;
	const struct state *at;
	const char *team = "unit";
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct buf text = {0};
	struct err e = {0};
	struct oid commit;
	uint8_t other[32];
	bool changed;

	/* only at its making: policy lets nobody call a key otherwise later */
	fine(txn_begin(&t, s->v, &e), &e);
	fine(txn_new_dossier(t, one, "", &team, 1, &e), &e);
	fine(txn_put_record(t, store_record(a, "item-aaaaaaaa", one, txn_now(t), "hej"), a, &changed, &e), &e);
	fine(txn_state(t, &at, &e), &e);
	fine(state_dossier(at, &d, one, &e), &e);
	hash_sha256(other, "somebody's", 10);
	hash_hex(is, d->keys[0].id, 32);
	hash_hex(want, other, 32);
	snprintf(path, sizeof path, "records/z/z/%s/dossier.yaml", one);
	fine(txn_read(t, &text, path, &e), &e);
	hit = strstr(buf_str(&text), is);
	assert_non_null(hit);
	memcpy(hit, want, 64);
	txn_put(t, path, text.p, text.n);
	fine(txn_commit(t, &commit, "new", &e), &e);
	txn_free(t);
	assert_int_equal(open_record(s, one, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "dossier zzzzzzzzz1: a key file holds another key");
	err_clear(&e);
	/* nothing is written there either */
	fine(txn_begin(&t, s->v, &e), &e);
	assert_int_equal(txn_put_record(t, store_record(a, "item-bbbbbbbb", one, txn_now(t), "hej"), a, &changed, &e), ERR_DAMAGED);
	txn_free(t);
	arena_free(a);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(other_bytes, store_setup, store_teardown),
	    cmocka_unit_test_setup_teardown(another_key, store_setup, store_teardown),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
