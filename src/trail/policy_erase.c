/* Lawful erasure (DESIGN 2): who orders and confirms, and what may go with it. */
#include "trail/policy_judge.h"

#include <string.h>

#include "base/i18n.h"

static bool
basis_ok(const struct store_info *s, const char *basis)
{
	for (size_t i = 0; i < s->nbasis; i++)
		if (strcmp(s->basis[i], basis) == 0)
			return true;
	return false;
}

/* `by` is what it was and the signer, in its place. */
static bool
grew_by(const struct tombstone *was, const struct tombstone *is, const char *handle)
{
	size_t old = 0, n = was ? was->nby : 0;
	bool me = false;

	for (size_t i = 0; i < is->nby; i++) {
		if (old < n && strcmp(was->by[old].handle, is->by[i].handle) == 0 &&
		    was->by[old].at == is->by[i].at)
			old++;
		else if (!me && strcmp(is->by[i].handle, handle) == 0)
			me = true;
		else
			return false;
	}
	return me && old == n;
}

static int
judge_order(struct judge *j, const struct change *c)
{
	const struct dossier_view *d = &j->dossier;

	if (!d->before)
		return judge_breach(j, RULE_ERASE, c->path, _("there is no such dossier to erase"));
	if (!(j->me->roles & (ROLE_ADMIN | ROLE_SUPERVISOR)) || !d->reads)
		return judge_breach(j, RULE_ERASE, c->path,
		    _("only an administrator or supervisor on the dossier's list erases it"));
	if (strcmp(d->id, state_store(j->before)->unit) == 0)
		return judge_breach(
		    j, RULE_ERASE, c->path, _("the unit's own dossier is not erased"));
	if (d->tomb_before && strcmp(d->tomb_before->basis, d->tomb_after->basis) != 0)
		return judge_breach(
		    j, RULE_ERASE, c->path, _("the basis of an erasure never changes"));
	if (!basis_ok(state_store(j->before), d->tomb_after->basis))
		return judge_breach(j, RULE_ERASE, c->path,
		    _("the erasure rests on no basis that the store allows"));
	if (!grew_by(d->tomb_before, d->tomb_after, j->me->handle))
		return judge_breach(j, RULE_ERASE, c->path,
		    _("those who erase sign for themselves alone, and stay named"));
	return 0;
}

int
judge_tombstone(struct judge *j, const struct change *c)
{
	int rc = judge_view(j, c);

	if (rc)
		return rc;
	if (!c->has)
		return judge_breach(j, RULE_ERASE, c->path, _("an erasure is never taken back"));
	return judge_order(j, c);
}
