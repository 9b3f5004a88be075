/* Who can open what, by the boxes alone, held against who was on which list when it was written. */
#include "sim/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/hash.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "merge/storepath.h"
#include "sim/mem.h"
#include "tree/node.h"
#include "vault/vault.h"

/* --- what plain files say ----------------------------------------------------------------------- */

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

bool
reads_active(struct history *h, const struct hcommit *c, const struct machine *x)
{
	char path[64];
	const struct node *m, *roles, *devices;

	snprintf(path, sizeof path, "members/%s.yaml", x->handle);
	m = file_doc(h, c, path);
	roles = node_get(m, "roles");
	devices = node_get(m, "devices");
	for (size_t i = 0; roles && roles->n && devices && i < devices->n; i++)
		if (strcmp(node_get_str(devices->seq[i], "id"), x->id) == 0)
			return !node_get(devices->seq[i], "revoked");
	return false;
}

/* The member belongs, and has not lost this device: it may still be to come. */
static bool
belongs(struct history *h, const struct hcommit *c, const struct machine *x)
{
	char path[64];
	const struct node *m, *roles, *devices;

	snprintf(path, sizeof path, "members/%s.yaml", x->handle);
	m = file_doc(h, c, path);
	roles = node_get(m, "roles");
	devices = node_get(m, "devices");
	for (size_t i = 0; devices && i < devices->n; i++)
		if (strcmp(node_get_str(devices->seq[i], "id"), x->id) == 0)
			return roles && roles->n && !node_get(devices->seq[i], "revoked");
	return roles && roles->n;
}

bool
reads_shut_out(struct history *h, const struct hcommit *c, const struct machine *x)
{
	char path[64];
	const struct node *m, *devices, *roles;

	snprintf(path, sizeof path, "members/%s.yaml", x->handle);
	m = file_doc(h, c, path);
	devices = node_get(m, "devices");
	roles = node_get(m, "roles");
	for (size_t i = 0; devices && i < devices->n; i++)
		if (strcmp(node_get_str(devices->seq[i], "id"), x->id) == 0)
			return !roles || !roles->n || node_get(devices->seq[i], "revoked");
	return false;
}

static bool
has_role(struct history *h, const struct hcommit *c, const struct machine *x, const char *role)
{
	char path[64];

	snprintf(path, sizeof path, "members/%s.yaml", x->handle);
	return has_text(node_get(file_doc(h, c, path), "roles"), role);
}

bool
oracle_rules(struct history *h, const struct hcommit *c, const struct machine *x)
{
	return has_role(h, c, x, "admin");
}

enum { TIPS = 32 };

struct epochs {
	size_t n;
	const struct node *v[TIPS];
	char name[TIPS][9];
	bool old[TIPS]; /* not at the end of the longest chain */
};

static void
epochs_of(struct history *h, const struct hcommit *c, const char *team, struct epochs *e)
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

	epochs_of(h, c, team, &e);
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

static bool
in_team(struct history *h, const struct hcommit *c, const char *team, const char *handle)
{
	return in_team_at(h, c, team, handle, c->time);
}

static const struct node *
dossier_doc(struct history *h, const struct hcommit *c, const char *dossier)
{
	char path[64];

	snprintf(path, sizeof path, "records/%c/%c/%s/dossier.yaml", dossier[0], dossier[1], dossier);
	return file_doc(h, c, path);
}

/* The team through which the machine reads; NULL when it may not. `yet`: so would a device of the
 * member's that is let in later. `at`: as somebody saw it whose clock said so. */
static const char *
through_at(struct history *h, const struct hcommit *c, const struct machine *x,
    const char *dossier, bool yet, int64_t at)
{
	const struct node *d = dossier_doc(h, c, dossier), *access = node_get(d, "access");

	if (!d || !(yet ? belongs(h, c, x) : reads_active(h, c, x)))
		return NULL;
	for (size_t i = 0; access && i < access->n; i++) {
		const char *team = access->seq[i]->text;

		if (time_of(node_get(d, "until"), "team", team) > at && in_team_at(h, c, team, x->handle, at))
			return team;
	}
	return NULL;
}

