/** What must hold once everybody has synced until nothing moves. */
#ifndef TESTS_SIM_REST_H
#define TESTS_SIM_REST_H

#include "sim/world.h"

/** Everybody syncs with every hub until nothing changes; then all that is promised is checked. */
void rest(struct world *w);
/** Words, readers and saves, from the objects alone: no line of merge/, trail/ or vault/ is in it. */
void oracle_check(struct world *w, const struct oid *head);

#endif
