#include "cli/print.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "cli/command.h"
#include "tree/node.h"
#include "tree/yaml.h"

static const char *
str(const struct node *m, const char *key)
{
	const char *s = node_get_str(m, key);

	return s ? s : "";
}

static long
num(const struct node *m, const char *key)
{
	const struct node *n = node_get(m, key);

	return n ? (long)n->i : 0;
}

static size_t
count(const struct node *m, const char *key)
{
	const struct node *n = node_get(m, key);

	return n ? n->n : 0;
}

static void
join(struct buf *out, const struct node *list, const char *between)
{
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, "%s%s", i ? between : "", list->seq[i]->text);
}

/* Values of a field: one line; nothing there is a dash. */
static void
value(struct buf *out, const struct node *v)
{
	if (!v || v->kind == NODE_NULL)
		buf_puts(out, "–");
	else
		yaml_emit_flow(out, v);
}

void
print_saved(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_printf(out, "%s\n", str(r, "id"));
}

void
print_record(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *approval = node_get(r, "approval");
	struct node record = *r;

	(void)c;
	/* the last of the fields, and none of the record's own: a comment, so that the text stays the record */
	record.n -= approval != NULL;
	yaml_emit(out, &record);
	if (approval) {
		buf_puts(out, "# ");
		print_approval(out, approval);
	}
}

void
print_list(struct cli *c, struct buf *out, const struct node *r)
{
	size_t width = 8;

	for (size_t i = 0; i < r->n; i++)
		if (strlen(str(r->seq[i], "id")) > width)
			width = strlen(str(r->seq[i], "id"));
	for (size_t i = 0; i < r->n; i++) {
		const struct node *x = r->seq[i], *approval = node_get(x, "approval");

		buf_printf(out, "%s%-*s%s  %.10s  %-12s %s", style(c, BOLD), (int)width, str(x, "id"),
		    style(c, PLAIN), str(x, "updated_at"), str(x, "updated_by"), str(x, "title"));
		if (approval)
			buf_printf(out, "  [%s]", approval_word(approval));
		buf_putc(out, '\n');
	}
}

void
print_finding(const struct cli *c, struct buf *out, const struct node *f)
{
	buf_printf(out, "%s%s", style(c, BOLD), str(f, "file"));
	if (num(f, "line"))
		buf_printf(out, ":%ld:%ld", num(f, "line"), num(f, "column"));
	buf_printf(out, ":%s ", style(c, PLAIN));
	if (*str(f, "path"))
		buf_printf(out, "%s: ", str(f, "path"));
	buf_printf(out, "%s\n", str(f, "message"));
}

void
print_check(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *errors = node_get(r, "errors"), *warnings = node_get(r, "warnings");

	for (size_t i = 0; errors && i < errors->n; i++)
		print_finding(c, out, errors->seq[i]);
	for (size_t i = 0; warnings && i < warnings->n; i++) {
		buf_printf(out, "%s%s%s", style(c, YELLOW), _("warning: "), style(c, PLAIN));
		print_finding(c, out, warnings->seq[i]);
	}
	if (!errors || !errors->n)
		buf_printf(out, ngettext("%ld record is valid\n", "%ld records are valid\n",
		    (unsigned long)num(r, "checked")), num(r, "checked"));
}

static void
changes(const struct cli *c, struct buf *out, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *x = list->seq[i];

		buf_printf(out, "    %s: %s", str(x, "path"), style(c, RED));
		value(out, node_get(x, "from"));
		buf_printf(out, "%s → %s", style(c, PLAIN), style(c, GREEN));
		value(out, node_get(x, "to"));
		buf_printf(out, "%s\n", style(c, PLAIN));
	}
}

void
print_log(struct cli *c, struct buf *out, const struct node *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct node *x = r->seq[i];

		buf_printf(out, "%s%.12s%s  %s  %s", style(c, YELLOW), str(x, "commit"), style(c, PLAIN),
		    str(x, "at"), str(x, "by"));
		if (*str(x, "device"))
			buf_printf(out, " (%s)", str(x, "device"));
		buf_printf(out, "  %s\n", str(x, "record"));
		if (*str(x, "why"))
			buf_printf(out, _("    because: %s\n"), str(x, "why"));
		changes(c, out, node_get(x, "changes"));
	}
}

void
print_diff(struct cli *c, struct buf *out, const struct node *r)
{
	changes(c, out, node_get(r, "changes"));
}

