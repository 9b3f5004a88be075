/* What the tests of merging share: a shape of every kind of field, and envelopes from short text. */
#ifndef TESTS_MERGE_SAMPLE_H
#define TESTS_MERGE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "merge/record.h"

struct arena;
struct buf;
struct node;

/* state, title, plan: text; due: scalar, open under a lock; m: {x, y, n: {z, w}}; goals: keyed by k,
 * {k, text, note, steps: keyed by k, {k, t}}; tags: set; log: append; vals: value */
const struct shape *sample_shape(void);
/* Lock: state = final, open: due. */
struct merge_env sample_env(bool lock);
/* The same with a text merge that takes changes of different lines. */
struct merge_env sample_env_text(bool lock);

struct node *sample_parse(struct arena *a, const char *yaml);
/* An envelope; `data` and `conflicts` are YAML (NULL: left out). */
struct node *sample_record(struct arena *a, const char *at, const char *by, const char *data,
    const char *conflicts);
/* malloc'd; block form of the whole envelope, flow form of a part ("-" when NULL). */
char *sample_text(const struct node *n);
char *sample_flow(const struct node *n);
/* Merges both ways round, requires equal bytes, returns the result. base may be NULL. */
struct node *sample_merge(struct arena *a, const struct merge_env *env, const struct node *base,
    const struct node *ours, const struct node *theirs);

#endif
