/** What the parts of policy share. Their functions return 0 to go on, BREACH when the verdict
 * has been given, or an error code when an object cannot be read. */
#ifndef AKT_TRAIL_POLICY_JUDGE_H
#define AKT_TRAIL_POLICY_JUDGE_H

#include "merge/storepath.h"
#include "trail/policy.h"

enum { BREACH = -1, MODE_FILE = 0100644 };

/** One path that two trees have differently. */
struct change {
	char *path;
	enum storepath_kind kind;
	char dossier[11]; /* of a record, a parked one, dossier.yaml or a tombstone, else empty */
	bool had, has; /* before, after */
	struct oid old, new;
	unsigned mode; /* after */
};

struct changes {
	size_t n, cap;
	struct change *v; /* sorted by path */
};

int changes_read(struct changes *c, const struct objects *o, const struct oid *a,
    const struct oid *b, struct err *e);
void changes_free(struct changes *c);
/** What else its path says. A large commit has tens of thousands of changes: they do not keep it. */
struct storepath change_at(const struct change *c);
/** NULL when the path does not differ. */
const struct change *changes_find(const struct changes *c, const char *path);

/** One dossier as a commit finds and leaves it; NULL = absent. */
struct dossier_view {
	char id[11];
	const struct dossier *before, *after;
	const struct tombstone *tomb_before, *tomb_after;
	bool gone;  /* with all that was in its folder */
	bool reads; /* the signer is on its list (a new dossier: on its own) */
};

struct judge {
	struct verdict *v;
	const struct objects *o;
	const struct policy_input *in;
	struct err *e;
	const struct state *before; /* NULL at the root */
	const struct state *prior;  /* before; at the root, after */
	const struct state *after;
	const struct member *me; /* the signer, in the state that judges */
	bool admin, recovery;
	int64_t now;
	struct changes changes;
	struct dossier_view dossier; /* the one looked at last */
};

int judge_breach(struct judge *j, enum policy_rule rule, const char *path, const char *text);
void judge_notice(struct judge *j, const char *text);
/** A fault in what a file says (`fault`), as a breach of RULE_CONTROL. */
int judge_bad_file(struct judge *j, const char *path, const struct err *fault);
/** age file to `stanzas` recipients (0 = any number). */
int judge_age_file(struct judge *j, enum policy_rule rule, const struct change *c, int stanzas);
/** The signer in one state: active device, its member is the author. */
int judge_signer(struct judge *j, const struct state *s);
/** allowed_signers of `after` is what its members give. */
int judge_allowed_signers(struct judge *j);
bool judge_has_admin(const struct state *s);

/** The dossier's tombstone in a state, or in none (NULL); *out NULL where there is none, which is no error. */
int judge_find_tombstone(
    struct judge *j, const struct tombstone **out, const struct state *s, const char *dossier);
/** Fills j->dossier. `c` is the first change met in it. */
int judge_view(struct judge *j, const struct change *c);

int judge_member(struct judge *j, const struct change *c);
int judge_epoch(struct judge *j, const struct change *c);
int judge_epoch_key(struct judge *j, const struct change *c);
int judge_store(struct judge *j, const struct change *c);
int judge_schema(struct judge *j, const struct change *c);
int judge_dossier(struct judge *j, const struct change *c);
int judge_record(struct judge *j, const struct change *c);
int judge_parked(struct judge *j, const struct change *c);
int judge_tombstone(struct judge *j, const struct change *c);
int judge_merge(struct judge *j);

/** Fills need, waiting, paths and shut of a plan: whose commits wait for whom. */
int policy_need(struct policy_plan *plan, const struct objects *o, const struct policy_input *in,
    struct err *e);
/** Fills plan->spent, of which need and waiting are there: epochs that either parent has, whose key somebody may have
 * wrapped for whom the merge does not know or has shut out. */
void policy_find_spent(struct policy_plan *plan, const struct policy_input *in, const struct changes *sides);
/** True when a commit of a side would not have been allowed to its signer without the role admin. */
int policy_needs_admin(bool *yes, const struct objects *o, const struct policy_side *s,
    struct state_cache *c, struct err *e);

/** Loads a dossier's or tombstone's or schema's new version; a fault in it is a breach. */
int judge_load(struct judge *j, const void **out, const struct change *c);

#endif
