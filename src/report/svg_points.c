/* Points: before and after, over rounds, as a field of numbers. Rows say label, x and y each. */
#include "report/svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "report/html.h"
#include "report/result.h"

/* As a field, rows take the square of their number. */
enum { SIZE = 12, FIELD_ROWS = 2000 };

struct names {
	size_t n;
	const char **v;
};

/* The rows as a field: y by label and x, in the order in which they came. */
struct field {
	struct names label, x;
	size_t *row; /* label.n * x.n; SIZE_MAX where there is none */
	double max;
};

static size_t
name_at(struct names *names, const char *s)
{
	size_t i = 0;

	while (i < names->n && strcmp(names->v[i], s) != 0)
		i++;
	if (i == names->n)
		names->v[names->n++] = s;
	return i;
}

static const char *
text_of(const struct svg *g, size_t row, int column)
{
	return result_cell(g->s, row, (size_t)column)->text;
}

/* How many are behind it, in a few letters; "" where that is not told. */
static const char *
behind(const struct svg *g, const struct cell *n)
{
	if (!n || n->state == CELL_WITHHELD)
		return "";
	if (n->state == CELL_FEW)
		return arena_printf(g->r->arena, "n < %d", RESULT_FEW);
	return arena_printf(g->r->arena, "n = %s", n->text);
}

static void
field_free(struct field *f)
{
	free(f->label.v);
	free(f->x.v);
	free(f->row);
}

/* False when the chart is not meant for so many, or so few, x. */
static bool
field_of(const struct svg *g, struct field *f)
{
	size_t n = g->s->nrows - g->s->has_total;

	if (n > FIELD_ROWS)
		return false;
	f->label.v = xcalloc(n + 1, sizeof *f->label.v);
	f->x.v = xcalloc(n + 1, sizeof *f->x.v);
	for (size_t i = 0; i < n; i++) {
		name_at(&f->label, text_of(g, i, g->c->label));
		name_at(&f->x, text_of(g, i, g->c->x));
	}
	f->row = xcalloc(f->label.n * f->x.n + 1, sizeof *f->row);
	for (size_t i = 0; i < f->label.n * f->x.n; i++)
		f->row[i] = SIZE_MAX;
	f->max = g->c->percent ? 100 : 1;
	for (size_t i = 0; i < n; i++) {
		size_t l = name_at(&f->label, text_of(g, i, g->c->label)),
		       x = name_at(&f->x, text_of(g, i, g->c->x));
		double v;

		f->row[l * f->x.n + x] = i;
		if (result_value(&v, result_cell(g->s, i, (size_t)g->c->y)) && v > f->max)
			f->max = v;
	}
	if ((!g->c->min_x || f->x.n >= (size_t)g->c->min_x) &&
	    (!g->c->max_x || f->x.n <= (size_t)g->c->max_x) && f->x.n)
		return true;
	field_free(f);
	return false;
}

static const struct cell *
field_cell(const struct svg *g, const struct field *f, size_t label, size_t x, int column)
{
	size_t row = f->row[label * f->x.n + x];

	return row == SIZE_MAX || column < 0 ? NULL : result_cell(g->s, row, (size_t)column);
}

static const char *
scale_text(const struct svg *g, double v)
{
	const char *s = result_number(g->r, v, 0);

	return g->c->percent ? arena_printf(g->r->arena, "%s\u00a0%%", s) : s;
}

/* A share of fewer than five is drawn hollow: one answer moves it far. */
static bool
firm(const struct svg *g, const struct field *f, size_t label, size_t x)
{
	const struct cell *n = field_cell(g, f, label, x, g->c->n);
	double v;

	return !n || !result_value(&v, n) || v >= RESULT_FEW;
}

static double
hollow_note(struct svg *g, double y)
{
	if (g->c->n < 0)
		return 0;
	svg_mark(g, 8, y + 9, 8, MARK_CIRCLE, false);
	svg_text(g, 18, y + 13, 11, SVG_START, arena_printf(g->r->arena, _("n below %d"), RESULT_FEW));
	return 22;
}

/* --- before and after ---------------------------------------------------------------------- */

/* First and last x at which the label has a value. */
static bool
ends_of(const struct svg *g, const struct field *f, size_t label, size_t *first, size_t *last)
{
	bool any = false;

	for (size_t i = 0; i < f->x.n; i++) {
		const struct cell *c = field_cell(g, f, label, i, g->c->y);
		double v;

		if (!c || !result_value(&v, c))
			continue;
		if (!any)
			*first = i;
		*last = i;
		any = true;
	}
	return any;
}