static const char *
through(struct history *h, const struct hcommit *c, const struct machine *x, const char *dossier,
    bool yet)
{
	return through_at(h, c, x, dossier, yet, c->time);
}

bool
reads(struct history *h, const struct hcommit *c, const struct machine *x, const char *dossier)
{
	return through(h, c, x, dossier, false) != NULL;
}

bool
oracle_lists(struct history *h, const struct hcommit *c, const char *dossier)
{
	return dossier_doc(h, c, dossier) != NULL;
}

bool
oracle_writes(struct history *h, const struct hcommit *was, const struct hcommit *c,
    const struct machine *x, const char *dossier, bool record, int64_t at)
{
	return (record || has_role(h, was, x, "staff") || has_role(h, was, x, "supervisor") ||
	           has_role(h, was, x, "admin")) &&
	    through_at(h, c, x, dossier, false, at);
}

/* A parent of the commit has the same content somewhere. */
static bool
had(const struct history *h, const struct hcommit *c, const struct hfile *f)
{
	for (size_t p = 0; p < c->nparents; p++) {
		const struct hcommit *b = &h->v[c->parent[p]];

		for (size_t i = 0; i < b->nfiles; i++)
			if (b->files[i].object == f->object)
				return true;
	}
	return false;
}

/* --- who holds which key -------------------------------------------------------------------------- */

struct box {
	size_t object;
	size_t nto, nin;
	const uint8_t (*to)[32];
	uint8_t (*in)[32]; /* public halves of the keys in it */
	char dossier[11]; /* "" = a team's */
	size_t nfrom, from_cap;
	size_t *from;      /* commits that brought it */
	bool open[MACHINES];
};

struct keys {
	size_t n, cap;
	struct box *v;
	struct {
		size_t n, cap;
		uint8_t (*v)[32];
	} of[MACHINES];
};

static bool
holds(const struct keys *k, size_t m, const uint8_t pk[32])
{
	for (size_t i = 0; i < k->of[m].n; i++)
		if (memcmp(k->of[m].v[i], pk, 32) == 0)
			return true;
	return false;
}

static void
take(struct keys *k, size_t m, const uint8_t pk[32])
{
	if (holds(k, m, pk))
		return;
	vec_grow(&k->of[m]);
	memcpy(k->of[m].v[k->of[m].n++], pk, 32);
}

static void
add_from(struct box *b, size_t commit)
{
	if (b->nfrom == b->from_cap) {
		b->from_cap = b->from_cap ? b->from_cap * 2 : 4;
		b->from = xrealloc(b->from, b->from_cap, sizeof *b->from);
	}
	b->from[b->nfrom++] = commit;
}

/* A box with keys in it, that this commit has. */
static void
add_box(struct keys *k, size_t object, size_t commit, const char *path)
{
	struct box b = {.object = object};
	const char *plain, *p, *end;
	size_t n;

	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].object == object) {
			add_from(&k->v[i], commit);
			return;
		}
	if (!mem_box_open(mem_object(object)->p, mem_object(object)->n, &b.to, &b.nto, &plain, &n))
		return;
	for (p = plain; p < plain + n; p = end + 1) {
		uint8_t sk[32];

		end = memchr(p, '\n', (size_t)(plain + n - p));
		if (!end)
			break;
		if (*p == '#' || age_identity_parse(sk, p, (size_t)(end - p), NULL))
			continue;
		b.in = xrealloc(b.in, b.nin + 1, sizeof *b.in);
		mem_public(b.in[b.nin++], sk);
	}
	if (strncmp(path, "records/", 8) == 0)
		memcpy(b.dossier, path + 12, 10);
	add_from(&b, commit);
	vec_grow(k);
	k->v[k->n++] = b;
}

