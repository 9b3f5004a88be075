/* verify and checkpoint against two people's real stores and a hub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "proof.h"
#include "tree/node.h"

static void
a_good_store(void **state)
{
	char upper[65];

	(void)state;
	proof_expect(0, "\"ok\":true,\"commits\":10,", ASK(.who = "anna", .where = "S"));
	proof_expect(0, "Of 8 record versions, 8 could be opened",
	    ASK(.who = "anna", .where = "S", .content = true));
	proof_expect(0, "\"content\":true,\"failures\":[],\"notices\":[]",
	    ASK(.who = "bo", .where = "T", .content = true));
	proof_expect(0, "Content was not looked at.", ASK(.who = "bo", .where = "T", .full = true));
	proof_expect(0, "The store is the one with the fingerprint",
	    ASK(.who = "bo", .where = "T", .fingerprint = proof_fingerprint));
	for (int i = 0; i < 65; i++)
		upper[i] = (char)(proof_fingerprint[i] >= 'a' ? proof_fingerprint[i] - 32 : proof_fingerprint[i]);
	proof_expect(0, NULL, ASK(.who = "bo", .where = "T", .fingerprint = upper));
}

static void
wrong_use(void **state)
{
	(void)state;
	proof_expect(2, "the fingerprint is 64 hex digits",
	    ASK(.who = "bo", .where = "T", .fingerprint = "abc"));
	proof_expect(2, "the checkpoint's file cannot be read",
	    ASK(.who = "bo", .where = "T", .checkpoint = "absent"));
	proof_expect(2, "there is no repository at", ASK(.who = "bo", .where = "nowhere"));
	proof_expect(4, "no identity on this device", ASK(.where = "S", .content = true));
}

static void
another_fingerprint(void **state)
{
	char wrong[65];

	(void)state;
	memcpy(wrong, proof_fingerprint, sizeof wrong);
	wrong[5] = wrong[5] == '0' ? '1' : '0';
	proof_expect(5, "\"rule\":\"fingerprint\",", ASK(.who = "bo", .where = "T", .fingerprint = wrong));
}

static void
copies_without_identity(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, "git clone -q S plain && git clone -q --bare S bare.git"), 0);
	proof_expect(0, "\"commits\":10", ASK(.where = "plain", .fingerprint = proof_fingerprint));
	proof_expect(0, "\"commits\":10", ASK(.where = "bare.git", .fingerprint = proof_fingerprint));
	proof_expect(0, "Whether newer commits were cut off cannot be seen", ASK(.where = "bare.git"));
	/* with keys, but none of the dossiers' here */
	proof_expect(0, "Of 8 record versions none could be opened: what they hold was not verified.",
	    ASK(.who = "anna", .where = "plain", .content = true));
	proof_expect(0, "\"content\":false,\"failures\":[]",
	    ASK(.who = "anna", .where = "plain", .content = true));
	proof_expect(0, "\"versions\":8,\"opened\":0}",
	    ASK(.who = "anna", .where = "plain", .content = true));
	assert_int_equal(run(NULL, "git clone -q --depth 1 file://%s/S shallow", run_folder), 0);
	proof_expect(5, "\"rule\":\"damage\"", ASK(.where = "shallow"));
	assert_int_equal(run(NULL, "git init -q empty"), 0);
	proof_expect(2, "is a git repository but no Akt store", ASK(.where = "empty"));
}

/* One bit of any object, as long as the history holds it. */
static void
damaged_objects(void **state)
{
	struct buf list = {0};
	size_t seen = 0;

	(void)state;
	assert_int_equal(run(&list, "git -C S rev-list --objects main | cut -c1-40"), 0);
	for (char *at = list.p, *end; (end = strchr(at, '\n')); at = end + 1) {
		char path[64];

		*end = '\0';
		if (seen++ % 4)
			continue;
		proof_copy("S", "X");
		snprintf(path, sizeof path, "X/objects/%.2s/%s", at, at + 2);
		assert_int_equal(run(NULL,
		    "chmod u+w %s && printf '\\001' | dd of=%s bs=1 seek=20 conv=notrunc status=none", path,
		    path), 0);
		proof_expect(5, "\"rule\":\"damage\"",
		    ASK(.who = "anna", .where = "X", .fingerprint = proof_fingerprint));
	}
	assert_true(seen > 50);
	buf_free(&list);
}

