/* The shipped draw for review rounds over 200 random units: whatever the unit, nobody reviews their own case, none
 * that is protected is drawn, strata get their shares, the load is as even as can be, and the seed alone decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/private.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "index/index.h"
#include "rules/generator.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { STAFF = 12, CASES = 50, UNITS = 200, TEAMS = 3 };

static const char *const types[] = {"staff", "case", "placement", "plan", "follow_up", "review_round"};
enum { NTYPES = sizeof types / sizeof *types };

static struct schema_set schemas[NTYPES];
static struct buf sql;
static uint32_t random_state;

static unsigned
roll(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

struct unit {
	unsigned nstaff, ncases, planned;
	bool reviews[STAFF];                           /* may be drawn at all */
	unsigned handler[CASES], co_handler[CASES], manager[CASES], designated[CASES], team[CASES];
	bool protected[CASES], placed[CASES], hidden[CASES], violence[CASES];
};

static int
setup(void **state)
{
	(void)state;
	for (int i = 0; i < NTYPES; i++) {
		char path[64];
		struct err e = {0};

		snprintf(path, sizeof path, "schema/%s.yaml", types[i]);
		if (schema_set_load(&schemas[i], path, &e)) {
			fprintf(stderr, "%s: %s\n", path, e.item[0].text);
			return -1;
		}
	}
	return os_read_file(&sql, "schema/generators/peer-review.sql", 1 << 20, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < NTYPES; i++)
		schema_set_free(&schemas[i]);
	buf_free(&sql);
	return 0;
}

static void put(struct index *ix, struct arena *a, int type, unsigned n, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
static void
put(struct index *ix, struct arena *a, int type, unsigned n, const char *fmt, ...)
{
	const struct schema *sc = schemas[type].v[0].schema;
	struct buf text = {0}, data = {0};
	struct node *rec = NULL;
	struct err e = {0};
	char id[32];
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&data, fmt, ap);
	va_end(ap);
	snprintf(id, sizeof id, "%s-x%02u", types[type], n);
	buf_printf(&text, "id: %s\ndossier: aaaaaaaaaa\ncreated: {at: 2026-01-02T03:04:05Z, by: a}\n"
	    "updated: {at: 2026-01-02T03:04:05Z, by: a}\ndata: {%s}\n", id, buf_str(&data));
	if (yaml_parse(&rec, a, buf_str(&text), text.n, "x.yaml", YAML_INPUT, &e) ||
	    index_put(ix, types[type], "aaaaaaaaaa", id, "", schema_shape(sc), rec, &e))
		fail_msg("%s", e.item[0].text);
	buf_free(&text);
	buf_free(&data);
}

static void
make(struct unit *u, struct index *ix, struct arena *a, unsigned n)
{
	static const struct index_mark mark = {.expires = 0};

	random_state = n * 104729 + 7;
	*u = (struct unit){.nstaff = 5 + roll(STAFF - 4), .ncases = roll(CASES + 1), .planned = roll(30)};
	assert_int_equal(index_begin(ix, true, NULL), 0);
	for (int i = 0; i < NTYPES; i++)
		assert_int_equal(index_type(ix, types[i], schema_shape(schemas[i].v[0].schema),
		    schema_akt(schemas[i].v[0].schema), NULL), 0);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	for (unsigned i = 0; i < u->nstaff; i++) {
		bool left = roll(8) == 0, member = roll(8) != 0, handles = roll(6) != 0;

		u->reviews[i] = !left && member && handles;
		put(ix, a, 0, i, "%s roles: [%s], state: final, active_from: 2020-01-01%s", member ? "handle: h," : "",
		    handles ? "handlaggare" : "admin", left ? ", active_to: 2026-03-01" : "");
	}
	for (unsigned i = 0; i < u->ncases; i++) {
		u->handler[i] = roll(u->nstaff);
		u->co_handler[i] = roll(u->nstaff);
		u->manager[i] = roll(u->nstaff);
		u->designated[i] = roll(u->nstaff);
		u->team[i] = roll(TEAMS);
		u->protected[i] = roll(6) == 0;
		u->violence[i] = roll(3) == 0;
		u->placed[i] = roll(3) == 0;
		u->hidden[i] = u->placed[i] && roll(5) == 0;
		put(ix, a, 1, i, "handler: staff-x%02u, co_handler: staff-x%02u, manager: staff-x%02u, team: t%u, state: final, "
		    "protected: %s, violence: {suspected: %s}, investigation: {opened_on: 2026-02-01}",
		    u->handler[i], u->co_handler[i], u->manager[i], u->team[i], u->protected[i] ? "true" : "false",
		    u->violence[i] ? "ja" : "nej");
		if (u->placed[i])
			put(ix, a, 2, i, "case: case-x%02u, status: active, protected: %s, designated_worker: staff-x%02u", i,
			    u->hidden[i] ? "true" : "false", u->designated[i]);
	}
	put(ix, a, 5, 0, "kind: self_check, form: vinr_v1, opens_on: 2026-04-01, closes_on: 2026-04-30, status: planned, "
	    "sample: {method: random, planned: %u}", u->planned);
	assert_int_equal(index_end(ix, &mark, NULL), 0);
}

