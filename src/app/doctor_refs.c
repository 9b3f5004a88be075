/* Refs that are damaged, or that name what is gone: put back from what is known. */
#include "app/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/i18n.h"
#include "trail/commit.h"
#include "trail/verify.h"
#include "vault/vault.h"
#include "vault/witness.h"

#define HUBS "refs/akt/hub/"
#define QUARANTINE "refs/akt/quarantine/"

struct refs {
	size_t n, cap;
	struct one_ref {
		char *name;
		struct oid id;
		bool bad; /* it cannot be read */
	} *v;
};

static int
add_ref(void *ctx, const char *ref, const struct oid *id)
{
	struct refs *r = ctx;

	vec_grow(r);
	r->v[r->n++] = (struct one_ref){xstrdup(ref), id ? *id : (struct oid){{0}}, !id};
	return 0;
}

static void
refs_free(struct refs *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].name);
	free(r->v);
}

static const struct one_ref *
find(const struct refs *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].name, name) == 0)
			return &r->v[i];
	return NULL;
}

static bool
is_main_repo(const struct doctor *d, const struct repo *r)
{
	return r == &d->repo[0];
}

int
doctor_refs_look(struct doctor *d, struct repo *r, struct err *e)
{
	struct refs refs = {0};
	int rc = git_ref_survey(r->g, add_ref, &refs, e);

	for (size_t i = 0; !rc && i < refs.n; i++)
		if (refs.v[i].bad) {
			char *file = xasprintf("%s%s", r->name, refs.v[i].name);

			doctor_ill(d, "ref", file, NULL, _("the ref is damaged"));
			free(file);
		}
	/* an empty hub has none yet */
	if (!rc && is_main_repo(d, r) && !find(&refs, VAULT_MAIN) && (d->machine || refs.n))
		doctor_ill(d, "ref", VAULT_MAIN, NULL, _("the ref is missing"));
	refs_free(&refs);
	return rc;
}

/* --- what main may have named -------------------------------------------------------------------- */

struct candidate {
	struct oid id;
	size_t commits;
	int64_t time;
	bool elsewhere; /* another machine or hub has it too */
};
struct ids {
	size_t n, cap;
	struct oid *v;
};

struct search {
	struct doctor *d;
	struct repo *r;
	struct ids known;   /* heads that were verified, or that copies call main */
	struct ids inner;   /* commits that another names; sorted */
	struct ids commits; /* of the trail */
	struct {
		size_t n, cap;
		struct candidate *v;
	} found;
};

static void
add_id(struct ids *x, const struct oid *id)
{
	vec_grow(x);
	x->v[x->n++] = *id;
}

static int
by_id(const void *a, const void *b)
{
	return oid_cmp(a, b);
}

static bool
has_id(const struct ids *sorted, const struct oid *id)
{
	return sorted->n && bsearch(id, sorted->v, sorted->n, sizeof *id, by_id);
}

static int
each_commit(void *ctx, const struct oid *id)
{
	struct search *s = ctx;
	struct buf raw = {0};
	struct commit c;

	/* a device's own log is not the trail */
	if (git_read(s->r->g, &raw, NULL, id, NULL) == 0 &&
	    commit_parse(&c, raw.p, raw.n, NULL) == 0 && strcmp(c.verb, "seen") != 0) {
		add_id(&s->commits, id);
		for (size_t i = 0; i < c.nparents; i++)
			add_id(&s->inner, &c.parent[i]);
	}
	buf_free(&raw);
	return 0;
}

static void
add_candidate(struct search *s, const struct oid *id, bool elsewhere)
{
	struct candidate x = {.id = *id, .elsewhere = elsewhere};
	struct oid *all = NULL;
	struct buf raw = {0};
	struct commit c;

	if (git_walk(s->r->g, &all, &x.commits, id, NULL, 0, NULL) == 0 &&
	    git_read(s->r->g, &raw, NULL, id, NULL) == 0 && commit_parse(&c, raw.p, raw.n, NULL) == 0) {
		x.time = c.time;
		vec_grow(&s->found);
		s->found.v[s->found.n++] = x;
	}
	free(all);
	buf_free(&raw);
}

/* Work that is nowhere else comes first; then the longer history, and of equal ones the younger. */
static int
by_worth(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->elsewhere != y->elsewhere)
		return x->elsewhere - y->elsewhere;
	if (x->commits != y->commits)
		return (x->commits < y->commits) - (x->commits > y->commits);
	return (x->time < y->time) - (x->time > y->time);
}

