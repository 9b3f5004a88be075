/* What a bare program needs to open a store's records: openings STORE IDENTITY
 * A line for every record, and before a dossier's first one a line for the key file that opens it: the repository
 * (store or keys), the blob, which stanza, the key. The keys of a simulated store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/private.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "git/repo.h"
#include "merge/storepath.h"
#include "trail/state.h"
#include "vault/keyring.h"
#include "vault/vault_private.h"

struct walk {
	struct session *s;
	struct oid keys; /* tree */
	char dossier[11];
	const struct dossier *d;
	struct err *e;
};

static void
line(const char *repository, const struct oid *blob, size_t stanza, const struct keyring_key *k)
{
	char id[2 * sizeof blob->b + 1], sk[65];

	hash_hex(id, blob->b, sizeof blob->b);
	hash_hex(sk, k->sk, sizeof k->sk);
	printf("%s %s %zu %s\n", repository, id, stanza, sk);
}

/* The first file of this dossier that an epoch of ours opens. */
static int
key_file(struct walk *w)
{
	struct vault *v = w->s->v;

	for (size_t i = 0; i < w->d->nkeys; i++)
		for (size_t j = 0; j < w->d->keys[i].nfor; j++) {
			const struct keyring_key *epoch = keyring_get_epoch(v->ring, w->d->keys[i].to[j].epoch);
			char *path;
			struct oid blob;
			unsigned mode;
			int rc;

			if (!epoch)
				continue;
			path = vault_keyfile_path(w->d->id, w->d->keys[i].file);
			rc = git_tree_find(v->keys, &blob, &mode, &w->keys, path, w->e);
			free(path);
			if (!rc)
				line("keys", &blob, j, epoch);
			return rc;
		}
	return err_set(w->e, ERR_ACCESS, "no key");
}

static int
one(void *ctx, const char *path, const struct storepath *p, const struct oid *blob)
{
	struct walk *w = ctx;
	struct vault *v = w->s->v;
	struct buf sealed = {0}, plain = {0};
	int rc = 0;

	(void)path;
	if (strcmp(w->dossier, p->dossier) != 0) {
		memcpy(w->dossier, p->dossier, sizeof w->dossier);
		w->d = NULL;
		if (!vault_can_read(v, p->dossier))
			return 0;
		rc = state_dossier(v->state, &w->d, p->dossier, w->e);
		if (!rc)
			rc = key_file(w);
	}
	if (rc || !w->d)
		return rc;
	rc = git_read(v->git, &sealed, NULL, blob, w->e);
	for (size_t i = 0; !rc && i < w->d->nkeys; i++) {
		const struct keyring_key *k = keyring_get(v->ring, w->d->keys[i].id);

		if (k && age_decrypt_one(&plain, k->sk, k->pk, 0, sealed.p, sealed.n, NULL, NULL) == 0) {
			line("store", blob, 0, k);
			break;
		}
	}
	buf_free(&sealed);
	buf_free(&plain);
	return rc;
}

int
main(int argc, char **argv)
{
	struct session s = {0};
	struct err e = {0};
	struct walk w = {.s = &s, .e = &e};
	struct oid commit, parents[2];
	size_t n;
	int rc;

	if (argc != 3)
		return 2;
	secret_init();
	session_start(&s);
	s.store = argv[1];
	s.identity_path = argv[2];
	rc = session_store(&s, true, &e);
	if (!rc)
		rc = git_ref_get(vault_keys_git(s.v), &commit, VAULT_KEYS, &e);
	if (!rc)
		rc = git_commit_links(vault_keys_git(s.v), &commit, &w.keys, parents, &n, &e);
	if (!rc)
		rc = vault_each_record(s.v, vault_tree(s.v), one, &w, &e);
	for (int i = 0; i < e.n; i++)
		fprintf(stderr, "%s\n", e.item[i].text);
	session_close(&s);
	return rc != 0;
}
