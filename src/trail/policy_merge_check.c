/* The verdict on a merge: every path is what policy_merge_plan says. */
#include "trail/policy_judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "trail/state_cache.h"

int
policy_may_merge_record(
    bool *may, const struct policy_input *in, const char *path, const char *handle, struct err *e)
{
	struct storepath at;
	bool ok = true;

	storepath_parse(&at, path);
	for (int i = 0; i < 2; i++) {
		const struct state *s = in->before[i];
		const struct member *m = state_member(s, handle);
		const struct dossier *d = NULL;
		/* where one side has no such dossier, the plan has nothing to merge in it */
		int rc = state_dossier(s, &d, at.dossier, e);

		if (rc)
			return rc;
		ok &= m && state_may_read(s, d, handle, in->commit.time);
		if (ok && !state_may_write_type(s, at.type, m, in->commit.time)) {
			rc = state_look_type(s, at.type, e);
			if (rc)
				return rc;
			ok = false;
		}
	}
	*may = ok;
	return 0;
}

/* Whose word the merge needs, and whether this signer's is it. */
static int
judge_word(struct judge *j, const struct policy_plan *plan)
{
	const char *verb = j->in->commit.verb;
	bool admit = strcmp(verb, "admit") == 0;

	if (!admit && strcmp(verb, "merge") != 0)
		return judge_breach(j, RULE_FORMAT, NULL, _("a merge says `merge` or `admit`"));
	switch (plan->need) {
	case POLICY_RECOVERY:
		if (!j->recovery)
			return judge_breach(j, RULE_ADMIT, NULL,
			    _("each side took the other's rights away: only the recovery identity "
			      "merges them"));
		return 0;
	case POLICY_ADMIT:
		if (!admit || !j->admin)
			return judge_breach(j, RULE_ADMIT, NULL,
			    _("one side took away the rights of somebody who used them on the "
			      "other: an administrator must admit it"));
		break;
	case POLICY_MERGE:
		if (admit)
			return judge_breach(
			    j, RULE_ADMIT, NULL, _("there is nothing to admit here"));
		break;
	}
	if (j->recovery)
		return judge_breach(j, RULE_ADMIT, NULL,
		    _("the recovery identity merges only sides that took each other's rights away"));
	return 0;
}

/* --- records that both sides changed ---------------------------------------------- */

/* True when the merge has this blob at the path. */
static int
stands(struct judge *j, bool *yes, const char *path, const struct oid *id)
{
	const struct change *c = changes_find(&j->changes, path);
	struct err inner = {0};
	struct oid old;
	int rc = 0;

	*yes = false;
	if (c) {
		*yes = c->has && oid_equal(&c->new, id);
		return 0;
	}
	rc = objects_file(j->o, NULL, &old, &j->in->parent_tree[0], path, &inner);
	if (!rc)
		*yes = oid_equal(&old, id);
	else if (rc != ERR_NOTFOUND)
		err_append(j->e, &inner);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* Parked: a copy of both sides' versions, one beside the other. Else the signer must be one who may
 * write there; that what they stored is the merge, those who can read check (DESIGN 4). */
static int
judge_both(struct judge *j, const struct policy_step *s, struct policy_paths *parked)
{
	const struct change *c = changes_find(&j->changes, s->path);
	struct oid keeps, aside, now = c ? c->new : s->id;
	char *path = NULL;
	bool beside = false, may = false, fresh;
	int rc = 0;

	if (c && !c->has)
		return judge_breach(j, RULE_REMOVED, s->path, _("a record is lost in a merge"));
	fresh = !oid_equal(&now, &s->id) && !oid_equal(&now, &s->theirs);
	rc = policy_park(&keeps, &aside, &path, j->o, s->path, &s->id, &s->theirs, j->e);
	if (!rc && oid_equal(&now, &keeps))
		rc = stands(j, &beside, path, &aside);
	if (rc)
		goto done;
	if (beside) {
		vec_grow(parked);
		parked->v[parked->n++] = path;
		return 0;
	}
	rc = policy_may_merge_record(&may, j->in, s->path, j->me->handle, j->e);
	if (!rc && !may)
		rc = fresh
		    ? judge_breach(j, RULE_ACCESS, s->path,
			  _("the signer may not write this record, so it is set aside, not merged"))
		    : judge_breach(j, RULE_MERGE, s->path,
			  _("one of the two versions of a record is neither merged nor set aside"));
	if (!rc && fresh)
		rc = judge_age_file(j, RULE_RECORD, c, 1);
done:
	free(path);
	return rc;
}

/* --- path by path ----------------------------------------------------------------- */

static int
unlike(struct judge *j, const char *path, bool absent, bool waiting)
{
	const struct tombstone *t = NULL;
	struct storepath at;
	enum storepath_kind kind = storepath_parse(&at, path);

	if (!absent && *at.dossier && kind != PATH_TOMBSTONE) {
		int rc = judge_find_tombstone(j, &t, j->after, at.dossier);

		if (rc)
			return rc;
		if (t && state_tombstone_signed(j->after, t))
			return judge_breach(j, RULE_ERASE, path, _("what was erased comes back"));
	}
	if (waiting)
		return judge_breach(
		    j, RULE_ADMIT, path, _("what somebody changed here who had no right to it any more is not let in"));
	if (absent)
		return judge_breach(j, RULE_REMOVED, path, _("a file is lost in a merge"));
	if (kind == PATH_RECORD || kind == PATH_PARKED)
		return judge_breach(
		    j, RULE_MERGE, path, _("this is not what the only side that changed it has"));
	return judge_breach(
	    j, RULE_MERGE_CONTROL, path, _("this is not what merging both sides gives"));
}

static bool
listed(const struct policy_paths *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i], path) == 0)
			return true;
	return false;
}

