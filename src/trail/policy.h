/** The verdict on one commit (DESIGN 4): a pure function of the states before it. The same
 * function runs in verify, at every fetch, in the hub's hooks and in a folder hub's push. Needs no keys. */
#ifndef AKT_TRAIL_POLICY_H
#define AKT_TRAIL_POLICY_H

#include "trail/commit.h"
#include "trail/state.h"

/** Raised by 1 whenever a rule changes: a verified-up-to mark of another version is void. */
enum { POLICY_VERSION = 1 };

/** Rules, by the name that verify shows and what breaking one means, in plain words. */
#define POLICY_RULES(X) \
	X(SIGNATURE, "signature") X(SIGNER, "signer") X(AUTHOR, "author") \
	X(FORMAT, "format") X(TRAIL, "trail") X(ROOT, "root") X(PARENTS, "parents") \
	X(PATH, "path") X(CONTROL, "control") X(ADMIN, "admin") X(TEAM, "team") \
	X(ACCESS, "access") X(ROLE, "role") X(RECORD, "record") X(REMOVED, "removed") \
	X(DOSSIER, "dossier") X(KEYS, "keys") X(ERASE, "erase") X(MERGE, "merge") \
	X(MERGE_CONTROL, "merge-control") X(ADMIT, "admit") X(SIGNERS, "allowed-signers") \
	X(DAMAGE, "damage")

enum policy_rule {
#define X(id, name) RULE_##id,
	POLICY_RULES(X)
#undef X
};
const char *policy_rule_name(enum policy_rule r);
/** One sentence on what a breach means for the reader, translated. */
const char *policy_rule_meaning(enum policy_rule r);

/** What is already known of a commit when policy is asked. */
struct policy_input {
	struct commit commit;
	struct oid id;
	uint8_t signer[32];            /* key whose signature over the commit is good */
	const struct state *before[2]; /* parents' states, commit.nparents of them */
	const struct state *after;
	size_t nbases;                 /* merge bases of the two parents */
	const struct oid *base_tree;   /* their trees, in commit-id order */
	struct oid parent_tree[2];
	int64_t parent_time[2];
};

struct verdict {
	bool ok;
	enum policy_rule rule;   /* the first broken */
	char path[192];          /* "" when not about a path */
	char text[512];          /* translated, no values */
	size_t nnotices;
	char notice[4][256];
};

/** Judges. Returns 0 with *v filled, or an error when an object cannot be read. */
int policy_judge(struct verdict *v, const struct objects *o, const struct policy_input *in,
    struct err *e);

#endif
