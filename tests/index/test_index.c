/* The index: tables made of records, changed, refused, thrown away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "crypt/age.h"
#include "hive.h"
#include "tree/node.h"

static void
test_tables(void **state)
{
	struct index *ix = hive_open_at(NULL);

	(void)state;
	hive_fill(ix);
	hive_gives(ix, "SELECT * FROM hives ORDER BY id",
	    "[{\"id\":\"hive-001\",\"dossier\":\"aaaaaaaaaa\",\"created_by\":\"anna\",\"created_on\":\"2026-01-02\","
	    "\"updated_at\":\"2026-02-01T03:04:05Z\",\"updated_by\":\"bo\",\"state\":\"draft\",\"protected\":0,"
	    "\"name\":\"Kupan i söder\",\"id_2\":\"x\",\"keeper\":\"person-1\",\"box_frames\":10,\"box_ok\":1,"
	    "\"box_frames_2\":1.5},"
	    "{\"id\":\"hive-002\",\"dossier\":\"aaaaaaaaaa\",\"created_by\":\"anna\",\"created_on\":\"2026-01-02\","
	    "\"updated_at\":\"2026-02-02T03:04:05Z\",\"updated_by\":\"bo\",\"state\":\"final\",\"protected\":1,"
	    "\"name\":\"Andra\",\"id_2\":null,\"keeper\":null,\"box_frames\":null,\"box_ok\":null,"
	    "\"box_frames_2\":null}]");
	hive_gives(ix, "SELECT parent, idx, value FROM hives__box_kinds ORDER BY idx",
	    "[{\"parent\":\"hive-001\",\"idx\":0,\"value\":\"small\"},{\"parent\":\"hive-001\",\"idx\":1,\"value\":\"large\"}]");
	hive_gives(ix, "SELECT parent, idx, key, \"on\", note FROM hives__visits",
	    "[{\"parent\":\"hive-001\",\"idx\":0,\"key\":\"k1\",\"on\":\"2026-03-01\",\"note\":\"lugna bin\"},"
	    "{\"parent\":\"hive-001\",\"idx\":1,\"key\":\"k2\",\"on\":null,\"note\":\"5\"}]");
	hive_gives(ix, "SELECT parent, idx, \"outer\", value FROM hives__visits__seen",
	    "[{\"parent\":\"hive-001\",\"idx\":0,\"outer\":0,\"value\":\"q\"},"
	    "{\"parent\":\"hive-001\",\"idx\":1,\"outer\":0,\"value\":\"e\"}]");
	hive_gives(ix, "SELECT id, type, title, state FROM record WHERE state = 'void'",
	    "[{\"id\":\"hive-003\",\"type\":\"hive\",\"title\":\"a title\",\"state\":\"void\"}]");
	hive_gives(ix, "SELECT h.id, v.parent AS id, date(:today, '+1 day') AS d FROM hives h JOIN hives__visits v "
	    "ON v.parent = h.id LIMIT 1",
	    "[{\"id\":\"hive-001\",\"id_2\":\"hive-001\",\"d\":\"2026-03-05\"}]");
	index_close(ix);
}

static void
test_changes(void **state)
{
	struct index *ix = hive_open_at(hive_dir);
	struct index_mark m;
	size_t n, all, damaged;
	bool yes = true;
	struct node *out = NULL;
	static const char *const soder[] = {"söd"}, *const sod[] = {"sod"}, *const two[] = {"kup", "lugn"},
	    *const odd[] = {"\" OR text:*"};

	(void)state;
	assert_false(index_mark(ix, &m));
	hive_fill(ix);
	index_close(ix);
	ix = hive_open_at(hive_dir);
	assert_true(index_mark(ix, &m));
	assert_string_equal((char *)m.stamp, "stamp");
	assert_int_equal(m.expires, 7);
	assert_int_equal(index_cover(ix, &n, &all, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(all, 3);
	assert_int_equal(index_search(ix, &out, hive_arena, soder, 1, NULL), 0);
	assert_int_equal(out->n, 1);
	assert_int_equal(index_search(ix, &out, hive_arena, sod, 1, NULL), 0);
	assert_int_equal(out->n, 0);
	assert_int_equal(index_search(ix, &out, hive_arena, two, 2, NULL), 0);
	assert_int_equal(out->n, 1);
	assert_int_equal(index_search(ix, &out, hive_arena, odd, 1, NULL), 0);
	assert_int_equal(out->n, 0);

	hive_begin(ix, false);
	hive_put(ix, "aaaaaaaaaa", "hive-001", "{name: Norr, visits: []}");
	assert_int_equal(index_drop(ix, "aaaaaaaaaa", "hive-002", NULL), 0);
	assert_int_equal(index_put_damaged(ix, "hive", "bbbbbbbbbb", "hive-004", NULL), 0);
	hive_end(ix);
	hive_gives(ix, "SELECT id, name FROM hives", "[{\"id\":\"hive-001\",\"name\":\"Norr\"}]");
	hive_gives(ix, "SELECT * FROM hives__visits__seen", "[]");
	assert_int_equal(index_search(ix, &out, hive_arena, soder, 1, NULL), 0);
	assert_int_equal(out->n, 0);
	assert_int_equal(index_list(ix, &out, hive_arena, "hive", &damaged, NULL), 0);
	assert_int_equal(damaged, 1);
	assert_int_equal(out->n, 2);
	assert_string_equal(node_get_str(out->seq[0], "id"), "hive-003");

	/* access to one dossier is lost */
	hive_begin(ix, false);
	assert_int_equal(index_dossier(ix, "bbbbbbbbbb", false, NULL), 0);
	hive_end(ix);
	assert_int_equal(index_readable(ix, &yes, "bbbbbbbbbb", NULL), 0);
	assert_false(yes);
	assert_int_equal(index_readable(ix, &yes, "aaaaaaaaaa", NULL), 0);
	assert_true(yes);
	assert_int_equal(index_list(ix, &out, hive_arena, NULL, &damaged, NULL), 0);
	assert_int_equal(damaged, 0);
	assert_int_equal(out->n, 1);
	index_close(ix);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *sql, *want;
	} rows[] = {
#define REFUSED "usage: a query may only read the tables of records, with plain functions (SELECT)"
		{"DELETE FROM hives", REFUSED},
		{"INSERT INTO hives (id) VALUES (1)", REFUSED},
		{"DROP TABLE record", REFUSED},
		{"CREATE TEMP TABLE x (a)", REFUSED},
		{"ATTACH '/tmp/akt-never.db' AS x", REFUSED},
		{"PRAGMA table_info(hives)", REFUSED},
		{"SELECT * FROM pragma_table_info('hives')", REFUSED},
		{"SELECT count(*) FROM pragma_table_info('hives')", REFUSED},
		{"VACUUM INTO '/tmp/akt-never.db'", REFUSED},
		{"BEGIN", REFUSED},
		{"EXPLAIN SELECT 1", "[]"},
		{"SELECT load_extension('x')", REFUSED},
		{"SELECT zeroblob(1000000000)", REFUSED},
		{"SELECT id FROM akt_dossier", REFUSED},
		{"SELECT count(*) FROM akt_dossier", REFUSED},
		{"SELECT block FROM akt_search_data", REFUSED},
		{"SELECT text FROM akt_search", REFUSED},
		{"SELECT sql FROM sqlite_schema", REFUSED},
		{"SELECT tree FROM akt_mark", REFUSED},
		{"SELECT id FROM (SELECT id FROM akt_damaged)", REFUSED},
		{"SELECT 1; SELECT 2", "usage: give one query"},
		{" -- nothing", "usage: give one query"},
		{"SELECT :who", "usage: the query asks for a value that nobody gave: :who"},
		{"SELECT absent FROM hives", "usage: the query cannot be run: no such column: absent"},
		{"WITH n AS (SELECT 1 AS i) SELECT count(*) AS c FROM n", "[{\"c\":1}]"},
		{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT sum(i) AS s FROM n",
		    "[{\"s\":6}]"},
		{"SELECT json_extract('{\"a\":5}', '$.a') AS a", "[{\"a\":5}]"},
		{"SELECT value FROM json_each('[1,2]')", "[{\"value\":1},{\"value\":2}]"},
		{"SELECT printf('%.*c', 100000000, 'x') AS a", REFUSED},
		{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
		    "usage: the query gives more than 100000 rows: add a LIMIT"},
		/* few rows that would fill the memory */
		{"WITH RECURSIVE n(i, x) AS (SELECT 1, replace(replace(replace(replace('aaaaaaaa', 'a', 'aaaaaaaaaa'), 'a', "
		 "'aaaaaaaaaa'), 'a', 'aaaaaaaaaa'), 'a', 'aaaaaaaaaa') UNION ALL SELECT i + 1, x FROM n) SELECT i || x FROM n",
		    "usage: the query gives more than 128 MiB of text: ask for less"},
	};
	struct index *ix = hive_open_at(NULL);

	(void)state;
	hive_fill(ix);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got;

		if (strncmp(rows[i].sql, "EXPLAIN", 7) == 0) { /* reads no record: only that it harms nothing */
			got = hive_ask(ix, rows[i].sql);
			free(got);
			continue;
		}
		hive_gives(ix, rows[i].sql, rows[i].want);
	}
	hive_gives(ix, "SELECT count(*) AS n FROM record", "[{\"n\":3}]");
	assert_int_not_equal(access("/tmp/akt-never.db", F_OK), 0);
	index_close(ix);
}

