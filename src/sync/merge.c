/* The merge commit: policy's plan carried out, records merged leaf by leaf. */
#include "sync/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "schema/schema.h"
#include "sync/recompute.h"
#include "trail/policy.h"
#include "trail/side.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/txn.h"

struct merging {
	struct sync_result *r;
	struct vault *v;
	struct txn *t;
	struct policy_input in;
	struct objects objects;
	struct state_cache *cache;
	struct state *theirs;
	struct oid *bases, *base_tree;
	struct policy_side *side[2];
	struct policy_plan plan;
	char me[34];
};

static void
merging_free(struct merging *m)
{
	policy_plan_free(&m->plan);
	free(m->side[0]);
	free(m->side[1]);
	free(m->bases);
	free(m->base_tree);
	if (m->theirs)
		state_close(m->theirs);
	if (m->cache)
		state_cache_free(m->cache);
	txn_free(m->t);
}

/* What policy must know of the two sides. */
static int
look(struct merging *m, const struct oid *theirs, struct err *e)
{
	struct git *g = vault_git(m->v);
	const struct oid *ours = vault_head(m->v);
	struct oid parents[2];
	size_t n;
	int rc;

	m->objects = objects_of_git(g);
	m->cache = state_cache_new(&m->objects);
	m->in.commit.nparents = 2;
	m->in.commit.parent[0] = *ours;
	m->in.commit.parent[1] = *theirs;
	m->in.commit.time = txn_now(m->t);
	m->in.commit.merge_rules = 1;
	m->in.parent_tree[0] = *vault_tree(m->v);
	rc = git_commit_links(g, theirs, &m->in.parent_tree[1], parents, &n, e);
	if (!rc)
		rc = state_open(&m->theirs, m->cache, &m->in.parent_tree[1], e);
	if (!rc)
		rc = git_merge_bases(g, &m->bases, &m->in.nbases, ours, theirs, e);
	if (!rc && m->in.nbases == 0)
		rc = err_set(e, ERR_DAMAGED, _("the hub holds another store: the two have no common beginning"));
	if (rc)
		return rc;
	m->base_tree = xcalloc(m->in.nbases, sizeof *m->base_tree);
	for (size_t i = 0; !rc && i < m->in.nbases; i++)
		rc = git_commit_links(g, &m->bases[i], &m->base_tree[i], parents, &n, e);
	m->in.base_tree = m->base_tree;
	m->in.before[0] = vault_state(m->v);
	m->in.before[1] = m->theirs;
	if (!rc)
		rc = side_read(&m->side[0], &m->in.nside[0], g, NULL, ours, theirs, e);
	if (!rc)
		rc = side_read(&m->side[1], &m->in.nside[1], g, NULL, theirs, ours, e);
	m->in.side[0] = m->side[0];
	m->in.side[1] = m->side[1];
	return rc;
}

/* Schema of a type as the merged tree has it; records are merged under it. */
static int
merged_schema(struct merging *m, struct arena *a, struct schema **out, const char *type,
    struct err *e)
{
	char *path = xasprintf("schema/%s.yaml", type);
	struct diags d = {0};
	struct buf text = {0};
	struct node *doc = NULL;
	struct err inner = {0};
	int rc = txn_read(m->t, &text, path, &inner);

	*out = NULL;
	if (rc == ERR_NOTFOUND) {
		rc = 0;
	} else {
		if (!rc)
			rc = yaml_parse(&doc, a, buf_str(&text), text.n, path, YAML_STORED, &inner);
		if (!rc)
			rc = schema_compile(out, doc, path, SCHEMA_STORE, NULL, &d, &inner);
		err_append(e, &inner);
	}
	diags_free(&d);
	buf_free(&text);
	free(path);
	return rc;
}

static int
park(struct merging *m, const struct policy_step *step, struct err *e)
{
	struct oid keeps, parked;
	char *path = NULL;
	int rc = policy_park(&keeps, &parked, &path, &m->objects, step->path, &step->id,
	    &step->theirs, e);

	if (!rc) {
		txn_put_blob(m->t, step->path, &keeps);
		txn_put_blob(m->t, path, &parked);
	}
	free(path);
	return rc;
}

