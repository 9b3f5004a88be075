/* Hubs: disks that others reach. As git/remote.c and git/folder.c do, step by step. */
#include "sim/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "git/purge.h"
#include "git/remote.h"
#include "sim/mem_private.h"

void (*mem_before_push)(void *ctx);
void *mem_before_push_ctx;

struct git_remote {
	struct git hub;
	size_t n;
	struct git_remote_ref *v;
};

static void
advertise(struct git_remote *r)
{
	r->n = r->hub.disk->nrefs;
	r->v = xcalloc(r->n + 1, sizeof *r->v);
	for (size_t i = 0; i < r->n; i++)
		r->v[i] = (struct git_remote_ref){xstrdup(r->hub.disk->refs[i].name),
		    r->hub.disk->refs[i].id};
}

static void
forget(struct git_remote *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].name);
	free(r->v);
}

int
git_remote_open(struct git_remote **out, const char *url, struct err *e)
{
	struct disk *d = disk_find(url);
	struct git_remote *r;
	int rc = mem_step(true, false, e);

	if (!rc && !d)
		rc = err_set(e, ERR_HUB, "no hub at %s", url);
	if (rc)
		return rc;
	r = xcalloc(1, sizeof *r);
	r->hub.disk = d;
	advertise(r);
	*out = r;
	return 0;
}

void
git_remote_close(struct git_remote *r)
{
	if (!r)
		return;
	forget(r);
	free(r);
}

bool
git_remote_is_folder(const struct git_remote *r)
{
	(void)r;
	return true;
}

size_t
git_remote_refs(const struct git_remote *r, const struct git_remote_ref **refs)
{
	*refs = r->v;
	return r->n;
}

const struct oid *
git_remote_ref(const struct git_remote *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].name, name) == 0)
			return &r->v[i].id;
	return NULL;
}

/* --- copying -------------------------------------------------------------------------------------- */

struct copy {
	const struct disk *from;
	struct disk *to;
	struct err *e;
	size_t n, cap;
	size_t *v; /* what was copied */
};

static int copy_one(struct copy *c, const struct oid *id);

static int
copy_entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	(void)name;
	(void)mode;
	return copy_one(ctx, id);
}

static int
copy_links(struct copy *c, const struct mem_object *o)
{
	const char *p = o->p;
	int rc = 0;

	for (; !rc && (strncmp(p, "tree ", 5) == 0 || strncmp(p, "parent ", 7) == 0);
	     p = strchr(p, '\n') + 1) {
		char hex[OID_HEX + 1] = "";
		struct oid id;

		memcpy(hex, strchr(p, ' ') + 1, OID_HEX);
		if (!oid_parse(&id, hex))
			return err_set(c->e, ERR_DAMAGED, "no commit");
		rc = copy_one(c, &id);
	}
	return rc;
}

/* Children before parents, as copy_closure. */
static int
copy_one(struct copy *c, const struct oid *id)
{
	size_t i = mem_find(id);
	struct mem_object o;
	int rc = 0;

	if (i != SIZE_MAX && bits_get(&c->to->whole, i))
		return 0;
	if (i == SIZE_MAX || !disk_has(c->from, i))
		return err_set(c->e, ERR_DAMAGED, "%s lacks an object", c->from->path);
	o = *mem_object(i);
	if (o.type == GIT_COMMIT)
		rc = copy_links(c, &o);
	else if (o.type == GIT_TREE)
		rc = git_tree_each(o.p, o.n, copy_entry, c, c->e);
	if (!rc && !disk_has(c->to, i)) {
		rc = mem_step(true, false, c->e);
		if (rc)
			return rc;
		bits_set(&c->to->have, i);
		vec_grow(c);
		c->v[c->n++] = i;
		rc = mem_step(true, true, c->e);
	}
	if (!rc)
		bits_set(&c->to->whole, i);
	return rc;
}

