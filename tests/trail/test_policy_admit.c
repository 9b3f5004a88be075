/* Merges of sides of which one took rights away from who used them on the other: whose word they need, and what is let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "scene.h"
#include "words.h"

static void
admit(void **state)
{
	static const char word[] =
	    "one side took away the rights of somebody who used them on the other: an administrator "
	    "must admit it";
	static const char each_other[] =
	    "each side took the other's rights away: only the recovery identity merges them";
	static const char not_in[] = "what somebody changed here who had no right to it any more is not let in";
	static const struct merge_case t[] = {
	    {.what = "needs a word",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, EVA_FILE, "t", NULL}},
		.rule = RULE_ADMIT,
		.text = word},
	    {.what = "the word of staff",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, EVA_FILE, "t", NULL}},
		.by = "bo",
		.verb = "admit",
		.rule = RULE_ADMIT,
		.text = word},
	    {.what = "the word of an admin",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, EVA_FILE, "t", NULL}},
		.verb = "admit",
		.want = {{"members/eva.yaml", "revoked"}}},
	    {.what = "a removed member",
		.ours = {{SUB, "members/eva.yaml", "roles:\n- staff\n", "roles: []\n"}},
		.theirs = {{SEAL, EVA_FILE, "t", NULL}},
		.rule = RULE_ADMIT,
		.text = word},
	    {.what = "nothing to admit",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, EVA_FILE, "t", NULL}},
		.verb = "admit",
		.rule = RULE_ADMIT,
		.text = "there is nothing to admit here"},
	    {.what = "no rights from there",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, EVA_FILE, "t", NULL},
		    {SUB, "members/bo.yaml", "- staff\n", "- admin\n- staff\n"},
		    {PUT, "schema/new.yaml", "type: object\n", NULL},
		    {SUB, "teams/unit/{e:unit}.yaml", "- dan\n", "- dan\n- eva\n"}},
		.verb = "admit",
		.want = {{"members/bo.yaml", "roles: [staff]"}, {"schema/new.yaml", NULL},
		    {EVA_FILE, ""}, {"teams/unit/{e:unit}.yaml", "[anna, bo, cia, dan]"}}},
	    {.what = "whom it brought into a team may have the key",
		.ours = {EVA_OUT},
		.theirs = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n", "- dan\n- eva\n"}},
		.verb = "admit",
		.want = {{"teams/unit/{e:unit}.yaml", "spent: true"}}},
	    {.what = "beside an end that was stated here",
		.ours = {EVA_OUT,
		    {SUB, "teams/unit/{e:unit}.yaml", "- dan\n", "- dan\nuntil:\n- handle: dan\n  at: 2026-03-01T08:00:00Z\n"}},
		.theirs = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n", "- dan\n- eva\n"}},
		.verb = "admit",
		.want = {{"teams/unit/{e:unit}.yaml", "spent: true"}, {"teams/unit/{e:unit}.yaml", "handle: dan"}}},
	    {.what = "an epoch that was made here meanwhile it never had",
		.ours = {EVA_OUT,
		    {PUT, "teams/vit/{e:vit2}.yaml",
			"akt: 1\nteam: vit\nrecipient: {r:vit2}\nearlier: {e:vit}\nmembers:\n- bo\n", NULL},
		    {SEAL, "teams/vit/{e:vit2}.age", "vit2", NULL}},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "again", NULL}},
		.verb = "admit",
		.want = {{"teams/vit/{e:vit2}.yaml", "members: [bo]"}},
		.lacks = "spent"},
	    {.what = "a key that is said not to be given away",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "again", NULL}},
		.verb = "admit",
		.tweak = {{PUT, "teams/vit/{e:vit}.yaml",
		    "akt: 1\nteam: vit\nrecipient: {r:vit}\nmembers:\n- bo\n- eva\n", NULL}},
		.rule = RULE_MERGE_CONTROL,
		.path = "teams/vit/{e:vit}.yaml",
		.text = "this is not what merging both sides gives"},
	    {.what = "rights let in",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, EVA_FILE, "t", NULL},
		    {PUT, "schema/new.yaml", "type: object\n", NULL}},
		.verb = "admit",
		.tweak = {{PUT, "schema/new.yaml", "type: object\n", NULL}},
		.rule = RULE_ADMIT,
		.path = "schema/new.yaml",
		.text = not_in},
	    {.what = "a new dossier comes",
		.ours = {EVA_OUT},
		.theirs = {{PUT, "records/f/3/f333333333/dossier.yaml",
			       "akt: 1\ndossier: f333333333\naccess:\n- ~eva\n"
			       "keys: []\n",
			       NULL},
		    {SEAL, "records/f/3/f333333333/placement-aaaaaaaa.yaml.age", "n", NULL}},
		.verb = "admit",
		.want = {{"records/f/3/f333333333/dossier.yaml", "~eva"},
		    {"records/f/3/f333333333/placement-aaaaaaaa.yaml.age", ""}}},
	    {.what = "keys come, access does not",
		.ours = {EVA_OUT},
		.theirs = {{SUB, E2 "dossier.yaml", "- ~eva\n", "- unit\n- ~eva\n"},
		    {SUB, E2 "dossier.yaml", "keys:\n",
			"keys:\n- id: {h:aa}\n  for:\n  - ~eva/{e:~eva}\n"
			"  file: {h:bb}\n"}},
		.verb = "admit",
		.want = {{E2 "dossier.yaml", "access: [~eva]"}, {E2 "dossier.yaml", "{h:aa}"},
		    {E2 "dossier.yaml", "{h:e222222222}"}}},
	    {.what = "keys made on both sides unite",
		.ours = {EVA_OUT, {SUB, D1_FILE, "keys:\n", "keys:\n- id: {h:aa}\n  for:\n  - unit/{e:unit}\n"
			       "  file: {h:a1}\n- id: {h:ab}\n  for:\n  - unit/{e:unit}\n  file: {h:a2}\n"}},
		.theirs = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"},
		    {SUB, D1_FILE, "keys:\n", "keys:\n- id: {h:ac}\n  for:\n  - unit/{e:unit}\n"
			"  file: {h:a3}\n- id: {h:ad}\n  for:\n  - unit/{e:unit}\n  file: {h:a4}\n"}},
		.verb = "admit",
		.want = {{D1_FILE, "{h:aa}"}, {D1_FILE, "{h:ab}"}, {D1_FILE, "{h:ac}"}, {D1_FILE, "{h:ad}"}}},
	    {.what = "an erasure that was carried out stands: its keys are gone",
		.ours = {EVA_OUT},
		.theirs = {ERASED},
		.verb = "admit",
		.want = {{STONE, ""}, {D1_FILE, NULL}, {PLACEMENT, NULL}}},
	    {.what = "an erasure that was only ordered does not come",
		.ours = {EVA_OUT},
		.theirs = {{PUT, STONE, ORDER(BY("anna")), NULL}},
		.verb = "admit",
		.want = {{STONE, NULL}, {D1_FILE, ""}, {PLACEMENT, ""}}},
	    {.what = "the key file of a new epoch comes, the epoch does not",
		.ours = {EVA_OUT},
		.theirs = {{PUT, "teams/vit/{e:vit2}.yaml",
			       "akt: 1\nteam: vit\nrecipient: {r:vit2}\nearlier: {e:vit}\nmembers:\n- bo\n- eva\n",
			       NULL},
		    {SEAL, "teams/vit/{e:vit2}.age", "vit2", NULL}},
		.verb = "admit",
		.want = {{"teams/vit/{e:vit2}.yaml", NULL}, {"teams/vit/{e:vit2}.age", ""},
		    {"teams/vit/{e:vit}.yaml", "spent"}}},
	    {.what = "a key file wrapped anew does not come",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "again", NULL}},
		.verb = "admit",
		.want = {{"teams/vit/{e:vit}.age", ""}, {"teams/vit/{e:vit}.yaml", "spent"}}},
	    {.what = "each other",
		.ours = {EVA_OUT},
		.theirs = {{SUB, "members/anna.yaml", ADDED, REVOKED}},
		.by = "fia",
		.verb = "admit",
		.rule = RULE_ADMIT,
		.text = each_other},
	    {.what = "each other, by recovery",
		.ours = {EVA_OUT},
		.theirs = {{SUB, "members/anna.yaml", ADDED, REVOKED}},
		.by = "recovery",
		.want = {{"members/anna.yaml", "revoked"}, {"members/eva.yaml", "revoked"}}},
	    {.what = "recovery where nothing is wrong",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, EVA_FILE, "t", NULL}},
		.by = "recovery",
		.rule = RULE_ADMIT,
		.text =
		    "the recovery identity merges only sides that took each other's rights away"},
	    /* no administrator any more, over there: what only administrators do waits */
	    {.what = "an admin's acts after the end of it",
		.ours = {FIA_DOWN},
		.theirs = {{PUT, "schema/new.yaml", "type: object\n", NULL}},
		.signed_theirs = "fia",
		.rule = RULE_ADMIT,
		.text = word},
	    {.what = "are not let in",
		.ours = {FIA_DOWN},
		.theirs = {{PUT, "schema/new.yaml", "type: object\n", NULL},
		    {SUB, "members/bo.yaml", "- staff\n", "- admin\n- staff\n"}},
		.signed_theirs = "fia",
		.verb = "admit",
		.want = {{"schema/new.yaml", NULL}, {"members/bo.yaml", "roles: [staff]"},
		    {"members/fia.yaml", "roles: [staff]"}}},
	    {.what = "the one who lost it does not admit herself",
		.ours = {FIA_DOWN},
		.theirs = {{PUT, "schema/new.yaml", "type: object\n", NULL}},
		.signed_theirs = "fia",
		.by = "fia",
		.verb = "admit",
		.rule = RULE_ADMIT,
		.text = word},
	    {.what = "what needs no admin goes on",
		.ours = {{SUB, "members/anna.yaml", "- admin\n- staff\n", "- staff\n"}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL},
		    {SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"}},
		.signed_ours = "fia",
		.signed_theirs = "anna",
		.by = "bo",
		.want = {{D1_FILE, "[unit, vit, ~anna]"}}},
	    {.what = "two admins who demote each other",
		.ours = {FIA_DOWN},
		.theirs = {{SUB, "members/anna.yaml", "- admin\n- staff\n", "- staff\n"}},
		.signed_theirs = "fia",
		.by = "bo",
		.rule = RULE_ADMIT,
		.text = each_other},
	    {.what = "are merged by recovery",
		.ours = {FIA_DOWN},
		.theirs = {{SUB, "members/anna.yaml", "- admin\n- staff\n", "- staff\n"}},
		.signed_theirs = "fia",
		.by = "recovery",
		.want = {{"members/fia.yaml", "roles: [staff]"},
		    {"members/anna.yaml", "roles: [staff]"}}},
	};

	(void)state;
	RUN_MERGES(t);
}

