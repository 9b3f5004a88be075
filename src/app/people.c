/* Members, devices, teams, access. */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

enum { CARD_MAX = 64 * 1024 };

static int
read_card(struct card *card, const char *file, struct err *e)
{
	struct buf text = {0};
	int rc = strcmp(file, "-") == 0 ? os_read_fd(&text, 0, CARD_MAX, e) :
	                                  os_read_file(&text, file, CARD_MAX, e);

	if (!rc)
		rc = card_parse(card, buf_str(&text), text.n, file, e);
	buf_free(&text);
	return rc;
}

static int
parse_roles(unsigned *roles, const char *text, struct err *e)
{
	if (role_parse(roles, text) == 0)
		return 0;
	return err_set(e, ERR_USAGE, _("roles are admin, supervisor, staff and auditor, joined by commas"));
}

/* A copy of a member with room for one device more; free its devices. */
static struct member
copy_member(const struct member *m)
{
	struct member c = *m;

	c.devices = xcalloc(m->ndevices + 1, sizeof *c.devices);
	if (m->ndevices)
		memcpy(c.devices, m->devices, m->ndevices * sizeof *c.devices);
	return c;
}

static int
by_device(const void *a, const void *b)
{
	return strcmp(((const struct device *)a)->id, ((const struct device *)b)->id);
}

static void
add_device(struct member *m, const struct card *card, int64_t now)
{
	struct device *d = &m->devices[m->ndevices++];

	memset(d, 0, sizeof *d);
	snprintf(d->id, sizeof d->id, "%s", card->id);
	memcpy(d->recipient, card->age_pk, 32);
	memcpy(d->signer, card->sign_pk, 32);
	d->added = now;
	qsort(m->devices, m->ndevices, sizeof *m->devices, by_device);
}

static struct node *
done_result(struct session *s, const struct oid *commit)
{
	struct node *r = node_map(s->arena);
	char hex[OID_HEX + 1];

	oid_format(hex, commit);
	node_set(s->arena, r, "commit", node_str(s->arena, hex));
	return r;
}

static void
note_pending(struct session *s, struct node *r, const char *team)
{
	struct node *list = node_get(r, "pending");

	if (!list) {
		list = node_seq(s->arena);
		node_set(s->arena, r, "pending", list);
	}
	node_push(s->arena, list, node_str(s->arena, team));
}

/* Wraps every team that a member is in for the member's devices as they are now; teams whose key we lack
 * are listed as pending: a device of the team does it at its next sync. */
static int
wrap_teams_of(struct session *s, struct txn *t, const char *handle, struct node *r, struct err *e)
{
	const struct state *st;
	const char *const *names;
	size_t n;
	int rc = txn_state(t, &st, e);
	char(*mine)[36];
	size_t nmine = 0;

	if (rc)
		return rc;
	n = state_teams(st, &names);
	mine = xcalloc(n + 1, sizeof *mine);
	for (size_t i = 0; i < n; i++)
		if (state_in_team(st, names[i], handle, txn_now(t)))
			snprintf(mine[nmine++], sizeof *mine, "%s", names[i]);
	for (size_t i = 0; !rc && i < nmine; i++) {
		bool changed = false;

		rc = txn_wrap(t, mine[i], &changed, e);
		if (!rc && !changed)
			note_pending(s, r, mine[i]);
	}
	free(mine);
	return rc;
}