void
print_sync(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *list;

	(void)c;
	buf_printf(out, _("commits fetched: %ld, pushed: %ld; records merged: %ld\n"), num(r, "fetched"),
	    num(r, "pushed"), num(r, "merged"));
	list = node_get(r, "conflicts");
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, _("two versions – choose: %s %s   (akt resolve %s %s --take N)\n"),
		    str(list->seq[i], "record"), str(list->seq[i], "path"), str(list->seq[i], "record"),
		    str(list->seq[i], "path"));
	list = node_get(r, "quarantined");
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, _("waiting for an admin: what %s did while it was losing its rights   (akt admit %s)\n"),
		    list->seq[i]->text, list->seq[i]->text);
	list = node_get(r, "admitted");
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, _("let in: what %s did while it was losing its rights\n"), list->seq[i]->text);
	list = node_get(r, "notices");
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, _("note: %s\n"), list->seq[i]->text);
	list = node_get(r, "erasing");
	for (size_t i = 0; list && i < list->n; i++) {
		const struct node *x = list->seq[i], *draft = node_get(x, "draft");

		if (draft && draft->b && strncmp(str(x, "record"), "new-", 4) == 0)
			buf_printf(out, _("erased by the unit, and named in an unsaved draft of a new record on this machine: %s   "
				"(akt new %s shows it)\n"), str(x, "dossier"), str(x, "record") + 4);
		else if (draft && draft->b)
			buf_printf(out, _("erased by the unit, with an unsaved draft on this machine: %s   (akt edit %s "
				"shows it)\n"), str(x, "record"), str(x, "record"));
		else
			buf_printf(out, _("erased by the unit, with changes that only this machine has: %s   (akt export %s "
				"-o DIR keeps a copy)\n"), str(x, "record"), str(x, "record"));
	}
	if (list && list->n)
		buf_puts(out, _("nothing was taken over yet; the next akt sync goes on, and these are gone\n"));
}

void
print_conflicts(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	for (size_t i = 0; i < r->n; i++) {
		const struct node *values = node_get(r->seq[i], "values");

		buf_printf(out, "%s  %s\n", str(r->seq[i], "record"), str(r->seq[i], "path"));
		for (size_t k = 0; values && k < values->n; k++) {
			buf_printf(out, "  %zu. %s  %s  ", k + 1, str(values->seq[k], "at"),
			    str(values->seq[k], "by"));
			value(out, node_get(values->seq[k], "value"));
			buf_putc(out, '\n');
		}
	}
	if (!r->n)
		buf_puts(out, _("no conflicts\n"));
}

void
print_remotes(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	for (size_t i = 0; i < r->n; i++)
		buf_printf(out, "%s  %s\n", r->map[i].key, r->map[i].value->text);
}

void
print_verify(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *list = node_get(r, "failures");

	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, "%s%s%s\n", style(c, RED), str(list->seq[i], "message"), style(c, PLAIN));
	list = node_get(r, "notices");
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, _("note: %s\n"), list->seq[i]->text);
	list = node_get(r, "proved");
	for (size_t i = 0; list && i < list->n; i++)
		buf_printf(out, "%s\n", list->seq[i]->text);
	buf_printf(out, "%s\n", str(r, "verdict"));
}

void
print_checkpoint(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_puts(out, str(r, "checkpoint"));
}

void
print_people(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	if (*str(r, "device"))
		buf_printf(out, "%s\n", str(r, "device"));
	if (count(r, "pending")) {
		buf_puts(out, _("at the next sync of one who is in it, access follows for: "));
		join(out, node_get(r, "pending"), ", ");
		buf_putc(out, '\n');
	}
	if (count(r, "recovery")) {
		buf_puts(out, _("no working device has the key; the recovery identity renews it by a sync (AKT_IDENTITY=FILE akt sync) for: "));
		join(out, node_get(r, "recovery"), ", ");
		buf_putc(out, '\n');
	}
	if (count(r, "unread")) {
		buf_puts(out, _("nobody reads these dossiers any more, save with the recovery identity: "));
		join(out, node_get(r, "unread"), ", ");
		buf_putc(out, '\n');
	}
}

