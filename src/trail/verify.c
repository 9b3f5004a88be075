#include "trail/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "trail/ahead.h"
#include "trail/seen.h"
#include "trail/side.h"

enum {
	HELD = 16,          /* states kept open; a commit needs three at once */
	CLOCK_SLACK = 300,  /* seconds that a child may be dated before its parent (DESIGN 4) */
	PROGRESS_EVERY = 64,
};

struct held {
	struct oid tree;
	struct state *state; /* NULL: free */
	uint64_t used;
};

struct walk {
	struct git *g;
	const struct trail_options *opt;
	struct trail_report *r;
	struct objects raw_objects; /* commits */
	struct objects_cache *cache;
	struct objects o;           /* trees and files, through the cache */
	struct tree256 *t256;
	struct state_cache *states;
	struct held held[HELD];
	uint64_t clock;
	struct seen_index seen;
	char store_id[11];          /* the root's; "" until known */
	bool rooted;                /* a root was met, or lies behind the mark */
	struct ahead *ahead;        /* NULL: each commit is read and its signature checked here */
	struct buf raw;             /* the commit at hand */
	struct err err;             /* of the commit at hand; not zeroed whole each time: 14 KiB */
};

/* The commit being judged. */
struct subject {
	struct seen *self;
	struct commit c;
	struct seen *parent[2];
	bool parents_known;
	bool good;                  /* its signature has been found good, by: */
	uint8_t signer[32];
};

void
trail_report_free(struct trail_report *r)
{
	for (size_t i = 0; i < r->nfailures; i++)
		free(r->failures[i].message);
	for (size_t i = 0; i < r->nnotices; i++)
		free(r->notices[i]);
	free(r->failures);
	free(r->notices);
	*r = (struct trail_report){0};
}

/* --- findings ------------------------------------------------------------------------- */

static void
short_id(char out[13], const struct oid *id)
{
	char hex[OID_HEX + 1];

	oid_format(hex, id);
	memcpy(out, hex, 12);
	out[12] = '\0';
}

static void
fail(struct walk *w, const struct oid *id, enum policy_rule rule, const char *path,
    const char *text)
{
	struct trail_report *r = w->r;
	const char *name = policy_rule_name(rule), *meaning = policy_rule_meaning(rule);
	struct seen *s = seen_add(&w->seen, id);
	char hex[13], *message = NULL;

	short_id(hex, id);
	/* TRANSLATORS: commit, rule, (path,) what was found, and what that means */
	message = path && *path ? xasprintf(_("commit %s, rule %s: %s: %s. %s"), hex, name, path,
	    text, meaning) : xasprintf(_("commit %s, rule %s: %s. %s"), hex, name, text, meaning);
	s->bad = true;
	if (r->nfailures == r->ncap) {
		r->ncap = r->ncap ? r->ncap * 2 : 8;
		r->failures = xrealloc(r->failures, r->ncap, sizeof *r->failures);
	}
	r->failures[r->nfailures++] = (struct trail_failure){*id, rule, message};
}

static void
notice(struct walk *w, const struct oid *id, const char *text)
{
	struct trail_report *r = w->r;
	char hex[13];

	short_id(hex, id);
	if (r->nnotices == r->notice_cap) {
		r->notice_cap = r->notice_cap ? r->notice_cap * 2 : 8;
		r->notices = xrealloc(r->notices, r->notice_cap, sizeof *r->notices);
	}
	r->notices[r->nnotices++] = xasprintf(_("commit %s: %s"), hex, text);
}

/* Where an error lies: the file in the tree, and in it the field (malloc'd). */
static char *
place_of(const struct err *e)
{
	const char *file = e->n ? e->item[0].file : "", *path = e->n ? e->item[0].path : "";

	if (!*file || !*path || strcmp(file, path) == 0)
		return xstrdup(*file ? file : path);
	return xasprintf("%s: %s", file, path);
}

static void
fail_err(struct walk *w, const struct oid *id, enum policy_rule rule, const struct err *e)
{
	char *place = place_of(e);

	fail(w, id, rule, place, e->n ? e->item[0].text : "");
	free(place);
}

