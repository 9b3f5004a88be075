/* Drawing by lot: constraints hold, the load is as even as they allow, the seed alone decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "rules/draw.h"

enum { ROWS = 60, PEOPLE = 16 };

static const char *const names[PEOPLE] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m",
	"n", "o", "p"};
static uint32_t random_state;

static unsigned
roll(unsigned n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

struct unit {
	struct draw_row rows[ROWS];
	char ids[ROWS][24];
	size_t among[ROWS][PEOPLE], nrows, npeople;
};

static void
make(struct unit *u, unsigned n)
{
	random_state = n * 7919 + 1;
	u->npeople = 1 + roll(PEOPLE);
	u->nrows = roll(ROWS + 1);
	for (size_t r = 0; r < u->nrows; r++) {
		unsigned dense = roll(3); /* few, half, nearly all */

		snprintf(u->ids[r], sizeof u->ids[r], "r%zu", r);
		u->rows[r] = (struct draw_row){.id = u->ids[r], .among = u->among[r]};
		for (size_t c = 0; c < u->npeople; c++)
			if (dense == 0 ? roll(8) == 0 : dense == 1 ? roll(2) == 0 : roll(8) != 0)
				u->among[r][u->rows[r].n++] = c;
	}
}

static void
draw(struct unit *u, const char *seed, size_t load[PEOPLE])
{
	memset(load, 0, PEOPLE * sizeof *load);
	draw_assign(u->rows, u->nrows, names, u->npeople, seed);
	for (size_t r = 0; r < u->nrows; r++) {
		bool may = u->rows[r].n == 0 && u->rows[r].chosen == DRAW_NOBODY;

		for (size_t i = 0; i < u->rows[r].n; i++)
			may |= u->among[r][i] == u->rows[r].chosen;
		assert_true(may);
		if (u->rows[r].chosen != DRAW_NOBODY)
			load[u->rows[r].chosen]++;
	}
}

/* Whether rows can be given out so that nobody has more than `most` and all but those with no choice have
 * somebody: augmenting paths, another way than the code under test. */
static size_t owner[ROWS];
static bool tried[PEOPLE];

static bool
place(const struct unit *u, size_t r, size_t most)
{
	for (size_t i = 0; i < u->rows[r].n; i++) {
		size_t c = u->among[r][i], have = 0;

		if (tried[c])
			continue;
		tried[c] = true;
		for (size_t k = 0; k < u->nrows; k++)
			have += owner[k] == c;
		if (have < most) {
			owner[r] = c;
			return true;
		}
		for (size_t k = 0; k < u->nrows; k++)
			if (owner[k] == c && k != r && place(u, k, most)) {
				owner[r] = c;
				return true;
			}
	}
	return false;
}

static bool
feasible(const struct unit *u, size_t most)
{
	for (size_t r = 0; r < ROWS; r++)
		owner[r] = DRAW_NOBODY;
	for (size_t r = 0; r < u->nrows; r++) {
		memset(tried, 0, sizeof tried);
		if (u->rows[r].n && !place(u, r, most))
			return false;
	}
	return true;
}

static void
as_even_as_can_be(void **state)
{
	struct unit u;
	size_t load[PEOPLE], greatest, free_rows, all, uneven = 0;

	(void)state;
	for (unsigned n = 0; n < 200; n++) {
		memset(&u, 0, sizeof u);
		make(&u, n);
		draw(&u, "seed", load);
		greatest = 0;
		free_rows = all = 0;
		for (size_t c = 0; c < u.npeople; c++)
			greatest = load[c] > greatest ? load[c] : greatest;
		for (size_t r = 0; r < u.nrows; r++) {
			free_rows += u.rows[r].n == 0;
			all += u.rows[r].n == u.npeople;
		}
		assert_true(feasible(&u, greatest));
		if (greatest > 0)
			assert_false(feasible(&u, greatest - 1));
		/* nobody has two more than somebody who could take one of theirs */
		for (size_t r = 0; r < u.nrows; r++)
			for (size_t i = 0; i < u.rows[r].n; i++)
				assert_true(load[u.rows[r].chosen] <= load[u.among[r][i]] + 1);
		/* with no constraints at all: by one at most */
		if (all == u.nrows && u.nrows)
			for (size_t c = 0; c < u.npeople; c++)
				assert_true(load[c] + 1 >= greatest);
		uneven += greatest > (u.nrows - free_rows + u.npeople - 1) / u.npeople;
	}
	assert_true(uneven > 0); /* the units are not all easy */
}

static void
same_seed_same_draw(void **state)
{
	struct unit u, v;
	size_t load[PEOPLE], other[PEOPLE], differ = 0;

	(void)state;
	for (unsigned n = 0; n < 50; n++) {
		memset(&u, 0, sizeof u);
		memset(&v, 0, sizeof v);
		make(&u, n);
		make(&v, n);
		draw(&u, "one", load);
		draw(&v, "one", other);
		for (size_t r = 0; r < u.nrows; r++)
			assert_int_equal(u.rows[r].chosen, v.rows[r].chosen);
		draw(&v, "two", other);
		for (size_t r = 0; r < u.nrows; r++)
			differ += u.rows[r].chosen != v.rows[r].chosen;
	}
	assert_true(differ > 100);
}

/* A chain of three: who is first must give way twice for all to have one. */
static void
through_a_chain(void **state)
{
	static const size_t ab[] = {0, 1}, bc[] = {1, 2}, a_alone[] = {0};
	struct draw_row rows[] = {{.id = "x", .n = 2, .among = ab}, {.id = "y", .n = 2, .among = bc},
		{.id = "z", .n = 1, .among = a_alone}};
	char seed[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(seed, sizeof seed, "%d", i);
		draw_assign(rows, 3, names, 3, seed);
		assert_int_equal(rows[2].chosen, 0);
		assert_int_equal(rows[0].chosen, 1);
		assert_int_equal(rows[1].chosen, 2);
	}
}

/* Anybody can compute it: printf 'akt draw v1\0seed\0id' | sha256sum */
static void
rank_is_a_hash(void **state)
{
	(void)state;
	assert_true(hash_rank("seed", "case-1") == UINT64_C(0xf8081185a36c7ec3));
	assert_true(hash_rank("", "") == UINT64_C(0x5d4bf97c7a11dcf7));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_even_as_can_be),
		cmocka_unit_test(same_seed_same_draw),
		cmocka_unit_test(through_a_chain),
		cmocka_unit_test(rank_is_a_hash),
	};

	return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}
