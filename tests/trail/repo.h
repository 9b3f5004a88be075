/** Throwaway repositories for the trail's tests: raw trees, and a small valid store. */
#ifndef TESTS_TRAIL_REPO_H
#define TESTS_TRAIL_REPO_H

#include <stddef.h>
#include <stdint.h>

#include "git/repo.h"

struct buf;

/** A new folder under $TMPDIR; path owned by the caller. */
char *repo_folder(void);
void repo_remove(char *folder);
/** Runs a shell command, its output appended to `out` (may be NULL); returns its exit status. */
int repo_run(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Deterministic numbers: a failing run can be run again. */
uint32_t repo_random(uint32_t *seed, uint32_t below);

/** A person with one device. */
struct who {
	const char *handle;
	uint8_t sk[64], pk[32]; /* Ed25519 */
	uint8_t xsk[32], xpk[32]; /* X25519 */
};

/** A store with anna (admin, staff), bo (staff, once added) and recovery; a dossier for the unit. */
struct store {
	char *folder;   /* holds repo.git */
	struct git *g;
	struct who anna, bo, recovery, eve;
	char unit[11];  /* the unit's dossier */
	struct oid head, tree;
	int64_t time;   /* of the next commit; a minute later each time */
};

/** With its root commit; refs/heads/main stands there. */
void store_new(struct store *s);
void store_free(struct store *s);
/** The tree with one more file version (`text` NULL removes it). */
void store_put(struct store *s, struct oid *tree, const char *path, const char *text, size_t n);
/** A record of the unit's dossier under a name, sealed content `round`. */
void store_record(struct store *s, struct oid *tree, const char *name, unsigned round);
/** Commits `tree` on top of parents (zero: none), signed; nothing moves. */
struct oid store_sign(struct store *s, const struct who *by, const struct oid *tree,
    const struct oid *p1, const struct oid *p2, const char *verb);
/** One more record by anna on top of head; head and main move. */
void store_save(struct store *s, const char *name, unsigned round);
/** Writes raw bytes as a commit object, unchecked. */
struct oid store_raw(struct store *s, const void *p, size_t n);
/** bo becomes a member of team unit with a device: head and main move. */
void store_add_bo(struct store *s);
void store_move(struct store *s, const struct oid *head, const struct oid *tree);

#endif
