/* Shared by the files of vault/ alone. */
#ifndef AKT_VAULT_PRIVATE_H
#define AKT_VAULT_PRIVATE_H

#include "base/buf.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "trail/objects.h"
#include "trail/tree256.h"
#include "vault/keyring.h"
#include "vault/vault.h"

struct vault_schema_entry {
	struct vault_schema_entry *next;
	char type[33];
	struct oid blob, tree; /* the store's tree in which the type was last found to be this one */
	struct arena *arena;
	struct schema *schema;
};

struct vault {
	char *path;
	struct git *git, *keys;
	const struct identity *id;
	struct objects objects;
	struct state_cache *cache;
	struct tree256 *t256;
	struct oid head, tree;
	bool have_head, saved;
	struct state *state;
	/* the dossier of `state` asked for last: records are read folder by folder */
	char last[11];
	const struct dossier *last_dossier;
	struct keyring *ring;
	/* TEAM/EPOCH tried at this HEAD, so that a locked one is not tried again */
	size_t ntried, tried_cap;
	char (*tried)[48];
	struct vault_schema_entry *schemas;
	bool lacking; /* vault_load_dossier met a key file that is not here */
	char *damage; /* why a dossier could not be asked who reads it; NULL */
	struct buf reads; /* rows of what was opened, not yet sealed */
};

/* Opens what we can of a team's epochs into the keyring. */
int vault_load_team(struct vault *v, const struct state *s, const char *team, struct err *e);
/* Opens what we can of a dossier's identities; *opened counts those in the keyring after.
 * `extra` may offer key files not yet in the repository (a change under way). */
typedef int (*vault_keyfile_fn)(void *ctx, struct buf *out, const char *dossier,
    const uint8_t file[32], struct err *e);
int vault_load_dossier(struct vault *v, const struct state *s, const struct dossier *d,
    vault_keyfile_fn read, void *ctx, size_t *opened, struct err *e);
/* Key file from keys.git. */
int vault_read_keyfile(void *vault, struct buf *out, const char *dossier, const uint8_t file[32],
    struct err *e);
/* Remembers why a dossier could not be asked who reads it: vault_damage. */
void vault_note_damage(struct vault *v, const struct err *e);
/* The identity in the dossier's i-th key file; NULL where it was not opened, or the one before holds it too. */
const struct keyring_key *vault_key_of(const struct vault *v, const struct dossier *d, size_t i);
/* Decrypts with any of the dossier's opened identities. */
int vault_decrypt(struct vault *v, struct buf *out, const struct dossier *d, const void *p,
    size_t n, struct err *e);
/* A record of HEAD as it is sealed, and copies of those of its dossier's identities that were opened: at most
 * `max`; ERR_ACCESS when there are none, or more. */
int vault_load_record(struct vault *v, struct buf *sealed, struct keyring_key *keys, size_t max, size_t *n,
    const struct storepath *p, const struct oid *id);
/* The record that this text is, held against its path. */
int vault_parse_record(struct node **out, struct arena *a, const struct buf *plain, const struct storepath *p,
    struct err *e);
/* malloc'd path of a key file in the keys' tree. */
char *vault_keyfile_path(const char *dossier, const uint8_t file[32]);
/* The comment and key lines of an epoch's key file: adds every key to the ring (when not NULL);
 * the device list of its `# devices:` line, NUL-terminated, "" when absent, to `devices`. */
int epoch_plain_parse(struct keyring *ring, struct buf *devices, const struct buf *plain,
    struct err *e);

#endif
