/* What a device notices of the others: silence, heads that do not fit, chains that were cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/secret.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "sync/devices.h"
#include "sync/sync.h"
#include "trail/verify.h"
#include "vault/store.h"
#include "vault/witness.h"

enum { DAY = 86400, ADMITTED = 1772442840 /* 2026-03-02T09:14:00Z */ };

static struct identity *bo;
static struct vault *bos;

/* anna's store with a second member, whose device writes from the same folder. */
static int
setup(void **state)
{
	struct store *s = malloc(sizeof *s);
	struct device d = {.id = "bo.pc", .added = ADMITTED};
	struct member m = {.handle = "bo", .roles = ROLE_STAFF, .ndevices = 1, .devices = &d};
	const char *members[] = {"bo"};
	struct txn *t = NULL;
	struct err e = {0};
	struct oid id;

	date_clock_set(ADMITTED);
	store_make(s);
	bo = identity_new("bo", "pc");
	memcpy(d.recipient, bo->age_pk, 32);
	memcpy(d.signer, bo->sign_pk, 32);
	fine(txn_begin(&t, s->v, &e), &e);
	fine(txn_put_member(t, &m, &e), &e);
	fine(txn_new_epoch(t, "~bo", members, 1, &e), &e);
	fine(txn_commit(t, &id, "member", &e), &e);
	txn_free(t);
	fine(vault_open(&bos, s->path, bo, &e), &e);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	date_clock_set(-1);
	vault_close(bos);
	identity_free(bo);
	store_free(*state);
	free(*state);
	return 0;
}

static void
append(struct vault *v, const char *device, const struct oid *head, struct witness_other *other,
    struct oid *out)
{
	struct witness w = {.head = *head, .count = 1, .nothers = other != NULL, .others = other};
	char ref[80] = WITNESS_REFS;
	uint8_t sha[32];
	struct oid tip;
	struct err e = {0};
	bool had;

	strcat(ref, device);
	had = git_ref_get(vault_git(v), &tip, ref, NULL) == 0;
	trail_stated(vault_git(v), w.trail, sha, head, &e);
	err_clear(&e);
	fine(witness_add(v, out, had ? &tip : NULL, &w, NULL, &e), &e);
	fine(git_ref_set(vault_git(v), ref, out, had ? &tip : NULL, &e), &e);
}

static void
collect(void *ctx, const char *text)
{
	buf_printf(ctx, "%s\n", text);
}

static void
notices_are(struct store *s, const char *own, int64_t now, const char *want)
{
	struct buf text = {0};
	struct err e = {0};

	fine(devices_notices(vault_git(s->v), vault_state(s->v), vault_head(s->v), own, now, collect, &text,
	    &e), &e);
	assert_string_equal(buf_str(&text), want);
	buf_free(&text);
}

static void
silence(void **state)
{
	struct store *s = *state;
	struct oid id;

	notices_are(s, "anna.laptop", ADMITTED + 14 * DAY - 1, "");
	notices_are(s, "anna.laptop", ADMITTED + 14 * DAY,
	    "bo.pc, admitted on 2026-03-02, has never been heard of: it is off, or the hub withholds what it wrote\n");
	date_clock_set(ADMITTED + DAY);
	append(bos, "bo.pc", vault_head(s->v), NULL, &id);
	notices_are(s, "anna.laptop", ADMITTED + 14 * DAY, "");
	notices_are(s, "anna.laptop", ADMITTED + 15 * DAY,
	    "bo.pc has been silent since 2026-03-03: it is off, or the hub withholds what it wrote\n");
	/* nobody's own: an auditor's copy */
	notices_are(s, NULL, ADMITTED + 15 * DAY,
	    "anna.laptop, admitted on 2026-03-02, has never been heard of: it is off, or the hub withholds what it "
	    "wrote\n"
	    "bo.pc has been silent since 2026-03-03: it is off, or the hub withholds what it wrote\n");
}

