/** The formats that are asserted (DESIGN 3); all others are annotations. */
#ifndef AKT_SCHEMA_FORMATS_H
#define AKT_SCHEMA_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

/** Number of an asserted format, -1 for any other name. */
int formats_find(const char *name);
/** A format of JSON Schema Validation 7.3, asserted or not, or a private one, `x-...`. */
bool formats_known(const char *name);
bool formats_valid(int format, const char *s, size_t n);
/** "is not a date (YYYY-MM-DD)", translated. */
const char *formats_text(int format);

#endif
