#include "rules/draw.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"

struct drawing {
	struct draw_row *rows;
	size_t nrows, ncandidates;
	const char *const *candidates;
	const char *seed;
	size_t *load;
	/* for one search: who was reached, from which row of whom */
	size_t *queue, *by_row;
	bool *seen;
};

/* Least loaded first; who comes first of equals is the seed's affair, another one for each row. */
static size_t
pick(const struct drawing *d, const struct draw_row *row)
{
	size_t best = DRAW_NOBODY;
	uint64_t best_rank = 0;
	struct buf key = {0};

	for (size_t i = 0; i < row->n; i++) {
		size_t c = row->among[i];
		uint64_t rank;

		if (best != DRAW_NOBODY && d->load[c] > d->load[best])
			continue;
		buf_reset(&key);
		buf_printf(&key, "%s\n%s", row->id, d->candidates[c]);
		rank = hash_rank(d->seed, buf_str(&key));
		if (best == DRAW_NOBODY || d->load[c] < d->load[best] || rank < best_rank) {
			best = c;
			best_rank = rank;
		}
	}
	buf_free(&key);
	return best;
}

/* Moves one row off `from` by a chain of rows to somebody with two less or fewer; false where there is none. */
static bool
relieve(struct drawing *d, size_t from)
{
	size_t head = 0, tail = 0, to = DRAW_NOBODY;

	memset(d->seen, 0, d->ncandidates * sizeof *d->seen);
	d->seen[from] = true;
	d->queue[tail++] = from;
	while (head < tail && to == DRAW_NOBODY) {
		size_t u = d->queue[head++];

		for (size_t r = 0; r < d->nrows && to == DRAW_NOBODY; r++) {
			const struct draw_row *row = &d->rows[r];

			for (size_t i = 0; row->chosen == u && i < row->n; i++) {
				size_t c = row->among[i];

				if (d->seen[c])
					continue;
				d->seen[c] = true;
				d->by_row[c] = r;
				d->queue[tail++] = c;
				if (d->load[c] + 2 <= d->load[from]) {
					to = c;
					break;
				}
			}
		}
	}
	if (to == DRAW_NOBODY)
		return false;
	d->load[to]++;
	d->load[from]--;
	while (to != from) {
		struct draw_row *row = &d->rows[d->by_row[to]];
		size_t before = row->chosen;

		row->chosen = to;
		to = before;
	}
	return true;
}

void
draw_assign(struct draw_row *rows, size_t nrows, const char *const *candidates,
    size_t ncandidates, const char *seed)
{
	struct drawing d = {
		.rows = rows,
		.nrows = nrows,
		.ncandidates = ncandidates,
		.candidates = candidates,
		.seed = seed,
		.load = xcalloc(ncandidates + 1, sizeof *d.load),
		.queue = xcalloc(ncandidates + 1, sizeof *d.queue),
		.by_row = xcalloc(ncandidates + 1, sizeof *d.by_row),
		.seen = xcalloc(ncandidates + 1, sizeof *d.seen),
	};
	bool moved = true;

	for (size_t r = 0; r < nrows; r++) {
		rows[r].chosen = pick(&d, &rows[r]);
		if (rows[r].chosen != DRAW_NOBODY)
			d.load[rows[r].chosen]++;
	}
	/* each move takes from a greater load to a smaller by two: the sum of squares falls, so this ends */
	while (moved) {
		moved = false;
		for (size_t c = 0; c < ncandidates; c++)
			while (relieve(&d, c))
				moved = true;
	}
	free(d.load);
	free(d.queue);
	free(d.by_row);
	free(d.seen);
}
