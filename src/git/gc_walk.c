/* What goes into the one pack. */
#include "git/gc_private.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

int
gc_tell(struct git_gc *gc, size_t done, size_t total, struct err *e)
{
	if (gc->progress && gc->progress(gc->ctx, done, total))
		return err_set(e, ERR_CANCELLED, _("cancelled"));
	return 0;
}

/* `name`: the last part of its path, so that versions of one file meet when deltas are sought. */
static int
put(struct git_gc *gc, const struct oid *id, const char *name)
{
	int refused;

	if (!gc->pb)
		return 0;
	if (!oidset_add(&gc->packed, id))
		return 0;
	mapped_tick(0);
	if (git_packbuilder_insert(gc->pb, lib_oid(id), name) < 0 &&
	    (refused = disk_refused_object(gc->g, id)))
		return err_os(&gc->err, ERR_IO, refused, _("cannot read %s"), disk_refused_path());
	/* one that stands in it already is not put twice */
	if (git_packbuilder_insert(gc->pb, lib_oid(id), name) < 0)
		return lib_fail(&gc->err, ERR_DAMAGED, _("an object is missing or damaged"));
	return ++gc->done % GC_PROGRESS_EVERY ? 0 : gc_tell(gc, gc->done, 0, &gc->err);
}

static int
visit_tree(struct git_gc *gc, const struct oid *id, const char *name, int depth)
{
	struct entries v = {0};
	struct buf raw = {0};
	int rc;

	if (!oidset_add(&gc->reached, id))
		return 0;
	if (depth > LIB_MAX_DEPTH)
		return err_set(&gc->err, ERR_DAMAGED, _("a tree is nested too deeply"));
	rc = put(gc, id, name);
	if (!rc)
		rc = tree_load(&v, &raw, gc->g, id, &gc->err);
	for (size_t i = 0; !rc && i < v.n; i++) {
		const struct entry *x = &v.v[i];

		if (x->mode == MODE_TREE)
			rc = visit_tree(gc, &x->id, x->name, depth + 1);
		else if (x->mode != MODE_LINK && oidset_add(&gc->reached, &x->id))
			rc = put(gc, &x->id, x->name);
	}
	free(v.v);
	buf_free(&raw);
	return rc;
}

struct tips {
	struct git_gc *gc;
	size_t n, cap;
	struct oid *v;
	struct oid other; /* what a ref names that is no commit */
};

static int
visit_ref(void *ctx, const char *ref, const struct oid *id)
{
	struct tips *t = ctx;
	struct git_gc *gc = t->gc;
	enum git_type type;
	size_t n;
	int rc = git_size(gc->g, &n, &type, id, &gc->err);

	(void)ref;
	if (rc)
		return rc;
	switch (type) {
	case GIT_COMMIT:
		vec_grow(t);
		t->v[t->n++] = *id;
		return 0;
	case GIT_TREE:
		return visit_tree(gc, id, NULL, 0);
	case GIT_BLOB:
		return oidset_add(&gc->reached, id) ? put(gc, id, NULL) : 0;
	default:
		/* Akt never makes one, and it would have to be followed */
		return err_set(&gc->err, ERR_DAMAGED,
		    _("there is an annotated tag, which no store has; remove it first"));
	}
}

/* All that the refs reach and that was not reached before. Newest first: what is read most often is
 * then stored whole and the older versions as deltas. */
