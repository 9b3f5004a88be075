/** The control files of one tree, read: who belongs, which teams, which lists. Parsed files are
 * cached by blob id, so a walk over many commits parses each once. PURE over `objects`. */
#ifndef AKT_TRAIL_STATE_H
#define AKT_TRAIL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trail/objects.h"

enum role {
	ROLE_ADMIN = 1,
	ROLE_SUPERVISOR = 2,
	ROLE_STAFF = 4,
	ROLE_AUDITOR = 8,
	ROLE_RECOVERY = 16
};

struct device {
	char id[66];            /* handle.device; "recovery" for the recovery identity */
	uint8_t recipient[32];  /* X25519 */
	uint8_t signer[32];     /* Ed25519 */
	int64_t added, revoked; /* UTC seconds; revoked 0 = active */
};

struct member {
	char handle[34];
	unsigned roles; /* 0 = removed */
	size_t ndevices;
	struct device *devices;
};

struct epoch {
	char team[36];
	char name[9]; /* first 8 hex of SHA-256(recipient, 32 raw bytes) */
	uint8_t recipient[32];
	char earlier[9]; /* "" for the first */
	size_t nmembers;
	char (*members)[34];
	size_t nuntil; /* removals an admin stated: from then on not a member */
	struct {
		char handle[34];
		int64_t at;
	} * until;
	bool spent; /* handed on to whom nobody here knows: the next epoch is due */
};

struct dossier_key {
	uint8_t id[32];   /* SHA-256 of the dossier recipient's 32 raw bytes */
	uint8_t file[32]; /* SHA-256 of the key file */
	size_t nfor;
	struct {
		char team[36];
		char epoch[9];
	} * to;
};

struct dossier {
	char id[11];
	char retention[17];
	size_t naccess;
	char (*access)[36]; /* team names, sorted */
	size_t nuntil;      /* grants that end */
	struct {
		char team[36];
		int64_t at;
	} * until;
	size_t nkeys;
	struct dossier_key *keys; /* sorted by id, then file */
};

struct tombstone {
	char dossier[11], basis[17];
	size_t nby; /* who ordered and confirmed */
	struct {
		char handle[34];
		int64_t at;
	} * by;
};

struct store_info {
	char id[11], unit[11];       /* store id; id of the unit's dossier */
	const char *name, *language; /* owned by the state */
	int erase_signers;           /* 2 unless set */
	const char *go_live;         /* NULL or date */
	size_t nbasis;
	const char **basis;
	bool no_fts;                 /* texts are not to be searched for words */
	size_t nvalues;              /* what the unit set otherwise than its rules do, by name */
	struct store_value {
		const char *name;
		const char *text; /* as written */
		bool is_int;
		int64_t i;
	} * values;
};

/** A name and a value that stores can hold: [a-z][a-z0-9_]{0,31}; a whole number within a thousand
 * million, or a word of letters, digits, `-`, `.` and `_`, 64 at most. */
bool state_value_ok(const char *name, const char *text);

struct state_cache;
struct state_cache *state_cache_new(const struct objects *o);
void state_cache_free(struct state_cache *c);
/** Dossiers that come in while this is on are forgotten at the next call, whichever way; those that were there stay. */
void state_cache_passing(struct state_cache *c, bool on);

/** One tree's state; cheap views into the cache. Control files that do not parse make it
 * fail with ERR_DAMAGED naming the path. */
struct state;
int state_open(struct state **out, struct state_cache *c, const struct oid *tree, struct err *e);
void state_close(struct state *s);
/** Id of the root tree. */
const struct oid *state_tree(const struct state *s);

const struct store_info *state_store(const struct state *s);
const struct member *state_member(const struct state *s, const char *handle);
size_t state_members(const struct state *s, const struct member *const **list);
/** Device by id, or by signing key; the member it belongs to in *m (may be NULL). */
const struct device *state_device(const struct state *s, const char *id, const struct member **m);
const struct device *state_signer(
    const struct state *s, const uint8_t pk[32], const struct member **m);
/** Newest epoch of a team (the end of the longest chain of `earlier`; of several as long, merged
 * side by side, the smallest name), NULL when there is no such team. A next epoch names it. */
const struct epoch *state_epoch(const struct state *s, const char *team);
const struct epoch *state_epoch_named(const struct state *s, const char *team, const char *name);
/** The newest epochs of a team: several when its key was renewed on both sides of a merge, until one of
 * its members renews it once more. state_epoch is the first of them. */
size_t state_tips(const struct state *s, const char *team, const struct epoch *const **list);
/** All epochs of a team, sorted by name. */
size_t state_epochs(const struct state *s, const char *team, const struct epoch *const **list);
size_t state_teams(const struct state *s, const char *const **names);
/** The handles that admins stated for a team, sorted: what its next epoch must hold. The newest
 * epoch's, without those whose `until` has come; of epochs side by side a removal wins. malloc'd
 * to *out (free), number returned. */
size_t state_team_members(const struct state *s, char (**out)[34], const char *team, int64_t now);
/** True when the epoch's file lists the handle, whatever removals say; NULL epoch: false. */
bool epoch_lists(const struct epoch *ep, const char *handle);
/** True when the handle is one of state_team_members. */
bool state_in_team(const struct state *s, const char *team, const char *handle, int64_t now);
/** ERR_NOTFOUND. Owned by the cache. */
int state_dossier(
    const struct state *s, const struct dossier **out, const char *dossier, struct err *e);
/** ERR_NOTFOUND when no tombstone stands. */
int state_tombstone(
    const struct state *s, const struct tombstone **out, const char *dossier, struct err *e);
/** Final: as many active members stand in `by` as the store wants, or the folder has gone (it can
 * only have gone while final, and stays so when a signer later leaves). */
bool state_tombstone_final(const struct state *s, const struct tombstone *t);
/** True when one of the member's teams is on the dossier's list at `now`. */
bool state_may_read(
    const struct state *s, const struct dossier *d, const char *handle, int64_t now);
/** x-akt.write of a type: NULL-terminated list; defaults when the schema is silent or absent. */
const char *const *state_type_write(const struct state *s, const char *type);
/** An error when what says who writes a type is lost or the disk does not give it up: then nobody does, and no verdict
 * stands. 0 where there is none, and where it is there but says nothing that can be read. */
int state_look_type(const struct state *s, const char *type, struct err *e);
/** roles and `team:` entries against a member. */
bool state_may_write_type(
    const struct state *s, const char *type, const struct member *m, int64_t now);

/** Writers of the same files, canonical bytes. */
void state_format_member(struct buf *out, const struct member *m);
void state_format_epoch(struct buf *out, const struct epoch *e);
void state_format_dossier(struct buf *out, const struct dossier *d);
void state_format_store(struct buf *out, const struct store_info *s);
void state_format_tombstone(struct buf *out, const struct tombstone *t);
/** allowed_signers, derived from all members of a tree. */
int state_format_signers(struct buf *out, const struct state *s, struct err *e);
int role_parse(unsigned *roles, const char *s); /* "admin,staff"; ERR_USAGE */
const char *role_name(unsigned one);

#endif
