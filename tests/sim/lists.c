#include "sim/lists.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "sim/oracle.h"
#include "tree/node.h"

static const struct node *
file_doc(struct history *h, const struct hcommit *c, const char *path)
{
	size_t at = history_file(c, path);

	return at == SIZE_MAX ? NULL : history_doc(h, at);
}

static bool
has_text(const struct node *list, const char *text)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (list->seq[i]->kind == NODE_STR && strcmp(list->seq[i]->text, text) == 0)
			return true;
	return false;
}

/* The `at` of the entry whose key field is `name`; INT64_MAX when there is none. */
static int64_t
time_of(const struct node *list, const char *key, const char *name)
{
	for (size_t i = 0; list && i < list->n; i++) {
		const char *text = node_get_str(list->seq[i], key), *at = node_get_str(list->seq[i], "at");
		int64_t when;

		if (text && strcmp(text, name) == 0 && at && date_time_parse(&when, at, strlen(at)))
			return when;
	}
	return INT64_MAX;
}

static const struct node *
member_of(struct history *h, const struct hcommit *c, const struct machine *x)
{
	char path[64];

	snprintf(path, sizeof path, "members/%s.yaml", x->handle);
	return file_doc(h, c, path);
}

static const struct node *
roles_of(struct history *h, const struct hcommit *c, const struct machine *x)
{
	const struct node *roles = node_get(member_of(h, c, x), "roles");

	return roles && roles->n ? roles : NULL;
}

/* NULL: it is not known yet. */
static const struct node *
device_of(struct history *h, const struct hcommit *c, const struct machine *x)
{
	const struct node *devices = node_get(member_of(h, c, x), "devices");

	for (size_t i = 0; devices && i < devices->n; i++)
		if (strcmp(node_get_str(devices->seq[i], "id"), x->id) == 0)
			return devices->seq[i];
	return NULL;
}

bool
reads_active(struct history *h, const struct hcommit *c, const struct machine *x)
{
	const struct node *device = device_of(h, c, x);

	return roles_of(h, c, x) && device && !node_get(device, "revoked");
}

bool
lists_belongs(struct history *h, const struct hcommit *c, const struct machine *x)
{
	const struct node *device = device_of(h, c, x);

	return roles_of(h, c, x) && (!device || !node_get(device, "revoked"));
}

bool
reads_shut_out(struct history *h, const struct hcommit *c, const struct machine *x)
{
	const struct node *device = device_of(h, c, x);

	return device && (!roles_of(h, c, x) || node_get(device, "revoked"));
}

static bool
has_role(struct history *h, const struct hcommit *c, const struct machine *x, const char *role)
{
	return has_text(roles_of(h, c, x), role);
}

bool
oracle_rules(struct history *h, const struct hcommit *c, const struct machine *x)
{
	return has_role(h, c, x, "admin");
}

void
lists_epochs(struct history *h, const struct hcommit *c, const char *team, struct epochs *e)
{
	char prefix[48];
	size_t len, depth[TIPS], deepest = 0;

	*e = (struct epochs){0};
	len = (size_t)snprintf(prefix, sizeof prefix, "teams/%s/", team);
	for (size_t i = 0; i < c->nfiles && e->n < TIPS; i++) {
		const char *p = c->files[i].path;

		if (strncmp(p, prefix, len) != 0 || strcmp(p + len + 8, ".yaml") != 0)
			continue;
		memcpy(e->name[e->n], p + len, 8);
		e->v[e->n++] = history_doc(h, c->files[i].object);
	}
	for (size_t i = 0; i < e->n; i++) {
		size_t at = i;

		for (depth[i] = 1; depth[i] <= e->n; depth[i]++) {
			const char *earlier = node_get_str(e->v[at], "earlier");

			for (at = 0; earlier && at < e->n && strcmp(e->name[at], earlier) != 0;)
				at++;
			/* what it followed was not let in; still it is a next one */
			depth[i] += earlier && at == e->n;
			if (!earlier || at == e->n)
				break;
		}
		if (depth[i] > deepest)
			deepest = depth[i];
	}
	for (size_t i = 0; i < e->n; i++)
		e->old[i] = depth[i] < deepest;
}

/* In the team by what its newest epochs say, at that time; of several side by side a removal wins. */
static bool
in_team_at(struct history *h, const struct hcommit *c, const char *team, const char *handle, int64_t at)
{
	struct epochs e;
	bool in = false;

	lists_epochs(h, c, team, &e);
	for (size_t i = 0; i < e.n; i++) {
		const char *earlier = node_get_str(e.v[i], "earlier");

		if (e.old[i])
			continue;
		if (time_of(node_get(e.v[i], "until"), "handle", handle) <= at)
			return false;
		if (has_text(node_get(e.v[i], "members"), handle)) {
			in = true;
			continue;
		}
		for (size_t k = 0; earlier && k < e.n; k++)
			if (strcmp(e.name[k], earlier) == 0 && has_text(node_get(e.v[k], "members"), handle))
				return false;
	}
	return in;
}

bool
lists_in_team(struct history *h, const struct hcommit *c, const char *team, const char *handle)
{
	return in_team_at(h, c, team, handle, c->time);
}

const struct node *
lists_dossier(struct history *h, const struct hcommit *c, const char *dossier)
{
	char path[64];

	snprintf(path, sizeof path, "records/%c/%c/%s/dossier.yaml", dossier[0], dossier[1], dossier);
	return file_doc(h, c, path);
}

const char *
lists_through_at(struct history *h, const struct hcommit *c, const struct machine *x,
    const char *dossier, bool yet, int64_t at)
{
	const struct node *d = lists_dossier(h, c, dossier), *access = node_get(d, "access");

	if (!d || !(yet ? lists_belongs(h, c, x) : reads_active(h, c, x)))
		return NULL;
	for (size_t i = 0; access && i < access->n; i++) {
		const char *team = access->seq[i]->text;

		if (time_of(node_get(d, "until"), "team", team) > at && in_team_at(h, c, team, x->handle, at))
			return team;
	}
	return NULL;
}

const char *
lists_through(struct history *h, const struct hcommit *c, const struct machine *x, const char *dossier,
    bool yet)
{
	return lists_through_at(h, c, x, dossier, yet, c->time);
}

bool
reads(struct history *h, const struct hcommit *c, const struct machine *x, const char *dossier)
{
	return lists_through(h, c, x, dossier, false) != NULL;
}

bool
oracle_lists(struct history *h, const struct hcommit *c, const char *dossier)
{
	return lists_dossier(h, c, dossier) != NULL;
}

bool
oracle_writes(struct history *h, const struct hcommit *was, const struct hcommit *c,
    const struct machine *x, const char *dossier, bool record, int64_t at)
{
	return (record || has_role(h, was, x, "staff") || has_role(h, was, x, "supervisor") ||
	           has_role(h, was, x, "admin")) &&
	    lists_through_at(h, c, x, dossier, false, at);
}

bool
lists_to_be_erased(struct history *h, const struct hcommit *c, const char *dossier)
{
	char path[40];

	snprintf(path, sizeof path, "erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	return file_doc(h, c, path) != NULL;
}

bool
lists_audits_only(struct history *h, const struct hcommit *c, const struct machine *x)
{
	const struct node *roles = roles_of(h, c, x);

	return roles && roles->n == 1 && has_text(roles, "auditor");
}
