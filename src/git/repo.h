/** The only user of libgit2: bare repositories, raw objects, refs. No libgit2 type leaves
 * this module. Opened with strict hash verification, strict object creation and fsync. Ambient
 * configuration (user, system) is not read. Grafts, replace refs, shallow files and alternates
 * make git_open fail with ERR_DAMAGED. */
#ifndef AKT_GIT_REPO_H
#define AKT_GIT_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "git/oid.h"

/* libgit2 exports functions called git_merge_bases, git_remote_fetch and git_remote_push. For the
 * linker ours have other names, or libgit2 would call them in place of its own. */
#define GIT_SYMBOL(name) __asm__("akt_" #name)

struct buf;
struct err;
struct git;

/** Makes a bare repository (branch main). ERR_EXISTS when the folder is there and not empty.
 * A folder made here has mode 0700; one that was there keeps its mode. */
int git_init(struct git **out, const char *path, struct err *e);
/** ERR_NOTFOUND: no repository there. `from_env`: honour GIT_DIR, GIT_QUARANTINE_PATH,
 * GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES as a hook must. */
int git_open(struct git **out, const char *path, bool from_env, struct err *e);
void git_close(struct git *g);
/** ERR_IO when anywhere, since git_disk_forget, something that is there could not be read: callers may have taken it
 * for missing, or for what one may not open, and gone on. */
int git_disk_error(struct err *e);
void git_disk_forget(void);
/** Gives back to the kernel what was read of packs, of every repository: for who goes on to something else. */
void git_rest(void);
const char *git_path(const struct git *g);

enum git_type { GIT_COMMIT = 1, GIT_TREE = 2, GIT_BLOB = 3, GIT_TAG = 4 };

/** Raw contents appended to `out` (no header). ERR_NOTFOUND, ERR_DAMAGED (hash). */
int git_read(
    struct git *g, struct buf *out, enum git_type *type, const struct oid *id, struct err *e);
/** False also where the disk kept it back, which git_disk_error then tells. */
bool git_has(struct git *g, const struct oid *id);
/** As git_has for many at once in both directions is not needed; objects stream by id. */
int git_size(struct git *g, size_t *n, enum git_type *type, const struct oid *id, struct err *e);

/** A batch of new objects: buffered in memory, then written durably by git_batch_write
 * (loose, one fsync pass) or as one pack when large. Nothing is visible on disk before. */
struct git_batch;
struct git_batch *git_batch_new(struct git *g);
void git_batch_free(struct git_batch *b);
/** Id is computed at once; the object is readable through git_batch_read only. */
void git_batch_add(
    struct git_batch *b, struct oid *id, enum git_type type, const void *p, size_t n);
/** From the batch, else from the repository. */
int git_batch_read(
    struct git_batch *b, struct buf *out, enum git_type *type, const struct oid *id, struct err *e);
/** Writes every object that the repository lacks and makes all of them durable. */
int git_batch_write(struct git_batch *b, struct err *e);

/** One path of a tree update: id NULL removes (emptied folders vanish). */
struct git_update {
	const char *path;
	const struct oid *id;
};
/** New root tree from `base` (NULL = empty) with the updates, in any order; only touched trees are
 * read and written (into the batch). Blobs get mode 100644. Removing a folder's path removes all
 * of it; removing what is not there changes nothing. ERR_INVALID: a forbidden or doubled path, a
 * file where a folder is needed or the reverse; ERR_NOTFOUND: a blob that is not stored. */
int git_tree_update(struct git_batch *b, struct oid *out, const struct oid *base,
    const struct git_update *u, size_t n, struct err *e);

/** Strict parse of a raw tree: sorted, unique, no `.`/`..`/`.git` in any spelling, `/` or NUL.
 * `each` returns 0 to go on, else the walk stops with that value. mode is 0100644 or 040000;
 * others are reported as they are, for the caller to refuse. */
typedef int (*git_tree_fn)(void *ctx, const char *name, unsigned mode, const struct oid *id);
int git_tree_each(const void *raw, size_t n, git_tree_fn each, void *ctx, struct err *e);
/** Blob or tree at a path ("" = the tree itself). ERR_NOTFOUND. */
int git_tree_find(struct git *g, struct oid *id, unsigned *mode, const struct oid *tree,
    const char *path, struct err *e);
/** Differences of two trees (either may be NULL = empty), equal subtrees skipped by id; files
 * only. old/new NULL = absent. Non-zero from `each` stops. */
typedef int (*git_diff_fn)(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *new_id, unsigned new_mode);
int git_diff(struct git *g, const struct oid *a, const struct oid *b, git_diff_fn each, void *ctx,
    struct err *e);

/** Parents and tree of a commit, from its header. At most 2 parents are stored; *nparents
 * tells the true number. */
int git_commit_links(struct git *g, const struct oid *id, struct oid *tree, struct oid parents[2],
    size_t *nparents, struct err *e);
/** Commits reachable from `tip` (NULL = none) and not from `hide` (may be NULL), parents before
 * children, first parents first; exactly those, whatever dates commits claim, and in an order that
 * depends on the history alone. malloc'd array to *out. */
int git_walk(struct git *g, struct oid **out, size_t *n, const struct oid *tip,
    const struct oid *const *hide, size_t nhide, struct err *e);
/** All merge bases, sorted by id. malloc'd. */
int git_merge_bases(struct git *g, struct oid **out, size_t *n, const struct oid *a,
    const struct oid *b, struct err *e) GIT_SYMBOL(git_merge_bases);
/** True when a is b or an ancestor of b. */
int git_is_ancestor(
    struct git *g, bool *yes, const struct oid *a, const struct oid *b, struct err *e);

/** ERR_NOTFOUND when absent. */
int git_ref_get(struct git *g, struct oid *id, const char *ref, struct err *e);
/** Compare-and-swap, durable: expected NULL = must not exist; id NULL = delete.
 * ERR_RACE when it stood elsewhere. Waits for other programs' locks, two seconds (ERR_BUSY) while
 * they change hands; one that lies there unchanged for five is of a program that died, and goes. */
int git_ref_set(struct git *g, const char *ref, const struct oid *id, const struct oid *expected,
    struct err *e);
typedef int (*git_ref_fn)(void *ctx, const char *ref, const struct oid *id);
/** Refs that begin with `prefix` ("" = all), sorted by name; they are listed before the first
 * call, so `each` may change them. A damaged one is ERR_DAMAGED, not left out. */
int git_ref_each(struct git *g, const char *prefix, git_ref_fn each, void *ctx, struct err *e);
/** Deletes what a killed program left behind: lock files of refs and temporary objects and packs
 * that are older than this. Only for the holder of the application's lock. */
int git_clear_stale(struct git *g, int older_than_s, struct err *e);

/** git's three-way file merge of texts (as `git merge-file`); appended to `out` when clean; clean
 * false when it conflicts, `out` is untouched then. */
int git_merge_text(struct buf *out, bool *clean, const char *base, size_t base_n, const char *ours,
    size_t ours_n, const char *theirs, size_t theirs_n, struct err *e);

void oid_format(char out[41], const struct oid *id);
bool oid_parse(struct oid *id, const char *hex);
/** Id of an object that need not exist. */
void oid_hash(struct oid *id, enum git_type type, const void *p, size_t n);

#endif
