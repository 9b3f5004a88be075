#include "git/purge.h"

#include <stdlib.h>

#include "git/part.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

/* --- every object ------------------------------------------------------------------------ */

struct walk {
	struct git *g;
	enum git_type type;
	int (*each)(void *ctx, const struct oid *id);
	void *ctx;
	struct oidset seen; /* an object may be both loose and packed */
	int rc;
	struct err *e;
};

static int
visit(const git_oid *oid, void *payload)
{
	struct walk *w = payload;
	enum git_type type;
	struct err inner = {0};
	struct oid id;
	size_t n;

	lib_oid_set(&id, oid);
	w->rc = git_size(w->g, &n, &type, &id, &inner);
	if (w->rc == ERR_NOTFOUND)
		w->rc = 0; /* deleted meanwhile */
	else if (w->rc)
		err_append(w->e, &inner);
	else if (type == w->type && oidset_add(&w->seen, &id))
		w->rc = w->each(w->ctx, &id);
	return w->rc ? GIT_EUSER : 0;
}

static void
visit_loose(void *ctx, const struct oid *id, const char *path)
{
	struct walk *w = ctx;

	(void)path;
	if (!w->rc)
		visit(lib_oid(id), w);
}

int
git_each_object(struct git *g, enum git_type type, int (*each)(void *ctx, const struct oid *id),
    void *ctx, struct err *e)
{
	struct walk w = {.g = g, .type = type, .each = each, .ctx = ctx, .e = e};
	int rc = git_odb_refresh(g->odb);

	if (rc == 0)
		rc = git_odb_foreach(g->odb, visit, &w);
	/* libgit2 takes a folder whose listing breaks off for one that ends there */
	for (unsigned i = 0; rc == 0 && !w.rc && i < 256; i++)
		w.rc = part_each_loose(g, i, visit_loose, &w, e) ? ERR_IO : w.rc;
	if (rc == 0 && !w.rc && disk_refused_packs(g))
		w.rc = git_disk_error(e);
	oidset_free(&w.seen);
	if (w.rc)
		return w.rc;
	return rc < 0 ? lib_fail(e, ERR_IO, _("cannot read the repository")) : 0;
}

/* --- purging -------------------------------------------------------------------------------- */

struct pack {
	const struct oidset *doomed;
	bool hit;
	struct {
		size_t n, cap;
		struct oid *v;
	} kept;
};

static int
sort_out(const git_oid *oid, void *payload)
{
	struct pack *p = payload;
	struct oid id;

	lib_oid_set(&id, oid);
	if (oidset_has(p->doomed, &id)) {
		p->hit = true;
	} else {
		vec_grow(&p->kept);
		p->kept.v[p->kept.n++] = id;
	}
	return 0;
}

/* What one pack holds, sorted into doomed and kept. */
static int
look_into(struct git *g, struct pack *p, const char *idx, const char *pack, struct err *e)
{
	git_odb_backend *backend = NULL;
	git_odb *odb = NULL;
	int refused, rc = part_index_sane(idx, pack) ? git_odb_new(&odb) : -1;

	if (rc == 0)
		rc = git_odb_backend_one_pack(&backend, idx);
	if (rc == 0)
		rc = git_odb_add_backend(odb, backend, 1);
	if (rc == 0)
		backend = NULL; /* the odb's now */
	if (rc == 0)
		rc = git_odb_foreach(odb, sort_out, p);
	if (rc < 0)
		rc = (refused = disk_refused_packs(g))
		    ? err_os(e, ERR_IO, refused, _("cannot read %s"), disk_refused_path())
		    : err_set(e, ERR_DAMAGED, _("a pack cannot be read; akt doctor mends it"));
	if (backend)
		backend->free(backend);
	git_odb_free(odb);
	return rc;
}

/* The pack itself goes before its index: a crash must not leave a pack that nobody sees any more
 * but that still holds what was erased. */
static int
drop_pack(const char *dir, const char *stem, struct err *e)
{
	static const char *const parts[] = {"pack", "idx", "rev", "bitmap", "mtimes", "keep",
	    "promisor"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof parts / sizeof *parts; i++) {
		char *path = xasprintf("%s/%s.%s", dir, stem, parts[i]);

		rc = os_unlink(path, e);
		free(path);
	}
	return rc;
}

static int
purge_pack(struct git *g, const char *dir, const char *stem, const struct oidset *doomed,
    bool *dropped, struct err *e)
{
	struct pack p = {.doomed = doomed};
	char *idx = xasprintf("%s/%s.idx", dir, stem), *pack = xasprintf("%s/%s.pack", dir, stem);
	int rc = 0;

	/* without its pack: what a purge that was cut short has left */
	p.hit = os_absent(pack);
	if (!p.hit)
		rc = look_into(g, &p, idx, pack, e);
	if (!rc && p.hit && p.kept.n)
		rc = pack_copy(g, g, &(struct pack_list){.rest = p.kept.v, .nrest = p.kept.n}, NULL, NULL, e);
	if (!rc && p.hit) {
		rc = drop_pack(dir, stem, e);
		*dropped = true;
	}
	free(p.kept.v);
	free(pack);
	free(idx);
	return rc;
}

/* What stock git wrote of packs and commits that may be gone now. It can be made again, and git works
 * without. */
static int
drop_derived(struct git *g, struct err *e)
{
	static const char *const files[] = {"pack/multi-pack-index", "info/commit-graph"};
	char *path = xasprintf("%s/info/commit-graphs", g->objects);
	int rc = os_remove_tree(path, e);

	free(path);
	for (size_t i = 0; !rc && i < sizeof files / sizeof *files; i++) {
		path = xasprintf("%s/%s", g->objects, files[i]);
		rc = os_unlink(path, e);
		free(path);
	}
	return rc;
}

static int
purge_loose(struct git *g, const struct oid *id, struct err *e)
{
	char hex[OID_HEX + 1], *path;
	int rc;

	oid_format(hex, id);
	path = xasprintf("%s/%.2s/%s", g->objects, hex, hex + 2);
	rc = os_unlink(path, e);
	free(path);
	return rc;
}

int
lib_reopen(struct git *g, struct err *e)
{
	git_odb *odb = NULL;

	if (lib_odb_open(&odb, g->objects) < 0 ||
	    git_repository_set_odb(g->repo, odb) < 0) {
		git_odb_free(odb);
		return lib_fail(e, ERR_IO, _("cannot read the repository"));
	}
	git_odb_free(g->odb);
	g->odb = odb;
	return 0;
}

int
git_purge(struct git *g, const struct oid *ids, size_t n, struct err *e)
{
	char *dir = xasprintf("%s/pack", g->objects);
	struct oidset doomed = {0};
	struct os_names packs = {0};
	bool dropped = false;
	int rc;

	for (size_t i = 0; i < n; i++)
		oidset_add(&doomed, &ids[i]);
	/* the packs there are now: a new one that is written beside need not be looked into */
	rc = os_names(&packs, dir, ".idx", e);
	for (size_t i = 0; !rc && i < packs.n; i++) {
		packs.v[i][strlen(packs.v[i]) - strlen(".idx")] = '\0';
		if (strncmp(packs.v[i], "pack-", 5) == 0)
			rc = purge_pack(g, dir, packs.v[i], &doomed, &dropped, e);
	}
	if (!rc && n)
		rc = drop_derived(g, e);
	if (!rc && dropped)
		rc = os_fsync_dir(dir, e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = purge_loose(g, &ids[i], e);
	if (!rc)
		rc = lib_reopen(g, e);
	os_names_free(&packs);
	oidset_free(&doomed);
	free(dir);
	return rc;
}
