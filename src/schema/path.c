/* Paths into documents (DESIGN 7). */
#include "schema/shape.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

enum {
	SEGMENT = 256,   /* longest name of one step */
	PATH_DEPTH = 64, /* as deep as a document */
};

static const char plain_value[] = N_("leads through a plain value, which has no fields");
static const char no_entry[] = N_("there is no such entry; a new one is added with +");
static const char no_list[] = N_("+ adds to a list, and this is none");
static const char no_path[] = N_("is no path: names with dots between them");

/* One step of a path being walked. */
struct step {
	char name[SEGMENT];
	const char *rest; /* what follows, NULL at the end */
};

/* False for an empty step or one longer than any name. */
static bool
next_step(struct step *out, const char *path)
{
	size_t n = strcspn(path, ".");

	if (n == 0 || n >= sizeof out->name)
		return false;
	memcpy(out->name, path, n);
	out->name[n] = '\0';
	out->rest = path[n] ? path + n + 1 : NULL;
	return true;
}

static bool
parse_index(size_t *out, const char *s)
{
	size_t v = 0, n = strlen(s);

	if (n == 0 || n > 9 || s[strspn(s, "0123456789")] || (s[0] == '0' && n > 1))
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (size_t)(s[i] - '0');
	*out = v;
	return true;
}

static bool
is_keyed(const struct shape *s)
{
	return s && s->list == LIST_KEY && s->list_key;
}