static void
pair_of(struct svg *g, const struct field *f, size_t label, double y, double left, double scale)
{
	size_t first, last;
	double a, b, xa, xb;
	const struct cell *na, *nb;

	if (!ends_of(g, f, label, &first, &last)) {
		svg_text(g, left + 4, y + 4, SIZE, SVG_START, _("no value"));
		return;
	}
	result_value(&a, field_cell(g, f, label, first, g->c->y));
	result_value(&b, field_cell(g, f, label, last, g->c->y));
	xa = left + a * scale;
	xb = left + b * scale;
	if (first != last) {
		svg_line(g, xa, y, xb, y, 3, NULL);
		svg_mark(g, xa, y, 10, MARK_CIRCLE, false);
	}
	svg_mark(g, xb, y, 11, MARK_CIRCLE, last == f->x.n - 1);
	/* each value on its outer side */
	svg_text(g, xb + (b >= a ? 9 : -9), y + 4, 11, b >= a ? SVG_START : SVG_END, scale_text(g, b));
	if (first != last)
		svg_text(g, xa + (b >= a ? -9 : 9), y + 4, 11, b >= a ? SVG_END : SVG_START, scale_text(g, a));
	na = field_cell(g, f, label, first, g->c->n);
	nb = field_cell(g, f, label, last, g->c->n);
	if (na && nb && first != last && na->state == CELL_SHOWN && nb->state == CELL_SHOWN)
		svg_text(g, SVG_WIDTH, y + 4, 11, SVG_END, arena_printf(g->r->arena, "n = %s → %s", na->text, nb->text));
	else
		svg_text(g, SVG_WIDTH, y + 4, 11, SVG_END, behind(g, nb));
}

bool
svg_dumbbell(struct svg *g)
{
	enum { LABEL_W = 250, N_W = 90, TOP = 34, ROW = 32 };
	struct field f = {0};
	double scale, bottom, left = LABEL_W + 34;

	if (!field_of(g, &f))
		return false;
	scale = (SVG_WIDTH - left - N_W - 34) / f.max;
	svg_mark(g, 8, 12, 10, MARK_CIRCLE, false);
	svg_text(g, 20, 16, SIZE, SVG_START, f.x.v[0]);
	svg_mark(g, 40 + svg_width(f.x.v[0], SIZE), 12, 11, MARK_CIRCLE, true);
	svg_text(g, 52 + svg_width(f.x.v[0], SIZE), 16, SIZE, SVG_START, f.x.v[f.x.n - 1]);
	bottom = TOP + (double)f.label.n * ROW;
	for (int i = 0; i <= 4; i++) {
		double x = left + f.max * i / 4 * scale;

		svg_hair(g, x, TOP, x, bottom);
		svg_text(g, x, bottom + 14, 11, SVG_MIDDLE, scale_text(g, f.max * i / 4));
	}
	for (size_t i = 0; i < f.label.n; i++) {
		double y = TOP + ((double)i + 0.5) * ROW;
		const char *lines[2];
		size_t n = svg_wrap(g->r->arena, f.label.v[i], LABEL_W - 8, SIZE, 2, lines);

		svg_block(g, LABEL_W - 4, y, SIZE, SVG_END, lines, n);
		pair_of(g, &f, i, y, left, scale);
	}
	svg_page(g, bottom + 22);
	field_free(&f);
	return true;
}

/* --- over rounds ------------------------------------------------------------------------------ */

enum { PANEL_W = 240, PANEL_H = 178, PLOT_LEFT = 40, PLOT_TOP = 44, PLOT_H = 84 };

/* Value of the point beside; its own where there is none. */
static double
beside(const struct svg *g, const struct field *f, size_t label, size_t x, int by, double own)
{
	const struct cell *c = NULL;
	double v;

	if (by > 0 ? x + 1 < f->x.n : x > 0)
		c = field_cell(g, f, label, by > 0 ? x + 1 : x - 1, g->c->y);
	return c && result_value(&v, c) ? v : own;
}

/* One panel: where its plot lies. */
struct plot {
	double left, top, bottom, width, step, in;
	size_t every; /* of how many x one has its name below */
};

static void
frame(struct svg *g, const struct field *f, size_t label, const struct plot *p)
{
	const char *lines[2];
	size_t n = svg_wrap(g->r->arena, f->label.v[label], (PANEL_W - 16) / 1.12, 11.5, 2, lines);

	for (size_t i = 0; i < n; i++)
		svg_strong(g, p->left - PLOT_LEFT + 4, p->top - PLOT_TOP + 14 + (double)i * 14, 11.5, SVG_START,
		    lines[i]);
	for (int i = 0; i <= 2; i++) {
		double y = p->bottom - PLOT_H * i / 2.0;

		svg_hair(g, p->left, y, p->left + p->width, y);
		svg_text(g, p->left - 5, y + 3.5, 10, SVG_END, scale_text(g, f->max * i / 2));
	}
}

static double
plot_x(const struct field *f, const struct plot *p, size_t i)
{
	return p->left + (f->x.n > 1 ? p->in + (double)i * p->step : p->width / 2);
}

static double
plot_y(const struct field *f, const struct plot *p, double v)
{
	return p->bottom - v / f->max * PLOT_H;
}

