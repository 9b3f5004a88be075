/* Every rule for dossiers, the records in them and their erasure: what is allowed, what is refused and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules.h"
#include "words.h"

#define NEW_DOSSIER(access, to)                                                                    \
	"akt: 1\ndossier: f333333333\naccess:\n" access "keys:\n- id: {h:f3}\n  for:\n" to         \
	"  file: {h:f3.1}\n"
#define OLD_KEY                                                                                    \
	"- id: {h:d111111111}\n  for:\n  - unit/{e:unit}\n  - ~anna/{e:~anna}\n"                   \
	"  file: {h:d111111111.1}\n"

/* The form of an age file, header alone: that is what is judged. */
#define HEADER(stanzas)                                                                            \
	"age-encryption.org/v1\n" stanzas "--- EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"
#define TO_A_KEY                                                                                   \
	"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"                                  \
	"EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"
#define TO_A_PASSPHRASE                                                                            \
	"-> scrypt bBjlhJVYZeE4aqUdmtRHfw 15\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"

static void
records(void **state)
{
	static const char list[] = "the signer is not on the dossier's list of readers";
	static const char roles[] = "the signer's roles do not write this type of record";
	static const struct rule_case t[] = {
	    {"new", "cia", {{SEAL, D1 "placement-dddddddd.yaml.age", "new", NULL}}, 0, NULL, NULL},
	    {"imported id", "cia", {{SEAL, D1 "placement-p01.yaml.age", "new", NULL}}, 0, NULL,
		NULL},
	    {"not on the list", "eva", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ACCESS, PLACEMENT,
		list},
	    {"an admin reads nothing by that", "fia", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ACCESS,
		PLACEMENT, list},
	    {"an auditor", "dan", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ROLE, PLACEMENT, roles},
	    {"type of a team, in it", "bo", {{SEAL, PLAN, "new", NULL}}, 0, NULL, NULL},
	    {"type of a team, not in it", "anna", {{SEAL, PLAN, "new", NULL}}, RULE_ROLE, PLAN,
		roles},
	    {"type of admins", "anna", {{SEAL, D1 "note-aaaaaaaa.yaml.age", "n", NULL}}, 0, NULL,
		NULL},
	    {"type of admins by staff", "bo", {{SEAL, D1 "note-aaaaaaaa.yaml.age", "n", NULL}},
		RULE_ROLE, D1 "note-aaaaaaaa.yaml.age", roles},
	    {"deleted", "anna", {{DEL, PLACEMENT, NULL, NULL}}, RULE_REMOVED, PLACEMENT,
		"a record is never deleted; it is marked void"},
	    {"in the clear", "anna", {{PUT, PLACEMENT, "akt: 1\n", NULL}}, RULE_RECORD, PLACEMENT,
		"this is not a file encrypted to one key"},
	    {"to one key", "anna", {{PUT, PLACEMENT, HEADER(TO_A_KEY), NULL}}, 0, NULL, NULL},
	    {"to two keys", "anna", {{PUT, PLACEMENT, HEADER(TO_A_KEY TO_A_KEY), NULL}}, RULE_RECORD, PLACEMENT,
		"this is not a file encrypted to one key"},
	    {"to a passphrase", "anna", {{PUT, PLACEMENT, HEADER(TO_A_PASSPHRASE), NULL}}, RULE_RECORD, PLACEMENT,
		"this is not a file encrypted to one key"},
	    {"set aside without merge", "anna",
		{{SEAL, PLACEMENT ".parked-0123456789abcdef", "x", NULL}}, RULE_RECORD,
		PLACEMENT ".parked-0123456789abcdef",
		"only a merge sets a version aside, and nobody changes it"},
	    {"no dossier", "anna", {{SEAL, F3 "placement-aaaaaaaa.yaml.age", "x", NULL}},
		RULE_DOSSIER, F3 "placement-aaaaaaaa.yaml.age", "the dossier has no dossier.yaml"},
	};
	static const struct op parked[] = {{SEAL, PLACEMENT ".parked-0123456789abcdef", "x", NULL}};
	static const struct rule_case stored[] = {
	    {"merged and stored", "bo",
		{{SEAL, PLACEMENT, "both", NULL},
		    {DEL, PLACEMENT ".parked-0123456789abcdef", NULL, NULL}},
		0, NULL, NULL},
	    {"dropped", "bo", {{DEL, PLACEMENT ".parked-0123456789abcdef", NULL, NULL}},
		RULE_REMOVED, PLACEMENT ".parked-0123456789abcdef",
		"a version set aside goes only when the record that holds both is stored"},
	    {"dropped by who may not write", "dan",
		{{SEAL, PLACEMENT, "both", NULL},
		    {DEL, PLACEMENT ".parked-0123456789abcdef", NULL, NULL}},
		RULE_ROLE, PLACEMENT, roles},
	    {"dropped by who may not read", "eva", {{DEL, PLACEMENT ".parked-0123456789abcdef", NULL, NULL}},
		RULE_ACCESS, PLACEMENT ".parked-0123456789abcdef", list},
	    {"dropped with its record", "bo",
		{{DEL, PLACEMENT, NULL, NULL}, {DEL, PLACEMENT ".parked-0123456789abcdef", NULL, NULL}},
		RULE_REMOVED, PLACEMENT, "a record is never deleted; it is marked void"},
	};

	(void)state;
	RUN(t);
	RUN_AFTER(parked, stored);
}

