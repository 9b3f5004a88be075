/* Refs: compare-and-swap, listing, damage. */
#include "git/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

#define MAIN "refs/heads/main"

static void
compare_and_swap(void **state)
{
	struct git *g = fresh("cas.git");
	struct oid a = save(g, NULL, "a", "1"), b = save(g, &a, "a", "2"), got, missing = {{7}};
	static const char moved[] = "ref refs/heads/main was moved by another program";
	struct err e = {0};

	(void)state;
	fails(git_ref_get(g, &got, MAIN, &e), &e, ERR_NOTFOUND, "there is no ref refs/heads/main");
	fails(git_ref_set(g, MAIN, &b, &a, &e), &e, ERR_RACE, moved);
	fails(git_ref_set(g, MAIN, NULL, &a, &e), &e, ERR_RACE, moved);
	ok(git_ref_set(g, MAIN, &a, NULL, &e), &e);
	fails(git_ref_set(g, MAIN, &a, NULL, &e), &e, ERR_RACE, moved);
	fails(git_ref_set(g, MAIN, &a, &b, &e), &e, ERR_RACE, moved);
	ok(git_ref_get(g, &got, MAIN, &e), &e);
	assert_true(oid_equal(&got, &a));
	ok(git_ref_set(g, MAIN, &b, &a, &e), &e);
	fails(git_ref_set(g, MAIN, &missing, &b, &e), &e, ERR_NOTFOUND,
	    "ref refs/heads/main would point at an object that is missing");
	/* the same where git packed it */
	must("git --git-dir=%s pack-refs --all", git_path(g));
	fails(git_ref_set(g, MAIN, &a, NULL, &e), &e, ERR_RACE, moved);
	fails(git_ref_set(g, MAIN, NULL, &a, &e), &e, ERR_RACE, moved);
	ok(git_ref_set(g, MAIN, NULL, &b, &e), &e);
	fails(git_ref_get(g, &got, MAIN, &e), &e, ERR_NOTFOUND, NULL);
	ok(git_ref_set(g, "refs/akt/out/x/y", &a, NULL, &e), &e);
	ok(git_ref_set(g, "refs/akt/out/x/y", NULL, &a, &e), &e);
	ok(git_ref_set(g, "refs/akt/out/x", &a, NULL, &e), &e);
	git_close(g);
}

static void
names(void **state)
{
	static const char *const bad[] = {"", "main", "HEAD", "refs/", "refs/heads/",
	    "refs/heads/..", "refs/heads/a..b", "refs/heads/a b", "refs/heads/a.lock", "refs//x",
	    "refs/../x", "/refs/heads/x", "refs/heads/a~b", "refs/heads/.x", "refs/heads/@{x",
	    "refs/heads/x\n"};
	struct git *g = fresh("names.git");
	struct oid a = save(g, NULL, "a", "1"), got;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(git_ref_set(g, bad[i], &a, NULL, &e), &e, ERR_INVALID,
		    "not a valid name of a ref");
		fails(
		    git_ref_get(g, &got, bad[i], &e), &e, ERR_INVALID, "not a valid name of a ref");
	}
	git_close(g);
}

static int
list(void *ctx, const char *ref, const struct oid *id)
{
	(void)id;
	buf_printf(ctx, "%s\n", ref);
	return 0;
}

static void
each(void **state)
{
	struct git *g = fresh("each.git");
	struct oid a = save(g, NULL, "a", "1");
	static const char *const refs[] = {"refs/akt/devices/b.x", "refs/akt/devices/a.y",
	    "refs/akt/keys", "refs/heads/main", "refs/akt/devicesx"};
	struct buf out = {0};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		ok(git_ref_set(g, refs[i], &a, NULL, &e), &e);
		if (i == 2)
			must("git --git-dir=%s pack-refs --all", git_path(g));
	}
	ok(git_ref_each(g, "", list, &out, &e), &e);
	assert_string_equal(buf_str(&out),
	    "refs/akt/devices/a.y\nrefs/akt/devices/b.x\n"
	    "refs/akt/devicesx\nrefs/akt/keys\nrefs/heads/main\n");
	buf_reset(&out);
	ok(git_ref_each(g, "refs/akt/devices/", list, &out, &e), &e);
	assert_string_equal(buf_str(&out), "refs/akt/devices/a.y\nrefs/akt/devices/b.x\n");
	buf_reset(&out);
	/* a damaged ref is said, not left out */
	must("cd %s; mkdir -p refs/akt/devices; : > refs/akt/devices/a.y", git_path(g));
	fails(git_ref_each(g, "refs/akt/devices/", list, &out, &e), &e, ERR_DAMAGED,
	    "ref refs/akt/devices/a.y is damaged; akt doctor mends it");
	ok(git_ref_each(g, "refs/heads/", list, &out, &e), &e);
	must("echo 'ref: refs/heads/main' > %s/refs/akt/devices/a.y", git_path(g));
	fails(git_ref_get(g, &a, "refs/akt/devices/a.y", &e), &e, ERR_DAMAGED,
	    "ref refs/akt/devices/a.y is damaged; akt doctor mends it");
	buf_free(&out);
	git_close(g);
}

