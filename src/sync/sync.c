/* The state machine of one sync. */
#include "sync/run.h"

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

enum { TRIES = 12 };

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

static int
round_trip(struct run *s, bool *again, struct err *e)
{
	int rc;

	*again = false;
	s->r->stuck = false;
	rc = meet_main(s, again, e);
	return rc || *again || s->stopped ? rc : waiting_round(s, again, e);
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
			rc = duties_carry_out(s, &changed, &inner);
		if (!rc && changed)
			rc = round_trip(s, &again, &inner);
		if (!rc && !again && !s->stopped)
			rc = duties_finish(s, &again, &inner);
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
	rc = git_remote_fetch(s.hub, s.g, VAULT_MAIN, s.seen, fetch_progress, &s, e);
	if (!rc)
		rc = fetch_verify(&s, &head, NULL, e);
	if (!rc && memcmp(out->report.fingerprint, fingerprint, 32) != 0)
		rc = err_set(e, ERR_DAMAGED,
		    _("the hub's store has another fingerprint: it is not the one you were told of"));
	if (!rc)
		rc = sync_keys_fetch(v, s.hub, name, opt, e);
	if (!rc)
		rc = fetch_keys_whole(&s, &head, e);
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