/* Whom fia made, with a device or as an admin, after she was none herself any more: what they did by that
 * waits with what she did, and is no more let in than it. */
static void
made_by_what_waits(void **state)
{
	static const struct merge_case t = {.what = "",
	    .ours = {FIA_DOWN},
	    .theirs = {{SUB, "members/bo.yaml", "- staff\n", "- admin\n- staff\n"},
		{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL},
		{PUT, "schema/new.yaml", "type: object\n", NULL}},
	    .signed_theirs = "fia",
	    .verb = "admit"};
	static const char *const by[] = {"bo.laptop", "bo.phone"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct policy_side line[2];
		struct policy_plan plan;
		struct files made;
		struct scene s;
		struct verdict v;
		struct err e = {0};

		scene_open(&s, &t);
		files_copy(&made, &s.base);
		for (size_t k = 0; k < 3; k++)
			ops_apply(s.m, &made, &t.theirs[k], 1, NULL);
		line[0] = line[1] = s.commit[1];
		line[0].tree = line[1].parent_tree[0] = files_tree(s.m, &made);
		line[1].id.b[0] = 9;
		line[1].parent[0] = line[0].id;
		mem_key(line[1].signer, by[i]);
		s.in.side[1] = line;
		s.in.nside[1] = 2;
		assert_int_equal(policy_merge_plan(&plan, &s.o, &s.in, NULL, NULL, &e), 0);
		assert_int_equal(plan.need, POLICY_ADMIT);
		assert_int_equal(plan.nshut, 2);
		assert_memory_equal(plan.shut[1], line[1].signer, 32);
		assert_true(policy_paths_have(&plan.paths, "schema/new.yaml"));
		policy_plan_free(&plan);
		scene_plan(&s);
		v = scene_judge(&s);
		assert_true(v.ok);
		assert_null(files_get(&s.merged, "schema/new.yaml"));
		files_free(&made);
		scene_close(&s);
	}
}

