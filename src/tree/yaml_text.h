/** Characters of YAML text: what may stand raw in a file, what a value may hold, NFC. */
#ifndef AKT_TREE_YAML_TEXT_H
#define AKT_TREE_YAML_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tree/yaml.h"

struct arena;
struct buf;

/** The first character that may not stand in a file. */
struct yaml_fault {
	const char *why;       /* translated; NULL = none */
	size_t at, index;      /* in bytes and in characters, from 0 */
	size_t blanks;         /* white space just before it */
	unsigned line, column; /* 1-based */
};

/** A pair of \u escapes for one character beyond U+FFFF, as JSON writes it, was replaced by
 * the \U escape that libyaml knows: later columns of that line are `by` too small. */
struct yaml_shift {
	size_t index; /* character where the replacement starts */
	size_t line;  /* 0-based */
	unsigned by;
};
struct yaml_shifts {
	size_t n, cap;
	struct yaml_shift *v;
};

/** Next code point, -1 for bytes that are not UTF-8 (one is passed over). *s < end. */
int32_t yaml_text_next(const char **s, const char *end);
/** May stand unescaped in a file as libyaml (YAML 1.1) and YAML 1.2 both read it. */
bool yaml_text_printable(int32_t c);
/** *out is zeroed when all is well. */
void yaml_text_scan(struct yaml_fault *out, const char *s, size_t n, enum yaml_source source);
/** True when libyaml would take unreasonable time over the white space; *line has the most. */
bool yaml_text_too_many_blanks(unsigned *line, const char *s, size_t n);
/** No control character but tab, line feed, carriage return and NEL. */
bool yaml_text_clean(const char *s, size_t n);
bool yaml_text_is_nfc(const char *s, size_t n);
/** NFC in the arena; *len its length. */
char *yaml_text_nfc(struct arena *a, const char *s, size_t n, size_t *len);
/** Copies s, with surrogate pairs replaced inside the strings of a JSON text. */
void yaml_text_join_surrogates(struct buf *out, struct yaml_shifts *shifts, const char *s,
    size_t n);

#endif
