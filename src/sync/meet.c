/* Our main and the hub's become one: the one goes over to the other, or a merge that the hub takes first. */
#include "sync/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"

/* main follows when the hub has it. ERR_RACE: somebody saved here meanwhile. */
static int
move_main(struct run *s, const struct oid *id, const struct oid *expected, struct err *e)
{
	struct os_lock *lock = NULL;
	int rc = vault_lock(&lock, s->v, e);

	if (!rc)
		rc = git_ref_set(s->g, VAULT_MAIN, id, expected, e);
	os_unlock(lock);
	return rc ? rc : vault_refresh(s->v, e);
}

static int
push_main(struct run *s, const struct oid *id, const struct oid *theirs, struct err *e)
{
	struct oid *fresh = NULL;
	size_t n = 0;
	int rc;

	rc = sync_keys_push(s->v, s->hub, id, false, s->opt, e);
	if (!rc)
		rc = git_walk(s->g, &fresh, &n, id, &theirs, theirs ? 1 : 0, e);
	if (!rc)
		rc = git_remote_push(s->hub, s->g, VAULT_MAIN, id, false, sync_receive, NULL, fetch_progress, s,
		    e);
	if (!rc)
		rc = fetch_set_ref(s->g, s->seen, id, e);
	if (!rc)
		s->r->pushed += n;
	free(fresh);
	return rc;
}

/* A merge that was overtaken says nothing any more: the next one is made anew. */
static void
forget_merge(struct sync_result *r, const struct sync_result *was)
{
	r->nquarantined = was->nquarantined;
	r->nadmitted = was->nadmitted;
	r->merged = was->merged;
}

int
meet_merge_and_push(struct run *s, const struct oid *theirs, const struct oid *hub_main,
    const char *admit, bool *done, bool *again, struct err *e)
{
	struct trail_mark mark = {0};
	struct err inner = {0};
	struct sync_result was = *s->r;
	struct oid merge, head;
	char *out;
	int rc = sync_merge(s->r, s->v, theirs, admit, &merge, done, s->opt, e);

	if (rc || !*done)
		return rc;
	/* a save of this machine that came between is in the merge: it was made under the lock */
	head = *vault_head(s->v);
	out = xasprintf("refs/akt/out/%s", s->name);
	rc = fetch_set_ref(s->g, out, &merge, e);
	if (!rc)
		rc = fetch_mark(s, &mark, e);
	/* our own merge is judged as the hub will judge it */
	if (!rc)
		rc = fetch_verify(s, &merge, &mark, e);
	if (!rc)
		rc = push_main(s, &merge, hub_main, e);
	if (!rc) {
		rc = move_main(s, &merge, &head, e);
		*again = rc == ERR_RACE;
	}
	if (rc)
		forget_merge(s->r, &was);
	fetch_set_ref(s->g, out, NULL, &inner);
	free(out);
	return rc;
}

/* True when nothing but merges is in `tip` and not in `other`: nothing that anybody wrote. */
static int
only_merges(bool *yes, struct git *g, const struct oid *tip, const struct oid *other,
    struct err *e)
{
	struct oid *ids = NULL, tree, parents[2];
	size_t n = 0, nparents;
	int rc = git_walk(g, &ids, &n, tip, &other, 1, e);

	*yes = true;
	for (size_t i = 0; !rc && *yes && i < n; i++) {
		rc = git_commit_links(g, &ids[i], &tree, parents, &nparents, e);
		*yes = nparents == 2;
	}
	free(ids);
	return rc;
}

/* Two machines may have merged the same changes, each for a hub of its own. Were those merges merged in
 * turn, so would be the next two, without end: where ours adds nothing we go over to theirs. Where
 * neither adds anything the smaller id stands, on every machine. */
