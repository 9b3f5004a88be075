#include "trail/objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

enum {
	CACHE_SLOTS = 2048,
	CACHE_OBJECT_MAX = 32 * 1024, /* larger ones are rarely asked for twice */
	CACHE_MAX = 4 * 1024 * 1024,  /* bytes of all: what one save touches is far less */
	MODE_FILE = 0100644,
	MODE_FOLDER = 040000,
};

static int
read_git(void *ctx, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	return git_read(ctx, out, type, id, e);
}

struct objects
objects_of_git(struct git *g)
{
	return (struct objects){read_git, g};
}

static int
read_batch(void *ctx, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	return git_batch_read(ctx, out, type, id, e);
}

struct objects
objects_of_batch(struct git_batch *b)
{
	return (struct objects){read_batch, b};
}

/* --- the cache ------------------------------------------------------------------------ */

struct slot {
	struct oid id;
	enum git_type type;
	size_t n, cap;
	char *p; /* NULL: free */
};

struct objects_cache {
	struct objects under;
	bool failed;
	size_t held; /* bytes in all slots */
	struct slot slot[CACHE_SLOTS];
};

struct objects_cache *
objects_cache_new(const struct objects *under)
{
	struct objects_cache *c = xcalloc(1, sizeof *c);

	c->under = *under;
	return c;
}

static void
forget(struct objects_cache *c)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		xfree(c->slot[i].p);
	c->held = 0;
}

void
objects_cache_free(struct objects_cache *c)
{
	if (!c)
		return;
	forget(c);
	free(c);
}

static int
read_cache(void *ctx, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	struct objects_cache *c = ctx;
	struct slot *s = &c->slot[(id->b[0] | id->b[1] << 8) % CACHE_SLOTS];
	size_t at = out->n;
	int rc = 0;

	if (s->p && oid_equal(&s->id, id)) {
		buf_add(out, s->p, s->n);
		*type = s->type;
		return 0;
	}
	rc = c->under.read(c->under.ctx, out, type, id, e);
	if (rc) {
		c->failed = true;
		return rc;
	}
	/* a commit is read once */
	if (*type == GIT_COMMIT || out->n - at > CACHE_OBJECT_MAX)
		return 0;
	s->n = out->n - at;
	if (!s->p || s->cap < s->n) {
		/* one large commit goes by once; what many commits share is soon here again */
		if (c->held > CACHE_MAX)
			forget(c);
		c->held -= s->p ? s->cap : 0;
		free(s->p);
		s->cap = s->n + 64;
		s->p = xmalloc(s->cap);
		c->held += s->cap;
	}
	if (s->n)
		memcpy(s->p, out->p + at, s->n);
	s->id = *id;
	s->type = *type;
	return 0;
}

struct objects
objects_of_cache(struct objects_cache *c)
{
	return (struct objects){read_cache, c};
}

bool
objects_cache_failed(struct objects_cache *c)
{
	bool failed = c->failed;

	c->failed = false;
	return failed;
}

/* --- reading -------------------------------------------------------------------------- */

static int
damaged(struct err *e, const char *path, const char *text)
{
	return err_at(e, ERR_DAMAGED, NULL, 0, 0, path, "%s", text);
}

int
objects_read(const struct objects *o, struct buf *out, enum git_type type, const struct oid *id,
    const char *path, struct err *e)
{
	enum git_type found = type;
	size_t at = out->n;
	struct err inner;
	int rc = 0;

	err_clear(&inner); /* not zeroed whole: 14 KiB, at every object of a walk */
	rc = o->read(o->ctx, out, &found, id, &inner);
	/* "not found" would read as "the tree has no such file", which is an innocent answer */
	if (rc == ERR_NOTFOUND)
		return damaged(e, path, _("an object that the history needs is missing; akt doctor fetches it again"));
	if (rc == ERR_DAMAGED)
		return damaged(e, path,
		    _("an object of the history is damaged (akt doctor fetches it again): its contents do not "
			"fit its id"));
	if (rc) {
		if (e)
			err_append(e, &inner);
		return rc;
	}
	if (found != type) {
		out->n = at;
		return damaged(e, path, _("an object of the history is of another kind than the "
			"folder says"));
	}
	return 0;
}

struct wanted {
	const char *name;
	size_t n;
	unsigned mode; /* 0 until found */
	struct oid id;
};

static int
find_entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct wanted *w = ctx;

	if (strlen(name) != w->n || memcmp(name, w->name, w->n) != 0)
		return 0;
	w->mode = mode;
	w->id = *id;
	return 0; /* not stopped early: the rest of the tree must be well-formed too */
}

int
objects_file(const struct objects *o, struct buf *out, struct oid *id, const struct oid *tree,
    const char *path, struct err *e)
{
	struct oid at = *tree;
	struct buf raw = {0};
	const char *s = path;
	int rc = 0;

	for (;;) {
		const char *slash = strchrnul(s, '/');
		struct wanted w = {.name = s, .n = (size_t)(slash - s)};

		raw.n = 0;
		rc = objects_read(o, &raw, GIT_TREE, &at, path, e);
		if (!rc)
			rc = git_tree_each(raw.p, raw.n, find_entry, &w, e);
		if (rc)
			goto done;
		at = w.id;
		if (w.mode != (*slash ? MODE_FOLDER : MODE_FILE)) {
			rc = err_at(e, ERR_NOTFOUND, NULL, 0, 0, path, _("there is no such file"));
			goto done;
		}
		if (!*slash)
			break;
		s = slash + 1;
	}
	if (out)
		rc = objects_read(o, out, GIT_BLOB, &at, path, e);
	if (!rc && id)
		*id = at;
done:
	buf_free(&raw);
	return rc;
}

