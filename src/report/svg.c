/* The pen: text with its width, patterns, marks, pages. */
#include "report/svg.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "report/html.h"
#include "report/result.h"

/* Bound from above for Arial, Liberation Sans and DejaVu Sans. */
double
svg_width(const char *s, double size)
{
	double w = 0;

	for (; *s; s++) {
		if (((unsigned char)*s & 0xc0) == 0x80)
			continue;
		if (strchr("ijl|.,:;'!", *s))
			w += 0.34;
		else if (strchr("frt()[]{}-/ ", *s))
			w += 0.42;
		else if (strchr("mwMW@%", *s))
			w += 0.98;
		else if (*s >= 'A' && *s <= 'Z')
			w += 0.74;
		else
			w += 0.62;
	}
	return w * size;
}

static size_t
clip(const char *s, double width, double size)
{
	struct buf b = {0};
	size_t n = 0;

	while (s[n]) {
		size_t k = 1;

		while (((unsigned char)s[n + k] & 0xc0) == 0x80)
			k++;
		buf_add(&b, s + n, k);
		if (n && svg_width(buf_str(&b), size) > width)
			break;
		n += k;
	}
	buf_free(&b);
	return n;
}

size_t
svg_wrap(struct arena *a, const char *s, double width, double size, size_t max, const char **lines)
{
	size_t n = 0;

	for (s += strspn(s, " \n"); *s && n < max; n++) {
		size_t fits = clip(s, width, size), cut = fits;
		bool last = n + 1 == max && s[fits];

		if (last) {
			cut = clip(s, width - svg_width("m", size), size);
			lines[n] = arena_printf(a, "%.*s…", (int)cut, s);
		} else {
			/* at the last blank, or behind a hyphen or slash, that fits; else within the word */
			for (size_t i = fits; s[fits] && i > 1; i--)
				if (s[i] == ' ' || s[i] == '\n' || s[i - 1] == '-' || s[i - 1] == '/') {
					cut = i;
					break;
				}
			lines[n] = arena_strndup(a, s, cut);
		}
		s += cut;
		s += strspn(s, " \n");
	}
	return n;
}

double
svg_step(double max, int ticks)
{
	double step = 1;

	while (max / step > ticks) {
		double p = pow(10, floor(log10(step) + 1e-9)), lead = round(step / p);

		step = p * (lead < 2 ? 2 : lead < 5 ? 5 : 10);
	}
	return step;
}

static void
text(struct svg *g, double x, double y, double size, enum svg_anchor anchor, const char *s,
    const char *extra)
{
	static const char *const anchors[] = {"start", "middle", "end"};

	html_rawf(&g->body, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" text-anchor=\"%s\"%s>", x, y, size,
	    anchors[anchor], extra);
	html_text(&g->body, s);
	html_raw(&g->body, "</text>");
}

void
svg_text(struct svg *g, double x, double y, double size, enum svg_anchor anchor, const char *s)
{
	text(g, x, y, size, anchor, s, "");
}

void
svg_strong(struct svg *g, double x, double y, double size, enum svg_anchor anchor, const char *s)
{
	/* it may stand on lines of the scale */
	text(g, x, y, size, anchor, s, " font-weight=\"bold\" paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"3\"");
}

void
svg_halo(struct svg *g, double x, double y, double size, enum svg_anchor anchor, const char *s)
{
	text(g, x, y, size, anchor, s, " paint-order=\"stroke\" stroke=\"#fff\" stroke-width=\"3\"");
}

void
svg_tag(struct svg *g, double x, double y, double size, const char *s)
{
	double w = svg_width(s, size) + 4;

	html_rawf(&g->body, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" fill=\"#fff\"/>",
	    x - w / 2, y - size * 0.62, w, size * 1.24);
	svg_text(g, x, y + size * 0.36, size, SVG_MIDDLE, s);
}

void
svg_rect(struct svg *g, double x, double y, double w, double h, size_t style)
{
	html_rawf(&g->body, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"url(#%s-p%zu)\" "
	    "stroke=\"#1b1b1b\" stroke-width=\"0.8\"/>", x, y, w, h, g->id, style % SVG_STYLES);
}

void
svg_hair(struct svg *g, double x1, double y1, double x2, double y2)
{
	html_rawf(&g->body, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#c9ccd1\" stroke-width=\"0.8\"/>", x1, y1,
	    x2, y2);
}

void
svg_line(struct svg *g, double x1, double y1, double x2, double y2, double width, const char *dash)
{
	html_rawf(&g->body, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#1b1b1b\" stroke-width=\"%g\"", x1, y1, x2,
	    y2, width);
	if (dash)
		html_rawf(&g->body, " stroke-dasharray=\"%s\"", dash);
	html_raw(&g->body, "/>");
}

