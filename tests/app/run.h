/** Other programs, in a folder of a test's own. */
#ifndef AKT_TESTS_APP_RUN_H
#define AKT_TESTS_APP_RUN_H

struct buf;

/** The folder; whoever makes it sets it. */
extern char *run_folder;
/** A shell command there: its exit status as waitpid gives it, its output and errors appended to `out` (or NULL). */
int run(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
