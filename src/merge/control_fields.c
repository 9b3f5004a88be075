#include "merge/control_fields.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "tree/node.h"
#include "tree/yaml.h"

/* --- what merges how (docs/formats.md) -------------------------------------------- */

enum how {
	VALUE,       /* changed differently on both sides: the base's, reported */
	SET,         /* sorted; unites, a removal wins */
	SET_FILLED,  /* as SET, but never empty: nobody may revoke the last reader */
	ROLES,       /* as SET, but empty means removed: that wins, and comes about on one side only */
	UNION,       /* sorted; only ever grows */
	EARLIEST,    /* a time that once said stays, the earlier of two */
	EARLIER,     /* a time; changed on both sides: the earlier */
	FIELDS,      /* a mapping */
	ENTRIES,     /* a mapping of any names, each a VALUE; left out when empty */
	KEYED,       /* mappings sorted by `key`, a removal wins over no change */
	KEYED_UNION, /* mappings sorted by `key` (and `key2`) that never disappear */
};

struct field {
	const char *name;
	enum how how;
	const char *key, *key2;
	const struct field *sub; /* of a mapping or of items; ends with a NULL name */
	bool optional;           /* an empty list is left out */
};

static const struct field no_fields = {.name = NULL};

static const struct field settings[] = {
	{.name = "basis", .how = SET},
	{.name = "erase_signers"},
	{.name = "fts"},
	{.name = "go_live"},
	{.name = "values", .how = ENTRIES},
	{.name = NULL},
};

static const struct field store[] = {
	{.name = "akt"},
	{.name = "id"},
	{.name = "unit"},
	{.name = "name"},
	{.name = "language"},
	{.name = "settings", .how = FIELDS, .sub = settings},
	{.name = NULL},
};

static const struct field device[] = {
	{.name = "id"},
	{.name = "recipient"},
	{.name = "signer"},
	{.name = "added"},
	{.name = "revoked", .how = EARLIEST},
	{.name = NULL},
};

static const struct field member[] = {
	{.name = "akt"},
	{.name = "handle"},
	{.name = "roles", .how = ROLES},
	{.name = "devices", .how = KEYED_UNION, .key = "id", .sub = device},
	{.name = NULL},
};

static const struct field by_handle[] = {
	{.name = "handle"},
	{.name = "at", .how = EARLIEST},
	{.name = NULL},
};

static const struct field epoch[] = {
	{.name = "akt"},
	{.name = "team"},
	{.name = "recipient"},
	{.name = "earlier"},
	{.name = "members", .how = UNION},
	{.name = "until", .how = KEYED_UNION, .key = "handle", .sub = by_handle, .optional = true},
	{.name = "spent"},
	{.name = NULL},
};

static const struct field grant[] = {
	{.name = "team"},
	{.name = "at", .how = EARLIER},
	{.name = NULL},
};

static const struct field key[] = {
	{.name = "id"},
	{.name = "for"},
	{.name = "file"},
	{.name = NULL},
};

static const struct field dossier[] = {
	{.name = "akt"},
	{.name = "dossier"},
	{.name = "retention"},
	{.name = "access", .how = SET_FILLED},
	{.name = "until", .how = KEYED, .key = "team", .sub = grant, .optional = true},
	{.name = "keys", .how = KEYED_UNION, .key = "id", .key2 = "file", .sub = key},
	{.name = NULL},
};

static const struct field tombstone[] = {
	{.name = "akt"},
	{.name = "dossier"},
	{.name = "basis"},
	{.name = "by", .how = KEYED_UNION, .key = "handle", .sub = by_handle},
	{.name = NULL},
};

/* --- fields ---------------------------------------------------------------------- */

enum { BASE = JOIN_BASE, OURS = JOIN_OURS, THEIRS = JOIN_THEIRS, SIDES = JOIN_SIDES };

struct merging {
	struct arena *a;
	const char *path;
	struct buf field; /* where we are, for the report */
	merge_report_fn report;
	void *ctx;
};

static void
report(struct merging *m)
{
	if (m->report)
		m->report(m->ctx, m->path, buf_str(&m->field));
}

static size_t
enter(struct merging *m, const char *name)
{
	size_t was = m->field.n;

	if (was)
		buf_putc(&m->field, '.');
	buf_puts(&m->field, name);
	return was;
}

static void
leave(struct merging *m, size_t was)
{
	m->field.n = was;
	m->field.p[was] = '\0';
}

