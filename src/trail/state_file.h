/** One control file at a time: bytes to struct and back (docs/formats.md). Strict: what is read
 * must be exactly what the writer would write, so a file has one spelling and nothing hides in
 * it. Readers fail with ERR_DAMAGED, `path` and position; structs are malloc'd. */
#ifndef AKT_TRAIL_STATE_FILE_H
#define AKT_TRAIL_STATE_FILE_H

#include "trail/state.h"

struct arena;
struct node;

int state_read_store(
    struct store_info **out, const char *path, const char *p, size_t n, struct err *e);
int state_read_member(
    struct member **out, const char *path, const char *p, size_t n, struct err *e);
int state_read_epoch(struct epoch **out, const char *path, const char *p, size_t n, struct err *e);
int state_read_dossier(
    struct dossier **out, const char *path, const char *p, size_t n, struct err *e);
int state_read_tombstone(
    struct tombstone **out, const char *path, const char *p, size_t n, struct err *e);
/** x-akt.write of a schema: NULL-terminated list, NULL list where the schema is silent. Schemas
 * are people's files: any spelling of them is fine. */
int state_read_write(char ***out, const char *path, const char *p, size_t n, struct err *e);

void state_free_store(struct store_info *s);
void state_free_member(struct member *m);
void state_free_epoch(struct epoch *e);
void state_free_dossier(struct dossier *d);
void state_free_tombstone(struct tombstone *t);
void state_free_write(char **list);

/** The trees that the writers emit. */
struct node *state_node_store(struct arena *a, const struct store_info *s);
struct node *state_node_member(struct arena *a, const struct member *m);
struct node *state_node_epoch(struct arena *a, const struct epoch *e);
struct node *state_node_dossier(struct arena *a, const struct dossier *d);
struct node *state_node_tombstone(struct arena *a, const struct tombstone *t);

/** Name of the epoch with this recipient. */
void state_epoch_name(char out[9], const uint8_t recipient[32]);

#endif
