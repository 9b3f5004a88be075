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
#include "git/repo.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/current.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct walk {
	struct session *s;
	const struct place_peers *peers;
	bool leavers; /* count those who have left too */
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
	const struct member *m;
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
	/* Not everybody that records speak of uses the program: who is no member, or
	 * has left, gets no key. */
	m = handle && strlen(handle) <= 32 ? state_member(st, handle) : NULL;
	if (!m || (!m->roles && !w->leavers))
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

const char *
place_names(struct session *s, const struct schema *sc, const struct node *data, const char *team)
{
	const struct schema_akt *akt = schema_akt(sc);
	const struct shape *shape = schema_shape(sc);
	struct walk w = {s, NULL, true};
	const char *found = NULL;

	for (size_t i = 0; i < akt->naccess && !found; i++) {
		const char *field = akt->access[i].field, *ref;
		/* what stands behind a reference is the other record's own field */
		const struct shape *at = field ? path_shape(shape, field) : NULL;
		const struct node *v = at ? path_get(shape, (struct node *)data, field) : NULL;
		struct list l = {0};

		ref = !at ? NULL : at->is_seq && at->item ? at->item->ref : at->ref;
		for (size_t k = 0; v && v->kind == NODE_SEQ && k < v->n; k++)
			add_person(&w, &l, v->seq[k], ref);
		if (v && v->kind != NODE_SEQ)
			add_person(&w, &l, v, ref);
		if (listed(&l, team))
			found = field;
		free(l.v);
	}
	return found;
}

/* docs/formats.md: two machines that open the same part apart open the same dossier. */
void
place_part(char out[11], const char *store, const char *parent, const char *part)
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
				place_part(out, store->id, at, d->part);
			else
				memcpy(out, at, ID_DOSSIER + 1);
			return 0;
		}
	}
	return err_at(e, ERR_INVALID, NULL, 0, 0, field,
	    _("must be set: it says which dossier a new %s belongs to"), type);
}

bool
place_owns(const struct schema *sc, const struct node *data)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->ndossier; i++) {
		const struct schema_dossier *d = &akt->dossier[i];

		if (d->kind == DOSSIER_OF && path_get(schema_shape(sc), (struct node *)data, d->field))
			return false;
		if (d->kind != DOSSIER_OF)
			return d->kind == DOSSIER_OWN;
	}
	return false;
}

static int
open_as(struct walk *w, struct txn *t, const char *dossier, const struct schema *sc,
    const struct node *data, struct err *e)
{
	struct list l = {0};
	struct dossier *d = NULL;
	struct err inner = {0};
	const char **access = NULL;
	int rc = txn_dossier(t, &d, dossier, &inner);

	dossier_free(d);
	if (rc == ERR_NOTFOUND) {
		access_list(w, &l, sc, data);
		access = xcalloc(l.n + 1, sizeof *access);
		for (size_t i = 0; i < l.n; i++)
			access[i] = l.v[i];
		rc = txn_new_dossier(t, dossier, schema_akt(sc)->retention, access, l.n, e);
	} else if (rc) {
		err_append(e, &inner);
	}
	free(access);
	free(l.v);
	return rc;
}

int
place_open(struct session *s, struct txn *t, const char *dossier, const struct schema *sc,
    const struct node *data, const struct place_peers *peers, struct err *e)
{
	struct walk w = {s, peers, false};

	return open_as(&w, t, dossier, sc, data, e);
}

int
place_record_among(struct session *s, struct txn *t, char out[11], const char *type,
    const struct schema *sc, const struct node *data, const struct place_peers *peers,
    struct err *e)
{
	struct walk w = {s, peers, false};
	char id[ID_DOSSIER + 1];
	int rc = choose(&w, id, type, sc, data, e);

	if (!rc)
		rc = open_as(&w, t, id, sc, data, e);
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

/* Grants and revokes what one record's list says after the edit and did not before, and the other
 * way round. */
static int
apply_difference(struct session *s, struct txn *t, const char *dossier, const struct list *was,
    const struct list *now, struct err *e)
{
	const struct state *st = vault_state(s->v);
	int rc = 0;

	/* whose only machine is lost gets no key, and is no reason to refuse the save */
	for (size_t i = 0; !rc && i < now->n; i++)
		if (!listed(was, now->v[i]) && current_team_active(st, now->v[i], txn_now(t)))
			rc = txn_grant(t, dossier, now->v[i], 0, e);
	for (size_t i = 0; !rc && i < was->n; i++) {
		struct dossier *d = NULL;
		bool on = false;

		if (listed(now, was->v[i]))
			continue;
		rc = txn_dossier(t, &d, dossier, e);
		for (size_t k = 0; !rc && k < d->naccess; k++)
			on |= strcmp(d->access[k], was->v[i]) == 0;
		dossier_free(d);
		if (!rc && on)
			rc = txn_revoke(t, dossier, was->v[i], e);
	}
	return rc;
}

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
	struct err *e;
};

