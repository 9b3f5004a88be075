/* refs/akt/quarantine/DEVICE: a head that only an administrator, or recovery, may let into main
 * (DESIGN 4). Named by the device that signed it, so that nobody can put another's work aside. */
#include "sync/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "trail/side.h"

static bool
device_ok(const char *id)
{
	return storepath_device_ok(id) || strcmp(id, "recovery") == 0;
}

const char *
quarantine_device(const char *ref)
{
	static const char prefix[] = SYNC_QUARANTINE;

	if (strncmp(ref, prefix, sizeof prefix - 1) != 0 || !device_ok(ref + sizeof prefix - 1))
		return NULL;
	return ref + sizeof prefix - 1;
}

void
quarantine_note(struct sync_result *r, const char *device)
{
	for (size_t i = 0; i < r->nquarantined; i++)
		if (strcmp(r->quarantined[i], device) == 0)
			return;
	r->quarantined = xrealloc(r->quarantined, r->nquarantined + 1, sizeof *r->quarantined);
	strncpy(r->quarantined[r->nquarantined], device, sizeof *r->quarantined - 1);
	r->quarantined[r->nquarantined++][sizeof *r->quarantined - 1] = '\0';
}

static int
signer_of(uint8_t pk[32], struct git *g, const struct oid *id, struct err *e)
{
	struct objects o = objects_of_git(g);
	struct buf raw = {0};
	struct commit c;
	uint8_t sha[32];
	int rc = trail_load(&o, &raw, &c, sha, id, e);

	if (!rc)
		rc = side_signer(pk, &raw, &c, e);
	buf_free(&raw);
	return rc;
}

/* --- at the machine ----------------------------------------------------------------- */

int
quarantine_push(struct sync_result *r, struct vault *v, struct git_remote *hub,
    const struct sync_options *opt, struct err *e)
{
	const struct device *d = NULL;
	const struct oid *there;
	struct err inner = {0};
	uint8_t pk[32];
	char *ref;
	int rc = signer_of(pk, vault_git(v), vault_head(v), e);

	if (rc)
		return rc;
	d = state_signer(vault_state(v), pk, NULL);
	if (!d)
		return err_set(e, ERR_DAMAGED, _("the newest change here is signed by no device of the store"));
	ref = xasprintf("%s%s", SYNC_QUARANTINE, d->id);
	there = git_remote_ref(hub, ref);
	if (!there || !oid_equal(there, vault_head(v))) {
		/* the keys of what waits must not be lost with this machine either */
		rc = sync_keys_push(v, hub, git_remote_ref(hub, VAULT_MAIN), false, opt, e);
		if (!rc)
			rc = git_remote_push(hub, vault_git(v), ref, vault_head(v), false, sync_receive, NULL,
			    NULL, NULL, &inner);
		/* refused, or the place taken by what the same device did elsewhere: everything is still
		 * here, and the rest of the sync is no worse for it */
		if (rc == ERR_ACCESS || rc == ERR_RACE) {
			sync_notice(r, _("the hub did not take what waits here: %s"),
			    inner.n ? inner.item[0].text : "");
			rc = 0;
		} else if (rc) {
			err_append(e, &inner);
		}
	}
	free(ref);
	return rc;
}

/* --- at the hub ------------------------------------------------------------------------ */

struct receiving {
	struct git *hub;
	struct oid main, tree; /* of main */
	const char *ref, *device;
};

/* That the device is known in main, revoked or not, and that the head is its own. */
static int
judge_name(struct receiving *x, const struct oid *id, struct err *e)
{
	struct objects o = objects_of_git(x->hub);
	struct state_cache *cache = state_cache_new(&o);
	const struct device *d = NULL;
	struct state *s = NULL;
	uint8_t pk[32] = {0};
	int rc = state_open(&s, cache, &x->tree, e);

	if (!rc)
		rc = signer_of(pk, x->hub, id, e);
	if (!rc)
		d = state_device(s, x->device, NULL);
	if (!rc && !d)
		rc = err_set(e, ERR_ACCESS, _("%s: no device of that name belongs, or has belonged, to the store"),
		    x->ref);
	else if (!rc && memcmp(d->signer, pk, 32) != 0)
		rc = err_set(e, ERR_ACCESS, _("%s: the newest change is not signed by that device"), x->ref);
	if (s)
		state_close(s);
	state_cache_free(cache);
	return rc;
}

/* By its own parents: what main says of its signer since is the very reason that it waits. */
static int
judge_commits(struct receiving *x, const struct oid *id, struct err *e)
{
	struct trail_report report = {0};
	struct trail_mark mark = {.commit = x->main};
	struct trail_options opt = {.stop_at_first = true, .from = &mark};
	struct oid *bases = NULL;
	size_t n = 0;
	int rc = git_merge_bases(x->hub, &bases, &n, &x->main, id, e);

	if (!rc && !n)
		rc = err_set(e, ERR_ACCESS, _("%s: it is another store's"), x->ref);
	if (!rc)
		rc = trail_stated(x->hub, mark.trail, mark.sha256, &x->main, e);
	if (!rc)
		rc = trail_verify(&report, x->hub, id, &opt, e);
	if (!rc && report.nfailures)
		rc = err_set(e, ERR_ACCESS, "%s", report.failures[0].message);
	trail_report_free(&report);
	free(bases);
	return rc;
}

int
quarantine_receive(struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e)
{
	struct receiving x = {.hub = hub, .ref = ref, .device = quarantine_device(ref)};
	struct oid parents[2];
	struct err inner = {0};
	bool forward = true;
	size_t n;
	int rc;

	if (!x.device)
		return err_set(e, ERR_ACCESS, _("%s: no device is named so"), ref);
	rc = git_ref_get(hub, &x.main, VAULT_MAIN, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_ACCESS, _("%s: nothing waits at an empty hub"), ref);
	if (rc) {
		err_append(e, &inner);
		return rc;
	}
	if (old_id) {
		/* once it is let in, the place is free again */
		rc = git_is_ancestor(hub, &forward, old_id, &x.main, e);
		if (!rc && !forward && !new_id)
			rc = err_set(e, ERR_ACCESS, _("%s: what waits has not been let in yet, and stays"), ref);
		if (!rc && !forward && new_id)
			rc = git_is_ancestor(hub, &forward, old_id, new_id, e);
		if (!rc && !forward)
			rc = err_set(e, ERR_ACCESS, _("%s: what waits there already would be lost"), ref);
		if (rc || !new_id)
			return rc;
	} else if (!new_id) {
		return err_set(e, ERR_ACCESS, _("%s: a hub deletes no ref"), ref);
	}
	rc = git_commit_links(hub, &x.main, &x.tree, parents, &n, e);
	if (!rc)
		rc = judge_name(&x, new_id, e);
	return rc ? rc : judge_commits(&x, new_id, e);
}
