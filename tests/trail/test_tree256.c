#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "trail/counted.h"
#include "trail/repo.h"
#include "trail/tree256.h"

static void
put(struct counted *f, struct oid *tree, const char *path, const void *p, size_t n)
{
	struct oid blob;
	struct git_update u = {path, &blob};
	struct err e = {0};

	git_batch_add(f->b, &blob, GIT_BLOB, p, n);
	assert_int_equal(git_tree_update(f->b, tree, oid_zero(tree) ? NULL : tree, &u, 1, &e), 0);
}

/* Names that sort differently as a file and as a folder, and contents of many sizes. */
static struct oid
random_tree(struct counted *f, uint32_t *seed)
{
	static const char *const names[] = {"a", "a-b", "a.b", "a0", "B", "b", "z_z", "\xc3\xa5", "~x"};
	struct oid tree = {{0}};
	uint32_t n = 1 + repo_random(seed, 25);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t depth = repo_random(seed, 6);
		struct buf path = {0}, text = {0};

		for (uint32_t d = 0; d < depth; d++)
			buf_printf(&path, "%s/", names[repo_random(seed, 9)]);
		buf_printf(&path, "%s.f%u", names[repo_random(seed, 9)], (unsigned)repo_random(seed, 4));
		for (uint32_t k = repo_random(seed, 3) ? repo_random(seed, 900) : 0; k > 0; k--)
			buf_putc(&text, (int)repo_random(seed, 256));
		if (repo_random(seed, 20) == 0) {
			size_t big = 100 * 1024;

			memset(buf_room(&text, big), 'x', big);
			text.n += big;
		}
		put(f, &tree, buf_str(&path), text.p, text.n);
		buf_free(&path);
		buf_free(&text);
	}
	return tree;
}

static void
equals_stock_git(void **state)
{
	struct counted *f = *state;
	struct tree256 *memory = NULL, *file = NULL;
	struct err e = {0};
	uint32_t seed = 7;

	assert_int_equal(tree256_open(&memory, NULL, &e), 0);
	assert_int_equal(tree256_open(&file, f->cache, &e), 0);
	for (int i = 0; i < 20; i++) {
		struct oid tree = random_tree(f, &seed);
		char hex[41], hex256[65];
		struct buf out = {0};
		uint8_t id[32];

		oid_format(hex, &tree);
		assert_int_equal(git_batch_write(f->b, &e), 0);
		assert_int_equal(repo_run(&out, "set -e; cd %s; rm -rf w; mkdir w; "
			"git --git-dir=repo.git archive --format=tar %s | tar xf - -C w; cd w; "
			"git init -q --object-format=sha256; git add -A .; git write-tree",
			f->folder, hex), 0);
		assert_int_equal(tree256_of(memory, id, &f->o, &tree, &e), 0);
		hash_hex(hex256, id, 32);
		assert_int_equal(out.n, 65);
		assert_memory_equal(buf_str(&out), hex256, 64);
		assert_int_equal(tree256_of(file, id, &f->o, &tree, &e), 0);
		hash_hex(hex256, id, 32);
		assert_memory_equal(buf_str(&out), hex256, 64);
		buf_free(&out);
	}
	tree256_close(memory);
	tree256_close(file);
}

static void
empty_tree(void **state)
{
	struct counted *f = *state;
	struct tree256 *t = NULL;
	struct err e = {0};
	struct oid id;
	uint8_t out[32];
	char hex[65];

	git_batch_add(f->b, &id, GIT_TREE, "", 0);
	assert_int_equal(tree256_open(&t, NULL, &e), 0);
	assert_int_equal(tree256_of(t, out, &f->o, &id, &e), 0);
	hash_hex(hex, out, 32);
	/* git hash-object -t tree /dev/null in a SHA-256 repository */
	assert_string_equal(hex, "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321");
	tree256_close(t);
}

/* A store-like tree: 2,000 folders of one file each in two levels. */
static struct oid
wide_tree(struct counted *f, unsigned n, unsigned salt)
{
	struct git_update *u = xcalloc(n, sizeof *u);
	struct oid *ids = xcalloc(n, sizeof *ids), tree;
	struct err e = {0};

	for (unsigned i = 0; i < n; i++) {
		char text[32];
		int len = snprintf(text, sizeof text, "%u %u", salt, i);

		git_batch_add(f->b, &ids[i], GIT_BLOB, text, (size_t)len);
		u[i].path = xasprintf("records/%02u/%02u/d%u/r", i % 40, i / 40 % 40, i);
		u[i].id = &ids[i];
	}
	assert_int_equal(git_tree_update(f->b, &tree, NULL, u, n, &e), 0);
	for (unsigned i = 0; i < n; i++)
		free((char *)u[i].path);
	free(u);
	free(ids);
	return tree;
}

