/* Who is in which team. */
#include "app/private.h"

#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "trail/state.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

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

/* *done is taken back when one of several edits is not. */
static int
edit_team(struct txn *t, const char *team, const char *add, const char *remove, bool *done,
    struct err *e)
{
	bool one = false;
	int rc = txn_team_edit(t, team, add, remove, &one, e);

	*done &= one;
	return rc;
}

int
app_team(struct session *s, struct node **out, const char *team, const char *const *add,
    size_t nadd, const char *const *remove, size_t nremove, struct err *e)
{
	struct txn *t = NULL;
	struct node *r = node_map(s->arena), *list, *noted;
	const struct epoch *ep;
	struct oid commit;
	bool done = true;
	int rc;

	if (!storepath_team_ok(team) || team[0] == '~')
		return err_set(e, ERR_USAGE, _("a team's name is a-z first, then a-z, 0-9, _ or -"));
	rc = session_store(s, true, e);
	if (!rc && nadd + nremove > 0) {
		rc = txn_begin(&t, s->v, e);
		for (size_t i = 0; !rc && i < nadd; i++) {
			const struct member *m = state_member(vault_state(s->v), add[i]);

			if (!m || !m->roles)
				rc = err_set(e, ERR_NOTFOUND, m ? _("%s has left") : _("no such member: %s"), add[i]);
		}
		if (!rc && !state_epoch(vault_state(s->v), team)) {
			if (nremove)
				rc = err_set(e, ERR_NOTFOUND, _("no such team: %s"), team);
			if (!rc)
				rc = txn_new_epoch(t, team, add, nadd, e);
		} else {
			for (size_t i = 0; !rc && i < nadd; i++)
				rc = edit_team(t, team, add[i], NULL, &done, e);
			for (size_t i = 0; !rc && i < nremove; i++)
				rc = edit_team(t, team, NULL, remove[i], &done, e);
		}
		if (!rc && !done)
			rc = people_pending(s, t, r, team, e);
		if (!rc)
			rc = txn_commit(t, &commit, "team", e);
		txn_free(t);
		if (!rc) {
			noted = r;
			r = commit_result(s, &commit);
			people_carry(s, r, noted);
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
