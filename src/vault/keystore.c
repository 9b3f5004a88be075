#include "vault/keystore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/remote.h"
#include "git/repo.h"
#include "vault/vault_private.h"

enum { LOCK_WAIT_MS = 60000 };

/* What is kept, in the old repository until it has been copied: refs/akt/keys itself moves only with
 * the swap, so that a crash before it leaves something that still asks to be rebuilt. */
static const char kept[] = "refs/akt/kept";

void
keystore_commit(struct git_batch *b, struct oid *out, const struct oid *tree)
{
	struct buf raw = {0};
	char hex[OID_HEX + 1];

	oid_format(hex, tree);
	buf_printf(&raw, "tree %s\nauthor akt <akt> 0 +0000\ncommitter akt <akt> 0 +0000\n\nakt: keys\n",
	    hex);
	git_batch_add(b, out, GIT_COMMIT, buf_str(&raw), raw.n);
	buf_free(&raw);
}

static int
reopen(struct vault *v, const char *path, struct err *e)
{
	git_close(v->keys);
	v->keys = NULL;
	return git_open(&v->keys, path, false, e);
}

int
keystore_lock(struct os_lock **out, struct vault *v, struct err *e)
{
	char *path = vault_local(v, "keys.lock"), *keys = vault_local(v, "keys.git");
	struct os_lock *lock = NULL;
	int rc = os_lock(&lock, path, LOCK_WAIT_MS, e);

	/* another program may have rebuilt it: what the old one had in its packs the new may lack */
	if (!rc)
		rc = reopen(v, keys, e);
	if (rc)
		os_unlock(lock);
	else
		*out = lock;
	free(keys);
	free(path);
	return rc;
}

struct places {
	char *now, *fresh, *old, *above;
};

static struct places
places_of(const char *store)
{
	return (struct places){
		.now = xasprintf("%s/akt/keys.git", store),
		.fresh = xasprintf("%s/akt/keys.new", store),
		.old = xasprintf("%s/akt/keys.old", store),
		.above = xasprintf("%s/akt", store),
	};
}

static void
places_free(struct places *p)
{
	free(p->now);
	free(p->fresh);
	free(p->old);
	free(p->above);
}

static int
move(const char *from, const char *to, const struct places *p, struct err *e)
{
	if (rename(from, to) < 0)
		return err_os(e, ERR_IO, errno, _("cannot put the rebuilt keys in place"));
	return os_fsync_dir(p->above, e);
}

int
keystore_settle(const char *store, struct err *e)
{
	struct places p = places_of(store);
	struct err inner = {0};
	int rc = 0;

	/* between the two renames of a rebuilding: the fresh one is whole, or the old had not moved */
	if (os_absent(p.now) && os_is_dir(p.fresh) && os_is_dir(p.old)) {
		rc = move(p.fresh, p.now, &p, &inner);
		if (rc && os_is_dir(p.now))
			rc = 0; /* its own program was faster */
		else if (rc)
			err_append(e, &inner);
	}
	if (!rc && os_is_dir(p.now) && os_is_dir(p.old))
		os_remove_tree(p.old, &inner); /* again at the next opening, where it cannot be */
	places_free(&p);
	return rc;
}

/* The keys' commit without these dossiers, under `kept`. */
static int
write_kept(struct git *g, bool *any, char (*dossiers)[11], size_t n, struct err *e)
{
	struct git_update *u = xcalloc(n + 1, sizeof *u);
	struct git_batch *b = git_batch_new(g);
	struct oid now, tree, parents[2], commit, old;
	struct err inner = {0};
	size_t count;
	int rc = git_ref_get(g, &now, VAULT_KEYS, &inner);

	*any = rc == 0;
	if (rc)
		goto done;
	for (size_t i = 0; i < n; i++)
		u[i].path = xasprintf("%c/%c/%s", dossiers[i][0], dossiers[i][1], dossiers[i]);
	rc = git_commit_links(g, &now, &tree, parents, &count, &inner);
	if (!rc)
		rc = git_tree_update(b, &tree, &tree, u, n, &inner);
	if (!rc) {
		keystore_commit(b, &commit, &tree);
		rc = git_batch_write(b, &inner);
	}
	if (!rc) {
		bool had = git_ref_get(g, &old, kept, NULL) == 0;

		rc = had && oid_equal(&old, &commit) ? 0 :
			git_ref_set(g, kept, &commit, had ? &old : NULL, &inner);
	}
done:
	if (rc == ERR_NOTFOUND && !*any)
		rc = 0;
	else if (rc)
		err_append(e, &inner);
	for (size_t i = 0; i < n; i++)
		free((char *)u[i].path);
	free(u);
	git_batch_free(b);
	return rc;
}

static int
copy_kept(const struct places *p, struct err *e)
{
	struct git_remote *from = NULL;
	struct git *g = NULL;
	int rc = git_init(&g, p->fresh, e);

	if (!rc)
		rc = git_remote_open(&from, p->now, e);
	if (!rc)
		rc = git_remote_fetch(from, g, kept, VAULT_KEYS, NULL, NULL, e);
	git_remote_close(from);
	git_close(g);
	return rc;
}

int
keystore_rebuild(struct vault *v, char (*dossiers)[11], size_t n, struct err *e)
{
	struct places p = places_of(v->path);
	bool any = false;
	int rc;

	rc = os_remove_tree(p.fresh, e);
	if (!rc)
		rc = os_remove_tree(p.old, e);
	if (!rc)
		rc = write_kept(v->keys, &any, dossiers, n, e);
	if (!rc && any)
		rc = copy_kept(&p, e);
	if (rc || !any)
		goto done;
	/* Handles open on the old folder find the new one by its path. */
	rc = move(p.now, p.old, &p, e);
	if (!rc)
		rc = move(p.fresh, p.now, &p, e);
	if (!rc)
		rc = reopen(v, p.now, e);
	if (!rc)
		rc = os_remove_tree(p.old, e);
done:
	places_free(&p);
	return rc;
}