static int
merge_one(struct merging *m, const struct policy_step *step, struct err *e)
{
	struct recompute_both both = {.v = m->v, .path = step->path, .ours = step->id,
	    .theirs = step->theirs, .nbases = m->in.nbases, .base_tree = m->base_tree,
	    .side_tree = m->in.parent_tree,
	    .by = {vault_state(m->v), m->theirs}};
	struct node *ours = NULL, *merged = NULL;
	struct arena *a = arena_new();
	struct schema *sc = NULL;
	struct storepath p;
	struct err inner = {0};
	bool may = false, opened = true;
	int rc;

	m->r->merged++;
	storepath_parse(&p, step->path);
	rc = policy_may_merge_record(&may, &m->in, step->path, m->me, e);
	if (!rc && may)
		rc = merged_schema(m, a, &sc, p.type, e);
	if (rc)
		goto done;
	both.schema = sc;
	if (may)
		rc = recompute_record(&merged, &ours, &opened, a, &both, &inner);
	if (!may || !opened)
		/* not ours to read after all (a key still to come, say): set aside, and lose nothing */
		rc = park(m, step, e);
	else if (rc)
		err_append(e, &inner);
	else if (!merged)
		/* both made the same change: the blob with the smaller id, on every machine */
		txn_put_blob(m->t, step->path,
		    oid_cmp(&step->id, &step->theirs) < 0 ? &step->id : &step->theirs);
	else if ((rc = txn_put_merged(m->t, merged, a, &inner)) == ERR_NOTFOUND || rc == ERR_ACCESS)
		/* those who may read changed on one side: the next writer makes the key for the others first */
		rc = park(m, step, e);
	else if (rc)
		err_append(e, &inner);
done:
	schema_free(sc);
	arena_free(a);
	return rc;
}

static void
report_difference(void *ctx, const char *path, const char *field)
{
	if (!*field)
		sync_notice(ctx, _("%s was changed on both sides; it stays as it was before, or is one of the two if it is "
			"new: look at it"), path);
	else
		sync_notice(ctx, _("%s: %s was changed on both sides; it stays as it was before, or is one of the two if "
			"it is new: look at it"), path, field);
}

static bool
dead(const struct state *s, const uint8_t pk[32], const struct device **d)
{
	const struct member *m = NULL;

	*d = state_signer(s, pk, &m);
	return *d && ((*d)->revoked || !m->roles);
}

/* The devices whose commits wait; true when `device` is one of them. */
static bool
waiting(struct merging *m, const char *device, void (*each)(struct sync_result *, const char *))
{
	bool found = device && !*device;

	for (size_t i = 0; i < m->plan.nshut; i++) {
		const struct device *d = state_signer(m->in.before[0], m->plan.shut[i], NULL);

		if (!d)
			d = state_signer(m->theirs, m->plan.shut[i], NULL);
		if (!d)
			continue;
		found |= device && strcmp(d->id, device) == 0;
		if (each)
			each(m->r, d->id);
	}
	return found;
}

static void
note_admitted(struct sync_result *r, const char *device)
{
	for (size_t i = 0; i < r->nadmitted; i++)
		if (strcmp(r->admitted[i], device) == 0)
			return;
	r->admitted = xrealloc(r->admitted, r->nadmitted + 1, sizeof *r->admitted);
	memcpy(r->admitted[r->nadmitted++], device, strlen(device) + 1);
}

static bool
is_admin(const struct state *s, const char *handle)
{
	const struct member *m = state_member(s, handle);

	return m && m->roles & ROLE_ADMIN;
}

