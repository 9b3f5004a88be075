/* No verdict and no plan without every object that it rests on: whatever is judged, each read fails in turn, as from a disk
 * and as of a lost object, and each time an error comes back instead, saying so, and what was there before is left as it was. A verdict from half of the objects
 * would call a good change a breach, or let a bad one through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "rules.h"
#include "scene.h"

static const struct {
	int code, gives;
	const char *says;
} faults[] = {
    {ERR_IO, ERR_IO, "the disk gave nothing"},
    {ERR_NOTFOUND, ERR_DAMAGED,
	"an object that the history needs is missing; akt doctor fetches it again"},
};
enum { FAULTS = 2 };

/* 1 when the failed call is not as it should be. */
static int
fell(const char *what, size_t nth, size_t fault, int rc, const struct err *e)
{
	if (rc == faults[fault].gives && e->n == 1 && strcmp(e->item[0].text, faults[fault].says) == 0)
		return 0;
	print_error("%s, read %zu: %d, %d items: %s\n", what, nth, rc, e->n, e->item[0].text);
	return 1;
}

/* --- one parent ------------------------------------------------------------------------ */

static int
each_read(const struct rule_case *t, bool root, size_t fault)
{
	struct mem *m = mem_new();
	struct objects o = mem_objects(m);
	struct policy_input in = {0};
	struct files before, after;
	char device[80];
	int bad = 0;
	size_t nth = 1;

	mem_unit(m, &before);
	files_copy(&after, &before);
	ops_apply(m, &after, t->op, RULE_OPS, NULL);
	in.commit.nparents = root ? 0 : 1;
	in.commit.time = MEM_NOW;
	strcpy(in.commit.handle, t->by);
	strcpy(in.commit.store_id, "s000000000");
	strcpy(in.commit.verb, "set");
	in.parent_tree[0] = files_tree(m, &before);
	in.commit.tree = files_tree(m, &after);
	snprintf(device, sizeof device, "%s.laptop", t->by);
	mem_key(in.signer, device);
	for (bool more = true; more; nth++) {
		struct state_cache *c = state_cache_new(&o);
		struct verdict v = {.rule = RULE_DAMAGE};
		struct state *s[2];
		struct err e = {0};
		size_t reads;
		int rc;

		assert_int_equal(state_open(&s[0], c, &in.parent_tree[0], &e), 0);
		assert_int_equal(state_open(&s[1], c, &in.commit.tree, &e), 0);
		in.before[0] = root ? NULL : s[0];
		in.after = s[1];
		reads = mem_reads(m);
		mem_fail_at(m, nth, faults[fault].code);
		rc = policy_judge(&v, &o, &in, &e);
		mem_fail_at(m, 0, 0);
		more = mem_reads(m) - reads >= nth;
		if (more) {
			bad += fell(t->what, nth, fault, rc, &e);
			bad += v.rule != RULE_DAMAGE || v.ok;
		} else {
			assert_int_equal(rc, 0);
			bad += rules_expect(t, &v);
		}
		state_close(s[0]);
		state_close(s[1]);
		state_cache_free(c);
	}
	/* the trees themselves and something in them were asked for */
	bad += nth < 4;
	files_free(&before);
	files_free(&after);
	mem_free(m);
	return bad;
}

static void
changes(void **state)
{
	static const struct rule_case t[] = {
	    {"a record", "anna", {{SEAL, PLACEMENT, "new", NULL}}, 0, NULL, NULL},
	    {"a type with a schema of its own", "bo",
		{{SEAL, D1 "note-aaaaaaaa.yaml.age", "new", NULL}}, RULE_ROLE, D1 "note-aaaaaaaa.yaml.age",
		"the signer's roles do not write this type of record"},
	    {"a new dossier", "bo",
		{{PUT, F3_FILE,
		     "akt: 1\ndossier: f333333333\naccess:\n- ~bo\nkeys:\n- id: {h:f}\n  for:\n  - ~bo/{e:~bo}\n"
		     "  file: {h:f.1}\n",
		     NULL},
		    {SEAL, F3 "placement-aaaaaaaa.yaml.age", "x", NULL}},
		0, NULL, NULL},
	    {"an erasure ordered", "anna", {{PUT, STONE, ORDER(BY("anna")), NULL}}, 0, NULL, NULL},
	    {"an erasure that is not final", "anna",
		{{PUT, STONE, ORDER(BY("anna")), NULL}, {DEL, D1_FILE, NULL, NULL},
		    {DEL, PLACEMENT, NULL, NULL}, {DEL, PLAN, NULL, NULL}},
		RULE_REMOVED, D1_FILE,
		"a dossier disappears without a final erasure, or not as a whole"},
	    {"a schema", "fia", {{PUT, "schema/plan.yaml", "type: object\n", NULL}}, 0, NULL, NULL},
	    {"a member", "fia",
		{{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL}}, 0, NULL,
		NULL},
	    {"a team's next epoch", "bo",
		{{PUT, "teams/unit/{e:next}.yaml",
		     "akt: 1\nteam: unit\nrecipient: {r:next}\nearlier: {e:unit}\nmembers:\n- anna\n- bo\n- cia\n"
		     "- dan\n",
		     NULL},
		    {SEAL, "teams/unit/{e:next}.age", "n", NULL}},
		0, NULL, NULL},
	};
	static const struct rule_case lone = {"a store's beginning", "anna",
	    {{DEL, "members/bo.yaml", NULL, NULL}, {DEL, "members/cia.yaml", NULL, NULL},
		{DEL, "members/dan.yaml", NULL, NULL}, {DEL, "members/eva.yaml", NULL, NULL},
		{DEL, "members/fia.yaml", NULL, NULL}, {SIGNERS, NULL, NULL, NULL}},
	    RULE_ROLE, PLAN, "the signer's roles do not write this type of record"};
	int bad = 0;

	(void)state;
	for (size_t fault = 0; fault < FAULTS; fault++) {
		bad += each_read(&lone, true, fault);
		for (size_t i = 0; i < sizeof t / sizeof *t; i++)
			bad += each_read(&t[i], false, fault);
	}
	assert_int_equal(bad, 0);
}

