#include "sim/history.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "sim/mem.h"
#include "sim/world.h"
#include "tree/node.h"
#include "tree/yaml.h"

size_t
history_find(const struct history *h, const struct oid *id)
{
	for (size_t i = h->n; i-- > 0;)
		if (oid_equal(&h->v[i].id, id))
			return i;
	return SIZE_MAX;
}

bool
history_before(const struct history *h, size_t a, size_t b)
{
	return bit(h->v[b].before, a);
}

/* --- commits -------------------------------------------------------------------------------- */

static struct oid
id_at(const char *hex)
{
	char text[OID_HEX + 1] = "";
	struct oid id = {0};

	memcpy(text, hex, OID_HEX);
	oid_parse(&id, text);
	return id;
}

static void
add_commit(struct history *h, const struct oid *id)
{
	struct hcommit c = {.id = *id, .object = mem_find(id)};
	const struct mem_object *o;
	const char *p, *end;
	struct oid parent[2], tree;
	size_t n = 0;

	if (c.object == SIZE_MAX || history_find(h, id) != SIZE_MAX)
		return;
	o = mem_object(c.object);
	p = o->p;
	tree = id_at(p + 5);
	c.tree = mem_find(&tree);
	for (p += 46; strncmp(p, "parent ", 7) == 0; p += 48)
		parent[n++] = id_at(p + 7);
	c.nparents = n;
	sscanf(p, "author %33[^ ]", c.author);
	end = strchr(p, '>');
	c.time = strtoll(end + 1, NULL, 10);
	mem_signer(c.signer, o->p);
	for (size_t i = 0; i < n; i++) {
		add_commit(h, &parent[i]);
		c.parent[i] = history_find(h, &parent[i]);
	}
	vec_grow(h);
	h->v[h->n++] = c;
}

static void
find_ancestors(struct history *h)
{
	size_t width = (h->n + 63) / 64;

	for (size_t i = 0; i < h->n; i++) {
		struct hcommit *c = &h->v[i];

		c->before = xcalloc(width, sizeof *c->before);
		for (size_t p = 0; p < c->nparents; p++) {
			for (size_t k = 0; k < width; k++)
				c->before[k] |= h->v[c->parent[p]].before[k];
			c->before[c->parent[p] / 64] |= (uint64_t)1 << (c->parent[p] % 64);
		}
	}
}

/* --- files ------------------------------------------------------------------------------------- */

struct listing {
	size_t n, cap;
	struct hfile *v;
};

static void
list_files(struct listing *l, size_t tree, const char *prefix)
{
	const struct mem_object o = *mem_object(tree);

	for (const char *p = o.p, *end = o.p + o.n; p < end;) {
		const char *name = strchr(p, ' ') + 1;
		bool folder = *p == '4';
		struct oid id;
		char path[160];
		size_t at;

		memcpy(id.b, name + strlen(name) + 1, sizeof id.b);
		snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "/" : "", name);
		at = mem_find(&id);
		p = name + strlen(name) + 1 + sizeof id.b;
		if (strcmp(path, "schema") == 0)
			continue;
		if (folder) {
			list_files(l, at, path);
			continue;
		}
		vec_grow(l);
		l->v[l->n++] = (struct hfile){xstrdup(path), at};
	}
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct hfile *)a)->path, ((const struct hfile *)b)->path);
}

size_t
history_file(const struct hcommit *c, const char *path)
{
	struct hfile key = {.path = (char *)path};
	const struct hfile *f = c->nfiles ? bsearch(&key, c->files, c->nfiles, sizeof key, by_path) : NULL;

	return f ? f->object : SIZE_MAX;
}

const struct node *
history_doc(struct history *h, size_t object)
{
	const struct mem_object *o = mem_object(object);
	struct node *doc = NULL;

	if (!h->doc[object] &&
	    yaml_parse(&doc, h->a, o->p, o->n, "oracle", YAML_STORED, NULL) == 0)
		h->doc[object] = doc;
	return h->doc[object];
}

/* --- words ---------------------------------------------------------------------------------------- */

struct found {
	size_t n, cap;
	size_t *v;
};