int
git_remote_fetch(struct git_remote *r, struct git *into, const char *remote_ref,
    const char *local_ref, git_progress_fn progress, void *ctx, struct err *e)
{
	const struct oid *id = git_remote_ref(r, remote_ref);
	struct copy c = {.from = r->hub.disk, .to = into->disk, .e = e};
	struct err inner = {0};
	struct oid old;
	bool had;
	int rc;

	(void)progress;
	(void)ctx;
	if (!id)
		return err_set(e, ERR_NOTFOUND, "the hub has no ref %s", remote_ref);
	rc = copy_one(&c, id);
	free(c.v);
	if (rc)
		return rc;
	had = git_ref_get(into, &old, local_ref, &inner) == 0;
	if (had && oid_equal(&old, id))
		return 0;
	return git_ref_set(into, local_ref, id, had ? &old : NULL, e);
}

int
git_remote_fetch_many(struct git_remote *r, struct git *into, const struct git_fetch_ref *f,
    size_t n, git_progress_fn progress, void *ctx, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = git_remote_fetch(r, into, f[i].remote_ref, f[i].local_ref, progress, ctx, e);
	return rc;
}

int
git_remote_folder_run(struct git_remote *r, int (*fn)(void *ctx, struct git *hub, struct err *e),
    void *ctx, struct err *e)
{
	int rc = fn(ctx, &r->hub, e);

	forget(r);
	advertise(r);
	return rc;
}

static int
still_there(struct git_remote *r, const char *ref, const struct oid *old, struct err *e)
{
	struct oid now;
	bool is = disk_ref_get(r->hub.disk, &now, ref);

	if (is != (old != NULL) || (is && !oid_equal(&now, old)))
		return err_set(e, ERR_RACE, "the hub moved meanwhile");
	return 0;
}

static int
to_hub(struct git_remote *r, struct git *from, const char *ref, const struct oid *old,
    const struct oid *id, git_receive_fn receive, void *ctx, struct err *e)
{
	struct copy c = {.from = from->disk, .to = r->hub.disk, .e = e};
	int rc = mem_step(true, false, e);

	if (!rc)
		rc = still_there(r, ref, old, e);
	if (!rc && id)
		rc = copy_one(&c, id);
	if (!rc && receive)
		rc = receive(ctx, &r->hub, ref, old, id, e);
	if (!rc)
		rc = git_ref_set(&r->hub, ref, id, old, e);
	for (size_t i = 0; rc && i < c.n; i++)
		bits_set(&r->hub.disk->stray, c.v[i]);
	free(c.v);
	/* the hub has moved, and nobody here has been told */
	return rc ? rc : mem_step(true, true, e);
}

int
git_remote_push(struct git_remote *r, struct git *from, const char *remote_ref,
    const struct oid *id, bool force, git_receive_fn receive, void *ctx, git_progress_fn progress,
    void *pctx, struct err *e)
{
	const struct oid *advertised = git_remote_ref(r, remote_ref);
	void (*first)(void *) = mem_before_push;
	struct oid old = advertised ? *advertised : (struct oid){{0}};
	bool forward = true;
	int rc = 0;

	(void)progress;
	(void)pctx;
	if (first) {
		mem_before_push = NULL;
		first(mem_before_push_ctx);
	}
	if (!id && !advertised)
		return 0;
	if (id && !git_has(from, id))
		return err_set(e, ERR_NOTFOUND, "what should be pushed is not here");
	if (id && advertised && !force) {
		if (git_has(from, &old))
			rc = git_is_ancestor(from, &forward, &old, id, e);
		else
			forward = false;
		if (rc)
			return rc;
		if (!forward)
			return err_set(e, ERR_RACE, "the hub has changes that are not here yet");
	}
	if (id && advertised && oid_equal(&old, id))
		return 0;
	rc = to_hub(r, from, remote_ref, advertised ? &old : NULL, id, receive, ctx, e);
	if (!rc) {
		forget(r);
		advertise(r);
	}
	return rc;
}
