/* What leaves the unit tells no group below five: not by itself, and not by what stands around it.
 *
 * Counts lie in rows, where a column may be the sum of others, and in columns, under which may stand
 * their total. Each of these is an equation; a cell is in at most one along its row and one down its
 * column, so the equations are a network: cells are its arcs, equations its nodes. A count that is not
 * told is safe when it could be another one and all that is told still held: when its arc lies on a
 * circle along which one more can flow, or one less. Cells are withheld until that is so for each. A part that is
 * told in steps only has room for that too, and need not be withheld; a sum is taken for known, for another table
 * may tell it by other parts. */
#include "report/result.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { FREE = 0 }; /* the node of all that no equation binds */

struct arc {
	size_t row, column;
	int from, to;         /* nodes; in the direction of one more */
	int64_t v, low, high; /* what a reader can tell of it while it is hidden */
	int64_t least, most;  /* and once it is told */
	bool in_share;        /* a share is told of it */
	bool flexed;          /* it could be another by what is told, and protects one that is hidden */
	int total;            /* 1: a sum along its row, 2: in the row of totals */
	bool primary;         /* below five */
	struct cell *cell;
};

struct net {
	const struct spec_section *spec;
	struct result_section *s;
	size_t n, cap;
	struct arc *v;
	int nodes;
	int64_t *cost; /* to each node */
	struct arc **came;
};

static int
sum_of(const struct spec_section *spec, size_t column, bool *is_total)
{
	*is_total = false;
	for (size_t i = 0; i < spec->nsums; i++) {
		*is_total = spec->sums[i].total == (int)column;
		if (*is_total)
			return (int)i;
		for (size_t k = 0; k < spec->sums[i].n; k++)
			if (spec->sums[i].part[k] == (int)column)
				return (int)i;
	}
	return -1;
}

static void
add_arc(struct net *net, size_t row, size_t column, bool bound_below)
{
	struct result_section *s = net->s;
	struct cell *x = &s->cells[row * net->spec->ncolumns + column];
	bool last = row == s->nrows - 1 && (s->has_total || s->n_total), sums;
	int sum = sum_of(net->spec, column, &sums), r, c;
	struct arc *a;

	if (!x->value || x->value->kind != NODE_INT || x->value->i < 0 || x->value->i > RESULT_MOST)
		return; /* no count there: nothing to tell */
	/* of a row that is not shown but for its n, no sum is told */
	r = sum < 0 || (last && s->n_total) ? FREE : 1 + (int)net->spec->ncolumns + (int)(row * net->spec->nsums) + sum;
	c = bound_below ? 1 + (int)column : FREE;
	vec_grow(net);
	a = &net->v[net->n++];
	*a = (struct arc){.row = row, .column = column, .cell = x, .v = x->value->i, .low = x->value->i,
	    .high = x->value->i, .total = last ? 2 : sums};
	a->least = a->most = a->v;
	if (s->steps && !a->total && a->v >= RESULT_FEW) {
		int64_t step = (a->v + RESULT_STEP / 2) / RESULT_STEP * RESULT_STEP;

		a->least = step - RESULT_STEP / 2 < RESULT_FEW ? RESULT_FEW : step - RESULT_STEP / 2;
		a->most = step + RESULT_STEP / 2;
	}
	for (size_t i = 0; i < net->spec->ncolumns; i++)
		a->in_share |= net->spec->columns[i].kind == COL_PERCENT && net->spec->columns[i].num == (int)column;
	/* signs: a sum counts against its parts, the row of totals against the rows above */
	a->from = sums == last ? r : c;
	a->to = sums == last ? c : r;
}

static void
mark_few(struct arc *a, int64_t low)
{
	a->cell->state = CELL_FEW;
	a->primary = true;
	a->low = low;
	a->high = RESULT_FEW - 1;
}

static void
withhold(struct arc *a)
{
	a->cell->state = CELL_WITHHELD;
	a->low = RESULT_FEW; /* else it would say: below five */
	a->high = INT64_MAX;
}

