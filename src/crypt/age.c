#include "crypt/age.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "crypt/age_header.h"
#include "crypt/age_stream.h"
#include "crypt/bech32.h"

/* Keys derived on the way live on the stack for microseconds and are wiped: a guarded page for
 * each file would cost half as much as opening it does. */

enum { WORK_MAX = 22, SCRYPT_R = 8, SCRYPT_P = 1 };

static const char recipient_hrp[] = "age", identity_hrp[] = "AGE-SECRET-KEY-";
static const char x25519_info[] = "age-encryption.org/v1/X25519";
static const char scrypt_label[] = "age-encryption.org/v1/scrypt";

void
age_keygen(uint8_t sk[32], uint8_t pk[32])
{
	secret_init();
	randombytes_buf(sk, 32);
	age_public(pk, sk);
}

void
age_public(uint8_t pk[32], const uint8_t sk[32])
{
	secret_init();
	crypto_scalarmult_curve25519_base(pk, sk);
}

void
age_recipient_format(char out[AGE_TEXT], const uint8_t pk[32])
{
	bech32_encode(out, recipient_hrp, pk);
}

int
age_recipient_parse(uint8_t pk[32], const char *s, struct err *e)
{
	if (!bech32_decode(pk, recipient_hrp, s, strlen(s)))
		return err_set(e, ERR_INVALID, _("is not an age recipient (age1...)"));
	return 0;
}

void
age_identity_format(char out[AGE_TEXT], const uint8_t sk[32])
{
	bech32_encode(out, identity_hrp, sk);
}

int
age_identity_parse(uint8_t sk[32], const char *s, size_t n, struct err *e)
{
	if (n > 0 && s[n - 1] == '\n')
		n--;
	if (!bech32_decode(sk, identity_hrp, s, n))
		return err_set(e, ERR_INVALID, _("is not an age identity (AGE-SECRET-KEY-1...)"));
	return 0;
}

/* age spec, "X25519 recipient stanza": wrap key from a shared secret. False where the
 * point has low order. `share` and `pk` are public. */
static bool
x25519_wrap_key(uint8_t key[32], const uint8_t scalar[32], const uint8_t point[32],
    const uint8_t share[32], const uint8_t pk[32])
{
	uint8_t shared[32], salt[64];
	bool ok = crypto_scalarmult_curve25519(shared, scalar, point) == 0;

	memcpy(salt, share, 32);
	memcpy(salt + 32, pk, 32);
	if (ok)
		age_hkdf(key, salt, sizeof salt, shared, sizeof shared, x25519_info);
	secret_wipe(shared, sizeof shared);
	return ok;
}

/* age spec, "scrypt recipient stanza". False when there is not the memory. */
static bool
scrypt_wrap_key(
    uint8_t key[32], const char *passphrase, const uint8_t salt[AGE_SALT], int work_factor)
{
	uint8_t full[sizeof scrypt_label - 1 + AGE_SALT];

	memcpy(full, scrypt_label, sizeof scrypt_label - 1);
	memcpy(full + sizeof scrypt_label - 1, salt, AGE_SALT);
	return crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)passphrase,
		   strlen(passphrase), full, sizeof full, (uint64_t)1 << work_factor, SCRYPT_R,
		   SCRYPT_P, key, 32) == 0;
}

/* A wrap key is used once, hence the zero nonce. */
static void
wrap(uint8_t body[AGE_BODY], const uint8_t key[32], const uint8_t file_key[AGE_FILE_KEY])
{
	const uint8_t nonce[12] = {0};

	crypto_aead_chacha20poly1305_ietf_encrypt(
	    body, NULL, file_key, AGE_FILE_KEY, NULL, 0, NULL, nonce, key);
}

static bool
unwrap(uint8_t file_key[AGE_FILE_KEY], const uint8_t key[32], const uint8_t body[AGE_BODY])
{
	const uint8_t nonce[12] = {0};

	return crypto_aead_chacha20poly1305_ietf_decrypt(
		   file_key, NULL, NULL, body, AGE_BODY, NULL, 0, nonce, key) == 0;
}

/* MAC line and payload behind the stanzas that began at `start`. */
static void
seal(struct buf *out, size_t start, const uint8_t file_key[AGE_FILE_KEY], const void *p, size_t n)
{
	uint8_t nonce[AGE_NONCE];

	age_header_end(out, start, file_key);
	randombytes_buf(nonce, sizeof nonce);
	age_stream_seal(out, file_key, nonce, p, n);
}

