/** Documents as trees. Nodes live in an arena and die with it. */
#ifndef AKT_TREE_NODE_H
#define AKT_TREE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

enum node_kind { NODE_NULL, NODE_BOOL, NODE_INT, NODE_REAL, NODE_STR, NODE_SEQ, NODE_MAP };

struct node;
struct pair {
	const char *key; /* UTF-8, NUL-terminated, no NUL inside */
	unsigned line, column; /* of the key; 0 when not read from text */
	struct node *value;
};

/* 64 bytes: lists of a large store have half a million of them. */
struct node {
	enum node_kind kind : 8;
	bool plain;            /* a plain (unquoted) scalar in its source */
	bool b;
	unsigned line, column; /* 1-based; 0 when not read from text */
	uint32_t cap;          /* items that there is room for */
	/* STR: the value. NULL, BOOL, INT, REAL: the scalar as written ("2021", "1e3", "true"). */
	const char *text;
	size_t len;
	/* INT always fits in i. A larger integer is REAL: node_is_integer and node_number_cmp know
	 * its exact value from the text. */
	int64_t i;
	double d;   /* INT and REAL: the nearest, never infinite */
	size_t n;   /* items of seq or map */
	union {
		struct node **seq;
		struct pair *map;
	};
};

struct node *node_null(struct arena *a);
struct node *node_bool(struct arena *a, bool b);
struct node *node_int(struct arena *a, int64_t i);
struct node *node_str(struct arena *a, const char *s);
struct node *node_strn(struct arena *a, const char *s, size_t n);
/** A plain scalar by the YAML 1.2 core schema: null, bool, number or else string; `plain` is
 * set. NULL for .inf, .nan and numbers beyond all use, which are no values here. */
struct node *node_plain(struct arena *a, const char *s, size_t n);
/** True when node_plain would give a string. */
bool node_plain_is_str(const char *s, size_t n);
struct node *node_seq(struct arena *a);
struct node *node_map(struct arena *a);
struct node *node_clone(struct arena *a, const struct node *n);

/** Value under key, NULL when absent or `m` is NULL or no map. */
struct node *node_get(const struct node *m, const char *key);
/** String under key, NULL when absent, not a string or with a NUL inside. */
const char *node_get_str(const struct node *m, const char *key);
/** Replaces in place or appends. The key is copied into the arena. */
void node_set(struct arena *a, struct node *m, const char *key, struct node *value);
/** Appends without a look whether the key is there: for makers of large maps. */
struct pair *node_append(struct arena *a, struct node *m, const char *key, struct node *value);
/** True when the key was there. */
bool node_del(struct node *m, const char *key);
void node_push(struct arena *a, struct node *seq, struct node *item);
/** Removes item i of a seq. */
void node_seq_del(struct node *seq, size_t i);
/** Inserts so that it becomes item i (i <= n). */
void node_seq_insert(struct arena *a, struct node *seq, size_t i, struct node *item);

/** JSON Schema equality: maps without order, 1 == 1.0, NULL pointer equals only NULL. */
bool node_equal(const struct node *a, const struct node *b);
/** Order of two INT or REAL nodes by exact value: <0, 0, >0. */
int node_number_cmp(const struct node *a, const struct node *b);
/** INT, or a REAL without a fraction: 1.0, 1e400, integers beyond int64. */
bool node_is_integer(const struct node *n);
/** Canonical JSON-like bytes: keys sorted by bytes, no white space; the order and
 * equality of values in merges. 1 and 1.0 give the same bytes. */
void node_canonical(struct buf *out, const struct node *n);
/** JSON for --json: keys in their order. */
void node_json(struct buf *out, const struct node *n);
/** One scalar of it; numbers in their one normal form. */
void node_scalar_json(struct buf *out, const struct node *n);

#endif
