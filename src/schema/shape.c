#include "schema/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/id.h"
#include "tree/node.h"

enum {
	KEY_CHARS = 4,
	LONG_LIST = 1000, /* beyond, longer keys, so that nobody need look whether they are free */
	LONG_KEY_CHARS = 10,
};

const struct shape *
shape_field(const struct shape *s, const char *name)
{
	for (size_t i = 0; s && i < s->nfields; i++)
		if (strcmp(s->fields[i]->name, name) == 0)
			return s->fields[i];
	return NULL;
}

static const char *
pick(const struct text_label *l, const char *lang)
{
	const char *first = strcmp(lang, "sv") == 0 ? l->sv : l->en;

	return first ? first : l->sv ? l->sv : l->en;
}

const char *
shape_label(const struct shape *s, const char *lang)
{
	const char *text = pick(&s->label, lang);

	return text ? text : s->name;
}

const char *
shape_enum_label(const struct shape *s, const char *value, const char *lang)
{
	for (size_t i = 0; s && i < s->nenum; i++) {
		const char *text;

		if (strcmp(s->enums[i].value, value) != 0)
			continue;
		text = pick(&s->enums[i].label, lang);
		return text ? text : value;
	}
	return value;
}

struct ranked {
	struct pair pair;
	size_t rank;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->pair.key, y->pair.key);
}

static void
sort_keys(const struct shape *s, struct node *map)
{
	struct ranked *v;
	bool sorted = true;

	if (map->n < 2)
		return;
	v = xmalloc(map->n * sizeof *v);
	for (size_t i = 0; i < map->n; i++) {
		v[i] = (struct ranked){map->map[i], s ? s->nfields : 0};
		for (size_t j = 0; s && j < s->nfields; j++) {
			if (strcmp(s->fields[j]->name, map->map[i].key) == 0) {
				v[i].rank = j;
				break;
			}
		}
		sorted = sorted && (i == 0 || by_rank(&v[i - 1], &v[i]) < 0);
	}
	if (!sorted)
		qsort(v, map->n, sizeof *v, by_rank);
	for (size_t i = 0; i < map->n; i++)
		map->map[i] = v[i].pair;
	free(v);
}

static bool
key_taken(const struct node *list, const char *field, const char *key)
{
	for (size_t i = 0; i < list->n; i++) {
		const char *other = node_get_str(list->seq[i], field);

		if (other && strcmp(other, key) == 0)
			return true;
	}
	return false;
}

static void
give_keys(struct arena *a, const char *field, struct node *list)
{
	size_t chars = list->n > LONG_LIST ? LONG_KEY_CHARS : KEY_CHARS;

	for (size_t i = 0; i < list->n; i++) {
		const struct node *given = node_get(list->seq[i], field);
		char key[LONG_KEY_CHARS + 1];

		if (list->seq[i]->kind != NODE_MAP || (given && given->kind != NODE_NULL))
			continue;
		do {
			id_random(key, chars);
		} while (chars == KEY_CHARS && key_taken(list, field, key));
		node_set(a, list->seq[i], field, node_str(a, key));
	}
}

/* DESIGN 2: where the schema says string, a plain 2021 is that string */
static bool
is_plain_text(const struct shape *s, const struct node *n)
{
	return s && s->is_text &&
	    (n->kind == NODE_INT || n->kind == NODE_REAL || n->kind == NODE_BOOL);
}

static const struct shape *
shape_under(const struct shape *s, const char *name)
{
	const struct shape *f = shape_field(s, name);

	return f ? f : s ? s->rest : NULL;
}

void
shape_texts(const struct shape *s, struct node *doc)
{
	if (!s || !doc)
		return;
	if (is_plain_text(s, doc))
		doc->kind = NODE_STR;
	for (size_t i = 0; doc->kind == NODE_MAP && i < doc->n; i++)
		shape_texts(shape_under(s, doc->map[i].key), doc->map[i].value);
	for (size_t i = 0; doc->kind == NODE_SEQ && i < doc->n; i++)
		shape_texts(s->item, doc->seq[i]);
}

static void
as_written(struct arena *a, struct node **n)
{
	struct node *x = *n;

	if (x->kind == NODE_STR && x->plain && !node_plain_is_str(x->text, x->len)) {
		*n = node_plain(a, x->text, x->len);
		(*n)->line = x->line;
		(*n)->column = x->column;
	}
	for (size_t i = 0; x->kind == NODE_MAP && i < x->n; i++)
		as_written(a, &x->map[i].value);
	for (size_t i = 0; x->kind == NODE_SEQ && i < x->n; i++)
		as_written(a, &x->seq[i]);
}

struct node *
shape_as_written(struct arena *a, const struct node *doc)
{
	struct node *copy = node_clone(a, doc);

	as_written(a, &copy);
	return copy;
}

void
shape_normalise(struct arena *a, const struct shape *s, struct node *doc)
{
	switch (doc->kind) {
	case NODE_INT:
	case NODE_REAL:
	case NODE_BOOL:
		if (is_plain_text(s, doc)) {
			doc->kind = NODE_STR;
			doc->plain = false;
		}
		break;
	case NODE_MAP:
		for (size_t i = 0; i < doc->n; i++) {
			shape_normalise(a, shape_under(s, doc->map[i].key), doc->map[i].value);
		}
		sort_keys(s, doc);
		break;
	case NODE_SEQ:
		if (s && s->list == LIST_KEY)
			give_keys(a, s->list_key, doc);
		for (size_t i = 0; i < doc->n; i++)
			shape_normalise(a, s ? s->item : NULL, doc->seq[i]);
		break;
	case NODE_NULL:
	case NODE_STR:
		break;
	}
}
