/* A hub that is a folder: copying, refusing, racing, breaking. */
#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "git/lib.h"
#include "git/hub.h"

#define MAIN "refs/heads/main"
#define SIDE "refs/remotes/hub/main"

static struct git_remote *
dial_hub(struct git *hub)
{
	struct git_remote *r = NULL;
	struct err e = {0};

	ok(git_remote_open(&r, git_path(hub), &e), &e);
	assert_true(git_remote_is_folder(r));
	return r;
}

static void
addresses(void **state)
{
	static const struct {
		const char *url;
		const char *scheme, *user, *host, *port; /* scheme NULL: none */
	} t[] = {
	    {"ssh://anna@hub.example/srv/x.git", "ssh", "anna", "hub.example", NULL},
	    {"ssh://hub.example:2222/x", "ssh", NULL, "hub.example", "2222"},
	    {"ssh://[::1]:22/x", "ssh", NULL, "::1", "22"},
	    {"anna@hub.example:x.git", "ssh", "anna", "hub.example", NULL},
	    {"hub:x", "ssh", NULL, "hub", NULL},
	    {"https://u:p%40@h.example/x", "https", "u", "h.example", NULL},
	    {"http://u:p@q@h:80/x", "http", "u", "h", "80"},
	    {"git://h/x", NULL, NULL, NULL, NULL},
	    {"ext::sh -c x", "ssh", NULL, "ext", NULL},
	    {"ssh:///x", NULL, NULL, NULL, NULL},
	    {"/a/b:c", NULL, NULL, NULL, NULL},
	    {"./a:b", NULL, NULL, NULL, NULL},
	    {"", NULL, NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct address a = {0};

		assert_int_equal(address_parse(&a, t[i].url), t[i].scheme != NULL);
		if (!t[i].scheme)
			continue;
		assert_string_equal(a.scheme, t[i].scheme);
		assert_string_equal(a.host, t[i].host);
		assert_string_equal(a.user ? a.user : "-", t[i].user ? t[i].user : "-");
		assert_string_equal(a.port ? a.port : "-", t[i].port ? t[i].port : "-");
		address_free(&a);
	}
}

static void
host_keys(void **state)
{
	/* base64 of "0123456789" is MDEyMzQ1Njc4OQ==, of "revoked!" cmV2b2tlZCE= */
	static const char text[] = "# comment\n\n"
				   "hub.example,10.0.0.1 ssh-ed25519 MDEyMzQ1Njc4OQ== note\n"
				   "[hub.example]:2222 ssh-ed25519 cG9ydC1vbmx5\n"
				   "*.dom.example,!bad.dom.example ssh-ed25519 d2lsZA==\n"
				   "@cert-authority * ssh-ed25519 Y2E=\n"
				   "@revoked * ssh-ed25519 cmV2b2tlZCE=\n"
				   "hub.example ssh-ed25519 cmV2b2tlZCE=\n"
				   "|1|abc=|def= ssh-ed25519 aGFzaGVk\n"
				   "short ssh-ed25519\n";
	static const struct {
		const char *host, *port, *key;
		enum host_known want;
	} t[] = {
	    {"hub.example", NULL, "0123456789", HOST_KNOWN},
	    {"HUB.example", "22", "0123456789", HOST_KNOWN},
	    {"10.0.0.1", NULL, "0123456789", HOST_KNOWN},
	    {"hub.example", NULL, "012345678", HOST_UNKNOWN},
	    {"hub.example", "2222", "0123456789", HOST_UNKNOWN},
	    {"hub.example", "2222", "port-only", HOST_KNOWN},
	    {"hub.example", NULL, "port-only", HOST_UNKNOWN},
	    {"hub.example2", NULL, "0123456789", HOST_UNKNOWN},
	    {"a.dom.example", NULL, "wild", HOST_KNOWN},
	    {"bad.dom.example", NULL, "wild", HOST_UNKNOWN},
	    {"hub.example", NULL, "ca", HOST_UNKNOWN},
	    {"hub.example", NULL, "revoked!", HOST_REVOKED},
	    {"other", NULL, "revoked!", HOST_REVOKED},
	    {"short", NULL, "", HOST_UNKNOWN},
	};
	char *file = in_scratch("known");
	FILE *f = fopen(file, "w");

	(void)state;
	fputs(text, f);
	fclose(f);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		assert_int_equal(
		    known_hosts_check(file, t[i].host, t[i].port, t[i].key, strlen(t[i].key)),
		    t[i].want);
	assert_int_equal(known_hosts_check("/nonexistent", "h", NULL, "k", 1), HOST_UNKNOWN);
	free(file);
}

static void
cannot_open(void **state)
{
	char *none = in_scratch("none"), *empty = in_scratch("empty");
	struct git_remote *r = NULL;
	struct err e = {0};

	(void)state;
	must("mkdir %s", empty);
	/* one that the disk does not give up may be there */
	must("ln -s %s %s", none, none);
	fails(git_remote_open(&r, none, &e), &e, ERR_HUB,
	    "the hub's folder cannot be read: Too many levels of symbolic links");
	must("rm %s", none);
	fails(git_remote_open(&r, none, &e), &e, ERR_HUB,
	    "the hub's folder is not there; connect the "
	    "stick or drive, or correct the address");
	fails(git_remote_open(&r, empty, &e), &e, ERR_HUB,
	    "the hub's folder is not a git repository");
	fails(git_remote_open(&r, "git://localhost/x", &e), &e, ERR_USAGE,
	    "a hub is a folder, file://, "
	    "ssh://, user@host:path, https:// or http://");
	fails(git_remote_open(&r, "file://elsewhere/x", &e), &e, ERR_USAGE,
	    "the hub's file:// address is malformed");
	fails(git_remote_open(&r, "file:///a%zz", &e), &e, ERR_USAGE,
	    "the hub's file:// address is malformed");
	assert_null(r);
	free(none);
	free(empty);
}

struct rule {
	int calls, answer;
	struct oid old_id, new_id;
	bool had_old, had_new, present;
	char ref[64];
};

static int
judge(void *ctx, struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e)
{
	struct rule *rule = ctx;

	rule->calls++;
	snprintf(rule->ref, sizeof rule->ref, "%s", ref);
	rule->had_old = old_id;
	rule->had_new = new_id;
	if (old_id)
		rule->old_id = *old_id;
	if (new_id) {
		rule->new_id = *new_id;
		rule->present = git_has(hub, new_id);
	}
	if (rule->answer)
		return err_set(e, (enum err_code)rule->answer, "not yours to change");
	return 0;
}

static void
push_and_fetch(void **state)
{
	struct git *hub = fresh("hub one.git"), *a = fresh("a.git"), *b = fresh("b.git");
	struct oid c1 = save(a, NULL, "x/1", "one"), c2 = save(a, &c1, "x/2", "two"), got, c3, side;
	struct git_remote *r = dial_hub(hub);
	const struct git_remote_ref *refs;
	struct rule rule = {0};
	struct err e = {0};
	char *url = in_scratch("hub%20one.git"), *file;

	(void)state;
	/* no hook of a hub is run */
	must("mkdir -p '%s/hooks'; for h in pre-receive update post-receive reference-transaction; "
	     "do "
	     "printf '#!/bin/sh\\ntouch %s/hook-ran\\nexit 1\\n' > '%s/hooks/'$h; chmod +x "
	     "'%s/hooks/'$h; done",
	    git_path(hub), scratch(), git_path(hub), git_path(hub));
	assert_int_equal(git_remote_refs(r, &refs), 0);
	assert_null(git_remote_ref(r, MAIN));
	ok(git_remote_push(r, a, MAIN, &c2, false, judge, &rule, NULL, NULL, &e), &e);
	assert_int_equal(rule.calls, 1);
	assert_true(!rule.had_old && rule.had_new && rule.present && oid_equal(&rule.new_id, &c2));
	assert_string_equal(rule.ref, MAIN);
	assert_true(oid_equal(git_remote_ref(r, MAIN), &c2));
	/* again: nothing to do */
	ok(git_remote_push(r, a, MAIN, &c2, false, judge, &rule, NULL, NULL, &e), &e);
	assert_int_equal(rule.calls, 1);
	must("git --git-dir='%s' fsck --strict --full", git_path(hub));
	must("test ! -e %s/hook-ran", scratch());
	git_remote_close(r);

	file = xasprintf("file://%s", url);
	ok(git_remote_open(&r, file, &e), &e);
	assert_int_equal(git_remote_refs(r, &refs), 1);
	assert_string_equal(refs[0].name, MAIN);
	ok(git_remote_fetch(r, b, MAIN, SIDE, NULL, NULL, &e), &e);
	ok(git_ref_get(b, &got, SIDE, &e), &e);
	assert_true(oid_equal(&got, &c2));
	must("git --git-dir=%s fsck --strict --full", git_path(b));
	fails(git_remote_fetch(r, b, "refs/akt/keys", SIDE, NULL, NULL, &e), &e, ERR_NOTFOUND,
	    "the hub has no ref refs/akt/keys");
	/* b goes on; a does not know yet */
	c3 = save(b, &c2, "x/3", "three");
	ok(git_remote_push(r, b, MAIN, &c3, false, NULL, NULL, NULL, NULL, &e), &e);
	git_remote_close(r);
	r = dial_hub(hub);
	side = save(a, &c2, "x/4", "four");
	fails(git_remote_push(r, a, MAIN, &side, false, NULL, NULL, NULL, NULL, &e), &e, ERR_RACE,
	    "the hub has changes that are not here yet; sync again");
	ok(git_remote_fetch(r, a, MAIN, SIDE, NULL, NULL, &e), &e);
	fails(git_remote_push(r, a, MAIN, &side, false, NULL, NULL, NULL, NULL, &e), &e, ERR_RACE,
	    "the hub has changes that are not here yet; sync again");
	/* forced: a side ref goes back as well as forward */
	ok(git_remote_push(r, a, MAIN, &side, true, judge, &rule, NULL, NULL, &e), &e);
	assert_true(rule.had_old && oid_equal(&rule.old_id, &c3));
	ok(git_remote_fetch(r, b, MAIN, SIDE, NULL, NULL, &e), &e);
	ok(git_ref_get(b, &got, SIDE, &e), &e);
	assert_true(oid_equal(&got, &side));
	/* and away */
	ok(git_remote_push(r, a, MAIN, NULL, false, judge, &rule, NULL, NULL, &e), &e);
	assert_true(rule.had_old && !rule.had_new);
	assert_null(git_remote_ref(r, MAIN));
	fails(git_ref_get(hub, &got, MAIN, &e), &e, ERR_NOTFOUND, NULL);
	git_remote_close(r);
	git_close(hub);
	git_close(a);
	git_close(b);
	free(url);
	free(file);
}

static void
refused(void **state)
{
	struct git *hub = fresh("strict.git"), *a = fresh("ra.git");
	struct oid c1 = save(a, NULL, "x", "one"), got, missing = {{5}};
	struct git_remote *r = dial_hub(hub);
	struct rule rule = {.answer = ERR_ACCESS};
	struct err e = {0};

	(void)state;
	fails(git_remote_push(r, a, MAIN, &c1, false, judge, &rule, NULL, NULL, &e), &e, ERR_ACCESS,
	    "not yours to change");
	fails(git_ref_get(hub, &got, MAIN, &e), &e, ERR_NOTFOUND, NULL);
	assert_null(git_remote_ref(r, MAIN));
	fails(git_remote_push(r, a, MAIN, &missing, false, NULL, NULL, NULL, NULL, &e), &e,
	    ERR_NOTFOUND, "what should be pushed is not in the repository");
	rule.answer = 0;
	ok(git_remote_push(r, a, MAIN, &c1, false, judge, &rule, NULL, NULL, &e), &e);
	git_remote_close(r);
	git_close(hub);
	git_close(a);
}

/* The hub moves between advertisement and push. */
static void
race(void **state)
{
	struct git *hub = fresh("moving.git"), *a = fresh("ma.git"), *b = fresh("mb.git");
	struct oid c1 = save(a, NULL, "x", "one"), ca, cb, got;
	struct git_remote *ra = dial_hub(hub), *rb;
	struct rule rule = {0};
	struct err e = {0};

	(void)state;
	ok(git_remote_push(ra, a, MAIN, &c1, false, NULL, NULL, NULL, NULL, &e), &e);
	rb = dial_hub(hub);
	ok(git_remote_fetch(rb, b, MAIN, SIDE, NULL, NULL, &e), &e);
	ca = save(a, &c1, "a", "a");
	cb = save(b, &c1, "b", "b");
	ok(git_remote_push(rb, b, MAIN, &cb, false, NULL, NULL, NULL, NULL, &e), &e);
	fails(git_remote_push(ra, a, MAIN, &ca, false, judge, &rule, NULL, NULL, &e), &e, ERR_RACE,
	    "the hub moved meanwhile; sync again");
	assert_int_equal(rule.calls, 0);
	ok(git_ref_get(hub, &got, MAIN, &e), &e);
	assert_true(oid_equal(&got, &cb));
	git_remote_close(ra);
	git_remote_close(rb);
	git_close(hub);
	git_close(a);
	git_close(b);
}

/* Objects that are there without what they name (an interrupted copy) do not stop the copying. */
static void
interrupted(void **state)
{
	struct git *hub = fresh("whole.git"), *b = fresh("part.git");
	struct oid c1 = save(hub, NULL, "x/1", "one"), c2 = save(hub, &c1, "x/2", "two"), tree,
		   p[2];
	struct git_remote *r;
	struct git_batch *batch = git_batch_new(b);
	struct oid some[3];
	struct err e = {0};
	size_t n;

	(void)state;
	ok(git_ref_set(hub, MAIN, &c2, NULL, &e), &e);
	ok(git_commit_links(hub, &c2, &tree, p, &n, &e), &e);
	some[0] = c2;
	some[1] = c1;
	some[2] = tree;
	for (int i = 0; i < 3; i++) {
		struct buf raw = {0};
		enum git_type type;
		struct oid id;

		ok(git_read(hub, &raw, &type, &some[i], &e), &e);
		git_batch_add(batch, &id, type, raw.p, raw.n);
		buf_free(&raw);
	}
	ok(git_batch_write(batch, &e), &e);
	git_batch_free(batch);
	r = dial_hub(hub);
	ok(git_remote_fetch(r, b, MAIN, SIDE, NULL, NULL, &e), &e);
	must("git --git-dir=%s fsck --strict --full", git_path(b));
	git_remote_close(r);
	git_close(hub);
	git_close(b);
}

static void
damaged_hub(void **state)
{
	static const char *const harm[] = {
	    "rm $(find objects -type f | head -1)",
	    "for f in $(find objects -type f); do chmod u+w $f; printf XXXXXXXXXXXX | dd of=$f "
	    "bs=1 seek=9 "
	    "conv=notrunc; done",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char name[32];
		struct git *hub, *b;
		struct git_remote *r;
		struct oid c, got;
		struct err e = {0};

		snprintf(name, sizeof name, "bad%zu.git", i);
		hub = fresh(name);
		snprintf(name, sizeof name, "badb%zu.git", i);
		b = fresh(name);
		c = save(hub, NULL, "x/1", "one");
		c = save(hub, &c, "x/2", "two");
		ok(git_ref_set(hub, MAIN, &c, NULL, &e), &e);
		r = dial_hub(hub);
		must("cd %s && %s", git_path(hub), harm[i]);
		assert_int_equal(git_remote_fetch(r, b, MAIN, SIDE, NULL, NULL, &e), ERR_DAMAGED);
		assert_int_equal(err_code(&e), ERR_DAMAGED);
		err_clear(&e);
		fails(git_ref_get(b, &got, SIDE, &e), &e, ERR_NOTFOUND, NULL);
		git_remote_close(r);
		git_close(hub);
		git_close(b);
	}
}

/* The stick is pulled between opening and copying. */
static void
gone(void **state)
{
	struct git *hub = fresh("stick.git"), *a = fresh("sa.git");
	struct oid c = save(hub, NULL, "x", "1"), mine = save(a, NULL, "y", "2");
	struct git_remote *r;
	struct err e = {0};

	(void)state;
	ok(git_ref_set(hub, MAIN, &c, NULL, &e), &e);
	r = dial_hub(hub);
	must("mv %s %s.away", git_path(hub), git_path(hub));
	fails(git_remote_fetch(r, a, MAIN, SIDE, NULL, NULL, &e), &e, ERR_HUB,
	    "the hub's folder is gone; connect the stick or drive and try again");
	fails(git_remote_push(r, a, MAIN, &mine, true, NULL, NULL, NULL, NULL, &e), &e, ERR_HUB,
	    "the hub's folder is gone; connect the stick or drive and try again");
	git_remote_close(r);
	git_close(hub);
	git_close(a);
}

struct counter {
	size_t calls, stop_at, done, total;
};

static int
count(void *ctx, size_t done, size_t total)
{
	struct counter *c = ctx;

	c->done = done;
	c->total = total;
	return ++c->calls == c->stop_at;
}

/* Many objects travel as one pack; a parentless successor brings only what is new. */
static void
large(void **state)
{
	enum { N = 400 };
	struct git *hub = fresh("big.git"), *a = fresh("biga.git"), *b = fresh("bigb.git");
	struct git_batch *batch = git_batch_new(a);
	struct git_update u[N];
	static char path[N][32];
	struct oid id[N], tree, c1, c2, blob, got;
	struct counter stop = {.stop_at = 5}, seen = {0};
	struct git_remote *r;
	struct err e = {0};

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(path[i], sizeof path[i], "%d/%d/%d", i % 10, i / 10 % 10, i);
		git_batch_add(batch, &id[i], GIT_BLOB, path[i], strlen(path[i]));
		u[i] = (struct git_update){path[i], &id[i]};
	}
	ok(git_tree_update(batch, &tree, NULL, u, N, &e), &e);
	c1 = commit(batch, &tree, NULL, NULL, 1700000000, "keys");
	git_batch_add(batch, &blob, GIT_BLOB, "new", 3);
	ok(git_tree_update(batch, &tree, &tree, &(struct git_update){"0/0/new", &blob}, 1, &e), &e);
	c2 = commit(batch, &tree, NULL, NULL, 1700000001, "keys");
	ok(git_batch_write(batch, &e), &e);
	git_batch_free(batch);
	r = dial_hub(hub);
	fails(git_remote_push(r, a, "refs/akt/keys", &c1, true, NULL, NULL, count, &stop, &e), &e,
	    ERR_CANCELLED, "cancelled");
	fails(git_ref_get(hub, &got, "refs/akt/keys", &e), &e, ERR_NOTFOUND, NULL);
	ok(git_remote_push(r, a, "refs/akt/keys", &c1, true, NULL, NULL, NULL, NULL, &e), &e);
	ok(git_remote_fetch(r, b, "refs/akt/keys", "refs/akt/keys", count, &seen, &e), &e);
	assert_true(seen.total > N && seen.done == seen.total);
	must("test $(ls %s/objects/pack/*.pack | wc -l) = 1", git_path(b));
	ok(git_remote_push(r, a, "refs/akt/keys", &c2, true, NULL, NULL, NULL, NULL, &e), &e);
	memset(&seen, 0, sizeof seen);
	ok(git_remote_fetch(r, b, "refs/akt/keys", "refs/akt/keys", count, &seen, &e), &e);
	assert_int_equal(seen.total, 5); /* blob, three trees, commit */
	must("git --git-dir=%s fsck --strict --full && git --git-dir=%s fsck --strict --full",
	    git_path(b), git_path(hub));
	git_remote_close(r);
	git_close(hub);
	git_close(a);
	git_close(b);
}

