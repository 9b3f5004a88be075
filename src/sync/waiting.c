/* Heads that wait at the hub beside main, until an admin or the recovery identity lets them in. */
#include "sync/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "sync/recompute.h"

/* In main now: the place is free for what may come. Somebody else may have seen to it already. */
static void
free_place(struct run *s, const char *ref)
{
	struct err inner = {0};

	git_remote_push(s->hub, s->g, ref, NULL, true, sync_receive, NULL, NULL, NULL, &inner);
	fetch_set_ref(s->g, ref, NULL, &inner);
}

/* One head that waits beside main. */
static int
take_waiting(struct run *s, const struct git_remote_ref *w, const char *device, bool *again,
    struct err *e)
{
	struct trail_mark mark = {0};
	const struct oid *head = vault_head(s->v);
	struct oid *fresh = NULL, base = *head;
	bool done = false, removed = s->r->removed;
	size_t n = 0;
	int rc = 0;

	if (!git_has(s->g, &w->id))
		rc = git_remote_fetch(s->hub, s->g, w->name, w->name, fetch_progress, s, e);
	if (!rc)
		rc = git_walk(s->g, &fresh, &n, &w->id, &head, 1, e);
	if (!rc)
		rc = fetch_mark(s, &mark, e);
	if (!rc)
		rc = fetch_verify(s, &w->id, &mark, e);
	if (!rc)
		rc = recompute_fetched(s->v, &w->id, fresh, n, fetch_misfit, s, e);
	if (!rc)
		rc = meet_merge_and_push(s, &w->id, &base,
		    s->admit && strcmp(s->admit, device) == 0 ? "" : s->admit, &done, again, e);
	/* whom a head that waits has shut out is nothing to us until it is let in */
	s->r->removed = removed;
	if (!rc && done)
		free_place(s, w->name);
	else if (!rc)
		quarantine_note(s->r, device);
	free(fresh);
	return rc;
}

int
waiting_round(struct run *s, bool *again, struct err *e)
{
	const struct git_remote_ref *refs;
	size_t n = git_remote_refs(s->hub, &refs);
	struct git_remote_ref *w = xcalloc(n + 1, sizeof *w);
	const struct member *me;
	bool recovery = false, in;
	size_t nw = 0;
	int rc = 0;

	if (vault_me(s->v, &me, NULL, NULL) == 0)
		recovery = me->roles & ROLE_RECOVERY;
	/* pushes change the list that was advertised */
	for (size_t i = 0; i < n; i++)
		if (quarantine_device(refs[i].name))
			w[nw++] = (struct git_remote_ref){xstrdup(refs[i].name), refs[i].id};
	for (size_t i = 0; !rc && !*again && i < nw; i++) {
		const char *device = quarantine_device(w[i].name);

		in = false;
		if (git_has(s->g, &w[i].id))
			rc = git_is_ancestor(s->g, &in, &w[i].id, vault_head(s->v), e);
		if (rc)
			break;
		if (in && !s->r->stuck)
			free_place(s, w[i].name);
		if (in)
			continue;
		if (s->r->stuck || !(recovery || s->admit))
			quarantine_note(s->r, device);
		else
			rc = take_waiting(s, &w[i], device, again, e);
	}
	for (size_t i = 0; i < nw; i++)
		free(w[i].name);
	free(w);
	return rc;
}

