/** Shared by the gc files alone. */
#ifndef AKT_GIT_GC_PRIVATE_H
#define AKT_GIT_GC_PRIVATE_H

#include "base/err.h"
#include "git/gc.h"
#include "git/part.h"

enum { GC_PROGRESS_EVERY = 256 };

struct loose {
	struct oid id;
	time_t time;
	uint64_t size;
};

struct git_gc {
	struct git *g;
	enum git_gc_what what;
	git_progress_fn progress;
	void *ctx;
	struct parts packs; /* those there were before anything was looked at */
	struct {
		size_t n, cap;
		struct loose *v;
	} loose;
	struct oidset reached; /* GIT_GC_ALL: from some ref */
	struct oidset packed;
	char *stem; /* the new pack; NULL: none was needed */
	git_packbuilder *pb;
	size_t done;
	struct err err; /* of the walk */
};

int gc_tell(struct git_gc *gc, size_t done, size_t total, struct err *e);
/** Puts what is to be packed into the packer; without one, only notes what is reached. */
int gc_walk(struct git_gc *gc, struct err *e);
int gc_gather(struct git_gc *gc, struct err *e);

#endif
