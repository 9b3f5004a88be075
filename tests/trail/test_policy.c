/* Every rule for a change with one parent, and for the root: what is allowed, what is refused
 * and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/err.h"
#include "mem.h"
#include "words.h"

enum op_kind { END, PUT, SUB, DEL, SEAL, EXE, SIGNERS };

struct op {
	enum op_kind kind;
	const char *path, *a, *b;
};

struct rule_case {
	const char *what,
	    *by; /* by: "handle" signs with its laptop; "handle.device" with that one */
	struct op op[6];
	enum policy_rule rule;
	const char *path, *text; /* text NULL: allowed */
};

static void
apply(struct mem *m, struct files *f, const struct op *op, size_t n)
{
	for (size_t i = 0; i < n && op[i].kind != END; i++)
		switch (op[i].kind) {
		case PUT:
			files_put(f, op[i].path, op[i].a);
			break;
		case SUB:
			files_sub(f, op[i].path, op[i].a, op[i].b);
			break;
		case DEL:
			files_del(f, op[i].path);
			break;
		case SEAL:
			files_seal(f, op[i].path, op[i].a);
			break;
		case EXE:
			files_put_raw(f, op[i].path, op[i].a, strlen(op[i].a), 0100755);
			break;
		case SIGNERS:
			files_signers(m, f);
			break;
		case END:
			break;
		}
}

/* The verdict on going from `before` (NULL: from nothing) to `after`, signed by `by`. */
static struct verdict
judge(struct mem *m, const struct files *before, const struct files *after, const char *by,
    void (*spoil)(struct policy_input *))
{
	struct objects o = mem_objects(m);
	struct state_cache *c = state_cache_new(&o);
	struct state *s[2] = {NULL, NULL};
	struct policy_input in = {0};
	struct verdict v = {0};
	struct err e = {0};
	const char *dot = strchr(by, '.');
	char device[80];

	in.commit.tree = files_tree(m, after);
	snprintf(in.commit.handle, sizeof in.commit.handle, "%.*s", dot ? (int)(dot - by) : 33, by);
	strcpy(in.commit.store_id, "s000000000");
	strcpy(in.commit.verb, "set");
	in.commit.time = MEM_NOW;
	snprintf(device, sizeof device, "%s%s", by, dot ? "" : ".laptop");
	mem_key(in.signer, device);
	if (before) {
		in.commit.nparents = 1;
		in.parent_tree[0] = files_tree(m, before);
		in.parent_time[0] = MEM_NOW - 60;
		assert_int_equal(state_open(&s[0], c, &in.parent_tree[0], &e), 0);
		in.before[0] = s[0];
	}
	if (state_open(&s[1], c, &in.commit.tree, &e)) {
		/* as the walk does */
		v.rule = policy_state_rule(&e);
		snprintf(v.path, sizeof v.path, "%s", e.item[0].file);
		snprintf(v.text, sizeof v.text, "%s", e.item[0].text);
	} else {
		in.after = s[1];
		if (spoil)
			spoil(&in);
		assert_int_equal(policy_judge(&v, &o, &in, &e), 0);
	}
	state_close(s[0]);
	state_close(s[1]);
	state_cache_free(c);
	return v;
}

static int
expect(const struct rule_case *t, const struct verdict *v)
{
	char *path = mem_fill(t->path ? t->path : "");
	int bad = 0;

	if (v->ok != !t->text ||
	    (t->text &&
		(v->rule != t->rule || strcmp(v->path, path) != 0 ||
		    strcmp(v->text, t->text) != 0))) {
		print_error("%s: %s %s: %s\n", t->what, v->ok ? "ok" : policy_rule_name(v->rule),
		    v->path, v->text);
		bad = 1;
	}
	free(path);
	return bad;
}

/* What is refused, in the other language too. */
static void
in_swedish(struct mem *m, const struct files *before, const struct files *after,
    const struct rule_case *t, void (*spoil)(struct policy_input *))
{
	struct verdict v;

	if (!t->text)
		return;
	words_in_swedish(1);
	v = judge(m, before, after, t->by, spoil);
	words_in_swedish(0);
	words_add(policy_rule_name(t->rule), t->text, v.text);
}

