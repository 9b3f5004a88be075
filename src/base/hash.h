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

#endif
