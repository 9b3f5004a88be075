/* Taking objects out: nothing else goes, wherever they lie, and half a purge can be finished. */
#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "git/purge.h"

static struct oid
blob_of(struct git *g, const char *text)
{
	struct git_batch *b = git_batch_new(g);
	struct err e = {0};
	struct oid id;

	git_batch_add(b, &id, GIT_BLOB, text, strlen(text));
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	return id;
}

static bool
stock_has(struct git *g, const struct oid *id)
{
	char hex[41];

	oid_format(hex, id);
	return sh(NULL, "git -C '%s' cat-file -e %s", git_path(g), hex) == 0;
}

static void
loose_and_packed(void **state)
{
	struct git *g = fresh("purge");
	struct oid head = save(g, NULL, "a", "stays"), secret, alone, absent = {{1}};
	struct oid doomed[4];
	struct err e = {0};
	struct buf out = {0};

	(void)state;
	ok(git_ref_set(g, "refs/heads/main", &head, NULL, &e), &e);
	secret = blob_of(g, "a key that must go, long enough to be told apart\n");
	/* in a pack of its own kind, beside what stays, and loose as well */
	must("cd '%s' && git rev-list --objects main | cut -d' ' -f1 > list && "
	     "git cat-file --batch-all-objects --batch-check | cut -d' ' -f1 | git pack-objects -q "
	     "objects/pack/pack && git repack -q -a -d -k && git multi-pack-index write && "
	     "git commit-graph write --reachable", git_path(g));
	alone = blob_of(g, "another, loose\n");
	doomed[0] = secret;
	doomed[1] = alone;
	doomed[2] = absent;
	doomed[3] = secret;
	assert_true(stock_has(g, &secret));
	ok(git_purge(g, doomed, 4, &e), &e);
	assert_false(git_has(g, &secret));
	assert_false(git_has(g, &alone));
	assert_false(stock_has(g, &secret));
	assert_false(stock_has(g, &alone));
	assert_true(stock_has(g, &head));
	must("cd '%s' && git fsck --strict --full 2>err && ! grep -q . err", git_path(g));
	assert_int_equal(sh(&out, "cd '%s' && git log --format=%%H main | wc -l", git_path(g)), 0);
	assert_string_equal(buf_str(&out), "1\n");
	/* again: nothing to do is no error */
	ok(git_purge(g, doomed, 4, &e), &e);
	buf_free(&out);
	git_close(g);
}

static void
a_pack_of_nothing_else(void **state)
{
	struct git *g = fresh("only");
	struct oid secret = blob_of(g, "alone in its pack\n");
	struct err e = {0};

	(void)state;
	must("cd '%s' && git cat-file --batch-all-objects --batch-check | cut -d' ' -f1 | "
	     "git pack-objects -q objects/pack/pack >/dev/null && git prune-packed -q", git_path(g));
	ok(git_purge(g, &secret, 1, &e), &e);
	assert_false(stock_has(g, &secret));
	must("test -z \"$(ls '%s/objects/pack')\"", git_path(g));
	git_close(g);
}

/* The pack went and its index did not: what a machine that died leaves. */
static void
cut_short(void **state)
{
	struct git *g = fresh("short");
	struct oid keep = save(g, NULL, "a", "stays"), secret = blob_of(g, "goes\n");
	struct err e = {0};

	(void)state;
	ok(git_ref_set(g, "refs/heads/main", &keep, NULL, &e), &e);
	must("cd '%s' && git cat-file --batch-all-objects --batch-check | cut -d' ' -f1 > all && "
	     "git pack-objects -q objects/pack/pack < all >/dev/null && "
	     "rm objects/pack/pack-*.pack", git_path(g));
	ok(git_purge(g, &secret, 1, &e), &e);
	assert_false(stock_has(g, &secret));
	assert_true(stock_has(g, &keep));
	must("test -z \"$(ls '%s/objects/pack')\"", git_path(g));
	git_close(g);
}

struct count {
	size_t n, stop;
};

static int
count(void *ctx, const struct oid *id)
{
	struct count *c = ctx;

	(void)id;
	return ++c->n == c->stop ? 7 : 0;
}

static void
every_object_once(void **state)
{
	struct git *g = fresh("each");
	struct oid one = save(g, NULL, "a", "1"), two = save(g, &one, "b", "2");
	struct count c = {0}, s = {0, 1};
	struct err e = {0};

	(void)state;
	ok(git_ref_set(g, "refs/heads/main", &two, NULL, &e), &e);
	must("cd '%s' && git cat-file --batch-all-objects --batch-check | cut -d' ' -f1 | "
	     "git pack-objects -q objects/pack/pack >/dev/null", git_path(g));
	blob_of(g, "no ref reaches it");
	ok(git_each_object(g, GIT_BLOB, count, &c, &e), &e);
	assert_int_equal(c.n, 3);
	c.n = 0;
	ok(git_each_object(g, GIT_COMMIT, count, &c, &e), &e);
	assert_int_equal(c.n, 2);
	assert_int_equal(git_each_object(g, GIT_COMMIT, count, &s, &e), 7);
	git_close(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loose_and_packed),
		cmocka_unit_test(a_pack_of_nothing_else),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(every_object_once),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
