/** Inside git/ only: where objects lie on disk. The loose ones are one part, each pack is another;
 * one object may lie in several, whole in one and damaged in another. */
#ifndef AKT_GIT_PART_H
#define AKT_GIT_PART_H

#include <time.h>

#include "git/lib.h"

struct part {
	char *stem;    /* "pack-<hex>"; NULL: the loose ones */
	git_odb *odb;  /* of this part alone; NULL: it cannot even be opened */
	time_t time;   /* of the pack's file */
	uint64_t size; /* bytes on disk */
	struct {
		size_t n, cap;
		struct oid *v; /* what it says it holds; empty until part_ids */
	} ids;
};
struct parts {
	size_t n, cap;
	struct part *v;
};

/** The packs there are now (those with an index), by name. */
int parts_packs(struct parts *out, struct git *g, struct err *e);
/** One pack, DIR/STEM.pack with its index; none where either is missing. */
void parts_add(struct parts *out, const char *dir, const char *stem);
/** The loose objects, as one more part. */
int parts_loose(struct parts *out, struct git *g, struct err *e);
void parts_free(struct parts *p);
/** Fills ids. False: an index that cannot be read. */
bool part_ids(struct part *p);
/** False for an index that must not be given to libgit2 (pack_index.c). */
bool part_index_sane(const char *idx, const char *pack);
/** An object of this part, read and hashed. */
bool part_read(git_odb_object **out, const struct part *p, const struct oid *id);
/** Removes a pack, its data before its index: a crash must not leave a pack that nobody sees any
 * more. What is gone already is no error. */
int part_drop(struct git *g, const char *stem, struct err *e);
/** Removes what speaks of packs that are gone; syncs the folder. */
int parts_settle(struct git *g, struct err *e);

/** malloc'd path of a loose object's file. */
char *part_loose_path(struct git *g, const struct oid *id);
/** The loose objects whose ids begin with the byte `fan`. */
int part_each_loose(struct git *g, unsigned fan,
    void (*each)(void *ctx, const struct oid *id, const char *path), void *ctx, struct err *e);

#endif