static void
dossiers(void **state)
{
	static const struct rule_case t[] = {
	    {"new", "bo",
		{{PUT, F3_FILE, NEW_DOSSIER("- ~bo\n", "  - ~bo/{e:~bo}\n"), NULL},
		    {SEAL, F3 "placement-aaaaaaaa.yaml.age", "x", NULL}},
		0, NULL, NULL},
	    {"new by a team", "bo",
		{{PUT, F3_FILE, NEW_DOSSIER("- vit\n", "  - vit/{e:vit}\n"), NULL}}, 0,
		NULL, NULL},
	    {"new for others", "bo",
		{{PUT, F3_FILE, NEW_DOSSIER("- ~eva\n", "  - ~eva/{e:~eva}\n"), NULL}},
		RULE_ACCESS, F3_FILE,
		"a new dossier's list of readers must include its maker"},
	    {"new by an auditor", "dan",
		{{PUT, F3_FILE, NEW_DOSSIER("- ~dan\n", "  - ~dan/{e:~dan}\n"), NULL}},
		RULE_ROLE, F3_FILE, "an auditor changes no dossier"},
	    {"in another's place", "bo",
		{{PUT, "records/g/3/g333333333/dossier.yaml",
		    NEW_DOSSIER("- ~bo\n", "  - ~bo/{e:~bo}\n"), NULL}},
		RULE_CONTROL, "records/g/3/g333333333/dossier.yaml",
		"does not fit its place: what the file says of itself is not what its path says"},
	    {"grant", "bo", {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"}}, 0,
		NULL, NULL},
	    {"grant oneself", "eva",
		{{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"}}, RULE_ACCESS,
		D1_FILE, "the signer is not on the dossier's list of readers"},
	    {"grant as admin", "fia",
		{{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- ~anna\n- ~fia\n"}}, RULE_ACCESS,
		D1_FILE, "the signer is not on the dossier's list of readers"},
	    {"grant nobody", "bo",
		{{SUB, D1_FILE, "- unit\n- ~anna\n", "- ingen\n- unit\n- ~anna\n"}}, RULE_ACCESS,
		D1_FILE, "the list of readers names a team that does not exist"},
	    {"revoke", "bo", {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}}, 0, NULL, NULL},
	    {"revoke all", "bo", {{SUB, D1_FILE, "access:\n- unit\n- ~anna\n", "access: []\n"}},
		RULE_CONTROL, D1_FILE, "3:9: access: is empty: nobody could read the dossier"},
	    {"every grant ends", "eva",
		{{SUB, E2_FILE, "- ~eva\n",
		    "- ~eva\nuntil:\n- team: ~eva\n  at: 2036-01-01T00:00:00Z\n"}},
		RULE_ACCESS, E2_FILE, "nobody would be left who may read the dossier"},
	    {"key lost", "bo", {{SUB, D1_FILE, "keys:\n" OLD_KEY, "keys: []\n"}}, RULE_KEYS,
		D1_FILE, "a key of the dossier disappears, or is not the one it was"},
	    {"key changed", "bo", {{SUB, D1_FILE, "  - unit/{e:unit}\n", ""}}, RULE_KEYS, D1_FILE,
		"a key of the dossier disappears, or is not the one it was"},
	    {"key for a stranger", "bo",
		{{SUB, D1_FILE, "keys:\n" OLD_KEY,
		    "keys:\n" OLD_KEY
		    "- id: {h:d111111111}\n  for:\n  - vit/{e:vit}\n  file: {h:z.1}\n"}},
		RULE_KEYS, D1_FILE, "a key is for a team that is not on the dossier's list"},
	    {"key for no epoch", "bo",
		{{SUB, D1_FILE, "keys:\n" OLD_KEY,
		    "keys:\n" OLD_KEY
		    "- id: {h:d111111111}\n  for:\n  - unit/{e:vit}\n  file: {h:z.1}\n"}},
		RULE_KEYS, D1_FILE, "a key is for a team's epoch that does not exist"},
	    {"key for one on the list", "bo",
		{{SUB, D1_FILE, "keys:\n" OLD_KEY,
		    "keys:\n" OLD_KEY
		    "- id: {h:d111111111}\n  for:\n  - unit/{e:unit}\n  file: {h:z.1}\n"}},
		0, NULL, NULL},
	    {"gone", "anna", {{DEL, E2_FILE, NULL, NULL}}, RULE_REMOVED, E2_FILE,
		"a dossier disappears without a final erasure, or not as a whole"},
	    {"another file for a key", "bo", {{SUB, D1_FILE, "{h:d111111111.1}", "{h:z.1}"}}, RULE_KEYS, D1_FILE,
		"a key of the dossier disappears, or is not the one it was"},
	    {"a key said to be for another epoch", "bo",
		{{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n- ~anna\n"},
		    {SUB, D1_FILE, "  - unit/{e:unit}\n", "  - vit/{e:vit}\n"}},
		RULE_KEYS, D1_FILE, "a key of the dossier disappears, or is not the one it was"},
	    {"one team for another", "bo", {{SUB, D1_FILE, "- unit\n", "- vit\n"}}, 0, NULL, NULL},
	    /* read before its own path comes: a type's name sorts before the dossier's file */
	    {"an executable list", "bo",
		{{EXE, D1_FILE, "akt: 1\n", NULL}, {SEAL, D1 "approval-aaaaaaaa.yaml.age", "x", NULL}},
		RULE_PATH, D1_FILE, "this is not an ordinary file"},
	};
	static const struct op over[] = {
	    {SUB, D1_FILE, "keys:", "until:\n- team: unit\n  at: 2026-03-02T00:00:00Z\nkeys:"}};
	static const struct rule_case after[] = {
	    {"grant over", "bo", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ACCESS, PLACEMENT,
		"the signer is not on the dossier's list of readers"},
	    {"own grant holds", "anna", {{SEAL, PLACEMENT, "new", NULL}}, 0, NULL, NULL},
	};
	static const struct op to_come[] = {
	    {SUB, D1_FILE, "keys:", "until:\n- team: unit\n  at: 2036-03-02T00:00:00Z\nkeys:"}};
	static const struct rule_case later[] = {
	    {"an end moved", "bo", {{SUB, D1_FILE, "2036-03-02", "2036-04-02"}}, 0, NULL, NULL},
	    {"an end for another team", "bo", {{SUB, D1_FILE, "- team: unit", "- team: ~anna"}}, 0, NULL, NULL},
	    {"a grant that ends replaces the last that does not", "bo",
		{{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n- vit\n"},
		    {SUB, D1_FILE, "keys:", "- team: vit\n  at: 2036-03-02T00:00:00Z\nkeys:"}},
		RULE_ACCESS, D1_FILE, "nobody would be left who may read the dossier"},
	};
	static const struct op left[] = {{SUB, E2_FILE, "- ~eva\n", "- ~bo\n- ~eva\n"},
	    {SUB, "members/eva.yaml", "roles:\n- staff\n", "roles: []\n"}};
	static const struct rule_case last[] = {
	    {"who left is no reader", "bo", {{SUB, E2_FILE, "- ~bo\n", ""}}, RULE_ACCESS, E2_FILE,
		"nobody would be left who may read the dossier"},
	};

	(void)state;
	RUN(t);
	RUN_AFTER(over, after);
	RUN_AFTER(to_come, later);
	RUN_AFTER(left, last);
}

/* --- erasure ------------------------------------------------------------------------------- */

static void
erasure(void **state)
{
	static const char right[] =
	    "only an administrator or supervisor on the dossier's list erases it";
	static const char sign[] = "those who erase sign for themselves alone, and stay named";
	static const char writes[] =
	    "nothing more is written in a dossier whose erasure has been ordered";
	static const char gone[] =
	    "a dossier disappears without a final erasure, or not as a whole";
	static const struct rule_case t[] = {
	    {"order by supervisor", "cia", {{PUT, STONE, ORDER(BY("cia")), NULL}}, 0, NULL, NULL},
	    {"order by admin", "anna", {{PUT, STONE, ORDER(BY("anna")), NULL}}, 0, NULL, NULL},
	    {"order by staff", "bo", {{PUT, STONE, ORDER(BY("bo")), NULL}}, RULE_ERASE, STONE,
		right},
	    {"order by admin outside", "fia", {{PUT, STONE, ORDER(BY("fia")), NULL}}, RULE_ERASE,
		STONE, right},
	    {"order for another", "cia", {{PUT, STONE, ORDER(BY("anna")), NULL}}, RULE_ERASE, STONE,
		sign},
	    {"order for both", "cia", {{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL}}, RULE_ERASE,
		STONE, sign},
	    {"no such basis", "cia",
		{{PUT, STONE, "akt: 1\ndossier: d111111111\nbasis: trams\nby:\n" BY("cia"), NULL}},
		RULE_ERASE, STONE, "the erasure rests on no basis that the store allows"},
	    {"no such dossier", "cia",
		{{PUT, "erased/f/3/f333333333.yaml",
		    "akt: 1\ndossier: f333333333\n"
		    "basis: gdpr\nby:\n" BY("cia"),
		    NULL}},
		RULE_ERASE, "erased/f/3/f333333333.yaml", "there is no such dossier to erase"},
	    {"the unit's", "cia",
		{{PUT, "erased/d/0/d000000000.yaml",
		    "akt: 1\ndossier: d000000000\n"
		    "basis: gdpr\nby:\n" BY("cia"),
		    NULL}},
		RULE_ERASE, "erased/d/0/d000000000.yaml", "the unit's own dossier is not erased"},
	    {"one is not enough", "cia",
		{{PUT, STONE, ORDER(BY("cia")), NULL}, {DEL, D1_FILE, NULL, NULL},
		    {DEL, PLACEMENT, NULL, NULL}, {DEL, PLAN, NULL, NULL}},
		RULE_REMOVED, D1_FILE, gone},
	};
	static const struct op ordered[] = {{PUT, STONE, ORDER(BY("anna")), NULL}};
	static const struct rule_case confirm[] = {
	    {"confirmed", "cia",
		{{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL}, {DEL, D1_FILE, NULL, NULL},
		    {DEL, PLACEMENT, NULL, NULL}, {DEL, PLAN, NULL, NULL}},
		0, NULL, NULL},
	    {"confirmed, one file kept", "cia",
		{{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL}, {DEL, D1_FILE, NULL, NULL},
		    {DEL, PLACEMENT, NULL, NULL}},
		RULE_REMOVED, D1_FILE, gone},
	    {"confirmed by the same", "anna",
		{{PUT, STONE,
		    ORDER("- handle: anna\n"
			  "  at: 2026-05-02T08:00:00Z\n"),
		    NULL}},
		RULE_ERASE, STONE, sign},
	    {"confirmed by staff", "bo", {{PUT, STONE, ORDER(BY("anna") BY("bo")), NULL}},
		RULE_ERASE, STONE, right},
	    {"another's name struck", "cia", {{PUT, STONE, ORDER(BY("cia")), NULL}}, RULE_ERASE,
		STONE, sign},
	    {"another basis", "cia", {{SUB, STONE, "gdpr", "sol"}}, RULE_ERASE, STONE,
		"the basis of an erasure never changes"},
	    {"taken back", "anna", {{DEL, STONE, NULL, NULL}}, RULE_ERASE, STONE,
		"an erasure is never taken back"},
	    {"written after the order", "bo", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ERASE,
		PLACEMENT, writes},
	    {"key after the order", "bo", {{SUB, D1_FILE, "- unit\n- ~anna\n", "- unit\n"}},
		RULE_ERASE, D1_FILE, writes},
	};
	static const struct op final[] = {{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL}};
	static const struct rule_case clear[] = {
	    {"both ordered at once, anyone clears", "bo",
		{{DEL, D1_FILE, NULL, NULL}, {DEL, PLACEMENT, NULL, NULL}, {DEL, PLAN, NULL, NULL}},
		0, NULL, NULL},
	};
	static const struct op final_aside[] = {{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL},
	    {SEAL, PLACEMENT ".parked-0123456789abcdef", "x", NULL}};
	static const struct rule_case clear_aside[] = {
	    {"a version set aside goes with the rest", "bo",
		{{DEL, D1_FILE, NULL, NULL}, {DEL, PLACEMENT, NULL, NULL}, {DEL, PLAN, NULL, NULL},
		    {DEL, PLACEMENT ".parked-0123456789abcdef", NULL, NULL}},
		0, NULL, NULL},
	};
	static const struct op erased[] = {{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL},
	    {DEL, D1_FILE, NULL, NULL}, {DEL, PLACEMENT, NULL, NULL}, {DEL, PLAN, NULL, NULL},
	    {SUB, "members/cia.yaml", "roles:\n- staff\n- supervisor\n", "roles: []\n"}};
	static const struct rule_case again[] = {
	    {"opened again", "bo",
		{{PUT, D1_FILE, "akt: 1\ndossier: d111111111\naccess:\n- ~bo\nkeys: []\n", NULL}},
		RULE_ERASE, D1_FILE, writes},
	};

	(void)state;
	RUN(t);
	RUN_AFTER(ordered, confirm);
	RUN_AFTER(final, clear);
	RUN_AFTER(final_aside, clear_aside);
	RUN_AFTER(erased, again);
}

static void
words_in_both_languages(void **state)
{
	(void)state;
	words_stand("dossier");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records),
	    cmocka_unit_test(dossiers),
	    cmocka_unit_test(erasure),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy: dossiers", tests, NULL, NULL);
}
