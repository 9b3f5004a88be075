/* The state machine of one sync. */
#include "sync/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/random.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"
#include "sync/devices.h"
#include "sync/recompute.h"
#include "vault/erase.h"
#include "vault/current.h"
#include "vault/txn.h"

enum { TRIES = 12, HOOK_WAITS = 4 };

void
sync_notice(struct sync_result *r, const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (r->nnotices == r->notice_cap) {
		r->notice_cap = r->notice_cap ? r->notice_cap * 2 : 8;
		r->notices = xrealloc(r->notices, r->notice_cap, sizeof *r->notices);
	}
	r->notices[r->nnotices++] = buf_take(&text);
}

void
sync_result_free(struct sync_result *r)
{
	for (size_t i = 0; i < r->nnotices; i++)
		free(r->notices[i]);
	free(r->notices);
	free(r->quarantined);
	free(r->erasing);
	free(r->admitted);
	trail_report_free(&r->report);
	*r = (struct sync_result){0};
}

struct run {
	struct sync_result *r;
	struct vault *v;
	struct git *g;
	const char *name;
	const struct sync_options *opt;
	struct git_remote *hub;
	char *seen; /* ref that remembers the hub's last good head */
	bool stopped; /* to show what an erasure takes along */
	int waits;    /* for a hub that forgets erased keys by itself */
	const char *admit; /* revoked device whose commits this admin lets in; NULL */
};

static int
progress(void *ctx, size_t done, size_t total)
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

static int
set_ref(struct git *g, const char *ref, const struct oid *id, struct err *e)
{
	struct err inner = {0};
	struct oid old;
	int rc = git_ref_get(g, &old, ref, &inner);

	if (rc && rc != ERR_NOTFOUND)
		return rc;
	if (rc == 0 && id && oid_equal(&old, id))
		return 0;
	if (rc == ERR_NOTFOUND && !id)
		return 0;
	return git_ref_set(g, ref, id, rc == 0 ? &old : NULL, e);
}

/* Everything between our head and `tip`; a failure refuses the hub. */
static int
verify_new(struct run *s, const struct oid *tip, const struct trail_mark *from, struct err *e)
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

static int
mark_head(struct run *s, struct trail_mark *mark, struct err *e)
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

/* Every key file that the new main names came with it: a hub that keeps one back would leave records
 * that nobody here can open, and nobody would know why. */
static int
keys_whole(struct run *s, const struct oid *theirs, struct err *e)
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

static void
misfit(void *ctx, const struct oid *commit, const char *record, const char *text)
{
	struct run *s = ctx;
	char hex[OID_HEX + 1];

	oid_format(hex, commit);
	sync_notice(s->r, _("commit %.12s: %s: %s; see: akt verify --content"), hex, record, text);
}

/* Brings the hub's main here under a side ref and verifies what is new. */
static int
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
		rc = git_remote_fetch(s->hub, s->g, VAULT_MAIN, in, progress, s, &inner);
	rc = blame_hub(rc, &inner, e);
	if (!rc)
		rc = git_walk(s->g, &fresh, &n, theirs, &hide, 1, e);
	if (!rc && n) {
		rc = mark_head(s, &mark, e);
		if (!rc)
			rc = verify_new(s, theirs, &mark, e);
	}
	if (!rc)
		rc = blame_hub(sync_keys_fetch(s->v, s->hub, s->name, s->opt, &inner), &inner, e);
	if (!rc && n)
		rc = keys_whole(s, theirs, e);
	/* behind the keys: what was written under new ones is looked at too */
	if (!rc && n)
		rc = recompute_fetched(s->v, theirs, fresh, n, misfit, s, e);
	if (!rc && git_ref_get(s->g, &last, s->seen, &inner) == 0) {
		rc = git_is_ancestor(s->g, &forward, &last, theirs, e);
		if (!rc && !forward)
			sync_notice(s->r,
			    _("the hub had gone back behind what it held before; it is given back what it lost"));
	}
	if (!rc)
		rc = set_ref(s->g, s->seen, theirs, e);
	if (!rc)
		s->r->fetched += n;
	/* nothing hangs on the side ref: what was refused is garbage */
	set_ref(s->g, in, NULL, &inner);
	free(fresh);
	free(in);
	return rc;
}

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
		rc = git_remote_push(s->hub, s->g, VAULT_MAIN, id, false, sync_receive, NULL, progress, s,
		    e);
	if (!rc)
		rc = set_ref(s->g, s->seen, id, e);
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

