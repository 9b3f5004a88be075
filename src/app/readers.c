#include "app/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

/* References that lead back to where they came from end here. */
enum { DEPTH_MAX = 8 };

void
readers_free(struct readers *r)
{
	free(r->v);
	buf_free(&r->unseen);
	*r = (struct readers){0};
}

bool
readers_have(const struct readers *r, const char *team)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i], team) == 0)
			return true;
	return false;
}

static void
add(struct readers *r, const char *team)
{
	if (readers_have(r, team))
		return;
	vec_grow(r);
	memset(r->v[r->n], 0, sizeof *r->v);
	strncpy(r->v[r->n++], team, sizeof *r->v - 1);
}

int
readers_unseen(const struct readers_walk *w, const char *field, struct err *e)
{
	if (!w->damage.n)
		return err_at(e, ERR_INVALID, NULL, 0, 0, field,
		    _("says who may read this, and is in a record that you may not open; ask somebody who may"));
	err_append(e, &w->damage);
	return err_at(e, ERR_DAMAGED, NULL, 0, 0, field,
	    _("says who may read this, and is in a record that cannot be read; run: akt doctor"));
}

static void
damaged(struct readers_walk *w, const struct err *why)
{
	if (!w->damage.n)
		w->damage = *why;
}

static void
unseen(struct readers *r, const char *field, const char *id)
{
	if (!r->field)
		r->field = field;
	buf_printf(&r->unseen, "%s %s\n", field, id);
}

/* --- through references ---------------------------------------------------------------------- */

const struct node *
readers_refer(struct readers_walk *w, const char *id, bool *unseen_id)
{
	const struct node *rec = w->peers ? w->peers->find(w->peers->ctx, id) : NULL;
	struct node *opened = NULL;
	const struct schema *sc = NULL;
	struct err inner = {0};
	char dossier[ID_DOSSIER + 1];
	struct found f;
	int rc;

	*unseen_id = false;
	if (rec)
		return rec;
	rc = find_exact(w->s, &f, id, &inner);
	/* what is not there names nobody; what is there and not ours names somebody */
	if (rc == ERR_NOTFOUND) {
		err_clear(&inner);
		rc = find_known(w->s, unseen_id, dossier, id, &inner);
		if (!rc)
			return NULL;
	}
	if (!rc)
		rc = open_found(w->s, &opened, &f, &inner);
	if (!rc)
		rc = vault_schema(w->s->v, &sc, f.type, &inner);
	if (!rc)
		return opened;
	*unseen_id = true;
	if (rc != ERR_ACCESS)
		damaged(w, &inner);
	return NULL;
}

static const struct schema *
schema_of(struct readers_walk *w, const struct node *rec)
{
	const struct schema *sc = NULL;
	struct err inner = {0};
	const char *type = node_get_str(rec, "type");

	if (type)
		vault_schema(w->s->v, &sc, type, &inner);
	return sc;
}

/* The longest beginning of a dotted path that is a field of this type: the reference to step through. *rest:
 * what follows it. NULL when the path is a field itself, or there is none. */
static const struct node *
first_step(const struct schema *sc, const struct node *data, const char *field, const char **rest)
{
	const struct shape *shape = sc ? schema_shape(sc) : NULL;

	if (path_shape(shape, field))
		return NULL;
	for (const char *dot = field + strlen(field); dot > field; dot--) {
		const struct node *id;
		char *head;

		if (*dot != '.')
			continue;
		head = xstrndup(field, (size_t)(dot - field));
		id = path_get(shape, (struct node *)data, head);
		free(head);
		if (id && id->kind == NODE_STR) {
			*rest = dot + 1;
			return id;
		}
	}
	return NULL;
}

const struct node *
readers_follow(struct readers_walk *w, const struct schema *sc, const struct node *data,
    const char *field, const char **ref, struct readers_hidden *hidden)
{
	const struct shape *shape = sc ? schema_shape(sc) : NULL;
	const struct shape *at = path_shape(shape, field);
	const struct node *v = path_get(shape, (struct node *)data, field), *id, *rec;
	const char *rest;
	bool there;

	*ref = at ? at->is_seq && at->item ? at->item->ref : at->ref : NULL;
	if (v || at)
		return v;
	id = first_step(sc, data, field, &rest);
	if (!id)
		return NULL;
	rec = readers_refer(w, id->text, &there);
	if (!rec) {
		*hidden = (struct readers_hidden){true, there ? id->text : NULL};
		return NULL;
	}
	return readers_follow(w, schema_of(w, rec), node_get(rec, "data"), rest, ref, hidden);
}

