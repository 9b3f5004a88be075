/** Merging the plain control files (DESIGN 4): sets unite, removals and revocations win, a
 * value changed differently on both sides keeps the base's and is reported. PURE. */
#ifndef AKT_MERGE_CONTROL_H
#define AKT_MERGE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct merge_text { /* one version of a file; p NULL = absent */
	const char *p;
	size_t n;
};

/** A path and field on which both sides differed: the base's value stands. */
typedef void (*merge_report_fn)(void *ctx, const char *path, const char *field);

/** Three-way merge of the file at `path` (any control path of storepath.h). Equal inputs
 * give equal bytes. *absent: the merged tree has no such file. `.age` epoch keys are opaque: one side
 * changed, or the smaller SHA-256 of the two; so is a schema extra that was no file before (reported). A file
 * that both sides changed is never absent but a schema; an access list never empty: two who
 * revoked each other's last reader both stand, reported. `out` is appended to. ERR_DAMAGED names
 * the position in a version that is no YAML. */
int merge_control(struct buf *out, bool *absent, const char *path, struct merge_text base,
    struct merge_text ours, struct merge_text theirs, merge_report_fn report, void *ctx,
    struct err *e);

#endif
