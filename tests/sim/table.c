#include "sim/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { SLOTS = 4096 };

static struct {
	size_t n, cap, nslots;
	struct mem_object *v;
	uint32_t *slots;
} table;

static size_t
slot_of(const struct oid *id)
{
	uint32_t h;
	size_t i;

	memcpy(&h, id->b, sizeof h);
	for (i = h & (table.nslots - 1); table.slots[i]; i = (i + 1) & (table.nslots - 1))
		if (oid_equal(&table.v[table.slots[i] - 1].id, id))
			break;
	return i;
}

static void
rehash(size_t nslots)
{
	free(table.slots);
	table.nslots = nslots;
	table.slots = xcalloc(nslots, sizeof *table.slots);
	for (size_t i = 0; i < table.n; i++)
		table.slots[slot_of(&table.v[i].id)] = (uint32_t)i + 1;
}

size_t
mem_objects(void)
{
	return table.n;
}

const struct mem_object *
mem_object(size_t i)
{
	return &table.v[i];
}

size_t
mem_find(const struct oid *id)
{
	size_t i = table.nslots ? table.slots[slot_of(id)] : 0;

	return i ? i - 1 : SIZE_MAX;
}

size_t
table_add(const struct oid *id, enum git_type type, char *p, size_t n)
{
	if ((table.n + 1) * 2 > table.nslots)
		rehash(table.nslots ? table.nslots * 2 : SLOTS);
	vec_grow(&table);
	table.v[table.n] = (struct mem_object){*id, type, n, p};
	table.slots[slot_of(id)] = (uint32_t)table.n + 1;
	return table.n++;
}

void
table_cut(size_t kept)
{
	size_t nslots = SLOTS;

	for (size_t i = kept; i < table.n; i++)
		free(table.v[i].p);
	table.n = kept;
	if (kept) {
		while (nslots < kept * 2)
			nslots *= 2;
		rehash(nslots);
		return;
	}
	free(table.v);
	free(table.slots);
	memset(&table, 0, sizeof table);
}
