/* git/ over repositories in memory. */
#include "sim/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "git/gc.h"
#include "git/purge.h"
#include "sim/mem_private.h"

struct fault mem_fault;

/* --- what real machines need more ---------------------------------------------------------- */

void
mem_joined(const char *path)
{
	(void)path;
}

void
mem_device(const struct identity *id)
{
	(void)id;
}

void
mem_settle(void)
{
}

/* --- faults --------------------------------------------------------------------------------------- */

int
mem_step(bool net, bool behind, struct err *e)
{
	struct fault *f = &mem_fault;

	if (f->kind == FAULT_NONE || (f->kind == FAULT_NET && !net))
		return 0;
	if (!f->down && behind == f->late && f->at-- <= 0)
		f->down = f->seen = true;
	if (!f->down)
		return 0;
	return f->kind == FAULT_NET ? err_set(e, ERR_HUB, "the line is dead")
				    : err_set(e, ERR_IO, "the machine is dead");
}

/* --- git/repo.h -------------------------------------------------------------------------------------- */

/* memory refuses no read */
int
git_disk_error(struct err *e)
{
	(void)e;
	return 0;
}

void
git_disk_forget(void)
{
}

int
git_init(struct git **out, const char *path, struct err *e)
{
	int rc = mem_step(false, false, e);

	if (rc)
		return rc;
	disk_make(path);
	return git_open(out, path, false, e);
}

int
git_open(struct git **out, const char *path, bool from_env, struct err *e)
{
	struct disk *d = disk_find(path);
	struct git *g;

	(void)from_env;
	if (!d)
		return err_set(e, ERR_NOTFOUND, "no repository at %s", path);
	g = xcalloc(1, sizeof *g);
	g->disk = d;
	*out = g;
	return 0;
}

void
git_close(struct git *g)
{
	free(g);
}

const char *
git_path(const struct git *g)
{
	return g->disk->path;
}

int
git_read(struct git *g, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	size_t i = mem_find(id);

	if (i == SIZE_MAX || !disk_has(g->disk, i))
		return err_set(e, ERR_NOTFOUND, "an object is missing at %s", g->disk->path);
	buf_add(out, mem_object(i)->p, mem_object(i)->n);
	if (type)
		*type = mem_object(i)->type;
	return 0;
}

int
git_size(struct git *g, size_t *n, enum git_type *type, const struct oid *id, struct err *e)
{
	size_t i = mem_find(id);

	if (i == SIZE_MAX || !disk_has(g->disk, i))
		return err_set(e, ERR_NOTFOUND, "an object is missing at %s", g->disk->path);
	*n = mem_object(i)->n;
	if (type)
		*type = mem_object(i)->type;
	return 0;
}

bool
git_has(struct git *g, const struct oid *id)
{
	size_t i = mem_find(id);

	return i != SIZE_MAX && disk_has(g->disk, i);
}

bool
lib_has(struct git *g, const struct oid *id, bool refresh)
{
	(void)refresh;
	return git_has(g, id);
}

struct git_batch {
	struct git *g;
	struct bits in;
	size_t n, cap;
	size_t *v;
};

struct git_batch *
git_batch_new(struct git *g)
{
	struct git_batch *b = xcalloc(1, sizeof *b);

	b->g = g;
	return b;
}

void
git_batch_free(struct git_batch *b)
{
	if (!b)
		return;
	free(b->in.p);
	free(b->v);
	free(b);
}

struct git *
batch_repo(const struct git_batch *b)
{
	return b->g;
}

/* struct object of git/lib.h begins like ours. */
const struct mem_object *
batch_find(const struct git_batch *b, const struct oid *id)
{
	size_t i = mem_find(id);

	return i != SIZE_MAX && bits_get(&b->in, i) ? mem_object(i) : NULL;
}

void
git_batch_add(struct git_batch *b, struct oid *id, enum git_type type, const void *p, size_t n)
{
	size_t i = mem_add(type, p, n);

	if (id)
		*id = mem_object(i)->id;
	if (bits_get(&b->in, i))
		return;
	bits_set(&b->in, i);
	vec_grow(b);
	b->v[b->n++] = i;
}

