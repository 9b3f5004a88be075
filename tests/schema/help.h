/* What the tests of this module share. */
#ifndef AKT_TESTS_SCHEMA_HELP_H
#define AKT_TESTS_SCHEMA_HELP_H

#include <stdbool.h>

#include "base/err.h"
#include "schema/schema.h"

struct arena;
struct node;

/* A document from YAML text; stops the test when it is none. */
struct node *help_doc(struct arena *a, const char *yaml);
/* Compiles for a store; stops the test, printing the faults, when it does not compile. */
struct schema *help_schema(struct arena *a, const char *yaml);
/* Findings one per line, as a compiler prints them; freed by the caller. */
char *help_lines(const struct diags *d);
/* Value on one line; freed by the caller. */
char *help_flow(const struct node *n);
/* Fails, showing both texts, unless they are equal. */
void help_equal(const char *name, const char *got, const char *want);

#endif
