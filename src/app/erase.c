/* erase: a dossier's lawful end (DESIGN 2), ordered by one and confirmed by another. */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "git/repo.h"
#include "index/names.h"
#include "sync/devices.h"
#include "tree/node.h"
#include "vault/erase.h"
#include "vault/txn.h"
#include "vault/witness.h"

/* What stands of an erasure, NULL where nothing does; one that cannot be read is not none. */
static int
standing(struct session *s, const struct tombstone **t, const char *dossier, struct err *e)
{
	struct err inner = {0};
	int rc = state_tombstone(vault_state(s->v), t, dossier, &inner);

	if (rc)
		*t = NULL;
	if (rc == ERR_NOTFOUND)
		return 0;
	err_append(e, &inner);
	return rc;
}

/* A dossier's id, or a record in it. */
static int
name_dossier(struct session *s, char out[11], const char *name, struct err *e)
{
	const struct tombstone *t = NULL;
	struct found f;
	int rc = session_store(s, true, e);

	if (!rc && !id_valid(name, ID_DOSSIER)) {
		rc = find_record(s, &f, name, e);
		name = f.dossier;
	}
	if (!rc)
		rc = standing(s, &t, name, e);
	if (rc)
		return rc;
	/* an erasure that has been carried out is known to all; else only to those who may open it */
	if (!t && !vault_can_read(s->v, name) && !erase_done(vault_state(s->v), name))
		return err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	memcpy(out, name, ID_DOSSIER + 1);
	return 0;
}

/* --- what goes with it, and what is not reached ----------------------------------------------- */

struct parts {
	struct session *s;
	const char *dossier;
	struct node *list;
};

static int
parts_of_type(void *ctx, const char *type, const struct schema *sc)
{
	struct parts *p = ctx;
	struct session *s = p->s;
	const struct schema_akt *akt = schema_akt(sc);

	(void)type;
	for (size_t i = 0; i < akt->ndossier; i++) {
		char part[ID_DOSSIER + 1];
		bool listed = false;

		if (!akt->dossier[i].part)
			continue;
		place_part(part, state_store(vault_state(s->v))->id, p->dossier, akt->dossier[i].part);
		for (size_t k = 0; k < p->list->n; k++)
			listed |= strcmp(p->list->seq[k]->text, part) == 0;
		if (!listed && vault_can_read(s->v, part))
			node_push(s->arena, p->list, node_str(s->arena, part));
	}
	return 0;
}

/* Dossiers beside it that hold parts of its records, as far as this person may open them. */
static int
parts_of(struct session *s, struct node **out, const char *dossier, struct err *e)
{
	struct parts p = {s, dossier, node_seq(s->arena)};
	int rc = each_type(s, parts_of_type, &p, e);

	if (!rc)
		*out = p.list;
	return rc;
}

struct silent {
	struct session *s;
	const char *dossier, *own;
	struct node *list;
};

static int
unless_done(void *ctx, const char *device, const struct oid *tip, const struct witness *w)
{
	struct silent *x = ctx;
	struct arena *a = x->s->arena;
	struct node *row;
	char at[DATE_TIME_LEN + 1];

	(void)tip;
	for (size_t i = 0; w && i < w->nerased; i++)
		if (strcmp(w->erased[i], x->dossier) == 0)
			return 0;
	if (strcmp(device, x->own) == 0)
		return 0;
	row = node_map(a);
	node_set(a, row, "id", node_str(a, device));
	if (w)
		date_time_format(at, w->time);
	node_set(a, row, "seen", w ? node_str(a, at) : node_null(a));
	node_push(a, x->list, row);
	return 0;
}

/* Hubs whose main, as last seen from here, does not have the erasure. */
static int
hubs_without(struct session *s, struct node *list, const char *dossier, struct err *e)
{
	struct node *remotes = NULL;
	int rc = app_remote_list(s, &remotes, e);

	for (size_t i = 0; !rc && i < remotes->n; i++) {
		char *ref = xasprintf("refs/akt/hub/%s/main", remotes->map[i].key);
		char *path = storepath_in_dossier(dossier, "");
		const char *url = remotes->map[i].value->text;
		struct oid commit, tree, parents[2], at;
		struct node *row;
		unsigned mode;
		size_t n;
		bool folder = url[0] == '/' || strncmp(url, "file://", 7) == 0;

		path[strlen(path) - 1] = '\0';
		if (git_ref_get(vault_git(s->v), &commit, ref, NULL) ||
		    git_commit_links(vault_git(s->v), &commit, &tree, parents, &n, NULL) ||
		    git_tree_find(vault_git(s->v), &at, &mode, &tree, path, NULL) == 0) {
			row = node_map(s->arena);
			node_set(s->arena, row, "name", node_str(s->arena, remotes->map[i].key));
			node_set(s->arena, row, "folder", node_bool(s->arena, folder));
			node_push(s->arena, list, row);
		}
		free(path);
		free(ref);
	}
	return rc;
}

static int
result_of(struct session *s, struct node **out, const char *dossier, const struct oid *commit,
    struct err *e)
{
	struct arena *a = s->arena;
	struct node *parts, *r = node_map(a), *by = node_seq(a), *devices = node_seq(a), *hubs = node_seq(a);
	const struct state *st = vault_state(s->v);
	const struct tombstone *t;
	const struct member *me;
	const struct device *d;
	char hex[OID_HEX + 1];
	int rc = state_tombstone(st, &t, dossier, e);

