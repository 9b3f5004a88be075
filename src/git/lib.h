/** Inside git/ only: libgit2 itself. Three of its functions and three of its types have names
 * that our contract uses too; they are renamed here while its headers are read. Types have no
 * symbols; the functions are not called by us (wider ones exist) and ours have linker names of
 * their own (see repo.h), so that neither library ever calls the other's. */
#ifndef AKT_GIT_LIB_H
#define AKT_GIT_LIB_H

#define git_remote lg_remote
#define git_diff lg_diff
#define git_tree_update lg_tree_update
#define git_merge_bases lg_merge_bases
#define git_remote_fetch lg_remote_fetch
#define git_remote_push lg_remote_push
#include <git2.h>
#include <git2/sys/alloc.h>
#include <git2/sys/config.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <git2/sys/stream.h>
#undef git_remote
#undef git_diff
#undef git_tree_update
#undef git_merge_bases
#undef git_remote_fetch
#undef git_remote_push

#include "base/err.h"
#include "git/repo.h"

enum {
	LIB_LOOSE_MAX = 200,        /* a larger batch becomes one pack */
	LIB_MAX_OBJECTS = 20000000, /* of one fetched pack */
	LIB_MAX_DEPTH = 64,         /* folders in folders */
	LIB_NAME_MAX = 255,
	LIB_CACHE = 1 << 20, /* of trees and commits kept in case they are asked for again, of all repositories */
};
#define LIB_MAX_OBJECT ((size_t)256 << 20)
#define LIB_INCOMING "akt-incoming-" /* folders of fetches under way */

struct git {
	git_repository *repo;
	git_odb *odb;
	char *path;    /* without a final slash */
	char *objects; /* path/objects */
};

/** Starts libgit2 with our options; idempotent. */
void lib_init(void);
/** Now and then gives back to the kernel what was read of packs; to be called about once an object of so many bytes, 0 where
 * its head alone is looked at. Any thread. */
void mapped_tick(size_t bytes);
/** Adds libgit2's last error behind `what` (translated) and returns `code`. */
int lib_fail(struct err *e, enum err_code code, const char *what);
/** That a pack could not be written, and why: where libgit2 left no word, errno's, both cleared before. */
int lib_no_pack(struct err *e, int rc);
/** ERR_* for a failed read of an object. */
enum err_code lib_read_code(int rc);

static inline const git_oid *
lib_oid(const struct oid *id)
{
	_Static_assert(sizeof(git_oid) == sizeof(struct oid), "a SHA-1 is 20 bytes");
	return (const git_oid *)(const void *)id;
}

static inline void
lib_oid_set(struct oid *out, const git_oid *id)
{
	memcpy(out->b, id->id, sizeof out->b);
}

/** The config file of a repository of ours. */
const char *lib_config(size_t *n);
/** Opens the object database anew: libgit2 goes on reading packs that were taken away under it. */
int lib_reopen(struct git *g, struct err *e);

/** libgit2 says "not found" of whatever it could not open: errno where the disk does not give up what is there, or
 * no more files may be opened; 0 where all can be read, or nothing is there. Of an object, and of a ref. */
int disk_refused_object(struct git *g, const struct oid *id);
int disk_refused_packs(struct git *g);
int disk_refused_ref(struct git *g, const char *ref);
/** A repository at this path. */
int disk_refused_repo(const char *path);
/** The file that the last of these was about. */
const char *disk_refused_path(void);
/** The objects of a folder: loose ones by our own reader, which a torn file does not make hang, and
 * packs. libgit2's codes. */
int lib_loose_backend(git_odb_backend **out, const char *objects);
int lib_odb_add(git_odb *odb, const char *objects, bool alternate);
int lib_odb_add_packs(git_odb *odb, const char *objects, bool alternate);
int lib_odb_open(git_odb **out, const char *objects);

/** As git_has, looking for new packs only when `refresh`: many misses in a row are dear. */
bool lib_has(struct git *g, const struct oid *id, bool refresh);

/** One entry of a tree. */
struct entry {
	const char *name; /* NUL-terminated, inside the raw tree or an update's path copy */
	size_t len;
	unsigned mode;
	struct oid id;
};
struct entries {
	size_t n, cap;
	struct entry *v;
};
enum { MODE_TREE = 040000, MODE_BLOB = 0100644, MODE_LINK = 0160000 };

/** git_tree_each into a vector; names point into `raw`. */
int entries_parse(struct entries *out, const void *raw, size_t n, struct err *e);
/** git's order of tree entries: a folder compares as if it ended in '/'. */
int entry_cmp(const struct entry *a, const struct entry *b);
/** False for what may never be a name in a tree. */
bool entry_name_ok(const char *s, size_t n);
/** Reads a tree into raw and entries. ERR_DAMAGED when it is something else. */
int tree_load(
    struct entries *out, struct buf *raw, struct git *g, const struct oid *id, struct err *e);

/** The objects of a batch, by id. */
struct object {
	struct oid id;
	enum git_type type;
	size_t n;
	char *p;
};
const struct object *batch_find(const struct git_batch *b, const struct oid *id);
struct git *batch_repo(const struct git_batch *b);
/** As git_batch_write, what the repository has already too: it is about to be taken away there. */
int batch_write_all(struct git_batch *b, struct err *e);

/** Writes objects loose: all files, then all fsyncs, then all renames, then each folder's fsync. */
int loose_write(struct git *g, const struct object *o, size_t n, struct err *e);
/** Writes the batch's objects as a durable pack, or two as pack_copy. */
int pack_write(struct git *g, struct git_batch *b, const struct object *o, size_t n, struct err *e);
struct pack_list {
	const struct oid *blobs, *rest; /* what names others after what it names */
	size_t nblobs, nrest;
};
/** Writes these objects of `from` as a durable pack into `to`; many blobs as one of their own, before it. */
int pack_copy(struct git *to, struct git *from, const struct pack_list *list,
    int (*progress)(void *, size_t, size_t), void *ctx, struct err *e);
/** A packer over an object database, with its repository to be freed after it: bytes of deltas kept, bytes of objects held
 * while they are sought. libgit2's codes. */
int pack_builder(git_packbuilder **out, git_repository **repo, git_odb *odb, size_t delta_cache, size_t window);

typedef int (*lib_progress_fn)(void *ctx, size_t done, size_t total);

/** Brings into `dst` all that `tip` reaches in `src` and `dst` lacks, children before parents, and
 * durably; with src == dst only looks that nothing is missing. What dst's refs reach is taken as
 * complete, and so is `base` (a commit, may be NULL: for a tip without parents). Trees are parsed
 * strictly. ERR_DAMAGED, ERR_CANCELLED. */
int copy_closure(struct git *src, struct git *dst, const struct oid *tip, const struct oid *base,
    lib_progress_fn progress, void *ctx, struct err *e);

/** A set of ids. Zero-initialise; oidset_free. */
struct oidset {
	size_t n, cap;
	struct oid *v;
};
/** False when it was there already. The zero id cannot be a member. */
bool oidset_add(struct oidset *s, const struct oid *id);
bool oidset_has(const struct oidset *s, const struct oid *id);
void oidset_free(struct oidset *s);

#endif
