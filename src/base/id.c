#include "base/id.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* https://www.crockford.com/base32.html, lower case */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
id_random(char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[randombytes_uniform(32)];
	out[n] = '\0';
}

void
id_from_digest(char *out, size_t n, const uint8_t digest[32])
{
	if (n > 51)
		abort();
	for (size_t i = 0; i < n; i++) {
		size_t bit = i * 5;
		unsigned two = (unsigned)digest[bit / 8] << 8;

		if (bit / 8 + 1 < 32)
			two |= digest[bit / 8 + 1];
		out[i] = alphabet[two >> (11 - bit % 8) & 31];
	}
	out[n] = '\0';
}

bool
id_valid(const char *s, size_t n)
{
	if (strnlen(s, n + 1) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr(alphabet, s[i]))
			return false;
	return true;
}
