/* Shared by the txn files alone. */
#ifndef AKT_VAULT_TXN_PRIVATE_H
#define AKT_VAULT_TXN_PRIVATE_H

#include "base/buf.h"
#include "vault/txn.h"
#include "vault/vault_private.h"

/* Paths to ids: a hash map in insertion order. */
struct txn_file {
	char *path;
	struct oid id;
	bool removed;
};
struct txn_files {
	size_t n, cap;
	struct txn_file *v;
	size_t nslots;
	uint32_t *slots;
};
void txn_files_set(struct txn_files *f, const char *path, const struct oid *id);
const struct txn_file *txn_files_get(const struct txn_files *f, const char *path);
void txn_files_free(struct txn_files *f);

struct txn_check { /* what must be read back before the ref moves */
	char *path;
	struct oid blob;
	struct buf plain;
};

struct txn {
	struct vault *v;
	struct os_lock *lock;
	const struct member *me;
	int64_t now;
	struct git_batch *batch, *keybatch;
	struct objects objects, keyobjects; /* over the batches */
	struct txn_files files, keyfiles;
	struct state_cache *cache;
	struct state *state;        /* of the change so far; NULL = to be made */
	size_t ndossiers, dossier_cap;
	struct dossier **dossiers;  /* as changed here */
	struct txn_files dossier_at; /* dossier id -> index, kept in the id's bytes */
	size_t nchecks, check_cap;
	struct txn_check *checks;
	bool members_touched, teams_touched;
	size_t nrenewed, renewed_cap;
	char (*renewed)[36];        /* teams that txn_renew has seen to */
};

/* Takes over `path` and `plain`: what the blob at `path`, a record or an epoch's keys wrapped for this device among others, must
 * open to before the ref moves. */
void txn_check_later(struct txn *t, char *path, const struct oid *blob, struct buf *plain);
/* Key file from this change, else from keys.git; ctx is the txn. */
int txn_read_keyfile(void *txn, struct buf *out, const char *dossier, const uint8_t file[32],
    struct err *e);
/* Renews or wraps the newest epochs of teams on the dossier's list that this member is in, where that is due:
 * what is written next must not open for those who left. Once a change. */
int txn_renew(struct txn *t, const struct dossier *d, struct err *e);
/* True when the team's newest key is with somebody who does not belong any more, as far as can be told
 * without it: its next epoch is still to be made. */
bool txn_stale(struct txn *t, const struct state *s, const char *team);
/* The public key of the dossier's current identity; a writer who finds none makes it first (`make`). Not so a
 * merge, which changes nothing but what both sides changed: ERR_NOTFOUND. */
int txn_current_identity(struct txn *t, struct dossier *d, const struct state *s, bool make, uint8_t pk[32],
    struct err *e);
/* Stores the dossier's yaml and keeps the copy. */
void txn_put_dossier(struct txn *t, struct dossier *d);
int txn_tree(struct txn *t, struct oid *tree, struct err *e);

#endif