static int
stop(void *ctx)
{
	int *n = ctx;

	return ++*n == 3;
}

static void
test_stopped(void **state)
{
	static const char endless[] =
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
	struct index *ix = hive_open_at(NULL);
	struct node *out = NULL;
	struct err e = {0};
	int n = 0;

	(void)state;
	hive_fill(ix);
	assert_int_equal(index_query(ix, &out, hive_arena, endless, NULL, 0, stop, &n, &e), ERR_CANCELLED);
	hive_gives(ix, endless, "usage: the query takes too long: join on ids, or ask for less");
	index_close(ix);
}

static void
test_one_at_a_time(void **state)
{
	struct index *ix = hive_open_at(hive_dir), *other = NULL;
	struct err e = {0};

	(void)state;
	assert_int_equal(index_open(&other, hive_dir, hive_sk, hive_pk, &e), ERR_BUSY);
	assert_null(other);
	index_close(ix);
}

/* What was cut short, or touched anywhere, is empty when it is opened again, and can be filled. */
static void
test_thrown_away(void **state)
{
	static const char *const files[] = {"index.key", "index.db"};
	struct index *ix = hive_open_at(hive_dir);
	struct index_mark m;

	(void)state;
	hive_fill(ix);
	hive_begin(ix, false);
	hive_put(ix, "aaaaaaaaaa", "hive-005", "{name: Halv}");
	index_close(ix);
	ix = hive_open_at(hive_dir);
	assert_false(index_mark(ix, &m));
	for (size_t f = 0; f < 2; f++) {
		char path[96];
		struct buf b = {0};
		size_t step, n;

		snprintf(path, sizeof path, "%s/%s", hive_dir, files[f]);
		hive_fill(ix);
		index_close(ix);
		assert_int_equal(os_read_file(&b, path, 1 << 20, NULL), 0);
		n = b.n;
		step = f ? 1499 : 7;
		for (size_t i = 0; i < n; i += step) {
			struct node *out = NULL;
			size_t damaged = 0;
			char *got;

			buf_reset(&b);
			assert_int_equal(os_read_file(&b, path, 1 << 20, NULL), 0);
			b.p[i % b.n] ^= 0x10;
			assert_int_equal(os_write_hint(path, b.p, b.n, 0600, NULL), 0);
			ix = hive_open_at(hive_dir);
			if (index_mark(ix, &m)) {
				/* the page was not read yet: it is noticed, or what it says is not wrong */
				int rc = index_list(ix, &out, hive_arena, NULL, &damaged, NULL);

				if (rc == 0)
					assert_int_equal(out->n, 3);
				else
					assert_int_equal(rc, ERR_DAMAGED);
				got = hive_ask(ix, "SELECT count(*) AS n FROM hives JOIN hives__visits ON parent = id");
				if (strncmp(got, "damaged: ", 9) != 0)
					assert_string_equal(got, "[{\"n\":2}]");
				free(got);
			}
			hive_fill(ix);
			hive_gives(ix, "SELECT count(*) AS n FROM record", "[{\"n\":3}]");
			index_close(ix);
		}
		buf_free(&b);
		ix = hive_open_at(hive_dir);
	}
	index_close(ix);
}

