/* Dossiers: their lists, and who is given which key. */
#include "vault/txn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "vault/current.h"

static struct dossier *
clone(const struct dossier *d)
{
	struct dossier *c = xcalloc(1, sizeof *c);

	*c = *d;
	c->access = xcalloc(d->naccess + 1, sizeof *c->access);
	c->until = xcalloc(d->nuntil + 1, sizeof *c->until);
	c->keys = xcalloc(d->nkeys + 1, sizeof *c->keys);
	if (d->naccess)
		memcpy(c->access, d->access, d->naccess * sizeof *c->access);
	if (d->nuntil)
		memcpy(c->until, d->until, d->nuntil * sizeof *c->until);
	for (size_t i = 0; i < d->nkeys; i++) {
		c->keys[i] = d->keys[i];
		c->keys[i].to = xcalloc(d->keys[i].nfor + 1, sizeof *c->keys[i].to);
		if (d->keys[i].nfor)
			memcpy(c->keys[i].to, d->keys[i].to, d->keys[i].nfor * sizeof *c->keys[i].to);
	}
	return c;
}

void
dossier_free(struct dossier *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->nkeys; i++)
		free(d->keys[i].to);
	free(d->keys);
	free(d->access);
	free(d->until);
	free(d);
}

int
txn_dossier(struct txn *t, struct dossier **out, const char *dossier, struct err *e)
{
	const struct txn_file *at = txn_files_get(&t->dossier_at, dossier);
	const struct dossier *d;
	const struct state *s;
	char *path;
	int rc;

	if (at) {
		size_t i;

		memcpy(&i, at->id.b, sizeof i);
		*out = clone(t->dossiers[i]);
		return 0;
	}
	/* untouched by this change: HEAD's state answers without building a tree */
	path = storepath_in_dossier(dossier, "dossier.yaml");
	s = t->v->state;
	rc = !s || txn_files_get(&t->files, path) ? txn_state(t, &s, e) : 0;
	free(path);
	if (!rc)
		rc = state_dossier(s, &d, dossier, e);
	if (!rc)
		*out = clone(d);
	return rc;
}

