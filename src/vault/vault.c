#include "vault/vault_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "schema/schema.h"
#include "tree/yaml.h"
#include "vault/keystore.h"
#include "vault/reads.h"

enum { LOCK_WAIT_MS = 20000 };

char *
vault_local(const struct vault *v, const char *name)
{
	return xasprintf("%s/akt/%s", v->path, name);
}

static void
drop_schemas(struct vault *v)
{
	struct vault_schema_entry *s, *next;

	for (s = v->schemas; s; s = next) {
		next = s->next;
		schema_free(s->schema);
		arena_free(s->arena);
		free(s);
	}
	v->schemas = NULL;
}

int
vault_refresh(struct vault *v, struct err *e)
{
	struct oid head, tree, parents[2];
	struct state *s = NULL;
	size_t n = 0;
	int rc;

	rc = git_ref_get(v->git, &head, VAULT_MAIN, e);
	if (rc)
		return rc;
	if (v->have_head && oid_equal(&head, &v->head))
		return 0;
	rc = git_commit_links(v->git, &head, &tree, parents, &n, e);
	if (rc)
		return rc;
	rc = state_open(&s, v->cache, &tree, e);
	if (rc)
		return rc;
	if (v->state)
		state_close(v->state);
	v->state = s;
	v->last[0] = '\0';
	v->head = head;
	v->tree = tree;
	v->have_head = true;
	v->ntried = 0;
	return 0;
}

static int
open_parts(struct vault *v, struct err *e)
{
	char *s = vault_local(v, "keys.git");
	struct err inner = {0};
	int rc = keystore_settle(v->path, e);

	if (!rc)
		rc = git_open(&v->keys, s, false, &inner);
	/* a plain clone has none */
	if (rc == ERR_NOTFOUND && os_absent(s))
		rc = 0;
	else if (rc)
		err_append(e, &inner);
	err_clear(&inner);
	free(s);
	if (rc)
		return rc;
	s = vault_local(v, "tree256");
	/* a store on a read-only disk, or a plain clone, can still be read and verified */
	if (!v->keys || tree256_open(&v->t256, s, &inner))
		rc = tree256_open(&v->t256, NULL, e);
	free(s);
	v->objects = objects_of_git(v->git);
	v->cache = state_cache_new(&v->objects);
	v->ring = keyring_new();
	return rc;
}

static struct vault *
vault_new(const char *path, const struct identity *id)
{
	struct vault *v = xcalloc(1, sizeof *v);

	v->path = xstrdup(path);
	v->id = id;
	return v;
}

int
vault_open(struct vault **out, const char *path, const struct identity *id, struct err *e)
{
	struct vault *v = vault_new(path, id);
	struct err inner = {0};
	int rc;

	rc = git_open(&v->git, path, false, e);
	if (rc == ERR_NOTFOUND)
		rc = ERR_USAGE; /* the person named a folder that is none of ours */
	if (!rc)
		rc = open_parts(v, e);
	if (!rc)
		rc = vault_refresh(v, &inner);
	if (rc == ERR_NOTFOUND && inner.n && v->keys)
		rc = err_set(e, ERR_DAMAGED, _("the store has no branch main any more; akt doctor puts it back"));
	else if (rc == ERR_NOTFOUND && inner.n)
		rc = err_set(e, ERR_USAGE, _("%s is a git repository but no Akt store"), path);
	else
		err_append(e, &inner);
	if (rc) {
		vault_close(v);
		return rc;
	}
	*out = v;
	return 0;
}

int
vault_create(struct vault **out, const char *path, const struct identity *id, struct err *e)
{
	struct vault *v = vault_new(path, id);
	char *local = vault_local(v, ""), *keys = vault_local(v, "keys.git");
	struct git *g = NULL;
	int rc;

	rc = git_init(&v->git, path, e);
	if (!rc)
		rc = os_mkdirs(local, e);
	if (!rc)
		rc = git_init(&g, keys, e);
	git_close(g);
	if (!rc)
		rc = open_parts(v, e);
	free(local);
	free(keys);
	if (rc) {
		vault_close(v);
		return rc;
	}
	*out = v;
	return 0;
}

void
vault_close(struct vault *v)
{
	if (!v)
		return;
	reads_flush(v);
	reads_free(v);
	drop_schemas(v);
	if (v->state)
		state_close(v->state);
	if (v->cache)
		state_cache_free(v->cache);
	tree256_close(v->t256);
	if (v->ring)
		keyring_free(v->ring);
	git_close(v->keys);
	git_close(v->git);
	free(v->tried);
	free(v->damage);
	free(v->path);
	free(v);
}

