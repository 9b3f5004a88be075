/* Readers of store.yaml, members and teams (docs/formats.md). Each fetches the fields it knows and
 * checks their kind; that nothing else stands in the file is then proved by writing it again. */
#include "trail/state_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/i18n.h"
#include "crypt/ssh.h"
#include "merge/storepath.h"
#include "trail/fields.h"

enum { NAME_MAX_BYTES = 200, VALUE_BYTES = 64, VALUE_MAX = 1000000000 };

static bool
device_ok(const char *s)
{
	return strcmp(s, "recovery") == 0 || storepath_device_ok(s);
}

static bool
language_ok(const char *s)
{
	return strlen(s) == 2 && s[0] >= 'a' && s[0] <= 'z' && s[1] >= 'a' && s[1] <= 'z';
}

/* --- store.yaml ------------------------------------------------------------------- */

void
state_free_store(struct store_info *s)
{
	if (!s)
		return;
	free((char *)(uintptr_t)s->name);
	free((char *)(uintptr_t)s->language);
	free((char *)(uintptr_t)s->go_live);
	for (size_t i = 0; i < s->nbasis; i++)
		free((char *)(uintptr_t)s->basis[i]);
	for (size_t i = 0; i < s->nvalues; i++) {
		free((char *)(uintptr_t)s->values[i].name);
		free((char *)(uintptr_t)s->values[i].text);
	}
	free(s->basis);
	free(s->values);
	free(s);
}

bool
state_value_ok(const char *name, const char *text)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	size_t n = strlen(text);

	return storepath_type_ok(name) && n > 0 && n <= VALUE_BYTES && strspn(text, word) == n;
}

static void
read_values(struct fields *r, struct store_info *s, const struct node *all)
{
	s->values = xcalloc((all ? all->n : 0) + 1, sizeof *s->values);
	if (all && all->n == 0)
		fields_bad(r, all, "settings.values", _("is empty and should be left out"));
	for (size_t i = 0; all && i < all->n && !r->failed; i++) {
		const char *name = all->map[i].key;
		const struct node *v = all->map[i].value;

		if ((v->kind != NODE_INT && v->kind != NODE_STR) || !state_value_ok(name, v->text) ||
		    (v->kind == NODE_INT && (v->i <= -VALUE_MAX || v->i >= VALUE_MAX))) {
			fields_bad(r, v, "settings.values", _("is not a valid name or code"));
			return;
		}
		if (i > 0)
			fields_order(r, v, "settings.values", strcmp(all->map[i - 1].key, name));
		s->values[s->nvalues++] = (struct store_value){
			.name = xstrdup(name),
			.text = xstrdup(v->text),
			.is_int = v->kind == NODE_INT,
			.i = v->i,
		};
	}
}

static void
read_settings(struct fields *r, struct store_info *s, const struct node *m)
{
	const struct node *signers = fields_get(r, m, "erase_signers", NODE_INT, false), *fts;
	const char *live = fields_text(r, m, "go_live", true);
	char(*basis)[17] = NULL;
	size_t n = fields_names(r, &basis, sizeof *basis, m, "basis", fields_code_ok);
	int64_t day;

	if (signers && (signers->i < 1 || signers->i > 9))
		fields_bad(r, signers, "settings.erase_signers", _("is not a number from 1 to 9"));
	else if (signers)
		s->erase_signers = (int)signers->i;
	if (live && !date_parse(&day, live, strlen(live)))
		fields_bad(
		    r, node_get(m, "go_live"), "settings.go_live", _("is not a date (YYYY-MM-DD)"));
	else if (live)
		s->go_live = xstrdup(live);
	s->basis = xcalloc(n + 1, sizeof *s->basis);
	for (size_t i = 0; i < n; i++)
		s->basis[s->nbasis++] = xstrdup(basis[i]);
	free(basis);
	fts = fields_get(r, m, "fts", NODE_BOOL, true);
	s->no_fts = fts && !fts->b;
	read_values(r, s, fields_get(r, m, "values", NODE_MAP, true));
}

int
state_read_store(struct store_info **out, const char *path, const char *p, size_t n, struct err *e)
{
	struct store_info *s = xcalloc(1, sizeof *s);
	char language[3] = "";
	const char *name;
	struct fields r;
	int rc = 0;

	fields_open(&r, path, p, n, e);
	fields_name(&r, s->id, sizeof s->id, r.doc, "id", false, fields_id_ok);
	fields_name(&r, s->unit, sizeof s->unit, r.doc, "unit", false, fields_id_ok);
	name = fields_text(&r, r.doc, "name", false);
	if (name && (strlen(name) > NAME_MAX_BYTES || strchr(name, '\n')))
		fields_bad(
		    &r, node_get(r.doc, "name"), "name", _("is too long, or more than one line"));
	s->name = xstrdup(name ? name : "");
	fields_name(&r, language, sizeof language, r.doc, "language", false, language_ok);
	s->language = xstrdup(language);
	read_settings(&r, s, fields_get(&r, r.doc, "settings", NODE_MAP, false));
	rc = fields_close(&r, r.failed ? NULL : state_node_store(r.a, s));
	if (rc)
		state_free_store(s);
	else
		*out = s;
	return rc;
}

/* --- members/HANDLE.yaml ---------------------------------------------------------- */

void
state_free_member(struct member *m)
{
	if (!m)
		return;
	free(m->devices);
	free(m);
}

