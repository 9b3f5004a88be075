/* What two sides of a merge say of each other's signers (DESIGN 4): whose commits wait for an
 * administrator's word. */
#include "trail/policy_judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "trail/state_cache.h"

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

/* The word of an admin, or the recovery identity's merge. */
static bool
lets_in(const struct policy_side *c, const struct state *near)
{
	const struct member *m = NULL;

	return c->admit ||
	    (c->nparents == 2 && state_signer(near, c->signer, &m) && m->roles & ROLE_RECOVERY);
}

/* An earlier `admit` on this very side let in what it contains of devices dead by then, and so did a
 * merge by recovery: policy has judged that word, nobody need give it again. */
static int
drop_admitted(
    bool *waits, const struct policy_side *side, size_t n, const struct state *near, struct err *e)
{
	struct index *idx = xcalloc(n + 1, sizeof *idx);
	bool *mark = xcalloc(n + 1, sizeof *mark);
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		idx[i] = (struct index){side[i].id, i};
	qsort(idx, n, sizeof *idx, index_cmp);
	for (size_t i = 0; i < n && !rc; i++) {
		struct state *then = NULL;

		if (!lets_in(&side[i], near))
			continue;
		rc = state_open(&then, near->cache, &side[i].tree, e);
		if (rc)
			break;
		mark_ancestors(mark, side, idx, n, i);
		for (size_t k = 0; k < i; k++)
			if (mark[k] && waits[k] && dead(then, side[k].signer))
				waits[k] = false;
		state_close(then);
	}
	free(idx);
	free(mark);
	return rc;
}

/* Control paths that these commits themselves changed. Merges among them brought nothing of
 * their own. */
static int
touched(struct policy_paths *paths, const struct objects *o, const bool *waits,
    const struct policy_side *side, size_t n, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		struct changes c = {0};

		if (!waits[i] || side[i].nparents != 1)
			continue;
		rc = changes_read(&c, o, &side[i].parent_tree[0], &side[i].tree, e);
		for (size_t k = 0; k < c.n && !rc; k++)
			if (c.v[k].at.kind != PATH_RECORD && c.v[k].at.kind != PATH_PARKED) {
				vec_grow(paths);
				paths->v[paths->n++] = xstrdup(c.v[k].path);
			}
		changes_free(&c);
	}
	sort_unique(paths);
	return rc;
}

int
policy_need(enum policy_need *need, int *side, struct policy_paths *paths, const struct objects *o,
    const struct policy_input *in, struct err *e)
{
	bool *waits[2], waiting[2] = {false, false};
	int rc = 0;

	*paths = (struct policy_paths){0};
	for (int i = 0; i < 2; i++)
		waits[i] = xcalloc(in->nside[i] + 1, sizeof **waits);
	for (int i = 0; i < 2 && !rc; i++) {
		for (size_t k = 0; k < in->nside[i]; k++)
			waiting[i] |= waits[i][k] = dead(in->before[!i], in->side[i][k].signer);
		if (!waiting[i])
			continue;
		rc = drop_admitted(waits[i], in->side[i], in->nside[i], in->before[i], e);
		waiting[i] = false;
		for (size_t k = 0; k < in->nside[i]; k++)
			waiting[i] |= waits[i][k];
	}
	if (rc)
		goto done;
	*side = -1;
	*need = waiting[0] && waiting[1] ? POLICY_RECOVERY
	    : waiting[0] || waiting[1]   ? POLICY_ADMIT
					 : POLICY_MERGE;
	if (*need == POLICY_ADMIT) {
		*side = waiting[1];
		rc = touched(paths, o, waits[*side], in->side[*side], in->nside[*side], e);
	}
	if (rc)
		policy_paths_free(paths);
done:
	free(waits[0]);
	free(waits[1]);
	return rc;
}
