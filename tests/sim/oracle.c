/* Words: one may leave the records only by a commit, no merge, whose author had it before them, or
 * by a lawful erasure (DESIGN 5). */
#include "sim/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt/identity.h"
#include "sim/mem.h"
#include "sim/rest.h"
#include "tree/node.h"

/* --- erasures ---------------------------------------------------------------------------------- */

/* Two have signed it. */
bool
oracle_erased(struct history *h, const struct hcommit *c, const char *dossier)
{
	char path[40];
	size_t at;
	const struct node *by;

	snprintf(path, sizeof path, "erased/%c/%c/%s.yaml", dossier[0], dossier[1], dossier);
	at = history_file(c, path);
	by = at == SIZE_MAX ? NULL : node_get(history_doc(h, at), "by");
	return by && by->n >= 2;
}

static bool
is_record(const char *path)
{
	return strstr(path, ".yaml.age") != NULL;
}

/* The file of commit c in which the word stands, NULL when none does. */
static const struct hfile *
holder(const struct hcommit *c, const char *word)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		const struct mem_object *o = mem_object(c->files[i].object);
		const uint8_t(*to)[32];
		const char *plain;
		size_t nto, n;

		if (is_record(c->files[i].path) && mem_box_open(o->p, o->n, &to, &nto, &plain, &n) &&
		    memmem(plain, n, word, strlen(word)))
			return &c->files[i];
	}
	return NULL;
}

size_t
oracle_signer(const struct world *w, const struct hcommit *c)
{
	for (size_t m = 0; m < w->n; m++) {
		const uint8_t *pk = w->m[m].identity->sign_pk;

		if (memcmp(pk, c->signer, 32) == 0)
			return m;
	}
	return MACHINES;
}

static void
lost_in_save(struct world *w, struct history *h, const struct keys *k, struct hcommit *c,
    size_t word)
{
	const struct hfile *f = holder(&h->v[c->parent[0]], h->word[word]);
	char dossier[11] = "";
	size_t m = oracle_signer(w, c);

	if (f)
		memcpy(dossier, f->path + 12, 10);
	if (f && oracle_erased(h, c, dossier))
		return;
	/* on the list, but the key is yet to come: nobody sees without it what a patched program stores; all are told */
	if (f && m < MACHINES && w->m[m].rogue && reads(h, &h->v[c->parent[0]], &w->m[m], dossier))
		return;
	/* its author could read what they overwrote */
	if (!f || m == MACHINES || (!keys_open(k, m, f->object) && !oracle_wrote(w, h, m, f))) {
		char hex[41];

		oid_format(hex, &c->id);
		world_fail(w, "%s is lost by commit %.12s of %s, who never could read it", h->word[word],
		    hex, c->author);
	}
}

/* The record, and what is set aside of it, as a commit has it. */
static void
tell_record(struct world *w, const struct hcommit *c, const char *path, const char *name)
{
	size_t len = (size_t)(strstr(path, ".yaml.age") - path);

	for (size_t i = 0; i < c->nfiles; i++) {
		const struct mem_object *o = mem_object(c->files[i].object);
		const uint8_t(*to)[32];
		const char *plain;
		size_t nto, n;

		if (strncmp(c->files[i].path, path, len + 1) == 0 &&
		    mem_box_open(o->p, o->n, &to, &nto, &plain, &n))
			world_tell(w, "%s, %s:\n%.*s\n", name, c->files[i].path + 12, (int)n, plain);
	}
}

static void
lost_in_merge(struct world *w, struct history *h, struct hcommit *c, size_t word)
{
	const struct hfile *f = NULL;
	char dossier[11] = "", hex[41];

	for (size_t i = 0; i < 2 && !f; i++)
		f = holder(&h->v[c->parent[i]], h->word[word]);
	if (f)
		memcpy(dossier, f->path + 12, 10);
	if (f && oracle_erased(h, c, dossier))
		return;
	oid_format(hex, &c->id);
	world_fail(w, "%s is lost in merge %.12s of %s: %s", h->word[word], hex, c->author,
	    f ? f->path : "");
	/* the last that both have: a base of theirs */
	for (size_t i = h->n; f && i-- > 0;)
		if (history_before(h, i, c->parent[0]) && history_before(h, i, c->parent[1])) {
			tell_record(w, &h->v[i], f->path, "base");
			break;
		}
	for (size_t i = 0; i < 2 && f; i++)
		tell_record(w, &h->v[c->parent[i]], f->path, i ? "theirs" : "ours");
	if (f)
		tell_record(w, c, f->path, "merged");
}

