/* Applicators in place (section 10.2): the same value under further subschemas. */
#include "schema/run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { FEW = 64 };

bool
run_branch(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	unsigned char few[FEW] = {0};
	unsigned char *own = !marks ? NULL : n->n <= FEW ? few : xcalloc(n->n, 1);
	struct diags *out = r->out;
	unsigned mismatch = r->mismatch;
	bool ok;

	r->out = NULL;
	ok = run_check(r, s, n, at, own);
	r->out = out;
	r->mismatch = mismatch;
	for (size_t i = 0; ok && own && i < n->n; i++)
		marks[i] |= own[i];
	if (own != few)
		free(own);
	return ok;
}

/* How far a failed branch got: 0 the value itself is of another kind, 1 one of its fields
 * tells that another branch was meant (`kind: {const: a}`), 2 further. */
static unsigned
distance(const struct run *r, const struct frame *at)
{
	return r->mismatch <= at->depth ? 0 : r->mismatch == at->depth + 1 ? 1 : 2;
}

/* No branch of anyOf or oneOf fits. If one got clearly furthest, its findings help; several
 * at once would contradict each other. */
static bool
fail_branches(struct run *r, const struct subs *list, const struct node *n,
    const struct frame *at)
{
	struct diags best = {0}, *out = r->out;
	unsigned best_distance = 0, outer = r->mismatch;
	bool tie = true, fixed = true;

	if (!out)
		return false;
	for (size_t i = 0; i < list->n && !r->gave_up; i++) {
		struct diags found = {0};
		unsigned d;

		fixed = fixed && (list->v[i]->constant || list->v[i]->enumeration);
		r->out = &found;
		r->mismatch = UINT_MAX;
		run_check(r, list->v[i], n, at, NULL);
		d = distance(r, at);
		if (i == 0 || d > best_distance || (d == best_distance && found.n < best.n)) {
			diags_free(&best);
			best = found;
			best_distance = d;
			tie = false;
			continue;
		}
		tie = tie || (d == best_distance && found.n == best.n);
		diags_free(&found);
	}
	r->out = out;
	r->mismatch = outer;
	if (list->n > 1 && best_distance == 0) {
		if (at->depth < r->mismatch)
			r->mismatch = at->depth;
		tie = true;
	}
	if (tie && fixed)
		run_fail(r, n->line, n->column, at, _("is not one of the allowed values"));
	else if (tie)
		run_fail(r, n->line, n->column, at, _("fits none of the forms allowed here"));
	for (size_t i = 0; !tie && i < best.n; i++)
		diags_add(out, best.v[i].file, best.v[i].line, best.v[i].column,
		    best.v[i].path, "%s", best.v[i].text);
	diags_free(&best);
	return false;
}

/* anyOf: every branch is tried where its marks are wanted, else up to the first that fits. */
static bool
check_any(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	bool fits = false;

	for (size_t i = 0; i < s->any.n && (!fits || marks); i++)
		fits = run_branch(r, s->any.v[i], n, at, marks) || fits;
	if (fits)
		return true;
	/* that a field is unknown would be noise beside this */
	if (marks)
		memset(marks, 1, n->n);
	return fail_branches(r, &s->any, n, at);
}

static bool
check_one(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	size_t fits = 0;

	for (size_t i = 0; i < s->one.n && fits < 2; i++)
		fits += run_branch(r, s->one.v[i], n, at, marks);
	if (fits == 1)
		return true;
	if (marks)
		memset(marks, 1, n->n);
	if (fits > 1)
		return run_fail(r, n->line, n->column, at,
		    _("fits more than one of the forms, of which it must fit exactly one"));
	return fail_branches(r, &s->one, n, at);
}

static bool
check_not(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	const char *text = run_text(&s->neither->akt.message);

	if (!run_branch(r, s->neither, n, at, NULL))
		return !r->gave_up;
	return run_fail(r, n->line, n->column, at, "%s",
	    text ? text : _("has a form that the schema forbids"));
}

bool
run_in_place(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks)
{
	bool ok = true;

	if (s->ref)
		RUN_TRY(r, ok, run_check(r, s->ref, n, at, marks));
	for (size_t i = 0; i < s->all.n; i++)
		RUN_TRY(r, ok, run_check(r, s->all.v[i], n, at, marks));
	if (s->any.n)
		RUN_TRY(r, ok, check_any(r, s, n, at, marks));
	if (s->one.n)
		RUN_TRY(r, ok, check_one(r, s, n, at, marks));
	if (s->neither)
		RUN_TRY(r, ok, check_not(r, s, n, at));
	if (s->when) {
		bool holds = run_branch(r, s->when, n, at, marks);
		const struct sub *next = holds ? s->then : s->otherwise;

		if (next)
			RUN_TRY(r, ok, run_check(r, next, n, at, marks));
	}
	for (size_t i = 0; n->kind == NODE_MAP && i < s->dependents.n; i++)
		if (node_get(n, s->dependents.v[i].name))
			RUN_TRY(r, ok, run_check(r, s->dependents.v[i].sub, n, at, marks));
	return ok;
}
