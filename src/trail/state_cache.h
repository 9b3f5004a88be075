/** What the parts of state share: parsed files and folders, cached by object id. */
#ifndef AKT_TRAIL_STATE_CACHE_H
#define AKT_TRAIL_STATE_CACHE_H

#include "trail/state_file.h"

enum cache_kind {
	CACHE_EMPTY,
	CACHE_STORE,
	CACHE_MEMBER,
	CACHE_EPOCH,
	CACHE_DOSSIER,
	CACHE_TOMBSTONE,
	CACHE_WRITE,
	CACHE_ROSTER,
	CACHE_TEAM,
	CACHE_TEAMS,
};

struct cache_entry {
	enum cache_kind kind : 8;
	bool passing; /* state_cache_passing forgets it */
	struct oid id;
	void *p;
};

/** Open addressing; git's ids are their own hash. */
struct state_cache {
	struct objects objects;
	size_t n, size;
	struct cache_entry *v;
	bool passing;
};

/** True when the cache has it, NULL values too (a schema that says nothing). */
bool state_cache_have(
    struct state_cache *c, void **out, enum cache_kind kind, const struct oid *id);
/** Takes `p` over. */
void state_cache_keep(struct state_cache *c, enum cache_kind kind, const struct oid *id, void *p);
/** One file, from the cache or parsed; what it says of itself must fit the path. */
int state_cache_load(struct state_cache *c, void **out, enum cache_kind kind, const char *path,
    const struct oid *id, struct err *e);
/** The same; *content: on failure, what the file says is at fault, not the object. */
int state_cache_load_telling(struct state_cache *c, void **out, bool *content, enum cache_kind kind,
    const char *path, const struct oid *id, struct err *e);

/** members/: every member, and an index of all devices by signing key. */
struct roster {
	size_t n, cap;
	const struct member **v;
	size_t nkeys;
	struct roster_key {
		const struct device *device;
		const struct member *member;
	} * keys;
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

/** Folders by tree id; a zero id is an empty one. */
int state_folder_roster(
    const struct roster **out, struct state_cache *c, const struct oid *id, struct err *e);
int state_folder_teams(
    const struct teams **out, struct state_cache *c, const struct oid *id, struct err *e);
int state_folder_each(struct state_cache *c, const struct oid *tree, const char *path,
    git_tree_fn each, void *ctx, struct err *e);
/** ERR_DAMAGED: no file of a store. */
int state_folder_stray(const char *path, struct err *e);

void roster_free(struct roster *r);
/** Finds the newest epochs once all are in. */
void team_index(struct team *t);
void team_free(struct team *t);
void teams_free(struct teams *t);
const struct team *teams_find(const struct teams *t, const char *name);

#endif
