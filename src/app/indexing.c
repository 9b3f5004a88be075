/* The index of what this person may read, brought up to HEAD. search.c asks it. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "index/index.h"
#include "tree/node.h"
#include "vault/ahead.h"
#include "vault/vault.h"

struct update {
	struct session *s;
	struct index *ix;
	const struct index_mark *built; /* NULL: from nothing */
	struct index_mark mark;
	bool afresh;                    /* on the way something was met that asks for it */
	size_t done;
	char dossier[11];               /* met last, of the whole store */
	size_t ndossiers;
	struct vault_ahead *ahead;      /* of the whole store */
	size_t n, cap;                  /* dossiers whose readers or keys changed, sorted */
	char (*v)[11];
	struct err *e;
};

static void
touch(struct update *u, const char *dossier)
{
	vec_grow(u);
	memcpy(u->v[u->n++], dossier, sizeof *u->v);
}

static int
by_dossier(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
touched(const struct update *u, const char *dossier)
{
	return u->n && bsearch(dossier, u->v, u->n, sizeof *u->v, by_dossier);
}

/* --- what it is built from ------------------------------------------------------------------------- */

static void
part(struct session *s, struct buf *b, const char *path)
{
	struct oid id = {{0}};
	unsigned mode;

	/* absent is a value too */
	git_tree_find(vault_git(s->v), &id, &mode, vault_tree(s->v), path, NULL);
	buf_add(b, id.b, sizeof id.b);
}

static bool
is_or_was_in(const struct state *st, const char *team, const char *handle)
{
	const struct epoch *const *list;
	size_t n = state_epochs(st, team, &list);

	for (size_t i = 0; i < n; i++)
		if (epoch_lists(list[i], handle))
			return true;
	return false;
}

/* Of the teams only those that this member is in, or was: the others' keys open nothing here. */
static void
teams_part(struct session *s, struct buf *b, const char *handle)
{
	const struct state *st = vault_state(s->v);
	const char *const *names;
	size_t n = state_teams(st, &names);

	for (size_t i = 0; i < n; i++) {
		char *path;

		if (!is_or_was_in(st, names[i], handle))
			continue;
		path = xasprintf("teams/%s", names[i]);
		buf_puts(b, path);
		part(s, b, path);
		free(path);
	}
}

static int
add_type(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	/* rules, reports and generators beside them decide nothing of it */
	(void)path;
	if (p->kind == PATH_SCHEMA) {
		buf_printf(ctx, "%s.yaml", p->name);
		buf_add(ctx, id->b, sizeof id->b);
	}
	return 0;
}

/* All that decides what is in the index but records, lists and dossiers' keys: types, teams, who this is,
 * whether texts may be searched. */
static int
mark_of(struct session *s, struct index_mark *m, struct err *e)
{
	const struct member *me = NULL;
	struct oid commit, parents[2], keys = {{0}};
	struct buf b = {0};
	size_t n;
	int rc = vault_me(s->v, &me, NULL, e);

	if (rc)
		return rc;
	buf_puts(&b, s->id->id);
	buf_printf(&b, "\n%u\n%d\n", me->roles, state_store(vault_state(s->v))->no_fts);
	teams_part(s, &b, me->handle);
	rc = each_in_folder(s, "schema", add_type, &b, e);
	hash_sha256(m->stamp, b.p, b.n);
	buf_free(&b);
	if (!rc && vault_keys_git(s->v) &&
	    git_ref_get(vault_keys_git(s->v), &commit, VAULT_KEYS, NULL) == 0)
		rc = git_commit_links(vault_keys_git(s->v), &commit, &keys, parents, &n, e);
	memcpy(m->keys, keys.b, sizeof m->keys);
	memcpy(m->tree, vault_tree(s->v)->b, sizeof m->tree);
	m->expires = 0;
	return rc;
}

static void
sooner(int64_t *expires, int64_t at)
{
	if (at > date_now() && (!*expires || at < *expires))
		*expires = at;
}

/* Teams' members leave, and grants end, by the clock alone. */
static void
team_expiry(struct update *u)
{
	const struct state *st = vault_state(u->s->v);
	const char *const *names;
	size_t n = state_teams(st, &names);

	for (size_t i = 0; i < n; i++) {
		const struct epoch *const *tips;
		size_t ntips = state_tips(st, names[i], &tips);

		for (size_t k = 0; k < ntips; k++)
			for (size_t j = 0; j < tips[k]->nuntil; j++)
				sooner(&u->mark.expires, tips[k]->until[j].at);
	}
}

/* --- in ------------------------------------------------------------------------------------------------ */

/* What lists of things to do ask of a record, found while it is open. */
static int
put_facts(struct update *u, const struct schema *sc, const struct node *rec)
{
	const struct node *conflicts = node_get(rec, "conflicts");
	unsigned matter = conflicts && conflicts->n ? INDEX_CONFLICTS : 0;
	uint8_t content[32];

	if (!schema_validate(sc, node_get(rec, "data"), "", "data", NULL))
		matter |= INDEX_INVALID;
	approval_content(content, rec);
	return index_facts(u->ix, matter, content, u->e);
}

/* `rec`: as it was opened on the way; NULL: it is opened here. */
static int
put_record(struct update *u, const char *path, const struct storepath *p, const struct oid *id, const struct node *rec)
{
	struct session *s = u->s;
	const struct schema *sc = NULL;
	struct node *opened = NULL;
	struct err inner;
	int rc;

	err_clear(&inner);
	if (s->progress && s->progress(s->ctx, _("reading"), u->done++, 0))
		return err_set(u->e, ERR_CANCELLED, _("stopped"));
	rc = vault_schema(s->v, &sc, p->type, u->e);
	if (!rc && sc && !index_knows(u->ix, p->type))
		rc = index_type(u->ix, p->type, schema_shape(sc), schema_akt(sc), u->e);
	if (rc)
		return rc;
	if (sc && !rec && vault_open_record(s->v, &opened, session_scratch(s), path, id, &inner) == 0)
		rec = opened;
	if (!sc || !rec)
		return index_put_damaged(u->ix, p->type, p->dossier, p->record, u->e);
	rc = index_put(u->ix, p->type, p->dossier, p->record, record_title(s, sc, rec),
	    schema_shape(sc), rec, u->e);
	return rc ? rc : put_facts(u, sc, rec);
}

/* A record, or a version set aside beside one; id NULL: it is gone. */
static int
put_file(struct update *u, const char *path, const struct storepath *p, const struct oid *id, const struct node *rec)
{
	if (p->kind == PATH_PARKED)
		return index_parked(u->ix, p->type, p->dossier, p->record, p->parked, id != NULL, u->e);
	return id ? put_record(u, path, p, id, rec) : index_drop(u->ix, p->dossier, p->record, u->e);
}

static int
put_dossier(struct update *u, const char *dossier)
{
	const struct state *st = vault_state(u->s->v);
	const struct dossier *d = NULL;
	bool readable = vault_can_read(u->s->v, dossier);

	if (state_dossier(st, &d, dossier, NULL) == 0)
		for (size_t i = 0; i < d->nuntil; i++)
			sooner(&u->mark.expires, d->until[i].at);
	return index_dossier(u->ix, dossier, readable, u->e);
}

/* First pass: whose readers changed. A dossier that is gone was erased, or is closed to us now: what the old
 * file holds, its words too, goes with its key. */
static int
first_pass(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct update *u = ctx;
	struct storepath p;
	bool had = false;
	int rc;

	(void)old_mode;
	(void)mode;
	(void)old;
	if (storepath_parse(&p, path) != PATH_DOSSIER)
		return 0;
	rc = index_readable(u->ix, &had, p.dossier, u->e);
	if (rc)
		return rc;
	u->afresh = !id || (had && !vault_can_read(u->s->v, p.dossier));
	if (!u->afresh)
		touch(u, p.dossier);
	return u->afresh;
}

/* Key files of a dossier: C/C/DOSSIER/HASH.age */
static int
key_pass(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct update *u = ctx;
	char dossier[11];

	(void)old;
	(void)old_mode;
	(void)id;
	(void)mode;
	if (strlen(path) < 15 || path[14] != '/')
		return 0;
	memcpy(dossier, path + 4, 10);
	dossier[10] = '\0';
	touch(u, dossier);
	return 0;
}

/* Second pass: records of the others. Those of the touched are read whole. */
static int
second_pass(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct update *u = ctx;
	struct storepath p;
	bool ours = false;
	int rc;

	(void)old;
	(void)old_mode;
	(void)mode;
	storepath_parse(&p, path);
	if ((p.kind != PATH_RECORD && p.kind != PATH_PARKED) || touched(u, p.dossier))
		return 0;
	rc = index_readable(u->ix, &ours, p.dossier, u->e);
	return rc || !ours ? rc : put_file(u, path, &p, id, NULL);
}

static int
folder_file(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	return p->kind == PATH_RECORD || p->kind == PATH_PARKED ? put_file(ctx, path, p, id, NULL) : 0;
}

static int
put_touched(struct update *u, const char *dossier)
{
	const struct dossier *d = NULL;
	struct err inner = {0};
	bool ours = false;
	int rc = state_dossier(vault_state(u->s->v), &d, dossier, &inner);

	if (rc == ERR_NOTFOUND) /* a key file may have come before its dossier */
		return 0;
	rc = put_dossier(u, dossier);
	if (!rc)
		rc = index_readable(u->ix, &ours, dossier, u->e);
	return rc || !ours ? rc : each_in_dossier(u->s, dossier, folder_file, u, u->e);
}

/* What could not be read for a damage is read again the next time, and said again: the mark fits nothing then. */
static int
finish(struct update *u)
{
	if (vault_damage(u->s->v))
		memset(u->mark.stamp, 0, sizeof u->mark.stamp);
	return index_end(u->ix, &u->mark, u->e);
}

static int
update_changes(struct update *u)
{
	struct session *s = u->s;
	struct oid from, keys_from, keys_to;
	int rc;

	memcpy(from.b, u->built->tree, sizeof from.b);
	memcpy(keys_from.b, u->built->keys, sizeof keys_from.b);
	memcpy(keys_to.b, u->mark.keys, sizeof keys_to.b);
	rc = git_diff(vault_git(s->v), &from, vault_tree(s->v), first_pass, u, u->e);
	if (u->afresh)
		return 0;
	if (!rc && !oid_equal(&keys_from, &keys_to))
		rc = git_diff(vault_keys_git(s->v), oid_zero(&keys_from) ? NULL : &keys_from,
		    oid_zero(&keys_to) ? NULL : &keys_to, key_pass, u, u->e);
	if (rc)
		return rc;
	if (u->n)
		qsort(u->v, u->n, sizeof *u->v, by_dossier);
	u->mark.expires = u->built->expires;
	rc = index_begin(u->ix, false, u->e);
	for (size_t i = 0; !rc && i < u->n; i++)
		if (i == 0 || strcmp(u->v[i], u->v[i - 1]) != 0)
			rc = put_touched(u, u->v[i]);
	if (!rc)
		rc = git_diff(vault_git(s->v), &from, vault_tree(s->v), second_pass, u, u->e);
	return rc ? rc : finish(u);
}

/* --- from nothing ------------------------------------------------------------------------------------- */

/* A folder's files come together, so a dossier is met with its first one. What was read of those before is
 * forgotten now and then: a large store has tens of thousands. */
static int
whole_file(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct update *u = ctx;
	struct storepath p;
	bool ours = false;
	int rc = 0;

	(void)old;
	(void)old_mode;
	(void)mode;
	storepath_parse(&p, path);
	if (p.kind != PATH_RECORD && p.kind != PATH_PARKED && p.kind != PATH_DOSSIER)
		return 0;
	if (strcmp(p.dossier, u->dossier) != 0) {
		memcpy(u->dossier, p.dossier, sizeof u->dossier);
		if (++u->ndossiers % 1024 == 0)
			vault_passing(u->s->v, true);
		rc = put_dossier(u, p.dossier);
	}
	if (!rc && p.kind != PATH_DOSSIER)
		rc = index_readable(u->ix, &ours, p.dossier, u->e);
	return rc || !ours ? rc : vault_ahead_put(u->ahead, path, &p, id);
}

static int
put_opened(void *ctx, const char *path, const struct storepath *p, const struct oid *id, const struct node *rec)
{
	return put_file(ctx, path, p, id, rec);
}

static int
whole_type(void *ctx, const char *type, const struct schema *sc)
{
	struct update *u = ctx;

	return index_type(u->ix, type, schema_shape(sc), schema_akt(sc), u->e);
}

int
search_types(struct session *s, struct index *ix, struct err *e)
{
	struct update u = {.s = s, .ix = ix, .e = e};

	return each_sound_type(s, whole_type, &u, e);
}

static int
update_whole(struct update *u)
{
	int rc;

	index_words(u->ix, !state_store(vault_state(u->s->v))->no_fts);
	rc = index_begin(u->ix, true, u->e);

	u->mark.expires = 0;
	team_expiry(u);
	if (!rc)
		rc = each_type(u->s, whole_type, u, u->e);
	vault_passing(u->s->v, true);
	u->ahead = vault_ahead_new(u->s->v, put_opened, u);
	if (!rc)
		rc = git_diff(vault_git(u->s->v), NULL, vault_tree(u->s->v), whole_file, u, u->e);
	if (!rc)
		rc = vault_ahead_finish(u->ahead);
	vault_ahead_free(u->ahead);
	vault_passing(u->s->v, false);
	if (!rc)
		rc = finish(u);
	/* all of the store was read; who asks now holds the rows */
	git_rest();
	xtrim();
	return rc;
}

/* Records that did not open are tried again: doctor may have mended them, which changes no tree. */
static int
touch_damaged(struct update *u)
{
	struct node *list = NULL;
	int rc = index_damaged(u->ix, &list, session_scratch(u->s), u->e);

	for (size_t i = 0; !rc && i < list->n; i++)
		touch(u, node_get_str(list->seq[i], "dossier"));
	return rc;
}

static int
refresh(struct session *s, bool afresh, struct err *e)
{
	struct update u = {.s = s, .ix = s->index, .e = e};
	struct index_mark built;
	struct oid tree, keys;
	int rc = mark_of(s, &u.mark, e);

	if (rc)
		return rc;
	afresh = afresh || !index_mark(s->index, &built) ||
	    memcmp(built.stamp, u.mark.stamp, sizeof built.stamp) != 0 ||
	    (built.expires && built.expires <= date_now());
	if (!afresh) {
		memcpy(tree.b, built.tree, sizeof tree.b);
		memcpy(keys.b, built.keys, sizeof keys.b);
		rc = touch_damaged(&u);
		if (rc || (!u.n && memcmp(built.tree, u.mark.tree, sizeof built.tree) == 0 &&
		              memcmp(built.keys, u.mark.keys, sizeof built.keys) == 0))
			goto done;
		/* built from a merge that was forgotten, say */
		afresh = !git_has(vault_git(s->v), &tree) ||
		    (!oid_zero(&keys) && (!vault_keys_git(s->v) || !git_has(vault_keys_git(s->v), &keys)));
	}
	u.built = &built;
	rc = afresh ? 0 : update_changes(&u);
	if (!rc && (afresh || u.afresh))
		rc = update_whole(&u);
done:
	free(u.v);
	return rc;
}

/* Asked at once: what cannot be read of it is found here too, and not by whoever asks first. */
static int
bring_up(struct session *s, bool afresh, struct err *e)
{
	int rc = refresh(s, afresh, e);

	return rc ? rc : index_cover(s->index, &s->covered, &s->dossiers, e);
}

static int
world_known(void *ctx, const char *id)
{
	struct session *s = ctx;
	char dossier[11];
	bool there = false;

	/* the names follow HEAD once a question, not once a row */
	if (!s->names_fresh && find_refresh(s, NULL))
		return -1;
	s->names_fresh = true;
	return find_named(s, &there, dossier, id, NULL) ? -1 : there;
}

static int
world_hidden(void *ctx, const char *dossier, const char *part_name)
{
	struct session *s = ctx;
	char id[11];

	place_part(id, state_store(vault_state(s->v))->id, dossier, part_name);
	return index_hidden(s->index, id);
}

int
search_index(struct session *s, bool afresh, struct err *e)
{
	const struct index_world world = {world_known, world_hidden, s};
	struct err inner = {0};
	char *folder;
	int rc = session_store(s, true, e);

	if (rc)
		return rc;
	if (!s->index) {
		folder = vault_local(s->v, "");
		folder[strlen(folder) - 1] = '\0';
		rc = index_open(&s->index, folder, s->id->age_sk, s->id->age_pk, &inner);
		free(folder);
		/* another command has it: its own, in memory, is as right and only slower */
		if (rc == ERR_BUSY)
			rc = index_open(&s->index, NULL, s->id->age_sk, s->id->age_pk, e);
		else if (rc)
			err_append(e, &inner);
	}
	err_clear(&inner);
	if (!rc)
		index_world(s->index, &world);
	if (!rc)
		rc = bring_up(s, afresh, &inner);
	if (rc == ERR_DAMAGED && !afresh) {
		err_clear(&inner);
		rc = bring_up(s, true, &inner);
	}
	if (rc && inner.n)
		err_append(e, &inner);
	return rc;
}

int
search_lacking(struct session *s, struct err *e)
{
	struct node *list = NULL;
	int rc = index_damaged(s->index, &list, s->arena, e);

	/* not damaged, perhaps: what kept them back is said first */
	if (!rc && list->n)
		rc = session_disk(s, e);
	return rc || !list->n ? rc : err_set(e, ERR_DAMAGED,
	    ngettext("%zu record could not be opened, and is not in what is shown; run: akt check",
	        "%zu records could not be opened, and are not in what is shown; run: akt check", list->n),
	    list->n);
}
