/* Records as tables, kept, refused to those who ask for more, and thrown away when touched. */
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
#include "index/index.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"

static const char schema_text[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {label: {en: Hive}, title: [name], lock: {field: state, value: final}}\n"
    "properties:\n"
    "  name: {type: string}\n"
    "  id: {type: string}\n"
    "  keeper: {type: string, x-akt: {ref: person}}\n"
    "  box: {type: object, properties: {frames: {type: integer}, ok: {type: boolean},\n"
    "    kinds: {type: array, items: {type: string}, x-akt: {set: true}}}}\n"
    "  visits: {type: array, x-akt: {key: key}, items: {type: object, properties: {\n"
    "    key: {type: string}, 'on': {type: string, format: date}, note: {type: string},\n"
    "    seen: {type: array, items: {type: string}, x-akt: {set: true}}}}}\n"
    "  box_frames: {type: number}\n"
    "  state: {type: string, enum: [draft, final, void]}\n"
    "  protected: {type: boolean}\n";

static struct arena *a;
static struct schema *sc;
static uint8_t sk[32], pk[32];
static char dir[64];

static struct node *
parse(const char *text)
{
	struct err e = {0};
	struct node *n = NULL;

	if (yaml_parse(&n, a, text, strlen(text), "x.yaml", YAML_INPUT, &e))
		fail_msg("%s", e.item[0].text);
	return n;
}

static int
setup(void **state)
{
	struct diags d = {0};
	struct err e = {0};

	(void)state;
	a = arena_new();
	age_keygen(sk, pk);
	snprintf(dir, sizeof dir, "/tmp/akt-index-XXXXXX");
	if (!mkdtemp(dir) ||
	    schema_compile(&sc, parse(schema_text), "hive.yaml", SCHEMA_STORE, NULL, &d, &e)) {
		for (size_t i = 0; i < d.n; i++)
			fprintf(stderr, "%u: %s %s\n", d.v[i].line, d.v[i].path, d.v[i].text);
		return -1;
	}
	diags_free(&d);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(sc);
	arena_free(a);
	return os_remove_tree(dir, NULL);
}

static void
put(struct index *ix, const char *dossier, const char *id, const char *data)
{
	char text[2000];
	struct err e = {0};

	snprintf(text, sizeof text, "id: %s\ndossier: %s\ncreated: {at: 2026-01-02T03:04:05Z, by: anna}\n"
	    "updated: {at: 2026-02-0%cT03:04:05Z, by: bo}\ndata: %s\n", id, dossier, id[strlen(id) - 1],
	    data);
	if (index_put(ix, "hive", dossier, id, "a title", schema_shape(sc), parse(text), &e))
		fail_msg("%s", e.item[0].text);
}

static void
begin(struct index *ix, bool afresh)
{
	assert_int_equal(index_begin(ix, afresh, NULL), 0);
	assert_int_equal(index_type(ix, "hive", schema_shape(sc), schema_akt(sc), NULL), 0);
}

static void
end(struct index *ix)
{
	struct index_mark m = {.tree = "tree", .keys = "keys", .stamp = "stamp", .expires = 7};
	struct err e = {0};

	if (index_end(ix, &m, &e))
		fail_msg("%s", e.item[0].text);
}

static void
fill(struct index *ix)
{
	begin(ix, true);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	assert_int_equal(index_dossier(ix, "bbbbbbbbbb", true, NULL), 0);
	assert_int_equal(index_dossier(ix, "cccccccccc", false, NULL), 0);
	put(ix, "aaaaaaaaaa", "hive-001", "{name: Kupan i söder, id: x, keeper: person-1, state: draft,"
	    " box: {frames: 10, ok: true, kinds: [small, large]}, box_frames: 1.5, visits: ["
	    "{key: k1, on: 2026-03-01, note: lugna bin, seen: [q, e]}, {key: k2, note: \"5\"}]}");
	put(ix, "aaaaaaaaaa", "hive-002", "{name: Andra, protected: true, state: final}");
	put(ix, "bbbbbbbbbb", "hive-003", "{name: Borta, state: void}");
	end(ix);
}

static struct index *
open_at(const char *folder)
{
	struct index *ix = NULL;
	struct err e = {0};

	if (index_open(&ix, folder, sk, pk, &e))
		fail_msg("%s", e.item[0].text);
	return ix;
}

static char *
ask(struct index *ix, const char *sql)
{
	static const struct index_value values[] = {{.name = "today", .text = "2026-03-04"}};
	struct node *out = NULL;
	struct err e = {0};
	struct buf b = {0};

	if (index_query(ix, &out, a, sql, values, 1, NULL, NULL, &e))
		buf_printf(&b, "%s: %s", err_name(e.item[0].code), e.item[0].text);
	else
		node_json(&b, out);
	return buf_take(&b);
}

static void
gives(struct index *ix, const char *sql, const char *want)
{
	char *got = ask(ix, sql);

	if (strcmp(got, want) != 0)
		fail_msg("%s\n got: %s\nwant: %s", sql, got, want);
	free(got);
}

static void
test_tables(void **state)
{
	struct index *ix = open_at(NULL);

	(void)state;
	fill(ix);
	gives(ix, "SELECT * FROM hives ORDER BY id",
	    "[{\"id\":\"hive-001\",\"dossier\":\"aaaaaaaaaa\",\"created_by\":\"anna\",\"created_on\":\"2026-01-02\","
	    "\"updated_at\":\"2026-02-01T03:04:05Z\",\"updated_by\":\"bo\",\"state\":\"draft\",\"protected\":0,"
	    "\"name\":\"Kupan i söder\",\"id_2\":\"x\",\"keeper\":\"person-1\",\"box_frames\":10,\"box_ok\":1,"
	    "\"box_frames_2\":1.5},"
	    "{\"id\":\"hive-002\",\"dossier\":\"aaaaaaaaaa\",\"created_by\":\"anna\",\"created_on\":\"2026-01-02\","
	    "\"updated_at\":\"2026-02-02T03:04:05Z\",\"updated_by\":\"bo\",\"state\":\"final\",\"protected\":1,"
	    "\"name\":\"Andra\",\"id_2\":null,\"keeper\":null,\"box_frames\":null,\"box_ok\":null,"
	    "\"box_frames_2\":null}]");
	gives(ix, "SELECT parent, idx, value FROM hives__box_kinds ORDER BY idx",
	    "[{\"parent\":\"hive-001\",\"idx\":0,\"value\":\"small\"},{\"parent\":\"hive-001\",\"idx\":1,\"value\":\"large\"}]");
	gives(ix, "SELECT parent, idx, key, \"on\", note FROM hives__visits",
	    "[{\"parent\":\"hive-001\",\"idx\":0,\"key\":\"k1\",\"on\":\"2026-03-01\",\"note\":\"lugna bin\"},"
	    "{\"parent\":\"hive-001\",\"idx\":1,\"key\":\"k2\",\"on\":null,\"note\":\"5\"}]");
	gives(ix, "SELECT parent, idx, \"outer\", value FROM hives__visits__seen",
	    "[{\"parent\":\"hive-001\",\"idx\":0,\"outer\":0,\"value\":\"q\"},"
	    "{\"parent\":\"hive-001\",\"idx\":1,\"outer\":0,\"value\":\"e\"}]");
	gives(ix, "SELECT id, type, title, state FROM record WHERE state = 'void'",
	    "[{\"id\":\"hive-003\",\"type\":\"hive\",\"title\":\"a title\",\"state\":\"void\"}]");
	gives(ix, "SELECT h.id, v.parent AS id, date(:today, '+1 day') AS d FROM hives h JOIN hives__visits v "
	    "ON v.parent = h.id LIMIT 1",
	    "[{\"id\":\"hive-001\",\"id_2\":\"hive-001\",\"d\":\"2026-03-05\"}]");
	index_close(ix);
}

static void
test_changes(void **state)
{
	struct index *ix = open_at(dir);
	struct index_mark m;
	size_t n, all, damaged;
	bool yes = true;
	struct node *out = NULL;
	static const char *const soder[] = {"söd"}, *const sod[] = {"sod"}, *const two[] = {"kup", "lugn"},
	    *const odd[] = {"\" OR text:*"};

	(void)state;
	assert_false(index_mark(ix, &m));
	fill(ix);
	index_close(ix);
	ix = open_at(dir);
	assert_true(index_mark(ix, &m));
	assert_string_equal((char *)m.stamp, "stamp");
	assert_int_equal(m.expires, 7);
	assert_int_equal(index_cover(ix, &n, &all, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(all, 3);
	assert_int_equal(index_search(ix, &out, a, soder, 1, NULL), 0);
	assert_int_equal(out->n, 1);
	assert_int_equal(index_search(ix, &out, a, sod, 1, NULL), 0);
	assert_int_equal(out->n, 0);
	assert_int_equal(index_search(ix, &out, a, two, 2, NULL), 0);
	assert_int_equal(out->n, 1);
	assert_int_equal(index_search(ix, &out, a, odd, 1, NULL), 0);
	assert_int_equal(out->n, 0);

	begin(ix, false);
	put(ix, "aaaaaaaaaa", "hive-001", "{name: Norr, visits: []}");
	assert_int_equal(index_drop(ix, "aaaaaaaaaa", "hive-002", NULL), 0);
	assert_int_equal(index_put_damaged(ix, "hive", "bbbbbbbbbb", "hive-004", NULL), 0);
	end(ix);
	gives(ix, "SELECT id, name FROM hives", "[{\"id\":\"hive-001\",\"name\":\"Norr\"}]");
	gives(ix, "SELECT * FROM hives__visits__seen", "[]");
	assert_int_equal(index_search(ix, &out, a, soder, 1, NULL), 0);
	assert_int_equal(out->n, 0);
	assert_int_equal(index_list(ix, &out, a, "hive", &damaged, NULL), 0);
	assert_int_equal(damaged, 1);
	assert_int_equal(out->n, 2);
	assert_string_equal(node_get_str(out->seq[0], "id"), "hive-003");

	/* access to one dossier is lost */
	begin(ix, false);
	assert_int_equal(index_dossier(ix, "bbbbbbbbbb", false, NULL), 0);
	end(ix);
	assert_int_equal(index_readable(ix, &yes, "bbbbbbbbbb", NULL), 0);
	assert_false(yes);
	assert_int_equal(index_readable(ix, &yes, "aaaaaaaaaa", NULL), 0);
	assert_true(yes);
	assert_int_equal(index_list(ix, &out, a, NULL, &damaged, NULL), 0);
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
	};
	struct index *ix = open_at(NULL);

	(void)state;
	fill(ix);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got;

		if (strncmp(rows[i].sql, "EXPLAIN", 7) == 0) { /* reads no record: only that it harms nothing */
			got = ask(ix, rows[i].sql);
			free(got);
			continue;
		}
		gives(ix, rows[i].sql, rows[i].want);
	}
	gives(ix, "SELECT count(*) AS n FROM record", "[{\"n\":3}]");
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
	struct index *ix = open_at(NULL);
	struct node *out = NULL;
	struct err e = {0};
	int n = 0;

	(void)state;
	fill(ix);
	assert_int_equal(index_query(ix, &out, a, endless, NULL, 0, stop, &n, &e), ERR_CANCELLED);
	gives(ix, endless, "usage: the query takes too long: join on ids, or ask for less");
	index_close(ix);
}

static void
test_one_at_a_time(void **state)
{
	struct index *ix = open_at(dir), *other = NULL;
	struct err e = {0};

	(void)state;
	assert_int_equal(index_open(&other, dir, sk, pk, &e), ERR_BUSY);
	assert_null(other);
	index_close(ix);
}

/* What was cut short, or touched anywhere, is empty when it is opened again, and can be filled. */
static void
test_thrown_away(void **state)
{
	static const char *const files[] = {"index.key", "index.db"};
	struct index *ix = open_at(dir);
	struct index_mark m;

	(void)state;
	fill(ix);
	begin(ix, false);
	put(ix, "aaaaaaaaaa", "hive-005", "{name: Halv}");
	index_close(ix);
	ix = open_at(dir);
	assert_false(index_mark(ix, &m));
	for (size_t f = 0; f < 2; f++) {
		char path[96];
		struct buf b = {0};
		size_t step, n;

		snprintf(path, sizeof path, "%s/%s", dir, files[f]);
		fill(ix);
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
			ix = open_at(dir);
			if (index_mark(ix, &m)) {
				/* the page was not read yet: it is noticed, or what it says is not wrong */
				int rc = index_list(ix, &out, a, NULL, &damaged, NULL);

				if (rc == 0)
					assert_int_equal(out->n, 3);
				else
					assert_int_equal(rc, ERR_DAMAGED);
				got = ask(ix, "SELECT count(*) AS n FROM hives JOIN hives__visits ON parent = id");
				if (strncmp(got, "damaged: ", 9) != 0)
					assert_string_equal(got, "[{\"n\":2}]");
				free(got);
			}
			fill(ix);
			gives(ix, "SELECT count(*) AS n FROM record", "[{\"n\":3}]");
			index_close(ix);
		}
		buf_free(&b);
		ix = open_at(dir);
	}
	index_close(ix);
}