int
age_encrypt(
    struct buf *out, const uint8_t (*pk)[32], size_t npk, const void *p, size_t n, struct err *e)
{
	struct {
		uint8_t file_key[AGE_FILE_KEY], sk[32], key[32];
	} s;
	struct buf head = {0};
	int rc = 0;

	secret_init();
	if (npk < 1 || npk > AGE_STANZAS_MAX)
		return err_set(
		    e, ERR_USAGE, _("an age file needs 1 to %d recipients"), AGE_STANZAS_MAX);
	randombytes_buf(s.file_key, sizeof s.file_key);
	age_header_begin(&head);
	for (size_t i = 0; i < npk; i++) {
		uint8_t share[32], body[AGE_BODY];

		age_keygen(s.sk, share);
		if (!x25519_wrap_key(s.key, s.sk, pk[i], share, pk[i])) {
			rc = err_set(
			    e, ERR_INVALID, _("a recipient is a low-order point, not a key"));
			goto done;
		}
		wrap(body, s.key, s.file_key);
		age_header_x25519(&head, share, body);
	}
	seal(&head, 0, s.file_key, p, n);
	buf_add(out, head.p, head.n);
done:
	buf_free(&head);
	secret_wipe(&s, sizeof s);
	return rc;
}

int
age_encrypt_passphrase(struct buf *out, const char *passphrase, int work_factor, const void *p,
    size_t n, struct err *e)
{
	struct {
		uint8_t file_key[AGE_FILE_KEY], key[32];
	} s;
	uint8_t salt[AGE_SALT], body[AGE_BODY];
	size_t start = out->n;
	int rc = 0;

	secret_init();
	if (work_factor < 1 || work_factor > WORK_MAX)
		return err_set(e, ERR_USAGE, _("the work factor must be 1 to %d"), WORK_MAX);
	if (!*passphrase)
		return err_set(e, ERR_USAGE, _("the passphrase is empty"));
	randombytes_buf(s.file_key, sizeof s.file_key);
	randombytes_buf(salt, sizeof salt);
	if (!scrypt_wrap_key(s.key, passphrase, salt, work_factor)) {
		rc = err_set(e, ERR_IO, _("not enough memory for work factor %d"), work_factor);
		goto done;
	}
	wrap(body, s.key, s.file_key);
	age_header_begin(out);
	age_header_scrypt(out, salt, work_factor, body);
	seal(out, start, s.file_key, p, n);
done:
	secret_wipe(&s, sizeof s);
	return rc;
}

/* What every way of opening ends with: the header's MAC, then the payload. */
static int
open_payload(struct buf *out, const struct age_header *h, const uint8_t file_key[AGE_FILE_KEY],
    const uint8_t *p, size_t n, enum age_result *result, struct err *e)
{
	uint8_t mac[32];

	age_header_mac(mac, file_key, p, h->mac_n);
	if (sodium_memcmp(mac, h->mac, sizeof mac) != 0) {
		*result = AGE_HMAC;
		return err_set(e, ERR_DAMAGED, _("the age header was altered"));
	}
	if (n - h->size < AGE_NONCE) {
		*result = AGE_HEADER;
		return err_set(e, ERR_DAMAGED, _("the age file is cut short"));
	}
	if (!age_stream_open(
		out, file_key, p + h->size, p + h->size + AGE_NONCE, n - h->size - AGE_NONCE)) {
		*result = AGE_PAYLOAD;
		return err_set(
		    e, ERR_DAMAGED, _("the age file's content was altered or cut short"));
	}
	*result = AGE_OK;
	return 0;
}

/* Tries every key on one stanza. `pk` caches the public halves: they are half of the work. */
static bool
try_stanza(uint8_t file_key[AGE_FILE_KEY], const struct age_stanza *st, const uint8_t (*sk)[32],
    uint8_t (*pk)[32], size_t *have, size_t nsk)
{
	uint8_t key[32];
	bool ok = false;

	if (st->kind != AGE_X25519)
		return false;
	for (size_t i = 0; i < nsk && !ok; i++) {
		if (i == *have)
			age_public(pk[(*have)++], sk[i]);
		ok = x25519_wrap_key(key, sk[i], st->share, st->share, pk[i]) &&
		    unwrap(file_key, key, st->body);
	}
	secret_wipe(key, sizeof key);
	return ok;
}