/* The heads that a hub had, was given, or calls main now, with all that they contain. */
static int
gather_known(struct search *s, struct err *e)
{
	struct refs refs = {0};
	size_t n;
	struct git **sources = doctor_sources(s->d, s->r, &n);
	int rc = git_ref_survey(s->r->g, add_ref, &refs, e);

	for (size_t i = 0; !rc && i < refs.n; i++)
		if (!refs.v[i].bad && (strncmp(refs.v[i].name, HUBS, strlen(HUBS)) == 0 ||
		                          strncmp(refs.v[i].name, QUARANTINE, strlen(QUARANTINE)) == 0))
			add_id(&s->known, &refs.v[i].id);
	for (size_t i = 0; !rc && i < n; i++) {
		struct git_fill f = {.sources = (struct git *const *)sources, .nsources = n,
			.progress = doctor_progress, .ctx = s->d};
		struct oid id;

		if (git_ref_get(sources[i], &id, VAULT_MAIN, NULL))
			continue;
		rc = git_fill(s->r->g, &id, 1, &f, e);
		add_id(&s->known, &id);
		add_id(&s->commits, &id);
	}
	free(sources);
	refs_free(&refs);
	return rc;
}

static int
gather(struct search *s, struct err *e)
{
	struct ids around = {0};
	int rc = gather_known(s, e);

	if (!rc)
		git_look_each(s->r->look, GIT_COMMIT, each_commit, s);
	for (size_t i = 0; !rc && i < s->known.n; i++) {
		struct oid *all = NULL;
		size_t n = 0;

		if (git_walk(s->r->g, &all, &n, &s->known.v[i], NULL, 0, NULL) == 0)
			for (size_t k = 0; k < n; k++)
				add_id(&around, &all[k]);
		free(all);
	}
	if (s->inner.n)
		qsort(s->inner.v, s->inner.n, sizeof *s->inner.v, by_id);
	if (around.n)
		qsort(around.v, around.n, sizeof *around.v, by_id);
	if (s->commits.n)
		qsort(s->commits.v, s->commits.n, sizeof *s->commits.v, by_id);
	for (size_t i = 0; !rc && i < s->commits.n; i++)
		if (!has_id(&s->inner, &s->commits.v[i]) &&
		    (i == 0 || !oid_equal(&s->commits.v[i], &s->commits.v[i - 1])))
			add_candidate(s, &s->commits.v[i], has_id(&around, &s->commits.v[i]));
	if (s->found.n)
		qsort(s->found.v, s->found.n, sizeof *s->found.v, by_worth);
	free(around.v);
	return rc;
}

/* Good from its root, and the root is the one of the heads that were verified before. */
static bool
holds(struct search *s, const struct oid *id, const uint8_t (*root)[32])
{
	struct trail_options opt = {.stop_at_first = true, .progress = doctor_progress, .ctx = s->d};
	struct trail_report r = {0};
	bool good = trail_verify(&r, s->r->g, id, &opt, NULL) == 0 && r.nfailures == 0 &&
	    (!root || memcmp(r.fingerprint, *root, 32) == 0);

	trail_report_free(&r);
	return good;
}

static bool
root_of(struct search *s, uint8_t out[32])
{
	for (size_t i = 0; i < s->known.n; i++) {
		struct trail_options opt = {.stop_at_first = true};
		struct trail_report r = {0};
		bool good = trail_verify(&r, s->r->g, &s->known.v[i], &opt, NULL) == 0 && r.nfailures == 0;

		memcpy(out, r.fingerprint, 32);
		trail_report_free(&r);
		if (good)
			return true;
	}
	return false;
}

static void
tell_main(struct search *s, size_t taken)
{
	char hex[OID_HEX + 1], at[DATE_TIME_LEN + 1];

	oid_format(hex, &s->found.v[taken].id);
	date_time_format(at, s->found.v[taken].time);
	doctor_notice(s->d, _("branch main was put back to commit %.12s of %s"), hex, at);
	for (size_t i = 0; i < s->found.n; i++) {
		if (i == taken || s->found.v[i].elsewhere)
			continue;
		oid_format(hex, &s->found.v[i].id);
		doctor_notice(s->d, _("commit %.12s lies here too and may hold work that was saved last: akt show REC --at %.12s"),
		    hex, hex);
	}
}

static int
put_ref(struct git *g, const char *ref, const struct oid *id, struct err *e)
{
	struct oid was;
	/* what packed-refs says of it shows where the file is gone */
	bool have = git_ref_get(g, &was, ref, NULL) == 0;

	if (have && id && oid_equal(&was, id))
		return 0;
	return have || id ? git_ref_set(g, ref, id, have ? &was : NULL, e) : 0;
}

static int
restore_main(struct doctor *d, struct repo *r, struct err *e)
{
	struct search s = {.d = d, .r = r};
	uint8_t root[32];
	bool rooted, done = false;
	int rc = gather(&s, e);

	rooted = !rc && root_of(&s, root);
	for (size_t i = 0; !rc && !done && i < s.found.n; i++)
		if (holds(&s, &s.found.v[i].id, rooted ? (const uint8_t(*)[32])&root : NULL)) {
			rc = put_ref(r->g, VAULT_MAIN, &s.found.v[i].id, e);
			if (!rc)
				tell_main(&s, i);
			done = true;
		}
	free(s.known.v);
	free(s.inner.v);
	free(s.commits.v);
	free(s.found.v);
	return rc;
}

/* --- the devices' own logs ---------------------------------------------------------------------------- */

struct chain {
	struct git *g;
	const struct state *s;
	const char *device;
	struct oid best;
	int64_t n;
};