static struct err *
fresh(struct walk *w)
{
	err_clear(&w->err);
	return &w->err;
}

/* A failure of the commit's tree as a whole. The same one in a parent is the same cause: it is
 * not told again for every later commit. */
static void
fail_tree(struct walk *w, struct subject *j, enum policy_rule rule, const struct err *e)
{
	char *place = place_of(e);
	uint8_t digest[32];
	uint64_t cause = 0;

	hash_sha256(digest, place, strlen(place));
	free(place);
	memcpy(&cause, digest, sizeof cause);
	cause = (cause << 8 | (uint64_t)rule) + 1;
	j->self->cause = cause;
	j->self->bad = true;
	for (size_t i = 0; i < j->c.nparents; i++)
		if (j->parent[i] && j->parent[i]->cause == cause)
			return;
	fail_err(w, &j->self->id, rule, e);
}

/* --- states --------------------------------------------------------------------------- */

static int
state_of(struct walk *w, const struct state **out, const struct oid *tree, struct err *e)
{
	struct held *oldest = &w->held[0];
	struct state *s = NULL;
	int rc = 0;

	for (struct held *h = w->held; h < w->held + HELD; h++) {
		if (h->state && oid_equal(&h->tree, tree)) {
			h->used = ++w->clock;
			*out = h->state;
			return 0;
		}
		if (!h->state || (oldest->state && h->used < oldest->used))
			oldest = h;
	}
	rc = state_open(&s, w->states, tree, e);
	if (rc)
		return rc;
	state_close(oldest->state);
	*oldest = (struct held){*tree, s, ++w->clock};
	*out = s;
	return 0;
}

/* --- one commit ----------------------------------------------------------------------- */

/* The parents' entries. Those behind the mark were verified when it was set: they are taken
 * at their word. */
static void
find_parents(struct walk *w, struct subject *j)
{
	j->parents_known = true;
	for (size_t i = 0; i < j->c.nparents; i++) {
		struct oid self = j->self->id;
		struct seen *p = seen_find(&w->seen, &j->c.parent[i]);

		if (!p) {
			struct buf raw = {0};
			struct err *e = fresh(w);
			struct commit c;
			uint8_t sha[32];

			p = seen_add(&w->seen, &j->c.parent[i]);
			if (trail_load(&w->raw_objects, &raw, &c, sha, &j->c.parent[i], e))
				fail_err(w, &j->c.parent[i], RULE_DAMAGE, e);
			else
				seen_know(p, &c, sha);
			buf_free(&raw);
		}
		j->parents_known = j->parents_known && p->known;
		j->self = seen_find(&w->seen, &self);
		j->self->bad = j->self->bad || p->bad || !p->known;
	}
	for (size_t i = 0; i < j->c.nparents; i++)
		j->parent[i] = seen_find(&w->seen, &j->c.parent[i]);
}

static bool
check_signature(struct walk *w, struct subject *j)
{
	struct err *e = fresh(w);

	if (!j->good && side_signer(j->signer, &w->raw, &j->c, e)) {
		fail_err(w, &j->self->id, RULE_SIGNATURE, e);
		return false;
	}
	j->self->has_signer = true;
	memcpy(j->self->signer, j->signer, sizeof j->signer);
	return true;
}

static bool
check_trail(struct walk *w, struct subject *j)
{
	uint8_t tree[32], trail[32], pt[2][32], ps[2][32];
	struct err *e = fresh(w);

	objects_cache_failed(w->cache);
	if (tree256_of(w->t256, tree, &w->o, &j->c.tree, e)) {
		fail_tree(w, j, objects_cache_failed(w->cache) ? RULE_DAMAGE : RULE_PATH, e);
		return false;
	}
	if (!j->parents_known)
		return true;
	for (size_t i = 0; i < j->c.nparents; i++) {
		memcpy(pt[i], j->parent[i]->trail, sizeof pt[i]);
		memcpy(ps[i], j->parent[i]->sha256, sizeof ps[i]);
	}
	commit_trail(trail, j->c.nparents, (const uint8_t(*)[32])pt,
	    (const uint8_t(*)[32])ps, tree);
	if (memcmp(trail, j->c.trail, sizeof trail) == 0)
		return true;
	fail(w, &j->self->id, RULE_TRAIL, NULL,
	    _("the trail value it states is not the one that its parents and files give"));
	return false;
}