/* `pk` has room for every key's public half, of which the first `have` are there. */
static int
decrypt(struct buf *out, const uint8_t (*sk)[32], uint8_t (*pk)[32], size_t have, size_t nsk,
    size_t hint, const void *p, size_t n, enum age_result *result, struct err *e)
{
	struct age_header h = {0};
	enum age_result res = AGE_HEADER;
	uint8_t file_key[AGE_FILE_KEY];
	bool ok = false;
	int rc = 0;

	secret_init();
	rc = age_header_parse(&h, p, n, e);
	if (rc)
		goto done;
	if (hint >= h.n)
		hint = 0;
	ok = try_stanza(file_key, &h.v[hint], sk, pk, &have, nsk);
	for (size_t i = 0; i < h.n && !ok; i++)
		if (i != hint)
			ok = try_stanza(file_key, &h.v[i], sk, pk, &have, nsk);
	if (ok) {
		rc = open_payload(out, &h, file_key, p, n, &res, e);
	} else {
		res = AGE_NO_MATCH;
		rc = h.v[0].kind == AGE_SCRYPT
		    ? err_set(e, ERR_ACCESS, _("the age file needs a passphrase, not a key"))
		    : err_set(e, ERR_ACCESS, _("none of the keys opens this age file"));
	}
done:
	if (result)
		*result = res;
	age_header_free(&h);
	secret_wipe(file_key, sizeof file_key);
	return rc;
}

int
age_decrypt(struct buf *out, const uint8_t (*sk)[32], size_t nsk, size_t hint, const void *p,
    size_t n, enum age_result *result, struct err *e)
{
	uint8_t (*pk)[32] = xcalloc(nsk ? nsk : 1, sizeof *pk);
	int rc = decrypt(out, sk, pk, 0, nsk, hint, p, n, result, e);

	free(pk);
	return rc;
}

int
age_decrypt_one(struct buf *out, const uint8_t sk[32], const uint8_t pk[32], size_t hint,
    const void *p, size_t n, enum age_result *result, struct err *e)
{
	uint8_t known[1][32];

	memcpy(known[0], pk, sizeof known[0]);
	return decrypt(out, (const uint8_t (*)[32])sk, known, 1, 1, hint, p, n, result, e);
}

int
age_decrypt_passphrase(struct buf *out, const char *passphrase, int max_work, const void *p,
    size_t n, enum age_result *result, struct err *e)
{
	struct age_header h = {0};
	enum age_result res = AGE_HEADER;
	struct {
		uint8_t file_key[AGE_FILE_KEY], key[32];
	} s = {0};
	int rc = 0;

	secret_init();
	if (max_work < 1 || max_work > WORK_MAX)
		max_work = WORK_MAX;
	rc = age_header_parse(&h, p, n, e);
	if (rc)
		goto done;
	if (h.v[0].kind != AGE_SCRYPT) {
		res = AGE_NO_MATCH;
		rc = err_set(e, ERR_ACCESS, _("the age file needs a key, not a passphrase"));
	} else if (h.v[0].work_factor > max_work) {
		rc = err_set(
		    e, ERR_DAMAGED, _("the age file asks for a work factor above %d"), max_work);
	} else if (!scrypt_wrap_key(s.key, passphrase, h.v[0].share, h.v[0].work_factor)) {
		rc = err_set(
		    e, ERR_IO, _("not enough memory for work factor %d"), h.v[0].work_factor);
	} else if (!unwrap(s.file_key, s.key, h.v[0].body)) {
		res = AGE_NO_MATCH;
		rc = err_set(e, ERR_ACCESS, _("wrong passphrase"));
	} else {
		rc = open_payload(out, &h, s.file_key, p, n, &res, e);
	}
done:
	if (result)
		*result = res;
	age_header_free(&h);
	secret_wipe(&s, sizeof s);
	return rc;
}

int
age_stanzas(const void *p, size_t n, int *is_scrypt)
{
	struct age_header h = {0};
	int count;

	if (age_header_parse(&h, p, n, NULL) != 0)
		return -1;
	count = (int)h.n;
	if (is_scrypt)
		*is_scrypt = h.v[0].kind == AGE_SCRYPT;
	age_header_free(&h);
	return count;
}
