/* Readers of the control files (docs/formats.md). Each fetches the fields it knows and checks
 * their kind; that nothing else stands in the file is then proved by writing it again. */
#include "trail/state_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "crypt/age.h"
#include "crypt/ssh.h"
#include "merge/storepath.h"
#include "tree/node.h"
#include "tree/yaml.h"

enum { NAME_MAX_BYTES = 200 };

/* One file being read. After the first fault everything else is a no-op on defaults. */
struct rd {
	const char *path;
	const char *text;
	size_t n;
	struct arena *a;
	struct node *doc;
	bool failed;
	struct err *e;
};

static void
bad(struct rd *r, const struct node *at, const char *field, const char *text)
{
	if (!r->failed)
		err_at(r->e, ERR_DAMAGED, r->path, at ? at->line : 0, at ? at->column : 0, field, "%s",
		    text);
	r->failed = true;
}

static void
open_text(struct rd *r, const char *path, const char *p, size_t n, struct err *e)
{
	struct err inner = {0};
	const struct err_item *it = &inner.item[0];

	*r = (struct rd){.path = path, .text = p, .n = n, .a = arena_new(), .e = e};
	if (yaml_parse(&r->doc, r->a, p, n, path, YAML_STORED, &inner)) {
		/* what a commit says is damage to the store, not a person's slip */
		err_at(e, ERR_DAMAGED, path, it->line, it->column, *it->path ? it->path : NULL, "%s",
		    it->text);
		r->failed = true;
		r->doc = NULL;
	}
}

static void
open_document(struct rd *r, const char *path, const char *p, size_t n, struct err *e)
{
	const struct node *akt;

	open_text(r, path, p, n, e);
	akt = node_get(r->doc, "akt");
	if (!akt || akt->kind != NODE_INT || akt->i != 1)
		bad(r, akt ? akt : r->doc, "akt", _("is not 1, the format that this program reads"));
}

/* The canonical check: what we understood, written again, is what stands there. */
static int
close_document(struct rd *r, const struct node *again)
{
	struct buf out = {0};
	unsigned line = 1;
	size_t i = 0;

	if (!r->failed && again) {
		yaml_emit(&out, again);
		if (out.n != r->n || memcmp(buf_str(&out), r->text, r->n) != 0) {
			for (; i < out.n && i < r->n && out.p[i] == r->text[i]; i++)
				line += r->text[i] == '\n';
			err_at(r->e, ERR_DAMAGED, r->path, line, 1, NULL, "%s",
			    _("is not in canonical form, or has a field that does not belong here"));
			r->failed = true;
		}
	}
	buf_free(&out);
	arena_free(r->a);
	return r->failed ? ERR_DAMAGED : 0;
}

/* The value under key, of that kind; NULL after a fault or when absent and optional. */
static const struct node *
get(struct rd *r, const struct node *m, const char *key, enum node_kind kind, bool optional)
{
	const struct node *v = node_get(m, key);

	if (r->failed)
		return NULL;
	if (!v && !optional)
		bad(r, m, key, _("is missing"));
	else if (v && v->kind != kind)
		bad(r, v, key, _("is of the wrong kind"));
	return r->failed ? NULL : v;
}

static const char *
get_text(struct rd *r, const struct node *m, const char *key, bool optional)
{
	const struct node *v = get(r, m, key, NODE_STR, optional);

	if (v && (v->len == 0 || strlen(v->text) != v->len))
		bad(r, v, key, _("is empty or has a NUL byte"));
	return v && !r->failed ? v->text : NULL;
}

/* Text that `ok` accepts, into dst; unchanged ("") when absent or faulty. */
static void
get_name(struct rd *r, char *dst, size_t size, const struct node *m, const char *key,
    bool optional, bool (*ok)(const char *))
{
	const char *s = get_text(r, m, key, optional);

	if (!s)
		return;
	if (strlen(s) >= size || !ok(s))
		bad(r, node_get(m, key), key, _("is not a valid name or code"));
	else
		memcpy(dst, s, strlen(s) + 1);
}

static int64_t
get_time(struct rd *r, const struct node *m, const char *key, bool optional)
{
	const char *s = get_text(r, m, key, optional);
	int64_t at = 0;

	if (s && !date_time_parse(&at, s, strlen(s)))
		bad(r, node_get(m, key), key, _("is not a time (YYYY-MM-DDTHH:MM:SSZ)"));
	return at;
}