/* The other side admitted eva's work itself before it met ours: nobody must say so again. */
static void
admitted_before(void **state)
{
	static const struct merge_case t = {.what = "",
	    .ours = {EVA_OUT, {SEAL, PLACEMENT, "o", NULL}},
	    .theirs = {EVA_OUT, {SEAL, EVA_FILE, "t", NULL}}};
	struct policy_side line[3];
	struct scene s;
	struct verdict v;

	(void)state;
	/* 2: by the recovery identity, whose merges need no other word */
	for (int admitted = 0; admitted < 3; admitted++) {
		scene_open(&s, &t);
		memset(line, 0, sizeof line);
		line[0] = s.commit[1]; /* eva's */
		line[1] = s.commit[1];
		line[1].id.b[0] = 9;
		mem_key(line[1].signer, "anna.laptop");
		line[2] = line[1];
		line[2].id.b[0] = 10;
		line[2].nparents = 2;
		line[2].parent[0] = line[1].id;
		/* an `admit` that does not contain eva's commit says nothing of it */
		line[2].parent[1] = admitted ? line[0].id : line[1].id;
		line[2].admit = admitted < 2;
		if (admitted == 2)
			mem_key(line[2].signer, "recovery.laptop");
		s.in.side[1] = line;
		s.in.nside[1] = 3;
		scene_plan(&s);
		v = scene_judge(&s);
		assert_int_equal(v.ok, admitted > 0);
		if (!admitted)
			assert_int_equal(v.rule, RULE_ADMIT);
		scene_close(&s);
	}
}


