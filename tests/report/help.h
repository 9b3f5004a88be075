/** A report from text and rows, without a store. */
#ifndef AKT_TESTS_REPORT_HELP_H
#define AKT_TESTS_REPORT_HELP_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "report/result.h"
#include "tree/node.h"

/** Made before a program's tests and gone after them. */
extern struct arena *help_arena;
int help_setup(void **state);
int help_teardown(void **state);

/** Every fault, one a line, as people see it; "" when the report is well. */
const char *help_faults(struct arena *a, const char *text);
struct spec *help_spec(struct arena *a, const char *text);
/** One section, its rows as YAML; what may not be told outside taken out, the rest as it is. */
struct result *help_result(struct arena *a, const char *spec, const char *rows, const char *lang,
    bool outside);
/** The same as it goes out of the unit. */
struct result *help_outside(struct arena *a, const char *spec, const char *rows);

#endif
