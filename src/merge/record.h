/** Merging two versions of one record, leaf by leaf (DESIGN 5). PURE: no I/O, no clock.
 * merge(a,b) == merge(b,a). */
#ifndef AKT_MERGE_RECORD_H
#define AKT_MERGE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct err;
struct node;
struct shape;
struct schema_akt;

/** git's three-way file merge, handed in so that this module stays pure. */
typedef int (*merge_text_fn)(void *ctx, struct buf *out, bool *clean, const char *base,
    size_t base_n, const char *ours, size_t ours_n, const char *theirs, size_t theirs_n,
    struct err *e);

struct merge_env {
	const struct shape *shape;     /* of `data`, from the merged schema; NULL: unknown type */
	const struct schema_akt *akt;  /* lock; NULL */
	merge_text_fn text;            /* NULL: long text is never merged inside */
	void *text_ctx;
};

/** Whole envelopes (akt, type, ..., data, conflicts); base NULL when both sides created the
 * record: then nothing was there before. *out is a new envelope in arena `a`, which owns all
 * of it; the inputs are left alone. `nconflicts` (may be NULL): open conflicts in the result.
 *
 * An entry of `conflicts` is {path, values: [{value, at, by}]}, with {absent: true, at, by} for
 * absence, and `locked: true` behind path where the first value was locked and the others cannot
 * win. Paths are dotted, items of keyed lists by key; a key that holds a dot has %2E for it, and
 * % is %25. At the path of a keyed item stand the item as it is and absence. `append` keeps
 * each value as many times as the side that has it most. An open conflict whose place is gone
 * stays listed.
 *
 * ERR_DAMAGED: id, type or dossier differ. ERR_INVALID: the result would be too deep to be read
 * again. Else what `text` returned. */
int merge_record(struct node **out, struct arena *a, const struct merge_env *env,
    const struct node *base, const struct node *ours, const struct node *theirs,
    size_t *nconflicts, struct err *e);

/** Two merge bases made one, for merge_record's `base`: every leaf has the candidates of both. Which of
 * the two is the older nobody knows here, so what one lacks is a candidate "absent": a side that still
 * lacks it has deleted nothing. */
int merge_fold(struct node **out, struct arena *a, const struct merge_env *env,
    const struct node *x, const struct node *y, struct err *e);

/** Settles one conflict: replaces its candidates by one value (NULL = absent), in data and
 * conflicts, and re-asserts what lies above. ERR_NOTFOUND when `path` has no open conflict;
 * ERR_USAGE when it is locked and `value` is not the one that stands (give that to dismiss the
 * others), or when the value has no place any more (NULL drops it). The caller stamps `updated`. */
int merge_resolve(struct arena *a, const struct merge_env *env, struct node *record,
    const char *path, const struct node *value, struct err *e);

/** After an edit of `record` from `before`: conflicts at paths that were edited are settled by
 * what the person wrote. */
void merge_settle_edited(struct arena *a, const struct merge_env *env,
    const struct node *before, struct node *record);

/** True when nothing but `updated` (and `akt`, `v`) differs. */
bool merge_same_content(const struct node *a, const struct node *b);

#endif
