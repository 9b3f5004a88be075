/* Boxes that only their keys open, and signatures that only their makers make, by agreement: nobody
 * here forges. Real cryptography would take nine tenths of the time and hide nothing more. */
#include "sim/mem.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "crypt/age.h"
#include "crypt/bech32.h"
#include "crypt/ssh.h"

static const char magic[8] = "simbox1\n";
enum { NONCE = 16, HEAD = sizeof magic + 2 + NONCE };

static const char begin[] = "-----BEGIN SSH SIGNATURE-----\n", end[] = "-----END SSH SIGNATURE-----\n";

/* --- chance ------------------------------------------------------------------------------------ */

static uint64_t chance;

static uint32_t
chance_next(void)
{
	uint64_t z = chance += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 16);
}

static void
chance_buf(void *const p, const size_t n)
{
	for (size_t i = 0; i < n; i += 4) {
		uint32_t r = chance_next();

		memcpy((char *)p + i, &r, n - i < 4 ? n - i : 4);
	}
}

static const char *
chance_name(void)
{
	return "simulator";
}

static randombytes_implementation source = {
	.implementation_name = chance_name,
	.random = chance_next,
	.buf = chance_buf,
};

void
mem_seed(uint64_t seed)
{
	static bool installed;

	if (!installed)
		randombytes_set_implementation(&source);
	installed = true;
	chance = seed;
}

/* --- boxes ------------------------------------------------------------------------------------- */

void
mem_public(uint8_t pk[32], const uint8_t sk[32])
{
	for (int i = 0; i < 32; i++)
		pk[i] = sk[i] ^ 0x5a;
}

void
age_keygen(uint8_t sk[32], uint8_t pk[32])
{
	randombytes_buf(sk, 32);
	mem_public(pk, sk);
}

void
age_public(uint8_t pk[32], const uint8_t sk[32])
{
	mem_public(pk, sk);
}

void
age_recipient_format(char out[AGE_TEXT], const uint8_t pk[32])
{
	bech32_encode(out, "age", pk);
}

int
age_recipient_parse(uint8_t pk[32], const char *s, struct err *e)
{
	return bech32_decode(pk, "age", s, strlen(s)) ? 0 : err_set(e, ERR_INVALID, "no recipient");
}

void
age_identity_format(char out[AGE_TEXT], const uint8_t sk[32])
{
	bech32_encode(out, "AGE-SECRET-KEY-", sk);
}

int
age_identity_parse(uint8_t sk[32], const char *s, size_t n, struct err *e)
{
	if (n && s[n - 1] == '\n')
		n--;
	return bech32_decode(sk, "AGE-SECRET-KEY-", s, n) ? 0 : err_set(e, ERR_INVALID, "no identity");
}

int
age_encrypt(
    struct buf *out, const uint8_t (*pk)[32], size_t npk, const void *p, size_t n, struct err *e)
{
	char head[HEAD];

	(void)e;
	memcpy(head, magic, sizeof magic);
	head[8] = (char)(npk & 255);
	head[9] = (char)(npk >> 8);
	randombytes_buf(head + 10, NONCE);
	buf_add(out, head, sizeof head);
	buf_add(out, pk, npk * 32);
	buf_add(out, p, n);
	return 0;
}

bool
mem_box_open(const char *p, size_t n, const uint8_t (**pk)[32], size_t *npk, const char **plain,
    size_t *plain_n)
{
	size_t k;

	if (n < HEAD || memcmp(p, magic, sizeof magic) != 0)
		return false;
	k = (uint8_t)p[8] | (size_t)(uint8_t)p[9] << 8;
	if (n < HEAD + 32 * k)
		return false;
	*pk = (const uint8_t(*)[32])(p + HEAD);
	*npk = k;
	*plain = p + HEAD + 32 * k;
	*plain_n = n - HEAD - 32 * k;
	return true;
}

