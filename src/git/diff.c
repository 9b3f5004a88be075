#include "git/lib.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

struct job {
	struct git *g;
	git_diff_fn each;
	void *ctx;
	struct err *e;
	struct buf path;
};

static int diff_trees(struct job *j, const struct oid *a, const struct oid *b, int depth);

/* One name that stands in a, b or both with the same kind. */
static int
diff_entry(struct job *j, const struct entry *a, const struct entry *b, int depth)
{
	const struct entry *x = a ? a : b;
	size_t start = j->path.n;
	int rc;

	if (a && b && a->mode == b->mode && oid_equal(&a->id, &b->id))
		return 0;
	/* NOLINTNEXTLINE(clang-analyzer-core.*): one of a and b is there */
	buf_add(&j->path, x->name, x->len);
	if (x->mode == MODE_TREE) {
		buf_putc(&j->path, '/');
		rc = diff_trees(j, a ? &a->id : NULL, b ? &b->id : NULL, depth + 1);
	} else {
		rc = j->each(j->ctx, j->path.p, a ? &a->id : NULL, a ? a->mode : 0,
		    b ? &b->id : NULL, b ? b->mode : 0);
	}
	j->path.n = start;
	j->path.p[start] = '\0';
	return rc;
}

static int
diff_trees(struct job *j, const struct oid *a, const struct oid *b, int depth)
{
	struct entries va = {0}, vb = {0};
	struct buf ra = {0}, rb = {0};
	size_t x = 0, y = 0;
	int rc = 0;

	if (depth > LIB_MAX_DEPTH)
		return err_set(j->e, ERR_DAMAGED, _("a tree is nested too deeply"));
	if (a)
		rc = tree_load(&va, &ra, j->g, a, j->e);
	if (!rc && b)
		rc = tree_load(&vb, &rb, j->g, b, j->e);
	/* Git makes no empty folders; a tower of them could keep us busy for ever with no file to
	 * object to. */
	if (!rc && depth > 0 && ((a && !va.n) || (b && !vb.n)))
		rc = err_set(j->e, ERR_DAMAGED, _("a tree has an empty folder"));
	while (!rc && (x < va.n || y < vb.n)) {
		int c = x == va.n ? 1 : y == vb.n ? -1 : entry_cmp(&va.v[x], &vb.v[y]);

		rc = diff_entry(j, c <= 0 ? &va.v[x] : NULL, c >= 0 ? &vb.v[y] : NULL, depth);
		x += c <= 0;
		y += c >= 0;
	}
	free(va.v);
	free(vb.v);
	buf_free(&ra);
	buf_free(&rb);
	return rc;
}

int
git_diff(struct git *g, const struct oid *a, const struct oid *b, git_diff_fn each, void *ctx,
    struct err *e)
{
	struct job j = {.g = g, .each = each, .ctx = ctx, .e = e};
	int rc = 0;

	if (!a || !b || !oid_equal(a, b))
		rc = diff_trees(&j, a, b, 0);
	buf_free(&j.path);
	return rc;
}