static void
cache_lasts_and_a_save_reads_only_what_it_touched(void **state)
{
	struct counted *f = *state;
	struct tree256 *t = NULL, *fresh = NULL;
	struct oid tree = wide_tree(f, 5000, 1), next = tree;
	struct err e = {0};
	uint8_t a[32], b[32];
	struct stat st;

	assert_int_equal(tree256_open(&t, f->cache, &e), 0);
	assert_int_equal(tree256_of(t, a, &f->o, &tree, &e), 0);
	assert_true(f->reads > 10000);
	assert_int_equal(stat(f->cache, &st), 0);
	assert_true(st.st_size > 4097 * 64); /* it grew */
	tree256_close(t);

	f->reads = 0;
	assert_int_equal(tree256_open(&t, f->cache, &e), 0);
	assert_int_equal(tree256_of(t, b, &f->o, &tree, &e), 0);
	assert_memory_equal(a, b, 32);
	assert_int_equal(f->reads, 0);
	put(f, &next, "records/07/03/d127/r", "new", 3);
	f->reads = 0;
	assert_int_equal(tree256_of(t, b, &f->o, &next, &e), 0);
	assert_int_equal(f->reads, 6); /* root, records, two levels, dossier, file */
	assert_memory_not_equal(a, b, 32);
	assert_int_equal(tree256_open(&fresh, NULL, &e), 0);
	assert_int_equal(tree256_of(fresh, a, &f->o, &next, &e), 0);
	assert_memory_equal(a, b, 32);
	tree256_close(t);
	tree256_close(fresh);
}

static void
damage_to_the_cache_is_a_miss(void **state)
{
	struct counted *f = *state;
	struct tree256 *t = NULL;
	struct oid tree = wide_tree(f, 1500, 2);
	struct err e = {0};
	uint8_t right[32], got[32];
	struct buf file = {0};
	uint32_t seed = 3;

	assert_int_equal(tree256_open(&t, f->cache, &e), 0);
	assert_int_equal(tree256_of(t, right, &f->o, &tree, &e), 0);
	tree256_close(t);
	assert_int_equal(os_read_file(&file, f->cache, 1 << 26, &e), 0);
	for (int round = 0; round < 12; round++) {
		struct buf bad = {0};
		size_t n = file.n;

		buf_add(&bad, file.p, file.n);
		switch (round) {
		case 0: /* one bit of every slot, the id's own bytes left alone */
			for (size_t at = 64; at < n; at += 64)
				bad.p[at + 20 + repo_random(&seed, 44)] ^=
				    (char)(1u << repo_random(&seed, 8));
			break;
		case 1: n = 0; break;
		case 2: n = 64; break;
		case 3: n -= 64; break;
		case 4: n -= 1; break;
		case 5: bad.p[0] ^= 1; break;
		case 6: memset(bad.p + 64, 0, n - 64); break;
		case 7: memset(bad.p + 64, 0xff, n - 64); break;
		case 8: /* values swapped between neighbours: whole, but not theirs */
			for (size_t at = 64; at + 128 <= n; at += 128)
				for (size_t k = 20; k < 64; k++) {
					char c = bad.p[at + k];

					bad.p[at + k] = bad.p[at + 64 + k];
					bad.p[at + 64 + k] = c;
				}
			break;
		default:
			for (size_t at = 64; at < n; at++)
				if (repo_random(&seed, 16) == 0)
					bad.p[at] = (char)repo_random(&seed, 256);
		}
		assert_int_equal(os_write_file(f->cache, bad.p, n, 0600, &e), 0);
		buf_free(&bad);
		for (int again = 0; again < 2; again++) {
			assert_int_equal(tree256_open(&t, f->cache, &e), 0);
			assert_int_equal(tree256_of(t, got, &f->o, &tree, &e), 0);
			assert_memory_equal(right, got, 32);
			tree256_close(t);
		}
		/* what was damaged is whole again */
		f->reads = 0;
		assert_int_equal(tree256_open(&t, f->cache, &e), 0);
		assert_int_equal(tree256_of(t, got, &f->o, &tree, &e), 0);
		assert_int_equal(f->reads, 0);
		tree256_close(t);
	}
	buf_free(&file);
}

static void
works_without_its_file(void **state)
{
	struct counted *f = *state;
	struct tree256 *t = NULL;
	struct oid tree = wide_tree(f, 3000, 3);
	struct err e = {0};
	uint8_t a[32], b[32];

	assert_int_equal(tree256_open(&t, "/nowhere/at/all", &e), 0);
	assert_int_equal(tree256_of(t, a, &f->o, &tree, &e), 0);
	tree256_close(t);
	/* removed, and replaced by a folder, while in use */
	assert_int_equal(tree256_open(&t, f->cache, &e), 0);
	assert_int_equal(unlink(f->cache), 0);
	assert_int_equal(mkdir(f->cache, 0700), 0);
	assert_int_equal(tree256_of(t, b, &f->o, &tree, &e), 0);
	assert_memory_equal(a, b, 32);
	tree256_close(t);
	assert_int_equal(rmdir(f->cache), 0);
	/* a link laid there by another is not followed */
	assert_int_equal(symlink("elsewhere", f->cache), 0);
	assert_int_equal(tree256_open(&t, f->cache, &e), 0);
	assert_int_equal(tree256_of(t, b, &f->o, &tree, &e), 0);
	assert_memory_equal(a, b, 32);
	tree256_close(t);
	assert_int_equal(e.n, 0);
}

