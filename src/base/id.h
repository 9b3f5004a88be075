/** Random ids in Crockford base32, lower case. */
#ifndef AKT_BASE_ID_H
#define AKT_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ID_DOSSIER = 10, ID_RECORD = 8, ID_STORE = 10 };

/** n random characters of 0-9a-z without i, l, o, u, and a NUL. */
void id_random(char *out, size_t n);
/** n characters (at most 51) from a SHA-256 digest, 5 bits each, and a NUL. */
void id_from_digest(char *out, size_t n, const uint8_t digest[32]);
/** Exactly n characters of the alphabet. */
bool id_valid(const char *s, size_t n);

#endif
