#include "trail/state_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "merge/storepath.h"

enum { MODE_FILE = 0100644, MODE_FOLDER = 040000 };

struct opening {
	struct state *s;
	struct err *e;
};

static int
root_entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct opening *w = ctx;
	struct state *s = w->s;
	struct {
		const char *name;
		struct oid *id;
	} folder[] = {{"members", &s->members}, {"teams", &s->teams}, {"schema", &s->schema},
	    {"records", &s->records}, {"erased", &s->erased}};
	void *p = NULL;
	int rc = 0;

	if (mode == MODE_FOLDER)
		for (size_t i = 0; i < sizeof folder / sizeof *folder; i++)
			if (strcmp(folder[i].name, name) == 0) {
				*folder[i].id = *id;
				return 0;
			}
	if (mode == MODE_FILE && strcmp(name, "allowed_signers") == 0)
		return 0;
	if (mode != MODE_FILE || strcmp(name, "store.yaml") != 0)
		return state_folder_stray(name, w->e);
	rc = state_cache_load(s->cache, &p, CACHE_STORE, name, id, w->e);
	s->store = p;
	return rc;
}

int
state_load(const struct state *s, const void **out, bool *content, const char *path,
    const struct oid *id, struct err *e)
{
	static const enum cache_kind kinds[] = {
	    [PATH_STORE] = CACHE_STORE,
	    [PATH_MEMBER] = CACHE_MEMBER,
	    [PATH_EPOCH] = CACHE_EPOCH,
	    [PATH_SCHEMA] = CACHE_WRITE,
	    [PATH_DOSSIER] = CACHE_DOSSIER,
	    [PATH_TOMBSTONE] = CACHE_TOMBSTONE,
	};
	void *p = NULL;
	enum cache_kind kind = kinds[storepath_parse(NULL, path)];
	int rc = state_cache_load_telling(s->cache, &p, content, kind, path, id, e);

	if (!rc)
		*out = p;
	return rc;
}

int
state_open(struct state **out, struct state_cache *c, const struct oid *tree, struct err *e)
{
	struct state *s = xcalloc(1, sizeof *s);
	struct opening w = {s, e};
	int rc = 0;

	s->cache = c;
	s->tree = *tree;
	rc = state_folder_each(c, tree, NULL, root_entry, &w, e);
	if (!rc && !s->store)
		rc = err_at(e, ERR_DAMAGED, "store.yaml", 0, 0, NULL, "%s", _("is missing"));
	if (!rc)
		rc = state_folder_roster(&s->roster, c, &s->members, e);
	if (!rc)
		rc = state_folder_teams(&s->team, c, &s->teams, e);
	if (rc)
		free(s);
	else
		*out = s;
	return rc;
}

void
state_close(struct state *s)
{
	free(s);
}

const struct oid *
state_tree(const struct state *s)
{
	return &s->tree;
}

const struct store_info *
state_store(const struct state *s)
{
	return s->store;
}

