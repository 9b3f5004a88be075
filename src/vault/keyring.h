/** Secret keys opened in this run: epochs of our teams, dossiers. In guarded memory. */
#ifndef AKT_VAULT_KEYRING_H
#define AKT_VAULT_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

struct keyring;

/** An identity; its public half is kept, for opening a file needs both. */
struct keyring_key {
	uint8_t sk[32], pk[32];
};

struct keyring *keyring_new(void);
void keyring_free(struct keyring *k);
/** Name: SHA-256 of the public key's 32 bytes. Computes it from sk; adds once. */
void keyring_add(struct keyring *k, uint8_t name[32], const uint8_t sk[32]);
/** 32 guarded bytes for a key on its way in; whoever used them wipes them. */
uint8_t *keyring_spare(struct keyring *k);
/** NULL when absent. Valid until the next keyring_add. */
const struct keyring_key *keyring_get(const struct keyring *k, const uint8_t name[32]);
/** By the first four bytes of the name, as epochs are called. */
const struct keyring_key *keyring_get_epoch(const struct keyring *k, const char epoch[9]);

#endif