static void
words_check(struct world *w, struct history *h, const struct keys *k)
{
	for (size_t i = 0; i < h->n && !w->failed; i++) {
		struct hcommit *c = &h->v[i];

		for (size_t x = 0; x < h->width; x++) {
			uint64_t had = 0;

			for (size_t p = 0; p < c->nparents; p++) {
				had |= h->v[c->parent[p]].words[x];
				c->gone[x] |= h->v[c->parent[p]].gone[x];
			}
			had &= ~c->words[x];
			if (c->nparents == 2)
				had &= ~c->gone[x];
			for (size_t b = 0; had && b < 64; b++) {
				if (!(had >> b & 1))
					continue;
				if (c->nparents == 2)
					lost_in_merge(w, h, c, x * 64 + b);
				else
					lost_in_save(w, h, k, c, x * 64 + b);
				c->gone[x] |= (uint64_t)1 << b;
			}
		}
	}
}

/* --- saves ----------------------------------------------------------------------------------------- */

/* What a person was told is saved is part of what everybody has, unless their device was shut out. */
static void
saves_check(struct world *w, struct history *h, size_t head)
{
	for (size_t i = 0; i < w->saved.n && !w->failed; i++) {
		const struct saved *s = &w->saved.v[i];
		size_t at = history_find(h, &s->id);

		if (at != SIZE_MAX && (at == head || history_before(h, at, head)))
			continue;
		if (w->m[s->machine].rogue || (w->m[s->machine].out && at != SIZE_MAX))
			continue;
		world_fail(w, "what %s saved in #%zu is gone", w->m[s->machine].id, s->op);
	}
}

bool
oracle_honest(const struct world *w, const char *disk)
{
	for (size_t m = 0; m < w->n; m++) {
		size_t n = strlen(w->m[m].path);

		if (strncmp(disk, w->m[m].path, n) == 0 && (!disk[n] || disk[n] == '/'))
			return w->m[m].joined && !w->m[m].out;
	}
	return true;
}

/* Teams and lists that a commit has otherwise than its first parent: what most failures are about. */
static void
tell_lists(struct world *w, const struct history *h, const struct hcommit *c)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		const char *path = c->files[i].path;
		const struct mem_object *o = mem_object(c->files[i].object);
		size_t was = c->nparents ? history_file(&h->v[c->parent[0]], path) : SIZE_MAX;
		bool key = strncmp(path, "teams/", 6) == 0 && strstr(path, ".age");

		if (was == c->files[i].object ||
		    !(key || strncmp(path, "teams/", 6) == 0 || strstr(path, "/dossier.yaml")))
			continue;
		world_tell(w, "    %s%s\n", path, key ? "" : ":");
		for (const char *s = o->p; !key && s < o->p + o->n; s += strcspn(s, "\n") + 1)
			world_tell(w, "      %.*s\n", (int)strcspn(s, "\n"), s);
	}
}

/* The commits by number, behind the story of what failed. */
static void
tell_history(struct world *w, struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct hcommit *c = &h->v[i];
		const char *body = strstr(mem_object(c->object)->p, "\n\nakt: ");
		char hex[41];

		oid_format(hex, &c->id);
		world_tell(w, "  commit %zu %.12s by %s, %.*s, after", i, hex, c->author,
		    body ? (int)strcspn(body + 7, "\n") : 0, body ? body + 7 : "");
		for (size_t p = 0; p < c->nparents; p++)
			world_tell(w, " %zu", c->parent[p]);
		world_tell(w, "; works:");
		for (size_t m = 0; m < w->n; m++)
			if (reads_active(h, c, &w->m[m]))
				world_tell(w, " %s", w->m[m].id);
		world_tell(w, "\n");
		tell_lists(w, h, c);
	}
}

void
oracle_check(struct world *w, const struct oid *head)
{
	struct history h;
	struct keys *k;
	size_t at;

	history_read(w, &h);
	tally.commits += h.n;
	for (size_t i = 0; i < h.n; i++)
		tally.merges += h.v[i].nparents == 2;
	k = keys_find(w, &h);
	words_check(w, &h, k);
	at = head ? history_find(&h, head) : SIZE_MAX;
	if (!w->failed)
		rules_check(w, &h, k, at);
	if (at != SIZE_MAX && !w->failed)
		saves_check(w, &h, at);
	if (at != SIZE_MAX && !w->failed)
		readers_check(w, &h, k, at);
	if (w->failed)
		tell_history(w, &h);
	keys_free(k);
	history_free(&h);
}
