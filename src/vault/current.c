#include "vault/current.h"

#include <stdlib.h>
#include <string.h>

bool
current_team_active(const struct state *s, const char *team, int64_t now)
{
	char(*handles)[34] = NULL;
	size_t n = state_team_members(s, &handles, team, now);
	bool active = false;

	for (size_t i = 0; i < n && !active; i++) {
		const struct member *m = state_member(s, handles[i]);

		for (size_t k = 0; m && m->roles && k < m->ndevices && !active; k++)
			active = !m->devices[k].revoked;
	}
	free(handles);
	return active;
}

size_t
current_readers(const struct state *s, const struct dossier *d, int64_t now, char (*out)[36])
{
	size_t n = 0;

	for (size_t i = 0; i < d->naccess; i++) {
		bool ended = false;

		for (size_t j = 0; j < d->nuntil; j++)
			ended |= strcmp(d->until[j].team, d->access[i]) == 0 && d->until[j].at <= now;
		if (!ended && current_team_active(s, d->access[i], now))
			memcpy(out[n++], d->access[i], sizeof *out);
	}
	return n;
}

bool
current_epoch(const struct state *s, const struct epoch *ep, int64_t now)
{
	const struct epoch *const *tips;
	size_t n = state_tips(s, ep->team, &tips);
	bool tip = false;

	if (ep == state_epoch(s, ep->team))
		return true;
	for (size_t i = 0; i < n; i++)
		tip |= tips[i] == ep;
	for (size_t i = 0; i < ep->nmembers && tip; i++)
		tip = state_in_team(s, ep->team, ep->members[i], now);
	return tip && !ep->spent;
}

static bool
names(const struct dossier_key *k, const char *team, const char *epoch)
{
	for (size_t j = 0; j < k->nfor; j++)
		if (strcmp(k->to[j].team, team) == 0 && strcmp(k->to[j].epoch, epoch) == 0)
			return true;
	return false;
}

/* Every epoch that the file is for is a current one of those teams. */
static bool
within(const struct state *s, const struct dossier_key *k, char (*teams)[36], size_t n, int64_t now)
{
	for (size_t j = 0; j < k->nfor; j++) {
		const struct epoch *ep = state_epoch_named(s, k->to[j].team, k->to[j].epoch);
		bool ok = false;

		for (size_t i = 0; i < n && !ok; i++)
			ok = strcmp(k->to[j].team, teams[i]) == 0;
		if (!ok || !ep || !current_epoch(s, ep, now))
			return false;
	}
	return true;
}

static bool
one_names(const struct dossier *d, const uint8_t id[32], const struct epoch *ep)
{
	for (size_t f = 0; f < d->nkeys; f++)
		if (memcmp(d->keys[f].id, id, 32) == 0 && names(&d->keys[f], ep->team, ep->name))
			return true;
	return false;
}

bool
current_covers(
    const struct state *s, const struct dossier *d, size_t i, char (*teams)[36], size_t n, int64_t now)
{
	for (size_t k = 0; k < n; k++) {
		const struct epoch *const *tips;
		size_t ntips = state_tips(s, teams[k], &tips);

		if (!ntips)
			return false;
		for (size_t f = 0; f < ntips; f++)
			if (current_epoch(s, tips[f], now) && !one_names(d, d->keys[i].id, tips[f]))
				return false;
	}
	for (size_t f = 0; f < d->nkeys; f++)
		if (memcmp(d->keys[f].id, d->keys[i].id, 32) == 0 && !within(s, &d->keys[f], teams, n, now))
			return false;
	return true;
}
