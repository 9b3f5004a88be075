/* Shared by the files of sync/ alone. */
#ifndef AKT_SYNC_PRIVATE_H
#define AKT_SYNC_PRIVATE_H

#include "sync/sync.h"
#include "vault/vault.h"

void sync_notice(struct sync_result *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Merges HEAD and `theirs`: the commit is written, *id, no ref moves. *done false: an admin (or
 * recovery) must do it; the devices waiting are in `r`. */
int sync_merge(struct sync_result *r, struct vault *v, const struct oid *theirs, struct oid *id,
    bool *done, const struct sync_options *opt, struct err *e);

/* Brings the hub's key files into ours (union, hash-checked, tombstoned dossiers left out). */
int sync_keys_fetch(struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e);
/* Pushes ours when the hub lacks any. ERR_RACE. */
int sync_keys_push(struct vault *v, struct git_remote *hub, const struct sync_options *opt,
    struct err *e);
/* Every key file that the dossiers changed between two trees name is in the keys' tree. `keys`: repository
 * that has refs/akt/keys. */
int sync_keys_complete(struct git *g, struct git *keys, const struct oid *old_tree,
    const struct oid *new_tree, struct err *e);

/* A hub's new keys commit (old_id NULL: the first): parentless, every file the one it is named, nothing
 * missing but what was erased. */
int sync_keys_receive(struct git *hub, const struct oid *old_id, const struct oid *new_id,
    struct err *e);

#endif
