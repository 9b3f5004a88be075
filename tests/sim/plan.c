#include "sim/plan.h"

#include <string.h>
#include <stdlib.h>

#include "base/alloc.h"

/* How often, in four moods: people at work; people coming and going; everything at once; all of them at the
 * same few records. */
enum { MOODS = 4, SAME = 3, BOARD = 3 };
static const struct {
	enum op_kind kind;
	unsigned weight[MOODS];
} table[] = {
	{OP_NEW, {8, 6, 6, 3}},
	{OP_EDIT, {50, 24, 30, 80}},
	{OP_RESOLVE, {8, 3, 5, 10}},
	{OP_SYNC, {30, 30, 26, 22}},
	{OP_RACE, {4, 3, 3, 4}},
	{OP_CRASH, {3, 4, 4, 2}},
	{OP_LINE, {3, 4, 4, 2}},
	{OP_WAIT, {4, 4, 4, 2}},
	{OP_CLOCK, {2, 2, 3, 2}},
	{OP_BACKUP, {1, 1, 2, 0}},
	{OP_RESTORE, {1, 1, 2, 0}},
	{OP_MEMBER, {0, 5, 3, 0}},
	{OP_JOIN, {0, 6, 4, 0}},
	{OP_DEVICE, {0, 4, 3, 0}},
	{OP_REVOKE, {0, 3, 2, 0}},
	{OP_REMOVE, {0, 3, 2, 0}},
	{OP_ROLE, {0, 3, 2, 0}},
	{OP_TEAM, {0, 8, 5, 0}},
	{OP_GRANT, {3, 8, 5, 2}},
	{OP_UNGRANT, {2, 6, 4, 1}},
	{OP_SCHEMA, {2, 1, 3, 2}},
	{OP_ERASE, {0, 2, 5, 0}},
	{OP_ADMIT, {0, 4, 4, 0}},
	{OP_REBOOT, {2, 2, 2, 1}},
	{OP_ROGUE, {0, 1, 1, 0}},
};
enum { KINDS = sizeof table / sizeof *table };
_Static_assert((int)KINDS == (int)OP_KINDS, "every kind has its weights");

const char *
op_name(enum op_kind k)
{
	static const char *const name[] = {
#define X(n) #n,
		OPS(X)
#undef X
	};

	return name[k];
}

uint64_t
rnd_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static enum op_kind
pick(uint64_t *r, size_t mood)
{
	unsigned sum = 0;
	uint64_t at;

	for (size_t i = 0; i < KINDS; i++)
		sum += table[i].weight[mood];
	at = rnd_next(r) % sum;
	for (size_t i = 0;; i++) {
		if (at < table[i].weight[mood])
			return table[i].kind;
		at -= table[i].weight[mood];
	}
}

void
plan_make(struct plan *p, uint64_t seed)
{
	uint64_t r = seed * 0x2545f4914f6cdd1du + 1;
	size_t mood, n, begun, met;

	rnd_next(&r);
	*p = (struct plan){.seed = seed, .members = 3 + rnd_next(&r) % 4};
	mood = rnd_next(&r) % MOODS;
	n = 6 + rnd_next(&r) % 30;
	if (rnd_next(&r) % 16 == 0)
		n *= 3;
	/* most begin with something to work on */
	begun = rnd_next(&r) % 8 ? 2 + rnd_next(&r) % 3 : 0;
	met = mood == SAME ? begun + 2 * p->members : 0;
	n += met;
	while (p->n < n) {
		vec_grow(p);
		p->v[p->n] = (struct op){
			.kind = p->n < begun ? OP_NEW : p->n < met ? OP_SYNC : pick(&r, mood),
			.id = p->n,
			.m = (uint32_t)rnd_next(&r),
			.a = (uint32_t)rnd_next(&r),
			.b = (uint32_t)rnd_next(&r),
			.c = (uint32_t)rnd_next(&r),
			.seed = rnd_next(&r),
		};
		/* what many can read, and all of them have it */
		if (mood == SAME && p->n < begun)
			p->v[p->n].b = BOARD;
		else if (p->n < met)
			p->v[p->n].m = (uint32_t)(p->n - begun);
		/* by the stick as well: two ways make merges with several bases */
		else if (mood == SAME && p->v[p->n].kind == OP_SYNC && p->v[p->n].c % 2)
			p->v[p->n].a -= p->v[p->n].a % 6;
		p->n++;
	}
}

void
plan_copy(struct plan *to, const struct plan *from)
{
	*to = *from;
	to->cap = from->n;
	to->v = xcalloc(from->n + 1, sizeof *to->v);
	if (from->n)
		memcpy(to->v, from->v, from->n * sizeof *to->v);
}

void
plan_free(struct plan *p)
{
	free(p->v);
	*p = (struct plan){0};
}
