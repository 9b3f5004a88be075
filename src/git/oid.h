/** A git object id (SHA-1, collision-detecting). */
#ifndef AKT_GIT_OID_H
#define AKT_GIT_OID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct oid {
	uint8_t b[20];
};

enum { OID_HEX = 40 };

static inline bool
oid_equal(const struct oid *a, const struct oid *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static inline int
oid_cmp(const struct oid *a, const struct oid *b)
{
	return memcmp(a->b, b->b, sizeof a->b);
}

static inline bool
oid_zero(const struct oid *a)
{
	static const struct oid zero;

	return oid_equal(a, &zero);
}

#endif
