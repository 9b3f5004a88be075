/** Lawful erasure on this machine (DESIGN 2): what a final tombstone takes away. */
#ifndef AKT_VAULT_ERASE_H
#define AKT_VAULT_ERASE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct git;
struct state;
struct vault;

/** True when the dossier's erasure has been carried out in this state: a tombstone, and no folder.
 * That never changes again. */
bool erase_done(const struct state *s, const char *dossier);
/** The same for who lets keys in or out: an error where the tombstone cannot be read. */
int erase_look(bool *done, const struct state *s, const char *dossier, struct err *e);

/** Dossiers with a tombstone in this state, whose tree is in `g`, sorted; malloc'd to *out (free). `done`:
 * those carried out; else those that are final but whose folder still stands, because two orders met
 * in a merge. */
int erase_list(char (**out)[11], size_t *n, struct git *g, const struct state *s, bool done,
    struct err *e);

/** What HEAD has erased leaves this machine: its keys, drafts of its records and of new ones
 * that name it, the names of records,
 * the last one used. Cheap when there is nothing to do. *n: dossiers whose keys were still here. */
int erase_forget(struct vault *v, size_t *n, struct err *e);

/** Says that keys are about to be fetched from elsewhere: if that is cut short, erase_forget rebuilds
 * the key repository to be sure that no erased key stays. *stays: there is doubt already, of an earlier
 * fetch, and only erase_forget ends it. */
int erase_doubt(struct vault *v, bool *stays, struct err *e);
void erase_doubt_over(struct vault *v);

/** The drafts on this machine of records in HEAD's dossier, by record id, and those of new records that name it or
 * one of its records, as new-TYPE. each: non-zero stops. */
int erase_drafts(struct vault *v, const char *dossier, int (*each)(void *ctx, const char *record),
    void *ctx, struct err *e);

#endif
