/* Every object read and hashed, and what is whole saved out of what is not. */
#include "git/look_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"

enum { SAVE_BYTES = 32 << 20 };

void
look_is_safe(struct git_look *l, const struct oid *id)
{
	oidset_add(&l->whole, id);
	oidset_add(&l->safe, id);
}

int
look_stopped(struct git_look *l)
{
	if (!l->rc)
		l->rc = err_set(l->e, ERR_CANCELLED, _("cancelled"));
	return l->rc;
}

int
look_tick(struct git_look *l)
{
	if (++l->done % LOOK_TELL_EVERY == 0 && l->progress && l->progress(l->ctx, l->done, 0))
		return look_stopped(l);
	return l->rc;
}

/* --- loose objects --------------------------------------------------------------------------------- */

struct loose_walk {
	struct git_look *l;
	struct part *part;
};

static void
look_one(void *ctx, const struct oid *id, const char *path)
{
	struct loose_walk *w = ctx;
	git_odb_object *o = NULL;

	if (w->l->rc)
		return;
	if (part_read(&o, w->part, id)) {
		look_is_safe(w->l, id);
	} else if (os_exists(path)) {
		vec_grow(&w->l->loose);
		w->l->loose.v[w->l->loose.n++] = *id;
	}
	git_odb_object_free(o);
	look_tick(w->l);
}

static int
look_loose(struct git_look *l)
{
	struct parts parts = {0};
	int rc = parts_loose(&parts, l->g, l->e);

	for (unsigned i = 0; !rc && !l->rc && i < 256; i++) {
		struct loose_walk w = {l, &parts.v[0]};

		rc = part_each_loose(l->g, i, look_one, &w, l->e);
	}
	parts_free(&parts);
	return rc ? rc : l->rc;
}

int
git_look(struct git_look **out, struct git *g, git_progress_fn progress, void *ctx, struct err *e)
{
	struct git_look *l = xcalloc(1, sizeof *l);
	char rnd[ID_RECORD + 1];
	int rc;

	*l = (struct git_look){.g = g, .progress = progress, .ctx = ctx, .e = e};
	/* under a name that git_clear_stale knows */
	id_random(rnd, ID_RECORD);
	l->work = xasprintf("%s/" LIB_INCOMING "%s", g->path, rnd);
	if (mkdir(l->work, 0700) < 0)
		xfree(l->work);
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	rc = look_loose(l);
	if (!rc)
		rc = look_packs(l);
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 1);
	l->e = NULL;
	if (rc)
		git_look_free(l);
	else
		*out = l;
	return rc;
}

void
git_look_free(struct git_look *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->packs.n; i++) {
		parts_free(&l->packs.v[i].copy);
		free(l->packs.v[i].ids.v);
		free(l->packs.v[i].stem);
	}
	free(l->packs.v);
	free(l->loose.v);
	free(l->lost.v);
	oidset_free(&l->whole);
	oidset_free(&l->safe);
	if (l->work)
		os_remove_tree(l->work, NULL);
	free(l->work);
	free(l);
}

/* --- what was seen ---------------------------------------------------------------------------------- */

size_t
git_look_count(const struct git_look *l)
{
	return l->whole.n;
}

bool
git_look_whole(const struct git_look *l, const struct oid *id)
{
	return oidset_has(&l->whole, id);
}

static bool
among(const struct oids *x, const struct oid *id)
{
	for (size_t i = 0; i < x->n; i++)
		if (oid_equal(&x->v[i], id))
			return true;
	return false;
}

bool
git_look_damaged(const struct git_look *l, const struct oid *id)
{
	return !git_look_whole(l, id) && (among(&l->loose, id) || among(&l->lost, id));
}

bool
git_look_bad(const struct git_look *l)
{
	bool bad = l->loose.n > 0;

	for (size_t i = 0; i < l->packs.n; i++)
		bad |= l->packs.v[i].how != PACK_WHOLE;
	return bad;
}

int
git_look_tell(const struct git_look *l, git_finding_fn each, void *ctx)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < l->loose.n; i++) {
		char *path = part_loose_path(l->g, &l->loose.v[i]);
		struct git_finding f = {GIT_FAULT_LOOSE, path + strlen(l->g->path) + 1, &l->loose.v[i],
		    (enum git_type)0, NULL};

		rc = each(ctx, &f);
		free(path);
	}
	for (size_t i = 0; !rc && i < l->packs.n; i++) {
		const struct pack *p = &l->packs.v[i];
		bool index = p->how == PACK_INDEX;
		char *file = xasprintf("objects/pack/%s.%s", p->stem, index ? "idx" : "pack");
		struct git_finding f = {index ? GIT_FAULT_INDEX : GIT_FAULT_PACK, file, NULL,
		    (enum git_type)0, NULL};

		if (p->how != PACK_WHOLE)
			rc = each(ctx, &f);
		free(file);
	}
	for (size_t i = 0; !rc && i < l->lost.n; i++) {
		struct git_finding f = {GIT_FAULT_OBJECT, NULL, &l->lost.v[i], (enum git_type)0, NULL};

		if (!oidset_has(&l->whole, &l->lost.v[i]))
			rc = each(ctx, &f);
	}
	return rc;
}