	if (!rc)
		rc = vault_me(s->v, &me, &d, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < t->nby; i++)
		node_push(a, by, node_str(a, t->by[i].handle));
	node_set(a, r, "dossier", node_str(a, dossier));
	node_set(a, r, "basis", node_str(a, t->basis));
	node_set(a, r, "by", by);
	node_set(a, r, "signers", node_int(a, state_store(st)->erase_signers));
	node_set(a, r, "final", node_bool(a, erase_done(st, dossier)));
	if (commit) {
		oid_format(hex, commit);
		node_set(a, r, "commit", node_str(a, hex));
	}
	/* one that goes unmentioned would not be erased */
	rc = parts_of(s, &parts, dossier, e);
	if (rc)
		return rc;
	node_set(a, r, "parts", parts);
	if (erase_done(st, dossier)) {
		struct silent x = {s, dossier, d->id, devices};

		rc = devices_each(vault_git(s->v), st, unless_done, &x, e);
		if (!rc)
			rc = hubs_without(s, hubs, dossier, e);
		node_set(a, r, "devices", devices);
		node_set(a, r, "hubs", hubs);
	}
	if (!rc)
		*out = r;
	return rc;
}

/* --- ordering and confirming ------------------------------------------------------------------------ */

static int
check_basis(const struct state *st, const char *basis, struct err *e)
{
	const struct store_info *store = state_store(st);
	struct buf list = {0};
	int rc = 0;

	for (size_t i = 0; i < store->nbasis; i++) {
		if (strcmp(store->basis[i], basis) == 0)
			goto done;
		buf_printf(&list, "%s%s", i ? ", " : "", store->basis[i]);
	}
	rc = err_set(e, ERR_USAGE, _("--basis is one of the codes that the store allows: %s"),
	    buf_str(&list));
done:
	buf_free(&list);
	return rc;
}

/* What stands of an erasure, against what is asked now. */
static int
check_stage(const struct tombstone *t, const char *dossier, const char *handle, bool confirm,
    struct err *e)
{
	if (!t)
		return confirm ? err_set(e, ERR_NOTFOUND,
		    _("no erasure of dossier %s has been ordered; order it with: akt erase %s --basis CODE"),
		    dossier, dossier) : 0;
	for (size_t i = 0; i < t->nby; i++)
		if (strcmp(t->by[i].handle, handle) == 0)
			return err_set(e, ERR_EXISTS,
			    _("you have signed the erasure of dossier %s; another member with the right confirms it"),
			    dossier);
	if (!confirm)
		return err_set(e, ERR_EXISTS,
		    _("the erasure of dossier %s has been ordered; confirm it with: akt erase %s --confirm"),
		    dossier, dossier);
	return 0;
}

static void
put_tombstone(struct txn *t, const struct tombstone *was, const char *dossier, const char *basis,
    const char *handle)
{
	struct tombstone stone = {.nby = (was ? was->nby : 0) + 1};
	char *path = xasprintf("erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	struct buf text = {0};
	size_t at = 0;

	stone.by = xcalloc(stone.nby, sizeof *stone.by);
	while (was && at < was->nby && strcmp(was->by[at].handle, handle) < 0) {
		stone.by[at] = was->by[at];
		at++;
	}
	snprintf(stone.by[at].handle, sizeof stone.by->handle, "%s", handle);
	stone.by[at].at = txn_now(t);
	for (; was && at < was->nby; at++)
		stone.by[at + 1] = was->by[at];
	snprintf(stone.dossier, sizeof stone.dossier, "%s", dossier);
	snprintf(stone.basis, sizeof stone.basis, "%s", was ? was->basis : basis);
	state_format_tombstone(&text, &stone);
	txn_put(t, path, buf_str(&text), text.n);
	buf_free(&text);
	free(stone.by);
	free(path);
}

/* The commit that makes it final takes the folder along. */
static int
remove_when_final(struct txn *t, const char *dossier, struct err *e)
{
	const struct tombstone *stone;
	const struct state *after;
	int rc = txn_state(t, &after, e);

	if (!rc)
		rc = state_tombstone(after, &stone, dossier, e);
	if (!rc && state_tombstone_final(after, stone)) {
		char *folder = storepath_in_dossier(dossier, "");

		folder[strlen(folder) - 1] = '\0';
		txn_remove(t, folder);
		free(folder);
	}
	return rc;
}

int
app_erase(struct session *s, struct node **out, const char *name, const char *basis, bool confirm,
    struct err *e)
{
	const struct tombstone *was = NULL;
	const struct member *me;
	struct txn *t = NULL;
	char dossier[ID_DOSSIER + 1];
	struct oid commit;
	size_t forgotten;
	int rc;

	if (basis && confirm)
		return err_set(e, ERR_USAGE, _("say --basis CODE to order, or --confirm, not both"));
	rc = name_dossier(s, dossier, name, e);
	if (!rc && !basis && !confirm) {
		rc = standing(s, &was, dossier, e);
		if (!rc && !was)
			rc = err_set(e, ERR_USAGE, _("on what basis? give --basis CODE"));
		return rc ? rc : result_of(s, out, dossier, NULL, e);
	}
	if (!rc && basis)
		rc = check_basis(vault_state(s->v), basis, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (!rc)
		rc = standing(s, &was, dossier, e);
	if (!rc && erase_done(vault_state(s->v), dossier))
		rc = err_set(e, ERR_EXISTS, _("dossier %s has been erased"), dossier);
	if (!rc)
		rc = check_stage(was, dossier, me->handle, confirm, e);
	if (rc)
		goto done;
	put_tombstone(t, was, dossier, basis, me->handle);
	rc = remove_when_final(t, dossier, e);
	if (!rc)
		rc = txn_commit(t, &commit, "erase", e);
	txn_free(t);
	t = NULL;
	if (rc)
		goto done;
	names_close(s->names); /* the list of names goes too */
	s->names = NULL;
	rc = erase_forget(s->v, &forgotten, e);
	if (!rc)
		rc = result_of(s, out, dossier, &commit, e);
done:
	txn_free(t);
	return rc;
}
