/** What stands in for the machine under the simulator: git repositories in memory, cryptography as
 * perfect boxes that cost nothing, files and locks of one process. Everything above is the program's
 * own: vault/, sync/, trail/, merge/, app/. The linker takes these in place of git/, crypt/age,
 * crypt/sshsig, base/os, base/secret, index/names and trail/tree256. */
#ifndef TESTS_SIM_MEM_H
#define TESTS_SIM_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "git/oid.h"
#include "git/repo.h"

/* --- objects: one table for all disks; a disk knows which of them it has ----------------- */

struct mem_object {
	struct oid id;
	enum git_type type;
	size_t n;
	char *p;
};

size_t mem_objects(void);
const struct mem_object *mem_object(size_t i);
/** SIZE_MAX when no disk ever had it. */
size_t mem_find(const struct oid *id);
/** Objects, disks and files as they are become what mem_reset goes back to. */
size_t mem_keep(void);
void mem_reset(size_t kept);
/** Everything goes. */
void mem_forget(void);

/* --- disks ---------------------------------------------------------------------------------- */

struct disk;
/** NULL when there is no repository at the path. */
struct disk *disk_find(const char *path);
void disk_make(const char *path);
void disk_drop(const char *path);
bool disk_has(const struct disk *d, size_t object);
/** Left there by a push that was cut short. */
bool disk_stray(const struct disk *d, size_t object);
/** False when there is no such ref. */
bool disk_ref_get(const struct disk *d, struct oid *id, const char *ref);
size_t disk_count(void);
const struct disk *disk_at(size_t i);
const char *disk_path(const struct disk *d);
/** How often a ref of the repository has moved; 0 where there is none. */
size_t disk_moves(const char *path);
size_t disk_refs(const struct disk *d);
const struct oid *disk_ref_at(const struct disk *d, size_t i, const char **name);
/** A copy kept aside, and put back in place of what the disk holds by then. */
struct disk *disk_backup(const struct disk *d);
void disk_restore(struct disk *d, const struct disk *from);
void disk_free(struct disk *d);

/* --- faults ----------------------------------------------------------------------------------- */

/** Each write of an object, move of a ref and turn of the network is a step; the fault strikes at
 * one of them. CRASH: nothing more is done until `down` is cleared. NET: the same for the hub alone;
 * what was on its way may have arrived without an answer (`late`). */
enum fault_kind { FAULT_NONE, FAULT_CRASH, FAULT_NET };
struct fault {
	enum fault_kind kind;
	long at;   /* steps left */
	bool late; /* strikes behind the step, not before it */
	bool down;
	bool seen; /* it struck */
};
extern struct fault mem_fault;
/** Called once before a push reaches the hub, then forgotten: somebody else comes first. */
extern void (*mem_before_push)(void *ctx);
extern void *mem_before_push_ctx;

/** A store has been filled at the path. */
void mem_joined(const char *path);
/** A device's keys are in use. */
struct identity;
void mem_device(const struct identity *id);
/** All is at rest: the table has every object there is. */
void mem_settle(void);
/** Who signed the commit; zeros when nobody did. */
void mem_signer(uint8_t pk[32], const char *commit);

struct objects;
/** Every object that any disk ever had. */
struct objects mem_any_objects(void);

/** The program asks its policy, and is told that all is well. */
extern bool mem_unjudged;

/** Whether syncs keep the devices' logs. */
extern bool mem_devices;

/* --- boxes -------------------------------------------------------------------------------------- */

/** A box as the oracle sees it: whom it is for and what it holds. False for what is none. */
bool mem_box_open(const char *p, size_t n, const uint8_t (**pk)[32], size_t *npk, const char **plain,
    size_t *plain_n);
/** Where all that is random comes from. */
void mem_seed(uint64_t seed);
/** Public key of a secret one. */
void mem_public(uint8_t pk[32], const uint8_t sk[32]);

/* --- files ------------------------------------------------------------------------------------- */

void mem_file(const char *path, const char *text, size_t n);

#endif