static void
a_branch_moved_back(void **state)
{
	struct oid head;
	char *text;

	(void)state;
	proof_copy("S", "X");
	proof_expect(0, NULL, ASK(.who = "anna", .where = "X"));
	head = proof_rev("X", "main");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main main~1"), 0);
	text = xasprintf("commit %s, rule dropped: this device has verified the trail up to this commit",
	    proof_short_id(&head));
	proof_expect(5, text, ASK(.who = "anna", .where = "X"));
	proof_expect(5, text, ASK(.who = "anna", .where = "X", .full = true));
	/* and nothing is claimed that is not so */
	proof_expect(5, "\"proved\":[\"Content was not looked at.\"", ASK(.who = "anna", .where = "X"));
	/* another device cannot know, but its hub's head tells */
	proof_expect(0, "the hub hub has held commits that this store does not contain",
	    ASK(.who = "bo", .where = "X"));
	free(text);
	assert_int_equal(run(NULL, "git -C X update-ref -d refs/heads/main"), 0);
	proof_expect(5, "the store has no branch main any more; akt doctor puts it back", ASK(.who = "anna", .where = "X"));
}

static int
checkpoint(struct buf *text, const char *who, const char *where, struct err *e)
{
	struct session s;
	struct node *out = NULL;
	char *store, *id;
	int rc;

	proof_open(&s, &store, &id, who, where);
	rc = app_checkpoint(&s, &out, e);
	if (!rc)
		buf_puts(text, node_get_str(out, "checkpoint"));
	proof_shut(&s, store, id);
	return rc;
}

static void
put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", run_folder, name);
	struct err e = {0};

	proof_ok(os_write_file(path, text, strlen(text), 0600, &e), &e);
	free(path);
}

static void
checkpoints(void **state)
{
	struct buf note = {0}, early = {0};
	struct err e = {0};
	char *at;

	(void)state;
	proof_copy("S", "X");
	proof_ok(checkpoint(&early, "anna", "X", &e), &e);
	put("early", buf_str(&early));
	proof_expect(0, "The trail contains the checkpoint of ", ASK(.where = "X", .checkpoint = "early"));
	proof_set("anna", "X", proof_record, "body", "more");
	proof_expect(0, "signed by anna.laptop", ASK(.where = "X", .checkpoint = "early"));
	proof_ok(checkpoint(&note, "anna", "X", &e), &e);
	put("note", buf_str(&note));
	proof_expect(0, NULL,
	    ASK(.who = "anna", .where = "X", .checkpoint = "note", .fingerprint = proof_fingerprint));
	/* cut off: the copy holds as far as it goes, the checkpoint says that there was more */
	proof_expect(5, "\"rule\":\"checkpoint\"", ASK(.where = "S", .checkpoint = "note"));
	proof_expect(5, "something was dropped or rewritten since",
	    ASK(.where = "S", .checkpoint = "note"));
	/* a count that was altered, and with it the signature */
	at = strstr(note.p, "count: 11");
	assert_non_null(at);
	at[7] = '2';
	put("note", buf_str(&note));
	proof_expect(5, "the checkpoint's signature is not good", ASK(.where = "X", .checkpoint = "note"));
	put("note", "hello");
	proof_expect(5, "this is not a checkpoint", ASK(.where = "X", .checkpoint = "note"));
	/* no witness for what does not hold, nor from those who do not belong */
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main main~1"), 0);
	assert_int_equal(checkpoint(&note, "anna", "X", &e), ERR_DAMAGED);
	assert_string_equal(e.item[1].text,
	    "no checkpoint was made: it would witness a trail that does not hold");
	err_clear(&e);
	assert_int_equal(checkpoint(&note, "eve", "S", &e), ERR_ACCESS);
	buf_free(&note);
	buf_free(&early);
}

