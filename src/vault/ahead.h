/** Records opened ahead of who goes through them, by a second thread: decrypting and reading YAML are half of
 * what making an index costs (docs/performance.md). */
#ifndef AKT_VAULT_AHEAD_H
#define AKT_VAULT_AHEAD_H

#include "git/oid.h"
#include "merge/storepath.h"

struct node;
struct vault;

/** Called for each, in the order they were put, by the thread that puts. `rec` is as vault_open_record gives it and
 * lives until this returns; NULL for what is no record, and where it did not open: vault_open_record says why.
 * Non-zero stops with that value. */
typedef int (*vault_ahead_fn)(void *ctx, const char *path, const struct storepath *p, const struct oid *id,
    const struct node *rec);

struct vault_ahead;
struct vault_ahead *vault_ahead_new(struct vault *v, vault_ahead_fn each, void *ctx);
/** The next, a file of a dossier at HEAD. May call `each` for some of those before. */
int vault_ahead_put(struct vault_ahead *a, const char *path, const struct storepath *p, const struct oid *id);
/** Calls `each` for all that are left. */
int vault_ahead_finish(struct vault_ahead *a);
/** What is left is dropped; NULL is allowed. */
void vault_ahead_free(struct vault_ahead *a);

#endif
