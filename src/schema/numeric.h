/** Number nodes as JSON Schema compares them: exact decimals, never doubles, so that 0.0075 is
 * a multiple of 0.0001. */
#ifndef AKT_SCHEMA_NUMERIC_H
#define AKT_SCHEMA_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;

bool numeric_is(const struct node *n);
/** 1, 1.0 and 1e300 are integers (Validation 6.1.1). */
bool numeric_is_integer(const struct node *n);
/** <0, 0, >0. Both must be numeric_is. */
int numeric_cmp(const struct node *a, const struct node *b);
/** A non-negative integer, as maxLength and its like take it; a huge one is clamped. */
bool numeric_count(size_t *out, const struct node *n);

struct divisor { /* digits * 10^exp */
	uint64_t digits;
	int64_t exp;
};

/** False unless n is a number above zero with at most 18 significant digits. */
bool numeric_divisor(struct divisor *out, const struct node *n);
bool numeric_is_multiple(const struct node *n, const struct divisor *by);

#endif
