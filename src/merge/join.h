/** Children of three versions side by side, told apart by a key. Used inside merge/ only. */
#ifndef AKT_MERGE_JOIN_H
#define AKT_MERGE_JOIN_H

#include <stddef.h>

struct arena;
struct node;

enum join_side { JOIN_BASE, JOIN_OURS, JOIN_THEIRS, JOIN_SIDES };

struct join_slot { /* a child of one version */
	const char *key;
	size_t n, i; /* i: its index there */
	int side;    /* JOIN_SIDES: of no version, it only names a key */
	struct node *node;
};

struct join_group { /* the children with one key */
	const char *key;
	struct node *v[JOIN_SIDES];   /* the first of them in each version; NULL = none */
	size_t count[JOIN_SIDES];
	struct node *result;          /* free for the caller, as the rest */
	size_t keep, emitted, seen;
};

struct join {
	size_t nslots, n;
	struct join_slot *slot;
	struct join_group *group; /* sorted by the bytes of their keys */
	size_t *of[JOIN_SIDES];   /* index in that version -> group */
};

/** Room for all children of v and `more` other slots. */
void join_start(struct join *j, struct arena *a, struct node *const v[JOIN_SIDES], size_t more);
void join_add(struct join *j, int side, size_t i, const char *key, size_t n, struct node *node);
void join_group(struct join *j);

#endif
