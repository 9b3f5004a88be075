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
#include "trail/repo.h"
#include "trail/verify.h"
#include "trail/words.h"

static int
setup(void **state)
{
	struct store *s = xcalloc(1, sizeof *s);

	store_new(s);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	store_free(*state);
	free(*state);
	return 0;
}

static void
short_hex(char out[13], const struct oid *id)
{
	char hex[41];

	oid_format(hex, id);
	memcpy(out, hex, 12);
	out[12] = '\0';
}

/* Verifies `tip`; prints what failed so that a broken test says why. */
static struct trail_report
verified(struct store *s, const struct oid *tip)
{
	struct trail_options opt = {0};
	struct trail_report r = {0};
	struct err e = {0};

	assert_int_equal(trail_verify(&r, s->g, tip, &opt, &e), 0);
	return r;
}

static void
expect_good(struct store *s, size_t commits)
{
	struct trail_report r = verified(s, &s->head);

	for (size_t i = 0; i < r.nfailures; i++)
		print_message("# %s\n", r.failures[i].message);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.nnotices, 0);
	assert_int_equal(r.commits, commits);
	trail_report_free(&r);
}

/* Exactly one failure: of this commit, this rule, with this text (and path) in it. */
static void
expect_one(struct store *s, const struct oid *tip, const struct oid *commit,
    enum policy_rule rule, const char *path, const char *text)
{
	struct trail_report r = verified(s, tip);
	struct buf m = {0};
	char hex[13];

	if (r.nfailures != 1 || r.failures[0].rule != rule ||
	    !oid_equal(&r.failures[0].commit, commit)) {
		for (size_t i = 0; i < r.nfailures; i++)
			print_message("# %s\n", r.failures[i].message);
		fail_msg("expected one failure, %s (%s)", policy_rule_name(rule), text);
	}
	short_hex(hex, commit);
	buf_printf(&m, "commit %s, rule %s: ", hex, policy_rule_name(rule));
	if (path)
		buf_printf(&m, "%s: ", path);
	buf_printf(&m, "%s. %s", text, policy_rule_meaning(rule));
	assert_string_equal(r.failures[0].message, buf_str(&m));
	buf_free(&m);
	trail_report_free(&r);
	words_in_swedish(1);
	r = verified(s, tip);
	words_in_swedish(0);
	/* a hash comes before the rule, and in the end the meaning */
	for (char *at = r.failures[0].message, *end; (at = strstr(at, hex)); at = end) {
		end = at + strlen(hex);
		memset(at, 'x', strlen(hex));
	}
	words_add(policy_rule_name(rule), text, r.failures[0].message);
	trail_report_free(&r);
}

static void
read_raw(struct store *s, struct buf *raw, struct commit *c, const struct oid *id)
{
	struct objects o = objects_of_git(s->g);
	struct err e = {0};
	uint8_t sha[32];

	assert_int_equal(trail_load(&o, raw, c, sha, id, &e), 0);
}

/* Fields as given, trail too, signed by `by`: what a dishonest program would make. */
static struct oid
forge(struct store *s, const struct commit *c, const struct who *by)
{
	struct buf bare = {0}, armor = {0}, raw = {0};
	struct oid id;

	commit_format(&bare, c);
	sshsig_sign(&armor, by->sk, "git", bare.p, bare.n);
	commit_add_signature(&raw, bare.p, bare.n, buf_str(&armor));
	id = store_raw(s, raw.p, raw.n);
	buf_free(&bare);
	buf_free(&armor);
	buf_free(&raw);
	return id;
}

/* Three saves by anna, bo joins, bo's work on one side and anna's on the other, merged. */
static size_t
history(struct store *s)
{
	struct oid base, left, right, merged, tree;

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	store_save(s, "placement-bbbbbbbb.yaml.age", 1);
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	store_add_bo(s);
	base = s->tree;
	tree = base;
	store_record(s, &tree, "placement-cccccccc.yaml.age", 1);
	left = store_sign(s, &s->bo, &tree, &s->head, NULL, "save");
	merged = tree;
	tree = base;
	store_record(s, &tree, "placement-dddddddd.yaml.age", 1);
	right = store_sign(s, &s->anna, &tree, &s->head, NULL, "save");
	/* the merge holds both sides' new files */
	{
		struct objects o = objects_of_git(s->g);
		struct buf text = {0};
		struct err e = {0};
		const char *path = "records/0/a/0a1b2c3d4e/placement-dddddddd.yaml.age";

		assert_int_equal(objects_file(&o, &text, NULL, &tree, path, &e), 0);
		store_put(s, &merged, path, text.p, text.n);
		buf_free(&text);
	}
	left = store_sign(s, &s->bo, &merged, &left, &right, "merge");
	store_move(s, &left, &merged);
	return 8;
}

