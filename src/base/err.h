/** One error type for the whole program.
 *
 * Fallible functions return 0 or an enum err_code, outputs first and
 * `struct err *e` last. On failure they have added at least one item and left
 * their outputs untouched. Messages name the file, position and field, never
 * the value: every value may be confidential.
 */
#ifndef AKT_BASE_ERR_H
#define AKT_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* code, name, exit status (DESIGN: 0 done, 1 findings, 2 wrong use, 3 invalid
 * data, 4 no access, 5 damaged or tampered, 6 hub out of reach) */
#define ERR_CODES(X) \
	X(OK, "ok", 0) \
	X(FINDINGS, "findings", 1) \
	X(USAGE, "usage", 2) \
	X(INVALID, "invalid", 3) \
	X(ACCESS, "access", 4) \
	X(DAMAGED, "damaged", 5) \
	X(HUB, "hub", 6) \
	X(IO, "io", 5) \
	X(NOTFOUND, "not-found", 4) \
	X(EXISTS, "exists", 2) \
	X(RACE, "race", 6) \
	X(BUSY, "busy", 6) \
	X(CANCELLED, "cancelled", 1)

enum err_code {
#define X(id, name, status) ERR_##id,
	ERR_CODES(X)
#undef X
};

enum { ERR_ITEMS = 16 };

struct err_item {
	enum err_code code;
	unsigned line, column; /* 1-based; 0 = none */
	char file[192];        /* "" = none */
	char path[192];        /* dotted field path, "" = none */
	char text[512];
};

/** Up to ERR_ITEMS items, the first cause first; further ones are counted in
 * `lost`. Zero-initialise: `struct err e = {0};`. */
struct err {
	int n, lost;
	struct err_item item[ERR_ITEMS];
};

/** Adds an item. Returns `code`, so that `return err_set(e, ...)` reads well.
 * `e` may be NULL where the caller wants the code alone. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** As err_set, with a position: file (may be NULL), 1-based line and column
 * (0 = unknown) and field path (may be NULL). */
int err_at(struct err *e, enum err_code code, const char *file, unsigned line, unsigned column,
    const char *path, const char *fmt, ...) __attribute__((format(printf, 7, 8)));

/** As err_set, with ": " and the text of errno value `errnum` at the end. */
int err_os(struct err *e, enum err_code code, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#ifdef __clang_analyzer__
/* It looks at one file at a time, so cannot see that these return the code they are given. */
#define err_set(e, code, ...) (err_set(e, code, __VA_ARGS__), (int)(code))
#define err_at(e, code, ...) (err_at(e, code, __VA_ARGS__), (int)(code))
#define err_os(e, code, ...) (err_os(e, code, __VA_ARGS__), (int)(code))
#endif

/** Code of the first item, ERR_OK when empty. */
enum err_code err_code(const struct err *e);

/** Puts every item of `from` behind those of `to`, which may be NULL. */
void err_append(struct err *to, const struct err *from);

void err_clear(struct err *e);

const char *err_name(enum err_code code);
int err_exit_status(enum err_code code);

struct buf;
/** Appends one line without LF: `file:line:column: path: text`; what is absent is left out. */
void err_format(struct buf *out, const struct err_item *it);

/** One finding of a check: not an error of the program. Strings are owned. */
struct diag {
	char *file, *path, *text;
	unsigned line, column;
};

/** Growing list of findings. Zero-initialise; diags_free. */
struct diags {
	size_t n, cap;
	struct diag *v;
};

void diags_add(struct diags *d, const char *file, unsigned line, unsigned column,
    const char *path, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/** Stable sort by file, line, column. */
void diags_sort(struct diags *d);
void diags_free(struct diags *d);
/** As err_format. */
void diag_format(struct buf *out, const struct diag *d);

#endif
