/* What is to be done, as text: what is late, what is now, what comes. */
#include "cli/print.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"

static const struct {
	const char *state, *heading;
} sections[] = {
	{"overdue", N_("Overdue")},
	{"now", N_("Now")},
	{"soon", N_("Soon")},
	{"history", N_("Before the unit went live")},
	{"acknowledged", N_("Acknowledged")},
	{"failed", N_("These rules do not work; what they look for is not shown")},
};

/* Nothing that a terminal would obey. */
static void
line(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
}

static void
one(struct buf *out, const struct node *o)
{
	const char *due = node_get_str(o, "due"), *record = node_get_str(o, "record"),
	           *next = node_get_str(o, "next"), *who = node_get_str(o, "who");

	buf_puts(out, "  ");
	if (due)
		buf_printf(out, "%s  ", due);
	buf_printf(out, "%s: ", record ? record : node_get_str(o, "rule"));
	line(out, node_get_str(o, "message"));
	buf_putc(out, '\n');
	if (record) {
		buf_printf(out, "              %s", node_get_str(o, "rule"));
		if (who) {
			buf_puts(out, ", ");
			line(out, who);
		}
		buf_puts(out, ". ");
		line(out, next ? next : "");
		while (out->n && (out->p[out->n - 1] == ' '))
			out->p[--out->n] = '\0';
		buf_putc(out, '\n');
	}
}

void
print_todo(struct cli *c, struct buf *out, const struct node *r)
{
	for (size_t k = 0; k < sizeof sections / sizeof *sections; k++) {
		size_t n = 0;

		for (size_t i = 0; i < r->n; i++)
			n += strcmp(node_get_str(r->seq[i], "state"), sections[k].state) == 0;
		if (!n)
			continue;
		buf_printf(out, "%s (%zu)\n", _(sections[k].heading), n);
		for (size_t i = 0; i < r->n; i++)
			if (strcmp(node_get_str(r->seq[i], "state"), sections[k].state) == 0)
				one(out, r->seq[i]);
		buf_putc(out, '\n');
	}
	if (!r->n)
		buf_puts(out, _("nothing to do\n"));
	buf_printf(out, _("covers %zu of %zu dossiers\n"), c->s.covered, c->s.dossiers);
}
