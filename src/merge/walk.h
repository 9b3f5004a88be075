/** The walk over three versions of a document, leaf by leaf (DESIGN 5). Used inside merge/
 * only; merge/record.c wraps it in an envelope. */
#ifndef AKT_MERGE_WALK_H
#define AKT_MERGE_WALK_H

#include "base/buf.h"
#include "merge/candidates.h"
#include "merge/join.h"

struct err;
struct merge_env;
struct shape;

enum walk_side {
	WALK_BASE = JOIN_BASE,
	WALK_OURS = JOIN_OURS,
	WALK_THEIRS = JOIN_THEIRS,
	WALK_SIDES = JOIN_SIDES,
};

struct walk_version {
	struct node *data;        /* keys in order; NULL = absent */
	struct conflicts open;
	const char *at, *by;      /* of `updated`: the stamp of candidates that first enter */
	bool locked;              /* its lock field has the lock's value */
};

struct walk {
	struct arena *a;
	const struct merge_env *env;
	struct walk_version side[WALK_SIDES];
	int locking;              /* the side that locks; -1 when none or both do */
	bool fold;                /* of two bases: what one of them lacks may be there or not */
	struct conflicts out;
	struct buf path;
	int rc;                   /* first failure of the text merge */
	struct err *e;
};

/** Merges side[].data into *out (NULL = absent) and side[].open into w->out. */
int walk_merge(struct node **out, struct walk *w, struct err *e);

/* --- leaf.c: one leaf ------------------------------------------------------ */

/** True when a locked record may change here. */
bool leaf_open(const struct walk *w);
/** The leaf at w->path: the value that stands; a conflict is added to w->out. */
struct node *leaf_merge(struct walk *w, const struct shape *s, struct node *const v[WALK_SIDES]);
/** Presence of a keyed item that at least one side has, `changed` where it differs from the
 * base beneath. The tokens' sets: R with its marks, for walk.c to fill in the item. */
struct conflict leaf_presence(struct walk *w, struct node *const v[WALK_SIDES],
    const bool changed[WALK_SIDES]);
/** Entries whose place no version has: merged among themselves, never dropped. */
void leaf_orphans(struct walk *w);

#endif
