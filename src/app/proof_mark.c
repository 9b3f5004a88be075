/* How far this device has verified the trail. */
#include "app/proof.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"
#include "git/repo.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { MARK_MAX = 4096, WORTH = 2000 };

size_t
proof_mark_worth(size_t n)
{
	static size_t worth = WORTH;

	if (n)
		worth = n;
	return worth;
}

/* All but the signature; these are the bytes that are signed. The first key tells it from the
 * other notes that this key signs. */
static struct node *
note(struct arena *a, const struct proof_mark *m)
{
	struct node *n = node_map(a);
	char hex[65];

	oid_format(hex, &m->trail.commit);
	node_set(a, n, "verified", node_str(a, hex));
	hash_hex(hex, m->trail.sha256, 32);
	node_set(a, n, "sha256", node_str(a, hex));
	hash_hex(hex, m->trail.trail, 32);
	node_set(a, n, "trail", node_str(a, hex));
	node_set(a, n, "commits", node_int(a, (int64_t)m->trail.commits));
	hash_hex(hex, m->fingerprint, 32);
	node_set(a, n, "fingerprint", node_str(a, hex));
	node_set(a, n, "policy", node_int(a, POLICY_VERSION));
	return n;
}

static bool
read_hex(uint8_t *out, size_t n, const struct node *doc, const char *key)
{
	const struct node *v = node_get(doc, key);

	/* a row of digits alone reads as a number */
	return v && v->kind != NODE_MAP && v->kind != NODE_SEQ && v->text &&
	    hash_unhex(out, n, v->text);
}

bool
proof_mark_read(struct proof_mark *out, const char *path, const struct identity *id)
{
	struct arena *a = arena_new();
	struct buf text = {0}, bare = {0};
	struct node *doc = NULL;
	struct proof_mark m = {0};
	const struct node *commits;
	const char *signature;
	struct err e = {0};
	uint8_t pk[32];
	bool good = false;

	if (os_read_file(&text, path, MARK_MAX, &e) ||
	    yaml_parse(&doc, a, buf_str(&text), text.n, path, YAML_STORED, &e))
		goto done;
	commits = node_get(doc, "commits");
	signature = node_get_str(doc, "signature");
	if (!read_hex(m.trail.commit.b, sizeof m.trail.commit.b, doc, "verified") ||
	    !read_hex(m.trail.sha256, 32, doc, "sha256") ||
	    !read_hex(m.trail.trail, 32, doc, "trail") ||
	    !read_hex(m.fingerprint, 32, doc, "fingerprint") ||
	    !commits || commits->kind != NODE_INT || commits->i < 1 || !signature)
		goto done;
	m.trail.commits = (uint64_t)commits->i;
	/* what was signed is made again from what was read, this program's policy included */
	yaml_emit(&bare, note(a, &m));
	good = sshsig_verify(pk, signature, strlen(signature), "akt", buf_str(&bare), bare.n, &e) == 0 &&
	    memcmp(pk, id->sign_pk, sizeof pk) == 0;
	if (good)
		*out = m;
done:
	buf_free(&text);
	buf_free(&bare);
	arena_free(a);
	return good;
}

void
proof_mark_write(const char *path, const struct proof_mark *m, const struct identity *id)
{
	struct arena *a = arena_new();
	struct node *n = note(a, m);
	struct buf bare = {0}, armor = {0}, text = {0};
	struct err e = {0};

	yaml_emit(&bare, n);
	sshsig_sign(&armor, id->sign_sk, "akt", buf_str(&bare), bare.n);
	node_set(a, n, "signature", node_strn(a, buf_str(&armor), armor.n));
	yaml_emit(&text, n);
	os_write_file(path, buf_str(&text), text.n, 0600, &e);
	buf_free(&bare);
	buf_free(&armor);
	buf_free(&text);
	arena_free(a);
}
