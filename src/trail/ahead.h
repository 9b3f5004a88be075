/** Commits of a walk read, and their signatures checked, ahead of it by a second thread: two fifths of what verifying
 * costs (docs/performance.md). */
#ifndef AKT_TRAIL_AHEAD_H
#define AKT_TRAIL_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trail/commit.h"

struct buf;
struct objects;

struct ahead;
/** For the `n` commits in `ids`, taken in this order; all are borrowed until ahead_free. NULL where it does not pay, or
 * no thread is to be had. */
struct ahead *ahead_new(const struct objects *o, const struct oid *ids, size_t n);
/** The next commit: `raw`, `c` and `sha256` as trail_load fills them. False when it could not be read or parsed: trail_load
 * says why. `signer` is the key whose signature over these very bytes is good where *good; where it is not, side_signer
 * says why. Blocks until both are known. */
bool ahead_next(struct ahead *a, struct buf *raw, struct commit *c, uint8_t sha256[32], bool *good, uint8_t signer[32]);
/** Ends the thread; `a` may be NULL. */
void ahead_free(struct ahead *a);

#endif
