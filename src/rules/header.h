/** The head of an SQL file of a store (rules, generators): comments that say what the query is for.
 *
 *	-- id: X01
 *	-- sv: Vårdplan saknas. Den ska finnas när
 *	--   placeringen startar ({due_on}).
 *	-- setting: impl_plan_days = 30
 *	-- # for readers of the file alone
 *	SELECT ...
 *
 * The head is every line that begins with `--` before the first that does not; empty ones may stand
 * between. `-- key: value`; `--` and three blanks or more goes on with the value before, a blank
 * between. Keys are of a-z, 0-9 and _. The rest, which must not be empty, is one query. */
#ifndef AKT_RULES_HEADER_H
#define AKT_RULES_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

enum { HEADER_MAX_BYTES = 64 * 1024, HEADER_MAX_FIELDS = 200 };

struct header_key {
	const char *name;
	enum { HEADER_MAY, HEADER_MUST, HEADER_MANY } how; /* at most once; once; any number */
};

struct header_field {
	const char *key, *value; /* never empty */
	unsigned line, column;   /* of the value's beginning, from 1, in characters */
};

struct header {
	const char *file;
	size_t n, cap;
	struct header_field *v; /* in their order */
	/* The whole text, head and all, so that SQLite's positions are the file's. */
	const char *sql;
};

/** Reads the text of `file` (its name in messages). `keys`, at most 64, ends with a NULL name; NULL takes any key, any
 * number of times. All faults are in `e`, each with its position, ERR_INVALID. What is in *out lives in
 * the arena. */
int header_parse(struct header *out, struct arena *a, const char *text, size_t n, const char *file,
    const struct header_key *keys, struct err *e);
/** The first of that key; NULL. */
const struct header_field *header_field(const struct header *h, const char *key);
const char *header_get(const struct header *h, const char *key);
/** A fault at a field's value: ERR_INVALID. */
int header_bad(const struct header *h, const struct header_field *f, const char *text,
    struct err *e);

/** A number that a unit may set otherwise, `NAME = VALUE`: bound as `:NAME` in the query. VALUE is a whole
 * number, or a word of letters, digits, `-`, `.` and `_` (a date, say). */
struct header_setting {
	const char *name, *text; /* text: as written */
	bool is_int;
	int64_t i;
};
bool header_setting_value(struct header_setting *out, const char *value);
int header_setting(struct header_setting *out, struct arena *a, const struct header *h,
    const struct header_field *f, struct err *e);

#endif
