/* Every object read and hashed, and what is whole saved out of what is not. */
#include "git/mend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/part.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"

enum { CHUNK = 1 << 20, TELL_EVERY = 256, SAVE_BYTES = 32 << 20 };

struct oids {
	size_t n, cap;
	struct oid *v;
};

/* A pack as it lies there. */
struct pack {
	char *stem;
	enum { PACK_WHOLE, PACK_INDEX, PACK_DAMAGED } how;
	/* PACK_DAMAGED: a copy with its frame put right, and what of it is whole */
	struct parts copy;
	struct oids ids;
};

struct git_look {
	struct git *g;
	git_progress_fn progress;
	void *ctx;
	size_t done;
	char *work; /* a folder for what is made on the way; NULL: none can be made */
	struct {
		size_t n, cap;
		struct pack *v;
	} packs;
	struct oids loose; /* files that are damaged */
	struct oids lost;  /* what damaged packs held */
	struct oidset whole; /* somewhere */
	struct oidset safe;  /* not only in a damaged pack */
	struct err *e;
	int rc;
};

static void
is_safe(struct git_look *l, const struct oid *id)
{
	oidset_add(&l->whole, id);
	oidset_add(&l->safe, id);
}

static int
stopped(struct git_look *l)
{
	if (!l->rc)
		l->rc = err_set(l->e, ERR_CANCELLED, _("cancelled"));
	return l->rc;
}

static int
tick(struct git_look *l)
{
	if (++l->done % TELL_EVERY == 0 && l->progress && l->progress(l->ctx, l->done, 0))
		return stopped(l);
	return l->rc;
}

/* --- packs ------------------------------------------------------------------------------------- */

static char *
pack_path(const struct git_look *l, const char *stem, const char *kind)
{
	return xasprintf("%s/pack/%s.%s", l->g->objects, stem, kind);
}

static bool
same_files(const char *a, const char *b)
{
	struct buf x = {0}, y = {0};
	bool same = os_read_file(&x, a, SIZE_MAX / 2, NULL) == 0 &&
	    os_read_file(&y, b, SIZE_MAX / 2, NULL) == 0 && x.n == y.n && x.n &&
	    memcmp(x.p, y.p, x.n) == 0;

	buf_free(&x);
	buf_free(&y);
	return same;
}

static int
on_index(const git_indexer_progress *stats, void *payload)
{
	struct git_look *l = payload;

	if (stats->indexed_objects % TELL_EVERY == 0 && l->progress &&
	    l->progress(l->ctx, l->done + stats->indexed_objects, 0))
		return GIT_EUSER;
	return 0;
}

/* A pack through libgit2's indexer, which reads all of it and checks its sum: it fails where the pack is
 * not whole. */
static int
feed(git_indexer *ix, const char *path)
{
	git_indexer_progress stats = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = fd < 0 ? -1 : 0;
	char *chunk = xmalloc(CHUNK);
	ssize_t n = 1;

	while (rc == 0 && n > 0) {
		n = read(fd, chunk, CHUNK);
		if (n < 0)
			rc = -1;
		else if (n > 0)
			rc = git_indexer_append(ix, chunk, (size_t)n, &stats);
	}
	if (rc == 0)
		rc = git_indexer_commit(ix, &stats);
	if (fd >= 0)
		close(fd);
	free(chunk);
	return rc;
}

/* Makes a pack's index again from the pack alone, as work/STEM.idx beside a copy of the pack. False: the
 * pack is not whole, or there is no room. */
static bool
reindex(struct git_look *l, const char *stem)
{
	static const char *const kinds[] = {"pack", "idx"};
	git_indexer_options opts;
	char *path = pack_path(l, stem, "pack");
	git_indexer *ix = NULL;
	int rc;

	git_indexer_options_init(&opts, GIT_INDEXER_OPTIONS_VERSION);
	opts.progress_cb = on_index;
	opts.progress_cb_payload = l;
	rc = git_indexer_new(&ix, l->work, 0, NULL, &opts);
	if (rc == 0)
		rc = feed(ix, path);
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		char *made = xasprintf("%s/pack-%s.%s", l->work, git_indexer_name(ix), kinds[i]),
		     *to = xasprintf("%s/%s.%s", l->work, stem, kinds[i]);

		if (strcmp(made, to) != 0 && rename(made, to) < 0)
			rc = -1;
		free(made);
		free(to);
	}
	if (rc == GIT_EUSER)
		stopped(l);
	git_indexer_free(ix);
	free(path);
	return rc == 0;
}

static void
work_drop(const struct git_look *l, const char *stem, const char *kind)
{
	char *path = xasprintf("%s/%s.%s", l->work, stem, kind);

	unlink(path);
	free(path);
}

/* git's pack header is 12 bytes, and its last 20 are its sum, which the index states too: where these are
 * what is damaged, all objects are whole. A copy gets them from the index (gitformat-pack(5)). */
static bool
right_frame(const struct buf *idx, struct buf *pack)
{
	static const unsigned char magic[] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	unsigned char head[12] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};

	if (idx->n < 8 + 1024 + 40 || memcmp(idx->p, magic, 8) != 0 || pack->n < 12)
		return false;
	memcpy(head + 8, idx->p + 8 + 255 * 4, 4);
	memcpy(pack->p, head, 12);
	/* cut short, or changed at its end: what precedes stays readable */
	if (pack->n < 32 || memcmp(pack->p + pack->n - 20, idx->p + idx->n - 40, 20) != 0)
		buf_add(pack, idx->p + idx->n - 40, 20);
	return true;
}

