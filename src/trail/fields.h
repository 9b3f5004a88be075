/** Fetching the fields of one control file, strictly. After the first fault everything is a no-op
 * on defaults, so a reader reads on and asks once, at fields_close. */
#ifndef AKT_TRAIL_FIELDS_H
#define AKT_TRAIL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tree/node.h"

struct arena;
struct err;

struct fields {
	const char *path;
	const char *text;
	size_t n;
	struct arena *a;
	struct node *doc;
	bool failed;
	struct err *e;
};

/** Any YAML. fields_close ends it, after a fault too. */
void fields_open_text(struct fields *r, const char *path, const char *p, size_t n, struct err *e);
/** A file of format 1. */
void fields_open(struct fields *r, const char *path, const char *p, size_t n, struct err *e);
/** The canonical check: `again`, what was understood, written out is what stands there. NULL: not
 * asked. Returns 0 or ERR_DAMAGED, and frees. */
int fields_close(struct fields *r, const struct node *again);
/** A fault at a node. */
void fields_bad(struct fields *r, const struct node *at, const char *field, const char *text);

/** The value under key, of that kind; NULL after a fault, or when absent and optional. */
const struct node *fields_get(
    struct fields *r, const struct node *m, const char *key, enum node_kind kind, bool optional);
/** Text that is not empty. */
const char *fields_text(struct fields *r, const struct node *m, const char *key, bool optional);
/** Text that `ok` accepts, into dst; unchanged ("") when absent or faulty. */
void fields_name(struct fields *r, char *dst, size_t size, const struct node *m, const char *key,
    bool optional, bool (*ok)(const char *));
int64_t fields_time(struct fields *r, const struct node *m, const char *key, bool optional);
/** 64 hexadecimal digits. */
void fields_hash(struct fields *r, uint8_t out[32], const struct node *m, const char *key);
void fields_recipient(struct fields *r, uint8_t pk[32], const struct node *m);
/** A list of items of one kind; an optional one is left out rather than empty. */
size_t fields_list(struct fields *r, const struct node **list, const struct node *m,
    const char *key, bool optional, enum node_kind kind);
/** Faults unless cmp < 0: an item after one that it must follow. */
void fields_order(struct fields *r, const struct node *at, const char *field, int cmp);
/** A sorted list of names, malloc'd to the pointer at `out`, in slots of `size` bytes. */
size_t fields_names(struct fields *r, void *out, size_t size, const struct node *m, const char *key,
    bool (*ok)(const char *));

bool fields_code_ok(const char *s);
bool fields_id_ok(const char *s);
bool fields_epoch_ok(const char *s);

#endif
