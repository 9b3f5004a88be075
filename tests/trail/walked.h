/** A store's history as the walk judges it: made, forged, damaged on disk, and what is said of it. */
#ifndef AKT_TESTS_TRAIL_WALKED_H
#define AKT_TESTS_TRAIL_WALKED_H

#include "trail/repo.h"
#include "trail/verify.h"

/** A store of its own for each test, in *state. */
int walk_setup(void **state);
int walk_teardown(void **state);
void walk_short(char out[13], const struct oid *id);
/** What verifying up to `tip` gives; trail_report_free. */
struct trail_report walk_verified(struct store *s, const struct oid *tip);
/** `commits` of them and nothing to say. */
void walk_good(struct store *s, size_t commits);
/** Exactly one failure: of this commit, this rule, with this text (and path) in it; in both languages. */
void walk_one(struct store *s, const struct oid *tip, const struct oid *commit, enum policy_rule rule, const char *path, const char *text);
void walk_read(struct store *s, struct buf *raw, struct commit *c, const struct oid *id);
/** A commit with fields as given, trail too, signed by `by`: what a dishonest program would make. */
struct oid walk_forge(struct store *s, const struct commit *c, const struct who *by);
/** Three saves by anna, bo joins, bo's work on one side and anna's on the other, merged: the number of commits. */
size_t walk_history(struct store *s);
/** Where an object lies; malloc'd. */
char *walk_loose(const struct store *s, const struct oid *id);
void walk_reopen(struct store *s);
/** Takes an object off the disk, or puts another's bytes under its id. */
void walk_lose(struct store *s, const struct oid *id);
void walk_swap(struct store *s, const struct oid *id, const struct oid *other);

/** What `each` of a walk was given: for trail_options, which it ends by 77 at the commit `stop_at`. */
struct walk_log {
	size_t n;
	struct oid ids[64];
	uint8_t first[32], last[32];
	size_t calls, total, stop_at;
};
int walk_each(void *ctx, const struct oid *id, const struct commit *c, const uint8_t trail[32],
    const uint8_t raw_sha256[32]);

#define WALK_TEST(f) cmocka_unit_test_setup_teardown(f, walk_setup, walk_teardown)

#endif
