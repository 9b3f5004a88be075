/* Rules for dossiers and the records in them (DESIGN 2, 4): who cannot read cannot write, nothing
 * is deleted singly, keys never vanish. */
#include "trail/policy_judge.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/i18n.h"
#include "trail/state_cache.h"

/* state_dossier of a state that may be none; absent is no error. */
static int
find_dossier(
    struct judge *j, const struct dossier **out, const struct state *s, const char *dossier)
{
	struct err inner = {0};
	int rc = ERR_NOTFOUND;

	*out = NULL;
	if (s)
		rc = state_dossier(s, out, dossier, &inner);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc)
		err_append(j->e, &inner);
	return rc;
}

int
judge_find_tombstone(
    struct judge *j, const struct tombstone **out, const struct state *s, const char *dossier)
{
	struct err inner = {0};
	int rc = ERR_NOTFOUND;

	*out = NULL;
	if (s)
		rc = state_tombstone(s, out, dossier, &inner);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc)
		err_append(j->e, &inner);
	return rc;
}

/* The change of a dossier's control file, NULL when it stays as it was. Its new version is read
 * once: then state_* finds it parsed, or we have said what is wrong with it. */
static int
file_change(struct judge *j, const struct change **out, const char *dossier, const char *form)
{
	const struct change *c;
	const void *p = NULL;
	char path[64];

	snprintf(path, sizeof path, form, dossier[0], dossier[1], dossier);
	*out = c = changes_find(&j->changes, path);
	if (!c || !c->has)
		return 0;
	if (c->mode != MODE_FILE)
		return judge_breach(j, RULE_PATH, c->path, _("this is not an ordinary file"));
	return judge_load(j, &p, c);
}

int
judge_view(struct judge *j, const struct change *c)
{
	struct dossier_view d = {0};
	const struct change *file = NULL, *stone = NULL;
	const char *id = c->dossier;
	int rc;

	if (strcmp(j->dossier.id, id) == 0)
		return 0;
	memcpy(d.id, id, sizeof d.id);
	rc = file_change(j, &file, id, "records/%c/%c/%s/dossier.yaml");
	if (!rc)
		rc = file_change(j, &stone, id, "erased/%c/%c/%s.yaml");
	if (!rc)
		rc = find_dossier(j, &d.before, j->before, id);
	if (!rc)
		rc = judge_find_tombstone(j, &d.tomb_before, j->before, id);
	d.after = d.before;
	d.tomb_after = d.tomb_before;
	if (!rc && file)
		rc = find_dossier(j, &d.after, j->after, id);
	if (!rc && stone)
		rc = judge_find_tombstone(j, &d.tomb_after, j->after, id);
	if (!rc && d.before && !d.after)
		rc = state_dossier_gone(j->after, &d.gone, id, j->e);
	if (rc)
		return rc;
	if (d.before)
		d.reads = state_may_read(j->before, d.before, j->me->handle, j->now);
	else if (d.after)
		/* its own list; a team made in the same change counts */
		d.reads = state_may_read(j->after, d.after, j->me->handle, j->now);
	j->dossier = d;
	return 0;
}

/* What every path under records/D must satisfy before its own rule; a folder going whole
 * under a final tombstone satisfies all: *erased. */
static int
judge_within(struct judge *j, const struct change *c, bool *erased)
{
	struct dossier_view *d = &j->dossier;
	int rc = judge_view(j, c);

	*erased = false;
	if (rc)
		return rc;
	if (d->before && !d->after) {
		*erased =
		    d->tomb_after && d->gone && state_tombstone_signed(j->after, d->tomb_after);
		return *erased
		    ? 0
		    : judge_breach(j, RULE_REMOVED, c->path,
			  _("a dossier disappears without a final erasure, or not as a whole"));
	}
	if (d->tomb_before)
		return judge_breach(j, RULE_ERASE, c->path,
		    _("nothing more is written in a dossier whose erasure has been ordered"));
	if (!d->after)
		return judge_breach(j, RULE_DOSSIER, c->path, _("the dossier has no dossier.yaml"));
	if (!d->reads)
		return judge_breach(j, RULE_ACCESS, c->path,
		    d->before ? _("the signer is not on the dossier's list of readers")
			      : _("a new dossier's list of readers must include its maker"));
	return 0;
}

static bool
names_team(const struct dossier *d, const char *team)
{
	for (size_t i = 0; i < d->naccess; i++)
		if (strcmp(d->access[i], team) == 0)
			return true;
	return false;
}

static bool
same_key(const struct dossier_key *a, const struct dossier_key *b)
{
	if (memcmp(a->id, b->id, 32) != 0 || memcmp(a->file, b->file, 32) != 0 ||
	    a->nfor != b->nfor)
		return false;
	for (size_t i = 0; i < a->nfor; i++)
		if (strcmp(a->to[i].team, b->to[i].team) != 0 ||
		    strcmp(a->to[i].epoch, b->to[i].epoch) != 0)
			return false;
	return true;
}

