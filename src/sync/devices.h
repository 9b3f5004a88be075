/** The devices' own chains through a hub (DESIGN 4): each sync tells the others what it has seen, and
 * notices who is silent and what does not fit. The chains themselves: vault/witness.h. */
#ifndef AKT_SYNC_DEVICES_H
#define AKT_SYNC_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "git/remote.h"
#include "sync/sync.h"

struct state;

/** With main agreed on: fetches the others' chains, adds to this device's own when something
 * happened, pushes what the hub lacks. What is wrong with the hub's chains is a notice. ERR_RACE. */
int devices_sync(struct sync_result *r, struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e);
/** After a join: fetches alone. */
int devices_join(struct sync_result *r, struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e);

/** What a hub asks of refs/akt/devices/<id>: see witness_check; the device is active in its main. */
int devices_receive(struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e);

/** Sentences on active devices other than `own` (may be NULL) that have been silent for 14 days, have seen a
 * head that is not in the trail up to `head`, or know of more of another's chain than is here. */
int devices_notices(struct git *g, const struct state *s, const struct oid *head, const char *own,
    int64_t now, void (*each)(void *ctx, const char *text), void *ctx, struct err *e);

/** Every active device with the end of its chain in `g`, in id order: `w` is NULL when it has none. */
struct witness;
int devices_each(struct git *g, const struct state *s,
    int (*each)(void *ctx, const char *device, const struct oid *tip, const struct witness *w),
    void *ctx, struct err *e);

#endif
