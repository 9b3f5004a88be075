/* Who reads a dossier: one list, or everything of one who hands over to another. */
#include "app/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "git/repo.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/current.h"
#include "vault/txn.h"
#include "vault/vault.h"

/* The end of the day that --until names, UTC. */
static int
parse_until(int64_t *at, const char *until, struct err *e)
{
	int64_t days;

	if (!until) {
		*at = 0;
		return 0;
	}
	if (!date_parse(&days, until, strlen(until)))
		return err_set(e, ERR_USAGE, _("--until is a date: YYYY-MM-DD"));
	if ((days + 1) * 86400 <= date_now())
		return err_set(e, ERR_USAGE, _("--until: that day is over"));
	*at = (days + 1) * 86400;
	return 0;
}

/* A person's handle means their own team. */
static const char *
team_of(struct session *s, const char *name, char own[36])
{
	if (name[0] != '~' && !state_epoch(vault_state(s->v), name) &&
	    state_member(vault_state(s->v), name)) {
		snprintf(own, 36, "~%s", name);
		return own;
	}
	return name;
}

static int
may_be_given(struct session *s, const char *team, const char *typed, struct err *e)
{
	if (!state_epoch(vault_state(s->v), team))
		return err_set(e, ERR_NOTFOUND, _("no such team: %s"), typed);
	if (!current_team_active(vault_state(s->v), team, date_now()))
		return err_set(e, ERR_USAGE, _("%s: nobody is left there who has a working device"), typed);
	return 0;
}

int
app_access(struct session *s, struct node **out, const char *dossier,
    const char *const *grant, size_t ngrant, const char *const *revoke, size_t nrevoke,
    const char *until, struct err *e)
{
	const struct dossier *d = NULL;
	struct node *r = node_map(s->arena), *list;
	struct txn *t = NULL;
	struct oid commit;
	struct found f;
	int64_t at = 0;
	char own[36];
	int rc = parse_until(&at, until, e);

	/* of a list, or a revocation, nobody would obey it */
	if (!rc && until && !ngrant)
		rc = err_set(e, ERR_USAGE, _("--until says when a grant ends: give --grant too"));
	if (!rc)
		rc = session_store(s, true, e);
	/* a record names its dossier as well */
	if (!rc && !id_valid(dossier, ID_DOSSIER)) {
		rc = find_record(s, &f, dossier, e);
		dossier = f.dossier;
	}
	if (!rc && !vault_can_read(s->v, dossier))
		rc = err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	if (rc)
		return rc;
	if (ngrant + nrevoke > 0) {
		bool fixed = false;

		rc = ngrant ? readers_fixed(s, &fixed, dossier, e) : 0;
		if (!rc && fixed)
			rc = err_set(e, ERR_USAGE,
			    _("dossier %s is read by those its records name and nobody else; change the record instead"),
			    dossier);
		if (!rc)
			rc = txn_begin(&t, s->v, e);
		for (size_t i = 0; !rc && i < ngrant; i++) {
			const char *team = team_of(s, grant[i], own);

			rc = may_be_given(s, team, grant[i], e);
			if (!rc)
				rc = txn_grant(t, dossier, team, at, e);
		}
		for (size_t i = 0; !rc && i < nrevoke; i++)
			rc = txn_revoke(t, dossier, team_of(s, revoke[i], own), e);
		if (!rc)
			rc = txn_commit(t, &commit, "access", e);
		txn_free(t);
		if (rc)
			return rc;
		r = commit_result(s, &commit);
	}
	rc = state_dossier(vault_state(s->v), &d, dossier, e);
	if (rc)
		return rc;
	list = node_seq(s->arena);
	for (size_t i = 0; i < d->naccess; i++)
		node_push(s->arena, list, node_str(s->arena, d->access[i]));
	node_set(s->arena, r, "dossier", node_str(s->arena, d->id));
	node_set(s->arena, r, "access", list);
	if (d->nuntil) {
		list = node_seq(s->arena);
		for (size_t i = 0; i < d->nuntil; i++) {
			struct node *x = node_map(s->arena);
			char text[DATE_TIME_LEN + 1];

			date_time_format(text, d->until[i].at);
			node_set(s->arena, x, "team", node_str(s->arena, d->until[i].team));
			node_set(s->arena, x, "at", node_str(s->arena, text));
			node_push(s->arena, list, x);
		}
		node_set(s->arena, r, "until", list);
	}
	*out = r;
	return 0;
}

/* --- every dossier ----------------------------------------------------------------------- */

struct dossier_walk {
	struct session *s;
	dossier_fn each;
	void *ctx;
	struct err *e;
};

static int
dossier_file(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct dossier_walk *w = ctx;
	const struct dossier *d;
	struct storepath p;
	int rc;

	(void)old, (void)old_mode, (void)id, (void)mode;
	if (storepath_parse(&p, path) != PATH_DOSSIER)
		return 0;
	rc = state_dossier(vault_state(w->s->v), &d, p.dossier, w->e);
	return rc ? rc : w->each(w->ctx, d);
}

