#include "git/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/purge.h"

enum { LOCK_WAIT_MS = 30000, STALE_S = 3600 };

/* A failure at the hub's end: its folder gone (stick pulled, share lost) or not to be written to is
 * the hub out of reach; bad objects there stay what they are. */
static int
hub_failed(const struct git_remote *r, int rc, bool writing, const struct err *inner, struct err *e)
{
	char *head = xasprintf("%s/HEAD", git_path(r->hub));
	bool there = os_exists(head), gone = os_absent(head);

	free(head);
	if (!there && !gone)
		return err_set(e, ERR_HUB, _("the hub's folder cannot be read: %s"), inner->item[0].text);
	if (gone)
		return err_set(e, ERR_HUB,
		    _("the hub's folder is gone; connect the stick or drive and "
		      "try again"));
	if (writing && rc == ERR_IO)
		return err_set(e, ERR_HUB, _("the hub's folder cannot be written to: %s"),
		    inner->item[0].text);
	err_append(e, inner);
	return rc;
}

static int
list(void *ctx, const char *ref, const struct oid *id)
{
	hub_add_ref(ctx, ref, id);
	return 0;
}

int
folder_there(const char *path, struct err *e)
{
	errno = 0;
	if (os_is_dir(path))
		return 0;
	/* what the system does not tell of may be there */
	if (errno && errno != ENOENT && errno != ENOTDIR)
		return err_os(e, ERR_HUB, errno, _("the hub's folder cannot be read"));
	return err_set(e, ERR_HUB,
	    _("the hub's folder is not there; connect the stick or drive, or correct the address"));
}

int
folder_open(struct git_remote *r, const char *path, struct err *e)
{
	struct err inner = {0};
	int rc = folder_there(path, e);

	if (rc)
		return rc;
	/* what may not be looked into looks like no repository */
	if (access(path, R_OK | X_OK) != 0 && errno == EACCES)
		return err_set(e, ERR_HUB,
		    _("the hub's folder is closed to this user: whoever made it must let the others in (a group, or rights on the share)"));
	rc = git_open(&r->hub, path, false, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_HUB, _("the hub's folder is not a git repository"));
	if (!rc)
		rc = git_ref_each(r->hub, "", list, r, &inner);
	if (rc)
		err_append(e, &inner);
	return rc;
}

int
folder_fetch(struct git_remote *r, struct git *into, const struct oid *id, const struct oid *base,
    lib_progress_fn progress, void *ctx, struct err *e)
{
	struct err inner = {0};
	int rc = copy_closure(r->hub, into, id, base, progress, ctx, &inner);

	return rc ? hub_failed(r, rc, false, &inner, e) : 0;
}

/* os_lock makes files for their owner alone; a hub's folder may belong to a group. */
static int
lock_hub(struct git_remote *r, struct os_lock **lock, struct err *e)
{
	char *path = xasprintf("%s/akt.lock", git_path(r->hub));
	struct err inner = {0};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	int rc;

	if (fd >= 0)
		close(fd);
	rc = os_lock(lock, path, LOCK_WAIT_MS, &inner);
	free(path);
	if (rc == ERR_BUSY)
		return err_set(e, ERR_BUSY, _("another machine is writing to the hub; try again"));
	return rc ? hub_failed(r, rc, true, &inner, e) : 0;
}

/* Before the objects are copied and judged; the swap itself compares again. */
static int
still_there(struct git_remote *r, const char *ref, const struct oid *old, struct err *e)
{
	struct err inner = {0};
	struct oid now;
	int rc = git_ref_get(r->hub, &now, ref, &inner);

	if (rc && rc != ERR_NOTFOUND) {
		err_append(e, &inner);
		return rc;
	}
	if (rc ? old != NULL : !old || !oid_equal(&now, old))
		return err_set(e, ERR_RACE, _("the hub moved meanwhile; sync again"));
	return 0;
}

int
folder_push(struct git_remote *r, struct git *from, const char *ref, const struct oid *old,
    const struct oid *id, git_receive_fn receive, void *ctx, lib_progress_fn progress, void *pctx,
    struct err *e)
{
	struct os_lock *lock = NULL;
	struct err inner = {0};
	int rc = lock_hub(r, &lock, e);

	if (rc)
		return rc;
	rc = git_clear_stale(r->hub, STALE_S, &inner);
	if (!rc)
		rc = still_there(r, ref, old, &inner);
	if (!rc && id)
		rc = copy_closure(from, r->hub, id, old, progress, pctx, &inner);
	if (!rc && receive) {
		rc = receive(ctx, r->hub, ref, old, id, &inner);
		if (rc && !inner.n)
			err_set(&inner, (enum err_code)rc, _("the hub's rules refuse this change"));
	}
	/* last: objects are durable, the rules agreed, the ref stands where it was advertised */
	if (!rc)
		rc = git_ref_set(r->hub, ref, id, old, &inner);
	os_unlock(lock);
	return rc ? hub_failed(r, rc, true, &inner, e) : 0;
}

int
git_remote_folder_run(struct git_remote *r, int (*fn)(void *ctx, struct git *hub, struct err *e),
    void *ctx, struct err *e)
{
	struct os_lock *lock = NULL;
	struct err inner = {0};
	int rc;

	if (!r->hub)
		return 0;
	rc = lock_hub(r, &lock, e);
	if (rc)
		return rc;
	rc = fn(ctx, r->hub, &inner);
	while (!rc && r->refs.n)
		hub_add_ref(r, r->refs.v[0].name, NULL);
	if (!rc)
		rc = git_ref_each(r->hub, "", list, r, &inner);
	os_unlock(lock);
	return rc ? hub_failed(r, rc, true, &inner, e) : 0;
}
