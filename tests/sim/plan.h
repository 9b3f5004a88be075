/** A schedule: a list of operations, each with numbers of its own, so that any of them can be left
 * out and the rest mean much the same. */
#ifndef TESTS_SIM_PLAN_H
#define TESTS_SIM_PLAN_H

#include <stddef.h>
#include <stdint.h>

#define OPS(X)                                                                                     \
	X(NEW) X(EDIT) X(RESOLVE) X(SYNC) X(RACE) X(CRASH) X(LINE) X(WAIT) X(CLOCK) X(BACKUP)      \
	X(RESTORE) X(MEMBER) X(JOIN) X(DEVICE) X(REVOKE) X(REMOVE) X(ROLE) X(TEAM) X(GRANT)        \
	X(UNGRANT) X(SCHEMA) X(ERASE) X(ADMIT) X(REBOOT) X(ROGUE)

enum op_kind {
#define X(name) OP_##name,
	OPS(X)
#undef X
	OP_KINDS
};

struct op {
	enum op_kind kind;
	size_t id;      /* its number in the schedule as it was made */
	uint32_t m;     /* machine */
	uint32_t a, b, c;
	uint64_t seed;  /* of all that is random in it */
};

struct plan {
	uint64_t seed;
	size_t members; /* 3 to 6 from the start */
	size_t n, cap;
	struct op *v;
};

void plan_make(struct plan *p, uint64_t seed);
void plan_copy(struct plan *to, const struct plan *from);
void plan_free(struct plan *p);
const char *op_name(enum op_kind k);

/** splitmix64 */
uint64_t rnd_next(uint64_t *state);

#endif
