/* Handing over, exposure and approvals as text. */
#include "cli/print.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"

void
print_handover(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *dossiers = node_get(r, "dossiers"), *records = node_get(r, "records"),
	                  *closed = node_get(r, "closed");

	(void)c;
	buf_printf(out, ngettext("%zu dossier: %s reads it now, and %s no longer\n",
	    "%zu dossiers: %s reads them now, and %s no longer\n", dossiers->n), dossiers->n,
	    node_get_str(r, "to"), node_get_str(r, "from"));
	if (closed->i)
		buf_printf(out, ngettext("%ld more is not yours to hand over: one who may open it must\n",
		    "%ld more are not yours to hand over: one who may open them must\n",
		    (unsigned long)closed->i), (long)closed->i);
	if (records->n)
		buf_puts(out, _("still named in these; change the field where somebody else is meant now:\n"));
	for (size_t i = 0; i < records->n; i++)
		buf_printf(out, "    %s  %s\n", node_get_str(records->seq[i], "record"),
		    node_get_str(records->seq[i], "field"));
}

void
print_exposure(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	for (size_t i = 0; i < r->n; i++) {
		const struct node *x = r->seq[i];
		const char *until = node_get_str(x, "until");

		buf_printf(out, ngettext("%s  %ld record, ", "%s  %ld records, ",
		    (unsigned long)node_get(x, "records")->i), node_get_str(x, "dossier"),
		    (long)node_get(x, "records")->i);
		if (until)
			buf_printf(out, _("nothing written from %s on\n"), until);
		else
			buf_puts(out, _("and what is written now\n"));
	}
	if (!r->n)
		buf_puts(out, _("nothing\n"));
}

const char *
approval_word(const struct node *approval)
{
	const char *state = node_get_str(approval, "state");

	if (strcmp(state, "approved") == 0)
		return _("approved");
	return strcmp(state, "returned") == 0 ? _("returned") : _("lapsed");
}

void
print_approval(struct buf *out, const struct node *approval)
{
	const char *state = node_get_str(approval, "state"), *by = node_get_str(approval, "by"),
	           *at = node_get_str(approval, "at");

	if (strcmp(state, "approved") == 0)
		buf_printf(out, _("approved by %s, %s\n"), by, at);
	else if (strcmp(state, "returned") == 0)
		buf_printf(out, _("returned by %s, %s\n"), by, at);
	else if (strcmp(node_get_str(approval, "decision"), "approved") == 0)
		buf_printf(out, _("changed since: the approval by %s, %s, has lapsed\n"), by, at);
	else
		buf_printf(out, _("changed since %s returned it, %s\n"), by, at);
}
