/* Rules for members, teams, the store's own file and schemas (DESIGN 2, 4). */
#include "trail/policy_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/i18n.h"

int
judge_store(struct judge *j, const struct change *c)
{
	const struct store_info *was, *is;

	if (!c->had)
		return 0;
	/* that it is there, state_open has seen to */
	was = state_store(j->before);
	is = state_store(j->after);
	if (strcmp(was->id, is->id) != 0 || strcmp(was->unit, is->unit) != 0)
		return judge_breach(j, RULE_CONTROL, c->path,
		    _("a store's id and its unit's dossier never change"));
	return 0;
}

int
judge_schema(struct judge *j, const struct change *c)
{
	const void *list = NULL;

	/* only x-akt.write is policy's; a schema that cannot be read would let nobody write */
	return c->has ? judge_load(j, &list, c) : 0;
}

/* --- members ---------------------------------------------------------------------- */

static const struct device *
device_of(const struct member *m, const char *id)
{
	for (size_t i = 0; i < m->ndevices; i++)
		if (strcmp(m->devices[i].id, id) == 0)
			return &m->devices[i];
	return NULL;
}

static int
judge_devices(
    struct judge *j, const struct change *c, const struct member *was, const struct member *is)
{
	for (size_t i = 0; i < was->ndevices; i++) {
		const struct device *a = &was->devices[i], *b = device_of(is, a->id);

		if (!b)
			return judge_breach(j, RULE_ADMIN, c->path,
			    _("a device never disappears from its member; it is revoked"));
		if (memcmp(a->recipient, b->recipient, 32) != 0 ||
		    memcmp(a->signer, b->signer, 32) != 0 || a->added != b->added)
			return judge_breach(
			    j, RULE_ADMIN, c->path, _("a device's keys never change"));
		if (a->revoked && a->revoked != b->revoked)
			return judge_breach(
			    j, RULE_ADMIN, c->path, _("a revoked device stays revoked"));
	}
	return 0;
}

int
judge_member(struct judge *j, const struct change *c)
{
	const struct storepath at = change_at(c);
	const struct member *was, *is;

	if (!c->has)
		return judge_breach(j, RULE_ADMIN, c->path,
		    _("a member never disappears; their roles are taken away"));
	if (strcmp(at.name, "recovery") == 0 && j->before && !j->recovery)
		return judge_breach(j, RULE_ADMIN, c->path,
		    _("only the recovery identity changes the recovery identity"));
	if (!c->had)
		return 0;
	was = state_member(j->before, at.name);
	is = state_member(j->after, at.name);
	return judge_devices(j, c, was, is);
}

/* --- teams ------------------------------------------------------------------------ */

/* A file of the same epoch, with the other ending, in the tree after. */
static int
has_twin(struct judge *j, bool *has, const struct change *c, const char *ending)
{
	const struct storepath at = change_at(c);
	struct err inner = {0};
	char path[96];
	int rc;

	snprintf(path, sizeof path, "teams/%s/%s.%s", at.name, at.epoch, ending);
	rc = objects_file(j->o, NULL, NULL, &j->in->commit.tree, path, &inner);
	*has = rc == 0;
	if (rc && rc != ERR_NOTFOUND) {
		err_append(j->e, &inner);
		return rc;
	}
	return 0;
}

/* An epoch that stood before: admins add members and state removals; its key is its name. */
static int
judge_epoch_edit(struct judge *j, const struct change *c)
{
	const struct storepath at = change_at(c);
	const struct epoch *was = state_epoch_named(j->before, at.name, at.epoch);
	const struct epoch *is = state_epoch_named(j->after, at.name, at.epoch);

	if (!j->admin && !j->recovery)
		return judge_breach(
		    j, RULE_TEAM, c->path, _("only an administrator says who is in a team"));
	/* eight digits can be found again by search: the whole key counts */
	if (memcmp(was->recipient, is->recipient, 32) != 0 ||
	    strcmp(was->earlier, is->earlier) != 0)
		return judge_breach(j, RULE_TEAM, c->path,
		    _("the key of a team's epoch and the epoch before it never change"));
	if (was->spent && !is->spent)
		return judge_breach(j, RULE_TEAM, c->path,
		    _("a key that was handed on by work which was not let in stays given away"));
	for (size_t i = 0; i < was->nmembers; i++)
		if (!epoch_lists(is, was->members[i]))
			return judge_breach(j, RULE_TEAM, c->path,
			    _("nobody is struck from an epoch that they had the key of; "
			      "`until` ends a membership"));
	return 0;
}

