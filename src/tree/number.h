/** Numbers as people write them, kept exact: a decimal normal form decides equality and
 * order, so that 1, 1.0 and 10e-1 are one value and no digit is lost in a double. */
#ifndef AKT_TREE_NUMBER_H
#define AKT_TREE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { NUMBER_DIGITS = 400, NUMBER_TEXT = NUMBER_DIGITS + 40 };

enum number_kind {
	NUMBER_NONE, /* no number at all */
	NUMBER_INT,  /* written as one: 12, -0, 0x1F, 0o17 */
	NUMBER_REAL, /* written with a point or an exponent */
	NUMBER_NAN,  /* .inf, -.Inf, .nan: numbers to YAML, not to JSON, never to us */
	NUMBER_LONG, /* more than NUMBER_DIGITS significant digits, or an exponent beyond all use */
};

/** Value = (neg ? -1 : 1) * digit[0..n) * 10^exp; no zero at either end of the digits; 0 is
 * n = 0, exp = 0, not negative. */
struct number {
	bool neg;
	int n;
	int64_t exp;
	char digit[NUMBER_DIGITS]; /* '0' to '9' */
};

/** Reads a plain scalar by the YAML 1.2 core schema (10.3.2). *out is set for INT and REAL. */
enum number_kind number_read(struct number *out, const char *s, size_t n);
/** <0, 0, >0 by value. */
int number_cmp(const struct number *a, const struct number *b);
bool number_is_integer(const struct number *x);
/** True and *out set when the value is an integer that fits. */
bool number_int64(int64_t *out, const struct number *x);
/** Nearest double; never infinite (the largest finite one stands for what is beyond). */
double number_double(const struct number *x);
/** The one way we write this value; at most NUMBER_TEXT bytes. */
void number_write(struct buf *out, const struct number *x);

#endif