enum { PUSHES = 25 };

/* One machine: fetch, add a commit on top, push; again at every race. */
static int
machine(const char *hub, const char *own, int who)
{
	struct git *g = NULL;
	struct err e = {0};

	if (git_init(&g, own, &e))
		return 1;
	for (int i = 0; i < PUSHES;) {
		struct git_remote *r = NULL;
		struct git_batch *b = git_batch_new(g);
		struct oid tip, tree, parents[2], c;
		char msg[32];
		size_t n;
		int rc;

		err_clear(&e);
		rc = git_remote_open(&r, hub, &e);
		if (!rc)
			rc = git_remote_fetch(r, g, MAIN, SIDE, NULL, NULL, &e);
		if (!rc) {
			tip = *git_remote_ref(r, MAIN);
			rc = git_commit_links(g, &tip, &tree, parents, &n, &e);
		}
		if (!rc) {
			snprintf(msg, sizeof msg, "%d %d", who, i);
			c = commit(b, &tree, &tip, NULL, 1700000000, msg);
			rc = git_batch_write(b, &e);
		}
		if (!rc)
			rc = git_remote_push(r, g, MAIN, &c, false, NULL, NULL, NULL, NULL, &e);
		git_batch_free(b);
		git_remote_close(r);
		if (rc && rc != ERR_RACE) {
			fprintf(stderr, "%s\n", e.item[0].text);
			return 1;
		}
		i += rc == 0;
	}
	git_close(g);
	return 0;
}