static void
heads_that_do_not_fit(void **state)
{
	static const char strange[] =
	    "bo.pc has seen a history that is not the one here: the hub is frozen, or gives its devices "
	    "different histories; compare checkpoints with its owner\n";
	struct store *s = *state;
	struct oid head = *vault_head(s->v), tree, parents[2], nowhere = {{7}}, id;
	struct err e = {0};
	size_t n;

	fine(git_commit_links(vault_git(s->v), &head, &tree, parents, &n, &e), &e);
	append(bos, "bo.pc", &parents[0], NULL, &id);
	notices_are(s, "anna.laptop", ADMITTED, ""); /* behind is no harm */
	append(bos, "bo.pc", &nowhere, NULL, &id);
	notices_are(s, "anna.laptop", ADMITTED, strange);
	append(bos, "bo.pc", &head, NULL, &id);
	notices_are(s, "anna.laptop", ADMITTED, "");
	/* a commit that is here, but in no part of the trail */
	append(bos, "bo.pc", &id, NULL, &id);
	notices_are(s, "anna.laptop", ADMITTED, strange);
}

static void
chains_that_were_cut(void **state)
{
	struct store *s = *state;
	struct oid head = *vault_head(s->v), one, two, mine;
	struct witness_other saw = {.id = "bo.pc", .time = ADMITTED};
	struct err e = {0};

	append(bos, "bo.pc", &head, NULL, &one);
	append(bos, "bo.pc", &head, NULL, &two);
	saw.head = two;
	append(s->v, "anna.laptop", &head, &saw, &mine);
	notices_are(s, "bo.pc", ADMITTED, "");
	notices_are(s, NULL, ADMITTED, "");
	fine(git_ref_set(vault_git(s->v), WITNESS_REFS "bo.pc", &one, &two, &e), &e);
	notices_are(s, NULL, ADMITTED,
	    "anna.laptop has seen more of the log of bo.pc than there is here: the hub withholds part of it, or it "
	    "was cut\n");
	fine(git_ref_set(vault_git(s->v), WITNESS_REFS "bo.pc", NULL, &one, &e), &e);
	notices_are(s, NULL, ADMITTED,
	    "anna.laptop has seen more of the log of bo.pc than there is here: the hub withholds part of it, or it "
	    "was cut\n");
}

static void
what_a_hub_takes(void **state)
{
	struct store *s = *state;
	struct git *g = vault_git(s->v);
	struct oid head = *vault_head(s->v), one, two;
	struct err e = {0};

	append(bos, "bo.pc", &head, NULL, &one);
	append(bos, "bo.pc", &head, NULL, &two);
	fine(sync_receive(NULL, g, WITNESS_REFS "bo.pc", NULL, &two, &e), &e);
	fine(sync_receive(NULL, g, WITNESS_REFS "bo.pc", &one, &two, &e), &e);
	assert_int_equal(sync_receive(NULL, g, WITNESS_REFS "bo.pc", &two, &one, &e), ERR_RACE);
	err_clear(&e);
	assert_int_equal(sync_receive(NULL, g, WITNESS_REFS "anna.laptop", NULL, &two, &e), ERR_ACCESS);
	assert_string_equal(e.item[0].text, "the log of anna.laptop: only the device itself writes there");
	err_clear(&e);
	assert_int_equal(sync_receive(NULL, g, WITNESS_REFS "bo", NULL, &two, &e), ERR_ACCESS);
	assert_string_equal(e.item[0].text,
	    "refs/akt/devices/bo: there is no such device, or it has been revoked");
	err_clear(&e);
	assert_int_equal(sync_receive(NULL, g, "refs/tags/x", NULL, &head, &e), ERR_ACCESS);
	assert_string_equal(e.item[0].text,
	    "refs/tags/x: a hub takes refs/heads/main, refs/akt/keys and the devices' own refs alone");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(silence, setup, teardown),
		cmocka_unit_test_setup_teardown(heads_that_do_not_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(chains_that_were_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_hub_takes, setup, teardown),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
