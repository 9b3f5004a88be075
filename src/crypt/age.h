/** age v1 (https://age-encryption.org/v1): X25519 and scrypt, binary. All or nothing:
 * no plaintext leaves before the last chunk is authentic. */
#ifndef AKT_CRYPT_AGE_H
#define AKT_CRYPT_AGE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum { AGE_KEY = 32, AGE_TEXT = 96 /* room for either bech32 text and NUL */ };

/** Fresh X25519 key: sk in guarded memory supplied by the caller, 32 bytes each. */
void age_keygen(uint8_t sk[32], uint8_t pk[32]);
/** pk from sk. */
void age_public(uint8_t pk[32], const uint8_t sk[32]);
/** `age1...`, lower case. */
void age_recipient_format(char out[AGE_TEXT], const uint8_t pk[32]);
int age_recipient_parse(uint8_t pk[32], const char *s, struct err *e);
/** `AGE-SECRET-KEY-1...`, upper case; parsing allows one LF at the end. ERR_INVALID. */
void age_identity_format(char out[AGE_TEXT], const uint8_t sk[32]);
int age_identity_parse(uint8_t sk[32], const char *s, size_t n, struct err *e);

/** Appends the age file to `out`. npk 1 to 2,048; stanzas in the order given. ERR_INVALID for a
 * recipient that is no key (a low-order point). `out` is untouched on failure. */
int age_encrypt(
    struct buf *out, const uint8_t (*pk)[32], size_t npk, const void *p, size_t n, struct err *e);
/** scrypt with N = 2^work_factor (1..22; default 18: 256 MiB for a second). ERR_USAGE for other
 * factors and an empty passphrase, ERR_IO when there is not the memory. */
int age_encrypt_passphrase(struct buf *out, const char *passphrase, int work_factor, const void *p,
    size_t n, struct err *e);

/** Why a file did not open, for callers that must tell (the public vectors do). */
enum age_result { AGE_OK, AGE_NO_MATCH, AGE_HEADER, AGE_HMAC, AGE_PAYLOAD };

/** Appends the plaintext to `out` only when every byte is authentic; `out` must not hold `p`. The
 * whole header is checked before a key is tried (at most 256 KiB and 2,048 stanzas). `hint` =
 * stanza tried first (0 when unknown): each foreign stanza costs a scalar multiplication.
 * ERR_ACCESS when no key fits, ERR_DAMAGED else. `result` may be NULL. */
int age_decrypt(struct buf *out, const uint8_t (*sk)[32], size_t nsk, size_t hint, const void *p,
    size_t n, enum age_result *result, struct err *e);
/** The same with one key whose public half is known: computing it is half of the work. */
int age_decrypt_one(struct buf *out, const uint8_t sk[32], const uint8_t pk[32], size_t hint,
    const void *p, size_t n, enum age_result *result, struct err *e);
/** Work factors above max_work (22 when 0) are refused before any work is done. ERR_ACCESS for
 * a wrong passphrase, ERR_DAMAGED, ERR_IO when there is not the memory. */
int age_decrypt_passphrase(struct buf *out, const char *passphrase, int max_work, const void *p,
    size_t n, enum age_result *result, struct err *e);
/** Number of stanzas of a well-formed header, else -1; and whether it is a scrypt file. */
int age_stanzas(const void *p, size_t n, int *is_scrypt);

#endif