/* fia's side as it was made: `n` commits of hers and others', one after another unless they say otherwise. */
struct line {
	struct policy_side v[4];
	size_t n;
};

static struct policy_side *
add(struct line *l, const struct scene *s, const char *by, const struct oid *tree)
{
	struct policy_side *one = &l->v[l->n];
	char device[80];

	*one = (struct policy_side){.tree = *tree, .nparents = 1, .time = MEM_NOW};
	one->id.b[0] = (uint8_t)(9 + l->n);
	one->parent_tree[0] = l->n ? one[-1].tree : s->bases[0];
	if (l->n)
		one->parent[0] = one[-1].id;
	snprintf(device, sizeof device, "%s.laptop", by);
	mem_key(one->signer, device);
	l->n++;
	return one;
}

static struct policy_plan
plan_with(struct scene *s, const struct line *l)
{
	struct policy_plan plan;
	struct err e = {0};

	s->in.side[1] = l->v;
	s->in.nside[1] = l->n;
	assert_int_equal(policy_merge_plan(&plan, &s->o, &s->in, NULL, NULL, &e), 0);
	return plan;
}

/* What fia did as an administrator was let in on that very side, after she had ceased to be one there too: nobody must say
 * so again. Where she still was one, that `admit` said nothing of it. */
static void
admitted_after_the_end_of_it(void **state)
{
	(void)state;
	for (int down = 0; down < 2; down++) {
		struct merge_case c = {.what = "",
		    .ours = {FIA_DOWN, {SEAL, PLACEMENT, "o", NULL}},
		    .theirs = {{SEAL, EVA_FILE, "t", NULL}}};
		struct files schema;
		struct line l = {0};
		struct policy_plan plan;
		struct policy_side *admits;
		struct scene s;
		struct oid tree;

		if (down)
			c.theirs[1] = (struct op)FIA_DOWN;
		scene_open(&s, &c);
		files_copy(&schema, &s.base);
		files_put(&schema, "schema/new.yaml", "type: object\n");
		tree = files_tree(s.m, &schema);
		add(&l, &s, "fia", &tree);
		admits = add(&l, &s, "anna", &s.in.parent_tree[1]);
		admits->nparents = 2;
		admits->parent[1] = l.v[0].id;
		admits->parent[0].b[0] = 77; /* before both sides */
		admits->admit = true;
		plan = plan_with(&s, &l);
		assert_int_equal(plan.need, down ? POLICY_MERGE : POLICY_ADMIT);
		assert_int_equal(plan.paths.n, down ? 0 : 1);
		policy_plan_free(&plan);
		files_free(&schema);
		scene_close(&s);
	}
}

/* A merge changes nothing by itself: one that fia made waits only if it let in somebody's work. */
static void
merges_by_who_was_demoted(void **state)
{
	static const struct merge_case c = {.what = "", .ours = {FIA_DOWN}, .theirs = {{SEAL, EVA_FILE, "t", NULL}}};

	(void)state;
	for (int admit = 0; admit < 2; admit++) {
		struct line l = {0};
		struct policy_plan plan;
		struct scene s;

		scene_open(&s, &c);
		add(&l, &s, "eva", &s.in.parent_tree[1]);
		add(&l, &s, "fia", &s.in.parent_tree[1])->nparents = 2;
		l.v[1].admit = admit;
		plan = plan_with(&s, &l);
		assert_int_equal(plan.need, admit ? POLICY_ADMIT : POLICY_MERGE);
		assert_int_equal(plan.waiting, admit ? 1 : -1);
		assert_int_equal(plan.paths.n, 0);
		assert_int_equal(plan.nshut, admit);
		policy_plan_free(&plan);
		scene_close(&s);
	}
}

