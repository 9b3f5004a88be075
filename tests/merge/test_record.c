/* DESIGN 5, sentence by sentence: what becomes of each leaf and item. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "merge/rows.h"
#include "tree/node.h"

static int
text_fails(void *ctx, struct buf *out, bool *clean, const char *b, size_t bn, const char *o,
    size_t on, const char *t, size_t tn, struct err *e)
{
	(void)ctx; (void)out; (void)clean; (void)b; (void)bn; (void)o; (void)on; (void)t; (void)tn;
	return err_set(e, ERR_IO, "no memory for text");
}

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
		rows_same("data", i, node_get(got, "data"), t[i].want, a);
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
		rows_same("data", i, node_get(sample_merge(a, &env, base, v[0], v[1]), "data"),
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
		cmocka_unit_test(what_one_of_two_bases_lacks_is_not_deleted_by_a_side_that_lacks_it),
	};

	return cmocka_run_group_tests_name("merge: leaves", tests, NULL, NULL);
}
