/** Merges as sync makes them and policy judges them: a base (the unit of mem_unit), one commit on each side, and what the plan
 * gives, bent or not. */
#ifndef AKT_TESTS_TRAIL_SCENE_H
#define AKT_TESTS_TRAIL_SCENE_H

#include "trail/ops.h"

enum { SCENE_OPS = 7 };

/** One history: a base, one commit on each side, and their merge, bent by `tweak`. */
struct merge_case {
	const char *what;
	struct op ours[SCENE_OPS], theirs[SCENE_OPS];
	const char *signed_ours, *signed_theirs; /* NULL: anna, eva */
	const char *by, *verb;                   /* NULL: anna, merge */
	struct op tweak[SCENE_OPS];
	enum policy_rule rule;
	const char *path, *text; /* text NULL: allowed */
	struct {
		const char *path, *has; /* has NULL: absent; "" only there */
	} want[4];
	const char *lacks; /* not in the first file wanted */
};

struct scene {
	struct mem *m;
	struct objects o;
	struct state_cache *c;
	struct files base, side[2], merged;
	struct policy_input in;
	struct state *state[3];
	struct oid bases[2];
	struct policy_side commit[2];
};

void scene_open(struct scene *s, const struct merge_case *t);
void scene_close(struct scene *s);
/** Who signs the merge. */
void scene_by(struct scene *s, const char *by);
/** The merge as the plan has it, in s->merged: what sync does when it may write nothing, every double record parked. */
void scene_plan(struct scene *s);
/** The verdict on s->merged. */
struct verdict scene_judge(struct scene *s);
struct verdict scene_judge_in_swedish(struct scene *s);

/** Every case as it stands and with its sides swapped. */
void scene_run(const struct merge_case *t, size_t n);
#define RUN_MERGES(t) scene_run(t, sizeof(t) / sizeof *(t))

#endif
