#include "vault/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/secret.h"
#include "crypt/age.h"

struct entry {
	uint8_t name[32];
	struct keyring_key key;
};

/* One slab, doubled: a guarded allocation costs four mappings, so never one a key. */
struct keyring {
	size_t n, cap;
	struct entry *slab;
	uint8_t *spare;
	size_t nslots;  /* open addressing by the name's first bytes; 0 = free, else index + 1 */
	uint32_t *slots;
};

static size_t
slot_of(const struct keyring *k, const uint8_t name[32])
{
	uint32_t h;
	size_t i;

	memcpy(&h, name, sizeof h);
	for (i = h & (k->nslots - 1); k->slots[i]; i = (i + 1) & (k->nslots - 1))
		if (memcmp(k->slab[k->slots[i] - 1].name, name, 32) == 0)
			break;
	return i;
}

static void
grow(struct keyring *k)
{
	size_t cap = k->cap ? k->cap * 2 : 64;
	struct entry *slab = secret_alloc(cap * sizeof *slab);

	if (k->n)
		memcpy(slab, k->slab, k->n * sizeof *slab);
	secret_free(k->slab);
	k->slab = slab;
	k->cap = cap;
	free(k->slots);
	k->nslots = cap * 2;
	k->slots = xcalloc(k->nslots, sizeof *k->slots);
	for (size_t i = 0; i < k->n; i++)
		k->slots[slot_of(k, k->slab[i].name)] = (uint32_t)i + 1;
}

struct keyring *
keyring_new(void)
{
	struct keyring *k = xcalloc(1, sizeof *k);

	grow(k);
	k->spare = secret_alloc(32);
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (!k)
		return;
	secret_free(k->slab);
	secret_free(k->spare);
	free(k->slots);
	free(k);
}

uint8_t *
keyring_spare(struct keyring *k)
{
	return k->spare;
}

void
keyring_add(struct keyring *k, uint8_t name[32], const uint8_t sk[32])
{
	uint8_t pk[32];
	size_t i;

	age_public(pk, sk);
	hash_sha256(name, pk, 32);
	i = slot_of(k, name);
	if (k->slots[i])
		return;
	if (k->n == k->cap) {
		grow(k);
		i = slot_of(k, name);
	}
	memcpy(k->slab[k->n].name, name, 32);
	memcpy(k->slab[k->n].key.sk, sk, 32);
	memcpy(k->slab[k->n].key.pk, pk, 32);
	k->slots[i] = (uint32_t)++k->n;
}

const struct keyring_key *
keyring_get(const struct keyring *k, const uint8_t name[32])
{
	size_t i = slot_of(k, name);

	return k->slots[i] ? &k->slab[k->slots[i] - 1].key : NULL;
}

const struct keyring_key *
keyring_get_epoch(const struct keyring *k, const char epoch[9])
{
	uint8_t head[4];
	uint32_t h;

	if (!hash_unhex(head, sizeof head, epoch))
		return NULL;
	/* the slots are chosen by these very bytes */
	memcpy(&h, head, sizeof h);
	for (size_t i = h & (k->nslots - 1); k->slots[i]; i = (i + 1) & (k->nslots - 1))
		if (memcmp(k->slab[k->slots[i] - 1].name, head, sizeof head) == 0)
			return &k->slab[k->slots[i] - 1].key;
	return NULL;
}
