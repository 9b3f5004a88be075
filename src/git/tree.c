#include "git/lib.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

/* Code points that HFS+ leaves out when it compares names, in UTF-8. */
static size_t
hfs_ignored(const unsigned char *s, size_t n)
{
	if (n < 3)
		return 0;
	if (s[0] == 0xe2 && s[1] == 0x80 &&
	    ((s[2] >= 0x8c && s[2] <= 0x8f) || (s[2] >= 0xaa && s[2] <= 0xae)))
		return 3;
	if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xaa && s[2] <= 0xaf)
		return 3;
	if (s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf)
		return 3;
	return 0;
}

/* Does s begin with `what` (lower case) once case and ignored code points are dropped, and then
 * only what a file system drops or takes for a stream: dots, spaces, or ':' and anything? */
static bool
spells(const char *name, size_t n, const char *what)
{
	const unsigned char *s = (const unsigned char *)name;
	size_t i = 0, skip;

	for (; *what; what++, i++) {
		while ((skip = hfs_ignored(s + i, n - i)) > 0)
			i += skip;
		if (i >= n || tolower(s[i]) != *what)
			return false;
	}
	for (; i < n; i++) {
		skip = hfs_ignored(s + i, n - i);
		if (skip)
			i += skip - 1;
		else if (s[i] == ':' || s[i] == '\\')
			return true;
		else if (s[i] != '.' && s[i] != ' ')
			return false;
	}
	return true;
}

