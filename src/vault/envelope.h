/** A record's envelope (DESIGN 2). */
#ifndef AKT_VAULT_ENVELOPE_H
#define AKT_VAULT_ENVELOPE_H

#include <stdint.h>

struct arena;
struct buf;
struct err;
struct node;
struct storepath;

/** The one place that holds a record against its path: id, type and dossier are equal, no unknown
 * key, every part of its kind. `p` NULL: form alone (plain files). `file` names it in messages. */
int envelope_check(const struct node *rec, const struct storepath *p, const char *file,
    struct err *e);
/** What people write without quotes is text where the envelope wants text: a dossier called 1234567890
 * is no number. Before envelope_check of what others may have written. */
void envelope_normalise(struct arena *a, struct node *rec);
/** A new record's envelope with empty data. */
struct node *envelope_new(struct arena *a, const char *type, int v, const char *id,
    const char *dossier, const char *handle, int64_t now);
/** updated: {at, by, why}; why NULL = left out. */
void envelope_stamp(struct arena *a, struct node *rec, const char *handle, int64_t now,
    const char *why);
/** Keys in the envelope's order, canonical bytes, padded. */
void envelope_format(struct buf *out, struct arena *a, struct node *rec);

#endif