/* The key file with this digest, among all that exist. */
static size_t
key_file(size_t (*index)[2], size_t n, const uint8_t (*digest)[32], const char *hex)
{
	uint8_t want[32];

	if (!hash_unhex(want, 32, hex))
		return SIZE_MAX;
	for (size_t i = 0; i < n; i++)
		if (memcmp(digest[i], want, 32) == 0)
			return index[i][0];
	return SIZE_MAX;
}

/* Boxes that hold keys: epochs' in any commit, and key files that any commit names. A file that a
 * crash left unnamed was meant by one who may. */
static void
find_boxes(struct keys *k, struct history *h)
{
	size_t (*index)[2] = xcalloc(mem_objects() + 1, sizeof *index), n = 0;
	uint8_t(*digest)[32] = xcalloc(mem_objects() + 1, sizeof *digest);
	for (size_t i = 0; i < mem_objects(); i++) {
		const struct mem_object *o = mem_object(i);
		const uint8_t(*to)[32];
		const char *plain;
		size_t nto, size;

		if (o->type != GIT_BLOB || !mem_box_open(o->p, o->n, &to, &nto, &plain, &size) ||
		    size < 16 || memcmp(plain, "AGE-SECRET-KEY-1", 16) != 0)
			continue;
		hash_sha256(digest[n], o->p, o->n);
		index[n++][0] = i;
	}
	for (size_t i = 0; i < h->n; i++)
		for (size_t f = 0; f < h->v[i].nfiles; f++) {
			const char *path = h->v[i].files[f].path;
			size_t object = h->v[i].files[f].object, len = strlen(path);
			const struct node *list;

			/* where a file came, not where it stayed */
			if (had(h, &h->v[i], &h->v[i].files[f]))
				continue;
			if (strncmp(path, "teams/", 6) == 0 && strcmp(path + len - 4, ".age") == 0)
				add_box(k, object, i, path);
			if (len < 13 || strcmp(path + len - 13, "/dossier.yaml") != 0)
				continue;
			list = node_get(history_doc(h, object), "keys");
			for (size_t x = 0; list && x < list->n; x++) {
				size_t at = key_file(index, n, (const uint8_t(*)[32])digest,
				    node_get_str(list->seq[x], "file"));

				if (at != SIZE_MAX)
					add_box(k, at, i, path);
			}
		}
	free(index);
	free(digest);
}

struct keys *
keys_find(struct world *w, struct history *h)
{
	struct keys *k = xcalloc(1, sizeof *k);

	find_boxes(k, h);
	for (size_t m = 0; m < w->n; m++) {
		bool more = true;

		take(k, m, w->m[m].identity->age_pk);
		while (more) {
			more = false;
			for (size_t i = 0; i < k->n; i++) {
				struct box *b = &k->v[i];
				bool opens = false;

				for (size_t t = 0; !b->open[m] && !opens && t < b->nto; t++)
					opens = holds(k, m, b->to[t]);
				if (!opens)
					continue;
				b->open[m] = more = true;
				for (size_t t = 0; t < b->nin; t++)
					take(k, m, b->in[t]);
			}
		}
	}
	return k;
}

void
keys_free(struct keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->v[i].in), free(k->v[i].from);
	for (size_t m = 0; m < MACHINES; m++)
		free(k->of[m].v);
	free(k->v);
	free(k);
}

/* The disk's keys have the dossier's folder. */
static bool
ref_leads(const struct disk *d, const char *dossier)
{
	struct oid commit, tree, parents[2], at;
	struct git *g = NULL;
	struct err e = {0};
	unsigned mode;
	size_t n;
	char path[20];
	bool leads;

	snprintf(path, sizeof path, "%c/%c/%s", dossier[0], dossier[1], dossier);
	leads = disk_ref_get(d, &commit, VAULT_KEYS) && git_open(&g, disk_path(d), false, &e) == 0 &&
	    git_commit_links(g, &commit, &tree, parents, &n, &e) == 0 &&
	    git_tree_find(g, &at, &mode, &tree, path, &e) == 0;
	git_close(g);
	return leads;
}

