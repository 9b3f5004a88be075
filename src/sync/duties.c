/* What a machine does for the others once main is agreed on. */
#include "sync/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "sync/devices.h"
#include "vault/current.h"
#include "vault/erase.h"
#include "vault/txn.h"

enum { HOOK_WAITS = 4 };

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

int
duties_finish(struct run *s, bool *again, struct err *e)
{
	const struct member *me;
	struct err inner = {0};
	struct oid erased;
	size_t n;
	unsigned mode;
	int rc;

	if (s->r->stuck || !git_remote_ref(s->hub, VAULT_MAIN) || vault_me(s->v, &me, NULL, NULL))
		return 0;
	rc = git_tree_find(s->g, &erased, &mode, vault_tree(s->v), "erased", &inner);
	if (rc == ERR_NOTFOUND) {
		rc = 0;
	} else if (rc) {
		err_append(e, &inner);
	} else {
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

int
duties_carry_out(struct run *s, bool *changed, struct err *e)
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

