/* Packs read whole: which are, which lack their index, and what can still be read of those that are damaged. */
#include "git/look_private.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/os.h"

enum { CHUNK = 1 << 20 };

char *
look_pack_path(const struct git_look *l, const char *stem, const char *kind)
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

	if (stats->indexed_objects % LOOK_TELL_EVERY == 0 && l->progress &&
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
	char *path = look_pack_path(l, stem, "pack");
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
		look_stopped(l);
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
	char *idx = look_pack_path(l, p->stem, "idx"), *pack = look_pack_path(l, p->stem, "pack");
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
		look_tick(l);
	}
	return all;
}

static int
look_pack(struct git_look *l, const char *stem)
{
	struct pack p = {.stem = xstrdup(stem)};
	char *idx = look_pack_path(l, stem, "idx"), *fresh = NULL;
	struct parts part = {0};
	struct oids found = {0};

	if (l->work && reindex(l, stem)) {
		fresh = xasprintf("%s/%s.idx", l->work, stem);
		p.how = same_files(idx, fresh) ? PACK_WHOLE : PACK_INDEX;
		parts_add(&part, l->work, stem);
		if (!part.n || !part_ids(&part.v[0]))
			p.how = PACK_DAMAGED;
		for (size_t i = 0; part.n && i < part.v[0].ids.n; i++)
			look_is_safe(l, &part.v[0].ids.v[i]);
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
			look_is_safe(l, &found.v[i]);
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

int
look_packs(struct git_look *l)
{
	char *dir = xasprintf("%s/pack", l->g->objects);
	struct os_names packs = {0};

	/* by the packs themselves: an index may be what is missing */
	l->rc = os_names(&packs, dir, ".pack", l->e);
	for (size_t i = 0; !l->rc && i < packs.n; i++) {
		char *path;

		if (strncmp(packs.v[i], "pack-", 5) != 0)
			continue;
		packs.v[i][strlen(packs.v[i]) - strlen(".pack")] = '\0';
		path = look_pack_path(l, packs.v[i], "pack");
		look_pack(l, packs.v[i]);
		/* packed anew by a gc beside us */
		if (!l->rc && os_absent(path)) {
			struct pack *p = &l->packs.v[--l->packs.n];

			parts_free(&p->copy);
			free(p->ids.v);
			free(p->stem);
		}
		free(path);
	}
	os_names_free(&packs);
	free(dir);
	return l->rc;
}
