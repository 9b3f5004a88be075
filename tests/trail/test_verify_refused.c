/* What the walk refuses, and in which words: headers, trails, signers, parents, objects that are lost or others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "crypt/ssh.h"
#include "trail/walked.h"
#include "trail/words.h"

static const char forged_text[] =
    "the trail value it states is not the one that its parents and files give";

/* One byte of the tip changed at every header, the signature kept. */
static void
flipped_headers(void **state)
{
	static const struct {
		const char *from, *to;
		enum policy_rule rule;
		const char *text; /* NULL: whatever the reader says */
	} rows[] = {
		{"anna <anna@", "annb <annb@", RULE_SIGNATURE, NULL},
		{"@7k3f9q2m1x", "@7k3f9q2m1y", RULE_AUTHOR, "its author names another store"},
		{" +0000\n", "0 +0000\n", RULE_SIGNATURE, NULL},
		{"akt: save", "akt: have", RULE_SIGNATURE, NULL},
		{"Akt-Trail: 1 ", "Akt-Trail: 1 0", RULE_FORMAT,
			"the trail value is not 64 lower-case hex digits"},
		{"gpgsig ", "encoding UTF-8\ngpgsig ", RULE_FORMAT,
			"the commit has an encoding header, which Akt never writes"},
		{"\n\nakt", "\ngpgsig-sha256 x\n\nakt", RULE_FORMAT, "the commit has a second kind of "
			"signature header (gpgsig-...), which git would leave out of what is signed"},
		{"\n\nakt", "\nnote x\n\nakt", RULE_FORMAT,
			"the commit has a header that Akt never writes"},
		{"gpgsig ", "gpgsik ", RULE_FORMAT, "the commit has no signature after its committer"},
		{"U1NIU0", "U1NIU1", RULE_SIGNATURE, NULL},
	};
	struct store *s = *state;
	struct buf raw = {0};
	struct commit c;
	struct oid parent;

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	parent = s->head;
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	walk_read(s, &raw, &c, &s->head);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf bad = {0};
		struct trail_report r;
		struct oid tip;
		const char *p = buf_str(&raw), *at;

		/* everywhere, so that author and committer stay equal */
		while ((at = strstr(p, rows[i].from))) {
			buf_add(&bad, p, (size_t)(at - p));
			buf_puts(&bad, rows[i].to);
			p = at + strlen(rows[i].from);
		}
		buf_puts(&bad, p);
		tip = store_raw(s, bad.p, bad.n);
		if (rows[i].text) {
			walk_one(s, &tip, &tip, rows[i].rule, NULL, rows[i].text);
		} else {
			r = walk_verified(s, &tip);
			assert_int_equal(r.nfailures, 1);
			assert_int_equal(r.failures[0].rule, rows[i].rule);
			assert_true(oid_equal(&r.failures[0].commit, &tip));
			trail_report_free(&r);
		}
		buf_free(&bad);
	}
	/* tree, parent and trail value by their bits */
	for (int k = 0; k < 3; k++) {
		struct commit bad = c;
		struct buf bare = {0}, armor = {0}, made = {0};
		struct trail_report r;
		struct oid tip;

		if (k == 0)
			walk_read(s, &made, &bad, &parent), bad.nparents = 1, bad.parent[0] = parent;
		else if (k == 1)
			bad.parent[0] = bad.parent[0], bad.nparents = 0;
		else
			bad.trail[31] ^= 1;
		buf_reset(&made);
		commit_format(&bare, &bad);
		commit_signature(&armor, raw.p, &c);
		commit_add_signature(&made, bare.p, bare.n, buf_str(&armor));
		tip = store_raw(s, made.p, made.n);
		r = walk_verified(s, &tip);
		assert_int_equal(r.nfailures, 1);
		assert_int_equal(r.failures[0].rule, RULE_SIGNATURE);
		trail_report_free(&r);
		buf_free(&bare);
		buf_free(&armor);
		buf_free(&made);
	}
	buf_free(&raw);
}

