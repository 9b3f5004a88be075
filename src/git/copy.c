#include "git/lib.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

enum { BASES = 3 }; /* two parents and a given base */

struct copy {
	struct git *src, *dst;
	struct err *e;
	struct oidset seen;
	struct ids {
		size_t n, cap;
		struct oid *v;
	} blobs, rest; /* children before parents: a crash between leaves no parent without its children */
	lib_progress_fn progress;
	void *ctx;
};

/* A tree known to be whole, or nothing. */
struct known {
	struct entries v;
	struct buf raw;
};

static int
cancelled(struct copy *c, size_t done, size_t total)
{
	if (c->progress && c->progress(c->ctx, done, total))
		return err_set(c->e, ERR_CANCELLED, _("cancelled"));
	return 0;
}

/* An object that is absent makes the history damaged, not the question wrong. */
static int
incomplete(struct copy *c, int rc, struct err *inner)
{
	if (rc == ERR_NOTFOUND)
		rc = err_set(
		    c->e, ERR_DAMAGED, _("the history is incomplete: %s"), inner->item[0].text);
	else if (rc)
		err_append(c->e, inner);
	return rc;
}

static int
found(struct copy *c, const struct oid *id, enum git_type want)
{
	enum git_type type = want;
	struct err inner = {0};
	size_t n;
	int rc;

	rc = incomplete(c, git_size(c->src, &n, &type, id, &inner), &inner);
	if (rc)
		return rc;
	if (type != want || n > LIB_MAX_OBJECT)
		return err_set(
		    c->e, ERR_DAMAGED, _("the history holds an object of a wrong kind or size"));
	if (c->src != c->dst && !lib_has(c->dst, id, false)) {
		struct ids *to = want == GIT_BLOB ? &c->blobs : &c->rest;

		vec_grow(to);
		to->v[to->n++] = *id;
	}
	return 0;
}

/* The repository to read a base from. The source unless only the other is known to have it: where
 * neither seems to, its objects may just have been packed, and reading looks again. */
static struct git *
where(struct copy *c, const struct oid *id)
{
	return !lib_has(c->src, id, false) && lib_has(c->dst, id, false) ? c->dst : c->src;
}

