/* Help and completion, from the command table. */
#include "cli/command.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"

static bool
first_of_group(const struct command *c)
{
	for (const struct command *x = commands; x != c; x++)
		if (x->group && strcmp(x->group, c->group) == 0)
			return false;
	return true;
}

static void
group(struct buf *out, const struct command *c)
{
	const char *name = c->group;

	buf_printf(out, "\n%s\n", _(name));
	for (const struct command *x = c; x->name; x++)
		if (x->group && strcmp(x->group, name) == 0)
			buf_printf(out, "  %-18s %s\n", x->name, _(x->summary));
}

void
help_overview(struct buf *out)
{
	buf_puts(out, _("akt: the unit's records, encrypted, signed, offline first\n\n"));
	buf_puts(out, _("use: akt [-C STORE] [--json] COMMAND ...   (akt COMMAND --help tells more)\n"));
	for (const struct command *c = commands; c->name; c++)
		if (c->group && first_of_group(c))
			group(out, c);
	buf_puts(out, _("\nAKT_STORE, AKT_IDENTITY, AKT_PASSPHRASE_FILE and AKT_LANG (sv, en) set the defaults.\n"));
}

void
help_use(struct buf *out, const struct command *c)
{
	struct buf call = {0};

	buf_printf(&call, "%s%s%s", c->name, *c->args ? " " : "", c->args);
	buf_printf(out, _("use: akt %s"), buf_str(&call));
	buf_free(&call);
}

void
help_command(struct buf *out, const struct command *c)
{
	help_use(out, c);
	buf_printf(out, "\n\n%s.\n", _(c->summary));
	if (c->options && c->options->name)
		buf_putc(out, '\n');
	for (const struct option_spec *o = c->options; o && o->name; o++) {
		struct buf left = {0};

		buf_printf(&left, "%s%s%s%s", o->name[1] ? "--" : "-", o->name, o->arg ? " " : "",
		    o->arg ? o->arg : "");
		buf_printf(out, "  %-24s %s\n", buf_str(&left), _(o->help));
		buf_free(&left);
	}
	buf_printf(out, "  %-24s %s\n", "--json", _("one JSON document on standard output"));
}