static bool
leads_to(struct readers_walk *w, const struct schema *sc, const struct node *data,
    const char *field, const char *to)
{
	const char *rest;
	const struct node *id = first_step(sc, data, field, &rest), *rec;
	bool there;

	if (!id)
		return false;
	if (strcmp(id->text, to) == 0)
		return true;
	/* only what has a further step is worth opening */
	rec = strchr(rest, '.') ? readers_refer(w, id->text, &there) : NULL;
	return rec && leads_to(w, schema_of(w, rec), node_get(rec, "data"), rest, to);
}

bool
readers_look_at(struct readers_walk *w, const struct schema *sc, const struct node *data,
    const char *id)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++) {
		const struct schema_access *x = &akt->access[i];
		const struct node *v;

		if (x->field && leads_to(w, sc, data, x->field, id))
			return true;
		for (size_t k = 0; k < x->nwhen; k++)
			if (leads_to(w, sc, data, x->when[k], id))
				return true;
		for (size_t k = 0; k < x->nunless; k++)
			if (leads_to(w, sc, data, x->unless[k], id))
				return true;
		v = x->readers ? path_get(schema_shape(sc), (struct node *)data, x->readers) : NULL;
		if (v && v->kind == NODE_STR && strcmp(v->text, id) == 0)
			return true;
	}
	return false;
}

/* --- one list ----------------------------------------------------------------------------------- */

void
readers_person(struct readers_walk *w, struct readers *out, const struct node *v, const char *ref,
    const char *field)
{
	const struct state *st = vault_state(w->s->v);
	const struct member *m;
	const char *handle = v->text;
	char team[36];

	if (v->kind != NODE_STR)
		return;
	if (ref) {
		bool there;
		const struct node *rec = readers_refer(w, v->text, &there);
		const struct schema *sc = rec ? schema_of(w, rec) : NULL;
		const char *member = sc ? schema_akt(sc)->member : NULL;

		if (there)
			unseen(out, field, v->text);
		handle = member ? node_get_str(node_get(rec, "data"), member) : NULL;
	}
	/* Not everybody that records speak of uses the program: who is no member, or
	 * has left, gets no key. */
	m = handle && strlen(handle) <= 32 ? state_member(st, handle) : NULL;
	if (!m || (!m->roles && !w->leavers))
		return;
	snprintf(team, sizeof team, "~%s", handle);
	if (state_epoch(st, team))
		add(out, team);
}

enum truth { NO, YES, UNSEEN };

/* Any of the fields is true. */
static enum truth
any_true(struct readers_walk *w, const struct schema *sc, const struct node *data,
    const char **fields, size_t n, struct readers *out, const char **hidden_at)
{
	enum truth all = NO;

	for (size_t i = 0; i < n; i++) {
		struct readers_hidden hidden = {0};
		const char *ref;
		const struct node *v = readers_follow(w, sc, data, fields[i], &ref, &hidden);

		if (v && v->kind == NODE_BOOL && v->b)
			return YES;
		if (hidden.yes) {
			all = UNSEEN;
			*hidden_at = fields[i];
		}
		if (hidden.id)
			unseen(out, fields[i], hidden.id);
	}
	return all;
}

static void
add_list(struct readers *out, const struct dossier *d)
{
	for (size_t i = 0; i < d->naccess; i++) {
		bool ends = false;

		/* who was let in for a time is no reader of what is beside it */
		for (size_t k = 0; k < d->nuntil; k++)
			ends |= strcmp(d->until[k].team, d->access[i]) == 0;
		if (!ends)
			add(out, d->access[i]);
	}
}

/* The list of the dossier that another record is in. Of one of this change that is yet to get a dossier:
 * the list that it will give it. */
