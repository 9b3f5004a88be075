/* Merges: what policy_merge_plan gives is accepted, anything else is refused and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "scene.h"
#include "words.h"

static void
records(void **state)
{
	static const struct merge_case t[] = {
	    {.what = "two records",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}, {SEAL, D1 "placement-new.yaml.age", "n", NULL}},
		.want = {{D1 "placement-new.yaml.age", ""}}},
	    {.what = "one side dropped",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{SEAL, PLAN, "two", NULL}},
		.rule = RULE_MERGE,
		.path = PLAN,
		.text = "this is not what the only side that changed it has"},
	    {.what = "new content where one side changed",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{SEAL, PLACEMENT, "x", NULL}},
		.rule = RULE_MERGE,
		.path = PLACEMENT,
		.text = "this is not what the only side that changed it has"},
	    {.what = "where neither changed",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{SEAL, EVA_FILE, "x", NULL}},
		.rule = RULE_MERGE,
		.path = EVA_FILE,
		.text = "this is not what the only side that changed it has"},
	    {.what = "record lost",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, D1 "placement-new.yaml.age", "n", NULL}},
		.tweak = {{DEL, PLAN, NULL, NULL}},
		.rule = RULE_REMOVED,
		.path = PLAN,
		.text = "a file is lost in a merge"},
	    {.what = "parked",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "dan"},
	    {.what = "merged by a writer",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL},
		    {SEAL, PLACEMENT, "both", NULL}}},
	    {.what = "one kept by a writer",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL}}},
	    {.what = "merged by an auditor",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "dan",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL},
		    {SEAL, PLACEMENT, "both", NULL}},
		.rule = RULE_ACCESS,
		.path = PLACEMENT,
		.text = "the signer may not write this record, so it is set aside, not merged"},
	    {.what = "one dropped by an outsider",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "fia",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL}},
		.rule = RULE_MERGE,
		.path = PLACEMENT,
		.text = "one of the two versions of a record is neither merged nor set aside"},
	    {.what = "both versions dropped",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL}, {DEL, PLACEMENT, NULL, NULL}},
		.rule = RULE_REMOVED,
		.path = PLACEMENT,
		.text = "a record is lost in a merge"},
	    {.what = "type of a team not in it",
		.ours = {{SEAL, PLAN, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.by = "anna",
		.tweak = {{DEL, PLAN ".parked-{p}", NULL, NULL}, {SEAL, PLAN, "both", NULL}},
		.rule = RULE_ACCESS,
		.path = PLAN,
		.text = "the signer may not write this record, so it is set aside, not merged"},
	    {.what = "in the clear",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL},
		    {PUT, PLACEMENT, "akt: 1\n", NULL}},
		.rule = RULE_RECORD,
		.path = PLACEMENT,
		.text = "this is not a file encrypted to one key"},
	    {.what = "something else set aside",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "dan",
		.tweak = {{SEAL, PLACEMENT ".parked-0123456789abcdef", "x", NULL}},
		.rule = RULE_MERGE,
		.path = PLACEMENT ".parked-0123456789abcdef",
		.text = "this is not what the only side that changed it has"},
	    {.what = "one side revoked the merger",
		.ours = {{SEAL, PLACEMENT, "o", NULL},
		    {SUB, D1_FILE, "- unit\n- ~anna\n", "- ~anna\n"}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL},
		    {SEAL, PLACEMENT, "both", NULL}},
		.rule = RULE_ACCESS,
		.path = PLACEMENT,
		.text = "the signer may not write this record, so it is set aside, not merged"},
	    {.what = "an executable",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{EXE, PLAN, "x", NULL}},
		.rule = RULE_PATH,
		.path = PLAN,
		.text = "this is not an ordinary file"},
	    {.what = "a stray file",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{PUT, D1 "x", "x", NULL}},
		.rule = RULE_PATH,
		.path = D1 "x",
		.text = "no file of a store is named so"},
	};

	(void)state;
	RUN_MERGES(t);
}

static void
erasure(void **state)
{
	static const struct merge_case t[] = {
	    {.what = "the tombstone wins",
		.ours = {ERASED},
		.theirs = {{SEAL, PLACEMENT, "t", NULL},
		    {SEAL, D1 "placement-new.yaml.age", "n", NULL},
		    {SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}},
		.want = {{PLACEMENT, NULL}, {D1_FILE, NULL}, {D1 "placement-new.yaml.age", NULL},
		    {STONE, ""}}},
	    {.what = "brought back",
		.ours = {ERASED},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.tweak = {{SEAL, PLACEMENT, "t", NULL}},
		.rule = RULE_ERASE,
		.path = PLACEMENT,
		.text = "what was erased comes back"},
	    {.what = "ordered on both sides",
		.ours = {{PUT, STONE, ORDER(BY("anna")), NULL}},
		.theirs = {{PUT, STONE, ORDER(BY("cia")), NULL}},
		.want = {{STONE, "anna"}, {STONE, "cia"}, {PLACEMENT, ""}}},
	    {.what = "ordered by the merge",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{PUT, STONE, ORDER(BY("anna")), NULL}},
		.rule = RULE_MERGE_CONTROL,
		.path = STONE,
		.text = "this is not what merging both sides gives"},
	    {.what = "ordered, and new content where one side changed",
		.ours = {{PUT, STONE, ORDER(BY("anna")), NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{SEAL, PLACEMENT, "x", NULL}},
		.rule = RULE_MERGE,
		.path = PLACEMENT,
		.text = "this is not what the only side that changed it has"},
	    {.what = "carried out by the merge",
		.ours = {{PUT, STONE, ORDER(BY("anna")), NULL}},
		.theirs = {{PUT, STONE, ORDER(BY("cia")), NULL}},
		.tweak = {{DEL, D1_FILE, NULL, NULL}, {DEL, PLACEMENT, NULL, NULL},
		    {DEL, PLAN, NULL, NULL}},
		.rule = RULE_REMOVED,
		.path = D1_FILE,
		.text = "a file is lost in a merge"},
	};

	(void)state;
	RUN_MERGES(t);
}

static void
control(void **state)
{
	static const char gives[] = "this is not what merging both sides gives";
	static const struct merge_case t[] = {
	    {.what = "roles: a removal wins",
		.ours = {{SUB, "members/cia.yaml", "- supervisor\n", ""}},
		.theirs = {{SUB, "members/cia.yaml", "- staff\n", "- auditor\n- staff\n"}},
		.want = {{"members/cia.yaml", "roles: [auditor, staff]\n"}}},
	    {.what = "a right that neither side gave",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{SUB, "members/bo.yaml", "- staff\n", "- admin\n- staff\n"}},
		.rule = RULE_MERGE_CONTROL,
		.path = "members/bo.yaml",
		.text = gives},
	    {.what = "a revocation lost",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SUB, "members/bo.yaml", ADDED, REVOKED}},
		.tweak = {{SUB, "members/cia.yaml", ADDED, ADDED},
		    {PUT, "members/bo.yaml",
			"akt: 1\nhandle: bo\nroles: [staff]\ndevices:\n- id: bo.laptop\n"
			"  recipient: {r:bo.laptop}\n  signer: {k:bo.laptop}\n" ADDED,
			NULL}},
		.rule = RULE_MERGE_CONTROL,
		.path = "members/bo.yaml",
		.text = gives},
	    {.what = "access: a removal wins",
		.ours = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}},
		.theirs = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"}},
		.want = {{D1_FILE, "access: [unit, vit]\n"}}},
	    {.what = "access taken from one side",
		.ours = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}},
		.theirs = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"}},
		.tweak = {{COPY_THEIRS, D1_FILE, NULL, NULL}},
		.rule = RULE_MERGE_CONTROL,
		.path = D1_FILE,
		.text = gives},
	    {.what = "the last reader stays",
		.ours = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}},
		.theirs = {{SUB, D1_FILE, "- unit\n- ~anna\n", "- ~anna\n"}},
		.want = {{D1_FILE, ""}}},
	    {.what = "team: both ended",
		.ours = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n",
		    "- dan\nuntil:\n- handle: bo\n  at: 2026-04-01T08:00:00Z\n"}},
		.theirs = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n",
		    "- dan\nuntil:\n- handle: dan\n  at: 2026-04-01T08:00:00Z\n"}},
		.want = {{"teams/unit/{e:unit}.yaml", "handle: bo"},
		    {"teams/unit/{e:unit}.yaml", "handle: dan"}}},
	    {.what = "team key: the smaller",
		.ours = {{SEAL, "teams/unit/{e:unit}.age", "o", NULL}},
		.theirs = {{SEAL, "teams/unit/{e:unit}.age", "t", NULL}}},
	    {.what = "signers",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{PUT, "allowed_signers", "x\n", NULL}},
		.rule = RULE_SIGNERS,
		.path = "allowed_signers",
		.text = "this is not the list that the members' devices give"},
	    {.what = "no such verb",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.verb = "set",
		.rule = RULE_FORMAT,
		.text = "a merge says `merge` or `admit`"},
	    {.what = "signer unknown there",
		.ours = {{SUB, "members/bo.yaml", ADDED, REVOKED}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.by = "bo",
		.rule = RULE_SIGNER,
		.text = "the device that signed was revoked"},
	};

	(void)state;
	RUN_MERGES(t);
}

/* The merge keeps one version of a key file and forgets whom the other was wrapped for. */
static void
shut_out_on_the_other_side(void **state)
{
	static const struct merge_case t[] = {
	    {.what = "wrapped again by who does not know",
		.ours = {{SUB, "members/bo.yaml", ADDED, REVOKED}, {SEAL, "teams/unit/{e:unit}.age", "o", NULL}},
		.theirs = {{SEAL, "teams/unit/{e:unit}.age", "t", NULL}},
		.want = {{"teams/unit/{e:unit}.yaml", "spent: true"}, {"teams/vit/{e:vit}.yaml", "spent: true"},
		    {"teams/~bo/{e:~bo}.yaml", "spent: true"}}},
	    {.what = "brought into a team by who does not know",
		.ours = {{SUB, "members/cia.yaml", ADDED, REVOKED}, {SEAL, "teams/vit/{e:vit}.age", "o", NULL}},
		.theirs = {{SUB, "teams/vit/{e:vit}.yaml", "- bo\n", "- bo\n- cia\n"},
		    {SEAL, "teams/vit/{e:vit}.age", "t", NULL}},
		.want = {{"teams/vit/{e:vit}.yaml", "members: [bo, cia, eva]\nspent: true\n"}}},
	    {.what = "a removed member",
		.ours = {{SUB, "members/bo.yaml", "roles:\n- staff\n", "roles: []\n"}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.want = {{"teams/unit/{e:unit}.yaml", "spent: true"}}},
	    {.what = "teams that the member is not in",
		.ours = {{SUB, "members/cia.yaml", ADDED, REVOKED}},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "t", NULL}},
		.want = {{"teams/vit/{e:vit}.yaml", "members"}},
		.lacks = "spent"},
	    {.what = "renewed by who shut it out",
		.ours = {{SUB, "members/bo.yaml", ADDED, REVOKED},
		    {PUT, "teams/vit/{e:vit2}.yaml",
			"akt: 1\nteam: vit\nrecipient: {r:vit2}\nearlier: {e:vit}\nmembers:\n- eva\n", NULL},
		    {SEAL, "teams/vit/{e:vit2}.age", "vit2", NULL}},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "t", NULL}},
		.want = {{"teams/vit/{e:vit}.yaml", "members"}, {"teams/vit/{e:vit2}.yaml", "members"}},
		.lacks = "spent"},
	    {.what = "an epoch that is no more, not let in when its side was",
		.ours = {{SUB, "members/bo.yaml", ADDED, REVOKED}, {DEL, "teams/vit/{e:vit}.yaml", NULL, NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.want = {{"teams/vit/{e:vit}.yaml", NULL}}},
	    {.what = "a device more",
		.ours = {{SUB, "members/bo.yaml", ADDED, ADDED PHONE}},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "t", NULL}},
		.want = {{"teams/vit/{e:vit}.yaml", "members"}},
		.lacks = "spent"},
	    {.what = "left as it was",
		.ours = {{SUB, "members/bo.yaml", ADDED, REVOKED}},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "t", NULL}},
		.tweak = {{PUT, "teams/vit/{e:vit}.yaml",
		    "akt: 1\nteam: vit\nrecipient: {r:vit}\nmembers:\n- bo\n- eva\n", NULL}},
		.rule = RULE_MERGE_CONTROL,
		.path = "teams/vit/{e:vit}.yaml",
		.text = "this is not what merging both sides gives"},
	};

	(void)state;
	RUN_MERGES(t);
}

