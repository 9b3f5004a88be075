/* Merges: what policy_merge_plan gives is accepted, anything else is refused and in which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "mem.h"
#include "words.h"

enum op_kind { END, PUT, SUB, DEL, SEAL, SIGNERS, COPY_OURS, COPY_THEIRS };

struct op {
	enum op_kind kind;
	const char *path, *a, *b;
};

enum { OPS = 7 };

/* One history: a base, one commit on each side, and their merge, bent by `tweak`. */
struct merge_case {
	const char *what;
	struct op ours[OPS], theirs[OPS];
	const char *signed_ours, *signed_theirs; /* NULL: anna, eva */
	const char *by, *verb;                   /* NULL: anna, merge */
	struct op tweak[OPS];
	enum policy_rule rule;
	const char *path, *text; /* text NULL: allowed */
	struct {
		const char *path, *has; /* has NULL: absent; "" only there */
	} want[4];
};

struct scene {
	struct mem *m;
	struct objects o;
	struct state_cache *c;
	struct files base, side[2], merged;
	struct policy_input in;
	struct state *state[3];
	struct oid bases[2];
	struct policy_side commit[2];
};

/* `{p}` at the end: whatever was set aside there. */
static void
del(struct files *f, const char *path)
{
	size_t n = strlen(path);

	if (n > 3 && strcmp(path + n - 3, "{p}") == 0)
		for (size_t i = 0; i < f->n; i++)
			if (strncmp(f->v[i].path, path, n - 3) == 0)
				path = f->v[i].path;
	files_del(f, path);
}

static void
apply(struct scene *s, struct files *f, const struct op *op)
{
	for (size_t i = 0; i < OPS && op[i].kind != END; i++) {
		const struct file *from = NULL;

		switch (op[i].kind) {
		case PUT:
			files_put(f, op[i].path, op[i].a);
			break;
		case SUB:
			files_sub(f, op[i].path, op[i].a, op[i].b);
			break;
		case DEL:
			del(f, op[i].path);
			break;
		case SEAL:
			files_seal(f, op[i].path, op[i].a);
			break;
		case SIGNERS:
			files_signers(s->m, f);
			break;
		case COPY_OURS:
		case COPY_THEIRS:
			from = files_get(&s->side[op[i].kind == COPY_THEIRS], op[i].path);
			assert_non_null(from);
			files_put_raw(f, op[i].path, from->text, from->n, from->mode);
			break;
		case END:
			break;
		}
	}
}

static void
put_blob(struct scene *s, struct files *f, const char *path, const struct oid *id)
{
	struct buf raw = {0};
	enum git_type type;

	assert_int_equal(s->o.read(s->o.ctx, &raw, &type, id, NULL), 0);
	files_put_raw(f, path, buf_str(&raw), raw.n, 0100644);
	buf_free(&raw);
}

/* What sync does with a plan when it may write nothing: every double record is parked. */
static void
follow(struct scene *s, const struct policy_plan *plan)
{
	struct err e = {0};

	files_copy(&s->merged, &s->side[0]);
	for (size_t i = 0; i < plan->n; i++) {
		const struct policy_step *step = &plan->v[i];
		struct oid keeps, parked;
		char *path = NULL;

		if (step->kind == STEP_RECORD) {
			assert_int_equal(policy_park(&keeps, &parked, &path, &s->o, step->path,
					     &step->id, &step->theirs, &e),
			    0);
			put_blob(s, &s->merged, step->path, &keeps);
			put_blob(s, &s->merged, path, &parked);
			free(path);
		} else if (step->absent) {
			files_del(&s->merged, step->path);
		} else if (step->kind == STEP_TAKE) {
			put_blob(s, &s->merged, step->path, &step->id);
		} else {
			files_put_raw(&s->merged, step->path, step->text, step->n, 0100644);
		}
	}
	files_signers(s->m, &s->merged);
}

static void
who(struct policy_input *in, const char *by)
{
	char device[80];

	snprintf(in->commit.handle, sizeof in->commit.handle, "%s", by);
	snprintf(device, sizeof device, "%s%s", by, ".laptop");
	mem_key(in->signer, device);
}

