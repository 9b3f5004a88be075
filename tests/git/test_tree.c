/* Trees: strict reading, updates and differences, held to stock git. */
#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct seen {
	int n;
	int stop_at;
};

static int
count(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct seen *s = ctx;

	(void)name, (void)mode, (void)id;
	return ++s->n == s->stop_at ? 77 : 0;
}

#define ID "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
#define ZERO "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define UNPARSED "a tree cannot be parsed"
#define NAME "a tree has a forbidden file name"
#define ORDER "a tree is not sorted or names a file twice"

static void
strict_parse(void **state)
{
#define T(s) s, sizeof s - 1
	static const struct {
		const char *raw;
		size_t n;
		const char *text; /* NULL: good */
	} t[] = {
	    {T(""), NULL},
	    {T("100644 a\0" ID), NULL},
	    {T("100644 a\0" ID "100644 b\0" ID), NULL},
	    {T("100644 a-b\0" ID "40000 a\0" ID), NULL},
	    {T("40000 a\0" ID "100644 a0\0" ID), NULL},
	    {T("120000 link\0" ID "160000 mod\0" ID), NULL},
	    {T("100644 .gitignore\0" ID), NULL},
	    {T("100644 .gitx\0" ID), NULL},
	    {T("100644 git~2\0" ID), NULL},
	    {T("100644 ...\0" ID), NULL},
	    {T("100644 a"), UNPARSED},
	    {T("100644 a\0"
	       "\1\1\1"),
		UNPARSED},
	    {T("100644"), UNPARSED},
	    {T("100644 "), UNPARSED},
	    {T(" a\0" ID), UNPARSED},
	    {T("040000 a\0" ID), UNPARSED},
	    {T("100844 a\0" ID), UNPARSED},
	    {T("1006440 a\0" ID), UNPARSED},
	    {T("-1 a\0" ID), UNPARSED},
	    {T("100644 a\0" ID "x"), UNPARSED},
	    {T("100644 \0" ID), NAME},
	    {T("100644 .\0" ID), NAME},
	    {T("100644 ..\0" ID), NAME},
	    {T("40000 .git\0" ID), NAME},
	    {T("40000 .GiT\0" ID), NAME},
	    {T("40000 .git.\0" ID), NAME},
	    {T("40000 .git \0" ID), NAME},
	    {T("40000 .git . .\0" ID), NAME},
	    {T("40000 .git::$INDEX_ALLOCATION\0" ID), NAME},
	    {T("40000 .git:x\0" ID), NAME},
	    {T("40000 git~1\0" ID), NAME},
	    {T("40000 GIT~1. \0" ID), NAME},
	    {T("40000 .g\xe2\x80\x8cit\0" ID), NAME},
	    {T("40000 \xef\xbb\xbf.git\0" ID), NAME},
	    {T("40000 .git\xe2\x81\xaf\0" ID), NAME},
	    {T("40000 .GI\xe2\x80\xaeT\0" ID), NAME},
	    {T("40000 a\\.git\0" ID), NAME},
	    {T("100644 a/b\0" ID), NAME},
	    {T("100644 a\0" ZERO), "a tree names an object without an id"},
	    {T("100644 b\0" ID "100644 a\0" ID), ORDER},
	    {T("100644 a\0" ID "100644 a\0" ID), ORDER},
	    {T("100644 a\0" ID "40000 a\0" ID), ORDER},
	    {T("100644 a\0" ID "100644 a-b\0" ID "40000 a\0" ID), ORDER},
	    {T("100644 a\0" ID "100644 a-\0" ID "100644 a-b\0" ID "100644 a.\0" ID "40000 a\0" ID),
		ORDER},
	    {T("40000 a\0" ID "100644 a-b\0" ID), ORDER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct seen s = {0};
		struct err e = {0};
		char *copy = xmalloc(t[i].n + 1); /* exact size: sanitizers see an overrun */
		int rc;

		memcpy(copy, t[i].raw, t[i].n);
		copy = xrealloc(copy, t[i].n ? t[i].n : 1, 1);
		rc = git_tree_each(copy, t[i].n, count, &s, &e);
		if (t[i].text) {
			fails(rc, &e, ERR_DAMAGED, t[i].text);
			assert_int_equal(s.n, 0);
		} else {
			ok(rc, &e);
		}
		free(copy);
	}
}

static void
each_stops(void **state)
{
	static const char raw[] = "100644 a\0" ID "100644 b\0" ID "100644 c\0" ID;
	struct seen s = {.stop_at = 2};
	struct err e = {0};

	(void)state;
	assert_int_equal(git_tree_each(raw, sizeof raw - 1, count, &s, &e), 77);
	assert_int_equal(s.n, 2);
}

/* Cutting or flipping a byte of a good tree never reads out of bounds. */
static void
hostile_bytes(void **state)
{
	static const char raw[] = "100644 a\0" ID "100644 a-b\0" ID "40000 b\0" ID;

	(void)state;
	for (size_t n = 0; n < sizeof raw - 1; n++) {
		char *copy = xmalloc(n ? n : 1);
		struct seen s = {0};
		struct err e = {0};

		memcpy(copy, raw, n);
		git_tree_each(copy, n, count, &s, &e);
		for (size_t i = 0; i < n; i++)
			for (int bit = 0; bit < 8; bit++) {
				copy[i] = (char)(raw[i] ^ 1 << bit);
				err_clear(&e);
				git_tree_each(copy, n, count, &s, &e);
				copy[i] = raw[i];
			}
		free(copy);
	}
}

static void
update_refusals(void **state)
{
	static const struct {
		const char *path[2];
		bool add[2];
		enum err_code code;
		const char *text;
	} t[] = {
	    {{"", NULL}, {true}, ERR_INVALID, "not a path that a store can hold"},
	    {{"/a", NULL}, {true}, ERR_INVALID, "not a path that a store can hold"},
	    {{"a/", NULL}, {true}, ERR_INVALID, "not a path that a store can hold"},
	    {{"a//b", NULL}, {true}, ERR_INVALID, "not a path that a store can hold"},
	    {{"a/../b", NULL}, {true}, ERR_INVALID, "not a path that a store can hold"},
	    {{"a/.Git/b", NULL}, {true}, ERR_INVALID, "not a path that a store can hold"},
	    {{"x", "x"}, {true, true}, ERR_INVALID, "one path is changed twice in a save"},
	    {{"x", "x/y"}, {true, true}, ERR_INVALID, "a folder stands where a file is needed"},
	    {{"file/y", NULL}, {true}, ERR_INVALID, "a file stands where a folder is needed"},
	    {{"dir", NULL}, {true}, ERR_INVALID, "a folder stands where a file is needed"},
	    {{"file", "file/y"}, {false, true}, ERR_OK, NULL},
	    {{"dir/b", "dir"}, {false, true}, ERR_OK, NULL},
	    {{"dir", "dir/c"}, {false, true}, ERR_OK, NULL},
	    {{"none/x/y", NULL}, {false}, ERR_OK, NULL},
	    {{"file/x", NULL}, {false}, ERR_OK, NULL},
	};
	struct git *g = fresh("refusals.git");
	struct oid base, blob, out, missing = {{1}};
	struct git_batch *b = git_batch_new(g);
	char hex[OID_HEX + 1], *path, *text;
	struct err e = {0};

	(void)state;
	git_batch_add(b, &blob, GIT_BLOB, "x", 1);
	ok(git_tree_update(
	       b, &base, NULL, (struct git_update[]){{"file", &blob}, {"dir/b", &blob}}, 2, &e),
	    &e);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct git_update u[2] = {{t[i].path[0], t[i].add[0] ? &blob : NULL},
		    {t[i].path[1], t[i].add[1] ? &blob : NULL}};
		int rc = git_tree_update(b, &out, &base, u, t[i].path[1] ? 2 : 1, &e);

		if (t[i].code)
			fails(rc, &e, t[i].code, t[i].text);
		else
			ok(rc, &e);
	}
	fails(git_tree_update(b, &out, &base, &(struct git_update){"q", &missing}, 1, &e), &e,
	    ERR_NOTFOUND, "a new tree names a file that is not stored");
	fails(git_tree_update(b, &out, &base, &(struct git_update){"q", &base}, 1, &e), &e,
	    ERR_NOTFOUND, "a new tree names a file that is not stored");
	/* one that the disk keeps back is there, and the disk's word is remembered */
	oid_format(hex, &missing);
	path = xasprintf("%s/objects/%.2s/%s", git_path(g), hex, hex + 2);
	must("mkdir -p $(dirname %s); ln -s %s %s", path, path, path);
	text = xasprintf("cannot read %s: Too many levels of symbolic links", path);
	fails(git_tree_update(b, &out, &base, &(struct git_update){"q", &missing}, 1, &e), &e, ERR_IO, text);
	git_disk_forget();
	assert_false(git_has(g, &missing));
	assert_int_equal(git_disk_error(&e), ERR_IO);
	err_clear(&e);
	git_disk_forget();
	free(text);
	free(path);
	fails(git_tree_update(b, &out, &blob, &(struct git_update){"q", &blob}, 1, &e), &e,
	    ERR_DAMAGED, "a folder's object is not a tree");
	git_batch_free(b);
	git_close(g);
}

