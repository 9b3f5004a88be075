/* Time from left to right: bars for what lasts, marks for what happened, gaps for what is missing. */
#include "report/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "report/html.h"
#include "report/result.h"
#include "tree/node.h"

enum { LABEL_W = 206, ROW = 30, GROUP = 22, SIZE = 12, MARK_SIZE = 10 };

struct span { /* of the whole chart, in days */
	int64_t low, high, today;
	double scale;
};

static bool
day_of(const struct svg *g, size_t row, int column, int64_t *out)
{
	const struct cell *c;

	if (column < 0)
		return false;
	c = result_cell(g->s, row, (size_t)column);
	return c->state == CELL_SHOWN && strlen(c->text) >= 10 && date_parse(out, c->text, 10);
}

static double
at(const struct span *t, int64_t day)
{
	return LABEL_W + (double)(day - t->low) * t->scale;
}

static const char *
text_of(const struct svg *g, size_t row, int column)
{
	return result_cell(g->s, row, (size_t)column)->text;
}

static size_t
rows_of(const struct svg *g)
{
	return g->s->nrows - g->s->has_total;
}

static bool
span_of(const struct svg *g, struct span *t)
{
	bool any = false;

	for (size_t i = 0; i < rows_of(g); i++) {
		const int columns[] = {g->c->from, g->c->to};

		for (int k = 0; k < 2; k++) {
			int64_t day;

			if (!day_of(g, i, columns[k], &day))
				continue;
			t->low = any && t->low < day ? t->low : day;
			t->high = any && t->high > day ? t->high : day;
			any = true;
		}
	}
	if (!any)
		return false;
	if (date_parse(&t->today, g->r->today, 10)) {
		/* today belongs in it where it is near */
		if (t->today > t->high && t->today - t->high < 400)
			t->high = t->today;
		if (t->today < t->low && t->low - t->today < 100)
			t->low = t->today;
	}
	t->low -= 10;
	t->high += 14;
	t->scale = (SVG_WIDTH - LABEL_W - 12) / (double)(t->high - t->low);
	return true;
}

/* Lines at the first of months, as many as are legible. */
static void
months(struct svg *g, const struct span *t, double top, double bottom)
{
	static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120};
	double total = (double)(t->high - t->low) / 30.44;
	int step = 0, year, month;
	char day[11], *rest;

	while (step < 7 && total / steps[step] > 8)
		step++;
	date_format(day, t->low);
	year = (int)strtol(day, &rest, 10);
	month = (int)strtol(rest + 1, NULL, 10);
	for (int i = 0; i < 400; i++, month++) {
		const char *text;
		int64_t first;
		double x;

		if (month > 12) {
			month = 1;
			year++;
		}
		text = arena_printf(g->r->arena, "%04d-%02d-01", year, month);
		if ((month - 1 + 12 * year) % steps[step] || !date_parse(&first, text, strlen(text)) ||
		    first < t->low)
			continue;
		if (first > t->high)
			break;
		x = at(t, first);
		svg_hair(g, x, top, x, bottom);
		if (x < SVG_WIDTH - 24)
			svg_text(g, x, bottom + 14, 11, SVG_MIDDLE, steps[step] >= 12 ?
			    arena_strndup(g->r->arena, text, 4) : arena_strndup(g->r->arena, text, 7));
	}
}

static const struct spec_mark *
mark_of(const struct svg *g, size_t row)
{
	const struct cell *c = result_cell(g->s, row, (size_t)g->c->mark);
	const char *value = c->value && c->value->kind == NODE_STR ? c->value->text : c->text;

	for (size_t i = 0; i < g->c->nmarks; i++)
		if (strcmp(g->c->marks[i].value, value) == 0)
			return &g->c->marks[i];
	return NULL;
}

static void
gap(struct svg *g, double x, double y, double w)
{
	html_rawf(&g->body, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\" fill=\"#fff\" "
	    "stroke=\"#a3180f\" stroke-width=\"1.8\" stroke-dasharray=\"4 2\"/>", x, y - 6, fmax(w, 6));
	svg_line(g, x, y + 6, x + fmax(w, 6), y - 6, 1.2, NULL);
}

static size_t
style_of(const struct svg *g, const struct spec_mark *m)
{
	size_t bars = 0;

	for (const struct spec_mark *k = g->c->marks; k < m; k++)
		bars += k->shape <= MARK_BAR_THIN;
	/* light ones: marks lie on them */
	return (size_t[]){7, 5, 1, 2, 4, 6}[bars % 6];
}

