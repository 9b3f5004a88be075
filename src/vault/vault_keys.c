/* Which keys this device can open: key files, teams' epochs, dossiers' identities. */
#include "vault/vault_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/secret.h"

char *
vault_keyfile_path(const char *dossier, const uint8_t file[32])
{
	char hex[65];

	hash_hex(hex, file, 32);
	return xasprintf("%c/%c/%s/%s.age", dossier[0], dossier[1], dossier, hex);
}

/* An object that another names is missing: damage, where "not found" means a key not fetched yet. */
static int
gone(int rc)
{
	return rc == ERR_NOTFOUND ? ERR_DAMAGED : rc;
}

int
vault_read_keyfile(void *vault, struct buf *out, const char *dossier, const uint8_t file[32],
    struct err *e)
{
	struct vault *v = vault;
	struct oid commit, tree, parents[2], blob;
	uint8_t hash[32];
	size_t n, start = out->n;
	unsigned mode;
	char *path;
	int rc;

	if (!v->keys)
		return err_set(e, ERR_NOTFOUND, _("this store has no key repository"));
	path = vault_keyfile_path(dossier, file);
	rc = git_ref_get(v->keys, &commit, VAULT_KEYS, e);
	if (!rc)
		rc = gone(git_commit_links(v->keys, &commit, &tree, parents, &n, e));
	if (!rc)
		rc = git_tree_find(v->keys, &blob, &mode, &tree, path, e);
	if (!rc)
		rc = gone(git_read(v->keys, out, NULL, &blob, e));
	free(path);
	if (rc)
		return rc;
	hash_sha256(hash, out->p + start, out->n - start);
	if (memcmp(hash, file, 32) != 0) {
		out->p[out->n = start] = '\0';
		return err_set(e, ERR_DAMAGED, _("a key file does not have the content it is named by"));
	}
	return 0;
}

int
epoch_plain_parse(struct keyring *ring, struct buf *devices, const struct buf *plain,
    struct err *e)
{
	static const char mark[] = "# devices:";
	uint8_t *sk = secret_alloc(32), name[32];
	const char *s = buf_str(plain), *end;
	int rc = 0;

	for (; !rc && *s; s = *end ? end + 1 : end) {
		end = strchrnul(s, '\n');
		if (strncmp(s, mark, sizeof mark - 1) == 0) {
			if (devices && end > s + sizeof mark)
				buf_add(devices, s + sizeof mark, (size_t)(end - s) - sizeof mark);
			continue;
		}
		if (*s == '#' || end == s)
			continue;
		rc = age_identity_parse(sk, s, (size_t)(end - s), e);
		if (!rc && ring)
			keyring_add(ring, name, sk);
	}
	secret_free(sk);
	return rc;
}

void
vault_note_damage(struct vault *v, const struct err *e)
{
	if (!v->damage && e->n && (err_code(e) == ERR_DAMAGED || err_code(e) == ERR_IO))
		v->damage = xstrdup(e->item[0].text);
}

const char *
vault_damage(const struct vault *v)
{
	return v->damage;
}

static int
load_epoch(struct vault *v, const struct state *s, const struct epoch *ep, struct err *e)
{
	char *path = xasprintf("teams/%s/%s.age", ep->team, ep->name);
	struct buf sealed = {0}, plain = {0};
	int rc;

	/* what was fetched may name epochs that HEAD has not; a change under way has no tree yet */
	rc = objects_file(&v->objects, &sealed, NULL,
	    git_has(v->git, state_tree(s)) ? state_tree(s) : &v->tree, path, e);
	/* what a colleague wrote wrongly is no damage of this machine */
	if (rc)
		vault_note_damage(v, e);
	if (!rc)
		rc = age_decrypt(&plain, (const uint8_t (*)[32])&v->id->age_sk, 1, 0,
		    buf_str(&sealed), sealed.n, NULL, e);
	if (!rc)
		rc = epoch_plain_parse(v->ring, NULL, &plain, e);
	buf_free(&sealed);
	buf_free(&plain);
	free(path);
	return rc;
}

/* True when the epoch has been tried at this HEAD before; remembers it. */
static bool
tried(struct vault *v, const char *team, const char *epoch)
{
	char key[sizeof *v->tried];

	snprintf(key, sizeof key, "%s/%s", team, epoch);
	for (size_t i = 0; i < v->ntried; i++)
		if (strcmp(v->tried[i], key) == 0)
			return true;
	if (v->ntried == v->tried_cap) {
		v->tried_cap = v->tried_cap ? v->tried_cap * 2 : 16;
		v->tried = xrealloc(v->tried, v->tried_cap, sizeof *v->tried);
	}
	memcpy(v->tried[v->ntried++], key, sizeof key);
	return false;
}