/* What a push that was cut short left at a hub in a folder no ref names: git gc deletes it (SECURITY.md). */
bool
keys_of_dossier(const struct keys *k, const struct disk *d, const char *dossier)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].dossier, dossier) == 0 && disk_has(d, k->v[i].object) &&
		    !(disk_stray(d, k->v[i].object) && !ref_leads(d, dossier)))
			return true;
	return false;
}

bool
oracle_wrote(const struct world *w, const struct history *h, size_t m, const struct hfile *f)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; oracle_signer(w, &h->v[i]) == m && k < h->v[i].nfiles; k++)
			if (h->v[i].files[k].object == f->object && !had(h, &h->v[i], f))
				return true;
	return false;
}

bool
keys_open(const struct keys *k, size_t m, size_t object)
{
	const struct mem_object *o = mem_object(object);
	const uint8_t(*to)[32];
	const char *plain;
	size_t nto, n;

	if (!mem_box_open(o->p, o->n, &to, &nto, &plain, &n))
		return false;
	for (size_t i = 0; i < nto; i++)
		if (holds(k, m, to[i]))
			return true;
	return false;
}

/* --- nobody opens what they may not ------------------------------------------------------------------ */

/* With the boxes alone that the commit's author could know of. */
static bool
opens_at(const struct history *h, const struct keys *all, size_t at, const struct machine *x,
    size_t object)
{
	struct keys k = {0};
	bool *known = xcalloc(all->n + 1, sizeof *known), more = true, opens;

	for (size_t i = 0; i < all->n; i++)
		for (size_t f = 0; f < all->v[i].nfrom; f++)
			known[i] |= all->v[i].from[f] == at || history_before(h, all->v[i].from[f], at);
	take(&k, 0, x->identity->age_pk);
	while (more) {
		more = false;
		for (size_t i = 0; i < all->n; i++) {
			const struct box *b = &all->v[i];
			bool fits = false;

			for (size_t t = 0; known[i] && !fits && t < b->nto; t++)
				fits = holds(&k, 0, b->to[t]);
			if (!fits)
				continue;
			known[i] = false; /* once */
			more = true;
			for (size_t t = 0; t < b->nin; t++)
				take(&k, 0, b->in[t]);
		}
	}
	opens = keys_open(&k, 0, object);
	free(k.of[0].v);
	free(known);
	return opens;
}

/* The author's device opened one of the team's newest keys then: it could have made the next epoch. */
static bool
renews(struct world *w, struct history *h, const struct keys *k, size_t at, const char *team)
{
	const struct hcommit *c = &h->v[at];
	size_t m = oracle_signer(w, c), object;
	struct epochs e;
	char path[64];

	if (m == MACHINES || !in_team(h, c, team, c->author))
		return false;
	epochs_of(h, c, team, &e);
	for (size_t i = 0; i < e.n; i++) {
		snprintf(path, sizeof path, "teams/%s/%s.age", team, e.name[i]);
		object = history_file(c, path);
		if (!e.old[i] && object != SIZE_MAX && opens_at(h, k, at, &w->m[m], object))
			return true;
	}
	return false;
}

/* A team on the list whose newest key the machine still has and the author's device has not: only one of its
 * own could have renewed it (DESIGN 2). */
static bool
window(struct world *w, struct history *h, const struct keys *k, size_t at, size_t m,
    const char *dossier)
{
	const struct hcommit *c = &h->v[at];
	const struct node *access = node_get(dossier_doc(h, c, dossier), "access");

	for (size_t i = 0; access && i < access->n; i++) {
		const char *team = access->seq[i]->text;
		struct epochs e;

		if (renews(w, h, k, at, team))
			continue;
		epochs_of(h, c, team, &e);
		for (size_t x = 0; x < e.n; x++) {
			uint8_t pk[32];

			if (!e.old[x] && age_recipient_parse(pk, node_get_str(e.v[x], "recipient"), NULL) == 0 &&
			    holds(k, m, pk))
				return true;
		}
	}
	return false;
}

