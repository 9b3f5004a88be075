/* Fields that two people wrote: which are open, which are new, and how they are settled. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "merge/record.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct conflict_list {
	struct session *s;
	struct node *list;
};

static int
conflicts_of(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct conflict_list *c = ctx;
	struct session *s = c->s;
	struct node *rec = NULL, *open;
	struct err inner = {0};
	struct found f = {.blob = *id, .path = arena_strdup(s->arena, path)};

	if (p->kind != PATH_RECORD || !vault_can_read(s->v, p->dossier))
		return 0;
	memcpy(f.id, p->record, sizeof f.id);
	memcpy(f.type, p->type, sizeof f.type);
	memcpy(f.dossier, p->dossier, sizeof f.dossier);
	if (open_found(s, &rec, &f, &inner)) {
		session_unread(s, &inner);
		return 0;
	}
	open = node_get(rec, "conflicts");
	for (size_t i = 0; open && i < open->n; i++) {
		struct node *row = node_map(s->arena);

		node_set(s->arena, row, "record", node_str(s->arena, p->record));
		node_set(s->arena, row, "path", node_get(open->seq[i], "path"));
		node_set(s->arena, row, "values", node_get(open->seq[i], "values"));
		node_push(s->arena, c->list, row);
	}
	return 0;
}

int
app_conflicts(struct session *s, struct node **out, struct err *e)
{
	struct conflict_list c = {.s = s};
	int rc = session_store(s, true, e);

	c.list = node_seq(s->arena);
	if (!rc)
		rc = vault_each_record(s->v, vault_tree(s->v), conflicts_of, &c, e);
	if (!rc)
		note_query(s, "conflicts", NULL, c.list->n);
	if (!rc)
		*out = c.list;
	return rc;
}

int
app_resolve(struct session *s, struct node **out, const char *name, const char *path, int take,
    const char *value, bool drop, const char *why, struct err *e)
{
	const struct schema *sc = NULL;
	struct merge_env env = {0};
	struct node *before = NULL, *rec, *open, *values = NULL, *v = NULL;
	struct txn *t = NULL;
	struct found f;
	struct oid commit;
	int rc;

	if ((take > 0) + (value != NULL) + drop != 1)
		return err_set(e, ERR_USAGE, _("say one of --take N, --value V and --drop"));
	rc = said_why(s, &why, e);
	if (!rc)
		rc = session_store(s, true, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (!rc)
		rc = find_record(s, &f, name, e);
	if (!rc)
		rc = open_found(s, &before, &f, e);
	if (!rc)
		rc = vault_schema(s->v, &sc, f.type, e);
	if (rc)
		goto done;
	rec = node_clone(s->arena, before);
	open = node_get(rec, "conflicts");
	for (size_t i = 0; open && i < open->n; i++) {
		const char *at = node_get_str(open->seq[i], "path");

		if (at && strcmp(at, path) == 0)
			values = node_get(open->seq[i], "values");
	}
	if (!values)
		rc = err_set(e, ERR_NOTFOUND, _("no open conflict there; akt conflicts lists them"));
	else if (take > 0 && (size_t)take > values->n)
		rc = err_set(e, ERR_USAGE, _("--take is 1 to %zu"), values->n);
	if (rc)
		goto done;
	if (take > 0)
		v = node_get(values->seq[take - 1], "value");
	else if (value)
		rc = yaml_parse_value(&v, s->arena, value, path, e);
	if (sc) {
		env.shape = schema_shape(sc);
		env.akt = schema_akt(sc);
	}
	if (!rc)
		rc = merge_resolve(s->arena, &env, rec, path, v, e);
	if (!rc)
		rc = save_record(s, t, before, rec, why, "resolve", &commit, e);
	if (rc)
		goto done;
	*out = saved_result(s, rec, &commit);
done:
	txn_free(t);
	return rc;
}

/* --- what a sync brought --------------------------------------------------------------------- */

struct touched {
	struct session *s;
	size_t n, cap;
	struct found *v;
};

/* The record itself, or a version set aside beside it, which stands right behind it. */
static int
touch(void *ctx, const char *path, const struct oid *old, unsigned old_mode, const struct oid *id,
    unsigned mode)
{
	struct touched *t = ctx;
	struct storepath p;
	struct found *f;

	(void)old;
	(void)old_mode;
	(void)mode;
	storepath_parse(&p, path);
	if (!id || (p.kind != PATH_RECORD && p.kind != PATH_PARKED) ||
	    !vault_can_read(t->s->v, p.dossier))
		return 0;
	if (t->n && strcmp(t->v[t->n - 1].id, p.record) == 0)
		return 0;
	vec_grow(t);
	f = &t->v[t->n++];
	memcpy(f->id, p.record, sizeof f->id);
	memcpy(f->type, p.type, sizeof f->type);
	memcpy(f->dossier, p.dossier, sizeof f->dossier);
	f->path = arena_strndup(t->s->arena, path, strcspn(path, ".") + sizeof ".yaml.age" - 1);
	return 0;
}

static void
note_new(struct session *s, struct node *list, const struct node *before, const struct node *after)
{
	const struct node *open = node_get(after, "conflicts"), *was = node_get(before, "conflicts");

	for (size_t i = 0; open && i < open->n; i++) {
		struct node *row;
		bool old = false;

		for (size_t k = 0; was && k < was->n; k++)
			old |= node_equal(was->seq[k], open->seq[i]);
		if (old)
			continue;
		row = node_map(s->arena);
		node_set(s->arena, row, "record", node_get(after, "id"));
		node_set(s->arena, row, "path", node_get(open->seq[i], "path"));
		node_push(s->arena, list, row);
	}
}

int
conflicts_since(struct session *s, struct node *list, const struct oid *tree, struct err *e)
{
	struct git *g = vault_git(s->v);
	struct touched t = {.s = s};
	int rc = 0;

	/* whoever made the merge: a conflict is news to each machine once */
	if (!oid_equal(tree, vault_tree(s->v)))
		rc = git_diff(g, tree, vault_tree(s->v), touch, &t, e);
	for (size_t i = 0; !rc && i < t.n; i++) {
		struct node *before = NULL, *after = NULL;
		struct err inner = {0};
		struct oid old;
		unsigned mode;

		/* what cannot be opened is told by check and verify */
		if (git_tree_find(g, &t.v[i].blob, &mode, vault_tree(s->v), t.v[i].path, &inner) ||
		    open_found(s, &after, &t.v[i], &inner))
			continue;
		if (node_get(after, "conflicts") &&
		    git_tree_find(g, &old, &mode, tree, t.v[i].path, &inner) == 0 &&
		    vault_open_record(s->v, &before, s->arena, t.v[i].path, &old, &inner))
			before = NULL;
		note_new(s, list, before, after);
	}
	free(t.v);
	return rc;
}
