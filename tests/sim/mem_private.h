/* Shared by mem_disk.c, mem_git.c and mem_hub.c. */
#ifndef TESTS_SIM_MEM_PRIVATE_H
#define TESTS_SIM_MEM_PRIVATE_H

#include "sim/mem.h"

struct err;

struct bits {
	size_t n; /* bytes */
	uint8_t *p;
};
bool bits_get(const struct bits *b, size_t i);
void bits_set(struct bits *b, size_t i);

struct ref {
	char *name;
	struct oid id;
};

struct disk {
	char *path;
	struct bits have;
	struct bits whole; /* all that these reach is here too */
	struct bits stray; /* left by a push that was cut short: no ref leads there, and nobody knows of it */
	size_t nrefs;
	struct ref *refs; /* sorted by name */
	size_t moves;
};

struct git {
	struct disk *disk;
};

/* As git/lib.h has them, for tree.c and update.c. */
bool lib_has(struct git *g, const struct oid *id, bool refresh);
struct git *batch_repo(const struct git_batch *b);
const struct mem_object *batch_find(const struct git_batch *b, const struct oid *id);

/* The files of now are kept, or all others go. */
void mem_files_reset(bool keep);
void mem_files_forget(void);
/* NULL when there is none. */
struct ref *disk_ref_find(const struct disk *d, const char *name);
/* id NULL: the ref, which is there, goes. */
void disk_ref_move(struct disk *d, const char *name, const struct oid *id);
/* False where there is nothing to move, or something in the way. */
bool disk_move(const char *from, const char *to);

void mem_states_forget(void);
/* Texts read in a schedule; all: those of the schemas too. */
void mem_texts_forget(bool all);

size_t mem_add(enum git_type type, const void *p, size_t n);
/* One step: non-zero when the fault has struck. `behind`: asked once the thing is done. */
int mem_step(bool net, bool behind, struct err *e);

#endif
