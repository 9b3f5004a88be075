/** Charts as SVG. Told apart without colour: by pattern, mark, dash and label; sizes in units of which 720
 * are the width of a page's text. */
#ifndef AKT_REPORT_SVG_H
#define AKT_REPORT_SVG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct arena;
struct result;
struct result_section;
struct spec_chart;

enum { SVG_WIDTH = 720, SVG_STYLES = 8, SVG_ROWS = 28 };

/** Appends the chart as one or more <svg>, each no taller than a page. `id` begins every id in it; `title` is
 * its name for those who do not see it. False when there is nothing to draw. */
bool svg_chart(struct buf *out, const struct result *r, const struct result_section *s,
    const struct spec_chart *c, const char *id, const char *title);

/* --- for svg_*.c --- */

struct svg {
	struct buf *out;
	const struct result *r;
	const struct result_section *s;
	const struct spec_chart *c;
	const char *id, *title;
	int pages;       /* <svg>s written */
	struct buf body; /* of the one being drawn */
};

/** Begins nothing: draws into `body`; svg_page wraps what was drawn, of that height, and empties it. */
void svg_page(struct svg *g, double height);

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };
void svg_text(struct svg *g, double x, double y, double size, enum svg_anchor anchor,
    const char *text);
/** As svg_text, in bold. */
void svg_strong(struct svg *g, double x, double y, double size, enum svg_anchor anchor,
    const char *text);
/** With a white rim, to be read across lines. */
void svg_halo(struct svg *g, double x, double y, double size, enum svg_anchor anchor,
    const char *text);
/** A text on a white ground, centred: legible on any pattern. */
void svg_tag(struct svg *g, double x, double y, double size, const char *text);
void svg_rect(struct svg *g, double x, double y, double w, double h, size_t style);
/** Hair for grids, else a line; `dash` NULL = whole. */
void svg_hair(struct svg *g, double x1, double y1, double x2, double y2);
void svg_line(struct svg *g, double x1, double y1, double x2, double y2, double width,
    const char *dash);
/** Shapes of marks, filled or hollow: spec_mark.shape. */
void svg_mark(struct svg *g, double x, double y, double size, int shape, bool filled);

/** Widest it can be in the fonts that are asked for. */
double svg_width(const char *s, double size);
/** Breaks at blanks, the last line cut with "…"; returns how many lines, in the arena. */
size_t svg_wrap(struct arena *a, const char *s, double width, double size, size_t max,
    const char **lines);
/** Lines under each other, the block's middle at y. */
void svg_block(struct svg *g, double x, double y, double size, enum svg_anchor anchor,
    const char *const *lines, size_t n);
/** A step of 1, 2 or 5 times a power of ten that gives at most `ticks` of them up to max. */
double svg_step(double max, int ticks);
/** Legend of the series in their styles from y; returns the height. */
double svg_legend(struct svg *g, double y);

/** svg_bars.c, svg_points.c, svg_timeline.c */
bool svg_bars(struct svg *g);
bool svg_histogram(struct svg *g);
bool svg_dumbbell(struct svg *g);
bool svg_lines(struct svg *g);
bool svg_heat(struct svg *g);
bool svg_timeline(struct svg *g);

#endif