/* Many whom fia made administrators, and one of them changes what she changed: a path is listed once. */
static void
many_made_by_what_waits(void **state)
{
	static const struct merge_case c = {.what = "", .ours = {FIA_DOWN}, .theirs = {{SEAL, PLACEMENT, "t", NULL}}};
	static const struct op made[] = {{SUB, "members/bo.yaml", "- staff\n", "- admin\n"},
	    {SUB, "members/cia.yaml", "- staff\n", "- admin\n"},
	    {SUB, "members/dan.yaml", "- auditor\n", "- admin\n"},
	    {SUB, "members/eva.yaml", "- staff\n", "- admin\n"},
	    {SUB, "members/anna.yaml", "- staff\n", ""}, {PUT, "schema/new.yaml", "type: object\n", NULL}};
	static const struct op more[] = {{PUT, "schema/new.yaml", "type: string\n", NULL},
	    {SUB, "members/bo.yaml", "- admin\n", "- staff\n"}};
	static const char *const paths[] = {"members/anna.yaml", "members/bo.yaml", "members/cia.yaml",
	    "members/dan.yaml", "members/eva.yaml", "schema/new.yaml"};
	struct line l = {0};
	struct policy_plan plan;
	struct files f;
	struct scene s;
	struct oid tree;

	(void)state;
	scene_open(&s, &c);
	files_copy(&f, &s.base);
	ops_apply(s.m, &f, made, 6, NULL);
	tree = files_tree(s.m, &f);
	add(&l, &s, "fia", &tree);
	ops_apply(s.m, &f, more, 2, NULL);
	tree = files_tree(s.m, &f);
	add(&l, &s, "eva", &tree);
	files_put(&f, "schema/new.yaml", "type: object\n");
	tree = files_tree(s.m, &f);
	add(&l, &s, "fia", &tree);
	/* eva is an administrator by what waits alone: in the side's last state she is one */
	state_close(s.state[1]);
	s.in.parent_tree[1] = tree;
	assert_int_equal(state_open(&s.state[1], s.c, &tree, NULL), 0);
	s.in.before[1] = s.state[1];
	plan = plan_with(&s, &l);
	assert_int_equal(plan.need, POLICY_ADMIT);
	assert_int_equal(plan.nshut, 2);
	assert_int_equal(plan.paths.n, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(plan.paths.v[i], paths[i]);
	assert_false(policy_paths_have(&plan.paths, "members/fia.yaml"));
	policy_plan_free(&plan);
	files_free(&f);
	scene_close(&s);
}

/* A key that neither state knows took no rights from anybody, and lets nothing in. */
static void
a_strangers_commits(void **state)
{
	static const struct merge_case c = {.what = "", .ours = {EVA_OUT}, .theirs = {{SEAL, EVA_FILE, "t", NULL}}};

	(void)state;
	for (int with = 0; with < 2; with++) {
		struct line l = {0};
		struct policy_plan plan;
		struct scene s;

		scene_open(&s, &c);
		if (with)
			add(&l, &s, "eva", &s.in.parent_tree[1]);
		add(&l, &s, "nobody", &s.in.parent_tree[1])->nparents = 2;
		plan = plan_with(&s, &l);
		assert_int_equal(plan.need, with ? POLICY_ADMIT : POLICY_MERGE);
		assert_int_equal(plan.nshut, with);
		policy_plan_free(&plan);
		scene_close(&s);
	}
}

static void
words_in_both_languages(void **state)
{
	(void)state;
	words_stand("admit");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(admit),
	    cmocka_unit_test(made_by_what_waits),
	    cmocka_unit_test(admitted_before),
	    cmocka_unit_test(admitted_after_the_end_of_it),
	    cmocka_unit_test(merges_by_who_was_demoted),
	    cmocka_unit_test(many_made_by_what_waits),
	    cmocka_unit_test(a_strangers_commits),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy: admit", tests, NULL, NULL);
}
