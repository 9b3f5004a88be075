/* Whose an obligation is. The engine knows no roles: types say which field holds a member's handle, which
 * one a person's roles, and which team answers for a role (x-akt.member, x-akt.roles). */
#include "app/todo.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "index/index.h"
#include "tree/node.h"
#include "vault/vault.h"

/* A column of the index, quoted, from a dotted field. */
static const char *
column(struct arena *a, const char *field)
{
	char *name = arena_printf(a, "\"%s\"", field);

	for (char *p = name; *p; p++)
		if (*p == '.')
			*p = '_';
	return name;
}

static const char *
table(struct arena *a, const char *type, const struct schema_akt *akt)
{
	return akt->table ? akt->table : arena_printf(a, "%ss", type);
}

static bool
say_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* --- people and roles --------------------------------------------------------------------------------- */

static void
load_roles(struct todo *t, const struct schema *sc)
{
	const struct schema_akt *akt = schema_akt(sc);
	const struct shape *f = path_shape(schema_shape(sc), akt->roles_field);
	struct arena *a = t->s->arena;

	f = f && f->item ? f->item : f;
	for (size_t i = 0; f && i < f->nenum; i++) {
		struct todo_role role = {
			.role = arena_strdup(a, f->enums[i].value),
			.label = arena_strdup(a, shape_enum_label(f, f->enums[i].value, t->lang)),
		};

		for (size_t k = 0; k < akt->nroles; k++)
			if (strcmp(akt->roles[k].role, role.role) == 0)
				role.team = arena_strdup(a, akt->roles[k].team);
		vec_grow(&t->roles);
		t->roles.v[t->roles.n++] = role;
	}
}

static int
load_people(struct todo *t, const char *type, const struct schema *sc, struct err *e)
{
	const struct schema_akt *akt = schema_akt(sc);
	struct arena *a = t->s->arena;
	const char *tab = table(a, type, akt);
	struct node *rows = NULL;
	int rc = search_query(t->s, &rows, arena_printf(a, "SELECT id, %s AS handle FROM \"%s\"",
	    column(a, akt->member), tab), NULL, NULL, NULL, 0, e);

	for (size_t i = 0; !rc && i < rows->n; i++) {
		vec_grow(&t->people);
		t->people.v[t->people.n++] = (struct todo_person){
			.id = node_get_str(rows->seq[i], "id"),
			.handle = node_get_str(rows->seq[i], "handle"),
		};
	}
	if (rc || !akt->roles_field)
		return rc;
	load_roles(t, sc);
	rc = search_query(t->s, &rows,
	    arena_printf(a, "SELECT p.%s AS handle, r.value AS role FROM \"%s\" p "
	        "JOIN \"%s__%s\" r ON r.parent = p.id", column(a, akt->member), tab, tab, akt->roles_field),
	    NULL, NULL, NULL, 0, e);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		if (!say_same(node_get_str(rows->seq[i], "handle"), t->me))
			continue;
		vec_grow(&t->mine);
		t->mine.v[t->mine.n++] = node_get_str(rows->seq[i], "role");
	}
	return rc;
}

static int
load_known(struct todo *t, const char *type, const struct schema_akt *akt, struct err *e)
{
	struct arena *a = t->s->arena;
	const char *tab = table(a, type, akt);
	struct index_value value = {.name = "value", .text = akt->ack_value},
	                   final = {.name = "final", .text = akt->lock_value};
	struct index_value values[] = {value, final};
	struct node *rows = NULL;
	int rc;

	/* a draft says nothing yet */
	rc = search_query(t->s, &rows,
	    arena_printf(a, "SELECT %s AS record, %s AS rule, created_on AS on_day FROM \"%s\" "
	        "WHERE record IS NOT NULL AND rule IS NOT NULL%s%s%s%s", column(a, akt->ack_record),
	        column(a, akt->ack_rule), tab, akt->ack_field ? " AND " : "",
	        akt->ack_field ? column(a, akt->ack_field) : "", akt->ack_field ? " = :value" : "",
	        akt->lock_value ? " AND state = :final" : ""),
	    NULL, NULL, values, 2, e);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		const struct node *r = rows->seq[i];

		if (!node_get_str(r, "record") || !node_get_str(r, "rule") || !node_get_str(r, "on_day"))
			continue;
		vec_grow(&t->known);
		t->known.v[t->known.n++] = (struct todo_known){
			node_get_str(r, "record"), node_get_str(r, "rule"), node_get_str(r, "on_day")};
	}
	return rc;
}

struct types {
	struct todo *t;
	struct err *e;
};

static int
one_type(void *ctx, const char *type, const struct schema *sc)
{
	struct types *x = ctx;
	const struct schema_akt *akt = schema_akt(sc);
	int rc = 0;

	if (akt->member)
		rc = load_people(x->t, type, sc, x->e);
	if (!rc && akt->ack_rule)
		rc = load_known(x->t, type, akt, x->e);
	return rc;
}

int
todo_people(struct todo *t, struct err *e)
{
	struct types x = {t, e};

	return each_type(t->s, one_type, &x, e);
}

void
todo_free(struct todo *t)
{
	free(t->v);
	free(t->people.v);
	free(t->roles.v);
	free(t->mine.v);
	free(t->known.v);
}

