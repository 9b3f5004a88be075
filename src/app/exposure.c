/* What a member's devices can read, whoever holds them now: worked out from the lists, the epochs and
 * the history, without keys (DESIGN 2, 7). A version is taken to be sealed to the identity that was
 * current when it was committed; that is the one rule for writers, and their programs hold to it. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "trail/state.h"
#include "trail/verify.h"
#include "tree/node.h"
#include "vault/current.h"
#include "vault/vault.h"

struct held { /* an epoch whose key the devices have, or may have had */
	char team[36], epoch[9];
};

struct exposed { /* a dossier of which they open an identity */
	char id[11];
	size_t nkeys, keys_cap;
	uint8_t (*keys)[32]; /* identities that they open */
	size_t nrecords, cap;
	char (*records)[66];
	int64_t last;   /* of the newest version that they open */
	bool open;      /* what is written now, they open too */
	int64_t closed; /* since when not */
};

struct exposure {
	struct session *s;
	const char *handle;
	bool all; /* also dossiers that this person may not open */
	struct {
		size_t n, cap;
		struct held *v;
	} held;
	struct {
		size_t n, cap;
		struct exposed *v; /* sorted by id */
	} dossiers;
	struct state_cache *cache;
	struct err *e;

	/* one commit */
	const struct oid *other; /* tree of a merge's second parent */
	bool people;             /* members or teams changed */
	struct {
		size_t n, cap;
		struct {
			struct exposed *x;
			char record[66]; /* "": its dossier.yaml */
		} *v;
	} touched;
};

/* --- what they hold ----------------------------------------------------------------------- */

static bool
holds(const struct exposure *x, const char *team, const char *epoch)
{
	for (size_t i = 0; i < x->held.n; i++)
		if (strcmp(x->held.v[i].epoch, epoch) == 0 && strcmp(x->held.v[i].team, team) == 0)
			return true;
	return false;
}

static size_t
depth(const struct state *s, const struct epoch *ep)
{
	size_t n = 0;

	/* policy lets no circle in; a hostile tree must not hang us either */
	do {
		ep = *ep->earlier ? state_epoch_named(s, ep->team, ep->earlier) : NULL;
		n++;
	} while (ep && n < 100000);
	return n;
}

/* Nobody is struck from an epoch that they had the key of, and its file holds the keys of all before. */
static void
gather_held(struct exposure *x, const struct state *s)
{
	const char *const *teams;
	size_t n = state_teams(s, &teams);

	for (size_t i = 0; i < n; i++) {
		const struct epoch *const *ep;
		size_t neps = state_epochs(s, teams[i], &ep), deepest = 0;

		for (size_t k = 0; k < neps; k++)
			if (epoch_lists(ep[k], x->handle) && depth(s, ep[k]) > deepest)
				deepest = depth(s, ep[k]);
		for (size_t k = 0; k < neps; k++) {
			if (depth(s, ep[k]) >= deepest && !epoch_lists(ep[k], x->handle))
				continue;
			vec_grow(&x->held);
			memcpy(x->held.v[x->held.n].team, ep[k]->team, sizeof x->held.v->team);
			memcpy(x->held.v[x->held.n++].epoch, ep[k]->name, sizeof x->held.v->epoch);
		}
	}
}

static int
gather_dossier(void *ctx, const struct dossier *d)
{
	struct exposure *x = ctx;
	struct exposed one = {0};

	if (!x->all && !vault_can_read(x->s->v, d->id))
		return 0;
	for (size_t i = 0; i < d->nkeys; i++) {
		bool opens = false;

		for (size_t k = 0; k < d->keys[i].nfor && !opens; k++)
			opens = holds(x, d->keys[i].to[k].team, d->keys[i].to[k].epoch);
		if (!opens)
			continue;
		if (one.nkeys == one.keys_cap) {
			one.keys_cap = one.keys_cap ? one.keys_cap * 2 : 4;
			one.keys = xrealloc(one.keys, one.keys_cap, sizeof *one.keys);
		}
		memcpy(one.keys[one.nkeys++], d->keys[i].id, 32);
	}
	if (!one.nkeys)
		return 0;
	memcpy(one.id, d->id, sizeof one.id);
	vec_grow(&x->dossiers);
	x->dossiers.v[x->dossiers.n++] = one;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct exposed *)a)->id, ((const struct exposed *)b)->id);
}

static struct exposed *
find_exposed(const struct exposure *x, const char *id)
{
	struct exposed key = {0};

	memcpy(key.id, id, sizeof key.id);
	return x->dossiers.n ?
	    bsearch(&key, x->dossiers.v, x->dossiers.n, sizeof key, by_id) : NULL;
}

/* --- the history ------------------------------------------------------------------------------ */