static void
run(const struct op *first, size_t nfirst, const struct rule_case *t, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct mem *m = mem_new();
		struct files before, after;
		struct verdict v;

		mem_unit(m, &before);
		apply(m, &before, first, nfirst);
		files_copy(&after, &before);
		apply(m, &after, t[i].op, 6);
		v = judge(m, &before, &after, t[i].by, NULL);
		bad += expect(&t[i], &v);
		in_swedish(m, &before, &after, &t[i], NULL);
		files_free(&before);
		files_free(&after);
		mem_free(m);
	}
	assert_int_equal(bad, 0);
}

#define RUN(t) run(NULL, 0, t, sizeof(t) / sizeof *(t))
#define RUN_AFTER(first, t) run(first, sizeof(first) / sizeof *(first), t, sizeof(t) / sizeof *(t))

#define D1 "records/d/1/d111111111/"
#define E2 "records/e/2/e222222222/"
#define PLACEMENT D1 "placement-aaaaaaaa.yaml.age"
#define PLAN D1 "plan-bbbbbbbb.yaml.age"

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
	    {"a removed member", "eva", {{SEAL, E2 "placement-cccccccc.yaml.age", "new", NULL}},
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
		v = judge(m, &before, &after, "anna", table[i].spoil);
		assert_int_equal(expect(&table[i].t, &v), 0);
		in_swedish(m, &before, &after, &table[i].t, table[i].spoil);
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
	    {"rule by admin", "fia", {{PUT, "schema/rules/late.sql", "select 2;\n", NULL}}, 0, NULL,
		NULL},
	    {"rule by staff", "bo", {{DEL, "schema/rules/late.sql", NULL, NULL}}, RULE_ADMIN,
		"schema/rules/late.sql", only},
	};

	(void)state;
	RUN(t);
}

#define NEW_DEVICE                                                                                 \
	"- id: bo.phone\n  recipient: {r:bo.phone}\n  signer: {k:bo.phone}\n"                      \
	"  added: 2026-03-02T09:14:00Z\n"
#define REVOKED "  added: 2026-03-02T09:14:00Z\n  revoked: 2026-04-01T08:00:00Z\n"
#define ADDED "  added: 2026-03-02T09:14:00Z\n"

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
		{{SUB, "members/bo.yaml", ADDED, ADDED NEW_DEVICE}, {SIGNERS, NULL, NULL, NULL}},
		RULE_ADMIN, "members/bo.yaml", only},
	    {"device by admin", "fia",
		{{SUB, "members/bo.yaml", ADDED, ADDED NEW_DEVICE}, {SIGNERS, NULL, NULL, NULL}}, 0,
		NULL, NULL},
	    {"device by recovery", "recovery",
		{{SUB, "members/bo.yaml", ADDED, ADDED NEW_DEVICE}, {SIGNERS, NULL, NULL, NULL}}, 0,
		NULL, NULL},
	    {"signers forgotten", "fia", {{SUB, "members/bo.yaml", ADDED, ADDED NEW_DEVICE}},
		RULE_SIGNERS, "allowed_signers",
		"this is not the list that the members' devices give"},
	    {"signers alone", "fia", {{PUT, "allowed_signers", "", NULL}}, RULE_SIGNERS,
		"allowed_signers", "this is not the list that the members' devices give"},
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
	    {"new team by staff", "bo",
		{{PUT, "teams/ny/{e:ny}.yaml",
		     "akt: 1\nteam: ny\nrecipient: {r:ny}\nmembers:\n- bo\n", NULL},
		    {SEAL, "teams/ny/{e:ny}.age", "n", NULL}},
		RULE_TEAM, "teams/ny/{e:ny}.yaml", "only an administrator makes a team"},
	    {"own team, two people", "fia",
		{{SUB, "teams/~bo/{e:~bo}.yaml", "- bo\n", "- bo\n- eva\n"}}, RULE_CONTROL,
		"teams/~bo/{e:~bo}.yaml", "a member's own team has that member and nobody else"},
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
	static const struct op ends[] = {{SUB, UNIT, "- dan\n", ENDS}};
	static const struct rule_case later[] = {
	    {"an end to come is carried", "bo",
		{{PUT, NEXT,
		     "akt: 1\nteam: unit\nrecipient: {r:next}\n"
		     "earlier: {e:unit}\nmembers:\n- anna\n- bo\n- cia\n" ENDS,
		     NULL},
		    {SEAL, NEXT_KEY, "n", NULL}},
		0, NULL, NULL},
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
	RUN_AFTER(ends, later);
	RUN_AFTER(gap, beyond);
}

