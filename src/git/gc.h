/** One pack in place of many files (libgit2 has no gc). Two steps: git_gc_pack reads and writes beside
 * whoever works, git_gc_sweep deletes what the new pack holds. Killed at any moment, every object is
 * still there at least once. */
#ifndef AKT_GIT_GC_H
#define AKT_GIT_GC_H

#include "git/remote.h"
#include "git/repo.h"

enum git_gc_what {
	GIT_GC_ALL,    /* all that any ref reaches, with the deltas that a whole history allows */
	GIT_GC_RECENT, /* the loose objects and packs not much larger than they: work in
			* proportion to what is new; nothing is told apart, so nothing is dropped */
};

struct git_gc_count {
	size_t loose, packs;
	uint64_t bytes; /* on disk */
};
struct git_gc_report {
	struct git_gc_count before, after;
	size_t packed;  /* objects in the new pack */
	size_t dropped; /* that no ref reaches and that were old */
	size_t kept;    /* that no ref reaches, and young */
};

struct git_gc;

/** Writes the new pack, durably, and reads every object of it back. Deletes nothing. ERR_DAMAGED: something
 * that a ref reaches is missing or damaged; nothing was written. ERR_CANCELLED. */
int git_gc_pack(struct git_gc **out, struct git *g, enum git_gc_what what,
    git_progress_fn progress, void *ctx, struct err *e);
/** Deletes the loose objects that are in the new pack and the packs of which all objects are. Objects that
 * no ref reaches go when they are older than `prune_s` (0: all stay; they never go after
 * GIT_GC_RECENT). For the holder of the application's lock, and with prune_s for one
 * who knows that nobody fetches into this repository meanwhile. */
int git_gc_sweep(
    struct git_gc *gc, int prune_s, struct git_gc_report *report, struct err *e);
void git_gc_free(struct git_gc *gc);

/** Whether there are so many loose objects that every reader suffers: told from a sample. */
bool git_gc_pays(struct git *g);
/** The same of a hub that is a folder; false of any other. */
bool git_gc_pays_there(const struct git_remote *r);
/** Another number of loose objects than 4,000: for tests. */
void git_gc_threshold(size_t n);

#endif
