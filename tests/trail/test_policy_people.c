/* Every rule for who signs, for members, teams, the store's own file and schemas: what is allowed, what is refused and in which
 * words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules.h"
#include "words.h"

/* --- who signs ---------------------------------------------------------------------- */

static void
signers(void **state)
{
	static const struct op first[] = {
	    {SUB, "members/bo.yaml", "  added: 2026-03-02T09:14:00Z\n",
		"  added: 2026-03-02T09:14:00Z\n  revoked: 2026-04-01T08:00:00Z\n"},
	    {SUB, "members/eva.yaml", "roles:\n- staff\n", "roles: []\n"},
	};
	static const struct rule_case t[] = {
	    {"a save", "anna", {{SEAL, PLACEMENT, "new", NULL}}, 0, NULL, NULL},
	    {"nobody's key", "anna.phone", {{SEAL, PLACEMENT, "new", NULL}}, RULE_SIGNER, NULL,
		"the key that signed belongs to no device of the store"},
	    {"a revoked device", "bo", {{SEAL, PLACEMENT, "new", NULL}}, RULE_SIGNER, NULL,
		"the device that signed was revoked"},
	    {"a removed member", "eva", {{SEAL, EVA_FILE, "new", NULL}},
		RULE_SIGNER, NULL, "the signer was no longer a member"},
	    {"nothing", "anna", {{END, NULL, NULL, NULL}}, RULE_RECORD, NULL,
		"this changes nothing"},
	};

	(void)state;
	RUN_AFTER(first, t);
}

static void
spoil_author(struct policy_input *in)
{
	strcpy(in->commit.handle, "bo");
}

static void
spoil_store(struct policy_input *in)
{
	strcpy(in->commit.store_id, "s111111111");
}

static void
spoil_merge(struct policy_input *in)
{
	in->commit.merge_rules = 1;
}

