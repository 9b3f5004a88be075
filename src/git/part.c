#include "git/part.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

static uint64_t
file_size(const char *path, time_t *time)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	if (time)
		*time = st.st_mtime;
	return (uint64_t)st.st_blocks * 512;
}

/* An object database of one backend; the backend is the database's then, or freed. */
static git_odb *
alone(git_odb_backend *backend)
{
	git_odb *odb = NULL;

	if (git_odb_new(&odb) < 0 || git_odb_add_backend(odb, backend, 1) < 0) {
		backend->free(backend);
		git_odb_free(odb);
		return NULL;
	}
	return odb;
}

void
parts_add(struct parts *out, const char *dir, const char *stem)
{
	char *idx = xasprintf("%s/%s.idx", dir, stem), *pack = xasprintf("%s/%s.pack", dir, stem);
	git_odb_backend *backend = NULL;
	struct part p = {.stem = xstrdup(stem)};

	/* an index whose pack is gone is what a killed gc left: nothing lies there */
	if (!os_absent(pack)) {
		p.size = file_size(idx, NULL) + file_size(pack, &p.time);
		if (part_index_sane(idx, pack) && git_odb_backend_one_pack(&backend, idx) == 0)
			p.odb = alone(backend);
		vec_grow(out);
		out->v[out->n++] = p;
	} else {
		free(p.stem);
	}
	free(idx);
	free(pack);
}

static int
by_stem(const void *a, const void *b)
{
	return strcmp(((const struct part *)a)->stem, ((const struct part *)b)->stem);
}

int
parts_packs(struct parts *out, struct git *g, struct err *e)
{
	char *dir = xasprintf("%s/pack", g->objects);
	struct os_names names = {0};
	size_t first = out->n;
	int rc = os_names(&names, dir, ".idx", e);

	for (size_t i = 0; i < names.n; i++) {
		names.v[i][strlen(names.v[i]) - strlen(".idx")] = '\0';
		if (strncmp(names.v[i], "pack-", 5) == 0)
			parts_add(out, dir, names.v[i]);
	}
	os_names_free(&names);
	if (out->n > first)
		qsort(out->v + first, out->n - first, sizeof *out->v, by_stem);
	free(dir);
	return rc;
}

int
parts_loose(struct parts *out, struct git *g, struct err *e)
{
	git_odb_backend *backend = NULL;
	struct part p = {0};

	if (lib_loose_backend(&backend, g->objects) < 0)
		return lib_fail(e, ERR_IO, _("cannot read the repository"));
	p.odb = alone(backend);
	if (!p.odb)
		return lib_fail(e, ERR_IO, _("cannot read the repository"));
	vec_grow(out);
	out->v[out->n++] = p;
	return 0;
}

void
parts_free(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].stem);
		free(p->v[i].ids.v);
		git_odb_free(p->v[i].odb);
	}
	free(p->v);
	*p = (struct parts){0};
}

static int
add_id(const git_oid *oid, void *payload)
{
	struct part *p = payload;
	struct oid id;

	lib_oid_set(&id, oid);
	vec_grow(&p->ids);
	p->ids.v[p->ids.n++] = id;
	return 0;
}

bool
part_ids(struct part *p)
{
	p->ids.n = 0;
	if (!p->odb || git_odb_foreach(p->odb, add_id, p) < 0) {
		p->ids.n = 0;
		return false;
	}
	return true;
}

bool
part_read(git_odb_object **out, const struct part *p, const struct oid *id)
{
	return p->odb && git_odb_read(out, p->odb, lib_oid(id)) == 0;
}

int
part_drop(struct git *g, const char *stem, struct err *e)
{
	static const char *const kinds[] = {
	    "pack", "idx", "rev", "bitmap", "mtimes", "keep", "promisor"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof kinds / sizeof *kinds; i++) {
		char *path = xasprintf("%s/pack/%s.%s", g->objects, stem, kinds[i]);

		rc = os_unlink(path, e);
		free(path);
	}
	return rc;
}

int
parts_settle(struct git *g, struct err *e)
{
	char *dir = xasprintf("%s/pack", g->objects);
	char *list = xasprintf("%s/multi-pack-index", dir);
	int rc = os_unlink(list, e);

	if (!rc)
		rc = os_fsync_dir(dir, e);
	if (!rc && git_odb_refresh(g->odb) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the repository"));
	free(list);
	free(dir);
	return rc;
}

char *
part_loose_path(struct git *g, const struct oid *id)
{
	char hex[OID_HEX + 1];

	oid_format(hex, id);
	return xasprintf("%s/%.2s/%s", g->objects, hex, hex + 2);
}

int
part_each_loose(struct git *g, unsigned fan,
    void (*each)(void *ctx, const struct oid *id, const char *path), void *ctx, struct err *e)
{
	char *dir = xasprintf("%s/%02x", g->objects, fan), hex[OID_HEX + 8];
	struct os_names names = {0};
	struct oid id;
	int rc = os_names(&names, dir, "", e);

	for (size_t i = 0; i < names.n; i++) {
		char *path;

		if (strlen(names.v[i]) != OID_HEX - 2)
			continue;
		snprintf(hex, sizeof hex, "%02x%.38s", fan, names.v[i]);
		if (!oid_parse(&id, hex))
			continue;
		path = xasprintf("%s/%s", dir, names.v[i]);
		each(ctx, &id, path);
		free(path);
	}
	os_names_free(&names);
	free(dir);
	return rc;
}
