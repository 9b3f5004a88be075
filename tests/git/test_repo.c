/* Repositories: opening, reading, batches, refusals; held to stock git. */
#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/alloc.h"
#include "base/os.h"

static void
ids(void **state)
{
	struct oid id, zero = {{0}};
	char hex[41];

	(void)state;
	assert_false(oid_parse(&id, ""));
	assert_false(oid_parse(&id, "4b825dc642cb6eb9a060e54bf8d69288fbee490"));
	assert_false(oid_parse(&id, "4b825dc642cb6eb9a060e54bf8d69288fbee49044"));
	assert_false(oid_parse(&id, "4B825DC642CB6EB9A060E54BF8D69288FBEE4904"));
	assert_true(oid_parse(&id, "4b825dc642cb6eb9a060e54bf8d69288fbee4904"));
	oid_hash(&zero, GIT_TREE, NULL, 0);
	assert_true(oid_equal(&id, &zero));
	oid_hash(&id, GIT_BLOB, "hello\n", 6);
	oid_format(hex, &id);
	assert_string_equal(hex, "ce013625030ba8dba906f756967f9e9ca394464a");
}

static void
init(void **state)
{
	char *path = in_scratch("init.git"), *busy = in_scratch("busy");
	struct git *g = NULL;
	struct err e = {0};
	struct buf out = {0};

	(void)state;
	ok(git_init(&g, path, &e), &e);
	assert_string_equal(git_path(g), path);
	git_close(g);
	must("git --git-dir=%s fsck --strict", path);
	assert_int_equal(sh(&out,
			     "git --git-dir=%s symbolic-ref HEAD; git --git-dir=%s config gc.auto; "
			     "git --git-dir=%s rev-parse --is-bare-repository",
			     path, path, path),
	    0);
	assert_string_equal(buf_str(&out), "refs/heads/main\n0\ntrue\n");
	buf_free(&out);
	g = NULL;
	assert_int_equal(git_init(&g, path, &e), ERR_EXISTS);
	err_clear(&e);
	must("mkdir %s; touch %s/x", busy, busy);
	assert_int_equal(git_init(&g, busy, &e), ERR_EXISTS);
	err_clear(&e);
	assert_int_equal(git_open(&g, busy, false, &e), ERR_NOTFOUND);
	err_clear(&e);
	assert_null(g);
	must("rm %s/x", busy);
	ok(git_init(&g, busy, &e), &e);
	git_close(g);
	free(path);
	free(busy);
}