/* One root, and one store id throughout. First, so that a root counts even if unsigned. */
static bool
check_store(struct walk *w, struct subject *j)
{
	if (j->c.nparents == 0 && w->rooted) {
		fail(w, &j->self->id, RULE_ROOT, NULL,
		    _("it is a second beginning of the history"));
		return false;
	}
	if (j->c.nparents == 0) {
		w->rooted = true;
		memcpy(w->r->fingerprint, j->c.trail, sizeof w->r->fingerprint);
	}
	if (!*w->store_id)
		memcpy(w->store_id, j->c.store_id, sizeof w->store_id);
	if (strcmp(w->store_id, j->c.store_id) != 0) {
		fail(w, &j->self->id, RULE_AUTHOR, NULL, _("its author names another store"));
		return false;
	}
	return true;
}

/* Trees of the merge bases, in commit-id order (malloc'd). */
static bool
find_bases(struct walk *w, struct subject *j, struct oid **trees, size_t *n)
{
	struct oid *bases = NULL, *out = NULL;
	struct err *e = fresh(w);
	size_t nbases = 0;
	bool ok = false;

	if (git_merge_bases(w->g, &bases, &nbases, &j->c.parent[0], &j->c.parent[1], e)) {
		fail_err(w, &j->self->id, RULE_DAMAGE, e);
		goto done;
	}
	if (nbases == 0) {
		fail(w, &j->self->id, RULE_PARENTS, NULL,
		    _("it merges two histories without a common beginning"));
		goto done;
	}
	out = xmalloc(nbases * sizeof *out);
	for (size_t i = 0; i < nbases; i++) {
		const struct seen *s = seen_find(&w->seen, &bases[i]);
		struct oid parents[2];
		size_t nparents = 0;

		if (oid_equal(&bases[i], &j->c.parent[0]) ||
		    oid_equal(&bases[i], &j->c.parent[1])) {
			fail(w, &j->self->id, RULE_PARENTS, NULL,
			    _("one of its parents is an ancestor of the other"));
			goto done;
		}
		if (s && s->known) {
			out[i] = s->tree;
		} else if (git_commit_links(w->g, &bases[i], &out[i], parents, &nparents, e)) {
			fail_err(w, &j->self->id, RULE_DAMAGE, e);
			goto done;
		}
	}
	*trees = out;
	*n = nbases;
	out = NULL;
	ok = true;
done:
	free(bases);
	free(out);
	return ok;
}

/* What policy must know of a merge beyond its parents' states. */
static bool
find_merge(struct walk *w, struct subject *j, struct policy_input *in, struct oid **bases,
    struct policy_side *side[2])
{
	struct err *e = fresh(w);

	if (!find_bases(w, j, bases, &in->nbases))
		return false;
	in->base_tree = *bases;
	for (size_t i = 0; i < 2; i++) {
		if (side_read(&side[i], &in->nside[i], w->g, &w->seen, &j->c.parent[i],
		    &j->c.parent[1 - i], e)) {
			/* a commit that failed was reported itself */
			if (!j->self->bad)
				fail_err(w, &j->self->id, RULE_DAMAGE, e);
			return false;
		}
		in->side[i] = side[i];
	}
	return true;
}

