/* Shared by the files of sync/ alone. */
#ifndef AKT_SYNC_PRIVATE_H
#define AKT_SYNC_PRIVATE_H

#include "git/repo.h"
#include "sync/sync.h"
#include "vault/vault.h"

void sync_notice(struct sync_result *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Merges HEAD and `theirs`: the commit is written, *id, no ref moves. `admit`: the revoked device whose
 * commits an admin lets in here ("" = whichever wait), NULL = none. *done false: an admin (or recovery)
 * must do it, or one who still belongs; the devices waiting are in `r`, and why. */
int sync_merge(struct sync_result *r, struct vault *v, const struct oid *theirs, const char *admit,
    struct oid *id, bool *done, const struct sync_options *opt, struct err *e);

/* What waits to be let in (quarantine.c). */
#define SYNC_QUARANTINE "refs/akt/quarantine/"
/* The device in the ref's name; NULL when it is no such ref. */
const char *quarantine_device(const char *ref);
void quarantine_note(struct sync_result *r, const char *device);
/* Leaves our head at the hub, beside main. */
int quarantine_push(struct sync_result *r, struct vault *v, struct git_remote *hub,
    const struct sync_options *opt, struct err *e);
/* The hub's rule; new_id NULL deletes. */
int quarantine_receive(struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e);

/* Brings the hub's key files into ours (union, hash-checked, tombstoned dossiers left out). */
int sync_keys_fetch(struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e);
/* Pushes ours when the hub lacks any, without those that `tip`, which main is to become there, has
 * erased. `erase`: main there is `tip` already; what it has erased is taken away as well. ERR_RACE. */
int sync_keys_push(struct vault *v, struct git_remote *hub, const struct oid *tip, bool erase,
    const struct sync_options *opt, struct err *e);
/* True when the hub's keys, as fetched, hold some that HEAD has erased. */
bool sync_keys_held(struct vault *v, struct git_remote *hub);
/* Every key file that the dossiers changed between two trees name is in the keys' tree. `keys`: repository
 * that has refs/akt/keys. `erased`: what this state has erased needs none; NULL = nothing. */
int sync_keys_complete(struct git *g, struct git *keys, const struct oid *old_tree,
    const struct oid *new_tree, const struct state *erased, struct err *e);

/* A hub's new keys commit (old_id NULL: the first): parentless, every file the one it is named, nothing
 * missing but what was erased. */
int sync_keys_receive(struct git *hub, const struct oid *old_id, const struct oid *new_id,
    struct err *e);

/* The parts of a key file's path, c/c/dossier/<64 hex>.age. */
bool sync_keys_path(const char *path, char dossier[11], uint8_t file[32]);
/* The tree of a keys commit: parentless, else refused. */
int sync_keys_tree(struct git *g, const struct oid *commit, struct oid *tree, struct err *e);
/* Writes the keys' commit of `base` (NULL: empty) with these changes. No ref moves. */
int sync_keys_write(struct git *g, struct oid *commit, const struct oid *base,
    const struct git_update *u, size_t n, struct err *e);

/* Takes the keys of what the hub's main has erased out of the hub: its refs/akt/keys, and every object
 * that holds or leads to one. `let_go` (may be NULL): a keys commit that the ref just left. Cheap when
 * there is nothing to do; what a crash cut short is finished. The caller holds the hub's lock. */
int sync_prune(struct git *hub, const struct oid *let_go, struct err *e);
/* The same at a folder hub, under its lock; nothing where the hub is none. */
int sync_prune_folder(struct git_remote *hub, struct err *e);

/* Gives teams the keys that they lack since lists and keys of two sides were put together; *changed: a
 * commit was made. */
int sync_complete(struct vault *v, bool *changed, struct err *e);

/* Before `theirs` is taken over: what it erases and this machine has changed since the two met is shown
 * once. *stop: it had not been shown yet, so nothing is to be taken over now. */
int sync_erase_ahead(struct sync_result *r, struct vault *v, const struct oid *theirs, bool go_on,
    bool *stop, struct err *e);
/* Removes the folders of dossiers whose two orders met in a merge; *changed: a commit was made. */
int sync_erase_carry_out(struct vault *v, bool *changed, struct err *e);

/* Packs what is loose at a hub where it is much. The caller holds the hub's lock; folder: takes it. What
 * fails here is left to the next who pushes: always 0. */
int sync_tidy(void *unused, struct git *hub, struct err *e);
void sync_tidy_folder(struct git_remote *hub);

#endif
