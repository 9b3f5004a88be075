/* Shared by the files of proof alone. */
#ifndef AKT_APP_PROOF_H
#define AKT_APP_PROOF_H

#include "app/private.h"
#include "trail/verify.h"

struct git;
struct recompute;

/* What a verification is asked for. */
struct proof_ask {
	bool content, full;
	const uint8_t *fingerprint;      /* NULL: not compared */
	const struct checkpoint *note;   /* NULL: none given */
	const char *note_fault;          /* it could not be read as one */
};

/* A verification under way. */
struct proof {
	struct session *s;
	struct git *g;      /* opened by itself: HEAD's control files need not be readable */
	char *dir;          /* the bare repository, or a clone's .git */
	bool local;         /* it has a folder akt: this machine's own store, not a mere copy */
	struct oid head, root;
	char store_id[11];
	struct trail_report r;
	bool rooted;        /* r.fingerprint is known */
	struct node *failures, *notices, *proved;
	struct err *e;      /* of what stops the walk */

	/* what the records hold (proof_content.c) */
	bool content;
	struct recompute *again;
	struct oid commit;  /* looked at now */
	size_t versions, opened, bad;

	/* a checkpoint that the trail must contain */
	const struct checkpoint *note;
	bool note_found;
	uint8_t note_trail[32], note_sha256[32];
};

/* A failure that the trail's own walk does not know. `what`: a record or NULL. */
void proof_fail(struct proof *p, const struct oid *commit, const char *rule, const char *what,
    const char *text, const char *meaning);
/* A plain sentence on what was proved, or was not. */
void proof_say(struct proof *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void proof_notice(struct proof *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* After the walk (proof_check.c): what the trail is held against. */
void proof_check_note(struct proof *p, const struct proof_ask *ask);
void proof_check_fingerprint(struct proof *p, const uint8_t *want, const uint8_t has[32]);

/* What the record versions of one good commit hold, as far as we may read them. Needs the session's
 * store with keys. */
int proof_content_commit(struct proof *p, const struct oid *id, const struct commit *c,
    struct err *e);

/* STORE/akt/verified: how far this device has found the trail good, signed by its own key, so that
 * nobody else can lengthen it. */
struct proof_mark {
	struct trail_mark trail;
	uint8_t fingerprint[32];
};
/* False when there is none, or one of another key or policy, or out of form. */
bool proof_mark_read(struct proof_mark *out, const char *path, const struct identity *id);
/* How many commits a mark must spare to be used: a shorter history is verified whole every time,
 * which takes a second or so and finds what has happened to the disk behind the mark as well.
 * Tests set another number; 0 asks. */
size_t proof_mark_worth(size_t n);
/* Where it cannot be written the next verification is longer, nothing else. */
void proof_mark_write(const char *path, const struct proof_mark *m, const struct identity *id);

/* What this device, and its hubs, have held must still be there. */
void proof_check_dropped(struct proof *p, const struct proof_mark *m);
void proof_check_hubs(struct proof *p);
/* What the devices' own logs say, where this copy has them: silence, gaps and heads that do not fit are
 * notices. `full`: every one of their commits is checked too. `id` (may be NULL): this device's. */
void proof_check_devices(struct proof *p, const struct identity *id, bool full);

#endif
