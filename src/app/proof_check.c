/* What a trail is held against from outside: a checkpoint, a fingerprint, and what this machine has
 * seen before. */
#include "app/proof.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "sync/devices.h"
#include "vault/witness.h"

#define HUBS "refs/akt/hub/"

/* The device that signed the note, when it signed it. NULL or what is wrong. */
static const char *
signer_fault(struct proof *p, const struct checkpoint *n, struct state_cache *cache)
{
	const struct oid *at[] = {&n->head, &p->head};
	const char *fault = NULL;

	for (size_t i = 0; !fault && i < 2; i++) {
		const struct member *m = NULL;
		const struct device *d = NULL;
		struct state *s = NULL;
		struct oid tree, parents[2];
		struct err e = {0};
		size_t count;

		if (git_commit_links(p->g, at[i], &tree, parents, &count, &e) ||
		    state_open(&s, cache, &tree, &e))
			return i ? NULL : _("nothing can be read of who belonged to the store at the checkpoint");
		d = state_signer(s, n->signer, &m);
		if (!d)
			fault = _("the checkpoint is signed by a device that does not belong to the store");
		else if (strcmp(d->id, n->device) != 0)
			fault = _("the checkpoint is signed by another device than the one it names");
		else if (i ? d->revoked && d->revoked <= n->time : d->revoked || !m->roles)
			fault = _("the checkpoint is signed by a device that had been revoked");
		state_close(s);
	}
	return fault;
}

static const char *
note_fault(struct proof *p, const struct checkpoint *n)
{
	struct objects o = objects_of_git(p->g);
	struct state_cache *cache = NULL;
	struct oid *all = NULL;
	struct err e = {0};
	const char *fault = NULL;
	size_t count = 0;

	if (*p->store_id && strcmp(p->store_id, n->store_id) != 0)
		return _("the checkpoint is of another store");
	if (!p->note_found && p->r.nfailures)
		return _("the commit that the checkpoint names is not in the part of the trail that holds");
	if (!p->note_found)
		return _("the trail does not contain the commit that the checkpoint names, so something was "
			"dropped or rewritten since");
	if (memcmp(p->note_sha256, n->sha256, 32) != 0 || memcmp(p->note_trail, n->trail, 32) != 0)
		return _("the commit that the checkpoint names is not the one that was noted");
	if (git_walk(p->g, &all, &count, &n->head, NULL, 0, &e) || count != n->count)
		fault = _("the checkpoint counts another number of commits than the trail has there");
	free(all);
	if (fault)
		return fault;
	cache = state_cache_new(&o);
	fault = signer_fault(p, n, cache);
	state_cache_free(cache);
	return fault;
}

void
proof_check_note(struct proof *p, const struct proof_ask *ask)
{
	static const char rule[] = "checkpoint";
	const char *meaning = _("The trail is not proved to go on from this checkpoint.");
	const char *fault = ask->note_fault;
	char at[DATE_TIME_LEN + 1];

	if (!fault && ask->note)
		fault = note_fault(p, ask->note);
	if (fault) {
		proof_fail(p, ask->note ? &ask->note->head : &p->head, rule, NULL, fault, meaning);
	} else if (ask->note) {
		date_time_format(at, ask->note->time);
		proof_say(p, _("The trail contains the checkpoint of %s, signed by %s, with all the commits "
			"that it counts."), at, ask->note->device);
	}
}

void
proof_check_fingerprint(struct proof *p, const uint8_t *want, const uint8_t has[32])
{
	static const uint8_t unknown[32];
	char hex[65];

	/* the root was not reached, which is a failure already */
	if (memcmp(has, unknown, 32) == 0)
		return;
	p->rooted = true;
	hash_hex(hex, has, 32);
	if (!want)
		proof_say(p, _("No fingerprint was given: compare this one with the store's own: %s"), hex);
	else if (memcmp(want, has, 32) == 0)
		proof_say(p, _("The store is the one with the fingerprint that was given."));
	else
		proof_fail(p, oid_zero(&p->root) ? &p->head : &p->root, "fingerprint", NULL,
		    _("the history begins with another fingerprint than the one that was given"),
		    _("This is another store, or one made to look like it."));
}

/* What this device has found good must still be there: a branch moved back leaves a shorter trail
 * that holds as far as it goes. */
void
proof_check_dropped(struct proof *p, const struct proof_mark *m)
{
	bool contained = false;
	struct err e = {0};

	if (git_has(p->g, &m->trail.commit)) {
		if (git_is_ancestor(p->g, &contained, &m->trail.commit, &p->head, &e))
			return; /* damage, which the walk names */
	} else if (p->r.nfailures) {
		return;
	}
	if (!contained)
		proof_fail(p, &m->trail.commit, "dropped", NULL,
		    _("this device has verified the trail up to this commit, and it is no longer part of it"),
		    _("Commits were removed from the end of the history, or it was rewritten."));
}

static int
hub_head(void *ctx, const char *ref, const struct oid *id)
{
	struct proof *p = ctx;
	const char *name = ref + sizeof HUBS - 1, *end = strrchr(name, '/');
	bool contained = false;
	struct err e = {0};

	if (end && strcmp(end, "/main") == 0 && git_has(p->g, id) &&
	    git_is_ancestor(p->g, &contained, id, &p->head, &e) == 0 && !contained)
		proof_notice(p, _("the hub %.*s has held commits that this store does not contain: akt sync"),
		    (int)(end - name), name);
	return 0;
}

void
proof_check_hubs(struct proof *p)
{
	struct err e = {0};

	if (git_ref_each(p->g, HUBS, hub_head, p, &e))
		proof_fail(p, &p->head, policy_rule_name(RULE_DAMAGE), NULL,
		    e.n ? e.item[0].text : "", policy_rule_meaning(RULE_DAMAGE));
}

/* --- the devices' logs ---------------------------------------------------------------------- */

static void
to_notices(void *ctx, const char *text)
{
	proof_notice(ctx, "%s", text);
}

static int
stop(void *ctx, const char *ref, const struct oid *id)
{
	(void)ctx, (void)ref, (void)id;
	return 1;
}

struct chains {
	struct proof *p;
	const struct state *s;
};

static int
check_chain(void *ctx, const char *device, const struct oid *tip, const struct witness *w)
{
	struct chains *c = ctx;
	struct err e = {0};

	if (w && witness_check(c->p->g, c->s, device, NULL, tip, &e))
		proof_notice(c->p, "%s", e.n ? e.item[0].text : device);
	return 0;
}

void
proof_check_devices(struct proof *p, const struct identity *id, bool full)
{
	struct objects o = objects_of_git(p->g);
	struct state_cache *cache = NULL;
	const struct device *own = NULL;
	struct state *s = NULL;
	struct oid tree, parents[2];
	struct err e = {0};
	size_t n;

	/* a copy made without them says nothing of the devices */
	if (git_ref_each(p->g, WITNESS_REFS, stop, NULL, NULL) == 0 ||
	    git_commit_links(p->g, &p->head, &tree, parents, &n, NULL))
		return;
	cache = state_cache_new(&o);
	if (state_open(&s, cache, &tree, NULL) == 0) {
		struct chains c = {p, s};

		own = id ? state_signer(s, id->sign_pk, NULL) : NULL;
		if (full)
			devices_each(p->g, s, check_chain, &c, &e);
		if (devices_notices(p->g, s, &p->head, own ? own->id : NULL, date_now(), to_notices, p, &e) &&
		    e.n)
			proof_notice(p, _("the devices' logs cannot be read: %s"), e.item[0].text);
		state_close(s);
	}
	state_cache_free(cache);
}
