#include "git/lib.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum {
	PACK_SPLIT = 1000, /* more blobs get a pack of their own */
	PACK_DELTA_CACHE = 16 << 20,
	PACK_WINDOW = 32 << 20, /* bytes of objects held while a delta is sought */
};

/* A view of a batch as an object database, so that libgit2's packer can read what is not on
 * disk yet. (Its own git_mempack_dump packs whole trees instead: 35 s at 100,000 records.) */
struct view {
	git_odb_backend parent;
	const struct git_batch *batch;
};

static const struct object *
view_find(git_odb_backend *backend, const git_oid *id)
{
	struct oid o;

	lib_oid_set(&o, id);
	return batch_find(((struct view *)backend)->batch, &o);
}

static int
view_read(void **out, size_t *n, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
	const struct object *o = view_find(backend, id);
	void *p;

	if (!o)
		return GIT_ENOTFOUND;
	p = git_odb_backend_data_alloc(backend, o->n + 1);
	if (!p)
		return GIT_ERROR;
	memcpy(p, o->p, o->n);
	*out = p;
	*n = o->n;
	*type = (git_object_t)o->type;
	return 0;
}

static int
view_header(size_t *n, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
	const struct object *o = view_find(backend, id);

	if (!o)
		return GIT_ENOTFOUND;
	*n = o->n;
	*type = (git_object_t)o->type;
	return 0;
}

static int
view_exists(git_odb_backend *backend, const git_oid *id)
{
	return view_find(backend, id) != NULL;
}

static void
view_free(git_odb_backend *backend)
{
	free(backend);
}

/* An object database of the batch's objects alone. */
static int
view_open(git_odb **out, const struct git_batch *b)
{
	struct view *v = xcalloc(1, sizeof *v);
	git_odb *odb = NULL;
	int rc;

	rc = git_odb_init_backend(&v->parent, GIT_ODB_BACKEND_VERSION);
	v->batch = b;
	v->parent.read = view_read;
	v->parent.read_header = view_header;
	v->parent.exists = view_exists;
	v->parent.free = view_free;
	if (rc == 0)
		rc = git_odb_new(&odb);
	if (rc == 0)
		rc = git_odb_add_backend(odb, &v->parent, 1);
	if (rc < 0) {
		git_odb_free(odb);
		free(v);
	} else {
		*out = odb;
	}
	return rc;
}

/* libgit2's packer takes its limits from a repository's configuration alone, and that from a file
 * alone: one in memory will do. Where it cannot be made there is no limit. */
static void
set_limits(git_repository *repo, size_t delta_cache, size_t window)
{
	git_config *cfg = NULL;
	char path[64];
	int fd = memfd_create("akt-pack", MFD_CLOEXEC);

	if (fd < 0)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (dprintf(fd, "[pack]\n\tdeltaCacheSize = %zu\n\twindowMemory = %zu\n", delta_cache, window) > 0 &&
	    git_config_open_ondisk(&cfg, path) == 0)
		git_repository_set_config(repo, cfg);
	git_config_free(cfg);
	close(fd);
}

int
pack_builder(git_packbuilder **out, git_repository **repo, git_odb *odb, size_t delta_cache, size_t window)
{
	git_config *none = NULL;
	int rc = git_config_new(&none);

	if (rc == 0)
		rc = git_repository_wrap_odb(repo, odb);
	if (rc == 0)
		rc = git_repository_set_config(*repo, none);
	git_config_free(none);
	if (rc < 0)
		return rc;
	set_limits(*repo, delta_cache, window);
	rc = git_packbuilder_new(out, *repo);
	if (rc == 0)
		git_packbuilder_set_threads(*out, 1);
	return rc;
}

struct progress {
	int (*fn)(void *, size_t, size_t);
	void *ctx;
};

static int
on_index(const git_indexer_progress *stats, void *payload)
{
	struct progress *p = payload;

	if (p->fn && p->fn(p->ctx, stats->indexed_objects, stats->total_objects))
		return GIT_EUSER;
	return 0;
}

/* One pack in `to` of these. With GIT_OPT_ENABLE_FSYNC_GITDIR the pack, its index and their folder are synced before
 * git_packbuilder_write returns. */
static int
write_ids(struct git *to, git_odb *from, const struct oid *ids, size_t n, bool deltas, struct progress *p, struct err *e)
{
	char *dir = xasprintf("%s/pack", to->objects);
	git_repository *repo = NULL;
	git_packbuilder *pb = NULL;
	int rc;

	/* no object larger than its cache is made a delta, or tried (1.5) */
	rc = pack_builder(&pb, &repo, from, deltas ? PACK_DELTA_CACHE : 1, PACK_WINDOW);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		mapped_tick(0);
		rc = git_packbuilder_insert(pb, lib_oid(&ids[i]), NULL);
	}
	if (rc == 0) {
		git_error_clear();
		errno = 0;
		rc = git_packbuilder_write(pb, dir, 0444, on_index, p);
	}
	if (rc == GIT_EUSER)
		rc = err_set(e, ERR_CANCELLED, _("cancelled"));
	else if (rc < 0)
		rc = lib_no_pack(e, rc);
	else if (git_odb_refresh(to->odb) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the new pack"));
	else
		rc = os_fsync_dir(dir, e);
	git_packbuilder_free(pb);
	git_repository_free(repo);
	free(dir);
	return rc;
}

/* Most blobs are encrypted: to look for what two of them share takes most of the time, and nothing is found. So many of them
 * become a pack of their own, before that of the trees that name them. */
static int
write_split(struct git *to, git_odb *from, const struct pack_list *list, struct progress *p, struct err *e)
{
	struct oid *all;
	int rc;

	if (list->nblobs > PACK_SPLIT) {
		rc = write_ids(to, from, list->blobs, list->nblobs, false, p, e);
		if (!rc && list->nrest)
			rc = write_ids(to, from, list->rest, list->nrest, true, p, e);
		return rc;
	}
	all = xcalloc(list->nblobs + list->nrest, sizeof *all);
	if (list->nblobs)
		memcpy(all, list->blobs, list->nblobs * sizeof *all);
	if (list->nrest)
		memcpy(all + list->nblobs, list->rest, list->nrest * sizeof *all);
	rc = write_ids(to, from, all, list->nblobs + list->nrest, true, p, e);
	free(all);
	return rc;
}

int
pack_write(struct git *g, struct git_batch *b, const struct object *o, size_t n, struct err *e)
{
	struct oid *blobs = xcalloc(n, sizeof *blobs), *rest = xcalloc(n, sizeof *rest);
	struct pack_list list = {.blobs = blobs, .rest = rest};
	struct progress none = {0};
	git_odb *odb = NULL;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (o[i].type == GIT_BLOB)
			blobs[list.nblobs++] = o[i].id;
		else
			rest[list.nrest++] = o[i].id;
	if (view_open(&odb, b) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot write a pack"));
	else
		rc = write_split(g, odb, &list, &none, e);
	git_odb_free(odb);
	free(blobs);
	free(rest);
	return rc;
}

int
pack_copy(struct git *to, struct git *from, const struct pack_list *list,
    int (*progress)(void *, size_t, size_t), void *ctx, struct err *e)
{
	struct progress p = {progress, ctx};

	return write_split(to, from->odb, list, &p, e);
}
