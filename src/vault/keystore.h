/** STORE/akt/keys.git: the key files' own repository, so that erasing can rebuild it. */
#ifndef AKT_VAULT_KEYSTORE_H
#define AKT_VAULT_KEYSTORE_H

#include <stdbool.h>
#include <stddef.h>

#include "git/oid.h"

struct err;
struct git_batch;
struct os_lock;
struct vault;

/** The one commit of refs/akt/keys over this tree. It has no parent and says nothing of itself, so
 * that equal trees give equal commits on all machines. */
void keystore_commit(struct git_batch *b, struct oid *out, const struct oid *tree);

/** For the time in which objects come into the key repository by another way than a save, which no
 * rebuilding may run beside. Opens the repository anew: vault_keys_git gives another one after. */
int keystore_lock(struct os_lock **out, struct vault *v, struct err *e);

/** Finishes a rebuilding that a crash has cut short; `store` is its folder. For vault_open. */
int keystore_settle(const char *store, struct err *e);

/** Replaces the repository by a fresh one without the key files of these dossiers, so that no
 * object, pack, ref or reflog there holds them. The caller holds the writer lock and keystore_lock.
 * A crash leaves the old repository or the new one. */
int keystore_rebuild(struct vault *v, char (*dossiers)[11], size_t n, struct err *e);

#endif
