/* The walk over a good history: what stock tools say of it too, from a mark on, stopped, and what it notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "trail/walked.h"
#include "trail/words.h"

static int
progress(void *ctx, size_t done, size_t total)
{
	struct walk_log *l = ctx;

	assert_true(done <= total);
	l->total = total;
	return l->calls++ == 0 && l->stop_at == 1000;
}

static void
a_good_history(void **state)
{
	struct store *s = *state;
	struct walk_log l = {0};
	struct trail_options opt = {.each = walk_each, .progress = progress, .ctx = &l};
	struct trail_report r = {0};
	struct err e = {0};
	struct oid root = s->head;
	size_t n = 1;
	uint8_t trail[32], sha[32];
	char hex[65], fingerprint[65];

	walk_good(s, 1);
	n = walk_history(s);
	walk_good(s, n);
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
	assert_int_equal(r.commits, n);
	assert_int_equal(l.n, n);
	assert_true(oid_equal(&l.ids[0], &root));
	assert_true(oid_equal(&l.ids[n - 1], &s->head));
	assert_int_equal(l.total, n);
	assert_memory_equal(r.fingerprint, l.first, 32);
	assert_memory_equal(r.trail, l.last, 32);
	assert_true(oid_equal(&r.head, &s->head));
	assert_int_equal(r.head_time, s->time - 60);
	assert_int_equal(trail_stated(s->g, trail, sha, &s->head, &e), 0);
	assert_memory_equal(r.trail, trail, 32);
	assert_memory_equal(r.head_sha256, sha, 32);
	assert_int_equal(trail_stated(s->g, trail, sha, &root, &e), 0);
	hash_hex(hex, trail, 32);
	hash_hex(fingerprint, r.fingerprint, 32);
	assert_string_equal(hex, fingerprint);
	trail_report_free(&r);
}

/* The other half of the promise: git alone, with the store's own list of signers. */
static void
stock_git_agrees(void **state)
{
	struct store *s = *state;
	struct buf out = {0};
	char line[64];
	size_t n = walk_history(s);

	assert_int_equal(repo_run(&out, "cd %s; set -e; "
		"git --git-dir=repo.git show main:allowed_signers >signers; "
		"git --git-dir=repo.git fsck --strict --full --no-dangling 2>&1; "
		"git --git-dir=repo.git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=$PWD/signers "
		"log --show-signature main | grep -c '^Good \"git\" signature for "
		"\\(anna\\|bo\\)@7k3f9q2m1x with ED25519 key'; "
		"for c in $(git --git-dir=repo.git rev-list main); do "
		"git --git-dir=repo.git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=$PWD/signers "
		"verify-commit $c 2>/dev/null; done", s->folder), 0);
	snprintf(line, sizeof line, "%zu\n", n);
	assert_string_equal(buf_str(&out), line);
	buf_free(&out);
}

/* The trail value recomputed by git and Python's hashlib, from the definition alone (DESIGN 4). */
static void
stock_tools_recompute_the_trail(void **state)
{
	static const char script[] =
	    "import hashlib, subprocess, sys\n"
	    "run = lambda *a: subprocess.run(a, stdout=subprocess.PIPE, check=True).stdout\n"
	    "raw = lambda c: run('git', 'cat-file', 'commit', c)\n"
	    "stated = lambda c: bytes.fromhex(raw(c).decode().split()[-1])\n"
	    "parents = run('git', 'rev-list', '--parents', '-n', '1', 'main').decode().split()[1:]\n"
	    "h = b'akt trail v1\\0' + bytes([len(parents)])\n"
	    "for p in parents:\n"
	    "    h += stated(p) + hashlib.sha256(raw(p)).digest()\n"
	    "h += bytes.fromhex(sys.argv[1])\n"
	    "sys.exit(len(parents) != 2 or hashlib.sha256(h).digest() != stated('main'))\n";
	struct store *s = *state;
	char *path = xasprintf("%s/trail.py", s->folder);
	struct err e = {0};

	walk_history(s);
	assert_int_equal(os_write_file(path, script, sizeof script - 1, 0600, &e), 0);
	assert_int_equal(repo_run(NULL, "cd %s; set -e; export GIT_DIR=$PWD/repo.git; mkdir w; "
		"git archive main | tar xf - -C w; "
		"tree=$(cd w; unset GIT_DIR; git init -q --object-format=sha256; git add -A .; "
		"git write-tree); python3 trail.py $tree", s->folder), 0);
	free(path);
}