static void
get_hash(struct rd *r, uint8_t out[32], const struct node *m, const char *key)
{
	const char *s = get_text(r, m, key, false);

	if (s && !hash_unhex(out, 32, s))
		bad(r, node_get(m, key), key, _("is not 64 hexadecimal digits"));
}

static void
get_recipient(struct rd *r, uint8_t pk[32], const struct node *m)
{
	const char *s = get_text(r, m, "recipient", false);

	if (s && age_recipient_parse(pk, s, NULL))
		bad(r, node_get(m, "recipient"), "recipient", _("is not an age recipient"));
}

/* Item i of a list of mappings, after a check that the list is sorted is left to the caller. */
static size_t
get_list(struct rd *r, const struct node **list, const struct node *m, const char *key,
    bool optional, enum node_kind kind)
{
	const struct node *v = get(r, m, key, NODE_SEQ, optional);

	*list = v;
	if (!v)
		return 0;
	if (optional && v->n == 0)
		bad(r, v, key, _("is empty and should be left out"));
	for (size_t i = 0; i < v->n && !r->failed; i++)
		if (v->seq[i]->kind != kind)
			bad(r, v->seq[i], key, _("has an item of the wrong kind"));
	return r->failed ? 0 : v->n;
}

static void
want_order(struct rd *r, const struct node *at, const char *field, int cmp)
{
	if (cmp >= 0)
		bad(r, at, field, _("is not sorted, or names something twice"));
}

/* A sorted list of names into `size` wide slots. */
static size_t
get_names(struct rd *r, void *out, size_t size, const struct node *m, const char *key,
    bool (*ok)(const char *))
{
	const struct node *list;
	size_t n = get_list(r, &list, m, key, false, NODE_STR);
	char *v = xcalloc(n + 1, size);

	for (size_t i = 0; i < n && !r->failed; i++) {
		const struct node *it = list->seq[i];

		if (it->len >= size || strlen(it->text) != it->len || !ok(it->text)) {
			bad(r, it, key, _("is not a valid name or code"));
			break;
		}
		memcpy(v + i * size, it->text, it->len + 1);
		if (i > 0)
			want_order(r, it, key, strcmp(v + (i - 1) * size, v + i * size));
	}
	memcpy(out, &v, sizeof v);
	return n;
}

static bool
code_ok(const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || n > 16)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s[i]))
			return false;
	return true;
}

static bool
id10_ok(const char *s)
{
	return id_valid(s, ID_DOSSIER);
}

static bool
epoch_ok(const char *s)
{
	uint8_t b[4];

	return hash_unhex(b, sizeof b, s);
}

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
	free(s->basis);
	free(s);
}

static void
read_settings(struct rd *r, struct store_info *s, const struct node *m)
{
	const struct node *signers = get(r, m, "erase_signers", NODE_INT, false);
	const char *live = get_text(r, m, "go_live", true);
	char(*basis)[17] = NULL;
	size_t n = get_names(r, &basis, sizeof *basis, m, "basis", code_ok);
	int64_t day;

	if (signers && (signers->i < 1 || signers->i > 9))
		bad(r, signers, "settings.erase_signers", _("is not a number from 1 to 9"));
	else if (signers)
		s->erase_signers = (int)signers->i;
	if (live && !date_parse(&day, live, strlen(live)))
		bad(r, node_get(m, "go_live"), "settings.go_live", _("is not a date (YYYY-MM-DD)"));
	else if (live)
		s->go_live = xstrdup(live);
	s->basis = xcalloc(n + 1, sizeof *s->basis);
	for (size_t i = 0; i < n; i++)
		s->basis[s->nbasis++] = xstrdup(basis[i]);
	free(basis);
}

int
state_read_store(struct store_info **out, const char *path, const char *p, size_t n,
    struct err *e)
{
	struct store_info *s = xcalloc(1, sizeof *s);
	char language[3] = "";
	const char *name;
	struct rd r;
	int rc = 0;