static void
copy_righted(struct git_look *l, struct pack *p)
{
	char *idx = pack_path(l, p->stem, "idx"), *pack = pack_path(l, p->stem, "pack");
	char *to_idx = xasprintf("%s/%s.idx", l->work, p->stem),
	     *to_pack = xasprintf("%s/%s.pack", l->work, p->stem);
	struct buf i = {0}, k = {0};

	if (os_read_file(&i, idx, SIZE_MAX / 2, NULL) == 0 &&
	    os_read_file(&k, pack, SIZE_MAX / 2, NULL) == 0 && right_frame(&i, &k) &&
	    os_write_hint(to_idx, i.p, i.n, 0600, NULL) == 0 &&
	    os_write_hint(to_pack, k.p, k.n, 0600, NULL) == 0)
		parts_add(&p->copy, l->work, p->stem);
	buf_free(&i);
	buf_free(&k);
	free(idx);
	free(pack);
	free(to_idx);
	free(to_pack);
}

/* One object after the other; true when all of them are whole. */
static bool
read_each(struct git_look *l, struct part *part, struct oids *found)
{
	bool all = part_ids(part);

	for (size_t i = 0; !l->rc && i < part->ids.n; i++) {
		const struct oid *id = &part->ids.v[i];
		git_odb_object *o = NULL;

		if (part_read(&o, part, id)) {
			oidset_add(&l->whole, id);
			vec_grow(found);
			found->v[found->n++] = *id;
		} else {
			all = false;
			vec_grow(&l->lost);
			l->lost.v[l->lost.n++] = *id;
		}
		git_odb_object_free(o);
		tick(l);
	}
	return all;
}

static int
look_pack(struct git_look *l, const char *stem)
{
	struct pack p = {.stem = xstrdup(stem)};
	char *idx = pack_path(l, stem, "idx"), *fresh = NULL;
	struct parts part = {0};
	struct oids found = {0};

	if (l->work && reindex(l, stem)) {
		fresh = xasprintf("%s/%s.idx", l->work, stem);
		p.how = same_files(idx, fresh) ? PACK_WHOLE : PACK_INDEX;
		parts_add(&part, l->work, stem);
		if (!part.n || !part_ids(&part.v[0]))
			p.how = PACK_DAMAGED;
		for (size_t i = 0; part.n && i < part.v[0].ids.n; i++)
			is_safe(l, &part.v[0].ids.v[i]);
		l->done += part.n ? part.v[0].ids.n : 0;
		work_drop(l, stem, "pack");
		if (p.how == PACK_WHOLE)
			work_drop(l, stem, "idx");
	} else if (!l->rc && !l->work) {
		char *dir = xasprintf("%s/pack", l->g->objects);

		/* without room for a copy its sum is not checked, but every object of it is */
		parts_add(&part, dir, stem);
		p.how = part.n && read_each(l, &part.v[0], &found) ? PACK_WHOLE : PACK_DAMAGED;
		for (size_t i = 0; p.how == PACK_WHOLE && i < found.n; i++)
			is_safe(l, &found.v[i]);
		free(dir);
	} else if (!l->rc) {
		p.how = PACK_DAMAGED;
		copy_righted(l, &p);
		if (p.copy.n) {
			read_each(l, &p.copy.v[0], &found);
			p.ids = found;
			found = (struct oids){0};
		}
	}
	free(found.v);
	parts_free(&part);
	free(idx);
	free(fresh);
	vec_grow(&l->packs);
	l->packs.v[l->packs.n++] = p;
	return l->rc;
}

struct stems {
	size_t n, cap;
	char **v;
};

static int
by_stem(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* By the packs themselves: an index may be what is missing. */
static void
list_stems(struct stems *out, const struct git_look *l)
{
	char *dir = xasprintf("%s/pack", l->g->objects);
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		size_t n = strlen(ent->d_name);

		if (n <= 5 || strncmp(ent->d_name, "pack-", 5) != 0 ||
		    strcmp(ent->d_name + n - 5, ".pack") != 0)
			continue;
		vec_grow(out);
		out->v[out->n++] = xstrndup(ent->d_name, n - 5);
	}
	if (d)
		closedir(d);
	free(dir);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_stem);
}

static int
look_packs(struct git_look *l)
{
	struct stems stems = {0};

	list_stems(&stems, l);
	for (size_t i = 0; !l->rc && i < stems.n; i++) {
		char *path = pack_path(l, stems.v[i], "pack");

		look_pack(l, stems.v[i]);
		/* packed anew by a gc beside us */
		if (!l->rc && !os_exists(path)) {
			struct pack *p = &l->packs.v[--l->packs.n];

			parts_free(&p->copy);
			free(p->ids.v);
			free(p->stem);
		}
		free(path);
	}
	for (size_t i = 0; i < stems.n; i++)
		free(stems.v[i]);
	free(stems.v);
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
		is_safe(w->l, id);
	} else if (os_exists(path)) {
		vec_grow(&w->l->loose);
		w->l->loose.v[w->l->loose.n++] = *id;
	}
	git_odb_object_free(o);
	tick(w->l);
}

static int
look_loose(struct git_look *l)
{
	struct parts parts = {0};
	int rc = parts_loose(&parts, l->g, l->e);

	for (unsigned i = 0; !rc && !l->rc && i < 256; i++) {
		struct loose_walk w = {l, &parts.v[0]};

		part_each_loose(l->g, i, look_one, &w);
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
	char *from = xasprintf("%s/%s.idx", l->work, p->stem), *to = pack_path(l, p->stem, "idx"),
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
		     *path = pack_path(l, p->stem, kinds[i]);

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
