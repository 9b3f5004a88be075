#include "git/lib.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

/* What happens below one folder: updates u[0..n), whose paths begin with the folder's (at bytes).
 */
struct job {
	struct git_batch *b;
	struct err *e;
};

/* Paths compared part by part, so that all of one folder stand together and after a file of
 * its name: the end sorts before '/', and '/' before all else. */
static int
path_cmp(const void *x, const void *y)
{
	const unsigned char *a = (const unsigned char *)((const struct git_update *)x)->path;
	const unsigned char *b = (const unsigned char *)((const struct git_update *)y)->path;

	while (*a && *a == *b)
		a++, b++;
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return *a < *b ? -1 : 1;
}

static int
name_cmp(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->name, b->name, n);

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static int
git_cmp(const void *x, const void *y)
{
	return entry_cmp(x, y);
}

static int
check_paths(const struct git_update *u, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *p = u[i].path;
		int depth = 0;

		for (;; depth++) {
			size_t len = strcspn(p, "/");

			if (!entry_name_ok(p, len) || depth == LIB_MAX_DEPTH)
				return err_set(
				    e, ERR_INVALID, _("not a path that a store can hold"));
			if (!p[len])
				break;
			p += len + 1;
		}
		if (i > 0 && path_cmp(&u[i - 1], &u[i]) == 0)
			return err_set(e, ERR_INVALID, _("one path is changed twice in a save"));
	}
	return 0;
}

static int update_folder(struct job *j, struct oid *out, bool *empty, const struct oid *base,
    const struct git_update *u, size_t n, size_t at);

/* The entry `now` (mode 0 = none) after its updates; n of them share its name of `len` bytes. */
static int
update_name(struct job *j, struct entry *now, const struct git_update *u, size_t n, size_t at)
{
	const struct oid *leaf = NULL;
	struct oid sub;
	bool empty, removed = false;
	int rc;

	if (u->path[at + now->len] == '\0') { /* the name itself: it sorts first */
		leaf = u->id;
		removed = !u->id;
		u++;
		n--;
		if (removed)
			now->mode = 0;
	}
	if (n) {
		bool adds = false;

		for (size_t i = 0; i < n; i++)
			adds |= u[i].id != NULL;
		if (now->mode == MODE_TREE || adds) {
			if (now->mode && now->mode != MODE_TREE)
				return err_set(
				    j->e, ERR_INVALID, _("a file stands where a folder is needed"));
			rc = update_folder(
			    j, &sub, &empty, now->mode ? &now->id : NULL, u, n, at + now->len + 1);
			if (rc)
				return rc;
			now->mode = empty ? 0 : MODE_TREE;
			if (!empty)
				now->id = sub;
		}
	}
	if (leaf) {
		/* replacing a folder by a file would drop all its files unsaid */
		if (now->mode == MODE_TREE)
			return err_set(
			    j->e, ERR_INVALID, _("a folder stands where a file is needed"));
		now->mode = MODE_BLOB;
		now->id = *leaf;
	}
	return 0;
}

static int
load(struct job *j, struct entries *v, struct buf *raw, const struct oid *id)
{
	enum git_type type;
	int rc = git_batch_read(j->b, raw, &type, id, j->e);

	if (rc)
		return rc;
	if (type != GIT_TREE)
		return err_set(j->e, ERR_DAMAGED, _("a folder's object is not a tree"));
	return entries_parse(v, raw->p, raw->n, j->e);
}

static void
store(struct job *j, struct oid *out, struct entries *v)
{
	struct buf raw = {0};

	if (v->n)
		qsort(v->v, v->n, sizeof *v->v, git_cmp);
	for (size_t i = 0; i < v->n; i++) {
		buf_printf(&raw, "%o ", v->v[i].mode);
		buf_add(&raw, v->v[i].name, v->v[i].len);
		buf_putc(&raw, '\0');
		buf_add(&raw, v->v[i].id.b, sizeof v->v[i].id.b);
	}
	git_batch_add(j->b, out, GIT_TREE, buf_str(&raw), raw.n);
	buf_free(&raw);
}

static int
update_folder(struct job *j, struct oid *out, bool *empty, const struct oid *base,
    const struct git_update *u, size_t n, size_t at)
{
	struct entries old = {0}, now = {0};
	struct buf raw = {0};
	size_t i = 0;
	int rc = 0;

	if (base)
		rc = load(j, &old, &raw, base);
	if (rc)
		goto done;
	if (old.n)
		qsort(old.v, old.n, sizeof *old.v, name_cmp);
	while (i < old.n || n) {
		struct entry x = {0};
		size_t same = 0;
		int c;

		if (n) {
			x.name = u->path + at;
			x.len = strcspn(x.name, "/");
		}
		c = i == old.n ? 1 : n == 0 ? -1 : name_cmp(&old.v[i], &x);
		if (c <= 0)
			x = old.v[i++];
		if (c >= 0) {
			while (same < n && strncmp(u[same].path + at, x.name, x.len) == 0 &&
			    (u[same].path[at + x.len] == '/' || u[same].path[at + x.len] == '\0'))
				same++;
			rc = update_name(j, &x, u, same, at);
			if (rc)
				goto done;
			u += same;
			n -= same;
		}
		if (x.mode) {
			vec_grow(&now);
			now.v[now.n++] = x;
		}
	}
	*empty = now.n == 0;
	store(j, out, &now);
done:
	free(old.v);
	free(now.v);
	buf_free(&raw);
	return rc;
}

int
git_tree_update(struct git_batch *b, struct oid *out, const struct oid *base,
    const struct git_update *u, size_t n, struct err *e)
{
	struct git_update *sorted = xcalloc(n + 1, sizeof *sorted);
	struct job j = {b, e};
	struct oid id;
	bool empty;
	int rc;

	if (n)
		memcpy(sorted, u, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, path_cmp);
	rc = check_paths(sorted, n, e);
	for (size_t i = 0; !rc && i < n; i++) {
		const struct object *o = sorted[i].id ? batch_find(b, sorted[i].id) : NULL;
		enum git_type type = o ? o->type : GIT_TREE;
		size_t size;
		int refused;

		if (!sorted[i].id)
			continue;
		/* the second look is for one that was packed a moment ago */
		if (!o && (lib_has(batch_repo(b), sorted[i].id, false) ||
			      lib_has(batch_repo(b), sorted[i].id, true)))
			rc = git_size(batch_repo(b), &size, &type, sorted[i].id, e);
		else if (!o && (refused = disk_refused_object(batch_repo(b), sorted[i].id)))
			rc = err_os(e, ERR_IO, refused, _("cannot read %s"), disk_refused_path());
		if (!rc && type != GIT_BLOB)
			rc = err_set(
			    e, ERR_NOTFOUND, _("a new tree names a file that is not stored"));
	}
	if (!rc)
		rc = update_folder(&j, &id, &empty, base, sorted, n, 0);
	if (!rc)
		*out = id;
	free(sorted);
	return rc;
}
