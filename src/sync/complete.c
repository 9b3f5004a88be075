/* After a merge, a team that one side let into a dossier may lack the key that the other side made
 * meanwhile: whoever holds it gives it (DESIGN 2). */
#include "sync/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/os.h"
#include "merge/storepath.h"
#include "vault/txn.h"

/* Up to which commit this machine has looked. Its own, never advertised. */
static const char looked[] = "refs/akt/completed";
enum { LATER_MAX = 1 << 20 };

struct dossiers {
	size_t n, cap, nlater; /* the first of them are from the last look */
	const struct state *now;
	const char *me;
	bool all; /* what this machine may give, or has to, is told by teams too, and those have changed */
	char (*v)[ID_DOSSIER + 1];
};

static void
add(struct dossiers *d, const char *id)
{
	for (size_t i = 0; i < d->nlater; i++)
		if (memcmp(d->v[i], id, ID_DOSSIER) == 0)
			return;
	vec_grow(d);
	memcpy(d->v[d->n], id, ID_DOSSIER);
	d->v[d->n++][ID_DOSSIER] = '\0';
}

/* STORE/akt/lacking: the dossiers, a line each, where a team is still to be renewed by its own before it gets
 * a key. */
static int
read_later(struct dossiers *d, const char *path, struct err *e)
{
	struct buf text = {0};
	struct err inner = {0};
	const char *end;
	int rc = os_read_file(&text, path, LATER_MAX, &inner);

	if (rc == ERR_NOTFOUND)
		rc = 0;
	else
		err_append(e, &inner);
	for (const char *p = buf_str(&text); !rc && (end = strchr(p, '\n')); p = end + 1)
		if (end - p == ID_DOSSIER)
			add(d, p);
	d->nlater = d->n;
	buf_free(&text);
	return rc;
}

static int
write_later(const struct dossiers *d, const char *path, bool had, struct err *e)
{
	struct buf text = {0};
	int rc = 0;

	for (size_t i = 0; i < d->n; i++)
		buf_printf(&text, "%s\n", d->v[i]);
	if (d->n)
		rc = os_write_file(path, text.p, text.n, 0600, e);
	else if (had)
		rc = os_unlink(path, e);
	buf_free(&text);
	return rc;
}

static int
collect(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct dossiers *d = ctx;
	struct storepath p;
	enum storepath_kind kind = storepath_parse(&p, path);

	(void)old, (void)old_mode, (void)mode;
	if (id && kind == PATH_DOSSIER)
		add(d, p.dossier);
	if (kind != PATH_EPOCH)
		return 0;
	/* An epoch that is no more came from a side that was let in without it: what was sealed for it alone lacks its
	 * team now. In one of ours we may be new: what we hold keys of was not ours to give before. */
	d->all |= !id || state_in_team(d->now, p.name, d->me, 0);
	return 0;
}

/* What the last look left, and what has changed since. */
static int
find_dossiers(struct dossiers *d, struct vault *v, struct err *e)
{
	struct git *g = vault_git(v);
	struct oid last, tree, parents[2];
	const struct member *me;
	size_t n;
	bool had = git_ref_get(g, &last, looked, NULL) == 0;
	int rc = vault_me(v, &me, NULL, e);

	if (rc)
		return rc;
	d->now = vault_state(v);
	d->me = me->handle;
	if (had && oid_equal(&last, vault_head(v)))
		return 0;
	if (had && git_commit_links(g, &last, &tree, parents, &n, NULL))
		had = false;
	rc = git_diff(g, had ? &tree : NULL, vault_tree(v), collect, d, e);
	if (!rc && had && d->all) {
		d->n = d->nlater;
		rc = git_diff(g, NULL, vault_tree(v), collect, d, e);
	}
	return rc;
}

static int
give(struct dossiers *later, const struct dossiers *d, struct vault *v, bool *changed,
    struct err *e)
{
	struct txn *t = NULL;
	struct oid id;
	bool one, wait;
	int rc = d->n ? txn_begin(&t, v, e) : 0;

	for (size_t i = 0; !rc && i < d->n; i++) {
		rc = txn_complete(t, d->v[i], &one, &wait, e);
		*changed |= one;
		if (!rc && wait)
			add(later, d->v[i]);
	}
	if (!rc && *changed)
		rc = txn_commit(t, &id, "wrap", e);
	txn_free(t);
	return rc;
}

int
sync_complete(struct vault *v, bool *changed, struct err *e)
{
	struct git *g = vault_git(v);
	struct dossiers d = {0}, later = {0};
	char *path = vault_local(v, "lacking");
	struct oid last;
	bool had;
	int rc;

	*changed = false;
	rc = read_later(&d, path, e);
	if (!rc)
		rc = find_dossiers(&d, v, e);
	if (!rc)
		rc = give(&later, &d, v, changed, e);
	if (!rc && (later.n != d.nlater || (later.n && memcmp(later.v, d.v, later.n * sizeof *d.v) != 0)))
		rc = write_later(&later, path, d.nlater > 0, e);
	/* the head of now, our own commit too; txn_commit has moved it */
	had = git_ref_get(g, &last, looked, NULL) == 0;
	if (!rc && !(had && oid_equal(&last, vault_head(v))))
		rc = git_ref_set(g, looked, vault_head(v), had ? &last : NULL, e);
	free(path);
	free(d.v);
	free(later.v);
	return rc;
}
