/* What a hub lets in: the same policy in its hooks and in a folder hub's push. */
#include "sync/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"
#include "sync/devices.h"
#include "vault/witness.h"

static int
receive_main(struct git *hub, const struct oid *old_id, const struct oid *new_id, struct err *e)
{
	struct trail_report report = {0};
	struct trail_mark mark = {0};
	struct trail_options opt = {.stop_at_first = true};
	struct oid old_tree, new_tree, parents[2];
	struct err inner = {0};
	char *dir = xasprintf("%s/akt", git_path(hub)), *cache = xasprintf("%s/tree256", dir);
	bool forward = true;
	size_t n;
	int rc = 0;

	/* a cache: where it cannot be written the check is slower, not weaker */
	if (os_mkdirs(dir, &inner) == 0)
		opt.cache_path = cache;
	if (old_id) {
		rc = git_is_ancestor(hub, &forward, old_id, new_id, e);
		if (!rc && !forward)
			rc = err_set(e, ERR_RACE, _("the hub has moved; fetch and merge first"));
		/* what the hub holds it has judged before */
		if (!rc) {
			mark.commit = *old_id;
			rc = trail_stated(hub, mark.trail, mark.sha256, old_id, e);
			opt.from = &mark;
		}
		if (!rc)
			rc = git_commit_links(hub, old_id, &old_tree, parents, &n, e);
	}
	if (!rc)
		rc = trail_verify(&report, hub, new_id, &opt, e);
	if (!rc && report.nfailures)
		rc = err_set(e, ERR_ACCESS, "%s", report.failures[0].message);
	if (!rc)
		rc = git_commit_links(hub, new_id, &new_tree, parents, &n, e);
	if (!rc)
		rc = sync_keys_complete(hub, hub, old_id ? &old_tree : NULL, &new_tree, NULL, e);
	trail_report_free(&report);
	free(cache);
	free(dir);
	return rc;
}

int
sync_receive(void *ctx, struct git *hub, const char *ref, const struct oid *old_id,
    const struct oid *new_id, struct err *e)
{
	(void)ctx;
	if (old_id && oid_zero(old_id))
		old_id = NULL;
	if (strncmp(ref, SYNC_QUARANTINE, sizeof SYNC_QUARANTINE - 1) == 0)
		return quarantine_receive(hub, ref, old_id, new_id && !oid_zero(new_id) ? new_id : NULL, e);
	if (!new_id || oid_zero(new_id))
		return err_set(e, ERR_ACCESS, _("%s: a hub deletes no ref"), ref);
	if (strcmp(ref, VAULT_MAIN) == 0)
		return receive_main(hub, old_id, new_id, e);
	if (strcmp(ref, VAULT_KEYS) == 0)
		return sync_keys_receive(hub, old_id, new_id, e);
	if (strncmp(ref, WITNESS_REFS, strlen(WITNESS_REFS)) == 0)
		return devices_receive(hub, ref, old_id, new_id, e);
	return err_set(e, ERR_ACCESS,
	    _("%s: a hub takes refs/heads/main, refs/akt/keys and the devices' own refs alone"), ref);
}