static bool
may(const struct unit *u, unsigned c, unsigned s)
{
	return u->reviews[s] && s != u->handler[c] && s != u->co_handler[c] && s != u->manager[c] &&
	    !(u->placed[c] && s == u->designated[c]);
}

static bool
in_frame(const struct unit *u, unsigned c)
{
	return !u->protected[c] && !u->hidden[c];
}

/* *rows NULL: somebody's case can be reviewed by nobody. */
static struct node *
draw(struct index *ix, struct arena *a, const struct generator *g, const char *seed)
{
	const struct index_value values[] = {{.name = "round", .text = "review_round-x00"},
		{.name = "seed", .text = seed}, {.name = "sample", .is_int = true, .i = 0},
		{.name = "today", .text = "2026-04-01"}};
	struct node *rows = NULL;
	struct err e = {0};

	if (index_query_file(ix, &rows, a, g->sql, g->file, values, 4, NULL, NULL, &e))
		fail_msg("%s", e.item[0].text);
	return generator_assign(g, a, seed, rows, &e) ? NULL : rows;
}

static unsigned
number(const struct node *row, const char *column)
{
	return (unsigned)atoi(strchr(node_get_str(row, column), 'x') + 1);
}

static void
judge(const struct unit *u, const struct node *rows)
{
	unsigned frame = 0, size[TEAMS][2] = {{0}}, drawn[TEAMS][2] = {{0}}, load[STAFF] = {0};
	bool seen[CASES] = {false};

	for (unsigned c = 0; c < u->ncases; c++) {
		frame += in_frame(u, c);
		size[u->team[c]][u->violence[c]] += in_frame(u, c);
	}
	assert_int_equal(rows->n, frame < u->planned ? frame : u->planned);
	for (size_t i = 0; i < rows->n; i++) {
		unsigned c = number(rows->seq[i], "case"), s = number(rows->seq[i], "reviewer");

		assert_true(in_frame(u, c));
		assert_true(may(u, c, s));
		assert_false(seen[c]);
		seen[c] = true;
		load[s]++;
		drawn[u->team[c]][u->violence[c]]++;
	}
	/* each stratum its share, rounded up or down */
	for (int t = 0; t < TEAMS; t++)
		for (int v = 0; v < 2; v++) {
			double share = frame ? (double)rows->n * size[t][v] / frame : 0;

			assert_true(drawn[t][v] > share - 0.9999 && drawn[t][v] < share + 0.9999);
		}
	/* nobody has two more than somebody who could take one of theirs */
	for (size_t i = 0; i < rows->n; i++)
		for (unsigned s = 0; s < u->nstaff; s++)
			if (may(u, number(rows->seq[i], "case"), s))
				assert_true(load[number(rows->seq[i], "reviewer")] <= load[s] + 1);
}

static void
random_units(void **state)
{
	static const uint8_t nobody[32];
	struct index *ix = NULL;
	unsigned impossible = 0, rows_in_all = 0, moved = 0;

	(void)state;
	assert_int_equal(index_open(&ix, NULL, nobody, nobody, NULL), 0);
	for (unsigned n = 0; n < UNITS; n++) {
		struct arena *a = arena_new();
		struct generator g;
		struct unit u;
		struct err e = {0};
		struct node *rows, *again, *other;

		if (generator_parse(&g, a, buf_str(&sql), sql.n, "peer-review.sql", &e))
			fail_msg("%s", e.item[0].text);
		make(&u, ix, a, n);
		rows = draw(ix, a, &g, "seed");
		if (!rows) {
			bool stuck = false;

			for (unsigned c = 0; c < u.ncases; c++) {
				bool anybody = !in_frame(&u, c);

				for (unsigned s = 0; s < u.nstaff; s++)
					anybody |= may(&u, c, s);
				stuck |= !anybody;
			}
			assert_true(stuck);
			impossible++;
			arena_free(a);
			continue;
		}
		judge(&u, rows);
		again = draw(ix, a, &g, "seed");
		assert_true(node_equal(rows, again));
		other = draw(ix, a, &g, "another");
		moved += other && !node_equal(rows, other);
		rows_in_all += (unsigned)rows->n;
		arena_free(a);
	}
	/* the units are neither all empty nor all impossible, and the seed does decide */
	assert_true(rows_in_all > 1000);
	assert_true(impossible > 0 && impossible < UNITS / 4);
	assert_true(moved > UNITS / 2);
	index_close(ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_units)};

	return cmocka_run_group_tests_name("generate", tests, setup, teardown);
}