static void
from_a_mark(void **state)
{
	struct store *s = *state;
	struct trail_mark mark = {.commits = 3};
	struct walk_log l = {0};
	struct trail_options opt = {.from = &mark, .each = walk_each, .ctx = &l};
	struct trail_report r = {0};
	struct oid second, tree, side, old = {{0}};
	struct err e = {0};
	char hex[13];

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	second = s->head;
	tree = s->tree;
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	mark.commit = s->head;
	assert_int_equal(trail_stated(s->g, mark.trail, mark.sha256, &mark.commit, &e), 0);
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
	assert_int_equal(r.commits, 3);
	assert_int_equal(l.n, 0);
	assert_memory_equal(r.trail, mark.trail, 32);
	assert_memory_equal(r.head_sha256, mark.sha256, 32);
	trail_report_free(&r);
	store_save(s, "placement-bbbbbbbb.yaml.age", 1);
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.commits, 4);
	assert_int_equal(l.n, 1);
	trail_report_free(&r);
	/* a branch that left before the mark */
	store_record(s, &tree, "placement-cccccccc.yaml.age", 1);
	side = store_sign(s, &s->anna, &tree, &second, NULL, "save");
	l.n = 0;
	assert_int_equal(trail_verify(&r, s->g, &side, &opt, &e), 0);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.commits, 3);
	assert_int_equal(l.n, 1);
	trail_report_free(&r);
	/* a tip behind the mark */
	assert_int_equal(trail_verify(&r, s->g, &second, &opt, &e), 0);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.commits, 2);
	trail_report_free(&r);
	/* a second root beside the mark */
	s->time += 7;
	old = store_sign(s, &s->anna, &s->tree, NULL, NULL, "init");
	assert_int_equal(trail_verify(&r, s->g, &old, &opt, &e), 0);
	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, RULE_ROOT);
	trail_report_free(&r);
	/* the mark's commit no longer what it was */
	for (int k = 0; k < 2; k++) {
		struct trail_mark bad = mark;
		struct buf m = {0};

		(k ? bad.trail : bad.sha256)[3] ^= 1;
		opt.from = &bad;
		assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
		assert_int_equal(r.nfailures, 1);
		assert_int_equal(r.failures[0].rule, RULE_DAMAGE);
		walk_short(hex, &mark.commit);
		buf_printf(&m, "commit %s, rule damage: it is no longer the commit that this machine "
			"verified before. %s", hex, policy_rule_meaning(RULE_DAMAGE));
		assert_string_equal(r.failures[0].message, buf_str(&m));
		buf_free(&m);
		trail_report_free(&r);
	}
}

/* What cannot be judged is not good, even where every tree was hashed before: the cache knows the
 * trees, yet the parent's state can no longer be read. */
static void
damage_behind_the_mark(void **state)
{
	struct store *s = *state;
	char *cache = xasprintf("%s/cache", s->folder);
	struct walk_log l = {0};
	struct trail_mark mark = {.commits = 2};
	struct trail_options opt = {.cache_path = cache, .each = walk_each, .ctx = &l};
	struct trail_report r = {0};
	struct objects o;
	struct oid blob;
	struct err e = {0};

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	mark.commit = s->head;
	assert_int_equal(trail_stated(s->g, mark.trail, mark.sha256, &mark.commit, &e), 0);
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(l.n, 3);
	trail_report_free(&r);
	o = objects_of_git(s->g);
	assert_int_equal(objects_file(&o, NULL, &blob, &s->tree, "members/anna.yaml", &e), 0);
	walk_lose(s, &blob);
	opt.from = &mark;
	l.n = 0;
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 0);
	assert_true(r.nfailures >= 1);
	assert_int_equal(r.failures[0].rule, RULE_DAMAGE);
	assert_true(oid_equal(&r.failures[0].commit, &mark.commit));
	assert_int_equal(l.n, 0);
	trail_report_free(&r);
	free(cache);
}

static void
stopping(void **state)
{
	struct store *s = *state;
	struct walk_log l = {.stop_at = 3};
	struct trail_options opt = {.each = walk_each, .progress = progress, .ctx = &l};
	struct trail_report r = {0};
	struct buf raw = {0};
	struct commit c;
	struct oid tip;
	struct err e = {0};

	for (unsigned i = 0; i < 6; i++)
		store_save(s, "placement-aaaaaaaa.yaml.age", i);
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 77);
	assert_int_equal(l.n, 3);
	l = (struct walk_log){.stop_at = 1000};
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), ERR_CANCELLED);
	assert_string_equal(e.item[0].text, "the verification was cancelled");
	assert_int_equal(l.n, 0);
	assert_int_equal(r.commits, 0);
	/* two forged commits in a row, and one failure is enough */
	walk_read(s, &raw, &c, &s->head);
	c.parent[0] = s->head;
	tip = walk_forge(s, &c, &s->anna);
	c.parent[0] = tip;
	tip = walk_forge(s, &c, &s->anna);
	opt = (struct trail_options){.stop_at_first = true};
	assert_int_equal(trail_verify(&r, s->g, &tip, &opt, &e), 0);
	assert_int_equal(r.nfailures, 1);
	trail_report_free(&r);
	opt.stop_at_first = false;
	assert_int_equal(trail_verify(&r, s->g, &tip, &opt, &e), 0);
	assert_int_equal(r.nfailures, 2);
	trail_report_free(&r);
	buf_free(&raw);
}