/* What would redirect or rewrite history is refused with a text that says which. */
static void
refusals(void **state)
{
	static const struct {
		const char *make, *text;
	} t[] = {
	    {"mkdir -p info; echo > info/grafts",
		"this repository has a grafts file, which changes "
		"its history; remove info/grafts"},
	    {"echo > shallow",
		"this repository is shallow: part of its history is missing; clone "
		"it anew in full"},
	    {"echo /tmp > objects/info/alternates",
		"this repository takes objects from another "
		"folder; remove objects/info/alternates after a full repack"},
	    {"echo .. > commondir", NULL},
	    {"git replace HEAD HEAD^",
		"this repository has replace refs, which change its history; "
		"remove refs/replace"},
	    {"git replace HEAD HEAD^; git pack-refs --all",
		"this repository has replace refs, which "
		"change its history; remove refs/replace"},
	    {"git config core.repositoryformatversion 1; git config extensions.objectFormat sha256",
		"this repository's format (SHA-256, partial or newer) is not supported"},
	    {"git config core.repositoryformatversion 1; git config extensions.partialClone o",
		"this repository's format (SHA-256, partial or newer) is not supported"},
	    {"git config core.repositoryformatversion 2",
		"this repository's format (SHA-256, partial or newer) is not supported"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char name[32], *path;
		struct git *g;
		struct oid a, b;
		struct err e = {0};
		int rc;

		snprintf(name, sizeof name, "refuse%zu.git", i);
		g = fresh(name);
		path = xstrdup(git_path(g));
		a = save(g, NULL, "a", "1");
		b = save(g, &a, "a", "2");
		ok(git_ref_set(g, "refs/heads/main", &b, NULL, &e), &e);
		git_close(g);
		g = NULL;
		must("cd %s && %s", path, t[i].make);
		rc = git_open(&g, path, false, &e);
		if (t[i].text)
			fails(rc, &e, ERR_DAMAGED, t[i].text);
		assert_int_not_equal(rc, 0);
		free(path);
	}
}

/* No setting outside or inside the repository, no variable, leads elsewhere. */
static void
ambient(void **state)
{
	struct git *g = fresh("ambient.git"), *other = fresh("other.git");
	struct oid id = save(g, NULL, "a", "1"), got;
	struct err e = {0};

	(void)state;
	ok(git_ref_set(g, "refs/heads/main", &id, NULL, &e), &e);
	must("printf '[include]\\n\\tpath = /nonexistent/x\\n[core]\\n\\tworktree = /\\n"
	     "\\tlogAllRefUpdates = true\\n' > $HOME/.gitconfig");
	must("git --git-dir=%s config core.logAllRefUpdates true", git_path(g));
	setenv("GIT_DIR", git_path(other), 1);
	setenv("GIT_OBJECT_DIRECTORY", "/nonexistent", 1);
	setenv("GIT_NAMESPACE", "ns", 1);
	git_close(g);
	{
		char *path = in_scratch("ambient.git///");

		ok(git_open(&g, path, false, &e), &e);
		free(path);
	}
	ok(git_ref_get(g, &got, "refs/heads/main", &e), &e);
	assert_true(oid_equal(&id, &got));
	id = save(g, &id, "b", "2");
	ok(git_ref_set(g, "refs/heads/main", &id, &got, &e), &e);
	unsetenv("GIT_DIR");
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_NAMESPACE");
	must("test ! -e %s/logs", git_path(g));
	must("rm $HOME/.gitconfig");
	git_close(g);
	git_close(other);
}

static void
read_write(void **state)
{
	struct git *g = fresh("rw.git");
	struct git_batch *b = git_batch_new(g);
	struct buf big = {0}, got = {0}, out = {0};
	struct oid small_id, big_id, empty_id, missing = {{9}};
	enum git_type type;
	struct err e = {0};
	char hex[41];
	size_t n;

	(void)state;
	for (int i = 0; i < 50000; i++)
		buf_printf(&big, "%d\n", i); /* several stored blocks */
	git_batch_add(b, &small_id, GIT_BLOB, "hello\n", 6);
	git_batch_add(b, &small_id, GIT_BLOB, "hello\n", 6);
	git_batch_add(b, &big_id, GIT_BLOB, big.p, big.n);
	git_batch_add(b, &empty_id, GIT_BLOB, NULL, 0);
	assert_false(git_has(g, &small_id));
	ok(git_batch_read(b, &got, &type, &big_id, &e), &e);
	assert_int_equal(type, GIT_BLOB);
	assert_true(got.n == big.n && memcmp(got.p, big.p, big.n) == 0);
	fails(git_batch_read(b, &got, &type, &missing, &e), &e, ERR_NOTFOUND,
	    "object 0900000000000000000000000000000000000000 is missing; akt doctor fetches it again");
	ok(git_batch_write(b, &e), &e);
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);

	assert_true(git_has(g, &small_id));
	assert_false(git_has(g, &missing));
	buf_reset(&got);
	ok(git_read(g, &got, &type, &big_id, &e), &e);
	assert_true(got.n == big.n && memcmp(got.p, big.p, big.n) == 0);
	ok(git_size(g, &n, &type, &big_id, &e), &e);
	assert_int_equal(n, big.n);
	ok(git_size(g, &n, &type, &empty_id, &e), &e);
	assert_int_equal(n, 0);
	assert_int_equal(type, GIT_BLOB);
	fails(git_size(g, &n, &type, &missing, &e), &e, ERR_NOTFOUND, NULL);
	must("git --git-dir=%s fsck --strict --full", git_path(g));
	oid_format(hex, &big_id);
	assert_int_equal(sh(&out, "git --git-dir=%s cat-file blob %s", git_path(g), hex), 0);
	assert_true(out.n == big.n && memcmp(out.p, big.p, big.n) == 0);
	must("test $(find %s/objects -name 'tmp*' | wc -l) = 0", git_path(g));
	/* and git can collect what we wrote */
	must("cd %s && git repack -adq && git prune-packed && git fsck --strict --full",
	    git_path(g));
	buf_free(&big);
	buf_free(&got);
	buf_free(&out);
	git_close(g);
}

