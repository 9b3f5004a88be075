#include "crypt/base64.h"

#include <sodium.h>

bool
base64_decode(uint8_t *out, size_t max, size_t *out_n, const char *s, size_t n, bool padded)
{
	/* libsodium 1.0.18 reads a byte with its top bit set as if the bit were not there: several
	 * texts would mean the same bytes */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] > 0x7f)
			return false;
	/* NULL for `ignore` and `b64_end` is what makes it strict: with them it passes NUL
	 * bytes and trailing junk */
	return sodium_base642bin(out, max, s, n, NULL, out_n, NULL,
		   padded ? sodium_base64_VARIANT_ORIGINAL
			  : sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
}
