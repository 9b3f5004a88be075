#include "base/hash.h"

#include <string.h>

#include <sodium.h>

#include "base/buf.h"

void
hash_sha256(uint8_t out[32], const void *p, size_t n)
{
	crypto_hash_sha256(out, p, n);
}

void
hash_hex(char *out, const uint8_t *p, size_t n)
{
	sodium_bin2hex(out, 2 * n + 1, p, n);
}

/* Value + 1 of a lower-case hex digit: every commit's ids and digests are read by it. */
static const uint8_t digits[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['a'] = 11, 12, 13, 14, 15, 16,
};

bool
hash_unhex(uint8_t *out, size_t n, const char *s)
{
	if (strnlen(s, 2 * n + 1) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned hi = digits[(uint8_t)s[2 * i]], lo = digits[(uint8_t)s[2 * i + 1]];

		if (!hi || !lo)
			return false;
		out[i] = (uint8_t)((hi - 1) << 4 | (lo - 1));
	}
	return true;
}

uint64_t
hash_rank(const char *seed, const char *id)
{
	struct buf b = {0};
	uint8_t digest[HASH256];
	uint64_t rank = 0;

	buf_add(&b, "akt draw v1", sizeof "akt draw v1");
	buf_add(&b, seed, strlen(seed) + 1);
	buf_puts(&b, id);
	hash_sha256(digest, b.p, b.n);
	buf_free(&b);
	for (int i = 0; i < 8; i++)
		rank = rank << 8 | digest[i];
	return rank;
}
