/* What a merge must give, said a second time and differently: a record is flattened to facts (this path has
 * this value), and the facts of a merge follow from those of its inputs. Shares nothing with src/merge. */
#ifndef TESTS_MERGE_ORACLE_H
#define TESTS_MERGE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

struct node;

struct fact {
	char *path;  /* "m.x"; an item of a keyed list "goals.a"; "tags{...}", "log{...}" per element */
	char *value; /* canonical; ABSENT; PRESENT for items and elements */
	int count;   /* of an element of `append` */
};

struct facts {
	size_t n, cap;
	struct fact *v;
};

#define ABSENT "\1absent"
#define PRESENT "\1present"

void oracle_flatten(struct facts *out, const struct node *record);
void oracle_free(struct facts *f);
/* As facts have a value; malloc'd. */
char *oracle_canonical(const struct node *n);
/* True when the path is an item's of a keyed list. */
bool oracle_is_item(const char *path);
/* Text of the first difference (malloc'd), NULL when `got` is what must come of the three. */
char *oracle_differs(const struct facts *base, const struct facts *ours,
    const struct facts *theirs, const struct facts *got);
/* Candidates in another order or with another count are the same. NULL when equal. */
char *oracle_unequal(const struct facts *x, const struct facts *y);
/* Ranks, stamps, and that the first of each conflict stands in data. NULL when right. */
char *oracle_stamps(const struct node *base, const struct node *ours, const struct node *theirs,
    const struct node *got);
/* A token is t<digits>x. What one side has stays unless the base had it; what both have stays
 * (`whole` false: unless the base had it and the two have it in different candidates of a whole map or list);
 * nothing else appears. NULL when so. */
char *oracle_tokens(bool whole, const struct node *base, const struct node *ours,
    const struct node *theirs, const struct node *got);
/* True when the record's data or conflicts hold the token. */
bool oracle_has(const struct node *record, const char *token);

#endif