struct log {
	size_t n;
	struct oid ids[64];
	uint8_t first[32], last[32];
	size_t calls, total, stop_at;
};

static int
each(void *ctx, const struct oid *id, const struct commit *c, const uint8_t trail[32],
    const uint8_t raw_sha256[32])
{
	struct log *l = ctx;

	(void)raw_sha256;
	assert_memory_equal(c->trail, trail, 32);
	if (l->n == 0)
		memcpy(l->first, trail, 32);
	memcpy(l->last, trail, 32);
	l->ids[l->n++] = *id;
	return l->n == l->stop_at ? 77 : 0;
}

static int
progress(void *ctx, size_t done, size_t total)
{
	struct log *l = ctx;

	assert_true(done <= total);
	l->total = total;
	return l->calls++ == 0 && l->stop_at == 1000;
}

static void
a_good_history(void **state)
{
	struct store *s = *state;
	struct log l = {0};
	struct trail_options opt = {.each = each, .progress = progress, .ctx = &l};
	struct trail_report r = {0};
	struct err e = {0};
	struct oid root = s->head;
	size_t n = 1;
	uint8_t trail[32], sha[32];
	char hex[65], fingerprint[65];

	expect_good(s, 1);
	n = history(s);
	expect_good(s, n);
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
	size_t n = history(s);

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

	history(s);
	assert_int_equal(os_write_file(path, script, sizeof script - 1, 0600, &e), 0);
	assert_int_equal(repo_run(NULL, "cd %s; set -e; export GIT_DIR=$PWD/repo.git; mkdir w; "
		"git archive main | tar xf - -C w; "
		"tree=$(cd w; unset GIT_DIR; git init -q --object-format=sha256; git add -A .; "
		"git write-tree); python3 trail.py $tree", s->folder), 0);
	free(path);
}

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
	read_raw(s, &raw, &c, &s->head);
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
			expect_one(s, &tip, &tip, rows[i].rule, NULL, rows[i].text);
		} else {
			r = verified(s, &tip);
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
			read_raw(s, &made, &bad, &parent), bad.nparents = 1, bad.parent[0] = parent;
		else if (k == 1)
			bad.parent[0] = bad.parent[0], bad.nparents = 0;
		else
			bad.trail[31] ^= 1;
		buf_reset(&made);
		commit_format(&bare, &bad);
		commit_signature(&armor, raw.p, &c);
		commit_add_signature(&made, bare.p, bare.n, buf_str(&armor));
		tip = store_raw(s, made.p, made.n);
		r = verified(s, &tip);
		assert_int_equal(r.nfailures, 1);
		assert_int_equal(r.failures[0].rule, RULE_SIGNATURE);
		trail_report_free(&r);
		buf_free(&bare);
		buf_free(&armor);
		buf_free(&made);
	}
	buf_free(&raw);
}

