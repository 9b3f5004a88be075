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

static bool
names(const struct dossier_key *k, const char *team, const char *epoch)
{
	for (size_t j = 0; j < k->nfor; j++)
		if (strcmp(k->to[j].team, team) == 0 && strcmp(k->to[j].epoch, epoch) == 0)
			return true;
	return false;
}

/* Every epoch that the file is for is a newest one of those teams. */
static bool
within(const struct state *s, const struct dossier_key *k, char (*teams)[36], size_t n)
{
	for (size_t j = 0; j < k->nfor; j++) {
		bool ok = false;

		for (size_t i = 0; i < n && !ok; i++) {
			const struct epoch *ep = state_epoch(s, teams[i]);

			ok = ep && strcmp(k->to[j].team, teams[i]) == 0 &&
			    strcmp(k->to[j].epoch, ep->name) == 0;
		}
		if (!ok)
			return false;
	}
	return true;
}

bool
current_covers(
    const struct state *s, const struct dossier *d, size_t i, char (*teams)[36], size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const struct epoch *ep = state_epoch(s, teams[k]);
		bool found = false;

		for (size_t f = 0; f < d->nkeys && ep && !found; f++)
			found = memcmp(d->keys[f].id, d->keys[i].id, 32) == 0 &&
			    names(&d->keys[f], teams[k], ep->name);
		if (!found)
			return false;
	}
	for (size_t f = 0; f < d->nkeys; f++)
		if (memcmp(d->keys[f].id, d->keys[i].id, 32) == 0 && !within(s, &d->keys[f], teams, n))
			return false;
	return true;
}
