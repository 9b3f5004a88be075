/* The key files that main names, put together again: for doctor. */
#include "sync/mend_keys.h"

#include <stdlib.h>
#include <string.h>

#include "sync/private.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "git/purge.h"
#include "vault/erase.h"

/* A key file by its content: where it lies. */
struct known {
	uint8_t file[32];
	struct oid blob;
};

struct mend {
	struct vault *v;
	struct git *g;
	struct git *const *sources;
	size_t nsources;
	struct {
		size_t n, cap;
		struct known *v;
	} known; /* blobs of the key repository, whatever names them; sorted */
	bool searched, have;
	struct oid commit, tree; /* refs/akt/keys, where it can be used */
	struct {
		size_t n, cap;
		struct git_update *v;
	} add;
	struct git_batch *batch;
	struct mend_keys *out;
	struct err *e;
};

static int
note_blob(void *ctx, const struct oid *id)
{
	struct mend *m = ctx;
	struct buf raw = {0};
	struct known k = {.blob = *id};

	if (git_read(m->g, &raw, NULL, id, NULL) == 0) {
		hash_sha256(k.file, buf_str(&raw), raw.n);
		vec_grow(&m->known);
		m->known.v[m->known.n++] = k;
	}
	buf_free(&raw);
	return 0;
}

static int
by_file(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* Blobs that lost their trees. */
static const struct oid *
search(struct mend *m, const uint8_t file[32])
{
	const struct known *hit;

	if (!m->searched) {
		m->searched = true;
		git_each_object(m->g, GIT_BLOB, note_blob, m, NULL);
		if (m->known.n)
			qsort(m->known.v, m->known.n, sizeof *m->known.v, by_file);
	}
	hit = m->known.n ? bsearch(file, m->known.v, m->known.n, sizeof *m->known.v, by_file) : NULL;
	return hit ? &hit->blob : NULL;
}

/* The file at `path` of a repository's refs/akt/keys, of the content that names it. */
static bool
read_named(struct buf *out, struct git *g, const char *path, const uint8_t file[32])
{
	struct oid commit, tree, parents[2], blob;
	enum git_type type;
	uint8_t is[32];
	unsigned mode;
	size_t n;

	buf_reset(out);
	if (git_ref_get(g, &commit, VAULT_KEYS, NULL) ||
	    git_commit_links(g, &commit, &tree, parents, &n, NULL) ||
	    git_tree_find(g, &blob, &mode, &tree, path, NULL) ||
	    git_read(g, out, &type, &blob, NULL) || type != GIT_BLOB)
		return false;
	hash_sha256(is, buf_str(out), out->n);
	return memcmp(is, file, 32) == 0;
}

static void
add(struct mend *m, const char *path, const struct oid *blob)
{
	vec_grow(&m->add);
	m->add.v[m->add.n++] = (struct git_update){xstrdup(path), memcpy(xmalloc(sizeof *blob), blob, sizeof *blob)};
}

static void
one_key(struct mend *m, const struct dossier *d, const uint8_t file[32])
{
	char hex[65], *path;
	struct buf raw = {0};
	const struct oid *blob;
	struct oid id;

	hash_hex(hex, file, 32);
	path = xasprintf("%c/%c/%s/%s.age", d->id[0], d->id[1], d->id, hex);
	if (m->have && read_named(&raw, m->g, path, file))
		goto done;
	m->out->damaged++;
	blob = search(m, file);
	for (size_t i = 0; !blob && i < m->nsources; i++)
		if (read_named(&raw, m->sources[i], path, file)) {
			git_batch_add(m->batch, &id, GIT_BLOB, raw.p, raw.n);
			blob = &id;
		}
	if (blob)
		add(m, path, blob);
	else
		m->out->missing++;
done:
	buf_free(&raw);
	free(path);
}

static int
one_dossier(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct mend *m = ctx;
	const struct state *s = vault_state(m->v);
	const struct dossier *d;
	struct storepath p;

	(void)old, (void)old_mode, (void)mode;
	if (!id || storepath_parse(&p, path) != PATH_DOSSIER || erase_done(s, p.dossier) ||
	    state_dossier(s, &d, p.dossier, NULL))
		return 0;
	for (size_t i = 0; i < d->nkeys; i++)
		one_key(m, d, d->keys[i].file);
	return 0;
}

/* The tree of refs/akt/keys, if all its folders can be read. */
static int
seen_key(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	(void)ctx, (void)path, (void)old, (void)old_mode, (void)id, (void)mode;
	return 0;
}

static int
put_together(struct mend *m)
{
	struct oid commit;
	bool was = git_ref_get(m->g, &m->commit, VAULT_KEYS, NULL) == 0;
	int rc = 0;

	m->have = was && sync_keys_tree(m->g, &m->commit, &m->tree, NULL) == 0 &&
	    git_diff(m->g, NULL, &m->tree, seen_key, NULL, NULL) == 0;
	rc = git_diff(vault_git(m->v), NULL, vault_tree(m->v), one_dossier, m, m->e);
	if (rc || !m->out->mend || (!m->add.n && (m->have || !was)))
		return rc;
	rc = git_batch_write(m->batch, m->e);
	if (!rc)
		rc = sync_keys_write(m->g, &commit, m->have ? &m->tree : NULL, m->add.v, m->add.n, m->e);
	if (!rc && !(was && oid_equal(&commit, &m->commit)))
		rc = git_ref_set(m->g, VAULT_KEYS, &commit, was ? &m->commit : NULL, m->e);
	return rc;
}

int
sync_mend_keys(struct mend_keys *out, struct vault *v, struct git *const *sources, size_t n,
    struct err *e)
{
	struct mend m = {.v = v, .g = vault_keys_git(v), .sources = sources, .nsources = n, .out = out,
	    .e = e};
	int rc;

	m.batch = git_batch_new(m.g);
	rc = put_together(&m);
	for (size_t i = 0; i < m.add.n; i++) {
		free((char *)m.add.v[i].path);
		free((struct oid *)m.add.v[i].id);
	}
	free(m.add.v);
	free(m.known.v);
	git_batch_free(m.batch);
	return rc;
}