struct git *
vault_git(struct vault *v)
{
	return v->git;
}

struct git *
vault_keys_git(struct vault *v)
{
	return v->keys;
}

const struct identity *
vault_identity(const struct vault *v)
{
	return v->id;
}

bool
vault_saved(const struct vault *v)
{
	return v->saved;
}

const struct oid *
vault_head(const struct vault *v)
{
	return &v->head;
}

const struct oid *
vault_tree(const struct vault *v)
{
	return &v->tree;
}

const struct state *
vault_state(const struct vault *v)
{
	return v->state;
}

struct tree256 *
vault_tree256(struct vault *v)
{
	return v->t256;
}

const char *
vault_path(const struct vault *v)
{
	return v->path;
}

int
vault_me(const struct vault *v, const struct member **m, const struct device **d,
    struct err *e)
{
	const struct member *member = NULL;
	const struct device *dev = NULL;

	if (!v->id)
		return err_set(e, ERR_ACCESS, _("this needs an identity; see: akt id new"));
	dev = state_signer(v->state, v->id->sign_pk, &member);
	if (m)
		*m = member;
	if (!dev)
		return err_set(e, ERR_ACCESS,
		    _("this device does not belong to the store; an admin adds it with: akt device add"));
	if (dev->revoked)
		return err_set(e, ERR_ACCESS, _("this device has been revoked in the store"));
	/* let in on one side while its member was removed on the other */
	if (!member->roles)
		return err_set(e, ERR_ACCESS, _("whose device this is has been removed from the store"));
	if (d)
		*d = dev;
	return 0;
}

int
vault_lock(struct os_lock **out, const struct vault *v, struct err *e)
{
	char *path = vault_local(v, "lock"), *dir = vault_local(v, "");
	int rc;

	if (!v->keys && !os_is_dir(dir))
		rc = err_set(e, ERR_USAGE,
		    _("this is a copy to look at, made with git clone: get the store itself with akt join and work there"));
	else
		rc = os_lock(out, path, LOCK_WAIT_MS, e);
	free(dir);
	free(path);
	return rc;
}

int
vault_schema(struct vault *v, const struct schema **out, const char *type, struct err *e)
{
	char *path;
	struct vault_schema_entry *s;
	struct diags diags = {0};
	struct buf raw = {0};
	struct err inner;
	struct node *doc = NULL;
	struct oid blob;
	unsigned mode;
	int rc;

	/* asked for every record */
	for (s = v->schemas; s; s = s->next)
		if (strcmp(s->type, type) == 0 && oid_equal(&s->tree, &v->tree)) {
			*out = s->schema;
			return 0;
		}
	err_clear(&inner);
	path = xasprintf("schema/%s.yaml", type);
	rc = git_tree_find(v->git, &blob, &mode, &v->tree, path, &inner);
	if (rc == ERR_NOTFOUND) {
		*out = NULL;
		rc = 0;
		goto done;
	}
	if (rc) {
		err_append(e, &inner);
		goto done;
	}
	for (s = v->schemas; s; s = s->next)
		if (oid_equal(&s->blob, &blob)) {
			if (strcmp(s->type, type) == 0)
				s->tree = v->tree;
			*out = s->schema;
			s = NULL;
			goto done;
		}
	rc = git_read(v->git, &raw, NULL, &blob, e);
	if (rc)
		goto done;
	s = xcalloc(1, sizeof *s);
	s->arena = arena_new();
	s->blob = blob;
	s->tree = v->tree;
	snprintf(s->type, sizeof s->type, "%s", type);
	rc = yaml_parse(&doc, s->arena, buf_str(&raw), raw.n, path, YAML_STORED, e);
	if (!rc)
		rc = schema_compile(&s->schema, doc, path, SCHEMA_STORE, NULL, &diags, &inner);
	/* what stands wrong and where, not how many there are */
	if (rc == ERR_INVALID && diags.n)
		err_clear(&inner);
	for (size_t i = 0; rc == ERR_INVALID && i < diags.n; i++)
		err_at(e, rc, diags.v[i].file, diags.v[i].line, diags.v[i].column, diags.v[i].path, "%s",
		    diags.v[i].text);
	if (rc) {
		err_append(e, &inner);
		goto done;
	}
	s->next = v->schemas;
	v->schemas = s;
	*out = s->schema;
	s = NULL;
done:
	if (s) {
		arena_free(s->arena);
		free(s);
	}
	diags_free(&diags);
	buf_free(&raw);
	free(path);
	return rc;
}
