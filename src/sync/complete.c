/* After a merge, a team that one side let into a dossier may lack the key that the other side made
 * meanwhile: whoever holds it gives it (DESIGN 2). */
#include "sync/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "merge/storepath.h"
#include "vault/txn.h"

/* Up to which commit this machine has looked. Its own, never advertised. */
static const char looked[] = "refs/akt/completed";

struct dossiers {
	size_t n, cap;
	char (*v)[11];
};

static int
collect(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct dossiers *d = ctx;
	struct storepath p;

	(void)old, (void)old_mode, (void)mode;
	if (!id || storepath_parse(&p, path) != PATH_DOSSIER)
		return 0;
	vec_grow(d);
	memcpy(d->v[d->n++], p.dossier, sizeof *d->v);
	return 0;
}

int
sync_complete(struct vault *v, bool *changed, struct err *e)
{
	struct git *g = vault_git(v);
	struct dossiers d = {0};
	struct txn *t = NULL;
	struct oid last, tree, parents[2], id = *vault_head(v);
	bool had = git_ref_get(g, &last, looked, NULL) == 0, one;
	size_t n;
	int rc = 0;

	*changed = false;
	if (had && oid_equal(&last, &id))
		return 0;
	if (had && git_commit_links(g, &last, &tree, parents, &n, NULL))
		had = false;
	rc = git_diff(g, had ? &tree : NULL, vault_tree(v), collect, &d, e);
	if (!rc && d.n)
		rc = txn_begin(&t, v, e);
	for (size_t i = 0; !rc && i < d.n; i++) {
		rc = txn_complete(t, d.v[i], &one, e);
		*changed |= one;
	}
	if (!rc && *changed)
		rc = txn_commit(t, &id, "wrap", e);
	txn_free(t);
	had = git_ref_get(g, &last, looked, NULL) == 0;
	if (!rc)
		rc = git_ref_set(g, looked, &id, had ? &last : NULL, e);
	free(d.v);
	return rc;
}