static void
test_other_device(void **state)
{
	uint8_t other_sk[32], other_pk[32];
	struct index *ix = open_at(dir);
	struct index_mark m;

	(void)state;
	fill(ix);
	index_close(ix);
	age_keygen(other_sk, other_pk);
	assert_int_equal(index_open(&ix, dir, other_sk, other_pk, NULL), 0);
	assert_false(index_mark(ix, &m));
	index_close(ix);
}

static void
test_taken_names(void **state)
{
	struct index *ix = open_at(NULL);
	struct schema_akt akt = {.table = "record"};
	struct err e = {0};

	(void)state;
	begin(ix, true);
	assert_int_equal(index_type(ix, "x", NULL, &akt, &e), ERR_INVALID);
	akt.table = "hives";
	assert_int_equal(index_type(ix, "x", NULL, &akt, &e), ERR_INVALID);
	akt.table = "akt_mark";
	assert_int_equal(index_type(ix, "x", NULL, &akt, &e), ERR_INVALID);
	assert_string_equal(e.item[0].text,
	    "the index cannot have a table for a type: its name is taken (x-akt.table)");
	index_close(ix);
}

/* --- what lists of things to do ask ------------------------------------------------------------ */

static char *
json_of(const struct node *n)
{
	struct buf b = {0};
	char *s;

	node_json(&b, n);
	s = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
matters(struct index *ix, const char *want)
{
	struct node *out = NULL, *ids = node_seq(a);

	assert_int_equal(index_matters(ix, &out, a, NULL), 0);
	for (size_t i = 0; i < out->n; i++)
		node_push(a, ids, node_str(a, arena_printf(a, "%s %s", node_get_str(out->seq[i], "what"),
		    node_get_str(out->seq[i], "id"))));
	assert_string_equal(json_of(ids), want);
}

static void
test_matters(void **state)
{
	static const uint8_t one[32] = {1}, two[32] = {2};
	struct index *ix = open_at(NULL);
	uint8_t content[32];
	const char *title = NULL;
	char dossier[11];
	bool there = false;

	(void)state;
	begin(ix, true);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	put(ix, "aaaaaaaaaa", "hive-001", "{name: A}");
	assert_int_equal(index_facts(ix, INDEX_CONFLICTS | INDEX_INVALID, one, NULL), 0);
	put(ix, "aaaaaaaaaa", "hive-002", "{name: B}");
	assert_int_equal(index_facts(ix, 0, two, NULL), 0);
	assert_int_equal(index_parked(ix, "hive", "aaaaaaaaaa", "hive-002", "m1", true, NULL), 0);
	assert_int_equal(index_parked(ix, "hive", "aaaaaaaaaa", "hive-002", "m2", true, NULL), 0);
	assert_int_equal(index_put_damaged(ix, "hive", "aaaaaaaaaa", "hive-003", NULL), 0);
	end(ix);
	matters(ix, "[\"conflict hive-001\",\"invalid hive-001\",\"parked hive-002\",\"damaged hive-003\"]");
	assert_int_equal(index_content(ix, &there, "hive-002", content, NULL), 0);
	assert_true(there);
	assert_memory_equal(content, two, 32);
	assert_int_equal(index_content(ix, &there, "hive-003", content, NULL), 0);
	assert_false(there);
	assert_int_equal(index_record(ix, &there, a, "hive-001", dossier, &title, NULL), 0);
	assert_true(there);
	assert_string_equal(dossier, "aaaaaaaaaa");
	assert_string_equal(title, "a title");
	assert_int_equal(index_record(ix, &there, a, "hive-003", dossier, &title, NULL), 0);
	assert_false(there);

	begin(ix, false);
	put(ix, "aaaaaaaaaa", "hive-001", "{name: A}");
	assert_int_equal(index_facts(ix, 0, two, NULL), 0);
	assert_int_equal(index_parked(ix, "hive", "aaaaaaaaaa", "hive-002", "m1", false, NULL), 0);
	end(ix);
	matters(ix, "[\"parked hive-002\",\"damaged hive-003\"]");
	assert_int_equal(index_content(ix, &there, "hive-001", content, NULL), 0);
	assert_true(there);
	assert_memory_equal(content, two, 32);
	begin(ix, false);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	end(ix);
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
	struct index *ix = open_at(dir);
	struct node *out = NULL;

	(void)state;
	fill(ix);
	assert_false(index_kept(ix, key));
	keep(ix, key);
	index_close(ix);
	ix = open_at(dir);
	assert_true(index_kept(ix, key));
	assert_false(index_kept(ix, next));
	assert_int_equal(index_kept_rows(ix, &out, a, find, 2, NULL), 0);
	assert_string_equal(json_of(out), "[[\"first\",null,\"\",\"åäö\"]]");
	assert_int_equal(index_kept_rows(ix, &out, a, both, 2, NULL), 0);
	assert_string_equal(json_of(out), "[[\"first\",null,\"\",\"åäö\"],[\"second\"]]");
	assert_int_equal(index_kept_rows(ix, &out, a, NULL, 0, NULL), 0);
	assert_int_equal(out->n, 3);
	keep(ix, next);
	assert_false(index_kept(ix, key));
	assert_int_equal(index_kept_rows(ix, &out, a, NULL, 0, NULL), 0);
	assert_int_equal(out->n, 3);
	/* what they were made of changes: nothing of them stays */
	begin(ix, false);
	put(ix, "aaaaaaaaaa", "hive-001", "{name: Ny}");
	end(ix);
	assert_false(index_kept(ix, next));
	assert_int_equal(index_kept_rows(ix, &out, a, NULL, 0, NULL), 0);
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
	struct index *ix = open_at(dir);
	struct index_world world = {world_known, world_hidden, NULL};
	struct index_value values[] = {{.name = "n", .is_int = true, .i = 3}, {.name = "t", .text = "3"}};
	struct index_question q;
	struct err e = {0};
	struct node *out = NULL;

	(void)state;
	fill(ix);
	gives(ix, "SELECT known('hive-999') AS k", "[{\"k\":0}]");
	index_close(ix);
	ix = open_at(dir);
	world.ctx = ix;
	index_world(ix, &world);
	gives(ix, "SELECT known('hive-999') AS k, known('x') AS n, known(NULL) AS z",
	    "[{\"k\":1,\"n\":0,\"z\":null}]");
	/* asked for the first time under the authorizer */
	gives(ix, "SELECT hidden('cccccccccc', 'care') AS c, hidden('aaaaaaaaaa', 'care') AS a, "
	          "hidden('zzzzzzzzzz', 'care') AS z", "[{\"c\":1,\"a\":0,\"z\":0}]");
	assert_int_equal(index_query(ix, &out, a, "SELECT known('broken')", NULL, 0, NULL, NULL, &e),
	    ERR_USAGE);
	err_clear(&e);
	assert_int_equal(index_query(ix, &out, a, "SELECT typeof(:n) AS a, :n + 1 AS b, typeof(:t) AS c, "
	    "'+' || :n AS d", values, 2, NULL, NULL, &e), 0);
	assert_string_equal(json_of(out), "[{\"a\":\"integer\",\"b\":4,\"c\":\"text\",\"d\":\"+3\"}]");

	assert_int_equal(index_query_check(ix, &q, a,
	    "-- c\nSELECT id AS record, :x AS x, 1 AS x FROM hives WHERE name = :today", "r.sql", &e), 0);
	assert_int_equal(q.ncolumns, 3);
	assert_string_equal(q.columns[0], "record");
	assert_string_equal(q.columns[2], "x_2");
	assert_int_equal(q.nvalues, 2);
	assert_string_equal(q.values[0], "x");
	assert_string_equal(q.values[1], "today");
	assert_int_equal(index_query_check(ix, &q, a, "-- åä\nSELECT 'ö',\n  nosuch FROM hives", "r.sql", &e),
	    ERR_INVALID);
	assert_int_equal(index_query_check(ix, &q, a, "\n\n -- c\n DELETE FROM hives", "r.sql", &e),
	    ERR_INVALID);
	assert_int_equal(index_query_check(ix, &q, a, "SELECT ?1", "r.sql", &e), ERR_INVALID);
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
	struct index *ix = open_at(dir);
	struct node *out = NULL;
	struct err e = {0};

	(void)state;
	fill(ix);
	assert_int_equal(index_search(ix, &out, a, word, 1, NULL), 0);
	index_words(ix, false);
	assert_int_equal(index_search(ix, &out, a, word, 1, NULL), 0);
	fill(ix);
	assert_int_equal(index_search(ix, &out, a, word, 1, &e), ERR_USAGE);
	assert_string_equal(e.item[0].text,
	    "here texts are not searched for words: so the unit has decided (akt store, fts)");
	gives(ix, "SELECT count(*) AS n FROM hives", "[{\"n\":2}]");
	begin(ix, false);
	put(ix, "aaaaaaaaaa", "hive-001", "{name: Norr}");
	assert_int_equal(index_drop(ix, "aaaaaaaaaa", "hive-002", NULL), 0);
	end(ix);
	index_close(ix);
	ix = open_at(dir);
	assert_int_equal(index_search(ix, &out, a, word, 1, &e), ERR_USAGE);
	gives(ix, "SELECT count(*) AS n FROM hives", "[{\"n\":1}]");
	fill(ix);
	assert_int_equal(index_search(ix, &out, a, word, 1, NULL), 0);
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
		cmocka_unit_test(test_matters),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_world),
		cmocka_unit_test(test_no_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