static int
order(const struct node *x, const struct node *y)
{
	struct buf p = {0}, q = {0};
	int c;

	node_canonical(&p, x);
	node_canonical(&q, y);
	c = strcmp(buf_str(&p), buf_str(&q));
	if (!c) { /* 1 and 1.0: the spelling decides */
		buf_reset(&p);
		buf_reset(&q);
		yaml_emit(&p, x);
		yaml_emit(&q, y);
		c = strcmp(buf_str(&p), buf_str(&q));
	}
	buf_free(&p);
	buf_free(&q);
	return c;
}

static struct node *
smaller(struct node *x, struct node *y)
{
	if (!x || !y)
		return x ? x : y;
	return order(x, y) <= 0 ? x : y;
}

static bool
equal(const struct node *x, const struct node *y)
{
	return !x || !y ? x == y : order(x, y) == 0;
}

/* The value that stands when at most one side changed it. */
static bool
one_sided(struct node **out, struct node *const v[SIDES])
{
	if (equal(v[OURS], v[THEIRS]) || equal(v[THEIRS], v[BASE]))
		*out = v[OURS];
	else if (equal(v[OURS], v[BASE]))
		*out = v[THEIRS];
	else
		return false;
	return true;
}

static struct node *
merge_value(struct merging *m, struct node *const v[SIDES])
{
	struct node *out;

	if (one_sided(&out, v))
		return out;
	report(m);
	return v[BASE] ? v[BASE] : smaller(v[OURS], v[THEIRS]);
}

static struct node *merge_fields(struct merging *m, const struct field *f,
    struct node *const v[SIDES]);

static bool
all_are(struct node *const v[SIDES], enum node_kind kind)
{
	for (int i = 0; i < SIDES; i++)
		if (v[i] && v[i]->kind != kind)
			return false;
	return true;
}

static const char *
text_of(const struct node *n)
{
	return n && n->kind == NODE_STR ? n->text : NULL;
}

/* The items' key in one string; NULL when it has none of the right form. */
static const char *
item_key(struct merging *m, const struct field *f, const struct node *item)
{
	const char *k = text_of(f->key ? node_get(item, f->key) : item), *k2;

	if (!k || !f->key2)
		return k;
	k2 = text_of(node_get(item, f->key2));
	/* a space sorts before whatever a key may hold: by `key`, then by `key2` */
	return k2 ? arena_printf(m->a, "%s %s", k, k2) : NULL;
}

/* False: no such lists (not canonical, or of a later version): then one value. */
static bool
join_lists(struct merging *m, struct join *j, const struct field *f,
    struct node *const v[SIDES])
{
	if (!all_are(v, NODE_SEQ))
		return false;
	join_start(j, m->a, v, 0);
	for (int i = 0; i < SIDES; i++) {
		for (size_t k = 0; v[i] && k < v[i]->n; k++) {
			const char *s = item_key(m, f, v[i]->seq[k]);

			if (!s)
				return false;
			join_add(j, i, k, s, strlen(s), v[i]->seq[k]);
		}
	}
	join_group(j);
	for (size_t g = 0; f->key && g < j->n; g++)
		for (int i = 0; i < SIDES; i++)
			if (j->group[g].count[i] > 1)
				return false;
	return true;
}

static bool
keeps(const struct field *f, const struct join_group *g)
{
	const struct node *o = g->v[OURS], *t = g->v[THEIRS], *b = g->v[BASE];

	if (f->how == UNION || f->how == KEYED_UNION)
		return o || t;
	/* R = (O∩T) ∪ (O∖B) ∪ (T∖B); what was changed beneath is not the base's any more */
	return (o && t) || (o && (!b || !equal(o, b))) || (t && (!b || !equal(t, b)));
}

static struct node *
merge_list(struct merging *m, const struct field *f, struct node *const v[SIDES])
{
	struct node *out = node_seq(m->a);
	struct join j;

	if (!join_lists(m, &j, f, v))
		return merge_value(m, v);
	if (f->how == ROLES && v[OURS] && v[THEIRS] && !(v[OURS]->n && v[THEIRS]->n))
		return out;
	for (size_t i = 0; i < j.n; i++) {
		struct join_group *g = &j.group[i];
		size_t was;

		if (!keeps(f, g))
			continue;
		if (!f->key || !g->v[OURS] || !g->v[THEIRS]) {
			node_push(m->a, out, g->v[OURS] ? g->v[OURS] : g->v[THEIRS]);
			continue;
		}
		was = enter(m, g->key);
		node_push(m->a, out, merge_fields(m, f->sub, g->v));
		leave(m, was);
	}
	if (out->n == 0 && (f->how == SET_FILLED || (f->how == ROLES && v[OURS] && v[THEIRS]))) {
		report(m);
		for (size_t i = 0; i < j.n; i++) {
			struct join_group *g = &j.group[i];

			if (g->v[OURS] || g->v[THEIRS])
				node_push(m->a, out, g->v[OURS] ? g->v[OURS] : g->v[THEIRS]);
		}
	}
	/* both sides without the list: neither has it; required ones stand even empty */
	if (out->n == 0 && (f->optional || (!v[OURS] && !v[THEIRS])))
		return NULL;
	return out;
}

