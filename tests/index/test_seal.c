/* The sealed file: nothing legible in it, nothing believed that was touched. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "index/seal.h"

static char dir[64], path[96];
static const uint8_t key[SEAL_KEY] = "k", id[SEAL_ID] = "i";

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/akt-seal-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/x.db", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void
fill(int rows)
{
	struct seal *s = NULL;
	sqlite3 *db = NULL;
	char sql[200];

	unlink(path);
	assert_int_equal(seal_open(&s, &db, path, key, id), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a, b); BEGIN", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < rows; i++) {
		snprintf(sql, sizeof sql, "INSERT INTO t VALUES (%d, 'skyddadPlaintext%d' || %d)", i, i, i * 7);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	}
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	seal_close(s, db);
}

static uint8_t *
slurp(size_t *n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = xmalloc(1 << 20);

	assert_non_null(f);
	*n = fread(p, 1, 1 << 20, f);
	fclose(f);
	return p;
}

static void
spill(const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

/* The sum over all of it, or SQLite's code. */
static int
sum(const uint8_t k[SEAL_KEY], const uint8_t i[SEAL_ID], long long *out)
{
	struct seal *s = NULL;
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int rc = seal_open(&s, &db, path, k, i);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_prepare_v2(db, "SELECT sum(a) + sum(length(b)) FROM t", -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		*out = sqlite3_column_int64(q, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(q);
	seal_close(s, db);
	return rc;
}

static void
test_round_trip(void **state)
{
	struct seal *s = NULL;
	sqlite3 *db = NULL;
	long long a = 0, b = 0;

	(void)state;
	fill(2000);
	assert_int_equal(sum(key, id, &a), SQLITE_OK);
	assert_true(a > 2000 * 1999 / 2);
	assert_int_equal(seal_open(&s, &db, path, key, id), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM t WHERE a % 3; UPDATE t SET a = a + 1; VACUUM",
	    NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA integrity_check", NULL, NULL, NULL), SQLITE_OK);
	seal_close(s, db);
	assert_int_equal(sum(key, id, &b), SQLITE_OK);
	assert_true(b > 0 && b < a);
}

static void
test_nothing_legible(void **state)
{
	size_t n;
	uint8_t *p;

	(void)state;
	fill(500);
	p = slurp(&n);
	assert_true(n > 4 * SEAL_PAGE);
	assert_null(memmem(p, n, "skyddad", 7));
	assert_null(memmem(p, n, "laintex", 7));
	assert_null(memmem(p, n, "CREATE", 6));
	assert_null(memmem(p, n, "SQLite format", 13));
	free(p);
}

static void
test_each_byte(void **state)
{
	long long want = 0, got;
	size_t n;
	uint8_t *p;
	int fd;

	(void)state;
	fill(3);
	assert_int_equal(sum(key, id, &want), SQLITE_OK);
	p = slurp(&n);
	assert_int_equal(n, 2 * SEAL_PAGE);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = p[i] ^ (uint8_t)(1u << (i % 8));

		assert_int_equal(pwrite(fd, &byte, 1, (off_t)i), 1);
		if (i)
			assert_int_equal(pwrite(fd, &p[i - 1], 1, (off_t)i - 1), 1);
		got = -1;
		if (sum(key, id, &got) == SQLITE_OK)
			fail_msg("byte %zu: %s", i, got == want ? "not noticed" : "wrong data");
	}
	close(fd);
	free(p);
}

static void
test_other_key(void **state)
{
	static const uint8_t other[SEAL_KEY] = "x", other_id[SEAL_ID] = "j";
	long long got = -1;

	(void)state;
	fill(3);
	assert_int_equal(sum(other, id, &got) & 0xff, SQLITE_IOERR);
	assert_int_equal(sum(key, other_id, &got) & 0xff, SQLITE_IOERR);
	assert_int_equal(got, -1);
}

static void
test_pages_stay_in_place(void **state)
{
	uint8_t page[SEAL_PAGE], *p;
	long long got = -1;
	size_t n;

	(void)state;
	fill(800);
	p = slurp(&n);
	assert_true(n >= 6 * SEAL_PAGE);
	memcpy(page, p + 3 * SEAL_PAGE, SEAL_PAGE);
	memcpy(p + 3 * SEAL_PAGE, p + 4 * SEAL_PAGE, SEAL_PAGE);
	memcpy(p + 4 * SEAL_PAGE, page, SEAL_PAGE);
	spill(p, n);
	assert_int_equal(sum(key, id, &got), SQLITE_IOERR_DATA);
	assert_int_equal(got, -1);
	free(p);
}

static void
test_cut(void **state)
{
	static const size_t lost[] = {1, 40, SEAL_PAGE - 1, SEAL_PAGE, SEAL_PAGE + 1, 3 * SEAL_PAGE};
	size_t n;
	uint8_t *p;

	(void)state;
	fill(800);
	p = slurp(&n);
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
		long long got = -1;

		spill(p, n - lost[i]);
		if (sum(key, id, &got) == SQLITE_OK)
			fail_msg("%zu bytes less: read all the same", lost[i]);
	}
	/* an empty file is a new one, not an answer */
	spill(p, 0);
	assert_int_equal(sum(key, id, &(long long){0}), SQLITE_ERROR);
	free(p);
}

static void
test_one_at_a_time(void **state)
{
	struct seal *s = NULL, *t = NULL;
	sqlite3 *db = NULL, *other = NULL;

	(void)state;
	fill(3);
	assert_int_equal(seal_open(&s, &db, path, key, id), SQLITE_OK);
	assert_int_equal(seal_open(&t, &other, path, key, id), SQLITE_BUSY);
	assert_null(t);
	assert_null(other);
	seal_close(s, db);
	assert_int_equal(seal_open(&t, &other, path, key, id), SQLITE_OK);
	seal_close(t, other);
}

static void
test_only_the_main_file(void **state)
{
	static const char *const refused[] = {
		"ATTACH '/tmp/akt-seal-never.db' AS x; CREATE TABLE x.y (a)",
		"VACUUM INTO '/tmp/akt-seal-never.db'",
	};
	struct seal *s = NULL;
	sqlite3 *db = NULL;

	(void)state;
	fill(3);
	assert_int_equal(seal_open(&s, &db, path, key, id), SQLITE_OK);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		sqlite3_exec(db, refused[i], NULL, NULL, NULL);
		if (access("/tmp/akt-seal-never.db", F_OK) == 0) {
			size_t n;
			uint8_t *p;

			snprintf(path, sizeof path, "/tmp/akt-seal-never.db");
			p = slurp(&n);
			unlink(path);
			snprintf(path, sizeof path, "%s/x.db", dir);
			if (memmem(p, n, "SQLite format", 13))
				fail_msg("plaintext: %s", refused[i]);
			free(p);
		}
	}
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL),
	    SQLITE_CANTOPEN);
	/* a sort larger than the page cache stays in memory */
	assert_int_equal(sqlite3_exec(db, "PRAGMA cache_size = 10;"
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
	    "SELECT count(*) FROM (SELECT i, hex(randomblob(20)) h FROM n ORDER BY h)",
	    NULL, NULL, NULL), SQLITE_OK);
	seal_close(s, db);
}

static void
test_foreign_journal(void **state)
{
	char journal[128];
	FILE *f;
	long long got = -1, want = 0;

	(void)state;
	fill(3);
	assert_int_equal(sum(key, id, &want), SQLITE_OK);
	snprintf(journal, sizeof journal, "%s-journal", path);
	f = fopen(journal, "wb");
	assert_non_null(f);
	fwrite("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\0\0\0\1", 1, 12, f);
	fclose(f);
	assert_int_equal(sum(key, id, &got), SQLITE_OK);
	assert_int_equal(got, want);
	assert_int_equal(unlink(journal), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nothing_legible),
		cmocka_unit_test(test_each_byte),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_pages_stay_in_place),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_only_the_main_file),
		cmocka_unit_test(test_foreign_journal),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
