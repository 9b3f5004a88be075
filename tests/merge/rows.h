/* Merging as a table: base, ours of anna on the 2nd, theirs of bo on the 3rd, and what comes of them, both ways round. */
#ifndef TESTS_MERGE_ROWS_H
#define TESTS_MERGE_ROWS_H

#include "merge/sample.h"

#define DAY1 "2026-01-01T00:00:00Z"
#define DAY2 "2026-01-02T00:00:00Z"
#define DAY3 "2026-01-03T00:00:00Z"
#define DAY4 "2026-01-04T00:00:00Z"
#define ANNA ", at: " DAY2 ", by: anna}"
#define BO ", at: " DAY3 ", by: bo}"
#define CIA ", at: " DAY1 ", by: cia}"
#define TWO(p) "{path: " p ", values: [{value: 2" BO ", {value: 1" ANNA "]}"

struct row {
	const char *base, *base_open;   /* data, conflicts; base "-": none */
	const char *ours, *ours_open;
	const char *theirs, *theirs_open;
	const char *want, *want_open;   /* NULL: no conflicts */
};

/* Fails, showing both, unless the node in flow form is `want` (NULL: there is none). */
void rows_same(const char *what, size_t row, const struct node *got, const char *want,
    struct arena *a);
void rows_run(const struct merge_env *env, const struct row *t, size_t n);

#define RUN(env, rows) \
	do { \
		struct merge_env run_env = env; \
		rows_run(&run_env, rows, sizeof rows / sizeof *rows); \
	} while (0)

#endif