static struct arc *
arc_at(struct net *net, size_t row, size_t column)
{
	for (size_t i = 0; i < net->n; i++)
		if (net->v[i].row == row && net->v[i].column == column)
			return &net->v[i];
	return NULL;
}

/* A group below five as a whole: how it is split is not told either, where there are none neither. */
static void
mark_all(struct net *net)
{
	for (size_t i = 0; i < net->n; i++)
		if (net->v[i].v > 0 && net->v[i].v < RESULT_FEW)
			mark_few(&net->v[i], 1);
	for (size_t i = 0; i < net->n; i++) {
		struct arc *a = &net->v[i];

		for (size_t k = 0; a->primary && k < net->spec->nsums; k++) {
			const struct spec_sum *sum = &net->spec->sums[k];

			for (size_t p = 0; sum->total == (int)a->column && p < sum->n; p++) {
				struct arc *part = arc_at(net, a->row, (size_t)sum->part[p]);

				if (part)
					mark_few(part, 0);
			}
		}
	}
}

/* All but a few of a whole: what is left is a group below five, though no column counts it. */
static void
mark_rest(struct net *net, size_t row, int part, int whole)
{
	struct arc *a = arc_at(net, row, (size_t)part), *b = arc_at(net, row, (size_t)whole);

	if (!a || !b || a->cell->state != CELL_SHOWN || b->v - a->v <= 0 || b->v - a->v >= RESULT_FEW)
		return;
	withhold(a);
	a->primary = true;
}

static void
mark_rests(struct net *net)
{
	for (size_t row = 0; row < net->s->nrows; row++)
		for (size_t c = 0; c < net->spec->ncolumns; c++) {
			const struct spec_column *col = &net->spec->columns[c];

			if (col->kind == COL_PERCENT && col->num >= 0)
				mark_rest(net, row, col->num, col->den);
			else if (col->kind == COL_COUNT && col->base >= 0)
				mark_rest(net, row, (int)c, col->base);
		}
}

/* Whether the arc is the sum in this equation: of its row, or of its column. */
static bool
is_total(const struct net *net, const struct arc *a, int node)
{
	bool sums;

	if (node <= (int)net->spec->ncolumns)
		return a->total == 2;
	sum_of(net->spec, a->column, &sums);
	return sums;
}

/* Whether it could be one more, or one less, by what is told of it. */
static bool
has_room(const struct arc *a, bool up)
{
	return up ? a->v < a->most : a->v > a->least;
}

/* What it costs to let one more (`up`) or one less flow through an arc: nothing where that is hidden already or has
 * room, its share where one is told of it, the count where it would have to be withheld first, much for a total,
 * more for n; -1 = it cannot be. */
static int64_t
cost_of(const struct arc *a, bool up)
{
	enum { SHARE = 30 };
	const int64_t much = (int64_t)1 << 41;

	if (a->cell->state != CELL_SHOWN)
		return (up ? a->v < a->high : a->v > a->low) ? 0 : -1;
	if (has_room(a, up))
		return a->in_share && !a->flexed ? SHARE : 0;
	if (up ? a->v < RESULT_FEW : a->v <= RESULT_FEW)
		return -1;
	return (a->v < much ? a->v : much) + a->total * 4 * a->total * much;
}

/* The cheapest way from `from` to `to` that does not use `not`; its cost, -1 when there is none. net->came
 * has the arc by which each node is reached. */
static int64_t
cheapest(struct net *net, int from, int to, const struct arc *not)
{
	bool more = true;

	for (int i = 0; i < net->nodes; i++)
		net->cost[i] = -1;
	net->cost[from] = 0;
	while (more) {
		more = false;
		for (size_t i = 0; i < net->n; i++) {
			struct arc *a = &net->v[i];

			for (int up = 0; up < 2 && a != not; up++) {
				int tail = up ? a->from : a->to, head = up ? a->to : a->from;
				int64_t c = cost_of(a, up);

				if (c < 0 || net->cost[tail] < 0 ||
				    (net->cost[head] >= 0 && net->cost[head] <= net->cost[tail] + c))
					continue;
				net->cost[head] = net->cost[tail] + c;
				net->came[head] = a;
				more = true;
			}
		}
	}
	return net->cost[to];
}

