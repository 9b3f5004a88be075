/* search and sql as text: rows under each other, and how much of the store they speak of. */
#include "cli/print.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"

#include <stdlib.h>

enum { MAX_WIDTH = 60 };

static void
covers(struct cli *c, struct buf *out)
{
	buf_printf(out, _("covers %zu of %zu dossiers\n"), c->s.covered, c->s.dossiers);
}

/* Characters, of UTF-8. */
static size_t
width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void
pad(struct buf *out, size_t n)
{
	while (n--)
		buf_putc(out, ' ');
}

/* One line, nothing that a terminal would obey. */
static void
cell(struct buf *out, const struct node *v)
{
	struct buf b = {0};

	if (v->kind == NODE_STR)
		buf_add(&b, v->text, v->len);
	else if (v->kind != NODE_NULL)
		node_scalar_json(&b, v);
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < 0x20 || b.p[i] == 0x7f)
			b.p[i] = ' ';
	buf_add(out, buf_str(&b), b.n);
	buf_free(&b);
}

void
print_search(struct cli *c, struct buf *out, const struct node *r)
{
	size_t w = 8;

	for (size_t i = 0; i < r->n; i++)
		if (strlen(node_get_str(r->seq[i], "id")) > w)
			w = strlen(node_get_str(r->seq[i], "id"));
	for (size_t i = 0; i < r->n; i++) {
		const char *id = node_get_str(r->seq[i], "id");

		buf_puts(out, id);
		pad(out, w - strlen(id) + 2);
		cell(out, node_get(r->seq[i], "title"));
		buf_putc(out, '\n');
	}
	covers(c, out);
}

void
print_rows(struct buf *out, const struct node *r)
{
	size_t n = r->n ? r->seq[0]->n : 0, *w = xcalloc(n + 1, sizeof *w);
	struct buf one = {0};

	for (size_t k = 0; k < n; k++)
		w[k] = width(r->seq[0]->map[k].key);
	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < n; k++) {
			buf_reset(&one);
			cell(&one, r->seq[i]->map[k].value);
			if (width(buf_str(&one)) > w[k])
				w[k] = width(buf_str(&one)) < MAX_WIDTH ? width(buf_str(&one)) : MAX_WIDTH;
		}
	}
	/* row -1 is the heading */
	for (size_t i = 0; n && i <= r->n; i++) {
		for (size_t k = 0; k < n; k++) {
			buf_reset(&one);
			if (i == 0)
				buf_puts(&one, r->seq[0]->map[k].key);
			else
				cell(&one, r->seq[i - 1]->map[k].value);
			buf_add(out, buf_str(&one), one.n);
			if (k + 1 < n && width(buf_str(&one)) < w[k])
				pad(out, w[k] - width(buf_str(&one)));
			buf_puts(out, k + 1 < n ? "  " : "\n");
		}
	}
	buf_free(&one);
	free(w);
}

void
print_sql(struct cli *c, struct buf *out, const struct node *r)
{
	print_rows(out, r);
	covers(c, out);
}
