/* Texts of gc and doctor. */
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

static bool
flag(const struct node *m, const char *key)
{
	const struct node *n = node_get(m, key);

	return n && n->kind == NODE_BOOL && n->b;
}

static void
damage(struct buf *out, const struct node *x)
{
	const char *file = node_get_str(x, "file"), *object = node_get_str(x, "object");

	if (file)
		buf_printf(out, "%s: ", file);
	else if (object)
		buf_printf(out, "%.12s: ", object);
	buf_puts(out, node_get_str(x, "message"));
	buf_printf(out, " [%s]\n", flag(x, "mended") ? _("mended") : _("not mended"));
}

void
print_doctor(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *damaged = node_get(r, "damaged"), *locks = node_get(r, "locks"),
	                  *notices = node_get(r, "notices");

	(void)c;
	for (size_t i = 0; i < damaged->n; i++)
		damage(out, damaged->seq[i]);
	for (size_t i = 0; i < locks->n; i++) {
		const struct node *x = locks->seq[i];
		const char *fate = flag(x, "removed") ? _("left behind by a program that was killed; removed") :
		    flag(x, "stale") ? _("left behind by a program that was killed") :
		                       _("is held by a program at work");

		buf_printf(out, "%s: %s\n", node_get_str(x, "file"), fate);
	}
	for (size_t i = 0; i < notices->n; i++)
		buf_printf(out, "%s\n", notices->seq[i]->text);
	buf_printf(out, _("objects read: %ld; damaged: %zu, mended: %zu\n"), num(r, "objects"), damaged->n,
	    node_get(r, "mended")->n);
	buf_puts(out, flag(r, "ok") ? _("All is well.\n") : _("DAMAGE IS LEFT\n"));
}