/* Withholds what must be so that the arc can have another count. False when nothing helps. */
static bool
protect(struct net *net, struct arc *a)
{
	int64_t more = a->v < a->high ? cheapest(net, a->to, a->from, a) : -1,
	        less = a->v > a->low ? cheapest(net, a->from, a->to, a) : -1;
	int from = a->from, at = a->to;

	if (more < 0 && less < 0)
		return false;
	if (more >= 0 && (less < 0 || more <= less)) {
		from = a->to;
		at = a->from;
		cheapest(net, from, at, a);
	}
	while (at != from) {
		struct arc *step = net->came[at];
		bool up = step->to == at;

		if (step->cell->state == CELL_SHOWN && has_room(step, up))
			step->flexed = true;
		else if (step->cell->state == CELL_SHOWN)
			withhold(step);
		at = up ? step->from : step->to;
	}
	return true;
}

/* What one equation hides: parts whose sum is told by the rest. */
static int64_t
hidden_sum(const struct net *net, int node, bool *total_told)
{
	int64_t sum = 0;

	*total_told = false;
	for (size_t i = 0; i < net->n; i++) {
		const struct arc *a = &net->v[i];

		if (a->from != node && a->to != node)
			continue;
		if (is_total(net, a, node))
			*total_told = a->cell->state == CELL_SHOWN;
		else if (a->cell->state != CELL_SHOWN)
			sum += a->v;
	}
	return sum;
}

/* Several groups below five that together are below five are one: in an equation whose total is told, the hidden
 * parts are at least five together. False when nothing helps. */
static bool
fill_up(struct net *net, int node, bool *more)
{
	struct arc *best = NULL;
	bool told;
	int64_t sum = hidden_sum(net, node, &told);

	if (!told || sum == 0 || sum >= RESULT_FEW)
		return true;
	for (size_t i = 0; i < net->n; i++) {
		struct arc *a = &net->v[i];

		if ((a->from != node && a->to != node) || a->cell->state != CELL_SHOWN || a->v < RESULT_FEW)
			continue;
		/* the total last */
		if (!best || (is_total(net, best, node) && !is_total(net, a, node)) ||
		    (is_total(net, best, node) == is_total(net, a, node) && a->v < best->v))
			best = a;
	}
	if (!best)
		return false;
	withhold(best);
	best->primary = true;
	*more = true;
	return true;
}

/* Whether a share is of a whole that its part is counted into: else it tells of a count that no equation knows, which
 * beside what else is told of the row may tell what is not. In steps, and of many, it leaves room enough for that. */
static bool
of_its_sum(const struct spec_section *spec, const struct spec_column *share)
{
	for (size_t i = 0; i < spec->nsums; i++)
		for (size_t k = 0; spec->sums[i].total == share->den && k < spec->sums[i].n; k++)
			if (spec->sums[i].part[k] == share->num)
				return true;
	return false;
}

static bool
all_told(const struct result_section *s, size_t row)
{
	for (size_t c = 0; c < s->spec->ncolumns; c++)
		if (s->spec->columns[c].kind == COL_COUNT && result_cell(s, row, c)->state != CELL_SHOWN)
			return false;
	return true;
}

static bool
is_flexed(struct net *net, size_t row, int column)
{
	const struct arc *a = arc_at(net, row, (size_t)column);

	return a && a->flexed;
}

