#include "vault/erase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"
#include "vault/draft.h"
#include "vault/keystore.h"
#include "vault/vault_private.h"

struct ids {
	size_t n, cap;
	char (*v)[11];
};

/* --- tombstones ------------------------------------------------------------------------- */

static bool
has_folder(const struct state *s, const char *dossier)
{
	const struct dossier *d;

	/* what cannot be read counts as there: nothing is dropped on a doubt */
	return state_dossier(s, &d, dossier, NULL) != ERR_NOTFOUND;
}

bool
erase_done(const struct state *s, const char *dossier)
{
	const struct tombstone *t;

	return state_tombstone(s, &t, dossier, NULL) == 0 && !has_folder(s, dossier);
}

int
erase_look(bool *done, const struct state *s, const char *dossier, struct err *e)
{
	const struct tombstone *t;
	struct err inner = {0};
	int rc = state_tombstone(s, &t, dossier, &inner);

	*done = rc == 0 && !has_folder(s, dossier);
	if (rc == ERR_NOTFOUND)
		return 0;
	err_append(e, &inner);
	return rc;
}

struct listing {
	const struct state *s;
	bool done;
	struct ids ids;
	struct err *e;
};

static int
list_one(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct listing *l = ctx;
	const struct tombstone *t;
	struct storepath p;
	char *full;
	int rc;

	(void)old, (void)old_mode, (void)id, (void)mode;
	full = xasprintf("erased/%s", path);
	rc = storepath_parse(&p, full) == PATH_TOMBSTONE ? 0 : ERR_NOTFOUND;
	free(full);
	if (rc)
		return 0;
	rc = state_tombstone(l->s, &t, p.dossier, l->e);
	if (rc || has_folder(l->s, p.dossier) == l->done || !state_tombstone_final(l->s, t))
		return rc;
	vec_grow(&l->ids);
	memcpy(l->ids.v[l->ids.n++], p.dossier, sizeof p.dossier);
	return 0;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
erase_list(char (**out)[11], size_t *n, struct git *g, const struct state *s, bool done,
    struct err *e)
{
	struct listing l = {.s = s, .done = done, .e = e};
	struct err inner = {0};
	struct oid erased;
	unsigned mode;
	int rc = git_tree_find(g, &erased, &mode, state_tree(s), "erased", &inner);

	if (rc == ERR_NOTFOUND)
		rc = 0;
	else if (rc)
		err_append(e, &inner);
	else
		rc = git_diff(g, NULL, &erased, list_one, &l, e);
	if (rc) {
		free(l.ids.v);
		return rc;
	}
	if (l.ids.n)
		qsort(l.ids.v, l.ids.n, sizeof *l.ids.v, by_bytes);
	*out = l.ids.v;
	*n = l.ids.n;
	return 0;
}

/* --- drafts ------------------------------------------------------------------------------------ */

struct draft {
	char record[66]; /* or new-TYPE */
	bool fresh, stands;
};

struct drafts {
	size_t n, cap;
	struct draft *v;
};

static int
drafts_read(struct drafts *out, struct vault *v, struct err *e)
{
	struct draft_name *all = NULL;
	size_t n = 0;
	int rc = draft_names(v, &all, &n, e);

	for (size_t i = 0; i < n; i++) {
		if (strlen(all[i].s) >= sizeof out->v->record)
			continue;
		vec_grow(out);
		out->v[out->n] = (struct draft){.fresh = strncmp(all[i].s, "new-", 4) == 0};
		memcpy(out->v[out->n++].record, all[i].s, strlen(all[i].s));
	}
	free(all);
	return rc;
}

static int
mark_draft(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct drafts *d = ctx;

	(void)path, (void)id;
	for (size_t i = 0; i < d->n; i++)
		d->v[i].stands |= strcmp(d->v[i].record, p->record) == 0;
	return 0;
}

static bool
is_erased(const void *state, const char *dossier)
{
	return erase_done(state, dossier);
}

static bool
is_same(const void *wanted, const char *dossier)
{
	return strcmp(wanted, dossier) == 0;
}

/* Records are never deleted but by erasure: a draft whose record is not in HEAD is of an erased one. */
static int
drop_drafts(struct vault *v, struct err *e)
{
	struct drafts d = {0};
	int rc = drafts_read(&d, v, e);

	if (!rc && d.n)
		rc = vault_each_record(v, vault_tree(v), mark_draft, &d, e);
	for (size_t i = 0; !rc && i < d.n; i++) {
		bool goes = !d.v[i].stands;

		if (d.v[i].fresh)
			rc = draft_about(v, &goes, d.v[i].record, is_erased, vault_state(v), e);
		if (!rc && goes)
			rc = draft_drop(v, d.v[i].record, e);
	}
	free(d.v);
	return rc;
}

int
erase_drafts(struct vault *v, const char *dossier, int (*each)(void *ctx, const char *record),
    void *ctx, struct err *e)
{
	struct drafts d = {0};
	int rc = drafts_read(&d, v, e);

	for (size_t i = 0; !rc && i < d.n; i++) {
		if (d.v[i].fresh) {
			bool about;

			rc = draft_about(v, &about, d.v[i].record, is_same, dossier, e);
			if (!rc && about)
				rc = each(ctx, d.v[i].record);
			continue;
		}

		char *name = xasprintf("%s.yaml.age", d.v[i].record);
		char *path = storepath_in_dossier(dossier, name);
		struct err inner = {0};
		struct oid blob;
		unsigned mode;

		rc = git_tree_find(vault_git(v), &blob, &mode, vault_tree(v), path, &inner);
		if (rc == ERR_NOTFOUND)
			rc = 0;
		else if (rc)
			err_append(e, &inner);
		else
			rc = each(ctx, d.v[i].record);
		free(path);
		free(name);
	}
	free(d.v);
	return rc;
}

/* --- what was derived from records --------------------------------------------------------------- */

static int
drop_derived(struct vault *v, struct err *e)
{
	char *above = vault_local(v, "");
	struct os_names all = {0};
	int rc = os_names(&all, above, "", e);

	for (size_t i = 0; !rc && i < all.n; i++) {
		const char *name = all.v[i];
		char *path;

		/* indexes and lists of names are made again from what is left; what doctor laid aside may
		 * hold anything */
		if (strncmp(name, "index", 5) != 0 && strncmp(name, "names.", 6) != 0 &&
		    strcmp(name, "last") != 0 && strcmp(name, "aside") != 0)
			continue;
		path = vault_local(v, name);
		rc = os_is_dir(path) ? os_remove_tree(path, e) : os_unlink(path, e);
		free(path);
	}
	os_names_free(&all);
	free(above);
	return rc;
}

/* --- keys ----------------------------------------------------------------------------------------- */

struct search {
	struct vault *v;
	char (*erased)[11];
	size_t nerased;
	bool *held; /* for each */
};

/* Which of the erased dossiers have key files under this ref. */
static int
search_ref(void *ctx, const char *ref, const struct oid *id)
{
	struct search *s = ctx;
	struct oid tree, parents[2], found;
	struct err inner = {0};
	unsigned mode;
	size_t n;

	(void)ref;
	if (git_commit_links(s->v->keys, id, &tree, parents, &n, &inner))
		return 0; /* its damage is for others to tell */
	for (size_t i = 0; i < s->nerased; i++) {
		char *path = xasprintf("%c/%c/%s", s->erased[i][0], s->erased[i][1], s->erased[i]);

		if (!s->held[i])
			s->held[i] = git_tree_find(s->v->keys, &found, &mode, &tree, path, &inner) == 0;
		free(path);
	}
	return 0;
}

/* Erased dossiers, and whether a ref shows that keys of theirs are still here. */
static int
look(struct search *s, bool *any, struct err *e)
{
	int rc = erase_list(&s->erased, &s->nerased, vault_git(s->v), vault_state(s->v), true, e);

	if (rc || !s->nerased || !s->v->keys)
		return rc;
	s->held = xcalloc(s->nerased, sizeof *s->held);
	rc = git_ref_each(s->v->keys, "", search_ref, s, e);
	for (size_t i = 0; i < s->nerased; i++)
		*any |= s->held[i];
	return rc;
}

int
erase_doubt(struct vault *v, bool *stays, struct err *e)
{
	struct search s = {.v = v};
	struct oid erased;
	unsigned mode;
	char *path;
	int rc;

	*stays = false;
	/* what cannot be looked up may be there */
	if (!vault_state(v) ||
	    git_tree_find(vault_git(v), &erased, &mode, vault_tree(v), "erased", NULL) == ERR_NOTFOUND)
		return 0;
	path = vault_local(v, "keys.doubt");
	*stays = !os_absent(path);
	/* what an earlier fetch brought and nobody forgot yet: this one moves the ref that shows it */
	rc = look(&s, stays, e);
	if (!rc)
		rc = os_write_file(path, "", 0, 0600, e);
	free(s.held);
	free(s.erased);
	free(path);
	return rc;
}

void
erase_doubt_over(struct vault *v)
{
	char *path = vault_local(v, "keys.doubt");

	os_unlink(path, NULL);
	free(path);
}

static int
forget(struct vault *v, struct search *s, bool doubt, size_t *n, struct err *e)
{
	struct os_lock *writer = NULL, *keys = NULL;
	int rc = vault_lock(&writer, v, e);

	if (!rc)
		rc = keystore_lock(&keys, v, e);
	/* the keys last: while they are here, a crash makes the next sync begin again */
	if (!rc)
		rc = drop_drafts(v, e);
	if (!rc)
		rc = drop_derived(v, e);
	if (!rc)
		rc = keystore_rebuild(v, s->erased, s->nerased, e);
	if (!rc && doubt)
		erase_doubt_over(v);
	os_unlock(keys);
	os_unlock(writer);
	for (size_t i = 0; !rc && i < s->nerased; i++)
		*n += s->held[i];
	return rc;
}

int
erase_forget(struct vault *v, size_t *n, struct err *e)
{
	char *path = vault_local(v, "keys.doubt");
	bool doubt = !os_absent(path), any = doubt;
	struct search s = {.v = v};
	int rc;

	*n = 0;
	rc = look(&s, &any, e);
	if (!rc && any && s.held)
		rc = forget(v, &s, doubt, n, e);
	free(s.held);
	free(s.erased);
	free(path);
	return rc;
}