static void
forged_trails(void **state)
{
	struct store *s = *state;
	struct oid ids[4], tip;
	struct buf raw = {0};
	struct commit c[4], bad;

	for (int i = 0; i < 4; i++) {
		store_save(s, "placement-aaaaaaaa.yaml.age", (unsigned)i);
		ids[i] = s->head;
		walk_read(s, &raw, &c[i], &ids[i]);
	}
	/* a value of its own */
	bad = c[3];
	bad.trail[0] ^= 0x80;
	tip = walk_forge(s, &bad, &s->anna);
	walk_one(s, &tip, &tip, RULE_TRAIL, NULL, forged_text);
	/* a commit dropped: the last one hung on its grandparent */
	bad = c[3];
	bad.parent[0] = ids[1];
	tip = walk_forge(s, &bad, &s->anna);
	walk_one(s, &tip, &tip, RULE_TRAIL, NULL, forged_text);
	/* two commits exchanged */
	bad = c[3];
	bad.parent[0] = ids[1];
	bad.trail[0] ^= 0;
	tip = walk_forge(s, &bad, &s->anna);
	bad = c[2];
	bad.parent[0] = tip;
	ids[0] = walk_forge(s, &bad, &s->anna);
	{
		struct trail_report r = walk_verified(s, &ids[0]);

		assert_int_equal(r.nfailures, 2);
		assert_int_equal(r.failures[0].rule, RULE_TRAIL);
		assert_true(oid_equal(&r.failures[0].commit, &tip));
		assert_int_equal(r.failures[1].rule, RULE_TRAIL);
		trail_report_free(&r);
	}
	/* other files under the old value */
	bad = c[3];
	store_record(s, &bad.tree, "placement-eeeeeeee.yaml.age", 1);
	tip = walk_forge(s, &bad, &s->anna);
	walk_one(s, &tip, &tip, RULE_TRAIL, NULL, forged_text);
	buf_free(&raw);
}

static void
wrong_signers(void **state)
{
	struct store *s = *state;
	struct who eve = s->eve, anna = s->anna;
	struct trail_report r;
	struct oid tree, tip;

	store_add_bo(s);
	tree = s->tree;
	store_record(s, &tree, "placement-aaaaaaaa.yaml.age", 1);
	/* a stranger, under her own name and under anna's; bo under anna's */
	tip = store_sign(s, &eve, &tree, &s->head, NULL, "save");
	r = walk_verified(s, &tip);
	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, RULE_SIGNER);
	trail_report_free(&r);
	memcpy(anna.sk, s->eve.sk, 64);
	tip = store_sign(s, &anna, &tree, &s->head, NULL, "save");
	r = walk_verified(s, &tip);
	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, RULE_SIGNER);
	trail_report_free(&r);
	memcpy(anna.sk, s->bo.sk, 64);
	tip = store_sign(s, &anna, &tree, &s->head, NULL, "save");
	r = walk_verified(s, &tip);
	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, RULE_AUTHOR);
	trail_report_free(&r);
}

static void
roots_and_parents(void **state)
{
	struct store *s = *state;
	struct oid first = s->head, tree = s->tree, other, tip, later;
	struct trail_report r;

	s->time += 7; /* else the same bytes */
	other = store_sign(s, &s->anna, &tree, NULL, NULL, "init");
	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	tip = store_sign(s, &s->anna, &s->tree, &s->head, &other, "merge");
	r = walk_verified(s, &tip);
	assert_int_equal(r.nfailures, 2);
	assert_int_equal(r.failures[0].rule, RULE_ROOT);
	assert_int_equal(r.failures[1].rule, RULE_PARENTS);
	trail_report_free(&r);

	later = s->head;
	tip = store_sign(s, &s->anna, &s->tree, &later, &first, "merge");
	walk_one(s, &tip, &tip, RULE_PARENTS, NULL,
	    "one of its parents is an ancestor of the other");
	tip = store_sign(s, &s->anna, &s->tree, &first, &later, "merge");
	walk_one(s, &tip, &tip, RULE_PARENTS, NULL,
	    "one of its parents is an ancestor of the other");
}

/* A failure in the middle is told once; what stands on it is not `good`. */
static void
children_are_not_told_again(void **state)
{
	struct store *s = *state;
	struct oid parent, parent_tree, ids[3];
	struct buf raw = {0};
	struct commit c;

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	parent = s->head;
	parent_tree = s->tree;
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	walk_read(s, &raw, &c, &s->head);
	c.trail[5] ^= 1;
	ids[0] = walk_forge(s, &c, &s->anna); /* trail */
	ids[1] = walk_forge(s, &c, &s->eve);
	for (int k = 0; k < 2; k++) {
		struct walk_log l = {0};
		struct trail_options opt = {.each = walk_each, .ctx = &l};
		struct trail_report r = {0};
		struct err e = {0};

		store_move(s, &parent, &parent_tree);
		store_move(s, &ids[k], &c.tree);
		for (unsigned i = 0; i < 5; i++)
			store_save(s, "placement-bbbbbbbb.yaml.age", i);
		walk_one(s, &s->head, &ids[k], RULE_TRAIL, NULL, forged_text);
		assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
		assert_int_equal(r.commits, 8);
		assert_int_equal(l.n, 2); /* the root and the save before */
		trail_report_free(&r);
	}
	buf_free(&raw);
}