static void
add_readers(struct readers_walk *w, struct readers *out, const struct schema *sc,
    const struct node *data, const char *field)
{
	struct readers_hidden hidden = {0};
	bool known = false;
	const char *ref, *at;
	const struct node *v = readers_follow(w, sc, data, field, &ref, &hidden), *rec;
	const struct dossier *d = NULL;
	struct dossier *own = NULL;
	struct err inner = {0};
	char dossier[11] = "";
	int rc = 0;

	if (hidden.id)
		unseen(out, field, hidden.id);
	if (!v || v->kind != NODE_STR || w->depth == DEPTH_MAX)
		return;
	rec = w->peers ? w->peers->find(w->peers->ctx, v->text) : NULL;
	at = rec ? node_get_str(rec, "dossier") : NULL;
	if (at)
		snprintf(dossier, sizeof dossier, "%s", at);
	else if (!rec)
		rc = find_known(w->s, &known, dossier, v->text, &inner);
	if (!rc && *dossier)
		rc = w->t ? txn_dossier(w->t, &own, dossier, &inner) :
		            state_dossier(vault_state(w->s->v), &d, dossier, &inner);
	if (own)
		d = own;
	if (!rc && d) {
		add_list(out, d);
	} else if (!rc && rec && schema_of(w, rec)) {
		struct readers its = {0};

		w->depth++;
		readers_of(w, &its, schema_of(w, rec), node_get(rec, "data"), &inner);
		w->depth--;
		for (size_t i = 0; i < its.n; i++)
			add(out, its.v[i]);
		if (its.unseen.n)
			unseen(out, field, v->text);
		readers_free(&its);
	}
	if (rc && rc != ERR_NOTFOUND) {
		unseen(out, field, v->text);
		damaged(w, &inner);
	}
	dossier_free(own);
}

static void
add_entry(struct readers_walk *w, struct readers *out, const struct schema *sc,
    const struct node *data, const struct schema_access *x)
{
	struct readers_hidden hidden = {0};
	const struct node *v;
	const char *ref;

	if (x->team) {
		if (state_epoch(vault_state(w->s->v), x->team))
			add(out, x->team);
		return;
	}
	if (x->readers) {
		add_readers(w, out, sc, data, x->readers);
		return;
	}
	v = readers_follow(w, sc, data, x->field, &ref, &hidden);
	if (hidden.id)
		unseen(out, x->field, hidden.id);
	if (v && v->kind == NODE_SEQ) {
		for (size_t k = 0; k < v->n; k++)
			readers_person(w, out, v->seq[k], ref, x->field);
	} else if (v) {
		readers_person(w, out, v, ref, x->field);
	}
}

int
readers_of(struct readers_walk *w, struct readers *out, const struct schema *sc,
    const struct node *data, struct err *e)
{
	const struct schema_akt *akt = schema_akt(sc);
	const char *hidden = NULL, *names = NULL;
	enum truth *when = xcalloc(akt->naccess + 1, sizeof *when);
	bool copied = false;
	size_t conditions;
	int rc = 0;

	for (size_t i = 0; i < akt->naccess; i++) {
		const struct schema_access *x = &akt->access[i];
		enum truth except = NO;

		when[i] = x->nwhen ? any_true(w, sc, data, x->when, x->nwhen, out, &hidden) : YES;
		if (x->nunless)
			except = any_true(w, sc, data, x->unless, x->nunless, out, &hidden);
		/* what cannot be looked at opens nothing, whichever way it is asked */
		if (except != NO && when[i] != NO)
			when[i] = except == YES ? NO : UNSEEN;
		out->only |= x->only && when[i] == YES;
		copied |= x->readers != NULL;
	}
	/* Whether others are shut out cannot be told: then nobody is let in. Where the list is another
	 * dossier's, that one has been narrowed already. */
	if (w->strict && hidden && !out->only && !copied) {
		rc = readers_unseen(w, hidden, e);
		goto done;
	}
	conditions = out->unseen.n;
	for (size_t i = 0; i < akt->naccess; i++) {
		const struct schema_access *x = &akt->access[i];

		if (when[i] != YES || (out->only && !x->only))
			continue;
		if (x->only)
			names = x->field ? x->field : x->team ? x->team : x->readers;
		add_entry(w, out, sc, data, x);
	}
	if (w->strict && out->unseen.n > conditions)
		rc = readers_unseen(w, names ? names : out->field, e);
	else if (out->only && !out->n && out->unseen.n == conditions)
		rc = err_at(e, ERR_INVALID, NULL, 0, 0, names,
		    _("nobody but these may read it, and none of them uses Akt"));
done:
	free(when);
	return rc;
}
