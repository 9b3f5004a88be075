/* What a hub brings: fetched under a side ref, verified, its keys whole, its merges made again. */
#include "sync/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "sync/recompute.h"

int
fetch_progress(void *ctx, size_t done, size_t total)
{
	struct run *s = ctx;

	return s->opt->progress ? s->opt->progress(s->opt->ctx, _("fetching"), done, total) : 0;
}

static int
verify_progress(void *ctx, size_t done, size_t total)
{
	struct run *s = ctx;

	return s->opt->progress ? s->opt->progress(s->opt->ctx, _("verifying"), done, total) : 0;
}

int
fetch_set_ref(struct git *g, const char *ref, const struct oid *id, struct err *e)
{
	struct err inner = {0};
	struct oid old;
	int rc = git_ref_get(g, &old, ref, &inner);

	if (rc && rc != ERR_NOTFOUND) {
		err_append(e, &inner);
		return rc;
	}
	if (rc == 0 && id && oid_equal(&old, id))
		return 0;
	if (rc == ERR_NOTFOUND && !id)
		return 0;
	return git_ref_set(g, ref, id, rc == 0 ? &old : NULL, e);
}

int
fetch_verify(struct run *s, const struct oid *tip, const struct trail_mark *from, struct err *e)
{
	struct trail_options opt = {
		.from = from,
		.progress = verify_progress,
		.ctx = s,
		.stop_at_first = true,
	};
	char *cache = vault_local(s->v, "tree256");
	int rc;

	opt.cache_path = cache;
	trail_report_free(&s->r->report);
	rc = trail_verify(&s->r->report, s->g, tip, &opt, e);
	if (!rc && s->r->report.nfailures)
		rc = err_set(e, ERR_DAMAGED, _("the hub is refused, and nothing of it taken: %s"),
		    s->r->report.failures[0].message);
	free(cache);
	return rc;
}

int
fetch_mark(struct run *s, struct trail_mark *mark, struct err *e)
{
	mark->commit = *vault_head(s->v);
	return trail_stated(s->g, mark->trail, mark->sha256, &mark->commit, e);
}

/* What came from the hub does not hold: said as what it is. `inner` is moved to `e`. */
static int
blame_hub(int rc, struct err *inner, struct err *e)
{
	if (rc == ERR_DAMAGED)
		rc = err_set(e, rc, _("the hub is refused, and nothing of it taken: %s"),
		    inner->item[0].text);
	else if (rc)
		err_append(e, inner);
	err_clear(inner);
	return rc;
}

int
fetch_keys_whole(struct run *s, const struct oid *theirs, struct err *e)
{
	const struct state *mine = vault_state(s->v);
	struct oid tree, parents[2];
	struct err inner = {0};
	size_t n;
	int rc = git_commit_links(s->g, theirs, &tree, parents, &n, e);

	if (rc)
		return rc;
	rc = sync_keys_complete(s->g, vault_keys_git(s->v), mine ? vault_tree(s->v) : NULL, &tree, mine,
	    &inner);
	return blame_hub(rc, &inner, e);
}

void
fetch_misfit(void *ctx, const struct oid *commit, const char *record, const char *text)
{
	struct run *s = ctx;
	char hex[OID_HEX + 1];

	oid_format(hex, commit);
	sync_notice(s->r, _("commit %.12s: %s: %s; see: akt verify --content"), hex, record, text);
}

int
fetch_main(struct run *s, const struct oid *theirs, struct err *e)
{
	char *in = xasprintf("refs/akt/in/%s", s->name);
	struct trail_mark mark = {0};
	struct oid *fresh = NULL, last;
	const struct oid *hide = vault_head(s->v);
	struct err inner = {0};
	bool forward = true;
	size_t n = 0;
	int rc = 0;

	if (!git_has(s->g, theirs))
		rc = git_remote_fetch(s->hub, s->g, VAULT_MAIN, in, fetch_progress, s, &inner);
	rc = blame_hub(rc, &inner, e);
	if (!rc)
		rc = git_walk(s->g, &fresh, &n, theirs, &hide, 1, e);
	if (!rc && n) {
		rc = fetch_mark(s, &mark, e);
		if (!rc)
			rc = fetch_verify(s, theirs, &mark, e);
	}
	if (!rc)
		rc = blame_hub(sync_keys_fetch(s->v, s->hub, s->name, s->opt, &inner), &inner, e);
	if (!rc && n)
		rc = fetch_keys_whole(s, theirs, e);
	/* behind the keys: what was written under new ones is looked at too */
	if (!rc && n)
		rc = recompute_fetched(s->v, theirs, fresh, n, fetch_misfit, s, e);
	if (!rc && git_ref_get(s->g, &last, s->seen, &inner) == 0) {
		rc = git_is_ancestor(s->g, &forward, &last, theirs, e);
		if (!rc && !forward)
			sync_notice(s->r,
			    _("the hub had gone back behind what it held before; it is given back what it lost"));
	}
	if (!rc)
		rc = fetch_set_ref(s->g, s->seen, theirs, e);
	if (!rc)
		s->r->fetched += n;
	/* nothing hangs on the side ref: what was refused is garbage */
	fetch_set_ref(s->g, in, NULL, &inner);
	free(fresh);
	free(in);
	return rc;
}

