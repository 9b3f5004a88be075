/* erase and reads as text. */
#include "cli/print.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"

static void
print_unreached(struct buf *out, const struct node *devices, const struct node *hubs)
{
	if ((devices && devices->n) || (hubs && hubs->n))
		buf_puts(out, _("not reached yet:\n"));
	for (size_t i = 0; devices && i < devices->n; i++) {
		const char *id = node_get_str(devices->seq[i], "id"),
		           *seen = node_get_str(devices->seq[i], "seen");

		if (seen)
			buf_printf(out, _("    %s, which last synced at %s: at its next sync\n"), id, seen);
		else
			buf_printf(out, _("    %s, which has never synced: at its first sync\n"), id);
	}
	for (size_t i = 0; hubs && i < hubs->n; i++) {
		const struct node *folder = node_get(hubs->seq[i], "folder");
		const char *name = node_get_str(hubs->seq[i], "name");

		if (folder && folder->b)
			buf_printf(out, _("    hub %s: at the next sync with it\n"), name);
		else
			buf_printf(out, _("    hub %s: at the next sync with it, if Akt's hooks are installed there; "
				"otherwise its keeper must see to it\n"), name);
	}
	buf_puts(out, _("out of reach: backups, copies and exports made before, and machines that never sync "
		"again; whoever keeps them must delete them\n"));
}

void
print_erase(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *final = node_get(r, "final"), *parts = node_get(r, "parts");
	const char *dossier = node_get_str(r, "dossier"), *basis = node_get_str(r, "basis");

	(void)c;
	if (final && final->b)
		buf_printf(out, _("dossier %s is erased (%s): its records have left the store, and their keys this "
			"machine\n"), dossier, basis);
	else
		buf_printf(out, _("the erasure of dossier %s is ordered (%s); another administrator or supervisor who "
			"may open it confirms it with: akt erase %s --confirm\n"), dossier, basis, dossier);
	for (size_t i = 0; parts && i < parts->n; i++)
		buf_printf(out, _("a part of it stands beside it and is erased by itself: akt erase %s --basis %s\n"),
		    parts->seq[i]->text, basis);
	if (final && final->b)
		print_unreached(out, node_get(r, "devices"), node_get(r, "hubs"));
}

void
print_reads(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	for (size_t i = 0; i < r->n; i++) {
		const struct node *x = r->seq[i], *hits = node_get(x, "hits");
		const char *record = node_get_str(x, "record"), *query = node_get_str(x, "query");

		buf_printf(out, "%s  %-24s %-8s %s", node_get_str(x, "at"), node_get_str(x, "device"),
		    node_get_str(x, "what"), record ? record : query ? query : "");
		if (hits)
			buf_printf(out, _("  (hits: %ld)"), (long)hits->i);
		buf_putc(out, '\n');
	}
	if (!r->n)
		buf_puts(out, _("nothing has been opened\n"));
}