/* A damaged object is reported, never handed out; writing the same object again mends it. */
static void
damaged(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		char name[32], *file;
		struct git *g;
		struct git_batch *b;
		struct oid id;
		struct buf got = {0}, cmd = {0};
		struct err e = {0};

		snprintf(name, sizeof name, "damaged%d.git", i);
		g = fresh(name);
		b = git_batch_new(g);
		git_batch_add(b, &id, GIT_BLOB, "a text that is long enough\n", 27);
		ok(git_batch_write(b, &e), &e);
		file = xasprintf("%s/objects/%02x/*", git_path(g), id.b[0]);
		assert_int_equal(sh(&cmd, "echo -n %s", file), 0);
		must(i == 0      ? "chmod u+w %s && : > %s"
			: i == 1 ? "chmod u+w %s && printf '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0' > %s"
				 : "chmod u+w %s && printf x | dd of=%s bs=1 seek=20 conv=notrunc",
		    buf_str(&cmd), buf_str(&cmd));
		fails(git_read(g, &got, NULL, &id, &e), &e, ERR_DAMAGED, NULL);
		assert_int_equal(got.n, 0);
		ok(git_batch_write(b, &e), &e);
		ok(git_read(g, &got, NULL, &id, &e), &e);
		assert_string_equal(buf_str(&got), "a text that is long enough\n");
		must("git --git-dir=%s fsck --strict --full", git_path(g));
		git_batch_free(b);
		buf_free(&got);
		buf_free(&cmd);
		free(file);
		git_close(g);
	}
}

/* A large batch becomes one pack. */
static void
batch_of(const char *name, int n, const char *written)
{
	struct git *g = fresh(name);
	struct git_batch *b = git_batch_new(g);
	struct oid *id = xcalloc((size_t)n, sizeof *id), tree, c;
	struct git_update *u = xcalloc((size_t)n, sizeof *u);
	char (*path)[32] = xcalloc((size_t)n, sizeof *path), text[32];
	struct buf out = {0};
	struct err e = {0};

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof text, "text %d", i);
		snprintf(path[i], sizeof path[i], "%d/%d/f%d", i % 10, i % 7, i);
		git_batch_add(b, &id[i], GIT_BLOB, text, strlen(text));
		u[i] = (struct git_update){path[i], &id[i]};
	}
	ok(git_tree_update(b, &tree, NULL, u, (size_t)n, &e), &e);
	c = commit(b, &tree, NULL, NULL, 1700000000, "large");
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	ok(git_ref_set(g, "refs/heads/main", &c, NULL, &e), &e);
	assert_int_equal(
	    sh(&out,
		"cd %s; ls objects | tr '\\n' ' '; ls objects/pack | sed 's/.*\\.//' | "
		"tr '\\n' ' '; git ls-tree -r HEAD | wc -l",
		git_path(g)),
	    0);
	assert_string_equal(buf_str(&out), written);
	must("git --git-dir=%s fsck --strict --full", git_path(g));
	buf_free(&out);
	git_close(g);
	free(path);
	free(u);
	free(id);
}

static void
large_batch(void **state)
{
	(void)state;
	batch_of("large.git", 500, "info pack idx pack 500\n");
	/* what blobs might share is not sought in so many */
	batch_of("larger.git", 1001, "info pack idx pack idx pack 1001\n");
}

/* Every write failing in turn: an error, the old state, no litter. */
static void
faults(void **state)
{
	struct git *g = fresh("faults.git");
	struct git_batch *b = git_batch_new(g);
	struct oid id[3];
	struct err e = {0};
	long n = 0;
	int rc;

	(void)state;
	git_batch_add(b, &id[0], GIT_BLOB, "one", 3);
	git_batch_add(b, &id[1], GIT_BLOB, "two", 3);
	git_batch_add(b, &id[2], GIT_BLOB, "three", 5);
	do {
		must("find %s/objects -type f -delete", git_path(g));
		os_fault_at(++n, 28);
		rc = git_batch_write(b, &e);
		os_fault_at(0, 0);
		if (rc)
			assert_int_equal(err_code(&e), ERR_IO);
		err_clear(&e);
		must("test $(find %s/objects -name 'tmp*' | wc -l) = 0", git_path(g));
		must("git --git-dir=%s fsck --strict --full", git_path(g));
	} while (rc);
	assert_true(n > 6);
	for (int i = 0; i < 3; i++)
		assert_true(git_has(g, &id[i]));
	git_batch_free(b);
	git_close(g);
}