/* A commit that does not even parse: its children keep their own form and signature checked. */
static void
unparsable_commit_in_the_middle(void **state)
{
	struct store *s = *state;
	struct buf raw = {0}, bad = {0}, child = {0}, bare = {0}, armor = {0};
	struct commit c, next;
	struct oid middle, tip;
	const char *at;

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	walk_read(s, &raw, &c, &s->head);
	at = strstr(buf_str(&raw), "gpgsig ");
	buf_add(&bad, raw.p, (size_t)(at - raw.p));
	buf_puts(&bad, "encoding latin1\n");
	buf_puts(&bad, at);
	middle = store_raw(s, bad.p, bad.n);
	next = c;
	next.parent[0] = middle;
	tip = walk_forge(s, &next, &s->anna);
	walk_one(s, &tip, &middle, RULE_FORMAT, NULL,
	    "the commit has an encoding header, which Akt never writes");
	/* and the child altered too: two failures */
	commit_format(&bare, &next);
	commit_signature(&armor, raw.p, &c);
	commit_add_signature(&child, bare.p, bare.n, buf_str(&armor));
	tip = store_raw(s, child.p, child.n);
	{
		struct trail_report r = walk_verified(s, &tip);

		assert_int_equal(r.nfailures, 2);
		assert_int_equal(r.failures[0].rule, RULE_FORMAT);
		assert_int_equal(r.failures[1].rule, RULE_SIGNATURE);
		trail_report_free(&r);
	}
	buf_free(&raw);
	buf_free(&bad);
	buf_free(&child);
	buf_free(&bare);
	buf_free(&armor);
}

static void
lost_and_swapped_objects(void **state)
{
	static const char path[] = "records/0/a/0a1b2c3d4e/placement-aaaaaaaa.yaml.age";
	struct store *s = *state;
	struct objects o;
	struct oid blob, other, hurt, last;
	struct err e = {0};

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	hurt = s->head;
	o = objects_of_git(s->g);
	assert_int_equal(objects_file(&o, NULL, &blob, &s->tree, path, &e), 0);
	store_save(s, "placement-bbbbbbbb.yaml.age", 1);
	store_save(s, "placement-bbbbbbbb.yaml.age", 2);
	assert_int_equal(objects_file(&o, NULL, &other, &s->tree,
	    "records/0/a/0a1b2c3d4e/placement-bbbbbbbb.yaml.age", &e), 0);
	/* every later tree reaches the file too: told once */
	walk_swap(s, &blob, &other);
	walk_one(s, &s->head, &hurt, RULE_DAMAGE, path,
	    "an object of the history is damaged (akt doctor fetches it again): its contents do not fit its id");
	walk_lose(s, &blob);
	walk_one(s, &s->head, &hurt, RULE_DAMAGE, path,
	    "an object that the history needs is missing; akt doctor fetches it again");
	/* a folder */
	last = s->head;
	walk_lose(s, &s->tree);
	{
		struct trail_report r = walk_verified(s, &last);

		assert_int_equal(r.nfailures, 2);
		assert_int_equal(r.failures[1].rule, RULE_DAMAGE);
		assert_true(oid_equal(&r.failures[1].commit, &last));
		trail_report_free(&r);
	}
	/* a commit: nothing after it can be followed */
	walk_lose(s, &hurt);
	walk_one(s, &last, &hurt, RULE_DAMAGE, NULL, "the commit is missing or unreadable; akt doctor fetches it again");
	walk_lose(s, &last);
	{
		struct trail_options opt = {0};
		struct trail_report r = {0};

		assert_int_equal(trail_verify(&r, s->g, &last, &opt, &e), ERR_NOTFOUND);
		assert_int_equal(r.commits, 0);
	}
}

static void
modes_and_strangers(void **state)
{
	struct store *s = *state;
	struct git_batch *b = git_batch_new(s->g);
	struct buf raw = {0};
	struct commit c = {.nparents = 1, .time = s->time};
	struct oid blob, tip;
	struct err e = {0};
	enum git_type type;

	/* the store's own root tree, with an executable file at its end */
	assert_int_equal(git_read(s->g, &raw, &type, &s->tree, &e), 0);
	git_batch_add(b, &blob, GIT_BLOB, "x", 1);
	buf_add(&raw, "100755 zz", 10);
	buf_add(&raw, blob.b, 20);
	git_batch_add(b, &c.tree, GIT_TREE, raw.p, raw.n);
	assert_int_equal(git_batch_write(b, &e), 0);
	git_batch_free(b);
	c.parent[0] = s->head;
	strcpy(c.handle, "anna");
	strcpy(c.store_id, "7k3f9q2m1x");
	strcpy(c.verb, "save");
	tip = walk_forge(s, &c, &s->anna);
	walk_one(s, &tip, &tip, RULE_PATH, "zz",
	    "an entry of a folder is neither a plain file nor a folder");
	buf_free(&raw);
}

static void
words_in_both_languages(void **state)
{
	(void)state;
	words_stand("verify");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WALK_TEST(flipped_headers),
		WALK_TEST(forged_trails),
		WALK_TEST(wrong_signers),
		WALK_TEST(roots_and_parents),
		WALK_TEST(children_are_not_told_again),
		WALK_TEST(unparsable_commit_in_the_middle),
		WALK_TEST(lost_and_swapped_objects),
		WALK_TEST(modes_and_strangers),
		cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("verify: refused", tests, NULL, NULL);
}
