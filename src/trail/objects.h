/** Read access to git objects by id, as policy sees them: an adapter over git/ in the program,
 * a table in tests and the simulator. */
#ifndef AKT_TRAIL_OBJECTS_H
#define AKT_TRAIL_OBJECTS_H

#include "git/oid.h"
#include "git/repo.h"

/** Folders inside folders: the grammar of paths needs 4; deeper trees are refused. */
enum { OBJECTS_DEPTH = 8 };

struct objects {
	/** Appends raw contents. ERR_NOTFOUND, ERR_DAMAGED. */
	int (*read)(void *ctx, struct buf *out, enum git_type *type, const struct oid *id,
	    struct err *e);
	void *ctx;
};

/** The adapters. */
struct objects objects_of_git(struct git *g);
struct objects objects_of_batch(struct git_batch *b);

/** Keeps the trees and small files read last in memory: neighbouring commits share most of
 * theirs, and a walk asks for each several times. */
struct objects_cache;
struct objects_cache *objects_cache_new(const struct objects *under);
void objects_cache_free(struct objects_cache *c);
struct objects objects_of_cache(struct objects_cache *c);
/** True when a read through the cache failed since the last call: what then went wrong is
 * damage to the objects, not what they say. */
bool objects_cache_failed(struct objects_cache *c);

/** An object that another one names, of that type: one that is missing, unreadable or of another
 * type is ERR_DAMAGED, with `path` (may be NULL) for the message. Appends to `out`. */
int objects_read(const struct objects *o, struct buf *out, enum git_type type,
    const struct oid *id, const char *path, struct err *e);
/** File at a path of a tree; `out` and `id` may be NULL. ERR_NOTFOUND: the tree has no such file;
 * ERR_DAMAGED: an object on the way is missing or malformed. */
int objects_file(const struct objects *o, struct buf *out, struct oid *id,
    const struct oid *tree, const char *path, struct err *e);
/** As git_diff, through `objects`: equal subtrees are skipped by id; files only; old_id or
 * new_id NULL = absent on that side. Paths come in git's order. An empty folder, which no file
 * path would show, is ERR_DAMAGED. Non-zero from `each` stops with that value. */
int objects_diff(const struct objects *o, const struct oid *a, const struct oid *b,
    git_diff_fn each, void *ctx, struct err *e);

#endif
