/* Keeping a store small and quick: gc, asked for or when it pays. */
#include "app/care.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/gc.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/keystore.h"
#include "vault/vault.h"

enum {
	FETCH_WAIT_MS = 60000,
	HUB_WAIT_MS = 30000,
	/* Older than any fetch, merge or push that may still be under way, on a machine that slept
	 * through a holiday too. */
	PRUNE_S = 30 * 86400,
	/* Whoever writes keys holds a lock that gc takes as well. What goes is the trees of earlier
	 * lists of key files. */
	PRUNE_KEYS_S = 86400,
	STALE_S = 3600, /* a program that is killed leaves its temporary files */
};

int
care_fetch_lock(struct os_lock **out, const struct vault *v, bool wait, struct err *e)
{
	char *path = vault_local(v, "sync.lock");
	struct err inner = {0};
	int rc = os_lock(out, path, wait ? FETCH_WAIT_MS : 0, &inner);

	if (rc == ERR_BUSY)
		err_set(e, rc, _("this store is being synced by another program; try again"));
	else
		err_append(e, &inner);
	free(path);
	return rc;
}

static int
progress(void *ctx, size_t done, size_t total)
{
	struct session *s = ctx;

	return s->progress ? s->progress(s->ctx, _("packing"), done, total) : 0;
}

/* A hub is a store's repository without a machine's own folder: its pushers take another lock. */
static int
writer_lock(struct os_lock **out, struct session *s, struct err *e)
{
	char *path;
	int rc;

	if (vault_keys_git(s->v))
		return vault_lock(out, s->v, e);
	path = xasprintf("%s/akt.lock", vault_path(s->v));
	rc = os_lock(out, path, HUB_WAIT_MS, e);
	free(path);
	return rc;
}

/* Saves go on while the new pack is written; they wait only while files are deleted. */
static int
gc_store(struct session *s, enum git_gc_what what, int prune_s, struct git_gc_report *r,
    struct err *e)
{
	struct os_lock *lock = NULL;
	struct git_gc *gc = NULL;
	int rc = git_gc_pack(&gc, vault_git(s->v), what, progress, s, e);

	if (!rc)
		rc = writer_lock(&lock, s, e);
	if (!rc)
		rc = git_gc_sweep(gc, prune_s, r, e);
	if (!rc)
		rc = git_clear_stale(vault_git(s->v), STALE_S, e);
	os_unlock(lock);
	git_gc_free(gc);
	return rc;
}

/* The whole of it under both locks: an erasure rebuilds this repository, and a pack that was begun
 * before must not bring back what it took away. */
static int
gc_keys(struct session *s, enum git_gc_what what, int prune_s, struct git_gc_report *r,
    struct err *e)
{
	struct os_lock *writer = NULL, *keys = NULL;
	struct git_gc *gc = NULL;
	int rc = vault_lock(&writer, s->v, e);

	if (!rc)
		rc = keystore_lock(&keys, s->v, e);
	if (!rc)
		rc = git_gc_pack(&gc, vault_keys_git(s->v), what, progress, s, e);
	if (!rc)
		rc = git_gc_sweep(gc, prune_s, r, e);
	if (!rc)
		rc = git_clear_stale(vault_keys_git(s->v), STALE_S, e);
	git_gc_free(gc);
	os_unlock(keys);
	os_unlock(writer);
	return rc;
}

static struct node *
shape(struct session *s, const struct git_gc_report *r)
{
	struct node *n = node_map(s->arena);

	node_set(s->arena, n, "objects", node_int(s->arena, (int64_t)r->packed));
	node_set(s->arena, n, "files_before",
	    node_int(s->arena, (int64_t)(r->before.loose + r->before.packs)));
	node_set(s->arena, n, "files_after",
	    node_int(s->arena, (int64_t)(r->after.loose + r->after.packs)));
	node_set(s->arena, n, "bytes_before", node_int(s->arena, (int64_t)r->before.bytes));
	node_set(s->arena, n, "bytes_after", node_int(s->arena, (int64_t)r->after.bytes));
	node_set(s->arena, n, "dropped", node_int(s->arena, (int64_t)r->dropped));
	node_set(s->arena, n, "kept", node_int(s->arena, (int64_t)r->kept));
	return n;
}

int
app_gc(struct session *s, struct node **out, struct err *e)
{
	struct git_gc_report store = {0}, keys = {0};
	struct os_lock *fetch = NULL;
	struct err inner = {0};
	struct node *n;
	int prune_s = PRUNE_S, rc = session_store(s, false, e);

	if (rc)
		return rc;
	/* beside a fetch nothing is pruned; a hub's pushers hold back by age alone, as git's do */
	if (vault_keys_git(s->v) && care_fetch_lock(&fetch, s->v, false, &inner))
		prune_s = 0;
	rc = gc_store(s, GIT_GC_ALL, prune_s, &store, e);
	if (!rc && vault_keys_git(s->v))
		rc = gc_keys(s, GIT_GC_ALL, prune_s ? PRUNE_KEYS_S : 0, &keys, e);
	os_unlock(fetch);
	if (rc)
		return rc;
	n = node_map(s->arena);
	node_set(s->arena, n, "ok", node_bool(s->arena, true));
	node_set(s->arena, n, "store", shape(s, &store));
	if (vault_keys_git(s->v))
		node_set(s->arena, n, "keys", shape(s, &keys));
	*out = n;
	return 0;
}

void
care_after_sync(struct session *s)
{
	struct git_gc_report r;
	struct err unused = {0};

	if (git_gc_pays(vault_git(s->v)))
		gc_store(s, GIT_GC_RECENT, 0, &r, &unused);
	if (git_gc_pays(vault_keys_git(s->v)))
		gc_keys(s, GIT_GC_RECENT, 0, &r, &unused);
}
