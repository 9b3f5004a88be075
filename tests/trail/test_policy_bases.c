/* Merges over several bases, and versions of a record that are set aside more than once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "scene.h"

#define GUN(roles)                                                                                 \
	"akt: 1\nhandle: gun\nroles: " roles "\ndevices:\n- id: gun.laptop\n"                      \
	"  recipient: {r:gun.laptop}\n  signer: {k:gun.laptop}\n" ADDED

static void
two_bases(void **state)
{
	static const struct merge_case t = {.what = "",
	    .ours = {{SEAL, PLACEMENT, "o", NULL},
		{SUB, "members/bo.yaml", "- staff\n", "- staff\n- supervisor\n"}},
	    .theirs = {{SEAL, PLAN, "t", NULL}}};
	struct files other;
	struct scene s;
	struct verdict v;

	(void)state;
	scene_open(&s, &t);
	/* the second base already has what ours has */
	files_copy(&other, &s.side[0]);
	s.bases[1] = files_tree(s.m, &other);
	s.in.nbases = 2;
	scene_plan(&s);
	v = scene_judge(&s);
	assert_true(v.ok);
	/* theirs lacks the role that one base has: removed there */
	assert_non_null(strstr(files_get(&s.merged, "members/bo.yaml")->text, "roles: [staff]"));
	/* theirs equals no base in the record: both versions are kept */
	assert_int_equal(s.merged.n, s.side[0].n + 1);
	files_free(&other);
	scene_close(&s);
}

/* What both sides changed is merged against the bases folded into one: alike in both, in one alone, or different. */
static void
folded_bases(void **state)
{
	static const struct merge_case t = {.what = "",
	    .ours = {{SUB, "members/cia.yaml", "- supervisor\n", ""},
		{PUT, "schema/one.yaml", "type: integer\n", NULL},
		{PUT, "schema/plan.yaml", "type: integer\n", NULL},
		{PUT, "members/gun.yaml", GUN("[auditor, staff]"), NULL}, {SIGNERS, NULL, NULL, NULL}},
	    .theirs = {{SUB, "members/cia.yaml", "- staff\n", "- auditor\n- staff\n"},
		{PUT, "schema/one.yaml", "type: string\n", NULL},
		{PUT, "schema/plan.yaml", "type: string\n", NULL},
		{PUT, "members/gun.yaml", GUN("[staff, supervisor]"), NULL}, {SIGNERS, NULL, NULL, NULL}}};

	(void)state;
	for (int swap = 0; swap < 2; swap++) {
		struct files other;
		struct scene s;
		struct verdict v;

		scene_open(&s, &t);
		files_copy(&other, &s.base);
		files_put(&other, "schema/one.yaml", "type: object\n");
		files_put(&other, "schema/plan.yaml", "type: boolean\n");
		files_put(&other, "members/gun.yaml", GUN("[staff]"));
		s.bases[1] = s.bases[0];
		s.bases[!swap] = files_tree(s.m, &other);
		s.in.nbases = 2;
		scene_plan(&s);
		v = scene_judge(&s);
		assert_true(v.ok);
		assert_non_null(strstr(files_get(&s.merged, "members/cia.yaml")->text, "roles: [auditor, staff]"));
		assert_string_equal(files_get(&s.merged, "schema/one.yaml")->text, "type: object\n");
		assert_non_null(
		    strstr(files_get(&s.merged, "members/gun.yaml")->text, "roles: [auditor, staff, supervisor]"));
		files_free(&other);
		scene_close(&s);
	}
}

/* What only one of two bases has: a record that one side lacks stays, since nothing shows that it was taken away; a version
 * set aside goes, since one side has worked it in. */
static void
in_one_base_alone(void **state)
{
	static const struct {
		const char *path;
		bool stays;
	} t[] = {
	    {D1 "placement-new.yaml.age", true},
	    {PLACEMENT ".parked-0123456789abcdef", false},
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *path = t[i / 2].path;
		struct merge_case c = {.what = "",
		    .ours = {{SEAL, EVA_FILE, "o", NULL}},
		    .theirs = {{SEAL, PLAN, "t", NULL}},
		    .by = "bo"};
		struct files with;
		struct scene s;
		struct verdict v;

		(i % 2 ? c.ours : c.theirs)[1] = (struct op){SEAL, path, "x", NULL};
		scene_open(&s, &c);
		files_copy(&with, &s.base);
		files_seal(&with, path, "x");
		s.bases[1] = files_tree(s.m, &with);
		s.in.nbases = 2;
		scene_plan(&s);
		assert_int_equal(files_get(&s.merged, path) != NULL, t[i / 2].stays);
		v = scene_judge(&s);
		assert_true(v.ok);
		/* and the other way it is refused */
		if (t[i / 2].stays)
			files_del(&s.merged, path);
		else
			files_seal(&s.merged, path, "x");
		v = scene_judge(&s);
		assert_false(v.ok);
		assert_string_equal(v.path, path);
		/* parent 0 had it, or only the other did */
		assert_int_equal(v.rule, i == 1 ? RULE_REMOVED : RULE_MERGE);
		files_free(&with);
		scene_close(&s);
	}
}

