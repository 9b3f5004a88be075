/* A report as one HTML file: tables and charts, on the screen and on A4. */
#include "report/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "report/html_style.h"
#include "report/plain.h"
#include "report/result.h"
#include "report/svg.h"
#include "tree/yaml_text.h"

void
html_text(struct buf *out, const char *s)
{
	const char *end = s + strlen(s);

	while (s < end) {
		const char *from = s;
		int32_t c = yaml_text_next(&s, end);

		if (c == '&')
			buf_puts(out, "&amp;");
		else if (c == '<')
			buf_puts(out, "&lt;");
		else if (c == '>')
			buf_puts(out, "&gt;");
		else if (c == '"')
			buf_puts(out, "&quot;");
		else if (c == '\'')
			buf_puts(out, "&#39;");
		else if (c < 0 || (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) ||
		    (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0xfffe || c == 0xffff)
			buf_puts(out, "\uFFFD"); /* what turns the direction of text round, too */
		else
			buf_add(out, from, (size_t)(s - from));
	}
}

void
html_raw(struct buf *out, const char *markup)
{
	buf_puts(out, markup);
}

void
html_rawf(struct buf *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(out, fmt, ap);
	va_end(ap);
}

static void
element(struct buf *out, const char *open, const char *text, const char *close)
{
	if (!*text)
		return;
	html_raw(out, open);
	html_text(out, text);
	html_raw(out, close);
}

enum { SHORT = 14 }; /* rows of a table that is not parted by the end of a page */

/* --- tables ------------------------------------------------------------------------------ */

static const char *
class_of(const struct spec_column *c)
{
	if (c->kind == COL_COUNT || c->kind == COL_NUM || c->kind == COL_PERCENT || c->kind == COL_INT)
		return "num";
	if (c->kind == COL_DATE)
		return "date";
	if (c->kind == COL_ID)
		return "id";
	return c->wide ? "wide" : "";
}

/* A word that may have to be broken, or its column would push the others off the paper. */
static bool
is_long(const char *s)
{
	enum { LONGEST = 17 };
	size_t n = 0;

	for (; *s; s++) {
		n = strchr(" -/\n", *s) ? 0 : n + (((unsigned char)*s & 0xC0) != 0x80);
		if (n > LONGEST)
			return true;
	}
	return false;
}

/* An opening tag, but for its end. */
static void
open_cell(struct buf *out, const char *tag, const char *scope, const struct spec_column *c, const char *text)
{
	/* an id is broken at its hyphen */
	const char *name = class_of(c), *more = c->kind != COL_ID && is_long(text) ? "long" : "";

	html_rawf(out, "<%s%s", tag, scope);
	if (*name || *more)
		html_rawf(out, " class=\"%s%s%s\"", name, *name && *more ? " " : "", more);
	html_raw(out, ">");
}

/* A sign before the word: a ring, a triangle, a cross; its form tells, the colour helps. */
static void
level(struct buf *out, enum spec_level l)
{
	static const char *const shapes[] = {
		[LEVEL_GOOD] = "<circle cx=\"5\" cy=\"5\" r=\"4.5\" fill=\"#00664a\"/>",
		[LEVEL_WARN] = "<path d=\"M5 .5L9.8 9.5H.2Z\" fill=\"#8f4300\"/>",
		[LEVEL_BAD] = "<path d=\"M1 1L9 9M1 9L9 1\" stroke=\"#a3180f\" stroke-width=\"2.6\"/>",
	};

	if (l == LEVEL_NONE)
		return;
	html_raw(out, "<svg class=\"level\" viewBox=\"0 0 10 10\" aria-hidden=\"true\" focusable=\"false\">");
	html_raw(out, shapes[l]);
	html_raw(out, "</svg>");
}

static void
cell(struct buf *out, const struct spec_column *c, const struct cell *x, bool heading)
{
	open_cell(out, heading ? "th" : "td", heading ? " scope=\"row\"" : "", c, x->text);
	if (x->level)
		html_raw(out, "<span class=\"lv\">");
	level(out, x->level);
	if (!*x->text)
		html_raw(out, x->level ? "–" : "");
	else if (x->state != CELL_SHOWN)
		element(out, "<span class=\"dim\">", x->text, "</span>");
	else
		html_text(out, x->text);
	html_raw(out, x->level ? "</span>" : "");
	html_raw(out, heading ? "</th>" : "</td>");
}

static size_t
shown_columns(const struct result *r, const struct result_section *s)
{
	size_t n = 0;

	for (size_t c = 0; c < s->spec->ncolumns; c++)
		n += result_shows(r, s, c) && (int)c != s->spec->group;
	return n;
}

static void
row(struct buf *out, const struct result *r, const struct result_section *s, size_t i)
{
	bool first = true;

	html_raw(out, "<tr>");
	for (size_t c = 0; c < s->spec->ncolumns; c++) {
		if (!result_shows(r, s, c) || (int)c == s->spec->group)
			continue;
		cell(out, &s->spec->columns[c], result_cell(s, i, c), first);
		first = false;
	}
	html_raw(out, "</tr>\n");
}

static void
group_row(struct buf *out, const struct result *r, const struct result_section *s, size_t i)
{
	const char *text;

	if (s->spec->group < 0 || !result_shows(r, s, (size_t)s->spec->group))
		return;
	text = result_cell(s, i, (size_t)s->spec->group)->text;
	if (i && strcmp(text, result_cell(s, i - 1, (size_t)s->spec->group)->text) == 0)
		return;
	if (i)
		html_raw(out, "</tbody><tbody>\n");
	html_rawf(out, "<tr class=\"head\"><th class=\"rowgroup\" scope=\"rowgroup\" colspan=\"%zu\">", shown_columns(r, s));
	html_text(out, *text ? text : "–");
	html_raw(out, "</th></tr>\n");
}

static void
table(struct buf *out, const struct result *r, const struct result_section *s)
{
	const struct spec_section *spec = s->spec;
	size_t rows = s->nrows - s->has_total;

	html_rawf(out, "<div class=\"scroll%s\" role=\"region\" tabindex=\"0\" aria-labelledby=\"%s-h\"><table>"
	    "<caption>", s->nrows <= SHORT ? " short" : "", spec->id);
	html_text(out, spec_text(&spec->title, r->lang));
	html_raw(out, "</caption>\n<thead><tr>");
	for (size_t c = 0; c < spec->ncolumns; c++)
		if (result_shows(r, s, c) && (int)c != spec->group) {
			const char *label = result_label(r, &spec->columns[c]);

			open_cell(out, "th", " scope=\"col\"", &spec->columns[c], label);
			html_text(out, label);
			html_raw(out, "</th>");
		}
	html_raw(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < rows; i++) {
		group_row(out, r, s, i);
		row(out, r, s, i);
	}
	html_raw(out, "</tbody>\n");
	if (s->has_total) {
		html_raw(out, "<tfoot>");
		row(out, r, s, rows);
		html_raw(out, "</tfoot>\n");
	}
	html_raw(out, "</table></div>\n");
}

/* --- sections ------------------------------------------------------------------------------ */

static void
charts(struct buf *out, const struct result *r, const struct result_section *s)
{
	const char *title = spec_text(&s->spec->title, r->lang);

	for (size_t i = 0; i < s->spec->ncharts; i++) {
		const char *id = arena_printf(r->arena, "%s-g%zu", s->spec->id, i);
		struct buf svg = {0};

		if (svg_chart(&svg, r, s, &s->spec->charts[i], id,
		        arena_printf(r->arena, _("Chart: %s. The table below has the same figures."), title))) {
			html_raw(out, "<figure>\n");
			html_raw(out, buf_str(&svg));
			html_raw(out, "</figure>\n");
		}
		buf_free(&svg);
	}
}

/* Of many columns, long texts twice: the page lies, of more the type is smaller. */
static const char *
section_class(const struct result *r, const struct result_section *s)
{
	enum { BROAD = 9, CROWDED = 12 };
	size_t width = 0;

	for (size_t c = 0; c < s->spec->ncolumns; c++)
		if (result_shows(r, s, c) && (int)c != s->spec->group)
			width += s->spec->columns[c].wide ? 2 : 1;
	if (facts_empty(r, s) || width <= BROAD)
		return "";
	return width <= CROWDED ? " class=\"broad\"" : " class=\"broad crowded\"";
}

static void
section(struct buf *out, const struct result *r, const struct result_section *s)
{
	const char *empty = facts_empty(r, s), *note = facts_note(r, s);

	html_rawf(out, "<section%s>\n<h2 id=\"%s-h\">", section_class(r, s), s->spec->id);
	html_text(out, spec_text(&s->spec->title, r->lang));
	html_raw(out, "</h2>\n");
	element(out, "<p class=\"text\">", result_text(r, s), "</p>\n");
	if (empty) {
		element(out, "<p>", empty, "</p>\n");
	} else {
		charts(out, r, s);
		table(out, r, s);
		element(out, "<p class=\"n\">", result_n(r, s), "</p>\n");
		if (note)
			element(out, "<p class=\"n\">", note, "</p>\n");
	}
	html_raw(out, "</section>\n");
}

void
html_write(struct buf *out, const struct result *r)
{
	const char *title = spec_text(&r->spec->title, r->lang), *what, *text;

	html_rawf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
	    strcmp(r->lang, "sv") == 0 ? "sv" : "en");
	html_raw(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<title>");
	html_text(out, title);
	html_raw(out, "</title>\n<style>\n");
	html_raw(out, html_style);
	html_raw(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
	html_text(out, title);
	html_raw(out, "</h1>\n");
	element(out, "<p>", spec_text(&r->spec->help, r->lang), "</p>\n");
	html_raw(out, "<dl class=\"facts\">\n");
	for (size_t i = 0; facts_each(r, i, &what, &text); i++) {
		element(out, "<div><dt>", what, "</dt>");
		element(out, "<dd>", *text ? text : "–", "</dd></div>\n");
	}
	html_raw(out, "</dl>\n</header>\n<main>\n");
	if (r->text)
		element(out, "<p class=\"text\">", r->text, "</p>\n");
	for (size_t i = 0; i < r->nsections; i++)
		section(out, r, &r->sections[i]);
	/* on the page of the last section, not on one of its own that stands the other way */
	html_rawf(out, "</main>\n<footer%s>", r->nsections && *section_class(r, &r->sections[r->nsections - 1]) ? " class=\"broad\"" : "");
	html_text(out, r->outside ? _("Made by Akt for use outside the unit.") : _("Made by Akt. For use inside the unit."));
	html_raw(out, "</footer>\n</body>\n</html>\n");
}
