/* Bars: lying, stacked or one under another; upright for a distribution. */
#include "report/svg.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "report/result.h"

enum { LABEL_W = 196, RIGHT_W = 74, SIZE = 12 };

/* The row's numbers; false when one of them is not told. */
static bool
values(const struct svg *g, size_t row, double *v, double *sum)
{
	bool told = true;

	*sum = 0;
	for (size_t k = 0; k < g->c->nseries; k++) {
		const struct cell *x = result_cell(g->s, row, (size_t)g->c->series[k]);

		v[k] = 0;
		told = told && x->state == CELL_SHOWN;
		if (result_value(&v[k], x) && v[k] < 0)
			v[k] = 0;
		*sum += v[k];
	}
	return told;
}

static size_t
rows_of(const struct svg *g)
{
	return g->s->nrows - g->s->has_total;
}

static double
greatest(const struct svg *g)
{
	double max = 1, v[CHART_SERIES], sum;

	if (g->c->share || g->c->percent)
		return 100;
	for (size_t i = 0; i < rows_of(g); i++) {
		values(g, i, v, &sum);
		for (size_t k = 0; k < g->c->nseries; k++)
			max = fmax(max, g->c->kind == CHART_STACKED ? sum : v[k]);
	}
	return max;
}

static const char *
scale_text(const struct svg *g, double v)
{
	const char *s = result_number(g->r, v, 0);

	return g->c->share || g->c->percent ? arena_printf(g->r->arena, "%s\u00a0%%", s) : s;
}

/* A segment's number stands in it where it fits. */
static void
segment(struct svg *g, double x, double y, double w, double h, size_t style, const char *label)
{
	if (w <= 0)
		return;
	svg_rect(g, x, y, w, h, style);
	if (svg_width(label, 11) + 6 < w)
		svg_tag(g, x + w / 2, y + h / 2, 11, label);
}

/* How many the row is of: as its sum says, where it has one; in fives that is not what its parts make. */
static double
whole(const struct svg *g, size_t row, double sum)
{
	const struct spec_section *spec = g->s->spec;
	double v;

	for (size_t i = 0; i < spec->nsums; i++)
		for (size_t k = 0; k < spec->sums[i].n; k++)
			if (spec->sums[i].part[k] == g->c->series[0] && spec->sums[i].n == g->c->nseries &&
			    result_value(&v, result_cell(g->s, row, (size_t)spec->sums[i].total)))
				return v;
	return sum;
}

static void
stacked(struct svg *g, size_t row, double y, double scale)
{
	double v[CHART_SERIES], sum, x = LABEL_W;

	if (!values(g, row, v, &sum)) {
		svg_text(g, x + 4, y + 15, SIZE, SVG_START, _("not shown: a group is too small"));
		return;
	}
	for (size_t k = 0; k < g->c->nseries; k++) {
		double w = g->c->share ? (sum > 0 ? v[k] / sum * 100 * scale : 0) : v[k] * scale;

		segment(g, x, y, w, 20, k, result_number(g->r, v[k], 0));
		x += w;
	}
	svg_text(g, g->c->share ? SVG_WIDTH - RIGHT_W + 8 : x + 6, y + 14.5, SIZE, SVG_START,
	    arena_printf(g->r->arena, "n = %s", result_number(g->r, whole(g, row, sum), 0)));
}

static void
side_by_side(struct svg *g, size_t row, double y, double scale)
{
	double h = g->c->nseries > 1 ? 13 : 18;

	for (size_t k = 0; k < g->c->nseries; k++) {
		const struct cell *x = result_cell(g->s, row, (size_t)g->c->series[k]);
		double v;

		if (x->state != CELL_SHOWN)
			svg_text(g, LABEL_W + 4, y + h - 3, 11, SVG_START, x->text);
		else if (result_value(&v, x)) {
			if (v > 0)
				svg_rect(g, LABEL_W, y, v * scale, h, k);
			svg_text(g, LABEL_W + v * scale + 5, y + h - 3, 11, SVG_START, x->text);
		}
		y += h;
	}
}

static void
grid(struct svg *g, double top, double bottom, double max, double scale)
{
	double step = svg_step(max, 6);

	for (int i = 0; i * step <= max * 1.0001; i++) {
		double x = LABEL_W + i * step * scale;

		svg_hair(g, x, top, x, bottom);
		svg_text(g, x, bottom + 14, 11, SVG_MIDDLE, scale_text(g, i * step));
	}
	svg_line(g, LABEL_W, top, LABEL_W, bottom, 1, NULL);
}

/* Height of a row with its label, without drawing. */
static double
row_height(const struct svg *g, size_t row, const char **lines, size_t *n)
{
	const struct cell *x = result_cell(g->s, row, (size_t)g->c->label);
	double bars = g->c->kind == CHART_STACKED ? 22 :
	                                            fmax(20, (double)g->c->nseries * (g->c->nseries > 1 ? 13 : 18));

	*n = svg_wrap(g->r->arena, *x->text ? x->text : "–", LABEL_W - 10, SIZE, 3, lines);
	return fmax(bars, (double)*n * SIZE * 1.2) + 8;
}

static bool
new_group(const struct svg *g, size_t row)
{
	return g->c->group >= 0 &&
	    (row == 0 || strcmp(result_cell(g->s, row, (size_t)g->c->group)->text,
	                     result_cell(g->s, row - 1, (size_t)g->c->group)->text) != 0);
}