int
age_decrypt(struct buf *out, const uint8_t (*sk)[32], size_t nsk, size_t hint, const void *p,
    size_t n, enum age_result *result, struct err *e)
{
	const uint8_t(*to)[32];
	const char *plain;
	size_t npk, plain_n;

	(void)hint;
	(void)result;
	if (!mem_box_open(p, n, &to, &npk, &plain, &plain_n))
		return err_set(e, ERR_DAMAGED, "no box");
	for (size_t i = 0; i < nsk; i++) {
		uint8_t pk[32];

		mem_public(pk, sk[i]);
		for (size_t k = 0; k < npk; k++)
			if (memcmp(pk, to[k], 32) == 0) {
				buf_add(out, plain, plain_n);
				return 0;
			}
	}
	return err_set(e, ERR_ACCESS, "no key fits");
}

int
age_decrypt_one(struct buf *out, const uint8_t sk[32], const uint8_t pk[32], size_t hint,
    const void *p, size_t n, enum age_result *result, struct err *e)
{
	(void)pk;
	return age_decrypt(out, (const uint8_t (*)[32])sk, 1, hint, p, n, result, e);
}

int
age_stanzas(const void *p, size_t n, int *is_scrypt)
{
	const uint8_t(*to)[32];
	const char *plain;
	size_t npk, plain_n;

	*is_scrypt = 0;
	return mem_box_open(p, n, &to, &npk, &plain, &plain_n) ? (int)npk : -1;
}

int
age_encrypt_passphrase(struct buf *out, const char *passphrase, int work_factor, const void *p,
    size_t n, struct err *e)
{
	(void)out, (void)passphrase, (void)work_factor, (void)p, (void)n;
	return err_set(e, ERR_IO, "no passphrases here");
}

int
age_decrypt_passphrase(struct buf *out, const char *passphrase, int max_work, const void *p,
    size_t n, enum age_result *result, struct err *e)
{
	(void)out, (void)passphrase, (void)max_work, (void)p, (void)n, (void)result;
	return err_set(e, ERR_IO, "no passphrases here");
}

/* --- signatures ----------------------------------------------------------------------------------- */

static void
digest(char hex[65], const uint8_t pk[32], const char *ns, const void *p, size_t n)
{
	crypto_generichash_state st;
	uint8_t d[32];

	crypto_generichash_init(&st, pk, 32, 32);
	crypto_generichash_update(&st, (const uint8_t *)ns, strlen(ns) + 1);
	crypto_generichash_update(&st, p, n);
	crypto_generichash_final(&st, d, 32);
	hash_hex(hex, d, 32);
}

void
sshsig_sign(struct buf *out, const uint8_t sk[64], const char *ns, const void *p, size_t n)
{
	char hex[65];

	buf_puts(out, begin);
	hash_hex(hex, sk + 32, 32);
	buf_printf(out, "%s\n", hex);
	digest(hex, sk + 32, ns, p, n);
	buf_printf(out, "%s\n%s", hex, end);
}

void
mem_signer(uint8_t pk[32], const char *commit)
{
	const char *p = strstr(commit, "gpgsig -----BEGIN SSH SIGNATURE-----\n ");
	char hex[65] = "";

	memset(pk, 0, 32);
	if (p) {
		memcpy(hex, p + 38, 64);
		hash_unhex(pk, 32, hex);
	}
}

int
sshsig_verify(uint8_t pk[32], const char *armor, size_t armor_n, const char *ns, const void *p,
    size_t n, struct err *e)
{
	char hex[65], want[65];
	uint8_t by[32];

	if (armor_n < sizeof begin - 1 + 130)
		return err_set(e, ERR_DAMAGED, "no signature");
	memcpy(hex, armor + sizeof begin - 1, 64);
	hex[64] = '\0';
	if (!hash_unhex(by, 32, hex))
		return err_set(e, ERR_DAMAGED, "no signature");
	digest(want, by, ns, p, n);
	if (memcmp(want, armor + sizeof begin - 1 + 65, 64) != 0)
		return err_set(e, ERR_DAMAGED, "the signature does not fit");
	memcpy(pk, by, 32);
	return 0;
}