/* In a team that commit `at` had on the dossier's list, by a commit of the same time, and never before:
 * the author could not know; or let into it later, which gives all that the team read. */
static bool
joined_meanwhile(struct history *h, size_t at, const struct machine *x, const char *dossier)
{
	const struct node *access = node_get(dossier_doc(h, &h->v[at], dossier), "access");

	for (size_t t = 0; access && t < access->n; t++) {
		const char *team = access->seq[t]->text;
		bool before = in_team(h, &h->v[at], team, x->handle) && !belongs(h, &h->v[at], x);
		bool meanwhile = false;

		for (size_t i = 0; i < h->n; i++) {
			if (history_before(h, i, at))
				before |= in_team(h, &h->v[i], team, x->handle) && belongs(h, &h->v[i], x);
			else if (history_before(h, at, i) && in_team(h, &h->v[i], team, x->handle) &&
			    belongs(h, &h->v[i], x))
				return true; /* let into the team later: it gives all that the team read */
			else
				meanwhile |= in_team(h, &h->v[i], team, x->handle) && belongs(h, &h->v[i], x);
		}
		if (meanwhile && !before)
			return true;
	}
	return false;
}

/* A version written in commit `at`: who opens it with what its author knew of must have been on the list
 * then. Who does so by a key given later, or elsewhere at the same time, was on a list there. */
static bool
may_open(struct world *w, struct history *h, const struct keys *k, size_t at, size_t m,
    const char *dossier, size_t object)
{
	const struct machine *x = &w->m[m];

	if (through(h, &h->v[at], x, dossier, true) || window(w, h, k, at, m, dossier))
		return true;
	if (opens_at(h, k, at, x, object))
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (!history_before(h, i, at) &&
		    (through(h, &h->v[i], x, dossier, true) || joined_meanwhile(h, i, x, dossier) ||
		        /* granted to a team before one of its own could renew the key */
		        window(w, h, k, i, m, dossier)))
			return true;
	return false;
}

static void
check_new(struct world *w, struct history *h, const struct keys *k, size_t at,
    const struct hfile *f)
{
	char dossier[11] = "", hex[41];

	memcpy(dossier, f->path + 12, 10);
	for (size_t m = 0; m < w->n && !w->failed; m++) {
		if (!keys_open(k, m, f->object) || may_open(w, h, k, at, m, dossier, f->object))
			continue;
		oid_format(hex, &h->v[at].id);
		world_fail(w, "%s can open %s as %s wrote it in %.12s, and must not", w->m[m].id,
		    f->path + 12, h->v[at].author, hex);
	}
}

/* --- who may read does ------------------------------------------------------------------------------ */

/* Nobody at work can open the newest key of the team, nor so hand it on: the recovery identity must. */
static bool
orphaned(struct world *w, struct history *h, const struct hcommit *c, const char *team)
{
	struct epochs e;

	epochs_of(h, c, team, &e);
	for (size_t i = 0; i < e.n; i++) {
		const uint8_t(*to)[32];
		const char *plain;
		char path[64];
		size_t nto, n, at;

		snprintf(path, sizeof path, "teams/%s/%s.age", team, e.name[i]);
		at = history_file(c, path);
		if (e.old[i] || at == SIZE_MAX ||
		    !mem_box_open(mem_object(at)->p, mem_object(at)->n, &to, &nto, &plain, &n))
			continue;
		for (size_t m = 0; m < w->n; m++)
			for (size_t k = 0; w->m[m].joined && !w->m[m].out && k < nto &&
			     in_team(h, c, team, w->m[m].handle);
			     k++)
				if (memcmp(to[k], w->m[m].identity->age_pk, 32) == 0)
					return false;
	}
	return true;
}