static int
judge_step(struct judge *j, const struct policy_step *s, const struct policy_paths *waiting,
    struct policy_paths *parked)
{
	const struct change *c = changes_find(&j->changes, s->path);

	if (s->kind == STEP_RECORD)
		return judge_both(j, s, parked);
	/* gone from there, and set aside again by this merge: the record stood before it in the plan */
	if (listed(parked, s->path))
		return 0;
	/* a step is always something else than parent 0 has */
	if (!c || c->has == s->absent || (c->has && !oid_equal(&c->new, &s->id)))
		return unlike(j, s->path, c && !c->has, policy_paths_have(waiting, s->path));
	return 0;
}

/* The step of a path, NULL when parent 0's version stands. */
static const struct policy_step *
step_of(const struct policy_plan *plan, const char *path)
{
	size_t lo = 0, hi = plan->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = strcmp(path, plan->v[mid].path);

		if (cmp == 0)
			return &plan->v[mid];
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static int
judge_tree(struct judge *j, const struct policy_plan *plan)
{
	struct policy_paths parked = {0};
	int rc = 0;

	for (size_t i = 0; i < j->changes.n && !rc; i++) {
		const struct change *c = &j->changes.v[i];

		if (c->kind == PATH_BAD)
			rc = judge_breach(
			    j, RULE_PATH, c->path, _("no file of a store is named so"));
		else if (c->has && c->mode != MODE_FILE)
			rc = judge_breach(j, RULE_PATH, c->path, _("this is not an ordinary file"));
	}
	for (size_t i = 0; i < plan->n && !rc; i++)
		rc = judge_step(j, &plan->v[i], &plan->paths, &parked);
	for (size_t i = 0; i < j->changes.n && !rc; i++) {
		const struct change *c = &j->changes.v[i];

		if (c->kind == PATH_SIGNERS || step_of(plan, c->path) ||
		    listed(&parked, c->path))
			continue;
		rc = unlike(j, c->path, !c->has, policy_paths_have(&plan->paths, c->path));
	}
	policy_paths_free(&parked);
	return rc;
}

/* --- what no merge can settle ----------------------------------------------------- */

/* Let into the team on one side, by an epoch that the other had renewed meanwhile without knowing of them. */
static bool
left_out(struct judge *j, const char *team)
{
	bool found = false;

	for (int i = 0; i < 2 && !found; i++) {
		const struct epoch *const *epochs;
		char(*handles)[34] = NULL;
		size_t n = state_team_members(j->in->before[i], &handles, team, j->now),
		       nepochs = state_epochs(j->in->before[!i], team, &epochs);

		for (size_t k = 0; k < n && !found && nepochs; k++) {
			found = !state_in_team(j->after, team, handles[k], j->now);
			for (size_t x = 0; x < nepochs && found; x++)
				found = !epoch_lists(epochs[x], handles[k]);
		}
		free(handles);
	}
	return found;
}

static void
notice_teams(struct judge *j)
{
	bool beside = false, late = false, left = false;

	for (size_t i = 0; i < j->after->team->n; i++) {
		const struct team *t = j->after->team->v[i];

		/* only in teams that this merge touched, else every later one would say it again */
		if (teams_find(j->in->before[0]->team, t->name) == t ||
		    teams_find(j->in->before[1]->team, t->name) == t)
			continue;
		beside |= t->ntips > 1;
		left |= left_out(j, t->name);
		for (size_t k = 0; k < t->n; k++)
			for (size_t u = 0; t->v[k] != t->newest && u < t->v[k]->nuntil; u++)
				late |= state_in_team(
				    j->after, t->name, t->v[k]->until[u].handle, j->now);
	}
	if (beside)
		judge_notice(j,
		    _("a team's key was renewed on both sides; "
		      "one of its members renews it once more"));
	if (left)
		judge_notice(j,
		    _("somebody was let into a team on one side while its key was renewed on the other, and is not in it: "
		      "an administrator lets them in again"));
	if (late)
		judge_notice(j,
		    _("somebody's place in a team was ended on one side while its key was "
		      "renewed on the other: an administrator looks at who is in the team"));
}

int
judge_merge(struct judge *j)
{
	const struct policy_input *in = j->in;
	struct policy_plan plan = {.waiting = -1};
	bool admin;
	int rc;

	if (in->commit.merge_rules != 1)
		return judge_breach(j, RULE_MERGE, NULL,
		    _("the merge does not say by which rules it was made, or by rules unknown "
		      "here"));
	rc = judge_signer(j, in->before[0]);
	admin = j->admin;
	if (!rc)
		rc = judge_signer(j, in->before[1]);
	if (rc)
		return rc;
	j->admin &= admin;
	rc = policy_merge_plan(&plan, j->o, in, NULL, NULL, j->e);
	if (!rc)
		rc = judge_word(j, &plan);
	if (!rc)
		rc = changes_read(&j->changes, j->o, &in->parent_tree[0], &in->commit.tree, j->e);
	if (!rc)
		rc = judge_tree(j, &plan);
	if (!rc)
		rc = judge_allowed_signers(j);
	if (rc)
		goto done;
	/* both sides were right; refusing would part them for good, and recovery can name one */
	if (!judge_has_admin(j->after))
		judge_notice(j,
		    _("nobody is an administrator with a working device any more: "
		      "the recovery identity must name one"));
	notice_teams(j);
done:
	policy_plan_free(&plan);
	return rc;
}