static const char forged_text[] =
    "the trail value it states is not the one that its parents and files give";

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
		read_raw(s, &raw, &c[i], &ids[i]);
	}
	/* a value of its own */
	bad = c[3];
	bad.trail[0] ^= 0x80;
	tip = forge(s, &bad, &s->anna);
	expect_one(s, &tip, &tip, RULE_TRAIL, NULL, forged_text);
	/* a commit dropped: the last one hung on its grandparent */
	bad = c[3];
	bad.parent[0] = ids[1];
	tip = forge(s, &bad, &s->anna);
	expect_one(s, &tip, &tip, RULE_TRAIL, NULL, forged_text);
	/* two commits exchanged */
	bad = c[3];
	bad.parent[0] = ids[1];
	bad.trail[0] ^= 0;
	tip = forge(s, &bad, &s->anna);
	bad = c[2];
	bad.parent[0] = tip;
	ids[0] = forge(s, &bad, &s->anna);
	{
		struct trail_report r = verified(s, &ids[0]);

		assert_int_equal(r.nfailures, 2);
		assert_int_equal(r.failures[0].rule, RULE_TRAIL);
		assert_true(oid_equal(&r.failures[0].commit, &tip));
		assert_int_equal(r.failures[1].rule, RULE_TRAIL);
		trail_report_free(&r);
	}
	/* other files under the old value */
	bad = c[3];
	store_record(s, &bad.tree, "placement-eeeeeeee.yaml.age", 1);
	tip = forge(s, &bad, &s->anna);
	expect_one(s, &tip, &tip, RULE_TRAIL, NULL, forged_text);
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
	r = verified(s, &tip);
	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, RULE_SIGNER);
	trail_report_free(&r);
	memcpy(anna.sk, s->eve.sk, 64);
	tip = store_sign(s, &anna, &tree, &s->head, NULL, "save");
	r = verified(s, &tip);
	assert_int_equal(r.nfailures, 1);
	assert_int_equal(r.failures[0].rule, RULE_SIGNER);
	trail_report_free(&r);
	memcpy(anna.sk, s->bo.sk, 64);
	tip = store_sign(s, &anna, &tree, &s->head, NULL, "save");
	r = verified(s, &tip);
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
	r = verified(s, &tip);
	assert_int_equal(r.nfailures, 2);
	assert_int_equal(r.failures[0].rule, RULE_ROOT);
	assert_int_equal(r.failures[1].rule, RULE_PARENTS);
	trail_report_free(&r);

	later = s->head;
	tip = store_sign(s, &s->anna, &s->tree, &later, &first, "merge");
	expect_one(s, &tip, &tip, RULE_PARENTS, NULL,
	    "one of its parents is an ancestor of the other");
	tip = store_sign(s, &s->anna, &s->tree, &first, &later, "merge");
	expect_one(s, &tip, &tip, RULE_PARENTS, NULL,
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
	read_raw(s, &raw, &c, &s->head);
	c.trail[5] ^= 1;
	ids[0] = forge(s, &c, &s->anna); /* trail */
	ids[1] = forge(s, &c, &s->eve);
	for (int k = 0; k < 2; k++) {
		struct log l = {0};
		struct trail_options opt = {.each = each, .ctx = &l};
		struct trail_report r = {0};
		struct err e = {0};

		store_move(s, &parent, &parent_tree);
		store_move(s, &ids[k], &c.tree);
		for (unsigned i = 0; i < 5; i++)
			store_save(s, "placement-bbbbbbbb.yaml.age", i);
		expect_one(s, &s->head, &ids[k], RULE_TRAIL, NULL, forged_text);
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
	read_raw(s, &raw, &c, &s->head);
	at = strstr(buf_str(&raw), "gpgsig ");
	buf_add(&bad, raw.p, (size_t)(at - raw.p));
	buf_puts(&bad, "encoding latin1\n");
	buf_puts(&bad, at);
	middle = store_raw(s, bad.p, bad.n);
	next = c;
	next.parent[0] = middle;
	tip = forge(s, &next, &s->anna);
	expect_one(s, &tip, &middle, RULE_FORMAT, NULL,
	    "the commit has an encoding header, which Akt never writes");
	/* and the child altered too: two failures */
	commit_format(&bare, &next);
	commit_signature(&armor, raw.p, &c);
	commit_add_signature(&child, bare.p, bare.n, buf_str(&armor));
	tip = store_raw(s, child.p, child.n);
	{
		struct trail_report r = verified(s, &tip);

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

/* --- damage on disk ------------------------------------------------------------------- */

static char *
loose_path(const struct store *s, const struct oid *id)
{
	char hex[41];

	oid_format(hex, id);
	return xasprintf("%s/repo.git/objects/%.2s/%s", s->folder, hex, hex + 2);
}

static void
reopen(struct store *s)
{
	char *path = xasprintf("%s/repo.git", s->folder);
	struct err e = {0};

	git_close(s->g);
	assert_int_equal(git_open(&s->g, path, false, &e), 0);
	free(path);
}

static void
lose(struct store *s, const struct oid *id)
{
	char *path = loose_path(s, id);

	assert_int_equal(remove(path), 0);
	free(path);
	reopen(s);
}

/* Another object's bytes under this id. */
static void
swap(struct store *s, const struct oid *id, const struct oid *other)
{
	char *to = loose_path(s, id), *from = loose_path(s, other);

	assert_int_equal(repo_run(NULL, "chmod u+w %s && cp %s %s", to, from, to), 0);
	free(to);
	free(from);
	reopen(s);
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
	swap(s, &blob, &other);
	expect_one(s, &s->head, &hurt, RULE_DAMAGE, path,
	    "an object of the history is damaged (akt doctor fetches it again): its contents do not fit its id");
	lose(s, &blob);
	expect_one(s, &s->head, &hurt, RULE_DAMAGE, path,
	    "an object that the history needs is missing; akt doctor fetches it again");
	/* a folder */
	last = s->head;
	lose(s, &s->tree);
	{
		struct trail_report r = verified(s, &last);

		assert_int_equal(r.nfailures, 2);
		assert_int_equal(r.failures[1].rule, RULE_DAMAGE);
		assert_true(oid_equal(&r.failures[1].commit, &last));
		trail_report_free(&r);
	}
	/* a commit: nothing after it can be followed */
	lose(s, &hurt);
	expect_one(s, &last, &hurt, RULE_DAMAGE, NULL, "the commit is missing or unreadable; akt doctor fetches it again");
	lose(s, &last);
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
	tip = forge(s, &c, &s->anna);
	expect_one(s, &tip, &tip, RULE_PATH, "zz",
	    "an entry of a folder is neither a plain file nor a folder");
	buf_free(&raw);
}

/* --- marks, stopping, notices --------------------------------------------------------- */

static void
from_a_mark(void **state)
{
	struct store *s = *state;
	struct trail_mark mark = {.commits = 3};
	struct log l = {0};
	struct trail_options opt = {.from = &mark, .each = each, .ctx = &l};
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
		short_hex(hex, &mark.commit);
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
	struct log l = {0};
	struct trail_mark mark = {.commits = 2};
	struct trail_options opt = {.cache_path = cache, .each = each, .ctx = &l};
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
	lose(s, &blob);
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
	struct log l = {.stop_at = 3};
	struct trail_options opt = {.each = each, .progress = progress, .ctx = &l};
	struct trail_report r = {0};
	struct buf raw = {0};
	struct commit c;
	struct oid tip;
	struct err e = {0};

	for (unsigned i = 0; i < 6; i++)
		store_save(s, "placement-aaaaaaaa.yaml.age", i);
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), 77);
	assert_int_equal(l.n, 3);
	l = (struct log){.stop_at = 1000};
	assert_int_equal(trail_verify(&r, s->g, &s->head, &opt, &e), ERR_CANCELLED);
	assert_string_equal(e.item[0].text, "the verification was cancelled");
	assert_int_equal(l.n, 0);
	assert_int_equal(r.commits, 0);
	/* two forged commits in a row, and one failure is enough */
	read_raw(s, &raw, &c, &s->head);
	c.parent[0] = s->head;
	tip = forge(s, &c, &s->anna);
	c.parent[0] = tip;
	tip = forge(s, &c, &s->anna);
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
	expect_good(s, 3);
	s->time -= 60 + 301;
	store_save(s, "placement-aaaaaaaa.yaml.age", 3);
	r = verified(s, &s->head);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.nnotices, 1);
	short_hex(hex, &s->head);
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
	expect_good(s, 3);
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

static void
words_in_both_languages(void **state)
{
	(void)state;
	words_stand("verify");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_history),
		TEST(stock_git_agrees),
		TEST(stock_tools_recompute_the_trail),
		TEST(flipped_headers),
		TEST(forged_trails),
		TEST(wrong_signers),
		TEST(roots_and_parents),
		TEST(children_are_not_told_again),
		TEST(unparsable_commit_in_the_middle),
		TEST(lost_and_swapped_objects),
		TEST(modes_and_strangers),
		TEST(from_a_mark),
		TEST(damage_behind_the_mark),
		TEST(stopping),
		TEST(clocks_that_contradict),
		TEST(signing),
		cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
