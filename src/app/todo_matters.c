/* What the program itself finds to be done: what somebody must look at, whatever the domain. */
#include "app/todo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
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

		for (size_t k = 0; k < sizeof matters / sizeof *matters; k++) {
			struct obligation o = {.rule = matters[k].rule, .record = id};

			if (strcmp(matters[k].what, what) != 0)
				continue;
			o.severity = rule_severity_name(matters[k].severity);
			o.message = _(matters[k].message);
			o.next = arena_printf(t->s->arena, _(matters[k].next), id);
			todo_add(t, &o, node_get_str(rows->seq[i], "updated_by"), 0);
		}
	}
	return rc;
}

/* Decisions as the index has them. */
static int
decisions(struct todo *t, struct approvals *all, struct err *e)
{
	const struct schema *sc = NULL;
	struct node *rows = NULL;
	int rc = vault_schema(t->s->v, &sc, "approval", e);

	if (rc || !sc)
		return rc;
	rc = search_query(t->s, &rows,
	    "SELECT id, record, content, decision, earlier, updated_at AS at, created_by AS by "
	    "FROM approvals WHERE state = 'final'", NULL, NULL, NULL, 0, e);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		const struct node *r = rows->seq[i];
		const char *earlier = node_get_str(r, "earlier");
		struct approval *x;

		if (!node_get_str(r, "record") || !node_get_str(r, "content") ||
		    !node_get_str(r, "decision") || !node_get_str(r, "at") || !node_get_str(r, "by"))
			continue;
		vec_grow(all);
		x = &all->v[all->n++];
		*x = (struct approval){
			.id = node_get_str(r, "id"),
			.record = node_get_str(r, "record"),
			.content = node_get_str(r, "content"),
			.at = node_get_str(r, "at"),
			.by = node_get_str(r, "by"),
			.earlier = earlier ? earlier : "",
			.approved = strcmp(node_get_str(r, "decision"), "approved") == 0,
		};
	}
	approvals_sort(all);
	return rc;
}

static int
lapsed(struct todo *t, struct err *e)
{
	struct approvals all = {0};
	int rc = decisions(t, &all, e);

	for (size_t i = 0; !rc && i < all.n; i++) {
		const struct approval *x = approvals_standing(&all, all.v[i].record);
		struct obligation o = {.rule = "akt.lapsed", .record = all.v[i].record};
		uint8_t content[32];
		char hex[65];

		/* once a record; what was returned and changed since is as it should be */
		if (x != &all.v[i] || !x->approved ||
		    !index_content(t->s->index, x->record, content))
			continue;
		hash_hex(hex, content, 32);
		if (strcmp(hex, x->content) == 0)
			continue;
		o.severity = rule_severity_name(RULE_WARNING);
		o.message = _("The approval no longer holds: the record has changed since.");
		o.next = arena_printf(t->s->arena, _("Look at it and decide anew: akt approve %s"), x->record);
		todo_add(t, &o, x->by, 0);
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