static size_t
word_of(struct history *h, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < h->nwords; i++)
		if (strncmp(h->word[i], p, n) == 0 && !h->word[i][n])
			return i;
	h->word = xrealloc(h->word, h->nwords + 1, sizeof *h->word);
	snprintf(h->word[i], sizeof *h->word, "%.*s", (int)n, p);
	return h->nwords++;
}

/* t<digits>x<digits>z anywhere in what the box holds: data and conflicts, there is nothing else. */
static void
find_words(struct history *h, struct found *f, size_t object)
{
	const uint8_t(*pk)[32];
	const char *plain;
	size_t npk, n;

	if (!mem_box_open(mem_object(object)->p, mem_object(object)->n, &pk, &npk, &plain, &n))
		return;
	for (const char *p = plain, *end = plain + n; (p = memchr(p, 't', (size_t)(end - p))); p++) {
		const char *q = p + 1;

		while (isdigit((unsigned char)*q))
			q++;
		if (q == p + 1 || *q != 'x' || !isdigit((unsigned char)q[1]))
			continue;
		for (q++; isdigit((unsigned char)*q);)
			q++;
		if (*q != 'z')
			continue;
		vec_grow(f);
		f->v[f->n++] = word_of(h, p, (size_t)(q + 1 - p));
	}
}

static bool
is_record(const char *path)
{
	return strstr(path, ".yaml.age") != NULL;
}

static void
read_words(struct history *h)
{
	struct found *f = xcalloc(mem_objects() + 1, sizeof *f);
	bool *seen = xcalloc(mem_objects() + 1, sizeof *seen);

	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->v[i].nfiles; k++) {
			size_t o = h->v[i].files[k].object;

			if (!seen[o] && is_record(h->v[i].files[k].path))
				find_words(h, &f[o], o);
			seen[o] = true;
		}
	h->width = (h->nwords + 64) / 64;
	for (size_t i = 0; i < h->n; i++) {
		struct hcommit *c = &h->v[i];

		c->words = xcalloc(h->width, sizeof *c->words);
		c->gone = xcalloc(h->width, sizeof *c->gone);
		for (size_t k = 0; k < c->nfiles; k++) {
			const struct found *w = &f[c->files[k].object];

			for (size_t x = 0; is_record(c->files[k].path) && x < w->n; x++)
				c->words[w->v[x] / 64] |= (uint64_t)1 << (w->v[x] % 64);
		}
	}
	for (size_t i = 0; i < mem_objects(); i++)
		free(f[i].v);
	free(f);
	free(seen);
}

void
history_read(const struct world *w, struct history *h)
{
	*h = (struct history){.a = arena_new()};
	for (size_t d = 0; d < disk_count(); d++) {
		struct oid id;

		bool rogue = false;

		for (size_t m = 0; m < w->n; m++)
			rogue |= w->m[m].rogue && strcmp(w->m[m].path, disk_path(disk_at(d))) == 0;
		if (!rogue && disk_ref_get(disk_at(d), &id, "refs/heads/main"))
			add_commit(h, &id);
	}
	find_ancestors(h);
	h->ndoc = mem_objects();
	h->doc = xcalloc(h->ndoc + 1, sizeof *h->doc);
	for (size_t i = 0; i < h->n; i++) {
		struct listing l = {0};

		list_files(&l, h->v[i].tree, "");
		if (l.n)
			qsort(l.v, l.n, sizeof *l.v, by_path);
		h->v[i].files = l.v;
		h->v[i].nfiles = l.n;
	}
	read_words(h);
}

void
history_free(struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		for (size_t k = 0; k < h->v[i].nfiles; k++)
			free(h->v[i].files[k].path);
		free(h->v[i].files);
		free(h->v[i].before);
		free(h->v[i].words);
		free(h->v[i].gone);
	}
	free(h->v);
	free(h->word);
	free(h->doc);
	arena_free(h->a);
}

bool
history_had(const struct history *h, const struct hcommit *c, const struct hfile *f)
{
	for (size_t p = 0; p < c->nparents; p++) {
		const struct hcommit *b = &h->v[c->parent[p]];

		for (size_t i = 0; i < b->nfiles; i++)
			if (b->files[i].object == f->object)
				return true;
	}
	return false;
}
