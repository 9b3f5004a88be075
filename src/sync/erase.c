/* Erasures that come from elsewhere (DESIGN 2): the tombstone wins, but what only this machine has is
 * shown before its keys go. */
#include "sync/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "merge/storepath.h"
#include "trail/state.h"
#include "vault/erase.h"
#include "vault/txn.h"

struct ahead {
	struct sync_result *r;
	struct vault *v;
	struct oid *bases;
	size_t nbases;
	const char *dossier;
	struct buf shown; /* what is to be shown, line by line */
	struct err *e;
};

static void
add(struct ahead *a, const char *record, bool draft)
{
	struct sync_result *r = a->r;
	struct sync_erasing *x;

	if (r->nerasing == r->erasing_cap) {
		r->erasing_cap = r->erasing_cap ? r->erasing_cap * 2 : 8;
		r->erasing = xrealloc(r->erasing, r->erasing_cap, sizeof *r->erasing);
	}
	x = &r->erasing[r->nerasing++];
	snprintf(x->dossier, sizeof x->dossier, "%s", a->dossier);
	snprintf(x->record, sizeof x->record, "%s", record);
	x->draft = draft;
}

/* A path stands as it is in one of the merge bases: it was not changed here. */
static int
known_before(struct ahead *a, bool *known, const char *path, const struct oid *blob)
{
	struct git *g = vault_git(a->v);
	int rc = 0;

	*known = false;
	for (size_t i = 0; !rc && i < a->nbases; i++) {
		struct oid tree, parents[2], id;
		unsigned mode;
		size_t n;

		rc = git_commit_links(g, &a->bases[i], &tree, parents, &n, a->e);
		if (!rc && git_tree_find(g, &id, &mode, &tree, path, NULL) == 0)
			*known |= oid_equal(&id, blob);
	}
	return rc;
}

static int
look_at_file(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct ahead *a = ctx;
	char *full = storepath_in_dossier(a->dossier, path), hex[OID_HEX + 1];
	struct storepath p;
	bool known = true;
	int rc = 0;

	(void)old, (void)old_mode, (void)mode;
	if (storepath_parse(&p, full) == PATH_RECORD)
		rc = known_before(a, &known, full, id);
	if (!rc && !known) {
		add(a, p.record, false);
		oid_format(hex, id);
		buf_printf(&a->shown, "%s %s\n", hex, p.record);
	}
	free(full);
	return rc;
}

static int
look_at_draft(void *ctx, const char *record)
{
	struct ahead *a = ctx;

	add(a, record, true);
	buf_printf(&a->shown, "draft %s\n", record);
	return 0;
}

static int
look_at_dossier(struct ahead *a)
{
	char *path = storepath_in_dossier(a->dossier, "");
	struct err inner = {0};
	struct oid folder;
	unsigned mode;
	int rc = 0;

	path[strlen(path) - 1] = '\0';
	/* never list what this person cannot open, nor could export; what only a damage keeps shut must not go unseen */
	if (vault_can_read(a->v, a->dossier)) {
		rc = git_tree_find(vault_git(a->v), &folder, &mode, vault_tree(a->v), path, &inner);
		if (!rc)
			rc = git_diff(vault_git(a->v), NULL, &folder, look_at_file, a, a->e);
		else if (rc == ERR_NOTFOUND)
			rc = 0;
		else
			err_append(a->e, &inner);
	} else if (vault_damage(a->v)) {
		rc = err_set(a->e, ERR_DAMAGED, "%s", vault_damage(a->v));
	}
	if (!rc)
		rc = erase_drafts(a->v, a->dossier, look_at_draft, a, a->e);
	free(path);
	return rc;
}

/* STORE/akt/erasing: a hash of what was shown last, so that each thing is shown before it goes, and no
 * sync stops twice for the same. */
static bool
shown_before(struct ahead *a)
{
	char *path = vault_local(a->v, "erasing"), hex[65];
	struct buf last = {0};
	uint8_t hash[32];
	bool same;

	hash_sha256(hash, a->shown.p, a->shown.n);
	hash_hex(hex, hash, 32);
	os_read_file(&last, path, 128, NULL);
	same = strcmp(buf_str(&last), hex) == 0;
	buf_free(&last);
	free(path);
	return same;
}

static int
remember_shown(struct ahead *a)
{
	char *path = vault_local(a->v, "erasing"), hex[65];
	uint8_t hash[32];
	int rc;

	hash_sha256(hash, a->shown.p, a->shown.n);
	hash_hex(hex, hash, 32);
	rc = os_write_file(path, hex, 64, 0600, a->e);
	free(path);
	return rc;
}

int
sync_erase_ahead(struct sync_result *r, struct vault *v, const struct oid *theirs, bool go_on,
    bool *stop, struct err *e)
{
	struct objects o = objects_of_git(vault_git(v));
	struct ahead a = {.r = r, .v = v, .e = e};
	struct state_cache *cache = NULL;
	struct state *s = NULL;
	struct oid tree, parents[2], erased;
	struct err inner = {0};
	char (*gone)[11] = NULL;
	size_t n, ngone = 0;
	unsigned mode;
	int rc;

	*stop = false;
	r->nerasing = 0;
	rc = git_commit_links(vault_git(v), theirs, &tree, parents, &n, e);
	if (rc)
		return rc;
	rc = git_tree_find(vault_git(v), &erased, &mode, &tree, "erased", &inner);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc) {
		err_append(e, &inner);
		return rc;
	}
	cache = state_cache_new(&o);
	rc = state_open(&s, cache, &tree, e);
	if (!rc)
		rc = erase_list(&gone, &ngone, vault_git(v), s, true, e);
	if (!rc && ngone)
		rc = git_merge_bases(vault_git(v), &a.bases, &a.nbases, vault_head(v), theirs, e);
	for (size_t i = 0; !rc && i < ngone; i++) {
		a.dossier = gone[i];
		if (!erase_done(vault_state(v), gone[i]))
			rc = look_at_dossier(&a);
	}
	if (!rc && r->nerasing && !go_on && !shown_before(&a)) {
		rc = remember_shown(&a);
		*stop = rc == 0;
	}
	if (!*stop)
		r->nerasing = 0;
	if (s)
		state_close(s);
	state_cache_free(cache);
	buf_free(&a.shown);
	free(a.bases);
	free(gone);
	return rc;
}

int
sync_erase_carry_out(struct vault *v, bool *changed, struct err *e)
{
	char (*due)[11] = NULL;
	struct txn *t = NULL;
	struct oid id;
	size_t n = 0;
	int rc = erase_list(&due, &n, vault_git(v), vault_state(v), false, e);

	*changed = false;
	if (!rc && n)
		rc = txn_begin(&t, v, e);
	for (size_t i = 0; !rc && i < n; i++) {
		char *folder = storepath_in_dossier(due[i], "");

		folder[strlen(folder) - 1] = '\0';
		txn_remove(t, folder);
		free(folder);
	}
	if (!rc && n)
		rc = txn_commit(t, &id, "erase", e);
	*changed = !rc && n;
	txn_free(t);
	free(due);
	return rc;
}