	open_document(&r, path, p, n, e);
	get_name(&r, s->id, sizeof s->id, r.doc, "id", false, id10_ok);
	get_name(&r, s->unit, sizeof s->unit, r.doc, "unit", false, id10_ok);
	name = get_text(&r, r.doc, "name", false);
	if (name && (strlen(name) > NAME_MAX_BYTES || strchr(name, '\n')))
		bad(&r, node_get(r.doc, "name"), "name", _("is too long, or more than one line"));
	s->name = xstrdup(name ? name : "");
	get_name(&r, language, sizeof language, r.doc, "language", false, language_ok);
	s->language = xstrdup(language);
	read_settings(&r, s, get(&r, r.doc, "settings", NODE_MAP, false));
	rc = close_document(&r, r.failed ? NULL : state_node_store(r.a, s));
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
read_device(struct rd *r, struct member *m, size_t i, const struct node *it)
{
	struct device *d = &m->devices[i];
	const char *key;
	size_t n = strlen(m->handle);

	get_name(r, d->id, sizeof d->id, it, "id", false, device_ok);
	get_recipient(r, d->recipient, it);
	key = get_text(r, it, "signer", false);
	if (key && ssh_public_parse(d->signer, key, NULL))
		bad(r, node_get(it, "signer"), "devices.signer", _("is not an ssh-ed25519 key"));
	d->added = get_time(r, it, "added", false);
	d->revoked = get_time(r, it, "revoked", true);
	if (r->failed)
		return;
	/* `recovery` alone has no device name: it is nobody's laptop */
	if (strcmp(m->handle, "recovery") == 0 ? strcmp(d->id, "recovery") != 0 :
	    (strncmp(d->id, m->handle, n) != 0 || d->id[n] != '.'))
		bad(r, node_get(it, "id"), "devices.id", _("is not this member's device"));
	if (i > 0)
		want_order(r, it, "devices", strcmp(m->devices[i - 1].id, d->id));
}

int
state_read_member(struct member **out, const char *path, const char *p, size_t n,
    struct err *e)
{
	struct member *m = xcalloc(1, sizeof *m);
	const struct node *list;
	size_t nroles;
	struct rd r;
	int rc = 0;

