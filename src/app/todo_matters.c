/* What the program itself finds to be done: what somebody must look at, whatever the domain. */
#include "app/todo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "index/index.h"
#include "tree/node.h"
#include "vault/vault.h"

static const struct {
	const char *what, *rule;
	enum rule_severity severity;
	const char *message, *next; /* next: %s is the record */
} matters[] = {
	{"conflict", "akt.conflict", RULE_ERROR,
	    N_("Two people wrote different things in the same field."), N_("Choose: akt conflicts")},
	{"invalid", "akt.invalid", RULE_ERROR,
	    N_("The record no longer fits its form."), N_("See what is wrong: akt check %s")},
	{"parked", "akt.parked", RULE_WARNING,
	    N_("A version of the record was put aside; whoever saves the record takes it in."),
	    N_("Look through it and save: akt edit %s")},
	{"damaged", "akt.damaged", RULE_ERROR,
	    N_("The record cannot be opened."), N_("See why: akt check %s")},
};

static int
looked_at(struct todo *t, struct err *e)
{
	struct node *rows = NULL;
	int rc = index_matters(t->s->index, &rows, t->s->arena, e);

	for (size_t i = 0; !rc && i < rows->n; i++) {
		const char *what = node_get_str(rows->seq[i], "what"), *id = node_get_str(rows->seq[i], "id");

		for (size_t k = 0; !rc && k < sizeof matters / sizeof *matters; k++) {
			struct obligation o = {.rule = matters[k].rule, .record = id};

			if (strcmp(matters[k].what, what) != 0)
				continue;
			o.severity = rule_severity_name(matters[k].severity);
			o.message = _(matters[k].message);
			o.next = arena_printf(t->s->arena, _(matters[k].next), id);
			rc = todo_add(t, &o, node_get_str(rows->seq[i], "updated_by"), 0, e);
		}
	}
	return rc;
}

static int
lapsed(struct todo *t, struct err *e)
{
	struct approvals all = {0};
	int rc = approvals_indexed(t->s, &all, e);

	for (size_t i = 0; !rc && i < all.n; i++) {
		const struct approval *x = approvals_standing(&all, all.v[i].record);
		struct obligation o = {.rule = "akt.lapsed", .record = all.v[i].record};
		struct node *now = NULL;

		/* once a record; what was returned and changed since is as it should be */
		if (x != &all.v[i] || !x->approved)
			continue;
		rc = approval_indexed(t->s, &now, &all, x->record, e);
		if (rc || !now || strcmp(node_get_str(now, "state"), "lapsed") != 0)
			continue;
		o.severity = rule_severity_name(RULE_WARNING);
		o.message = _("The approval no longer holds: the record has changed since.");
		o.next = arena_printf(t->s->arena, _("Look at it and decide anew: akt approve %s"), x->record);
		rc = todo_add(t, &o, x->by, 0, e);
	}
	approvals_free(&all);
	return rc;
}

int
todo_matters(struct todo *t, struct err *e)
{
	int rc = looked_at(t, e);

	return rc ? rc : lapsed(t, e);
}
