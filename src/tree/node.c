#include "tree/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "tree/number.h"

static struct node *
make(struct arena *a, enum node_kind kind)
{
	struct node *n = arena_alloc(a, sizeof *n);

	n->kind = kind;
	return n;
}

static struct node *
make_word(struct arena *a, enum node_kind kind, const char *text)
{
	struct node *n = make(a, kind);

	n->text = text;
	n->len = strlen(text);
	return n;
}

struct node *
node_null(struct arena *a)
{
	return make_word(a, NODE_NULL, "null");
}

struct node *
node_bool(struct arena *a, bool b)
{
	struct node *n = make_word(a, NODE_BOOL, b ? "true" : "false");

	n->b = b;
	return n;
}

struct node *
node_int(struct arena *a, int64_t i)
{
	struct node *n = make_word(a, NODE_INT, arena_printf(a, "%lld", (long long)i));

	n->i = i;
	n->d = (double)i;
	return n;
}

struct node *
node_strn(struct arena *a, const char *s, size_t len)
{
	struct node *n = make(a, NODE_STR);

	n->text = arena_strndup(a, s, len);
	n->len = len;
	return n;
}

struct node *
node_str(struct arena *a, const char *s)
{
	return node_strn(a, s, strlen(s));
}

/** True when the core schema reads the plain text as null or a boolean. */
static bool
read_word(struct node *n, const char *s, size_t len)
{
	static const struct {
		const char *word;
		enum node_kind kind;
		bool b;
	} words[] = {
		{"", NODE_NULL, false}, {"~", NODE_NULL, false}, {"null", NODE_NULL, false},
		{"Null", NODE_NULL, false}, {"NULL", NODE_NULL, false}, {"true", NODE_BOOL, true},
		{"True", NODE_BOOL, true}, {"TRUE", NODE_BOOL, true}, {"false", NODE_BOOL, false},
		{"False", NODE_BOOL, false}, {"FALSE", NODE_BOOL, false},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i].word) == len && memcmp(words[i].word, s, len) == 0) {
			n->kind = words[i].kind;
			n->b = words[i].b;
			return true;
		}
	}
	return false;
}

struct node *
node_plain(struct arena *a, const char *s, size_t len)
{
	struct node *n = node_strn(a, s, len);
	struct number x;

	n->plain = true;
	if (read_word(n, s, len))
		return n;
	switch (number_read(&x, s, len)) {
	case NUMBER_NONE:
		return n;
	case NUMBER_NAN:
	case NUMBER_LONG:
		return NULL;
	case NUMBER_INT:
		/* whoever sees NODE_INT may use i: what does not fit is a real, exact in its text */
		n->kind = number_int64(&n->i, &x) ? NODE_INT : NODE_REAL;
		break;
	case NUMBER_REAL:
		n->kind = NODE_REAL;
		break;
	}
	n->d = number_double(&x);
	return n;
}

bool
node_plain_is_str(const char *s, size_t len)
{
	struct node n = {0};
	struct number x;

	return !read_word(&n, s, len) && number_read(&x, s, len) == NUMBER_NONE;
}

struct node *
node_seq(struct arena *a)
{
	return make(a, NODE_SEQ);
}

struct node *
node_map(struct arena *a)
{
	return make(a, NODE_MAP);
}

struct node *
node_clone(struct arena *a, const struct node *n)
{
	struct node *c = arena_alloc(a, sizeof *c);

	*c = *n;
	c->cap = (uint32_t)c->n;
	if (n->text)
		c->text = arena_strndup(a, n->text, n->len);
	if (n->kind == NODE_SEQ) {
		c->seq = arena_alloc(a, n->n * sizeof *c->seq);
		for (size_t i = 0; i < n->n; i++)
			c->seq[i] = node_clone(a, n->seq[i]);
	} else if (n->kind == NODE_MAP) {
		c->map = arena_alloc(a, n->n * sizeof *c->map);
		for (size_t i = 0; i < n->n; i++) {
			c->map[i] = n->map[i];
			c->map[i].key = arena_strdup(a, n->map[i].key);
			c->map[i].value = node_clone(a, n->map[i].value);
		}
	}
	return c;
}

static struct pair *
find(const struct node *m, const char *key)
{
	if (!m || m->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->map[i].key, key) == 0)
			return &m->map[i];
	return NULL;
}

struct node *
node_get(const struct node *m, const char *key)
{
	struct pair *p = find(m, key);

	return p ? p->value : NULL;
}

const char *
node_get_str(const struct node *m, const char *key)
{
	const struct node *n = node_get(m, key);

	/* a NUL inside would make the C string another value than the node */
	if (!n || n->kind != NODE_STR || memchr(n->text, '\0', n->len))
		return NULL;
	return n->text;
}

struct pair *
node_append(struct arena *a, struct node *m, const char *key, struct node *value)
{
	struct pair *p;

	if (m->n == m->cap) {
		size_t cap = m->cap ? (size_t)m->cap * 2 : 8;
		struct pair *v = arena_alloc(a, cap * sizeof *v);

		if (m->n)
			memcpy(v, m->map, m->n * sizeof *v);
		m->map = v;
		m->cap = (uint32_t)cap;
	}
	p = &m->map[m->n++];
	*p = (struct pair){.key = arena_strdup(a, key), .value = value};
	return p;
}

void
node_set(struct arena *a, struct node *m, const char *key, struct node *value)
{
	struct pair *p = find(m, key);

	if (p)
		p->value = value;
	else
		node_append(a, m, key, value);
}

