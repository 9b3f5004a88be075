#include "sync/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "sync/private.h"
#include "trail/verify.h"
#include "vault/witness.h"

enum { DAY = 86400, SILENT_DAYS = 14 };

static char *
ref_of(const char *device)
{
	return xasprintf(WITNESS_REFS "%s", device);
}

/* --- the chains here --------------------------------------------------------------------- */

int
devices_each(struct git *g, const struct state *s,
    int (*each)(void *ctx, const char *device, const struct oid *tip, const struct witness *w),
    void *ctx, struct err *e)
{
	const struct member *const *members;
	size_t n = state_members(s, &members);
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; !rc && k < members[i]->ndevices; k++) {
			const struct device *d = &members[i]->devices[k];
			struct witness *w = NULL;
			char *ref = ref_of(d->id);
			struct oid tip;

			if (d->revoked || members[i]->roles & ROLE_RECOVERY) {
				free(ref);
				continue;
			}
			if (git_ref_get(g, &tip, ref, NULL) == 0)
				rc = witness_read(&w, g, &tip, e);
			if (!rc)
				rc = each(ctx, d->id, w ? &tip : NULL, w);
			witness_free(w);
			free(ref);
		}
	return rc;
}

struct noticing {
	struct git *g;
	const struct state *s;
	const struct oid *head;
	const char *own;
	int64_t now;
	void (*each)(void *ctx, const char *text);
	void *ctx;
	struct err *e;
};

static void __attribute__((format(printf, 2, 3)))
tell(struct noticing *t, const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	t->each(t->ctx, buf_str(&text));
	buf_free(&text);
}

static void
notice_silence(struct noticing *t, const char *device, const struct witness *w)
{
	const struct device *d = state_device(t->s, device, NULL);
	int64_t last = w ? w->time : d->added;
	char day[11];

	if (t->now - last < SILENT_DAYS * DAY)
		return;
	date_format(day, last / DAY);
	if (w)
		tell(t, _("%s has been silent since %s: it is off, or the hub withholds what it wrote"),
		    device, day);
	else
		tell(t, _("%s, admitted on %s, has never been heard of: it is off, or the hub withholds what it "
			"wrote"), device, day);
}

/* What only that head has are merges: it was given up for another merge of the same (sync.c). */
static int
only_merges(struct noticing *t, const struct oid *head, bool *yes)
{
	struct oid *ids = NULL, tree, parents[2];
	size_t n = 0, nparents;
	int rc = git_walk(t->g, &ids, &n, head, &t->head, 1, t->e);

	*yes = true;
	for (size_t i = 0; !rc && *yes && i < n; i++) {
		rc = git_commit_links(t->g, &ids[i], &tree, parents, &nparents, t->e);
		*yes = nparents == 2;
	}
	free(ids);
	return rc;
}

/* What a device said that it saw must be part of the trail here. */
static int
notice_head(struct noticing *t, const char *device, const struct witness *w)
{
	uint8_t trail[32], sha[32];
	bool fits = git_has(t->g, &w->head);
	int rc = 0;

	if (fits)
		rc = only_merges(t, &w->head, &fits);
	if (!rc && fits)
		fits = trail_stated(t->g, trail, sha, &w->head, NULL) == 0 &&
		    memcmp(trail, w->trail, 32) == 0;
	if (!rc && !fits)
		tell(t, _("%s has seen a history that is not the one here: the hub is frozen, or gives its "
			"devices different histories; compare checkpoints with its owner"), device);
	return rc;
}

/* A chain that others have seen further than it goes here has been cut. */
static int
notice_others(struct noticing *t, const char *device, const struct witness *w)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < w->nothers; i++) {
		const struct witness_other *o = &w->others[i];
		const struct device *d = state_device(t->s, o->id, NULL);
		char *ref = ref_of(o->id);
		struct oid tip;
		bool fits = false;

		if (!d || d->revoked)
			fits = true; /* no longer kept up */
		else if (git_ref_get(t->g, &tip, ref, NULL) == 0 && git_has(t->g, &o->head))
			rc = git_is_ancestor(t->g, &fits, &o->head, &tip, t->e);
		if (!rc && !fits)
			tell(t, _("%s has seen more of the log of %s than there is here: the hub withholds part of it, "
				"or it was cut"), device, o->id);
		free(ref);
	}
	return rc;
}

static int
notice_one(void *ctx, const char *device, const struct oid *tip, const struct witness *w)
{
	struct noticing *t = ctx;
	int rc = 0;

	(void)tip;
	if (t->own && strcmp(t->own, device) == 0)
		return w ? notice_head(t, device, w) : 0;
	notice_silence(t, device, w);
	if (w)
		rc = notice_head(t, device, w);
	return rc || !w ? rc : notice_others(t, device, w);
}

int
devices_notices(struct git *g, const struct state *s, const struct oid *head, const char *own,
    int64_t now, void (*each)(void *ctx, const char *text), void *ctx, struct err *e)
{
	struct noticing t = {g, s, head, own, now, each, ctx, e};

	return devices_each(g, s, notice_one, &t, e);
}

/* --- the hub's rule -------------------------------------------------------------------------- */

int
devices_receive(struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e)
{
	const char *id = ref + strlen(WITNESS_REFS);
	struct objects o = objects_of_git(hub);
	struct state_cache *cache = state_cache_new(&o);
	struct oid main_id, tree, parents[2];
	const struct device *d = NULL;
	struct state *s = NULL;
	struct err inner = {0};
	size_t n;
	int rc = git_ref_get(hub, &main_id, VAULT_MAIN, &inner);

	if (!rc)
		rc = git_commit_links(hub, &main_id, &tree, parents, &n, &inner);
	if (!rc)
		rc = state_open(&s, cache, &tree, &inner);
	if (rc)
		err_append(e, &inner);
	else
		d = state_device(s, id, NULL);
	if (!rc && (!d || d->revoked))
		rc = err_set(e, ERR_ACCESS, _("%s: there is no such device, or it has been revoked"), ref);
	if (!rc)
		rc = witness_check(hub, s, id, old_id, new_id, e);
	if (s)
		state_close(s);
	state_cache_free(cache);
	return rc;
}
