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

enum kind { EMPTY, STORE, MEMBER, EPOCH, DOSSIER, TOMBSTONE, WRITE, ROSTER, TEAM, TEAMS };
enum { MODE_FILE = 0100644, MODE_FOLDER = 040000 };

struct entry {
	enum kind kind;
	struct oid id;
	void *p;
};

/* Open addressing; git's ids are their own hash. */
struct state_cache {
	struct objects objects;
	size_t n, size;
	struct entry *v;
};

struct state_cache *
state_cache_new(const struct objects *o)
{
	struct state_cache *c = xcalloc(1, sizeof *c);

	c->objects = *o;
	c->size = 256;
	c->v = xcalloc(c->size, sizeof *c->v);
	return c;
}

static void
free_entry(struct entry *t)
{
	switch (t->kind) {
	case EMPTY:
		break;
	case STORE:
		state_free_store(t->p);
		break;
	case MEMBER:
		state_free_member(t->p);
		break;
	case EPOCH:
		state_free_epoch(t->p);
		break;
	case DOSSIER:
		state_free_dossier(t->p);
		break;
	case TOMBSTONE:
		state_free_tombstone(t->p);
		break;
	case WRITE:
		state_free_write(t->p);
		break;
	case ROSTER:
		roster_free(t->p);
		break;
	case TEAM:
		team_free(t->p);
		break;
	case TEAMS:
		teams_free(t->p);
		break;
	}
}

void
state_cache_free(struct state_cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->size; i++)
		free_entry(&c->v[i]);
	free(c->v);
	free(c);
}

/* The entry, or the free place for it. */
static struct entry *
slot(struct entry *v, size_t size, enum kind kind, const struct oid *id)
{
	uint32_t h;

	memcpy(&h, id->b, sizeof h);
	for (size_t i = h & (size - 1);; i = (i + 1) & (size - 1))
		if (v[i].kind == EMPTY || (v[i].kind == kind && oid_equal(&v[i].id, id)))
			return &v[i];
}

static void
keep(struct state_cache *c, enum kind kind, const struct oid *id, void *p)
{
	if (c->n * 2 >= c->size) {
		size_t size = c->size * 2;
		struct entry *v = xcalloc(size, sizeof *v);

		for (size_t i = 0; i < c->size; i++)
			if (c->v[i].kind != EMPTY)
				*slot(v, size, c->v[i].kind, &c->v[i].id) = c->v[i];
		free(c->v);
		c->v = v;
		c->size = size;
	}
	*slot(c->v, c->size, kind, id) = (struct entry){kind, *id, p};
	c->n++;
}

/* True when the cache has it, NULL values too (a schema that says nothing). */
static bool
have(struct state_cache *c, void **out, enum kind kind, const struct oid *id)
{
	struct entry *t = slot(c->v, c->size, kind, id);

	if (t->kind == EMPTY)
		return false;
	*out = t->p;
	return true;
}

/* --- one file --------------------------------------------------------------------- */

static int
parse(void **out, enum kind kind, const char *path, const char *p, size_t n, struct err *e)
{
	struct store_info *store;
	struct member *member;
	struct epoch *epoch;
	struct dossier *dossier;
	struct tombstone *tombstone;
	char **list;
	int rc = 0;

#define READ(read, v) \
	do { \
		rc = read(&(v), path, p, n, e); \
		if (!rc) \
			*out = (v); \
	} while (0)
	switch (kind) {
	case STORE:
		READ(state_read_store, store);
		break;
	case MEMBER:
		READ(state_read_member, member);
		break;
	case EPOCH:
		READ(state_read_epoch, epoch);
		break;
	case DOSSIER:
		READ(state_read_dossier, dossier);
		break;
	case TOMBSTONE:
		READ(state_read_tombstone, tombstone);
		break;
	default:
		READ(state_read_write, list);
		break;
	}
#undef READ
	return rc;
}

