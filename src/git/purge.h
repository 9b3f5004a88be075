/** Taking objects out of a repository for good: lawful erasure (DESIGN 2). */
#ifndef AKT_GIT_PURGE_H
#define AKT_GIT_PURGE_H

#include "git/repo.h"

struct git_remote;

/** Every object of a type, reachable or not, in no order; non-zero stops. Those that another program
 * writes meanwhile may be missed. */
int git_each_object(struct git *g, enum git_type type,
    int (*each)(void *ctx, const struct oid *id), void *ctx, struct err *e);

/** Deletes these objects: loose files are removed, a pack that holds one is written anew without them
 * and removed when the new one is durable. Nothing else is touched, so what another program writes
 * meanwhile stays. Ids that are not there are no error. For the holder of the application's lock, outside
 * of a hook's quarantine. */
int git_purge(struct git *g, const struct oid *ids, size_t n, struct err *e);

/** Runs `fn` on a folder hub under the lock that its pushers take. What was advertised is read anew
 * afterwards. Does nothing where the hub is no folder. */
int git_remote_folder_run(struct git_remote *r, int (*fn)(void *ctx, struct git *hub, struct err *e),
    void *ctx, struct err *e);

#endif
