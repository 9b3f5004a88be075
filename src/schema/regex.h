/** ECMA-262 regular expressions (the dialect of `pattern`) on PCRE2. */
#ifndef AKT_SCHEMA_REGEX_H
#define AKT_SCHEMA_REGEX_H

#include <stddef.h>

struct regex;

/** NULL when the expression is not one, with the reason in why[cap] (translated). */
struct regex *regex_new(const char *pattern, size_t n, char *why, size_t cap);
void regex_free(struct regex *r);

enum regex_result {
	REGEX_NO,
	REGEX_YES,
	REGEX_LIMIT, /* gave up: the work is beyond what its text's length excuses */
};

/** Searches: patterns are not anchored. `s` is UTF-8. */
enum regex_result regex_match(const struct regex *r, const char *s, size_t n);
/** The first match at or behind byte `from`, a character's first: bytes *start up to *end. */
enum regex_result regex_find(const struct regex *r, const char *s, size_t n, size_t from,
    size_t *start, size_t *end);

#endif
