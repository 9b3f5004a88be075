/* The devices' chains through a hub: what comes is checked before it counts, what the hub lacks is
 * given to it, whoever's it is. */
#include "sync/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "sync/private.h"
#include "trail/verify.h"
#include "vault/erase.h"
#include "vault/reads.h"
#include "vault/witness.h"

/* Nothing happened, but the others may know that the device is alive. */
enum { HEARTBEAT_S = 86400 };

struct fetch {
	char id[66];
	char *ref, *side;
	struct oid tip;
};

struct run {
	struct sync_result *r;
	struct vault *v;
	struct git *g;
	struct git_remote *hub;
	const char *name, *own;
	const struct sync_options *opt;
	size_t n, cap; /* the hub's chains that stand elsewhere than ours */
	struct fetch *list;
};

static int
progress(void *ctx, size_t done, size_t total)
{
	const struct sync_options *opt = ctx;

	return opt->progress ? opt->progress(opt->ctx, _("fetching"), done, total) : 0;
}

static int
move_ref(struct git *g, const char *ref, const struct oid *to, struct err *e)
{
	struct oid now;
	bool had = git_ref_get(g, &now, ref, NULL) == 0;

	if (had ? to && oid_equal(&now, to) : !to)
		return 0;
	return git_ref_set(g, ref, to, had ? &now : NULL, e);
}

static bool
active(struct run *s, const char *device)
{
	const struct device *d = state_device(vault_state(s->v), device, NULL);

	return d && !d->revoked;
}

/* --- fetching ---------------------------------------------------------------------------- */

static void
choose(struct run *s)
{
	const struct git_remote_ref *refs;
	size_t n = git_remote_refs(s->hub, &refs), len = strlen(WITNESS_REFS);

	for (size_t i = 0; i < n; i++) {
		const char *id = refs[i].name + len;
		struct fetch *f;
		struct oid here;

		if (strncmp(refs[i].name, WITNESS_REFS, len) != 0 || !active(s, id) ||
		    (git_ref_get(s->g, &here, refs[i].name, NULL) == 0 && oid_equal(&here, &refs[i].id)))
			continue;
		if (s->n == s->cap) {
			s->cap = s->cap ? s->cap * 2 : 8;
			s->list = xrealloc(s->list, s->cap, sizeof *s->list);
		}
		f = &s->list[s->n++];
		snprintf(f->id, sizeof f->id, "%s", id);
		f->ref = xstrdup(refs[i].name);
		f->side = xasprintf("refs/akt/in/%s.devices/%s", s->name, id);
		f->tip = refs[i].id;
	}
}

static int
fetch(struct run *s, struct err *e)
{
	struct git_fetch_ref *want = xcalloc(s->n + 1, sizeof *want);
	int rc;

	for (size_t i = 0; i < s->n; i++)
		want[i] = (struct git_fetch_ref){s->list[i].ref, s->list[i].side};
	rc = git_remote_fetch_many(s->hub, s->g, want, s->n, progress, (void *)s->opt, e);
	free(want);
	return rc;
}

/* True when the chain that ends there is at least as long as ours. */
static bool
longer(struct run *s, const struct oid *theirs, const struct oid *mine)
{
	struct witness *a = NULL, *b = NULL;
	bool yes = witness_read(&a, s->g, theirs, NULL) == 0 &&
	    (witness_read(&b, s->g, mine, NULL) || a->n >= b->n);

	witness_free(a);
	witness_free(b);
	return yes;
}

/* This device's chain went on elsewhere (the store was restored from a backup, or there are two of
 * them): what only this store has is added behind what the hub has. Of two hubs that have different
 * ones the longer wins, or they would be added to each other for ever. */
static int
rebase_own(struct run *s, const char *ref, const struct oid *mine, const struct oid *theirs,
    struct err *e)
{
	struct oid *ids = NULL, at = *theirs;
	size_t n = 0;
	int rc = git_walk(s->g, &ids, &n, mine, &theirs, 1, e);

	for (size_t i = 0; !rc && i < n; i++) {
		struct witness *w = NULL;
		struct buf log = {0};
		struct err inner = {0};
		int has;

		rc = witness_read(&w, s->g, &ids[i], e);
		has = rc ? ERR_NOTFOUND : witness_log(s->g, &log, &ids[i], &inner);
		if (!rc && has && has != ERR_NOTFOUND) {
			err_append(e, &inner);
			rc = has;
		}
		if (!rc)
			rc = witness_add(s->v, &at, &at, w, has ? NULL : &log, e);
		buf_free(&log);
		witness_free(w);
	}
	free(ids);
	return rc ? rc : git_ref_set(s->g, ref, &at, mine, e);
}

