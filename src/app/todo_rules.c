/* The store's rules, asked one by one. */
#include "app/extras.h"
#include "app/todo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "tree/node.h"
#include "vault/vault.h"

/* A rule that does not work is told of by its name, and the others go on. */
static void
failed(struct todo *t, const char *rule, const struct err *e)
{
	struct obligation o = {.rule = rule, .severity = rule_severity_name(RULE_ERROR),
		.state = TODO_FAILED};
	struct buf text = {0};

	for (int i = 0; i < e->n; i++) {
		if (i)
			buf_puts(&text, "; ");
		err_format(&text, &e->item[i]);
	}
	o.message = arena_strdup(t->s->arena, buf_str(&text));
	buf_free(&text);
	vec_grow(t);
	t->v[t->n++] = o;
}

static const char *
filled(struct todo *t, const struct rule *r, const struct node *row, bool next)
{
	bool sv = strcmp(t->lang, "sv") == 0;
	const char *text = sv ? r->sv : r->en, *how = sv ? r->next_sv : r->next_en, *s;
	/* what has been begun is to be finished, not begun once more */
	const char *command = r->next_draft && node_get_str(row, "draft") ? r->next_draft : r->next;
	struct buf b = {0};

	if (!next)
		rule_text(&b, text, row, t->lang, t->today);
	if (next && how)
		rule_text(&b, how, row, t->lang, t->today);
	if (next && how && command)
		buf_puts(&b, ": ");
	if (next && command)
		rule_command(&b, command, row);
	s = b.n ? arena_strdup(t->s->arena, buf_str(&b)) : NULL;
	buf_free(&b);
	return s;
}

/* True when the unit has one of the teams that a rule is for. */
static bool
has_team(struct todo *t, const char *teams)
{
	for (const char *one; (one = todo_next(t, &teams));)
		if (state_epoch(vault_state(t->s->v), one))
			return true;
	return false;
}

static int
one_row(struct todo *t, const struct rule *r, struct node *row, int lead, bool others,
    struct err *e)
{
	const struct node *due = node_get(row, "due_on");
	const char *role = node_get_str(row, "role");
	struct obligation o = {
		.rule = r->id,
		.severity = rule_severity_name(r->severity),
		.record = node_get_str(row, "record"),
		.due = node_get_str(row, "due_on"),
		.role = role && *role ? role : r->role,
	};
	size_t n = t->n;
	int64_t day;
	int rc;

	if (!o.record || !due || (due->kind != NODE_NULL &&
	        !(o.due && date_parse(&day, o.due, strlen(o.due)))))
		return err_at(e, ERR_INVALID, r->file, 0, 0, NULL,
		    _("gives a row whose record is no text, or whose due_on is no date"));
	if (!o.due) /* texts say this day */
		node_set(t->s->arena, row, "due_on", node_str(t->s->arena, t->today));
	o.message = filled(t, r, row, false);
	o.next = filled(t, r, row, true);
	rc = todo_add(t, &o, node_get_str(row, "person"), lead, e);
	/* who does not read all that the rule looks at is shown what names them */
	if (t->n > n && !others && !(t->v[n].handle && strcmp(t->v[n].handle, t->me) == 0))
		t->n = n;
	return rc;
}

static int
one_rule(struct todo *t, const struct extra *f, struct err *e)
{
	struct index_value *values;
	struct node *rows = NULL;
	struct err inner = {0};
	struct rule r;
	bool others;
	int lead, rc;

	rc = rule_parse(&r, t->s->arena, buf_str(&f->text), f->text.n, arena_strdup(t->s->arena, f->path),
	    &inner);
	if (rc) {
		failed(t, arena_strdup(t->s->arena, f->path), &inner);
		return 0;
	}
	others = !r.only || t->s->covered == t->s->dossiers || !has_team(t, r.only) ||
	    todo_in_teams(t, r.only);
	values = xcalloc(r.nsettings + 1, sizeof *values);
	for (size_t i = 0; i < r.nsettings; i++)
		values[i] = settings_value(t->s, &r.settings[i]);
	rc = search_query(t->s, &rows, r.sql, r.file, t->today, values, r.nsettings, &inner);
	free(values);
	lead = r.lead_setting ? (int)settings_value(t->s, r.lead_setting).i : r.lead;
	for (size_t i = 0; !rc && i < rows->n; i++)
		rc = one_row(t, &r, rows->seq[i], lead, others, &inner);
	if (rc == ERR_CANCELLED || rc == ERR_IO || rc == ERR_DAMAGED) {
		err_append(e, &inner);
		return rc;
	}
	if (rc)
		failed(t, r.id, &inner);
	return 0;
}

static void
named_twice(void *ctx, const char *file, const char *first, const char *id)
{
	struct err inner = {0};

	err_at(&inner, ERR_INVALID, file, 0, 0, "id",
	    _("is the name of the rule in %s too; an administrator gives one of them another: akt schema put"), first);
	failed(ctx, id, &inner);
}

int
todo_rules(struct todo *t, struct err *e)
{
	struct extras x = {0};
	int rc = extras_head(t->s, &x, "rules", e);

	for (size_t i = 0; !rc && i < x.n; i++)
		rc = one_rule(t, &x.v[i], e);
	extras_free(&x);
	if (!rc)
		rc = extras_twice(t->s, named_twice, t, e);
	return rc;
}
