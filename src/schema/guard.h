/** Texts that x-akt.guard refuses. Private to this module. */
#ifndef AKT_SCHEMA_GUARD_H
#define AKT_SCHEMA_GUARD_H

#include "schema/sub.h"

struct diags;

/** One finding for each text of `doc` that is found `wanted`. */
void guard_find(const struct schema *s, const struct node *doc, const char *file,
    const char *prefix, enum schema_guarded wanted, struct diags *out);

#endif