/* --- merges ---------------------------------------------------------------------------- */

static void
reopen(struct scene *s)
{
	struct err e = {0};

	for (int i = 0; i < 3; i++) {
		state_close(s->state[i]);
		s->state[i] = NULL;
	}
	state_cache_free(s->c);
	s->c = state_cache_new(&s->o);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(state_open(&s->state[i], s->c, &s->in.parent_tree[i], &e), 0);
		s->in.before[i] = s->state[i];
	}
	assert_int_equal(state_open(&s->state[2], s->c, &s->in.commit.tree, &e), 0);
	s->in.after = s->state[2];
}

static int
each_read_of_a_plan(struct scene *s, const char *what, size_t fault)
{
	int bad = 0;

	for (size_t nth = 1;; nth++) {
		struct policy_plan plan = {.waiting = 7, .n = 77};
		struct err e = {0};
		size_t reads;
		int rc;

		reopen(s);
		reads = mem_reads(s->m);
		mem_fail_at(s->m, nth, faults[fault].code);
		rc = policy_merge_plan(&plan, &s->o, &s->in, NULL, NULL, &e);
		mem_fail_at(s->m, 0, 0);
		if (mem_reads(s->m) - reads < nth) {
			assert_int_equal(rc, 0);
			policy_plan_free(&plan);
			return bad + (nth < 4);
		}
		bad += fell(what, nth, fault, rc, &e);
		bad += plan.waiting != 7 || plan.n != 77;
	}
}

static int
each_read_of_a_verdict(
    struct scene *s, const char *what, const struct verdict *whole, size_t fault)
{
	int bad = 0;

	for (size_t nth = 1;; nth++) {
		struct verdict v = {.rule = RULE_DAMAGE};
		struct err e = {0};
		size_t reads;
		int rc;

		reopen(s);
		reads = mem_reads(s->m);
		mem_fail_at(s->m, nth, faults[fault].code);
		rc = policy_judge(&v, &s->o, &s->in, &e);
		mem_fail_at(s->m, 0, 0);
		if (mem_reads(s->m) - reads < nth) {
			assert_int_equal(rc, 0);
			assert_int_equal(v.ok, whole->ok);
			assert_string_equal(v.text, whole->text);
			return bad;
		}
		bad += fell(what, nth, fault, rc, &e);
		bad += v.rule != RULE_DAMAGE || v.ok;
	}
}

static int
each_read_of_a_merge(struct scene *s, const struct merge_case *t)
{
	struct verdict whole;
	int bad = 0;

	ops_apply(s->m, &s->merged, t->tweak, SCENE_OPS, s->side);
	whole = scene_judge(s);
	if (whole.ok != !t->text || (t->text && strcmp(whole.text, t->text) != 0)) {
		print_error("%s: %s: %s\n", t->what, whole.path, whole.text);
		return 1;
	}
	for (size_t fault = 0; fault < FAULTS; fault++) {
		bad += each_read_of_a_plan(s, t->what, fault);
		bad += each_read_of_a_verdict(s, t->what, &whole, fault);
	}
	return bad;
}