static void
authors(void **state)
{
	static const struct {
		void (*spoil)(struct policy_input *);
		struct rule_case t;
	} table[] = {
	    {spoil_author,
		{"another's name", "anna", {{0}}, RULE_AUTHOR, NULL,
		    "the author is not the member whose device signed"}},
	    {spoil_store,
		{"another store", "anna", {{0}}, RULE_AUTHOR, NULL,
		    "the author belongs to another store"}},
	    {spoil_merge,
		{"no merge", "anna", {{0}}, RULE_FORMAT, NULL,
		    "a change with one parent says that it is a merge"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct mem *m = mem_new();
		struct files before, after;
		struct verdict v;

		mem_unit(m, &before);
		files_copy(&after, &before);
		files_seal(&after, PLACEMENT, "new");
		v = rules_judge(m, &before, &after, "anna", table[i].spoil);
		assert_int_equal(rules_expect(&table[i].t, &v), 0);
		rules_in_swedish(m, &before, &after, &table[i].t, table[i].spoil);
		files_free(&before);
		files_free(&after);
		mem_free(m);
	}
}

/* --- paths --------------------------------------------------------------------------- */

static void
paths(void **state)
{
	static const struct rule_case t[] = {
	    {"a name", "anna", {{PUT, D1 "Anna Andersson.txt", "x", NULL}}, RULE_PATH,
		D1 "Anna Andersson.txt", "no file of a store is named so"},
	    {"bytes for a terminal", "anna", {{PUT, D1 "a\x1b[2J", "x", NULL}}, RULE_PATH,
		D1 "a?[2J", "no file of a store is named so"},
	    {"a byte that is no letter", "anna", {{PUT, D1 "a\x7f", "x", NULL}}, RULE_PATH, D1 "a?",
		"no file of a store is named so"},
	    {"an executable", "anna", {{EXE, PLACEMENT, "x", NULL}}, RULE_PATH, PLACEMENT,
		"this is not an ordinary file"},
	    {"in another's folder", "anna",
		{{SEAL, "records/d/2/d111111111/placement-aaaaaaaa.yaml.age", "x", NULL}},
		RULE_PATH, "records/d/2/d111111111/placement-aaaaaaaa.yaml.age",
		"no file of a store is named so"},
	    {"beside the store", "fia", {{PUT, "README", "x", NULL}}, RULE_PATH, "README",
		"does not belong in a store"},
	};

	(void)state;
	RUN(t);
}

/* --- what admins keep ----------------------------------------------------------------- */

static void
admins(void **state)
{
	static const char only[] = "only an administrator changes this";
	static const struct rule_case t[] = {
	    {"name by admin", "fia", {{SUB, "store.yaml", "name: Barn och ungdom", "name: Unga"}},
		0, NULL, NULL},
	    {"name by staff", "bo", {{SUB, "store.yaml", "name: Barn och ungdom", "name: Unga"}},
		RULE_ADMIN, "store.yaml", only},
	    {"name by recovery", "recovery", {{SUB, "store.yaml", "Barn och ungdom", "Unga"}},
		RULE_ADMIN, "store.yaml", "the recovery identity changes members and teams only"},
	    {"store id", "fia", {{SUB, "store.yaml", "s000000000", "s000000001"}}, RULE_CONTROL,
		"store.yaml", "a store's id and its unit's dossier never change"},
	    {"unit's dossier", "fia", {{SUB, "store.yaml", "d000000000", "d111111111"}},
		RULE_CONTROL, "store.yaml", "a store's id and its unit's dossier never change"},
	    {"store not canonical", "fia",
		{{SUB, "store.yaml", "language: sv", "language: sv\nx: 1"}}, RULE_CONTROL,
		"store.yaml", "is not in canonical form, or has a field that does not belong here"},
	    {"schema by admin", "fia",
		{{PUT, "schema/plan.yaml", "x-akt: {write: [supervisor]}\n", NULL}}, 0, NULL, NULL},
	    {"schema by supervisor", "cia", {{PUT, "schema/plan.yaml", "type: object\n", NULL}},
		RULE_ADMIN, "schema/plan.yaml", only},
	    {"schema for nobody", "fia",
		{{PUT, "schema/plan.yaml", "x-akt: {write: [boss]}\n", NULL}}, RULE_CONTROL,
		"schema/plan.yaml", "1:17: x-akt.write: is neither a role nor team:NAME"},
	    {"schema taken back", "fia", {{DEL, "schema/plan.yaml", NULL, NULL}}, 0, NULL, NULL},
	    {"rule by admin", "fia", {{PUT, "schema/rules/late.sql", "select 2;\n", NULL}}, 0, NULL,
		NULL},
	    {"rule by staff", "bo", {{DEL, "schema/rules/late.sql", NULL, NULL}}, RULE_ADMIN,
		"schema/rules/late.sql", only},
	};

	(void)state;
	RUN(t);
}

static void
members(void **state)
{
	static const char only[] = "only an administrator changes this";
	static const struct rule_case t[] = {
	    {"role by admin", "fia",
		{{SUB, "members/bo.yaml", "- staff\n", "- staff\n- supervisor\n"}}, 0, NULL, NULL},
	    {"own role", "bo", {{SUB, "members/bo.yaml", "- staff\n", "- staff\n- supervisor\n"}},
		RULE_ADMIN, "members/bo.yaml", only},
	    {"own device", "bo",
		{{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL}},
		RULE_ADMIN, "members/bo.yaml", only},
	    {"device by admin", "fia",
		{{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL}}, 0,
		NULL, NULL},
	    {"device by recovery", "recovery",
		{{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL}}, 0,
		NULL, NULL},
	    {"signers forgotten", "fia", {{SUB, "members/bo.yaml", ADDED, ADDED PHONE}},
		RULE_SIGNERS, "allowed_signers",
		"this is not the list that the members' devices give"},
	    {"signers alone", "fia", {{PUT, "allowed_signers", "", NULL}}, RULE_SIGNERS,
		"allowed_signers", "this is not the list that the members' devices give"},
	    {"signers of another hand", "fia", {{SUB, "members/bo.yaml", ADDED, ADDED PHONE}, {SIGNERS, NULL, NULL, NULL},
		{SUB, "members/bo.yaml", "{k:bo.phone}", "{k:bo.other}"}},
		RULE_SIGNERS, "allowed_signers", "this is not the list that the members' devices give"},
	    {"signers gone", "fia", {{DEL, "allowed_signers", NULL, NULL}}, RULE_SIGNERS,
		"allowed_signers", "this is not the list that the members' devices give"},
	    {"another's key", "fia",
		{{SUB, "members/bo.yaml", ADDED,
		    ADDED
		    "- id: bo.phone\n  recipient: {r:bo.phone}\n  signer: {k:eva.laptop}\n" ADDED}},
		RULE_CONTROL, "members", "two devices have the same signing key"},
	    {"revoke", "fia", {{SUB, "members/bo.yaml", ADDED, REVOKED}}, 0, NULL, NULL},
	    {"file gone", "fia",
		{{DEL, "members/bo.yaml", NULL, NULL}, {SIGNERS, NULL, NULL, NULL}}, RULE_ADMIN,
		"members/bo.yaml", "a member never disappears; their roles are taken away"},
	    {"removed", "fia", {{SUB, "members/bo.yaml", "roles:\n- staff\n", "roles: []\n"}}, 0,
		NULL, NULL},
	    {"device gone", "fia",
		{{SUB, "members/bo.yaml", "bo.laptop", "bo.tablet"}, {SIGNERS, NULL, NULL, NULL}},
		RULE_ADMIN, "members/bo.yaml",
		"a device never disappears from its member; it is revoked"},
	    {"signing key", "fia",
		{{SUB, "members/bo.yaml", "{k:bo.laptop}", "{k:bo.other}"},
		    {SIGNERS, NULL, NULL, NULL}},
		RULE_ADMIN, "members/bo.yaml", "a device's keys never change"},
	    {"reading key", "fia", {{SUB, "members/bo.yaml", "{r:bo.laptop}", "{r:bo.other}"}},
		RULE_ADMIN, "members/bo.yaml", "a device's keys never change"},
	    {"day it came", "fia", {{SUB, "members/bo.yaml", "2026-03-02T", "2026-03-01T"}},
		RULE_ADMIN, "members/bo.yaml", "a device's keys never change"},
	    {"recovery's roles", "fia",
		{{SUB, "members/recovery.yaml", "- recovery\n", "- admin\n"}}, RULE_CONTROL,
		"members/recovery.yaml", "the recovery identity alone has the role recovery"},
	    {"recovery revoked", "fia", {{SUB, "members/recovery.yaml", ADDED, REVOKED}},
		RULE_ADMIN, "members/recovery.yaml",
		"only the recovery identity changes the recovery identity"},
	    {"recovery revokes itself", "recovery", {{SUB, "members/recovery.yaml", ADDED, REVOKED}}, 0, NULL, NULL},
	    {"an admin less", "fia",
		{{SUB, "members/fia.yaml", "roles:\n- admin\n", "roles: []\n"}}, 0, NULL, NULL},
	    {"no admin", "fia",
		{{SUB, "members/fia.yaml", "roles:\n- admin\n", "roles: []\n"},
		    {SUB, "members/anna.yaml", ADDED, REVOKED}},
		RULE_ADMIN, "members",
		"nobody would be left who is an administrator with a working device"},
	};
	static const struct op none[] = {
	    {SUB, "members/fia.yaml", "- admin\n", "- staff\n"},
	    {SUB, "members/anna.yaml", "- admin\n- staff\n", "- staff\n"},
	    {SUB, "members/bo.yaml", ADDED, REVOKED},
	};
	static const struct rule_case mend[] = {
	    {"recovery gives roles to who is revoked", "recovery",
		{{SUB, "members/bo.yaml", "- staff\n", "- staff\n- supervisor\n"}}, 0, NULL, NULL},
	    {"recovery names an admin", "recovery",
		{{SUB, "members/fia.yaml", "- staff\n", "- admin\n"}}, 0, NULL, NULL},
	    {"revoked stays", "recovery", {{SUB, "members/bo.yaml", REVOKED, ADDED}}, RULE_ADMIN,
		"members/bo.yaml", "a revoked device stays revoked"},
	    {"revoked earlier", "recovery",
		{{SUB, "members/bo.yaml", "2026-04-01T", "2026-03-30T"}}, RULE_ADMIN,
		"members/bo.yaml", "a revoked device stays revoked"},
	    {"recovery writes", "recovery", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ADMIN, PLACEMENT,
		"the recovery identity changes members and teams only"},
	};

	(void)state;
	RUN(t);
	RUN_AFTER(none, mend);
}

/* --- teams ---------------------------------------------------------------------------- */

#define UNIT "teams/unit/{e:unit}.yaml"
#define UNIT_KEY "teams/unit/{e:unit}.age"
#define NEXT "teams/unit/{e:next}.yaml"
#define NEXT_KEY "teams/unit/{e:next}.age"
#define EPOCH(members)                                                                             \
	"akt: 1\nteam: unit\nrecipient: {r:next}\nearlier: {e:unit}\nmembers:\n" members
#define ENDED "- dan\nuntil:\n- handle: bo\n  at: 2026-04-01T08:00:00Z\n"
#define ENDS "- dan\nuntil:\n- handle: bo\n  at: 2036-04-01T08:00:00Z\n"

static void
teams(void **state)
{
	static const char who[] = "only an administrator says who is in a team";
	static const char chain[] =
	    "a new epoch names the one before it, and the first of a team names none";
	static const char stated[] =
	    "the next epoch must have exactly the members that an administrator stated";
	static const struct rule_case t[] = {
	    {"add", "fia", {{SUB, UNIT, "- dan\n", "- dan\n- eva\n"}}, 0, NULL, NULL},
	    {"add by staff", "bo", {{SUB, UNIT, "- dan\n", "- dan\n- eva\n"}}, RULE_TEAM, UNIT,
		who},
	    {"end", "fia", {{SUB, UNIT, "- dan\n", ENDED}}, 0, NULL, NULL},
	    {"strike", "fia", {{SUB, UNIT, "- bo\n", ""}}, RULE_TEAM, UNIT,
		"nobody is struck from an epoch that they had the key of; `until` ends a "
		"membership"},
	    {"add by recovery", "recovery", {{SUB, UNIT, "- dan\n", "- dan\n- eva\n"}}, 0, NULL, NULL},
	    {"another chain", "fia", {{SUB, UNIT, "members:", "earlier: {e:vit}\nmembers:"}},
		RULE_TEAM, UNIT, "the key of a team's epoch and the epoch before it never change"},
	    {"epoch gone", "fia", {{DEL, UNIT, NULL, NULL}}, RULE_TEAM, UNIT,
		"an epoch of a team never disappears"},
	    {"key of no epoch", "fia", {{SEAL, NEXT_KEY, "n", NULL}}, RULE_TEAM, NEXT_KEY,
		"the key file belongs to no epoch"},
	    {"key gone", "fia", {{DEL, UNIT_KEY, NULL, NULL}}, RULE_TEAM, UNIT_KEY,
		"the key file of a team's epoch never disappears"},
	    {"both gone", "fia",
		{{DEL, "teams/vit/{e:vit}.yaml", NULL, NULL},
		    {DEL, "teams/vit/{e:vit}.age", NULL, NULL}},
		RULE_TEAM, "teams/vit/{e:vit}.age",
		"the key file of a team's epoch never disappears"},
	    {"wrap", "dan", {{SEAL, UNIT_KEY, "again", NULL}}, 0, NULL, NULL},
	    {"wrap by admin", "fia", {{SEAL, UNIT_KEY, "again", NULL}}, 0, NULL, NULL},
	    {"wrap by recovery", "recovery", {{SEAL, UNIT_KEY, "again", NULL}}, 0, NULL, NULL},
	    {"wrap by another", "eva", {{SEAL, UNIT_KEY, "again", NULL}}, RULE_TEAM, UNIT_KEY,
		"only an administrator or a member of the team wraps its key"},
	    {"wrap nothing", "bo", {{PUT, UNIT_KEY, "junk", NULL}}, RULE_TEAM, UNIT_KEY,
		"this is not an encrypted file"},
	    {"next", "bo",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		0, NULL, NULL},
	    {"next by another", "eva",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, "only an administrator or a member of the team renews its key"},
	    {"next with one more", "bo",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n- eva\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	    {"next with one less", "bo",
		{{PUT, NEXT, EPOCH("- bo\n- cia\n- dan\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	    {"next with an end of its own", "bo",
		{{PUT, NEXT,
		     EPOCH("- anna\n- bo\n- cia\n- dan\nuntil:\n"
			   "- handle: anna\n  at: 2036-04-01T08:00:00Z\n"),
		     NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	    {"next by admin", "fia",
		{{PUT, NEXT, EPOCH("- anna\n- eva\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}}, 0, NULL,
		NULL},
	    {"next by recovery", "recovery",
		{{PUT, NEXT, EPOCH("- anna\n- eva\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}}, 0, NULL, NULL},
	    {"next without key", "bo", {{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL}},
		RULE_TEAM, NEXT, "the epoch's key file is missing"},
	    {"a second first", "fia",
		{{PUT, NEXT, "akt: 1\nteam: unit\nrecipient: {r:next}\nmembers: []\n", NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, chain},
	    {"after none", "fia",
		{{PUT, NEXT,
		     "akt: 1\nteam: unit\nrecipient: {r:next}\nearlier: {e:vit}\n"
		     "members: []\n",
		     NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, chain},
	    {"another name", "fia",
		{{PUT, "teams/unit/{e:other}.yaml", EPOCH("- anna\n"), NULL},
		    {SEAL, "teams/unit/{e:other}.age", "n", NULL}},
		RULE_CONTROL, "teams/unit/{e:other}.yaml",
		"does not fit its place: what the file says of itself is not what its path says"},
	    {"new team", "fia",
		{{PUT, "teams/ny/{e:ny}.yaml",
		     "akt: 1\nteam: ny\nrecipient: {r:ny}\nmembers:\n- eva\n", NULL},
		    {SEAL, "teams/ny/{e:ny}.age", "n", NULL}},
		0, NULL, NULL},
	    {"new team after another's", "fia",
		{{PUT, "teams/ny/{e:ny}.yaml",
		     "akt: 1\nteam: ny\nrecipient: {r:ny}\nearlier: {e:vit}\nmembers:\n- eva\n", NULL},
		    {SEAL, "teams/ny/{e:ny}.age", "n", NULL}},
		RULE_TEAM, "teams/ny/{e:ny}.yaml", chain},
	    {"two epochs of a new team at once", "fia",
		{{PUT, "teams/ny/{e:ny}.yaml",
		     "akt: 1\nteam: ny\nrecipient: {r:ny}\nearlier: {e:ny1}\nmembers:\n- eva\n", NULL},
		    {SEAL, "teams/ny/{e:ny}.age", "n", NULL},
		    {PUT, "teams/ny/{e:ny1}.yaml", "akt: 1\nteam: ny\nrecipient: {r:ny1}\nmembers:\n- eva\n", NULL},
		    {SEAL, "teams/ny/{e:ny1}.age", "n1", NULL}},
		0, NULL, NULL},
	    {"new team by staff", "bo",
		{{PUT, "teams/ny/{e:ny}.yaml",
		     "akt: 1\nteam: ny\nrecipient: {r:ny}\nmembers:\n- bo\n", NULL},
		    {SEAL, "teams/ny/{e:ny}.age", "n", NULL}},
		RULE_TEAM, "teams/ny/{e:ny}.yaml", "only an administrator makes a team"},
	    {"own team, two people", "fia",
		{{SUB, "teams/~bo/{e:~bo}.yaml", "- bo\n", "- bo\n- eva\n"}}, RULE_CONTROL,
		"teams/~bo/{e:~bo}.yaml", "a member's own team has that member and nobody else"},
	};
	static const struct op spent[] = {{SUB, UNIT, "- dan\n", "- dan\nspent: true\n"}};
	static const struct rule_case given_away[] = {
	    {"a key given away stays so", "fia", {{SUB, UNIT, "spent: true\n", ""}}, RULE_TEAM, UNIT,
		"a key that was handed on by work which was not let in stays given away"},
	    {"whoever comes", "fia", {{SUB, UNIT, "- dan\n", "- dan\n- eva\n"}}, 0, NULL, NULL},
	    {"until the next", "bo",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}},
		0, NULL, NULL},
	};
	static const struct op ended[] = {{SUB, UNIT, "- dan\n", ENDED}};
	static const struct rule_case after[] = {
	    {"without the one who left", "cia",
		{{PUT, NEXT, EPOCH("- anna\n- cia\n- dan\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}},
		0, NULL, NULL},
	    {"with the one who left", "cia",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	    {"by the one who left", "bo",
		{{PUT, NEXT, EPOCH("- anna\n- cia\n- dan\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, "only an administrator or a member of the team renews its key"},
	    {"wrapped by the one who left", "bo", {{SEAL, UNIT_KEY, "again", NULL}}, RULE_TEAM,
		UNIT_KEY, "only an administrator or a member of the team wraps its key"},
	    {"read by the one who left", "bo", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ACCESS,
		PLACEMENT, "the signer is not on the dossier's list of readers"},
	};
	/* two keys whose names are the same eight digits, found by search */
	static const struct op named[] = {
	    {PUT, "teams/ny/{e:c99770}.yaml", "akt: 1\nteam: ny\nrecipient: {r:c99770}\nmembers:\n- eva\n", NULL},
	    {SEAL, "teams/ny/{e:c99770}.age", "n", NULL}};
	static const struct rule_case alike[] = {
	    {"another key of the same name", "fia",
		{{SUB, "teams/ny/{e:c99770}.yaml", "{r:c99770}", "{r:c101328}"}}, RULE_TEAM,
		"teams/ny/{e:c99770}.yaml", "the key of a team's epoch and the epoch before it never change"},
	};
	/* epochs in a circle, which policy lets nobody make: what follows on them is refused, and nothing hangs */
	static const struct op round[] = {
	    {PUT, UNIT, "akt: 1\nteam: unit\nrecipient: {r:unit}\nearlier: {e:ring}\nmembers:\n- anna\n- bo\n", NULL},
	    {PUT, "teams/unit/{e:ring}.yaml",
		"akt: 1\nteam: unit\nrecipient: {r:ring}\nearlier: {e:unit}\nmembers:\n- anna\n- bo\n", NULL},
	    {SEAL, "teams/unit/{e:ring}.age", "r", NULL}};
	static const struct rule_case in_a_circle[] = {
	    {"next after a circle", "fia", {{PUT, NEXT, EPOCH("- anna\n- bo\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, chain},
	};
	static const struct op ends[] = {{SUB, UNIT, "- dan\n", ENDS}};
	static const struct rule_case later[] = {
	    {"an end to come is carried", "bo",
		{{PUT, NEXT,
		     "akt: 1\nteam: unit\nrecipient: {r:next}\n"
		     "earlier: {e:unit}\nmembers:\n- anna\n- bo\n- cia\n" ENDS,
		     NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		0, NULL, NULL},
	    {"an end to come is moved", "bo",
		{{PUT, NEXT,
		     EPOCH("- anna\n- bo\n- cia\n- dan\nuntil:\n- handle: bo\n  at: 2036-05-01T08:00:00Z\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	    {"an end to come is another's", "bo",
		{{PUT, NEXT,
		     EPOCH("- anna\n- bo\n- cia\n- dan\nuntil:\n- handle: cia\n  at: 2036-04-01T08:00:00Z\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	    {"an end to come is dropped", "bo",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, stated},
	};

	/* the epoch before was made by a revoked device, and an admin did not let it in */
	static const struct op gap[] = {
	    {PUT, UNIT, "akt: 1\nteam: unit\nrecipient: {r:unit}\nearlier: aaaaaaaa\nmembers:\n"
			"- anna\n- bo\n- cia\n- dan\n", NULL}};
	static const struct rule_case beyond[] = {
	    {"next after a gap", "bo",
		{{PUT, NEXT, EPOCH("- anna\n- bo\n- cia\n- dan\n"), NULL}, {SEAL, NEXT_KEY, "n", NULL}}, 0,
		NULL, NULL},
	    {"next that names what is missing", "bo",
		{{PUT, NEXT,
		     "akt: 1\nteam: unit\nrecipient: {r:next}\nearlier: aaaaaaaa\nmembers:\n"
		     "- anna\n- bo\n- cia\n- dan\n",
		     NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		RULE_TEAM, NEXT, chain},
	};

	(void)state;
	RUN(t);
	RUN_AFTER(ended, after);
	RUN_AFTER(named, alike);
	RUN_AFTER(round, in_a_circle);
	RUN_AFTER(ends, later);
	RUN_AFTER(gap, beyond);
	RUN_AFTER(spent, given_away);
}

static void
words_in_both_languages(void **state)
{
	(void)state;
	words_stand("people");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signers),
	    cmocka_unit_test(authors),
	    cmocka_unit_test(paths),
	    cmocka_unit_test(admins),
	    cmocka_unit_test(members),
	    cmocka_unit_test(teams),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy: people", tests, NULL, NULL);
}
