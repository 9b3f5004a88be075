/** All objects of all disks, in one table: both simulators have it, the one in memory and the one over real repositories. */
#ifndef TESTS_SIM_TABLE_H
#define TESTS_SIM_TABLE_H

#include "sim/mem.h"

/** One that is not in it yet; takes `p`, which is malloc'd and has a NUL behind its n bytes. */
size_t table_add(const struct oid *id, enum git_type type, char *p, size_t n);
/** All but the first `kept` go. */
void table_cut(size_t kept);

#endif
