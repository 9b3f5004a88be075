/** What oracle.c, rules.c, lists.c, keys.c and readers.c share. */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include "sim/history.h"
#include "sim/mem.h"
#include "sim/world.h"

/** Which keys each device could ever have opened, with every object of every disk at hand. */
struct keys;
struct keys *keys_find(struct world *w, struct history *h);
void keys_free(struct keys *k);
/** True when device m opens the box. */
bool keys_open(const struct keys *k, size_t m, size_t object);
/** The same with the boxes alone that the author of commit `at` could know of. */
bool keys_open_at(const struct history *h, const struct keys *all, size_t at, const struct machine *x,
    size_t object);
/** True when device m holds the secret half. */
bool keys_hold(const struct keys *k, size_t m, const uint8_t pk[32]);
/** The machine sealed it, and knew the key as long as it ran: for a team that it is in and whose next key it waits for. */
bool oracle_wrote(const struct world *w, const struct history *h, size_t m, const struct hfile *f);

/** The machine whose device signed the commit; MACHINES when none of them. */
size_t oracle_signer(const struct world *w, const struct hcommit *c);

/** True when a disk has a key file of the dossier. */
bool keys_of_dossier(const struct keys *k, const struct disk *d, const char *dossier);

/** What the plain files of a commit say: the machine's device works and its member belongs. */
bool reads_active(struct history *h, const struct hcommit *c, const struct machine *x);
/** ... and one of its teams is on the dossier's list then. */
bool reads(struct history *h, const struct hcommit *c, const struct machine *x, const char *dossier);
/** ... and its device is known there, and shut out. */
bool reads_shut_out(struct history *h, const struct hcommit *c, const struct machine *x);

/** The member may write there by then: is on the list that `c` has at that time, and for what is no record
 * more than an auditor as `was` has it. */
bool oracle_writes(struct history *h, const struct hcommit *was, const struct hcommit *c,
    const struct machine *x, const char *dossier, bool record, int64_t at);
/** The commit has that dossier. */
bool oracle_lists(struct history *h, const struct hcommit *c, const char *dossier);
/** The member is an administrator there. */
bool oracle_rules(struct history *h, const struct hcommit *c, const struct machine *x);
/** Two have signed the dossier's erasure. */
bool oracle_erased(struct history *h, const struct hcommit *c, const char *dossier);
/** A hub, or a machine that still works. */
bool oracle_honest(const struct world *w, const char *disk);

/** What the commits alone must obey. head: SIZE_MAX when there is none. */
void rules_check(struct world *w, struct history *h, const struct keys *k, size_t head);
/** Nobody opens what they may not; who may read does. */
void readers_check(struct world *w, struct history *h, const struct keys *k, size_t head);

#endif
