/* refs/akt/keys: one parentless commit whose tree is the union of all key files (DESIGN 2). */
#include "sync/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"
#include "git/repo.h"
#include "trail/state.h"
#include "vault/erase.h"
#include "vault/keystore.h"

enum { KEYFILE_MAX = 256 * 1024 };

bool
sync_keys_path(const char *path, char dossier[ID_DOSSIER + 1], uint8_t file[32])
{
	char hex[65];

	if (strlen(path) != 2 + 2 + ID_DOSSIER + 1 + 64 + 4 || path[1] != '/' || path[3] != '/' ||
	    path[4] != path[0] || path[5] != path[2] || path[4 + ID_DOSSIER] != '/' ||
	    strcmp(path + 5 + ID_DOSSIER + 64, ".age") != 0)
		return false;
	memcpy(dossier, path + 4, ID_DOSSIER);
	dossier[ID_DOSSIER] = '\0';
	memcpy(hex, path + 5 + ID_DOSSIER, 64);
	hex[64] = '\0';
	return id_valid(dossier, ID_DOSSIER) && hash_unhex(file, 32, hex);
}

int
sync_keys_tree(struct git *g, const struct oid *commit, struct oid *tree, struct err *e)
{
	struct oid parents[2];
	size_t n;
	int rc = git_commit_links(g, commit, tree, parents, &n, e);

	if (!rc && n != 0)
		rc = err_set(e, ERR_DAMAGED, _("the keys' commit has a parent; it must stand alone"));
	return rc;
}

static int
check_file(struct git *g, const char *path, const struct oid *id, unsigned mode,
    char dossier[ID_DOSSIER + 1], struct err *e)
{
	uint8_t named[32], real[32];
	struct buf raw = {0};
	enum git_type type;
	int rc;

	if (mode != 0100644 || !sync_keys_path(path, dossier, named))
		return err_set(e, ERR_DAMAGED, _("a path among the keys is none of a key file"));
	rc = git_read(g, &raw, &type, id, e);
	hash_sha256(real, buf_str(&raw), raw.n);
	if (!rc && (type != GIT_BLOB || raw.n > KEYFILE_MAX || memcmp(real, named, 32) != 0))
		rc = err_set(e, ERR_DAMAGED, _("dossier %s: a key file is not the one it is named"), dossier);
	buf_free(&raw);
	return rc;
}

struct fetched {
	struct vault *v;
	struct git *g;
	struct git_update *u;
	size_t n, cap;
	struct err *e;
};

static int
take_new(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct fetched *f = ctx;
	char dossier[ID_DOSSIER + 1];
	bool erased = false;
	int rc;

	(void)old_mode;
	if (!id)
		return 0; /* ours, and not theirs: pushed later */
	rc = check_file(f->g, path, id, mode, dossier, f->e);
	if (rc)
		return rc;
	if (old)
		return 0; /* immutable: the name says the content */
	/* keys of what was erased never come back */
	rc = vault_state(f->v) ? erase_look(&erased, vault_state(f->v), dossier, f->e) : 0;
	if (rc || erased)
		return rc;
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 64;
		f->u = xrealloc(f->u, f->cap, sizeof *f->u);
	}
	f->u[f->n].path = xstrdup(path);
	f->u[f->n].id = memcpy(xmalloc(sizeof *id), id, sizeof *id);
	f->n++;
	return 0;
}

int
sync_keys_write(struct git *g, struct oid *commit, const struct oid *base,
    const struct git_update *u, size_t n, struct err *e)
{
	struct git_batch *b = git_batch_new(g);
	struct oid tree;
	int rc = git_tree_update(b, &tree, base, u, n, e);

	if (!rc) {
		keystore_commit(b, commit, &tree);
		rc = git_batch_write(b, e);
	}
	git_batch_free(b);
	return rc;
}

static int
write_union(struct git *g, const struct oid *base, const struct git_update *u, size_t n,
    const struct oid *expected, struct err *e)
{
	struct oid commit;
	int rc = sync_keys_write(g, &commit, base, u, n, e);

	return rc ? rc : git_ref_set(g, VAULT_KEYS, &commit, expected, e);
}

