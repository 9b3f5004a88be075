/** Merged records made again from what was merged (DESIGN 4): at fetch, and for all of history in
 * `verify --content`. */
#ifndef AKT_SYNC_RECOMPUTE_H
#define AKT_SYNC_RECOMPUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "git/oid.h"

struct arena;
struct err;
struct node;
struct schema;
struct state;
struct vault;

/** A record that both sides of a merge changed. Where a version of it lay aside on a side or at a base, what has
 * the name there need not come from what had it before, and would seem to have deleted what it never had: it is
 * then merged as if there were no base, which takes nothing for deleted. */
struct recompute_both {
	struct vault *v;
	const char *path;
	struct oid ours, theirs;     /* blobs */
	size_t nbases;               /* trees of the merge bases, in commit-id order */
	const struct oid *base_tree;
	const struct oid *side_tree; /* of the merge's two parents */
	const struct state *by[2];   /* whose lists open them; [1] may be NULL */
	const struct schema *schema; /* of its type in the merged tree; NULL = none */
};
/** What merging gives: an envelope, or NULL when both sides hold the same content, so that the smaller
 * blob id stands. *ours: that version, opened. On failure *opened tells whether all versions could
 * be opened; one that could not is to be set aside. */
int recompute_record(struct node **merged, struct node **ours, bool *opened, struct arena *a,
    const struct recompute_both *b, struct err *e);

/** SEALED: not for us to open, so nothing is known of it. */
enum recompute_verdict { RECOMPUTE_GOOD, RECOMPUTE_BAD, RECOMPUTE_SEALED };
/** For each record version that a merge made, and each that it should have made: `text` says what
 * is wrong with a bad one. Non-zero stops. */
typedef int (*recompute_fn)(void *ctx, const char *record, enum recompute_verdict verdict,
    const char *text);

/** Records are opened by the lists of `by`, of the newest commit there is: keys never vanish. Both
 * are borrowed. */
struct recompute;
struct recompute *recompute_new(struct vault *v, const struct state *by);
void recompute_free(struct recompute *r);
/** One commit that policy has found good; no merge: nothing to do. */
int recompute_merge(struct recompute *r, const struct oid *commit, recompute_fn each, void *ctx,
    struct err *e);

/** Every merge among commits just fetched, of which `tip` is the newest. ERR_DAMAGED names the commit
 * and the record that do not hold. `note`, if not NULL, is told of records in other commits that were
 * moved, swapped or set back: their authors signed that, so one such record is no reason to take
 * nothing of what everybody else did. */
typedef void (*recompute_note)(void *ctx, const struct oid *commit, const char *record,
    const char *text);
int recompute_fetched(struct vault *v, const struct oid *tip, const struct oid *ids, size_t n,
    recompute_note note, void *ctx, struct err *e);

#endif