/* Four processes fill and grow one file at once; none of them may ever read a wrong value. */
static void
processes_share_the_file(void **state)
{
	enum { NTREES = 6, NPROC = 4, ROUNDS = 6 };
	struct counted *f = *state;
	struct oid tree[NTREES];
	uint8_t right[NTREES][32];
	struct tree256 *t = NULL;
	struct err e = {0};
	pid_t pid[NPROC];

	assert_int_equal(tree256_open(&t, NULL, &e), 0);
	for (int i = 0; i < NTREES; i++) {
		tree[i] = wide_tree(f, 900, (unsigned)i / 2); /* pairs are the same tree */
		assert_int_equal(tree256_of(t, right[i], &f->o, &tree[i], &e), 0);
	}
	tree256_close(t);
	for (int p = 0; p < NPROC; p++) {
		pid[p] = fork();
		if (pid[p] == 0) {
			int bad = 0;

			for (int r = 0; r < ROUNDS && !bad; r++) {
				uint8_t got[32];

				if (tree256_open(&t, f->cache, &e))
					_exit(2);
				for (int i = 0; i < NTREES; i++) {
					int k = (i + p) % NTREES;

					bad |= tree256_of(t, got, &f->o, &tree[k], &e) != 0 ||
					    memcmp(got, right[k], 32) != 0;
				}
				tree256_close(t);
			}
			_exit(bad);
		}
	}
	for (int p = 0; p < NPROC; p++) {
		int status;

		assert_int_equal(waitpid(pid[p], &status, 0), pid[p]);
		assert_int_equal(status, 0);
	}
}

/* {raw root tree, message, path} */
static void
refuses_bad_trees(void **state)
{
	struct counted *f = *state;
	struct tree256 *t = NULL;
	struct oid blob, missing = {{9}}, id, outer, chain;
	struct err e = {0};
	struct buf b = {0};
	uint8_t out[32];
	static const struct {
		const char *mode, *text;
	} rows[] = {
		{"100755", "an entry of a folder is neither a plain file nor a folder"},
		{"120000", "an entry of a folder is neither a plain file nor a folder"},
		{"160000", "an entry of a folder is neither a plain file nor a folder"},
		{"100664", "an entry of a folder is neither a plain file nor a folder"},
		{"40000", "an object of the history is of another kind than the folder says"},
		{"040000", "a folder of the history is malformed"},
	};

	assert_int_equal(tree256_open(&t, NULL, &e), 0);
	git_batch_add(f->b, &blob, GIT_BLOB, "x", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool own = strcmp(rows[i].mode, "040000") == 0;

		buf_printf(&b, "%s name", rows[i].mode);
		buf_add(&b, "", 1);
		buf_add(&b, blob.b, 20);
		git_batch_add(f->b, &id, GIT_TREE, b.p, b.n);
		buf_reset(&b);
		buf_add(&b, "40000 in", 9);
		buf_add(&b, id.b, 20);
		git_batch_add(f->b, &outer, GIT_TREE, b.p, b.n);
		buf_reset(&b);
		assert_int_equal(tree256_of(t, out, &f->o, &outer, &e), ERR_DAMAGED);
		assert_string_equal(e.item[0].text, rows[i].text);
		assert_string_equal(e.item[0].path, own ? "in" : "in/name");
		assert_int_equal(e.n, 1);
		err_clear(&e);
	}
	buf_add(&b, "100644 gone", 12);
	buf_add(&b, missing.b, 20);
	git_batch_add(f->b, &id, GIT_TREE, b.p, b.n);
	assert_int_equal(tree256_of(t, out, &f->o, &id, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "an object that the history needs is missing; akt doctor fetches it again");
	assert_string_equal(e.item[0].path, "gone");
	err_clear(&e);
	assert_int_equal(tree256_of(t, out, &f->o, &missing, &e), ERR_DAMAGED);
	err_clear(&e);
	buf_reset(&b);
	buf_add(&b, "100644 f", 9);
	buf_add(&b, blob.b, 20);
	git_batch_add(f->b, &chain, GIT_TREE, b.p, b.n);
	for (int i = 0; i < 9; i++) {
		buf_reset(&b);
		buf_add(&b, "40000 d", 8);
		buf_add(&b, chain.b, 20);
		git_batch_add(f->b, &chain, GIT_TREE, b.p, b.n);
	}
	assert_int_equal(tree256_of(t, out, &f->o, &chain, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "the history has folders nested too deeply");
	buf_free(&b);
	tree256_close(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equals_stock_git, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(empty_tree, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(cache_lasts_and_a_save_reads_only_what_it_touched,
		    counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(damage_to_the_cache_is_a_miss, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(works_without_its_file, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(processes_share_the_file, counted_setup, counted_teardown),
		cmocka_unit_test_setup_teardown(refuses_bad_trees, counted_setup, counted_teardown),
	};

	return cmocka_run_group_tests_name("tree256", tests, NULL, NULL);
}