enum { MOVES = 200 };

/* Appends MOVES commits by compare-and-swap, beginning again at every race. */
static int
mover(const char *path, int who)
{
	struct git *g = NULL;
	struct err e = {0};

	if (git_open(&g, path, false, &e))
		return 1;
	for (int i = 0; i < MOVES; i++) {
		struct git_batch *b = git_batch_new(g);
		struct oid tip, tree, parents[2], c;
		char msg[32];
		size_t n;
		int rc;

		err_clear(&e);
		snprintf(msg, sizeof msg, "%d %d", who, i);
		rc = git_ref_get(g, &tip, MAIN, &e);
		if (!rc)
			rc = git_commit_links(g, &tip, &tree, parents, &n, &e);
		if (!rc) {
			c = commit(b, &tree, &tip, NULL, 1700000000, msg);
			rc = git_batch_write(b, &e);
		}
		if (!rc)
			rc = git_ref_set(g, MAIN, &c, &tip, &e);
		git_batch_free(b);
		if (rc == ERR_RACE)
			i--;
		else if (rc) {
			fprintf(stderr, "%s\n", e.item[0].text);
			return 1;
		}
	}
	git_close(g);
	return 0;
}

/* Two processes, no update lost. They are started before this one touches libgit2's generator of
 * temporary names: each has its own. */
static void
two_processes(void **state)
{
	struct buf out = {0};
	char *path = in_scratch("race.git");
	pid_t pid[2];
	int status;

	(void)state;
	must("git init -q --bare -b main %s; cd %s; c=$(git commit-tree -m root $(git mktree "
	     "</dev/null)); "
	     "git update-ref refs/heads/main $c",
	    path, path);
	for (int i = 0; i < 2; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(mover(path, i));
	}
	for (int i = 0; i < 2; i++) {
		waitpid(pid[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(
	    sh(&out,
		"cd %s; git rev-list --count main; git log --format=%%s main | sort -u | "
		"wc -l; git fsck --strict 2>&1 | grep -v dangling",
		path),
	    1);
	assert_string_equal(buf_str(&out), "401\n401\n");
	buf_free(&out);
	free(path);
}

static void
locks(void **state)
{
	struct git *g = fresh("locks.git");
	struct oid a = save(g, NULL, "a", "1"), b = save(g, &a, "a", "2"), got;
	char *lock = xasprintf("%s/refs/heads/main.lock", git_path(g)), *path;
	struct err e = {0};
	pid_t pid;

	(void)state;
	ok(git_ref_set(g, MAIN, &a, NULL, &e), &e);
	must("touch -d '-1 hour' %s", lock);
	/* somebody who works: the lock is another one all the time */
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "while :; do touch \"$0\"; sleep 0.05; done", lock,
		    (char *)NULL);
		_exit(127);
	}
	fails(git_ref_set(g, MAIN, &b, &a, &e), &e, ERR_BUSY,
	    "ref refs/heads/main is locked by another program; try again");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* somebody who died, whatever the clock says of when */
	must("touch -d '+1 hour' %s", lock);
	ok(git_ref_set(g, MAIN, &b, &a, &e), &e);
	ok(git_ref_get(g, &got, MAIN, &e), &e);
	assert_true(oid_equal(&got, &b));
	must("cd %s; test ! -e %s && git pack-refs --all && touch packed-refs.lock", git_path(g),
	    lock);
	/* libgit2 believes the ref gone and writes packed-refs no more; whoever opens it next does */
	fails(git_ref_set(g, MAIN, NULL, &b, &e), &e, ERR_BUSY, NULL);
	must("test ! -e %s/packed-refs.lock", git_path(g));
	git_close(g);
	path = in_scratch("locks.git");
	ok(git_open(&g, path, false, &e), &e);
	ok(git_ref_set(g, MAIN, NULL, &b, &e), &e);
	fails(git_ref_get(g, &got, MAIN, &e), &e, ERR_NOTFOUND, NULL);
	free(path);
	free(lock);
	git_close(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_processes), /* first: see there */
	    cmocka_unit_test(compare_and_swap),
	    cmocka_unit_test(names),
	    cmocka_unit_test(each),
	    cmocka_unit_test(locks),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
