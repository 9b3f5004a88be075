/** All commits of all disks as the oracle reads them: raw objects, parsed by its own few lines. */
#ifndef TESTS_SIM_HISTORY_H
#define TESTS_SIM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "git/oid.h"

struct world;
struct arena;
struct node;

struct hfile {
	char *path;
	size_t object;
};

struct hcommit {
	struct oid id;
	size_t object, tree;     /* in mem's table */
	size_t nparents, parent[2]; /* indexes here */
	char author[34];
	uint8_t signer[32];
	int64_t time;
	size_t nfiles;           /* of records, lists and control files, by path */
	struct hfile *files;
	uint64_t *before;        /* bits of its ancestors */
	uint64_t *words;         /* bits of the words in its records */
	uint64_t *gone;          /* of words that somebody who had them took out, here or before */
};

struct history {
	size_t n, cap;
	struct hcommit *v;       /* parents before children */
	size_t nwords, width;    /* 64-bit pieces of a set of words */
	char (*word)[24];
	struct arena *a;
	const struct node **doc; /* parsed plain files, by object; NULL = not yet */
	size_t ndoc;
};

/** From every ref `main` of every disk but those of machines whose program was patched. */
void history_read(const struct world *w, struct history *h);
void history_free(struct history *h);
/** SIZE_MAX when there is none. */
size_t history_find(const struct history *h, const struct oid *id);
bool history_before(const struct history *h, size_t a, size_t b); /* a is an ancestor of b */
/** A parent of the commit has the same content somewhere. */
bool history_had(const struct history *h, const struct hcommit *c, const struct hfile *f);
/** SIZE_MAX when the commit has no such file. */
size_t history_file(const struct hcommit *c, const char *path);
const struct node *history_doc(struct history *h, size_t object);

static inline bool
bit(const uint64_t *set, size_t i)
{
	return set[i / 64] >> (i % 64) & 1;
}

#endif
