/* Text of gc. */
#include "cli/print.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "tree/node.h"

static long
num(const struct node *m, const char *key)
{
	const struct node *n = node_get(m, key);

	return n ? (long)n->i : 0;
}

static void
packed(struct buf *out, const struct node *r, const char *what)
{
	double mib = 1024 * 1024;

	if (!r)
		return;
	if (!num(r, "objects"))
		buf_printf(out, _("%s: nothing to do, %.1f MB\n"), what,
		    (double)num(r, "bytes_after") / mib);
	else
		/* TRANSLATORS: %s is "records" or "keys" */
		buf_printf(out, _("%s: %ld objects, files %ld → %ld, %.1f MB → %.1f MB\n"), what,
		    num(r, "objects"), num(r, "files_before"), num(r, "files_after"),
		    (double)num(r, "bytes_before") / mib, (double)num(r, "bytes_after") / mib);
	if (num(r, "dropped"))
		buf_printf(out, _("%s: %ld old objects dropped that nothing uses\n"), what,
		    num(r, "dropped"));
}

void
print_gc(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	packed(out, node_get(r, "store"), _("store"));
	packed(out, node_get(r, "keys"), _("keys"));
}