/* Where in `list` the step leads; false when there is no such item. */
static bool
find_item(size_t *out, const struct shape *s, const struct node *list, const char *step)
{
	size_t i = 0;

	if (!is_keyed(s)) {
		if (!parse_index(&i, step) || i >= list->n)
			return false;
		*out = i;
		return true;
	}
	for (; i < list->n; i++) {
		const char *key = node_get_str(list->seq[i], s->list_key);

		if (key && strcmp(key, step) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static const struct shape *
below(const struct shape *s, const char *step)
{
	const struct shape *f = shape_field(s, step);

	if (!s || f)
		return f;
	return s->is_seq ? s->item : s->rest;
}

/* The shape below, told by what the document has there rather than by what may be. */
static const struct shape *
below_node(const struct shape *s, const struct node *n, const char *step)
{
	const struct shape *f = NULL;

	if (!s)
		return NULL;
	if (n->kind == NODE_SEQ)
		return s->item;
	f = shape_field(s, step);
	return f ? f : s->rest;
}

static struct node *
child(const struct shape *s, struct node *n, const char *step)
{
	size_t i = 0;

	if (n->kind == NODE_MAP)
		return node_get(n, step);
	if (n->kind == NODE_SEQ && find_item(&i, s, n, step))
		return n->seq[i];
	return NULL;
}

struct node *
path_get(const struct shape *s, struct node *doc, const char *path)
{
	struct step st;

	while (doc && path) {
		const struct shape *at = s;

		if (!next_step(&st, path))
			return NULL;
		s = below_node(at, doc, st.name);
		doc = child(at, doc, st.name);
		path = st.rest;
	}
	return doc;
}

const struct shape *
path_shape(const struct shape *s, const char *path)
{
	struct step st;

	while (s && path) {
		if (!next_step(&st, path))
			return NULL;
		s = below(s, st.name);
		path = st.rest;
	}
	return s;
}

/* --- setting ------------------------------------------------------------------- */

static bool
key_ok(const char *s)
{
	size_t n = strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz_");

	return n >= 1 && n <= 32 && !s[n];
}

/* Fails with the whole path: it is what the user typed. */
static int
cannot(struct err *e, const char *path, const char *text)
{
	return err_at(e, ERR_USAGE, NULL, 0, 0, path, "%s", text);
}

static bool
holds(const struct node *list, const struct node *value)
{
	for (size_t i = 0; i < list->n; i++)
		if (node_equal(list->seq[i], value))
			return true;
	return false;
}

static void
give_key(struct arena *a, const struct shape *list, const char *key, struct node *item)
{
	if (is_keyed(list) && item->kind == NODE_MAP)
		node_set(a, item, list->list_key, node_str(a, key));
}

/* The last step: puts `value` into `n`, a mapping, whose step is a name, or a list. */
static int
put(struct arena *a, const struct shape *s, struct node *n, const char *step, struct node *value,
    const char *path, struct err *e)
{
	size_t i = 0;

	if (n->kind == NODE_MAP) {
		node_set(a, n, step, value);
		return 0;
	}
	if (is_keyed(s) && value->kind != NODE_MAP)
		return cannot(e, path, _("an entry of this list is a group of fields"));
	if (strcmp(step, "+") == 0) {
		if (!(s && s->list == LIST_SET && holds(n, value)))
			node_push(a, n, value);
		return 0;
	}
	if (find_item(&i, s, n, step)) {
		give_key(a, s, step, value);
		n->seq[i] = value;
		return 0;
	}
	if (!is_keyed(s) || !key_ok(step))
		return cannot(e, path, _(no_entry));
	give_key(a, s, step, value);
	node_push(a, n, value);
	return 0;
}

/* `value` inside the maps and lists that `path` needs and the document has not; NULL when
 * the path cannot be made. Nothing is attached to the document yet, so that a path that
 * fails leaves it as it was. */
static struct node *
wrap(struct arena *a, const struct shape *s, const char *path, struct node *value,
    unsigned depth, const char **why)
{
	struct step st;
	struct node *inner, *n;

	if (!path)
		return value;
	if (!next_step(&st, path) || depth >= PATH_DEPTH) {
		*why = no_path;
		return NULL;
	}
	inner = wrap(a, below(s, st.name), st.rest, value, depth + 1, why);
	if (!inner)
		return NULL;
	if (strcmp(st.name, "+") == 0) {
		n = node_seq(a);
		node_push(a, n, inner);
	} else if (s && s->is_seq && !s->is_map) {
		if (!is_keyed(s) || st.rest || inner->kind != NODE_MAP || !key_ok(st.name)) {
			*why = no_entry;
			return NULL;
		}
		n = node_seq(a);
		give_key(a, s, st.name, inner);
		node_push(a, n, inner);
	} else {
		n = node_map(a);
		node_set(a, n, st.name, inner);
	}
	return n;
}

int
path_set(struct arena *a, const struct shape *s, struct node *doc, const char *path,
    struct node *value, struct err *e)
{
	struct step st;
	const char *p = path, *why = no_entry;

	for (;;) {
		struct node *c;

		if (!next_step(&st, p))
			return cannot(e, path, _(no_path));
		if (doc->kind != NODE_MAP && doc->kind != NODE_SEQ)
			return cannot(e, path, _(plain_value));
		c = st.rest ? child(s, doc, st.name) : NULL;
		if (!c || c->kind == NODE_NULL)
			break;
		s = below_node(s, doc, st.name);
		doc = c;
		p = st.rest;
	}
	if (st.rest && doc->kind == NODE_SEQ && strcmp(st.name, "+") != 0)
		return cannot(e, path, _(no_entry));
	if (doc->kind == NODE_MAP && strcmp(st.name, "+") == 0)
		return cannot(e, path, _(no_list));
	value = wrap(a, below_node(s, doc, st.name), st.rest, value, 0, &why);
	if (!value)
		return cannot(e, path, _(why));
	return put(a, s, doc, st.name, value, path, e);
}

int
path_unset(const struct shape *s, struct node *doc, const char *path, struct err *e)
{
	struct step st;
	const char *p = path;

	for (;;) {
		struct node *c;
		size_t i = 0;

		if (!next_step(&st, p))
			return cannot(e, path, _(no_path));
		if (doc->kind != NODE_MAP && doc->kind != NODE_SEQ)
			return cannot(e, path, _(plain_value));
		if (!st.rest) {
			if (doc->kind == NODE_MAP)
				node_del(doc, st.name);
			else if (find_item(&i, s, doc, st.name))
				node_seq_del(doc, i);
			return 0;
		}
		c = child(s, doc, st.name);
		if (!c || c->kind == NODE_NULL)
			return 0;
		s = below_node(s, doc, st.name);
		doc = c;
		p = st.rest;
	}
}

const char *
path_canonical(struct arena *a, const struct shape *s, struct node *doc, const char *path)
{
	struct buf out = {0};
	const char *p = path, *result = path;
	struct step st;

	while (p) {
		const char *name = st.name;
		struct node *c;
		size_t i = 0;

		if (!next_step(&st, p))
			goto done; /* the caller's path function says what is wrong */
		c = doc ? child(s, doc, st.name) : NULL;
		if (doc && doc->kind == NODE_SEQ && !c && is_keyed(s) && parse_index(&i, st.name) &&
		    i < doc->n && node_get_str(doc->seq[i], s->list_key)) {
			c = doc->seq[i];
			name = node_get_str(c, s->list_key);
		}
		buf_printf(&out, "%s%s", out.n ? "." : "", name);
		s = doc ? below_node(s, doc, st.name) : NULL;
		doc = c;
		p = st.rest;
	}
	if (path && strcmp(buf_str(&out), path) != 0)
		result = arena_strdup(a, buf_str(&out));
done:
	buf_free(&out);
	return result;
}
