/* Records put into their dossiers. */
#include "vault/txn_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "merge/record.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/reads.h"

/* True when the blob at `path` is a record of equal content that we can open. */
static bool
stands_already(struct txn *t, struct dossier *d, const char *path, const struct node *rec)
{
	struct arena *a = arena_new();
	struct buf sealed = {0}, plain = {0};
	struct node *old = NULL;
	struct err e = {0};
	bool same = false;

	if (txn_read(t, &sealed, path, &e) == 0 &&
	    vault_decrypt(t->v, &plain, d, buf_str(&sealed), sealed.n, &e) == 0 &&
	    yaml_parse(&old, a, buf_str(&plain), plain.n, path, YAML_STORED, &e) == 0) {
		envelope_normalise(a, old);
		vault_texts(t->v, node_get_str(rec, "type"), old);
		same = merge_same_content(old, rec);
	}
	buf_free(&sealed);
	buf_free(&plain);
	arena_free(a);
	return same;
}

/* What could not be read again is not written, whatever let it through: the text must parse to the
 * record that was meant. */
static int
reads_back(const struct buf *plain, const struct node *rec, const struct storepath *p,
    const char *file, struct err *e)
{
	struct arena *a = arena_new();
	struct node *again = NULL;
	int rc = yaml_parse(&again, a, buf_str(plain), plain->n, file, YAML_STORED, e);

	if (!rc)
		rc = envelope_check(again, p, file, e);
	if (!rc && !merge_same_content(again, rec))
		rc = err_at(e, ERR_INVALID, file, 0, 0, NULL,
		    _("would not read the same once it is written; nothing has been changed"));
	arena_free(a);
	return rc;
}

static int
put_record(struct txn *t, struct node *rec, struct arena *a, bool fresh, bool merged, bool *changed,
    struct err *e)
{
	const char *id = node_get_str(rec, "id"), *dossier = node_get_str(rec, "dossier");
	struct buf plain = {0}, sealed = {0};
	struct dossier *d = NULL;
	const struct state *s;
	struct storepath p;
	char *name = xasprintf("%s.yaml.age", id ? id : ""), *path;
	uint8_t pk[32];
	size_t opened;
	struct oid blob;
	int rc;

	path = storepath_in_dossier(dossier ? dossier : "", name);
	free(name);
	name = xasprintf("%s.yaml", id ? id : "");
	if (storepath_parse(&p, path) != PATH_RECORD) {
		rc = err_set(e, ERR_INVALID, _("a record's id or dossier is malformed"));
		goto done;
	}
	rc = envelope_check(rec, &p, name, e);
	if (!rc)
		rc = txn_dossier(t, &d, p.dossier, e);
	s = t->v->state;
	if (!rc && t->teams_touched)
		rc = txn_state(t, &s, e);
	if (!rc)
		rc = vault_load_dossier(t->v, s, d, txn_read_keyfile, t, &opened, e);
	if (!rc && d->nkeys && !opened)
		rc = err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	if (rc)
		goto done;
	if (!fresh && stands_already(t, d, path, rec)) {
		*changed = false;
		goto done;
	}
	rc = txn_current_identity(t, d, s, !merged, pk, e);
	if (rc)
		goto done;
	envelope_format(&plain, a, rec);
	rc = reads_back(&plain, rec, &p, name, e);
	if (rc)
		goto done;
	rc = age_encrypt(&sealed, (const uint8_t (*)[32])&pk, 1, plain.p, plain.n, e);
	if (rc)
		goto done;
	git_batch_add(t->batch, &blob, GIT_BLOB, sealed.p, sealed.n);
	txn_put_blob(t, path, &blob);
	txn_check_later(t, path, &blob, &plain);
	path = NULL;
	*changed = true;
done:
	dossier_free(d);
	buf_free(&plain);
	buf_free(&sealed);
	free(path);
	free(name);
	return rc;
}

int
txn_put_record(struct txn *t, struct node *rec, struct arena *a, bool *changed, struct err *e)
{
	return put_record(t, rec, a, false, false, changed, e);
}

int
txn_put_merged(struct txn *t, struct node *rec, struct arena *a, struct err *e)
{
	bool changed;

	return put_record(t, rec, a, true, true, &changed, e);
}

int
txn_put_afresh(struct txn *t, struct node *rec, struct arena *a, struct err *e)
{
	bool changed;

	return put_record(t, rec, a, true, false, &changed, e);
}
