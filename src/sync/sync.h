/** Sync with a hub: fetch, verify what came, merge, push; again when the hub has moved. Never blocks
 * on a conflict, never asks, never moves a ref to something the hub refused (DESIGN 5). */
#ifndef AKT_SYNC_SYNC_H
#define AKT_SYNC_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include "git/oid.h"
#include "git/remote.h"
#include "trail/verify.h"

struct err;
struct git;
struct vault;

struct sync_erasing {
	char dossier[11], record[66];
	bool draft; /* an unsaved edit */
};

struct sync_result {
	size_t fetched, pushed; /* commits */
	size_t merged;          /* records that both sides had changed */
	size_t nquarantined;
	char (*quarantined)[66]; /* devices whose commits wait for an admin */
	size_t nadmitted;
	char (*admitted)[66]; /* devices whose commits sync_admit let in */
	bool stuck;    /* our own head waits in quarantine */
	bool removed;  /* this device was revoked on the other side */
	bool recovery; /* two sides took each other's rights away: only the recovery identity merges them */
	size_t nnotices, notice_cap;
	char **notices;
	/* Records with changes (or a draft) that are only on this machine, in dossiers that the hub has
	 * erased: shown once, before they go. Nothing was taken over then. */
	size_t nerasing, erasing_cap;
	struct sync_erasing *erasing;
	/* what did not verify, when the hub was refused */
	struct trail_report report;
};

struct sync_options {
	int (*progress)(void *ctx, const char *what, size_t done, size_t total);
	void *ctx;
	bool erase; /* do not stop to show what an erasure takes along */
};

/** `name`: of the remote, for refs that remember its heads. ERR_HUB out of reach; ERR_DAMAGED refused
 * (report filled); ERR_ACCESS own device removed; ERR_FINDINGS quarantine or erasing.
 * out is filled in every case; sync_result_free. */
int sync_run(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const struct sync_options *opt, struct err *e);
void sync_result_free(struct sync_result *r);

/** As sync_run by an admin who lets in what `device` did while it was losing its rights. ERR_NOTFOUND:
 * nothing of it waits. ERR_ACCESS: not an admin, or the recovery identity's matter. */
int sync_admit(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const char *device, const struct sync_options *opt, struct err *e);

/** Fills a store just made by vault_create from a hub: everything is verified first and its root's trail
 * value must be `fingerprint` (32 bytes). */
int sync_join(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const uint8_t fingerprint[32], const struct sync_options *opt, struct err *e);

/** What a hub's post-receive hook does: forgets the keys of what was erased. `let_go`: where refs/akt/keys
 * stood before, when it moved. */
int sync_post_receive(struct git *hub, const struct oid *let_go, struct err *e);

/** What a hub checks before one of its refs moves, in its hooks and in a folder hub's push: policy for
 * main, the keyless check of keys, known signers for what waits; other refs are refused. `old_id` NULL: new. The reason
 * is in `e`. */
int sync_receive(void *ctx, struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e);

#endif
