/** Bech32 (BIP 173) for 32-byte keys, as age uses it (age spec, "X25519 recipient stanza"). */
#ifndef AKT_CRYPT_BECH32_H
#define AKT_CRYPT_BECH32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BECH32_MAX = 90 }; /* BIP 173: the longest string, without NUL */

/** Writes `hrp`1<52 characters><6 of checksum> and NUL; out holds strlen(hrp) + 60.
 * The text has hrp's case. */
void bech32_encode(char *out, const char *hrp, const uint8_t key[32]);
/** Strict: hrp in exactly this case, the rest in the same case, zero padding bits, checksum, 32
 * bytes. `key` is untouched on failure. */
bool bech32_decode(uint8_t key[32], const char *hrp, const char *s, size_t n);

#endif
