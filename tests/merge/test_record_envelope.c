/* The envelope of a merged record, and what of it is content. */
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
		rows_same("updated", i, node_get(got, "updated"), t[i][1], a);
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
	rows_same("created", 0, node_get(got, "created"), "{at: " DAY2 ", by: base}", a);
	arena_free(a);
}

/* No honest program leaves these out or writes them so; a merge neither stops nor depends on who merges. */
static void
an_odd_envelope_is_merged_alike_both_ways(void **state)
{
	static const struct {
		const char *key, *ours, *theirs, *want;
	} t[] = {
		{"created", NULL, "{at: " DAY3 ", by: bo}", "{at: " DAY3 ", by: bo}"},
		{"created", NULL, NULL, NULL},
		{"created", "{by: anna}", "{at: " DAY1 "}", "{by: anna}"},
		{"updated", NULL, "{at: " DAY1 ", by: bo}", "{at: " DAY1 ", by: bo}"},
		{"updated", NULL, NULL, NULL},
		{"v", NULL, "3", "3"},
		{"v", NULL, NULL, NULL},
		{"v", "2", "x", "2"},
		{"v", "x", "y", "y"},
		{"v", "7", "7", "7"},
		{"akt", "1", "2", "2"},
	};
	struct merge_env env = sample_env(false);

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct arena *a = arena_new();
		struct node *o = with(a, sample_record(a, DAY2, "anna", "{}", NULL), t[i].key, t[i].ours),
		    *u = with(a, sample_record(a, DAY2, "anna", "{}", NULL), t[i].key, t[i].theirs);

		rows_same(t[i].key, i, node_get(sample_merge(a, &env, NULL, o, u), t[i].key), t[i].want, a);
		arena_free(a);
	}
}

static void
content_is_compared_whole(void **state)
{
	static const char one[] = "[{path: due, values: [{value: 1" CIA ", {value: 2" ANNA "]}]",
	    other[] = "[{path: due, values: [{value: 1" CIA ", {value: 3" ANNA "]}]";
	struct arena *a = arena_new();
	struct node *x = sample_record(a, DAY1, "c", "{due: 1}", one);

	(void)state;
	assert_true(merge_same_content(x, sample_record(a, DAY2, "d", "{due: 1}", one)));
	assert_false(merge_same_content(x, sample_record(a, DAY1, "c", "{due: 1}", other)));
	assert_false(merge_same_content(x, sample_record(a, DAY1, "c", "{due: 1}", "[]")));
	assert_false(merge_same_content(sample_record(a, DAY1, "c", "{due: 1}", "[]"), x));
	assert_true(merge_same_content(sample_record(a, DAY1, "c", "{due: 1}", "[]"),
	    sample_record(a, DAY1, "c", "{due: 1}", NULL)));
	/* what is no record is equal as it stands */
	assert_true(merge_same_content(sample_parse(a, "1"), sample_parse(a, "1.0")));
	assert_false(merge_same_content(sample_parse(a, "1"), sample_parse(a, "2")));
	assert_false(merge_same_content(x, NULL));
	assert_false(merge_same_content(NULL, x));
	assert_false(merge_same_content(x, sample_parse(a, "1")));
	assert_false(merge_same_content(sample_parse(a, "[1]"), x));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updated_is_the_greater_at_by_why_never_the_mergers),
		cmocka_unit_test(the_envelope_keeps_its_order_created_the_earlier_and_v_the_greater),
		cmocka_unit_test(an_odd_envelope_is_merged_alike_both_ways),
		cmocka_unit_test(content_is_compared_whole),
		cmocka_unit_test(two_records_are_never_merged_into_one),
		cmocka_unit_test(updated_is_not_content),
	};

	return cmocka_run_group_tests_name("merge: envelope", tests, NULL, NULL);
}
