/** What state.c and state_team.c share: parsed files and folders, cached by object id. */
#ifndef AKT_TRAIL_STATE_CACHE_H
#define AKT_TRAIL_STATE_CACHE_H

#include "trail/state_file.h"

/** members/: every member, and an index of all devices by signing key. */
struct roster {
	size_t n, cap;
	const struct member **v;
	size_t nkeys;
	struct roster_key {
		const struct device *device;
		const struct member *member;
	} *keys;
};

/** teams/TEAM/: its epochs, sorted by name. */
struct team {
	char name[36];
	size_t n, cap;
	const struct epoch **v;
	const struct epoch *newest;
	size_t ntips;              /* epochs as far from the first as the newest, itself too */
	const struct epoch **tips; /* sorted by name */
};

/** teams/ */
struct teams {
	size_t n, cap;
	const struct team **v; /* sorted by name */
	const char **names;
};

struct state {
	struct state_cache *cache;
	struct oid tree;
	struct oid members, teams, schema, records, erased; /* zero: no such folder */
	const struct store_info *store;
	const struct roster *roster;
	const struct teams *team;
};

/** The parsed file at a control path with this blob. *content tells, on failure, that what the
 * file says is at fault and not the object. *out may be NULL for a silent schema. */
int state_load(const struct state *s, const void **out, bool *content, const char *path,
    const struct oid *id, struct err *e);

/** As many active members stand in `by` as the store wants: what a folder may go on. */
bool state_tombstone_signed(const struct state *s, const struct tombstone *t);
/** True when nothing of the dossier's folder is left. */
int state_dossier_gone(const struct state *s, bool *gone, const char *dossier, struct err *e);

void roster_index(struct roster *r);
void roster_free(struct roster *r);
/** Finds the newest epochs once all are in. */
void team_index(struct team *t);
void team_free(struct team *t);
void teams_free(struct teams *t);
const struct team *teams_find(const struct teams *t, const char *name);

#endif
