/** The simulated unit: machines with their stores, hubs, clocks; everything they do is the program's own
 * code over mem.h. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/err.h"
#include "git/oid.h"
#include "sim/plan.h"

struct identity;

enum {
	MACHINES = 8, /* at most 6 from the start, others join */
	TYPES = 5,
	SCHEMAS = 3, /* versions of each */
};

enum { PATH_LEN = 128 };
enum place { PLACE_MAIN, PLACE_STICK, PLACES };
/** Where everything lies: "" in memory. */
extern const char *world_root;
extern char place_path[PLACES][PATH_LEN];
extern const char *const place_name[PLACES];

struct machine {
	char handle[34], id[66], path[PATH_LEN], card[PATH_LEN];
	struct identity *identity; /* the table's */
	bool known;  /* a card of it was let in, some time */
	bool joined; /* has a store */
	bool out;    /* revoked, and has seen it */
	bool rogue;  /* its program was patched; it is out as well */
	int64_t off; /* its clock is wrong by that much */
	struct session s;
	bool open;
};

struct saved { /* a commit that its maker was told of */
	struct oid id;
	size_t machine, op;
};

/** What a process has done so far. */
struct tally {
	size_t schedules, ops, syncs, commits, merges, records, failed, cpu; /* ms */
};
extern struct tally tally;

struct world {
	const struct plan *plan;
	size_t n; /* machines in use */
	struct machine m[MACHINES];
	int64_t now;
	struct disk *backup;
	size_t op;     /* number of the one under way */
	size_t tokens; /* given out by it */
	struct {
		size_t n, cap;
		struct saved *v;
	} saved;
	bool resync;  /* at rest: also look at what stands aside */
	char *failed; /* what is wrong, once something is */
	bool trace;
	struct buf story;
};

/** Made once: stores with 3 to 6 members, which schedules start from. */
void world_prepare(void);
void world_done(void);
void world_start(struct world *w, const struct plan *p);
void world_end(struct world *w);

/** First failure stands. */
void world_fail(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** A line of the story, told only in traces. */
void world_tell(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Opens the machine's store, if need be, with an empty arena and its clock. ERR_* when it cannot. */
int world_enter(struct world *w, size_t m, struct err *e);
void world_leave(struct world *w, size_t m);
/** The machine forgets all that is not on its disk. */
void world_reboot(struct world *w, size_t m);
/** Notes what HEAD is now as told to the person. */
void world_saved(struct world *w, size_t m);
/** A card of the machine where app_member_add finds it. */
const char *world_card(struct world *w, size_t m);
const struct identity *world_recovery(void);
void world_fingerprint(uint8_t out[32]);

extern const char *const type_name[TYPES];
/** malloc'd schema of a type; `variant` is its version, from 0. */
char *schema_text(size_t type, size_t variant);

#endif