static void
check_policy(struct walk *w, struct subject *j)
{
	struct policy_input in = {.commit = j->c, .id = j->self->id};
	struct policy_side *side[2] = {NULL, NULL};
	struct verdict v = {0};
	struct oid *bases = NULL;
	struct err *e = &w->err;
	bool judged = true;

	memcpy(in.signer, j->signer, sizeof in.signer);
	if (j->c.nparents == 2 && !find_merge(w, j, &in, &bases, side))
		goto done;
	objects_cache_failed(w->cache);
	for (size_t i = 0; i < j->c.nparents; i++) {
		struct seen *p = j->parent[i];

		in.parent_tree[i] = p->tree;
		in.parent_time[i] = p->time;
		if (state_of(w, &in.before[i], &p->tree, fresh(w)) == 0)
			continue;
		/* nothing to judge by; what was not reported itself lies behind the mark */
		if (!p->bad)
			fail_err(w, &p->id, RULE_DAMAGE, e);
		j->self->bad = true;
		judged = false;
	}
	objects_cache_failed(w->cache);
	if (state_of(w, &in.after, &j->c.tree, fresh(w))) {
		fail_tree(w, j, objects_cache_failed(w->cache) ? RULE_DAMAGE : policy_state_rule(e), e);
		goto done;
	}
	if (!judged)
		goto done;
	if (policy_judge(&v, &w->o, &in, fresh(w))) {
		fail_tree(w, j, RULE_DAMAGE, e);
		goto done;
	}
	if (!v.ok)
		fail(w, &j->self->id, v.rule, v.path, v.text);
	for (size_t i = 0; i < v.nnotices; i++)
		notice(w, &j->self->id, v.notice[i]);
done:
	free(bases);
	free(side[0]);
	free(side[1]);
}

static void
check_clock(struct walk *w, const struct subject *j)
{
	for (size_t i = 0; i < j->c.nparents; i++)
		if (j->parent[i]->known && j->c.time + CLOCK_SLACK < j->parent[i]->time) {
			notice(w, &j->self->id,
			    _("dated more than 5 minutes before the change that it follows"));
			return;
		}
}

/* Judges one commit: the first rule it breaks is reported. Non-zero: `each` says stop. */
static int
check_commit(struct walk *w, const struct oid *id)
{
	struct subject j = {.self = seen_add(&w->seen, id)};
	struct err *e = fresh(w);
	uint8_t sha[32];

	if (!(w->ahead && ahead_next(w->ahead, &w->raw, &j.c, sha, &j.good, j.signer)) &&
	    trail_load(&w->raw_objects, &w->raw, &j.c, sha, id, e)) {
		fail_err(w, id, w->raw.n ? RULE_FORMAT : RULE_DAMAGE, e);
		return 0;
	}
	seen_know(j.self, &j.c, sha);
	find_parents(w, &j);
	if (check_store(w, &j) && check_signature(w, &j) && check_trail(w, &j) && j.parents_known)
		check_policy(w, &j);
	check_clock(w, &j);
	if (!j.self->bad && w->opt->each)
		return w->opt->each(w->opt->ctx, id, &j.c, j.c.trail, sha);
	return 0;
}

/* --- the walk ------------------------------------------------------------------------- */

/* git could not walk: names every commit that is missing or unreadable. */
static int
find_gaps(struct walk *w, const struct oid *tip, struct err *e)
{
	struct { size_t n, cap; struct oid *v; } todo = {0};

	vec_grow(&todo);
	todo.v[todo.n++] = *tip;
	while (todo.n) {
		struct oid id = todo.v[--todo.n], tree, parents[2];
		struct err inner = {0};
		size_t nparents = 0;
		int rc;

		if (seen_find(&w->seen, &id))
			continue;
		seen_add(&w->seen, &id);
		rc = git_commit_links(w->g, &id, &tree, parents, &nparents, &inner);
		if (rc == ERR_IO) /* it is there: the disk's own words */
			fail_err(w, &id, RULE_DAMAGE, &inner);
		else if (rc)
			fail(w, &id, RULE_DAMAGE, NULL, _("the commit is missing or unreadable; akt doctor fetches it again"));
		for (size_t i = 0; !rc && i < nparents && i < 2; i++) {
			vec_grow(&todo);
			todo.v[todo.n++] = parents[i];
		}
	}
	free(todo.v);
	return w->r->nfailures ? 0 : e->n ? (int)err_code(e) : ERR_DAMAGED;
}