/* The verb under which this signer may make the merge; NULL: somebody else must, and `r` says who. */
static const char *
word(struct merging *m, const struct member *me, const struct device *mine, const char *admit)
{
	struct sync_result *r = m->r;
	const struct device *d;

	if (dead(m->theirs, mine->signer, &d))
		r->removed = true;
	/* let in since the two sides parted: whoever was there before brings them together */
	if (!d) {
		sync_notice(r, "%s", _("the other side does not know this device yet: "
			"somebody who has been here longer syncs first"));
		return NULL;
	}
	if (m->plan.need == POLICY_RECOVERY) {
		if (me->roles & ROLE_RECOVERY && !r->removed) {
			waiting(m, NULL, note_admitted);
			return "merge";
		}
		r->recovery = true;
	}
	if (m->plan.need == POLICY_ADMIT && admit && !r->removed && waiting(m, admit, NULL) &&
	    is_admin(vault_state(m->v), m->me) && is_admin(m->theirs, m->me)) {
		waiting(m, NULL, note_admitted);
		return "admit";
	}
	if (m->plan.need != POLICY_MERGE) {
		waiting(m, NULL, quarantine_note);
		return NULL;
	}
	return r->removed || me->roles & ROLE_RECOVERY ? NULL : "merge";
}

/* What is said of an epoch on a side already is no news. */
static bool
known_spent(const struct merging *m, const struct storepath *at)
{
	for (int i = 0; i < 2; i++) {
		const struct epoch *ep = state_epoch_named(m->in.before[i], at->name, at->epoch);

		if (ep && ep->spent)
			return true;
	}
	return false;
}

/* This device makes the next keys of its own teams at once, the recovery identity all (duties_carry_out); of others
 * it can only say so. */
static void
notice_spent(struct merging *m, const struct member *me)
{
	char last[66] = "";

	for (size_t i = 0; i < m->plan.spent.n && !(me->roles & ROLE_RECOVERY); i++) {
		struct storepath at;

		storepath_parse(&at, m->plan.spent.v[i]);
		if (strcmp(at.name, last) == 0 || known_spent(m, &at) ||
		    state_in_team(vault_state(m->v), at.name, m->me, txn_now(m->t)))
			continue;
		snprintf(last, sizeof last, "%s", at.name);
		if (m->plan.waiting >= 0)
			sync_notice(m->r, _("team %s: what is let in had handed its key on, to people or devices that are not let in; "
				"it is renewed when somebody of the team syncs"), at.name);
		else
			sync_notice(m->r, _("team %s: its key may have been given to a device that was shut out meanwhile; "
				"it is renewed when somebody of the team syncs"), at.name);
	}
}

int
sync_merge(struct sync_result *r, struct vault *v, const struct oid *theirs, const char *admit,
    struct oid *id, bool *done, const struct sync_options *opt, struct err *e)
{
	struct merging m = {.r = r, .v = v};
	const struct member *me;
	const struct device *mine;
	const char *verb = NULL;
	int rc = txn_begin(&m.t, v, e);

	*done = false;
	if (!rc)
		rc = vault_me(v, &me, &mine, e);
	if (!rc) {
		memcpy(m.me, me->handle, sizeof m.me);
		rc = look(&m, theirs, e);
	}
	if (!rc)
		rc = policy_merge_plan(&m.plan, &m.objects, &m.in, report_difference, r, e);
	if (!rc)
		verb = word(&m, me, mine, admit);
	if (!verb)
		goto done;
	/* control files and schemas first: records are merged under them */
	for (size_t i = 0; !rc && i < m.plan.n; i++) {
		const struct policy_step *s = &m.plan.v[i];

		if (s->kind == STEP_RECORD)
			continue;
		if (s->absent)
			txn_remove(m.t, s->path);
		else if (s->kind == STEP_TAKE)
			txn_put_blob(m.t, s->path, &s->id);
		else
			txn_put(m.t, s->path, s->text, s->n);
	}
	for (size_t i = 0; !rc && i < m.plan.n; i++) {
		if (m.plan.v[i].kind == STEP_RECORD)
			rc = merge_one(&m, &m.plan.v[i], e);
		if (!rc && opt->progress && opt->progress(opt->ctx, _("merging"), i + 1, m.plan.n))
			rc = err_set(e, ERR_CANCELLED, _("stopped"));
	}
	if (!rc) {
		notice_spent(&m, me); /* while the states from before it are there */
		rc = txn_commit_merge(m.t, id, theirs, verb, e);
	}
	*done = rc == 0;
done:
	merging_free(&m);
	return rc;
}