/* Notes that are well signed and do not fit. */
static void
false_checkpoints(void **state)
{
	struct trail_report good = {0}, r;
	struct trail_options opt = {0};
	struct identity *anna = NULL, *eve = NULL;
	struct oid head = proof_rev("S", "main");
	char *path = xasprintf("%s/S", run_folder), *ids[2] = {xasprintf("%s/anna.id", run_folder),
	    xasprintf("%s/eve.id", run_folder)};
	struct git *g = NULL;
	struct buf raw = {0}, text = {0};
	struct commit c;
	struct err e = {0};
	const struct {
		const char *store, *device, *want;
		int bad; /* 1 count, 2 trail, 3 sha256, 4 signer */
	} t[] = {
		{NULL, "anna.laptop", "The trail contains the checkpoint", 0},
		{"0000000000", "anna.laptop", "the checkpoint is of another store", 0},
		{NULL, "anna.laptop", "counts another number of commits", 1},
		{NULL, "anna.laptop", "is not the one that was noted", 2},
		{NULL, "anna.laptop", "is not the one that was noted", 3},
		{NULL, "anna.laptop", "by a device that does not belong to the store", 4},
		{NULL, "bo.home", "by another device than the one it names", 0},
	};

	(void)state;
	proof_ok(identity_load(&anna, ids[0], NULL, &e), &e);
	proof_ok(identity_load(&eve, ids[1], NULL, &e), &e);
	proof_ok(git_open(&g, path, false, &e), &e);
	proof_ok(trail_verify(&good, g, &head, &opt, &e), &e);
	proof_ok(git_read(g, &raw, NULL, &head, &e), &e);
	proof_ok(commit_parse(&c, raw.p, raw.n, &e), &e);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct identity *by = t[i].bad == 4 ? eve : anna;

		r = good;
		r.commits += t[i].bad == 1;
		r.trail[0] ^= t[i].bad == 2;
		r.head_sha256[0] ^= t[i].bad == 3;
		buf_reset(&text);
		checkpoint_format(&text, t[i].store ? t[i].store : c.store_id, &r, date_now(), t[i].device,
		    by->sign_sk, by->sign_pk);
		put("note", buf_str(&text));
		proof_expect(i ? 5 : 0, t[i].want, ASK(.where = "S", .checkpoint = "note"));
	}
	trail_report_free(&good);
	identity_free(anna);
	identity_free(eve);
	git_close(g);
	buf_free(&raw);
	buf_free(&text);
	free(path);
	free(ids[0]);
	free(ids[1]);
}

/* A note of a device revoked since is good if it was made before. */
static void
a_revoked_witness(void **state)
{
	struct buf before = {0};
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	char *store, *id;

	(void)state;
	proof_copy("T", "X");
	proof_ok(checkpoint(&before, "bo", "X", &e), &e);
	put("before", buf_str(&before));
	date_clock_set(date_now() + 60);
	proof_open(&s, &store, &id, "anna", "X");
	proof_ok(app_device_revoke(&s, &out, "bo.home", &e), &e);
	proof_shut(&s, store, id);
	proof_expect(0, "signed by bo.home", ASK(.where = "X", .checkpoint = "before"));
	/* one that bo makes by hand afterwards, of the trail as it is now or as it was */
	for (int i = 0; i < 2; i++) {
		struct trail_report r = {0};
		struct trail_options opt = {0};
		struct oid head = proof_rev("X", i ? "main~1" : "main");
		char *path = xasprintf("%s/X", run_folder), *bo_path = xasprintf("%s/bo.id", run_folder);
		struct identity *bo = NULL;
		struct git *g = NULL;
		struct buf raw = {0};
		struct commit c;

		proof_ok(identity_load(&bo, bo_path, NULL, &e), &e);
		proof_ok(git_open(&g, path, false, &e), &e);
		proof_ok(trail_verify(&r, g, &head, &opt, &e), &e);
		proof_ok(git_read(g, &raw, NULL, &head, &e), &e);
		proof_ok(commit_parse(&c, raw.p, raw.n, &e), &e);
		buf_reset(&before);
		/* dated back, where the head itself gives it away; else not */
		checkpoint_format(&before, c.store_id, &r, i ? date_now() + 10 : c.time - 3600, "bo.home",
		    bo->sign_sk, bo->sign_pk);
		put("after", buf_str(&before));
		proof_expect(5, "by a device that had been revoked", ASK(.where = "X", .checkpoint = "after"));
		trail_report_free(&r);
		identity_free(bo);
		git_close(g);
		buf_free(&raw);
		free(path);
		free(bo_path);
	}
	date_clock_set(-1);
	buf_free(&before);
}