static int
touch(void *ctx, const char *path, const struct oid *old, unsigned old_mode, const struct oid *id,
    unsigned mode)
{
	struct exposure *x = ctx;
	struct exposed *d;
	struct storepath p;
	struct oid theirs;

	(void)old, (void)old_mode;
	switch (storepath_parse(&p, path)) {
	case PATH_MEMBER:
	case PATH_EPOCH:
		x->people = true;
		return 0;
	case PATH_RECORD:
	case PATH_DOSSIER:
		break;
	default:
		return 0;
	}
	d = find_exposed(x, p.dossier);
	if (!d || !id)
		return 0;
	/* what a merge took from its other side was judged there */
	if (x->other && p.kind == PATH_RECORD &&
	    git_tree_find(vault_git(x->s->v), &theirs, &mode, x->other, path, NULL) == 0 &&
	    oid_equal(&theirs, id))
		return 0;
	vec_grow(&x->touched);
	x->touched.v[x->touched.n].x = d;
	memcpy(x->touched.v[x->touched.n++].record, p.record, sizeof p.record);
	return 0;
}

/* What would be sealed now is for an epoch that they hold. */
static bool
would_open(const struct exposure *x, const struct state *s, const struct dossier *d, int64_t now)
{
	char(*teams)[36] = xcalloc(d->naccess + 1, sizeof *teams);
	size_t n = current_readers(s, d, now, teams);
	bool open = false;

	for (size_t i = 0; i < n && !open; i++) {
		const struct epoch *const *tips;
		size_t ntips = state_tips(s, teams[i], &tips);

		for (size_t k = 0; k < ntips && !open; k++)
			open = current_epoch(s, tips[k], now) && holds(x, teams[i], tips[k]->name);
	}
	free(teams);
	return open;
}

/* The identity current at that commit is one of theirs. Where none is (a merge brought lists together,
 * say), it was one of those before: counted, for this is to say what is to be feared. */
static bool
sealed_for_them(const struct exposed *x, const struct state *s, const struct dossier *d, int64_t now)
{
	char(*teams)[36] = xcalloc(d->naccess + 1, sizeof *teams);
	size_t n = current_readers(s, d, now, teams);
	bool theirs = false, any = false;

	for (size_t i = 0; i < d->nkeys; i++) {
		if (!current_covers(s, d, i, teams, n, now))
			continue;
		any = true;
		for (size_t k = 0; k < x->nkeys && !theirs; k++)
			theirs = memcmp(x->keys[k], d->keys[i].id, 32) == 0;
	}
	free(teams);
	return theirs || !any;
}

static void
add_record(struct exposed *d, const char *record, int64_t at)
{
	if (at > d->last)
		d->last = at;
	for (size_t i = 0; i < d->nrecords; i++)
		if (strcmp(d->records[i], record) == 0)
			return;
	if (d->nrecords == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 8;
		d->records = xrealloc(d->records, d->cap, sizeof *d->records);
	}
	memcpy(d->records[d->nrecords++], record, sizeof *d->records);
}

/* Absent at that commit: *out NULL. */
static int
dossier_at(const struct dossier **out, const struct state *s, const char *id, struct err *e)
{
	struct err inner = {0};
	int rc = state_dossier(s, out, id, &inner);

	if (rc == ERR_NOTFOUND) {
		*out = NULL;
		return 0;
	}
	err_append(e, &inner);
	return rc;
}

static int
look_again(struct exposure *x, struct exposed *d, const struct state *s, int64_t now)
{
	const struct dossier *at;
	bool open;
	int rc = dossier_at(&at, s, d->id, x->e);

	if (rc || !at)
		return rc;
	open = would_open(x, s, at, now);
	if (d->open && !open)
		d->closed = now;
	d->open = open;
	return 0;
}

static int
weigh(struct exposure *x, const struct oid *tree, int64_t at, bool mainline)
{
	struct state *s = NULL;
	int rc = state_open(&s, x->cache, tree, x->e);

	for (size_t i = 0; !rc && i < x->touched.n; i++) {
		struct exposed *d = x->touched.v[i].x;
		const struct dossier *was;

		if (!*x->touched.v[i].record) {
			if (mainline)
				rc = look_again(x, d, s, at);
			continue;
		}
		rc = dossier_at(&was, s, d->id, x->e);
		if (!rc && was && sealed_for_them(d, s, was, at))
			add_record(d, x->touched.v[i].record, at);
	}
	for (size_t i = 0; !rc && mainline && x->people && i < x->dossiers.n; i++)
		rc = look_again(x, &x->dossiers.v[i], s, at);
	if (s)
		state_close(s);
	return rc;
}

static int
commit_time(struct git *g, int64_t *at, const struct oid *id, struct err *e)
{
	struct objects o = objects_of_git(g);
	struct buf raw = {0};
	struct commit c;
	uint8_t sha[32];
	int rc = trail_load(&o, &raw, &c, sha, id, e);

	if (!rc)
		*at = c.time;
	buf_free(&raw);
	return rc;
}