void
print_members(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	for (size_t i = 0; i < r->n; i++) {
		const struct node *m = r->seq[i], *devices = node_get(m, "devices");

		buf_printf(out, "%-16s ", str(m, "handle"));
		if (count(m, "roles"))
			join(out, node_get(m, "roles"), ", ");
		else
			buf_puts(out, _("has left"));
		if (count(m, "teams")) {
			buf_puts(out, "  [");
			join(out, node_get(m, "teams"), ", ");
			buf_putc(out, ']');
		}
		buf_putc(out, '\n');
		for (size_t k = 0; devices && k < devices->n; k++) {
			const struct node *d = devices->seq[k];

			buf_printf(out, "    %-24s %s", str(d, "id"), str(d, "added"));
			if (*str(d, "revoked"))
				buf_printf(out, _("  revoked %s"), str(d, "revoked"));
			buf_putc(out, '\n');
		}
	}
}

void
print_team(struct cli *c, struct buf *out, const struct node *r)
{
	buf_printf(out, "%s: ", str(r, "team"));
	join(out, node_get(r, "members"), ", ");
	buf_putc(out, '\n');
	print_people(c, out, r);
}

void
print_access(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *until = node_get(r, "until");

	if (node_get(r, "dossiers")) {
		print_handover(c, out, r);
		return;
	}
	buf_printf(out, "%s: ", str(r, "dossier"));
	join(out, node_get(r, "access"), ", ");
	buf_putc(out, '\n');
	for (size_t i = 0; until && i < until->n; i++)
		buf_printf(out, _("    %s until %s\n"), str(until->seq[i], "team"), str(until->seq[i], "at"));
}

void
print_schema_put(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *bad = node_get(r, "invalid");

	(void)c;
	if (bad && bad->n)
		buf_puts(out, _("these records become invalid:\n"));
	for (size_t i = 0; bad && i < bad->n; i++)
		print_finding(c, out, bad->seq[i]);
	buf_puts(out, node_get(r, "commit") ? _("in force: ") : _("nothing changed (dry run): "));
	join(out, node_get(r, "types"), ", ");
	buf_putc(out, '\n');
	if (node_get(r, "files")->n)
		buf_printf(out, _("and rules, reports, generators: %zu\n"), node_get(r, "files")->n);
	for (size_t i = 0; i < node_get(r, "dropped")->n; i++)
		buf_printf(out, _("gone: %s\n"), node_get(r, "dropped")->seq[i]->text);
}

void
print_id(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_puts(out, str(r, "card"));
}

void
print_unlock(struct cli *c, struct buf *out, const struct node *r)
{
	long minutes = (num(r, "seconds") + 59) / 60;

	(void)c;
	buf_printf(out, ngettext("open for %ld minute; akt lock forgets it\n", "open for %ld minutes; akt lock forgets it\n",
	    (unsigned long)minutes), minutes);
}

void
print_init(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_printf(out, _("store %s\n\nfingerprint (tell it to everybody who joins):\n%s\n"),
	    str(r, "store"), str(r, "fingerprint"));
	buf_printf(out,
	    _("\nrecovery identity: print this, lock it away, keep no copy on any machine.\n"
	      "It opens everything if all else is lost.\n\n%s"), str(r, "recovery"));
}

void
print_join(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_printf(out, _("store %s: the whole trail verified; you can work\n"), str(r, "store"));
}

void
print_hub(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_printf(out, _("hub %s\n"), str(r, "hub"));
}

void
print_import(struct cli *c, struct buf *out, const struct node *r)
{
	const struct node *kept = node_get(r, "kept");

	(void)c;
	if (num(r, "records"))
		buf_printf(out, _("records: %ld, in dossiers: %ld; one commit\n"), num(r, "records"),
		    num(r, "dossiers"));
	else
		buf_puts(out, _("nothing new to import\n"));
	if (num(r, "unchanged"))
		buf_printf(out, _("%ld were in the store already\n"), num(r, "unchanged"));
	for (size_t i = 0; kept && i < kept->n; i++)
		buf_printf(out, _("%s is in the store with other content, which stands; change it with akt edit or akt set\n"),
		    kept->seq[i]->text);
}

void
print_export(struct cli *c, struct buf *out, const struct node *r)
{
	(void)c;
	buf_printf(out, ngettext("%ld record, in the clear; whoever reads that folder reads it\n",
	    "%ld records, in the clear; whoever reads that folder reads them\n",
	    (unsigned long)num(r, "records")), num(r, "records"));
}