/* The mark's own commit must still be what was verified. False: it is not, and said so. */
static bool
take_mark(struct walk *w, const struct trail_mark *m)
{
	struct seen *s = seen_add(&w->seen, &m->commit);
	struct err e = {0};
	struct commit c;
	uint8_t sha[32];

	if (trail_load(&w->raw_objects, &w->raw, &c, sha, &m->commit, &e)) {
		fail_err(w, &m->commit, RULE_DAMAGE, &e);
		return false;
	}
	if (memcmp(sha, m->sha256, sizeof sha) != 0 ||
	    memcmp(c.trail, m->trail, sizeof c.trail) != 0) {
		fail(w, &m->commit, RULE_DAMAGE, NULL,
		    _("it is no longer the commit that this machine verified before"));
		return false;
	}
	seen_know(s, &c, sha);
	memcpy(w->store_id, c.store_id, sizeof w->store_id);
	w->rooted = true;
	return true;
}

/* How many commits lie behind those walked. */
static int
count_before(struct walk *w, size_t *n, const struct oid *tip, size_t walked, struct err *e)
{
	const struct trail_mark *m = w->opt->from;
	struct oid *all = NULL;
	bool contains = false;
	int rc = 0;

	*n = 0;
	if (!m)
		return 0;
	rc = git_is_ancestor(w->g, &contains, &m->commit, tip, e);
	if (rc)
		return rc;
	if (contains) {
		*n = m->commits;
		return 0;
	}
	rc = git_walk(w->g, &all, n, tip, NULL, 0, e);
	free(all);
	*n -= rc ? 0 : walked;
	return rc;
}

static int
verify(struct walk *w, const struct oid *tip, struct err *e)
{
	const struct trail_mark *m = w->opt->from;
	const struct oid *hide = m ? &m->commit : NULL;
	struct oid *ids = NULL;
	struct err inner = {0}, head = {0};
	size_t n = 0, before = 0;
	struct commit c;
	int rc = 0;

	if (m && !take_mark(w, m))
		return 0;
	if (git_walk(w->g, &ids, &n, tip, &hide, hide ? 1 : 0, &inner)) {
		rc = git_has(w->g, tip) ? find_gaps(w, tip, &inner) : (int)err_code(&inner);
		if (rc && e)
			err_append(e, &inner);
		return rc;
	}
	rc = count_before(w, &before, tip, n, e);
	if (rc)
		goto done;
	/* here, since a tip that lies behind the mark is not walked */
	if (trail_load(&w->raw_objects, &w->raw, &c, w->r->head_sha256, tip, &head) == 0) {
		memcpy(w->r->trail, c.trail, sizeof w->r->trail);
		w->r->head_time = c.time;
	}
	w->r->commits = before;
	w->ahead = ahead_new(&w->raw_objects, ids, n);
	for (size_t i = 0; i < n; i++) {
		if (w->opt->progress && i % PROGRESS_EVERY == 0 &&
		    w->opt->progress(w->opt->ctx, i, n)) {
			rc = err_set(e, ERR_CANCELLED, _("the verification was cancelled"));
			goto done;
		}
		rc = check_commit(w, &ids[i]);
		if (rc)
			goto done;
		w->r->commits++;
		if (w->opt->stop_at_first && w->r->nfailures)
			break;
	}
	/* read well by the walk, and yet not here: what the report would say of it is not known */
	if (head.n && !w->r->nfailures)
		fail_err(w, tip, RULE_DAMAGE, &head);
	if (w->opt->progress)
		w->opt->progress(w->opt->ctx, n, n);
done:
	ahead_free(w->ahead);
	free(ids);
	return rc;
}

int
trail_verify(struct trail_report *out, struct git *g, const struct oid *tip,
    const struct trail_options *opt, struct err *e)
{
	struct trail_report r = {.head = *tip};
	struct walk w = {.g = g, .opt = opt, .r = &r, .raw_objects = objects_of_git(g)};
	int rc = tree256_open(&w.t256, opt->cache_path, e);

	if (rc)
		return rc;
	w.cache = objects_cache_new(&w.raw_objects);
	w.o = objects_of_cache(w.cache);
	w.states = state_cache_new(&w.o);
	rc = verify(&w, tip, e);
	for (size_t i = 0; i < HELD; i++)
		state_close(w.held[i].state);
	state_cache_free(w.states);
	objects_cache_free(w.cache);
	tree256_close(w.t256);
	seen_free(&w.seen);
	buf_free(&w.raw);
	if (rc)
		trail_report_free(&r);
	else
		*out = r;
	return rc;
}