static void
scene_open(struct scene *s, const struct merge_case *t)
{
	const char *by[2] = {
	    t->signed_ours ? t->signed_ours : "anna", t->signed_theirs ? t->signed_theirs : "eva"};
	struct err e = {0};
	char device[80];

	memset(s, 0, sizeof *s);
	s->m = mem_new();
	s->o = mem_objects(s->m);
	s->c = state_cache_new(&s->o);
	mem_unit(s->m, &s->base);
	s->bases[0] = files_tree(s->m, &s->base);
	s->in.nbases = 1;
	s->in.base_tree = s->bases;
	for (int i = 0; i < 2; i++) {
		files_copy(&s->side[i], &s->base);
		apply(s, &s->side[i], i ? t->theirs : t->ours);
		s->in.parent_tree[i] = files_tree(s->m, &s->side[i]);
		assert_int_equal(state_open(&s->state[i], s->c, &s->in.parent_tree[i], &e), 0);
		s->in.before[i] = s->state[i];
		s->commit[i] = (struct policy_side){
		    .tree = s->in.parent_tree[i], .nparents = 1, .parent_tree = {s->bases[0]}};
		s->commit[i].id.b[0] = (uint8_t)(i + 1);
		snprintf(device, sizeof device, "%s.laptop", by[i]);
		mem_key(s->commit[i].signer, device);
		s->in.side[i] = &s->commit[i];
		s->in.nside[i] = 1;
	}
	s->in.commit.nparents = 2;
	s->in.commit.merge_rules = 1;
	s->in.commit.time = MEM_NOW;
	strcpy(s->in.commit.store_id, "s000000000");
	strcpy(s->in.commit.verb, t->verb ? t->verb : "merge");
	who(&s->in, t->by ? t->by : "anna");
}

static void
scene_close(struct scene *s)
{
	for (int i = 0; i < 3; i++)
		state_close(s->state[i]);
	state_cache_free(s->c);
	files_free(&s->base);
	files_free(&s->side[0]);
	files_free(&s->side[1]);
	files_free(&s->merged);
	mem_free(s->m);
}

static struct verdict
scene_judge(struct scene *s)
{
	struct verdict v = {0};
	struct err e = {0};

	s->in.commit.tree = files_tree(s->m, &s->merged);
	assert_int_equal(state_open(&s->state[2], s->c, &s->in.commit.tree, &e), 0);
	s->in.after = s->state[2];
	assert_int_equal(policy_judge(&v, &s->o, &s->in, &e), 0);
	return v;
}

static void
scene_plan(struct scene *s)
{
	struct policy_plan plan;
	struct err e = {0};
	int rc = policy_merge_plan(&plan, &s->o, &s->in, NULL, NULL, &e);

	if (rc)
		fail_msg("plan: %s %s", e.item[0].file, e.item[0].text);
	follow(s, &plan);
	policy_plan_free(&plan);
}

static int
wanted(const struct scene *s, const struct merge_case *t)
{
	int bad = 0;

	for (size_t i = 0; i < 4 && t->want[i].path; i++) {
		char *path = mem_fill(t->want[i].path),
		     *has = t->want[i].has ? mem_fill(t->want[i].has) : NULL;
		const struct file *f = files_get(&s->merged, path);

		if (!f != !has || (f && !strstr(f->text, has))) {
			print_error("%s: %s:\n%s\n", t->what, path, f ? f->text : "(absent)");
			bad = 1;
		}
		free(path);
		free(has);
	}
	return bad;
}

static int
run_one(const struct merge_case *t, bool swap)
{
	struct merge_case c = *t;
	struct scene s;
	struct verdict v;
	char *path;
	int bad = 0;

	if (swap) {
		memcpy(c.ours, t->theirs, sizeof c.ours);
		memcpy(c.theirs, t->ours, sizeof c.theirs);
		c.signed_ours = t->signed_theirs ? t->signed_theirs : "eva";
		c.signed_theirs = t->signed_ours ? t->signed_ours : "anna";
		for (size_t i = 0; i < OPS; i++)
			if (t->tweak[i].kind == COPY_OURS || t->tweak[i].kind == COPY_THEIRS)
				c.tweak[i].kind =
				    t->tweak[i].kind == COPY_OURS ? COPY_THEIRS : COPY_OURS;
	}
	scene_open(&s, &c);
	scene_plan(&s);
	apply(&s, &s.merged, c.tweak);
	v = scene_judge(&s);
	path = mem_fill(t->path ? t->path : "");
	if (v.ok != !t->text ||
	    (t->text &&
		(v.rule != t->rule || strcmp(v.path, path) != 0 || strcmp(v.text, t->text) != 0))) {
		print_error("%s%s: %s %s: %s\n", t->what, swap ? " (swapped)" : "",
		    v.ok ? "ok" : policy_rule_name(v.rule), v.path, v.text);
		bad = 1;
	}
	bad |= wanted(&s, t);
	if (t->text) {
		words_in_swedish(1);
		state_close(s.state[2]);
		v = scene_judge(&s);
		words_in_swedish(0);
		words_add(policy_rule_name(t->rule), t->text, v.text);
	}
	free(path);
	scene_close(&s);
	return bad;
}