bool
node_del(struct node *m, const char *key)
{
	struct pair *p = find(m, key);
	size_t i;

	if (!p)
		return false;
	i = (size_t)(p - m->map);
	memmove(p, p + 1, (m->n - i - 1) * sizeof *p);
	m->n--;
	return true;
}

void
node_seq_insert(struct arena *a, struct node *seq, size_t i, struct node *item)
{
	if (seq->n == seq->cap) {
		size_t cap = seq->cap ? (size_t)seq->cap * 2 : 8;
		struct node **v = arena_alloc(a, cap * sizeof *v);

		if (seq->n)
			memcpy(v, seq->seq, seq->n * sizeof *v);
		seq->seq = v;
		seq->cap = (uint32_t)cap;
	}
	memmove(seq->seq + i + 1, seq->seq + i, (seq->n - i) * sizeof *seq->seq);
	seq->seq[i] = item;
	seq->n++;
}

void
node_push(struct arena *a, struct node *seq, struct node *item)
{
	node_seq_insert(a, seq, seq->n, item);
}

void
node_seq_del(struct node *seq, size_t i)
{
	memmove(seq->seq + i, seq->seq + i + 1, (seq->n - i - 1) * sizeof *seq->seq);
	seq->n--;
}

static bool
is_number(const struct node *n)
{
	return n->kind == NODE_INT || n->kind == NODE_REAL;
}

/** The exact value of an INT or REAL. */
static void
number_of(struct number *x, const struct node *n)
{
	enum number_kind kind = number_read(x, n->text, n->len);

	if (kind != NUMBER_INT && kind != NUMBER_REAL)
		abort(); /* node_plain and node_int make no such node */
}

int
node_number_cmp(const struct node *a, const struct node *b)
{
	struct number x, y;

	if (a->kind == NODE_INT && b->kind == NODE_INT)
		return (a->i > b->i) - (a->i < b->i);
	number_of(&x, a);
	number_of(&y, b);
	return number_cmp(&x, &y);
}

bool
node_is_integer(const struct node *n)
{
	struct number x;

	if (n->kind != NODE_REAL)
		return n->kind == NODE_INT;
	number_of(&x, n);
	return number_is_integer(&x);
}

static int
by_key(const void *a, const void *b)
{
	const struct pair *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

/** The pairs in byte order of their keys; malloc'd. */
static const struct pair **
sorted(const struct node *m)
{
	const struct pair **v = xmalloc((m->n + 1) * sizeof *v);

	for (size_t i = 0; i < m->n; i++)
		v[i] = &m->map[i];
	qsort(v, m->n, sizeof *v, by_key);
	return v;
}

static bool
equal_maps(const struct node *a, const struct node *b)
{
	const struct pair **x = NULL, **y = NULL;
	bool same = true;
	size_t i = 0;

	if (a->n != b->n)
		return false;
	/* nearly always the order is the same; sorting keeps the other case from being quadratic */
	while (i < a->n && strcmp(a->map[i].key, b->map[i].key) == 0) {
		if (!node_equal(a->map[i].value, b->map[i].value))
			return false;
		i++;
	}
	if (i == a->n)
		return true;
	x = sorted(a);
	y = sorted(b);
	for (i = 0; same && i < a->n; i++)
		same = strcmp(x[i]->key, y[i]->key) == 0 && node_equal(x[i]->value, y[i]->value);
	free(x);
	free(y);
	return same;
}

bool
node_equal(const struct node *a, const struct node *b)
{
	if (!a || !b)
		return a == b;
	if (is_number(a) && is_number(b))
		return node_number_cmp(a, b) == 0;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case NODE_BOOL:
		return a->b == b->b;
	case NODE_STR:
		return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
	case NODE_SEQ:
		if (a->n != b->n)
			return false;
		for (size_t i = 0; i < a->n; i++)
			if (!node_equal(a->seq[i], b->seq[i]))
				return false;
		return true;
	case NODE_MAP:
		return equal_maps(a, b);
	default:
		return true;
	}
}

void
node_scalar_json(struct buf *out, const struct node *n)
{
	struct number x;

	switch (n->kind) {
	case NODE_NULL:
		buf_puts(out, "null");
		break;
	case NODE_BOOL:
		buf_puts(out, n->b ? "true" : "false");
		break;
	case NODE_INT:
		buf_printf(out, "%lld", (long long)n->i);
		break;
	case NODE_REAL:
		number_of(&x, n);
		number_write(out, &x);
		break;
	default:
		buf_json_string(out, n->text, n->len);
	}
}

static void
write_json(struct buf *out, const struct node *n, bool canonical)
{
	const struct pair **v = NULL;

	if (n->kind == NODE_SEQ) {
		buf_putc(out, '[');
		for (size_t i = 0; i < n->n; i++) {
			if (i)
				buf_putc(out, ',');
			write_json(out, n->seq[i], canonical);
		}
		buf_putc(out, ']');
	} else if (n->kind == NODE_MAP) {
		if (canonical)
			v = sorted(n);
		buf_putc(out, '{');
		for (size_t i = 0; i < n->n; i++) {
			const struct pair *p = v ? v[i] : &n->map[i];

			if (i)
				buf_putc(out, ',');
			buf_json_string(out, p->key, strlen(p->key));
			buf_putc(out, ':');
			write_json(out, p->value, canonical);
		}
		buf_putc(out, '}');
		free(v);
	} else {
		node_scalar_json(out, n);
	}
}

void
node_canonical(struct buf *out, const struct node *n)
{
	write_json(out, n, true);
}

void
node_json(struct buf *out, const struct node *n)
{
	write_json(out, n, false);
}
