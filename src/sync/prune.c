/* A hub forgets the keys of what was erased (DESIGN 2): in its post-receive hook, and at a folder hub
 * by whoever syncs there. */
#include "sync/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/purge.h"
#include "vault/erase.h"

enum { MARKER_MAX = 64 * 1024 * 1024, TRIES = 20, LOCK_WAIT_MS = 60000 };

struct prune {
	struct git *hub;
	char (*erased)[11]; /* by the hub's main */
	size_t nerased;
	/* objects that hold erased key files or lead to one: never needed again, since no keys commit
	 * with them is let in any more */
	size_t n, cap;
	struct oid *v;
	struct err *e;
};

static char *
key_folder(const char *dossier)
{
	return xasprintf("%c/%c/%s", dossier[0], dossier[1], dossier);
}

static void
doom(struct prune *p, const struct oid *id)
{
	vec_grow(p);
	p->v[p->n++] = *id;
}

/* --- the mark of a pruning under way: empty, or the ids that are to go ---------------------- */

static int
write_marker(const struct prune *p, const char *path, struct err *e)
{
	struct buf text = {0};
	char hex[OID_HEX + 1];
	int rc;

	for (size_t i = 0; i < p->n; i++) {
		oid_format(hex, &p->v[i]);
		buf_printf(&text, "%s\n", hex);
	}
	rc = os_write_file(path, buf_str(&text), text.n, 0644, e);
	buf_free(&text);
	return rc;
}

static int
read_marker(struct prune *p, const char *path, struct err *e)
{
	struct buf text = {0};
	const char *s, *end;
	int rc = os_read_file(&text, path, MARKER_MAX, e);

	for (s = buf_str(&text); !rc && (end = strchr(s, '\n')); s = end + 1) {
		char hex[OID_HEX + 1];
		struct oid id;

		/* whoever can write here could delete as well; still nothing but whole ids is taken */
		snprintf(hex, sizeof hex, "%.*s", (int)(end - s), s);
		if (end - s == OID_HEX && oid_parse(&id, hex))
			doom(p, &id);
	}
	buf_free(&text);
	return rc;
}

/* --- what is to go --------------------------------------------------------------------------------- */

static int
doom_blob(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	(void)path, (void)old, (void)old_mode, (void)mode;
	doom(ctx, id);
	return 0;
}

/* *there: the path is in the tree. Not where what leads to it is gone, in a pruning that was cut short: the mark names
 * what that led to. What the disk keeps back is an error, for it may lead to keys. */
static int
look_up(struct prune *p, bool *there, struct oid *at, const struct oid *tree, const char *path, struct err *e)
{
	struct err inner = {0};
	unsigned mode;
	int rc = git_tree_find(p->hub, at, &mode, tree, path, &inner);

	*there = rc == 0;
	if (rc == ERR_IO)
		err_append(e, &inner);
	return rc == ERR_IO ? rc : 0;
}

/* The erased dossiers' folders below one keys tree, and the trees that lead there. */
static int
doom_below(struct prune *p, const struct oid *commit, const struct oid *tree)
{
	bool any = false;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->nerased; i++) {
		char *path = key_folder(p->erased[i]);
		struct oid at;
		bool there;

		rc = look_up(p, &there, &at, tree, path, p->e);
		if (!rc && there) {
			struct err inner = {0};

			any = true;
			rc = git_diff(p->hub, NULL, &at, doom_blob, p, &inner);
			/* gone in a pruning that was cut short: the mark names what it led to */
			if (rc == ERR_NOTFOUND)
				rc = 0;
			else if (rc)
				err_append(p->e, &inner);
			doom(p, &at);
			for (int end = 3; !rc && end > 0; end -= 2) {
				path[end] = '\0';
				rc = look_up(p, &there, &at, tree, path, p->e);
				if (!rc && there)
					doom(p, &at);
			}
		}
		free(path);
	}
	if (any) {
		doom(p, tree);
		doom(p, commit);
	}
	return rc;
}

/* Every keys commit that the hub ever had, the ones left behind by later ones too. */
static int
look_at_commit(void *ctx, const struct oid *id)
{
	static const char mark[] = "\n\nakt: keys\n";
	struct prune *p = ctx;
	struct oid tree, parents[2];
	struct buf raw = {0};
	struct err inner = {0};
	size_t n;
	bool keys;
	int rc = git_read(p->hub, &raw, NULL, id, p->e);

	keys = raw.n > sizeof mark && memcmp(raw.p + raw.n - (sizeof mark - 1), mark,
	                                  sizeof mark - 1) == 0;
	buf_free(&raw);
	if (rc || !keys)
		return rc;
	/* one that is none but by its words says nothing */
	rc = git_commit_links(p->hub, id, &tree, parents, &n, &inner);
	if (rc == ERR_IO)
		err_append(p->e, &inner);
	if (rc || n)
		return rc == ERR_IO ? rc : 0;
	return doom_below(p, id, &tree);
}

/* --- pruning -------------------------------------------------------------------------------------------- */

static int
load_erased(struct prune *p, bool *some, struct err *e)
{
	struct objects o = objects_of_git(p->hub);
	struct oid commit, tree, parents[2];
	struct state_cache *cache;
	struct state *s = NULL;
	struct err inner = {0};
	size_t n;
	int rc;

	*some = false;
	rc = git_ref_get(p->hub, &commit, VAULT_MAIN, &inner);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc) {
		err_append(e, &inner);
		return rc;
	}
	cache = state_cache_new(&o);
	rc = git_commit_links(p->hub, &commit, &tree, parents, &n, e);
	if (!rc)
		rc = state_open(&s, cache, &tree, e);
	if (!rc)
		rc = erase_list(&p->erased, &p->nerased, p->hub, s, true, e);
	if (s)
		state_close(s);
	state_cache_free(cache);
	*some = p->nerased > 0;
	return rc;
}

