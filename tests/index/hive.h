/** An index of hives, a type that no domain has: what the tests of the index fill and ask. */
#ifndef AKT_TESTS_INDEX_HIVE_H
#define AKT_TESTS_INDEX_HIVE_H

#include "index/index.h"
#include "schema/schema.h"

/** Made before a program's tests and gone after them. */
extern struct arena *hive_arena;
extern struct schema *hive_schema;
extern uint8_t hive_sk[32], hive_pk[32];
extern char hive_dir[64];
int hive_setup(void **state);
int hive_teardown(void **state);

/** YAML in hive_arena. */
struct node *hive_parse(const char *text);
/** An empty index in a folder (NULL: in memory). */
struct index *hive_open_at(const char *folder);
void hive_begin(struct index *ix, bool afresh);
void hive_end(struct index *ix);
/** One record, stamped by its id's last digit. */
void hive_put(struct index *ix, const char *dossier, const char *id, const char *data);
/** Three hives in two dossiers, and a dossier that cannot be read. */
void hive_fill(struct index *ix);
/** Rows as JSON, or the error's name and text; malloc'd. */
char *hive_ask(struct index *ix, const char *sql);
void hive_gives(struct index *ix, const char *sql, const char *want);

#endif
