/** The simulator over real repositories: what tests/sim/mem.h promises, kept with git, cryptography and
 * files as they are, and the program itself for what people do. */
#ifndef TESTS_SIM_REAL_H
#define TESTS_SIM_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

/** How the hub is reached. */
enum way { WAY_FOLDER, WAY_SSH, WAY_HTTP, WAYS };
extern const char *const way_name[WAYS];
extern enum way real_way;
/** Address of the hub (never the stick's) as machines call it. */
const char *real_url(const char *path);

/** Runs a program; output, what it printed and said. argv ends with NULL. -1 when it was killed. */
int real_run(struct buf *output, const char *const *argv, const char *store, const char *identity);
/** The same, not waited for. */
pid_t real_start(const char *const *argv, const char *store, const char *identity, int out);
/** Waits; kills it after that many milliseconds (0 = never). *killed tells. */
int real_wait(pid_t pid, long ms, bool *killed);
/** The program under test. */
extern const char *real_akt;
/** File of a device's identity; into `out`. */
void real_identity(char out[256], const char *id);
void real_copy(const char *from, const char *to);
void real_remove(const char *path);

#endif
