/* What a person may be about to type: names that stand in the store's plain files. No key is needed, and
 * nothing is told that `akt member list` or the folder itself would not tell. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/vault.h"

struct words {
	struct session *s;
	struct node *list;
};

static void
word(struct session *s, struct node *list, const char *text, const char *about)
{
	struct node *x = node_map(s->arena);

	node_set(s->arena, x, "word", node_str(s->arena, text));
	if (about)
		node_set(s->arena, x, "about", node_str(s->arena, about));
	node_push(s->arena, list, x);
}

static int
schema_entry(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct words *w = ctx;
	const struct schema *sc = NULL;
	char *text;

	(void)path;
	(void)id;
	if (p->kind != PATH_SCHEMA && p->kind != PATH_SCHEMA_EXTRA)
		return 0;
	text = arena_strndup(w->s->arena, p->name, strcspn(p->name, "."));
	/* a rule or a report is two files of one name */
	if (w->list->n && strcmp(node_get_str(w->list->seq[w->list->n - 1], "word"), text) == 0)
		return 0;
	if (p->kind == PATH_SCHEMA && vault_schema(w->s->v, &sc, text, NULL) == 0 && sc)
		word(w->s, w->list, text, shape_label(schema_shape(sc), i18n_lang()));
	else
		word(w->s, w->list, text, NULL);
	return 0;
}

static int
schema_words(struct session *s, struct node *list, const char *folder, struct err *e)
{
	struct words w = {s, list};

	return each_in_folder(s, folder, schema_entry, &w, e);
}

static void
member_words(struct session *s, struct node *list, bool devices)
{
	const struct member *const *m;
	size_t n = state_members(vault_state(s->v), &m);

	for (size_t i = 0; i < n; i++) {
		if (!m[i]->roles || (m[i]->roles & ROLE_RECOVERY))
			continue;
		if (!devices)
			word(s, list, m[i]->handle, NULL);
		for (size_t k = 0; devices && k < m[i]->ndevices; k++)
			if (!m[i]->devices[k].revoked)
				word(s, list, m[i]->devices[k].id, NULL);
	}
}

static void
team_words(struct session *s, struct node *list)
{
	const char *const *names;
	size_t n = state_teams(vault_state(s->v), &names);

	for (size_t i = 0; i < n; i++)
		if (names[i][0] != '~')
			word(s, list, names[i], NULL);
}

/* The fields of a type, `NAME=`; of a field with a list of values, these. */
static int
field_words(struct session *s, struct node *list, const char *type, const char *begun,
    struct err *e)
{
	const struct schema *sc = NULL;
	const struct shape *shape, *f;
	const char *eq = strchr(begun, '=');
	int rc = vault_schema(s->v, &sc, type, e);

	if (rc || !sc)
		return rc;
	shape = schema_shape(sc);
	for (size_t i = 0; !eq && i < shape->nfields; i++)
		word(s, list, arena_printf(s->arena, "%s=", shape->fields[i]->name),
		    shape_label(shape->fields[i], i18n_lang()));
	f = eq ? path_shape(shape, arena_strndup(s->arena, begun, (size_t)(eq - begun))) : NULL;
	for (size_t i = 0; f && i < f->nenum; i++)
		word(s, list, arena_printf(s->arena, "%.*s=%s", (int)(eq - begun), begun, f->enums[i].value),
		    shape_enum_label(f, f->enums[i].value, i18n_lang()));
	return 0;
}

int
app_words(struct session *s, struct node **out, const char *kind, const char *type,
    const char *begun, struct err *e)
{
	struct node *list = node_seq(s->arena), *remotes;
	const struct store_info *info;
	int rc = session_store(s, false, e);

	if (rc)
		return rc;
	info = state_store(vault_state(s->v));
	if (strcmp(kind, "types") == 0)
		rc = schema_words(s, list, "schema", e);
	else if (strcmp(kind, "reports") == 0 || strcmp(kind, "generators") == 0)
		rc = schema_words(s, list, arena_printf(s->arena, "schema/%s", kind), e);
	else if (strcmp(kind, "fields") == 0)
		rc = field_words(s, list, type, begun, e);
	if (strcmp(kind, "teams") == 0 || strcmp(kind, "readers") == 0)
		team_words(s, list);
	if (strcmp(kind, "members") == 0 || strcmp(kind, "readers") == 0)
		member_words(s, list, false);
	if (strcmp(kind, "devices") == 0)
		member_words(s, list, true);
	for (size_t i = 0; strcmp(kind, "bases") == 0 && i < info->nbasis; i++)
		word(s, list, info->basis[i], NULL);
	if (strcmp(kind, "remotes") == 0 && (rc = app_remote_list(s, &remotes, e)) == 0)
		for (size_t i = 0; i < remotes->n; i++)
			word(s, list, remotes->map[i].key, remotes->map[i].value->text);
	if (!rc)
		*out = list;
	return rc;
}
