/* What a merge must hold (DESIGN 4, 5), computed without keys: sync builds it, policy checks it. */
#include "trail/policy_judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "trail/state_cache.h"

/* --- one control file ------------------------------------------------------------- */

static bool
same_text(struct merge_text a, struct merge_text b)
{
	if (!a.p || !b.p)
		return !a.p && !b.p;
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static int
key_cmp(const struct dossier_key *a, const struct dossier_key *b)
{
	int cmp = memcmp(a->id, b->id, 32);

	return cmp ? cmp : memcmp(a->file, b->file, 32);
}

/* `stays` with the keys of `waiting` added: what was written under them could not be read else. */
static int
add_keys(struct buf *out, const char *path, struct merge_text stays, struct merge_text waiting,
    struct err *e)
{
	struct dossier *a = NULL, *b = NULL, both;
	size_t i = 0, k = 0;
	int rc;

	rc = state_read_dossier(&a, path, stays.p, stays.n, e);
	if (!rc)
		rc = state_read_dossier(&b, path, waiting.p, waiting.n, e);
	if (rc)
		goto done;
	both = *a;
	both.nkeys = 0;
	both.keys = xcalloc(a->nkeys + b->nkeys + 1, sizeof *both.keys);
	while (i < a->nkeys || k < b->nkeys) {
		int cmp = i == a->nkeys ? 1
		    : k == b->nkeys     ? -1
					: key_cmp(&a->keys[i], &b->keys[k]);

		both.keys[both.nkeys++] = cmp <= 0 ? a->keys[i] : b->keys[k];
		i += cmp <= 0;
		k += cmp >= 0;
	}
	state_format_dossier(out, &both);
	free(both.keys);
done:
	state_free_dossier(a);
	state_free_dossier(b);
	return rc;
}

/* A control file that the side which waits to be admitted changed too: the other side's stands, except that a dossier's keys
 * unite, and that the key file of an epoch made there is taken. It says nothing of who is in the team, and without it what was
 * written under it is lost. */
static int
merge_waiting(struct buf *out, const struct change *c, struct merge_text stays, struct merge_text waiting,
    struct err *e)
{
	if (c->kind == PATH_DOSSIER)
		return add_keys(out, c->path, stays, waiting, e);
	if (!stays.p)
		stays = waiting;
	buf_add(out, stays.p, stays.n);
	return 0;
}

/* Several bases are one: this same merge of them, with nothing before it (DESIGN 5). */
static int
fold(struct buf *out, struct merge_text *one, const char *path, const struct merge_text *base,
    size_t nbases, struct err *e)
{
	const struct merge_text none = {0};
	int rc = 0;

	*one = nbases ? base[0] : none;
	for (size_t i = 1; i < nbases && !rc; i++) {
		struct buf next = {0};
		bool absent = false;

		if (same_text(*one, base[i]))
			continue;
		rc = merge_control(&next, &absent, path, none, *one, base[i], NULL, NULL, e);
		buf_free(out);
		*out = next;
		*one = absent ? none : (struct merge_text){buf_str(out), out->n};
	}
	return rc;
}

/* --- the plan --------------------------------------------------------------------- */

struct value {
	bool has;
	struct oid id;
};

struct planner {
	const struct objects *o;
	const struct policy_input *in;
	struct policy_plan *plan;
	struct changes sides; /* parent 0 to parent 1 */
	struct changes *base; /* each base to parent 0 */
	merge_report_fn report;
	void *ctx;
	/* the dossier looked at last */
	char dossier[11];
	bool erased, absent[2];
	struct err *e;
};

static bool
same_value(struct value a, struct value b)
{
	return a.has == b.has && (!a.has || oid_equal(&a.id, &b.id));
}

static bool
is_waiting(const struct planner *p, const char *path)
{
	return policy_paths_have(&p->plan->paths, path);
}

/* What stands at the path in base i: parent 0's, unless the two differ there. */
static struct value
in_base(const struct planner *p, size_t i, const struct change *c)
{
	const struct change *b = changes_find(&p->base[i], c->path);

	return b ? (struct value){b->had, b->old} : (struct value){c->had, c->old};
}

/* An erasure carried out on either side stands in the merge, also where it waits to be admitted: its
 * keys are gone from the hub and from whoever synced, and nobody gets them back. One that became final
 * only by both sides' orders is carried out by the next change. */
static int
look_at_dossier(struct planner *p, const char *dossier)
{
	const struct policy_input *in = p->in;
	int rc = 0;

	if (strcmp(p->dossier, dossier) == 0)
		return 0;
	p->erased = false;
	for (int i = 0; i < 2 && !rc; i++) {
		const struct dossier *d = NULL;
		const struct tombstone *t = NULL;
		struct err inner = {0};

		rc = state_dossier(in->before[i], &d, dossier, &inner);
		p->absent[i] = rc == ERR_NOTFOUND;
		if (p->absent[i]) {
			err_clear(&inner);
			rc = state_tombstone(in->before[i], &t, dossier, &inner);
			p->erased |= !rc;
		}
		if (rc == ERR_NOTFOUND)
			rc = 0;
		else if (rc)
			err_append(p->e, &inner);
	}
	if (!rc)
		memcpy(p->dossier, dossier, sizeof p->dossier);
	return rc;
}

static struct policy_step *
add_step(struct planner *p, const struct change *c, enum policy_step_kind kind)
{
	struct policy_plan *plan = p->plan;

	vec_grow(plan);
	plan->v[plan->n] = (struct policy_step){.kind = kind, .path = xstrdup(c->path)};
	return &plan->v[plan->n++];
}

static void
want(struct planner *p, const struct change *c, struct value v)
{
	struct policy_step *s;

	if (same_value(v, (struct value){c->had, c->old}))
		return; /* as parent 0 has it */
	s = add_step(p, c, STEP_TAKE);
	s->absent = !v.has;
	s->id = v.id;
}

static int
read_value(
    struct planner *p, struct buf *raw, struct merge_text *t, const char *path, struct value v)
{
	int rc = 0;

	*t = (struct merge_text){0};
	if (!v.has)
		return 0;
	rc = objects_read(p->o, raw, GIT_BLOB, &v.id, path, p->e);
	if (!rc)
		*t = (struct merge_text){buf_str(raw), raw->n};
	return rc;
}

/* One side changed since every base, else both are merged over the bases folded in commit-id order. */
static int
merge_both(struct buf *out, bool *absent, const struct planner *p, const char *path,
    const struct merge_text *base, struct merge_text ours, struct merge_text theirs)
{
	size_t nbases = p->in->nbases;
	bool ours_same = nbases > 0, theirs_same = nbases > 0;
	struct merge_text one;
	struct buf folded = {0};
	int rc = 0;

	for (size_t i = 0; i < nbases; i++) {
		ours_same &= same_text(ours, base[i]);
		theirs_same &= same_text(theirs, base[i]);
	}
	if (same_text(ours, theirs) || theirs_same) {
		buf_add(out, ours.p, ours.n);
	} else if (ours_same) {
		buf_add(out, theirs.p, theirs.n);
	} else {
		rc = fold(&folded, &one, path, base, nbases, p->e);
		if (!rc)
			rc = merge_control(out, absent, path, one, ours, theirs, p->report, p->ctx, p->e);
	}
	buf_free(&folded);
	return rc;
}

/* An epoch's file says from now on that its key was given away. */
static int
spend(struct buf *out, const char *path, struct err *e)
{
	struct epoch *ep = NULL;
	int rc = state_read_epoch(&ep, path, buf_str(out), out->n, e);

	if (rc)
		return rc;
	ep->spent = true;
	buf_free(out);
	state_format_epoch(out, ep);
	state_free_epoch(ep);
	return 0;
}

static int
plan_text(struct planner *p, const struct change *c, bool waiting)
{
	size_t nbases = p->in->nbases;
	struct buf *raw = xcalloc(nbases + 2, sizeof *raw), out = {0};
	struct merge_text *t = xcalloc(nbases + 2, sizeof *t);
	struct policy_step *s;
	int side = p->plan->waiting;
	struct oid id = {0};
	bool absent = false;
	int rc;

	rc = read_value(p, &raw[0], &t[0], c->path, (struct value){c->had, c->old});
	if (!rc)
		rc = read_value(p, &raw[1], &t[1], c->path, (struct value){c->has, c->new});
	for (size_t i = 0; i < nbases && !rc; i++)
		rc = read_value(p, &raw[2 + i], &t[2 + i], c->path, in_base(p, i, c));
	if (!rc && waiting)
		rc = merge_waiting(&out, c, t[!side], t[side], p->e);
	else if (!rc)
		rc = merge_both(&out, &absent, p, c->path, t + 2, t[0], t[1]);
	if (!rc && !absent && policy_paths_have(&p->plan->spent, c->path))
		rc = spend(&out, c->path, p->e);
	if (rc)
		goto done;
	oid_hash(&id, GIT_BLOB, buf_str(&out), out.n);
	if (same_value((struct value){!absent, id}, (struct value){c->had, c->old}))
		goto done;
	s = add_step(p, c, STEP_TEXT);
	s->absent = absent;
	s->id = id;
	s->n = out.n;
	s->text = absent ? NULL : buf_take(&out);
done:
	for (size_t i = 0; i < nbases + 2; i++)
		buf_free(&raw[i]);
	free(raw);
	free(t);
	buf_free(&out);
	return rc;
}

/* A file of a dossier where both sides changed it. */
static void
plan_both(struct planner *p, const struct change *c, bool in_some_base)
{
	struct policy_step *s;

	if (c->had && c->has) {
		s = add_step(p, c, STEP_RECORD);
		s->id = c->old;
		s->theirs = c->new;
		return;
	}
	/* a version set aside that one side has worked in is gone; nothing else can go */
	if (c->kind == PATH_PARKED && in_some_base)
		want(p, c, (struct value){0});
	else if (c->has)
		want(p, c, (struct value){true, c->new});
}

static int
plan_path(struct planner *p, const struct change *c)
{
	const struct value ours = {c->had, c->old}, theirs = {c->has, c->new};
	bool ours_same = p->in->nbases > 0, theirs_same = ours_same, based = false;
	bool control = c->kind != PATH_RECORD && c->kind != PATH_PARKED;
	bool waiting = control && is_waiting(p, c->path);
	int rc = 0;

	if (c->kind == PATH_BAD || c->kind == PATH_SIGNERS)
		return 0;
	for (size_t i = 0; i < p->in->nbases; i++) {
		struct value b = in_base(p, i, c);

		ours_same &= same_value(ours, b);
		theirs_same &= same_value(theirs, b);
		based |= b.has;
	}
	if (*c->dossier) {
		rc = look_at_dossier(p, c->dossier);
		if (rc)
			return rc;
		waiting &= c->kind != PATH_TOMBSTONE || !p->erased;
	}
	if (*c->dossier && c->kind != PATH_TOMBSTONE) {
		if (p->erased) {
			want(p, c, (struct value){0});
			return 0;
		}
		/* one side never had it, or lost it by an erasure that is not let in */
		if (p->absent[0] || p->absent[1]) {
			want(p, c, p->absent[0] ? theirs : ours);
			return 0;
		}
	}
	if (waiting && (c->kind == PATH_DOSSIER || c->kind == PATH_EPOCH_KEY))
		return plan_text(p, c, true);
	/* unless an epoch goes that was not let in with its side before */
	if (policy_paths_have(&p->plan->spent, c->path) &&
	    (waiting || !((ours_same && !theirs.has) || (theirs_same && !ours.has))))
		return plan_text(p, c, waiting);
	if (waiting)
		want(p, c, p->plan->waiting ? ours : theirs);
	else if (ours_same)
		want(p, c, theirs);
	else if (theirs_same)
		want(p, c, ours);
	else if (control)
		return plan_text(p, c, false);
	else
		plan_both(p, c, based);
	return 0;
}

/* --- all of it --------------------------------------------------------------------- */

/* An epoch's file that both sides have alike. */
static int
plan_spent(struct planner *p, const char *path)
{
	struct change c = {.path = (char *)path, .had = true, .has = true};
	int rc = objects_file(p->o, NULL, &c.old, &p->in->parent_tree[0], path, p->e);

	c.new = c.old;
	return rc ? rc : plan_text(p, &c, false);
}

/* Steps in the order of their paths. */
static int
plan_paths(struct planner *p)
{
	const struct policy_paths *spent = &p->plan->spent;
	size_t k = 0;
	int rc = 0;

	for (size_t i = 0; i <= p->sides.n && !rc; i++) {
		const struct change *c = i < p->sides.n ? &p->sides.v[i] : NULL;

		for (; !rc && k < spent->n && (!c || strcmp(spent->v[k], c->path) < 0); k++)
			rc = plan_spent(p, spent->v[k]);
		k += c && k < spent->n && strcmp(spent->v[k], c->path) == 0;
		if (!rc && c)
			rc = plan_path(p, c);
	}
	return rc;
}

int
policy_merge_plan(struct policy_plan *out, const struct objects *o, const struct policy_input *in,
    merge_report_fn report, void *ctx, struct err *e)
{
	struct policy_plan plan = {.waiting = -1};
	struct planner p = {.o = o, .in = in, .plan = &plan, .report = report, .ctx = ctx, .e = e};
	int rc;

	p.base = xcalloc(in->nbases + 1, sizeof *p.base);
	rc = policy_need(&plan, o, in, e);
	if (!rc)
		rc = changes_read(&p.sides, o, &in->parent_tree[0], &in->parent_tree[1], e);
	for (size_t i = 0; i < in->nbases && !rc; i++)
		rc = changes_read(&p.base[i], o, &in->base_tree[i], &in->parent_tree[0], e);
	if (!rc) {
		policy_find_spent(&plan, in, &p.sides);
		rc = plan_paths(&p);
	}
	for (size_t i = 0; i < in->nbases; i++)
		changes_free(&p.base[i]);
	free(p.base);
	changes_free(&p.sides);
	if (rc)
		policy_plan_free(&plan);
	else
		*out = plan;
	return rc;
}

void
policy_plan_free(struct policy_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].text);
	}
	free(p->v);
	policy_paths_free(&p->paths);
	policy_paths_free(&p->spent);
	free(p->shut);
	*p = (struct policy_plan){.waiting = -1};
}

int
policy_park(struct oid *keeps, struct oid *parked, char **path, const struct objects *o,
    const char *record_path, const struct oid *a, const struct oid *b, struct err *e)
{
	const struct oid *small = oid_cmp(a, b) < 0 ? a : b, *large = small == a ? b : a;
	struct buf raw = {0};
	uint8_t digest[32];
	char hex[17];
	int rc;

	rc = objects_read(o, &raw, GIT_BLOB, large, record_path, e);
	if (!rc) {
		hash_sha256(digest, buf_str(&raw), raw.n);
		hash_hex(hex, digest, 8);
		*path = xasprintf("%s.parked-%s", record_path, hex);
		*keeps = *small;
		*parked = *large;
	}
	buf_free(&raw);
	return rc;
}
