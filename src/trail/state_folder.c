/* members/ and teams/: whole folders, parsed once for each tree id. */
#include "trail/state_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "merge/storepath.h"

enum { MODE_FILE = 0100644, MODE_FOLDER = 040000 };

struct walk {
	struct state_cache *c;
	const char *team; /* of the folder being read, "" in members/ */
	struct roster *roster;
	struct team *one;
	struct teams *teams;
	struct err *e;
};

int
state_folder_stray(const char *path, struct err *e)
{
	return err_at(e, ERR_DAMAGED, path, 0, 0, NULL, "%s", _("does not belong in a store"));
}

int
state_folder_each(struct state_cache *c, const struct oid *tree, const char *path, git_tree_fn each,
    void *ctx, struct err *e)
{
	struct buf raw = {0};
	int rc = objects_read(&c->objects, &raw, GIT_TREE, tree, path, e);

	if (!rc)
		rc = git_tree_each(buf_str(&raw), raw.n, each, ctx, e);
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
		return state_folder_stray(path, w->e);
	rc = state_cache_load(w->c, &p, CACHE_MEMBER, path, id, w->e);
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
		return state_folder_stray(path, w->e);
	if (kind == PATH_EPOCH_KEY)
		return 0;
	rc = state_cache_load(w->c, &p, CACHE_EPOCH, path, id, w->e);
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
	if (!state_cache_have(w->c, &p, CACHE_TEAM, id)) {
		inner.one = xcalloc(1, sizeof *inner.one);
		snprintf(inner.one->name, sizeof inner.one->name, "%s", name);
		rc = state_folder_each(w->c, id, path, add_epoch, &inner, w->e);
		if (rc) {
			team_free(inner.one);
			return rc;
		}
		team_index(inner.one);
		state_cache_keep(w->c, CACHE_TEAM, id, inner.one);
		p = inner.one;
	}
	/* two teams cannot have one folder: their epochs name the team */
	if (strcmp(((struct team *)p)->name, name) != 0)
		return state_folder_stray(path, w->e);
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
		return state_folder_stray(path, w->e);
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
	return strcmp(
	    (*(const struct member *const *)a)->handle, (*(const struct member *const *)b)->handle);
}

static int
by_team(const void *a, const void *b)
{
	return strcmp(
	    (*(const struct team *const *)a)->name, (*(const struct team *const *)b)->name);
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct roster_key *)a)->device->signer,
	    ((const struct roster_key *)b)->device->signer, 32);
}

static void
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

int
state_folder_roster(
    const struct roster **out, struct state_cache *c, const struct oid *id, struct err *e)
{
	struct walk w = {.c = c, .team = "", .e = e};
	struct roster *r = NULL;
	void *p = NULL;
	int rc = 0;

	if (!state_cache_have(c, &p, CACHE_ROSTER, id)) {
		w.roster = r = xcalloc(1, sizeof *r);
		if (!oid_zero(id))
			rc = state_folder_each(c, id, "members", add_member, &w, e);
		vec_grow(r); /* qsort wants an array even for nobody */
		if (!rc) {
			roster_index(r);
			rc = shared_key(r, e);
		}
		if (rc) {
			roster_free(r);
			return rc;
		}
		state_cache_keep(c, CACHE_ROSTER, id, r);
		p = r;
	}
	*out = p;
	return 0;
}

int
state_folder_teams(
    const struct teams **out, struct state_cache *c, const struct oid *id, struct err *e)
{
	struct walk w = {.c = c, .team = "", .e = e};
	struct teams *t = NULL;
	void *p = NULL;
	int rc = 0;

	if (!state_cache_have(c, &p, CACHE_TEAMS, id)) {
		w.teams = t = xcalloc(1, sizeof *t);
		if (!oid_zero(id))
			rc = state_folder_each(c, id, "teams", add_team, &w, e);
		vec_grow(t);
		if (rc) {
			teams_free(t);
			return rc;
		}
		qsort(t->v, t->n, sizeof *t->v, by_team);
		t->names = xcalloc(t->n + 1, sizeof *t->names);
		for (size_t i = 0; i < t->n; i++)
			t->names[i] = t->v[i]->name;
		state_cache_keep(c, CACHE_TEAMS, id, t);
		p = t;
	}
	*out = p;
	return 0;
}