static int
overtaken(bool *yes, struct git *g, const struct oid *ours, const struct oid *theirs, struct err *e)
{
	bool empty = false, theirs_empty = false;
	int rc = only_merges(&empty, g, ours, theirs, e);

	if (!rc && empty)
		rc = only_merges(&theirs_empty, g, theirs, ours, e);
	*yes = empty && (!theirs_empty || oid_cmp(theirs, ours) < 0);
	return rc;
}

/* What a hub does not take, or cannot be merged, may be what somebody did to this store's files:
 * then the reader must look here, not at the hub. `theirs` has been verified; NULL at an empty hub. */
static int
look_at_own(struct run *s, const struct oid *theirs, int why, struct err *e)
{
	struct trail_report report = {0};
	struct trail_options opt = {.stop_at_first = true};
	struct trail_mark mark = {0};
	struct err inner = {0};
	int rc = 0;

	if (theirs) {
		mark.commit = *theirs;
		opt.from = &mark;
		rc = trail_stated(s->g, mark.trail, mark.sha256, theirs, &inner);
	}
	if (!rc)
		rc = trail_verify(&report, s->g, vault_head(s->v), &opt, &inner);
	if (!rc && report.nfailures) {
		err_clear(e);
		err_set(e, ERR_DAMAGED,
		    _("the history on this machine was altered, and nothing of it is sent: %s"),
		    report.failures[0].message);
		why = err_set(e, ERR_DAMAGED,
		    _("take out what you still need (akt export), then join the store anew from "
		      "the hub, into another folder (akt join)"));
	}
	trail_report_free(&report);
	return why;
}

static int
two_mains(struct run *s, const struct oid *hub_main, bool *again, struct err *e)
{
	struct oid head = *vault_head(s->v), theirs = *hub_main;
	bool ours_in_theirs, theirs_in_ours, done = false;
	int rc = git_is_ancestor(s->g, &theirs_in_ours, &theirs, &head, e);

	if (!rc)
		rc = git_is_ancestor(s->g, &ours_in_theirs, &head, &theirs, e);
	if (rc)
		return rc;
	if (theirs_in_ours) {
		if (oid_equal(&theirs, &head))
			return sync_keys_push(s->v, s->hub, &head, false, s->opt, e);
		return push_main(s, &head, &theirs, e);
	}
	if (!ours_in_theirs)
		rc = overtaken(&ours_in_theirs, s->g, &head, &theirs, e);
	if (rc)
		return rc;
	if (ours_in_theirs) {
		rc = move_main(s, &theirs, &head, e);
		*again = rc == ERR_RACE;
		return rc ? rc : sync_keys_push(s->v, s->hub, &theirs, false, s->opt, e);
	}
	rc = meet_merge_and_push(s, &theirs, &theirs, s->admit, &done, again, e);
	if (rc || done)
		return rc;
	s->r->stuck = true;
	return quarantine_push(s->r, s->v, s->hub, s->opt, e);
}

int
meet_main(struct run *s, bool *again, struct err *e)
{
	const struct oid *advertised = git_remote_ref(s->hub, VAULT_MAIN);
	struct oid head = *vault_head(s->v), theirs;
	int rc;

	if (!advertised) {
		/* keys without a main: a first push that was cut short */
		rc = sync_keys_fetch(s->v, s->hub, s->name, s->opt, e);
		if (rc)
			return rc;
		rc = push_main(s, &head, NULL, e);
		return rc == ERR_ACCESS ? look_at_own(s, NULL, rc, e) : rc;
	}
	theirs = *advertised;
	rc = fetch_main(s, &theirs, e);
	if (!rc)
		rc = sync_erase_ahead(s->r, s->v, &theirs, s->opt->erase, &s->stopped, e);
	if (s->stopped) {
		s->r->fetched = 0; /* it came, and waits */
		return 0;
	}
	if (rc)
		return rc;
	rc = two_mains(s, &theirs, again, e);
	return rc == ERR_ACCESS || rc == ERR_DAMAGED ? look_at_own(s, &theirs, rc, e) : rc;
}

