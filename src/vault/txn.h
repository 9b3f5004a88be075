/** One change of the store: files gathered in memory, then one signed commit. Order of writes
 * (DESIGN 2): objects, key files, ref; what was written is read back, opened and compared
 * before the ref moves. A crash leaves the old or the new state. */
#ifndef AKT_VAULT_TXN_H
#define AKT_VAULT_TXN_H

#include <stdbool.h>

#include "vault/vault.h"

struct txn;

/** Takes the writer lock and looks at HEAD. */
int txn_begin(struct txn **out, struct vault *v, struct err *e);
/** The root commit of a store just made by vault_create; `founder` is borrowed. */
int txn_begin_root(struct txn **out, struct vault *v, const struct member *founder,
    struct err *e);
/** Drops what was not committed; NULL is allowed. */
void txn_free(struct txn *t);

/** The time of this change, UTC seconds: records are stamped with it, the commit bears it. */
int64_t txn_now(const struct txn *t);

void txn_put(struct txn *t, const char *path, const void *p, size_t n);
void txn_put_blob(struct txn *t, const char *path, const struct oid *id);
void txn_remove(struct txn *t, const char *path);
/** The file as the change has it so far, else HEAD's. ERR_NOTFOUND. */
int txn_read(struct txn *t, struct buf *out, const char *path, struct err *e);

/** A dossier as the change has it so far, else HEAD's; the caller's copy, free with dossier_free. */
int txn_dossier(struct txn *t, struct dossier **out, const char *dossier, struct err *e);
void dossier_free(struct dossier *d);
/** Makes a dossier (or ERR_EXISTS) with this access list; its maker is added when none of
 * the teams has the maker. A key for it is made. */
int txn_new_dossier(struct txn *t, const char *dossier, const char *retention,
    const char *const *access, size_t naccess, struct err *e);
/** Grants a team: one key file for every identity the dossier ever had that we hold. ERR_ACCESS when we
 * cannot open any; until 0 = without end. No change when already granted. */
int txn_grant(struct txn *t, const char *dossier, const char *team, int64_t until,
    struct err *e);
/** Where one side of a merge granted while the other made a key: gives the teams on the list the keys they
 * lack, as far as we hold them. *later: one of them is still to be renewed by its own, then it is to be done. */
int txn_complete(struct txn *t, const char *dossier, bool *changed, bool *later, struct err *e);
/** Takes a team off the list. ERR_USAGE when it is the last reader. The next writer
 * makes a new identity. */
int txn_revoke(struct txn *t, const char *dossier, const char *team, struct err *e);

/** Seals a record into its dossier, to the current identity, which is made when there is none. The
 * blob that stands is kept when the content is equal (nothing changes then: *changed false). */
int txn_put_record(struct txn *t, struct node *rec, struct arena *a, bool *changed,
    struct err *e);
/** As txn_put_record, sealed anew where that content stands already: a version set aside goes only with
 * a record that is stored in the same change. */
int txn_put_afresh(struct txn *t, struct node *rec, struct arena *a, struct err *e);
/** As txn_put_record for what a merge gave, which is always new content: a parent's blob in its place
 * would say that the other side was dropped. ERR_NOTFOUND: the dossier has no current identity, and a
 * merge makes none. */
int txn_put_merged(struct txn *t, struct node *rec, struct arena *a, struct err *e);

/** Makes a team's next epoch (its first, when it has none) for these members from a fresh key
 * and wraps it for their active devices and recovery. A next epoch needs the key of the one before:
 * ERR_ACCESS where we lack it. */
int txn_new_epoch(struct txn *t, const char *team, const char *const *members, size_t nmembers,
    struct err *e);
/** An admin states who belongs: adds `add`, ends `remove` (either may be NULL). Where we hold the
 * team's key it is wrapped, or after a removal renewed, at once: *done; else a member's
 * next sync does it. ERR_NOTFOUND: no such team or member. */
int txn_team_edit(struct txn *t, const char *team, const char *add, const char *remove,
    bool *done, struct err *e);
/** Wraps the team's newest epoch for exactly its members' active devices, if we hold its key and it is
 * not so already; *changed tells. */
int txn_wrap(struct txn *t, const char *team, bool *changed, struct err *e);
/** The team's key may be with somebody whom nobody here knows of: whoever of the team wraps it next, or writes
 * something for it, makes the next epoch. */
int txn_spend(struct txn *t, const char *team, struct err *e);
/** True when this device opens the team's newest epoch. */
bool txn_holds(struct txn *t, const char *team);
/** Writes or replaces a member; allowed_signers follows. */
int txn_put_member(struct txn *t, const struct member *m, struct err *e);

/** State of the change so far, for rules that look ahead. Valid until the next put. */
int txn_state(struct txn *t, const struct state **out, struct err *e);
bool txn_empty(const struct txn *t);

/** Signs and writes the commit: `akt: VERB`. Judged by policy before anything moves: what the
 * hub would refuse is refused here, ERR_ACCESS with the rule. Nothing to change: *id = HEAD. */
int txn_commit(struct txn *t, struct oid *id, const char *verb, struct err *e);

/** A merge of HEAD and `theirs` whose tree is base_tree of our choice plus the puts: the commit is
 * written but no ref moves. */
int txn_commit_merge(struct txn *t, struct oid *id, const struct oid *theirs, const char *verb,
    struct err *e);

#endif