/* --- dossiers and records ---------------------------------------------------------------- */

#define D1_FILE D1 "dossier.yaml"
#define E2_FILE E2 "dossier.yaml"
#define F3 "records/f/3/f333333333/"
#define NEW_DOSSIER(access, to)                                                                    \
	"akt: 1\ndossier: f333333333\naccess:\n" access "keys:\n- id: {h:f3}\n  for:\n" to         \
	"  file: {h:f3.1}\n"
#define OLD_KEY                                                                                    \
	"- id: {h:d111111111}\n  for:\n  - unit/{e:unit}\n  - ~anna/{e:~anna}\n"                   \
	"  file: {h:d111111111.1}\n"

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
		{{PUT, F3 "dossier.yaml", NEW_DOSSIER("- ~bo\n", "  - ~bo/{e:~bo}\n"), NULL},
		    {SEAL, F3 "placement-aaaaaaaa.yaml.age", "x", NULL}},
		0, NULL, NULL},
	    {"new by a team", "bo",
		{{PUT, F3 "dossier.yaml", NEW_DOSSIER("- vit\n", "  - vit/{e:vit}\n"), NULL}}, 0,
		NULL, NULL},
	    {"new for others", "bo",
		{{PUT, F3 "dossier.yaml", NEW_DOSSIER("- ~eva\n", "  - ~eva/{e:~eva}\n"), NULL}},
		RULE_ACCESS, F3 "dossier.yaml",
		"a new dossier's list of readers must include its maker"},
	    {"new by an auditor", "dan",
		{{PUT, F3 "dossier.yaml", NEW_DOSSIER("- ~dan\n", "  - ~dan/{e:~dan}\n"), NULL}},
		RULE_ROLE, F3 "dossier.yaml", "an auditor changes no dossier"},
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
	};
	static const struct op over[] = {
	    {SUB, D1_FILE, "keys:", "until:\n- team: unit\n  at: 2026-03-02T00:00:00Z\nkeys:"}};
	static const struct rule_case after[] = {
	    {"grant over", "bo", {{SEAL, PLACEMENT, "new", NULL}}, RULE_ACCESS, PLACEMENT,
		"the signer is not on the dossier's list of readers"},
	    {"own grant holds", "anna", {{SEAL, PLACEMENT, "new", NULL}}, 0, NULL, NULL},
	};

	(void)state;
	RUN(t);
	RUN_AFTER(over, after);
}

/* --- erasure ------------------------------------------------------------------------------- */

#define STONE "erased/d/1/d111111111.yaml"
#define ORDER(by) "akt: 1\ndossier: d111111111\nbasis: gdpr\nby:\n" by
#define BY(handle) "- handle: " handle "\n  at: 2026-05-01T08:00:00Z\n"

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
	RUN_AFTER(erased, again);
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
	    {DEL, E2 "placement-cccccccc.yaml.age", NULL, NULL},
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
		struct mem *m = mem_new();
		struct files f;
		struct verdict v;

		mem_unit(m, &f);
		apply(m, &f, lone, sizeof lone / sizeof *lone);
		apply(m, &f, t[i].op, 6);
		v = judge(m, NULL, &f, t[i].by, t[i].rule == RULE_FORMAT ? spoil_merge : NULL);
		bad += expect(&t[i], &v);
		in_swedish(m, NULL, &f, &t[i], t[i].rule == RULE_FORMAT ? spoil_merge : NULL);
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
	    cmocka_unit_test(signers),
	    cmocka_unit_test(authors),
	    cmocka_unit_test(paths),
	    cmocka_unit_test(admins),
	    cmocka_unit_test(members),
	    cmocka_unit_test(teams),
	    cmocka_unit_test(records),
	    cmocka_unit_test(dossiers),
	    cmocka_unit_test(erasure),
	    cmocka_unit_test(root),
	    cmocka_unit_test(every_rule_has_words),
	    cmocka_unit_test(lost_objects),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
