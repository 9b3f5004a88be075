/** Candidate sets of leaves, and the `conflicts` list that carries them between merges
 * (DESIGN 5). Used inside merge/ only. */
#ifndef AKT_MERGE_CANDIDATES_H
#define AKT_MERGE_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct node;
struct shape;

/** One value that a leaf may have. Two candidates are the same when their values are;
 * at and by only say where it came from. */
struct cand {
	const struct node *value; /* NULL = absent, which is a value too */
	const char *bytes;        /* canonical; "" of absent */
	size_t n;
	const char *at, *by;
	bool carried;             /* its at and by come from an earlier merge and travel verbatim */
};

/** Add with cands_add, then cands_seal; after that it is sorted by value, each value once. */
struct cands {
	size_t n, cap;
	struct cand *v;
};

/** An entry of `conflicts`. */
struct conflict {
	const char *path;
	bool locked;       /* the first value was locked: the others cannot win */
	bool used;         /* the walk has dealt with it */
	struct cand first; /* stands in `data`; valid when set.n > 0 */
	struct cands set;
};

struct conflicts { /* sorted by path */
	size_t n, cap;
	struct conflict *v;
};

struct cand cands_make(struct arena *a, const struct node *value, const char *at, const char *by,
    bool carried);
bool cands_same(const struct cand *x, const struct cand *y);
void cands_add(struct arena *a, struct cands *s, const struct cand *c);
/** Where one value came with several stamps the carried ones stand, of these the earliest. */
void cands_seal(struct cands *s);
bool cands_has(const struct cands *s, const struct cand *c);
bool cands_equal(const struct cands *x, const struct cands *y);
/** R = (O∩T) ∪ (O∖B) ∪ (T∖B); if empty, O∪T when `whole`. All sealed. */
void cands_merge(struct arena *a, struct cands *out, const struct cands *o,
    const struct cands *t, const struct cands *b, bool whole);
/** The one that stands by the order of DESIGN 5. */
const struct cand *cands_first(const struct cands *s);

/** Reads an envelope's list. Values are copied, their keys in schema order. What is no entry
 * is passed over: a malformed list must not stop a sync. */
void conflicts_read(struct arena *a, struct conflicts *out, const struct shape *shape,
    const struct node *envelope);
void conflicts_add(struct arena *a, struct conflicts *list, const struct conflict *c);
/** Sorts by path; a path said twice counts once, with all its values. */
void conflicts_seal(struct arena *a, struct conflicts *list);
/** NULL when there is none. */
struct conflict *conflicts_find(const struct conflicts *list, const char *path);
/** Entries strictly beneath `path` (all but "" itself for ""): [*from, *to). */
void conflicts_beneath(const struct conflicts *list, const char *path, size_t *from, size_t *to);
bool conflicts_equal(const struct conflict *x, const struct conflict *y);
/** The list as it is stored, sorted; the set in the order of DESIGN 5 behind its first. */
struct node *conflicts_node(struct arena *a, const struct shape *shape,
    const struct conflicts *list);

#endif
