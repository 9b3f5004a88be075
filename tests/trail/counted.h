/** A repository of a test's own, whose reads are counted. */
#ifndef AKT_TESTS_TRAIL_COUNTED_H
#define AKT_TESTS_TRAIL_COUNTED_H

#include "git/repo.h"
#include "trail/objects.h"

struct counted {
	char *folder, *cache; /* cache: a folder in it that is not there yet */
	struct git *g;
	struct git_batch *b;
	size_t reads;
	struct objects o; /* counts */
};

/** One for each test, in *state. */
int counted_setup(void **state);
int counted_teardown(void **state);

#endif
