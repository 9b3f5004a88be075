#include "git/mend.h"
#include "git/lib.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum { TRIES = 200, HARD_TRIES = 5, DEAD_TRIES = 500, PAUSE_MS = 10 };

static int
bad_name(const char *ref, struct err *e)
{
	int ok = 0;

	if (strncmp(ref, "refs/", 5) != 0 || git_reference_name_is_valid(&ok, ref) < 0 || !ok)
		return err_set(e, ERR_INVALID, _("not a valid name of a ref"));
	return 0;
}

/* 0 with *id filled, GIT_ENOTFOUND, or another libgit2 code. A ref that points at a ref counts
 * as damaged: only HEAD may. */
static int
look_once(struct git *g, struct oid *id, const char *ref)
{
	git_reference *r = NULL;
	int rc = git_reference_lookup(&r, g->repo, ref);

	if (rc == 0 && git_reference_type(r) != GIT_REFERENCE_DIRECT)
		rc = GIT_EINVALID;
	else if (rc == 0)
		lib_oid_set(id, git_reference_target(r));
	git_reference_free(r);
	return rc;
}

/* *refused: errno where it is not libgit2's code that counts, but that the disk gives nothing up; else 0. */
static int
look(struct git *g, struct oid *id, const char *ref, int *refused)
{
	int rc = look_once(g, id, ref), again;

	*refused = rc < 0 ? disk_refused_ref(g, ref) : 0;
	if (rc == 0 || *refused)
		return rc;
	/* what kept it from being read may have passed, or come only now */
	again = look_once(g, id, ref);
	return again == 0 || rc != GIT_ENOTFOUND ? again : rc;
}

/* Why look failed. */
static int
blame(const char *ref, int refused, struct err *e)
{
	return refused ? err_os(e, ERR_IO, refused, _("cannot read ref %s"), ref)
		: err_set(e, ERR_DAMAGED, _("ref %s is damaged; akt doctor mends it"), ref);
}

int
git_ref_get(struct git *g, struct oid *id, const char *ref, struct err *e)
{
	int refused, rc = bad_name(ref, e);

	if (rc)
		return rc;
	rc = look(g, id, ref, &refused);
	if (rc == GIT_ENOTFOUND && !refused)
		return err_set(e, ERR_NOTFOUND, _("there is no ref %s"), ref);
	return rc < 0 ? blame(ref, refused, e) : 0;
}

/* Syncs the folders above a ref, from its own up to refs/. */
static int
sync_parents(struct git *g, const char *ref, struct err *e)
{
	char *path = xasprintf("%s/%s", g->path, ref);
	size_t least = strlen(g->path) + strlen("/refs");
	int rc = 0;

	for (char *s = strrchr(path, '/'); !rc && s && (size_t)(s - path) >= least;
	     s = strrchr(path, '/')) {
		*s = '\0';
		/* libgit2 removes folders that became empty */
		if (os_is_dir(path))
			rc = os_fsync_dir(path, e);
	}
	free(path);
	return rc;
}

/* One attempt. Positive: an ERR_* to report; negative: libgit2's code, perhaps transient. */
static int
set_once(
    struct git *g, const char *ref, const struct oid *id, const struct oid *expected, struct err *e)
{
	git_transaction *tx = NULL;
	struct oid now = {{0}};
	int refused, rc;

	rc = git_transaction_new(&tx, g->repo);
	if (rc == 0)
		rc = git_transaction_lock_ref(tx, ref);
	if (rc < 0)
		goto done;
	/* read again under the lock: this is the compare of compare-and-swap */
	rc = look(g, &now, ref, &refused);
	if (rc < 0 && (rc != GIT_ENOTFOUND || refused)) {
		rc = blame(ref, refused, e);
		goto done;
	}
	if (rc == GIT_ENOTFOUND ? expected != NULL : !expected || !oid_equal(expected, &now)) {
		rc = err_set(e, ERR_RACE, _("ref %s was moved by another program"), ref);
		goto done;
	}
	if (id)
		rc = git_transaction_set_target(tx, ref, lib_oid(id), NULL, NULL);
	else if (rc == GIT_ENOTFOUND)
		goto done;
	else
		rc = git_transaction_remove(tx, ref);
	if (rc == 0)
		rc = git_transaction_commit(tx);
	/* libgit2 calls it done where packed-refs was locked and the ref still stands in it */
	if (rc == 0 && !id && look_once(g, &now, ref) == 0)
		rc = GIT_ELOCKED;
done:
	git_transaction_free(tx);
	return rc;
}

