#include "crypt/bech32.h"

#include <string.h>

#include "base/secret.h"

enum { DATA = 52, CHECK = 6 }; /* 32 bytes are 52 groups of five bits, the last 4 bits padding */

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_upper(const char *hrp)
{
	return hrp[0] >= 'A' && hrp[0] <= 'Z';
}

/* BIP 173 "Checksum": one step of the BCH code over five bits. */
static uint32_t
polymod(uint32_t c, uint8_t v)
{
	static const uint32_t gen[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	uint32_t top = c >> 25;

	c = (c & 0x1ffffff) << 5 ^ v;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			c ^= gen[i];
	return c;
}

/* The code's state after the human-readable part, which is hashed in lower case. */
static uint32_t
start(const char *hrp)
{
	uint32_t c = 1;

	for (const char *s = hrp; *s; s++)
		c = polymod(c, (uint8_t)lower(*s) >> 5);
	c = polymod(c, 0);
	for (const char *s = hrp; *s; s++)
		c = polymod(c, (uint8_t)lower(*s) & 31);
	return c;
}

void
bech32_encode(char *out, const char *hrp, const uint8_t key[32])
{
	size_t n = strlen(hrp);
	uint32_t c = start(hrp), acc = 0;
	int bits = 0;

	memcpy(out, hrp, n);
	out[n++] = '1';
	for (int i = 0, used = 0; i < DATA; i++) {
		uint8_t v;

		if (bits < 5) {
			acc = acc << 8 | (used < 32 ? key[used] : 0);
			used++;
			bits += 8;
		}
		bits -= 5;
		v = acc >> bits & 31;
		acc &= (1u << bits) - 1;
		c = polymod(c, v);
		out[n++] = alphabet[v];
	}
	for (int i = 0; i < CHECK; i++)
		c = polymod(c, 0);
	c ^= 1;
	for (int i = 0; i < CHECK; i++)
		out[n++] = alphabet[c >> 5 * (CHECK - 1 - i) & 31];
	out[n] = '\0';
	if (is_upper(hrp))
		for (char *s = out; *s; s++)
			*s = *s >= 'a' && *s <= 'z' ? (char)(*s - ('a' - 'A')) : *s;
	secret_wipe(&acc, sizeof acc);
}

bool
bech32_decode(uint8_t key[32], const char *hrp, const char *s, size_t n)
{
	size_t h = strlen(hrp);
	uint8_t bytes[32] = {0};
	uint32_t c = start(hrp), acc = 0;
	int bits = 0, got = 0;
	bool ok = false;

	if (n != h + 1 + DATA + CHECK || memcmp(s, hrp, h) != 0 || s[h] != '1')
		return false;
	for (size_t i = h + 1; i < n; i++) {
		/* one case throughout: BIP 173 refuses mixtures, age fixes which one */
		bool wrong =
		    is_upper(hrp) ? s[i] >= 'a' && s[i] <= 'z' : s[i] >= 'A' && s[i] <= 'Z';
		const char *at = wrong || !s[i] ? NULL : strchr(alphabet, lower(s[i]));
		uint8_t v;

		if (!at)
			goto done;
		v = (uint8_t)(at - alphabet);
		c = polymod(c, v);
		if (i >= h + 1 + DATA)
			continue;
		acc = acc << 5 | v;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			bytes[got++] = (uint8_t)(acc >> bits);
			acc &= (1u << bits) - 1;
		}
	}
	if (c != 1 || acc != 0) /* checksum; padding bits */
		goto done;
	memcpy(key, bytes, sizeof bytes);
	ok = true;
done:
	secret_wipe(bytes, sizeof bytes);
	secret_wipe(&acc, sizeof acc);
	return ok;
}