int
vault_load_team(struct vault *v, const struct state *s, const char *team, struct err *e)
{
	const struct epoch *ep = state_epoch(s, team);
	const struct member *m = NULL;
	struct err inner;
	char *dot;
	int rc = 0;

	err_clear(&inner);
	(void)e;
	if (!v->id || !ep)
		return 0;
	if (tried(v, team, ep->name))
		return 0;
	dot = strchr(v->id->id, '.');
	state_signer(s, v->id->sign_pk, &m);
	/* The newest epoch's file holds the earlier keys too; an older file opens where we
	 * left the team, or where the newest is not wrapped for this device yet. */
	for (; ep; ep = *ep->earlier ? state_epoch_named(s, team, ep->earlier) : NULL) {
		/* recovery is in every epoch */
		bool mine = !dot || (m && epoch_lists(ep, m->handle));

		if (keyring_get_epoch(v->ring, ep->name))
			break;
		if (!mine)
			continue;
		err_clear(&inner);
		rc = load_epoch(v, s, ep, &inner);
		if (!rc)
			break;
	}
	return 0;
}

/* An epoch that the chain of the newest does not lead to: the team's key was renewed on both sides of a
 * merge. Tried once a HEAD, as the team itself. */
static void
load_beside(struct vault *v, const struct state *s, const char *team, const char *name)
{
	const struct epoch *ep = state_epoch_named(s, team, name);
	struct epoch lone = {0}; /* only its key was let in */
	const struct member *m = NULL;
	struct err inner = {0};
	bool mine = !ep;

	if (!v->id || tried(v, team, name))
		return;
	if (!ep) {
		snprintf(lone.team, sizeof lone.team, "%s", team);
		snprintf(lone.name, sizeof lone.name, "%s", name);
		ep = &lone;
	}
	state_signer(s, v->id->sign_pk, &m);
	mine = mine || (m && epoch_lists(ep, m->handle));
	if (mine || !strchr(v->id->id, '.'))
		load_epoch(v, s, ep, &inner);
}

int
vault_load_dossier(struct vault *v, const struct state *s, const struct dossier *d,
    vault_keyfile_fn read, void *ctx, size_t *opened, struct err *e)
{
	uint8_t *sk = keyring_spare(v->ring);
	struct buf sealed = {0}, plain = {0};
	int rc = 0;

	*opened = 0;
	for (size_t i = 0; i < d->nkeys; i++) {
		const struct dossier_key *k = &d->keys[i];
		uint8_t name[32];

		for (size_t j = 0; j < k->nfor && !keyring_get(v->ring, k->id); j++) {
			const struct keyring_key *epoch = keyring_get_epoch(v->ring, k->to[j].epoch);
			struct err inner;

			err_clear(&inner);
			if (!epoch) {
				rc = vault_load_team(v, s, k->to[j].team, e);
				if (rc)
					goto done;
				epoch = keyring_get_epoch(v->ring, k->to[j].epoch);
			}
			if (!epoch) {
				load_beside(v, s, k->to[j].team, k->to[j].epoch);
				epoch = keyring_get_epoch(v->ring, k->to[j].epoch);
			}
			if (!epoch)
				continue;
			buf_reset(&sealed);
			buf_reset(&plain);
			rc = read(ctx, &sealed, d->id, k->file, &inner);
			if (rc == ERR_NOTFOUND) {
				rc = 0; /* another file may hold it too */
				v->lacking = true;
				break;
			}
			if (!rc)
				rc = age_decrypt_one(&plain, epoch->sk, epoch->pk, j, buf_str(&sealed),
				    sealed.n, NULL, &inner);
			if (!rc)
				rc = age_identity_parse(sk, buf_str(&plain),
				    strcspn(buf_str(&plain), "\n"), &inner);
			if (rc == ERR_IO) {
				err_append(e, &inner);
				goto done;
			}
			if (rc) {
				err_set(e, ERR_DAMAGED,
				    _("a key of dossier %s cannot be opened though it is meant for us; akt doctor puts it back"),
				    d->id);
				rc = ERR_DAMAGED;
				goto done;
			}
			keyring_add(v->ring, name, sk);
			if (memcmp(name, k->id, 32) != 0) {
				rc = err_set(e, ERR_DAMAGED, _("dossier %s: a key file holds another key"),
				    d->id);
				goto done;
			}
		}
		if (keyring_get(v->ring, k->id))
			++*opened;
	}
done:
	secret_wipe(sk, 32);
	buf_free(&sealed);
	buf_free(&plain);
	return rc;
}

const struct keyring_key *
vault_key_of(const struct vault *v, const struct dossier *d, size_t i)
{
	/* several files may hold the same identity */
	if (i > 0 && memcmp(d->keys[i].id, d->keys[i - 1].id, 32) == 0)
		return NULL;
	return keyring_get(v->ring, d->keys[i].id);
}

int
vault_decrypt(struct vault *v, struct buf *out, const struct dossier *d, const void *p,
    size_t n, struct err *e)
{
	struct err last;
	bool tried = false, lacking = false;

	err_clear(&last);
	for (size_t i = 0; i < d->nkeys; i++) {
		const struct keyring_key *key = vault_key_of(v, d, i);
		int rc;

		lacking |= !keyring_get(v->ring, d->keys[i].id);
		if (!key)
			continue;
		tried = true;
		err_clear(&last);
		rc = age_decrypt_one(out, key->sk, key->pk, 0, p, n, NULL, &last);
		if (rc != ERR_ACCESS) {
			if (rc)
				err_append(e, &last);
			return rc;
		}
	}
	/* a reader who was taken off the list lacks the keys of what was written since */
	if (tried && !lacking)
		return err_set(e, ERR_DAMAGED, _("is sealed for none of its dossier's keys: swapped"));
	return err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
}