/* Path: for messages, and what the file says of itself must fit it. */
static int
misplaced(enum kind kind, const void *p, const char *path, struct err *e)
{
	struct storepath at;
	bool fits = true;

	storepath_parse(&at, path);
	switch (kind) {
	case MEMBER:
		fits = strcmp(((const struct member *)p)->handle, at.name) == 0;
		break;
	case EPOCH:
		fits = strcmp(((const struct epoch *)p)->team, at.name) == 0 &&
		    strcmp(((const struct epoch *)p)->name, at.epoch) == 0;
		break;
	case DOSSIER:
		fits = strcmp(((const struct dossier *)p)->id, at.dossier) == 0;
		break;
	case TOMBSTONE:
		fits = strcmp(((const struct tombstone *)p)->dossier, at.dossier) == 0;
		break;
	default:
		break;
	}
	return fits ? 0 : err_at(e, ERR_DAMAGED, path, 0, 0, NULL, "%s",
	    _("does not fit its place: what the file says of itself is not what its path says"));
}

static int
load_telling(struct state_cache *c, void **out, bool *content, enum kind kind, const char *path,
    const struct oid *id, struct err *e)
{
	struct buf raw = {0};
	void *p = NULL;
	int rc = 0;

	*content = false;
	if (!have(c, &p, kind, id)) {
		rc = objects_read(&c->objects, &raw, GIT_BLOB, id, path, e);
		if (rc)
			goto done;
		*content = true;
		rc = parse(&p, kind, path, buf_str(&raw), raw.n, e);
		if (rc)
			goto done;
		keep(c, kind, id, p);
	}
	*content = true;
	rc = misplaced(kind, p, path, e);
	if (!rc)
		*out = p;
done:
	buf_free(&raw);
	return rc;
}

static int
load(struct state_cache *c, void **out, enum kind kind, const char *path, const struct oid *id,
    struct err *e)
{
	bool content = false;

	return load_telling(c, out, &content, kind, path, id, e);
}

int
state_load(const struct state *s, const void **out, bool *content, const char *path,
    const struct oid *id, struct err *e)
{
	static const enum kind kinds[] = {
		[PATH_STORE] = STORE, [PATH_MEMBER] = MEMBER, [PATH_EPOCH] = EPOCH,
		[PATH_SCHEMA] = WRITE, [PATH_DOSSIER] = DOSSIER, [PATH_TOMBSTONE] = TOMBSTONE,
	};
	void *p = NULL;
	int rc = load_telling(s->cache, &p, content, kinds[storepath_parse(NULL, path)], path, id, e);

	if (!rc)
		*out = p;
	return rc;
}

/* --- folders ---------------------------------------------------------------------- */

struct walk {
	struct state_cache *c;
	const char *team; /* of the folder being read, "" in members/ */
	struct state *s;
	struct roster *roster;
	struct team *one;
	struct teams *teams;
	bool store;
	struct err *e;
};

static int
stray(struct walk *w, const char *path)
{
	return err_at(w->e, ERR_DAMAGED, path, 0, 0, NULL, "%s",
	    _("does not belong in a store"));
}

static int
each_entry(struct walk *w, const struct oid *tree, const char *path, git_tree_fn each)
{
	struct buf raw = {0};
	int rc = objects_read(&w->c->objects, &raw, GIT_TREE, tree, path, w->e);

	if (!rc)
		rc = git_tree_each(buf_str(&raw), raw.n, each, w, w->e);
	buf_free(&raw);
	return rc;
}

static int
add_member(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct walk *w = ctx;
	struct roster *r = w->roster;
	char path[300];
	void *p = NULL;
	int rc;

	snprintf(path, sizeof path, "members/%.255s", name);
	if (mode != MODE_FILE || storepath_parse(NULL, path) != PATH_MEMBER)
		return stray(w, path);
	rc = load(w->c, &p, MEMBER, path, id, w->e);
	if (rc)
		return rc;
	vec_grow(r);
	r->v[r->n++] = p;
	return 0;
}