static void
panel(struct svg *g, const struct field *f, size_t label, double px, double py)
{
	struct plot p = {.left = px + PLOT_LEFT, .top = py + PLOT_TOP, .bottom = py + PLOT_TOP + PLOT_H,
	    .width = PANEL_W - PLOT_LEFT - 26, .in = 14, .every = 1};
	double ox = 0, oy = 0, v;
	bool before = false;

	p.step = f->x.n > 1 ? (p.width - 2 * p.in) / (double)(f->x.n - 1) : 0;
	while (f->x.n > 1 && p.step * (double)p.every < 46)
		p.every++;
	frame(g, f, label, &p);
	for (size_t i = 0; i < f->x.n; i++) {
		const struct cell *c = field_cell(g, f, label, i, g->c->y), *n = field_cell(g, f, label, i, g->c->n);
		double x = plot_x(f, &p, i);

		if (i % p.every == 0) {
			svg_text(g, x, p.bottom + 14, 10, SVG_MIDDLE, f->x.v[i]);
			if (n)
				svg_text(g, x, p.bottom + 27, 10, SVG_MIDDLE, behind(g, n));
		}
		if (c && result_value(&v, c)) {
			if (before)
				svg_line(g, ox, oy, x, plot_y(f, &p, v), 2, NULL);
			ox = x;
			oy = plot_y(f, &p, v);
		}
		before = c && result_value(&v, c);
	}
	for (size_t i = 0; i < f->x.n; i++) {
		const struct cell *c = field_cell(g, f, label, i, g->c->y);
		double x = plot_x(f, &p, i), y;

		if (!c || !result_value(&v, c))
			continue;
		y = plot_y(f, &p, v);
		svg_mark(g, x, y, 8, MARK_CIRCLE, firm(g, f, label, i));
		/* away from the lines */
		if (i % p.every == 0 || i == f->x.n - 1)
			svg_halo(g, x, beside(g, f, label, i, -1, v) + beside(g, f, label, i, 1, v) > 2 * v &&
			    y < p.bottom - 14 ? y + 16 : y - 8, 10, SVG_MIDDLE, scale_text(g, v));
	}
}

bool
svg_lines(struct svg *g)
{
	enum { ACROSS = SVG_WIDTH / PANEL_W, DOWN = 5 };
	struct field f = {0};
	size_t i = 0;

	if (!field_of(g, &f))
		return false;
	if (!g->c->percent) {
		double step = svg_step(f.max, 2);

		f.max = ceil(f.max / (2 * step)) * 2 * step;
	}
	while (i < f.label.n) {
		double top = hollow_note(g, 0);
		size_t k = 0, rows;

		for (; i < f.label.n && k < ACROSS * DOWN; i++, k++) {
			size_t row = k / ACROSS;

			panel(g, &f, i, (double)(k % ACROSS) * PANEL_W, top + (double)row * PANEL_H);
		}
		rows = (k + ACROSS - 1) / ACROSS;
		svg_page(g, top + (double)rows * PANEL_H);
	}
	field_free(&f);
	return true;
}

/* --- a field of numbers ------------------------------------------------------------------------- */

static void
shaded(struct svg *g, double x, double y, double w, double h, double part)
{
	/* from white to a blue on which black still has a contrast of 7 to 1 */
	html_rawf(&g->body, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"rgb(%d,%d,%d)\" "
	    "stroke=\"#fff\"/>", x, y, w, h, 255 - (int)(part * 121), 255 - (int)(part * 65),
	    255 - (int)(part * 15));
}

bool
svg_heat(struct svg *g)
{
	enum { LABEL_W = 250, TOP = 40, ROW = 34 };
	struct field f = {0};
	double w;

	if (!field_of(g, &f))
		return false;
	w = fmin(120, (double)(SVG_WIDTH - LABEL_W) / (double)f.x.n);
	for (size_t i = 0; i < f.x.n; i++) {
		const char *lines[2];
		size_t n = svg_wrap(g->r->arena, f.x.v[i], w - 4, 11, 2, lines);

		svg_block(g, LABEL_W + ((double)i + 0.5) * w, TOP - 18, 11, SVG_MIDDLE, lines, n);
	}
	for (size_t l = 0; l < f.label.n; l++) {
		double y = TOP + (double)l * ROW;
		const char *lines[2];
		size_t n = svg_wrap(g->r->arena, f.label.v[l], LABEL_W - 12, SIZE, 2, lines);

		svg_block(g, LABEL_W - 8, y + ROW / 2.0, SIZE, SVG_END, lines, n);
		for (size_t i = 0; i < f.x.n; i++) {
			const struct cell *c = field_cell(g, &f, l, i, g->c->y), *k = field_cell(g, &f, l, i, g->c->n);
			double x = LABEL_W + (double)i * w, v;

			if (!c)
				continue;
			if (result_value(&v, c)) {
				shaded(g, x, y, w, ROW, v / f.max);
				svg_text(g, x + w / 2, y + (k ? 15 : 21), SIZE, SVG_MIDDLE, scale_text(g, v));
			} else {
				svg_text(g, x + w / 2, y + 15, 11, SVG_MIDDLE, "–");
			}
			if (k && *k->text)
				svg_text(g, x + w / 2, y + 28, 10, SVG_MIDDLE, behind(g, k));
		}
	}
	svg_page(g, TOP + (double)f.label.n * ROW + 6);
	field_free(&f);
	return true;
}
