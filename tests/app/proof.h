/** Two people's real stores and a hub, and forgers who hold a member's keys and write commits with the trail's own code. */
#ifndef AKT_TESTS_APP_PROOF_H
#define AKT_TESTS_APP_PROOF_H

#include "app/proof.h"
#include "run.h"
#include "vault/txn.h"

/** Made once for a program's tests: anna's store S and bo's T, a hub, two merges, one of them with a conflict. */
extern char proof_fingerprint[65], proof_record[66], proof_other[66];
int proof_world(void **state);
int proof_end(void **state);

/** A command's session: `who` NULL = nobody, on a machine without an identity. */
void proof_open(struct session *s, char **store, char **id, const char *who, const char *where);
void proof_shut(struct session *s, char *store, char *id);
void proof_ok(int rc, const struct err *e);
void proof_set(const char *who, const char *where, const char *rec, const char *path, const char *value);
void proof_create(char out[66], const char *who, const char *where, const char *title);
int proof_try_sync(const char *who, const char *where, struct err *e);
void proof_sync_now(const char *who, const char *where, int want);
void proof_new_id(const char *who, const char *device);

struct asked {
	const char *who, *where;
	bool content, full;
	const char *checkpoint, *fingerprint;
};

#define ASK(...) (&(struct asked){__VA_ARGS__})

/** The result as JSON text, for plain comparisons; the exit code returned. */
int proof_verify(struct buf *json, const struct asked *q);
/** The exit code and what stands in the result. */
void proof_expect(int want, const char *text, const struct asked *q);
struct oid proof_rev(const char *where, const char *name);
const char *proof_short_id(const struct oid *id);
void proof_copy(const char *from, const char *to);

struct forgery {
	const char *who, *where;      /* keys, store */
	const char *handle;           /* author; NULL = who */
	struct oid parent[2];
	size_t nparents;
	struct oid tree;              /* to start from */
	struct git_update update[4];
	size_t nupdates;
	int64_t time;                 /* 0 = now */
};

/** A commit with a good signature and trail value, whatever it holds; main is moved to it. */
struct oid proof_forge(const struct forgery *f);
char *proof_record_path(const char *where, const char *rec);

#endif
