/* Writers of the control files (docs/formats.md). Keys in the order given there; the lists come
 * sorted from the caller, and the readers refuse what is not. */
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
#include "crypt/age.h"
#include "crypt/ssh.h"
#include "tree/node.h"
#include "tree/yaml.h"

static const struct {
	unsigned role;
	const char *name;
} roles[] = {
    /* sorted by name: the order in a file */
    {ROLE_ADMIN, "admin"},
    {ROLE_AUDITOR, "auditor"},
    {ROLE_RECOVERY, "recovery"},
    {ROLE_STAFF, "staff"},
    {ROLE_SUPERVISOR, "supervisor"},
};

enum { ROLES = sizeof roles / sizeof *roles };

const char *
role_name(unsigned one)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].role == one)
			return roles[i].name;
	return "";
}

int
role_parse(unsigned *out, const char *s)
{
	unsigned all = 0;

	for (;;) {
		size_t n = strcspn(s, ","), i;

		for (i = 0; i < ROLES; i++)
			if (strlen(roles[i].name) == n && memcmp(roles[i].name, s, n) == 0)
				break;
		if (i == ROLES)
			return ERR_USAGE;
		all |= roles[i].role;
		if (!s[n])
			break;
		s += n + 1;
	}
	*out = all;
	return 0;
}

void
state_epoch_name(char out[9], const uint8_t recipient[32])
{
	uint8_t digest[32];

	hash_sha256(digest, recipient, 32);
	hash_hex(out, digest, 4);
}

static void
put(struct arena *a, struct node *m, const char *key, const char *value)
{
	node_set(a, m, key, node_str(a, value));
}

static void
put_time(struct arena *a, struct node *m, const char *key, int64_t at)
{
	char text[DATE_TIME_LEN + 1];

	date_time_format(text, at);
	put(a, m, key, text);
}

static void
put_hash(struct arena *a, struct node *m, const char *key, const uint8_t digest[32])
{
	char text[65];

	hash_hex(text, digest, 32);
	put(a, m, key, text);
}

static void
put_recipient(struct arena *a, struct node *m, const uint8_t pk[32])
{
	char text[AGE_TEXT];

	age_recipient_format(text, pk);
	put(a, m, "recipient", text);
}

/* A sub-list under `key` of m. */
static struct node *
put_list(struct arena *a, struct node *m, const char *key)
{
	struct node *list = node_seq(a);

	node_set(a, m, key, list);
	return list;
}

static struct node *
push_map(struct arena *a, struct node *list)
{
	struct node *m = node_map(a);

	node_push(a, list, m);
	return m;
}

static struct node *
document(struct arena *a)
{
	struct node *m = node_map(a);

	node_set(a, m, "akt", node_int(a, 1));
	return m;
}

struct node *
state_node_store(struct arena *a, const struct store_info *s)
{
	struct node *m = document(a), *settings = node_map(a), *list, *values = NULL;

	put(a, m, "id", s->id);
	put(a, m, "unit", s->unit);
	put(a, m, "name", s->name);
	put(a, m, "language", s->language);
	node_set(a, m, "settings", settings);
	list = put_list(a, settings, "basis");
	for (size_t i = 0; i < s->nbasis; i++)
		node_push(a, list, node_str(a, s->basis[i]));
	node_set(a, settings, "erase_signers", node_int(a, s->erase_signers));
	if (s->no_fts)
		node_set(a, settings, "fts", node_bool(a, false));
	if (s->go_live)
		put(a, settings, "go_live", s->go_live);
	if (s->nvalues)
		node_set(a, settings, "values", values = node_map(a));
	for (size_t i = 0; i < s->nvalues; i++)
		node_append(a, values, s->values[i].name, s->values[i].is_int
		    ? node_int(a, s->values[i].i) : node_str(a, s->values[i].text));
	return m;
}

struct node *
state_node_member(struct arena *a, const struct member *m)
{
	struct node *doc = document(a), *list;
	char signer[SSH_PUBLIC_TEXT];

	put(a, doc, "handle", m->handle);
	list = put_list(a, doc, "roles");
	for (size_t i = 0; i < ROLES; i++)
		if (m->roles & roles[i].role)
			node_push(a, list, node_str(a, roles[i].name));
	list = put_list(a, doc, "devices");
	for (size_t i = 0; i < m->ndevices; i++) {
		const struct device *d = &m->devices[i];
		struct node *one = push_map(a, list);

		put(a, one, "id", d->id);
		put_recipient(a, one, d->recipient);
		ssh_public_format(signer, d->signer);
		put(a, one, "signer", signer);
		put_time(a, one, "added", d->added);
		if (d->revoked)
			put_time(a, one, "revoked", d->revoked);
	}
	return doc;
}