void
svg_mark(struct svg *g, double x, double y, double size, int shape, bool filled)
{
	const char *fill = filled ? "#12407a" : "#fff";

	html_rawf(&g->body, "<g transform=\"translate(%.1f %.1f) scale(%g)\" fill=\"%s\" stroke=\"#1b1b1b\" "
	    "stroke-width=\"1.2\">", x, y, size / 10, fill);
	switch (shape) {
	case MARK_SQUARE:
		html_raw(&g->body, "<rect x=\"-4.4\" y=\"-4.4\" width=\"8.8\" height=\"8.8\"/>");
		break;
	case MARK_TRIANGLE:
		html_raw(&g->body, "<path d=\"M0 -5.4L5.4 4.4L-5.4 4.4Z\"/>");
		break;
	case MARK_DIAMOND:
		html_raw(&g->body, "<path d=\"M0 -6L6 0L0 6L-6 0Z\"/>");
		break;
	case MARK_CROSS:
		html_raw(&g->body, "<path d=\"M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5\" stroke=\"#a3180f\" stroke-width=\"2.6\"/>");
		break;
	default:
		html_raw(&g->body, "<circle r=\"4.8\"/>");
	}
	html_raw(&g->body, "</g>");
}

void
svg_block(struct svg *g, double x, double y, double size, enum svg_anchor anchor,
    const char *const *lines, size_t n)
{
	double step = size * 1.2;

	for (size_t i = 0; i < n; i++)
		svg_text(g, x, y + size * 0.36 + ((double)i - ((double)n - 1) / 2) * step, size, anchor, lines[i]);
}

/* --- patterns ---------------------------------------------------------------------------- */

/* Told apart in grey: by darkness first, by the way of the lines next. */
static const char *const patterns[SVG_STYLES] = {
	"<rect width=\"8\" height=\"8\" fill=\"#12407a\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#fde3c4\"/><path d=\"M-2 2L2 -2M0 8L8 0M6 10L10 6\" stroke=\"#8f4300\" stroke-width=\"1.8\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#fff\"/><circle cx=\"2\" cy=\"2\" r=\"1.5\" fill=\"#00664a\"/><circle cx=\"6\" cy=\"6\" r=\"1.5\" fill=\"#00664a\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#fff\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#f3dcec\"/><path d=\"M0 2H8M0 6H8\" stroke=\"#7a1f5c\" stroke-width=\"1.6\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#9aa3ad\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#fff7c7\"/><path d=\"M0 0L8 8M0 8L8 0\" stroke=\"#5c4a00\" stroke-width=\"1.2\"/>",
	"<rect width=\"8\" height=\"8\" fill=\"#dfeefc\"/><path d=\"M2 0V8M6 0V8\" stroke=\"#1f5d99\" stroke-width=\"1.4\"/>",
};

void
svg_page(struct svg *g, double height)
{
	html_rawf(g->out, "<svg role=\"img\" aria-labelledby=\"%s-%dt\" viewBox=\"0 0 %d %.0f\" preserveAspectRatio=\"xMinYMin\">", g->id,
	    g->pages, SVG_WIDTH, height);
	html_rawf(g->out, "<title id=\"%s-%dt\">", g->id, g->pages);
	html_text(g->out, g->title);
	html_raw(g->out, "</title>");
	/* ids hold for the whole file: the first page of a chart has them for all */
	if (g->pages == 0) {
		html_raw(g->out, "<defs>");
		for (int i = 0; i < SVG_STYLES; i++) {
			html_rawf(g->out, "<pattern id=\"%s-p%d\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">",
			    g->id, i);
			html_raw(g->out, patterns[i]);
			html_raw(g->out, "</pattern>");
		}
		html_raw(g->out, "</defs>");
	}
	html_raw(g->out, buf_str(&g->body));
	html_raw(g->out, "</svg>\n");
	buf_reset(&g->body);
	g->pages++;
}

double
svg_legend(struct svg *g, double y)
{
	double x = 0, top = y;

	for (size_t i = 0; i < g->c->nseries; i++) {
		const char *label = result_label(g->r, &g->s->spec->columns[g->c->series[i]]);
		double w = 22 + svg_width(label, 12) + 16;

		if (x > 0 && x + w > SVG_WIDTH) {
			x = 0;
			y += 20;
		}
		svg_rect(g, x + 0.5, y + 2, 16, 12, i);
		svg_text(g, x + 22, y + 12.5, 12, SVG_START, label);
		x += w;
	}
	return y - top + 24;
}

/* Whether it would draw what is not shown outside: who somebody is. */
static bool
tells_who(const struct result *r, const struct result_section *s, const struct spec_chart *c)
{
	const int columns[] = {c->label, c->group, c->x, c->y, c->n, c->from, c->to, c->mark, c->limit_at};
	bool who = false;

	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		who |= columns[i] >= 0 && s->spec->columns[columns[i]].inside;
	for (size_t i = 0; i < c->nseries; i++)
		who |= s->spec->columns[c->series[i]].inside;
	return r->outside && who;
}

bool
svg_chart(struct buf *out, const struct result *r, const struct result_section *s,
    const struct spec_chart *c, const char *id, const char *title)
{
	static bool (*const draw[])(struct svg *) = {
		[CHART_BARS] = svg_bars, [CHART_STACKED] = svg_bars, [CHART_HISTOGRAM] = svg_histogram,
		[CHART_DUMBBELL] = svg_dumbbell, [CHART_LINES] = svg_lines, [CHART_HEAT] = svg_heat,
		[CHART_TIMELINE] = svg_timeline,
	};
	struct svg g = {.out = out, .r = r, .s = s, .c = c, .id = id, .title = title};
	bool drawn = s->nrows > 0 && !tells_who(r, s, c) && draw[c->kind](&g);

	buf_free(&g.body);
	return drawn;
}
