/** One side of a merge, as policy wants it. */
#ifndef AKT_TRAIL_SIDE_H
#define AKT_TRAIL_SIDE_H

#include "trail/policy.h"

struct buf;
struct git;
struct seen_index;

/** The commits that `tip` contains and `other` does not, parents before children; malloc'd.
 * `seen` (may be NULL): commits met before, whose signatures need not be checked again.
 * ERR_DAMAGED when one of them is unreadable or its signature is not good. */
int side_read(struct policy_side **out, size_t *n, struct git *g, const struct seen_index *seen,
    const struct oid *tip, const struct oid *other, struct err *e);
/** The key whose signature over the commit is good; who it belongs to, a state tells. `c`: what
 * commit_parse gave for `raw`. ERR_DAMAGED when the signature is not good. */
int side_signer(uint8_t pk[32], const struct buf *raw, const struct commit *c, struct err *e);

#endif
