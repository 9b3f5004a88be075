#include "vault/vault_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
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

	if (!rc && os_is_dir(s))
		rc = git_open(&v->keys, s, false, e);
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
	const struct device *dev = NULL;

	if (!v->id)
		return err_set(e, ERR_ACCESS, _("this needs an identity; see: akt id new"));
	dev = state_signer(v->state, v->id->sign_pk, m);
	if (!dev)
		return err_set(e, ERR_ACCESS,
		    _("this device does not belong to the store; an admin adds it with: akt device add"));
	if (dev->revoked)
		return err_set(e, ERR_ACCESS, _("this device has been revoked in the store"));
	if (d)
		*d = dev;
	return 0;
}

int
vault_lock(struct os_lock **out, const struct vault *v, struct err *e)
{
	char *path = vault_local(v, "lock");
	int rc = os_lock(out, path, LOCK_WAIT_MS, e);

	free(path);
	return rc;
}

int
vault_schema(struct vault *v, const struct schema **out, const char *type, struct err *e)
{
	char *path = xasprintf("schema/%s.yaml", type);
	struct vault_schema_entry *s = NULL;
	struct diags diags = {0};
	struct buf raw = {0};
	struct err inner = {0};
	struct node *doc = NULL;
	struct oid blob;
	unsigned mode;
	int rc;

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
	rc = yaml_parse(&doc, s->arena, buf_str(&raw), raw.n, path, YAML_STORED, e);
	if (!rc)
		rc = schema_compile(&s->schema, doc, path, SCHEMA_STORE, NULL, &diags, e);
	if (rc)
		goto done;
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

/* --- keys ------------------------------------------------------------------- */

char *
vault_keyfile_path(const char *dossier, const uint8_t file[32])
{
	char hex[65];

	hash_hex(hex, file, 32);
	return xasprintf("%c/%c/%s/%s.age", dossier[0], dossier[1], dossier, hex);
}

int
vault_read_keyfile(void *vault, struct buf *out, const char *dossier, const uint8_t file[32],
    struct err *e)
{
	struct vault *v = vault;
	struct oid commit, tree, parents[2], blob;
	uint8_t hash[32];
	size_t n, start = out->n;
	unsigned mode;
	char *path;
	int rc;

	if (!v->keys)
		return err_set(e, ERR_NOTFOUND, _("this store has no key repository"));
	path = vault_keyfile_path(dossier, file);
	rc = git_ref_get(v->keys, &commit, VAULT_KEYS, e);
	if (!rc)
		rc = git_commit_links(v->keys, &commit, &tree, parents, &n, e);
	if (!rc)
		rc = git_tree_find(v->keys, &blob, &mode, &tree, path, e);
	if (!rc)
		rc = git_read(v->keys, out, NULL, &blob, e);
	free(path);
	if (rc)
		return rc;
	hash_sha256(hash, out->p + start, out->n - start);
	if (memcmp(hash, file, 32) != 0) {
		out->n = start;
		return err_set(e, ERR_DAMAGED, _("a key file does not have the content it is named by"));
	}
	return 0;
}

int
epoch_plain_parse(struct keyring *ring, struct buf *devices, const struct buf *plain,
    struct err *e)
{
	static const char mark[] = "# devices:";
	uint8_t *sk = secret_alloc(32), name[32];
	const char *s = buf_str(plain), *end;
	int rc = 0;

	for (; !rc && *s; s = *end ? end + 1 : end) {
		end = strchrnul(s, '\n');
		if (strncmp(s, mark, sizeof mark - 1) == 0) {
			if (devices && end > s + sizeof mark)
				buf_add(devices, s + sizeof mark, (size_t)(end - s) - sizeof mark);
			continue;
		}
		if (*s == '#' || end == s)
			continue;
		rc = age_identity_parse(sk, s, (size_t)(end - s), e);
		if (!rc && ring)
			keyring_add(ring, name, sk);
	}
	secret_free(sk);
	return rc;
}

static int
load_epoch(struct vault *v, const struct state *s, const struct epoch *ep, struct err *e)
{
	char *path = xasprintf("teams/%s/%s.age", ep->team, ep->name);
	struct buf sealed = {0}, plain = {0};
	int rc;

	/* what was fetched may name epochs that HEAD has not; a change under way has no tree yet */
	rc = objects_file(&v->objects, &sealed, NULL,
	    git_has(v->git, state_tree(s)) ? state_tree(s) : &v->tree, path, e);
	if (!rc)
		rc = age_decrypt(&plain, (const uint8_t (*)[32])&v->id->age_sk, 1, 0,
		    buf_str(&sealed), sealed.n, NULL, e);
	if (!rc)
		rc = epoch_plain_parse(v->ring, NULL, &plain, e);
	buf_free(&sealed);
	buf_free(&plain);
	free(path);
	return rc;
}

/* True when the epoch has been tried at this HEAD before; remembers it. */
static bool
tried(struct vault *v, const char *team, const char *epoch)
{
	char key[sizeof *v->tried];

	snprintf(key, sizeof key, "%s/%s", team, epoch);
	for (size_t i = 0; i < v->ntried; i++)
		if (strcmp(v->tried[i], key) == 0)
			return true;
	if (v->ntried == v->tried_cap) {
		v->tried_cap = v->tried_cap ? v->tried_cap * 2 : 16;
		v->tried = xrealloc(v->tried, v->tried_cap, sizeof *v->tried);
	}
	memcpy(v->tried[v->ntried++], key, sizeof key);
	return false;
}

int
vault_load_team(struct vault *v, const struct state *s, const char *team, struct err *e)
{
	const struct epoch *ep = state_epoch(s, team);
	const struct member *m = NULL;
	struct err inner = {0};
	char *dot;
	int rc = 0;

	(void)e;
	if (!v->id || !ep)
		return 0;
	if (tried(v, team, ep->name))
		return 0;
	dot = strchr(v->id->id, '.');
	state_signer(s, v->id->sign_pk, &m);
	/* The newest epoch's file holds the earlier keys too; an older file opens where we
	 * left the team, or where the newest is not wrapped for this device yet. */
	for (; ep; ep = *ep->earlier ? state_epoch_named(s, team, ep->earlier) : NULL) {
		bool mine = !dot; /* recovery is in every epoch */

		if (keyring_get_epoch(v->ring, ep->name))
			break;
		for (size_t i = 0; m && i < ep->nmembers; i++)
			mine |= strcmp(ep->members[i], m->handle) == 0;
		if (!mine)
			continue;
		err_clear(&inner);
		rc = load_epoch(v, s, ep, &inner);
		if (!rc)
			break;
	}
	return 0;
}

/* An epoch that the chain of the newest does not lead to: the team's key was renewed on both sides of a
 * merge. Tried once a HEAD, as the team itself. */
static void
load_beside(struct vault *v, const struct state *s, const char *team, const char *name)
{
	const struct epoch *ep = state_epoch_named(s, team, name);
	struct epoch lone = {0}; /* only its key was let in */
	const struct member *m = NULL;
	struct err inner = {0};
	bool mine = !ep;

	if (!v->id || tried(v, team, name))
		return;
	if (!ep) {
		snprintf(lone.team, sizeof lone.team, "%s", team);
		snprintf(lone.name, sizeof lone.name, "%s", name);
		ep = &lone;
	}
	state_signer(s, v->id->sign_pk, &m);
	for (size_t i = 0; m && i < ep->nmembers && !mine; i++)
		mine = strcmp(ep->members[i], m->handle) == 0;
	if (mine || !strchr(v->id->id, '.'))
		load_epoch(v, s, ep, &inner);
}

int
vault_load_dossier(struct vault *v, const struct state *s, const struct dossier *d,
    vault_keyfile_fn read, void *ctx, size_t *opened, struct err *e)
{
	uint8_t *sk = secret_alloc(32);
	struct buf sealed = {0}, plain = {0};
	int rc = 0;

	*opened = 0;
	for (size_t i = 0; i < d->nkeys; i++) {
		const struct dossier_key *k = &d->keys[i];
		uint8_t name[32];

		for (size_t j = 0; j < k->nfor && !keyring_get(v->ring, k->id); j++) {
			const uint8_t *epoch = keyring_get_epoch(v->ring, k->to[j].epoch);
			struct err inner = {0};

			if (!epoch) {
				rc = vault_load_team(v, s, k->to[j].team, e);
				if (rc)
					goto done;
				epoch = keyring_get_epoch(v->ring, k->to[j].epoch);
			}
			if (!epoch) {
				load_beside(v, s, k->to[j].team, k->to[j].epoch);
				epoch = keyring_get_epoch(v->ring, k->to[j].epoch);
			}
			if (!epoch)
				continue;
			buf_reset(&sealed);
			buf_reset(&plain);
			rc = read(ctx, &sealed, d->id, k->file, &inner);
			if (rc == ERR_NOTFOUND) {
				rc = 0; /* not here yet: another file or the next sync has it */
				break;
			}
			if (!rc)
				rc = age_decrypt(&plain, (const uint8_t (*)[32])epoch, 1, j,
				    buf_str(&sealed), sealed.n, NULL, &inner);
			if (!rc)
				rc = age_identity_parse(sk, buf_str(&plain),
				    strcspn(buf_str(&plain), "\n"), &inner);
			if (rc) {
				err_set(e, ERR_DAMAGED,
				    _("a key of dossier %s cannot be opened though it is meant for us"), d->id);
				rc = ERR_DAMAGED;
				goto done;
			}
			keyring_add(v->ring, name, sk);
			if (memcmp(name, k->id, 32) != 0) {
				rc = err_set(e, ERR_DAMAGED, _("dossier %s: a key file holds another key"),
				    d->id);
				goto done;
			}
		}
		if (keyring_get(v->ring, k->id))
			++*opened;
	}
done:
	secret_free(sk);
	buf_free(&sealed);
	buf_free(&plain);
	return rc;
}

int
vault_decrypt(struct vault *v, struct buf *out, const struct dossier *d, const void *p,
    size_t n, struct err *e)
{
	struct err last = {0};
	bool tried = false, lacking = false;

	for (size_t i = 0; i < d->nkeys; i++) {
		const uint8_t *sk = keyring_get(v->ring, d->keys[i].id);
		int rc;

		lacking |= !sk;
		/* several files may hold the same identity */
		if (!sk || (i > 0 && memcmp(d->keys[i].id, d->keys[i - 1].id, 32) == 0))
			continue;
		tried = true;
		err_clear(&last);
		rc = age_decrypt(out, (const uint8_t (*)[32])sk, 1, 0, p, n, NULL, &last);
		if (rc != ERR_ACCESS) {
			if (rc)
				err_append(e, &last);
			return rc;
		}
	}
	/* a reader who was taken off the list lacks the keys of what was written since */
	if (tried && !lacking)
		return err_set(e, ERR_DAMAGED, _("is sealed for none of its dossier's keys: swapped"));
	return err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
}

bool
vault_can_read(struct vault *v, const char *dossier)
{
	const struct dossier *d = NULL;
	const struct member *me;
	struct err e = {0};
	size_t opened = 0;

	if (!v->id || vault_me(v, &me, NULL, &e) || state_dossier(v->state, &d, dossier, &e))
		return false;
	/* Old keys open what was written before one was taken off the list; it is no longer ours to
	 * show. The recovery identity is on no list and reads everything. */
	if (!(me->roles & ROLE_RECOVERY) && !state_may_read(v->state, d, me->handle, date_now()))
		return false;
	return vault_load_dossier(v, v->state, d, vault_read_keyfile, v, &opened, &e) == 0 && opened > 0;
}

static int
open_bytes(struct vault *v, struct buf *out, const struct state *s, const char *path,
    const struct oid *id, struct err *e)
{
	const struct dossier *d = NULL;
	struct buf sealed = {0};
	struct storepath p;
	struct err inner = {0};
	size_t opened = 0;
	int rc;

	switch (storepath_parse(&p, path)) {
	case PATH_RECORD:
	case PATH_PARKED:
		break;
	default:
		return err_set(e, ERR_USAGE, _("%s is no record"), path);
	}
	rc = state_dossier(s, &d, p.dossier, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	if (!rc)
		rc = vault_load_dossier(v, s, d, vault_read_keyfile, v, &opened, &inner);
	if (!rc && !opened)
		rc = err_set(&inner, ERR_ACCESS, _("no such record, or you have no access to it"));
	if (!rc)
		rc = git_read(v->git, &sealed, NULL, id, &inner);
	if (!rc)
		rc = vault_decrypt(v, out, d, buf_str(&sealed), sealed.n, &inner);
	if (rc) {
		for (int i = 0; i < inner.n; i++) {
			if (rc != ERR_ACCESS)
				err_at(e, inner.item[i].code, p.record, 0, 0, NULL, "%s",
				    inner.item[i].text);
			else
				err_set(e, inner.item[i].code, "%s", inner.item[i].text);
		}
	}
	buf_free(&sealed);
	return rc;
}

int
vault_open_bytes(struct vault *v, struct buf *out, const char *path, const struct oid *id,
    struct err *e)
{
	return open_bytes(v, out, v->state, path, id, e);
}

int
vault_open_record(struct vault *v, struct node **out, struct arena *a, const char *path,
    const struct oid *id, struct err *e)
{
	return vault_open_record_by(v, out, a, v->state, path, id, e);
}

int
vault_open_record_by(struct vault *v, struct node **out, struct arena *a, const struct state *s,
    const char *path, const struct oid *id, struct err *e)
{
	struct buf plain = {0};
	struct node *doc = NULL;
	struct storepath p;
	char *file = NULL;
	int rc;

	rc = open_bytes(v, &plain, s, path, id, e);
	if (rc)
		return rc;
	storepath_parse(&p, path);
	file = xasprintf("%s.yaml", p.record);
	rc = yaml_parse(&doc, a, buf_str(&plain), plain.n, file, YAML_STORED, e);
	if (!rc)
		rc = envelope_check(doc, &p, file, e);
	buf_free(&plain);
	free(file);
	if (rc)
		return rc == ERR_INVALID ? ERR_DAMAGED : rc;
	*out = doc;
	return 0;
}

struct each_ctx {
	vault_record_fn each;
	void *ctx;
};

static int
each_file(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct each_ctx *c = ctx;
	struct storepath p;

	(void)old;
	(void)old_mode;
	(void)mode;
	switch (storepath_parse(&p, path)) {
	case PATH_RECORD:
	case PATH_PARKED:
		return c->each(c->ctx, path, &p, id);
	default:
		return 0;
	}
}

int
vault_each_record(struct vault *v, const struct oid *tree, vault_record_fn each, void *ctx,
    struct err *e)
{
	struct each_ctx c = {each, ctx};

	return git_diff(v->git, NULL, tree, each_file, &c, e);
}
