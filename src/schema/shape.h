/** What a schema says of a document's form, apart from validity: field order, labels,
 * how a list merges, what refers to what. Gathered over $ref, allOf, anyOf, oneOf, if,
 * then, else and dependentSchemas; first mention decides the order. */
#ifndef AKT_SCHEMA_SHAPE_H
#define AKT_SCHEMA_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct err;
struct node;

enum list_kind {
	LIST_VALUE,  /* one leaf; also lists of scalars that say nothing */
	LIST_KEY,    /* items are mappings told apart by a key field */
	LIST_SET,    /* scalars, union with removals */
	LIST_APPEND, /* only ever grows */
};

struct text_label {
	const char *sv, *en; /* NULL where the schema has none */
};

struct shape_enum {
	const char *value;
	struct text_label label;
};

/** One field (or list item, or the whole document). Owned by its schema. */
struct shape {
	const char *name;        /* field name; "" for document and items */
	struct text_label label, help;
	bool is_string;          /* every type the schema allows is string */
	bool is_text;            /* every one is string or null, one of them string */
	bool is_map, is_seq;
	bool required;           /* unconditionally */
	const char *format;      /* "date" ...; NULL */
	const char *ref;         /* x-akt.ref: record type it refers to, "*" any; NULL */
	enum list_kind list;     /* of a seq */
	const char *list_key;    /* with LIST_KEY: the key field's name */
	size_t nfields;
	struct shape **fields;   /* of a map, in schema order */
	struct shape *rest;      /* of a map: fields without names (patternProperties ...) */
	struct shape *item;      /* of a seq */
	size_t nenum;
	struct shape_enum *enums;
};

/** Shapes of recursive schemas are graphs with cycles: walk them along a document only. */

/** Field of a map shape, NULL: named, not `rest`. Linear over few fields. */
const struct shape *shape_field(const struct shape *s, const char *name);
/** Label in `lang` ("sv"/"en"), else the other, else the name. */
const char *shape_label(const struct shape *s, const char *lang);
const char *shape_enum_label(const struct shape *s, const char *value, const char *lang);

/** Sorts keys of maps into schema order (unknown ones last, by bytes), gives keyed list
 * items that lack one a random key of 4 characters, and turns plain numbers and booleans
 * (not null) into strings where is_text. In place, recursively. `s` may be NULL. */
void shape_normalise(struct arena *a, const struct shape *s, struct node *doc);
/** The last of these alone, for what is stored: no key is given, nothing is sorted. What it turns
 * into text keeps `plain`, and so can be told from text that was written as such. */
void shape_texts(const struct shape *s, struct node *doc);
/** A copy with what shape_texts turned into text as it is written. Of what was parsed alone. */
struct node *shape_as_written(struct arena *a, const struct node *doc);

/** Paths (DESIGN 7): dotted; a list item by key (LIST_KEY) or 0-based index (other lists);
 * `goals.+` means a new item at the end. Keys given by people: unique, [0-9a-z_]{1,32}.
 * Where an index should be accepted for a keyed list too, path_canonical comes first. */
/** NULL when absent (no error). */
struct node *path_get(const struct shape *s, struct node *doc, const char *path);
/** Sets, creating maps on the way; replaces what was there. ERR_USAGE when the path cannot
 * be walked (a scalar in the way, an item that does not exist). An item of a keyed list that
 * does not exist is added at the end if `value` is a map (it gets the path's key). A value
 * that a set already holds is not added twice by `+`. */
int path_set(struct arena *a, const struct shape *s, struct node *doc, const char *path,
    struct node *value, struct err *e);
/** Removes; absent is no error. */
int path_unset(const struct shape *s, struct node *doc, const char *path, struct err *e);
/** The shape at a path, NULL where the schema knows none. */
const struct shape *path_shape(const struct shape *s, const char *path);
/** What people write to what is stable: an index into a keyed list becomes the item's key,
 * where no item has that key itself. Arena-owned; the same text when nothing changes. */
const char *path_canonical(struct arena *a, const struct shape *s, struct node *doc,
    const char *path);

/** Differences between two documents leaf by leaf (the leaves of DESIGN 5), in schema
 * order; keyed items by their key. `a` or `b` NULL = empty. Calls `each` with the path and
 * the two values (NULL = absent). One change each:
 * - a scalar, or a list that is one leaf: `start_on`, from, to;
 * - a keyed item that came or went, whole: `goals.7f3q`, its mapping against NULL; one in
 *   both is compared field by field: `goals.7f3q.text`;
 * - items of both sides in another order: `goals`, the two lists, after the items' changes;
 * - a value that joined a set or an append list: `tags.+`, NULL, value; one that left:
 *   `tags.-`, value, NULL;
 * - an empty map that came or went: its path. A full one is its fields.
 * A keyed list in which an item lacks a key, or two share one, is compared as one leaf. */
typedef void (*shape_diff_fn)(void *ctx, const char *path, const struct node *from,
    const struct node *to);
void shape_diff(const struct shape *s, const struct node *a, const struct node *b,
    shape_diff_fn each, void *ctx);

#endif
