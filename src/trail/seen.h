/** Commits met on a walk, by id: what their children, and merges of them, need to know. */
#ifndef AKT_TRAIL_SEEN_H
#define AKT_TRAIL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "git/oid.h"

struct commit;

struct seen {
	struct oid id, tree;
	uint8_t trail[32], sha256[32];
	uint8_t signer[32];
	int64_t time;
	uint64_t cause;  /* what its tree suffers from, which children inherit; 0: nothing */
	bool known;      /* read and parsed: tree, trail, sha256, time stand */
	bool has_signer; /* its signature was good */
	bool bad;        /* it or an ancestor failed */
};

/** Zero-initialise; seen_free. */
struct seen_index {
	size_t n, cap;
	struct seen *v;
	size_t slots; /* of an open-addressed table: a power of two, at least twice n */
	uint32_t *slot; /* index into v + 1; 0 = free */
};

/** NULL when not there. */
struct seen *seen_find(const struct seen_index *x, const struct oid *id);
/** The commit's entry, new and empty when it was not there. Entries move when one is added. */
struct seen *seen_add(struct seen_index *x, const struct oid *id);
void seen_know(struct seen *s, const struct commit *c, const uint8_t sha256[32]);
void seen_free(struct seen_index *x);

#endif
