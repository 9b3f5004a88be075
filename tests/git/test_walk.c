/* Walks, merge bases, ancestry: held to stock git, also where dates lie. */
#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { COMMITS = 120 };

static unsigned long rnd_state;

static unsigned
rnd(unsigned n)
{
	rnd_state = rnd_state * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(rnd_state >> 33) % n;
}

/* The truth, from a matrix: reach[i][k] when k is i or an ancestor of i. */
struct history {
	struct git *g;
	struct oid id[COMMITS];
	int parent[COMMITS][2];
	bool reach[COMMITS][COMMITS];
};

static void
make(struct history *h, const char *name, unsigned seed, bool honest)
{
	struct git_batch *b;
	struct oid tree;
	struct err e = {0};

	memset(h, 0, sizeof *h);
	rnd_state = seed;
	h->g = fresh(name);
	b = git_batch_new(h->g);
	git_batch_add(b, &tree, GIT_TREE, "", 0);
	for (int i = 0; i < COMMITS; i++) {
		int span = i < 8 ? i : 8;
		char msg[16];

		h->parent[i][0] = h->parent[i][1] = -1;
		if (i > 0 && rnd(40) != 0)
			h->parent[i][0] = i - 1 - (int)rnd((unsigned)span);
		if (h->parent[i][0] >= 0 && rnd(3) == 0)
			h->parent[i][1] = i - 1 - (int)rnd((unsigned)span);
		if (h->parent[i][1] == h->parent[i][0])
			h->parent[i][1] = -1;
		snprintf(msg, sizeof msg, "%d", i);
		h->id[i] = commit(b, &tree, h->parent[i][0] >= 0 ? &h->id[h->parent[i][0]] : NULL,
		    h->parent[i][1] >= 0 ? &h->id[h->parent[i][1]] : NULL,
		    honest ? 1700000000 + i * 60 : (long)rnd(2000000000), msg);
		h->reach[i][i] = true;
		for (int p = 0; p < 2; p++)
			for (int k = 0; h->parent[i][p] >= 0 && k < i; k++)
				h->reach[i][k] |= h->reach[h->parent[i][p]][k];
	}
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
}

static int
number(const struct history *h, const struct oid *id)
{
	for (int i = 0; i < COMMITS; i++)
		if (oid_equal(&h->id[i], id))
			return i;
	fail();
	return -1;
}

static void
check_walk(struct history *h, int tip, const int *hide, size_t nhide)
{
	const struct oid *hidden[3];
	bool seen[COMMITS] = {false};
	struct oid *ids = NULL;
	struct err e = {0};
	size_t n = 0;

	for (size_t i = 0; i < nhide; i++)
		hidden[i] = &h->id[hide[i]];
	ok(git_walk(h->g, &ids, &n, &h->id[tip], hidden, nhide, &e), &e);
	for (size_t i = 0; i < n; i++) {
		int k = number(h, &ids[i]);

		assert_false(seen[k]);
		seen[k] = true;
		assert_true(h->reach[tip][k]);
	}
	for (int k = 0; k < COMMITS; k++) {
		bool is_hidden = false;

		for (size_t i = 0; i < nhide; i++)
			is_hidden |= h->reach[hide[i]][k];
		if (h->reach[tip][k] && !is_hidden)
			assert_true(seen[k]);
		if (is_hidden)
			assert_false(seen[k]);
	}
	/* parents first: every parent that is listed stands before */
	for (size_t i = 0; i < n; i++) {
		int k = number(h, &ids[i]);

		for (size_t j = i; j < n; j++)
			for (int p = 0; p < 2; p++)
				assert_int_not_equal(number(h, &ids[j]), h->parent[k][p]);
	}
	free(ids);
}

