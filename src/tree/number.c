#include "tree/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* An integer up to here is written in full; beyond, and for very small fractions, the exponent
 * form is shorter and reads back the same. */
enum { FULL_DIGITS = 40, FULL_ZEROS = 6 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
one_of(const char *s, size_t n, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == n && memcmp(s, *words, n) == 0)
			return true;
	return false;
}

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/** Moves zeros at the end into the exponent; 0 gets its one form. */
static void
normalise(struct number *x)
{
	while (x->n > 0 && x->digit[x->n - 1] == '0') {
		x->n--;
		x->exp++;
	}
	if (x->n == 0) {
		x->exp = 0;
		x->neg = false;
	}
}

/** Digits of base 8 or 16, most significant first, by long multiplication: at most
 * NUMBER_DIGITS places, so a hostile text costs little before it is refused. */
static enum number_kind
read_base(struct number *x, const char *s, size_t n, int base)
{
	unsigned char d[NUMBER_DIGITS]; /* least significant first */
	int used = 0;

	if (n == 0)
		return NUMBER_NONE;
	for (size_t i = 0; i < n; i++)
		if (hex_digit(s[i]) >= base)
			return NUMBER_NONE;
	for (size_t i = 0; i < n; i++) {
		int carry = hex_digit(s[i]);

		for (int k = 0; k < used; k++) {
			carry += d[k] * base;
			d[k] = (unsigned char)(carry % 10);
			carry /= 10;
		}
		for (; carry; carry /= 10) {
			if (used == NUMBER_DIGITS)
				return NUMBER_LONG;
			d[used++] = (unsigned char)(carry % 10);
		}
	}
	for (int k = 0; k < used; k++)
		x->digit[k] = (char)('0' + d[used - 1 - k]);
	x->n = used;
	normalise(x);
	return NUMBER_INT;
}

/** Takes a digit that stands `after` places behind the point (0 = before it). False when the
 * digits no longer fit. Zeros wait in *zeros until a digit follows them, so that a run of
 * any length costs nothing. */
static bool
take_digit(struct number *x, char c, bool after, int64_t *zeros)
{
	if (after)
		x->exp--;
	if (c == '0') {
		if (x->n)
			(*zeros)++;
		return true;
	}
	if (*zeros > NUMBER_DIGITS || x->n + *zeros >= NUMBER_DIGITS)
		return false;
	for (; *zeros; (*zeros)--)
		x->digit[x->n++] = '0';
	x->digit[x->n++] = c;
	return true;
}

static enum number_kind
read_decimal(struct number *x, const char *s, size_t n)
{
	size_t i = 0, ndigits = 0;
	int64_t zeros = 0, e = 0;
	bool real = false, fits = true, eneg = false;

	for (; i < n && is_digit(s[i]); i++, ndigits++)
		fits = fits && take_digit(x, s[i], false, &zeros);
	if (i < n && s[i] == '.') {
		real = true;
		for (i++; i < n && is_digit(s[i]); i++, ndigits++)
			fits = fits && take_digit(x, s[i], true, &zeros);
	}
	if (ndigits == 0)
		return NUMBER_NONE;
	if (i < n && (s[i] == 'e' || s[i] == 'E')) {
		real = true;
		i++;
		if (i < n && (s[i] == '-' || s[i] == '+'))
			eneg = s[i++] == '-';
		if (i == n)
			return NUMBER_NONE;
		for (; i < n && is_digit(s[i]); i++) {
			if (e < INT64_C(1000000000000))
				e = e * 10 + (s[i] - '0');
		}
	}
	if (i != n)
		return NUMBER_NONE;
	if (!fits || e >= INT64_C(1000000000000))
		return NUMBER_LONG;
	x->exp += zeros + (eneg ? -e : e);
	normalise(x);
	return real ? NUMBER_REAL : NUMBER_INT;
}

