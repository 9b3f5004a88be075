/* Markdown: for the terminal and for pasting into other documents. */
#include "report/plain.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "report/result.h"

/* Text that stays text: markup characters escaped, one line. */
static void
inline_text(struct buf *out, const char *s)
{
	bool blank = false, start = true;

	for (; *s; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f) {
			blank = true;
			continue;
		}
		if (blank && !start)
			buf_putc(out, ' ');
		if (strchr("\\`*_[]<>|#~&", *s))
			buf_putc(out, '\\');
		buf_putc(out, *s);
		blank = start = false;
	}
}

static void
paragraph(struct buf *out, const char *s)
{
	if (!*s)
		return;
	inline_text(out, s);
	buf_puts(out, "\n\n");
}

static bool
right(const struct spec_column *c)
{
	return c->kind == COL_COUNT || c->kind == COL_NUM || c->kind == COL_PERCENT || c->kind == COL_INT;
}

static void
table(struct buf *out, const struct result *r, const struct result_section *s)
{
	const struct spec_section *spec = s->spec;

	buf_putc(out, '|');
	for (size_t c = 0; c < spec->ncolumns; c++)
		if (result_shows(r, s, c)) {
			buf_putc(out, ' ');
			inline_text(out, result_label(r, &spec->columns[c]));
			buf_puts(out, " |");
		}
	buf_puts(out, "\n|");
	for (size_t c = 0; c < spec->ncolumns; c++)
		if (result_shows(r, s, c))
			buf_puts(out, right(&spec->columns[c]) ? " ---: |" : " --- |");
	buf_putc(out, '\n');
	for (size_t i = 0; i < s->nrows; i++) {
		bool total = s->has_total && i == s->nrows - 1;

		buf_putc(out, '|');
		for (size_t c = 0; c < spec->ncolumns; c++) {
			const struct cell *x = result_cell(s, i, c);

			if (!result_shows(r, s, c))
				continue;
			buf_puts(out, total && *x->text ? " **" : " ");
			inline_text(out, x->text);
			buf_puts(out, total && *x->text ? "** |" : " |");
		}
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
}

void
markdown_write(struct buf *out, const struct result *r)
{
	const char *what, *text;

	buf_puts(out, "# ");
	inline_text(out, spec_text(&r->spec->title, r->lang));
	buf_puts(out, "\n\n");
	for (size_t i = 0; facts_each(r, i, &what, &text); i++) {
		buf_puts(out, "- ");
		inline_text(out, what);
		buf_puts(out, ": ");
		inline_text(out, text);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	paragraph(out, spec_text(&r->spec->help, r->lang));
	if (r->text)
		paragraph(out, r->text);
	for (size_t i = 0; i < r->nsections; i++) {
		const struct result_section *s = &r->sections[i];
		const char *empty = facts_empty(r, s), *note = facts_note(r, s);

		buf_puts(out, "## ");
		inline_text(out, spec_text(&s->spec->title, r->lang));
		buf_puts(out, "\n\n");
		paragraph(out, result_text(r, s));
		if (empty) {
			paragraph(out, empty);
			continue;
		}
		table(out, r, s);
		paragraph(out, result_n(r, s));
		if (note)
			paragraph(out, note);
	}
	/* one line break at the end */
	while (out->n > 1 && out->p[out->n - 1] == '\n' && out->p[out->n - 2] == '\n')
		out->p[--out->n] = '\0';
}