static void
check_bases(struct history *h, int a, int b)
{
	bool want[COMMITS];
	struct oid *ids = NULL;
	struct err e = {0};
	size_t n = 0, wanted = 0;
	bool yes;

	for (int k = 0; k < COMMITS; k++) {
		want[k] = h->reach[a][k] && h->reach[b][k];
		for (int m = 0; want[k] && m < COMMITS; m++)
			if (m != k && h->reach[m][k] && h->reach[a][m] && h->reach[b][m])
				want[k] = false;
		wanted += want[k];
	}
	ok(git_merge_bases(h->g, &ids, &n, &h->id[a], &h->id[b], &e), &e);
	assert_int_equal(n, wanted);
	for (size_t i = 0; i < n; i++) {
		assert_true(want[number(h, &ids[i])]);
		if (i)
			assert_true(oid_cmp(&ids[i - 1], &ids[i]) < 0);
	}
	free(ids);
	ok(git_is_ancestor(h->g, &yes, &h->id[a], &h->id[b], &e), &e);
	assert_int_equal(yes, h->reach[b][a]);
}

static void
random_histories(void **state)
{
	static struct history h;

	(void)state;
	for (unsigned seed = 1; seed <= 6; seed++) {
		bool honest = seed % 2;
		char name[32];

		snprintf(name, sizeof name, "walk%u.git", seed);
		make(&h, name, seed, honest);
		for (int i = 0; i < 60; i++) {
			int hide[3] = {(int)rnd(COMMITS), (int)rnd(COMMITS), (int)rnd(COMMITS)};

			check_walk(&h, (int)rnd(COMMITS), hide, rnd(4));
			check_bases(&h, (int)rnd(COMMITS), (int)rnd(COMMITS));
		}
		git_close(h.g);
	}
}

/* Stock git agrees on honest dates. */
static void
as_git(void **state)
{
	static struct history h;
	struct buf ours = {0}, theirs = {0};
	char hex[41];
	struct err e = {0};

	(void)state;
	make(&h, "asgit.git", 99, true);
	for (int i = 0; i < 25; i++) {
		int a = (int)rnd(COMMITS), b = (int)rnd(COMMITS);
		char ha[41], hb[41];
		struct oid *ids = NULL;
		size_t n = 0;

		oid_format(ha, &h.id[a]);
		oid_format(hb, &h.id[b]);
		buf_reset(&theirs);
		buf_reset(&ours);
		sh(&theirs, "git --git-dir=%s merge-base --all %s %s | sort", git_path(h.g), ha,
		    hb);
		ok(git_merge_bases(h.g, &ids, &n, &h.id[a], &h.id[b], &e), &e);
		for (size_t k = 0; k < n; k++) {
			oid_format(hex, &ids[k]);
			buf_printf(&ours, "%s\n", hex);
		}
		assert_string_equal(buf_str(&ours), buf_str(&theirs));
		free(ids);
	}
	buf_free(&ours);
	buf_free(&theirs);
	git_close(h.g);
}

