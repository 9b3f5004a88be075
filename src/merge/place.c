#include "merge/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "schema/shape.h"
#include "tree/node.h"
#include "tree/yaml.h"

void
place_push(struct buf *path, const char *key)
{
	if (path->n)
		buf_putc(path, '.');
	if (!*key)
		buf_putc(path, '%');
	for (; *key; key++) {
		if (*key == '.')
			buf_puts(path, "%2E");
		else if (*key == '%')
			buf_puts(path, "%25");
		else
			buf_putc(path, *key);
	}
}

const char *
place_segment(struct arena *a, const char *path, const char **rest)
{
	size_t n = strcspn(path, "."), k = 0;
	char *key = arena_alloc(a, n + 1);

	*rest = path[n] == '.' ? path + n + 1 : NULL;
	if (n == 1 && path[0] == '%')
		return key;
	for (size_t i = 0; i < n; i++) {
		bool escaped = path[i] == '%' && i + 2 < n && path[i + 1] == '2' &&
		    (path[i + 2] == 'E' || path[i + 2] == '5');

		if (escaped) {
			key[k++] = path[i + 2] == 'E' ? '.' : '%';
			i += 2;
		} else {
			key[k++] = path[i];
		}
	}
	return key;
}

const struct shape *
place_field(const struct shape *s, const char *key)
{
	const struct shape *f = s ? shape_field(s, key) : NULL;

	return f || !s ? f : s->rest;
}

const char *
place_item_key(const struct shape *list, const struct node *item)
{
	const struct node *k = node_get(item, list->list_key);

	if (!k || k->kind == NODE_SEQ || k->kind == NODE_MAP || k->kind == NODE_NULL)
		return NULL;
	/* a NUL would make two keys look alike */
	return k->text && *k->text && strlen(k->text) == k->len ? k->text : NULL;
}

static bool
keyed(const struct shape *s)
{
	return s && s->list == LIST_KEY && s->list_key;
}

/* Index of the item with that key, list->n when there is none. */
static size_t
item_index(const struct shape *s, const struct node *list, const char *key)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		const char *k = place_item_key(s, list->seq[i]);

		if (k && strcmp(k, key) == 0)
			break;
	}
	return i;
}

static struct node *
step(const struct shape **s, const struct node *n, const char *key)
{
	struct node *child = NULL;

	if (n->kind == NODE_MAP) {
		child = node_get(n, key);
		*s = place_field(*s, key);
	} else if (n->kind == NODE_SEQ && keyed(*s)) {
		size_t i = item_index(*s, n, key);

		child = i < n->n ? n->seq[i] : NULL;
		*s = (*s)->item;
	}
	return child;
}

const struct shape *
place_shape(struct arena *a, const struct shape *s, const char *path)
{
	while (s && path && *path) {
		const char *key = place_segment(a, path, &path);

		s = keyed(s) && !s->is_map ? s->item : place_field(s, key);
	}
	return s;
}

const struct node *
place_get(struct arena *a, const struct shape *s, const struct node *root, const char *path)
{
	if (!*path)
		return root;
	while (root && path)
		root = step(&s, root, place_segment(a, path, &path));
	return root;
}

/* Last step of place_put. */
static bool
put_here(struct arena *a, const struct shape *s, struct node *at, const char *key,
    struct node *value)
{
	size_t i;

	if (at->kind == NODE_MAP) {
		if (value)
			node_set(a, at, key, value);
		else
			node_del(at, key);
		return true;
	}
	if (at->kind != NODE_SEQ || !keyed(s))
		return false;
	i = item_index(s, at, key);
	if (!value && i < at->n)
		node_seq_del(at, i);
	else if (value && i < at->n)
		at->seq[i] = value;
	else if (value)
		node_push(a, at, value);
	return true;
}

bool
place_put(struct arena *a, const struct shape *s, struct node *root, const char *path,
    struct node *value)
{
	struct node *at = root, *made = NULL, *made_in = NULL;
	const char *key, *made_key = NULL;
	size_t steps = 1;
	bool done = false;

	for (const char *p = path; *p; p++)
		steps += *p == '.';
	if (steps > YAML_MAX_DEPTH) /* no document is that deep */
		return false;
	for (key = place_segment(a, path, &path); path; key = place_segment(a, path, &path)) {
		const struct shape *below = s;
		struct node *next = step(&below, at, key);

		if (!next && at->kind == NODE_MAP) {
			if (!value)
				return true;
			next = keyed(below) ? node_seq(a) : node_map(a);
			if (made_in) {
				node_set(a, at, key, next);
			} else { /* hung in at the end, when the whole path proved walkable */
				made = next;
				made_in = at;
				made_key = key;
			}
		}
		if (!next)
			return !value && keyed(s) && at->kind == NODE_SEQ;
		at = next;
		s = below;
	}
	done = put_here(a, s, at, key, value);
	if (done && made_in)
		node_set(a, made_in, made_key, made);
	return done;
}

struct ranked {
	size_t rank;
	struct pair pair;
};

static int
by_rank(const void *p, const void *q)
{
	const struct ranked *x = p, *y = q;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->pair.key, y->pair.key);
}

static size_t
field_rank(const struct shape *s, const char *key)
{
	size_t i, n = s ? s->nfields : 0;

	for (i = 0; i < n; i++)
		if (strcmp(s->fields[i]->name, key) == 0)
			break;
	return i;
}

void
place_order_keys(struct arena *a, const struct shape *s, struct node *doc)
{
	struct ranked *order;

	if (doc->kind == NODE_SEQ)
		for (size_t i = 0; i < doc->n; i++)
			place_order_keys(a, s ? s->item : NULL, doc->seq[i]);
	if (doc->kind != NODE_MAP || doc->n == 0)
		return;
	order = arena_alloc(a, doc->n * sizeof *order);
	for (size_t i = 0; i < doc->n; i++) {
		order[i] = (struct ranked){field_rank(s, doc->map[i].key), doc->map[i]};
		place_order_keys(a, place_field(s, doc->map[i].key), doc->map[i].value);
	}
	qsort(order, doc->n, sizeof *order, by_rank);
	for (size_t i = 0; i < doc->n; i++)
		doc->map[i] = order[i].pair;
}

bool
place_exact(const struct node *x, const struct node *y)
{
	if (!x || !y || x == y)
		return x == y;
	if (x->kind != y->kind)
		return false;
	if (x->kind != NODE_SEQ && x->kind != NODE_MAP)
		return x->len == y->len && (x->len == 0 || memcmp(x->text, y->text, x->len) == 0);
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++) {
		if (x->kind == NODE_SEQ && !place_exact(x->seq[i], y->seq[i]))
			return false;
		if (x->kind == NODE_MAP && (strcmp(x->map[i].key, y->map[i].key) != 0 ||
		    !place_exact(x->map[i].value, y->map[i].value)))
			return false;
	}
	return true;
}