int
app_member_add(struct session *s, struct node **out, const char *card_file, const char *roles,
    const char *const *teams, size_t nteams, struct err *e)
{
	struct member m = {0};
	struct device d[1];
	struct card card = {0};
	struct txn *t = NULL;
	struct node *r, *pending;
	const char *members[1];
	struct oid commit;
	char own[36];
	int rc;

	rc = parse_roles(&m.roles, roles, e);
	if (!rc)
		rc = read_card(&card, card_file, e);
	if (!rc)
		rc = session_store(s, true, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (rc)
		goto done;
	if (state_member(vault_state(s->v), card.handle)) {
		rc = err_set(e, ERR_EXISTS,
		    _("%s is a member already; another device of theirs is added with: akt device add"),
		    card.handle);
		goto done;
	}
	if (state_signer(vault_state(s->v), card.sign_pk, NULL)) {
		rc = err_set(e, ERR_EXISTS, _("this device belongs to the store already"));
		goto done;
	}
	snprintf(m.handle, sizeof m.handle, "%s", card.handle);
	m.devices = d;
	add_device(&m, &card, txn_now(t));
	rc = txn_put_member(t, &m, e);
	members[0] = m.handle;
	snprintf(own, sizeof own, "~%s", m.handle);
	if (!rc)
		rc = txn_new_epoch(t, own, members, 1, e);
	r = node_map(s->arena);
	for (size_t i = 0; !rc && i < nteams; i++) {
		bool now = false;

		if (!state_epoch(vault_state(s->v), teams[i])) {
			rc = err_set(e, ERR_NOTFOUND,
			    _("no such team: %s; add the member without it, then: akt team %s --add %s"),
			    teams[i], teams[i], m.handle);
			break;
		}
		rc = txn_team_edit(t, teams[i], m.handle, NULL, &now, e);
		if (!rc && !now)
			note_pending(s, r, teams[i]);
	}
	if (!rc)
		rc = txn_commit(t, &commit, "member", e);
	if (rc)
		goto done;
	pending = node_get(r, "pending");
	r = done_result(s, &commit);
	node_set(s->arena, r, "handle", node_str(s->arena, m.handle));
	node_set(s->arena, r, "device", node_str(s->arena, card.id));
	if (pending)
		node_set(s->arena, r, "pending", pending);
	*out = r;
done:
	txn_free(t);
	return rc;
}

int
app_device_add(struct session *s, struct node **out, const char *card_file, struct err *e)
{
	const struct member *was;
	struct member m = {0};
	struct card card = {0};
	struct txn *t = NULL;
	struct node *r, *pending;
	struct oid commit;
	int rc;

	rc = read_card(&card, card_file, e);
	if (!rc)
		rc = session_store(s, true, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (rc)
		goto done;
	was = state_member(vault_state(s->v), card.handle);
	if (!was || !was->roles) {
		rc = err_set(e, ERR_NOTFOUND, _("no such member: %s; see: akt member add"), card.handle);
		goto done;
	}
	if (state_device(vault_state(s->v), card.id, NULL) ||
	    state_signer(vault_state(s->v), card.sign_pk, NULL)) {
		rc = err_set(e, ERR_EXISTS, _("a device of that name or key belongs to the store already"));
		goto done;
	}
	m = copy_member(was);
	add_device(&m, &card, txn_now(t));
	r = node_map(s->arena);
	rc = txn_put_member(t, &m, e);
	if (!rc)
		rc = wrap_teams_of(s, t, card.handle, r, e);
	if (!rc)
		rc = txn_commit(t, &commit, "device", e);
	if (rc)
		goto done;
	pending = node_get(r, "pending");
	r = done_result(s, &commit);
	node_set(s->arena, r, "handle", node_str(s->arena, m.handle));
	node_set(s->arena, r, "device", node_str(s->arena, card.id));
	if (pending)
		node_set(s->arena, r, "pending", pending);
	*out = r;
done:
	free(m.devices);
	txn_free(t);
	return rc;
}

/* What a change of a member's file means for the teams they are in. */
enum follow { NOTHING, DEVICES, LEAVES };

/* Roles and revocations change the member's file; the teams' keys follow. */
static int
change_member(struct session *s, struct node **out, const char *handle,
    int (*change)(struct member *m, int64_t now, const void *arg, struct err *e), const void *arg,
    enum follow follow, const char *verb, struct err *e)
{
	const struct member *was;
	struct member m = {0};
	struct txn *t = NULL;
	struct node *r, *pending;
	struct oid commit;
	const char *const *names;
	const struct state *st;
	int rc;

	rc = session_store(s, true, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (rc)
		goto done;
	st = vault_state(s->v);
	was = state_member(st, handle);
	if (!was) {
		rc = err_set(e, ERR_NOTFOUND, _("no such member: %s"), handle);
		goto done;
	}
	m = copy_member(was);
	r = node_map(s->arena);
	rc = change(&m, txn_now(t), arg, e);
	if (!rc)
		rc = txn_put_member(t, &m, e);
	if (!rc && follow == LEAVES) {
		size_t n = state_teams(st, &names);

		for (size_t i = 0; !rc && i < n; i++) {
			bool now = false;

			if (names[i][0] == '~' || !state_in_team(st, names[i], handle, txn_now(t)))
				continue;
			rc = txn_team_edit(t, names[i], NULL, handle, &now, e);
			if (!rc && !now)
				note_pending(s, r, names[i]);
		}
	} else if (!rc && follow == DEVICES) {
		rc = wrap_teams_of(s, t, handle, r, e);
	}
	if (!rc)
		rc = txn_commit(t, &commit, verb, e);
	if (rc)
		goto done;
	pending = node_get(r, "pending");
	r = done_result(s, &commit);
	node_set(s->arena, r, "handle", node_str(s->arena, handle));
	if (pending)
		node_set(s->arena, r, "pending", pending);
	*out = r;
done:
	free(m.devices);
	txn_free(t);
	return rc;
}

static int
drop_roles(struct member *m, int64_t now, const void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	m->roles = 0;
	for (size_t i = 0; i < m->ndevices; i++)
		if (!m->devices[i].revoked)
			m->devices[i].revoked = now;
	return 0;
}

int
app_member_remove(struct session *s, struct node **out, const char *handle, struct err *e)
{
	return change_member(s, out, handle, drop_roles, NULL, LEAVES, "member", e);
}

static int
set_roles(struct member *m, int64_t now, const void *arg, struct err *e)
{
	(void)now;
	if (!m->roles)
		return err_set(e, ERR_USAGE, _("%s has left; add them anew with: akt member add"), m->handle);
	return parse_roles(&m->roles, arg, e);
}

int
app_member_role(struct session *s, struct node **out, const char *handle, const char *roles,
    struct err *e)
{
	return change_member(s, out, handle, set_roles, roles, NOTHING, "member", e);
}

static int
revoke_device(struct member *m, int64_t now, const void *arg, struct err *e)
{
	for (size_t i = 0; i < m->ndevices; i++)
		if (strcmp(m->devices[i].id, arg) == 0) {
			if (m->devices[i].revoked)
				return err_set(e, ERR_USAGE, _("the device is revoked already"));
			m->devices[i].revoked = now;
			return 0;
		}
	return err_set(e, ERR_NOTFOUND, _("no such device: %s"), (const char *)arg);
}

int
app_device_revoke(struct session *s, struct node **out, const char *device, struct err *e)
{
	char handle[34];

	snprintf(handle, sizeof handle, "%.*s", (int)strcspn(device, "."), device);
	return change_member(s, out, handle, revoke_device, device, DEVICES, "device", e);
}

static void
push_roles(struct session *s, struct node *list, unsigned roles)
{
	for (unsigned one = 1; one <= ROLE_RECOVERY; one <<= 1)
		if (roles & one)
			node_push(s->arena, list, node_str(s->arena, role_name(one)));
}

int
app_member_list(struct session *s, struct node **out, struct err *e)
{
	const struct member *const *m;
	const char *const *teams;
	const struct state *st;
	struct node *list = node_seq(s->arena);
	size_t n, nteams;
	int rc = session_store(s, false, e);

	if (rc)
		return rc;
	st = vault_state(s->v);
	n = state_members(st, &m);
	nteams = state_teams(st, &teams);
	for (size_t i = 0; i < n; i++) {
		struct node *row = node_map(s->arena), *roles = node_seq(s->arena),
		            *in = node_seq(s->arena), *devices = node_seq(s->arena);

		push_roles(s, roles, m[i]->roles);
		for (size_t k = 0; k < nteams; k++)
			if (teams[k][0] != '~' && state_in_team(st, teams[k], m[i]->handle, date_now()))
				node_push(s->arena, in, node_str(s->arena, teams[k]));
		for (size_t k = 0; k < m[i]->ndevices; k++) {
			struct node *d = node_map(s->arena);
			char at[DATE_TIME_LEN + 1];

			node_set(s->arena, d, "id", node_str(s->arena, m[i]->devices[k].id));
			date_time_format(at, m[i]->devices[k].added);
			node_set(s->arena, d, "added", node_str(s->arena, at));
			if (m[i]->devices[k].revoked) {
				date_time_format(at, m[i]->devices[k].revoked);
				node_set(s->arena, d, "revoked", node_str(s->arena, at));
			}
			node_push(s->arena, devices, d);
		}
		node_set(s->arena, row, "handle", node_str(s->arena, m[i]->handle));
		node_set(s->arena, row, "roles", roles);
		node_set(s->arena, row, "teams", in);
		node_set(s->arena, row, "devices", devices);
		node_push(s->arena, list, row);
	}
	*out = list;
	return 0;
}

int
app_team(struct session *s, struct node **out, const char *team, const char *const *add,
    size_t nadd, const char *const *remove, size_t nremove, struct err *e)
{
	struct txn *t = NULL;
	struct node *r = node_map(s->arena), *list;
	const struct epoch *ep;
	struct oid commit;
	bool done = true;
	int rc;

	if (!storepath_team_ok(team) || team[0] == '~')
		return err_set(e, ERR_USAGE, _("a team's name is a-z first, then a-z, 0-9, _ or -"));
	rc = session_store(s, true, e);
	if (!rc && nadd + nremove > 0) {
		rc = txn_begin(&t, s->v, e);
		if (!rc && !state_epoch(vault_state(s->v), team)) {
			for (size_t i = 0; !rc && i < nadd; i++)
				if (!state_member(vault_state(s->v), add[i]))
					rc = err_set(e, ERR_NOTFOUND, _("no such member: %s"), add[i]);
			if (!rc && nremove)
				rc = err_set(e, ERR_NOTFOUND, _("no such team: %s"), team);
			if (!rc)
				rc = txn_new_epoch(t, team, add, nadd, e);
		} else {
			for (size_t i = 0; !rc && i < nadd; i++)
				rc = txn_team_edit(t, team, add[i], NULL, &done, e);
			for (size_t i = 0; !rc && i < nremove; i++)
				rc = txn_team_edit(t, team, NULL, remove[i], &done, e);
		}
		if (!rc)
			rc = txn_commit(t, &commit, "team", e);
		txn_free(t);
		if (!rc) {
			r = done_result(s, &commit);
			if (!done)
				note_pending(s, r, team);
		}
	}
	if (rc)
		return rc;
	ep = state_epoch(vault_state(s->v), team);
	if (!ep)
		return err_set(e, ERR_NOTFOUND, _("no such team: %s; akt team NAME --add HANDLE makes one"), team);
	list = node_seq(s->arena);
	for (size_t i = 0; i < ep->nmembers; i++)
		if (state_in_team(vault_state(s->v), team, ep->members[i], date_now()))
			node_push(s->arena, list, node_str(s->arena, ep->members[i]));
	node_set(s->arena, r, "team", node_str(s->arena, team));
	node_set(s->arena, r, "epoch", node_str(s->arena, ep->name));
	node_set(s->arena, r, "members", list);
	*out = r;
	return 0;
}

/* The end of the day that --until names, UTC. */
static int
parse_until(int64_t *at, const char *until, struct err *e)
{
	int64_t days;

	if (!until) {
		*at = 0;
		return 0;
	}
	if (!date_parse(&days, until, strlen(until)))
		return err_set(e, ERR_USAGE, _("--until is a date: YYYY-MM-DD"));
	if ((days + 1) * 86400 <= date_now())
		return err_set(e, ERR_USAGE, _("--until: that day is over"));
	*at = (days + 1) * 86400;
	return 0;
}

/* A person's handle means their own team. */
static const char *
team_of(struct session *s, const char *name, char own[36])
{
	if (name[0] != '~' && !state_epoch(vault_state(s->v), name) &&
	    state_member(vault_state(s->v), name)) {
		snprintf(own, 36, "~%s", name);
		return own;
	}
	return name;
}

int
app_access(struct session *s, struct node **out, const char *dossier,
    const char *const *grant, size_t ngrant, const char *const *revoke, size_t nrevoke,
    const char *until, struct err *e)
{
	const struct dossier *d = NULL;
	struct node *r = node_map(s->arena), *list;
	struct txn *t = NULL;
	struct oid commit;
	struct found f;
	int64_t at = 0;
	char own[36];
	int rc = parse_until(&at, until, e);

	if (!rc)
		rc = session_store(s, true, e);
	/* a record names its dossier as well */
	if (!rc && strchr(dossier, '-')) {
		rc = find_record(s, &f, dossier, e);
		dossier = f.dossier;
	}
	if (!rc && !vault_can_read(s->v, dossier))
		rc = err_set(e, ERR_ACCESS, _("no such record, or you have no access to it"));
	if (rc)
		return rc;
	if (ngrant + nrevoke > 0) {
		rc = txn_begin(&t, s->v, e);
		for (size_t i = 0; !rc && i < ngrant; i++)
			rc = txn_grant(t, dossier, team_of(s, grant[i], own), at, e);
		for (size_t i = 0; !rc && i < nrevoke; i++)
			rc = txn_revoke(t, dossier, team_of(s, revoke[i], own), e);
		if (!rc)
			rc = txn_commit(t, &commit, "access", e);
		txn_free(t);
		if (rc)
			return rc;
		r = done_result(s, &commit);
	}
	rc = state_dossier(vault_state(s->v), &d, dossier, e);
	if (rc)
		return rc;
	list = node_seq(s->arena);
	for (size_t i = 0; i < d->naccess; i++)
		node_push(s->arena, list, node_str(s->arena, d->access[i]));
	node_set(s->arena, r, "dossier", node_str(s->arena, d->id));
	node_set(s->arena, r, "access", list);
	*out = r;
	return 0;
}
