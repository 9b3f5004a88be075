#include "crypt/age_stream.h"

#include <sodium.h>

#include "base/buf.h"
#include "base/secret.h"
#include "crypt/age_header.h"

/* 11 bytes of big-endian counter, then 1 for the last chunk. */
static void
chunk_nonce(uint8_t nonce[12], uint64_t counter, bool last)
{
	sodium_memzero(nonce, 12);
	for (int i = 10; i >= 3; i--, counter >>= 8)
		nonce[i] = (uint8_t)counter;
	nonce[11] = last;
}

void
age_stream_seal(struct buf *out, const uint8_t file_key[16], const uint8_t nonce[AGE_NONCE],
    const void *p, size_t n)
{
	const uint8_t *from = p;
	uint8_t key[32], cn[12];
	bool last = false;

	age_hkdf(key, nonce, AGE_NONCE, file_key, 16, "payload");
	buf_add(out, nonce, AGE_NONCE);
	buf_room(out, n + (n / AGE_CHUNK + 1) * AGE_TAG);
	for (uint64_t i = 0; !last; i++) { /* an empty payload is one empty chunk */
		size_t part = n < AGE_CHUNK ? n : AGE_CHUNK;

		last = part == n;
		chunk_nonce(cn, i, last);
		crypto_aead_chacha20poly1305_ietf_encrypt(
		    buf_room(out, part + AGE_TAG), NULL, from, part, NULL, 0, NULL, cn, key);
		out->n += part + AGE_TAG;
		out->p[out->n] = '\0';
		from += part;
		n -= part;
	}
	secret_wipe(key, sizeof key);
}

bool
age_stream_open(struct buf *out, const uint8_t file_key[16], const uint8_t nonce[AGE_NONCE],
    const uint8_t *p, size_t n)
{
	enum { SEALED = AGE_CHUNK + AGE_TAG };
	size_t chunks = n / SEALED + (n % SEALED != 0), plain = n - chunks * AGE_TAG;
	uint8_t key[32], cn[12], *to;
	bool ok = true;

	/* the last chunk holds a tag, and is empty only where the whole payload is */
	if (n < AGE_TAG || (n % SEALED != 0 && n % SEALED < AGE_TAG + (chunks > 1)))
		return false;
	age_hkdf(key, nonce, AGE_NONCE, file_key, 16, "payload");
	to = buf_room(out, plain);
	for (uint64_t i = 0; ok && n > 0; i++) {
		size_t part = n < SEALED ? n : SEALED;

		chunk_nonce(cn, i, part == n);
		ok = crypto_aead_chacha20poly1305_ietf_decrypt(
			 to, NULL, NULL, p, part, NULL, 0, cn, key) == 0;
		to += part - AGE_TAG;
		p += part;
		n -= part;
	}
	if (ok)
		out->n += plain;
	else
		secret_wipe(out->p + out->n, plain);
	out->p[out->n] = '\0';
	secret_wipe(key, sizeof key);
	return ok;
}