static void
event(struct svg *g, const struct span *t, size_t row, double y)
{
	const struct spec_mark *m = mark_of(g, row);
	int64_t from, to;
	double x, w;

	if (!m || !day_of(g, row, g->c->from, &from))
		return;
	x = at(t, from);
	if (m->shape > MARK_GAP) {
		svg_mark(g, x, y, MARK_SIZE, m->shape, true);
		return;
	}
	/* without an end it goes on */
	if (!day_of(g, row, g->c->to, &to))
		to = t->high;
	w = fmax(at(t, to) - x, 2);
	if (m->shape == MARK_GAP)
		gap(g, x, y, w);
	else if (m->shape == MARK_BAR)
		svg_rect(g, x, y - 8, w, 16, style_of(g, m));
	else
		svg_rect(g, x, y - 3, w, 6, style_of(g, m));
}

static double
legend(struct svg *g)
{
	double x = 0, y = 0;

	for (size_t i = 0; i < g->c->nmarks; i++) {
		const struct spec_mark *m = &g->c->marks[i];
		const char *label = spec_text(&m->label, g->r->lang);
		double w = 26 + svg_width(label, SIZE) + 16;

		if (x > 0 && x + w > SVG_WIDTH) {
			x = 0;
			y += 20;
		}
		if (m->shape > MARK_GAP)
			svg_mark(g, x + 9, y + 9, MARK_SIZE, m->shape, true);
		else if (m->shape == MARK_GAP)
			gap(g, x + 1, y + 9, 17);
		else
			svg_rect(g, x + 0.5, y + (m->shape == MARK_BAR ? 2 : 6), 18,
			    m->shape == MARK_BAR ? 13 : 6, style_of(g, m));
		svg_text(g, x + 25, y + 13, SIZE, SVG_START, label);
		x += w;
	}
	return y + 26;
}

static bool
same_label(const struct svg *g, size_t a, size_t b)
{
	return strcmp(text_of(g, a, g->c->label), text_of(g, b, g->c->label)) == 0 &&
	    (g->c->group < 0 || strcmp(text_of(g, a, g->c->group), text_of(g, b, g->c->group)) == 0);
}

static bool
new_group(const struct svg *g, size_t row)
{
	return g->c->group >= 0 && (row == 0 ||
	    strcmp(text_of(g, row, g->c->group), text_of(g, row - 1, g->c->group)) != 0);
}

/* From row `first`, as many labels as a page holds; returns the row behind them. */
static size_t
page(struct svg *g, const struct span *t, size_t first)
{
	size_t n = rows_of(g), i, end = first, lines_n;
	double top = legend(g) + 18, y = top, bottom = top;
	const char *lines[2];

	for (int labels = 0; end < n && labels < SVG_ROWS && bottom < 850; labels++) {
		bottom += ROW + (new_group(g, end) ? GROUP : 0);
		for (end++; end < n && same_label(g, end, end - 1);)
			end++;
	}
	months(g, t, top, bottom);
	if (t->today >= t->low && t->today <= t->high) {
		double x = at(t, t->today);

		svg_line(g, x, top - 2, x, bottom, 1.4, "5 3");
		svg_text(g, x, top - 6, 11, x > SVG_WIDTH - 40 ? SVG_END : SVG_MIDDLE,
		    arena_printf(g->r->arena, "%s", g->r->today));
	}
	for (i = first; i < end; i++) {
		bool fresh = i == first || !same_label(g, i, i - 1);

		if (new_group(g, i)) {
			svg_strong(g, 0, y + 15, SIZE, SVG_START, text_of(g, i, g->c->group));
			y += GROUP;
		}
		if (fresh) {
			lines_n = svg_wrap(g->r->arena, text_of(g, i, g->c->label), LABEL_W - 10, 11, 2, lines);
			svg_block(g, LABEL_W - 8, y + ROW / 2.0, 11, SVG_END, lines, lines_n);
			svg_hair(g, LABEL_W, y + ROW, SVG_WIDTH - 8, y + ROW);
		}
		event(g, t, i, y + ROW / 2.0);
		if (i + 1 == end || !same_label(g, i + 1, i))
			y += ROW;
	}
	svg_page(g, bottom + 22);
	return end;
}

bool
svg_timeline(struct svg *g)
{
	struct span t = {0};

	if (!span_of(g, &t))
		return false;
	for (size_t i = 0; i < rows_of(g);)
		i = page(g, &t, i);
	return true;
}
