/** State of one validation, shared by validate.c and its parts. Private to this module. */
#ifndef AKT_SCHEMA_RUN_H
#define AKT_SCHEMA_RUN_H

#include "schema/sub.h"

struct diags;

struct run {
	const char *file, *prefix;
	struct diags *out;  /* NULL while only the verdict is wanted: the first failure ends it */
	unsigned depth;     /* of C recursion */
	size_t steps;
	unsigned mismatch;  /* depth of the shallowest value of a wrong kind (type, enum, const) */
	bool gave_up;
	const char *why;    /* untranslated */
};

/** The value being validated and the way to it. */
struct frame {
	const struct frame *up;
	const char *name;     /* NULL: item `index` */
	size_t index;
	unsigned depth;
	const char *list_key; /* the key field that this item of a keyed list may always have */
};

/** Adds a finding. Always false. `at` names the value (or the missing one). */
bool run_fail(struct run *r, unsigned line, unsigned column, const struct frame *at,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** The work is beyond bounds: nothing is valid any more. Always false. */
bool run_give_up(struct run *r, const char *why);
/** Text in the reader's language, NULL if the label has none. */
const char *run_text(const struct text_label *l);

/** validate.c. `marks` has a byte per field or item, set where something evaluated it
 * (section 11); NULL where nobody asks. */
bool run_check(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks);

/** scalars.c: type, enum, const, numbers, strings. Sets *wrong_kind when the rest is moot. */
bool run_scalar(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    bool *wrong_kind);
bool run_pattern(struct run *r, const struct regex *re, const char *text, size_t n);

/** branches.c: allOf, anyOf, oneOf, not, if, dependentSchemas, $ref. */
bool run_in_place(struct run *r, const struct sub *s, const struct node *n,
    const struct frame *at, unsigned char *marks);

/** Verdict alone; marks of a failing branch are dropped. */
bool run_branch(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    unsigned char *marks);

/** Goes on to collect all findings, or ends at the first where only the verdict counts. */
#define RUN_TRY(r, ok, call) \
	do { \
		if (!(call)) { \
			(ok) = false; \
			if (!(r)->out) \
				return false; \
		} \
	} while (0)

/** A finding by run_fail, and on as RUN_TRY. */
#define RUN_FAIL(r, ok, ...) \
	do { \
		(ok) = false; \
		run_fail((r), __VA_ARGS__); \
		if (!(r)->out) \
			return false; \
	} while (0)

#endif
