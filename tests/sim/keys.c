/* Who holds which key, by the boxes alone. */
#include "sim/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "tree/node.h"
#include "vault/vault.h"

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

bool
keys_hold(const struct keys *k, size_t m, const uint8_t pk[32])
{
	for (size_t i = 0; i < k->of[m].n; i++)
		if (memcmp(k->of[m].v[i], pk, 32) == 0)
			return true;
	return false;
}

static void
take(struct keys *k, size_t m, const uint8_t pk[32])
{
	if (keys_hold(k, m, pk))
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
			if (history_had(h, &h->v[i], &h->v[i].files[f]))
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
					opens = keys_hold(k, m, b->to[t]);
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
			if (h->v[i].files[k].object == f->object && !history_had(h, &h->v[i], f))
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
		if (keys_hold(k, m, to[i]))
			return true;
	return false;
}

/* With the boxes alone that the commit's author could know of. */
bool
keys_open_at(const struct history *h, const struct keys *all, size_t at, const struct machine *x,
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
				fits = keys_hold(&k, 0, b->to[t]);
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
