/* Where a record goes and who reads it: x-akt.dossier and x-akt.access carried out. */
#include "app/readers.h"

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

const char *
place_names(struct session *s, const struct schema *sc, const struct node *data, const char *team)
{
	const struct schema_akt *akt = schema_akt(sc);
	const struct shape *shape = schema_shape(sc);
	struct readers_walk w = {.s = s, .leavers = true};
	const char *found = NULL;

	for (size_t i = 0; i < akt->naccess && !found; i++) {
		const char *field = akt->access[i].field, *ref;
		/* what stands behind a reference is the other record's own field */
		const struct shape *at = field ? path_shape(shape, field) : NULL;
		const struct node *v = at ? path_get(shape, (struct node *)data, field) : NULL;
		struct readers l = {0};

		ref = !at ? NULL : at->is_seq && at->item ? at->item->ref : at->ref;
		for (size_t k = 0; v && v->kind == NODE_SEQ && k < v->n; k++)
			readers_person(&w, &l, v->seq[k], ref, field);
		if (v && v->kind != NODE_SEQ)
			readers_person(&w, &l, v, ref, field);
		if (readers_have(&l, team))
			found = field;
		readers_free(&l);
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
choose(struct readers_walk *w, char out[11], const char *type, const struct schema *sc,
    const struct node *data, struct err *e)
{
	const struct schema_akt *akt = schema_akt(sc);
	const struct store_info *store = state_store(vault_state(w->s->v));
	const char *field = NULL;

	for (size_t i = 0; i < akt->ndossier; i++) {
		const struct schema_dossier *d = &akt->dossier[i];
		const struct node *v, *rec;
		const char *ref, *at;
		struct readers_hidden hidden = {0};
		bool there;

		switch (d->kind) {
		case DOSSIER_OWN:
			id_random(out, ID_DOSSIER);
			return 0;
		case DOSSIER_UNIT:
			memcpy(out, store->unit, ID_DOSSIER + 1);
			return 0;
		case DOSSIER_OF:
			field = d->field;
			v = readers_follow(w, sc, data, d->field, &ref, &hidden);
			if (!v || v->kind != NODE_STR)
				continue;
			rec = readers_refer(w, v->text, &there);
			at = rec ? node_get_str(rec, "dossier") : NULL;
			if (!at && w->damage.n)
				return readers_unseen(w, d->field, e);
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

int
place_fits(struct session *s, struct txn *t, const char *dossier, const char *type,
    const struct schema *sc, const struct node *data, struct err *e)
{
	const struct schema_akt *akt = schema_akt(sc);
	struct readers_walk w = {.s = s, .t = t, .strict = true};
	char said[ID_DOSSIER + 1];
	bool says = false;
	int rc;

	for (size_t i = 0; i < akt->ndossier && !says; i++) {
		const struct schema_dossier *d = &akt->dossier[i];

		if (d->kind == DOSSIER_OWN)
			return 0;
		says = d->kind == DOSSIER_UNIT ||
		    path_get(schema_shape(sc), (struct node *)data, d->field) != NULL;
	}
	if (!says)
		return 0;
	rc = choose(&w, said, type, sc, data, e);
	if (rc || strcmp(said, dossier) == 0)
		return rc;
	return err_set(e, ERR_USAGE,
	    _("--dossier: this %s goes to dossier %s, as its type and fields say; leave the option out"), type, said);
}

static int
open_as(struct readers_walk *w, struct txn *t, const char *dossier, const struct schema *sc,
    const struct node *data, struct err *e)
{
	struct readers l = {0};
	struct dossier *d = NULL;
	struct err inner = {0};
	const char **access = NULL;
	int rc = txn_dossier(t, &d, dossier, &inner);

	dossier_free(d);
	if (rc == ERR_NOTFOUND) {
		rc = readers_of(w, &l, sc, data, e);
		access = xcalloc(l.n + 1, sizeof *access);
		for (size_t i = 0; i < l.n; i++)
			access[i] = l.v[i];
		if (!rc)
			rc = txn_new_dossier(t, dossier, schema_akt(sc)->retention, access, l.n, e);
	} else if (rc) {
		err_append(e, &inner);
	}
	free(access);
	readers_free(&l);
	return rc;
}

int
place_open(struct session *s, struct txn *t, const char *dossier, const struct schema *sc,
    const struct node *data, const struct place_peers *peers, struct err *e)
{
	struct readers_walk w = {.s = s, .t = t, .peers = peers, .strict = true};

	return open_as(&w, t, dossier, sc, data, e);
}

int
place_record_among(struct session *s, struct txn *t, char out[11], const char *type,
    const struct schema *sc, const struct node *data, const struct place_peers *peers,
    struct err *e)
{
	struct readers_walk w = {.s = s, .t = t, .peers = peers, .strict = true};
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
