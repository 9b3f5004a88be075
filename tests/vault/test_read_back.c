/* What was written is read back and compared before main moves: whatever comes out of sealing or of the writer of YAML other than
 * it went in is refused, and the store stands as it was. Linked with --wrap=age_encrypt and --wrap=yaml_emit (Makefile). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypt/age.h"
#include "git/repo.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/store.h"

static const char refused[] = "what was written could not be read back; nothing has been changed";

/* The nth sealing from now on spoils a byte of what it seals; 0: none does. */
static int spoil, sealings;
static bool garble;

int __real_age_encrypt(struct buf *out, const uint8_t (*pk)[32], size_t npk, const void *p, size_t n, struct err *e);
int __wrap_age_encrypt(struct buf *out, const uint8_t (*pk)[32], size_t npk, const void *p, size_t n, struct err *e);
int
__wrap_age_encrypt(struct buf *out, const uint8_t (*pk)[32], size_t npk, const void *p, size_t n, struct err *e)
{
	struct buf other = {0};
	int rc;

	buf_add(&other, p, n);
	if (++sealings == spoil)
		other.p[n / 2] ^= 1;
	rc = __real_age_encrypt(out, pk, npk, other.p, other.n, e);
	buf_free(&other);
	return rc;
}

void __real_yaml_emit(struct buf *out, const struct node *n);
void __wrap_yaml_emit(struct buf *out, const struct node *n);
void
__wrap_yaml_emit(struct buf *out, const struct node *n)
{
	char *hit;

	__real_yaml_emit(out, n);
	hit = garble ? strstr(buf_str(out), "hej") : NULL;
	if (hit)
		hit[1] = 'a';
}

/* A new dossier, a record in it, and a new epoch of its team: all that a change seals. */
static int
change(struct store *s, const char *dossier, bool renew, struct err *e)
{
	const char *members[] = {"anna"}, *team = "unit";
	struct arena *a = arena_new();
	struct txn *t = NULL;
	struct oid commit;
	bool changed;
	int rc = txn_begin(&t, s->v, e);

	if (!rc && renew)
		rc = txn_new_epoch(t, "unit", members, 1, e);
	if (!rc)
		rc = txn_new_dossier(t, dossier, "", &team, 1, e);
	if (!rc)
		rc = txn_put_record(t, store_record(a, "item-aaaaaaaa", dossier, txn_now(t), "hej"), a, &changed, e);
	if (!rc)
		rc = txn_commit(t, &commit, "new", e);
	txn_free(t);
	arena_free(a);
	return rc;
}

static void
each_sealing(struct store *s, bool renew)
{
	struct err e = {0};
	struct oid head = *vault_head(s->v), now;
	int n;

	for (n = 1;; n++) {
		int rc;

		spoil = n;
		sealings = 0;
		rc = change(s, "zzzzzzzzz1", renew, &e);
		spoil = 0;
		if (sealings < n) {
			fine(rc, &e);
			break;
		}
		if (rc != ERR_DAMAGED)
			print_error("sealing %d of %d spoilt: %d\n", n, sealings, rc);
		assert_int_equal(rc, ERR_DAMAGED);
		assert_string_equal(e.item[0].text, refused);
		err_clear(&e);
		fine(git_ref_get(vault_git(s->v), &now, VAULT_MAIN, &e), &e);
		assert_true(oid_equal(&now, &head));
		store_reopen(s);
	}
	assert_int_equal(n, renew ? 4 : 3);
}

static void
a_record_and_its_key(void **state)
{
	each_sealing(*state, false);
}

static void
a_teams_key(void **state)
{
	each_sealing(*state, true);
}

static void
a_text(void **state)
{
	struct store *s = *state;
	struct err e = {0};
	struct oid head = *vault_head(s->v), now;

	garble = true;
	assert_int_equal(change(s, "zzzzzzzzz1", false, &e), ERR_INVALID);
	garble = false;
	assert_string_equal(e.item[0].text, "would not read the same once it is written; nothing has been changed");
	assert_string_equal(e.item[0].file, "item-aaaaaaaa.yaml");
	err_clear(&e);
	fine(git_ref_get(vault_git(s->v), &now, VAULT_MAIN, &e), &e);
	assert_true(oid_equal(&now, &head));
	fine(change(s, "zzzzzzzzz1", false, &e), &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_record_and_its_key, store_setup, store_teardown),
	    cmocka_unit_test_setup_teardown(a_teams_key, store_setup, store_teardown),
	    cmocka_unit_test_setup_teardown(a_text, store_setup, store_teardown),
	};

	return cmocka_run_group_tests_name("read back", tests, NULL, NULL);
}
