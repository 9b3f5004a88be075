/* The word of an administrator, or of the recovery identity, on what waits beside main. */
#include <string.h>

#include "sim/mem.h"
#include "sim/ops.h"
#include "sync/sync.h"
#include "vault/vault.h"

/* The recovery identity, fetched from where it is locked away, syncs at this machine. */
static bool
recover(struct world *w, size_t m, const char *name, const char *url)
{
	const struct sync_options opt = {0};
	struct machine *x = &w->m[m];
	struct sync_result r = {0};
	struct vault *v = NULL;
	struct err e = {0};
	bool moved;
	int rc;

	world_reboot(w, m);
	rc = vault_open(&v, x->path, world_recovery(), &e);
	if (!rc)
		rc = sync_run(&r, v, name, url, &opt, &e);
	world_tell(w, "  recovery syncs at %s with %s: rc %s, fetched %zu, pushed %zu\n", x->id, name,
	    err_name((enum err_code)rc), r.fetched, r.pushed);
	moved = r.pushed > 0;
	if (rc && rc != ERR_FINDINGS)
		world_fail(w, "recovery's sync at %s: %s", x->id, e.n ? e.item[0].text : "");
	sync_result_free(&r);
	vault_close(v);
	return moved;
}

bool
op_admit(struct world *w, size_t m, const char *name, const char *url)
{
	const struct sync_options opt = {0};
	struct machine *x = &w->m[m];
	struct waiting waiting = {0};
	bool moved = false;

	if (!op_sync(w, m, name, url, &waiting))
		return false;
	for (size_t i = 0; i < waiting.n && !waiting.recovery; i++) {
		struct sync_result r = {0};
		struct err e = {0};
		int rc = world_enter(w, m, &e);

		if (!rc)
			rc = sync_admit(&r, x->s.v, name, url, waiting.device[i], &opt, &e);
		world_tell(w, "  %s admits %s: %s: %s\n", x->id, waiting.device[i],
		    err_name((enum err_code)rc), e.n ? e.item[0].text : "");
		moved |= r.nadmitted > 0;
		waiting.recovery |= r.recovery;
		sync_result_free(&r);
		if (!op_settle(w, m, rc, &e, "admit"))
			break;
	}
	if (waiting.recovery && !w->failed)
		moved |= recover(w, m, name, url);
	return moved;
}