static int
fetch_progress(void *ctx, size_t done, size_t total)
{
	const struct sync_options *opt = ctx;

	return opt->progress ? opt->progress(opt->ctx, _("fetching"), done, total) : 0;
}

static int
fetch_union(struct fetched *f, struct git_remote *hub, const char *ref, const struct oid *theirs,
    const struct oid *mine, const struct sync_options *opt, struct err *e)
{
	struct oid my_tree, their_tree;
	bool doubt;
	int rc = erase_doubt(f->v, &doubt, e);

	if (!rc)
		rc = git_remote_fetch(hub, f->g, VAULT_KEYS, ref, fetch_progress, (void *)opt, e);
	/* from here on the ref shows what came */
	if (!rc && !doubt)
		erase_doubt_over(f->v);
	if (!rc)
		rc = sync_keys_tree(f->g, theirs, &their_tree, e);
	if (!rc && mine)
		rc = sync_keys_tree(f->g, mine, &my_tree, e);
	if (!rc)
		rc = git_diff(f->g, mine ? &my_tree : NULL, &their_tree, take_new, f, e);
	if (!rc && f->n)
		rc = write_union(f->g, mine ? &my_tree : NULL, f->u, f->n, mine, e);
	return rc;
}

int
sync_keys_fetch(struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e)
{
	struct fetched f = {.v = v, .e = e};
	const struct oid *theirs = git_remote_ref(hub, VAULT_KEYS);
	struct os_lock *lock = NULL;
	struct oid mine;
	char *ref = NULL;
	bool have;
	int rc;

	if (!theirs || (git_ref_get(vault_keys_git(v), &mine, VAULT_KEYS, NULL) == 0 &&
	                   oid_equal(&mine, theirs)))
		return 0;
	rc = keystore_lock(&lock, v, e);
	if (rc)
		return rc;
	f.g = vault_keys_git(v);
	have = git_ref_get(f.g, &mine, VAULT_KEYS, NULL) == 0;
	ref = xasprintf("refs/akt/hub/%s/keys", name);
	rc = fetch_union(&f, hub, ref, theirs, have ? &mine : NULL, opt, e);
	for (size_t i = 0; i < f.n; i++) {
		free((char *)f.u[i].path);
		free((struct oid *)f.u[i].id);
	}
	free(f.u);
	free(ref);
	os_unlock(lock);
	return rc;
}

/* --- pushing -------------------------------------------------------------------------- */

/* What the hub's keys lack of ours, and what they hold that has been erased. */
struct outgoing {
	const struct state *tip; /* of what main becomes there */
	struct err *e;
	size_t n, cap;
	struct change {
		char *path;
		bool add;
		struct oid id;
	} *v;
};

static int
sort_out(void *ctx, const char *path, const struct oid *theirs, unsigned their_mode,
    const struct oid *ours, unsigned our_mode)
{
	struct outgoing *o = ctx;
	char dossier[ID_DOSSIER + 1];
	uint8_t file[32];
	bool erased = false;
	int rc;

	(void)their_mode, (void)our_mode;
	if (theirs || !sync_keys_path(path, dossier, file))
		return 0;
	/* erased keys do not go out again */
	rc = erase_look(&erased, o->tip, dossier, o->e);
	if (rc || erased)
		return rc;
	vec_grow(o);
	o->v[o->n++] = (struct change){xstrdup(path), true, *ours};
	return 0;
}

/* The folders of these dossiers in the hub's keys. */
static size_t
find_held(struct outgoing *o, struct git *g, const struct oid *tree, char (*erased)[11], size_t n)
{
	size_t held = 0;

	for (size_t i = 0; i < n; i++) {
		char *path = xasprintf("%c/%c/%s", erased[i][0], erased[i][1], erased[i]);
		struct oid at;
		unsigned mode;

		if (git_tree_find(g, &at, &mode, tree, path, NULL) == 0) {
			held++;
			if (o) {
				vec_grow(o);
				o->v[o->n++] = (struct change){.path = xstrdup(path)};
			}
		}
		free(path);
	}
	return held;
}