const struct member *
state_member(const struct state *s, const char *handle)
{
	const struct roster *r = s->roster;
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = strcmp(handle, r->v[mid]->handle);

		if (cmp == 0)
			return r->v[mid];
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

size_t
state_members(const struct state *s, const struct member *const **list)
{
	*list = s->roster->v;
	return s->roster->n;
}

const struct device *
state_device(const struct state *s, const char *id, const struct member **m)
{
	for (size_t i = 0; i < s->roster->nkeys; i++) {
		const struct roster_key *k = &s->roster->keys[i];

		if (strcmp(k->device->id, id) != 0)
			continue;
		if (m)
			*m = k->member;
		return k->device;
	}
	return NULL;
}

const struct device *
state_signer(const struct state *s, const uint8_t pk[32], const struct member **m)
{
	const struct roster *r = s->roster;
	size_t lo = 0, hi = r->nkeys;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = memcmp(pk, r->keys[mid].device->signer, 32);

		if (cmp == 0) {
			if (m)
				*m = r->keys[mid].member;
			return r->keys[mid].device;
		}
		if (cmp < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* A file of a dossier id under records/ or erased/. */
static int
load_of_dossier(const struct state *s, void **out, enum cache_kind kind, const struct oid *folder,
    const char *path, const char *missing, struct err *e)
{
	struct err inner;
	struct oid id;
	int rc = ERR_NOTFOUND;

	err_clear(&inner); /* not zeroed whole: 14 KiB, for each path that policy looks at */
	if (!oid_zero(folder))
		rc = objects_file(
		    &s->cache->objects, NULL, &id, folder, strchr(path, '/') + 1, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_NOTFOUND, "%s", missing);
	if (rc) {
		if (e)
			err_append(e, &inner);
		return rc;
	}
	return state_cache_load(s->cache, out, kind, path, &id, e);
}

int
state_dossier(const struct state *s, const struct dossier **out, const char *dossier, struct err *e)
{
	char path[64];
	void *p = NULL;
	int rc = ERR_NOTFOUND;

	if (!id_valid(dossier, ID_DOSSIER))
		return err_set(e, ERR_NOTFOUND, "%s", _("there is no such dossier"));
	snprintf(
	    path, sizeof path, "records/%c/%c/%s/dossier.yaml", dossier[0], dossier[1], dossier);
	rc = load_of_dossier(
	    s, &p, CACHE_DOSSIER, &s->records, path, _("there is no such dossier"), e);
	if (!rc)
		*out = p;
	return rc;
}

int
state_tombstone(
    const struct state *s, const struct tombstone **out, const char *dossier, struct err *e)
{
	char path[64];
	void *p = NULL;
	int rc = ERR_NOTFOUND;

	if (!id_valid(dossier, ID_DOSSIER))
		return err_set(e, ERR_NOTFOUND, "%s", _("there is no such tombstone"));
	snprintf(path, sizeof path, "erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	rc = load_of_dossier(
	    s, &p, CACHE_TOMBSTONE, &s->erased, path, _("there is no such tombstone"), e);
	if (!rc)
		*out = p;
	return rc;
}

bool
state_tombstone_signed(const struct state *s, const struct tombstone *t)
{
	int active = 0;

	for (size_t i = 0; i < t->nby; i++) {
		const struct member *m = state_member(s, t->by[i].handle);

		active += m && m->roles;
	}
	return active >= s->store->erase_signers;
}

bool
state_tombstone_final(const struct state *s, const struct tombstone *t)
{
	const struct dossier *d = NULL;

	return state_tombstone_signed(s, t) ||
	    state_dossier(s, &d, t->dossier, NULL) == ERR_NOTFOUND;
}

struct wanted {
	const char *name;
	bool found;
	struct oid id;
};

static int
find_name(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct wanted *w = ctx;

	(void)mode;
	if (strcmp(name, w->name) == 0) {
		w->found = true;
		w->id = *id;
	}
	return 0;
}

int
state_dossier_gone(const struct state *s, bool *gone, const char *dossier, struct err *e)
{
	const char part[3][11] = {{dossier[0]}, {dossier[1]}, ""};
	struct wanted w = {.id = s->records, .found = !oid_zero(&s->records)};
	struct buf raw = {0};
	int rc = 0;

	for (size_t i = 0; i < 3 && w.found && !rc; i++) {
		w.found = false;
		w.name = i < 2 ? part[i] : dossier;
		raw.n = 0;
		rc = objects_read(&s->cache->objects, &raw, GIT_TREE, &w.id, "records", e);
		if (!rc)
			rc = git_tree_each(buf_str(&raw), raw.n, find_name, &w, e);
	}
	buf_free(&raw);
	if (!rc)
		*gone = !w.found;
	return rc;
}

bool
state_may_read(const struct state *s, const struct dossier *d, const char *handle, int64_t now)
{
	for (size_t i = 0; i < d->naccess; i++) {
		bool over = false;

		for (size_t j = 0; j < d->nuntil; j++)
			over |=
			    strcmp(d->until[j].team, d->access[i]) == 0 && d->until[j].at <= now;
		if (!over && state_in_team(s, d->access[i], handle, now))
			return true;
	}
	return false;
}

/* Who may write a type: the default where the schema is silent or there is none; nobody where
 * the schema cannot be read, since it may have said so. */
const char *const *
state_type_write(const struct state *s, const char *type)
{
	static const char *const standard[] = {"staff", "supervisor", NULL};
	static const char *const nobody[] = {NULL};
	struct oid id;
	char path[64];
	void *p = NULL;
	int rc = ERR_NOTFOUND;

	snprintf(path, sizeof path, "schema/%.40s.yaml", type);
	if (!oid_zero(&s->schema))
		rc = objects_file(
		    &s->cache->objects, NULL, &id, &s->schema, strchr(path, '/') + 1, NULL);
	if (rc == ERR_NOTFOUND)
		return standard;
	if (rc || state_cache_load(s->cache, &p, CACHE_WRITE, path, &id, NULL))
		return nobody;
	return p ? (const char *const *)p : standard;
}

int
state_look_type(const struct state *s, const char *type, struct err *e)
{
	char path[64];
	struct oid id;
	void *p = NULL;
	struct err inner = {0};
	bool content = false;
	int rc = 0;

	if (oid_zero(&s->schema))
		return 0;
	snprintf(path, sizeof path, "schema/%.40s.yaml", type);
	rc = objects_file(&s->cache->objects, NULL, &id, &s->schema, strchr(path, '/') + 1, &inner);
	if (!rc)
		rc = state_cache_load_telling(s->cache, &p, &content, CACHE_WRITE, path, &id, &inner);
	if (!rc || rc == ERR_NOTFOUND || content)
		return 0;
	if (e)
		err_append(e, &inner);
	return rc;
}

bool
state_may_write_type(const struct state *s, const char *type, const struct member *m, int64_t now)
{
	const char *const *w = state_type_write(s, type);
	unsigned role;

	for (; *w; w++) {
		if (strncmp(*w, "team:", 5) == 0) {
			if (state_in_team(s, *w + 5, m->handle, now))
				return true;
		} else if (role_parse(&role, *w) == 0 && m->roles & role) {
			return true;
		}
	}
	return false;
}