/* The files that keep a ref from moving: which they are, without looking into them. */
struct watched {
	struct {
		ino_t ino;
		int64_t s, ns;
	} lock[2];
};

static char *
lock_path(struct git *g, const char *ref, int i)
{
	return xasprintf("%s/%s.lock", g->path, i == 0 ? ref : "packed-refs");
}

static struct watched
look_at_locks(struct git *g, const char *ref)
{
	struct watched w;

	memset(&w, 0, sizeof w);
	for (int i = 0; i < 2; i++) {
		char *path = lock_path(g, ref, i);
		struct stat st;

		if (lstat(path, &st) == 0) {
			w.lock[i].ino = st.st_ino;
			w.lock[i].s = st.st_mtim.tv_sec;
			w.lock[i].ns = st.st_mtim.tv_nsec;
		}
		free(path);
	}
	return w;
}

/* A ref's lock is held for as long as it takes to write 41 bytes and sync them. One that has been
 * the same file for all of DEAD_TRIES is of a program that was killed, and would be in the way for
 * ever. Were its holder alive after all, its move would fail, and say so. */
static int
drop_locks(struct git *g, const char *ref, const struct watched *w, struct err *e)
{
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++) {
		char *path = lock_path(g, ref, i);

		if (w->lock[i].ino)
			rc = os_unlink(path, e);
		free(path);
	}
	return rc;
}

int
git_ref_set(
    struct git *g, const char *ref, const struct oid *id, const struct oid *expected, struct err *e)
{
	struct watched held = {{{0}}};
	char *folder = NULL;
	int refused, since = 0, rc = bad_name(ref, e);
	bool fresh;

	if (rc)
		return rc;
	if (id && !git_has(g, id)) {
		refused = disk_refused_object(g, id);
		if (refused)
			return err_os(e, ERR_IO, refused, _("cannot read %s"), disk_refused_path());
		if (git_odb_refresh(g->odb) < 0 || !git_has(g, id))
			return err_set(e, ERR_NOTFOUND,
			    _("ref %s would point at an object that is missing"), ref);
	}
	folder = xasprintf("%s/%s", g->path, ref);
	*strrchr(folder, '/') = '\0';
	fresh = !os_is_dir(folder);
	free(folder);
	for (int try = 0;; try++) {
		struct watched now;
		struct err inner = {0};
		struct oid is;
		bool lock;

		rc = set_once(g, ref, id, expected, &inner);
		/* what failed the time before came after the ref had moved: syncing its folder, say */
		if (rc == ERR_RACE && try > 0 && id && look_once(g, &is, ref) == 0 && oid_equal(&is, id))
			return sync_parents(g, ref, e);
		if (rc > 0) {
			err_append(e, &inner);
			return rc;
		}
		if (rc == 0 || (rc == GIT_ENOTFOUND && !id))
			break;
		/* Taken by another, or a folder removed under our feet: passes. */
		lock = rc == GIT_ELOCKED || rc == GIT_EMODIFIED;
		if (!lock && try >= HARD_TRIES)
			return lib_fail(e, ERR_IO, _("cannot move a ref"));
		now = look_at_locks(g, ref);
		if (memcmp(&now, &held, sizeof now) != 0) {
			held = now;
			since = try;
		}
		if (lock && try >= TRIES && since > 0)
			return err_set(e, ERR_BUSY,
			    _("ref %s is locked by another program; "
			      "try again"),
			    ref);
		if (lock && try - since >= DEAD_TRIES) {
			rc = drop_locks(g, ref, &held, e);
			if (rc)
				return rc;
			since = try;
		}
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
	}
	/* The ref's own folder was synced by libgit2, but not the folders it made, nor a removal.
	 */
	return fresh || !id ? sync_parents(g, ref, e) : 0;
}