static void
text_merge(void **state)
{
	static const struct {
		const char *base, *ours, *theirs, *out; /* out NULL: a conflict */
	} t[] = {
	    {"a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n"},
	    {"a\n", "b\n", "c\n", NULL},
	    {"a\n", "b\n", "b\n", "b\n"},
	    {"", "a\n", "", "a\n"},
	    {"a\nb", "a\nb", "a\nB", "a\nB"},
	    {"", "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct buf out = {0}, files = {0};
		struct err e = {0};
		bool clean = !t[i].out;
		int rc;

		ok(git_merge_text(&out, &clean, t[i].base, strlen(t[i].base), t[i].ours,
		       strlen(t[i].ours), t[i].theirs, strlen(t[i].theirs), &e),
		    &e);
		assert_int_equal(clean, t[i].out != NULL);
		assert_string_equal(buf_str(&out), t[i].out ? t[i].out : "");
		rc = sh(&files,
		    "cd $HOME; printf '%s' > b; printf '%s' > o; printf '%s' > t; "
		    "git merge-file -p o b t 2>/dev/null",
		    t[i].base, t[i].ours, t[i].theirs);
		assert_int_equal(rc == 0, t[i].out != NULL);
		if (rc == 0)
			assert_string_equal(buf_str(&files), buf_str(&out));
		buf_free(&out);
		buf_free(&files);
	}
}

/* As git-receive-pack runs a hook: the pushed objects wait in quarantine. */
static void
quarantine(void **state)
{
	struct git *hub = fresh("hub.git"), *g = fresh("pusher.git");
	struct oid a = save(g, NULL, "a", "1"), got;
	struct err e = {0};
	struct buf env = {0}, out = {0};
	char *line;

	(void)state;
	ok(git_ref_set(g, "refs/heads/main", &a, NULL, &e), &e);
	/* a hook that keeps a copy of what it was given, and refuses */
	must("mkdir -p %s/hooks; printf '#!/bin/sh\\ncp -r $GIT_QUARANTINE_PATH %s/kept\\n"
	     "env | grep ^GIT_ > %s/env\\nexit 1\\n' > %s/hooks/pre-receive; chmod +x "
	     "%s/hooks/pre-receive",
	    git_path(hub), scratch(), scratch(), git_path(hub), git_path(hub));
	assert_int_not_equal(
	    sh(&out, "git --git-dir=%s push %s refs/heads/main", git_path(g), git_path(hub)), 0);
	assert_false(git_has(hub, &a));
	git_close(hub);
	assert_int_equal(sh(&env,
			     "grep -E 'GIT_(DIR|QUARANTINE_PATH|OBJECT_DIRECTORY|ALTERNATE_OBJECT_"
			     "DIRECTORIES)=' %s/env | sort",
			     scratch()),
	    0);
	assert_non_null(strstr(buf_str(&env), "GIT_QUARANTINE_PATH="));
	for (line = strtok(env.p, "\n"); line; line = strtok(NULL, "\n")) {
		char *eq = strchr(line, '=');

		*eq = '\0';
		if (strcmp(line, "GIT_QUARANTINE_PATH") == 0 ||
		    strcmp(line, "GIT_OBJECT_DIRECTORY") == 0) {
			char *kept = in_scratch("kept");

			setenv(line, kept, 1);
			free(kept);
		} else if (strcmp(line, "GIT_DIR") != 0) {
			setenv(line, eq + 1, 1);
		}
	}
	{
		char *path = in_scratch("hub.git");

		setenv("GIT_DIR", path, 1);
		ok(git_open(&hub, ".", true, &e), &e);
		assert_string_equal(git_path(hub), path);
		free(path);
	}
	assert_true(git_has(hub, &a));
	ok(git_ref_each(hub, "", NULL, NULL, &e), &e);
	fails(git_ref_get(hub, &got, "refs/heads/main", &e), &e, ERR_NOTFOUND,
	    "there is no ref refs/heads/main");
	unsetenv("GIT_DIR");
	unsetenv("GIT_QUARANTINE_PATH");
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	git_close(hub);
	git_close(g);
	buf_free(&env);
	buf_free(&out);
}

static void
stale(void **state)
{
	static const char *const made[] = {"refs/heads/main.lock", "refs/akt/devices/x.lock",
	    "packed-refs.lock", "objects/ab/tmp_obj_x", "objects/tmp_object_git2_x",
	    "objects/pack/pack_git2_x", "akt-incoming-x"};
	struct git *g = fresh("stale.git");
	struct oid a = save(g, NULL, "a", "1");
	struct err e = {0};

	(void)state;
	must("cd %s; mkdir -p refs/akt/devices objects/ab akt-incoming-x akt-incoming-y",
	    git_path(g));
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		must("touch -d '-1 hour' %s/%s", git_path(g), made[i]);
	must("touch %s/refs/heads/young.lock", git_path(g));
	ok(git_clear_stale(g, 600, &e), &e);
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		must("test ! -e %s/%s", git_path(g), made[i]);
	must("test -e %s/refs/heads/young.lock && test -e %s/akt-incoming-y", git_path(g),
	    git_path(g));
	assert_true(git_has(g, &a));
	ok(git_ref_set(g, "refs/heads/main", &a, NULL, &e), &e);
	git_close(g);
}

/* Bytes of files in this process's memory. */
static size_t
resident(void)
{
	unsigned long size, all, files = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu %lu %lu", &size, &all, &files), 3);
	fclose(f);
	return files * (size_t)sysconf(_SC_PAGESIZE);
}

/* A pack is read without all of it staying in memory, and what is read again is the same. */
static void
mapped(void **state)
{
	enum { N = 240, SIZE = 256 << 10 };
	struct git *g = fresh("mapped.git");
	struct git_batch *b = git_batch_new(g);
	struct oid *ids = xcalloc(N, sizeof *ids);
	uint32_t *p = xmalloc(SIZE), x = 1;
	struct buf out = {0};
	struct err e = {0};
	size_t before, most = 0;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < SIZE / sizeof *p; k++)
			p[k] = x = x * 1664525 + 1013904223;
		git_batch_add(b, &ids[i], GIT_BLOB, p, SIZE);
	}
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	must("test $(find %s/objects/pack -name '*.pack' -size +50M | wc -l) = 1", git_path(g));
	before = resident();
	for (size_t i = 0; i < 2 * N; i++) {
		struct oid id = {{0}};
		size_t now;

		buf_reset(&out);
		ok(git_read(g, &out, NULL, &ids[i % N], &e), &e);
		oid_hash(&id, GIT_BLOB, out.p, out.n);
		assert_memory_equal(&id, &ids[i % N], sizeof id);
		now = resident();
		most = now > most ? now : most;
	}
	/* 12 MiB, what comes between two looks, and the indexes */
	assert_true(most < before + ((size_t)24 << 20));
	buf_free(&out);
	free(p);
	free(ids);
	git_close(g);
}

