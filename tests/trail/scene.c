#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "words.h"

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

		if (step->kind == STEP_RECORD) {
			continue;
		} else if (step->absent) {
			files_del(&s->merged, step->path);
		} else if (step->kind == STEP_TAKE) {
			put_blob(s, &s->merged, step->path, &step->id);
		} else {
			files_put_raw(&s->merged, step->path, step->text, step->n, 0100644);
		}
	}
	/* after the others: what one side took away may be set aside again */
	for (size_t i = 0; i < plan->n; i++) {
		const struct policy_step *step = &plan->v[i];
		struct oid keeps, parked;
		char *path = NULL;

		if (step->kind != STEP_RECORD)
			continue;
		assert_int_equal(policy_park(&keeps, &parked, &path, &s->o, step->path, &step->id,
				     &step->theirs, &e),
		    0);
		put_blob(s, &s->merged, step->path, &keeps);
		put_blob(s, &s->merged, path, &parked);
		free(path);
	}
	files_signers(s->m, &s->merged);
}

void
scene_by(struct scene *s, const char *by)
{
	struct policy_input *in = &s->in;
	char device[80];

	snprintf(in->commit.handle, sizeof in->commit.handle, "%s", by);
	snprintf(device, sizeof device, "%s%s", by, ".laptop");
	mem_key(in->signer, device);
}

void
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
		ops_apply(s->m, &s->side[i], i ? t->theirs : t->ours, SCENE_OPS, NULL);
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
	scene_by(s, t->by ? t->by : "anna");
}

void
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

struct verdict
scene_judge(struct scene *s)
{
	struct verdict v = {0};
	struct err e = {0};

	state_close(s->state[2]);
	s->in.commit.tree = files_tree(s->m, &s->merged);
	assert_int_equal(state_open(&s->state[2], s->c, &s->in.commit.tree, &e), 0);
	s->in.after = s->state[2];
	assert_int_equal(policy_judge(&v, &s->o, &s->in, &e), 0);
	return v;
}

struct verdict
scene_judge_in_swedish(struct scene *s)
{
	struct verdict v;

	words_in_swedish(1);
	v = scene_judge(s);
	words_in_swedish(0);
	return v;
}

void
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

		if (!f != !has || (f && !strstr(f->text, has)) || (f && !i && t->lacks && strstr(f->text, t->lacks))) {
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
		for (size_t i = 0; i < SCENE_OPS; i++)
			if (t->tweak[i].kind == COPY_OURS || t->tweak[i].kind == COPY_THEIRS)
				c.tweak[i].kind =
				    t->tweak[i].kind == COPY_OURS ? COPY_THEIRS : COPY_OURS;
	}
	scene_open(&s, &c);
	scene_plan(&s);
	ops_apply(s.m, &s.merged, c.tweak, SCENE_OPS, s.side);
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
		v = scene_judge_in_swedish(&s);
		words_add(policy_rule_name(t->rule), t->text, v.text);
	}
	free(path);
	scene_close(&s);
	return bad;
}

void
scene_run(const struct merge_case *t, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += run_one(&t[i], false) + run_one(&t[i], true);
	assert_int_equal(bad, 0);
}