/* A verified mark far ahead of a long history costs nothing below it, and is not passed. */
static void
order(void **state)
{
	struct git *g = fresh("order.git");
	struct git_batch *b = git_batch_new(g);
	struct oid tree, root, l, r, m, *ids = NULL, missing = {{3}}, tree_id, parents[2];
	const struct oid *hide[1] = {&root};
	struct err e = {0};
	size_t n;
	bool yes;

	(void)state;
	git_batch_add(b, &tree, GIT_TREE, "", 0);
	root = commit(b, &tree, NULL, NULL, 100, "root");
	l = commit(b, &tree, &root, NULL, 300, "l");
	r = commit(b, &tree, &root, NULL, 200, "r");
	m = commit(b, &tree, &l, &r, 50, "m"); /* dated before its parents */
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	parents[0] = l;
	parents[1] = r;
	ok(git_walk(g, &ids, &n, &m, NULL, 0, &e), &e);
	assert_int_equal(n, 4);
	assert_true(oid_equal(&ids[0], &root) && oid_equal(&ids[1], &l) && oid_equal(&ids[2], &r) &&
	    oid_equal(&ids[3], &m));
	free(ids);
	ok(git_walk(g, &ids, &n, &m, hide, 1, &e), &e);
	assert_int_equal(n, 3);
	free(ids);
	hide[0] = &m;
	ok(git_walk(g, &ids, &n, &r, hide, 1, &e), &e);
	assert_int_equal(n, 0);
	free(ids);
	/* hidden late, below what was wanted already: x before y says that h reaches it */
	b = git_batch_new(g);
	root = commit(b, &tree, NULL, NULL, 10, "old root");
	l = commit(b, &tree, &root, NULL, 1000, "x");
	r = commit(b, &tree, &l, NULL, 40, "y");
	r = commit(b, &tree, &r, NULL, 50, "h");
	l = commit(b, &tree, &l, NULL, 500, "tip");
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	hide[0] = &r;
	ok(git_walk(g, &ids, &n, &l, hide, 1, &e), &e);
	assert_int_equal(n, 1);
	assert_true(oid_equal(&ids[0], &l));
	free(ids);
	/* a machine whose clock is years behind made what is hidden */
	b = git_batch_new(g);
	root = commit(b, &tree, NULL, NULL, 900, "root");
	l = commit(b, &tree, &root, NULL, 1000, "x");
	r = commit(b, &tree, &l, NULL, 1, "y");
	r = commit(b, &tree, &r, NULL, 2, "z");
	r = commit(b, &tree, &r, NULL, 1001, "h");
	l = commit(b, &tree, &l, NULL, 1002, "tip");
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	hide[0] = &r;
	ok(git_walk(g, &ids, &n, &l, hide, 1, &e), &e);
	assert_int_equal(n, 1);
	assert_true(oid_equal(&ids[0], &l));
	free(ids);
	l = parents[0];
	r = parents[1];
	ok(git_walk(g, &ids, &n, NULL, NULL, 0, &e), &e);
	assert_int_equal(n, 0);
	fails(git_walk(g, &ids, &n, &missing, NULL, 0, &e), &e, ERR_NOTFOUND,
	    "object 0300000000000000000000000000000000000000 is missing; akt doctor fetches it again");
	fails(git_walk(g, &ids, &n, &tree, NULL, 0, &e), &e, ERR_DAMAGED,
	    "a commit cannot be parsed");
	fails(git_merge_bases(g, &ids, &n, &m, &missing, &e), &e, ERR_NOTFOUND, NULL);
	fails(git_is_ancestor(g, &yes, &missing, &m, &e), &e, ERR_NOTFOUND, NULL);
	ok(git_commit_links(g, &m, &tree_id, parents, &n, &e), &e);
	assert_int_equal(n, 2);
	assert_true(
	    oid_equal(&tree_id, &tree) && oid_equal(&parents[0], &l) && oid_equal(&parents[1], &r));
	git_close(g);
}

/* Broken commit objects are refused, and more than two parents are counted. */
static void
links(void **state)
{
#define H "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	static const struct {
		const char *raw;
		int nparents; /* -1: damaged */
	} t[] = {
	    {"tree " H "\nauthor", 0},
	    {"tree " H "\nparent " H "\nauthor", 1},
	    {"tree " H "\nparent " H "\nparent " H "\nparent " H "\nauthor", 3},
	    {"tree " H "\nparent " H "x\nauthor", 0},
	    {"tree " H "\nparent ", 0},
	    {"tree " H, -1},
	    {"tree " H "x\n", -1},
	    {"tree 4B825dc642cb6eb9a060e54bf8d69288fbee4904\n", -1},
	    {"tree", -1},
	    {"", -1},
	    {"parent " H "\ntree " H "\n", -1},
	};
	struct git *g = fresh("links.git");

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct git_batch *b = git_batch_new(g);
		struct oid id, tree, parents[2];
		struct err e = {0};
		size_t n = 99;
		int rc;

		git_batch_add(b, &id, GIT_COMMIT, t[i].raw, strlen(t[i].raw));
		ok(git_batch_write(b, &e), &e);
		rc = git_commit_links(g, &id, &tree, parents, &n, &e);
		if (t[i].nparents < 0) {
			fails(rc, &e, ERR_DAMAGED, "a commit cannot be parsed");
			assert_int_equal(n, 99);
		} else {
			ok(rc, &e);
			assert_int_equal(n, t[i].nparents);
		}
		git_batch_free(b);
	}
	git_close(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_histories),
	    cmocka_unit_test(as_git),
	    cmocka_unit_test(order),
	    cmocka_unit_test(links),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
