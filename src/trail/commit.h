/** Commits of the trail: strict reading, building, signing payload, trail value (DESIGN 4). */
#ifndef AKT_TRAIL_COMMIT_H
#define AKT_TRAIL_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "git/oid.h"

struct buf;
struct err;

enum { COMMIT_MAX = 64 * 1024 };

struct commit {
	struct oid tree;
	size_t nparents;           /* 0, 1 or 2 */
	struct oid parent[2];
	char handle[34];           /* author == committer, `handle <handle@store-id>` */
	char store_id[11];
	int64_t time;              /* UTC, 0 to the end of year 9999 */
	char verb[33];             /* of `akt: <verb>`: [a-z][a-z0-9-]{0,31} */
	int merge_rules;           /* of `Akt-Merge: 1`, on every merge and only there; 0 = none */
	uint8_t trail[32];         /* of `Akt-Trail: 1 <64 hex>` */
	size_t sig_at, sig_n;      /* the gpgsig header in the raw bytes, its LF included */
};

/** Strict: exactly the headers tree, parent*, author, committer, gpgsig, in this order; one
 * gpgsig; author line equals committer line, zone +0000; trailers as above, Akt-Trail last
 * and once. What it accepts is commit_format + commit_add_signature of the fields, byte for byte
 * apart from the armor's inside. ERR_DAMAGED with the rule broken and the line it is on. */
int commit_parse(struct commit *out, const void *raw, size_t n, struct err *e);

/** Raw unsigned commit (no gpgsig) from the fields; sig_* and handle as above. */
void commit_format(struct buf *out, const struct commit *c);
/** What is signed: the raw commit without its gpgsig header. */
void commit_payload(struct buf *out, const void *raw, size_t n, const struct commit *c);
/** The armored signature alone, as sshsig_verify reads it. */
void commit_signature(struct buf *out, const void *raw, const struct commit *c);
/** Puts an armored signature into an unsigned raw commit. */
void commit_add_signature(struct buf *out, const void *raw, size_t n, const char *armor);

/** trail(c) from its parents' trail values and SHA-256 of their raw objects, and tree256. */
void commit_trail(uint8_t out[32], size_t nparents, const uint8_t (*parent_trail)[32],
    const uint8_t (*parent_sha256)[32], const uint8_t tree256[32]);

#endif
