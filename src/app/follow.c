/* Lists of readers follow what records say: in the save that changes a record, and after a sync, where two
 * machines changed a record and its list apart. */
#include "app/readers.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/current.h"
#include "vault/txn.h"
#include "vault/vault.h"

static bool
on_list(const struct dossier *d, const char *team)
{
	for (size_t i = 0; i < d->naccess; i++)
		if (strcmp(d->access[i], team) == 0)
			return true;
	return false;
}

static bool
ends(const struct dossier *d, const char *team)
{
	for (size_t i = 0; i < d->nuntil; i++)
		if (strcmp(d->until[i].team, team) == 0)
			return true;
	return false;
}

/* For good. Whose only machine is lost gets no key, and is no reason to refuse the save. */
static int
grant(struct session *s, struct txn *t, const char *dossier, const char *team, bool *moved,
    struct err *e)
{
	if (!current_team_active(vault_state(s->v), team, txn_now(t)))
		return 0;
	*moved = true;
	return txn_grant(t, dossier, team, 0, e);
}

/* The list becomes exactly this one: who was let in by hand, for a round of review, or for having made the
 * dossier goes too. */
static int
apply_exact(struct session *s, struct txn *t, const char *dossier, const struct readers *now,
    bool *moved, struct err *e)
{
	struct dossier *d = NULL;
	int rc = txn_dossier(t, &d, dossier, e);

	for (size_t i = 0; !rc && i < now->n; i++)
		if (!on_list(d, now->v[i]) || ends(d, now->v[i]))
			rc = grant(s, t, dossier, now->v[i], moved, e);
	for (size_t i = 0; !rc && i < d->naccess; i++)
		if (!readers_have(now, d->access[i])) {
			rc = txn_revoke(t, dossier, d->access[i], e);
			*moved = true;
		}
	dossier_free(d);
	return rc;
}

/* While something that a list looks at cannot be read, nobody is taken from it. What the edit does not touch
 * stays as it is; where it would shut somebody out, or may, it is refused. */
static int
apply_in_part(struct session *s, struct txn *t, const char *dossier, const struct readers_walk *w,
    const struct readers *was, const struct readers *now, bool *moved, struct err *e)
{
	bool same = was->only == now->only && was->unseen.n == now->unseen.n &&
	    (!now->unseen.n || memcmp(was->unseen.p, now->unseen.p, now->unseen.n) == 0);
	int rc = 0;

	for (size_t i = 0; i < was->n; i++)
		same &= readers_have(now, was->v[i]);
	if (!same)
		return readers_unseen(w, now->field ? now->field : was->field, e);
	for (size_t i = 0; !rc && i < now->n; i++)
		if (!readers_have(was, now->v[i]))
			rc = grant(s, t, dossier, now->v[i], moved, e);
	return rc;
}

/* Grants and revokes what one record's list says after the edit and did not before, and the other
 * way round. */
static int
apply(struct session *s, struct txn *t, const char *dossier, const struct readers_walk *w,
    const struct readers *was, const struct readers *now, bool *moved, struct err *e)
{
	struct dossier *d = NULL;
	int rc;

	if (was->unseen.n || now->unseen.n)
		return apply_in_part(s, t, dossier, w, was, now, moved, e);
	if (now->only)
		return apply_exact(s, t, dossier, now, moved, e);
	rc = txn_dossier(t, &d, dossier, e);
	for (size_t i = 0; !rc && i < now->n; i++)
		if (!readers_have(was, now->v[i]))
			rc = grant(s, t, dossier, now->v[i], moved, e);
	for (size_t i = 0; !rc && i < was->n; i++)
		if (!readers_have(now, was->v[i]) && on_list(d, was->v[i])) {
			rc = txn_revoke(t, dossier, was->v[i], e);
			*moved = true;
		}
	dossier_free(d);
	return rc;
}

/* --- in a save ------------------------------------------------------------------------------- */

/* The record under edit, as it will be: what others' lists say through it changes with it. */
struct edited {
	const char *id;
	const struct node *rec;
};

static const struct node *
find_edited(void *ctx, const char *id)
{
	const struct edited *x = ctx;

	return strcmp(x->id, id) == 0 ? x->rec : NULL;
}

struct dependents {
	struct session *s;
	struct txn *t;
	const struct node *before, *after; /* data of the record under edit */
	struct edited edited;
	bool copies; /* now those whose list is another dossier's */
	bool moved;  /* some list has changed */
	bool person; /* the edit says anew which member the record is */
	struct err *e;
};