/* --- differences ---------------------------------------------------------------------- */

struct entry {
	size_t name; /* offset into struct entries' names */
	unsigned mode;
	struct oid id;
};

struct entries {
	size_t n, cap;
	struct entry *v;
	struct buf names;
};

struct diff {
	const struct objects *o;
	git_diff_fn each;
	void *ctx;
	struct buf path;
	struct err *e;
};

static int
add_entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct entries *t = ctx;

	vec_grow(t);
	t->v[t->n++] = (struct entry){t->names.n, mode, *id};
	buf_add(&t->names, name, strlen(name) + 1);
	return 0;
}

static void
entries_free(struct entries *t)
{
	free(t->v);
	buf_free(&t->names);
}

/* tree NULL: no entries. */
static int
read_entries(struct entries *t, struct diff *d, const struct oid *tree)
{
	struct buf raw = {0};
	const char *path = d->path.n ? buf_str(&d->path) : NULL;
	struct err inner;
	int rc = 0;

	if (!tree)
		return 0;
	err_clear(&inner);
	rc = objects_read(d->o, &raw, GIT_TREE, tree, path, d->e);
	if (rc)
		goto done;
	rc = git_tree_each(raw.p, raw.n, add_entry, t, &inner);
	if (rc)
		rc = damaged(d->e, path, _("a folder of the history is malformed"));
	else if (t->n == 0 && path)
		rc = damaged(d->e, path,
		    _("the history has an empty folder, which git never makes"));
done:
	buf_free(&raw);
	return rc;
}

/* git's order: as if a folder's name ended in a slash. A file and a folder of the same name
 * are two entries, since one goes and the other comes. */
static int
entry_cmp(const struct entries *ta, const struct entry *a, const struct entries *tb,
    const struct entry *b)
{
	const char *x = ta->names.p + a->name, *y = tb->names.p + b->name;
	size_t i = 0;
	unsigned char cx, cy;

	while (x[i] && x[i] == y[i])
		i++;
	cx = (unsigned char)x[i];
	cy = (unsigned char)y[i];
	if (!cx && a->mode == MODE_FOLDER)
		cx = '/';
	if (!cy && b->mode == MODE_FOLDER)
		cy = '/';
	return cx - cy;
}

static int diff_trees(struct diff *d, const struct oid *a, const struct oid *b, int depth);

/* One name; a or b NULL when absent there. */
static int
diff_entry(struct diff *d, const char *name, const struct entry *a, const struct entry *b,
    int depth)
{
	size_t at = d->path.n;
	bool folder = (a ? a : b)->mode == MODE_FOLDER;
	int rc = 0;

	if (a && b && a->mode == b->mode && oid_equal(&a->id, &b->id))
		return 0;
	if (at)
		buf_putc(&d->path, '/');
	buf_puts(&d->path, name);
	if (folder)
		rc = diff_trees(d, a ? &a->id : NULL, b ? &b->id : NULL, depth + 1);
	else
		rc = d->each(d->ctx, buf_str(&d->path), a ? &a->id : NULL, a ? a->mode : 0,
		    b ? &b->id : NULL, b ? b->mode : 0);
	d->path.n = at;
	d->path.p[at] = '\0';
	return rc;
}

static int
diff_trees(struct diff *d, const struct oid *a, const struct oid *b, int depth)
{
	struct entries ta = {0}, tb = {0};
	size_t i = 0, j = 0;
	int rc = 0;

	if (depth > OBJECTS_DEPTH)
		return damaged(d->e, buf_str(&d->path),
		    _("the history has folders nested too deeply"));
	rc = read_entries(&ta, d, a);
	if (!rc)
		rc = read_entries(&tb, d, b);
	while (!rc && (i < ta.n || j < tb.n)) {
		int cmp = i == ta.n ? 1 : j == tb.n ? -1 : entry_cmp(&ta, &ta.v[i], &tb, &tb.v[j]);

		if (cmp < 0) {
			rc = diff_entry(d, ta.names.p + ta.v[i].name, &ta.v[i], NULL, depth);
			i++;
		} else if (cmp > 0) {
			rc = diff_entry(d, tb.names.p + tb.v[j].name, NULL, &tb.v[j], depth);
			j++;
		} else {
			rc = diff_entry(d, ta.names.p + ta.v[i].name, &ta.v[i], &tb.v[j], depth);
			i++;
			j++;
		}
	}
	entries_free(&ta);
	entries_free(&tb);
	return rc;
}

int
objects_diff(const struct objects *o, const struct oid *a, const struct oid *b,
    git_diff_fn each, void *ctx, struct err *e)
{
	struct diff d = {.o = o, .each = each, .ctx = ctx, .e = e};
	int rc = 0;

	if (a && b && oid_equal(a, b))
		return 0;
	rc = diff_trees(&d, a, b, 0);
	buf_free(&d.path);
	return rc;
}
