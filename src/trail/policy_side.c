/* What two sides of a merge say of each other's signers (DESIGN 4): whose commits wait for an
 * administrator's word. Who was revoked or removed on one side waits with all that they did on the
 * other; who only ceased to be an administrator, with what only administrators do. */
#include "trail/policy_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "trail/state_cache.h"

enum why {
	FREE,
	SHUT_OUT, /* the signer was revoked or removed on the other side */
	DEMOTED,  /* no administrator there any more, and did what only one does */
	BROUGHT,  /* a device that came in by what waits itself */
};

/* One side, looked at from the other. */
struct view {
	const struct objects *o;
	const struct policy_input *in;
	const struct policy_side *side;
	size_t n;
	const struct state *mine, *other;
	struct state **base; /* in->nbases of them, once one was asked for; else NULL */
	enum why *why;       /* of each commit */
	size_t ntainted, tainted_cap;
	char (*tainted)[34]; /* members whose files a waiting commit changed */
	struct err *e;
};

/* Revoked, or its member removed. A device that the state never knew is not dead. */
static bool
dead(const struct state *s, const uint8_t signer[32])
{
	const struct member *m = NULL;
	const struct device *d = state_signer(s, signer, &m);

	return d && (d->revoked || !m->roles);
}

void
policy_paths_free(struct policy_paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
	*p = (struct policy_paths){0};
}

static int
path_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
policy_paths_have(const struct policy_paths *p, const char *path)
{
	return p->n && bsearch(&path, p->v, p->n, sizeof *p->v, path_cmp);
}

static void
sort_unique(struct policy_paths *p)
{
	size_t kept = 0;

	if (p->n < 2)
		return;
	qsort(p->v, p->n, sizeof *p->v, path_cmp);
	for (size_t i = 0; i < p->n; i++) {
		if (kept && strcmp(p->v[kept - 1], p->v[i]) == 0)
			free(p->v[i]);
		else
			p->v[kept++] = p->v[i];
	}
	p->n = kept;
}

struct index {
	struct oid id;
	size_t at;
};

static int
index_cmp(const void *a, const void *b)
{
	return oid_cmp(&((const struct index *)a)->id, &((const struct index *)b)->id);
}

/* mark[k] for every commit of the side that commit `at` contains. */
static void
mark_ancestors(
    bool *mark, const struct policy_side *side, const struct index *idx, size_t n, size_t at)
{
	memset(mark, 0, n);
	mark[at] = true;
	/* parents stand before children, so one pass down is enough */
	for (size_t k = at + 1; k-- > 0;)
		for (size_t i = 0; mark[k] && i < side[k].nparents && i < 2; i++) {
			struct index key = {.id = side[k].parent[i]};
			const struct index *hit = bsearch(&key, idx, n, sizeof *idx, index_cmp);

			if (hit)
				mark[hit->at] = true;
		}
}

/* An administrator's word, or recovery's: what it lets in nobody need let in again. */
static bool
lets_in(const struct view *v, size_t i)
{
	const struct member *m = NULL;

	if (v->why[i] != FREE)
		return false;
	if (v->side[i].admit)
		return true;
	state_signer(v->mine, v->side[i].signer, &m);
	return v->side[i].nparents == 2 && m && m->roles & ROLE_RECOVERY;
}

static bool
still_waits(const struct state *then, enum why why, const struct policy_side *s)
{
	const struct member *m = NULL;
	const struct device *d = state_signer(then, s->signer, &m);

	switch (why) {
	case SHUT_OUT:
		return !dead(then, s->signer);
	case DEMOTED:
		return d && m->roles & ROLE_ADMIN;
	case BROUGHT:
		return d;
	case FREE:
		break;
	}
	return false;
}

/* An earlier `admit` on this very side let in what it contains of devices shut out by then: policy
 * has judged that admin's word, nobody need give it again. */
static int
drop_admitted(struct view *v)
{
	struct index *idx = xcalloc(v->n + 1, sizeof *idx);
	bool *mark = xcalloc(v->n + 1, sizeof *mark);
	int rc = 0;

	for (size_t i = 0; i < v->n; i++)
		idx[i] = (struct index){v->side[i].id, i};
	qsort(idx, v->n, sizeof *idx, index_cmp);
	for (size_t i = 0; i < v->n && !rc; i++) {
		struct state *then = NULL;

		if (!lets_in(v, i))
			continue;
		rc = state_open(&then, v->mine->cache, &v->side[i].tree, v->e);
		if (rc)
			break;
		mark_ancestors(mark, v->side, idx, v->n, i);
		for (size_t k = 0; k < i; k++)
			if (mark[k] && !still_waits(then, v->why[k], &v->side[k]))
				v->why[k] = FREE;
		state_close(then);
	}
	free(idx);
	free(mark);
	return rc;
}

/* --- whose rights ended ------------------------------------------------------------- */

static int
open_bases(struct view *v)
{
	int rc = 0;

	if (v->base)
		return 0;
	v->base = xcalloc(v->in->nbases + 1, sizeof *v->base);
	for (size_t i = 0; i < v->in->nbases && !rc; i++)
		rc = state_open(&v->base[i], v->mine->cache, &v->in->base_tree[i], v->e);
	return rc;
}

static void
view_free(struct view *v)
{
	for (size_t i = 0; v->base && i < v->in->nbases; i++)
		state_close(v->base[i]);
	free(v->base);
	free(v->tainted);
	free(v->why);
}

static bool
is_tainted(const struct view *v, const char *handle)
{
	for (size_t i = 0; i < v->ntainted; i++)
		if (strcmp(v->tainted[i], handle) == 0)
			return true;
	return false;
}

