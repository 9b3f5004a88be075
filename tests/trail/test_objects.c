#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "trail/objects.h"
#include "trail/counted.h"
#include "trail/repo.h"

static void
put(struct counted *f, struct oid *tree, const char *path, const char *text)
{
	struct oid blob;
	struct git_update u = {path, text ? &blob : NULL};
	struct err e = {0};

	if (text)
		git_batch_add(f->b, &blob, GIT_BLOB, text, strlen(text));
	assert_int_equal(git_tree_update(f->b, tree, oid_zero(tree) ? NULL : tree, &u, 1, &e), 0);
}

/* A raw tree entry. */
static void
add_entry(struct buf *b, const char *mode, const char *name, const struct oid *id)
{
	buf_printf(b, "%s %s", mode, name);
	buf_add(b, "", 1);
	buf_add(b, id->b, sizeof id->b);
}

static void
file_at_a_path(void **state)
{
	static const struct {
		const char *path, *text; /* NULL: not found */
	} rows[] = {
		{"store.yaml", "s"},
		{"a/b/c", "deep"},
		{"a/b", NULL},
		{"a", NULL},
		{"a/b/c/d", NULL},
		{"store.yaml/x", NULL},
		{"none", NULL},
		{"a/none", NULL},
		{"none/c", NULL},
		{"", NULL},
		{"a//b/c", NULL},
		{"a/b/", NULL},
	};
	struct counted *f = *state;
	struct oid tree = {{0}};

	put(f, &tree, "store.yaml", "s");
	put(f, &tree, "a/b/c", "deep");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = {0};
		struct err e = {0};
		struct oid id = {{7}}, expected;
		int rc = objects_file(&f->o, &out, &id, &tree, rows[i].path, &e);

		if (rows[i].text) {
			assert_int_equal(rc, 0);
			assert_string_equal(buf_str(&out), rows[i].text);
			oid_hash(&expected, GIT_BLOB, out.p, out.n);
			assert_true(oid_equal(&id, &expected));
			assert_int_equal(objects_file(&f->o, NULL, NULL, &tree, rows[i].path, &e), 0);
		} else {
			assert_int_equal(rc, ERR_NOTFOUND);
			assert_string_equal(e.item[0].text, "there is no such file");
			assert_string_equal(e.item[0].path, rows[i].path);
			assert_int_equal(id.b[0], 7);
		}
		buf_free(&out);
	}
}

