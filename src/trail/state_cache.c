#include "trail/state_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "merge/storepath.h"

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
free_entry(struct cache_entry *t)
{
	switch (t->kind) {
	case CACHE_EMPTY:
		break;
	case CACHE_STORE:
		state_free_store(t->p);
		break;
	case CACHE_MEMBER:
		state_free_member(t->p);
		break;
	case CACHE_EPOCH:
		state_free_epoch(t->p);
		break;
	case CACHE_DOSSIER:
		state_free_dossier(t->p);
		break;
	case CACHE_TOMBSTONE:
		state_free_tombstone(t->p);
		break;
	case CACHE_WRITE:
		state_free_write(t->p);
		break;
	case CACHE_ROSTER:
		roster_free(t->p);
		break;
	case CACHE_TEAM:
		team_free(t->p);
		break;
	case CACHE_TEAMS:
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
static struct cache_entry *
slot(struct cache_entry *v, size_t size, enum cache_kind kind, const struct oid *id)
{
	uint32_t h;

	memcpy(&h, id->b, sizeof h);
	for (size_t i = h & (size - 1);; i = (i + 1) & (size - 1))
		if (v[i].kind == CACHE_EMPTY || (v[i].kind == kind && oid_equal(&v[i].id, id)))
			return &v[i];
}

void
state_cache_keep(struct state_cache *c, enum cache_kind kind, const struct oid *id, void *p)
{
	if (c->n * 2 >= c->size) {
		size_t size = c->size * 2;
		struct cache_entry *v = xcalloc(size, sizeof *v);

		for (size_t i = 0; i < c->size; i++)
			if (c->v[i].kind != CACHE_EMPTY)
				*slot(v, size, c->v[i].kind, &c->v[i].id) = c->v[i];
		free(c->v);
		c->v = v;
		c->size = size;
	}
	*slot(c->v, c->size, kind, id) = (struct cache_entry){
		.kind = kind,
		.passing = c->passing && kind == CACHE_DOSSIER,
		.id = *id,
		.p = p,
	};
	c->n++;
}

void
state_cache_passing(struct state_cache *c, bool on)
{
	struct cache_entry *v;
	size_t n = 0;

	c->passing = on;
	v = xcalloc(c->size, sizeof *v);
	for (size_t i = 0; i < c->size; i++) {
		if (c->v[i].passing) {
			free_entry(&c->v[i]);
		} else if (c->v[i].kind != CACHE_EMPTY) {
			*slot(v, c->size, c->v[i].kind, &c->v[i].id) = c->v[i];
			n++;
		}
	}
	free(c->v);
	c->v = v;
	c->n = n;
}

bool
state_cache_have(struct state_cache *c, void **out, enum cache_kind kind, const struct oid *id)
{
	struct cache_entry *t = slot(c->v, c->size, kind, id);

	if (t->kind == CACHE_EMPTY)
		return false;
	*out = t->p;
	return true;
}

/* --- one file --------------------------------------------------------------------- */

static int
parse(void **out, enum cache_kind kind, const char *path, const char *p, size_t n, struct err *e)
{
	struct store_info *store;
	struct member *member;
	struct epoch *epoch;
	struct dossier *dossier;
	struct tombstone *tombstone;
	char **list;
	int rc = 0;

#define READ(read, v)                                                                              \
	do {                                                                                       \
		rc = read(&(v), path, p, n, e);                                                    \
		if (!rc)                                                                           \
			*out = (v);                                                                \
	} while (0)
	switch (kind) {
	case CACHE_STORE:
		READ(state_read_store, store);
		break;
	case CACHE_MEMBER:
		READ(state_read_member, member);
		break;
	case CACHE_EPOCH:
		READ(state_read_epoch, epoch);
		break;
	case CACHE_DOSSIER:
		READ(state_read_dossier, dossier);
		break;
	case CACHE_TOMBSTONE:
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
misplaced(enum cache_kind kind, const void *p, const char *path, struct err *e)
{
	struct storepath at;
	bool fits = true;

	storepath_parse(&at, path);
	switch (kind) {
	case CACHE_MEMBER:
		fits = strcmp(((const struct member *)p)->handle, at.name) == 0;
		break;
	case CACHE_EPOCH:
		fits = strcmp(((const struct epoch *)p)->team, at.name) == 0 &&
		    strcmp(((const struct epoch *)p)->name, at.epoch) == 0;
		break;
	case CACHE_DOSSIER:
		fits = strcmp(((const struct dossier *)p)->id, at.dossier) == 0;
		break;
	case CACHE_TOMBSTONE:
		fits = strcmp(((const struct tombstone *)p)->dossier, at.dossier) == 0;
		break;
	default:
		break;
	}
	return fits ? 0
		    : err_at(e, ERR_DAMAGED, path, 0, 0, NULL, "%s",
			  _("does not fit its place: what the file says of itself is not what its "
			    "path says"));
}

int
state_cache_load_telling(struct state_cache *c, void **out, bool *content, enum cache_kind kind,
    const char *path, const struct oid *id, struct err *e)
{
	struct buf raw = {0};
	void *p = NULL;
	int rc = 0;

	*content = false;
	if (!state_cache_have(c, &p, kind, id)) {
		rc = objects_read(&c->objects, &raw, GIT_BLOB, id, path, e);
		if (rc)
			goto done;
		*content = true;
		rc = parse(&p, kind, path, buf_str(&raw), raw.n, e);
		if (rc)
			goto done;
		state_cache_keep(c, kind, id, p);
	}
	*content = true;
	rc = misplaced(kind, p, path, e);
	if (!rc)
		*out = p;
done:
	buf_free(&raw);
	return rc;
}

int
state_cache_load(struct state_cache *c, void **out, enum cache_kind kind, const char *path,
    const struct oid *id, struct err *e)
{
	bool content = false;

	return state_cache_load_telling(c, out, &content, kind, path, id, e);
}
