#include "git/lib.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

struct git_batch {
	struct git *g;
	struct {
		size_t n, cap;
		struct object *v;
	} objects;
	size_t *slots; /* index + 1 of an object, open addressing; 0 = free */
	size_t nslots;
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
	for (size_t i = 0; i < b->objects.n; i++)
		free(b->objects.v[i].p);
	free(b->objects.v);
	free(b->slots);
	free(b);
}

struct git *
batch_repo(const struct git_batch *b)
{
	return b->g;
}

static size_t
slot(const struct git_batch *b, const struct oid *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof h);
	for (i = h & (b->nslots - 1); b->slots[i]; i = (i + 1) & (b->nslots - 1))
		if (oid_equal(&b->objects.v[b->slots[i] - 1].id, id))
			break;
	return i;
}

const struct object *
batch_find(const struct git_batch *b, const struct oid *id)
{
	size_t i = b->nslots ? b->slots[slot(b, id)] : 0;

	return i ? &b->objects.v[i - 1] : NULL;
}

void
git_batch_add(struct git_batch *b, struct oid *id, enum git_type type, const void *p, size_t n)
{
	struct object o = {.type = type, .n = n};

	oid_hash(&o.id, type, p, n);
	if (id)
		*id = o.id;
	if (batch_find(b, &o.id))
		return;
	if ((b->objects.n + 1) * 2 > b->nslots) {
		free(b->slots);
		b->nslots = b->nslots ? b->nslots * 2 : 32;
		b->slots = xcalloc(b->nslots, sizeof *b->slots);
		for (size_t i = 0; i < b->objects.n; i++)
			b->slots[slot(b, &b->objects.v[i].id)] = i + 1;
	}
	o.p = xmalloc(n + 1);
	if (n)
		memcpy(o.p, p, n);
	vec_grow(&b->objects);
	/* NOLINTNEXTLINE(clang-analyzer-*): vec_grow made room, or ended us */
	b->objects.v[b->objects.n++] = o;
	b->slots[slot(b, &o.id)] = b->objects.n;
}

int
git_batch_read(
    struct git_batch *b, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	const struct object *o = batch_find(b, id);

	if (!o)
		return git_read(b->g, out, type, id, e);
	buf_add(out, o->p, o->n);
	if (type)
		*type = o->type;
	return 0;
}

/* An object that is there must also be whole: after a power cut a file written by a program
 * that does not sync may hold zeros, and would otherwise never be mended. */
static bool
is_whole(struct git *g, const struct object *o)
{
	git_odb_object *obj = NULL;
	bool ok;

	if (!lib_has(g, &o->id, false))
		return false;
	ok = git_odb_read(&obj, g->odb, lib_oid(&o->id)) == 0;
	git_odb_object_free(obj);
	return ok;
}

static int
write_batch(struct git_batch *b, bool all, struct err *e)
{
	struct object *missing = xcalloc(b->objects.n + 1, sizeof *missing);
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < b->objects.n; i++)
		if (all || !is_whole(b->g, &b->objects.v[i]))
			missing[n++] = b->objects.v[i];
	if (n > LIB_LOOSE_MAX)
		rc = pack_write(b->g, b, missing, n, e);
	else if (n)
		rc = loose_write(b->g, missing, n, e);
	free(missing);
	return rc;
}

int
git_batch_write(struct git_batch *b, struct err *e)
{
	return write_batch(b, false, e);
}

int
batch_write_all(struct git_batch *b, struct err *e)
{
	return write_batch(b, true, e);
}
