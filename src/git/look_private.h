/** What the parts of a look share. Private to this module. */
#ifndef AKT_GIT_LOOK_PRIVATE_H
#define AKT_GIT_LOOK_PRIVATE_H

#include "git/mend.h"
#include "git/part.h"

enum { LOOK_TELL_EVERY = 256 };

struct oids {
	size_t n, cap;
	struct oid *v;
};

/* A pack as it lies there. */
struct pack {
	char *stem;
	enum { PACK_WHOLE, PACK_INDEX, PACK_DAMAGED } how;
	/* PACK_DAMAGED: a copy with its frame put right, and what of it is whole */
	struct parts copy;
	struct oids ids;
};

struct git_look {
	struct git *g;
	git_progress_fn progress;
	void *ctx;
	size_t done;
	char *work; /* a folder for what is made on the way; NULL: none can be made */
	struct {
		size_t n, cap;
		struct pack *v;
	} packs;
	struct oids loose; /* files that are damaged */
	struct oids lost;  /* what damaged packs held */
	struct oidset whole; /* somewhere */
	struct oidset safe;  /* not only in a damaged pack */
	struct err *e;
	int rc;
};

/** Read and hashed: whole, and not only in a pack that is damaged. */
void look_is_safe(struct git_look *l, const struct oid *id);
/** One object more; not 0 once somebody stopped the look. */
int look_tick(struct git_look *l);
/** l->rc, which says that the look was stopped. */
int look_stopped(struct git_look *l);
/** objects/pack/STEM.KIND; malloc'd. */
char *look_pack_path(const struct git_look *l, const char *stem, const char *kind);
/** Every pack: l->packs, l->lost, l->whole and l->safe. Returns l->rc. */
int look_packs(struct git_look *l);

#endif
