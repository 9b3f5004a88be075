/* The list of record names: found by prefix, thrown away when damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"
#include "index/names.h"

static char dir[] = "/tmp/akt-test-names-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	secret_init();
	return mkdtemp(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	return os_remove_tree(dir, NULL);
}

static int
collect(void *ctx, const char *record, const char *dossier)
{
	buf_printf(ctx, "%s@%s ", record, dossier);
	return 0;
}

static void
find_is(struct names *n, const char *prefix, const char *dossier, size_t max, const char *want)
{
	struct buf b = {0};
	struct err e = {0};

	assert_int_equal(names_find(n, prefix, dossier, max, collect, &b, &e), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
fill(struct names *n)
{
	static const uint8_t tree[20] = {7};
	struct err e = {0};

	assert_int_equal(names_begin(n, true, &e), 0);
	assert_int_equal(names_put(n, "plan-aaa1", "d1", &e), 0);
	assert_int_equal(names_put(n, "plan-aaa2", "d1", &e), 0);
	assert_int_equal(names_put(n, "plan-aab1", "d2", &e), 0);
	assert_int_equal(names_put(n, "plan_b-aaa", "d2", &e), 0);
	assert_int_equal(names_put(n, "case-aaa1", "d2", &e), 0);
	assert_int_equal(names_end(n, tree, &e), 0);
}

static void
found_by_prefix_and_dossier(void **state)
{
	struct names *n = NULL;
	struct err e = {0};

	(void)state;
	assert_int_equal(names_open(&n, NULL, &e), 0);
	fill(n);
	find_is(n, "plan-aaa", NULL, 0, "plan-aaa1@d1 plan-aaa2@d1 ");
	find_is(n, "plan-aaa", NULL, 1, "plan-aaa1@d1 ");
	find_is(n, "plan-", "d2", 0, "plan-aab1@d2 ");
	find_is(n, "plan-aaa1", NULL, 0, "plan-aaa1@d1 ");
	find_is(n, "x", NULL, 0, "");
	/* no wildcard has a meaning */
	find_is(n, "plan%", NULL, 0, "");
	find_is(n, "*", NULL, 0, "");
	names_close(n);
	names_close(NULL);
}

static void
kept_between_runs_and_rebuilt_when_damaged(void **state)
{
	char *path = xasprintf("%s/names.db", dir);
	struct names *n = NULL;
	struct err e = {0};
	uint8_t tree[20];

	(void)state;
	assert_int_equal(names_open(&n, path, &e), 0);
	assert_false(names_tree(n, tree));
	fill(n);
	names_close(n);
	assert_int_equal(names_open(&n, path, &e), 0);
	assert_true(names_tree(n, tree));
	assert_int_equal(tree[0], 7);
	/* an update cut short: what stands is not believed */
	assert_int_equal(names_begin(n, false, &e), 0);
	names_close(n);
	assert_int_equal(names_open(&n, path, &e), 0);
	assert_false(names_tree(n, tree));
	/* and nothing of it is left behind */
	assert_int_equal(names_begin(n, true, &e), 0);
	assert_int_equal(names_put(n, "plan-new1", "d1", &e), 0);
	assert_int_equal(names_end(n, tree, &e), 0);
	find_is(n, "plan-", NULL, 0, "plan-new1@d1 ");
	names_close(n);
	assert_int_equal(os_write_file(path, "this is no database, but long enough to be read as one",
	                     54, 0600, &e), 0);
	assert_int_equal(names_open(&n, path, &e), 0);
	assert_false(names_tree(n, tree));
	names_close(n);
	free(path);
}

/* The caller brings what differs from what is there: where that cannot be gone on from, nothing of it goes. */
static void
no_update_without_its_base(void **state)
{
	char *path = xasprintf("%s/base.db", dir);
	struct names *n = NULL;
	struct err e = {0};
	sqlite3 *db = NULL;

	(void)state;
	assert_int_equal(names_open(&n, path, &e), 0);
	fill(n);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE built SET sum = NULL", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(names_begin(n, false, &e), ERR_IO);
	find_is(n, "plan-aa", NULL, 0, "plan-aaa1@d1 plan-aaa2@d1 plan-aab1@d2 ");
	assert_int_equal(names_begin(n, true, &e), 0);
	names_close(n);
	free(path);
}

static int
count_one(void *ctx, const char *record, const char *dossier)
{
	(void)record;
	(void)dossier;
	++*(size_t *)ctx;
	return 0;
}

/* A bit of it turned by the disk: thrown away, or not called sound, or every record is found. */
static void
no_damage_hides_a_record(void **state)
{
	static const char *const rows[] = {"plan-aaa1", "plan-aaa2", "plan-aab1", "plan_b-aaa", "case-aaa1"};
	char *path = xasprintf("%s/hurt.db", dir);
	struct buf whole = {0};
	struct names *n = NULL;
	struct err e = {0};
	size_t unsound = 0;
	char turned;
	int fd;

	(void)state;
	assert_int_equal(names_open(&n, path, &e), 0);
	fill(n);
	assert_true(names_sound(n));
	names_close(n);
	assert_int_equal(os_read_file(&whole, path, 1 << 20, &e), 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t at = 0; at < whole.n; at++) {
		/* nothing looks at the room between a page's cells and its header */
		if (!whole.p[at] && at % 4096 >= 112)
			continue;
		for (int bit = 0; bit < 8; bit++) {
			turned = whole.p[at] ^ (char)(1 << bit);
			assert_int_equal(pwrite(fd, whole.p, whole.n, 0), whole.n);
			assert_int_equal(pwrite(fd, &turned, 1, (off_t)at), 1);
			if (names_open_existing(&n, path)) {
				unsound++;
				continue;
			}
			for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
				size_t found = 0;

				if (names_find(n, rows[i], NULL, 0, count_one, &found, &e) == 0 && found == 0 && names_sound(n))
					fail_msg("byte %zu, bit %d hides %s", at, bit, rows[i]);
				err_clear(&e);
			}
			unsound += !names_sound(n);
			names_close(n);
		}
	}
	close(fd);
	assert_true(unsound > 1000);
	buf_free(&whole);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_by_prefix_and_dossier),
		cmocka_unit_test(kept_between_runs_and_rebuilt_when_damaged),
		cmocka_unit_test(no_update_without_its_base),
		cmocka_unit_test(no_damage_hides_a_record),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
