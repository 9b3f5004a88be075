/* Records that no honest program wrote: keys that look like paths, malformed conflicts, depth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "merge/rows.h"
#include "tree/node.h"

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
		/* locked, without a place: the mark holds while one value stands */
		{"{due: 1}", NULL, "{due: 1}", "[{path: due.x, locked: true, values: [{value: 5" CIA
		    ", {value: 6" ANNA "]}]", "{due: 1, title: a}", NULL, "{title: a, due: 1}",
		    "[{path: due.x, locked: true, values: [{value: 5" CIA ", {value: 6" ANNA "]}]"},
		{"{due: 1}", NULL, "{due: 1}", "[{path: due.x, locked: true, values: [{value: 5" CIA
		    ", {value: 6" ANNA "]}]", "{due: 1, title: a}",
		    "[{path: due.x, locked: true, values: [{value: 7" CIA ", {value: 6" ANNA "]}]",
		    "{title: a, due: 1}", "[{path: due.x, values: [{value: 6" ANNA
		    ", {value: 7" CIA ", {value: 5" CIA "]}]"},
		{"{due: 1}", NULL, "{due: 1}", "[{path: due.x, locked: 1, values: [{value: 5" CIA
		    ", {value: 6" ANNA "]}]", "{due: 1, title: a}", NULL, "{title: a, due: 1}",
		    "[{path: due.x, values: [{value: 5" CIA ", {value: 6" ANNA "]}]"},
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

/* Items whose keys are none are not told apart: their list is one value. */
static void
items_without_a_key_make_their_list_one_value(void **state)
{
#define LIST(k, text) "{goals: [{k: " k ", text: " text "}]}"
#define ODD(k) \
	{LIST(k, "1"), NULL, LIST(k, "2"), NULL, LIST(k, "3"), NULL, LIST(k, "3"), \
	    "[{path: goals, values: [{value: [{k: " k ", text: 3}]" BO ", {value: [{k: " k ", text: 2}]" ANNA "]}]"}
	static const struct row t[] = {
		ODD("''"), ODD("null"), ODD("[a]"), ODD("{a: b}"),
		/* a number is a key */
		{LIST("7", "1"), NULL, LIST("7", "2"), NULL, LIST("7", "3"), NULL, LIST("7", "3"),
		    "[{path: goals.7.text, values: [{value: 3" BO ", {value: 2" ANNA "]}]"},
		{"{goals: [x]}", NULL, "{goals: [y]}", NULL, "{goals: [z]}", NULL, "{goals: [z]}",
		    "[{path: goals, values: [{value: [z]" BO ", {value: [y]" ANNA "]}]"},
	};

	(void)state;
	RUN(sample_env(false), t);
}

/* Only %2E and %25 stand for something in a path: another % is itself. */
static void
other_percent_signs_in_a_path_are_themselves(void **state)
{
	static const char *const keys[] = {"%2", "%2F", "%3E", "%2e", "a%", "%2E", "%25"};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct merge_env env = sample_env(false);
		struct arena *a = arena_new();
		struct node *r = sample_record(a, DAY1, "c", "{}",
		    "[{path: x, values: [{value: 2" BO ", {value: 1" ANNA "]}]");
		const char *const want = i == 5 ? "." : i == 6 ? "%" : keys[i];
		struct err e = {0};

		node_set(a, node_get(r, "conflicts")->seq[0], "path", node_str(a, keys[i]));
		assert_int_equal(merge_resolve(a, &env, r, keys[i], sample_parse(a, "1"), &e), 0);
		assert_non_null(node_get(node_get(r, "data"), want));
		arena_free(a);
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_with_dots_have_paths_of_their_own),
		cmocka_unit_test(malformed_conflicts_neither_stop_a_merge_nor_cost_a_value),
		cmocka_unit_test(items_without_a_key_make_their_list_one_value),
		cmocka_unit_test(other_percent_signs_in_a_path_are_themselves),
		cmocka_unit_test(a_path_of_many_thousand_steps_does_not_exhaust_the_stack),
		cmocka_unit_test(a_result_too_deep_to_be_read_again_is_refused),
		cmocka_unit_test(inputs_are_left_as_they_were),
	};

	return cmocka_run_group_tests_name("merge: hostile", tests, NULL, NULL);
}