static const struct entry *
same_name(const struct known *k, const struct entry *x)
{
	size_t lo = 0, hi = k->v.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int cmp = entry_cmp(&k->v.v[mid], x);

		if (cmp == 0)
			return &k->v.v[mid];
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Everything below `id` that does not stand at the same place in a tree known to be whole. That a
 * tree is present says nothing of what it names, so presence alone never ends the search. */
static int
visit_tree(
    struct copy *c, const struct oid *id, const struct oid *const *bases, size_t nbases, int depth)
{
	struct known base[BASES] = {{{0}, {0}}};
	struct entries v = {0};
	struct buf raw = {0};
	struct err inner = {0};
	int rc = 0;

	if (oidset_has(&c->seen, id))
		return 0;
	if (depth > LIB_MAX_DEPTH)
		return err_set(c->e, ERR_DAMAGED, _("a tree is nested too deeply"));
	rc = incomplete(c, tree_load(&v, &raw, c->src, id, &inner), &inner);
	for (size_t i = 0; !rc && i < nbases; i++) {
		struct git *at = where(c, bases[i]);

		rc = incomplete(
		    c, tree_load(&base[i].v, &base[i].raw, at, bases[i], &inner), &inner);
	}
	for (size_t i = 0; !rc && i < v.n; i++) {
		const struct entry *x = &v.v[i];
		const struct oid *below[BASES];
		size_t nbelow = 0;
		bool known = x->mode == MODE_LINK; /* names no object of this repository */

		for (size_t k = 0; !known && k < nbases; k++) {
			const struct entry *b = same_name(&base[k], x);

			known = b && oid_equal(&b->id, &x->id);
			if (b && x->mode == MODE_TREE)
				below[nbelow++] = &b->id;
		}
		if (known)
			continue;
		if (x->mode == MODE_TREE)
			rc = visit_tree(c, &x->id, below, nbelow, depth + 1);
		else if (oidset_add(&c->seen, &x->id))
			rc = found(c, &x->id, GIT_BLOB);
	}
	if (!rc && oidset_add(&c->seen, id))
		rc = found(c, id, GIT_TREE);
	free(v.v);
	buf_free(&raw);
	for (size_t i = 0; i < nbases; i++) {
		free(base[i].v.v);
		buf_free(&base[i].raw);
	}
	return rc;
}

static int
tree_of(struct copy *c, struct git *g, struct oid *tree, const struct oid *commit,
    struct oid parents[2], size_t *n)
{
	struct err inner = {0};

	return incomplete(c, git_commit_links(g, commit, tree, parents, n, &inner), &inner);
}

static int
visit_commit(struct copy *c, const struct oid *id, const struct oid *base)
{
	struct oid tree, trees[BASES], parents[2], unused[2];
	const struct oid *bases[BASES];
	size_t n, m, nbases = 0;
	int rc;

	rc = tree_of(c, c->src, &tree, id, parents, &n);
	for (size_t i = 0; !rc && i < n && i < 2; i++) {
		rc = tree_of(c, c->src, &trees[nbases], &parents[i], unused, &m);
		nbases++;
	}
	/* for what has no parent: the keys' ref is one commit that replaces another */
	if (!rc && base && n == 0) {
		rc = tree_of(c, where(c, base), &trees[nbases], base, unused, &m);
		nbases++;
	}
	for (size_t i = 0; i < nbases; i++)
		bases[i] = &trees[i];
	if (!rc)
		rc = visit_tree(c, &tree, bases, nbases, 0);
	return rc ? rc : found(c, id, GIT_COMMIT);
}

struct haves {
	size_t n, cap;
	struct oid *v;
	struct copy *c;
};

static int
add_have(void *ctx, const char *ref, const struct oid *id)
{
	struct haves *h = ctx;
	struct err inner = {0};
	enum git_type type;
	size_t n;

	(void)ref;
	if (!lib_has(h->c->src, id, false) || git_size(h->c->src, &n, &type, id, &inner) ||
	    type != GIT_COMMIT)
		return 0;
	vec_grow(h);
	h->v[h->n++] = *id;
	return 0;
}

/* Few objects are written loose (no pack per save: thousands of packs are slow), many as a pack. */
static int
write_missing(struct copy *c)
{
	struct pack_list list = {c->blobs.v, c->rest.v, c->blobs.n, c->rest.n};
	size_t n = c->blobs.n + c->rest.n;
	struct git_batch *b = NULL;
	struct buf raw = {0};
	int rc = 0;

	if (n > LIB_LOOSE_MAX)
		return pack_copy(c->dst, c->src, &list, c->progress, c->ctx, c->e);
	b = git_batch_new(c->dst);
	for (size_t i = 0; !rc && i < n; i++) {
		const struct oid *at = i < c->blobs.n ? &c->blobs.v[i] : &c->rest.v[i - c->blobs.n];
		enum git_type type;
		struct oid id;

		buf_reset(&raw);
		rc = git_read(c->src, &raw, &type, at, c->e);
		if (!rc)
			git_batch_add(b, &id, type, raw.p, raw.n);
		if (!rc)
			rc = cancelled(c, i + 1, n);
	}
	if (!rc)
		rc = git_batch_write(b, c->e);
	git_batch_free(b);
	buf_free(&raw);
	return rc;
}

int
copy_closure(struct git *src, struct git *dst, const struct oid *tip, const struct oid *base,
    lib_progress_fn progress, void *ctx, struct err *e)
{
	struct copy c = {.src = src, .dst = dst, .e = e, .progress = progress, .ctx = ctx};
	struct haves haves = {.c = &c};
	const struct oid **hide = NULL;
	struct oid *commits = NULL;
	struct err inner = {0};
	size_t n = 0;
	int rc = 0;

	/* new packs once, here; then misses are cheap */
	if (git_odb_refresh(src->odb) < 0 || git_odb_refresh(dst->odb) < 0)
		return lib_fail(e, ERR_IO, _("cannot read the repository"));
	rc = git_ref_each(dst, "", add_have, &haves, e);
	if (rc)
		goto done;
	hide = xcalloc(haves.n + 1, sizeof *hide);
	for (size_t i = 0; i < haves.n; i++)
		hide[i] = &haves.v[i];
	rc = incomplete(&c, git_walk(src, &commits, &n, tip, hide, haves.n, &inner), &inner);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = visit_commit(&c, &commits[i], base);
		if (!rc && i % 64 == 0)
			rc = cancelled(&c, 0, 0);
	}
	if (!rc && (c.blobs.n || c.rest.n))
		rc = write_missing(&c);
done:
	free(hide);
	free(commits);
	free(haves.v);
	free(c.blobs.v);
	free(c.rest.v);
	oidset_free(&c.seen);
	return rc;
}