/* Members whose devices or roles may come from what waits. */
static int
taint(struct view *v, const struct policy_side *s)
{
	struct changes c = {0};
	int rc = s->nparents == 1
	    ? changes_read(&c, v->o, &s->parent_tree[0], &s->tree, v->e)
	    : 0;

	for (size_t i = 0; i < c.n && !rc; i++) {
		const struct storepath at = change_at(&c.v[i]);

		if (at.kind != PATH_MEMBER || is_tainted(v, at.name))
			continue;
		if (v->ntainted == v->tainted_cap) {
			v->tainted_cap = v->tainted_cap ? v->tainted_cap * 2 : 4;
			v->tainted = xrealloc(v->tainted, v->tainted_cap, sizeof *v->tainted);
		}
		snprintf(v->tainted[v->ntainted++], sizeof *v->tainted, "%.33s", at.name);
	}
	changes_free(&c);
	return rc;
}

/* Ceased to be an administrator on the other side, or is one on this side by what waits alone. */
static int
demoted(struct view *v, bool *yes, const struct member *me)
{
	const struct member *there = state_member(v->other, me->handle);
	int rc = 0;

	*yes = false;
	if (there && there->roles & ROLE_ADMIN)
		return 0;
	*yes = is_tainted(v, me->handle);
	if (!*yes && there)
		rc = open_bases(v);
	for (size_t i = 0; !rc && !*yes && there && i < v->in->nbases; i++) {
		const struct member *was = state_member(v->base[i], me->handle);

		*yes = was && was->roles & ROLE_ADMIN;
	}
	return rc;
}

/* No base knows it, nor the other side. */
static int
brought(struct view *v, bool *yes, const struct policy_side *s, const struct member *me)
{
	int rc = 0;

	*yes = is_tainted(v, me->handle) && !state_signer(v->other, s->signer, NULL);
	if (*yes)
		rc = open_bases(v);
	for (size_t i = 0; !rc && *yes && i < v->in->nbases; i++)
		*yes = !state_signer(v->base[i], s->signer, NULL);
	return rc;
}

static int
look_at(struct view *v, size_t k)
{
	const struct policy_side *s = &v->side[k];
	const struct member *me = NULL;
	bool yes = false, admin = false;
	int rc = 0;

	if (dead(v->other, s->signer)) {
		v->why[k] = SHUT_OUT;
	} else if (state_signer(v->mine, s->signer, &me) && !(me->roles & ROLE_RECOVERY)) {
		rc = brought(v, &yes, s, me);
		if (!rc && yes)
			v->why[k] = BROUGHT;
		else if (!rc)
			rc = demoted(v, &yes, me);
		if (!rc && yes && !v->why[k]) {
			rc = policy_needs_admin(&admin, v->o, s, v->mine->cache, v->e);
			v->why[k] = admin ? DEMOTED : FREE;
		}
	}
	return !rc && v->why[k] ? taint(v, s) : rc;
}

/* Control paths that these commits themselves changed. Merges among them brought nothing of
 * their own. */
static int
touched(struct policy_paths *paths, const struct view *v)
{
	int rc = 0;

	for (size_t i = 0; i < v->n && !rc; i++) {
		struct changes c = {0};

		if (!v->why[i] || v->side[i].nparents != 1)
			continue;
		rc = changes_read(&c, v->o, &v->side[i].parent_tree[0], &v->side[i].tree, v->e);
		for (size_t k = 0; k < c.n && !rc; k++)
			if (c.v[k].kind != PATH_RECORD && c.v[k].kind != PATH_PARKED) {
				vec_grow(paths);
				paths->v[paths->n++] = xstrdup(c.v[k].path);
			}
		changes_free(&c);
	}
	sort_unique(paths);
	return rc;
}

static void
note_signer(struct policy_plan *plan, const uint8_t signer[32])
{
	for (size_t i = 0; i < plan->nshut; i++)
		if (memcmp(plan->shut[i], signer, 32) == 0)
			return;
	plan->shut = xrealloc(plan->shut, plan->nshut + 1, sizeof *plan->shut);
	memcpy(plan->shut[plan->nshut++], signer, 32);
}

static int
look(struct view *v, bool *waits, struct policy_plan *plan)
{
	int rc = 0;

	v->why = xcalloc(v->n + 1, sizeof *v->why);
	for (size_t k = 0; k < v->n && !rc; k++) {
		rc = look_at(v, k);
		*waits |= v->why[k] != FREE;
	}
	if (rc || !*waits)
		return rc;
	rc = drop_admitted(v);
	*waits = false;
	for (size_t k = 0; k < v->n && !rc; k++)
		if (v->why[k]) {
			*waits = true;
			note_signer(plan, v->side[k].signer);
		}
	return rc;
}

int
policy_need(struct policy_plan *plan, const struct objects *o, const struct policy_input *in,
    struct err *e)
{
	struct view v[2];
	bool waits[2] = {false, false};
	int rc = 0;

	for (int i = 0; i < 2; i++)
		v[i] = (struct view){.o = o, .in = in, .side = in->side[i], .n = in->nside[i],
			.mine = in->before[i], .other = in->before[!i], .e = e};
	for (int i = 0; i < 2 && !rc; i++)
		rc = look(&v[i], &waits[i], plan);
	plan->need = waits[0] && waits[1] ? POLICY_RECOVERY
	    : waits[0] || waits[1]    ? POLICY_ADMIT
				      : POLICY_MERGE;
	if (!rc && plan->need == POLICY_ADMIT) {
		plan->waiting = waits[1];
		rc = touched(&plan->paths, &v[plan->waiting]);
	}
	view_free(&v[0]);
	view_free(&v[1]);
	return rc;
}