/* The folders of erased dossiers in a keys commit's tree, as removals; free the paths. */
static int
folders_in(struct prune *p, struct git_update *u, size_t *n, const struct oid *tree, struct err *e)
{
	int rc = 0;

	*n = 0;
	for (size_t i = 0; !rc && i < p->nerased; i++) {
		char *path = key_folder(p->erased[i]);
		struct oid at;
		bool there;

		rc = look_up(p, &there, &at, tree, path, e);
		if (!rc && there)
			u[(*n)++] = (struct git_update){.path = path};
		else
			free(path);
	}
	return rc;
}

/* True too where the disk does not say: then a pruning finds out. */
static bool
holds(struct prune *p, const struct oid *commit)
{
	struct git_update *u = xcalloc(p->nerased, sizeof *u);
	struct oid tree;
	size_t n = 0;
	int rc = sync_keys_tree(p->hub, commit, &tree, NULL);

	if (!rc)
		rc = folders_in(p, u, &n, &tree, NULL);
	for (size_t i = 0; i < n; i++)
		free((char *)u[i].path);
	free(u);
	return n > 0 || rc == ERR_IO;
}

/* refs/akt/keys without the erased. */
static int
move_keys(struct prune *p, struct err *e)
{
	struct git_update *u = xcalloc(p->nerased, sizeof *u);
	struct oid now, tree, fresh;
	struct err inner = {0};
	size_t n = 0;
	int rc = git_ref_get(p->hub, &now, VAULT_KEYS, &inner);

	if (rc) {
		if (rc != ERR_NOTFOUND)
			err_append(e, &inner);
		rc = rc == ERR_NOTFOUND ? 0 : rc;
		goto done;
	}
	rc = sync_keys_tree(p->hub, &now, &tree, e);
	if (!rc)
		rc = folders_in(p, u, &n, &tree, e);
	if (!rc && n)
		rc = sync_keys_write(p->hub, &fresh, &tree, u, n, e);
	if (!rc && n)
		rc = git_ref_set(p->hub, VAULT_KEYS, &fresh, &now, e);
done:
	for (size_t i = 0; i < n; i++)
		free((char *)u[i].path);
	free(u);
	return rc;
}

static int
prune(struct prune *p, const char *marker, struct err *e)
{
	struct err inner = {0};
	int rc;

	/* the mark first: from the moment the ref lets go of the keys, only it tells that they are here */
	rc = write_marker(p, marker, e);
	if (rc)
		return rc;
	rc = ERR_RACE;
	for (int i = 0; rc == ERR_RACE && i < TRIES; i++) {
		err_clear(&inner);
		rc = move_keys(p, &inner);
	}
	if (rc) {
		err_append(e, &inner);
		return rc;
	}
	p->e = e;
	rc = git_each_object(p->hub, GIT_COMMIT, look_at_commit, p, e);
	/* and with what was found: pruned by half, the commits that lead there may be gone */
	if (!rc)
		rc = write_marker(p, marker, e);
	if (!rc)
		rc = git_purge(p->hub, p->v, p->n, e);
	return rc ? rc : os_unlink(marker, e);
}

/* Erased keys lie in what a ref has let go of, or shows. */
static int
is_due(struct prune *p, bool *due, const struct oid *let_go, struct err *e)
{
	struct err inner = {0};
	struct oid now;
	int rc;

	*due = let_go && holds(p, let_go);
	if (*due)
		return 0;
	rc = git_ref_get(p->hub, &now, VAULT_KEYS, &inner);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc)
		err_append(e, &inner);
	else
		*due = holds(p, &now);
	return rc;
}

int
sync_prune(struct git *hub, const struct oid *let_go, struct err *e)
{
	struct prune p = {.hub = hub};
	char *marker = xasprintf("%s/akt.prune", git_path(hub));
	bool some = false, due = !os_absent(marker);
	int rc = load_erased(&p, &some, e);

	/* the ref has let go of it and will not tell the next time: a mark makes that one look at everything */
	if (rc && let_go && !due)
		write_marker(&p, marker, NULL);
	if (!rc && some && due)
		rc = read_marker(&p, marker, e);
	if (!rc && some && !due)
		rc = is_due(&p, &due, let_go, e);
	if (!rc && some && due)
		rc = prune(&p, marker, e);
	free(p.erased);
	free(p.v);
	free(marker);
	return rc;
}

static int
under_lock(void *ctx, struct git *hub, struct err *e)
{
	(void)ctx;
	return sync_prune(hub, NULL, e);
}

int
sync_prune_folder(struct git_remote *hub, struct err *e)
{
	return git_remote_folder_run(hub, under_lock, NULL, e);
}

int
sync_post_receive(struct git *hub, const struct oid *let_go, struct err *e)
{
	char *path = xasprintf("%s/akt.lock", git_path(hub));
	struct os_lock *lock = NULL;
	int rc = os_lock(&lock, path, LOCK_WAIT_MS, e);

	if (!rc)
		rc = sync_prune(hub, let_go, e);
	if (!rc)
		sync_tidy(NULL, hub, NULL);
	os_unlock(lock);
	free(path);
	return rc;
}