/* True when the edit changes a field to which this path may step through a reference. */
static bool
path_changes(const struct dependents *d, const char *path)
{
	for (const char *dot = path ? strchr(path, '.') : NULL; dot; dot = strchr(dot + 1, '.'))
		if (!node_equal(path_get(NULL, (struct node *)d->before, dot + 1),
		        path_get(NULL, (struct node *)d->after, dot + 1)))
			return true;
	return false;
}

/* True when the type's list may look at a field, or a list, that this edit changes. */
static bool
depends(const struct dependents *d, const struct schema *sc)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++) {
		const struct schema_access *x = &akt->access[i];

		if (path_changes(d, x->field) || (x->readers && d->moved) || (x->field && d->person))
			return true;
		for (size_t k = 0; k < x->nwhen; k++)
			if (path_changes(d, x->when[k]))
				return true;
		for (size_t k = 0; k < x->nunless; k++)
			if (path_changes(d, x->unless[k]))
				return true;
	}
	return false;
}

static bool
copies(const struct schema *sc)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++)
		if (akt->access[i].readers)
			return true;
	return false;
}

static bool
is_text(const struct node *v, const char *text)
{
	return v->kind == NODE_STR && strcmp(v->text, text) == 0;
}

/* True when a field that gives access names this record. */
static bool
names(struct readers_walk *w, const struct schema *sc, const struct node *data, const char *id)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++) {
		const char *field = akt->access[i].field, *ref;
		struct readers_hidden hidden = {0};
		const struct node *v = field ? readers_follow(w, sc, data, field, &ref, &hidden) : NULL;

		if (v && is_text(v, id))
			return true;
		for (size_t k = 0; v && v->kind == NODE_SEQ && k < v->n; k++)
			if (is_text(v->seq[k], id))
				return true;
	}
	return false;
}

static int
follow_dependent(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct dependents *d = ctx;
	struct place_peers peers = {find_edited, &d->edited};
	struct readers_walk old = {.s = d->s}, fresh = {.s = d->s, .t = d->t, .peers = &peers};
	struct readers was = {0}, now = {0};
	const struct schema *sc = NULL;
	const struct node *data;
	struct node *rec = NULL;
	int rc;

	if (p->kind != PATH_RECORD || strcmp(p->record, d->edited.id) == 0 ||
	    !vault_can_read(d->s->v, p->dossier))
		return 0;
	rc = vault_schema(d->s->v, &sc, p->type, d->e);
	if (rc || !sc || !depends(d, sc) || copies(sc) != d->copies)
		return rc;
	/* it may be one of those that this edit shuts somebody out of */
	rc = vault_open_record(d->s->v, &rec, session_scratch(d->s), path, id, d->e);
	if (rc)
		return err_set(d->e, (enum err_code)rc,
		    _("who reads it may depend on this change, which was not saved; run: akt doctor"));
	data = node_get(rec, "data");
	if (!d->copies && !readers_look_at(&fresh, sc, data, d->edited.id) &&
	    !(d->person && names(&fresh, sc, data, d->edited.id)))
		return fresh.damage.n ? readers_unseen(&fresh, NULL, d->e) : 0;
	readers_of(&old, &was, sc, data, NULL);
	if (!fresh.damage.n)
		fresh.damage = old.damage;
	rc = readers_of(&fresh, &now, sc, data, d->e);
	if (!rc)
		rc = apply(d->s, d->t, p->dossier, &fresh, &was, &now, &d->moved, d->e);
	readers_free(&was);
	readers_free(&now);
	return rc;
}

enum { FOUND = -1 };

static int
depends_one(void *ctx, const char *type, const struct schema *sc)
{
	struct dependents *d = ctx;

	(void)type;
	return depends(d, sc) && copies(sc) == d->copies ? FOUND : 0;
}

static bool
differs(const struct node *a, const struct node *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (!node_equal(node_get(a, b->map[i].key), b->map[i].value))
			return true;
	for (size_t i = 0; i < a->n; i++)
		if (!node_get(b, a->map[i].key))
			return true;
	return false;
}

