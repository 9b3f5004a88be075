/** A small store with its hub and a colleague's, and copies of it to be damaged. */
#ifndef AKT_TESTS_DAMAGE_WORLD_H
#define AKT_TESTS_DAMAGE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/err.h"

enum { WORLD_RECORDS = 3, WORLD_SHAPES = 2 };

/** A file of the store, relative to it. */
struct world_file {
	char *path;
	size_t size;
	/* What is lost with it until it is mended: a bit for each record that cannot be read without;
	 * all of them where it is something that every command needs. */
	unsigned hides;
	bool derived; /* made again from the records */
	bool own;     /* nobody else has it: it cannot be fetched */
};
struct world {
	char *top;
	char *pristine[WORLD_SHAPES]; /* objects loose; objects and refs packed */
	char *work;                   /* the copy that is damaged */
	char *identity;
	char *hub;
	char *id[WORLD_RECORDS];
	struct {
		size_t n, cap;
		struct world_file *v;
	} files[WORLD_SHAPES];
};

/** False with words on standard error. Forks: nothing of libgit2 may run in this process before. */
bool world_make(struct world *w);
void world_remove(struct world *w);
/** Makes `work` a copy of that shape. */
bool world_reset(const struct world *w, int shape);
void world_session(const struct world *w, struct session *s);

#endif