int
git_look_each(const struct git_look *l, enum git_type type,
    int (*each)(void *ctx, const struct oid *id), void *ctx)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < l->whole.cap; i++) {
		enum git_type t;
		size_t n;

		if (!oid_zero(&l->whole.v[i]) && git_size(l->g, &n, &t, &l->whole.v[i], NULL) == 0 &&
		    t == type)
			rc = each(ctx, &l->whole.v[i]);
	}
	return rc;
}

/* --- putting right ------------------------------------------------------------------------------------ */

static int
install_index(struct git_look *l, const struct pack *p, const char *aside, struct err *e)
{
	char *from = xasprintf("%s/%s.idx", l->work, p->stem), *to = look_pack_path(l, p->stem, "idx"),
	     *file = xasprintf("objects/pack/%s.idx", p->stem), *dir = xasprintf("%s/pack", l->g->objects);
	int rc = git_mend_aside(l->g->path, file, aside, e);

	if (!rc && rename(from, to) < 0)
		rc = err_os(e, ERR_IO, errno, _("cannot write into the repository"));
	if (!rc)
		rc = os_fsync_dir(dir, e);
	free(from);
	free(to);
	free(file);
	free(dir);
	return rc;
}

/* What is whole in a damaged pack and nowhere else, written anew. The pack still lies there. */
static int
save(struct git_look *l, const struct pack *p, struct err *e)
{
	struct git_batch *b = git_batch_new(l->g);
	size_t bytes = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->ids.n; i++) {
		git_odb_object *o = NULL;

		if (oidset_has(&l->safe, &p->ids.v[i]) || !part_read(&o, &p->copy.v[0], &p->ids.v[i]))
			continue;
		git_batch_add(b, NULL, (enum git_type)git_odb_object_type(o), git_odb_object_data(o),
		    git_odb_object_size(o));
		bytes += git_odb_object_size(o);
		git_odb_object_free(o);
		if (bytes < SAVE_BYTES)
			continue;
		rc = batch_write_all(b, e);
		git_batch_free(b);
		b = git_batch_new(l->g);
		bytes = 0;
	}
	if (!rc)
		rc = batch_write_all(b, e);
	git_batch_free(b);
	for (size_t i = 0; !rc && i < p->ids.n; i++)
		oidset_add(&l->safe, &p->ids.v[i]);
	return rc;
}

static int
pack_aside(struct git_look *l, const struct pack *p, const char *aside, struct err *e)
{
	/* the index last, as where a pack is deleted: see part_drop */
	static const char *const kinds[] = {"pack", "rev", "bitmap", "mtimes", "keep", "idx"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof kinds / sizeof *kinds; i++) {
		char *file = xasprintf("objects/pack/%s.%s", p->stem, kinds[i]),
		     *path = look_pack_path(l, p->stem, kinds[i]);

		if (os_exists(path))
			rc = git_mend_aside(l->g->path, file, aside, e);
		free(path);
		free(file);
	}
	return rc;
}

int
git_look_mend(struct git_look *l, const char *aside, struct err *e)
{
	bool any = false;
	int rc = 0;

	for (size_t i = 0; !rc && i < l->loose.n; i++) {
		char *path = part_loose_path(l->g, &l->loose.v[i]);

		rc = git_mend_aside(l->g->path, path + strlen(l->g->path) + 1, aside, e);
		free(path);
	}
	for (size_t i = 0; !rc && i < l->packs.n; i++)
		if (l->packs.v[i].how == PACK_INDEX) {
			rc = install_index(l, &l->packs.v[i], aside, e);
			any = true;
		}
	/* a damaged pack must go: libgit2 asks packs first, and would never see the whole loose object. But
	 * only once all of it that can be read is written elsewhere. */
	for (size_t i = 0; !rc && i < l->packs.n; i++)
		if (l->packs.v[i].how == PACK_DAMAGED) {
			rc = save(l, &l->packs.v[i], e);
			if (!rc)
				rc = pack_aside(l, &l->packs.v[i], aside, e);
			any = true;
		}
	if (!rc && any)
		rc = parts_settle(l->g, e);
	return rc ? rc : lib_reopen(l->g, e);
}
