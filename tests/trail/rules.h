/** The verdict on one change that follows the unit of mem_unit: tables of what is allowed, what is refused and in which
 * words. */
#ifndef AKT_TESTS_TRAIL_RULES_H
#define AKT_TESTS_TRAIL_RULES_H

#include "trail/ops.h"

enum { RULE_OPS = 6 };

struct rule_case {
	const char *what,
	    *by; /* by: "handle" signs with its laptop; "handle.device" with that one */
	struct op op[RULE_OPS];
	enum policy_rule rule;
	const char *path, *text; /* text NULL: allowed */
};

/** The verdict on going from `before` (NULL: from nothing) to `after`, signed by `by`; `spoil` (or NULL) bends what policy is
 * asked. */
struct verdict rules_judge(struct mem *m, const struct files *before, const struct files *after,
    const char *by, void (*spoil)(struct policy_input *));
/** 1 when the verdict is another than the table says, having said so. */
int rules_expect(const struct rule_case *t, const struct verdict *v);
/** What is refused, in the other language too. */
void rules_in_swedish(struct mem *m, const struct files *before, const struct files *after,
    const struct rule_case *t, void (*spoil)(struct policy_input *));
/** Every case, on the unit to which `first` happened. */
void rules_run(const struct op *first, size_t nfirst, const struct rule_case *t, size_t n);

#define RUN(t) rules_run(NULL, 0, t, sizeof(t) / sizeof *(t))
#define RUN_AFTER(first, t)                                                                        \
	rules_run(first, sizeof(first) / sizeof *(first), t, sizeof(t) / sizeof *(t))

#endif
