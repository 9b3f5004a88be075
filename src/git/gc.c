#include "git/gc_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/hub.h"

enum {
	SAMPLES = 4,       /* fan-out folders looked at, of 256 */
	LOOSEN_MAX = 1000, /* more young unreachable objects stay in the pack they are in */
	DELTA_CACHE = 16 << 20,
	WINDOW_MEMORY = 32 << 20,
};
static size_t threshold = 4000;

void
git_gc_threshold(size_t n)
{
	threshold = n;
}

/* --- what there is ---------------------------------------------------------------------- */

static void
count_one(void *ctx, const struct oid *id, const char *path)
{
	(void)id, (void)path;
	++*(size_t *)ctx;
}

bool
git_gc_pays(struct git *g)
{
	struct err unused = {0};
	size_t n = 0;

	/* ids are evenly spread; what cannot be counted can wait */
	for (unsigned i = 0; i < SAMPLES; i++)
		(void)part_each_loose(g, 0x17 + 0x40 * i, count_one, &n, &unused);
	return n * (256 / SAMPLES) > threshold;
}

bool
git_gc_pays_there(const struct git_remote *r)
{
	return r->hub && git_gc_pays(r->hub);
}

static void
add_loose(void *ctx, const struct oid *id, const char *path)
{
	struct git_gc *gc = ctx;
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	vec_grow(&gc->loose);
	gc->loose.v[gc->loose.n++] =
	    (struct loose){*id, st.st_mtime, (uint64_t)st.st_blocks * 512};
}

static void
count(struct git_gc_count *out, const struct git_gc *gc)
{
	*out = (struct git_gc_count){.loose = gc->loose.n, .packs = gc->packs.n};
	for (size_t i = 0; i < gc->loose.n; i++)
		out->bytes += gc->loose.v[i].size;
	for (size_t i = 0; i < gc->packs.n; i++)
		out->bytes += gc->packs.v[i].size;
}

