/* Where a record goes and who reads it: x-akt.dossier and x-akt.access carried out. */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct walk {
	struct session *s;
	const struct place_peers *peers;
};

struct list {
	size_t n, cap;
	char (*v)[36];
};

static void
list_add(struct list *l, const char *team)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], team) == 0)
			return;
	vec_grow(l);
	memset(l->v[l->n], 0, sizeof *l->v);
	strncpy(l->v[l->n++], team, sizeof *l->v - 1);
}

static bool
listed(const struct list *l, const char *team)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], team) == 0)
			return true;
	return false;
}

/* The envelope of a record that a field refers to: of this change, else of the store. NULL when
 * there is none that we may open. */
static const struct node *
refer(struct walk *w, const char *id)
{
	const struct node *rec = w->peers ? w->peers->find(w->peers->ctx, id) : NULL;
	struct node *opened = NULL;
	struct found f;
	struct err inner = {0};

	if (rec)
		return rec;
	if (find_exact(w->s, &f, id, &inner) || open_found(w->s, &opened, &f, &inner))
		return NULL;
	return opened;
}

static const struct schema *
schema_of(struct walk *w, const struct node *rec)
{
	const struct schema *sc = NULL;
	struct err inner = {0};
	const char *type = node_get_str(rec, "type");

	if (type)
		vault_schema(w->s->v, &sc, type, &inner);
	return sc;
}

/* Value at a dotted field, stepping through references: `case.handler` in a placement is the
 * handler field of the case it refers to. *ref: the last field's own reference type. */
static const struct node *
follow(struct walk *w, const struct schema *sc, const struct node *data, const char *field,
    const char **ref)
{
	const struct shape *shape = sc ? schema_shape(sc) : NULL;
	const struct shape *at = path_shape(shape, field);
	const struct node *v = path_get(shape, (struct node *)data, field), *id, *rec;
	const char *dot;

	*ref = at ? at->is_seq && at->item ? at->item->ref : at->ref : NULL;
	if (v || at)
		return v;
	/* the longest beginning that is a field here is the reference to step through */
	for (dot = field + strlen(field); dot > field; dot--) {
		char *head;

		if (*dot != '.')
			continue;
		head = xstrndup(field, (size_t)(dot - field));
		id = path_get(shape, (struct node *)data, head);
		free(head);
		rec = id && id->kind == NODE_STR ? refer(w, id->text) : NULL;
		if (rec)
			return follow(w, schema_of(w, rec), node_get(rec, "data"), dot + 1, ref);
	}
	return NULL;
}

static bool
is_true(struct walk *w, const struct schema *sc, const struct node *data, const char *field)
{
	const char *ref;
	const struct node *v = follow(w, sc, data, field, &ref);

	return v && v->kind == NODE_BOOL && v->b;
}

/* A member's own team from a field's text: a handle, or a record whose type names its member. */
static void
add_person(struct walk *w, struct list *l, const struct node *v, const char *ref)
{
	const struct state *st = vault_state(w->s->v);
	const char *handle = v->text;
	char team[36];

	if (v->kind != NODE_STR)
		return;
	if (ref) {
		const struct node *rec = refer(w, v->text);
		const struct schema *sc = rec ? schema_of(w, rec) : NULL;
		const char *member = sc ? schema_akt(sc)->member : NULL;

		handle = member ? node_get_str(node_get(rec, "data"), member) : NULL;
	}
	/* Not everybody that records speak of uses the program: who is no member gets no key. */
	if (!handle || strlen(handle) > 32 || !state_member(st, handle))
		return;
	snprintf(team, sizeof team, "~%s", handle);
	if (state_epoch(st, team))
		list_add(l, team);
}

static void
access_list(struct walk *w, struct list *l, const struct schema *sc, const struct node *data)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++) {
		const struct schema_access *x = &akt->access[i];
		const struct node *v;
		const char *ref;

		if ((x->when && !is_true(w, sc, data, x->when)) ||
		    (x->unless && is_true(w, sc, data, x->unless)))
			continue;
		if (x->team) {
			if (state_epoch(vault_state(w->s->v), x->team))
				list_add(l, x->team);
			continue;
		}
		v = follow(w, sc, data, x->field, &ref);
		if (v && v->kind == NODE_SEQ) {
			for (size_t k = 0; k < v->n; k++)
				add_person(w, l, v->seq[k], ref);
		} else if (v) {
			add_person(w, l, v, ref);
		}
	}
}

