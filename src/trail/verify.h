/** Walking the trail: every commit's form, signature, trail value and policy. */
#ifndef AKT_TRAIL_VERIFY_H
#define AKT_TRAIL_VERIFY_H

#include "trail/policy.h"
#include "trail/tree256.h"

struct git;

struct trail_failure {
	struct oid commit;
	enum policy_rule rule;
	char *message; /* translated: the commit's rule, path and meaning */
};

struct trail_report {
	size_t commits;
	struct oid head;
	uint8_t trail[32], head_sha256[32];
	int64_t head_time;
	uint8_t fingerprint[32]; /* the root's trail value; zeros when begun at a mark */
	size_t nfailures, ncap;
	struct trail_failure *failures;
	size_t nnotices, notice_cap;
	char **notices; /* "commit <12 hex>: ..." */
};

void trail_report_free(struct trail_report *r);

/** A trusted value: a commit verified before under this POLICY_VERSION. */
struct trail_mark {
	struct oid commit;
	uint8_t trail[32], sha256[32];
	uint64_t commits;
};

struct trail_options {
	const char *cache_path;      /* tree256 cache; NULL = memory */
	const struct trail_mark *from; /* NULL: from the root */
	/* Called for every good commit (no failure in it or its ancestors) in order, parents first;
	 * non-zero stops: trail_verify returns that value. May be NULL. For log, content checks and
	 * marks. */
	int (*each)(void *ctx, const struct oid *id, const struct commit *c, const uint8_t trail[32],
	    const uint8_t raw_sha256[32]);
	int (*progress)(void *ctx, size_t done, size_t total); /* non-zero cancels */
	void *ctx;
	bool stop_at_first;          /* fetch and hooks: one failure is enough */
};

/** Verifies all commits reachable from `tip`. Failures are in the report, not errors: for each
 * commit the first rule it breaks. A child of a failed commit is checked against what its parents
 * state, and not judged again for the same cause. The report is filled even then. Commits
 * reachable from the mark are taken at their word, the mark itself must be unchanged. Errors: only
 * when nothing can be said (no such commit, cancelled). */
int trail_verify(struct trail_report *out, struct git *g, const struct oid *tip,
    const struct trail_options *opt, struct err *e);

/** Trail value and raw SHA-256 of one commit, trusting what it states (its own last line). */
int trail_stated(struct git *g, uint8_t trail[32], uint8_t raw_sha256[32], const struct oid *id,
    struct err *e);

/** Reads and parses one commit, which must be there (ERR_DAMAGED else); `raw` is replaced by its
 * bytes, empty when they could not be read. No trust in what it states. */
int trail_load(const struct objects *o, struct buf *raw, struct commit *c, uint8_t sha256[32],
    const struct oid *id, struct err *e);

/** Builds and signs a commit on top of parents: trail value computed, raw bytes added to the batch.
 * `c` has tree, parents, handle, store_id, time, verb, merge_rules filled; the rest is filled in.
 * Parents may still be in the batch. sign_sk: 64 bytes. */
int trail_sign(struct oid *out, struct git_batch *b, struct tree256 *t256, struct commit *c,
    const uint8_t *sign_sk, struct err *e);

/** checkpoint: a short signed note (SSHSIG, namespace akt) in YAML: store, head, sha256 of the
 * raw head, trail, count, time; signer; signature. */
void checkpoint_format(struct buf *out, const char *store_id, const struct trail_report *r,
    int64_t now, const char *device, const uint8_t *sign_sk, const uint8_t sign_pk[32]);
struct checkpoint {
	char store_id[11], device[66];
	struct oid head;
	uint8_t sha256[32], trail[32], signer[32];
	uint64_t count;
	int64_t time;
};
/** Parses and checks its signature (not who the signer is). ERR_DAMAGED, ERR_INVALID. */
int checkpoint_parse(struct checkpoint *out, const char *s, size_t n, const char *file,
    struct err *e);

#endif
