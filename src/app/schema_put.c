/* New schemas: which records they would make invalid, and the change that puts them in force. */
#include "app/extras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "schema/shape.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct impact {
	struct session *s;
	struct schema_set *schemas;
	struct node *list;
	struct err *e;
};

static int
impact_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct impact *im = ctx;
	struct session *s = im->s;
	struct arena *a = session_scratch(s);
	const struct schema *old = NULL, *fresh = NULL;
	struct diags was = {0}, now = {0};
	struct node *rec = NULL, *data;
	struct err inner = {0};
	char file[80];
	int rc;

	for (size_t i = 0; i < im->schemas->n; i++)
		if (strcmp(im->schemas->v[i].type, p->type) == 0)
			fresh = im->schemas->v[i].schema;
	if (!fresh || !vault_can_read(s->v, p->dossier))
		return 0;
	/* one that is no schema let every record pass, and can be replaced */
	rc = vault_schema(s->v, &old, p->type, &inner);
	if (rc && rc != ERR_INVALID) {
		err_append(im->e, &inner);
		return rc;
	}
	err_clear(&inner);
	if (vault_open_record(s->v, &rec, a, path, id, &inner))
		return 0; /* check and verify tell of damage */
	snprintf(file, sizeof file, "%s.yaml", p->record);
	if (old)
		schema_validate(old, node_get(rec, "data"), file, "data", &was);
	data = shape_as_written(a, node_get(rec, "data"));
	shape_texts(schema_shape(fresh), data);
	schema_validate(fresh, data, file, "data", &now);
	for (size_t i = 0; i < now.n; i++)
		if (!check_has(&was, &now.v[i]))
			node_push(s->arena, im->list,
			    check_finding(s->arena, file, now.v[i].line, now.v[i].column, now.v[i].path,
			        now.v[i].text));
	diags_free(&was);
	diags_free(&now);
	return 0;
}

/* What stays must go on working with what is new, types and all: those of one folder speak of settings that
 * those of another do. */
static int
check_together(struct session *s, const struct extras *fresh, const struct schema_set *types,
    const bool there[EXTRAS_FOLDERS], struct err *e)
{
	struct extras stay = {0}, all = {0};
	int rc = 0;

	for (int i = 0; !rc && i < EXTRAS_FOLDERS; i++)
		if (!there[i])
			rc = extras_head(s, &stay, extras_folders[i], e);
	/* theirs first, so that what is new is what does not fit */
	all.n = stay.n + fresh->n;
	all.v = xcalloc(all.n + 1, sizeof *all.v);
	for (size_t i = 0; i < all.n; i++)
		all.v[i] = i < stay.n ? stay.v[i] : fresh->v[i - stay.n];
	if (!rc)
		rc = extras_check(&all, types, s, e);
	free(all.v);
	extras_free(&stay);
	return rc;
}

/* A folder that DIR has is the store's from now on: what is not in it goes. Those it has not are left. */
static int
drop_gone(struct session *s, struct txn *t, const struct extras *x, const char *folder,
    struct node *dropped, struct err *e)
{
	struct extras head = {0};
	int rc = extras_head(s, &head, folder, e);

	for (size_t i = 0; !rc && i < head.n; i++) {
		bool stays = false;
		char *path;

		for (size_t k = 0; k < x->n && !stays; k++)
			stays = strcmp(x->v[k].path, head.v[i].path) == 0;
		if (stays)
			continue;
		path = xasprintf("schema/%s", head.v[i].path);
		if (t)
			txn_remove(t, path);
		free(path);
		node_push(s->arena, dropped, node_str(s->arena, head.v[i].path));
	}
	extras_free(&head);
	return rc;
}

static void
put_files(struct txn *t, const struct schema_set *types, const struct extras *x)
{
	char *path;

	for (size_t i = 0; i < types->n; i++) {
		path = xasprintf("schema/%s.yaml", types->v[i].type);
		txn_put(t, path, buf_str(&types->v[i].text), types->v[i].text.n);
		free(path);
	}
	for (size_t i = 0; i < x->n; i++) {
		path = xasprintf("schema/%s", x->v[i].path);
		txn_put(t, path, buf_str(&x->v[i].text), x->v[i].text.n);
		free(path);
	}
}

int
app_schema_put(struct session *s, struct node **out, const char *dir, bool dry_run,
    struct err *e)
{
	struct schema_set schemas = {0};
	struct extras extras = {0};
	bool there[EXTRAS_FOLDERS] = {false};
	struct impact im = {.s = s, .schemas = &schemas, .e = e};
	struct node *r, *types = node_seq(s->arena), *files = node_seq(s->arena),
	               *dropped = node_seq(s->arena);
	struct txn *t = NULL;
	struct oid commit;
	char hex[OID_HEX + 1];
	int rc;

	rc = schema_set_load(&schemas, dir, e);
	if (!rc)
		rc = extras_load(&extras, there, dir, e);
	if (!rc)
		rc = session_store(s, true, e);
	/* first the lock: what is checked is what the commit stands on */
	if (!rc && !dry_run)
		rc = txn_begin(&t, s->v, e);
	if (!rc)
		rc = check_together(s, &extras, &schemas, there, e);
	im.list = node_seq(s->arena);
	if (!rc)
		rc = vault_each_record(s->v, vault_tree(s->v), impact_one, &im, e);
	for (int i = 0; !rc && i < EXTRAS_FOLDERS; i++)
		if (there[i])
			rc = drop_gone(s, t, &extras, extras_folders[i], dropped, e);
	if (!rc && t) {
		put_files(t, &schemas, &extras);
		rc = txn_commit(t, &commit, "schema", e);
	}
	if (rc)
		goto done;
	r = node_map(s->arena);
	for (size_t i = 0; i < schemas.n; i++)
		node_push(s->arena, types, node_str(s->arena, schemas.v[i].type));
	for (size_t i = 0; i < extras.n; i++)
		node_push(s->arena, files, node_str(s->arena, extras.v[i].path));
	node_set(s->arena, r, "types", types);
	node_set(s->arena, r, "files", files);
	node_set(s->arena, r, "dropped", dropped);
	node_set(s->arena, r, "invalid", im.list);
	if (!dry_run) {
		oid_format(hex, &commit);
		node_set(s->arena, r, "commit", node_str(s->arena, hex));
	}
	*out = r;
done:
	txn_free(t);
	extras_free(&extras);
	schema_set_free(&schemas);
	return rc;
}
