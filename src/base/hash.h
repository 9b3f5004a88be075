/** SHA-256 and hex. */
#ifndef AKT_BASE_HASH_H
#define AKT_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH256 = 32 };

void hash_sha256(uint8_t out[32], const void *p, size_t n);
/** Lower-case hex of n bytes and a NUL: out holds 2n+1. */
void hash_hex(char *out, const uint8_t *p, size_t n);
/** Strict: exactly 2n lower-case hex digits and the end of the string. */
bool hash_unhex(uint8_t *out, size_t n, const char *s);
/** Where a seed puts `id` in a draw that anybody can repeat: the first 8 bytes, big-endian, of
 * SHA-256("akt draw v1" NUL seed NUL id). */
uint64_t hash_rank(const char *seed, const char *id);

#endif
