/* Plain JSON for the official suite: its strings hold control characters and text that is
 * not NFC, which Akt's own documents never do. Stops the test on anything malformed. */
#ifndef AKT_TESTS_SCHEMA_JSON_H
#define AKT_TESTS_SCHEMA_JSON_H

#include <stddef.h>

struct arena;
struct node;

struct node *json_read(struct arena *a, const char *s);

#endif
