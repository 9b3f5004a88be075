/** One sync under way: what its steps share. Used inside sync/ only. */
#ifndef AKT_SYNC_RUN_H
#define AKT_SYNC_RUN_H

#include "sync/private.h"

struct run {
	struct sync_result *r;
	struct vault *v;
	struct git *g;
	const char *name;
	const struct sync_options *opt;
	struct git_remote *hub;
	char *seen; /* ref that remembers the hub's last good head */
	bool stopped; /* to show what an erasure takes along */
	int waits;    /* for a hub that forgets erased keys by itself */
	const char *admit; /* revoked device whose commits this admin lets in; NULL */
};

/* fetch.c */
int fetch_progress(void *run, size_t done, size_t total);
/** Moves a ref of ours, or drops it (id NULL); nothing where it is so already. */
int fetch_set_ref(struct git *g, const char *ref, const struct oid *id, struct err *e);
/** Everything between our head and `tip`; a failure refuses the hub. from NULL: all of it. */
int fetch_verify(struct run *s, const struct oid *tip, const struct trail_mark *from, struct err *e);
/** Our head, which was verified when it came. */
int fetch_mark(struct run *s, struct trail_mark *mark, struct err *e);
/** Every key file that the new main names came with it: a hub that keeps one back would leave records
 * that nobody here can open, and nobody would know why. */
int fetch_keys_whole(struct run *s, const struct oid *theirs, struct err *e);
/** For recompute_fetched: notes what does not fit. */
void fetch_misfit(void *run, const struct oid *commit, const char *record, const char *text);
/** Brings the hub's main here under a side ref and verifies what is new. */
int fetch_main(struct run *s, const struct oid *theirs, struct err *e);

/* meet.c */
/** Our main and the hub's become one. *again: the hub or this store has moved. */
int meet_main(struct run *s, bool *again, struct err *e);
/** *done false: it is not for us to merge, and the result says who must. *again: this store has moved. */
int meet_merge_and_push(struct run *s, const struct oid *theirs, const struct oid *hub_main,
    const char *admit, bool *done, bool *again, struct err *e);

/* waiting.c */
/** What waits beside main: taken by who may and was asked to, else told. */
int waiting_round(struct run *s, bool *again, struct err *e);

/* duties.c */
/** What is this machine's to do for the others: wrapping, erasures that a merge made final, keys that teams
 * lack. *changed: commits were made. */
int duties_carry_out(struct run *s, bool *changed, struct err *e);
/** Once main is agreed on: erased keys leave the hub and this machine, and the devices tell each other
 * what they have seen. *again: the hub is still at it. */
int duties_finish(struct run *s, bool *again, struct err *e);

#endif
