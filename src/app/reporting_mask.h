/* What a record loses before it is handed to people outside. Told from its schema, so that a field added to a type later is not
 * forgotten: a text is kept where it is one of the words that the schema lists, a date, a reference or a key, and nowhere else. */
#ifndef AKT_APP_REPORTING_MASK_H
#define AKT_APP_REPORTING_MASK_H

#include "app/private.h"
#include "report/spec.h"

/* Takes out of `rec`, which is of `type` with the schema `sc`: the reason and conflicts; what `k` names for the type; references to
 * people, and those that may be to any type, where they are to one that is not given out; free text, unless `k` says that the
 * type's texts go along. `left` gets the paths that a record of the type loses, with commas between, the same for each. */
int mask_record(struct session *s, const struct spec_package *k, const struct schema *sc, const char *type,
    struct node *rec, struct buf *left, struct err *e);
/* What `k` says of the type; NULL: it is not given out. */
const struct spec_mask *mask_of(const struct spec_package *k, const char *type);

#endif