bool
entry_name_ok(const char *s, size_t n)
{
	if (n == 0 || n > LIB_NAME_MAX)
		return false;
	if ((n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
		return false;
	/* to Windows a backslash parts a path: what follows it could be a .git of its own */
	for (size_t i = 0; i < n; i++)
		if (s[i] == '/' || s[i] == '\0' || s[i] == '\\')
			return false;
	/* each begins with one of these, or with a code point that is left out */
	if (s[0] != '.' && s[0] != 'g' && s[0] != 'G' && !((unsigned char)s[0] & 0x80))
		return true;
	return !spells(s, n, ".git") && !spells(s, n, "git~1");
}

int
entry_cmp(const struct entry *a, const struct entry *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->name, b->name, n);
	unsigned char ca, cb;

	if (c)
		return c;
	ca = a->len > n ? (unsigned char)a->name[n] : a->mode == MODE_TREE ? '/' : '\0';
	cb = b->len > n ? (unsigned char)b->name[n] : b->mode == MODE_TREE ? '/' : '\0';
	return ca - cb;
}

static const char *
parse_mode(unsigned *mode, const char *p, const char *end)
{
	unsigned m = 0;
	int digits = 0;

	/* git writes no leading zero; two spellings would be two ids of one tree */
	if (p == end || *p == '0')
		return NULL;
	for (; p < end && *p >= '0' && *p <= '7' && digits < 6; p++, digits++)
		m = m * 8 + (unsigned)(*p - '0');
	if (p == end || *p != ' ' || digits == 0)
		return NULL;
	*mode = m;
	return p + 1;
}

static const char *
parse_entry(struct entry *out, const char *p, const char *end)
{
	const char *nul;

	p = parse_mode(&out->mode, p, end);
	if (!p)
		return NULL;
	nul = memchr(p, '\0', (size_t)(end - p));
	if (!nul || (size_t)(end - nul) < 1 + sizeof out->id.b)
		return NULL;
	out->name = p;
	out->len = (size_t)(nul - p);
	memcpy(out->id.b, nul + 1, sizeof out->id.b);
	return nul + 1 + sizeof out->id.b;
}

int
entries_parse(struct entries *out, const void *raw, size_t n, struct err *e)
{
	const char *p = raw, *end = p + n;
	struct entries v = {0}, open = {0};
	int rc = 0;

	while (!rc && p < end) {
		struct entry x;

		p = parse_entry(&x, p, end);
		if (!p) {
			rc = err_set(e, ERR_DAMAGED, _("a tree cannot be parsed"));
			break;
		}
		if (!entry_name_ok(x.name, x.len))
			rc = err_set(e, ERR_DAMAGED, _("a tree has a forbidden file name"));
		else if (oid_zero(&x.id))
			rc = err_set(e, ERR_DAMAGED, _("a tree names an object without an id"));
		else if (v.n && entry_cmp(&v.v[v.n - 1], &x) >= 0)
			rc = err_set(
			    e, ERR_DAMAGED, _("a tree is not sorted or names a file twice"));
		if (rc)
			break;
		/* A file `a` and a folder `a` do not stand side by side: `a`, `a-b`, `a/`. `open`
		 * holds the files whose names the current one begins with. */
		while (open.n &&
		    (open.v[open.n - 1].len > x.len ||
			memcmp(open.v[open.n - 1].name, x.name, open.v[open.n - 1].len) != 0))
			open.n--;
		if (open.n && open.v[open.n - 1].len == x.len) {
			rc = err_set(
			    e, ERR_DAMAGED, _("a tree is not sorted or names a file twice"));
			break;
		}
		if (x.mode != MODE_TREE) {
			vec_grow(&open);
			open.v[open.n++] = x;
		}
		vec_grow(&v);
		v.v[v.n++] = x;
	}
	free(open.v);
	if (rc)
		free(v.v);
	else
		*out = v;
	return rc;
}

int
git_tree_each(const void *raw, size_t n, git_tree_fn each, void *ctx, struct err *e)
{
	struct entries v = {0};
	int rc = entries_parse(&v, raw, n, e);

	for (size_t i = 0; !rc && i < v.n; i++)
		rc = each(ctx, v.v[i].name, v.v[i].mode, &v.v[i].id);
	free(v.v);
	return rc;
}

int
tree_load(struct entries *out, struct buf *raw, struct git *g, const struct oid *id, struct err *e)
{
	enum git_type type;
	int rc = git_read(g, raw, &type, id, e);

	if (rc)
		return rc;
	if (type != GIT_TREE)
		return err_set(e, ERR_DAMAGED, _("a folder's object is not a tree"));
	return entries_parse(out, raw->p, raw->n, e);
}

int
git_tree_find(struct git *g, struct oid *id, unsigned *mode, const struct oid *tree,
    const char *path, struct err *e)
{
	struct oid at = *tree;
	unsigned m = MODE_TREE;
	int rc = 0;

	while (*path) {
		size_t n = strcspn(path, "/"), i;
		struct entries v = {0};
		struct buf raw = {0};
		struct err inner;

		err_clear(&inner); /* not zeroed whole: 14 KiB, for each folder of a path */
		if (m != MODE_TREE)
			return err_set(e, ERR_NOTFOUND, _("there is no such path"));
		/* no absence: the folder is there, and the disk lost it */
		rc = tree_load(&v, &raw, g, &at, &inner);
		if (rc == ERR_NOTFOUND)
			rc = err_set(e, ERR_DAMAGED, "%s", inner.item[0].text);
		else
			err_append(e, &inner);
		for (i = 0; !rc && i < v.n; i++)
			if (v.v[i].len == n && memcmp(v.v[i].name, path, n) == 0)
				break;
		if (!rc && i == v.n)
			rc = err_set(e, ERR_NOTFOUND, _("there is no such path"));
		if (!rc) {
			at = v.v[i].id;
			m = v.v[i].mode;
		}
		free(v.v);
		buf_free(&raw);
		if (rc)
			return rc;
		path += n + (path[n] == '/');
		/* "a/" of a file a, or "a//b" */
		if (path[-1] == '/' && (*path == '/' || *path == '\0'))
			return err_set(e, ERR_NOTFOUND, _("there is no such path"));
	}
	*id = at;
	if (mode)
		*mode = m;
	return 0;
}
