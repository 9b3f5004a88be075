/** tree256: the id git gives a tree in its SHA-256 object format. Cached by SHA-1 id in a local
 * file that can be deleted at any time. */
#ifndef AKT_TRAIL_TREE256_H
#define AKT_TRAIL_TREE256_H

#include <stdint.h>

#include "trail/objects.h"

struct tree256;

/** `path`: the cache file (open-addressed table, mmapped, each entry checksummed: a damaged one
 * is a miss); NULL = memory only. A file that cannot be made or used is done without: the cache
 * only saves time. It must be this machine's own, never one that came along with a copy of a
 * store: what it says is believed. */
int tree256_open(struct tree256 **out, const char *path, struct err *e);
/** False when the file is none, or an entry in it is damaged. */
bool tree256_sound(const char *path);
void tree256_close(struct tree256 *t);
/** ERR_DAMAGED for modes other than 100644 and 40000, and as objects_read; with the path. */
int tree256_of(struct tree256 *t, uint8_t out[32], const struct objects *o,
    const struct oid *tree, struct err *e);

#endif
