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
#include "vault/current.h"
#include "vault/txn.h"
#include "vault/vault.h"

enum { CARD_MAX = 64 * 1024 };

static int
read_card(struct card *card, const char *file, struct err *e)
{
	struct buf text = {0};
	int rc = strcmp(file, "-") == 0 ? os_read_fd(&text, 0, CARD_MAX, e) :
	                                  as_usage(os_read_file(&text, file, CARD_MAX, e));

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

struct node *
commit_result(struct session *s, const struct oid *commit)
{
	struct node *r = node_map(s->arena);
	char hex[OID_HEX + 1];

	oid_format(hex, commit);
	node_set(s->arena, r, "commit", node_str(s->arena, hex));
	return r;
}

static void
note(struct session *s, struct node *r, const char *what, const char *text)
{
	struct node *list = node_get(r, what);

	if (!list) {
		list = node_seq(s->arena);
		node_set(s->arena, r, what, list);
	}
	node_push(s->arena, list, node_str(s->arena, text));
}

/* True when somebody of the team has a device that works and was there before this change: one that
 * can have the key. */
static bool
somebody_has_key(struct session *s, const struct state *st, const char *team, int64_t now)
{
	char(*handles)[34] = NULL;
	size_t n = state_team_members(st, &handles, team, now);
	bool found = false;

	for (size_t i = 0; i < n && !found; i++) {
		const struct member *m = state_member(st, handles[i]);

		for (size_t k = 0; m && m->roles && k < m->ndevices && !found; k++)
			found = !m->devices[k].revoked &&
			    state_device(vault_state(s->v), m->devices[k].id, NULL);
	}
	free(handles);
	return found;
}

/* What this device has not the key for: a device of the team does it at its next sync; where none is
 * left, the recovery identity. A team of which nobody is left needs nothing. */
int
people_pending(struct session *s, struct txn *t, struct node *r, const char *team, struct err *e)
{
	const struct state *st;
	int rc = txn_state(t, &st, e);

	if (!rc && current_team_active(st, team, txn_now(t)))
		note(s, r, somebody_has_key(s, st, team, txn_now(t)) ? "pending" : "recovery", team);
	return rc;
}

/* What was noted while the change was under way goes with its result. */
void
people_carry(struct session *s, struct node *to, const struct node *from)
{
	static const char *const notes[] = {"pending", "recovery", "unread"};

	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
		if (node_get(from, notes[i]))
			node_set(s->arena, to, notes[i], node_get(from, notes[i]));
}

/* Wraps every team that a member is in for the member's devices as they are now; teams whose key we lack
 * are listed as pending: a device of the team does it at its next sync. `spent`: with a new key, since somebody who
 * does not know of the revocation may be wrapping this one for the device just now. */
static int
wrap_teams_of(struct session *s, struct txn *t, const char *handle, bool spent, struct node *r, struct err *e)
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

		if (spent)
			rc = txn_spend(t, mine[i], e);
		if (!rc)
			rc = txn_wrap(t, mine[i], &changed, e);
		if (!rc && !changed && !txn_holds(t, mine[i]))
			rc = people_pending(s, t, r, mine[i], e);
	}
	free(mine);
	return rc;
}

int
app_member_add(struct session *s, struct node **out, const char *card_file, const char *roles,
    const char *const *teams, size_t nteams, struct err *e)
{
	const struct member *was;
	struct member m = {0};
	struct device d[1];
	struct card card = {0};
	struct txn *t = NULL;
	struct node *r, *noted;
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
	was = state_member(vault_state(s->v), card.handle);
	if (was && !was->roles) {
		rc = err_set(e, ERR_EXISTS,
		    _("%s has left, and what was theirs stays closed: make an identity with another handle"),
		    card.handle);
		goto done;
	}
	if (was) {
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
			rc = people_pending(s, t, r, teams[i], e);
	}
	if (!rc)
		rc = txn_commit(t, &commit, "member", e);
	if (rc)
		goto done;
	noted = r;
	r = commit_result(s, &commit);
	node_set(s->arena, r, "handle", node_str(s->arena, m.handle));
	node_set(s->arena, r, "device", node_str(s->arena, card.id));
	people_carry(s, r, noted);
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
	struct node *r, *noted;
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
		rc = was ? err_set(e, ERR_USAGE, _("%s has left: add them anew, with another handle"), card.handle) :
		           err_set(e, ERR_NOTFOUND, _("no such member: %s; see: akt member add"), card.handle);
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
		rc = wrap_teams_of(s, t, card.handle, false, r, e);
	if (!rc)
		rc = txn_commit(t, &commit, "device", e);
	if (rc)
		goto done;
	noted = r;
	r = commit_result(s, &commit);
	node_set(s->arena, r, "handle", node_str(s->arena, m.handle));
	node_set(s->arena, r, "device", node_str(s->arena, card.id));
	people_carry(s, r, noted);
	*out = r;
done:
	free(m.devices);
	txn_free(t);
	return rc;
}