static int
each_witness(void *ctx, const struct oid *id)
{
	struct chain *c = ctx;
	struct witness *w = NULL;

	if (witness_read(&w, c->g, id, NULL) == 0 && strcmp(w->device, c->device) == 0 && w->n > c->n &&
	    witness_check(c->g, c->s, c->device, NULL, id, NULL) == 0) {
		c->best = *id;
		c->n = w->n;
	}
	witness_free(w);
	return 0;
}

static int
restore_device(struct doctor *d, struct repo *r, const struct state *s, const char *ref,
    struct err *e)
{
	struct chain c = {.g = r->g, .s = s, .device = ref + strlen(WITNESS_REFS)};
	size_t n;
	struct git **sources = doctor_sources(d, r, &n);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		struct git_fill f = {.sources = (struct git *const *)sources, .nsources = n,
			.progress = doctor_progress, .ctx = d};
		struct oid id;

		if (git_ref_get(sources[i], &id, ref, NULL))
			continue;
		rc = git_fill(r->g, &id, 1, &f, e);
		if (!rc)
			each_witness(&c, &id);
	}
	if (!rc)
		git_look_each(r->look, GIT_COMMIT, each_witness, &c);
	if (!rc && c.n)
		rc = put_ref(r->g, ref, &c.best, e);
	free(sources);
	return rc;
}

/* --- all of them ------------------------------------------------------------------------------------------ */

/* Is what it names here, or brought here? */
static int
reachable(struct doctor *d, struct repo *r, const struct oid *id, bool *yes, struct err *e)
{
	size_t n;
	struct git **sources = NULL;
	struct git_fill f = {.progress = doctor_progress, .ctx = d};
	struct buf raw = {0};
	int rc = 0;

	*yes = git_read(r->g, &raw, NULL, id, NULL) == 0;
	buf_free(&raw);
	if (*yes)
		return 0;
	sources = doctor_sources(d, r, &n);
	f.sources = (struct git *const *)sources;
	f.nsources = n;
	rc = git_fill(r->g, id, 1, &f, e);
	*yes = f.fetched > 0;
	free(sources);
	return rc;
}

static bool
all_asked(const struct doctor *d)
{
	for (size_t i = 0; i < d->copies.n; i++)
		if (!d->copies.v[i].main)
			return false;
	return d->copies.n > 0;
}

static int
take_away(struct repo *r, const struct one_ref *x, struct err *e)
{
	struct oid id;
	int rc = git_mend_aside(r->path, x->name, r->aside, e);

	/* of an older one in packed-refs */
	if (!rc && git_ref_get(r->g, &id, x->name, NULL) == 0 && strcmp(x->name, VAULT_MAIN) != 0)
		rc = git_ref_set(r->g, x->name, NULL, &id, e);
	return rc;
}

static int
restore_devices(struct doctor *d, struct repo *r, const struct refs *lost, struct err *e)
{
	struct objects o = objects_of_git(r->g);
	struct state_cache *cache = state_cache_new(&o);
	struct state *s = NULL;
	struct oid head, tree, parents[2];
	size_t n;
	int rc = 0;

	if (git_ref_get(r->g, &head, VAULT_MAIN, NULL) == 0 &&
	    git_commit_links(r->g, &head, &tree, parents, &n, NULL) == 0 &&
	    state_open(&s, cache, &tree, NULL) == 0)
		for (size_t i = 0; !rc && i < lost->n; i++)
			if (strncmp(lost->v[i].name, WITNESS_REFS, strlen(WITNESS_REFS)) == 0)
				rc = restore_device(d, r, s, lost->v[i].name, e);
	if (s)
		state_close(s);
	state_cache_free(cache);
	return rc;
}

int
doctor_refs_mend(struct doctor *d, struct repo *r, struct err *e)
{
	struct refs refs = {0}, lost = {0};
	bool main_lost = false;
	int rc = git_ref_survey(r->g, add_ref, &refs, e);

	for (size_t i = 0; !rc && i < refs.n; i++) {
		struct one_ref *x = &refs.v[i];
		bool here = false;

		if (!x->bad)
			rc = reachable(d, r, &x->id, &here, e);
		if (rc || here)
			continue;
		/* what it names is nowhere: it may lie in a copy that could not be asked */
		if (!x->bad && !all_asked(d))
			continue;
		/* else it is the ref that was damaged, into another id */
		if (!x->bad && strcmp(x->name, VAULT_MAIN) == 0 && git_look_damaged(r->look, &x->id))
			doctor_gone(d, &x->id, _("the change that was saved last lay here alone, and is lost"));
		rc = take_away(r, x, e);
		if (!rc)
			add_ref(&lost, x->name, NULL);
	}
	main_lost = is_main_repo(d, r) && (find(&lost, VAULT_MAIN) || !find(&refs, VAULT_MAIN));
	if (!rc && main_lost)
		rc = restore_main(d, r, e);
	if (!rc && is_main_repo(d, r))
		rc = restore_devices(d, r, &lost, e);
	refs_free(&refs);
	refs_free(&lost);
	return rc;
}