static int
by_team(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
by_key(const void *a, const void *b)
{
	const struct dossier_key *x = a, *y = b;
	int c = memcmp(x->id, y->id, 32);

	return c ? c : memcmp(x->file, y->file, 32);
}

void
txn_put_dossier(struct txn *t, struct dossier *d)
{
	const struct txn_file *at = txn_files_get(&t->dossier_at, d->id);
	char *path = storepath_in_dossier(d->id, "dossier.yaml");
	struct buf text = {0};
	struct oid where = {0};
	size_t i;

	qsort(d->access, d->naccess, sizeof *d->access, by_team);
	qsort(d->keys, d->nkeys, sizeof *d->keys, by_key);
	state_format_dossier(&text, d);
	txn_put(t, path, buf_str(&text), text.n);
	if (at) {
		memcpy(&i, at->id.b, sizeof i);
		dossier_free(t->dossiers[i]);
	} else {
		if (t->ndossiers == t->dossier_cap) {
			t->dossier_cap = t->dossier_cap ? t->dossier_cap * 2 : 16;
			t->dossiers = xrealloc(t->dossiers, t->dossier_cap, sizeof *t->dossiers);
		}
		i = t->ndossiers++;
		memcpy(where.b, &i, sizeof i);
		txn_files_set(&t->dossier_at, d->id, &where);
	}
	t->dossiers[i] = clone(d);
	buf_free(&text);
	free(path);
}

/* Wraps one dossier identity for the current epochs of the teams and enters the file. */
static int
add_keyfile(struct txn *t, struct dossier *d, const uint8_t sk[32], const char (*teams)[36],
    size_t nteams, const struct state *s, struct err *e)
{
	struct dossier_key k = {0};
	uint8_t pk[32], (*to)[32] = NULL;
	size_t cap = 0;
	char *line = secret_alloc(AGE_TEXT + 1), *path;
	struct buf sealed = {0};
	struct oid id;
	size_t n;
	int rc = 0;

	if (!t->keybatch) {
		rc = err_set(e, ERR_DAMAGED,
		    _("the store's key repository is missing; akt doctor puts it back"));
		goto done;
	}
	for (size_t i = 0; i < nteams; i++) {
		const struct epoch *const *tips;
		size_t ntips = state_tips(s, teams[i], &tips);

		if (!ntips) {
			rc = err_set(e, ERR_NOTFOUND, _("no such team: %s"), teams[i]);
			goto done;
		}
		cap += ntips;
		k.to = xrealloc(k.to, cap, sizeof *k.to);
		to = xrealloc(to, cap, sizeof *to);
		for (size_t f = 0; f < ntips; f++) {
			if (!current_epoch(s, tips[f], t->now))
				continue;
			memcpy(to[k.nfor], tips[f]->recipient, 32);
			memcpy(k.to[k.nfor].team, teams[i], sizeof k.to->team);
			memcpy(k.to[k.nfor++].epoch, tips[f]->name, sizeof k.to->epoch);
		}
	}
	age_public(pk, sk);
	hash_sha256(k.id, pk, 32);
	age_identity_format(line, sk);
	n = strlen(line);
	line[n++] = '\n';
	rc = age_encrypt(&sealed, (const uint8_t (*)[32])to, k.nfor, line, n, e);
	if (rc)
		goto done;
	hash_sha256(k.file, sealed.p, sealed.n);
	git_batch_add(t->keybatch, &id, GIT_BLOB, sealed.p, sealed.n);
	path = vault_keyfile_path(d->id, k.file);
	txn_files_set(&t->keyfiles, path, &id);
	free(path);
	d->keys = xrealloc(d->keys, d->nkeys + 2, sizeof *d->keys);
	d->keys[d->nkeys++] = k;
	k.to = NULL;
done:
	free(k.to);
	free(to);
	secret_free(line);
	buf_free(&sealed);
	return rc;
}

int
txn_current_identity(struct txn *t, struct dossier *d, const struct state *s, bool make,
    uint8_t pk[32], struct err *e)
{
	char(*teams)[36] = xcalloc(d->naccess + 1, sizeof *teams);
	uint8_t *sk = NULL, name[32];
	bool stale = false;
	size_t n;
	int rc = 0;

	/* who left a team must not open what is written from now on (DESIGN 2, Epochs) */
	if (make && t->v->have_head) {
		rc = txn_renew(t, d, e);
		if (!rc && t->teams_touched)
			rc = txn_state(t, &s, e);
		if (rc)
			goto done;
	}
	n = current_readers(s, d, t->now, teams);
	for (size_t i = 0; !make && i < n; i++)
		stale |= txn_stale(t, s, teams[i]);
	for (size_t i = 0; !stale && i < d->nkeys; i++) {
		const struct keyring_key *have = keyring_get(t->v->ring, d->keys[i].id);

		if (have && current_covers(s, d, i, teams, n, t->now)) {
			memcpy(pk, have->pk, sizeof have->pk);
			goto done;
		}
	}
	if (!make) {
		rc = err_set(e, ERR_NOTFOUND, _("dossier %s has no key for exactly those who may read it"), d->id);
		goto done;
	}
	if (n == 0) {
		rc = err_set(e, ERR_ACCESS, _("nobody may read dossier %s any more"), d->id);
		goto done;
	}
	sk = secret_alloc(32);
	age_keygen(sk, pk);
	rc = add_keyfile(t, d, sk, (const char (*)[36])teams, n, s, e);
	if (rc)
		goto done;
	keyring_add(t->v->ring, name, sk);
	txn_put_dossier(t, d);
done:
	secret_free(sk);
	free(teams);
	return rc;
}

int
txn_new_dossier(struct txn *t, const char *dossier, const char *retention,
    const char *const *access, size_t naccess, struct err *e)
{
	struct dossier *d = NULL, fresh = {0};
	const struct state *s = t->v->state;
	uint8_t pk[32];
	bool reads = false;
	struct err inner = {0};
	int rc;

	if (txn_dossier(t, &d, dossier, &inner) == 0) {
		dossier_free(d);
		return err_set(e, ERR_EXISTS, _("dossier %s is there already"), dossier);
	}
	rc = t->teams_touched ? txn_state(t, &s, e) : 0;
	if (rc)
		return rc;
	strncpy(fresh.id, dossier, sizeof fresh.id - 1);
	strncpy(fresh.retention, retention, sizeof fresh.retention - 1);
	d = clone(&fresh);
	d->access = xrealloc(d->access, naccess + 1, sizeof *d->access);
	memset(d->access, 0, (naccess + 1) * sizeof *d->access);
	for (size_t i = 0; i < naccess; i++) {
		bool dup = false;

		for (size_t j = 0; j < d->naccess && !dup; j++)
			dup = strcmp(d->access[j], access[i]) == 0;
		if (dup)
			continue;
		strncpy(d->access[d->naccess++], access[i], sizeof *d->access - 1);
		reads |= state_in_team(s, access[i], t->me->handle, t->now);
	}
	if (!reads)
		snprintf(d->access[d->naccess++], sizeof *d->access, "~%s", t->me->handle);
	qsort(d->access, d->naccess, sizeof *d->access, by_team);
	rc = txn_current_identity(t, d, s, true, pk, e);
	dossier_free(d);
	return rc;
}

/* Somebody on the list whose grant does not end: else a day comes when nobody may read or write. */
static bool
has_lasting_reader(const struct dossier *d)
{
	size_t ends = 0;

	for (size_t i = 0; i < d->naccess; i++)
		for (size_t k = 0; k < d->nuntil; k++)
			ends += strcmp(d->access[i], d->until[k].team) == 0;
	return d->naccess > ends;
}

/* True when the team has the identity, from one of its epochs: each epoch's file holds the earlier keys. */
static bool
wrapped_for(const struct dossier *d, const uint8_t id[32], const char *team)
{
	for (size_t i = 0; i < d->nkeys; i++)
		for (size_t k = 0; k < d->keys[i].nfor && memcmp(d->keys[i].id, id, 32) == 0; k++)
			if (strcmp(d->keys[i].to[k].team, team) == 0)
				return true;
	return false;
}

int
txn_grant(struct txn *t, const char *dossier, const char *team, int64_t until, struct err *e)
{
	struct dossier *d = NULL;
	const struct state *s;
	char one[1][36] = {{0}};
	size_t opened = 0, nkeys, nuntil = 0;
	bool listed = false;
	int rc;

	rc = txn_state(t, &s, e);
	if (!rc)
		rc = txn_dossier(t, &d, dossier, e);
	if (!rc && !state_epoch(s, team))
		rc = err_set(e, ERR_NOTFOUND, _("no such team: %s"), team);
	/* who left, or lost the only machine, may still hold its key: nothing is sealed to that */
	if (!rc && !current_team_active(s, team, t->now))
		rc = err_set(e, ERR_USAGE, _("%s: nobody is left there who has a working device"), team);
	if (!rc)
		rc = vault_load_dossier(t->v, s, d, txn_read_keyfile, t, &opened, e);
	if (!rc)
		rc = txn_renew(t, d, e);
	if (!rc)
		rc = txn_state(t, &s, e);
	/* what others wrote apart and have not given us yet, they give the new reader too (txn_complete) */
	if (!rc && !opened && d->nkeys)
		rc = err_set(e, ERR_ACCESS, _("dossier %s: you cannot open it, so you cannot grant it"), dossier);
	if (rc)
		goto done;
	for (size_t i = 0; i < d->naccess; i++)
		listed |= strcmp(d->access[i], team) == 0;
	/* `until` first: a grant that ended is renewed by the same command */
	for (size_t i = 0; i < d->nuntil; i++)
		if (strcmp(d->until[i].team, team) != 0)
			d->until[nuntil++] = d->until[i];
	d->nuntil = nuntil;
	if (until) {
		d->until = xrealloc(d->until, d->nuntil + 1, sizeof *d->until);
		memset(&d->until[d->nuntil], 0, sizeof *d->until);
		strncpy(d->until[d->nuntil].team, team, sizeof d->until->team - 1);
		d->until[d->nuntil++].at = until;
		qsort(d->until, d->nuntil, sizeof *d->until, by_team);
	}
	strncpy(one[0], team, sizeof one[0] - 1);
	nkeys = d->nkeys;
	/* on the list already: what was written after a grant ended was not sealed to them */
	for (size_t i = 0; !rc && i < nkeys; i++) {
		uint8_t *sk;

		if ((i > 0 && memcmp(d->keys[i].id, d->keys[i - 1].id, 32) == 0) ||
		    !keyring_get(t->v->ring, d->keys[i].id) ||
		    (listed && wrapped_for(d, d->keys[i].id, team)))
			continue;
		sk = secret_alloc(32);
		memcpy(sk, keyring_get(t->v->ring, d->keys[i].id)->sk, 32);
		rc = add_keyfile(t, d, sk, (const char (*)[36])one, 1, s, e);
		secret_free(sk);
	}
	if (!listed) {
		d->access = xrealloc(d->access, d->naccess + 1, sizeof *d->access);
		memcpy(d->access[d->naccess++], one[0], sizeof one[0]);
	}
	if (!rc && !has_lasting_reader(d))
		rc = err_set(e, ERR_USAGE,
		    _("dossier %s: somebody must be able to read it without an end"), dossier);
	if (!rc)
		txn_put_dossier(t, d);
done:
	dossier_free(d);
	return rc;
}

static bool
is_for_epoch(const struct dossier *d, const uint8_t id[32], const struct epoch *ep)
{
	for (size_t i = 0; i < d->nkeys; i++)
		for (size_t k = 0; memcmp(d->keys[i].id, id, 32) == 0 && k < d->keys[i].nfor; k++)
			if (strcmp(d->keys[i].to[k].team, ep->team) == 0 &&
			    strcmp(d->keys[i].to[k].epoch, ep->name) == 0)
				return true;
	return false;
}

/* By an epoch that stands: one of a side that was let in without its control files may be with others. Where several
 * stand side by side each must have it, or one before it. */
static bool
is_for(const struct state *s, const struct dossier *d, const uint8_t id[32], const char *team, int64_t now)
{
	const struct epoch *const *all, *const *tips;
	size_t n = state_epochs(s, team, &all), ntips = state_tips(s, team, &tips), has = 0;

	for (size_t i = 0; i < n; i++)
		has += is_for_epoch(d, id, all[i]);
	for (size_t i = 0; i < ntips && ntips > 1 && has; i++) {
		const struct epoch *ep = tips[i];

		for (size_t k = 0; ep && k < n && !is_for_epoch(d, id, ep); k++)
			ep = *ep->earlier ? state_epoch_named(s, team, ep->earlier) : NULL;
		if (!ep && current_epoch(s, tips[i], now))
			return false;
	}
	return has;
}

/* Nothing is opened where every team has every key. */
static bool
has_all(const struct state *s, const struct dossier *d, char (*teams)[36], size_t n, int64_t now)
{
	for (size_t i = 0; i < d->nkeys; i++)
		for (size_t k = 0; k < n; k++)
			if (!is_for(s, d, d->keys[i].id, teams[k], now))
				return false;
	return true;
}

int
txn_complete(struct txn *t, const char *dossier, bool *changed, bool *later, struct err *e)
{
	const struct tombstone *stone;
	struct dossier *d = NULL;
	const struct state *s;
	char(*teams)[36] = NULL, (*lack)[36] = NULL;
	size_t opened, n, nkeys;
	int rc;

	*changed = *later = false;
	rc = txn_state(t, &s, e);
	if (!rc)
		rc = txn_dossier(t, &d, dossier, e);
	if (rc || !state_may_read(s, d, t->me->handle, t->now) ||
	    state_tombstone(s, &stone, dossier, NULL) == 0)
		goto done;
	teams = xcalloc(d->naccess + 1, sizeof *teams);
	lack = xcalloc(d->naccess + 1, sizeof *lack);
	n = current_readers(s, d, t->now, teams);
	nkeys = d->nkeys;
	if (has_all(s, d, teams, n, t->now))
		goto done;
	rc = vault_load_dossier(t->v, s, d, txn_read_keyfile, t, &opened, e);
	for (size_t i = 0; !rc && i < nkeys; i++) {
		uint8_t *sk, id[32];
		size_t nlack = 0;

		memcpy(id, d->keys[i].id, sizeof id);
		if (!keyring_get(t->v->ring, id))
			continue;
		for (size_t k = 0; k < n; k++) {
			if (is_for(s, d, id, teams[k], t->now))
				continue;
			if (txn_stale(t, s, teams[k]))
				*later = true;
			else
				memcpy(lack[nlack++], teams[k], sizeof *lack);
		}
		if (!nlack)
			continue;
		sk = secret_alloc(32);
		memcpy(sk, keyring_get(t->v->ring, id)->sk, 32);
		rc = add_keyfile(t, d, sk, (const char (*)[36])lack, nlack, s, e);
		secret_free(sk);
		*changed = true;
	}
	if (!rc && *changed)
		txn_put_dossier(t, d);
done:
	dossier_free(d);
	free(teams);
	free(lack);
	return rc;
}

int
txn_revoke(struct txn *t, const char *dossier, const char *team, struct err *e)
{
	struct dossier *d = NULL;
	size_t n = 0, nuntil = 0;
	bool found = false;
	int rc;

	rc = txn_dossier(t, &d, dossier, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < d->naccess; i++) {
		if (strcmp(d->access[i], team) == 0)
			found = true;
		else
			memmove(d->access[n++], d->access[i], sizeof *d->access);
	}
	for (size_t i = 0; i < d->nuntil; i++)
		if (strcmp(d->until[i].team, team) != 0)
			d->until[nuntil++] = d->until[i];
	if (!found)
		rc = err_set(e, ERR_NOTFOUND, _("%s is not on the list of dossier %s"), team, dossier);
	d->naccess = n;
	d->nuntil = nuntil;
	if (!rc && !has_lasting_reader(d))
		rc = err_set(e, ERR_USAGE, _("%s is the last reader of dossier %s and stays"), team,
		    dossier);
	if (!rc)
		txn_put_dossier(t, d);
	dossier_free(d);
	return rc;
}