int
git_batch_read(
    struct git_batch *b, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	const struct mem_object *o = batch_find(b, id);

	if (!o)
		return git_read(b->g, out, type, id, e);
	buf_add(out, o->p, o->n);
	if (type)
		*type = o->type;
	return 0;
}

int
git_batch_write(struct git_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		if (disk_has(b->g->disk, b->v[i]))
			continue;
		if (mem_step(false, false, e))
			return ERR_IO;
		bits_set(&b->g->disk->have, b->v[i]);
		if (mem_step(false, true, e))
			return ERR_IO;
	}
	return 0;
}

/* --- git/purge.h ----------------------------------------------------------------------------------- */

int
git_each_object(struct git *g, enum git_type type, int (*each)(void *ctx, const struct oid *id),
    void *ctx, struct err *e)
{
	int rc = 0;

	(void)e;
	for (size_t i = 0; !rc && i < mem_objects(); i++) {
		struct oid id = mem_object(i)->id;

		if (mem_object(i)->type == type && disk_has(g->disk, i))
			rc = each(ctx, &id);
	}
	return rc;
}

int
git_purge(struct git *g, const struct oid *ids, size_t n, struct err *e)
{
	for (size_t k = 0; k < n; k++) {
		size_t i = mem_find(&ids[k]);

		if (i == SIZE_MAX || !disk_has(g->disk, i))
			continue;
		if (mem_step(false, false, e))
			return ERR_IO;
		g->disk->have.p[i / 8] &= (uint8_t)~(1 << (i % 8));
		if (i / 8 < g->disk->whole.n)
			g->disk->whole.p[i / 8] &= (uint8_t)~(1 << (i % 8));
	}
	return 0;
}

/* --- git/gc.h: nothing here is loose or packed --------------------------------------------------- */

int
git_gc_pack(struct git_gc **out, struct git *g, enum git_gc_what what, git_progress_fn progress,
    void *ctx, struct err *e)
{
	(void)out, (void)g, (void)what, (void)progress, (void)ctx;
	return err_set(e, ERR_CANCELLED, "nothing to pack");
}

int
git_gc_sweep(struct git_gc *gc, int prune_s, struct git_gc_report *report, struct err *e)
{
	(void)gc, (void)prune_s, (void)report, (void)e;
	return 0;
}

void
git_gc_free(struct git_gc *gc)
{
	(void)gc;
}

bool
git_gc_pays(struct git *g)
{
	(void)g;
	return false;
}

bool
git_gc_pays_there(const struct git_remote *r)
{
	(void)r;
	return false;
}

int
git_clear_stale(struct git *g, int older_than_s, struct err *e)
{
	(void)g, (void)older_than_s, (void)e;
	return 0;
}

/* --- refs ------------------------------------------------------------------------------------------- */

int
git_ref_get(struct git *g, struct oid *id, const char *ref, struct err *e)
{
	return disk_ref_get(g->disk, id, ref) ? 0 : err_set(e, ERR_NOTFOUND, "no ref %s", ref);
}

int
git_ref_set(struct git *g, const char *ref, const struct oid *id, const struct oid *expected,
    struct err *e)
{
	const struct ref *r = disk_ref_find(g->disk, ref);

	if (mem_step(false, false, e))
		return ERR_IO;
	if ((r != NULL) != (expected != NULL) || (r && !oid_equal(&r->id, expected)))
		return err_set(e, ERR_RACE, "%s moved meanwhile", ref);
	if (r || id)
		disk_ref_move(g->disk, ref, id);
	return mem_step(false, true, e);
}

int
git_ref_each(struct git *g, const char *prefix, git_ref_fn each, void *ctx, struct err *e)
{
	struct disk *copy = disk_backup(g->disk);
	int rc = 0;

	(void)e;
	for (size_t i = 0; !rc && i < copy->nrefs; i++)
		if (strncmp(copy->refs[i].name, prefix, strlen(prefix)) == 0)
			rc = each(ctx, copy->refs[i].name, &copy->refs[i].id);
	disk_free(copy);
	return rc;
}