/* What the disk does not give up is there: such a folder is no empty one, and no other. */
static void
unreadable(void **state)
{
	static const char *const parts[] = {"HEAD", "objects", "refs"};
	char *path = in_scratch("unreadable.git"), *text;
	struct git *g = NULL;
	struct err e = {0};

	(void)state;
	text = xasprintf("cannot open the repository at %s: Too many levels of symbolic links", path);
	ok(git_init(&g, path, &e), &e);
	git_close(g);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		must("cd %s && mv %s aside && ln -s %s %s", path, parts[i], parts[i], parts[i]);
		fails(git_open(&g, path, false, &e), &e, ERR_IO, text);
		must("cd %s && rm %s && mv aside %s", path, parts[i], parts[i]);
	}
	free(path);
	free(text);
	path = in_scratch("round");
	text = xasprintf("cannot read folder %s: Too many levels of symbolic links", path);
	must("ln -s %s %s", path, path);
	fails(git_init(&g, path, &e), &e, ERR_IO, text);
	git_disk_forget();
	free(text);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids),
	    cmocka_unit_test(init),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(unreadable),
	    cmocka_unit_test(ambient),
	    cmocka_unit_test(read_write),
	    cmocka_unit_test(damaged),
	    cmocka_unit_test(large_batch),
	    cmocka_unit_test(mapped),
	    cmocka_unit_test(faults),
	    cmocka_unit_test(text_merge),
	    cmocka_unit_test(quarantine),
	    cmocka_unit_test(stale),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