/* One fetched chain: taken when it continues ours. Ours that continues the hub's is pushed later. */
static int
take(struct run *s, struct fetch *f, struct err *e)
{
	struct err inner = {0};
	struct oid mine;
	bool have = git_ref_get(s->g, &mine, f->ref, NULL) == 0, behind = false;
	int rc = 0;

	if (have)
		rc = git_is_ancestor(s->g, &behind, &f->tip, &mine, e);
	if (rc || behind)
		return rc;
	rc = witness_check(s->g, vault_state(s->v), f->id, have ? &mine : NULL, &f->tip, &inner);
	if (rc == ERR_RACE && strcmp(f->id, s->own) == 0) {
		err_clear(&inner);
		rc = witness_check(s->g, vault_state(s->v), f->id, NULL, &f->tip, &inner);
		if (!rc && longer(s, &f->tip, &mine))
			return rebase_own(s, f->ref, &mine, &f->tip, e);
		rc = rc ? rc : ERR_RACE;
	}
	if (!rc)
		return git_ref_set(s->g, f->ref, &f->tip, have ? &mine : NULL, e);
	if (rc == ERR_RACE)
		sync_notice(s->r, _("the hub's log of %s is not the one seen before, and is not taken"), f->id);
	else
		sync_notice(s->r, _("the hub's log of %s is not taken: %s"), f->id, inner.item[0].text);
	return 0;
}

static int
take_all(struct run *s, struct err *e)
{
	struct err inner = {0};
	int rc = 0;

	choose(s);
	if (s->n)
		rc = fetch(s, &inner);
	if (rc == ERR_RACE || rc == ERR_CANCELLED || rc == ERR_HUB) {
		err_append(e, &inner);
	} else if (rc) {
		/* a damaged log is no reason to hold back anybody's work */
		sync_notice(s->r, _("the devices' logs could not be fetched: %s"), inner.item[0].text);
		rc = 0;
	} else {
		for (size_t i = 0; !rc && i < s->n; i++)
			rc = take(s, &s->list[i], e);
	}
	for (size_t i = 0; i < s->n; i++)
		move_ref(s->g, s->list[i].side, NULL, NULL);
	return rc;
}

/* --- this device's own ----------------------------------------------------------------------- */

struct gather {
	struct witness *w;
	const char *own;
	size_t cap;
};

static int
gather_one(void *ctx, const char *device, const struct oid *tip, const struct witness *w)
{
	struct gather *c = ctx;
	struct witness_other *o;

	if (!w || strcmp(device, c->own) == 0)
		return 0;
	if (c->w->nothers == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 8;
		c->w->others = xrealloc(c->w->others, c->cap, sizeof *c->w->others);
	}
	o = &c->w->others[c->w->nothers++];
	*o = (struct witness_other){.head = *tip, .time = w->time};
	snprintf(o->id, sizeof o->id, "%s", device);
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct witness_other *)a)->id, ((const struct witness_other *)b)->id);
}

/* Commits up to the head, counted on from where this device counted last. */
static int
count_commits(struct run *s, struct witness *w, const struct witness *last, struct err *e)
{
	const struct oid *hide = last ? &last->head : NULL;
	struct oid *ids = NULL;
	size_t n = 0;
	bool forward = false;
	int rc = 0;

	if (last && git_has(s->g, &last->head))
		rc = git_is_ancestor(s->g, &forward, &last->head, &w->head, e);
	if (!rc)
		rc = git_walk(s->g, &ids, &n, &w->head, &hide, forward ? 1 : 0, e);
	w->count = (int64_t)n + (forward ? last->count : 0);
	free(ids);
	return rc;
}

static int
fill(struct run *s, struct witness *w, const struct witness *last, struct err *e)
{
	struct gather c = {.w = w, .own = s->own};
	uint8_t sha[32];
	int rc;

	w->head = *git_remote_ref(s->hub, VAULT_MAIN);
	/* somebody has sent more since: this sync saw the hub at what it ended with itself */
	if (!git_has(s->g, &w->head))
		w->head = *vault_head(s->v);
	rc = trail_stated(s->g, w->trail, sha, &w->head, e);
	if (!rc)
		rc = count_commits(s, w, last, e);
	if (!rc)
		rc = devices_each(s->g, vault_state(s->v), gather_one, &c, e);
	if (!rc && w->nothers)
		qsort(w->others, w->nothers, sizeof *w->others, by_id);
	if (!rc)
		rc = erase_list(&w->erased, &w->nerased, s->g, vault_state(s->v), true, e);
	return rc;
}

