#include "schema/numeric.h"

#include "tree/node.h"
#include "tree/number.h"

enum {
	EXACT_DIGITS = 18,  /* every int64 of this many digits fits, and ten times it in a uint64 */
	DIVISOR_TWOS = 60,  /* 10^60 holds every power of 2 and of 5 below 10^18 */
};

static bool
read_node(struct number *out, const struct node *n)
{
	enum number_kind k;

	if (n->kind != NODE_INT && n->kind != NODE_REAL)
		return false;
	k = number_read(out, n->text, n->len);
	return k == NUMBER_INT || k == NUMBER_REAL;
}

/* The common case, for which `i` is the value. */
static bool
small_int(const struct node *n)
{
	return n->kind == NODE_INT && n->len <= EXACT_DIGITS;
}

bool
numeric_is(const struct node *n)
{
	struct number x;

	return small_int(n) || read_node(&x, n);
}

bool
numeric_is_integer(const struct node *n)
{
	struct number x;

	return small_int(n) || (read_node(&x, n) && number_is_integer(&x));
}

int
numeric_cmp(const struct node *a, const struct node *b)
{
	struct number x, y;

	if (small_int(a) && small_int(b))
		return a->i < b->i ? -1 : a->i > b->i;
	if (!read_node(&x, a) || !read_node(&y, b))
		return 0;
	return number_cmp(&x, &y);
}

bool
numeric_count(size_t *out, const struct node *n)
{
	struct number x;
	int64_t v = 0;

	if (!read_node(&x, n) || !number_is_integer(&x) || x.neg)
		return false;
	*out = number_int64(&v, &x) ? (size_t)v : SIZE_MAX;
	return true;
}

bool
numeric_divisor(struct divisor *out, const struct node *n)
{
	struct number x;
	uint64_t v = 0;

	if (!read_node(&x, n) || x.neg || x.n == 0 || x.n > EXACT_DIGITS)
		return false;
	for (int i = 0; i < x.n; i++)
		v = v * 10 + (uint64_t)(x.digit[i] - '0');
	*out = (struct divisor){.digits = v, .exp = x.exp};
	return true;
}

bool
numeric_is_multiple(const struct node *n, const struct divisor *by)
{
	struct number x;
	uint64_t rest = 0;

	if (!read_node(&x, n))
		return false;
	if (x.n == 0)
		return true;
	/* neither side's digits end in 0, so a finer value is no multiple */
	if (x.exp < by->exp)
		return false;
	for (int i = 0; i < x.n; i++)
		rest = (rest * 10 + (uint64_t)(x.digit[i] - '0')) % by->digits;
	/* a divisor below 10^18 has fewer than 60 twos and fives: more zeros change nothing */
	for (int64_t i = 0; i < x.exp - by->exp && i < DIVISOR_TWOS && rest; i++)
		rest = rest * 10 % by->digits;
	return rest == 0;
}
