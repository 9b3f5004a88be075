#include "trail/side.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypt/ssh.h"
#include "trail/seen.h"
#include "trail/verify.h"

static int
tree_of(struct oid *tree, struct git *g, const struct seen_index *seen, const struct oid *id,
    struct err *e)
{
	const struct seen *s = seen ? seen_find(seen, id) : NULL;
	struct oid parents[2];
	size_t n = 0;

	if (!s || !s->known)
		return git_commit_links(g, id, tree, parents, &n, e);
	*tree = s->tree;
	return 0;
}

int
side_signer(uint8_t pk[32], const struct buf *raw, const struct commit *c, struct err *e)
{
	struct buf payload = {0}, armor = {0};
	int rc;

	commit_payload(&payload, raw->p, raw->n, c);
	commit_signature(&armor, raw->p, c);
	rc = sshsig_verify(pk, armor.p, armor.n, "git", payload.p, payload.n, e);
	buf_free(&payload);
	buf_free(&armor);
	return rc;
}

static int
read_one(struct policy_side *out, struct git *g, const struct seen_index *seen,
    const struct oid *id, struct buf *raw, struct err *e)
{
	const struct seen *s = seen ? seen_find(seen, id) : NULL;
	struct objects o = objects_of_git(g);
	struct policy_side side = {.id = *id};
	struct commit c;
	uint8_t sha[32];
	int rc = trail_load(&o, raw, &c, sha, id, e);

	for (size_t i = 0; !rc && i < c.nparents; i++) {
		side.parent[i] = c.parent[i];
		rc = tree_of(&side.parent_tree[i], g, seen, &c.parent[i], e);
	}
	if (rc)
		return rc;
	side.tree = c.tree;
	side.nparents = c.nparents;
	side.time = c.time;
	side.admit = strcmp(c.verb, "admit") == 0;
	if (s && s->has_signer)
		memcpy(side.signer, s->signer, sizeof side.signer);
	else
		rc = side_signer(side.signer, raw, &c, e);
	if (!rc)
		*out = side;
	return rc;
}

int
side_read(struct policy_side **out, size_t *n, struct git *g, const struct seen_index *seen,
    const struct oid *tip, const struct oid *other, struct err *e)
{
	struct policy_side *side = NULL;
	struct oid *ids = NULL;
	struct buf raw = {0};
	size_t count = 0;
	int rc = git_walk(g, &ids, &count, tip, &other, 1, e);

	if (rc)
		return rc;
	side = xcalloc(count ? count : 1, sizeof *side);
	for (size_t i = 0; i < count && !rc; i++)
		rc = read_one(&side[i], g, seen, &ids[i], &raw, e);
	if (!rc) {
		*out = side;
		*n = count;
		side = NULL;
	}
	free(side);
	free(ids);
	buf_free(&raw);
	return rc;
}