static void
two_machines(void **state)
{
	char *hub = in_scratch("shared.git"),
	     *own[2] = {in_scratch("m0.git"), in_scratch("m1.git")};
	struct buf out = {0};
	pid_t pid[2];
	int status;

	(void)state;
	must("git init -q --bare -b main %s; cd %s; c=$(git commit-tree -m root $(git mktree "
	     "</dev/null)); "
	     "git update-ref refs/heads/main $c",
	    hub, hub);
	for (int i = 0; i < 2; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(machine(hub, own[i], i));
	}
	for (int i = 0; i < 2; i++) {
		waitpid(pid[i], &status, 0);
		assert_int_equal(status, 0);
	}
	sh(&out, "cd %s; git rev-list --count main; git log --format=%%s main | sort -u | wc -l",
	    hub);
	assert_string_equal(buf_str(&out), "51\n51\n");
	buf_free(&out);
	free(hub);
	free(own[0]);
	free(own[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		two_machines), /* first: libgit2's generator of names must not be shared */
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(host_keys),
	    cmocka_unit_test(cannot_open),
	    cmocka_unit_test(push_and_fetch),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(race),
	    cmocka_unit_test(interrupted),
	    cmocka_unit_test(damaged_hub),
	    cmocka_unit_test(gone),
	    cmocka_unit_test(large),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
