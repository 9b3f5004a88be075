/** What machines do. */
#ifndef TESTS_SIM_OPS_H
#define TESTS_SIM_OPS_H

#include "sim/world.h"

/** One operation of the plan. */
void op_run(struct world *w, const struct op *op);

/** What a sync says of work that waits beside main. */
struct waiting {
	size_t n;
	char device[MACHINES][66];
	bool recovery; /* it is the recovery identity's matter */
	bool erasing;  /* it stopped to show what goes */
};
/** One sync. False when the machine is out, or the line or the machine died. */
bool op_sync(struct world *w, size_t m, const char *name, const char *url, struct waiting *waiting);
/** A sync, and an administrator's or the recovery identity's word on what waits. True when something
 * was let in. */
bool op_admit(struct world *w, size_t m, const char *name, const char *url);
/** After anything that may have ended badly: what the error says of the program. True when done. */
bool op_settle(struct world *w, size_t m, int rc, const struct err *e, const char *what);

/* records.c */
void op_new(struct world *w, size_t m, const struct op *op);
void op_edit(struct world *w, size_t m, const struct op *op);
void op_resolve(struct world *w, size_t m, const struct op *op);

/* people.c */
void op_people(struct world *w, size_t m, const struct op *op);
void op_access(struct world *w, size_t m, const struct op *op);
void op_schema(struct world *w, size_t m, const struct op *op);
void op_erase(struct world *w, size_t m, const struct op *op);

/* rogue.c */
void op_rogue(struct world *w, size_t m, const struct op *op);

/** A readable record of the machine by number; false when there is none. */
struct pick {
	char id[66], dossier[11], type[33];
	char *path; /* in the session's arena */
	struct oid blob;
};
bool op_pick(struct world *w, size_t m, struct pick *out, uint32_t n, const char *type);

#endif
