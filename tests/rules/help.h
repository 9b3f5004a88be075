/** What the tests of SQL files' heads share. */
#ifndef AKT_TESTS_RULES_HELP_H
#define AKT_TESTS_RULES_HELP_H

struct arena;
struct err;

/** Every fault, one a line, as people see it. */
char *help_faults(struct arena *a, const struct err *e);

#endif
