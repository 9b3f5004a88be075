/** The verdict on one commit (DESIGN 4): a pure function of the states before it. The same
 * function runs in verify, at every fetch, in the hub's hooks and in a folder hub's push. Needs no
 * keys. */
#ifndef AKT_TRAIL_POLICY_H
#define AKT_TRAIL_POLICY_H

#include "merge/control.h"
#include "trail/commit.h"
#include "trail/state.h"

/** Raised by 1 whenever a rule changes: a verified-up-to mark of another version is void. */
enum { POLICY_VERSION = 6 };

/** Rules, by the name that verify shows and what breaking one means, in plain words. */
#define POLICY_RULES(X)                                                                            \
	X(SIGNATURE, "signature")                                                                  \
	X(SIGNER, "signer") X(AUTHOR, "author") X(FORMAT, "format") X(TRAIL, "trail")              \
	    X(ROOT, "root") X(PARENTS, "parents") X(PATH, "path") X(CONTROL, "control")            \
		X(ADMIN, "admin") X(TEAM, "team") X(ACCESS, "access") X(ROLE, "role")              \
		    X(RECORD, "record") X(REMOVED, "removed") X(DOSSIER, "dossier")                \
			X(KEYS, "keys") X(ERASE, "erase") X(MERGE, "merge")                        \
			    X(MERGE_CONTROL, "merge-control") X(ADMIT, "admit")                    \
				X(SIGNERS, "allowed-signers") X(DAMAGE, "damage")

enum policy_rule {
#define X(id, name) RULE_##id,
	POLICY_RULES(X)
#undef X
};
const char *policy_rule_name(enum policy_rule r);
/** One sentence on what a breach means for the reader, translated. */
const char *policy_rule_meaning(enum policy_rule r);

/** A commit that one parent of a merge contains and the other does not. */
struct policy_side {
	struct oid id, tree;
	size_t nparents;
	struct oid parent[2], parent_tree[2];
	uint8_t signer[32]; /* the key its gpgsig names */
	bool admit;         /* its verb is `admit` */
	int64_t time;
};

/** What is already known of a commit when policy is asked. Where state_open fails on the tree
 * after with ERR_DAMAGED, the commit breaks policy_state_rule with that text; policy is not asked. */
struct policy_input {
	struct commit commit;
	struct oid id;
	uint8_t signer[32];            /* key whose signature over the commit is good */
	const struct state *before[2]; /* parents' states, commit.nparents of them */
	const struct state *after;
	size_t nbases;               /* merge bases of the two parents */
	const struct oid *base_tree; /* their trees, in commit-id order */
	struct oid parent_tree[2];
	int64_t parent_time[2];
	/* Of a merge: side[i] are the commits that parent i contains and the other parent does
	 * not (git_walk with tip = parent i, hide = the other), parents before children. They
	 * tell whether one side took rights from whoever signed on the other (DESIGN 4, admit). */
	size_t nside[2];
	const struct policy_side *side[2];
};

struct verdict {
	bool ok;
	enum policy_rule rule; /* the first broken */
	char path[192];        /* "" when not about a path */
	char text[512];        /* translated, no values */
	size_t nnotices;
	char notice[4][256]; /* clocks are the walk's matter (verify.h), not policy's */
};

/** What two sides say of each other's signers: nothing; one took rights away from somebody who used
 * them on the other, so an admin must admit it; both did, so only the recovery identity merges. */
enum policy_need { POLICY_MERGE, POLICY_ADMIT, POLICY_RECOVERY };

/** Sorted control paths that waiting commits touched; policy_paths_free. */
struct policy_paths {
	size_t n, cap;
	char **v;
};
void policy_paths_free(struct policy_paths *p);
bool policy_paths_have(const struct policy_paths *p, const char *path);

/** What a merge must hold, path by path, apart from allowed_signers (state_format_signers of the
 * result). Sync builds merges from it and policy checks against it, so the two cannot differ.
 * Steps are sorted by path; a path without one stays as parent 0 has it. */
enum policy_step_kind {
	STEP_TAKE,   /* parent 1's blob `id`, or absent */
	STEP_TEXT,   /* a control file merged: `text`, or absent */
	STEP_RECORD, /* both sides changed it: `id` is parent 0's, `theirs` parent 1's. Who may
		      * write there stores what merging gives; else policy_park says what stands */
};
struct policy_step {
	enum policy_step_kind kind;
	char *path;
	bool absent;
	struct oid id, theirs;
	char *text;
	size_t n;
};
struct policy_plan {
	enum policy_need need;
	int waiting;               /* parent whose commits wait for POLICY_ADMIT, else -1 */
	struct policy_paths paths; /* control files that they touched */
	/* epochs, by their files, whose key they may have handed on, or somebody to a device that the other side shut out */
	struct policy_paths spent;
	size_t nshut;              /* signing keys of those whose commits wait, on either side */
	uint8_t (*shut)[32];
	size_t n, cap;
	struct policy_step *v;
};
/** `in` needs commit.time, before, parent_tree, bases and sides. policy_plan_free. */
int policy_merge_plan(struct policy_plan *out, const struct objects *o,
    const struct policy_input *in, merge_report_fn report, void *ctx, struct err *e);
void policy_plan_free(struct policy_plan *p);
/** Parking (DESIGN 5): *keeps is the blob that keeps the name (the smaller id), *parked the
 * other, at *path (malloc'd). */
int policy_park(struct oid *keeps, struct oid *parked, char **path, const struct objects *o,
    const char *record_path, const struct oid *a, const struct oid *b, struct err *e);
/** True when the member may put new content at a record's path that both parents have changed: on the
 * dossier's list and allowed the type in the states of both. */
int policy_may_merge_record(
    bool *may, const struct policy_input *in, const char *path, const char *handle, struct err *e);

/** The rule that a commit breaks whose tree state_open refused with `e`. */
enum policy_rule policy_state_rule(const struct err *e);

/** Judges. Returns 0 with *v filled, or an error when an object cannot be read. */
int policy_judge(
    struct verdict *v, const struct objects *o, const struct policy_input *in, struct err *e);

#endif