static int
list(struct git_gc *gc, struct err *e)
{
	int refused, rc = 0;

	for (unsigned i = 0; !rc && i < 256; i++)
		rc = part_each_loose(gc->g, i, add_loose, gc, e);
	if (!rc)
		rc = parts_packs(&gc->packs, gc->g, e);
	for (size_t i = 0; !rc && i < gc->packs.n; i++)
		if (!part_ids(&gc->packs.v[i]))
			rc = (refused = disk_refused_packs(gc->g))
			    ? err_os(e, ERR_IO, refused, _("cannot read %s"), disk_refused_path())
			    : err_set(e, ERR_DAMAGED, _("a pack cannot be read; akt doctor mends it"));
	if (!rc && git_odb_refresh(gc->g->odb) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the repository"));
	return rc;
}

/* --- writing it ------------------------------------------------------------------------------ */

static int
on_index(const git_indexer_progress *stats, void *payload)
{
	struct git_gc *gc = payload;

	if (stats->indexed_objects % GC_PROGRESS_EVERY)
		return 0;
	return gc->progress && gc->progress(gc->ctx, stats->indexed_objects, stats->total_objects)
	    ? GIT_EUSER
	    : 0;
}

static int
on_delta(int stage, uint32_t current, uint32_t total, void *payload)
{
	struct git_gc *gc = payload;

	(void)stage;
	return gc->progress && gc->progress(gc->ctx, current, total) ? GIT_EUSER : 0;
}

static const char not_back[] = N_("what was packed could not be read back; nothing has been deleted");

/* From the disk again, each object hashed, before anything that it replaces goes. */
static int
read_back(struct git_gc *gc, struct err *e)
{
	char *idx = xasprintf("%s/pack/%s.idx", gc->g->objects, gc->stem);
	git_odb_backend *backend = NULL;
	git_odb *odb = NULL;
	size_t done = 0;
	int rc = git_odb_new(&odb);

	if (rc == 0)
		rc = git_odb_backend_one_pack(&backend, idx);
	if (rc == 0)
		rc = git_odb_add_backend(odb, backend, 1);
	if (rc < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the new pack"));
	for (size_t i = 0; !rc && i < gc->packed.cap; i++) {
		git_odb_object *o = NULL;

		if (oid_zero(&gc->packed.v[i]))
			continue;
		if (git_odb_read(&o, odb, lib_oid(&gc->packed.v[i])) < 0) {
			int refused = disk_refused_packs(gc->g);

			rc = (refused ? err_os(e, ERR_IO, refused, "%s", _(not_back))
				      : lib_fail(e, ERR_IO, _(not_back)));
		}
		git_odb_object_free(o);
		if (!rc && ++done % GC_PROGRESS_EVERY == 0)
			rc = gc_tell(gc, done, gc->packed.n, e);
	}
	git_odb_free(odb);
	free(idx);
	return rc;
}

static bool
had(const struct git_gc *gc, const char *stem)
{
	if (!stem)
		return true;
	for (size_t i = 0; i < gc->packs.n; i++)
		if (strcmp(gc->packs.v[i].stem, stem) == 0)
			return true;
	return false;
}

static int
write_pack(struct git_gc *gc, struct err *e)
{
	char *dir = xasprintf("%s/pack", gc->g->objects);
	struct err unused = {0};
	int rc;

	git_packbuilder_set_callbacks(gc->pb, on_delta, gc);
	git_error_clear();
	errno = 0;
	rc = git_packbuilder_write(gc->pb, dir, 0444, on_index, gc);
	if (rc == GIT_EUSER)
		rc = err_set(e, ERR_CANCELLED, _("cancelled"));
	else if (rc < 0)
		rc = lib_no_pack(e, rc);
	else
		rc = os_fsync_dir(dir, e);
	if (!rc) {
		gc->stem = xasprintf("pack-%s", git_packbuilder_name(gc->pb));
		rc = read_back(gc, e);
	}
	if (rc && gc->stem && !had(gc, gc->stem))
		part_drop(gc->g, gc->stem, &unused);
	if (!rc && git_odb_refresh(gc->g->odb) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot read the new pack"));
	free(dir);
	return rc;
}

/* A pack of exactly these objects, so that nothing need be written. */
static const struct part *
same_pack(const struct git_gc *gc)
{
	for (size_t i = 0; i < gc->packs.n; i++) {
		const struct part *p = &gc->packs.v[i];
		bool same = p->ids.n == gc->packed.n;

		for (size_t k = 0; same && k < p->ids.n; k++)
			same = oidset_has(&gc->packed, &p->ids.v[k]);
		if (same)
			return p;
	}
	return NULL;
}

int
git_gc_pack(struct git_gc **out, struct git *g, enum git_gc_what what, git_progress_fn progress,
    void *ctx, struct err *e)
{
	struct git_gc *gc = xcalloc(1, sizeof *gc);
	git_repository *repo = NULL;
	const struct part *same;
	int rc;

	*gc = (struct git_gc){.g = g, .what = what, .progress = progress, .ctx = ctx};
	/* hundreds of thousands of objects pass by once: none is worth keeping */
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	rc = list(gc, e);
	if (!rc && pack_builder(&gc->pb, &repo, g->odb, DELTA_CACHE, WINDOW_MEMORY) < 0)
		rc = lib_fail(e, ERR_IO, _("cannot write a pack"));
	if (!rc && what == GIT_GC_ALL && (gc->loose.n || gc->packs.n > 1))
		rc = gc_walk(gc, e);
	else if (!rc && what == GIT_GC_RECENT)
		rc = gc_gather(gc, e);
	same = rc ? NULL : same_pack(gc);
	if (same) {
		gc->stem = xstrdup(same->stem);
		rc = read_back(gc, e);
	} else if (!rc && gc->packed.n) {
		rc = write_pack(gc, e);
	}
	git_packbuilder_free(gc->pb);
	gc->pb = NULL;
	git_repository_free(repo);
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 1);
	if (rc)
		git_gc_free(gc);
	else
		*out = gc;
	return rc;
}

void
git_gc_free(struct git_gc *gc)
{
	if (!gc)
		return;
	parts_free(&gc->packs);
	free(gc->loose.v);
	oidset_free(&gc->reached);
	oidset_free(&gc->packed);
	free(gc->stem);
	free(gc);
}

/* --- deleting -------------------------------------------------------------------------------- */

struct sweep {
	struct git_gc *gc;
	time_t before; /* what is older and unreached may go; 0: nothing */
	struct git_gc_report *r;
	struct err *e;
};

static bool
dead(const struct sweep *s, const struct oid *id, time_t time)
{
	return s->gc->what == GIT_GC_ALL && time < s->before && !oidset_has(&s->gc->reached, id);
}

/* What a pack holds beside the new one, as loose objects of the pack's age. */
static int
loosen(struct sweep *s, const struct part *p)
{
	struct git_gc *gc = s->gc;
	struct object *o = xcalloc(LOOSEN_MAX, sizeof *o);
	struct timespec times[2] = {{.tv_sec = p->time}, {.tv_sec = p->time}};
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->ids.n; i++) {
		struct buf raw = {0};

		if (oidset_has(&gc->packed, &p->ids.v[i]) || dead(s, &p->ids.v[i], p->time))
			continue;
		rc = git_read(gc->g, &raw, &o[n].type, &p->ids.v[i], s->e);
		o[n].id = p->ids.v[i];
		o[n].n = raw.n;
		o[n++].p = buf_take(&raw);
	}
	if (!rc)
		rc = loose_write(gc->g, o, n, s->e);
	for (size_t i = 0; i < n; i++) {
		char *path = part_loose_path(gc->g, &o[i].id);

		if (!rc)
			utimensat(AT_FDCWD, path, times, 0);
		s->r->kept += !oidset_has(&gc->reached, &o[i].id);
		free(path);
		free(o[i].p);
	}
	free(o);
	return rc;
}

static int
sweep_pack(struct sweep *s, const struct part *p, bool *dropped)
{
	struct git_gc *gc = s->gc;
	size_t alive = 0, gone = 0;
	int rc = 0;

	if (gc->stem && strcmp(p->stem, gc->stem) == 0)
		return 0;
	for (size_t i = 0; i < p->ids.n; i++)
		if (!oidset_has(&gc->packed, &p->ids.v[i])) {
			gone += dead(s, &p->ids.v[i], p->time);
			alive += !dead(s, &p->ids.v[i], p->time);
		}
	if (alive && (gc->what != GIT_GC_ALL || alive > LOOSEN_MAX)) {
		for (size_t i = 0; gc->what == GIT_GC_ALL && i < p->ids.n; i++)
			s->r->kept += !oidset_has(&gc->reached, &p->ids.v[i]);
		return 0;
	}
	if (alive)
		rc = loosen(s, p);
	if (!rc)
		rc = part_drop(gc->g, p->stem, s->e);
	if (!rc) {
		*dropped = true;
		s->r->dropped += gone;
	}
	return rc;
}

static int
sweep_loose(struct sweep *s)
{
	struct git_gc *gc = s->gc;
	int rc = 0;

	for (size_t i = 0; !rc && i < gc->loose.n; i++) {
		const struct loose *l = &gc->loose.v[i];
		bool packed = oidset_has(&gc->packed, &l->id);
		char *path;

		if (!packed && !dead(s, &l->id, l->time)) {
			s->r->kept +=
			    gc->what == GIT_GC_ALL && !oidset_has(&gc->reached, &l->id);
			continue;
		}
		/* its folder stays: another program may be about to write there */
		path = part_loose_path(gc->g, &l->id);
		rc = os_unlink(path, s->e);
		s->r->dropped += !packed;
		free(path);
		if (!rc && i % GC_PROGRESS_EVERY == 0)
			rc = gc_tell(gc, i, gc->loose.n, s->e);
	}
	return rc;
}

int
git_gc_sweep(struct git_gc *gc, int prune_s, struct git_gc_report *report, struct err *e)
{
	struct git_gc_report r = {.packed = had(gc, gc->stem) ? 0 : gc->packed.n};
	struct sweep s = {.gc = gc, .before = prune_s > 0 ? time(NULL) - prune_s : 0, .r = &r, .e = e};
	struct git_gc now = {.g = gc->g};
	bool dropped = false;
	int rc = 0;

	count(&r.before, gc);
	if (!gc->stem)
		goto done;
	/* what was made reachable since: it may name old objects that nothing named then */
	if (gc->what == GIT_GC_ALL)
		rc = gc_walk(gc, e);
	for (size_t i = 0; !rc && i < gc->packs.n; i++)
		rc = sweep_pack(&s, &gc->packs.v[i], &dropped);
	if (!rc && dropped)
		rc = parts_settle(gc->g, e);
	if (!rc)
		rc = sweep_loose(&s);
done:
	if (!rc)
		rc = list(&now, e);
	if (!rc) {
		count(&r.after, &now);
		*report = r;
	}
	parts_free(&now.packs);
	free(now.loose.v);
	return rc;
}
