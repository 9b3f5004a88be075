/* Reading what one commit states, and making the next one. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "crypt/ssh.h"
#include "trail/verify.h"

int
trail_load(const struct objects *o, struct buf *raw, struct commit *c, uint8_t sha256[32],
    const struct oid *id, struct err *e)
{
	struct commit parsed;
	int rc = 0;

	raw->n = 0; /* public bytes: nothing to wipe */
	rc = objects_read(o, raw, GIT_COMMIT, id, NULL, e);
	if (!rc)
		rc = commit_parse(&parsed, raw->p, raw->n, e);
	if (rc)
		return rc;
	*c = parsed;
	hash_sha256(sha256, raw->p, raw->n);
	return 0;
}

int
trail_stated(struct git *g, uint8_t trail[32], uint8_t raw_sha256[32], const struct oid *id,
    struct err *e)
{
	struct objects o = objects_of_git(g);
	struct buf raw = {0};
	struct commit c;
	uint8_t sha[32];
	int rc = trail_load(&o, &raw, &c, sha, id, e);

	if (!rc) {
		memcpy(trail, c.trail, sizeof c.trail);
		memcpy(raw_sha256, sha, sizeof sha);
	}
	buf_free(&raw);
	return rc;
}

int
trail_sign(struct oid *out, struct git_batch *b, struct tree256 *t256, struct commit *c,
    const uint8_t *sign_sk, struct err *e)
{
	struct objects o = objects_of_batch(b);
	struct buf bare = {0}, armor = {0}, raw = {0};
	uint8_t trail[2][32], sha[2][32], tree[32];
	struct commit next = *c, made = {0};
	int rc = 0;

	for (size_t i = 0; i < c->nparents && !rc; i++) {
		struct commit parent;

		rc = trail_load(&o, &raw, &parent, sha[i], &c->parent[i], e);
		if (!rc)
			memcpy(trail[i], parent.trail, sizeof trail[i]);
	}
	if (!rc)
		rc = tree256_of(t256, tree, &o, &c->tree, e);
	if (rc)
		goto done;
	commit_trail(next.trail, c->nparents, (const uint8_t(*)[32])trail,
	    (const uint8_t(*)[32])sha, tree);
	commit_format(&bare, &next);
	sshsig_sign(&armor, sign_sk, "git", bare.p, bare.n);
	raw.n = 0;
	commit_add_signature(&raw, bare.p, bare.n, buf_str(&armor));
	/* what others would refuse must not be made: a verb or handle out of form stops here */
	rc = commit_parse(&made, raw.p, raw.n, e);
	if (rc)
		goto done;
	*c = made;
	git_batch_add(b, out, GIT_COMMIT, raw.p, raw.n);
done:
	buf_free(&bare);
	buf_free(&armor);
	buf_free(&raw);
	return rc;
}