static int
add_epoch(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct walk *w = ctx;
	struct team *t = w->one;
	char path[300];
	enum storepath_kind kind;
	void *p = NULL;
	int rc;

	snprintf(path, sizeof path, "teams/%s/%.200s", w->team, name);
	kind = storepath_parse(NULL, path);
	if (mode != MODE_FILE || (kind != PATH_EPOCH && kind != PATH_EPOCH_KEY))
		return stray(w, path);
	if (kind == PATH_EPOCH_KEY)
		return 0;
	rc = load(w->c, &p, EPOCH, path, id, w->e);
	if (rc)
		return rc;
	vec_grow(t);
	t->v[t->n++] = p;
	return 0;
}

static int
load_team(struct walk *w, const struct team **out, const char *name, const struct oid *id)
{
	struct walk inner = {.c = w->c, .team = name, .e = w->e};
	char path[64];
	void *p = NULL;
	int rc = 0;

	snprintf(path, sizeof path, "teams/%s", name);
	if (!have(w->c, &p, TEAM, id)) {
		inner.one = xcalloc(1, sizeof *inner.one);
		snprintf(inner.one->name, sizeof inner.one->name, "%s", name);
		rc = each_entry(&inner, id, path, add_epoch);
		if (rc) {
			team_free(inner.one);
			return rc;
		}
		team_index(inner.one);
		keep(w->c, TEAM, id, inner.one);
		p = inner.one;
	}
	/* two teams cannot have one folder: their epochs name the team */
	if (strcmp(((struct team *)p)->name, name) != 0)
		return stray(w, path);
	*out = p;
	return 0;
}

static int
add_team(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct walk *w = ctx;
	const struct team *t = NULL;
	char path[300];
	int rc;

	snprintf(path, sizeof path, "teams/%.255s", name);
	if (mode != MODE_FOLDER || !storepath_team_ok(name))
		return stray(w, path);
	rc = load_team(w, &t, name, id);
	if (rc)
		return rc;
	vec_grow(w->teams);
	w->teams->v[w->teams->n++] = t;
	return 0;
}

static int
by_member(const void *a, const void *b)
{
	return strcmp((*(const struct member *const *)a)->handle,
	    (*(const struct member *const *)b)->handle);
}

static int
by_team(const void *a, const void *b)
{
	return strcmp((*(const struct team *const *)a)->name,
	    (*(const struct team *const *)b)->name);
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct roster_key *)a)->device->signer,
	    ((const struct roster_key *)b)->device->signer, 32);
}

void
roster_index(struct roster *r)
{
	size_t n = 0;

	/* git sorts `anna.yaml` after `anna-b.yaml`; we by handle */
	qsort(r->v, r->n, sizeof *r->v, by_member);
	for (size_t i = 0; i < r->n; i++)
		n += r->v[i]->ndevices;
	r->keys = xcalloc(n + 1, sizeof *r->keys);
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->v[i]->ndevices; j++)
			r->keys[r->nkeys++] = (struct roster_key){&r->v[i]->devices[j], r->v[i]};
	qsort(r->keys, r->nkeys, sizeof *r->keys, by_key);
}

void
roster_free(struct roster *r)
{
	if (!r)
		return;
	free(r->v);
	free(r->keys);
	free(r);
}

/* Who signed must be one device: the same key twice would let one member act as another. */
static int
shared_key(const struct roster *r, struct err *e)
{
	for (size_t i = 1; i < r->nkeys; i++)
		if (memcmp(r->keys[i - 1].device->signer, r->keys[i].device->signer, 32) == 0)
			return err_at(e, ERR_DAMAGED, "members", 0, 0, NULL, "%s",
			    _("two devices have the same signing key"));
	return 0;
}

static int
load_roster(struct walk *w, const struct roster **out, const struct oid *id)
{
	void *p = NULL;
	int rc = 0;

	if (!have(w->c, &p, ROSTER, id)) {
		w->roster = xcalloc(1, sizeof *w->roster);
		if (!oid_zero(id))
			rc = each_entry(w, id, "members", add_member);
		vec_grow(w->roster); /* qsort wants an array even for nobody */
		if (!rc) {
			roster_index(w->roster);
			rc = shared_key(w->roster, w->e);
		}
		if (rc) {
			roster_free(w->roster);
			return rc;
		}
		keep(w->c, ROSTER, id, w->roster);
		p = w->roster;
	}
	*out = p;
	return 0;
}