struct names {
	size_t n, cap;
	char **v;
};

static int
name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Loose refs below `dir` (relative to the repository). libgit2's iterator leaves damaged ones
 * out without a word, and so a device's ref could vanish unseen. */
static int
list_loose(struct git *g, struct names *names, const char *dir, int depth, struct err *e)
{
	char *path = xasprintf("%s/%s", g->path, dir);
	struct os_names found = {0};
	int rc = depth > LIB_MAX_DEPTH ? err_os(e, ERR_IO, ELOOP, _("cannot read folder %s"), dir)
	                               : os_names(&found, path, "", e);

	for (size_t i = 0; !rc && i < found.n; i++) {
		size_t len = strlen(found.v[i]);
		char *sub, *full;
		struct stat st;

		if (len > 5 && strcmp(found.v[i] + len - 5, ".lock") == 0)
			continue;
		sub = xasprintf("%s/%s", dir, found.v[i]);
		full = xasprintf("%s/%s", g->path, sub);
		if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode)) {
			rc = list_loose(g, names, sub, depth + 1, e);
			free(sub);
		} else {
			vec_grow(names);
			names->v[names->n++] = sub;
		}
		free(full);
	}
	os_names_free(&found);
	free(path);
	return rc;
}

/* What `git clone` says of its remote's HEAD, in a copy to look at: no ref of its own. */
static bool
is_remote_head(const char *name)
{
	const char *last = strrchr(name, '/');

	return strncmp(name, "refs/remotes/", 13) == 0 && strcmp(last, "/HEAD") == 0;
}

/* `survey`: a damaged one is told without an id. */
static int
each_ref(struct git *g, const char *prefix, bool survey, git_ref_fn each, void *ctx, struct err *e)
{
	git_reference_iterator *it = NULL;
	struct names names = {0};
	const char *name;
	struct oid id;
	int refused, rc;

	rc = list_loose(g, &names, "refs", 0, e);
	if (rc)
		goto done;
	if (git_reference_iterator_new(&it, g->repo) < 0) {
		rc = lib_fail(e, ERR_DAMAGED, _("cannot list refs (akt doctor mends them)"));
		goto done;
	}
	while ((rc = git_reference_next_name(&name, it)) == 0) {
		vec_grow(&names);
		names.v[names.n++] = xstrdup(name);
	}
	if (rc != GIT_ITEROVER) {
		rc = lib_fail(e, ERR_DAMAGED, _("cannot list refs (akt doctor mends them)"));
		goto done;
	}
	rc = 0;
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, name_cmp);
	for (size_t i = 0; !rc && i < names.n; i++) {
		if ((i > 0 && strcmp(names.v[i], names.v[i - 1]) == 0) ||
		    strncmp(names.v[i], prefix, strlen(prefix)) != 0 || is_remote_head(names.v[i]))
			continue;
		rc = look(g, &id, names.v[i], &refused);
		if (rc == GIT_ENOTFOUND && !refused)
			rc = 0; /* deleted since */
		else if (rc < 0 && (refused || !survey))
			rc = blame(names.v[i], refused, e);
		else
			rc = each(ctx, names.v[i], rc < 0 ? NULL : &id);
	}
done:
	git_reference_iterator_free(it);
	for (size_t i = 0; i < names.n; i++)
		free(names.v[i]);
	free(names.v);
	return rc;
}

int
git_ref_each(struct git *g, const char *prefix, git_ref_fn each, void *ctx, struct err *e)
{
	return each_ref(g, prefix, false, each, ctx, e);
}

int
git_ref_survey(struct git *g, git_ref_fn each, void *ctx, struct err *e)
{
	return each_ref(g, "", true, each, ctx, e);
}

