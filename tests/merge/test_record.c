/* DESIGN 5, sentence by sentence. Ours is anna on the 2nd, theirs bo on the 3rd; every row
 * is merged both ways round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "merge/record.h"
#include "merge/sample.h"
#include "schema/schema.h"
#include "tree/node.h"

#define DAY1 "2026-01-01T00:00:00Z"
#define DAY2 "2026-01-02T00:00:00Z"
#define DAY3 "2026-01-03T00:00:00Z"
#define DAY4 "2026-01-04T00:00:00Z"
#define ANNA ", at: " DAY2 ", by: anna}"
#define BO ", at: " DAY3 ", by: bo}"
#define CIA ", at: " DAY1 ", by: cia}"

struct row {
	const char *base, *base_open;   /* data, conflicts; base "-": none */
	const char *ours, *ours_open;
	const char *theirs, *theirs_open;
	const char *want, *want_open;   /* NULL: no conflicts */
};

static void
same_flow(const char *what, size_t row, const struct node *got, const char *want, struct arena *a)
{
	char *p = sample_flow(got), *q = want ? sample_flow(sample_parse(a, want)) : sample_flow(NULL);

	if (strcmp(p, q) != 0)
		fail_msg("row %zu, %s:\n got %s\nwant %s", row, what, p, q);
	free(p);
	free(q);
}

static void
run(const struct merge_env *env, const struct row *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new();
		const char *none = "-";
		struct node *base = t[i].base && strcmp(t[i].base, none) == 0 ? NULL :
		    sample_record(a, DAY1, "cia", t[i].base, t[i].base_open);
		struct node *ours = sample_record(a, DAY2, "anna", t[i].ours, t[i].ours_open),
		    *theirs = sample_record(a, DAY3, "bo", t[i].theirs, t[i].theirs_open),
		    *got = sample_merge(a, env, base, ours, theirs);

		same_flow("data", i, node_get(got, "data"), t[i].want, a);
		same_flow("conflicts", i, node_get(got, "conflicts"), t[i].want_open, a);
		arena_free(a);
	}
}

#define RUN(env, rows) \
	do { \
		struct merge_env run_env = env; \
		run(&run_env, rows, sizeof rows / sizeof *rows); \
	} while (0)