/* What is missing or wrong must not pass for "no such file". */
static void
damage_is_not_absence(void **state)
{
	struct counted *f = *state;
	struct oid missing = {{9}}, blob, tree, outer;
	struct buf raw = {0}, out = {0};
	struct err e = {0};

	git_batch_add(f->b, &blob, GIT_BLOB, "x", 1);
	add_entry(&raw, "100644", "gone", &missing);
	add_entry(&raw, "40000", "lost", &missing);
	add_entry(&raw, "40000", "posing", &blob);
	git_batch_add(f->b, &tree, GIT_TREE, raw.p, raw.n);
	assert_int_equal(objects_file(&f->o, &out, NULL, &tree, "gone", &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "an object that the history needs is missing; akt doctor fetches it again");
	assert_string_equal(e.item[0].path, "gone");
	err_clear(&e);
	assert_int_equal(objects_file(&f->o, &out, NULL, &tree, "lost/x", &e), ERR_DAMAGED);
	err_clear(&e);
	assert_int_equal(objects_file(&f->o, &out, NULL, &tree, "posing/x", &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text,
	    "an object of the history is of another kind than the folder says");
	err_clear(&e);
	assert_int_equal(objects_file(&f->o, &out, NULL, &missing, "x", &e), ERR_DAMAGED);
	err_clear(&e);
	/* out of order behind the entry that is wanted: still refused */
	buf_reset(&raw);
	add_entry(&raw, "100644", "b", &blob);
	add_entry(&raw, "100644", "a", &blob);
	git_batch_add(f->b, &outer, GIT_TREE, raw.p, raw.n);
	assert_int_equal(objects_file(&f->o, &out, NULL, &outer, "b", &e), ERR_DAMAGED);
	assert_int_equal(out.n, 0);
	buf_free(&raw);
	buf_free(&out);
}

static int
note(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *new_id, unsigned new_mode)
{
	buf_printf(ctx, "%s%s%s %o %o\n", old ? "-" : "", new_id ? "+" : "", path, old_mode, new_mode);
	return 0;
}

static void
differences(void **state)
{
	struct counted *f = *state;
	struct oid a = {{0}}, b = {{0}}, same;
	struct buf got = {0};
	struct err e = {0};

	put(f, &a, "store.yaml", "1");
	put(f, &a, "d/x", "1");
	put(f, &a, "d/y/z", "1");
	put(f, &a, "k/k", "1");
	put(f, &a, "turns", "file");
	b = a;
	same = a;
	put(f, &b, "store.yaml", "2");
	put(f, &b, "d/y/z", NULL);
	put(f, &b, "d-", "new");
	put(f, &b, "turns", NULL);
	put(f, &b, "turns/into", "folder");
	assert_int_equal(objects_diff(&f->o, &a, &b, note, &got, &e), 0);
	assert_string_equal(buf_str(&got),
	    "+d- 0 100644\n"
	    "-d/y/z 100644 0\n"
	    "-+store.yaml 100644 100644\n"
	    "-turns 100644 0\n"
	    "+turns/into 0 100644\n");
	buf_reset(&got);
	assert_int_equal(objects_diff(&f->o, NULL, &a, note, &got, &e), 0);
	assert_string_equal(buf_str(&got), "+d/x 0 100644\n+d/y/z 0 100644\n+k/k 0 100644\n"
	    "+store.yaml 0 100644\n+turns 0 100644\n");
	buf_reset(&got);
	assert_int_equal(objects_diff(&f->o, &a, NULL, note, &got, &e), 0);
	assert_string_equal(buf_str(&got), "-d/x 100644 0\n-d/y/z 100644 0\n-k/k 100644 0\n"
	    "-store.yaml 100644 0\n-turns 100644 0\n");
	buf_reset(&got);
	f->reads = 0;
	assert_int_equal(objects_diff(&f->o, &a, &same, note, &got, &e), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(f->reads, 0);
	/* only the two roots and the two `d`s: k is skipped by its id */
	b = a;
	put(f, &b, "d/x", "2");
	f->reads = 0;
	assert_int_equal(objects_diff(&f->o, &a, &b, note, &got, &e), 0);
	assert_string_equal(buf_str(&got), "-+d/x 100644 100644\n");
	assert_int_equal(f->reads, 4);
	buf_free(&got);
}

/* The same against git/'s own difference, on random pairs. */
static void
differences_agree_with_git(void **state)
{
	static const char *const names[] = {"a", "a-", "a.", "a0", "b"};
	struct counted *f = *state;
	struct err e = {0};
	uint32_t seed = 5;

	for (int round = 0; round < 60; round++) {
		struct oid t[2] = {{{0}}, {{0}}};
		struct buf ours = {0}, theirs = {0};

		for (int k = 0; k < 2; k++)
			for (uint32_t n = 1 + repo_random(&seed, 12); n > 0; n--) {
				char path[32] = "", text[2] = {(char)('0' + repo_random(&seed, 2)), 0};

				for (uint32_t d = repo_random(&seed, 3); d > 0; d--) {
					strcat(path, names[repo_random(&seed, 5)]);
					strcat(path, "/");
				}
				strcat(path, names[repo_random(&seed, 5)]);
				strcat(path, repo_random(&seed, 2) ? "f" : "g");
				put(f, &t[k], path, text);
			}
		assert_int_equal(git_batch_write(f->b, &e), 0);
		assert_int_equal(objects_diff(&f->o, &t[0], &t[1], note, &ours, &e), 0);
		assert_int_equal(git_diff(f->g, &t[0], &t[1], note, &theirs, &e), 0);
		assert_string_equal(buf_str(&ours), buf_str(&theirs));
		buf_free(&ours);
		buf_free(&theirs);
	}
}

static int
stop(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *new_id, unsigned new_mode)
{
	(void)path, (void)old, (void)old_mode, (void)new_id, (void)new_mode;
	return ++*(int *)ctx == 2 ? 42 : 0;
}

static void
differences_stop_and_refuse(void **state)
{
	struct counted *f = *state;
	struct oid tree = {{0}}, blob, empty, outer, chain;
	struct buf raw = {0}, got = {0};
	struct err e = {0};
	int n = 0;

	put(f, &tree, "a", "1");
	put(f, &tree, "b/c", "1");
	put(f, &tree, "d", "1");
	assert_int_equal(objects_diff(&f->o, NULL, &tree, stop, &n, &e), 42);
	assert_int_equal(n, 2);
	assert_int_equal(e.n, 0);

	/* an empty folder shows in no path: it could hide, or multiply without end */
	git_batch_add(f->b, &blob, GIT_BLOB, "x", 1);
	git_batch_add(f->b, &empty, GIT_TREE, "", 0);
	add_entry(&raw, "40000", "void", &empty);
	git_batch_add(f->b, &outer, GIT_TREE, raw.p, raw.n);
	assert_int_equal(objects_diff(&f->o, NULL, &outer, note, &got, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text,
	    "the history has an empty folder, which git never makes");
	assert_string_equal(e.item[0].path, "void");
	err_clear(&e);
	assert_int_equal(objects_diff(&f->o, NULL, &empty, note, &got, &e), 0);

	/* other modes are told as they are */
	buf_reset(&raw);
	add_entry(&raw, "120000", "link", &blob);
	git_batch_add(f->b, &outer, GIT_TREE, raw.p, raw.n);
	assert_int_equal(objects_diff(&f->o, NULL, &outer, note, &got, &e), 0);
	assert_string_equal(buf_str(&got), "+link 0 120000\n");

	chain = outer;
	for (int i = 0; i < 9; i++) {
		buf_reset(&raw);
		add_entry(&raw, "40000", "d", &chain);
		git_batch_add(f->b, &chain, GIT_TREE, raw.p, raw.n);
	}
	assert_int_equal(objects_diff(&f->o, NULL, &chain, note, &got, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "the history has folders nested too deeply");
	buf_free(&raw);
	buf_free(&got);
}

static void
cache_gives_the_same_and_reads_once(void **state)
{
	struct counted *f = *state;
	struct objects_cache *cache = objects_cache_new(&f->o);
	struct objects o = objects_of_cache(cache);
	struct oid ids[300], missing = {{9}};
	struct err e = {0};

	for (int i = 0; i < 300; i++) {
		char text[16];

		snprintf(text, sizeof text, "%d", i);
		git_batch_add(f->b, &ids[i], i % 2 ? GIT_BLOB : GIT_TAG, text, strlen(text));
	}
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 300; i++) {
			struct buf out = {0};
			enum git_type type;
			char text[16];

			snprintf(text, sizeof text, "+%d", i);
			buf_putc(&out, '+');
			assert_int_equal(o.read(o.ctx, &out, &type, &ids[i], &e), 0);
			assert_string_equal(buf_str(&out), text);
			assert_int_equal(type, i % 2 ? GIT_BLOB : GIT_TAG);
			buf_free(&out);
		}
	assert_true(f->reads < 500); /* 300, and some that share a place */
	assert_false(objects_cache_failed(cache));
	assert_int_equal(o.read(o.ctx, &(struct buf){0}, &(enum git_type){0}, &missing, &e),
	    ERR_NOTFOUND);
	assert_true(objects_cache_failed(cache));
	assert_false(objects_cache_failed(cache));
	objects_cache_free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(file_at_a_path, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(damage_is_not_absence, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(differences, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(differences_agree_with_git, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(differences_stop_and_refuse, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(cache_gives_the_same_and_reads_once, counted_setup, counted_teardown),
	};

	return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
