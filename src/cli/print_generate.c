/* What a generator made, or would make. */
#include "cli/print.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"

/* One word of a shell. */
static void
word(struct buf *out, const char *s)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=";

	if (*s && !s[strspn(s, plain)]) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '\'');
	for (; *s; s++)
		buf_puts(out, *s == '\'' ? "'\\''" : (char[]){*s, '\0'});
	buf_putc(out, '\'');
}

static void
command(struct buf *out, const struct node *r)
{
	const struct node *params = node_get(r, "params");

	buf_printf(out, _("nothing is changed. To make exactly this: akt generate %s"),
	    node_get_str(r, "generator"));
	for (size_t i = 0; i < params->n; i++) {
		buf_printf(out, " --param %s=", params->map[i].key);
		word(out, params->map[i].value->text);
	}
	buf_putc(out, '\n');
}

void
print_generate(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *rows = node_get(r, "rows"), *grants = node_get(r, "grants");
	const char *type = node_get_str(r, "type"), *updated = node_get_str(r, "updated");
	bool dry = node_get(r, "dry_run")->b;

	print_rows(out, rows);
	if (!rows->n)
		buf_puts(out, _("nothing to make\n"));
	else if (type && dry)
		buf_printf(out, ngettext("%zu record would be made: %s\n", "%zu records would be made: %s\n",
		    rows->n), rows->n, type);
	else if (type)
		buf_printf(out, ngettext("%zu record made: %s\n", "%zu records made: %s\n", rows->n), rows->n,
		    type);
	if (rows->n && updated && dry)
		buf_printf(out, _("%s would be changed\n"), updated);
	else if (rows->n && updated)
		buf_printf(out, _("%s changed\n"), updated);
	if (grants->n && dry)
		buf_printf(out, ngettext("%zu dossier would be opened to somebody for a time\n",
		    "%zu dossiers would be opened to somebody for a time\n", grants->n), grants->n);
	else if (grants->n)
		buf_printf(out, ngettext("%zu dossier opened to somebody for a time\n",
		    "%zu dossiers opened to somebody for a time\n", grants->n), grants->n);
	if (c->s.covered < c->s.dossiers)
		buf_printf(out, ngettext("omits %zu of %zu dossiers, which you do not read\n",
		    "omits %zu of %zu dossiers, which you do not read\n", c->s.dossiers - c->s.covered),
		    c->s.dossiers - c->s.covered, c->s.dossiers);
	else
		buf_printf(out, _("covers %zu of %zu dossiers\n"), c->s.covered, c->s.dossiers);
	if (dry && rows->n)
		command(out, r);
}