	open_document(&r, path, p, n, e);
	get_name(&r, m->handle, sizeof m->handle, r.doc, "handle", false, storepath_handle_ok);
	nroles = get_list(&r, &list, r.doc, "roles", false, NODE_STR);
	for (size_t i = 0; i < nroles; i++) {
		unsigned one = 0;

		if (strlen(list->seq[i]->text) != list->seq[i]->len ||
		    role_parse(&one, list->seq[i]->text) || (one & (one - 1)) != 0)
			bad(&r, list->seq[i], "roles", _("is not a role"));
		m->roles |= one;
	}
	if (!r.failed && (strcmp(m->handle, "recovery") == 0) != (m->roles == ROLE_RECOVERY))
		bad(&r, list, "roles", _("the recovery identity alone has the role recovery"));
	if (!r.failed && m->roles != ROLE_RECOVERY && m->roles & ROLE_RECOVERY)
		bad(&r, list, "roles", _("the recovery identity alone has the role recovery"));
	m->ndevices = get_list(&r, &list, r.doc, "devices", false, NODE_MAP);
	m->devices = xcalloc(m->ndevices + 1, sizeof *m->devices);
	if (!r.failed && m->ndevices == 0)
		bad(&r, list, "devices", _("is empty"));
	for (size_t i = 0; i < m->ndevices && !r.failed; i++)
		read_device(&r, m, i, list->seq[i]);
	rc = close_document(&r, r.failed ? NULL : state_node_member(r.a, m));
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

static bool
listed(const struct epoch *ep, const char *handle)
{
	for (size_t i = 0; i < ep->nmembers; i++)
		if (strcmp(ep->members[i], handle) == 0)
			return true;
	return false;
}

static void
read_until(struct rd *r, struct epoch *ep)
{
	const struct node *list;

	ep->nuntil = get_list(r, &list, r->doc, "until", true, NODE_MAP);
	ep->until = xcalloc(ep->nuntil + 1, sizeof *ep->until);
	for (size_t i = 0; i < ep->nuntil && !r->failed; i++) {
		get_name(r, ep->until[i].handle, sizeof ep->until[i].handle, list->seq[i], "handle",
		    false, storepath_handle_ok);
		ep->until[i].at = get_time(r, list->seq[i], "at", false);
		if (!r->failed && !listed(ep, ep->until[i].handle))
			bad(r, list->seq[i], "until", _("names someone who is not in `members`"));
		if (i > 0)
			want_order(r, list->seq[i], "until",
			    strcmp(ep->until[i - 1].handle, ep->until[i].handle));
	}
}

int
state_read_epoch(struct epoch **out, const char *path, const char *p, size_t n, struct err *e)
{
	struct epoch *ep = xcalloc(1, sizeof *ep);
	struct rd r;
	int rc = 0;

	open_document(&r, path, p, n, e);
	get_name(&r, ep->team, sizeof ep->team, r.doc, "team", false, storepath_team_ok);
	get_recipient(&r, ep->recipient, r.doc);
	state_epoch_name(ep->name, ep->recipient);
	get_name(&r, ep->earlier, sizeof ep->earlier, r.doc, "earlier", true, epoch_ok);
	ep->nmembers = get_names(&r, &ep->members, sizeof *ep->members, r.doc, "members",
	    storepath_handle_ok);
	if (!r.failed && *ep->team == '~' &&
	    (ep->nmembers != 1 || strcmp(ep->members[0], ep->team + 1) != 0))
		bad(&r, node_get(r.doc, "members"), "members", _("a member's own team has that member "
			"and nobody else"));
	read_until(&r, ep);
	if (!r.failed && strcmp(ep->earlier, ep->name) == 0)
		bad(&r, node_get(r.doc, "earlier"), "earlier", _("names this epoch itself"));
	rc = close_document(&r, r.failed ? NULL : state_node_epoch(r.a, ep));
	if (rc)
		state_free_epoch(ep);
	else
		*out = ep;
	return rc;
}

/* --- records/C/C/DOSSIER/dossier.yaml --------------------------------------------- */

void
state_free_dossier(struct dossier *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->nkeys; i++)
		free(d->keys[i].to);
	free(d->access);
	free(d->until);
	free(d->keys);
	free(d);
}

static void
read_key(struct rd *r, struct dossier *d, size_t i, const struct node *it)
{
	struct dossier_key *k = &d->keys[i];
	const struct node *list;
	int cmp = 0;

	get_hash(r, k->id, it, "id");
	k->nfor = get_list(r, &list, it, "for", false, NODE_STR);
	k->to = xcalloc(k->nfor + 1, sizeof *k->to);
	if (!r->failed && k->nfor == 0)
		bad(r, list, "keys.for", _("is empty"));
	for (size_t j = 0; j < k->nfor && !r->failed; j++) {
		const char *s = list->seq[j]->text, *slash = strchr(s, '/');
		size_t n = slash ? (size_t)(slash - s) : 0;

		if (!slash || n >= sizeof k->to[j].team || !epoch_ok(slash + 1) ||
		    strlen(s) != list->seq[j]->len) {
			bad(r, list->seq[j], "keys.for", _("is not TEAM/EPOCH"));
			break;
		}
		memcpy(k->to[j].team, s, n);
		memcpy(k->to[j].epoch, slash + 1, sizeof k->to[j].epoch);
		if (!storepath_team_ok(k->to[j].team))
			bad(r, list->seq[j], "keys.for", _("is not TEAM/EPOCH"));
		for (size_t h = 0; h < j; h++)
			if (strcmp(k->to[h].team, k->to[j].team) == 0 &&
			    strcmp(k->to[h].epoch, k->to[j].epoch) == 0)
				bad(r, list->seq[j], "keys.for", _("names an epoch twice"));
	}
	get_hash(r, k->file, it, "file");
	if (i > 0) {
		cmp = memcmp(d->keys[i - 1].id, k->id, 32);
		want_order(r, it, "keys", cmp ? cmp : memcmp(d->keys[i - 1].file, k->file, 32));
	}
}

int
state_read_dossier(struct dossier **out, const char *path, const char *p, size_t n,
    struct err *e)
{
	struct dossier *d = xcalloc(1, sizeof *d);
	const struct node *list;
	struct rd r;
	int rc = 0;

