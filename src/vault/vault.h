/** One machine's store, open: the repository, its keys, this device's identity, the state at
 * HEAD. Records in and out as trees. */
#ifndef AKT_VAULT_VAULT_H
#define AKT_VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "merge/storepath.h"
#include "trail/state.h"

struct arena;
struct buf;
struct err;
struct git;
struct identity;
struct node;
struct os_lock;
struct schema;
struct tree256;

#define VAULT_MAIN "refs/heads/main"
#define VAULT_KEYS "refs/akt/keys"

struct vault;

/** Opens the store at `path`. `id` is borrowed; NULL = a reader without keys (verify). */
int vault_open(struct vault **out, const char *path, const struct identity *id, struct err *e);
/** Makes the folders and repositories of an empty store: no commit yet, for init and join.
 * ERR_EXISTS when something is there. */
int vault_create(struct vault **out, const char *path, const struct identity *id, struct err *e);
void vault_close(struct vault *v);
/** Looks at HEAD again; cheap when it has not moved. */
int vault_refresh(struct vault *v, struct err *e);

struct git *vault_git(struct vault *v);
/** The keys' own repository (akt/keys.git). */
struct git *vault_keys_git(struct vault *v);
const struct identity *vault_identity(const struct vault *v);
/** True once something was saved through it. */
bool vault_saved(const struct vault *v);
const struct oid *vault_head(const struct vault *v);
const struct oid *vault_tree(const struct vault *v); /* HEAD's tree */
const struct state *vault_state(const struct vault *v);
struct tree256 *vault_tree256(struct vault *v);
const char *vault_path(const struct vault *v);
/** malloc'd STORE/akt/NAME. */
char *vault_local(const struct vault *v, const char *name);
/** This device's member at HEAD; ERR_ACCESS when the device is unknown or revoked. */
int vault_me(const struct vault *v, const struct member **m, const struct device **d,
    struct err *e);

/** The one writer lock of a store. */
int vault_lock(struct os_lock **out, const struct vault *v, struct err *e);

/** Compiled schema of a type at HEAD, kept by the vault; *out NULL when the store has none. */
int vault_schema(struct vault *v, const struct schema **out, const char *type, struct err *e);

/** Makes text of the plain numbers and booleans in a stored record where HEAD's schema of its type says
 * text (DESIGN 2); what other programs wrote needs it. Without such a schema nothing. */
void vault_texts(struct vault *v, const char *type, struct node *rec);
/** The record sealed in blob `id` at `path`, opened, checked against its path, with vault_texts. ERR_ACCESS
 * when no key of ours opens its dossier, ERR_DAMAGED. */
int vault_open_record(struct vault *v, struct node **out, struct arena *a, const char *path,
    const struct oid *id, struct err *e);
/** The same by the lists and key ids of another state than HEAD's: one just fetched, say. Its tree
 * must be in the repository; key files are those of akt/keys.git. As it is written: without vault_texts, for
 * what two machines have to read alike whatever schema either has. */
int vault_open_record_by(struct vault *v, struct node **out, struct arena *a,
    const struct state *s, const char *path, const struct oid *id, struct err *e);
/** The plaintext of the same, padding and all, for comparisons and `show`. */
int vault_open_bytes(struct vault *v, struct buf *out, const char *path, const struct oid *id,
    struct err *e);
/** True when this device may open the dossier and can: one of its member's teams is on HEAD's list now,
 * and a key of ours opens. */
bool vault_can_read(struct vault *v, const char *dossier);
/** What is damaged, where vault_can_read said no for that reason; NULL when it never did. */
const char *vault_damage(const struct vault *v);
/** For who walks through all dossiers: those read for the first time while it is on are forgotten at the next call, whichever
 * way, so nobody may hold one longer. What had been read before stays. */
void vault_passing(struct vault *v, bool on);

/** Every record (parked ones too) below `tree`, in path order; non-zero stops. */
typedef int (*vault_record_fn)(void *ctx, const char *path, const struct storepath *p,
    const struct oid *id);
int vault_each_record(struct vault *v, const struct oid *tree, vault_record_fn each, void *ctx,
    struct err *e);

#endif
