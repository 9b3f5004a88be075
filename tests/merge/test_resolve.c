/* Settling conflicts: by an edit, by a decision, and what cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "merge/rows.h"
#include "tree/node.h"

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
		rows_same("conflicts", i, node_get(after, "conflicts"), t[i].left, a);
		rows_same("data", i, node_get(after, "data"), t[i].after, a);
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
		/* all of the data, in one entry */
		{"{due: 2}", "[{path: '', values: [{value: {due: 2}" BO ", {value: {due: 1}" ANNA "]}]", "", "{due: 1}",
		    "{due: 1}", NULL},
		{"{due: 2}", "[{path: '', values: [{value: {due: 2}" BO ", {absent: true" ANNA "]}, " TWO("due") "]", "", NULL,
		    NULL, NULL},
		{NULL, "[{path: '', values: [{value: {due: 2}" BO ", {absent: true" ANNA "]}]", "", "{due: 2}",
		    "{due: 2}", NULL},
		/* no data, and what lay in it */
		{NULL, "[" TWO("due") "]", "due", "1", "{due: 1}", NULL},
		{NULL, "[" TWO("due") "]", "due", NULL, NULL, NULL},
		/* a name that begins alike is another field */
		{"{due: 2, dues: 2}", "[" TWO("due") ", " TWO("dues") "]", "due", "1", "{due: 1, dues: 2}",
		    "[" TWO("dues") "]"},
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
		rows_same("data", i, node_get(r, "data"), t[i].want, a);
		rows_same("conflicts", i, node_get(r, "conflicts"), t[i].left, a);
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
		{"{tags: [a]}", "[" TWO("tags.a") "]", "tags.a", "1", ERR_USAGE,
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editing_a_path_replaces_its_candidates_by_one_value),
		cmocka_unit_test(resolving_a_path_replaces_its_candidates_by_one_value),
		cmocka_unit_test(a_wrong_resolution_says_why_and_changes_nothing),
	};

	return cmocka_run_group_tests_name("merge: resolve", tests, NULL, NULL);
}
