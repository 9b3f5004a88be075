/* RFC 4180. */
#include "report/plain.h"

#include <string.h>

#include "base/buf.h"
#include "report/result.h"
#include "tree/node.h"

static void
field(struct buf *out, const char *s)
{
	if (!s[strcspn(s, ",\"\r\n")]) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"')
			buf_putc(out, '"');
		buf_putc(out, *s);
	}
	buf_putc(out, '"');
}

/* A spreadsheet runs a cell that begins like this, whoever wrote it. Where it parts cells by semicolons or tabs, as it
 * does in Swedish, quotes do not hold a text together, and a cell begins behind each of these. */
static void
text_field(struct buf *out, const char *s)
{
	struct buf guarded = {0};
	bool begins = true;

	for (size_t i = 0; s[i]; i++) {
		if (begins && strchr(i ? "=+-@" : "=+-@\t\r\n", s[i]))
			buf_putc(&guarded, '\'');
		buf_putc(&guarded, s[i]);
		begins = strchr(";\t\r\n", s[i]) || (begins && s[i] == '"');
	}
	field(out, buf_str(&guarded));
	buf_free(&guarded);
}

static void
cell(struct buf *out, const struct cell *x)
{
	struct buf b = {0};

	if (x->state == CELL_SHOWN && x->value &&
	    (x->value->kind == NODE_INT || x->value->kind == NODE_REAL)) {
		node_scalar_json(&b, x->value);
		buf_puts(out, buf_str(&b));
		buf_free(&b);
	} else {
		text_field(out, x->text);
	}
}

void
csv_write(struct buf *out, const struct result *r, size_t section)
{
	const struct result_section *s = &r->sections[section];
	const struct spec_section *spec = s->spec;
	bool first = true;

	for (size_t c = 0; c < spec->ncolumns; c++)
		if (result_shows(r, s, c)) {
			buf_puts(out, first ? "" : ",");
			text_field(out, result_label(r, &spec->columns[c]));
			first = false;
		}
	buf_puts(out, "\r\n");
	/* sums are for reading; who computes has the rows */
	for (size_t i = 0; i < s->nrows - s->has_total; i++) {
		first = true;
		for (size_t c = 0; c < spec->ncolumns; c++)
			if (result_shows(r, s, c)) {
				buf_puts(out, first ? "" : ",");
				if (spec->columns[c].kind == COL_BOOL)
					text_field(out, result_cell(s, i, c)->text);
				else
					cell(out, result_cell(s, i, c));
				first = false;
			}
		buf_puts(out, "\r\n");
	}
}