/* --- one obligation ------------------------------------------------------------------------------------ */

const char *
todo_next(struct todo *t, const char **list)
{
	const char *from = *list ? *list + strspn(*list, ", ") : "";
	size_t n = strcspn(from, ", ");

	*list = from + n;
	return n ? arena_strndup(t->s->arena, from, n) : NULL;
}

bool
todo_in_teams(struct todo *t, const char *teams)
{
	for (const char *one; (one = todo_next(t, &teams));)
		if (state_in_team(vault_state(t->s->v), one, t->me, date_now()))
			return true;
	return false;
}

static bool
listed(struct todo *t, const char *list, const char *name)
{
	for (const char *one; (one = todo_next(t, &list));)
		if (strcmp(one, name) == 0)
			return true;
	return false;
}

static const struct todo_role *
role_of(const struct todo *t, const char *role)
{
	for (size_t i = 0; i < t->roles.n; i++)
		if (strcmp(t->roles.v[i].role, role) == 0)
			return &t->roles.v[i];
	return NULL;
}

/* The teams that answer for roles, with commas between: as the types say, else a team of the role's name. */
static const char *
teams_of(struct todo *t, const char *roles)
{
	struct buf out = {0};
	const char *s;

	for (const char *one; (one = todo_next(t, &roles));) {
		const struct todo_role *role = role_of(t, one);
		const char *team = role && role->team ? role->team
		    : state_epoch(vault_state(t->s->v), one) ? one
		                                              : NULL;

		if (team && !listed(t, buf_str(&out), team))
			buf_printf(&out, "%s%s", out.n ? "," : "", team);
	}
	s = out.n ? arena_strdup(t->s->arena, buf_str(&out)) : NULL;
	buf_free(&out);
	return s;
}

static bool
has_role(struct todo *t, const char *roles)
{
	for (size_t i = 0; i < t->mine.n; i++)
		if (listed(t, roles, t->mine.v[i]))
			return true;
	return false;
}

static void
settle_person(struct todo *t, struct obligation *o, const char *who)
{
	for (size_t i = 0; who && i < t->people.n; i++) {
		const struct todo_person *p = &t->people.v[i];

		if (strcmp(p->id, who) == 0 || say_same(p->handle, who)) {
			o->person = p->id;
			o->handle = p->handle;
			return;
		}
	}
	/* a reference to somebody whom this person may not see, or a member without a record */
	if (who && state_member(vault_state(t->s->v), who))
		o->handle = who;
	else
		o->person = who;
}

/* In words: a person's title, a member's handle, or the roles. */
static int
in_words(struct todo *t, const char **out, const struct obligation *o, struct err *e)
{
	const char *title = NULL, *roles = o->role;
	struct buf text = {0};
	char dossier[11];
	bool there;
	int rc = o->person ? index_record(t->s->index, &there, t->s->arena, o->person, dossier, &title, e) : 0;

	if (rc)
		return rc;
	*out = title && *title ? title : o->handle ? o->handle : o->person;
	if (*out || !roles)
		return 0;
	for (const char *one; (one = todo_next(t, &roles));) {
		const struct todo_role *role = role_of(t, one);

		buf_printf(&text, "%s%s", text.n ? ", " : "", role ? role->label : one);
	}
	*out = arena_strdup(t->s->arena, buf_str(&text));
	buf_free(&text);
	return 0;
}

static bool
is_known(const struct todo *t, const struct obligation *o, bool at_once)
{
	for (size_t i = 0; i < t->known.n; i++) {
		const struct todo_known *k = &t->known.v[i];

		/* what fell due later is another matter */
		if (say_same(k->record, o->record) && strcmp(k->rule, o->rule) == 0 &&
		    (at_once || strcmp(o->due, k->on) <= 0))
			return true;
	}
	return false;
}

int
todo_add(struct todo *t, const struct obligation *from, const char *who, int lead, struct err *e)
{
	struct obligation o = *from;
	bool at_once = !o.due;
	int64_t day = t->day;
	char dossier[11];
	bool there = false;
	int rc;

	settle_person(t, &o, who);
	if (at_once)
		o.due = t->today;
	else if (!date_parse(&day, o.due, strlen(o.due)) || day - t->day > lead)
		return 0;
	o.days = (long)(day - t->day);
	if (o.role)
		o.team = teams_of(t, o.role);
	rc = in_words(t, &o.who, &o, e);
	if (!rc && o.record)
		rc = index_record(t->s->index, &there, t->s->arena, o.record, dossier, &o.title, e);
	if (rc)
		return rc;
	if (there)
		o.dossier = arena_strdup(t->s->arena, dossier);
	o.mine = o.handle ? strcmp(o.handle, t->me) == 0 :
	    (o.role && has_role(t, o.role)) || (o.team && todo_in_teams(t, o.team));
	if (is_known(t, &o, at_once))
		o.state = TODO_KNOWN;
	else if (!at_once && t->go_live && strcmp(o.due, t->go_live) < 0)
		o.state = TODO_HISTORY;
	else
		o.state = o.days < 0 ? TODO_OVERDUE : o.days == 0 ? TODO_NOW : TODO_SOON;
	if (o.days > 0)
		o.severity = rule_severity_name(RULE_INFO);
	vec_grow(t);
	t->v[t->n++] = o;
	return 0;
}