static void
merges(void **state)
{
	static const struct merge_case t[] = {
	    {.what = "parked",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "dan"},
	    {.what = "merged by who may write the type",
		.ours = {{SEAL, PLAN, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLAN ".parked-{p}", NULL, NULL}, {SEAL, PLAN, "both", NULL}}},
	    {.what = "one kept by a writer",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.by = "bo",
		.tweak = {{DEL, PLACEMENT ".parked-{p}", NULL, NULL}}},
	    {.what = "the tombstone wins",
		.ours = {ERASED},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}, {SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}}},
	    {.what = "brought back",
		.ours = {ERASED},
		.theirs = {{SEAL, PLACEMENT, "t", NULL}},
		.tweak = {{SEAL, PLACEMENT, "t", NULL}},
		.rule = RULE_ERASE,
		.path = PLACEMENT,
		.text = "what was erased comes back"},
	    {.what = "members, teams and lists on both sides",
		.ours = {{SUB, "members/cia.yaml", "- supervisor\n", ""},
		    {SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"},
		    {SEAL, "teams/unit/{e:unit}.age", "o", NULL}},
		.theirs = {{SUB, "members/cia.yaml", "- staff\n", "- auditor\n- staff\n"},
		    {SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"},
		    {SEAL, "teams/unit/{e:unit}.age", "t", NULL}}},
	    {.what = "admitted, without what only administrators do",
		.ours = {FIA_DOWN},
		.theirs = {{PUT, "schema/new.yaml", "type: object\n", NULL},
		    {SUB, "members/bo.yaml", "- staff\n", "- admin\n- staff\n"}},
		.signed_theirs = "fia",
		.verb = "admit"},
	    {.what = "admitted, and a key that was given away is spent",
		.ours = {EVA_OUT},
		.theirs = {{SUB, "teams/unit/{e:unit}.yaml", "- dan\n", "- dan\n- eva\n"},
		    {SEAL, "teams/unit/{e:unit}.age", "t", NULL}},
		.verb = "admit"},
	    {.what = "admitted, with the keys of a dossier",
		.ours = {EVA_OUT},
		.theirs = {{SUB, E2_FILE, "- ~eva\n", "- unit\n- ~eva\n"},
		    {SUB, E2_FILE, "keys:\n",
			"keys:\n- id: {h:aa}\n  for:\n  - ~eva/{e:~eva}\n"
			"  file: {h:bb}\n"}},
		.verb = "admit"},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct scene s;

		scene_open(&s, &t[i]);
		scene_plan(&s);
		bad += each_read_of_a_merge(&s, &t[i]);
		scene_close(&s);
	}
	assert_int_equal(bad, 0);
}

/* Whom fia made after she was no administrator any more, and what he did; then somebody admits a part of it. */
static void
longer_sides(void **state)
{
	static const struct merge_case t = {.what = "a side of three",
	    .ours = {FIA_DOWN},
	    .theirs = {{SUB, "members/bo.yaml", "- staff\n", "- admin\n- staff\n"},
		{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL},
		{PUT, "schema/new.yaml", "type: object\n", NULL}},
	    .signed_theirs = "fia",
	    .verb = "admit"};
	static const struct merge_case both = {.what = "two bases",
	    .ours = {{SEAL, PLACEMENT, "o", NULL},
		{SUB, "members/bo.yaml", "- staff\n", "- staff\n- supervisor\n"}},
	    .theirs = {{SEAL, PLACEMENT, "t", NULL},
		{SUB, "members/bo.yaml", "- staff\n", "- auditor\n- staff\n"}}};
	struct policy_side line[3];
	struct files made, other;
	struct scene s;
	int bad = 0;

	(void)state;
	scene_open(&s, &t);
	files_copy(&made, &s.base);
	ops_apply(s.m, &made, t.theirs, 3, NULL);
	line[0] = line[1] = line[2] = s.commit[1];
	line[0].tree = line[1].parent_tree[0] = files_tree(s.m, &made);
	line[1].id.b[0] = 9;
	line[1].parent[0] = line[0].id;
	mem_key(line[1].signer, "bo.phone");
	line[2].id.b[0] = 10;
	line[2].nparents = 2;
	line[2].parent[0] = line[2].parent[1] = line[0].id;
	line[2].admit = true;
	mem_key(line[2].signer, "anna.laptop");
	s.in.side[1] = line;
	s.in.nside[1] = 3;
	scene_plan(&s);
	bad += each_read_of_a_merge(&s, &t);
	files_free(&made);
	scene_close(&s);

	scene_open(&s, &both);
	files_copy(&other, &s.base);
	files_sub(&other, "members/bo.yaml", "- staff\n", "- supervisor\n");
	s.bases[1] = files_tree(s.m, &other);
	s.in.nbases = 2;
	scene_plan(&s);
	bad += each_read_of_a_merge(&s, &both);
	files_free(&other);
	scene_close(&s);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(changes),
	    cmocka_unit_test(merges),
	    cmocka_unit_test(longer_sides),
	};

	return cmocka_run_group_tests_name("policy: lost objects", tests, NULL, NULL);
}