static void
rules_of_another_version(void **state)
{
	static const struct merge_case t = {.what = "",
	    .ours = {{SEAL, PLACEMENT, "o", NULL}},
	    .theirs = {{SEAL, PLAN, "t", NULL}}};
	static const char words[] =
	    "the merge does not say by which rules it was made, or by rules unknown here";
	struct scene s;
	struct verdict v;

	(void)state;
	for (int version = 0; version < 3; version += 2) {
		scene_open(&s, &t);
		scene_plan(&s);
		s.in.commit.merge_rules = version;
		v = scene_judge(&s);
		assert_false(v.ok);
		assert_int_equal(v.rule, RULE_MERGE);
		assert_string_equal(v.text, words);
		v = scene_judge_in_swedish(&s);
		words_add("merge", words, v.text);
		scene_close(&s);
	}
}

/* What a merge cannot settle is said, not refused: refusing would part the sides for good. */
static void
notices(void **state)
{
	static const struct merge_case t[] = {
	    {.what = "no admin",
		.signed_ours = "fia",
		.signed_theirs = "anna",
		.ours = {{SUB, "members/fia.yaml", "- admin\n", "- staff\n"}},
		.theirs = {{SUB, "members/anna.yaml", "- admin\n", ""}},
		.text = "nobody is an administrator with a working device any more: "
			"the recovery identity must name one"},
	    {.what = "two keys",
		.ours = {{PUT, "teams/unit/{e:n1}.yaml",
			     "akt: 1\nteam: unit\n"
			     "recipient: {r:n1}\nearlier: {e:unit}\nmembers: [anna, bo]\n",
			     NULL},
		    {SEAL, "teams/unit/{e:n1}.age", "1", NULL}},
		.theirs = {{PUT, "teams/unit/{e:n2}.yaml",
			       "akt: 1\nteam: unit\n"
			       "recipient: {r:n2}\nearlier: {e:unit}\nmembers: [anna, cia]\n",
			       NULL},
		    {SEAL, "teams/unit/{e:n2}.age", "2", NULL}},
		.text = "a team's key was renewed on both sides; one of its members renews it once "
			"more"},
	    {.what = "a late end",
		.ours = {{PUT, "teams/unit/{e:n1}.yaml",
			     "akt: 1\nteam: unit\n"
			     "recipient: {r:n1}\nearlier: {e:unit}\nmembers: [anna, bo]\n",
			     NULL},
		    {SEAL, "teams/unit/{e:n1}.age", "1", NULL}},
		.theirs = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n",
		    "- dan\nuntil:\n- handle: bo\n  at: 2026-04-01T08:00:00Z\n"}},
		.text = "somebody's place in a team was ended on one side while its key was "
			"renewed on the "
			"other: an administrator looks at who is in the team"},
	    {.what = "let in too late",
		.ours = {{PUT, "teams/unit/{e:n1}.yaml",
			     "akt: 1\nteam: unit\n"
			     "recipient: {r:n1}\nearlier: {e:unit}\nmembers: [anna, bo]\n",
			     NULL},
		    {SEAL, "teams/unit/{e:n1}.age", "1", NULL}},
		.theirs = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n", "- dan\n- fia\n"}},
		.text = "somebody was let into a team on one side while its key was renewed on the other, and is not in it: "
			"an administrator lets them in again"},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct scene s;
		struct verdict v;

		scene_open(&s, &t[i]);
		if (i == 0)
			scene_by(&s, "cia");
		scene_plan(&s);
		v = scene_judge(&s);
		if (!v.ok || v.nnotices != 1 || strcmp(v.notice[0], t[i].text) != 0) {
			print_error("%s: %s %s, %zu: %s\n", t[i].what, v.ok ? "ok" : v.path, v.text,
			    v.nnotices, v.notice[0]);
			bad++;
		}
		v = scene_judge_in_swedish(&s);
		words_add("notice", t[i].text, v.notice[0]);
		if (i == 1) {
			char(*in)[34] = NULL;

			/* who was ended on either side is out; both are one epoch's members less */
			assert_int_equal(state_team_members(s.in.after, &in, "unit", MEM_NOW), 1);
			assert_string_equal(in[0], "anna");
			assert_false(state_in_team(s.in.after, "unit", "bo", MEM_NOW));
			free(in);
		}
		scene_close(&s);
	}
	assert_int_equal(bad, 0);
}


static void
words_in_both_languages(void **state)
{
	(void)state;
	words_stand("merge");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records),
	    cmocka_unit_test(erasure),
	    cmocka_unit_test(control), cmocka_unit_test(shut_out_on_the_other_side),
	    cmocka_unit_test(rules_of_another_version),
	    cmocka_unit_test(notices),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy: merge", tests, NULL, NULL);
}