/* *done false: it is not for us to merge, and `r` says who must. *again: this store has moved. */
static int
merge_and_push(struct run *s, const struct oid *theirs, const struct oid *hub_main,
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
	rc = set_ref(s->g, out, &merge, e);
	if (!rc)
		rc = mark_head(s, &mark, e);
	/* our own merge is judged as the hub will judge it */
	if (!rc)
		rc = verify_new(s, &merge, &mark, e);
	if (!rc)
		rc = push_main(s, &merge, hub_main, e);
	if (!rc) {
		rc = move_main(s, &merge, &head, e);
		*again = rc == ERR_RACE;
	}
	if (rc)
		forget_merge(s->r, &was);
	set_ref(s->g, out, NULL, &inner);
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
	rc = merge_and_push(s, &theirs, &theirs, s->admit, &done, again, e);
	if (rc || done)
		return rc;
	s->r->stuck = true;
	return quarantine_push(s->r, s->v, s->hub, s->opt, e);
}

/* Our main and the hub's become one. *again: the hub or this store has moved. */
static int
main_round(struct run *s, bool *again, struct err *e)
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

/* In main now: the place is free for what may come. Somebody else may have seen to it already. */
static void
free_place(struct run *s, const char *ref)
{
	struct err inner = {0};

	git_remote_push(s->hub, s->g, ref, NULL, true, sync_receive, NULL, NULL, NULL, &inner);
	set_ref(s->g, ref, NULL, &inner);
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
		rc = git_remote_fetch(s->hub, s->g, w->name, w->name, progress, s, e);
	if (!rc)
		rc = git_walk(s->g, &fresh, &n, &w->id, &head, 1, e);
	if (!rc)
		rc = mark_head(s, &mark, e);
	if (!rc)
		rc = verify_new(s, &w->id, &mark, e);
	if (!rc)
		rc = recompute_fetched(s->v, &w->id, fresh, n, misfit, s, e);
	if (!rc)
		rc = merge_and_push(s, &w->id, &base,
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

/* What waits beside main: taken by who may and was asked to, else told. */
static int
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

static int
round_trip(struct run *s, bool *again, struct err *e)
{
	int rc;

	*again = false;
	s->r->stuck = false;
	rc = main_round(s, again, e);
	return rc || *again || s->stopped ? rc : waiting_round(s, again, e);
}

/* Teams that an admin changed while none of theirs was near: whoever has the key wraps it now. */
static int
upkeep(struct run *s, bool *changed, struct err *e)
{
	const struct member *me;
	const struct state *st;
	const char *const *names;
	char(*teams)[36] = NULL;
	struct txn *t = NULL;
	bool recovery;
	struct oid id;
	size_t n, mine = 0;
	int rc = txn_begin(&t, s->v, e);

	*changed = false;
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (rc)
		goto done;
	st = vault_state(s->v);
	n = state_teams(st, &names);
	teams = xcalloc(n + 1, sizeof *teams);
	/* recovery is in every epoch: it puts right what no device of the team can any more */
	recovery = me->roles & ROLE_RECOVERY;
	for (size_t i = 0; i < n; i++)
		if (recovery ? current_team_active(st, names[i], txn_now(t)) :
		               state_in_team(st, names[i], me->handle, txn_now(t)))
			snprintf(teams[mine++], sizeof *teams, "%s", names[i]);
	for (size_t i = 0; !rc && i < mine; i++) {
		bool one = false;

		rc = txn_wrap(t, teams[i], &one, e);
		*changed |= one;
	}
	if (!rc && *changed)
		rc = txn_commit(t, &id, "wrap", e);
done:
	free(teams);
	txn_free(t);
	return rc;
}

/* A hub with Akt's hooks forgets the keys of what was erased by itself, at once; from another they are
 * taken, but nobody knows what its host keeps. A folder hub runs no hooks: we do it. */
static int
clean_hub(struct run *s, bool *again, struct err *e)
{
	int rc;

	if (git_remote_is_folder(s->hub))
		return sync_prune_folder(s->hub, e);
	if (!sync_keys_held(s->v, s->hub))
		return 0;
	if (s->waits++ < HOOK_WAITS) {
		*again = true;
		return 0;
	}
	rc = sync_keys_push(s->v, s->hub, vault_head(s->v), true, s->opt, e);
	if (!rc)
		sync_notice(s->r, _("the hub %s does not forget erased keys by itself: its keeper must delete "
			"what no ref reaches any more (git gc --prune=now), and old backups"), s->name);
	return rc;
}

/* Once main is agreed on: erased keys leave the hub and this machine, and the devices tell each other
 * what they have seen. */
static int
finish(struct run *s, bool *again, struct err *e)
{
	const struct member *me;
	struct oid erased;
	size_t n;
	unsigned mode;
	int rc = 0;

	if (s->r->stuck || !git_remote_ref(s->hub, VAULT_MAIN) || vault_me(s->v, &me, NULL, NULL))
		return 0;
	if (git_tree_find(s->g, &erased, &mode, vault_tree(s->v), "erased", NULL) == 0) {
		rc = clean_hub(s, again, e);
		if (!rc && !*again)
			rc = erase_forget(s->v, &n, e);
	}
	if (!rc && !*again)
		rc = devices_sync(s->r, s->v, s->hub, s->name, s->opt, e);
	if (!rc && !*again)
		sync_tidy_folder(s->hub);
	return rc;
}

/* What is this machine's to do for the others: wrapping, erasures that a merge made final. */
static int
duties(struct run *s, bool *changed, struct err *e)
{
	const struct member *me;
	bool wrapped = false, erased = false, completed = false;
	int rc = vault_me(s->v, &me, NULL, NULL);

	*changed = false;
	/* a head that waits is not main: what it would do here, it does once it is let in */
	if (rc || s->r->stuck || !me->roles)
		return 0;
	/* auditors too: nobody else has the key of their own team, for another machine of theirs */
	rc = upkeep(s, &wrapped, e);
	if (!rc && me->roles & ~(unsigned)ROLE_AUDITOR)
		rc = sync_erase_carry_out(s->v, &erased, e);
	if (!rc && me->roles & (ROLE_ADMIN | ROLE_SUPERVISOR | ROLE_STAFF))
		rc = sync_complete(s->v, &completed, e);
	*changed = wrapped || erased || completed;
	return rc;
}

static void
pause_a_while(int try)
{
	uint32_t r = 0;
	struct timespec ts = {0};

	/* doubled and jittered, so that machines that collide once do not collide in step */
	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
		r = (uint32_t)try * 2654435761u;
	ts.tv_nsec = (long)(r % (20000000u << (try < 5 ? try : 5)));
	nanosleep(&ts, NULL);
}

static int
connect_and_run(struct run *s, const char *url, struct err *e)
{
	bool again = false, changed = false;
	int rc = ERR_RACE;

	for (int i = 0; i < TRIES && (rc == ERR_RACE || again); i++) {
		struct err inner = {0};

		if (i)
			pause_a_while(i);
		again = false;
		rc = vault_refresh(s->v, &inner);
		if (!rc)
			rc = git_remote_open(&s->hub, url, &inner);
		if (!rc)
			rc = round_trip(s, &again, &inner);
		if (!rc && !again && !s->stopped)
			rc = duties(s, &changed, &inner);
		if (!rc && changed)
			rc = round_trip(s, &again, &inner);
		if (!rc && !again && !s->stopped)
			rc = finish(s, &again, &inner);
		git_remote_close(s->hub);
		s->hub = NULL;
		if (rc && (rc != ERR_RACE || i + 1 == TRIES))
			err_append(e, &inner);
	}
	return rc;
}

/* Why this device's work does not reach main, and what to do about it. */
static int
say_why(struct run *s, struct err *e)
{
	struct sync_result *r = s->r;
	const struct device *me = NULL;

	if (r->recovery && !r->removed)
		sync_notice(r, "%s",
		    _("the two sides took each other's rights away: fetch the recovery identity from "
		      "where it is locked away, and run with it: AKT_IDENTITY=FILE akt sync"));
	if (!r->removed)
		return 0;
	err_set(e, ERR_ACCESS, _("this device has been revoked in the store"));
	if (!r->stuck)
		return ERR_ACCESS;
	vault_me(s->v, NULL, &me, NULL);
	if (r->recovery)
		err_set(e, ERR_ACCESS,
		    _("it revoked a device of the other side too: only the recovery identity merges the "
		      "two; fetch it from where it is locked away, and run with it: AKT_IDENTITY=FILE akt sync"));
	else
		err_set(e, ERR_ACCESS,
		    _("what was saved here and not yet synced waits at the hub for an admin: akt admit %s"),
		    me ? me->id : "");
	return ERR_ACCESS;
}

static int
run_all(struct run *s, const char *url, struct err *e)
{
	struct vault *v = s->v;
	struct sync_result *r = s->r;
	const struct member *me;
	struct err inner = {0};
	int rc = vault_keys_git(v) ? connect_and_run(s, url, e) :
		err_set(e, ERR_DAMAGED,
		    _("the store's key repository is missing; akt doctor puts it back"));

	if (rc) {
		/* revoked while away: say so plainly, whatever else went wrong */
		if (rc == ERR_HUB || rc == ERR_DAMAGED || vault_refresh(v, &inner) || !vault_me(v, &me, NULL, &inner))
			return rc;
		err_append(e, &inner);
		return ERR_ACCESS;
	}
	rc = say_why(s, e);
	if (!rc)
		rc = vault_me(v, &me, NULL, e);
	if (!rc && (r->stuck || s->stopped))
		rc = ERR_FINDINGS;
	return rc;
}

int
sync_run(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const struct sync_options *opt, struct err *e)
{
	struct run s = {.r = out, .v = v, .g = vault_git(v), .name = name, .opt = opt};
	int rc;

	*out = (struct sync_result){0};
	s.seen = xasprintf("refs/akt/hub/%s/main", name);
	rc = run_all(&s, url, e);
	free(s.seen);
	return rc;
}

int
sync_admit(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const char *device, const struct sync_options *opt, struct err *e)
{
	struct run s = {
	    .r = out, .v = v, .g = vault_git(v), .name = name, .opt = opt, .admit = device};
	const struct member *me;
	bool waits = false;
	int rc;

	*out = (struct sync_result){0};
	rc = vault_me(v, &me, NULL, e);
	if (!rc && !(me->roles & ROLE_ADMIN))
		rc = err_set(e, ERR_ACCESS, _("only an admin lets in what waits"));
	if (rc)
		return rc;
	s.seen = xasprintf("refs/akt/hub/%s/main", name);
	rc = run_all(&s, url, e);
	for (size_t i = 0; i < out->nquarantined; i++)
		waits |= strcmp(out->quarantined[i], device) == 0;
	if ((!rc || rc == ERR_FINDINGS) && !out->nadmitted)
		rc = waits && !out->recovery ?
		    /* an admin here, but not where the rights were taken away */
		    err_set(e, ERR_ACCESS, _("only an admin lets in what waits")) :
		    out->recovery ?
		    err_set(e, ERR_ACCESS,
		        _("the two sides took each other's rights away: only the recovery identity merges "
		          "them; fetch it from where it is locked away, and run with it: AKT_IDENTITY=FILE akt sync")) :
		    err_set(e, ERR_NOTFOUND, _("nothing that %s did is waiting; akt sync tells what is"), device);
	free(s.seen);
	return rc;
}

int
sync_join(struct sync_result *out, struct vault *v, const char *name, const char *url,
    const uint8_t fingerprint[32], const struct sync_options *opt, struct err *e)
{
	struct run s = {.r = out, .v = v, .g = vault_git(v), .name = name, .opt = opt};
	const struct oid *theirs;
	struct oid head, *all = NULL;
	size_t n = 0, forgotten;
	int rc;

	*out = (struct sync_result){0};
	s.seen = xasprintf("refs/akt/hub/%s/main", name);
	rc = git_remote_open(&s.hub, url, e);
	if (rc)
		goto done;
	theirs = git_remote_ref(s.hub, VAULT_MAIN);
	if (!theirs) {
		rc = err_set(e, ERR_HUB, _("the hub is empty: the first machine syncs to it first"));
		goto done;
	}
	head = *theirs;
	rc = git_remote_fetch(s.hub, s.g, VAULT_MAIN, s.seen, progress, &s, e);
	if (!rc)
		rc = verify_new(&s, &head, NULL, e);
	if (!rc && memcmp(out->report.fingerprint, fingerprint, 32) != 0)
		rc = err_set(e, ERR_DAMAGED,
		    _("the hub's store has another fingerprint: it is not the one you were told of"));
	if (!rc)
		rc = sync_keys_fetch(v, s.hub, name, opt, e);
	if (!rc)
		rc = keys_whole(&s, &head, e);
	if (!rc)
		rc = git_walk(s.g, &all, &n, &head, NULL, 0, e);
	if (!rc)
		rc = recompute_fetched(v, &head, all, n, NULL, NULL, e);
	if (!rc)
		rc = git_ref_set(s.g, VAULT_MAIN, &head, NULL, e);
	if (!rc)
		rc = vault_refresh(v, e);
	if (!rc)
		rc = erase_forget(v, &forgotten, e);
	if (!rc)
		rc = devices_join(out, v, s.hub, name, opt, e);
	out->fetched = out->report.commits;
done:
	git_remote_close(s.hub);
	free(all);
	free(s.seen);
	return rc;
}