static int
write_outgoing(struct outgoing *o, struct git *g, struct oid *commit, const struct oid *base,
    struct err *e)
{
	struct git_update *u = xcalloc(o->n, sizeof *u);
	int rc;

	for (size_t i = 0; i < o->n; i++)
		u[i] = (struct git_update){o->v[i].path, o->v[i].add ? &o->v[i].id : NULL};
	rc = sync_keys_write(g, commit, base, u, o->n, e);
	free(u);
	return rc;
}

static int
state_at(struct state **out, struct state_cache *c, struct git *g, const struct oid *commit,
    struct err *e)
{
	struct oid tree, parents[2];
	size_t n;
	int rc = git_commit_links(g, commit, &tree, parents, &n, e);

	return rc ? rc : state_open(out, c, &tree, e);
}

int
sync_keys_push(struct vault *v, struct git_remote *hub, const struct oid *tip, bool erase,
    const struct sync_options *opt, struct err *e)
{
	struct git *g = vault_keys_git(v);
	const struct oid *theirs = git_remote_ref(hub, VAULT_KEYS);
	struct objects objects = objects_of_git(vault_git(v));
	struct oid mine, commit, my_tree, their_tree;
	struct state_cache *cache = NULL;
	struct state *state = NULL;
	struct outgoing o = {.e = e};
	char (*erased)[11] = NULL;
	size_t nerased = 0;
	struct err inner = {0};
	int rc = git_ref_get(g, &mine, VAULT_KEYS, &inner);

	if (rc == ERR_NOTFOUND || (!rc && !erase && theirs && oid_equal(&mine, theirs)))
		return 0;
	err_append(e, &inner);
	if (!rc && theirs && !git_has(g, theirs))
		rc = err_set(e, ERR_RACE, _("the hub moved meanwhile; sync again"));
	if (rc)
		return rc;
	cache = state_cache_new(&objects);
	rc = state_at(&state, cache, vault_git(v), tip, e);
	o.tip = state;
	if (!rc)
		rc = sync_keys_tree(g, &mine, &my_tree, e);
	if (!rc && theirs)
		rc = sync_keys_tree(g, theirs, &their_tree, e);
	if (!rc)
		rc = git_diff(g, theirs ? &their_tree : NULL, &my_tree, sort_out, &o, e);
	if (!rc && erase && theirs)
		rc = erase_list(&erased, &nerased, vault_git(v), state, true, e);
	if (!rc)
		find_held(&o, g, &their_tree, erased, nerased);
	if (!rc && o.n)
		rc = write_outgoing(&o, g, &commit, theirs ? &their_tree : NULL, e);
	if (!rc && o.n)
		rc = git_remote_push(hub, g, VAULT_KEYS, &commit, true, sync_receive, NULL,
		    fetch_progress, (void *)opt, e);
	for (size_t i = 0; i < o.n; i++)
		free(o.v[i].path);
	free(o.v);
	free(erased);
	if (state)
		state_close(state);
	state_cache_free(cache);
	return rc;
}

bool
sync_keys_held(struct vault *v, struct git_remote *hub)
{
	struct git *g = vault_keys_git(v);
	const struct oid *theirs = git_remote_ref(hub, VAULT_KEYS);
	char (*erased)[11] = NULL;
	struct oid tree;
	size_t n = 0;
	bool held;

	if (!theirs || !git_has(g, theirs) || sync_keys_tree(g, theirs, &tree, NULL) ||
	    erase_list(&erased, &n, vault_git(v), vault_state(v), true, NULL))
		return false;
	held = find_held(NULL, g, &tree, erased, n) > 0;
	free(erased);
	return held;
}

/* --- keyless checks ------------------------------------------------------------------- */

struct complete {
	struct git *g, *keys;
	struct oid keys_tree;
	bool have;
	const struct state *erased; /* what this has erased needs no keys; NULL = nothing */
	struct state_cache *cache;
	struct state *state;
	struct err *e;
};

