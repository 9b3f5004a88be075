/* Keys that a merge must take for given away: it does not say to whom (DESIGN 2, Epochs). */
#include "trail/policy_judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int
by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
add(struct policy_plan *plan, const struct epoch *ep)
{
	vec_grow(&plan->spent);
	plan->spent.v[plan->spent.n++] = xasprintf("teams/%s/%s.yaml", ep->team, ep->name);
}

/* Whose key the waiting side had too, and so may have handed on to somebody whom this merge forgets: a
 * member, a device, the members of an epoch that does not come with them. Its members make the next. */
static void
by_waiting(struct policy_plan *plan, const struct policy_input *in)
{
	const char *last = "";

	for (size_t i = 0; i < plan->paths.n; i++) {
		const struct epoch *const *tips;
		struct storepath at;
		enum storepath_kind kind = storepath_parse(&at, plan->paths.v[i]);
		size_t n;

		/* the last one's team: epochs and their keys lie side by side */
		if ((kind != PATH_EPOCH && kind != PATH_EPOCH_KEY) ||
		    strncmp(last, plan->paths.v[i], strlen("teams/") + strlen(at.name) + 1) == 0)
			continue;
		last = plan->paths.v[i];
		n = state_tips(in->before[!plan->waiting], at.name, &tips);
		for (size_t k = 0; k < n; k++)
			if (state_epoch_named(in->before[plan->waiting], at.name, tips[k]->name))
				add(plan, tips[k]);
	}
}

/* A device of the member works on one side and no more on the other. */
static bool
shut_out(const struct member *here, const struct member *there)
{
	if (!here || !there || !here->roles)
		return false;
	for (size_t i = 0; i < here->ndevices; i++) {
		bool out = !there->roles;

		for (size_t k = 0; k < there->ndevices && !out; k++)
			out = strcmp(there->devices[k].id, here->devices[i].id) == 0 && there->devices[k].revoked;
		if (out && !here->devices[i].revoked)
			return true;
	}
	return false;
}

static bool
is_tip(const struct state *s, const struct epoch *ep)
{
	const struct epoch *const *tips;
	size_t n = state_tips(s, ep->team, &tips);

	for (size_t i = 0; i < n; i++)
		if (strcmp(tips[i]->name, ep->name) == 0)
			return true;
	return false;
}

/* Every epoch that side `i` has of the member's and that nobody has followed on the other: somebody may have wrapped
 * its key for the device while it worked, in a version of the key file that this merge does not keep. Whoever shut
 * the device out saw to the teams that they knew the member to be in. */
static void
by_member(struct policy_plan *plan, const struct policy_input *in, int i, const char *handle)
{
	const char *const *teams;
	size_t n = state_teams(in->before[i], &teams);

	for (size_t t = 0; t < n; t++) {
		const struct epoch *const *tips;
		size_t ntips = state_tips(in->before[i], teams[t], &tips);

		for (size_t k = 0; k < ntips; k++) {
			const struct epoch *other = state_epoch_named(in->before[!i], teams[t], tips[k]->name);

			/* made on a side that waits: it does not come */
			if (!epoch_lists(tips[k], handle) || (!other && plan->waiting == i))
				continue;
			if (!other || is_tip(in->before[!i], other))
				add(plan, tips[k]);
		}
	}
}

void
policy_find_spent(struct policy_plan *plan, const struct policy_input *in, const struct changes *sides)
{
	struct policy_paths *p = &plan->spent;
	size_t n = 0;

	if (plan->waiting >= 0)
		by_waiting(plan, in);
	for (size_t c = 0; c < sides->n; c++) {
		struct storepath at;

		if (sides->v[c].kind != PATH_MEMBER)
			continue;
		at = change_at(&sides->v[c]);
		/* what a side that waits says of devices is not let in */
		for (int i = 0; i < 2; i++)
			if (plan->waiting != !i &&
			    shut_out(state_member(in->before[i], at.name), state_member(in->before[!i], at.name)))
				by_member(plan, in, i, at.name);
	}
	if (p->n)
		qsort(p->v, p->n, sizeof *p->v, by_path);
	for (size_t i = 0; i < p->n; i++) {
		if (n && strcmp(p->v[n - 1], p->v[i]) == 0)
			free(p->v[i]);
		else
			p->v[n++] = p->v[i];
	}
	p->n = n;
}