struct node *
state_node_epoch(struct arena *a, const struct epoch *e)
{
	struct node *doc = document(a), *list;

	put(a, doc, "team", e->team);
	put_recipient(a, doc, e->recipient);
	if (*e->earlier)
		put(a, doc, "earlier", e->earlier);
	list = put_list(a, doc, "members");
	for (size_t i = 0; i < e->nmembers; i++)
		node_push(a, list, node_str(a, e->members[i]));
	if (e->nuntil)
		list = put_list(a, doc, "until");
	for (size_t i = 0; i < e->nuntil; i++) {
		struct node *one = push_map(a, list);

		put(a, one, "handle", e->until[i].handle);
		put_time(a, one, "at", e->until[i].at);
	}
	if (e->spent)
		node_set(a, doc, "spent", node_bool(a, true));
	return doc;
}

struct node *
state_node_dossier(struct arena *a, const struct dossier *d)
{
	struct node *doc = document(a), *list;

	put(a, doc, "dossier", d->id);
	if (*d->retention)
		put(a, doc, "retention", d->retention);
	list = put_list(a, doc, "access");
	for (size_t i = 0; i < d->naccess; i++)
		node_push(a, list, node_str(a, d->access[i]));
	if (d->nuntil)
		list = put_list(a, doc, "until");
	for (size_t i = 0; i < d->nuntil; i++) {
		struct node *one = push_map(a, list);

		put(a, one, "team", d->until[i].team);
		put_time(a, one, "at", d->until[i].at);
	}
	list = put_list(a, doc, "keys");
	for (size_t i = 0; i < d->nkeys; i++) {
		const struct dossier_key *k = &d->keys[i];
		struct node *one = push_map(a, list), *to;

		put_hash(a, one, "id", k->id);
		to = put_list(a, one, "for");
		for (size_t j = 0; j < k->nfor; j++)
			node_push(a, to,
			    node_str(a, arena_printf(a, "%s/%s", k->to[j].team, k->to[j].epoch)));
		put_hash(a, one, "file", k->file);
	}
	return doc;
}

struct node *
state_node_tombstone(struct arena *a, const struct tombstone *t)
{
	struct node *doc = document(a), *list;

	put(a, doc, "dossier", t->dossier);
	put(a, doc, "basis", t->basis);
	list = put_list(a, doc, "by");
	for (size_t i = 0; i < t->nby; i++) {
		struct node *one = push_map(a, list);

		put(a, one, "handle", t->by[i].handle);
		put_time(a, one, "at", t->by[i].at);
	}
	return doc;
}

void
state_format_store(struct buf *out, const struct store_info *s)
{
	struct arena *a = arena_new();

	yaml_emit(out, state_node_store(a, s));
	arena_free(a);
}

void
state_format_member(struct buf *out, const struct member *m)
{
	struct arena *a = arena_new();

	yaml_emit(out, state_node_member(a, m));
	arena_free(a);
}

void
state_format_epoch(struct buf *out, const struct epoch *e)
{
	struct arena *a = arena_new();

	yaml_emit(out, state_node_epoch(a, e));
	arena_free(a);
}

void
state_format_dossier(struct buf *out, const struct dossier *d)
{
	struct arena *a = arena_new();

	yaml_emit(out, state_node_dossier(a, d));
	arena_free(a);
}

void
state_format_tombstone(struct buf *out, const struct tombstone *t)
{
	struct arena *a = arena_new();

	yaml_emit(out, state_node_tombstone(a, t));
	arena_free(a);
}

static int
by_line(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

int
state_format_signers(struct buf *out, const struct state *s, struct err *e)
{
	const struct member *const *members = NULL;
	size_t nmembers = state_members(s, &members), n = 0, cap = 0;
	const char *store = state_store(s)->id;
	char **line = NULL, key[SSH_PUBLIC_TEXT];

	for (size_t i = 0; i < nmembers; i++)
		cap += members[i]->ndevices;
	if (!cap)
		return err_set(e, ERR_INVALID, _("the store has no devices"));
	line = xcalloc(cap, sizeof *line);
	for (size_t i = 0; i < nmembers; i++)
		for (size_t j = 0; j < members[i]->ndevices; j++) {
			ssh_public_format(key, members[i]->devices[j].signer);
			line[n++] = xasprintf(
			    "%s@%s namespaces=\"git\" %s\n", members[i]->handle, store, key);
		}
	qsort(line, n, sizeof *line, by_line);
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, line[i]);
		free(line[i]);
	}
	free(line);
	return 0;
}