	open_document(&r, path, p, n, e);
	get_name(&r, d->id, sizeof d->id, r.doc, "dossier", false, id10_ok);
	get_name(&r, d->retention, sizeof d->retention, r.doc, "retention", true, code_ok);
	d->naccess = get_names(&r, &d->access, sizeof *d->access, r.doc, "access",
	    storepath_team_ok);
	if (!r.failed && d->naccess == 0)
		bad(&r, node_get(r.doc, "access"), "access", _("is empty: nobody could read the dossier"));
	d->nuntil = get_list(&r, &list, r.doc, "until", true, NODE_MAP);
	d->until = xcalloc(d->nuntil + 1, sizeof *d->until);
	for (size_t i = 0; i < d->nuntil && !r.failed; i++) {
		get_name(&r, d->until[i].team, sizeof d->until[i].team, list->seq[i], "team", false,
		    storepath_team_ok);
		d->until[i].at = get_time(&r, list->seq[i], "at", false);
		if (i > 0)
			want_order(&r, list->seq[i], "until",
			    strcmp(d->until[i - 1].team, d->until[i].team));
	}
	d->nkeys = get_list(&r, &list, r.doc, "keys", false, NODE_MAP);
	d->keys = xcalloc(d->nkeys + 1, sizeof *d->keys);
	for (size_t i = 0; i < d->nkeys && !r.failed; i++)
		read_key(&r, d, i, list->seq[i]);
	rc = close_document(&r, r.failed ? NULL : state_node_dossier(r.a, d));
	if (rc)
		state_free_dossier(d);
	else
		*out = d;
	return rc;
}

/* --- erased/C/C/DOSSIER.yaml ------------------------------------------------------ */

void
state_free_tombstone(struct tombstone *t)
{
	if (!t)
		return;
	free(t->by);
	free(t);
}

int
state_read_tombstone(struct tombstone **out, const char *path, const char *p, size_t n,
    struct err *e)
{
	struct tombstone *t = xcalloc(1, sizeof *t);
	const struct node *list;
	struct rd r;
	int rc = 0;

	open_document(&r, path, p, n, e);
	get_name(&r, t->dossier, sizeof t->dossier, r.doc, "dossier", false, id10_ok);
	get_name(&r, t->basis, sizeof t->basis, r.doc, "basis", false, code_ok);
	t->nby = get_list(&r, &list, r.doc, "by", false, NODE_MAP);
	t->by = xcalloc(t->nby + 1, sizeof *t->by);
	if (!r.failed && t->nby == 0)
		bad(&r, list, "by", _("is empty"));
	for (size_t i = 0; i < t->nby && !r.failed; i++) {
		get_name(&r, t->by[i].handle, sizeof t->by[i].handle, list->seq[i], "handle", false,
		    storepath_handle_ok);
		t->by[i].at = get_time(&r, list->seq[i], "at", false);
		if (i > 0)
			want_order(&r, list->seq[i], "by", strcmp(t->by[i - 1].handle, t->by[i].handle));
	}
	rc = close_document(&r, r.failed ? NULL : state_node_tombstone(r.a, t));
	if (rc)
		state_free_tombstone(t);
	else
		*out = t;
	return rc;
}

/* --- schema/TYPE.yaml ------------------------------------------------------------- */

void
state_free_write(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static bool
writer_ok(const char *s)
{
	unsigned role = 0;

	if (strncmp(s, "team:", 5) == 0)
		return storepath_team_ok(s + 5);
	return role_parse(&role, s) == 0 && (role & (role - 1)) == 0 && role != ROLE_RECOVERY;
}

int
state_read_write(char ***out, const char *path, const char *p, size_t n, struct err *e)
{
	const struct node *akt = NULL, *list = NULL;
	char **v = NULL;
	struct rd r;
	int rc = 0;

	open_text(&r, path, p, n, e);
	if (!r.failed && r.doc->kind != NODE_MAP)
		bad(&r, r.doc, NULL, _("a schema is a mapping"));
	akt = get(&r, r.doc, "x-akt", NODE_MAP, true);
	list = get(&r, akt, "write", NODE_SEQ, true);
	if (list)
		v = xcalloc(list->n + 1, sizeof *v);
	for (size_t i = 0; list && i < list->n && !r.failed; i++) {
		const struct node *it = list->seq[i];

		if (it->kind != NODE_STR || strlen(it->text) != it->len || !writer_ok(it->text))
			bad(&r, it, "x-akt.write", _("is neither a role nor team:NAME"));
		else
			v[i] = xstrdup(it->text);
	}
	rc = close_document(&r, NULL);
	if (rc)
		state_free_write(v);
	else
		*out = v;
	return rc;
}