static void
read_device(struct fields *r, struct member *m, size_t i, const struct node *it)
{
	struct device *d = &m->devices[i];
	const char *key;
	size_t n = strlen(m->handle);

	fields_name(r, d->id, sizeof d->id, it, "id", false, device_ok);
	fields_recipient(r, d->recipient, it);
	key = fields_text(r, it, "signer", false);
	if (key && ssh_public_parse(d->signer, key, NULL))
		fields_bad(
		    r, node_get(it, "signer"), "devices.signer", _("is not an ssh-ed25519 key"));
	d->added = fields_time(r, it, "added", false);
	d->revoked = fields_time(r, it, "revoked", true);
	if (r->failed)
		return;
	/* `recovery` alone has no device name: it is nobody's laptop */
	if (strcmp(m->handle, "recovery") == 0
		? strcmp(d->id, "recovery") != 0
		: (strncmp(d->id, m->handle, n) != 0 || d->id[n] != '.'))
		fields_bad(r, node_get(it, "id"), "devices.id", _("is not this member's device"));
	if (i > 0)
		fields_order(r, it, "devices", strcmp(m->devices[i - 1].id, d->id));
}

int
state_read_member(struct member **out, const char *path, const char *p, size_t n, struct err *e)
{
	struct member *m = xcalloc(1, sizeof *m);
	const struct node *list;
	size_t nroles;
	struct fields r;
	int rc = 0;

	fields_open(&r, path, p, n, e);
	fields_name(&r, m->handle, sizeof m->handle, r.doc, "handle", false, storepath_handle_ok);
	nroles = fields_list(&r, &list, r.doc, "roles", false, NODE_STR);
	for (size_t i = 0; i < nroles; i++) {
		unsigned one = 0;

		if (role_parse(&one, list->seq[i]->text) || (one & (one - 1)) != 0)
			fields_bad(&r, list->seq[i], "roles", _("is not a role"));
		m->roles |= one;
	}
	if (!r.failed && (strcmp(m->handle, "recovery") == 0) != (m->roles == ROLE_RECOVERY))
		fields_bad(
		    &r, list, "roles", _("the recovery identity alone has the role recovery"));
	if (!r.failed && m->roles != ROLE_RECOVERY && m->roles & ROLE_RECOVERY)
		fields_bad(
		    &r, list, "roles", _("the recovery identity alone has the role recovery"));
	m->ndevices = fields_list(&r, &list, r.doc, "devices", false, NODE_MAP);
	m->devices = xcalloc(m->ndevices + 1, sizeof *m->devices);
	if (!r.failed && m->ndevices == 0)
		fields_bad(&r, list, "devices", _("is empty"));
	for (size_t i = 0; i < m->ndevices && !r.failed; i++)
		read_device(&r, m, i, list->seq[i]);
	rc = fields_close(&r, r.failed ? NULL : state_node_member(r.a, m));
	if (rc)
		state_free_member(m);
	else
		*out = m;
	return rc;
}

/* --- teams/TEAM/EPOCH.yaml -------------------------------------------------------- */

void
state_free_epoch(struct epoch *ep)
{
	if (!ep)
		return;
	free(ep->members);
	free(ep->until);
	free(ep);
}

static int
by_handle(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
read_until(struct fields *r, struct epoch *ep)
{
	const struct node *list;

	ep->nuntil = fields_list(r, &list, r->doc, "until", true, NODE_MAP);
	ep->until = xcalloc(ep->nuntil + 1, sizeof *ep->until);
	for (size_t i = 0; i < ep->nuntil && !r->failed; i++) {
		fields_name(r, ep->until[i].handle, sizeof ep->until[i].handle, list->seq[i],
		    "handle", false, storepath_handle_ok);
		ep->until[i].at = fields_time(r, list->seq[i], "at", false);
		/* fields_names has seen to it that they are sorted */
		if (!r->failed && !bsearch(ep->until[i].handle, ep->members, ep->nmembers,
		                      sizeof *ep->members, by_handle))
			fields_bad(
			    r, list->seq[i], "until", _("names someone who is not in `members`"));
		if (i > 0)
			fields_order(r, list->seq[i], "until",
			    strcmp(ep->until[i - 1].handle, ep->until[i].handle));
	}
}

int
state_read_epoch(struct epoch **out, const char *path, const char *p, size_t n, struct err *e)
{
	struct epoch *ep = xcalloc(1, sizeof *ep);
	const struct node *spent;
	struct fields r;
	int rc = 0;

	fields_open(&r, path, p, n, e);
	fields_name(&r, ep->team, sizeof ep->team, r.doc, "team", false, storepath_team_ok);
	fields_recipient(&r, ep->recipient, r.doc);
	state_epoch_name(ep->name, ep->recipient);
	fields_name(&r, ep->earlier, sizeof ep->earlier, r.doc, "earlier", true, fields_epoch_ok);
	ep->nmembers = fields_names(
	    &r, &ep->members, sizeof *ep->members, r.doc, "members", storepath_handle_ok);
	if (!r.failed && *ep->team == '~' &&
	    (ep->nmembers != 1 || strcmp(ep->members[0], ep->team + 1) != 0))
		fields_bad(&r, node_get(r.doc, "members"), "members",
		    _("a member's own team has that member "
		      "and nobody else"));
	read_until(&r, ep);
	spent = fields_get(&r, r.doc, "spent", NODE_BOOL, true);
	ep->spent = spent && spent->b;
	if (!r.failed && strcmp(ep->earlier, ep->name) == 0)
		fields_bad(&r, node_get(r.doc, "earlier"), "earlier", _("names this epoch itself"));
	rc = fields_close(&r, r.failed ? NULL : state_node_epoch(r.a, ep));
	if (rc)
		state_free_epoch(ep);
	else
		*out = ep;
	return rc;
}