/* The chain of `earlier` must lead to the epoch that was newest. That one's own was judged before; it may
 * lack an epoch which a revoked device made and an admin did not let in. */
static bool
follows(const struct judge *j, const struct epoch *ep, const struct epoch *newest)
{
	bool met = !newest;
	size_t steps = 0;

	for (; *ep->earlier; steps++) {
		ep = state_epoch_named(j->after, ep->team, ep->earlier);
		if (!ep)
			return newest && met;
		if (steps > 100000)
			return false;
		met |= newest && strcmp(ep->name, newest->name) == 0;
	}
	return met;
}

/* Removals stated for later go on holding: the next epoch carries them, and no others. */
static bool
same_until(const struct epoch *old, const struct epoch *next)
{
	size_t n = 0;

	for (size_t i = 0; i < old->nuntil; i++) {
		bool found = !epoch_lists(next, old->until[i].handle);

		n += !found;
		for (size_t k = 0; k < next->nuntil && !found; k++)
			found = strcmp(next->until[k].handle, old->until[i].handle) == 0 &&
			    next->until[k].at == old->until[i].at;
		if (!found)
			return false;
	}
	return n == next->nuntil;
}

/* The next epoch made by a member of the team: exactly those whom an admin stated. */
static int
judge_next_by_member(
    struct judge *j, const struct change *c, const struct epoch *ep, const struct epoch *newest)
{
	const struct storepath at = change_at(c);
	char(*stated)[34] = NULL;
	bool same = false;
	size_t n = 0;

	if (!newest)
		return judge_breach(j, RULE_TEAM, c->path, _("only an administrator makes a team"));
	if (!state_in_team(j->before, at.name, j->me->handle, j->now))
		return judge_breach(j, RULE_TEAM, c->path,
		    _("only an administrator or a member of the team renews its key"));
	n = state_team_members(j->before, &stated, at.name, j->now);
	same = n == ep->nmembers;
	for (size_t i = 0; i < n && same; i++)
		same = strcmp(stated[i], ep->members[i]) == 0;
	free(stated);
	if (!same || !same_until(newest, ep))
		return judge_breach(j, RULE_TEAM, c->path,
		    _("the next epoch must have exactly the members that an administrator stated"));
	return 0;
}

int
judge_epoch(struct judge *j, const struct change *c)
{
	const struct storepath at = change_at(c);
	const struct epoch *newest, *ep;
	bool key = false;
	int rc;

	if (!c->has)
		return judge_breach(
		    j, RULE_TEAM, c->path, _("an epoch of a team never disappears"));
	if (c->had)
		return judge_epoch_edit(j, c);
	newest = j->before ? state_epoch(j->before, at.name) : NULL;
	ep = state_epoch_named(j->after, at.name, at.epoch);
	rc = has_twin(j, &key, c, "age");
	if (rc)
		return rc;
	if (!key)
		return judge_breach(j, RULE_TEAM, c->path, _("the epoch's key file is missing"));
	if (!follows(j, ep, newest))
		return judge_breach(j, RULE_TEAM, c->path,
		    _("a new epoch names the one before it, and the first of a team names none"));
	return j->admin || j->recovery ? 0 : judge_next_by_member(j, c, ep, newest);
}

/* Whoever still has an epoch's key may wrap it again: for a new device, say. */
int
judge_epoch_key(struct judge *j, const struct change *c)
{
	const struct storepath at = change_at(c);
	const struct epoch *ep;
	bool text = false;
	int rc;

	if (!c->has)
		return judge_breach(
		    j, RULE_TEAM, c->path, _("the key file of a team's epoch never disappears"));
	rc = has_twin(j, &text, c, "yaml");
	if (rc)
		return rc;
	if (!text)
		return judge_breach(j, RULE_TEAM, c->path, _("the key file belongs to no epoch"));
	/* a new epoch's key file is judged with the epoch */
	ep = j->before ? state_epoch_named(j->before, at.name, at.epoch) : NULL;
	if (ep && !j->admin && !j->recovery &&
	    !state_in_team(j->before, at.name, j->me->handle, j->now))
		return judge_breach(j, RULE_TEAM, c->path,
		    _("only an administrator or a member of the team wraps its key"));
	return judge_age_file(j, RULE_TEAM, c, 0);
}