static struct node *
merge_field(struct merging *m, const struct field *f, struct node *const v[SIDES])
{
	struct node *out;

	switch (f->how) {
	case VALUE:
		break;
	case EARLIEST:
		return smaller(v[OURS], v[THEIRS]);
	case EARLIER:
		return one_sided(&out, v) ? out : smaller(v[OURS], v[THEIRS]);
	case FIELDS:
		if (all_are(v, NODE_MAP) && v[OURS] && v[THEIRS])
			return merge_fields(m, f->sub, v);
		break;
	case ENTRIES:
		if (!all_are(v, NODE_MAP))
			break;
		out = merge_fields(m, &no_fields, v);
		return out->n ? out : NULL;
	case SET:
	case SET_FILLED:
	case ROLES:
	case UNION:
	case KEYED:
	case KEYED_UNION:
		return merge_list(m, f, v);
	}
	return merge_value(m, v);
}

static const struct field *
field_named(const struct field *f, const char *name)
{
	for (; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* Known fields in the order they are written, then those of a later version, each a value. */
static struct node *
merge_fields(struct merging *m, const struct field *f, struct node *const v[SIDES])
{
	struct node *out = node_map(m->a);
	struct join j;

	for (const struct field *k = f; k->name; k++) {
		struct node *child[SIDES], *merged;
		size_t was = enter(m, k->name);

		for (int i = 0; i < SIDES; i++)
			child[i] = node_get(v[i], k->name);
		merged = merge_field(m, k, child);
		leave(m, was);
		if (merged)
			node_set(m->a, out, k->name, merged);
	}
	join_start(&j, m->a, v, 0);
	for (int i = 0; i < SIDES; i++)
		for (size_t k = 0; v[i] && k < v[i]->n; k++)
			if (!field_named(f, v[i]->map[k].key))
				join_add(&j, i, k, v[i]->map[k].key, strlen(v[i]->map[k].key),
				    v[i]->map[k].value);
	join_group(&j);
	for (size_t i = 0; i < j.n; i++) {
		size_t was = enter(m, j.group[i].key);
		struct node *merged = merge_value(m, j.group[i].v);

		leave(m, was);
		if (merged)
			node_set(m->a, out, j.group[i].key, merged);
	}
	return out;
}

/* An end of a grant that was revoked says nothing, and would end the next grant unasked. */
static void
drop_ends_without_grant(struct node *doc)
{
	struct node *until = node_get(doc, "until"), *access = node_get(doc, "access");
	size_t i = 0;

	if (!until || until->kind != NODE_SEQ || !access || access->kind != NODE_SEQ)
		return;
	while (i < until->n) {
		const char *team = node_get_str(until->seq[i], "team");
		bool granted = false;

		for (size_t k = 0; team && k < access->n; k++)
			granted = granted || (access->seq[k]->kind == NODE_STR &&
			    strcmp(access->seq[k]->text, team) == 0);
		if (team && !granted)
			node_seq_del(until, i);
		else
			i++;
	}
	if (until->n == 0)
		node_del(doc, "until");
}

/* --- whole documents ------------------------------------------------------------- */

static const struct field *
fields_of(enum storepath_kind kind)
{
	switch (kind) {
	case PATH_STORE:
		return store;
	case PATH_MEMBER:
		return member;
	case PATH_EPOCH:
		return epoch;
	case PATH_DOSSIER:
		return dossier;
	case PATH_TOMBSTONE:
		return tombstone;
	default:
		return NULL;
	}
}

bool
control_fields_known(enum storepath_kind kind)
{
	return fields_of(kind) != NULL;
}

struct node *
control_fields_merge(struct arena *a, enum storepath_kind kind, const char *path,
    struct node *const v[JOIN_SIDES], merge_report_fn report_fn, void *ctx)
{
	struct merging m = {.a = a, .path = path, .report = report_fn, .ctx = ctx};
	struct node *out;

	if (all_are(v, NODE_MAP)) {
		out = merge_fields(&m, fields_of(kind), v);
		if (kind == PATH_DOSSIER)
			drop_ends_without_grant(out);
	} else {
		out = merge_value(&m, v);
	}
	buf_free(&m.field);
	return out;
}