static void
the_mark(void **state)
{
	struct proof_mark m, longer;
	struct identity *anna = NULL, *eve = NULL;
	char *path = xasprintf("%s/X/akt/verified", run_folder), *ids[2] = {xasprintf("%s/anna.id", run_folder),
	    xasprintf("%s/eve.id", run_folder)}, *object;
	struct buf text = {0}, hex = {0};
	struct err e = {0};

	(void)state;
	proof_ok(identity_load(&anna, ids[0], NULL, &e), &e);
	proof_ok(identity_load(&eve, ids[1], NULL, &e), &e);
	proof_copy("S", "X");
	run(NULL, "rm -f X/akt/verified");
	assert_false(proof_mark_read(&m, path, anna));
	/* nobody without keys, and no bad trail, leaves one */
	proof_expect(0, NULL, ASK(.where = "X"));
	assert_false(os_exists(path));
	proof_expect(0, NULL, ASK(.who = "anna", .where = "X"));
	assert_true(proof_mark_read(&m, path, anna));
	assert_int_equal(m.trail.commits, 10);
	assert_false(proof_mark_read(&longer, path, eve));
	/* small histories are verified whole all the same */
	proof_set("anna", "X", proof_record, "body", "marked");
	proof_expect(0, "Commits from the first to HEAD: 11.", ASK(.who = "anna", .where = "X"));
	/* larger ones from the mark on */
	proof_mark_write(path, &m, anna);
	proof_mark_worth(5);
	proof_expect(0, "up to which this device verified the trail before: 1.",
	    ASK(.who = "anna", .where = "X"));
	assert_true(proof_mark_read(&m, path, anna));
	assert_int_equal(m.trail.commits, 11);
	proof_expect(0, "up to which this device verified the trail before: 0.",
	    ASK(.who = "anna", .where = "X"));
	proof_expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X", .full = true));
	proof_expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X", .content = true));
	proof_expect(0, "from the first to HEAD: 11",
	    ASK(.who = "anna", .where = "X", .fingerprint = proof_fingerprint));
	proof_expect(0, "from the first to HEAD: 11", ASK(.who = "bo", .where = "X"));
	/* a mark of bo's has replaced anna's */
	proof_expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X"));
	/* a lengthened one, and one signed by somebody else, count for nothing */
	proof_ok(os_read_file(&text, path, 4096, &e), &e);
	*strstr(text.p, "commits: 11") = 'K';
	proof_ok(os_write_file(path, text.p, text.n, 0600, &e), &e);
	assert_false(proof_mark_read(&m, path, anna));
	*strstr(text.p, "Kommits: 11") = 'c';
	strstr(text.p, "commits: 11")[10] = '2';
	proof_ok(os_write_file(path, text.p, text.n, 0600, &e), &e);
	assert_false(proof_mark_read(&m, path, anna));
	proof_expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X"));
	assert_true(proof_mark_read(&m, path, anna));
	proof_mark_write(path, &m, eve);
	proof_expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X"));
	/* a failure behind the mark shows the whole picture */
	assert_true(proof_mark_read(&m, path, anna));
	assert_int_equal(run(&hex, "git -C X rev-parse main"), 0);
	object = xasprintf("X/objects/%.2s/%.38s", hex.p, hex.p + 2);
	assert_int_equal(run(NULL, "chmod u+w %s && echo x > %s", object, object), 0);
	proof_expect(5, "rule damage", ASK(.who = "anna", .where = "X"));
	proof_mark_worth(2000);
	free(object);
	identity_free(anna);
	identity_free(eve);
	buf_free(&text);
	buf_free(&hex);
	free(path);
	free(ids[0]);
	free(ids[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_store),
		cmocka_unit_test(wrong_use),
		cmocka_unit_test(another_fingerprint),
		cmocka_unit_test(copies_without_identity),
		cmocka_unit_test(damaged_objects),
		cmocka_unit_test(a_branch_moved_back),
		cmocka_unit_test(checkpoints),
		cmocka_unit_test(false_checkpoints),
		cmocka_unit_test(a_revoked_witness),
		cmocka_unit_test(the_mark),
	};

	return cmocka_run_group_tests_name("proof", tests, proof_world, proof_end);
}
