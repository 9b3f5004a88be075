/** Drawing by lot, so that anybody can do it again (base/hash.h, hash_rank): people to things, as evenly as their
 * constraints allow. Pure. */
#ifndef AKT_RULES_DRAW_H
#define AKT_RULES_DRAW_H

#include <stddef.h>
#include <stdint.h>

/** One that somebody is wanted for, and who may: indices of candidates, each once. */
struct draw_row {
	const char *id; /* decides ties */
	size_t n;
	const size_t *among;
	size_t chosen;  /* out */
};

enum { DRAW_MAX = 10000 }; /* rows, and candidates */
#define DRAW_NOBODY SIZE_MAX

/** Chooses for every row that has candidates (`chosen` is DRAW_NOBODY for the others), so that no other choice has a
 * more even load: nobody has two more than another from whom a row, or a chain of them, could be taken. Equal
 * choices fall by the seed. */
void draw_assign(struct draw_row *rows, size_t nrows, const char *const *candidates,
    size_t ncandidates, const char *seed);

#endif
