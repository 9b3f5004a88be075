#include "trail/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "trail/commit.h"

/* The slot that holds the id, or the free one where it belongs. */
static size_t
slot_of(const struct seen_index *x, const struct oid *id)
{
	uint32_t home = 0;
	size_t i = 0;

	memcpy(&home, id->b, sizeof home);
	for (i = home & (x->slots - 1); x->slot[i]; i = (i + 1) & (x->slots - 1))
		if (oid_equal(&x->v[x->slot[i] - 1].id, id))
			break;
	return i;
}

struct seen *
seen_find(const struct seen_index *x, const struct oid *id)
{
	size_t i = x->slots ? x->slot[slot_of(x, id)] : 0;

	return i ? &x->v[i - 1] : NULL;
}

struct seen *
seen_add(struct seen_index *x, const struct oid *id)
{
	size_t at = 0;

	if (x->n * 2 >= x->slots) {
		x->slots = x->slots ? x->slots * 2 : 1024;
		free(x->slot);
		x->slot = xcalloc(x->slots, sizeof *x->slot);
		for (size_t i = 0; i < x->n; i++)
			x->slot[slot_of(x, &x->v[i].id)] = (uint32_t)i + 1;
	}
	at = slot_of(x, id);
	if (!x->slot[at]) {
		vec_grow(x);
		x->v[x->n++] = (struct seen){.id = *id};
		x->slot[at] = (uint32_t)x->n;
	}
	return &x->v[x->slot[at] - 1];
}

void
seen_know(struct seen *s, const struct commit *c, const uint8_t sha256[32])
{
	s->known = true;
	s->tree = c->tree;
	s->time = c->time;
	memcpy(s->trail, c->trail, sizeof s->trail);
	memcpy(s->sha256, sha256, sizeof s->sha256);
}

void
seen_free(struct seen_index *x)
{
	free(x->v);
	free(x->slot);
	*x = (struct seen_index){0};
}