/* True when the type's list steps through a reference to a field that this edit changes. */
static bool
depends(const struct dependents *d, const struct schema *sc)
{
	const struct schema_akt *akt = schema_akt(sc);

	for (size_t i = 0; i < akt->naccess; i++) {
		const char *const fields[] = {akt->access[i].field, akt->access[i].when,
		    akt->access[i].unless};

		for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
			const char *dot = fields[k] ? strchr(fields[k], '.') : NULL;

			for (; dot; dot = strchr(dot + 1, '.'))
				if (!node_equal(path_get(NULL, (struct node *)d->before, dot + 1),
				        path_get(NULL, (struct node *)d->after, dot + 1)))
					return true;
		}
	}
	return false;
}

static int
follow_dependent(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct dependents *d = ctx;
	struct place_peers peers = {find_edited, &d->edited};
	struct walk old = {d->s, NULL, false}, fresh = {d->s, &peers, false};
	struct list was = {0}, now = {0};
	const struct schema *sc = NULL;
	struct node *rec = NULL;
	struct err inner = {0};
	int rc;

	if (p->kind != PATH_RECORD || strcmp(p->record, d->edited.id) == 0 ||
	    !vault_can_read(d->s->v, p->dossier))
		return 0;
	rc = vault_schema(d->s->v, &sc, p->type, d->e);
	if (rc || !sc || !depends(d, sc))
		return rc;
	if (vault_open_record(d->s->v, &rec, d->s->arena, path, id, &inner))
		return 0; /* check and verify tell of damage */
	access_list(&old, &was, sc, node_get(rec, "data"));
	access_list(&fresh, &now, sc, node_get(rec, "data"));
	rc = apply_difference(d->s, d->t, p->dossier, &was, &now, d->e);
	free(was.v);
	free(now.v);
	return rc;
}

static int
any_type(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct dependents *d = ctx;
	const struct schema *sc = NULL;
	struct err inner = {0};
	struct storepath p;
	char *path = xasprintf("schema/%s", name);
	bool found = storepath_parse(&p, path) == PATH_SCHEMA &&
	    vault_schema(d->s->v, &sc, p.name, &inner) == 0 && sc && depends(d, sc);

	(void)mode;
	(void)id;
	free(path);
	return found;
}

/* Asks the few schemas before walking the many records. */
static bool
any_depends(struct session *s, struct dependents *d)
{
	struct git *g = vault_git(s->v);
	struct buf raw = {0};
	struct err inner = {0};
	struct oid schemas;
	unsigned mode;
	bool any = git_tree_find(g, &schemas, &mode, vault_tree(s->v), "schema", &inner) == 0 &&
	    git_read(g, &raw, NULL, &schemas, &inner) == 0 &&
	    git_tree_each(raw.p, raw.n, any_type, d, &inner) != 0;

	buf_free(&raw);
	return any;
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
	struct walk w = {s, NULL, false};
	struct list was = {0}, now = {0};
	bool any = false;
	int rc = 0;

	/* the unit's dossier is the unit's, whatever one record in it says */
	if (strcmp(dossier, state_store(vault_state(s->v))->unit) != 0) {
		access_list(&w, &was, sc, before);
		access_list(&w, &now, sc, d.after);
		rc = apply_difference(s, t, dossier, &was, &now, e);
	}
	free(was.v);
	free(now.v);
	/* who reads a case also reads what hangs on it: those lists follow in the same save */
	for (size_t i = 0; !rc && !any && i < d.after->n; i++)
		any = !node_equal(node_get(before, d.after->map[i].key), d.after->map[i].value);
	for (size_t i = 0; !rc && !any && i < before->n; i++)
		any = !node_get(d.after, before->map[i].key);
	if (!rc && any && any_depends(s, &d))
		rc = vault_each_record(s->v, vault_tree(s->v), follow_dependent, &d, e);
	return rc;
}
