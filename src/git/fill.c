/* What a repository lacks, from others that have it. */
#include "git/mend.h"

#include <stdlib.h>

#include "git/lib.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

enum { FLUSH_BYTES = 32 << 20, TELL_EVERY = 256 };

struct walk {
	struct git *g;
	struct git_fill *f;
	struct git_batch *fresh; /* fetched, not yet written */
	size_t bytes, done;
	struct oidset seen;
	struct {
		size_t n, cap;
		struct oid *v;
	} commits; /* to be looked at */
	struct buf path;
	struct err *e;
};

static int
flush(struct walk *w)
{
	int rc = git_batch_write(w->fresh, w->e);

	git_batch_free(w->fresh);
	w->fresh = git_batch_new(w->g);
	w->bytes = 0;
	return rc;
}

static int
missing(struct walk *w, const struct oid *id, enum git_type type)
{
	struct git_finding x = {GIT_FAULT_MISSING, NULL, id, type, w->path.n ? buf_str(&w->path) : NULL};

	return w->f->each ? w->f->each(w->f->each_ctx, &x) : 0;
}

/* Its bytes, from here or from elsewhere; *got false: nobody has it, which has been told. */
static int
get(struct walk *w, struct buf *out, bool *got, const struct oid *id, enum git_type want)
{
	enum git_type type;
	int rc = 0;

	*got = git_read(w->g, out, &type, id, NULL) == 0 && type == want;
	for (size_t i = 0; !*got && i < w->f->nsources; i++) {
		out->n = 0;
		/* strict hash verification: what comes is what was asked for */
		if (git_read(w->f->sources[i], out, &type, id, NULL) || type != want ||
		    out->n > LIB_MAX_OBJECT)
			continue;
		*got = true;
		git_batch_add(w->fresh, NULL, type, out->p, out->n);
		w->bytes += out->n;
		w->f->fetched++;
		if (w->bytes > FLUSH_BYTES)
			rc = flush(w);
	}
	if (!*got)
		rc = missing(w, id, want);
	return rc;
}

static int
tick(struct walk *w)
{
	if (++w->done % TELL_EVERY == 0 && w->f->progress && w->f->progress(w->f->ctx, w->done, 0))
		return err_set(w->e, ERR_CANCELLED, _("cancelled"));
	return 0;
}

static int
visit_blob(struct walk *w, const struct oid *id)
{
	struct buf raw = {0};
	bool got;
	int rc;

	if (!oidset_add(&w->seen, id) || (w->f->look && git_look_whole(w->f->look, id)))
		return 0;
	rc = get(w, &raw, &got, id, GIT_BLOB);
	buf_free(&raw);
	return rc ? rc : tick(w);
}

static int
visit_tree(struct walk *w, const struct oid *id, int depth)
{
	struct entries v = {0};
	struct buf raw = {0};
	bool got = false;
	int rc = 0;

	if (depth > LIB_MAX_DEPTH || !oidset_add(&w->seen, id))
		return 0;
	rc = get(w, &raw, &got, id, GIT_TREE);
	/* whole, and yet no tree: that is no damage of the disk, and verify tells it */
	if (!rc && got && entries_parse(&v, raw.p, raw.n, NULL))
		v.n = 0;
	for (size_t i = 0; !rc && i < v.n; i++) {
		size_t at = w->path.n;

		buf_printf(&w->path, at ? "/%s" : "%s", v.v[i].name);
		if (v.v[i].mode == MODE_TREE)
			rc = visit_tree(w, &v.v[i].id, depth + 1);
		else if (v.v[i].mode != MODE_LINK)
			rc = visit_blob(w, &v.v[i].id);
		w->path.n = at;
		w->path.p[at] = '\0';
	}
	free(v.v);
	buf_free(&raw);
	return rc ? rc : tick(w);
}

/* "tree <hex>\n", then "parent <hex>\n" each. */
static int
visit_commit(struct walk *w, const struct oid *id)
{
	struct buf raw = {0};
	const char *s;
	struct oid tree, parent;
	char hex[OID_HEX + 1];
	bool got = false;
	int rc = get(w, &raw, &got, id, GIT_COMMIT);

	s = buf_str(&raw);
	if (rc || !got || strncmp(s, "tree ", 5) != 0 || strlen(s) < 46)
		goto done;
	memcpy(hex, s + 5, OID_HEX);
	hex[OID_HEX] = '\0';
	if (!oid_parse(&tree, hex))
		goto done;
	for (s += 46; strncmp(s, "parent ", 7) == 0 && strlen(s) >= 48; s += 48) {
		memcpy(hex, s + 7, OID_HEX);
		if (oid_parse(&parent, hex) && oidset_add(&w->seen, &parent)) {
			vec_grow(&w->commits);
			w->commits.v[w->commits.n++] = parent;
		}
	}
	rc = visit_tree(w, &tree, 0);
done:
	buf_free(&raw);
	return rc ? rc : tick(w);
}

int
git_fill(struct git *g, const struct oid *tips, size_t n, struct git_fill *f, struct err *e)
{
	struct walk w = {.g = g, .f = f, .fresh = git_batch_new(g), .e = e};
	int rc = 0, last;

	buf_room(&w.path, 256);
	for (size_t i = 0; i < n; i++)
		if (oidset_add(&w.seen, &tips[i])) {
			vec_grow(&w.commits);
			w.commits.v[w.commits.n++] = tips[i];
		}
	while (!rc && w.commits.n) {
		struct oid id = w.commits.v[--w.commits.n];

		rc = visit_commit(&w, &id);
	}
	/* what came is kept, also where the walk was stopped */
	last = flush(&w);
	git_batch_free(w.fresh);
	oidset_free(&w.seen);
	free(w.commits.v);
	buf_free(&w.path);
	return rc ? rc : last;
}
