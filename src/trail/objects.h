/** Read access to git objects by id, as policy sees them: an adapter over git/ in the program,
 * a table in tests and the simulator. */
#ifndef AKT_TRAIL_OBJECTS_H
#define AKT_TRAIL_OBJECTS_H

#include "git/oid.h"
#include "git/repo.h"

struct objects {
	/** Appends raw contents. ERR_NOTFOUND, ERR_DAMAGED. */
	int (*read)(void *ctx, struct buf *out, enum git_type *type, const struct oid *id,
	    struct err *e);
	void *ctx;
};

/** The adapters. */
struct objects objects_of_git(struct git *g);
struct objects objects_of_batch(struct git_batch *b);

/** File at a path of a tree; ERR_NOTFOUND. */
int objects_file(const struct objects *o, struct buf *out, struct oid *id,
    const struct oid *tree, const char *path, struct err *e);
/** As git_diff, through `objects`: equal subtrees are skipped by id; files only; old_id or
 * new_id NULL = absent on that side. */
int objects_diff(const struct objects *o, const struct oid *a, const struct oid *b,
    git_diff_fn each, void *ctx, struct err *e);

#endif
