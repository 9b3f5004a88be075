/** The payload of an age file (age spec, "Payload"): STREAM over chunks of 64 KiB. For crypt/
 * alone. */
#ifndef AKT_CRYPT_AGE_STREAM_H
#define AKT_CRYPT_AGE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { AGE_NONCE = 16, AGE_CHUNK = 64 * 1024, AGE_TAG = 16 };

/** Appends nonce and sealed chunks. */
void age_stream_seal(struct buf *out, const uint8_t file_key[16], const uint8_t nonce[AGE_NONCE],
    const void *p, size_t n);
/** Opens what follows the nonce; appends the plaintext only if all of it is authentic, else
 * false and what was decrypted so far is wiped. `out` must not hold `p`. */
bool age_stream_open(struct buf *out, const uint8_t file_key[16], const uint8_t nonce[AGE_NONCE],
    const uint8_t *p, size_t n);

#endif