int
place_follow(struct session *s, struct txn *t, const struct node *rec, const struct schema *sc,
    const struct node *before, struct err *e)
{
	struct dependents d = {
		.s = s,
		.t = t,
		.before = before,
		.after = node_get(rec, "data"),
		.edited = {node_get_str(rec, "id"), rec},
		.e = e,
	};
	const char *dossier = node_get_str(rec, "dossier");
	const struct dossier *stands = NULL;
	struct readers_walk w = {.s = s};
	struct readers was = {0}, now = {0};
	int rc = 0;

	/* the unit's dossier is the unit's, whatever one record in it says; a new one has its list already */
	if (strcmp(dossier, state_store(vault_state(s->v))->unit) != 0 &&
	    state_dossier(vault_state(s->v), &stands, dossier, NULL) == 0) {
		if (before)
			readers_of(&w, &was, sc, before, NULL);
		w.t = t;
		rc = readers_of(&w, &now, sc, d.after, e);
		/* a record that joins others in a dossier lets nobody in, but may shut others out */
		if (!rc && (before || now.only))
			rc = apply(s, t, dossier, &w, &was, &now, &d.moved, e);
	}
	readers_free(&was);
	readers_free(&now);
	if (rc || !before || !differs(before, d.after))
		return rc;
	if (schema_akt(sc)->member)
		d.person = !node_equal(node_get(before, schema_akt(sc)->member),
		    node_get(d.after, schema_akt(sc)->member));
	/* who reads a case also reads what hangs on it: those lists follow in the same save, and last those
	 * that are another's */
	for (int pass = 0; !rc && pass < 2; pass++) {
		d.copies = pass == 1;
		/* the few types before the many records */
		rc = each_type(s, depends_one, &d, e);
		if (rc == FOUND)
			rc = vault_each_record(s->v, vault_tree(s->v), follow_dependent, &d, e);
	}
	return rc;
}

/* --- a list wider than its records say -------------------------------------------------------- */

static bool
shuts_out(const struct schema *sc)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++)
		if (akt->access[i].only)
			return true;
	return false;
}

int
readers_wide(struct session *s, struct txn *t, struct readers *out, const struct schema *sc,
    const char *dossier, const struct node *rec, struct err *e)
{
	struct readers_walk w = {.s = s, .t = t};
	const struct dossier *stands = NULL;
	struct dossier *d = NULL;
	struct readers now = {0};
	size_t stay = 0;
	int rc;

	/* what cannot be read names somebody too: then nobody is told to go */
	if (!shuts_out(sc) || readers_of(&w, &now, sc, node_get(rec, "data"), NULL) || !now.only ||
	    now.unseen.n) {
		readers_free(&now);
		return 0;
	}
	rc = t ? txn_dossier(t, &d, dossier, e) : state_dossier(vault_state(s->v), &stands, dossier, e);
	if (d)
		stands = d;
	for (size_t i = 0; !rc && stands && i < stands->naccess; i++) {
		const char *team = stands->access[i];

		if (!readers_have(&now, team)) {
			vec_grow(out);
			memcpy(out->v[out->n++], team, sizeof *out->v);
		} else if (!ends(stands, team)) {
			stay += current_team_active(vault_state(s->v), team, date_now());
		}
	}
	/* nobody would be left */
	if (!stay)
		out->n = 0;
	dossier_free(d);
	readers_free(&now);
	return rc;
}

struct fixed {
	struct session *s;
	bool fixed;
	struct err *e;
};

static int
fixed_by(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct fixed *f = ctx;
	struct readers_walk w = {.s = f->s};
	const struct schema *sc = NULL;
	struct readers now = {0};
	struct node *rec = NULL;
	int rc;

	if (p->kind != PATH_RECORD)
		return 0;
	rc = vault_schema(f->s->v, &sc, p->type, f->e);
	if (rc || !sc || !shuts_out(sc))
		return rc;
	rc = vault_open_record(f->s->v, &rec, f->s->arena, path, id, f->e);
	if (!rc) {
		readers_of(&w, &now, sc, node_get(rec, "data"), NULL);
		f->fixed |= now.only;
		if (!now.only && w.damage.n)
			rc = readers_unseen(&w, now.field, f->e);
		readers_free(&now);
	}
	return rc;
}

int
readers_fixed(struct session *s, bool *fixed, const char *dossier, struct err *e)
{
	struct fixed f = {.s = s, .e = e};
	int rc = each_in_dossier(s, dossier, fixed_by, &f, e);

	if (!rc)
		*fixed = f.fixed;
	return rc;
}

/* --- after a sync ------------------------------------------------------------------------------ */

