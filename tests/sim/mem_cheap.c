/* What only costs time, once: the same text read as YAML by one machine after another, the same schema compiled, objects
 * kept in memory that are in memory. The answers are the program's own; the linker takes these by --wrap. A text that
 * the program refuses is refused by itself each time. */
#include "sim/mem_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "schema/schema.h"
#include "trail/objects.h"
#include "tree/node.h"
#include "tree/yaml.h"

int __real_yaml_parse(struct node **out, struct arena *a, const char *s, size_t n, const char *file,
    enum yaml_source source, struct err *e);
int __wrap_yaml_parse(struct node **out, struct arena *a, const char *s, size_t n, const char *file,
    enum yaml_source source, struct err *e);
int __real_schema_compile(struct schema **out, const struct node *doc, const char *file,
    enum schema_mode mode, const struct schema_docs *docs, struct diags *diags, struct err *e);
int __wrap_schema_compile(struct schema **out, const struct node *doc, const char *file,
    enum schema_mode mode, const struct schema_docs *docs, struct diags *diags, struct err *e);
void __real_schema_free(struct schema *s);
void __wrap_schema_free(struct schema *s);
struct objects_cache *__wrap_objects_cache_new(const struct objects *under);
void __wrap_objects_cache_free(struct objects_cache *c);
struct objects __wrap_objects_of_cache(struct objects_cache *c);
bool __wrap_objects_cache_failed(struct objects_cache *c);

/* --- texts -------------------------------------------------------------------------------------- */

enum { SLOTS = 1 << 14, TEXTS = SLOTS / 2, SCHEMAS = 500 };

struct text {
	uint64_t hash;
	size_t n;
	const char *s;
	const struct node *doc;
	struct schema *schema; /* compiled, NULL: not yet */
	bool stays;            /* from before the first schedule, or a schema's */
};
static struct {
	size_t n, cap, nschemas;
	struct text *v;
	uint16_t slot[SLOTS]; /* index + 1 */
	struct arena *stays, *goes;
	bool begun;
	/* the schema that was read last, and its text */
	const struct node *last;
	size_t last_text;
} texts;

static uint64_t
hash_of(const char *s, size_t n)
{
	uint64_t h = n, x;

	for (; n >= 8; s += 8, n -= 8) {
		memcpy(&x, s, 8);
		h = (h ^ x) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; n; s++, n--)
		h = (h ^ (uint8_t)*s) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

static size_t
slot_for(uint64_t hash, const char *s, size_t n)
{
	size_t i = hash % SLOTS;

	for (; texts.slot[i]; i = (i + 1) % SLOTS) {
		const struct text *t = &texts.v[texts.slot[i] - 1];

		if (t->hash == hash && t->n == n && memcmp(t->s, s, n) == 0)
			break;
	}
	return i;
}

static void
remember(size_t slot, uint64_t hash, const char *s, size_t n, const struct node *doc, bool stays)
{
	struct arena **a = stays ? &texts.stays : &texts.goes;

	if (!*a)
		*a = arena_new();
	vec_grow(&texts);
	texts.v[texts.n] = (struct text){hash, n, arena_strndup(*a, s, n), node_clone(*a, doc), NULL, stays};
	texts.slot[slot] = (uint16_t)++texts.n;
}

int
__wrap_yaml_parse(struct node **out, struct arena *a, const char *s, size_t n, const char *file,
    enum yaml_source source, struct err *e)
{
	bool schema = file && strncmp(file, "schema/", 7) == 0;
	uint64_t hash;
	size_t slot;
	int rc;

	if (source != YAML_STORED || !n)
		return __real_yaml_parse(out, a, s, n, file, source, e);
	hash = hash_of(s, n);
	slot = slot_for(hash, s, n);
	if (texts.slot[slot]) {
		*out = node_clone(a, texts.v[texts.slot[slot] - 1].doc);
	} else {
		rc = __real_yaml_parse(out, a, s, n, file, source, e);
		if (rc || texts.n == TEXTS)
			return rc;
		remember(slot, hash, s, n, *out, !texts.begun || (schema && texts.nschemas++ < SCHEMAS));
	}
	texts.last = schema ? *out : NULL;
	texts.last_text = texts.slot[slot] - 1u;
	return 0;
}

void
mem_texts_forget(bool all)
{
	size_t n = 0;

	for (size_t i = 0; i < texts.n; i++) {
		if (texts.v[i].stays && !all)
			texts.v[n++] = texts.v[i];
		else
			__real_schema_free(texts.v[i].schema);
	}
	texts.n = n;
	memset(texts.slot, 0, sizeof texts.slot);
	for (size_t i = 0; i < n; i++)
		texts.slot[slot_for(texts.v[i].hash, texts.v[i].s, texts.v[i].n)] = (uint16_t)(i + 1);
	texts.last = NULL;
	texts.begun = true;
	arena_free(texts.goes);
	texts.goes = NULL;
	if (!all)
		return;
	arena_free(texts.stays);
	texts.stays = NULL;
	xfree(texts.v);
	texts.cap = texts.nschemas = 0;
}

/* --- schemas -------------------------------------------------------------------------------------- */

int
__wrap_schema_compile(struct schema **out, const struct node *doc, const char *file,
    enum schema_mode mode, const struct schema_docs *docs, struct diags *diags, struct err *e)
{
	struct text *t = doc == texts.last ? &texts.v[texts.last_text] : NULL;
	int rc = 0;

	if (!t || !t->stays || mode != SCHEMA_STORE || docs)
		return __real_schema_compile(out, doc, file, mode, docs, diags, e);
	if (!t->schema)
		rc = __real_schema_compile(&t->schema, t->doc, file, mode, docs, diags, e);
	if (!rc)
		*out = t->schema;
	return rc;
}

void
__wrap_schema_free(struct schema *s)
{
	for (size_t i = 0; s && i < texts.n; i++)
		if (texts.v[i].schema == s)
			return;
	__real_schema_free(s);
}

/* --- objects -------------------------------------------------------------------------------------- */

struct objects_cache {
	struct objects under;
	bool failed;
};

struct objects_cache *
__wrap_objects_cache_new(const struct objects *under)
{
	struct objects_cache *c = xcalloc(1, sizeof *c);

	c->under = *under;
	return c;
}

void
__wrap_objects_cache_free(struct objects_cache *c)
{
	free(c);
}

static int
read_through(void *ctx, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	struct objects_cache *c = ctx;
	int rc = c->under.read(c->under.ctx, out, type, id, e);

	c->failed |= rc != 0;
	return rc;
}

struct objects
__wrap_objects_of_cache(struct objects_cache *c)
{
	return (struct objects){read_through, c};
}

bool
__wrap_objects_cache_failed(struct objects_cache *c)
{
	bool failed = c->failed;

	c->failed = false;
	return failed;
}