/* docs/formats.md: two machines that open the same part apart open the same dossier. */
static void
part_id(char out[11], const char *store, const char *parent, const char *part)
{
	struct buf b = {0};
	uint8_t digest[32];

	buf_add(&b, "akt part v1", sizeof "akt part v1");
	buf_add(&b, store, strlen(store) + 1);
	buf_add(&b, parent, strlen(parent) + 1);
	buf_puts(&b, part);
	hash_sha256(digest, b.p, b.n);
	id_from_digest(out, ID_DOSSIER, digest);
	buf_free(&b);
}

static int
choose(struct walk *w, char out[11], const char *type, const struct schema *sc,
    const struct node *data, struct err *e)
{
	const struct schema_akt *akt = schema_akt(sc);
	const struct store_info *store = state_store(vault_state(w->s->v));
	const char *field = NULL;

	for (size_t i = 0; i < akt->ndossier; i++) {
		const struct schema_dossier *d = &akt->dossier[i];
		const struct node *v, *rec;
		const char *ref, *at;

		switch (d->kind) {
		case DOSSIER_OWN:
			id_random(out, ID_DOSSIER);
			return 0;
		case DOSSIER_UNIT:
			memcpy(out, store->unit, ID_DOSSIER + 1);
			return 0;
		case DOSSIER_OF:
			field = d->field;
			v = follow(w, sc, data, d->field, &ref);
			if (!v || v->kind != NODE_STR)
				continue;
			rec = refer(w, v->text);
			at = rec ? node_get_str(rec, "dossier") : NULL;
			if (!at)
				return err_at(e, ERR_INVALID, NULL, 0, 0, d->field,
				    _("refers to no record that you may open; its file is where this one would go"));
			if (d->part)
				part_id(out, store->id, at, d->part);
			else
				memcpy(out, at, ID_DOSSIER + 1);
			return 0;
		}
	}
	return err_at(e, ERR_INVALID, NULL, 0, 0, field,
	    _("must be set: it says which dossier a new %s belongs to"), type);
}

int
place_record_among(struct session *s, struct txn *t, char out[11], const char *type,
    const struct schema *sc, const struct node *data, const struct place_peers *peers,
    struct err *e)
{
	struct walk w = {s, peers};
	struct list l = {0};
	struct dossier *d = NULL;
	struct err inner = {0};
	const char **access = NULL;
	char id[ID_DOSSIER + 1];
	int rc;

	rc = choose(&w, id, type, sc, data, e);
	if (rc)
		return rc;
	rc = txn_dossier(t, &d, id, &inner);
	dossier_free(d);
	if (rc == ERR_NOTFOUND) {
		access_list(&w, &l, sc, data);
		access = xcalloc(l.n + 1, sizeof *access);
		for (size_t i = 0; i < l.n; i++)
			access[i] = l.v[i];
		rc = txn_new_dossier(t, id, schema_akt(sc)->retention, access, l.n, e);
	} else if (rc) {
		err_append(e, &inner);
	}
	free(access);
	free(l.v);
	if (!rc)
		memcpy(out, id, sizeof id);
	return rc;
}

int
place_record(struct session *s, struct txn *t, char out[11], const char *type,
    const struct schema *sc, const struct node *data, struct err *e)
{
	return place_record_among(s, t, out, type, sc, data, NULL, e);
}

int
place_follow(struct session *s, struct txn *t, const char *dossier, const struct schema *sc,
    const struct node *before, const struct node *data, struct err *e)
{
	struct walk w = {s, NULL};
	struct list was = {0}, now = {0};
	struct dossier *d = NULL;
	int rc = 0;

	/* a record that lies in another's dossier does not decide who reads it */
	if (schema_akt(sc)->ndossier != 1 || schema_akt(sc)->dossier[0].kind != DOSSIER_OWN)
		return 0;
	access_list(&w, &was, sc, before);
	access_list(&w, &now, sc, data);
	for (size_t i = 0; !rc && i < now.n; i++)
		if (!listed(&was, now.v[i]))
			rc = txn_grant(t, dossier, now.v[i], 0, e);
	for (size_t i = 0; !rc && i < was.n; i++) {
		bool on = false;

		if (listed(&now, was.v[i]))
			continue;
		rc = txn_dossier(t, &d, dossier, e);
		for (size_t k = 0; !rc && k < d->naccess; k++)
			on |= strcmp(d->access[k], was.v[i]) == 0;
		dossier_free(d);
		d = NULL;
		if (!rc && on)
			rc = txn_revoke(t, dossier, was.v[i], e);
	}
	free(was.v);
	free(now.v);
	return rc;
}
