/** A device's own chain, refs/akt/devices/<id> (DESIGN 4, docs/formats.md): what it has seen, and what
 * was opened on it. Linear, signed by that device alone; hubs and other devices check it without keys. */
#ifndef AKT_VAULT_WITNESS_H
#define AKT_VAULT_WITNESS_H

#include <stddef.h>
#include <stdint.h>

#include "git/oid.h"

struct buf;
struct err;
struct git;
struct state;
struct vault;

#define WITNESS_REFS "refs/akt/devices/"

/** seen.yaml of one commit. */
struct witness {
	char device[66];
	int64_t n;    /* its place in the chain, from 1 */
	int64_t time; /* of the commit */
	struct oid head; /* of main, as agreed with a hub */
	uint8_t trail[32];
	int64_t count; /* commits of main up to it */
	size_t nothers;
	struct witness_other { /* how far this device has the others' chains */
		char id[66];
		struct oid head;
		int64_t time;
	} *others; /* sorted by id */
	size_t nerased;
	char (*erased)[11]; /* erasures carried out on this device, sorted */
};

/** What a commit of a checked chain says. witness_free. */
int witness_read(struct witness **out, struct git *g, const struct oid *commit, struct err *e);
void witness_free(struct witness *w);
/** Its log file, as sealed. ERR_NOTFOUND when it has none. */
int witness_log(struct git *g, struct buf *sealed, const struct oid *commit, struct err *e);

/** The next commit of this device's chain on `parent` (NULL: its first), signed and written; no ref moves.
 * Fills w's device, n and time. `log` (may be NULL) is a file of reads_seal. */
int witness_add(struct vault *v, struct oid *out, const struct oid *parent, struct witness *w,
    const struct buf *log, struct err *e);

/** Checks that `fresh` continues the device's chain from `old` (NULL: from its beginning): linear, each
 * commit well-formed, next in number, and signed by the device, which the state has. ERR_RACE: it
 * does not continue `old`; ERR_ACCESS: the rule that is broken. */
int witness_check(struct git *g, const struct state *s, const char *device, const struct oid *old,
    const struct oid *fresh, struct err *e);

#endif
