/** Strict base64 (RFC 4648 section 4) over libsodium. For crypt/ alone. */
#ifndef AKT_CRYPT_BASE64_H
#define AKT_CRYPT_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Decodes all n characters into at most `max` bytes. False for anything but the one canonical
 * text of some bytes: no other characters, exact padding (none, or to fours), zero bits at the
 * end. `out` may have been written to on failure. */
bool base64_decode(uint8_t *out, size_t max, size_t *out_n, const char *s, size_t n, bool padded);

#endif
