/* What lies in one folder of HEAD's tree. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "git/repo.h"
#include "vault/vault.h"

struct folder {
	const char *path;
	vault_record_fn each;
	void *ctx;
};

static int
entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct folder *f = ctx;
	char *path = xasprintf("%s/%s", f->path, name);
	struct storepath p;
	int rc;

	(void)mode;
	storepath_parse(&p, path);
	rc = f->each(f->ctx, path, &p, id);
	free(path);
	return rc;
}

int
each_in_folder(struct session *s, const char *folder, vault_record_fn each, void *ctx, struct err *e)
{
	struct folder f = {folder, each, ctx};
	struct git *g = vault_git(s->v);
	struct err inner = {0};
	struct buf raw = {0};
	struct oid id;
	unsigned mode;
	int rc = git_tree_find(g, &id, &mode, vault_tree(s->v), folder, &inner);

	if (rc == ERR_NOTFOUND)
		return 0;
	err_append(e, &inner);
	if (!rc)
		rc = git_read(g, &raw, NULL, &id, e);
	if (!rc)
		rc = git_tree_each(raw.p, raw.n, entry, &f, e);
	buf_free(&raw);
	return rc;
}

int
each_in_dossier(struct session *s, const char *dossier, vault_record_fn each, void *ctx,
    struct err *e)
{
	char *path = storepath_in_dossier(dossier, "");
	int rc;

	path[strlen(path) - 1] = '\0'; /* without its last slash */
	rc = each_in_folder(s, path, each, ctx, e);
	free(path);
	return rc;
}

struct types {
	struct session *s;
	type_fn each;
	void *ctx;
	bool sound;
	struct err *e;
};

static int
type_file(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct types *t = ctx;
	const struct schema *sc = NULL;
	struct err inner = {0};
	int rc = p->kind == PATH_SCHEMA ? vault_schema(t->s->v, &sc, p->name, &inner) : 0;

	(void)path;
	(void)id;
	if (rc == ERR_INVALID && t->sound)
		return 0;
	err_append(t->e, &inner);
	return rc || !sc ? rc : t->each(t->ctx, p->name, sc);
}

int
each_type(struct session *s, type_fn each, void *ctx, struct err *e)
{
	struct types t = {s, each, ctx, false, e};

	return each_in_folder(s, "schema", type_file, &t, e);
}

int
each_sound_type(struct session *s, type_fn each, void *ctx, struct err *e)
{
	struct types t = {s, each, ctx, true, e};

	return each_in_folder(s, "schema", type_file, &t, e);
}
