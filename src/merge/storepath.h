/** The grammar of paths in a store (DESIGN 2). Every path of every tree must match it. */
#ifndef AKT_MERGE_STOREPATH_H
#define AKT_MERGE_STOREPATH_H

#include <stdbool.h>
#include <stddef.h>

enum storepath_kind {
	PATH_BAD,
	PATH_STORE,          /* store.yaml */
	PATH_SIGNERS,        /* allowed_signers */
	PATH_MEMBER,         /* members/<handle>.yaml, recovery too */
	PATH_EPOCH,          /* teams/<team>/<8 hex>.yaml */
	PATH_EPOCH_KEY,      /* teams/<team>/<8 hex>.age */
	PATH_SCHEMA,         /* schema/<type>.yaml */
	PATH_SCHEMA_EXTRA,   /* schema/{rules,reports,generators}/<name>.{sql,yaml} */
	PATH_DOSSIER,        /* records/<c>/<c>/<dossier>/dossier.yaml */
	PATH_RECORD,         /* records/<c>/<c>/<dossier>/<id>.yaml.age */
	PATH_PARKED,         /* ...yaml.age.parked-<16 hex> */
	PATH_TOMBSTONE,      /* erased/<c>/<c>/<dossier>.yaml */
};

struct storepath {
	enum storepath_kind kind;
	char name[66];    /* handle, team, record type of a schema, or file name of an extra */
	char epoch[9];
	char dossier[11];
	char record[66];  /* <type>-<id> */
	char type[33];    /* the record's type */
	char parked[17];
};

/** Fills `out` (may be NULL) and returns the kind. Handles and teams: [a-z][a-z0-9_-]{0,31},
 * a member's own team `~handle`; types: [a-z][a-z0-9_]{0,31}; record ids: <type>-[0-9a-z]{3,32};
 * schema extras: [a-z][a-z0-9_-]{0,59} and .sql or .yaml. `recovery` passes as a handle: that
 * nobody takes it is the caller's check. Unused fields are empty, all of them for PATH_BAD. */
enum storepath_kind storepath_parse(struct storepath *out, const char *path);
bool storepath_handle_ok(const char *s);
bool storepath_team_ok(const char *s); /* `~handle` too */
bool storepath_type_ok(const char *s);
/** A whole device id `handle.device`; both halves have a handle's alphabet. (`recovery`, the
 * id of the recovery identity, is none.) */
bool storepath_device_ok(const char *id);
/** malloc'd "records/7/k/7k3f9q2m1x/" + name; `dossier` is a valid id. */
char *storepath_in_dossier(const char *dossier, const char *name);

#endif