enum number_kind
number_read(struct number *out, const char *s, size_t n)
{
	static const char *const inf[] = {".inf", ".Inf", ".INF", NULL};
	static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
	struct number x;
	enum number_kind kind;
	size_t sign = 0;

	x.neg = false;
	x.n = 0;
	x.exp = 0;
	/* the first character settles nearly every text without a look at the rest */
	if (n == 0 || !(is_digit(s[0]) || s[0] == '-' || s[0] == '+' || s[0] == '.'))
		return NUMBER_NONE;
	if (s[0] == '-' || s[0] == '+') {
		x.neg = s[0] == '-';
		sign = 1;
	}
	if (one_of(s + sign, n - sign, inf) || one_of(s, n, nan))
		return NUMBER_NAN;
	if (!sign && n >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'o'))
		kind = read_base(&x, s + 2, n - 2, s[1] == 'x' ? 16 : 8);
	else
		kind = read_decimal(&x, s + sign, n - sign);
	if (kind == NUMBER_INT || kind == NUMBER_REAL)
		*out = x;
	return kind;
}

static int
cmp_magnitude(const struct number *a, const struct number *b)
{
	int64_t pa = a->n + a->exp, pb = b->n + b->exp;
	int n = a->n < b->n ? a->n : b->n, c;

	if (!a->n || !b->n)
		return (a->n > 0) - (b->n > 0);
	if (pa != pb)
		return pa < pb ? -1 : 1;
	c = memcmp(a->digit, b->digit, (size_t)n);
	return c ? c : a->n - b->n;
}

int
number_cmp(const struct number *a, const struct number *b)
{
	if (a->neg != b->neg)
		return a->neg ? -1 : 1;
	return a->neg ? cmp_magnitude(b, a) : cmp_magnitude(a, b);
}

bool
number_is_integer(const struct number *x)
{
	return x->exp >= 0;
}

bool
number_int64(int64_t *out, const struct number *x)
{
	uint64_t v = 0, max = x->neg ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;

	if (x->exp < 0 || x->n + x->exp > 19)
		return false;
	/* 19 digits fit in 64 bits without a sign */
	for (int64_t i = 0; i < x->n + x->exp; i++)
		v = v * 10 + (uint64_t)(i < x->n ? x->digit[i] - '0' : 0);
	if (v > max)
		return false;
	*out = x->neg ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

double
number_double(const struct number *x)
{
	char text[NUMBER_TEXT];
	double d;

	if (x->n == 0)
		return 0;
	/* no decimal point: strtod would want the locale's */
	snprintf(text, sizeof text, "%.*se%lld", x->n, x->digit, (long long)x->exp);
	d = strtod(text, NULL);
	if (isinf(d))
		d = DBL_MAX;
	return x->neg ? -d : d;
}

static void
add_zeros(struct buf *out, int64_t n)
{
	for (; n > 0; n--)
		buf_putc(out, '0');
}

void
number_write(struct buf *out, const struct number *x)
{
	int64_t point = x->n + x->exp; /* digits before the decimal point */

	if (x->n == 0) {
		buf_putc(out, '0');
		return;
	}
	if (x->neg)
		buf_putc(out, '-');
	if (x->exp >= 0 && point <= FULL_DIGITS) {
		buf_add(out, x->digit, (size_t)x->n);
		add_zeros(out, x->exp);
	} else if (x->exp < 0 && point > 0 && point <= FULL_DIGITS) {
		buf_add(out, x->digit, (size_t)point);
		buf_putc(out, '.');
		buf_add(out, x->digit + point, (size_t)(x->n - point));
	} else if (point <= 0 && point > -FULL_ZEROS) {
		buf_puts(out, "0.");
		add_zeros(out, -point);
		buf_add(out, x->digit, (size_t)x->n);
	} else {
		buf_putc(out, x->digit[0]);
		if (x->n > 1) {
			buf_putc(out, '.');
			buf_add(out, x->digit + 1, (size_t)(x->n - 1));
		}
		buf_printf(out, "e%+lld", (long long)(point - 1));
	}
}
