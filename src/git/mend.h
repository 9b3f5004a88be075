/** Finding what is damaged in a repository, and putting it right: for doctor. Looking changes nothing;
 * mending copies what is whole before anything is taken away, and moves what is damaged aside instead
 * of deleting it. Killed at any moment, no object is worse off than before. */
#ifndef AKT_GIT_MEND_H
#define AKT_GIT_MEND_H

#include "git/remote.h"
#include "git/repo.h"

enum git_fault {
	GIT_FAULT_FOLDER,  /* a folder that every repository has is missing */
	GIT_FAULT_HEAD,    /* HEAD does not name branch main */
	GIT_FAULT_CONFIG,  /* config is not one that a store can have */
	GIT_FAULT_REFS,    /* a line of packed-refs, or all of it */
	GIT_FAULT_LOOSE,   /* the file of one object */
	GIT_FAULT_PACK,    /* a pack; what it holds and cannot be read is told as GIT_FAULT_OBJECT too */
	GIT_FAULT_INDEX,   /* a pack's index, the pack being whole */
	GIT_FAULT_OBJECT,  /* an object in a damaged pack that is whole nowhere else */
	GIT_FAULT_MISSING, /* an object that something names and that is nowhere */
};
struct git_finding {
	enum git_fault fault;
	const char *file;     /* within the repository; NULL: none */
	const struct oid *id; /* NULL where it is no object */
	enum git_type type;   /* 0: not known */
	const char *path;     /* of a missing one: where it stands in its tree; NULL */
};
/** Non-zero stops with that value. */
typedef int (*git_finding_fn)(void *ctx, const struct git_finding *f);

/** True for a folder that is or was a repository, whatever is damaged in it. */
bool git_mend_known(const char *path);

/** What must stand before git_open can: folders, HEAD, config, packed-refs. `aside`: a folder for what is
 * damaged, and each fault is put right; NULL: it is only told. `branch`: HEAD must name main. */
int git_mend_frame(const char *path, const char *aside, bool branch, git_finding_fn each, void *ctx,
    struct err *e);

/** Moves a file of the repository into `aside`, where it has the same name. What is gone is no error. */
int git_mend_aside(const char *path, const char *file, const char *aside, struct err *e);

/** Every object read and hashed. */
struct git_look;
int git_look(struct git_look **out, struct git *g, git_progress_fn progress, void *ctx, struct err *e);
void git_look_free(struct git_look *l);
/** Different objects that are whole. */
size_t git_look_count(const struct git_look *l);
bool git_look_whole(const struct git_look *l, const struct oid *id);
/** True of an object that is there, and damaged wherever it is. */
bool git_look_damaged(const struct git_look *l, const struct oid *id);
/** True when something is damaged. */
bool git_look_bad(const struct git_look *l);
int git_look_tell(const struct git_look *l, git_finding_fn each, void *ctx);
/** Takes what is damaged aside, having written anew what is whole beside it in the same pack; makes
 * indexes again. For the holder of the application's lock. */
int git_look_mend(struct git_look *l, const char *aside, struct err *e);
/** The id of each whole object of a type; non-zero stops. */
int git_look_each(const struct git_look *l, enum git_type type,
    int (*each)(void *ctx, const struct oid *id), void *ctx);

/** Walks all that these commits reach. What is missing here is read from `sources`, each in turn, and
 * written; what none of them has is told. Without sources it only looks. `look` (may be NULL) says what
 * need not be read again. *fetched counts. */
struct git_fill {
	const struct git_look *look;
	struct git *const *sources;
	size_t nsources;
	size_t fetched;
	git_finding_fn each;
	void *each_ctx;
	git_progress_fn progress;
	void *ctx;
};
int git_fill(struct git *g, const struct oid *tips, size_t n, struct git_fill *f, struct err *e);

/** A repository to fetch objects from by their id: a folder (bare, or an ordinary clone) is read where
 * it is; of any other all that is advertised comes into a repository of its own in `scratch` first. */
struct git_source;
int git_source_open(struct git_source **out, const char *url, const char *scratch,
    git_progress_fn progress, void *ctx, struct err *e);
void git_source_close(struct git_source *s);
struct git *git_source_git(const struct git_source *s);
/** A folder's path; NULL when it is no folder. */
const char *git_source_folder(const struct git_source *s);

/** Every ref, sorted by name; id NULL: it cannot be read. */
int git_ref_survey(struct git *g, git_ref_fn each, void *ctx, struct err *e);

/** Lock files of git and temporary files: each(ctx, file, age in seconds, lock). Non-zero stops. */
typedef int (*git_leftover_fn)(void *ctx, const char *file, long age_s, bool lock);
int git_leftovers(struct git *g, git_leftover_fn each, void *ctx, struct err *e);

#endif
