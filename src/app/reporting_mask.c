#include "app/reporting_mask.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tree/node.h"
#include "vault/vault.h"

enum { DEPTH = 12, KEY_MAX = 32 };

struct mask {
	struct session *s;
	const struct spec_package *k;
	bool texts; /* the type's texts go along */
	struct buf *left;
	struct err *e;
	int rc;
};

const struct spec_mask *
mask_of(const struct spec_package *k, const char *type)
{
	for (size_t i = 0; i < k->nmasks; i++)
		if (strcmp(k->masks[i].type, type) == 0)
			return &k->masks[i];
	return NULL;
}

static bool
says(const struct buf *list, const char *path)
{
	size_t n = strlen(path);

	/* what lies in a field that goes whole is not named beside it */
	for (const char *at = buf_str(list); *at; at += *at == ',') {
		size_t k = strcspn(at, ",");

		if (k <= n && strncmp(at, path, k) == 0 && (path[k] == '\0' || path[k] == '.'))
			return true;
		at += k;
	}
	return false;
}

static void
tell(struct mask *m, const char *path)
{
	if (!says(m->left, path))
		buf_printf(m->left, "%s%s", m->left->n ? "," : "", path);
}

/* A type whose records are people: it says which field holds their member. */
static bool
is_person(struct mask *m, const char *type)
{
	const struct schema *sc = NULL;

	if (!m->rc)
		m->rc = vault_schema(m->s->v, &sc, type, m->e);
	return sc && schema_akt(sc)->member;
}

static bool
is_day(const char *format)
{
	return format && (strcmp(format, "date") == 0 || strcmp(format, "date-time") == 0 || strcmp(format, "time") == 0);
}

static bool
is_key(const char *v, size_t n)
{
	return n && n <= KEY_MAX && strspn(v, "0123456789abcdefghijklmnopqrstuvwxyz_") == n;
}

/* Whether a reference to a record of `type` goes along. */
static bool
keeps_ref(struct mask *m, const struct shape *f, const char *type)
{
	return strcmp(f->ref, "*") == 0 ? mask_of(m->k, type) != NULL : !is_person(m, type);
}

/* Whether a text as it stands in this field goes along. `f` may be NULL. */
static bool
keeps(struct mask *m, const struct shape *f, const struct node *v)
{
	const char *dash = memchr(v->text, '-', v->len);

	if (f && f->ref) {
		struct found at;

		if (!dash || (size_t)(dash - v->text) >= sizeof at.type || !is_key(v->text, (size_t)(dash - v->text)) ||
		    !is_key(dash + 1, strlen(dash + 1)))
			return false;
		memcpy(at.type, v->text, (size_t)(dash - v->text));
		at.type[dash - v->text] = '\0';
		return keeps_ref(m, f, at.type);
	}
	for (size_t i = 0; f && i < f->nenum; i++)
		if (strcmp(f->enums[i].value, v->text) == 0)
			return true;
	return m->texts || (f && is_day(f->format) && schema_format_valid(f->format, v->text, v->len));
}

/* Of a list whose items have keys: the key field's name. */
static const char *
key_of(const struct shape *f)
{
	return f && f->list == LIST_KEY ? f->list_key : NULL;
}

/* Whether the value goes as a whole; what goes beneath it is taken out. `key`: of an item, its key field's name. */
static bool
strip(struct mask *m, const struct shape *f, const char *key, struct node *v, const char *path)
{
	bool goes = false;

	switch (v->kind) {
	case NODE_STR:
		return !keeps(m, f, v);
	case NODE_SEQ:
		/* one of many that goes takes the others along: how many there were says something too */
		for (size_t i = 0; i < v->n; i++)
			goes |= strip(m, f ? f->item : NULL, key_of(f), v->seq[i], path);
		return goes;
	case NODE_MAP:
		for (size_t i = v->n; i-- > 0;) {
			const struct shape *one = f ? shape_field(f, v->map[i].key) : NULL;
			const char *at = arena_printf(m->s->arena, "%s.%s", path, one ? v->map[i].key : "*");
			struct node *x = v->map[i].value;

			/* a name that the schema does not give is a text itself */
			if (!one && f)
				one = f->rest;
			if (key && strcmp(v->map[i].key, key) == 0 && x->kind == NODE_STR && is_key(x->text, x->len))
				continue;
			if ((m->texts || (f && one != f->rest)) && !strip(m, one, NULL, x, at))
				continue;
			node_del(v, v->map[i].key);
			tell(m, at);
		}
		return false;
	default:
		return false;
	}
}

/* What a record of the type would lose, whether this one has it or not: that a field was empty is not told either. */
static void
tell_shape(struct mask *m, const struct shape *f, const char *key, const char *path, int depth)
{
	if (depth == DEPTH)
		return;
	for (size_t i = 0; i < f->nfields; i++)
		if (!key || strcmp(f->fields[i]->name, key) != 0)
			tell_shape(m, f->fields[i], NULL, arena_printf(m->s->arena, "%s.%s", path, f->fields[i]->name), depth + 1);
	if (f->is_seq && f->item) {
		tell_shape(m, f->item, key_of(f), path, depth + 1);
	} else if (f->ref && strcmp(f->ref, "*") != 0) {
		if (!keeps_ref(m, f, f->ref))
			tell(m, path);
	} else if (f->is_string && !m->texts && !f->nenum && !f->ref && !is_day(f->format)) {
		tell(m, path);
	}
}

int
mask_record(struct session *s, const struct spec_package *k, const struct schema *sc, const char *type,
    struct node *rec, struct buf *left, struct err *e)
{
	const struct spec_mask *own = mask_of(k, type);
	struct node *data = node_get(rec, "data");
	struct mask m = {.s = s, .k = k, .left = left, .e = e};

	for (size_t i = 0; i < k->ntexts; i++)
		m.texts |= strcmp(k->texts[i], type) == 0;
	if (node_get(rec, "updated"))
		node_del(node_get(rec, "updated"), "why");
	node_del(rec, "conflicts");
	buf_puts(left, "updated.why,conflicts");
	for (size_t i = 0; !m.rc && i < own->n; i++) {
		tell(&m, arena_printf(s->arena, "data.%s", own->fields[i]));
		m.rc = path_unset(schema_shape(sc), data, own->fields[i], e);
	}
	if (!m.rc) {
		tell_shape(&m, schema_shape(sc), NULL, "data", 0);
		strip(&m, schema_shape(sc), NULL, data, "data");
	}
	return m.rc;
}
