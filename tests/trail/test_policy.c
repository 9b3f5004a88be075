/* The beginning of a store as policy judges it, the words of its rules, and objects that are lost while it asks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/err.h"
#include "rules.h"
#include "words.h"

static void
spoil_author(struct policy_input *in)
{
	strcpy(in->commit.handle, "bo");
}

static void
spoil_merge(struct policy_input *in)
{
	in->commit.merge_rules = 1;
}

/* --- the root -------------------------------------------------------------------------------- */

static void
root(void **state)
{
	static const struct op lone[] = {
	    {DEL, "members/bo.yaml", NULL, NULL},
	    {DEL, "members/cia.yaml", NULL, NULL},
	    {DEL, "members/dan.yaml", NULL, NULL},
	    {DEL, "members/eva.yaml", NULL, NULL},
	    {DEL, "members/fia.yaml", NULL, NULL},
	    {DEL, E2_FILE, NULL, NULL},
	    {DEL, EVA_FILE, NULL, NULL},
	    {DEL, PLAN, NULL, NULL},
	    {SIGNERS, NULL, NULL, NULL},
	};
	static const struct rule_case t[] = {
	    {"founder", "anna", {{END, NULL, NULL, NULL}}, 0, NULL, NULL},
	    {"another signs", "bo", {{END, NULL, NULL, NULL}}, RULE_ROOT, "members",
		"the founder has exactly one device, which signs the store's beginning"},
	    {"two devices", "anna",
		{{SUB, "members/anna.yaml", ADDED,
		     ADDED "- id: anna.phone\n"
			   "  recipient: {r:p}\n  signer: {k:p}\n" ADDED},
		    {SIGNERS, NULL, NULL, NULL}},
		RULE_ROOT, "members",
		"the founder has exactly one device, which signs the store's beginning"},
	    {"the device revoked", "anna", {{SUB, "members/anna.yaml", ADDED, REVOKED}}, RULE_ROOT, "members",
		"the founder has exactly one device, which signs the store's beginning"},
	    {"another's name", "anna", {{END, NULL, NULL, NULL}}, RULE_AUTHOR, NULL,
		"the author is not the member whose device signed"},
	    {"no admin", "anna", {{SUB, "members/anna.yaml", "- admin\n", ""}}, RULE_ROOT,
		"members", "the founder is not an administrator"},
	    {"two members", "anna",
		{{PUT, "members/bo.yaml",
		     "akt: 1\nhandle: bo\nroles: []\ndevices:\n"
		     "- id: bo.laptop\n  recipient: {r:b}\n  signer: {k:b}\n" ADDED,
		     NULL},
		    {SIGNERS, NULL, NULL, NULL}},
		RULE_ROOT, "members", "a store begins with exactly one member besides recovery"},
	    {"no unit", "anna", {{DEL, "records/d/0/d000000000/dossier.yaml", NULL, NULL}},
		RULE_ROOT, "store.yaml", "the unit's own dossier is missing"},
	    {"signers", "anna", {{PUT, "allowed_signers", "", NULL}}, RULE_SIGNERS,
		"allowed_signers", "this is not the list that the members' devices give"},
	    {"no merge", "anna", {{END, NULL, NULL, NULL}}, RULE_FORMAT, NULL,
		"a change without parents says that it is a merge"},
	    {"no store", "anna", {{DEL, "store.yaml", NULL, NULL}}, RULE_CONTROL, "store.yaml",
		"is missing"},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		void (*spoil)(struct policy_input *) = t[i].rule == RULE_FORMAT ? spoil_merge
		    : t[i].rule == RULE_AUTHOR                                  ? spoil_author
										: NULL;
		struct mem *m = mem_new();
		struct files f;
		struct verdict v;

		mem_unit(m, &f);
		ops_apply(m, &f, lone, sizeof lone / sizeof *lone, NULL);
		ops_apply(m, &f, t[i].op, RULE_OPS, NULL);
		v = rules_judge(m, NULL, &f, t[i].by, spoil);
		bad += rules_expect(&t[i], &v);
		rules_in_swedish(m, NULL, &f, &t[i], spoil);
		files_free(&f);
		mem_free(m);
	}
	assert_int_equal(bad, 0);
}