static void
clocks_that_contradict(void **state)
{
	struct store *s = *state;
	struct trail_report r;
	char hex[13], text[128];

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	s->time -= 60 + 300; /* five minutes before its parent */
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	walk_good(s, 3);
	s->time -= 60 + 301;
	store_save(s, "placement-aaaaaaaa.yaml.age", 3);
	r = walk_verified(s, &s->head);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.nnotices, 1);
	walk_short(hex, &s->head);
	snprintf(text, sizeof text, "commit %s: dated more than 5 minutes before the change that it follows",
	    hex);
	assert_string_equal(r.notices[0], text);
	trail_report_free(&r);
}

static void
signing(void **state)
{
	struct store *s = *state;
	struct git_batch *b = git_batch_new(s->g);
	struct commit c = {.tree = s->tree, .nparents = 1, .time = s->time, .handle = "anna",
		.store_id = "7k3f9q2m1x", .verb = "save"};
	struct tree256 *t = NULL;
	struct oid tree = s->tree, first, second, untouched = {{7}};
	struct err e = {0};

	assert_int_equal(tree256_open(&t, NULL, &e), 0);
	store_record(s, &tree, "placement-aaaaaaaa.yaml.age", 1);
	c.parent[0] = s->head;
	c.tree = tree;
	assert_int_equal(trail_sign(&first, b, t, &c, s->anna.sk, &e), 0);
	assert_true(c.sig_n > 0);
	/* its child in the same batch, before anything is on disk */
	store_record(s, &tree, "placement-aaaaaaaa.yaml.age", 2);
	c.parent[0] = first;
	c.tree = tree;
	assert_int_equal(trail_sign(&second, b, t, &c, s->anna.sk, &e), 0);
	assert_false(git_has(s->g, &first));
	assert_int_equal(git_batch_write(b, &e), 0);
	store_move(s, &second, &tree);
	walk_good(s, 3);
	/* what others would refuse is not made */
	strcpy(c.verb, "Save it");
	assert_int_equal(trail_sign(&untouched, b, t, &c, s->anna.sk, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text,
	    "the message's verb is not 1 to 32 of a-z, 0-9 and `-`");
	err_clear(&e);
	strcpy(c.verb, "save");
	c.parent[0] = untouched;
	assert_int_equal(trail_sign(&untouched, b, t, &c, s->anna.sk, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "an object that the history needs is missing; akt doctor fetches it again");
	assert_int_equal(untouched.b[0], 7);
	tree256_close(t);
	git_batch_free(b);
}

static struct oid
with(struct store *s, const char *from, const char *to)
{
	struct buf raw = {0};
	struct commit c;
	struct oid id;

	walk_read(s, &raw, &c, &s->head);
	memcpy(strstr(raw.p, from), to, strlen(to));
	id = store_raw(s, raw.p, raw.n);
	buf_free(&raw);
	return id;
}

static void
fails(struct store *s, const struct oid *tip, const struct oid *commit, enum policy_rule rule)
{
	struct trail_report r = walk_verified(s, tip);

	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, rule);
	assert_true(oid_equal(&r.failures[0].commit, commit));
	trail_report_free(&r);
}

/* From 512 commits on a second thread checks the signatures, in batches: each still counts for its own commit. */
static void
long_history(void **state)
{
	struct store *s = *state;
	struct oid early, tip;

	for (unsigned i = 0; i < 560; i++) {
		store_save(s, "placement-aaaaaaaa.yaml.age", i);
		if (i == 62)
			early = with(s, "akt: save", "akt: have");
	}
	walk_good(s, 561);
	tip = with(s, "akt: save", "akt: have");
	fails(s, &tip, &tip, RULE_SIGNATURE);
	tip = with(s, "gpgsig ", "gpgsik ");
	fails(s, &tip, &tip, RULE_FORMAT);
	/* saves on top of it: it alone is told of */
	store_move(s, &early, &s->tree);
	for (unsigned i = 0; i < 500; i++)
		store_save(s, "placement-bbbbbbbb.yaml.age", i);
	fails(s, &s->head, &early, RULE_SIGNATURE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WALK_TEST(a_good_history),
		WALK_TEST(long_history),
		WALK_TEST(stock_git_agrees),
		WALK_TEST(stock_tools_recompute_the_trail),
		WALK_TEST(from_a_mark),
		WALK_TEST(damage_behind_the_mark),
		WALK_TEST(stopping),
		WALK_TEST(clocks_that_contradict),
		WALK_TEST(signing),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