struct narrow {
	struct session *s;
	struct txn *t;
	bool all;             /* look at every record */
	size_t n, cap;        /* dossiers that changed, sorted */
	char (*v)[11];
	size_t narrowed;
	struct err *e;
};

/* Whether a record's own fields may shut others out of what refers to it. */
static bool
says_so(const struct schema *sc, const struct node *data, const char *path)
{
	for (; path; path = strchr(path, '.') ? strchr(path, '.') + 1 : NULL) {
		const struct node *v = path_get(schema_shape(sc), (struct node *)data, path);

		if (v && v->kind == NODE_BOOL && v->b)
			return true;
	}
	return false;
}

struct asked {
	const struct schema *sc;
	const struct node *data;
};

static int
asked_by(void *ctx, const char *type, const struct schema *sc)
{
	struct asked *a = ctx;
	bool yes = false;

	(void)type;
	for (size_t i = 0; i < schema_akt(sc)->naccess && !yes; i++) {
		const struct schema_access *x = &schema_akt(sc)->access[i];

		for (size_t k = 0; x->only && k < x->nwhen && !yes; k++)
			yes = says_so(a->sc, a->data, x->when[k]);
	}
	return yes ? FOUND : 0;
}

static int
changed(void *ctx, const char *path, const struct oid *old, unsigned old_mode, const struct oid *id,
    unsigned mode)
{
	struct narrow *w = ctx;
	struct asked a = {0};
	struct node *rec = NULL;
	struct err inner = {0};
	struct storepath p;
	int rc;

	(void)old, (void)old_mode, (void)mode;
	storepath_parse(&p, path);
	if (p.kind == PATH_SCHEMA)
		w->all = true;
	if (!id || (p.kind != PATH_RECORD && p.kind != PATH_DOSSIER) ||
	    !vault_can_read(w->s->v, p.dossier))
		return 0;
	if (w->n == 0 || strcmp(w->v[w->n - 1], p.dossier) != 0) {
		vec_grow(w);
		memcpy(w->v[w->n++], p.dossier, sizeof *w->v);
	}
	if (w->all || p.kind != PATH_RECORD || vault_schema(w->s->v, &a.sc, p.type, &inner) || !a.sc ||
	    vault_open_record(w->s->v, &rec, session_scratch(w->s), path, id, &inner))
		return 0;
	a.data = node_get(rec, "data");
	rc = each_type(w->s, asked_by, &a, w->e);
	w->all = rc == FOUND;
	return rc == FOUND ? 0 : rc;
}

static int
by_dossier(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
narrow_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct narrow *w = ctx;
	const struct schema *sc = NULL;
	struct readers wide = {0};
	struct node *rec = NULL;
	struct err inner = {0};
	int rc;

	if (p->kind != PATH_RECORD ||
	    (!w->all && !bsearch(p->dossier, w->v, w->n, sizeof *w->v, by_dossier)) ||
	    vault_schema(w->s->v, &sc, p->type, &inner) || !sc || !shuts_out(sc) ||
	    !vault_can_read(w->s->v, p->dossier) ||
	    vault_open_record(w->s->v, &rec, session_scratch(w->s), path, id, &inner))
		return 0;
	rc = readers_wide(w->s, w->t, &wide, sc, p->dossier, rec, w->e);
	for (size_t i = 0; !rc && i < wide.n; i++)
		rc = txn_revoke(w->t, p->dossier, wide.v[i], w->e);
	w->narrowed += wide.n > 0;
	readers_free(&wide);
	return rc;
}

int
readers_narrow(struct session *s, const struct oid *from, size_t *n, struct err *e)
{
	struct narrow w = {.s = s, .all = !from, .e = e};
	struct oid commit;
	int rc = find_refresh(s, e);

	if (!rc && from)
		rc = git_diff(vault_git(s->v), from, vault_tree(s->v), changed, &w, e);
	if (!rc && (w.all || w.n)) {
		if (w.n)
			qsort(w.v, w.n, sizeof *w.v, by_dossier);
		rc = txn_begin(&w.t, s->v, e);
		if (!rc)
			rc = vault_each_record(s->v, vault_tree(s->v), narrow_one, &w, e);
		if (!rc && w.narrowed)
			rc = txn_commit(w.t, &commit, "access", e);
		txn_free(w.t);
	}
	free(w.v);
	if (!rc)
		*n = w.narrowed;
	return rc;
}
