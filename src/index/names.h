/** Which dossier a record lies in, by record id: what HEAD's tree shows to everybody who has the
 * store, kept beside it so that an id given by a person is found without walking 100,000 folders.
 * Derived: deleted at will, rebuilt when it does not fit. */
#ifndef AKT_INDEX_NAMES_H
#define AKT_INDEX_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct names;

/** Opens or makes the file; a damaged one is thrown away. NULL path: in memory. */
int names_open(struct names **out, const char *path, struct err *e);
/** As it lies there, which must be a list of names; nothing is made or mended. ERR_DAMAGED. */
int names_open_existing(struct names **out, const char *path);
void names_close(struct names *n);
/** Tree (20 bytes) that the names were built from; false when none. */
bool names_tree(struct names *n, uint8_t tree[20]);
/** False where a row is not as it was written: nothing in it is to be believed then. Reads all of it. */
bool names_sound(struct names *n);
/** An update: begin, any number of put and drop, end with the new tree. Nothing holds
 * before end. `anew`: without what was there. ERR_IO where what is there cannot be gone on from. */
int names_begin(struct names *n, bool anew, struct err *e);
int names_put(struct names *n, const char *record, const char *dossier, struct err *e);
int names_drop(struct names *n, const char *record, const char *dossier, struct err *e);
int names_end(struct names *n, const uint8_t tree[20], struct err *e);
/** Records whose id begins with `prefix` (and, when not NULL, whose dossier is `dossier`), in id order,
 * at most `max`: each(ctx, record, dossier); non-zero stops. Ids of type `type` alone when not
 * NULL. */
typedef int (*names_fn)(void *ctx, const char *record, const char *dossier);
int names_find(struct names *n, const char *prefix, const char *dossier, size_t max,
    names_fn each, void *ctx, struct err *e);

#endif