static void
test_other_device(void **state)
{
	uint8_t other_sk[32], other_pk[32];
	struct index *ix = hive_open_at(hive_dir);
	struct index_mark m;

	(void)state;
	hive_fill(ix);
	index_close(ix);
	age_keygen(other_sk, other_pk);
	assert_int_equal(index_open(&ix, hive_dir, other_sk, other_pk, NULL), 0);
	assert_false(index_mark(ix, &m));
	index_close(ix);
}

static void
test_taken_names(void **state)
{
	struct index *ix = hive_open_at(NULL);
	struct schema_akt akt = {.table = "record"};
	struct err e = {0};

	(void)state;
	hive_begin(ix, true);
	assert_int_equal(index_type(ix, "x", NULL, &akt, &e), ERR_INVALID);
	akt.table = "hives";
	assert_int_equal(index_type(ix, "x", NULL, &akt, &e), ERR_INVALID);
	akt.table = "akt_mark";
	assert_int_equal(index_type(ix, "x", NULL, &akt, &e), ERR_INVALID);
	assert_string_equal(e.item[0].text,
	    "the index cannot have a table for a type: its name is taken (x-akt.table)");
	index_close(ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_thrown_away),
		cmocka_unit_test(test_other_device),
		cmocka_unit_test(test_taken_names),
	};

	return cmocka_run_group_tests_name("index", tests, hive_setup, hive_teardown);
}