/* The path under which a merge sets aside one of what two seeds make, and which of them it is. */
static char *
aside(const char **seed, const char *a, const char *b)
{
	const char *const seeds[] = {a, b};
	struct mem *m = mem_new();
	struct objects o = mem_objects(m);
	struct oid id[2], keeps, parked;
	struct files f = {0};
	struct err e = {0};
	char *path = NULL;

	for (int i = 0; i < 2; i++) {
		files_seal(&f, PLACEMENT, seeds[i]);
		id[i] = mem_blob(m, f.v[0].text, f.v[0].n);
	}
	assert_int_equal(policy_park(&keeps, &parked, &path, &o, PLACEMENT, &id[0], &id[1], &e), 0);
	*seed = oid_equal(&parked, &id[0]) ? a : b;
	files_free(&f);
	mem_free(m);
	return path;
}

static void
versions_set_aside(void **state)
{
	static const char neither[] =
	    "one of the two versions of a record is neither merged nor set aside";
	const char *seed = NULL;
	char *path = aside(&seed, "o", "t");
	struct merge_case c = {.what = "",
	    .ours = {{SEAL, PLACEMENT, "o", NULL}},
	    .theirs = {{SEAL, PLACEMENT, "t", NULL}},
	    .by = "dan"};
	struct scene s;
	struct verdict v;

	(void)state;
	scene_open(&s, &c);
	scene_plan(&s);
	assert_non_null(files_get(&s.merged, path));
	assert_true(scene_judge(&s).ok);
	/* something else under the name of what is set aside */
	files_seal(&s.merged, path, "x");
	v = scene_judge(&s);
	assert_false(v.ok);
	assert_int_equal(v.rule, RULE_MERGE);
	assert_string_equal(v.path, PLACEMENT);
	assert_string_equal(v.text, neither);
	scene_close(&s);

	for (int i = 0; i < 2; i++) {
		struct op *op = i ? c.theirs : c.ours;

		/* one side has it aside already */
		op[1] = (struct op){SEAL, path, seed, NULL};
		scene_open(&s, &c);
		scene_plan(&s);
		assert_true(scene_judge(&s).ok);
		assert_non_null(files_get(&s.merged, path));
		/* and the merge takes it away, though the record holds one version only */
		files_del(&s.merged, path);
		v = scene_judge(&s);
		assert_false(v.ok);
		assert_int_equal(v.rule, RULE_MERGE);
		assert_string_equal(v.path, PLACEMENT);
		assert_string_equal(v.text, neither);
		scene_close(&s);
		op[1] = (struct op){END, NULL, NULL, NULL};
	}
	free(path);
}

/* One side worked in what was set aside, by taking it; the other changed the record too. What is set aside then is that very
 * version: gone on one side, it must be there after all. */
static void
set_aside_again(void **state)
{
	const char *seed = NULL;
	char *path = aside(&seed, "o", "t");
	bool ours = strcmp(seed, "o") == 0;
	struct op took[] = {{SEAL, PLACEMENT, seed, NULL}, {DEL, path, NULL, NULL}},
		  changed = {SEAL, PLACEMENT, ours ? "t" : "o", NULL};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct merge_case c = {.what = "", .by = "dan"};
		struct scene s;
		struct verdict v;
		struct err e = {0};

		scene_open(&s, &c);
		files_seal(&s.base, path, seed);
		s.bases[0] = files_tree(s.m, &s.base);
		for (int k = 0; k < 2; k++) {
			files_free(&s.side[k]);
			files_copy(&s.side[k], &s.base);
			ops_apply(s.m, &s.side[k], k == i ? took : &changed, k == i ? 2 : 1, NULL);
			s.in.parent_tree[k] = files_tree(s.m, &s.side[k]);
			s.commit[k].tree = s.in.parent_tree[k];
			s.commit[k].parent_tree[0] = s.bases[0];
			state_close(s.state[k]);
			assert_int_equal(state_open(&s.state[k], s.c, &s.in.parent_tree[k], &e), 0);
			s.in.before[k] = s.state[k];
		}
		scene_plan(&s);
		assert_non_null(files_get(&s.merged, path));
		assert_true(scene_judge(&s).ok);
		/* gone, as the plan has it for a record that is merged: but this one is not */
		files_del(&s.merged, path);
		v = scene_judge(&s);
		assert_false(v.ok);
		assert_int_equal(v.rule, RULE_MERGE);
		assert_string_equal(v.path, PLACEMENT);
		scene_close(&s);
	}
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_bases),
		cmocka_unit_test(folded_bases),
		cmocka_unit_test(in_one_base_alone),
		cmocka_unit_test(versions_set_aside),
		cmocka_unit_test(set_aside_again),
	};

	return cmocka_run_group_tests_name("policy: bases", tests, NULL, NULL);
}
