/* Disks in memory, each with some of the objects. What a crash leaves is what was written before it, in
 * the order it was. */
#include "sim/mem.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "sim/mem_private.h"
#include "sim/table.h"

/* --- ids ------------------------------------------------------------------------------------------- */

void
oid_format(char out[41], const struct oid *id)
{
	hash_hex(out, id->b, sizeof id->b);
}

bool
oid_parse(struct oid *id, const char *hex)
{
	return hash_unhex(id->b, sizeof id->b, hex);
}

void
oid_hash(struct oid *id, enum git_type type, const void *p, size_t n)
{
	uint8_t key[16] = {(uint8_t)type};

	crypto_generichash(id->b, sizeof id->b, p, n, key, sizeof key);
}

static struct {
	size_t n, cap;
	struct disk **v;
} disks, kept_disks;

size_t
mem_add(enum git_type type, const void *p, size_t n)
{
	struct oid id;
	char *copy;
	size_t i;

	oid_hash(&id, type, p, n);
	i = mem_find(&id);
	if (i != SIZE_MAX)
		return i;
	copy = xmalloc(n + 1);
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return table_add(&id, type, copy, n);
}

/* --- disks -------------------------------------------------------------------------------------- */

bool
bits_get(const struct bits *b, size_t i)
{
	return i < b->n * 8 && b->p[i / 8] >> (i % 8) & 1;
}

void
bits_set(struct bits *b, size_t i)
{
	if (i / 8 >= b->n) {
		size_t n = (i / 8 + 64) * 2;

		b->p = xrealloc(b->p, n, 1);
		memset(b->p + b->n, 0, n - b->n);
		b->n = n;
	}
	b->p[i / 8] |= (uint8_t)(1 << (i % 8));
}

static void
bits_copy(struct bits *to, const struct bits *from)
{
	free(to->p);
	to->n = from->n;
	to->p = xmalloc(from->n + 1);
	if (from->n)
		memcpy(to->p, from->p, from->n);
}

void
disk_free(struct disk *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->nrefs; i++)
		free(d->refs[i].name);
	free(d->refs);
	free(d->have.p);
	free(d->whole.p);
	free(d->stray.p);
	free(d->path);
	free(d);
}

struct disk *
disk_backup(const struct disk *d)
{
	struct disk *c = xcalloc(1, sizeof *c);

	c->path = xstrdup(d->path);
	bits_copy(&c->have, &d->have);
	bits_copy(&c->whole, &d->whole);
	bits_copy(&c->stray, &d->stray);
	c->nrefs = d->nrefs;
	c->refs = xcalloc(d->nrefs + 1, sizeof *c->refs);
	for (size_t i = 0; i < d->nrefs; i++)
		c->refs[i] = (struct ref){xstrdup(d->refs[i].name), d->refs[i].id};
	return c;
}

void
disk_restore(struct disk *d, const struct disk *from)
{
	struct disk *c = disk_backup(from), old = *d;

	*d = *c;
	*c = old;
	disk_free(c);
}

struct disk *
disk_find(const char *path)
{
	for (size_t i = 0; i < disks.n; i++)
		if (strcmp(disks.v[i]->path, path) == 0)
			return disks.v[i];
	return NULL;
}

void
disk_make(const char *path)
{
	if (disk_find(path))
		return;
	vec_grow(&disks);
	disks.v[disks.n] = xcalloc(1, sizeof **disks.v);
	disks.v[disks.n++]->path = xstrdup(path);
}

void
disk_drop(const char *path)
{
	for (size_t i = 0; i < disks.n; i++)
		if (strcmp(disks.v[i]->path, path) == 0) {
			disk_free(disks.v[i]);
			disks.v[i] = disks.v[--disks.n];
			return;
		}
}

bool
disk_move(const char *from, const char *to)
{
	struct disk *d = disk_find(from);

	if (!d || disk_find(to))
		return false;
	free(d->path);
	d->path = xstrdup(to);
	return true;
}

bool
disk_has(const struct disk *d, size_t object)
{
	return bits_get(&d->have, object);
}

bool
disk_stray(const struct disk *d, size_t object)
{
	return bits_get(&d->stray, object);
}

size_t
disk_count(void)
{
	return disks.n;
}

const struct disk *
disk_at(size_t i)
{
	return disks.v[i];
}

const char *
disk_path(const struct disk *d)
{
	return d->path;
}

size_t
disk_moves(const char *path)
{
	const struct disk *d = disk_find(path);

	return d ? d->moves : 0;
}

size_t
disk_refs(const struct disk *d)
{
	return d->nrefs;
}

const struct oid *
disk_ref_at(const struct disk *d, size_t i, const char **name)
{
	*name = d->refs[i].name;
	return &d->refs[i].id;
}

struct ref *
disk_ref_find(const struct disk *d, const char *name)
{
	for (size_t i = 0; i < d->nrefs; i++)
		if (strcmp(d->refs[i].name, name) == 0)
			return &d->refs[i];
	return NULL;
}

bool
disk_ref_get(const struct disk *d, struct oid *id, const char *ref)
{
	const struct ref *r = disk_ref_find(d, ref);

	if (r && id)
		*id = r->id;
	return r != NULL;
}

void
disk_ref_move(struct disk *d, const char *name, const struct oid *id)
{
	struct ref *r = disk_ref_find(d, name);
	size_t i;

	d->moves++;
	if (r && id) {
		r->id = *id;
		return;
	}
	if (!id) {
		free(r->name);
		memmove(r, r + 1, (size_t)(d->refs + --d->nrefs - r) * sizeof *r);
		return;
	}
	d->refs = xrealloc(d->refs, d->nrefs + 1, sizeof *d->refs);
	for (i = d->nrefs++; i > 0 && strcmp(d->refs[i - 1].name, name) > 0; i--)
		d->refs[i] = d->refs[i - 1];
	d->refs[i] = (struct ref){xstrdup(name), *id};
}

static void
drop_disks(void)
{
	for (size_t i = 0; i < disks.n; i++)
		disk_free(disks.v[i]);
	disks.n = 0;
}

size_t
mem_keep(void)
{
	for (size_t i = 0; i < disks.n; i++) {
		vec_grow(&kept_disks);
		kept_disks.v[kept_disks.n++] = disk_backup(disks.v[i]);
	}
	mem_files_reset(true);
	return mem_objects();
}

void
mem_reset(size_t kept)
{
	mem_states_forget();
	mem_texts_forget(false);
	table_cut(kept);
	mem_files_reset(false);
	drop_disks();
	for (size_t i = 0; i < kept_disks.n; i++) {
		vec_grow(&disks);
		disks.v[disks.n++] = disk_backup(kept_disks.v[i]);
	}
}

void
mem_forget(void)
{
	mem_states_forget();
	mem_texts_forget(true);
	table_cut(0);
	drop_disks();
	for (size_t i = 0; i < kept_disks.n; i++)
		disk_free(kept_disks.v[i]);
	kept_disks.n = 0;
	free(kept_disks.v);
	free(disks.v);
	mem_files_forget();
}
