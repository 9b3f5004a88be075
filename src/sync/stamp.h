/** What a record version says of itself, held against the commit that brought it (DESIGN 2, 4). Policy, which has
 * no keys, cannot see a record that was moved, swapped or set back to an older version. */
#ifndef AKT_SYNC_STAMP_H
#define AKT_SYNC_STAMP_H

#include "sync/recompute.h"

struct commit;

/** Each record version that this commit brought, opened by the lists of `by`; merges bring what was brought
 * before, and are recompute_merge's matter. `each` as for it. */
int stamp_commit(struct vault *v, const struct state *by, const struct commit *c, recompute_fn each,
    void *ctx, struct err *e);

#endif
