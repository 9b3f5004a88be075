/** Places in a document by the paths that `conflicts` uses: dotted, items of keyed lists
 * by their key. A key that itself holds a dot is written with %2E (and % with %25, the empty
 * key with a lone %), so that every place has its own path. Used inside merge/ only. */
#ifndef AKT_MERGE_PLACE_H
#define AKT_MERGE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct node;
struct shape;

/** Appends a segment, with its dot where the path is not empty. */
void place_push(struct buf *path, const char *key);
/** First segment of `path`, decoded into the arena; *rest is what follows its dot, or NULL. */
const char *place_segment(struct arena *a, const char *path, const char **rest);
/** Shape of a map's field, named or not; NULL where the schema knows none. */
const struct shape *place_field(const struct shape *s, const char *key);
/** Shape at a path; of a list that may also be a map the map's. */
const struct shape *place_shape(struct arena *a, const struct shape *s, const char *path);
/** Key of an item of a keyed list, NULL when it has none. */
const char *place_item_key(const struct shape *list, const struct node *item);
/** NULL when there is nothing. */
const struct node *place_get(struct arena *a, const struct shape *s, const struct node *root,
    const char *path);
/** Puts `value` (NULL: removes) at a non-empty path, making maps and lists on the way. False,
 * nothing changed, when the path cannot be walked. */
bool place_put(struct arena *a, const struct shape *s, struct node *root, const char *path,
    struct node *value);
/** Sorts the keys of all maps: schema order, unknown ones last by bytes. Unlike shape_normalise it
 * never invents a list key: merging must not depend on chance. */
void place_order_keys(struct arena *a, const struct shape *s, struct node *doc);
/** True when both are the same to the last character of every scalar; keys must be ordered. */
bool place_exact(const struct node *x, const struct node *y);

#endif