static int
read_commit(struct exposure *x, const struct oid *id, bool mainline)
{
	struct git *g = vault_git(x->s->v);
	struct oid tree, before, other, parents[2], none[2];
	int64_t at = 0;
	size_t n, m;
	int rc = git_commit_links(g, id, &tree, parents, &n, x->e);

	x->touched.n = 0;
	x->people = false;
	x->other = NULL;
	if (!rc && n)
		rc = git_commit_links(g, &parents[0], &before, none, &m, x->e);
	if (!rc && n == 2) {
		rc = git_commit_links(g, &parents[1], &other, none, &m, x->e);
		x->other = &other;
	}
	if (!rc)
		rc = git_diff(g, n ? &before : NULL, &tree, touch, x, x->e);
	x->other = NULL;
	if (rc || (!x->touched.n && !(x->people && mainline)))
		return rc;
	rc = commit_time(g, &at, id, x->e);
	return rc ? rc : weigh(x, &tree, at, mainline);
}

static int
oid_order(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

/* The commits along which main itself went: HEAD and first parents. */
static int
main_line(struct exposure *x, struct oid **out, size_t *n)
{
	struct git *g = vault_git(x->s->v);
	struct oid id = *vault_head(x->s->v), tree, parents[2];
	struct {
		size_t n, cap;
		struct oid *v;
	} line = {0};
	size_t np = 1;
	int rc = 0;

	while (!rc && np) {
		vec_grow(&line);
		line.v[line.n++] = id;
		rc = git_commit_links(g, &id, &tree, parents, &np, x->e);
		id = parents[0];
	}
	qsort(line.v, line.n, sizeof *line.v, oid_order);
	*out = line.v;
	*n = line.n;
	return rc;
}

static int
read_history(struct exposure *x)
{
	struct oid *all = NULL, *line = NULL;
	size_t n = 0, nline = 0;
	int rc = main_line(x, &line, &nline);

	if (!rc)
		rc = git_walk(vault_git(x->s->v), &all, &n, vault_head(x->s->v), NULL, 0, x->e);
	for (size_t i = 0; !rc && i < n; i++) {
		if (x->s->progress && x->s->progress(x->s->ctx, _("reading"), i, n))
			rc = err_set(x->e, ERR_CANCELLED, _("stopped"));
		else
			rc = read_commit(x, &all[i],
			    bsearch(&all[i], line, nline, sizeof *line, oid_order) != NULL);
	}
	free(all);
	free(line);
	return rc;
}

/* --- the answer --------------------------------------------------------------------------------- */

/* A grant that ended by itself left no commit. */
static int
look_now(struct exposure *x, struct exposed *d, int64_t now)
{
	const struct state *s = vault_state(x->s->v);
	const struct dossier *at;
	int rc = dossier_at(&at, s, d->id, x->e);

	if (rc || !at || !d->open || would_open(x, s, at, now))
		return rc;
	d->open = false;
	for (size_t i = 0; i < at->nuntil; i++)
		if (at->until[i].at <= now && at->until[i].at > d->closed)
			d->closed = at->until[i].at;
	return 0;
}

static struct node *
row(struct session *s, const struct exposed *d)
{
	struct node *r = node_map(s->arena);
	char at[DATE_TIME_LEN + 1];

	node_set(s->arena, r, "dossier", node_str(s->arena, d->id));
	node_set(s->arena, r, "records", node_int(s->arena, (int64_t)d->nrecords));
	/* somebody who did not know yet may have written later than the list was closed */
	date_time_format(at, d->last > d->closed ? d->last : d->closed);
	node_set(s->arena, r, "until", d->open ? node_null(s->arena) : node_str(s->arena, at));
	return r;
}

int
app_exposure(struct session *s, struct node **out, const char *handle, struct err *e)
{
	struct exposure x = {.s = s, .handle = handle, .e = e};
	struct node *list = node_seq(s->arena);
	const struct member *me;
	struct objects o;
	int rc = session_store(s, true, e);

	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (!rc && !state_member(vault_state(s->v), handle))
		rc = err_set(e, ERR_NOTFOUND, _("no such member: %s"), handle);
	if (rc)
		return rc;
	/* who keeps the members, or looks after them, answers for dossiers they cannot open too */
	x.all = me->roles & (ROLE_ADMIN | ROLE_AUDITOR | ROLE_RECOVERY);
	o = objects_of_git(vault_git(s->v));
	x.cache = state_cache_new(&o);
	gather_held(&x, vault_state(s->v));
	rc = each_dossier(s, gather_dossier, &x, e);
	if (x.dossiers.n)
		qsort(x.dossiers.v, x.dossiers.n, sizeof *x.dossiers.v, by_id);
	if (!rc && x.dossiers.n)
		rc = read_history(&x);
	for (size_t i = 0; !rc && i < x.dossiers.n; i++) {
		rc = look_now(&x, &x.dossiers.v[i], date_now());
		if (!rc && (x.dossiers.v[i].open || x.dossiers.v[i].nrecords))
			node_push(s->arena, list, row(s, &x.dossiers.v[i]));
	}
	for (size_t i = 0; i < x.dossiers.n; i++) {
		free(x.dossiers.v[i].keys);
		free(x.dossiers.v[i].records);
	}
	free(x.dossiers.v);
	free(x.held.v);
	free(x.touched.v);
	state_cache_free(x.cache);
	if (!rc)
		*out = list;
	return rc;
}
