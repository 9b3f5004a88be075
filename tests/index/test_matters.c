/* What lists of things to do ask of the index: matters, what was kept of them, what is known to be hidden. */
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

static char *
json_of(const struct node *n)
{
	struct buf b = {0};
	char *s;

	node_json(&b, n);
	s = arena_strdup(hive_arena, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
matters(struct index *ix, const char *want)
{
	struct node *out = NULL, *ids = node_seq(hive_arena);

	assert_int_equal(index_matters(ix, &out, hive_arena, NULL), 0);
	for (size_t i = 0; i < out->n; i++)
		node_push(hive_arena, ids, node_str(hive_arena, arena_printf(hive_arena, "%s %s", node_get_str(out->seq[i], "what"),
		    node_get_str(out->seq[i], "id"))));
	assert_string_equal(json_of(ids), want);
}

static void
test_matters(void **state)
{
	static const uint8_t one[32] = {1}, two[32] = {2};
	struct index *ix = hive_open_at(NULL);
	uint8_t content[32];
	const char *title = NULL;
	char dossier[11];
	bool there = false;

	(void)state;
	hive_begin(ix, true);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	hive_put(ix, "aaaaaaaaaa", "hive-001", "{name: A}");
	assert_int_equal(index_facts(ix, INDEX_CONFLICTS | INDEX_INVALID, one, NULL), 0);
	hive_put(ix, "aaaaaaaaaa", "hive-002", "{name: B}");
	assert_int_equal(index_facts(ix, 0, two, NULL), 0);
	assert_int_equal(index_parked(ix, "hive", "aaaaaaaaaa", "hive-002", "m1", true, NULL), 0);
	assert_int_equal(index_parked(ix, "hive", "aaaaaaaaaa", "hive-002", "m2", true, NULL), 0);
	assert_int_equal(index_put_damaged(ix, "hive", "aaaaaaaaaa", "hive-003", NULL), 0);
	hive_end(ix);
	matters(ix, "[\"conflict hive-001\",\"invalid hive-001\",\"parked hive-002\",\"damaged hive-003\"]");
	assert_int_equal(index_content(ix, &there, "hive-002", content, NULL), 0);
	assert_true(there);
	assert_memory_equal(content, two, 32);
	assert_int_equal(index_content(ix, &there, "hive-003", content, NULL), 0);
	assert_false(there);
	assert_int_equal(index_record(ix, &there, hive_arena, "hive-001", dossier, &title, NULL), 0);
	assert_true(there);
	assert_string_equal(dossier, "aaaaaaaaaa");
	assert_string_equal(title, "a title");
	assert_int_equal(index_record(ix, &there, hive_arena, "hive-003", dossier, &title, NULL), 0);
	assert_false(there);

	hive_begin(ix, false);
	hive_put(ix, "aaaaaaaaaa", "hive-001", "{name: A}");
	assert_int_equal(index_facts(ix, 0, two, NULL), 0);
	assert_int_equal(index_parked(ix, "hive", "aaaaaaaaaa", "hive-002", "m1", false, NULL), 0);
	hive_end(ix);
	matters(ix, "[\"parked hive-002\",\"damaged hive-003\"]");
	assert_int_equal(index_content(ix, &there, "hive-001", content, NULL), 0);
	assert_true(there);
	assert_memory_equal(content, two, 32);
	hive_begin(ix, false);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	hive_end(ix);
	matters(ix, "[]");
	index_close(ix);
}

static void
keep(struct index *ix, const uint8_t key[32])
{
	static const char *const one[] = {"first", NULL, "", "åäö"}, *const two[] = {"second"};
	static const char *const tags[] = {"a", "b", "a"}, *const other[] = {"b"};

	assert_int_equal(index_keep_begin(ix, key, NULL), 0);
	assert_int_equal(index_keep(ix, one, 4, tags, 3, NULL), 0);
	assert_int_equal(index_keep(ix, two, 1, other, 1, NULL), 0);
	assert_int_equal(index_keep(ix, two, 0, NULL, 0, NULL), 0);
	assert_int_equal(index_keep_end(ix, NULL), 0);
}

static void
test_kept(void **state)
{
	static const char *const find[] = {"a", "none"}, *const both[] = {"a", "b"};
	static const uint8_t key[32] = {7}, next[32] = {8};
	struct index *ix = hive_open_at(hive_dir);
	struct node *out = NULL;

	(void)state;
	hive_fill(ix);
	assert_false(index_kept(ix, key));
	keep(ix, key);
	index_close(ix);
	ix = hive_open_at(hive_dir);
	assert_true(index_kept(ix, key));
	assert_false(index_kept(ix, next));
	assert_int_equal(index_kept_rows(ix, &out, hive_arena, find, 2, NULL), 0);
	assert_string_equal(json_of(out), "[[\"first\",null,\"\",\"åäö\"]]");
	assert_int_equal(index_kept_rows(ix, &out, hive_arena, both, 2, NULL), 0);
	assert_string_equal(json_of(out), "[[\"first\",null,\"\",\"åäö\"],[\"second\"]]");
	assert_int_equal(index_kept_rows(ix, &out, hive_arena, NULL, 0, NULL), 0);
	assert_int_equal(out->n, 3);
	keep(ix, next);
	assert_false(index_kept(ix, key));
	assert_int_equal(index_kept_rows(ix, &out, hive_arena, NULL, 0, NULL), 0);
	assert_int_equal(out->n, 3);
	/* what they were made of changes: nothing of them stays */
	hive_begin(ix, false);
	hive_put(ix, "aaaaaaaaaa", "hive-001", "{name: Ny}");
	hive_end(ix);
	assert_false(index_kept(ix, next));
	assert_int_equal(index_kept_rows(ix, &out, hive_arena, NULL, 0, NULL), 0);
	assert_int_equal(out->n, 0);
	index_close(ix);
}

static int
world_known(void *ctx, const char *id)
{
	(void)ctx;
	return strcmp(id, "broken") == 0 ? -1 : strcmp(id, "hive-999") == 0;
}

static int
world_hidden(void *ctx, const char *dossier, const char *part)
{
	return strcmp(part, "care") == 0 ? index_hidden(ctx, dossier) : 0;
}

static void
test_world(void **state)
{
	struct index *ix = hive_open_at(hive_dir);
	struct index_world world = {world_known, world_hidden, NULL};
	struct index_value values[] = {{.name = "n", .is_int = true, .i = 3}, {.name = "t", .text = "3"}};
	struct index_question q;
	struct err e = {0};
	struct node *out = NULL;

	(void)state;
	hive_fill(ix);
	hive_gives(ix, "SELECT known('hive-999') AS k", "[{\"k\":0}]");
	index_close(ix);
	ix = hive_open_at(hive_dir);
	world.ctx = ix;
	index_world(ix, &world);
	hive_gives(ix, "SELECT known('hive-999') AS k, known('x') AS n, known(NULL) AS z",
	    "[{\"k\":1,\"n\":0,\"z\":null}]");
	/* asked for the first time under the authorizer */
	hive_gives(ix, "SELECT hidden('cccccccccc', 'care') AS c, hidden('aaaaaaaaaa', 'care') AS a, "
	          "hidden('zzzzzzzzzz', 'care') AS z", "[{\"c\":1,\"a\":0,\"z\":0}]");
	assert_int_equal(index_query(ix, &out, hive_arena, "SELECT known('broken')", NULL, 0, NULL, NULL, &e),
	    ERR_USAGE);
	err_clear(&e);
	assert_int_equal(index_query(ix, &out, hive_arena, "SELECT typeof(:n) AS a, :n + 1 AS b, typeof(:t) AS c, "
	    "'+' || :n AS d", values, 2, NULL, NULL, &e), 0);
	assert_string_equal(json_of(out), "[{\"a\":\"integer\",\"b\":4,\"c\":\"text\",\"d\":\"+3\"}]");

	assert_int_equal(index_query_check(ix, &q, hive_arena,
	    "-- c\nSELECT id AS record, :x AS x, 1 AS x FROM hives WHERE name = :today", "r.sql", &e), 0);
	assert_int_equal(q.ncolumns, 3);
	assert_string_equal(q.columns[0], "record");
	assert_string_equal(q.columns[2], "x_2");
	assert_int_equal(q.nvalues, 2);
	assert_string_equal(q.values[0], "x");
	assert_string_equal(q.values[1], "today");
	assert_int_equal(index_query_check(ix, &q, hive_arena, "-- åä\nSELECT 'ö',\n  nosuch FROM hives", "r.sql", &e),
	    ERR_INVALID);
	assert_int_equal(index_query_check(ix, &q, hive_arena, "\n\n -- c\n DELETE FROM hives", "r.sql", &e),
	    ERR_INVALID);
	assert_int_equal(index_query_check(ix, &q, hive_arena, "SELECT ?1", "r.sql", &e), ERR_INVALID);
	assert_int_equal(e.n, 3);
	assert_string_equal(e.item[0].text, "the query cannot be run: no such column: nosuch");
	assert_int_equal(e.item[0].line, 3);
	assert_int_equal(e.item[0].column, 3);
	assert_int_equal(e.item[1].line, 4);
	assert_int_equal(e.item[1].column, 2);
	assert_string_equal(e.item[2].text, "values are asked for as :name");
	index_close(ix);
}

static void
test_no_words(void **state)
{
	const char *word[] = {"söder"};
	struct index *ix = hive_open_at(hive_dir);
	struct node *out = NULL;
	struct err e = {0};

	(void)state;
	hive_fill(ix);
	assert_int_equal(index_search(ix, &out, hive_arena, word, 1, NULL), 0);
	index_words(ix, false);
	assert_int_equal(index_search(ix, &out, hive_arena, word, 1, NULL), 0);
	hive_fill(ix);
	assert_int_equal(index_search(ix, &out, hive_arena, word, 1, &e), ERR_USAGE);
	assert_string_equal(e.item[0].text,
	    "here texts are not searched for words: so the unit has decided (akt store, fts)");
	hive_gives(ix, "SELECT count(*) AS n FROM hives", "[{\"n\":2}]");
	hive_begin(ix, false);
	hive_put(ix, "aaaaaaaaaa", "hive-001", "{name: Norr}");
	assert_int_equal(index_drop(ix, "aaaaaaaaaa", "hive-002", NULL), 0);
	hive_end(ix);
	index_close(ix);
	ix = hive_open_at(hive_dir);
	assert_int_equal(index_search(ix, &out, hive_arena, word, 1, &e), ERR_USAGE);
	hive_gives(ix, "SELECT count(*) AS n FROM hives", "[{\"n\":1}]");
	hive_fill(ix);
	assert_int_equal(index_search(ix, &out, hive_arena, word, 1, NULL), 0);
	index_close(ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matters),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_world),
		cmocka_unit_test(test_no_words),
	};

	return cmocka_run_group_tests_name("matters", tests, hive_setup, hive_teardown);
}