/* A row that is drawn: all, or those with something in them. */
static bool
drawn(const struct svg *g, size_t row)
{
	double v[CHART_SERIES], sum;

	return !g->c->nonzero || !values(g, row, v, &sum) || sum > 0;
}

static size_t
page(struct svg *g, size_t first, double max, double scale)
{
	size_t n = rows_of(g), i, nlines, rows = 0;
	double top = g->c->nseries > 1 ? svg_legend(g, 0) + 4 : 6, bottom = top, y;
	const char *lines[3];

	for (i = first; i < n && rows < SVG_ROWS && bottom < 880; i++)
		if (drawn(g, i)) {
			bottom += row_height(g, i, lines, &nlines) + (new_group(g, i) ? 20 : 0);
			rows++;
		}
	n = i;
	/* the grid lies behind the bars */
	grid(g, top, bottom, max, scale);
	y = top + 4;
	for (i = first; i < n; i++) {
		double h = row_height(g, i, lines, &nlines);

		if (!drawn(g, i))
			continue;
		if (new_group(g, i)) {
			svg_strong(g, 0, y + 12, SIZE, SVG_START,
			    result_cell(g->s, i, (size_t)g->c->group)->text);
			y += 20;
		}
		if (g->c->kind == CHART_STACKED)
			stacked(g, i, y + (h - 8 - 22) / 2, scale);
		else
			side_by_side(g, i, y, scale);
		svg_block(g, LABEL_W - 8, y + (h - 8) / 2, SIZE, SVG_END, lines, nlines);
		y += h;
	}
	if (rows)
		svg_page(g, bottom + 22);
	buf_reset(&g->body);
	return n;
}

bool
svg_bars(struct svg *g)
{
	double max = greatest(g), step = svg_step(max, 6), scale;

	max = ceil(max / step) * step;
	scale = (SVG_WIDTH - LABEL_W - RIGHT_W) / max;
	for (size_t i = 0; i < rows_of(g);)
		i = page(g, i, max, scale);
	return g->pages > 0;
}

/* --- a distribution ---------------------------------------------------------------------- */

static void
limit_line(struct svg *g, double x, double top, double bottom)
{
	const char *label = spec_text(&g->c->limit, g->r->lang);
	bool left = x > SVG_WIDTH * 0.6;

	svg_line(g, x, top, x, bottom, 2, "6 4");
	svg_text(g, left ? x - 6 : x + 6, top + 10, SIZE, left ? SVG_END : SVG_START, label);
}

bool
svg_histogram(struct svg *g)
{
	enum { LEFT = 40, HEIGHT = 190, TOP = 30 };
	size_t n = rows_of(g);
	double max = greatest(g), height = 0, step, slot = (double)(SVG_WIDTH - LEFT - 10) / (double)n,
	       bottom = TOP + HEIGHT, limit = -1, over = 0;
	bool at_height = g->c->limit_at >= 0 && n > 0 &&
	    result_value(&height, result_cell(g->s, 0, (size_t)g->c->limit_at));
	size_t most = 1;

	max = at_height && height > max ? height : max;
	step = svg_step(max, 5);
	max = ceil(max / step) * step;
	for (int i = 0; i * step <= max * 1.0001; i++) {
		double y = bottom - i * step / max * HEIGHT;

		svg_hair(g, LEFT, y, SVG_WIDTH - 10, y);
		svg_text(g, LEFT - 6, y + 4, 11, SVG_END, scale_text(g, i * step));
	}
	if (at_height) {
		over = bottom - height / max * HEIGHT;
		svg_line(g, LEFT, over, SVG_WIDTH - 10, over, 2, "6 4");
		svg_line(g, LEFT, 8, LEFT + 30, 8, 2, "6 4");
		svg_text(g, LEFT + 36, 12, SIZE, SVG_START, spec_text(&g->c->limit, g->r->lang));
	}
	for (size_t i = 0; i < n; i++) {
		const struct cell *label = result_cell(g->s, i, (size_t)g->c->label),
		                  *x = result_cell(g->s, i, (size_t)g->c->series[0]);
		double left = LEFT + (double)i * slot, v = 0, told;
		const char *lines[3];
		size_t nlines = svg_wrap(g->r->arena, label->text, slot - 2, 11, 3, lines);

		most = nlines > most ? nlines : most;
		if (result_value(&v, x) && v > 0)
			svg_rect(g, left + slot * 0.08, bottom - v / max * HEIGHT, slot * 0.84, v / max * HEIGHT,
			    limit >= 0 || (at_height && v > height) ? 1 : 0);
		told = bottom - v / max * HEIGHT - 5;
		/* no line through the number */
		if (at_height && told > over - 3 && told < over + 12)
			told = over - 5;
		svg_text(g, left + slot / 2, told, 11, SVG_MIDDLE, x->text);
		svg_block(g, left + slot / 2, bottom + 10 + (double)nlines * 6.6, 11, SVG_MIDDLE, lines, nlines);
		if (g->c->limit_after && strcmp(label->text, g->c->limit_after) == 0)
			limit = left + slot;
	}
	svg_line(g, LEFT, bottom, SVG_WIDTH - 10, bottom, 1, NULL);
	if (limit >= 0)
		limit_line(g, limit, 4, bottom);
	svg_page(g, bottom + 16 + (double)most * 13.2);
	return true;
}