/* Keys stay; a new one is for epochs that exist, of teams on the list. */
static int
judge_keys(struct judge *j, const struct change *c)
{
	const struct dossier *was = j->dossier.before, *is = j->dossier.after;
	size_t old = 0, noldkeys = was ? was->nkeys : 0;

	/* both are sorted the same way */
	for (size_t i = 0; i < is->nkeys; i++) {
		const struct dossier_key *k = &is->keys[i];

		if (old < noldkeys && same_key(&was->keys[old], k)) {
			old++;
			continue;
		}
		for (size_t f = 0; f < k->nfor; f++) {
			if (!state_epoch_named(j->after, k->to[f].team, k->to[f].epoch))
				return judge_breach(j, RULE_KEYS, c->path,
				    _("a key is for a team's epoch that does not exist"));
			if (!names_team(is, k->to[f].team))
				return judge_breach(j, RULE_KEYS, c->path,
				    _("a key is for a team that is not on the dossier's list"));
		}
	}
	if (old < noldkeys)
		return judge_breach(j, RULE_KEYS, c->path,
		    _("a key of the dossier disappears, or is not the one it was"));
	return 0;
}

/* Somebody who still belongs can read, without an end to it: nobody revokes the last reader. */
static bool
has_reader(const struct state *s, const struct dossier *d)
{
	const struct member *const *v = NULL;
	size_t n = state_members(s, &v);

	for (size_t i = 0; i < n; i++)
		/* at the end of time no grant with an end holds */
		if (v[i]->roles && state_may_read(s, d, v[i]->handle, INT64_MAX))
			return true;
	return false;
}

static bool
same_access(const struct dossier *a, const struct dossier *b)
{
	if (a->naccess != b->naccess || a->nuntil != b->nuntil)
		return false;
	for (size_t i = 0; i < a->naccess; i++)
		if (strcmp(a->access[i], b->access[i]) != 0)
			return false;
	for (size_t i = 0; i < a->nuntil; i++)
		if (strcmp(a->until[i].team, b->until[i].team) != 0 ||
		    a->until[i].at != b->until[i].at)
			return false;
	return true;
}

int
judge_dossier(struct judge *j, const struct change *c)
{
	const struct dossier *was, *is;
	bool erased = false;
	int rc = judge_within(j, c, &erased);

	if (rc || erased)
		return rc;
	was = j->dossier.before;
	is = j->dossier.after;
	if (!(j->me->roles & (ROLE_ADMIN | ROLE_SUPERVISOR | ROLE_STAFF)))
		return judge_breach(j, RULE_ROLE, c->path, _("an auditor changes no dossier"));
	rc = judge_keys(j, c);
	if (rc || (was && same_access(was, is)))
		return rc;
	for (size_t i = 0; i < is->naccess; i++)
		if (!(was && names_team(was, is->access[i])) &&
		    !state_epoch(j->after, is->access[i]))
			return judge_breach(j, RULE_ACCESS, c->path,
			    _("the list of readers names a team that does not exist"));
	if (!has_reader(j->after, is))
		return judge_breach(
		    j, RULE_ACCESS, c->path, _("nobody would be left who may read the dossier"));
	return 0;
}

int
judge_record(struct judge *j, const struct change *c)
{
	const struct storepath at = change_at(c);
	bool erased = false;
	int rc = judge_within(j, c, &erased);

	if (rc || erased)
		return rc;
	if (!c->has)
		return judge_breach(
		    j, RULE_REMOVED, c->path, _("a record is never deleted; it is marked void"));
	if (!state_may_write_type(j->prior, at.type, j->me, j->now)) {
		rc = state_look_type(j->prior, at.type, j->e);
		return rc ? rc : judge_breach(j, RULE_ROLE, c->path,
		    _("the signer's roles do not write this type of record"));
	}
	return judge_age_file(j, RULE_RECORD, c, 1);
}

/* A parked version goes only with the writer who stores what merging it gives (DESIGN 5). */
int
judge_parked(struct judge *j, const struct change *c)
{
	const struct storepath at = change_at(c);
	const struct change *record;
	char path[192];
	bool erased = false;
	int rc = judge_within(j, c, &erased);

	if (rc || erased)
		return rc;
	if (c->has)
		return judge_breach(j, RULE_RECORD, c->path,
		    _("only a merge sets a version aside, and nobody changes it"));
	snprintf(path, sizeof path, "%s", c->path);
	path[strlen(path) - strlen(".parked-") - strlen(at.parked)] = '\0';
	record = changes_find(&j->changes, path);
	if (!record || !record->has)
		return judge_breach(j, RULE_REMOVED, c->path,
		    _("a version set aside goes only when the record that holds both is stored"));
	return 0; /* whether the signer may write it is judged at the record's own path */
}