/* --- words, losses, cost ------------------------------------------------------------------------
 */

static void
every_rule_has_words(void **state)
{
	(void)state;
	for (int r = 0; r <= RULE_DAMAGE; r++) {
		const char *s = policy_rule_meaning((enum policy_rule)r);

		assert_true(strlen(policy_rule_name((enum policy_rule)r)) > 2);
		assert_true(strlen(s) > 20);
		assert_true(s[strlen(s) - 1] == '.');
		for (int q = 0; q < r; q++)
			assert_string_not_equal(s, policy_rule_meaning((enum policy_rule)q));
	}
}

static void
words_in_both_languages(void **state)
{
	(void)state;
	for (int r = 0; r <= RULE_DAMAGE; r++) {
		char *en = xstrdup(policy_rule_meaning((enum policy_rule)r));

		words_in_swedish(1);
		words_add(policy_rule_name((enum policy_rule)r), en,
		    policy_rule_meaning((enum policy_rule)r));
		words_in_swedish(0);
		free(en);
	}
	words_stand("policy");
}

/* A tree that cannot be read has no file to name: what it says is not relied on, and nothing strange is said to lie there. */
static void
no_file_to_name(void **state)
{
	struct mem *m = mem_new();
	struct objects o = mem_objects(m);
	struct state_cache *c = state_cache_new(&o);
	struct state *s = NULL;
	struct err e = {0};
	struct oid blob = mem_blob(m, "x", 1);

	(void)state;
	assert_int_equal(state_open(&s, c, &blob, &e), ERR_DAMAGED);
	assert_null(s);
	assert_string_equal(e.item[0].file, "");
	assert_int_equal(policy_state_rule(&e), RULE_CONTROL);
	state_cache_free(c);
	mem_free(m);
}

/* A lost object is an error, never a verdict. */
static void
lost_objects(void **state)
{
	struct mem *m = mem_new();
	struct objects o = mem_objects(m);
	struct state_cache *c = state_cache_new(&o);
	struct state *before = NULL, *after = NULL;
	struct policy_input in = {.commit = {.nparents = 1, .time = MEM_NOW}};
	struct verdict v = {.rule = RULE_DAMAGE};
	struct files f;
	struct err e = {0};
	struct oid blob;

	(void)state;
	mem_unit(m, &f);
	in.parent_tree[0] = files_tree(m, &f);
	files_seal(&f, PLACEMENT, "new");
	in.commit.tree = files_tree(m, &f);
	strcpy(in.commit.handle, "anna");
	strcpy(in.commit.store_id, "s000000000");
	mem_key(in.signer, "anna.laptop");
	assert_int_equal(state_open(&before, c, &in.parent_tree[0], &e), 0);
	assert_int_equal(state_open(&after, c, &in.commit.tree, &e), 0);
	in.before[0] = before;
	in.after = after;
	blob = mem_blob(m, files_get(&f, PLACEMENT)->text, files_get(&f, PLACEMENT)->n);
	mem_lose(m, &blob);
	assert_int_equal(policy_judge(&v, &o, &in, &e), ERR_DAMAGED);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.item[0].text, "an object that the history needs is missing; akt doctor fetches it again");
	assert_int_equal(v.rule, RULE_DAMAGE); /* untouched */
	state_close(before);
	state_close(after);
	state_cache_free(c);
	files_free(&f);
	mem_free(m);
}


int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(root),
	    cmocka_unit_test(every_rule_has_words),
	    cmocka_unit_test(no_file_to_name),
	    cmocka_unit_test(lost_objects),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
