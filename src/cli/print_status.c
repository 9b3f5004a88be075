/* Where one stands, and what to do next. */
#include "cli/print.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"

static void
sync_reason(struct buf *out, const struct node *x)
{
	long n = (long)node_get(x, "commits")->i;

	buf_printf(out, ngettext("%ld change has not been sent to %s yet. Sync:", "%ld changes have not been sent to %s yet. Sync:",
	    (unsigned long)n), n, node_get_str(x, "remote"));
}

static void
conflicts_reason(struct buf *out, const struct node *x)
{
	long n = (long)node_get(x, "records")->i;

	buf_printf(out, ngettext("In %ld record two people wrote different things. Choose:",
	    "In %ld records two people wrote different things. Choose:", (unsigned long)n), n);
}

static void
todo_reason(struct buf *out, const struct node *x)
{
	long n = (long)node_get(x, "open")->i, late = (long)node_get(x, "overdue")->i;

	buf_printf(out, ngettext("%ld thing is yours to do (late: %ld):", "%ld things are yours to do (late: %ld):",
	    (unsigned long)n), n, late);
}

static void
reason(struct buf *out, const struct node *x)
{
	static const struct {
		const char *what, *text;
	} all[] = {
		{"identity", N_("This device has no identity yet. Make one, and send the card to an admin of the unit:")},
		{"join", N_("The unit has a store: get it from the hub, once the admin has added your card (akt id show):")},
		{"init", N_("You are the first: make the unit's store, in a folder that is not there yet:")},
		{"copy", N_("You have a copy to look at, made with git clone: verify it, without any key:")},
		{"unlock", N_("The identity is locked. Open it for a while with its passphrase:")},
		{"card", N_("This device is no member here. Give its card to an admin, and sync when they have added it:")},
		{"revoked", N_("This device was shut out of the store. What it holds can be read, not sent. Ask an admin:")},
		{"draft", N_("Something you wrote was not saved. It is kept; go on with it:")},
		{"remote", N_("The store knows no hub, so it is on this machine alone. Make one with akt hub FOLDER, or name one:")},
		{"alone", N_("You are the only member. Let in the next one, by the card of their device:")},
	};
	const char *what = node_get_str(x, "what");

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(what, all[i].what) == 0)
			buf_puts(out, _(all[i].text));
	if (strcmp(what, "sync") == 0)
		sync_reason(out, x);
	else if (strcmp(what, "conflicts") == 0)
		conflicts_reason(out, x);
	else if (strcmp(what, "todo") == 0)
		todo_reason(out, x);
}

void
print_status(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *store = node_get(r, "store"), *next = node_get(r, "next"),
	                  *id = node_get(r, "identity");
	const char *who = node_get_str(id, "id");

	if (store)
		buf_printf(out, _("store: %s (%s)\n"), node_get_str(store, "name"), node_get_str(store, "path"));
	else if (node_get(r, "missing"))
		buf_printf(out, _("There is no store at %s.\n"), node_get_str(r, "missing"));
	else
		buf_puts(out, _("There is no store here.\n"));
	if (who)
		buf_printf(out, _("you: %s\n"), who);
	for (size_t i = 0; i < next->n; i++) {
		buf_putc(out, '\n');
		reason(out, next->seq[i]);
		buf_printf(out, "\n    %s%s%s\n", style(c, BOLD), node_get_str(next->seq[i], "command"),
		    style(c, PLAIN));
	}
	if (!next->n)
		buf_puts(out, _("\nNothing waits to be sent or saved. What is to be done:\n    akt todo --mine\n"));
	buf_puts(out, _("\nAll commands: akt --help\n"));
}