/* Shares and means of what is not told, or of so few that they tell it. */
static void
derived(struct net *net)
{
	struct result_section *s = net->s;
	const struct spec_section *spec = s->spec;

	for (size_t i = 0; i < s->nrows * spec->ncolumns; i++) {
		const struct spec_column *c = &spec->columns[i % spec->ncolumns];
		size_t row = i / spec->ncolumns;
		struct cell *x = &s->cells[i];
		const struct cell *num, *den;
		double a, b;

		if (c->kind == COL_NUM && c->base >= 0) {
			den = result_cell(s, row, (size_t)c->base);
			if (!result_value(&b, den) || (b > 0 && b < RESULT_FEW))
				x->state = CELL_WITHHELD;
		} else if (c->kind == COL_PERCENT && c->num >= 0) {
			num = result_cell(s, row, (size_t)c->num);
			den = result_cell(s, row, (size_t)c->den);
			if (!result_value(&a, num) || !result_value(&b, den) || (b > 0 && b < RESULT_FEW) ||
			    (b - a > 0 && b - a < RESULT_FEW) || is_flexed(net, row, c->num) || (!of_its_sum(spec, c) && !all_told(s, row) && !(s->steps && b >= RESULT_BROAD)))
				x->state = CELL_WITHHELD;
		}
		if (!x->value || x->value->kind == NODE_NULL)
			x->state = CELL_SHOWN; /* there is none */
	}
}

/* Which totals stand under a column: its own row, n, or one that another section would tell. */
static bool
bound(const struct result_section *s, size_t column)
{
	return s->has_total || (s->n_total && ((int)column == s->spec->n || (s->hide >> column & 1)));
}

static void
fill_net(struct net *net)
{
	struct result_section *s = net->s;

	for (size_t row = 0; row < s->nrows; row++)
		for (size_t c = 0; c < s->spec->ncolumns; c++) {
			s->cells[row * s->spec->ncolumns + c].state = CELL_SHOWN;
			if (s->spec->columns[c].kind == COL_COUNT &&
			    (row < s->nrows - 1 || !s->n_total || bound(s, c)))
				add_arc(net, row, c, bound(s, c));
		}
}

static void
mark_hidden(struct net *net)
{
	for (size_t c = 0; c < net->spec->ncolumns; c++) {
		struct arc *a = net->s->hide >> c & 1 ? arc_at(net, net->s->nrows - 1, c) : NULL;

		if (!a || a->cell->state != CELL_SHOWN)
			continue;
		if (a->v < RESULT_FEW)
			mark_few(a, 0);
		else
			withhold(a);
		a->primary = true;
	}
}

void
suppress_section(struct result_section *s)
{
	struct net net = {.spec = s->spec, .s = s};
	bool lost = false, more = true;

	net.nodes = 1 + (int)s->spec->ncolumns + (int)(s->nrows * s->spec->nsums);
	net.cost = xcalloc((size_t)net.nodes, sizeof *net.cost);
	net.came = xcalloc((size_t)net.nodes, sizeof *net.came);
	fill_net(&net);
	mark_all(&net);
	/* in steps, what is left of a whole is not told by the two, nor what hidden parts make together */
	if (!s->steps)
		mark_rests(&net);
	mark_hidden(&net);
	while (more && !lost) {
		more = false;
		for (size_t i = 0; !lost && i < net.n; i++)
			lost = net.v[i].primary && !protect(&net, &net.v[i]);
		for (int node = FREE + 1; !s->steps && !lost && node < net.nodes; node++)
			lost = !fill_up(&net, node, &more);
	}
	/* so few that nothing can be told of them */
	s->omitted = lost;
	derived(&net);
	free(net.v);
	free(net.cost);
	free(net.came);
}

void
suppress_wipe(struct result *r, struct result_section *s)
{
	bool totals = s->has_total || s->n_total;

	if (s->omitted || !s->nrows) {
		s->omitted |= s->nrows > 0;
		s->nrows = 0;
		s->has_total = false;
		return;
	}
	for (size_t i = 0; i < s->nrows * s->spec->ncolumns; i++) {
		struct cell *x = &s->cells[i];

		if (x->state == CELL_SHOWN)
			continue;
		/* nothing of the value goes on from here */
		x->value = NULL;
		x->level = LEVEL_NONE;
		x->text = x->state == CELL_FEW ? arena_printf(r->arena, _("fewer than %d"), RESULT_FEW) :
		                                 _("not told");
	}
	if (s->spec->n >= 0 && totals)
		s->n_state = result_cell(s, s->nrows - 1, (size_t)s->spec->n)->state;
	if (s->n_total)
		s->nrows--;
}