/* What a change of a member's file means for the teams they are in. */
enum follow { NOTHING, DEVICES, LEAVES };

/* Takes the leaver out of every team; a team whose key we lack is renewed by its own members. */
static int
leave_teams(struct session *s, struct txn *t, const char *handle, struct node *r, struct err *e)
{
	const struct state *st = vault_state(s->v);
	const char *const *names;
	size_t n = state_teams(st, &names);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		bool now = false;

		if (names[i][0] == '~' || !state_in_team(st, names[i], handle, txn_now(t)))
			continue;
		rc = txn_team_edit(t, names[i], NULL, handle, &now, e);
		if (!rc && !now)
			rc = people_pending(s, t, r, names[i], e);
	}
	return rc;
}

/* Dossiers that nobody with a working device reads any more, when it was the leaver who did. */
struct unread {
	struct session *s;
	const struct state *before, *after;
	int64_t now;
	struct node *r;
};

static int
note_unread(void *ctx, const struct dossier *d)
{
	struct unread *u = ctx;
	char(*teams)[36] = xcalloc(d->naccess + 1, sizeof *teams);

	if (!current_readers(u->after, d, u->now, teams) && current_readers(u->before, d, u->now, teams))
		note(u->s, u->r, "unread", d->id);
	free(teams);
	return 0;
}

static int
list_unread(struct session *s, struct txn *t, struct node *r, struct err *e)
{
	struct unread u = {.s = s, .before = vault_state(s->v), .now = txn_now(t), .r = r};
	int rc = txn_state(t, &u.after, e);

	return rc ? rc : each_dossier(s, note_unread, &u, e);
}

/* Roles and revocations change the member's file; the teams' keys follow. */
static int
change_member(struct session *s, struct node **out, const char *handle,
    int (*change)(struct member *m, int64_t now, const void *arg, struct err *e), const void *arg,
    enum follow follow, const char *verb, struct err *e)
{
	const struct member *was;
	struct member m = {0};
	struct txn *t = NULL;
	struct node *r, *noted;
	struct oid commit;
	int rc;

	rc = session_store(s, true, e);
	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (rc)
		goto done;
	was = state_member(vault_state(s->v), handle);
	if (!was) {
		rc = err_set(e, ERR_NOTFOUND, _("no such member: %s"), handle);
		goto done;
	}
	m = copy_member(was);
	r = node_map(s->arena);
	rc = change(&m, txn_now(t), arg, e);
	if (!rc)
		rc = txn_put_member(t, &m, e);
	if (!rc && follow == LEAVES)
		rc = leave_teams(s, t, handle, r, e);
	if (!rc && follow == DEVICES)
		rc = wrap_teams_of(s, t, handle, true, r, e);
	if (!rc && follow != NOTHING)
		rc = list_unread(s, t, r, e);
	if (!rc)
		rc = txn_commit(t, &commit, verb, e);
	if (rc)
		goto done;
	noted = r;
	r = commit_result(s, &commit);
	node_set(s->arena, r, "handle", node_str(s->arena, handle));
	people_carry(s, r, noted);
	*out = r;
done:
	free(m.devices);
	txn_free(t);
	return rc;
}

static int
recovery_stays(struct err *e)
{
	return err_set(e, ERR_USAGE, _("the recovery identity keeps its role, and nobody else gets it"));
}

static int
drop_roles(struct member *m, int64_t now, const void *arg, struct err *e)
{
	(void)arg;
	if (m->roles & ROLE_RECOVERY)
		return recovery_stays(e);
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
	if (m->roles & ROLE_RECOVERY)
		return recovery_stays(e);
	if (!m->roles)
		return err_set(e, ERR_USAGE, _("%s has left: add them anew, with another handle"), m->handle);
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