static void
run(const struct merge_case *t, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += run_one(&t[i], false) + run_one(&t[i], true);
	assert_int_equal(bad, 0);
}

#define RUN(t) run(t, sizeof(t) / sizeof *(t))

#define D1 "records/d/1/d111111111/"
#define E2 "records/e/2/e222222222/"
#define D1_FILE D1 "dossier.yaml"
#define PLACEMENT D1 "placement-aaaaaaaa.yaml.age"
#define PLAN D1 "plan-bbbbbbbb.yaml.age"
#define ADDED "  added: 2026-03-02T09:14:00Z\n"
#define REVOKED ADDED "  revoked: 2026-04-01T08:00:00Z\n"

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
		.tweak = {{SEAL, E2 "placement-cccccccc.yaml.age", "x", NULL}},
		.rule = RULE_MERGE,
		.path = E2 "placement-cccccccc.yaml.age",
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
	    {.what = "a stray file",
		.ours = {{SEAL, PLACEMENT, "o", NULL}},
		.theirs = {{SEAL, PLAN, "t", NULL}},
		.tweak = {{PUT, D1 "x", "x", NULL}},
		.rule = RULE_PATH,
		.path = D1 "x",
		.text = "no file of a store is named so"},
	};

	(void)state;
	RUN(t);
}

#define STONE "erased/d/1/d111111111.yaml"
#define ORDER(by) "akt: 1\ndossier: d111111111\nbasis: gdpr\nby:\n" by
#define BY(handle) "- handle: " handle "\n  at: 2026-05-01T08:00:00Z\n"
#define ERASED                                                                                     \
	{PUT, STONE, ORDER(BY("anna") BY("cia")), NULL}, {DEL, D1_FILE, NULL, NULL},               \
	    {DEL, PLACEMENT, NULL, NULL},                                                          \
	{                                                                                          \
		DEL, PLAN, NULL, NULL                                                              \
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
	RUN(t);
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
	RUN(t);
}

/* Ours revoked eva's laptop, which signed on the other side. */
#define EVA_OUT                                                                                    \
	{                                                                                          \
		SUB, "members/eva.yaml", ADDED, REVOKED                                            \
	}
#define FIA_DOWN                                                                                   \
	{                                                                                          \
		SUB, "members/fia.yaml", "- admin\n", "- staff\n"                                  \
	}
#define PHONE                                                                                      \
	"- id: bo.phone\n  recipient: {r:bo.phone}\n  signer: {k:bo.phone}\n" ADDED
#define EVA_FILE E2 "placement-cccccccc.yaml.age"

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
		.want = {{"teams/vit/{e:vit2}.yaml", NULL}, {"teams/vit/{e:vit2}.age", ""}}},
	    {.what = "a key file wrapped anew does not come",
		.ours = {EVA_OUT},
		.theirs = {{SEAL, "teams/vit/{e:vit}.age", "again", NULL}},
		.verb = "admit",
		.want = {{"teams/vit/{e:vit}.age", ""}}},
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
	RUN(t);
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
			apply(&s, &made, (struct op[OPS]){t.theirs[k]});
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

/* Two merge bases: changed against either of them is changed. */
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
		words_in_swedish(1);
		state_close(s.state[2]);
		v = scene_judge(&s);
		words_in_swedish(0);
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
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct scene s;
		struct verdict v;

		scene_open(&s, &t[i]);
		if (i == 0)
			who(&s.in, "cia");
		scene_plan(&s);
		v = scene_judge(&s);
		if (!v.ok || v.nnotices != 1 || strcmp(v.notice[0], t[i].text) != 0) {
			print_error("%s: %s %s, %zu: %s\n", t[i].what, v.ok ? "ok" : v.path, v.text,
			    v.nnotices, v.notice[0]);
			bad++;
		}
		words_in_swedish(1);
		state_close(s.state[2]);
		v = scene_judge(&s);
		words_in_swedish(0);
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
	    cmocka_unit_test(control),
	    cmocka_unit_test(admit),
	    cmocka_unit_test(made_by_what_waits),
	    cmocka_unit_test(admitted_before),
	    cmocka_unit_test(two_bases),
	    cmocka_unit_test(rules_of_another_version),
	    cmocka_unit_test(notices),
	    cmocka_unit_test(words_in_both_languages),
	};

	return cmocka_run_group_tests_name("policy merge", tests, NULL, NULL);
}