static void
edits_of_one_record_are_merged_leaf_by_leaf_against_the_merge_base(void **state)
{
	static const struct row t[] = {
		{"{title: a, due: 1}", NULL, "{title: b, due: 1}", NULL, "{title: a, due: 2}", NULL,
		    "{title: b, due: 2}", NULL},
		{"{m: {x: 1, n: {z: 1}}}", NULL, "{m: {x: 2, n: {z: 1}}}", NULL,
		    "{m: {x: 1, y: 5, n: {z: 7, w: 8}}}", NULL, "{m: {x: 2, y: 5, n: {z: 7, w: 8}}}", NULL},
		/* added on one side, removed on the other */
		{"{title: a, due: 1}", NULL, "{title: a}", NULL, "{title: a, due: 1, plan: p}", NULL,
		    "{title: a, plan: p}", NULL},
		/* a map that went: its leaves went; one that was edited meanwhile is in conflict */
		{"{m: {x: 1, y: 1}}", NULL, "{}", NULL, "{m: {x: 2, y: 1}}", NULL, "{m: {x: 2}}",
		    "[{path: m.x, values: [{value: 2" BO ", {absent: true" ANNA "]}]"},
		{"{m: {x: 1}}", NULL, "{}", NULL, "{m: {x: 1}, due: 1}", NULL, "{due: 1}", NULL},
		/* an empty map says that it is there */
		{"{m: {x: 1}}", NULL, "{m: {}}", NULL, "{m: {x: 1}, due: 1}", NULL, "{due: 1, m: {}}", NULL},
		{"{}", NULL, "{m: {}}", NULL, "{due: 1}", NULL, "{due: 1, m: {}}", NULL},
		{"{m: {}}", NULL, "{title: a}", NULL, "{m: {}, due: 1}", NULL, "{title: a, due: 1}", NULL},
		/* no base: both made it */
		{"-", NULL, "{title: a, due: 1}", NULL, "{title: a, plan: p}", NULL,
		    "{title: a, plan: p, due: 1}", NULL},
		{"-", NULL, "{title: a}", NULL, "{title: b}", NULL, "{title: b}",
		    "[{path: title, values: [{value: b" BO ", {value: a" ANNA "]}]"},
		/* no data at all */
		{NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
		{NULL, NULL, "{title: a}", NULL, NULL, NULL, "{title: a}", NULL},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
leaves_are_scalars_and_lists_without_key_set_append(void **state)
{
	static const struct row t[] = {
		{"{vals: [1, 2]}", NULL, "{vals: [1, 2, 3]}", NULL, "{vals: [0, 1, 2]}", NULL,
		    "{vals: [0, 1, 2]}", "[{path: vals, values: [{value: [0, 1, 2]" BO
		    ", {value: [1, 2, 3]" ANNA "]}]"},
		{"{vals: [1, 2]}", NULL, "{vals: [1, 2, 3]}", NULL, "{vals: [1, 2], due: 1}", NULL,
		    "{due: 1, vals: [1, 2, 3]}", NULL},
		/* what the schema does not know: maps recurse, a list is one leaf */
		{"{q: {r: 1, s: [1]}}", NULL, "{q: {r: 2, s: [1]}}", NULL, "{q: {r: 1, s: [2]}}", NULL,
		    "{q: {r: 2, s: [2]}}", NULL},
		{"{q: {s: [{k: a, t: 1}]}}", NULL, "{q: {s: [{k: a, t: 2}]}}", NULL,
		    "{q: {s: [{k: a, t: 1}, {k: b}]}}", NULL, "{q: {s: [{k: a, t: 1}, {k: b}]}}",
		    "[{path: q.s, values: [{value: [{k: a, t: 1}, {k: b}]" BO
		    ", {value: [{k: a, t: 2}]" ANNA "]}]"},
		/* null is a value, not absence */
		{"{due: 1}", NULL, "{due: null}", NULL, "{}", NULL, "{due: null}",
		    "[{path: due, values: [{value: null" ANNA ", {absent: true" BO "]}]"},
	};
	static const struct row unknown[] = {
		{"{m: {x: 1}, goals: [{k: a, text: 1}]}", NULL, "{m: {x: 2}, goals: [{k: a, text: 2}]}", NULL,
		    "{m: {x: 1, y: 1}, goals: [{k: a, text: 1}]}", NULL,
		    "{goals: [{k: a, text: 2}], m: {x: 2, y: 1}}", NULL},
		{"{tags: [a]}", NULL, "{tags: [a, b]}", NULL, "{tags: [a, c]}", NULL, "{tags: [a, c]}",
		    "[{path: tags, values: [{value: [a, c]" BO ", {value: [a, b]" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
	RUN(((struct merge_env){0}), unknown);
}

static void
each_leaf_has_a_candidate_set_its_entrys_values_else_its_one_value(void **state)
{
	static const char open[] = "[{path: title, values: [{value: y" BO ", {value: x" ANNA "]}]";
	static const struct row t[] = {
		/* a third value joins an open conflict; the known stamps travel verbatim */
		{"{title: a}", NULL, "{title: y}", open, "{title: z}", NULL, "{title: z}",
		    "[{path: title, values: [{value: z" BO ", {value: y" BO ", {value: x" ANNA "]}]"},
		/* one side still has one of the values alone */
		{"{title: x}", NULL, "{title: y}", open, "{title: x, due: 1}", NULL, "{title: y, due: 1}",
		    open},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
r_is_what_both_have_and_what_each_added(void **state)
{
#define XY "[{path: title, values: [{value: y" BO ", {value: x" CIA "]}]"
	static const struct row t[] = {
		{"{title: a}", NULL, "{title: b}", NULL, "{title: a, due: 1}", NULL, "{title: b, due: 1}", NULL},
		{"{title: a}", NULL, "{title: b}", NULL, "{title: b, due: 1}", NULL, "{title: b, due: 1}", NULL},
		{"{title: a}", NULL, "{title: b}", NULL, "{title: c}", NULL, "{title: c}",
		    "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		/* settled on one side, untouched on the other: settled */
		{"{title: y}", XY, "{title: x}", NULL, "{title: y, due: 1}", XY, "{title: x, due: 1}", NULL},
		/* settled by something new, untouched */
		{"{title: y}", XY, "{title: z}", NULL, "{title: y, due: 1}", XY, "{title: z, due: 1}", NULL},
		/* settled on both, by different new values */
		{"{title: y}", XY, "{title: p}", NULL, "{title: q}", NULL, "{title: q}",
		    "[{path: title, values: [{value: q" BO ", {value: p" ANNA "]}]"},
		/* settled by one of them on one side, by something new on the other: the new one */
		{"{title: y}", XY, "{title: x}", NULL, "{title: q}", NULL, "{title: q}", NULL},
		/* one side settled, the other gained a third: x was kept by both, q is new */
		{"{title: y}", XY, "{title: x}", NULL, "{title: y}",
		    "[{path: title, values: [{value: y" BO ", {value: q" BO ", {value: x" CIA "]}]",
		    "{title: q}", "[{path: title, values: [{value: q" BO ", {value: x" CIA "]}]"},
		/* removed on one side */
		{"{title: a}", NULL, "{}", NULL, "{title: a, due: 1}", NULL, "{due: 1}", NULL},
		/* equal as numbers: no conflict, the same spelling on both machines */
		{"{due: 2}", NULL, "{due: 1.0}", NULL, "{due: 1}", NULL, "{due: 1}", NULL},
		{"{due: 1}", NULL, "{due: 1.0}", NULL, "{due: 1, title: a}", NULL, "{title: a, due: 1.0}", NULL},
		/* "1" and 1 are two values */
		{"{due: 2}", NULL, "{due: '1'}", NULL, "{due: 1}", NULL, "{due: 1}",
		    "[{path: due, values: [{value: 1" BO ", {value: '1'" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
if_r_is_empty_all_of_both_stand(void **state)
{
	static const struct row t[] = {
		{"{title: y}", XY, "{title: x}", NULL, "{title: y}", NULL, "{title: y}",
		    "[{path: title, values: [{value: y" BO ", {value: x" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
conflicts_are_sorted_and_the_first_stands_in_data(void **state)
{
	static const struct row t[] = {
		{"{title: a, due: 1, m: {x: 1}}", NULL, "{title: b, due: 2, m: {x: 2}}", NULL,
		    "{title: c, due: 3, m: {x: 3}}", NULL, "{title: c, due: 3, m: {x: 3}}",
		    "[{path: due, values: [{value: 3" BO ", {value: 2" ANNA "]}, "
		    "{path: m.x, values: [{value: 3" BO ", {value: 2" ANNA "]}, "
		    "{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
order_is_present_before_absent_later_at_greater_by_greater_bytes(void **state)
{
	static const struct {
		const char *at[2], *by[2], *data[2], *want;
	} t[] = {
		{{DAY4, DAY2}, {"anna", "anna"}, {"{}", "{title: b}"}, "{title: b}"},
		{{DAY2, DAY3}, {"bo", "anna"}, {"{title: z}", "{title: b}"}, "{title: b}"},
		{{DAY3, DAY3}, {"bo", "anna"}, {"{title: b}", "{title: z}"}, "{title: b}"},
		{{DAY3, DAY3}, {"anna", "anna"}, {"{title: b}", "{title: z}"}, "{title: z}"},
	};
	struct merge_env env = sample_env(false);

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *base = sample_record(a, DAY1, "cia", "{title: a}", NULL), *v[2], *got;

		for (int k = 0; k < 2; k++)
			v[k] = sample_record(a, t[i].at[k], t[i].by[k], t[i].data[k], NULL);
		got = sample_merge(a, &env, base, v[0], v[1]);
		same_flow("data", i, node_get(got, "data"), t[i].want, a);
		assert_int_equal(node_get(got, "conflicts")->seq[0]->n, 2);
		arena_free(a);
	}
}

static void
one_value_with_two_stamps_keeps_the_carried_one_of_these_the_earliest(void **state)
{
	static const struct row t[] = {
		{"{title: a}", NULL, "{title: y}",
		    "[{path: title, values: [{value: y, at: " DAY4 ", by: dan}, {value: x" CIA "]}]",
		    "{title: y}", NULL, "{title: y}",
		    "[{path: title, values: [{value: y, at: " DAY4 ", by: dan}, {value: x" CIA "]}]"},
		{"{title: a}", NULL, "{title: y}",
		    "[{path: title, values: [{value: y, at: " DAY4 ", by: dan}, {value: x" CIA "]}]",
		    "{title: y}", "[{path: title, values: [{value: y" BO ", {value: x" CIA "]}]",
		    "{title: y}", "[{path: title, values: [{value: y" BO ", {value: x" CIA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
keyed_items_merge_by_key_and_deletion_against_edit_keeps_and_shows_the_item(void **state)
{
	static const struct row t[] = {
		/* two edits of one item */
		{"{goals: [{k: a, text: 1, note: 1}]}", NULL, "{goals: [{k: a, text: 2, note: 1}]}", NULL,
		    "{goals: [{k: a, text: 1, note: 2}]}", NULL, "{goals: [{k: a, text: 2, note: 2}]}", NULL},
		{"{goals: [{k: a, text: 1}]}", NULL, "{goals: [{k: a, text: 2}]}", NULL,
		    "{goals: [{k: a, text: 3}]}", NULL, "{goals: [{k: a, text: 3}]}",
		    "[{path: goals.a.text, values: [{value: 3" BO ", {value: 2" ANNA "]}]"},
		/* deletion alone */
		{"{goals: [{k: a, text: 1}, {k: b}]}", NULL, "{goals: [{k: b}]}", NULL,
		    "{goals: [{k: a, text: 1}, {k: b}, {k: c}]}", NULL, "{goals: [{k: b}, {k: c}]}", NULL},
		/* deletion against edit */
		{"{goals: [{k: a, text: 1}]}", NULL, "{goals: []}", NULL, "{goals: [{k: a, text: 2}]}", NULL,
		    "{goals: [{k: a, text: 2}]}", "[{path: goals.a, values: [{value: {k: a, text: 2}" BO
		    ", {absent: true" ANNA "]}]"},
		/* the whole list deleted against an edit of one item */
		{"{goals: [{k: a, text: 1}, {k: b}]}", NULL, "{}", NULL,
		    "{goals: [{k: a, text: 2}, {k: b}]}", NULL, "{goals: [{k: a, text: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2}" BO ", {absent: true" ANNA "]}]"},
		/* both deleted */
		{"{goals: [{k: a}, {k: b}]}", NULL, "{goals: [{k: b}], due: 1}", NULL, "{goals: [{k: b}]}", NULL,
		    "{due: 1, goals: [{k: b}]}", NULL},
		/* a step of a deleted goal */
		{"{goals: [{k: a, steps: [{k: s, t: 1}]}]}", NULL, "{goals: []}", NULL,
		    "{goals: [{k: a, steps: [{k: s, t: 2}]}]}", NULL, "{goals: [{k: a, steps: [{k: s, t: 2}]}]}",
		    "[{path: goals.a, values: [{value: {k: a, steps: [{k: s, t: 2}]}" BO
		    ", {absent: true" ANNA "]}]"},
		/* the shown deletion, then an edit on another machine: the entry holds the item as it is */
		{"{goals: [{k: a, text: 2}]}", NULL, "{goals: [{k: a, text: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2}" CIA ", {absent: true" CIA "]}]",
		    "{goals: [{k: a, text: 2, note: n}]}", NULL, "{goals: [{k: a, text: 2, note: n}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2, note: n}" CIA ", {absent: true" CIA "]}]"},
		/* the shown deletion carried out on one side, an edit beneath on the other */
		{"{goals: [{k: a, text: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2}" CIA ", {absent: true" CIA "]}]",
		    "{goals: []}", NULL, "{goals: [{k: a, text: 2}], due: 1}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2}" CIA ", {absent: true" CIA "]}]",
		    "{due: 1, goals: []}", NULL},
		/* both settled it, differently */
		{"{goals: [{k: a, text: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2}" CIA ", {absent: true" CIA "]}]",
		    "{goals: []}", NULL, "{goals: [{k: a, text: 2}]}", NULL, "{goals: [{k: a, text: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2}" BO ", {absent: true" ANNA "]}]"},
		/* the same key added on both sides is one item */
		{"{}", NULL, "{goals: [{k: a, text: 1}]}", NULL, "{goals: [{k: a, note: 2}]}", NULL,
		    "{goals: [{k: a, text: 1, note: 2}]}", NULL},
		{"{}", NULL, "{goals: [{k: a, text: 1}]}", NULL, "{goals: [{k: a, text: 2}]}", NULL,
		    "{goals: [{k: a, text: 2}]}",
		    "[{path: goals.a.text, values: [{value: 2" BO ", {value: 1" ANNA "]}]"},
		/* items without a key, or two with one key: the list is one leaf, nothing is dropped */
		{"{goals: [{text: 1}]}", NULL, "{goals: [{text: 2}]}", NULL, "{goals: [{text: 3}]}", NULL,
		    "{goals: [{text: 3}]}",
		    "[{path: goals, values: [{value: [{text: 3}]" BO ", {value: [{text: 2}]" ANNA "]}]"},
		{"{}", NULL, "{goals: [{k: a}, {k: a, text: 1}]}", NULL, "{goals: [{k: a}]}", NULL,
		    "{goals: [{k: a}]}", "[{path: goals, values: [{value: [{k: a}]" BO
		    ", {value: [{k: a}, {k: a, text: 1}]" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
order_of_items_is_the_bases_then_the_additions_of_the_earlier_side_then_the_others(void **state)
{
	static const struct row t[] = {
		{"{goals: [{k: a}, {k: b}]}", NULL, "{goals: [{k: z}, {k: a}, {k: b}, {k: y}]}", NULL,
		    "{goals: [{k: x}, {k: a}, {k: b}, {k: w}]}", NULL,
		    "{goals: [{k: a}, {k: b}, {k: z}, {k: y}, {k: x}, {k: w}]}", NULL},
		{"{goals: [{k: a}, {k: b}]}", NULL, "{goals: [{k: b}, {k: a}]}", NULL,
		    "{goals: [{k: a}, {k: b}, {k: c}]}", NULL, "{goals: [{k: a}, {k: b}, {k: c}]}", NULL},
		{"{goals: [{k: a}, {k: b}]}", NULL, "{goals: [{k: b}, {k: a}]}", NULL,
		    "{goals: [{k: a}, {k: b}], due: 1}", NULL, "{due: 1, goals: [{k: b}, {k: a}]}", NULL},
		{"{tags: [b, a]}", NULL, "{tags: [b, a, d]}", NULL, "{tags: [c, b, a]}", NULL,
		    "{tags: [b, a, d, c]}", NULL},
	};
	static const struct {
		const char *by[2], *data[2];
	} tie[] = {
		{{"bo", "anna"}, {"{tags: [c]}", "{tags: [d]}"}}, {{"bo", "bo"}, {"{tags: [d]}", "{tags: [c]}"}},
	};
	struct merge_env env = sample_env(false);

	(void)state;
	RUN(sample_env(false), t);
	for (size_t i = 0; i < 2; i++) {
		struct arena *a = arena_new();
		struct node *base = sample_record(a, DAY1, "cia", "{}", NULL), *v[2];

		for (int k = 0; k < 2; k++)
			v[k] = sample_record(a, DAY2, tie[i].by[k], tie[i].data[k], NULL);
		same_flow("data", i, node_get(sample_merge(a, &env, base, v[0], v[1]), "data"),
		    i ? "{tags: [c, d]}" : "{tags: [d, c]}", a);
		arena_free(a);
	}
}

static void
a_set_is_the_union_with_removals_and_append_the_union(void **state)
{
	static const struct row t[] = {
		{"{tags: [a, b, c]}", NULL, "{tags: [a, c, d]}", NULL, "{tags: [a, b, e]}", NULL,
		    "{tags: [a, d, e]}", NULL},
		{"{tags: [a]}", NULL, "{tags: []}", NULL, "{tags: [a, b]}", NULL, "{tags: [b]}", NULL},
		{"{tags: [a]}", NULL, "{}", NULL, "{tags: [a, b]}", NULL, "{tags: [b]}", NULL},
		{"{tags: [a]}", NULL, "{}", NULL, "{tags: []}", NULL, "{}", NULL},
		{"{}", NULL, "{tags: [a, b]}", NULL, "{tags: [b, c]}", NULL, "{tags: [a, b, c]}", NULL},
		{"-", NULL, "{tags: [1]}", NULL, "{tags: [1.0, 2]}", NULL, "{tags: [1, 2]}", NULL},
		{"{log: [a]}", NULL, "{log: [a, b]}", NULL, "{log: [a, c]}", NULL, "{log: [a, b, c]}", NULL},
		{"{log: [a]}", NULL, "{log: [a, b, b]}", NULL, "{log: [a, b, c]}", NULL,
		    "{log: [a, b, b, c]}", NULL},
		{"{log: [a, a]}", NULL, "{log: [a, a, b]}", NULL, "{log: [c, a]}", NULL,
		    "{log: [a, a, b, c]}", NULL},
		/* a removal stands only where nobody else touched the list */
		{"{log: [a, b]}", NULL, "{log: [b]}", NULL, "{log: [a, b, c]}", NULL, "{log: [a, b, c]}", NULL},
		{"{log: [a, b]}", NULL, "{log: [b]}", NULL, "{log: [a, b], due: 1}", NULL,
		    "{due: 1, log: [b]}", NULL},
		{"{log: [{d: 1}]}", NULL, "{log: [{d: 1}, {d: 2}]}", NULL, "{log: [{d: 3}, {d: 1}]}", NULL,
		    "{log: [{d: 1}, {d: 2}, {d: 3}]}", NULL},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
a_field_that_changed_its_type_is_one_leaf_and_nothing_beneath_is_lost(void **state)
{
	static const struct row t[] = {
		{"{m: {x: 1}}", NULL, "{m: text}", NULL, "{m: {x: 2}}", NULL, "{m: {x: 2}}",
		    "[{path: m, values: [{value: {x: 2}" BO ", {value: text" ANNA "]}]"},
		{"{due: 1}", NULL, "{due: {x: 1}}", NULL, "{due: {x: 2}}", NULL, "{due: {x: 2}}",
		    "[{path: due, values: [{value: {x: 2}" BO ", {value: {x: 1}" ANNA "]}]"},
		{"{tags: [a]}", NULL, "{tags: a}", NULL, "{tags: [a, b]}", NULL, "{tags: [a, b]}",
		    "[{path: tags, values: [{value: [a, b]" BO ", {value: a" ANNA "]}]"},
		/* an open conflict beneath: its other value comes along as a candidate of the whole */
		{"{m: {x: 1}}", NULL, "{m: text}", NULL, "{m: {x: 2}}",
		    "[{path: m.x, values: [{value: 2" CIA ", {value: 3" CIA "]}]", "{m: {x: 2}}",
		    "[{path: m, values: [{value: {x: 2}" BO ", {value: text" ANNA ", {value: {x: 3}" CIA "]}]"},
		/* open in parts on one side, as a whole on the other, in the base with another standing: nobody settled it */
		{"{m: {x: 2, y: 2}}", "[{path: m.x, values: [{value: 2" CIA ", {value: 3" CIA "]}, "
		    "{path: m.y, values: [{value: 2" CIA ", {value: 3" CIA "]}]", "{m: {x: 3, y: 3}}",
		    "[{path: m.x, values: [{value: 3" CIA ", {value: 2" CIA "]}, "
		    "{path: m.y, values: [{value: 3" CIA ", {value: 2" CIA "]}]", "{m: {x: 2, y: 2}}",
		    "[{path: m, values: [{value: {x: 2, y: 2}" CIA ", {value: {x: 3, y: 3}" CIA ", {value: text" BO "]}]",
		    "{m: text}", "[{path: m, values: [{value: text" BO ", {value: {x: 3, y: 3}" CIA
		    ", {value: {x: 3, y: 2}" CIA ", {value: {x: 2, y: 3}" CIA "]}]"},
		/* a leaf that is open as a whole stays one when a side edits beneath */
		{"{m: {x: 1}}", NULL, "{m: {x: 1}}",
		    "[{path: m, values: [{value: {x: 1}" BO ", {value: text" CIA "]}]", "{m: {x: 5}}", NULL,
		    "{m: {x: 5}}", "[{path: m, values: [{value: {x: 5}" BO ", {value: text" CIA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
long_text_is_merged_by_git_and_only_a_clean_result_is_taken(void **state)
{
	static const struct row t[] = {
		{"{plan: \"a\\nb\\nc\\n\"}", NULL, "{plan: \"A\\nb\\nc\\n\"}", NULL,
		    "{plan: \"a\\nb\\nC\\n\"}", NULL, "{plan: \"A\\nb\\nC\\n\"}", NULL},
		{"{plan: \"a\\nb\"}", NULL, "{plan: \"A\\nb\"}", NULL, "{plan: \"B\\nb\"}", NULL,
		    "{plan: \"B\\nb\"}",
		    "[{path: plan, values: [{value: \"B\\nb\"" BO ", {value: \"A\\nb\"" ANNA "]}]"},
		/* no newline in any version: not long */
		{"{plan: a}", NULL, "{plan: b}", NULL, "{plan: c}", NULL, "{plan: c}",
		    "[{path: plan, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		/* no base, no text, an open conflict: candidates */
		{"{}", NULL, "{plan: \"A\\nb\"}", NULL, "{plan: \"a\\nB\"}", NULL, "{plan: \"a\\nB\"}",
		    "[{path: plan, values: [{value: \"a\\nB\"" BO ", {value: \"A\\nb\"" ANNA "]}]"},
		{"{plan: \"a\\nb\"}", NULL, "{plan: 7}", NULL, "{plan: \"a\\nB\"}", NULL, "{plan: \"a\\nB\"}",
		    "[{path: plan, values: [{value: \"a\\nB\"" BO ", {value: 7" ANNA "]}]"},
		{"{plan: \"a\\nb\"}", NULL, "{plan: \"A\\nb\"}",
		    "[{path: plan, values: [{value: \"A\\nb\"" ANNA ", {value: q" CIA "]}]",
		    "{plan: \"a\\nB\"}", NULL, "{plan: \"a\\nB\"}",
		    "[{path: plan, values: [{value: \"a\\nB\"" BO ", {value: \"A\\nb\"" ANNA
		    ", {value: q" CIA "]}]"},
	};
	static const struct row without[] = {
		{"{plan: \"a\\nb\"}", NULL, "{plan: \"A\\nb\"}", NULL, "{plan: \"a\\nB\"}", NULL,
		    "{plan: \"a\\nB\"}",
		    "[{path: plan, values: [{value: \"a\\nB\"" BO ", {value: \"A\\nb\"" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env_text(false), t);
	RUN(sample_env(false), without);
}

static int
text_fails(void *ctx, struct buf *out, bool *clean, const char *b, size_t bn, const char *o,
    size_t on, const char *t, size_t tn, struct err *e)
{
	(void)ctx; (void)out; (void)clean; (void)b; (void)bn; (void)o; (void)on; (void)t; (void)tn;
	return err_set(e, ERR_IO, "no memory for text");
}

static void
a_text_merge_that_fails_fails_the_merge(void **state)
{
	struct merge_env env = sample_env(false);
	struct arena *a = arena_new();
	struct node *out = NULL;
	struct err e = {0};

	(void)state;
	env.text = text_fails;
	assert_int_equal(merge_record(&out, a, &env, sample_record(a, DAY1, "c", "{plan: \"a\\n\"}", NULL),
	    sample_record(a, DAY1, "c", "{plan: \"b\\n\"}", NULL),
	    sample_record(a, DAY1, "c", "{plan: \"c\\n\"}", NULL), NULL, &e), ERR_IO);
	assert_null(out);
	assert_string_equal(e.item[0].text, "no memory for text");
	arena_free(a);
}

static void
locked_closed_fields_stand_and_the_other_sides_values_cannot_win(void **state)
{
#define FINAL(v, rest) "[{path: title, locked: true, values: [{value: " v rest "]}]"
	static const struct row t[] = {
		/* both changed: the later value of the side that did not lock does not win */
		{"{state: draft, title: a}", NULL, "{state: final, title: b}", NULL,
		    "{state: draft, title: c}", NULL, "{state: final, title: b}",
		    FINAL("b", ANNA ", {value: c" BO)},
		/* the locking side never touched the field */
		{"{state: draft, title: a}", NULL, "{state: final, title: a}", NULL,
		    "{state: draft, title: c}", NULL, "{state: final, title: a}",
		    FINAL("a", ANNA ", {value: c" BO)},
		/* added or removed in a closed place */
		{"{state: draft}", NULL, "{state: final}", NULL, "{state: draft, title: c}", NULL,
		    "{state: final}", "[{path: title, locked: true, values: [{absent: true" ANNA
		    ", {value: c" BO "]}]"},
		{"{state: draft, title: a}", NULL, "{state: final, title: a}", NULL, "{state: draft}", NULL,
		    "{state: final, title: a}", FINAL("a", ANNA ", {absent: true" BO)},
		/* the lock itself against another state */
		{"{state: draft}", NULL, "{state: final}", NULL, "{state: review}", NULL, "{state: final}",
		    "[{path: state, locked: true, values: [{value: final" ANNA ", {value: review" BO "]}]"},
		/* open fields merge as ever */
		{"{state: draft, due: 1}", NULL, "{state: final, due: 1}", NULL, "{state: draft, due: 2}",
		    NULL, "{state: final, due: 2}", NULL},
		{"{state: draft, due: 1}", NULL, "{state: final, due: 3}", NULL, "{state: draft, due: 2}",
		    NULL, "{state: final, due: 2}",
		    "[{path: due, values: [{value: 2" BO ", {value: 3" ANNA "]}]"},
		/* lists of a locked record: the whole list, an item, a deletion */
		{"{state: draft, tags: [a]}", NULL, "{state: final, tags: [a]}", NULL,
		    "{state: draft, tags: [a, b]}", NULL, "{state: final, tags: [a]}",
		    "[{path: tags, locked: true, values: [{value: [a]" ANNA ", {value: [a, b]" BO "]}]"},
		{"{state: draft, goals: [{k: a}]}", NULL, "{state: final, goals: [{k: a}]}", NULL,
		    "{state: draft, goals: [{k: a}, {k: b, text: 1}]}", NULL,
		    "{state: final, goals: [{k: a}]}", "[{path: goals.b, locked: true, values: "
		    "[{absent: true" ANNA ", {value: {k: b, text: 1}" BO "]}]"},
		{"{state: draft, goals: [{k: a}]}", NULL, "{state: final, goals: [{k: a}]}", NULL,
		    "{state: draft, goals: []}", NULL, "{state: final, goals: [{k: a}]}",
		    "[{path: goals.a, locked: true, values: [{value: {k: a}" ANNA ", {absent: true" BO "]}]"},
		{"{state: draft, goals: [{k: a, text: 1}]}", NULL, "{state: final, goals: [{k: a, text: 1}]}",
		    NULL, "{state: draft, goals: [{k: a, text: 2}]}", NULL,
		    "{state: final, goals: [{k: a, text: 1}]}", "[{path: goals.a.text, locked: true, values: "
		    "[{value: 1" ANNA ", {value: 2" BO "]}]"},
		/* a third machine's value joins; the locked one still stands */
		{"{state: draft, title: a}", NULL, "{state: final, title: b}",
		    FINAL("b", CIA ", {value: q" ANNA), "{state: draft, title: c}", NULL,
		    "{state: final, title: b}", FINAL("b", CIA ", {value: c" BO ", {value: q" ANNA)},
		/* two machines that both know the lock: still the locked one first */
		{"{state: final, title: b}", NULL, "{state: final, title: b}",
		    FINAL("b", CIA ", {value: q" ANNA), "{state: final, title: b}",
		    FINAL("b", CIA ", {value: c" BO), "{state: final, title: b}",
		    FINAL("b", CIA ", {value: c" BO ", {value: q" ANNA)},
		/* dismissed on one side */
		{"{state: final, title: b}", FINAL("b", CIA ", {value: q" ANNA), "{state: final, title: b}",
		    NULL, "{state: final, title: b, due: 1}", FINAL("b", CIA ", {value: q" ANNA),
		    "{state: final, title: b, due: 1}", NULL},
		/* the lock held before: neither side locks */
		{"{state: final, title: a, due: 1}", NULL, "{state: final, title: a, due: 2}", NULL,
		    "{state: final, title: b, due: 1}", NULL, "{state: final, title: b, due: 2}", NULL},
		/* both locked, differently: ordinary candidates */
		{"{state: draft, title: a}", NULL, "{state: final, title: b}", NULL,
		    "{state: final, title: c}", NULL, "{state: final, title: c}",
		    "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		{"{state: draft, title: a}", NULL, "{state: final, title: b}",
		    FINAL("b", CIA ", {value: q" ANNA), "{state: final, title: c}", NULL,
		    "{state: final, title: c}",
		    "[{path: title, values: [{value: c" BO ", {value: q" ANNA ", {value: b" CIA "]}]"},
		/* no base: made on both, locked on one */
		{"-", NULL, "{state: final, title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: final, title: b}", "[{path: state, locked: true, values: [{value: final" ANNA
		    ", {value: draft" BO "]}, {path: title, locked: true, values: [{value: b" ANNA
		    ", {value: c" BO "]}]"},
		/* clean text is no reason to change a final record */
		{"{state: draft, plan: \"a\\nb\"}", NULL, "{state: final, plan: \"A\\nb\"}", NULL,
		    "{state: draft, plan: \"a\\nB\"}", NULL, "{state: final, plan: \"A\\nb\"}",
		    "[{path: plan, locked: true, values: [{value: \"A\\nb\"" ANNA
		    ", {value: \"a\\nB\"" BO "]}]"},
	};
	/* the mark is kept where the schema, and with it the lock, is unknown */
	static const struct row unknown[] = {
		{"{title: b}", NULL, "{title: b}", FINAL("b", CIA ", {value: q" ANNA), "{title: b}",
		    FINAL("b", CIA ", {value: c" BO), "{title: b}",
		    FINAL("b", CIA ", {value: c" BO ", {value: q" ANNA)},
	};

	(void)state;
	RUN(sample_env_text(true), t);
	RUN(((struct merge_env){0}), unknown);
}

/* --- the envelope ------------------------------------------------------------------ */

static struct node *
with(struct arena *a, struct node *r, const char *key, const char *yaml)
{
	if (yaml)
		node_set(a, r, key, sample_parse(a, yaml));
	else
		node_del(r, key);
	return r;
}

static void
updated_is_the_greater_at_by_why_never_the_mergers(void **state)
{
	static const char *const t[][2] = { /* the second wins */
		{"{at: " DAY2 ", by: z, why: z}", "{at: " DAY3 ", by: a}"},
		{"{at: " DAY2 ", by: a, why: z}", "{at: " DAY2 ", by: b}"},
		{"{at: " DAY2 ", by: a}", "{at: " DAY2 ", by: a, why: b}"},
		{"{at: " DAY2 ", by: a, why: a}", "{at: " DAY2 ", by: a, why: b}"},
		{"{at: " DAY2 ", by: a, why: a}", "{at: " DAY2 ", by: a, why: a}"},
	};
	struct merge_env env = sample_env(false);

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *v[2], *got;

		for (int k = 0; k < 2; k++)
			v[k] = with(a, sample_record(a, DAY1, "x", "{}", NULL), "updated", t[i][k]);
		got = sample_merge(a, &env, NULL, v[0], v[1]);
		same_flow("updated", i, node_get(got, "updated"), t[i][1], a);
		arena_free(a);
	}
}

static void
the_envelope_keeps_its_order_created_the_earlier_and_v_the_greater(void **state)
{
	struct merge_env env = sample_env(false);
	struct arena *a = arena_new();
	struct node *o = sample_record(a, DAY2, "anna", "{due: 1, zz: 1, aa: 1, title: t}", NULL),
	    *t = sample_record(a, DAY3, "bo", "{title: u}", NULL), *got;
	char *text;

	(void)state;
	with(a, o, "created", "{at: " DAY3 ", by: anna}");
	with(a, o, "v", "10");
	got = sample_merge(a, &env, NULL, o, t);
	text = sample_text(got);
	assert_string_equal(text, "akt: 1\ntype: placement\nv: 10\nid: placement-3f9k2m7q\n"
	    "dossier: 7k3f9q2m1x\ncreated:\n  at: " DAY1 "\n  by: cia\nupdated:\n  at: " DAY3
	    "\n  by: bo\ndata:\n  title: u\n  due: 1\n  aa: 1\n  zz: 1\nconflicts:\n"
	    "- path: title\n  values:\n  - value: u\n    at: " DAY3 "\n    by: bo\n"
	    "  - value: t\n    at: " DAY2 "\n    by: anna\n");
	free(text);
	/* with a base it cannot change */
	got = sample_merge(a, &env, with(a, sample_record(a, DAY1, "c", "{}", NULL), "created",
	    "{at: " DAY2 ", by: base}"), o, t);
	same_flow("created", 0, node_get(got, "created"), "{at: " DAY2 ", by: base}", a);
	arena_free(a);
}

static void
two_records_are_never_merged_into_one(void **state)
{
	static const char *const keys[] = {"id", "type", "dossier"};
	struct merge_env env = sample_env(false);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct arena *a = arena_new();
		struct node *o = sample_record(a, DAY1, "c", "{}", NULL), *out = NULL;
		struct err e = {0};

		with(a, o, keys[i], "other");
		assert_int_equal(merge_record(&out, a, &env, NULL, o,
		    sample_record(a, DAY1, "c", "{}", NULL), NULL, &e), ERR_DAMAGED);
		assert_null(out);
		assert_int_equal(e.n, 1);
		assert_string_equal(e.item[0].path, keys[i]);
		assert_string_equal(e.item[0].text,
		    "two versions of one record disagree on this; it can never change");
		arena_free(a);
	}
}

/* --- settling ------------------------------------------------------------------------ */

#define TWO(p) "{path: " p ", values: [{value: 2" BO ", {value: 1" ANNA "]}"

static void
editing_a_path_replaces_its_candidates_by_one_value(void **state)
{
	static const struct {
		const char *before, *after, *open, *left;
	} t[] = {
		{"{due: 2, title: a}", "{due: 3, title: a}", "[" TWO("due") "]", NULL},
		{"{due: 2, title: a}", "{due: 2, title: b}", "[" TWO("due") "]", "[" TWO("due") "]"},
		{"{due: 2}", "{}", "[" TWO("due") "]", NULL},
		{"{m: {x: 2, y: 1}}", "{m: {x: 2, y: 5}}", "[" TWO("m.x") "]", "[" TWO("m.x") "]"},
		{"{m: {x: 2}}", "{}", "[" TWO("m.x") "]", NULL},
		{"{m: {x: 2}}", "{m: 7}", "[" TWO("m.x") ", " TWO("due") "]", "[" TWO("due") "]"},
		/* above an edited path: the item is re-asserted */
		{"{goals: [{k: a, text: 2, note: 1}]}", "{goals: [{k: a, text: 2, note: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 2, note: 1}" BO ", {absent: true" ANNA
		    "]}, " TWO("goals.a.text") "]", "[" TWO("goals.a.text") "]"},
		/* the list reordered: nothing was decided */
		{"{goals: [{k: a, text: 2}, {k: b}]}", "{goals: [{k: b}, {k: a, text: 2}]}",
		    "[" TWO("goals.a.text") "]", "[" TWO("goals.a.text") "]"},
		{"{goals: [{k: a, text: 2}]}", "{goals: []}", "[" TWO("goals.a.text") "]", NULL},
		{"{due: 2}", "{due: 2}", "[]", NULL},
	};
	struct merge_env env = sample_env(false);

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *before = sample_record(a, DAY1, "c", t[i].before, t[i].open),
		    *after = sample_record(a, DAY2, "c", t[i].after, t[i].open);

		merge_settle_edited(a, &env, before, after);
		same_flow("conflicts", i, node_get(after, "conflicts"), t[i].left, a);
		same_flow("data", i, node_get(after, "data"), t[i].after, a);
		arena_free(a);
	}
}

static void
resolving_a_path_replaces_its_candidates_by_one_value(void **state)
{
	static const char item[] = "{path: goals.a, values: [{value: {k: a, text: 2}" BO
	    ", {absent: true" ANNA "]}";
	static char both[512];
	const struct {
		const char *data, *open, *path, *value, *want, *left;
	} t[] = {
		{"{due: 2}", "[" TWO("due") "]", "due", "1", "{due: 1}", NULL},
		{"{due: 2}", "[" TWO("due") "]", "due", "2", "{due: 2}", NULL},
		{"{due: 2}", "[" TWO("due") "]", "due", "7", "{due: 7}", NULL},
		{"{due: 2}", "[" TWO("due") "]", "due", NULL, "{}", NULL},
		{"{due: 2, m: {x: 2}}", "[" TWO("due") ", " TWO("m.x") "]", "m.x", "1",
		    "{due: 2, m: {x: 1}}", "[" TWO("due") "]"},
		{"{goals: [{k: a, text: 2}]}", both, "goals.a", NULL, "{goals: []}", NULL},
		{"{goals: [{k: a, text: 2}]}", both, "goals.a", "{k: a, text: 2}",
		    "{goals: [{k: a, text: 2}]}", "[" TWO("goals.a.text") "]"},
		{"{goals: [{k: a, text: 2}]}", both, "goals.a.text", "1", "{goals: [{k: a, text: 1}]}", NULL},
		{"{goals: [{k: a, text: 2}]}", both, "goals.a", "{text: 9, k: a}",
		    "{goals: [{k: a, text: 9}]}", NULL},
		{"{\"a.b\": 2, \"%\": 1}", "[" TWO("a%2Eb") "]", "a%2Eb", "1", "{\"%\": 1, \"a.b\": 1}", NULL},
		/* what was locked stands, or its rival goes */
		{"{title: 2}", "[{path: title, locked: true, values: [{value: 2" BO ", {value: 1" ANNA "]}]",
		    "title", "2", "{title: 2}", NULL},
		{"{}", "[{path: title, locked: true, values: [{absent: true" BO ", {value: 1" ANNA "]}]",
		    "title", NULL, "{}", NULL},
		/* its place went with what it lay in */
		{"{}", "[" TWO("m.n.z") "]", "m.n.z", "1", "{m: {n: {z: 1}}}", NULL},
		{"{m: 7}", "[" TWO("m.x") "]", "m.x", NULL, "{m: 7}", NULL},
		{"{}", "[" TWO("goals.a") "]", "goals.a", "{k: a}", "{goals: [{k: a}]}", NULL},
	};
	struct merge_env env = sample_env(true);

	(void)state;
	snprintf(both, sizeof both, "[%s, %s]", item, TWO("goals.a.text"));
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *r = sample_record(a, DAY1, "c", t[i].data, t[i].open);
		struct err e = {0};

		if (merge_resolve(a, &env, r, t[i].path, t[i].value ? sample_parse(a, t[i].value) : NULL, &e))
			fail_msg("row %zu: %s", i, e.item[0].text);
		same_flow("data", i, node_get(r, "data"), t[i].want, a);
		same_flow("conflicts", i, node_get(r, "conflicts"), t[i].left, a);
		arena_free(a);
	}
}

static void
a_wrong_resolution_says_why_and_changes_nothing(void **state)
{
	static const struct {
		const char *data, *open, *path, *value;
		int code;
		const char *text;
	} t[] = {
		{"{due: 2}", "[" TWO("due") "]", "title", "1", ERR_NOTFOUND, "has no open conflict"},
		{"{due: 2}", NULL, "due", "1", ERR_NOTFOUND, "has no open conflict"},
		{"{title: 2}", "[{path: title, locked: true, values: [{value: 2" BO ", {value: 1" ANNA "]}]",
		    "title", "1", ERR_USAGE, "was final when the other value was written: keep the value that "
		    "stands, or carry the other into a new version"},
		{"{m: 7}", "[" TWO("m.x") "]", "m.x", "1", ERR_USAGE,
		    "has no place in the record any more: drop this value"},
		{"{goals: []}", "[" TWO("goals.a.text") "]", "goals.a.text", "1", ERR_USAGE,
		    "has no place in the record any more: drop this value"},
	};
	struct merge_env env = sample_env(true);

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *r = sample_record(a, DAY1, "c", t[i].data, t[i].open);
		char *before = sample_text(r), *after;
		struct err e = {0};

		assert_int_equal(merge_resolve(a, &env, r, t[i].path, sample_parse(a, t[i].value), &e),
		    t[i].code);
		assert_int_equal(e.n, 1);
		assert_string_equal(e.item[0].path, t[i].path);
		assert_string_equal(e.item[0].text, t[i].text);
		after = sample_text(r);
		assert_string_equal(before, after);
		free(before);
		free(after);
		arena_free(a);
	}
}

static void
updated_is_not_content(void **state)
{
	static const struct {
		const char *key, *value;
		bool same;
	} t[] = {
		{"updated", "{at: " DAY4 ", by: x}", true}, {"updated", NULL, true}, {"v", "9", true},
		{"akt", "2", true}, {"conflicts", "[]", true}, {"data", "{due: 1.0}", true},
		{"data", "{due: 2}", false}, {"data", NULL, false}, {"id", "x", false},
		{"created", NULL, false}, {"extra", "1", false}, {"conflicts", "[{path: due}]", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *x = sample_record(a, DAY1, "c", "{due: 1}", NULL), *y = node_clone(a, x);

		with(a, y, t[i].key, t[i].value);
		if (merge_same_content(x, y) != t[i].same || merge_same_content(y, x) != t[i].same)
			fail_msg("row %zu", i);
		arena_free(a);
	}
	assert_true(merge_same_content(NULL, NULL));
}

/* --- hostile input ------------------------------------------------------------------- */

static void
keys_with_dots_have_paths_of_their_own(void **state)
{
	static const struct row t[] = {
		{"{\"a.b\": 1, a: {b: 1}}", NULL, "{\"a.b\": 2, a: {b: 1}}", NULL,
		    "{\"a.b\": 3, a: {b: 1}}", NULL, "{a: {b: 1}, \"a.b\": 3}",
		    "[{path: a%2Eb, values: [{value: 3" BO ", {value: 2" ANNA "]}]"},
		{"{\"%2E\": 1, \"\": 1, \"%\": 1}", NULL, "{\"%2E\": 2, \"\": 2, \"%\": 2}", NULL,
		    "{\"%2E\": 3, \"\": 3, \"%\": 3}", NULL, "{\"\": 3, \"%\": 3, \"%2E\": 3}",
		    "[{path: '%', values: [{value: 3" BO ", {value: 2" ANNA
		    "]}, {path: '%25', values: [{value: 3" BO ", {value: 2" ANNA
		    "]}, {path: '%252E', values: [{value: 3" BO ", {value: 2" ANNA "]}]"},
		{"{a: {b: 2}, \"a.b\": 1}", "[{path: a.b, values: [{value: 2" CIA ", {value: 1" CIA "]}]",
		    "{a: {b: 2}, \"a.b\": 7}", "[{path: a.b, values: [{value: 2" CIA ", {value: 1" CIA "]}]",
		    "{a: {b: 1}, \"a.b\": 1}", NULL, "{a: {b: 1}, \"a.b\": 7}", NULL},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
malformed_conflicts_neither_stop_a_merge_nor_cost_a_value(void **state)
{
	static const struct row t[] = {
		/* no list, no entries */
		{"{due: 1}", NULL, "{due: 2}", "{path: due}", "{due: 1}", NULL, "{due: 2}", NULL},
		{"{due: 1}", NULL, "{due: 2}", "[1, {}, {path: 1, values: []}, {path: due, values: [{}, 7]}]",
		    "{due: 1, title: a}", NULL, "{title: a, due: 2}", NULL},
		/* stamps missing; a value in data that the entry does not have; an entry twice */
		{"{due: 1}", NULL, "{due: 9}", "[{path: due, values: [{value: 2}]}, {path: due, values: "
		    "[{value: 3}]}]", "{due: 1, title: a}", NULL, "{title: a, due: 9}",
		    "[{path: due, values: [{value: 2, at: '', by: ''}, {value: 3, at: '', by: ''}]}]"},
		{"{due: 1}", NULL, "{due: 9}", "[{path: due, values: [{value: 2}]}]", "{due: 4}", NULL,
		    "{due: 4}", "[{path: due, values: [{value: 4" BO ", {value: 9" ANNA
		    ", {value: 2, at: '', by: ''}]}]"},
		/* entries without a place are kept, merged among themselves */
		{"{due: 1}", NULL, "{due: 2}", "[{path: due.x, values: [{value: 5" CIA "]}]",
		    "{due: 3}", "[{path: due.x, values: [{value: 6" CIA "]}]", "{due: 3}",
		    "[{path: due, values: [{value: 3" BO ", {value: 2" ANNA
		    "]}, {path: due.x, values: [{value: 6" CIA ", {value: 5" CIA "]}]"},
		{"{due: 1}", "[{path: due.x, values: [{value: 5" CIA ", {value: 4" CIA "]}]", "{due: 2}", NULL,
		    "{due: 3}", "[{path: due.x, values: [{value: 5" CIA ", {value: 4" CIA "]}]", "{due: 3}",
		    "[{path: due, values: [{value: 3" BO ", {value: 2" ANNA "]}]"},
		{"{due: 1}", NULL, "{due: 1}", "[{path: due.x, locked: true, values: [{value: 5" CIA
		    ", {value: 6" ANNA "]}]", "{due: 1, title: a}",
		    "[{path: due.x, locked: true, values: [{value: 5" CIA ", {value: 7" BO "]}]",
		    "{title: a, due: 1}", "[{path: due.x, locked: true, values: [{value: 5" CIA
		    ", {value: 7" BO ", {value: 6" ANNA "]}]"},
		/* an item's entry that says more than "this, or absent" is an ordinary leaf */
		{"{goals: [{k: a, text: 1}]}", NULL, "{goals: [{k: a, text: 9}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 9}" CIA ", {value: {k: a, text: 1}" CIA "]}]",
		    "{goals: [{k: a, text: 1, note: 2}]}", NULL, "{goals: [{k: a, text: 1, note: 2}]}",
		    "[{path: goals.a, values: [{value: {k: a, text: 1, note: 2}" BO
		    ", {value: {k: a, text: 9}" CIA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

static void
a_path_of_many_thousand_steps_does_not_exhaust_the_stack(void **state)
{
	struct merge_env env = sample_env(false);
	struct arena *a = arena_new();
	struct node *o = sample_record(a, DAY2, "anna", "{m: {x: 1}}", "[{path: p, values: [{value: 1}]}]"),
	    *t = sample_record(a, DAY3, "bo", "{m: {x: 2}}", NULL), *entry, *got;
	char *path = calloc(1, 400001);
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < 400000; i++)
		path[i] = i % 2 ? '.' : 'm';
	path[399999] = 'm';
	entry = node_get(o, "conflicts")->seq[0];
	node_set(a, entry, "path", node_str(a, path));
	got = sample_merge(a, &env, NULL, o, t);
	/* it has no place, and stays */
	assert_int_equal(node_get(got, "conflicts")->n, 2);
	assert_string_equal(node_get_str(node_get(got, "conflicts")->seq[0], "path"), path);
	assert_int_equal(merge_resolve(a, &env, got, path, sample_parse(a, "1"), &e), ERR_USAGE);
	merge_settle_edited(a, &env, o, got);
	free(path);
	arena_free(a);
}

static void
a_result_too_deep_to_be_read_again_is_refused(void **state)
{
	struct merge_env env = sample_env(false);
	struct arena *a = arena_new();
	struct node *v[3], *out = NULL;
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct node *n = node_int(a, i);

		for (int k = 0; k < 60; k++) {
			struct node *list = node_seq(a);

			node_push(a, list, n);
			n = list;
		}
		v[i] = sample_record(a, DAY1, "c", "{}", NULL);
		node_set(a, node_get(v[i], "data"), "vals", n);
	}
	assert_int_equal(merge_record(&out, a, &env, v[0], v[1], v[2], NULL, &e), ERR_INVALID);
	assert_null(out);
	assert_string_equal(e.item[0].text, "the merged record would be nested more than 64 deep");
	arena_free(a);
}

static void
inputs_are_left_as_they_were(void **state)
{
	struct merge_env env = sample_env(true);
	struct arena *a = arena_new(), *b = arena_new();
	struct node *base = sample_record(a, DAY1, "c", "{zz: 1, due: 1, goals: [{text: 1, k: a}]}", NULL),
	    *o = sample_record(a, DAY2, "c", "{zz: 2, due: 1, goals: []}", NULL),
	    *t = sample_record(a, DAY2, "c", "{zz: 3, due: 1, goals: [{text: 2, k: a}]}", NULL);
	char *was[3] = {sample_text(base), sample_text(o), sample_text(t)}, *now;
	struct node *in[3] = {base, o, t}, *out;

	(void)state;
	out = sample_merge(b, &env, base, o, t);
	arena_free(b); /* nor does the result hang in them, or they in it */
	(void)out;
	for (int i = 0; i < 3; i++) {
		now = sample_text(in[i]);
		assert_string_equal(was[i], now);
		free(was[i]);
		free(now);
	}
	b = arena_new();
	out = sample_merge(b, &env, base, o, t);
	arena_free(a);
	now = sample_text(out);
	free(now);
	arena_free(b);
}

/* Two bases of which one lacks a field: a side that lacks it too has deleted nothing; one that deleted
 * what both bases have did. */
static void
what_one_of_two_bases_lacks_is_not_deleted_by_a_side_that_lacks_it(void **state)
{
	static const struct {
		const char *one, *two, *ours, *theirs, *data;
		size_t open;
	} t[] = {
		{"{title: a}", "{}", "{title: a, due: 1}", "{}", "{title: a, due: 1}", 1},
		{"{title: a}", "{title: a, due: 1}", "{title: a, due: 1}", "{due: 1}", "{due: 1}", 0},
		{"{m: {n: {z: a}}}", "{}", "{due: 1, m: {n: {z: a}}}", "{}", "{due: 1, m: {n: {z: a}}}", 1},
		{"{goals: [{k: a, text: x}]}", "{goals: []}", "{due: 1, goals: [{k: a, text: x}]}", "{goals: []}",
			"{due: 1, goals: [{k: a, text: x}]}", 1},
		{"{tags: [a, b]}", "{tags: [b]}", "{due: 1, tags: [a, b]}", "{tags: [b]}",
			"{due: 1, tags: [a, b]}", 0},
		{"{title: a}", "{title: b}", "{title: c}", "{title: b}", "{title: c}", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct merge_env env = sample_env(false);
		struct arena *a = arena_new();
		struct err e = {0};
		struct node *base = NULL, *got;
		const struct node *open;
		char *text;

		assert_int_equal(merge_fold(&base, a, &env, sample_record(a, DAY1, "cia", t[i].one, NULL),
		    sample_record(a, DAY1, "cia", t[i].two, NULL), &e), 0);
		got = sample_merge(a, &env, base, sample_record(a, DAY2, "anna", t[i].ours, NULL),
		    sample_record(a, DAY3, "bo", t[i].theirs, NULL));
		text = sample_flow(node_get(got, "data"));
		open = node_get(got, "conflicts");
		assert_string_equal(text, t[i].data);
		assert_int_equal(open ? open->n : 0, t[i].open);
		free(text);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_of_one_record_are_merged_leaf_by_leaf_against_the_merge_base),
		cmocka_unit_test(leaves_are_scalars_and_lists_without_key_set_append),
		cmocka_unit_test(each_leaf_has_a_candidate_set_its_entrys_values_else_its_one_value),
		cmocka_unit_test(r_is_what_both_have_and_what_each_added),
		cmocka_unit_test(if_r_is_empty_all_of_both_stand),
		cmocka_unit_test(conflicts_are_sorted_and_the_first_stands_in_data),
		cmocka_unit_test(order_is_present_before_absent_later_at_greater_by_greater_bytes),
		cmocka_unit_test(one_value_with_two_stamps_keeps_the_carried_one_of_these_the_earliest),
		cmocka_unit_test(
		    keyed_items_merge_by_key_and_deletion_against_edit_keeps_and_shows_the_item),
		cmocka_unit_test(
		    order_of_items_is_the_bases_then_the_additions_of_the_earlier_side_then_the_others),
		cmocka_unit_test(a_set_is_the_union_with_removals_and_append_the_union),
		cmocka_unit_test(a_field_that_changed_its_type_is_one_leaf_and_nothing_beneath_is_lost),
		cmocka_unit_test(long_text_is_merged_by_git_and_only_a_clean_result_is_taken),
		cmocka_unit_test(a_text_merge_that_fails_fails_the_merge),
		cmocka_unit_test(locked_closed_fields_stand_and_the_other_sides_values_cannot_win),
		cmocka_unit_test(updated_is_the_greater_at_by_why_never_the_mergers),
		cmocka_unit_test(
		    the_envelope_keeps_its_order_created_the_earlier_and_v_the_greater),
		cmocka_unit_test(two_records_are_never_merged_into_one),
		cmocka_unit_test(editing_a_path_replaces_its_candidates_by_one_value),
		cmocka_unit_test(resolving_a_path_replaces_its_candidates_by_one_value),
		cmocka_unit_test(a_wrong_resolution_says_why_and_changes_nothing),
		cmocka_unit_test(updated_is_not_content),
		cmocka_unit_test(keys_with_dots_have_paths_of_their_own),
		cmocka_unit_test(malformed_conflicts_neither_stop_a_merge_nor_cost_a_value),
		cmocka_unit_test(a_path_of_many_thousand_steps_does_not_exhaust_the_stack),
		cmocka_unit_test(a_result_too_deep_to_be_read_again_is_refused),
		cmocka_unit_test(what_one_of_two_bases_lacks_is_not_deleted_by_a_side_that_lacks_it),
		cmocka_unit_test(inputs_are_left_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