int
gc_walk(struct git_gc *gc, struct err *e)
{
	struct tips tips = {.gc = gc};
	int rc;

	err_clear(&gc->err);
	rc = git_ref_each(gc->g, "", visit_ref, &tips, &gc->err);

	for (size_t k = 0; !rc && k < tips.n; k++) {
		const struct oid **hide = xcalloc(k + 1, sizeof *hide);
		struct oid *ids = NULL, tree, parents[2];
		size_t n = 0, nparents;

		for (size_t i = 0; i < k; i++)
			hide[i] = &tips.v[i];
		if (!oidset_has(&gc->reached, &tips.v[k]))
			rc = git_walk(gc->g, &ids, &n, &tips.v[k], hide, k, &gc->err);
		for (size_t i = n; !rc && i-- > 0;) {
			if (!oidset_add(&gc->reached, &ids[i]))
				continue;
			rc = put(gc, &ids[i], NULL);
			if (!rc)
				rc = git_commit_links(gc->g, &ids[i], &tree, parents, &nparents, &gc->err);
			if (!rc)
				rc = visit_tree(gc, &tree, "", 0);
		}
		free(hide);
		free(ids);
	}
	free(tips.v);
	if (rc == ERR_NOTFOUND || rc == ERR_DAMAGED)
		rc = err_set(e, ERR_DAMAGED,
		    _("the store is damaged, so nothing was packed: %s"),
		    gc->err.n ? gc->err.item[0].text : "");
	else
		err_append(e, &gc->err);
	return rc;
}

static int
newest_first(const void *a, const void *b)
{
	const struct loose *x = a, *y = b;

	return x->time != y->time ? (x->time < y->time) - (x->time > y->time)
				  : oid_cmp(&x->id, &y->id);
}

struct named {
	struct oid id;
	char *name;
};
struct names {
	size_t n, cap;
	struct named *v;
};

static int
by_id(const void *a, const void *b)
{
	return oid_cmp(&((const struct named *)a)->id, &((const struct named *)b)->id);
}

static void
names_of_tree(struct names *out, struct git_gc *gc, const struct oid *id)
{
	struct entries v = {0};
	struct buf raw = {0};
	struct err unused = {0};
	enum git_type type;
	size_t n;

	/* names only make the pack smaller */
	if (git_size(gc->g, &n, &type, id, &unused) == 0 && type == GIT_TREE &&
	    tree_load(&v, &raw, gc->g, id, &unused) == 0)
		for (size_t i = 0; i < v.n; i++) {
			vec_grow(out);
			out->v[out->n++] = (struct named){v.v[i].id, xstrdup(v.v[i].name)};
		}
	free(v.v);
	buf_free(&raw);
}

static int
put_named(struct git_gc *gc, const struct names *names, const struct oid *id)
{
	struct named key = {.id = *id};
	const struct named *hit =
	    names->n ? bsearch(&key, names->v, names->n, sizeof key, by_id) : NULL;

	return put(gc, id, hit ? hit->name : NULL);
}

static int
by_objects(const void *a, const void *b)
{
	const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;

	return (x->ids.n > y->ids.n) - (x->ids.n < y->ids.n);
}

/* Loose objects, and packs while they are not much larger than what goes in already: an object is
 * written anew only as often as the logarithm of the store's size tells. */
int
gc_gather(struct git_gc *gc, struct err *e)
{
	struct part **by_size = xcalloc(gc->packs.n + 1, sizeof *by_size);
	size_t total = gc->loose.n, take = 0;
	struct names names = {0};
	int rc = 0;

	err_clear(&gc->err);
	for (size_t i = 0; i < gc->packs.n; i++)
		by_size[i] = &gc->packs.v[i];
	qsort(by_size, gc->packs.n, sizeof *by_size, by_objects);
	while (take < gc->packs.n && by_size[take]->ids.n <= 2 * total)
		total += by_size[take++]->ids.n;
	qsort(gc->loose.v, gc->loose.n, sizeof *gc->loose.v, newest_first);
	for (size_t i = 0; i < gc->loose.n; i++)
		names_of_tree(&names, gc, &gc->loose.v[i].id);
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, by_id);
	for (size_t i = 0; !rc && i < gc->loose.n; i++)
		rc = put_named(gc, &names, &gc->loose.v[i].id);
	for (size_t i = 0; i < take; i++)
		for (size_t k = 0; !rc && k < by_size[i]->ids.n; k++)
			rc = put_named(gc, &names, &by_size[i]->ids.v[k]);
	for (size_t i = 0; i < names.n; i++)
		free(names.v[i].name);
	free(names.v);
	free(by_size);
	if (rc)
		err_append(e, &gc->err);
	return rc;
}

