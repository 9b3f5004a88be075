/* Who is in a team: its chain of epochs, and what admins stated beside them. */
#include "trail/state_cache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Where in the list, t->n when it is not there. */
static size_t
place_of(const struct team *t, const char *name)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = strcmp(name, t->v[mid]->name);

		if (cmp == 0)
			return mid;
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return t->n;
}

static const struct epoch *
named(const struct team *t, const char *name)
{
	size_t i = place_of(t, name);

	return i < t->n ? t->v[i] : NULL;
}

/* The epoch before, NULL at the first. */
static const struct epoch *
before(const struct team *t, const struct epoch *ep)
{
	return *ep->earlier ? named(t, ep->earlier) : NULL;
}

/* How many steps from epoch i to the first, for it and all on the way, each once: a long chain walked from each of its epochs
 * takes minutes. Policy lets no circle in; in a hostile tree it counts as one more than there are epochs. `way` has room for all. */
static void
find_depth(const struct team *t, size_t *depth, size_t *way, size_t i)
{
	const size_t most = t->n + 1, under_way = SIZE_MAX;
	size_t n = 0, d = 0;

	for (; i < t->n && !depth[i]; i = place_of(t, t->v[i]->earlier)) {
		depth[i] = under_way;
		way[n++] = i;
	}
	if (i < t->n)
		d = depth[i] == under_way ? most : depth[i];
	else if (n && *t->v[way[n - 1]]->earlier)
		d = 1; /* the one before was not let in; still this one follows others */
	while (n) {
		d += d < most;
		depth[way[--n]] = d;
	}
}

void
team_index(struct team *t)
{
	size_t *depth = xcalloc(t->n + 1, sizeof *depth), *way = xcalloc(t->n + 1, sizeof *way), deepest = 0;

	t->tips = xcalloc(t->n + 1, sizeof *t->tips);
	for (size_t i = 0; i < t->n; i++) {
		find_depth(t, depth, way, i);
		if (depth[i] > deepest)
			t->ntips = 0;
		if (depth[i] >= deepest)
			t->tips[t->ntips++] = t->v[i];
		if (depth[i] > deepest)
			deepest = depth[i];
	}
	t->newest = t->ntips ? t->tips[0] : NULL;
	free(depth);
	free(way);
}

void
team_free(struct team *t)
{
	if (!t)
		return;
	free(t->v);
	free(t->tips);
	free(t);
}

void
teams_free(struct teams *t)
{
	if (!t)
		return;
	free(t->v);
	free(t->names);
	free(t);
}

const struct team *
teams_find(const struct teams *t, const char *name)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = strcmp(name, t->v[mid]->name);

		if (cmp == 0)
			return t->v[mid];
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const struct epoch *
state_epoch(const struct state *s, const char *team)
{
	const struct team *t = teams_find(s->team, team);

	return t ? t->newest : NULL;
}

const struct epoch *
state_epoch_named(const struct state *s, const char *team, const char *name)
{
	const struct team *t = teams_find(s->team, team);

	return t ? named(t, name) : NULL;
}

size_t
state_tips(const struct state *s, const char *team, const struct epoch *const **list)
{
	const struct team *t = teams_find(s->team, team);

	*list = t ? t->tips : NULL;
	return t ? t->ntips : 0;
}

size_t
state_epochs(const struct state *s, const char *team, const struct epoch *const **list)
{
	const struct team *t = teams_find(s->team, team);

	*list = t ? t->v : NULL;
	return t ? t->n : 0;
}

size_t
state_teams(const struct state *s, const char *const **names)
{
	*names = s->team->names;
	return s->team->n;
}

bool
epoch_lists(const struct epoch *ep, const char *handle)
{
	for (size_t i = 0; ep && i < ep->nmembers; i++)
		if (strcmp(ep->members[i], handle) == 0)
			return true;
	return false;
}

static bool
ended(const struct epoch *ep, const char *handle, int64_t now)
{
	for (size_t i = 0; i < ep->nuntil; i++)
		if (strcmp(ep->until[i].handle, handle) == 0)
			return ep->until[i].at <= now;
	return false;
}

/* The epoch that two chains have in common, NULL when they have none. */
static const struct epoch *
common(const struct team *t, const struct epoch *a, const struct epoch *b)
{
	/* tips lie as deep, so one step on both sides at a time meets */
	for (size_t i = 0; a && b && a != b && i <= t->n; i++) {
		a = before(t, a);
		b = before(t, b);
	}
	return a == b ? a : NULL;
}

/* Of epochs side by side: in all of them, or added on one side since the epoch they share. */
static bool
belongs(const struct team *t, const char *handle, int64_t now)
{
	bool in = epoch_lists(t->newest, handle);

	for (size_t i = 1; i < t->ntips; i++) {
		bool other = epoch_lists(t->tips[i], handle);

		if (in != other)
			in = !epoch_lists(common(t, t->newest, t->tips[i]), handle);
	}
	for (size_t i = 0; i < t->ntips && in; i++)
		in = !ended(t->tips[i], handle, now);
	return in;
}

bool
state_in_team(const struct state *s, const char *team, const char *handle, int64_t now)
{
	const struct team *t = teams_find(s->team, team);

	return t && t->newest && belongs(t, handle, now);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

size_t
state_team_members(const struct state *s, char (**out)[34], const char *team, int64_t now)
{
	const struct team *t = teams_find(s->team, team);
	size_t n = 0, most = 0, kept = 0;
	char(*v)[34];

	for (size_t i = 0; t && i < t->ntips; i++)
		most += t->tips[i]->nmembers;
	v = xcalloc(most + 1, sizeof *v);
	for (size_t i = 0; t && i < t->ntips; i++)
		for (size_t j = 0; j < t->tips[i]->nmembers; j++)
			if (belongs(t, t->tips[i]->members[j], now))
				memcpy(v[n++], t->tips[i]->members[j], sizeof *v);
	qsort(v, n, sizeof *v, by_name);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(v[kept - 1], v[i]) != 0)
			memmove(v[kept++], v[i], sizeof *v);
	*out = v;
	return kept;
}