/* Nothing more is written there, keys for who lacks them neither. */
static bool
to_be_erased(struct history *h, const struct hcommit *c, const char *dossier)
{
	char path[40];

	snprintf(path, sizeof path, "erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	return file_doc(h, c, path) != NULL;
}

/* An auditor writes nothing, keys for others neither. */
static bool
audits_only(struct history *h, const struct hcommit *c, const struct machine *x)
{
	char path[64];
	const struct node *roles;

	snprintf(path, sizeof path, "members/%s.yaml", x->handle);
	roles = node_get(file_doc(h, c, path), "roles");
	return roles && roles->n == 1 && has_text(roles, "auditor");
}

/* Who may read it and works has no key that could be handed on. */
static bool
key_lost(struct world *w, struct history *h, const struct keys *k, const struct hcommit *c,
    const char *dossier, size_t object)
{
	for (size_t m = 0; m < w->n; m++)
		if (w->m[m].joined && !w->m[m].out && reads(h, c, &w->m[m], dossier) &&
		    !audits_only(h, c, &w->m[m]) && keys_open(k, m, object))
			return false;
	return true;
}

/* The latest time that somebody who wrote this version had. */
static int64_t
written_at(const struct history *h, size_t object)
{
	int64_t at = 0;

	for (size_t i = 0; i < h->n; i++)
		for (size_t f = 0; f < h->v[i].nfiles; f++)
			if (h->v[i].files[f].object == object && !had(h, &h->v[i], &h->v[i].files[f]) &&
			    h->v[i].time > at)
				at = h->v[i].time;
	return at;
}

static bool
should_open(struct world *w, struct history *h, const struct keys *k, const struct hcommit *c,
    size_t m, const char *dossier, size_t object)
{
	int64_t at = written_at(h, object);
	/* a grant that had ended by the writer's clock gave nothing */
	const char *team = through_at(h, c, &w->m[m], dossier, false, at > c->time ? at : c->time);

	return team && !orphaned(w, h, c, team) && !to_be_erased(h, c, dossier) &&
	    !key_lost(w, h, k, c, dossier, object);
}

static void
check_reads(struct world *w, struct history *h, const struct keys *k, const struct hcommit *c,
    size_t m)
{
	struct machine *x = &w->m[m];
	struct err e = {0};

	world_reboot(w, m); /* it knows no more than its disk and its device's key tell */
	if (world_enter(w, m, &e))
		return;
	for (size_t i = 0; i < c->nfiles && !w->failed; i++) {
		const struct hfile *f = &c->files[i];
		struct node *rec = NULL;
		char dossier[11] = "";
		int rc;

		if (!strstr(f->path, ".yaml.age"))
			continue;
		memcpy(dossier, f->path + 12, 10);
		rc = vault_open_record(x->s.v, &rec, x->s.arena, f->path, &mem_object(f->object)->id, &e);
		if (rc == 0 && !keys_open(k, m, f->object))
			world_fail(w, "%s opens %s without a key", x->id, f->path + 12);
		if (rc && should_open(w, h, k, c, m, dossier, f->object))
			world_fail(w, "%s may read %s through %s and cannot%s: %s", x->id, f->path + 12,
			    through(h, c, x, dossier, false), keys_open(k, m, f->object) ? " though it has the key" : "",
			    e.n ? e.item[0].text : "");
		err_clear(&e);
	}
	world_leave(w, m);
}

void
readers_check(struct world *w, struct history *h, const struct keys *k, size_t head)
{
	for (size_t i = 0; i < h->n && !w->failed; i++) {
		const struct hcommit *c = &h->v[i];

		for (size_t f = 0; f < c->nfiles && !w->failed; f++)
			if (strstr(c->files[f].path, ".yaml.age") && !had(h, c, &c->files[f]))
				check_new(w, h, k, i, &c->files[f]);
	}
	for (size_t m = 0; m < w->n && !w->failed; m++)
		if (w->m[m].joined && !w->m[m].out)
			check_reads(w, h, k, &h->v[head], m);
}