static void
folders_vanish(void **state)
{
	struct git *g = fresh("vanish.git");
	struct git_batch *b = git_batch_new(g);
	struct oid blob, one, two, out;
	struct err e = {0};
	char hex[41];

	(void)state;
	git_batch_add(b, &blob, GIT_BLOB, "x", 1);
	ok(git_tree_update(b, &one, NULL, &(struct git_update){"a", &blob}, 1, &e), &e);
	ok(git_tree_update(b, &two, &one, &(struct git_update){"r/7/k/d/f", &blob}, 1, &e), &e);
	ok(git_tree_update(b, &out, &two, &(struct git_update){"r/7/k/d/f", NULL}, 1, &e), &e);
	assert_true(oid_equal(&one, &out));
	ok(git_tree_update(b, &out, &two, &(struct git_update){"r/7", NULL}, 1, &e), &e);
	assert_true(oid_equal(&one, &out));
	ok(git_tree_update(b, &out, &one, &(struct git_update){"a", NULL}, 1, &e), &e);
	oid_format(hex, &out);
	assert_string_equal(hex, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
	git_batch_free(b);
	git_close(g);
}

static unsigned long rnd_state = 12345;

static unsigned
rnd(unsigned n)
{
	rnd_state = rnd_state * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(rnd_state >> 33) % n;
}

static void
random_path(char *out, size_t cap)
{
	static const char *const parts[] = {
	    "a", "a-b", "a.b", "a0", "b", "ab", "a b", "c", "\xc3\xa5"};
	int depth = 1 + (int)rnd(4);

	*out = '\0';
	for (int i = 0; i < depth; i++) {
		if (i)
			strncat(out, "/", cap - strlen(out) - 1);
		strncat(out, parts[rnd(sizeof parts / sizeof *parts)], cap - strlen(out) - 1);
	}
}

struct lines {
	struct buf out;
};

static int
line(
    void *ctx, const char *path, const struct oid *a, unsigned am, const struct oid *b, unsigned bm)
{
	struct lines *l = ctx;
	char ha[41] = "0000000000000000000000000000000000000000", hb[41];

	strcpy(hb, ha);
	if (a)
		oid_format(ha, a);
	if (b)
		oid_format(hb, b);
	buf_printf(&l->out, ":%06o %06o %s %s\t%s\n", a ? am : 0, b ? bm : 0, ha, hb, path);
	return 0;
}

/* Random edits: git finds nothing to complain of, lists the same files and the same changes. */
static void
random_trees(void **state)
{
	enum { ROUNDS = 60, EDITS = 12 };
	struct git *g = fresh("random.git");
	struct oid trees[ROUNDS + 1], parent;
	struct buf pairs = {0}, ours = {0}, theirs = {0};
	struct err e = {0};
	char ha[41], hb[41];

	(void)state;
	for (int i = 0; i <= ROUNDS; i++) {
		struct git_batch *b = git_batch_new(g);
		struct oid ids[EDITS];

		if (i == 0) {
			ok(git_tree_update(b, &trees[0], NULL, NULL, 0, &e), &e);
		} else {
			trees[i] = trees[i - 1];
			/* one edit at a time, since random ones may contradict each other */
			for (int k = 0; k < EDITS; k++) {
				char path[128], text[16];
				struct git_update u = {path, &ids[k]};

				random_path(path, sizeof path);
				snprintf(text, sizeof text, "%u", rnd(50));
				git_batch_add(b, &ids[k], GIT_BLOB, text, strlen(text));
				if (rnd(4) == 0)
					u.id = NULL;
				err_clear(&e);
				git_tree_update(b, &trees[i], &trees[i], &u, 1, &e);
			}
			err_clear(&e);
		}
		parent = commit(b, &trees[i], i ? &parent : NULL, NULL, 1700000000 + i, "r");
		ok(git_batch_write(b, &e), &e);
		git_batch_free(b);
	}
	ok(git_ref_set(g, "refs/heads/main", &parent, NULL, &e), &e);
	must("git --git-dir=%s fsck --strict --full --no-dangling", git_path(g));

	for (int i = 0; i < 150; i++) {
		const struct oid *a = &trees[rnd(ROUNDS + 1)], *b = &trees[rnd(ROUNDS + 1)];
		struct lines l = {0};

		oid_format(ha, a);
		oid_format(hb, b);
		buf_printf(&pairs, "%s %s\n", ha, hb);
		ok(git_diff(g, a, b, line, &l, &e), &e);
		buf_printf(&ours, "%s %s\n", ha, hb);
		buf_puts(&ours, buf_str(&l.out));
		buf_free(&l.out);
	}
	/* status letters differ in nothing we report: cut them */
	assert_int_equal(sh(&theirs,
			     "printf '%s' | git -c core.quotePath=false --git-dir=%s diff-tree "
			     "--stdin -r --no-renames | sed 's/ [AMDT]\\t/\\t/'",
			     buf_str(&pairs), git_path(g)),
	    0);
	assert_string_equal(buf_str(&ours), buf_str(&theirs));
	buf_reset(&theirs);
	buf_reset(&ours);
	{
		struct lines l = {0};

		ok(git_diff(g, NULL, &trees[ROUNDS], line, &l, &e), &e);
		oid_format(ha, &trees[ROUNDS]);
		assert_int_equal(
		    sh(&theirs,
			"git -c core.quotePath=false --git-dir=%s ls-tree -r %s | "
			"sed 's/^\\(......\\) blob \\(.*\\)\\t/:000000 \\1 %040d \\2\\t/'",
			git_path(g), ha, 0),
		    0);
		assert_string_equal(buf_str(&l.out), buf_str(&theirs));
		buf_free(&l.out);
	}
	buf_free(&pairs);
	buf_free(&ours);
	buf_free(&theirs);
	git_close(g);
}

static void
find(void **state)
{
	struct git *g = fresh("find.git");
	struct git_batch *b = git_batch_new(g);
	struct oid blob, tree, id;
	struct err e = {0};
	unsigned mode;

	(void)state;
	git_batch_add(b, &blob, GIT_BLOB, "x", 1);
	ok(git_tree_update(b, &tree, NULL, &(struct git_update){"a/b/c", &blob}, 1, &e), &e);
	ok(git_batch_write(b, &e), &e);
	ok(git_tree_find(g, &id, &mode, &tree, "a/b/c", &e), &e);
	assert_true(oid_equal(&id, &blob));
	assert_int_equal(mode, 0100644);
	ok(git_tree_find(g, &id, &mode, &tree, "a/b", &e), &e);
	assert_int_equal(mode, 040000);
	ok(git_tree_find(g, &id, NULL, &tree, "", &e), &e);
	assert_true(oid_equal(&id, &tree));
	for (size_t i = 0; i < 6; i++) {
		static const char *const none[] = {"x", "a/b/c/d", "a/b/c/", "a//b", "/a", "a/x"};

		fails(git_tree_find(g, &id, &mode, &tree, none[i], &e), &e, ERR_NOTFOUND,
		    "there is no such path");
	}
	git_batch_free(b);
	git_close(g);
}

static int
never(
    void *ctx, const char *path, const struct oid *a, unsigned am, const struct oid *b, unsigned bm)
{
	(void)ctx, (void)path, (void)a, (void)am, (void)b, (void)bm;
	return 5;
}

/* A tower of folders that share one subtree unfolds to 2^60 paths: refused, not walked. */
static void
hostile_towers(void **state)
{
	struct git *g = fresh("tower.git");
	struct git_batch *b = git_batch_new(g);
	struct oid t, blob;
	struct err e = {0};

	(void)state;
	git_batch_add(b, &t, GIT_TREE, "", 0);
	git_batch_add(b, &blob, GIT_BLOB, "x", 1);
	for (int i = 0; i < 70; i++) {
		struct buf raw = {0};

		for (int k = 0; k < 2; k++) {
			buf_printf(&raw, "40000 %c", 'a' + k);
			buf_putc(&raw, '\0');
			buf_add(&raw, t.b, 20);
		}
		git_batch_add(b, &t, GIT_TREE, raw.p, raw.n);
		buf_free(&raw);
		if (i == 20 || i == 69) {
			ok(git_batch_write(b, &e), &e);
			fails(git_diff(g, NULL, &t, never, NULL, &e), &e, ERR_DAMAGED,
			    i == 20 ? "a tree has an empty folder" : "a tree is nested too deeply");
		}
	}
	git_batch_free(b);
	git_close(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strict_parse),
	    cmocka_unit_test(each_stops),
	    cmocka_unit_test(hostile_bytes),
	    cmocka_unit_test(update_refusals),
	    cmocka_unit_test(folders_vanish),
	    cmocka_unit_test(random_trees),
	    cmocka_unit_test(find),
	    cmocka_unit_test(hostile_towers),
	};

	return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
