/** Shared by the tests of this module. */
#ifndef AKT_TESTS_TREE_HELP_H
#define AKT_TESTS_TREE_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "tree/node.h"
#include "tree/yaml.h"

#define LEN(v) (sizeof(v) / sizeof *(v))

/** Parses, failing the test with the message if it is refused. */
struct node *help_parse(struct arena *a, const char *s, size_t n, enum yaml_source source);
/** The items of e, one a line without the last LF; malloc'd. */
char *help_errors(const struct err *e);
/** malloc'd canonical JSON. */
char *help_canonical(const struct node *n);

#endif
