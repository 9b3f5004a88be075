/* report: its options, and what it shows. */
#include "cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "cli/args.h"
#include "cli/print.h"
#include "tree/node.h"

int
cmd_report(struct cli *c, struct node **out, struct err *e)
{
	static const char *const formats[] = {"html", "md", "csv", "json"};
	const char *format = cli_option(c, "format");
	struct report_options o = {
		.format = c->json ? REPORT_TREE : REPORT_MD, .file = cli_option(c, "o"),
		.today = cli_option(c, "today"), .section = cli_option(c, "section"),
		.outside = cli_flag(c, "outside"), .live = cli_flag(c, "live"), .freeze = cli_flag(c, "freeze"),
	};
	struct assignment *params = NULL;
	bool known = !format;
	int rc;

	if (!c->nargs)
		return app_report_list(&c->s, out, e);
	for (size_t i = 0; format && i < sizeof formats / sizeof *formats; i++)
		if (strcmp(format, formats[i]) == 0) {
			o.format = REPORT_HTML + (enum report_format)i;
			known = true;
		}
	if (!known)
		return err_set(e, ERR_USAGE, _("--format is html, md, csv or json"));
	/* one document on standard output is what both ask for */
	if (o.format == REPORT_JSON && !o.file)
		o.format = c->json ? REPORT_TREE : REPORT_JSON;
	if (o.file && o.format == REPORT_TREE)
		o.format = REPORT_JSON;
	rc = args_params(c, &params, &o.nparams, e);
	o.params = params;
	if (!rc)
		rc = app_report(&c->s, out, c->args[0], &o, e);
	free(params);
	return rc;
}

void
print_report(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *beside = node_get(r, "notes");
	const char *text = node_get_str(r, "text"), *file = node_get_str(r, "file"),
	           *id = node_get_str(r, "id"), *folder = node_get_str(r, "folder");
	size_t width = 0;

	(void)c;
	/* a table for another program has no room for it, and who made it is to know */
	for (size_t i = 0; beside && i < beside->n; i++)
		fprintf(stderr, "%s\n", beside->seq[i]->text);
	for (size_t i = 0; r->kind == NODE_SEQ && i < r->n; i++)
		if (strlen(node_get_str(r->seq[i], "name")) > width)
			width = strlen(node_get_str(r->seq[i], "name"));
	for (size_t i = 0; r->kind == NODE_SEQ && i < r->n; i++)
		buf_printf(out, "%-*s  %s\n", (int)width, node_get_str(r->seq[i], "name"),
		    node_get_str(r->seq[i], "title"));
	if (r->kind == NODE_SEQ && !r->n)
		buf_puts(out, _("the store has no reports; akt schema put DIR puts those of DIR/reports in force\n"));
	if (text)
		buf_puts(out, text);
	else if (file)
		buf_printf(out, _("written to %s, in the clear\n"), file);
	else if (folder)
		buf_printf(out, _("written to %s, in the clear\n"), folder);
	else if (id)
		buf_printf(out, "%s\n", id);
}