static int
load_teams(struct walk *w, const struct teams **out, const struct oid *id)
{
	struct teams *t;
	void *p = NULL;
	int rc = 0;

	if (!have(w->c, &p, TEAMS, id)) {
		w->teams = t = xcalloc(1, sizeof *t);
		if (!oid_zero(id))
			rc = each_entry(w, id, "teams", add_team);
		vec_grow(t);
		if (rc) {
			teams_free(t);
			return rc;
		}
		qsort(t->v, t->n, sizeof *t->v, by_team);
		t->names = xcalloc(t->n + 1, sizeof *t->names);
		for (size_t i = 0; i < t->n; i++)
			t->names[i] = t->v[i]->name;
		keep(w->c, TEAMS, id, t);
		p = t;
	}
	*out = p;
	return 0;
}

/* --- a state ---------------------------------------------------------------------- */

static int
root_entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct walk *w = ctx;
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
		return stray(w, name);
	rc = load(w->c, &p, STORE, name, id, w->e);
	s->store = p;
	return rc;
}

int
state_open(struct state **out, struct state_cache *c, const struct oid *tree, struct err *e)
{
	struct state *s = xcalloc(1, sizeof *s);
	struct walk w = {.c = c, .team = "", .s = s, .e = e};
	int rc = 0;

	s->cache = c;
	s->tree = *tree;
	rc = each_entry(&w, tree, NULL, root_entry);
	if (!rc && !s->store)
		rc = err_at(e, ERR_DAMAGED, "store.yaml", 0, 0, NULL, "%s", _("is missing"));
	if (!rc)
		rc = load_roster(&w, &s->roster, &s->members);
	if (!rc)
		rc = load_teams(&w, &s->team, &s->teams);
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
load_of_dossier(const struct state *s, void **out, enum kind kind, const struct oid *folder,
    const char *path, const char *missing, struct err *e)
{
	struct err inner = {0};
	struct oid id;
	int rc = ERR_NOTFOUND;

	if (!oid_zero(folder))
		rc = objects_file(&s->cache->objects, NULL, &id, folder, strchr(path, '/') + 1, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_NOTFOUND, "%s", missing);
	if (rc) {
		if (e)
			err_append(e, &inner);
		return rc;
	}
	return load(s->cache, out, kind, path, &id, e);
}

int
state_dossier(const struct state *s, const struct dossier **out, const char *dossier,
    struct err *e)
{
	char path[64];
	void *p = NULL;
	int rc = ERR_NOTFOUND;

	if (!id_valid(dossier, ID_DOSSIER))
		return err_set(e, ERR_NOTFOUND, "%s", _("there is no such dossier"));
	snprintf(path, sizeof path, "records/%c/%c/%s/dossier.yaml", dossier[0], dossier[1], dossier);
	rc = load_of_dossier(s, &p, DOSSIER, &s->records, path, _("there is no such dossier"), e);
	if (!rc)
		*out = p;
	return rc;
}

int
state_tombstone(const struct state *s, const struct tombstone **out, const char *dossier,
    struct err *e)
{
	char path[64];
	void *p = NULL;
	int rc = ERR_NOTFOUND;

	if (!id_valid(dossier, ID_DOSSIER))
		return err_set(e, ERR_NOTFOUND, "%s", _("there is no such tombstone"));
	snprintf(path, sizeof path, "erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	rc = load_of_dossier(s, &p, TOMBSTONE, &s->erased, path, _("there is no such tombstone"), e);
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
			over |= strcmp(d->until[j].team, d->access[i]) == 0 && d->until[j].at <= now;
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
		rc = objects_file(&s->cache->objects, NULL, &id, &s->schema, strchr(path, '/') + 1, NULL);
	if (rc == ERR_NOTFOUND)
		return standard;
	if (rc || load(s->cache, &p, WRITE, path, &id, NULL))
		return nobody;
	return p ? (const char *const *)p : standard;
}

bool
state_may_write_type(const struct state *s, const char *type, const struct member *m,
    int64_t now)
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
