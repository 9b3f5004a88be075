/* What x-akt names, against the shape of the record; defaults of what it leaves out. */
#include "schema/compiler.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "tree/node.h"

static const char no_field[] = N_("names a field that the schema does not have");

/* A path into this record, or through references (x-akt.ref) into others, of which only the
 * first part can be checked here. */
static bool
field_known(const struct compiler *c, const char *path, bool through_refs)
{
	size_t n = strlen(path);

	if (path_shape(c->s->shape, path))
		return true;
	while (through_refs && n > 0) {
		const struct shape *s;

		while (n > 0 && path[n - 1] != '.')
			n--;
		if (n == 0)
			break;
		s = path_shape(c->s->shape, arena_strndup(c->a, path, --n));
		if (s)
			return s->ref != NULL;
	}
	return false;
}

static void
check_field(struct compiler *c, const struct node *v, const char *where, bool through_refs)
{
	if (v && v->kind == NODE_STR && !field_known(c, v->text, through_refs))
		compile_fault_sub(c, c->s->root, v, where, "%s", _(no_field));
}

static void
check_fields(struct compiler *c, const struct node *list, const char *where)
{
	for (size_t i = 0; list && i < list->n; i++)
		check_field(c, list->seq[i], arena_printf(c->a, "%s.%zu", where, i), false);
}

static void
check_dossier(struct compiler *c, const struct node *v, const char *where)
{
	const struct node *of = node_get(v, "of");
	const struct shape *s;

	if (!of)
		return;
	where = arena_printf(c->a, "%s.of", where);
	s = path_shape(c->s->shape, of->text);
	if (!s && !field_known(c, of->text, true))
		compile_fault_sub(c, c->s->root, of, where, "%s", _(no_field));
	else if (s && !s->ref)
		compile_fault_sub(c, c->s->root, of, where,
		    _("names a field that refers to no record: it has no x-akt.ref"));
}

static void
check_access(struct compiler *c, const struct node *v, const char *where)
{
	static const char *const keys[] = {"field", "readers", "if", "unless"};
	const struct node *readers = node_get(v, "readers");
	const struct shape *s =
	    readers && readers->kind == NODE_STR ? path_shape(c->s->shape, readers->text) : NULL;

	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		const struct node *one = node_get(v, keys[k]);
		const char *at = arena_printf(c->a, "%s.%s", where, keys[k]);

		check_field(c, one, at, true);
		for (size_t i = 0; one && one->kind == NODE_SEQ && i < one->n; i++)
			check_field(c, one->seq[i], arena_printf(c->a, "%s.%zu", at, i), true);
	}
	if (s && !s->ref)
		compile_fault_sub(c, c->s->root, readers, arena_printf(c->a, "%s.readers", where),
		    _("names a field that refers to no record: it has no x-akt.ref"));
}

static void
check_lock(struct compiler *c, const struct node *v)
{
	const struct schema_akt *akt = &c->s->akt;
	const struct shape *s = akt->lock_field ? path_shape(c->s->shape, akt->lock_field) : NULL;
	bool allowed = !s || s->nenum == 0;

	check_field(c, node_get(v, "field"), "x-akt.lock.field", false);
	check_fields(c, node_get(v, "open"), "x-akt.lock.open");
	for (size_t i = 0; !allowed && i < s->nenum; i++)
		allowed = strcmp(s->enums[i].value, akt->lock_value) == 0;
	if (!allowed)
		compile_fault_sub(c, c->s->root, node_get(v, "value"), "x-akt.lock.value",
		    _("is not one of the values that the field allows"));
}

/* Roles are the values that the field's list allows. */
static void
check_roles(struct compiler *c, const struct node *v)
{
	const struct schema_akt *akt = &c->s->akt;
	const struct shape *s = akt->roles_field ? path_shape(c->s->shape, akt->roles_field) : NULL;

	check_field(c, node_get(v, "field"), "x-akt.roles.field", false);
	for (size_t i = 0; s && s->item && s->item->nenum && i < akt->nroles; i++) {
		bool allowed = false;

		for (size_t k = 0; k < s->item->nenum && !allowed; k++)
			allowed = strcmp(s->item->enums[k].value, akt->roles[i].role) == 0;
		if (!allowed)
			compile_fault_sub(c, c->s->root, node_get(node_get(v, "teams"), akt->roles[i].role),
			    arena_printf(c->a, "x-akt.roles.teams.%s", akt->roles[i].role),
			    _("is not one of the values that the field allows"));
	}
}

static bool
enum_has(const struct node *list, const char *value)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->seq[i]->text && strcmp(list->seq[i]->text, value) == 0)
			return true;
	return false;
}

static void
check_labels(struct compiler *c, const struct sub *s)
{
	const struct node *labels_at = node_get(node_get(s->src, "x-akt"), "labels");

	for (size_t i = 0; s->enumeration && i < s->akt.nlabels; i++) {
		const char *value = s->akt.labels[i].value;

		if (!enum_has(s->enumeration, value))
			compile_fault_sub(c, s, node_get(labels_at, value),
			    arena_printf(c->a, "x-akt.labels.%s", value),
			    _("labels a value that enum does not have"));
	}
}

void
akt_check(struct compiler *c)
{
	const struct node *x = node_get(c->s->root->src, "x-akt"), *v;

	for (size_t i = 0; i < c->subs.n; i++)
		check_labels(c, c->subs.v[i]);
	if ((v = node_get(x, "lock")))
		check_lock(c, v);
	check_fields(c, node_get(x, "title"), "x-akt.title");
	check_field(c, node_get(x, "member"), "x-akt.member", false);
	check_roles(c, node_get(x, "roles"));
	v = node_get(x, "acknowledges");
	for (size_t i = 0; v && i < v->n; i++)
		if (strcmp(v->map[i].key, "value") != 0)
			check_field(c, v->map[i].value,
			    arena_printf(c->a, "x-akt.acknowledges.%s", v->map[i].key), false);
	v = node_get(x, "dossier");
	if (v && v->kind == NODE_MAP)
		check_dossier(c, v, "x-akt.dossier");
	for (size_t i = 0; v && v->kind == NODE_SEQ && i < v->n; i++)
		check_dossier(c, v->seq[i], arena_printf(c->a, "x-akt.dossier.%zu", i));
	v = node_get(x, "access");
	for (size_t i = 0; v && i < v->n; i++)
		check_access(c, v->seq[i], arena_printf(c->a, "x-akt.access.%zu", i));
}

void
akt_defaults(struct compiler *c)
{
	static const char *writers[] = {"staff", "supervisor"};
	static struct schema_dossier own = {.kind = DOSSIER_OWN};
	static struct schema_access unit = {.team = "unit"};
	const struct node *x = node_get(c->s->root->src, "x-akt");
	struct schema_akt *akt = &c->s->akt;

	if (!akt->version)
		akt->version = 1;
	if (!akt->retention)
		akt->retention = "";
	if (!node_get(x, "write")) {
		akt->write = writers;
		akt->nwrite = sizeof writers / sizeof *writers;
	}
	if (!node_get(x, "dossier")) {
		akt->dossier = &own;
		akt->ndossier = 1;
	}
	if (!node_get(x, "access")) {
		akt->access = &unit;
		akt->naccess = 1;
	}
}
