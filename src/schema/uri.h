/** URIs, RFC 3986. */
#ifndef AKT_SCHEMA_URI_H
#define AKT_SCHEMA_URI_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/** A URI (with scheme), every character and part as the grammar of appendix A has it. */
bool uri_valid(const char *s, size_t n);
bool uri_ipv4_valid(const char *s, size_t n);
bool uri_ipv6_valid(const char *s, size_t n);

/** Section 5.2: `ref` against `base` ("" = none), without fragment. *fragment is what follows
 * '#', percent-decoded, NULL when there is no '#'. False when the fragment's escapes are
 * wrong or hide a NUL. */
bool uri_resolve(struct arena *a, const char **out, const char **fragment, const char *base,
    const char *ref);

#endif