static bool
happened(const struct witness *w, const struct witness *last, const struct buf *text)
{
	return !last || text->n || !oid_equal(&w->head, &last->head) || w->nerased != last->nerased ||
	    date_now() - last->time >= HEARTBEAT_S;
}

/* Adds to this device's chain what happened since it last synced. */
static int
append(struct run *s, struct err *e)
{
	struct buf text = {0}, files = {0}, log = {0};
	struct witness *last = NULL, *w = xcalloc(1, sizeof *w);
	char *ref = xasprintf(WITNESS_REFS "%s", s->own);
	struct os_lock *lock = NULL;
	struct oid tip, fresh;
	bool had = false;
	int rc = vault_lock(&lock, s->v, e);

	if (!rc)
		had = git_ref_get(s->g, &tip, ref, NULL) == 0;
	if (!rc && had)
		rc = witness_read(&last, s->g, &tip, e);
	if (!rc)
		rc = reads_waiting(s->v, &text, &files, e);
	if (!rc)
		rc = fill(s, w, last, e);
	if (!rc && text.n)
		rc = reads_seal(s->v, &log, &text, e);
	if (!rc && happened(w, last, &text)) {
		rc = witness_add(s->v, &fresh, had ? &tip : NULL, w, text.n ? &log : NULL, e);
		if (!rc)
			rc = git_ref_set(s->g, ref, &fresh, had ? &tip : NULL, e);
	}
	if (!rc)
		reads_taken(s->v, &files);
	os_unlock(lock);
	witness_free(last);
	witness_free(w);
	buf_free(&text);
	buf_free(&files);
	buf_free(&log);
	free(ref);
	return rc;
}

/* --- pushing ------------------------------------------------------------------------------------ */

/* A chain that the hub lacks, or has shorter: a hub restored from a backup, or a second one, gets the
 * others' too. */
static int
push_one(void *ctx, const char *device, const struct oid *tip, const struct witness *w)
{
	struct run *s = ctx;
	char *ref = xasprintf(WITNESS_REFS "%s", device);
	const struct oid *there = git_remote_ref(s->hub, ref);
	struct err inner = {0};
	bool forward = true;
	int rc = 0;

	if (!w || (there && oid_equal(there, tip)))
		goto done;
	if (there && (!git_has(s->g, there) || git_is_ancestor(s->g, &forward, there, tip, &inner)))
		forward = false;
	if (forward)
		rc = git_remote_push(s->hub, s->g, ref, tip, false, sync_receive, NULL, progress,
		    (void *)s->opt, &inner);
	/* another machine was faster with the same, or the hub is of a kind that takes no such refs: neither
	 * holds up the work, which is in the hub by now */
	if (rc && rc != ERR_RACE && rc != ERR_CANCELLED && rc != ERR_HUB)
		sync_notice(s->r, _("the log of %s could not be given to the hub: %s"), device,
		    inner.item[0].text);
done:
	free(ref);
	return rc == ERR_CANCELLED || (rc == ERR_RACE && strcmp(device, s->own) == 0) ? rc : 0;
}

static void
to_notices(void *ctx, const char *text)
{
	sync_notice(ctx, "%s", text);
}

static void
run_free(struct run *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].ref);
		free(s->list[i].side);
	}
	free(s->list);
}

int
devices_sync(struct sync_result *r, struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e)
{
	struct run s = {r, v, vault_git(v), hub, name, NULL, opt, 0, 0, NULL};
	const struct member *me;
	const struct device *d;
	char own[66], *ref;
	struct oid tip;
	int rc = vault_me(v, &me, &d, e);

	if (rc)
		return rc;
	snprintf(own, sizeof own, "%s", d->id);
	/* git has no refs that end in .lock: a device of that name keeps no log */
	ref = xasprintf(WITNESS_REFS "%s", own);
	rc = git_ref_get(s.g, &tip, ref, NULL);
	free(ref);
	if (rc == ERR_INVALID)
		return 0;
	s.own = own;
	rc = take_all(&s, e);
	if (!rc)
		rc = append(&s, e);
	if (!rc)
		rc = devices_each(s.g, vault_state(v), push_one, &s, e);
	if (rc == ERR_RACE && !e->n)
		err_set(e, ERR_RACE, _("the hub moved meanwhile; sync again"));
	if (!rc)
		rc = devices_notices(s.g, vault_state(v), vault_head(v), own, date_now(), to_notices, r, e);
	run_free(&s);
	return rc;
}

int
devices_join(struct sync_result *r, struct vault *v, struct git_remote *hub, const char *name,
    const struct sync_options *opt, struct err *e)
{
	struct run s = {r, v, vault_git(v), hub, name, "", opt, 0, 0, NULL};
	int rc = take_all(&s, e);

	run_free(&s);
	return rc;
}
