/** Control files field by field (docs/formats.md says what merges how). Used inside merge/
 * only; merge/control.c does whole files. */
#ifndef AKT_MERGE_CONTROL_FIELDS_H
#define AKT_MERGE_CONTROL_FIELDS_H

#include <stdbool.h>

#include "merge/control.h"
#include "merge/join.h"
#include "merge/storepath.h"

struct arena;
struct node;

/** True for the kinds that are merged field by field. */
bool control_fields_known(enum storepath_kind kind);
/** The merged document, keys in the order in which they are written, lists sorted. Only the
 * base in `v` may be NULL (absent). */
struct node *control_fields_merge(struct arena *a, enum storepath_kind kind, const char *path,
    struct node *const v[JOIN_SIDES], merge_report_fn report, void *ctx);

#endif