static bool
is_temporary(const char *name)
{
	static const char *const starts[] = {
	    "tmp_object_git2_", "pack_git2_", "tmp_obj_", "tmp_pack_", "tmp_idx_"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return len > 5 && strcmp(name + len - 5, ".lock") == 0;
}

static int
clear_in(const char *dir, time_t before, int depth, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	int rc = 0;

	if (!d)
		return errno == ENOENT ? 0
				       : err_os(e, ERR_IO, errno, _("cannot read folder %s"), dir);
	while (!rc && (ent = readdir(d))) {
		struct stat st;
		char *sub;

		if (ent->d_name[0] == '.')
			continue;
		sub = xasprintf("%s/%s", dir, ent->d_name);
		if (lstat(sub, &st) < 0)
			; /* gone */
		else if (S_ISDIR(st.st_mode) && depth < LIB_MAX_DEPTH)
			rc = clear_in(sub, before, depth + 1, e);
		else if (S_ISREG(st.st_mode) && st.st_mtime < before && is_temporary(ent->d_name))
			rc = os_unlink(sub, e);
		free(sub);
	}
	closedir(d);
	return rc;
}

/* Quarantines of fetches that were killed. */
static int
clear_incoming(struct git *g, time_t before, struct err *e)
{
	DIR *d = opendir(g->path);
	struct dirent *ent;
	int rc = 0;

	while (d && !rc && (ent = readdir(d))) {
		struct stat st;
		char *sub;

		if (strncmp(ent->d_name, LIB_INCOMING, strlen(LIB_INCOMING)) != 0)
			continue;
		sub = xasprintf("%s/%s", g->path, ent->d_name);
		if (lstat(sub, &st) == 0 && st.st_mtime < before)
			rc = os_remove_tree(sub, e);
		free(sub);
	}
	if (d)
		closedir(d);
	return rc;
}

int
git_clear_stale(struct git *g, int older_than_s, struct err *e)
{
	time_t before = time(NULL) - older_than_s;
	char *refs = xasprintf("%s/refs", g->path);
	char *lock = xasprintf("%s/packed-refs.lock", g->path);
	struct stat st;
	int rc;

	rc = clear_in(refs, before, 0, e);
	if (!rc && lstat(lock, &st) == 0 && st.st_mtime < before)
		rc = os_unlink(lock, e);
	if (!rc)
		rc = clear_in(g->objects, before, 0, e);
	if (!rc)
		rc = clear_incoming(g, before, e);
	free(refs);
	free(lock);
	return rc;
}

static int
leftovers_in(const char *top, const char *dir, int depth, git_leftover_fn each, void *ctx)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	int rc = 0;

	while (d && !rc && (ent = readdir(d))) {
		size_t len = strlen(ent->d_name);
		struct stat st;
		char *sub;

		if (ent->d_name[0] == '.')
			continue;
		sub = xasprintf("%s/%s", dir, ent->d_name);
		if (lstat(sub, &st) < 0)
			; /* gone */
		else if (S_ISDIR(st.st_mode) && depth > 0)
			rc = leftovers_in(top, sub, depth - 1, each, ctx);
		else if (S_ISREG(st.st_mode) && is_temporary(ent->d_name))
			rc = each(ctx, sub + strlen(top) + 1, (long)(time(NULL) - st.st_mtime),
			    len > 5 && strcmp(ent->d_name + len - 5, ".lock") == 0);
		free(sub);
	}
	if (d)
		closedir(d);
	return rc;
}

int
git_leftovers(struct git *g, git_leftover_fn each, void *ctx, struct err *e)
{
	static const char *const files[] = {"packed-refs.lock", "HEAD.lock", "config.lock"};
	char *refs = xasprintf("%s/refs", g->path);
	int rc = leftovers_in(g->path, refs, LIB_MAX_DEPTH, each, ctx);

	(void)e;
	for (size_t i = 0; !rc && i < sizeof files / sizeof *files; i++) {
		char *path = xasprintf("%s/%s", g->path, files[i]);
		struct stat st;

		if (lstat(path, &st) == 0)
			rc = each(ctx, files[i], (long)(time(NULL) - st.st_mtime), true);
		free(path);
	}
	if (!rc)
		rc = leftovers_in(g->path, g->objects, 2, each, ctx);
	free(refs);
	return rc;
}
