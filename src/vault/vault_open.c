/* Records opened, and all that the store has. */
#include "vault/vault_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "schema/schema.h"
#include "schema/shape.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"

bool
vault_can_read(struct vault *v, const char *dossier)
{
	const struct dossier *d = NULL;
	const struct member *me;
	struct err e;
	size_t opened = 0;

	err_clear(&e);
	if (!v->id || vault_me(v, &me, NULL, &e))
		return false;
	if (state_dossier(v->state, &d, dossier, &e)) {
		vault_note_damage(v, &e);
		return false;
	}
	/* Old keys open what was written before one was taken off the list; it is no longer ours to
	 * show. The recovery identity is on no list and reads everything. */
	if (!(me->roles & ROLE_RECOVERY) && !state_may_read(v->state, d, me->handle, date_now()))
		return false;
	v->lacking = false;
	if (vault_load_dossier(v, v->state, d, vault_read_keyfile, v, &opened, &e) == 0 && opened)
		return true;
	/* keys come before main, so that what HEAD names must be here */
	if (!e.n && v->lacking)
		err_set(&e, ERR_DAMAGED, _("a key file of dossier %s is missing; akt doctor puts it back"), d->id);
	vault_note_damage(v, &e);
	return false;
}

void
vault_passing(struct vault *v, bool on)
{
	v->last[0] = '\0';
	state_cache_passing(v->cache, on);
}

static int
dossier_of(struct vault *v, const struct dossier **out, const struct state *s, const char *id,
    struct err *e)
{
	int rc = 0;

	if (s == v->state && strcmp(id, v->last) == 0) {
		*out = v->last_dossier;
		return 0;
	}
	rc = state_dossier(s, out, id, e);
	if (!rc && s == v->state) {
		snprintf(v->last, sizeof v->last, "%s", id);
		v->last_dossier = *out;
	}
	return rc;
}

/* Its dossier's identities opened, the sealed bytes read. */
static int
load(struct vault *v, struct buf *sealed, const struct dossier **d, const struct state *s, const char *dossier,
    const struct oid *id, struct err *e)
{
	size_t opened = 0;
	int rc = dossier_of(v, d, s, dossier, e);

	if (!rc)
		rc = vault_load_dossier(v, s, *d, vault_read_keyfile, v, &opened, e);
	if (!rc && !opened)
		rc = err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	return rc ? rc : git_read(v->git, sealed, NULL, id, e);
}

int
vault_load_record(struct vault *v, struct buf *sealed, struct keyring_key *keys, size_t max, size_t *n,
    const struct storepath *p, const struct oid *id)
{
	const struct dossier *d = NULL;
	struct err e = {0};
	int rc = load(v, sealed, &d, v->state, p->dossier, id, &e);

	*n = 0;
	for (size_t i = 0; !rc && i < d->nkeys; i++) {
		const struct keyring_key *key = vault_key_of(v, d, i);

		if (key && *n == max)
			return ERR_ACCESS;
		if (key)
			keys[(*n)++] = *key;
	}
	return rc || *n ? rc : ERR_ACCESS;
}

static int
open_bytes(struct vault *v, struct buf *out, const struct state *s, const char *path,
    const struct oid *id, struct err *e)
{
	const struct dossier *d = NULL;
	struct buf sealed = {0};
	struct storepath p;
	struct err inner;
	int rc;

	err_clear(&inner);
	switch (storepath_parse(&p, path)) {
	case PATH_RECORD:
	case PATH_PARKED:
		break;
	default:
		return err_set(e, ERR_USAGE, _("%s is no record"), path);
	}
	rc = load(v, &sealed, &d, s, p.dossier, id, &inner);
	if (!d && rc == ERR_NOTFOUND)
		return err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	/* the tree names it: its absence is damage, and no answer to whether there is such a record */
	if (rc == ERR_NOTFOUND) {
		rc = ERR_DAMAGED;
		for (int i = 0; i < inner.n; i++)
			inner.item[i].code = ERR_DAMAGED;
	}
	if (!rc)
		rc = vault_decrypt(v, out, d, buf_str(&sealed), sealed.n, &inner);
	if (rc) {
		for (int i = 0; i < inner.n; i++) {
			if (rc != ERR_ACCESS)
				err_at(e, inner.item[i].code, p.record, 0, 0, NULL, "%s",
				    inner.item[i].text);
			else
				err_set(e, inner.item[i].code, "%s", inner.item[i].text);
		}
	}
	buf_free(&sealed);
	return rc;
}

int
vault_open_bytes(struct vault *v, struct buf *out, const char *path, const struct oid *id,
    struct err *e)
{
	return open_bytes(v, out, v->state, path, id, e);
}

void
vault_texts(struct vault *v, const char *type, struct node *rec)
{
	const struct schema *sc = NULL;
	struct err inner;

	err_clear(&inner);
	/* a schema that cannot be read keeps nobody from the record; check tells of it */
	if (vault_schema(v, &sc, type, &inner) == 0 && sc)
		shape_texts(schema_shape(sc), node_get(rec, "data"));
}

int
vault_open_record(struct vault *v, struct node **out, struct arena *a, const char *path,
    const struct oid *id, struct err *e)
{
	struct node *rec = NULL;
	struct storepath p;
	int rc = vault_open_record_by(v, &rec, a, v->state, path, id, e);

	if (rc)
		return rc;
	storepath_parse(&p, path);
	vault_texts(v, p.type, rec);
	*out = rec;
	return 0;
}

int
vault_parse_record(struct node **out, struct arena *a, const struct buf *plain, const struct storepath *p,
    struct err *e)
{
	char *file = xasprintf("%s.yaml", p->record);
	struct node *doc = NULL;
	int rc = yaml_parse(&doc, a, buf_str(plain), plain->n, file, YAML_STORED, e);

	if (!rc)
		envelope_normalise(a, doc);
	if (!rc)
		rc = envelope_check(doc, p, file, e);
	free(file);
	if (rc)
		return rc == ERR_INVALID ? ERR_DAMAGED : rc;
	*out = doc;
	return 0;
}

int
vault_open_record_by(struct vault *v, struct node **out, struct arena *a, const struct state *s,
    const char *path, const struct oid *id, struct err *e)
{
	struct buf plain = {0};
	struct storepath p;
	int rc = open_bytes(v, &plain, s, path, id, e);

	storepath_parse(&p, path);
	if (!rc)
		rc = vault_parse_record(out, a, &plain, &p, e);
	buf_free(&plain);
	return rc;
}

struct each_ctx {
	vault_record_fn each;
	void *ctx;
};

static int
each_file(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct each_ctx *c = ctx;
	struct storepath p;

	(void)old;
	(void)old_mode;
	(void)mode;
	switch (storepath_parse(&p, path)) {
	case PATH_RECORD:
	case PATH_PARKED:
		return c->each(c->ctx, path, &p, id);
	default:
		return 0;
	}
}

int
vault_each_record(struct vault *v, const struct oid *tree, vault_record_fn each, void *ctx,
    struct err *e)
{
	struct each_ctx c = {each, ctx};

	return git_diff(v->git, NULL, tree, each_file, &c, e);
}