static int
dossier_complete(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct complete *c = ctx;
	const struct dossier *d;
	struct storepath p;
	int rc;

	(void)old;
	(void)old_mode;
	(void)mode;
	if (!id || storepath_parse(&p, path) != PATH_DOSSIER ||
	    (c->erased && erase_done(c->erased, p.dossier)))
		return 0;
	rc = state_dossier(c->state, &d, p.dossier, c->e);
	for (size_t i = 0; !rc && i < d->nkeys; i++) {
		char hex[65], *file;
		struct err inner = {0};
		struct oid blob;
		unsigned m;

		hash_hex(hex, d->keys[i].file, 32);
		file = xasprintf("%c/%c/%s/%s.age", d->id[0], d->id[1], d->id, hex);
		rc = c->have ? git_tree_find(c->keys, &blob, &m, &c->keys_tree, file, &inner) : ERR_NOTFOUND;
		if (rc == ERR_NOTFOUND)
			rc = err_set(c->e, ERR_DAMAGED,
			    _("dossier %s: a key file that it names is missing from the keys"), d->id);
		else if (rc)
			err_append(c->e, &inner);
		free(file);
	}
	return rc;
}

int
sync_keys_complete(struct git *g, struct git *keys, const struct oid *old_tree,
    const struct oid *new_tree, const struct state *erased, struct err *e)
{
	struct complete c = {.g = g, .keys = keys, .erased = erased, .e = e};
	struct objects o = objects_of_git(g);
	struct err inner = {0};
	struct oid commit;
	int rc = git_ref_get(keys, &commit, VAULT_KEYS, &inner);

	if (rc && rc != ERR_NOTFOUND) {
		err_append(e, &inner);
		return rc;
	}
	c.have = rc == 0;
	rc = c.have ? sync_keys_tree(keys, &commit, &c.keys_tree, e) : 0;
	c.cache = state_cache_new(&o);
	if (!rc)
		rc = state_open(&c.state, c.cache, new_tree, e);
	if (!rc)
		rc = git_diff(g, old_tree, new_tree, dossier_complete, &c, e);
	if (c.state)
		state_close(c.state);
	state_cache_free(c.cache);
	return rc;
}

struct kept {
	struct git *g;
	struct state *state; /* of main; NULL when there is none yet */
	struct err *e;
};

static int
keys_only_grow(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct kept *k = ctx;
	char dossier[ID_DOSSIER + 1];
	uint8_t file[32];
	bool erased = false;
	int rc = 0;

	(void)old_mode;
	if (id)
		rc = check_file(k->g, path, id, mode, dossier, k->e);
	if (!rc && k->state && (id || sync_keys_path(path, dossier, file)))
		rc = erase_look(&erased, k->state, dossier, k->e);
	if (rc)
		return rc;
	if (id)
		return erased ? err_set(k->e, ERR_ACCESS, _("dossier %s: a key that was erased comes back"), dossier) : 0;
	if (old && erased)
		return 0;
	return err_set(k->e, ERR_DAMAGED, _("key files that are still needed would disappear"));
}

int
sync_keys_receive(struct git *hub, const struct oid *old_id, const struct oid *new_id,
    struct err *e)
{
	struct kept k = {.g = hub, .e = e};
	struct objects o = objects_of_git(hub);
	struct state_cache *cache = state_cache_new(&o);
	struct oid main_id, main_tree, parents[2], old_tree, new_tree;
	struct err inner = {0};
	size_t n;
	int rc = git_ref_get(hub, &main_id, VAULT_MAIN, &inner);

	if (rc == 0) {
		rc = git_commit_links(hub, &main_id, &main_tree, parents, &n, e);
		if (!rc)
			rc = state_open(&k.state, cache, &main_tree, e);
	} else if (rc == ERR_NOTFOUND) {
		rc = 0;
	} else {
		err_append(e, &inner);
	}
	if (!rc && old_id)
		rc = sync_keys_tree(hub, old_id, &old_tree, e);
	if (!rc)
		rc = sync_keys_tree(hub, new_id, &new_tree, e);
	if (!rc)
		rc = git_diff(hub, old_id ? &old_tree : NULL, &new_tree, keys_only_grow, &k, e);
	if (k.state)
		state_close(k.state);
	state_cache_free(cache);
	return rc;
}
