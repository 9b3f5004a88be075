#include "merge/join.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tree/node.h"

static int
by_key(const void *p, const void *q)
{
	const struct join_slot *x = p, *y = q;
	int c = memcmp(x->key, y->key, x->n < y->n ? x->n : y->n);

	if (!c)
		c = (x->n > y->n) - (x->n < y->n);
	if (!c)
		c = x->side - y->side;
	return c ? c : (x->i > y->i) - (x->i < y->i);
}

void
join_start(struct join *j, struct arena *a, struct node *const v[JOIN_SIDES], size_t more)
{
	size_t all = more;

	*j = (struct join){0};
	for (int i = 0; i < JOIN_SIDES; i++) {
		all += v[i] ? v[i]->n : 0;
		j->of[i] = arena_alloc(a, ((v[i] ? v[i]->n : 0) + 1) * sizeof *j->of[i]);
	}
	j->slot = arena_alloc(a, (all + 1) * sizeof *j->slot);
	j->group = arena_alloc(a, (all + 1) * sizeof *j->group);
}

void
join_add(struct join *j, int side, size_t i, const char *key, size_t n, struct node *node)
{
	j->slot[j->nslots++] =
	    (struct join_slot){.key = key, .n = n, .i = i, .side = side, .node = node};
}

void
join_group(struct join *j)
{
	const struct join_slot *last = NULL;

	if (j->nslots > 1)
		qsort(j->slot, j->nslots, sizeof *j->slot, by_key);
	for (size_t k = 0; k < j->nslots; k++) {
		const struct join_slot *s = &j->slot[k];
		struct join_group *g;

		if (!last || last->n != s->n || memcmp(last->key, s->key, s->n) != 0)
			j->group[j->n++] = (struct join_group){.key = s->key};
		last = s;
		g = &j->group[j->n - 1];
		if (s->side == JOIN_SIDES)
			continue;
		if (!g->count[s->side]++)
			g->v[s->side] = s->node;
		j->of[s->side][s->i] = j->n - 1;
	}
}