int
each_dossier(struct session *s, dossier_fn each, void *ctx, struct err *e)
{
	struct dossier_walk w = {s, each, ctx, e};

	return git_diff(vault_git(s->v), NULL, vault_tree(s->v), dossier_file, &w, e);
}

/* --- handing over ------------------------------------------------------------------------- */

struct handover {
	struct session *s;
	const char *from, *to; /* teams */
	struct txn *t;
	struct node *dossiers, *records;
	size_t closed; /* dossiers that are not ours to give */
	struct err *e;
};

/* When the team's grant ends, 0 = never; -1: not on the list. */
static int64_t
grant_end(const struct dossier *d, const char *team)
{
	for (size_t i = 0; i < d->nuntil; i++)
		if (strcmp(d->until[i].team, team) == 0)
			return d->until[i].at;
	for (size_t i = 0; i < d->naccess; i++)
		if (strcmp(d->access[i], team) == 0)
			return 0;
	return -1;
}

static int
hand_over(void *ctx, const struct dossier *d)
{
	struct handover *h = ctx;
	int64_t from = grant_end(d, h->from), to = grant_end(d, h->to);
	struct err inner = {0};
	bool fixed = false;
	int rc = 0;

	if (from < 0)
		return 0;
	if (!vault_can_read(h->s->v, d->id)) {
		h->closed++;
		return 0;
	}
	/* its record says who reads it, and is listed as one that names them still */
	rc = readers_fixed(h->s, &fixed, d->id, h->e);
	if (rc || fixed)
		return rc;
	/* for as long as the one who hands over had it; a longer grant is not cut short */
	if (to < 0 || (to > 0 && (!from || from > to)))
		rc = txn_grant(h->t, d->id, h->to, from, &inner);
	if (rc == ERR_ACCESS) { /* a part of its keys is not ours */
		h->closed++;
		return 0;
	}
	err_append(h->e, &inner);
	if (!rc)
		rc = txn_revoke(h->t, d->id, h->from, h->e);
	if (!rc)
		node_push(h->s->arena, h->dossiers, node_str(h->s->arena, d->id));
	return rc;
}

/* Fields are people's to change: the engine does not know what a record says by naming somebody. */
static int
still_names(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct handover *h = ctx;
	struct session *s = h->s;
	const struct schema *sc = NULL;
	struct arena *keep = s->arena, *scratch;
	const char *field = NULL;
	struct node *rec = NULL, *x;
	struct err inner = {0};

	if (p->kind != PATH_RECORD || !vault_can_read(s->v, p->dossier) ||
	    vault_schema(s->v, &sc, p->type, &inner) || !sc)
		return 0;
	s->arena = scratch = arena_new();
	if (vault_open_record(s->v, &rec, scratch, path, id, &inner) == 0)
		field = place_names(s, sc, node_get(rec, "data"), h->from);
	s->arena = keep;
	if (!rec)
		session_unread(s, &inner);
	arena_free(scratch);
	if (!field)
		return 0;
	x = node_map(s->arena);
	node_set(s->arena, x, "record", node_str(s->arena, p->record));
	node_set(s->arena, x, "dossier", node_str(s->arena, p->dossier));
	node_set(s->arena, x, "field", node_str(s->arena, field));
	node_push(s->arena, h->records, x);
	return 0;
}

int
app_handover(struct session *s, struct node **out, const char *from, const char *to, struct err *e)
{
	struct handover h = {.s = s, .e = e};
	char from_own[36], to_own[36];
	struct oid commit;
	struct node *r;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = find_refresh(s, e);
	if (!rc)
		rc = txn_begin(&h.t, s->v, e);
	if (rc)
		return rc;
	h.from = team_of(s, from, from_own);
	h.to = team_of(s, to, to_own);
	h.dossiers = node_seq(s->arena);
	h.records = node_seq(s->arena);
	if (!state_epoch(vault_state(s->v), h.from))
		rc = err_set(e, ERR_NOTFOUND, _("no such team: %s"), from);
	else if (strcmp(h.from, h.to) == 0)
		rc = err_set(e, ERR_USAGE, _("--from and --to are the same"));
	else
		rc = may_be_given(s, h.to, to, e);
	if (!rc)
		rc = vault_each_record(s->v, vault_tree(s->v), still_names, &h, e);
	if (!rc)
		rc = each_dossier(s, hand_over, &h, e);
	if (!rc)
		rc = txn_commit(h.t, &commit, "access", e);
	if (!rc) {
		r = commit_result(s, &commit);
		node_set(s->arena, r, "from", node_str(s->arena, h.from));
		node_set(s->arena, r, "to", node_str(s->arena, h.to));
		node_set(s->arena, r, "dossiers", h.dossiers);
		node_set(s->arena, r, "closed", node_int(s->arena, (int64_t)h.closed));
		node_set(s->arena, r, "records", h.records);
		*out = r;
	}
	txn_free(h.t);
	return rc;
}
