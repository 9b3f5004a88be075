#include "merge/oracle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "tree/node.h"

/* --- flattening the sample's documents ------------------------------------------------ */

static void
add(struct facts *f, const char *path, const char *value, int count)
{
	vec_grow(f);
	f->v[f->n++] = (struct fact){xstrdup(path), xstrdup(value), count};
}

char *
oracle_canonical(const struct node *n)
{
	struct buf b = {0};

	node_canonical(&b, n);
	return buf_take(&b);
}

static void
drop_path(struct facts *f, const char *path)
{
	for (size_t i = 0; i < f->n;) {
		if (strcmp(f->v[i].path, path) != 0) {
			i++;
			continue;
		}
		free(f->v[i].path);
		free(f->v[i].value);
		f->v[i] = f->v[--f->n];
	}
}

static bool
has(const struct facts *f, const char *path, const char *value)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].path, path) == 0 && strcmp(f->v[i].value, value) == 0)
			return true;
	return false;
}

static void
flatten(struct facts *f, const char *path, const char *name, const struct node *n)
{
	bool keyed = strcmp(name, "goals") == 0 || strcmp(name, "steps") == 0,
	    elements = strcmp(name, "tags") == 0 || strcmp(name, "log") == 0;

	if (n->kind == NODE_MAP) {
		for (size_t i = 0; i < n->n; i++) {
			char *p = *path ? xasprintf("%s.%s", path, n->map[i].key) : xstrdup(n->map[i].key);

			flatten(f, p, n->map[i].key, n->map[i].value);
			free(p);
		}
	} else if (n->kind == NODE_SEQ && keyed) {
		for (size_t i = 0; i < n->n; i++) {
			char *p = xasprintf("%s.%s", path, node_get_str(n->seq[i], "k"));

			add(f, p, PRESENT, 1);
			flatten(f, p, "", n->seq[i]);
			free(p);
		}
	} else if (n->kind == NODE_SEQ && elements) {
		for (size_t i = 0; i < n->n; i++) {
			char *v = oracle_canonical(n->seq[i]), *p = xasprintf("%s{%s}", path, v);
			size_t k;

			for (k = 0; k < f->n && strcmp(f->v[k].path, p) != 0; k++)
				;
			if (k < f->n)
				f->v[k].count++;
			else
				add(f, p, PRESENT, 1);
			free(v);
			free(p);
		}
	} else {
		char *v = oracle_canonical(n);

		add(f, path, v, 1);
		free(v);
	}
}

/* goals.K and goals.K.steps.S are items */
bool
oracle_is_item(const char *path)
{
	size_t dots = 0;

	for (const char *p = path; *p; p++)
		dots += *p == '.';
	return strncmp(path, "goals.", 6) == 0 &&
	    (dots == 1 || (dots == 3 && strstr(path, ".steps.")));
}

void
oracle_flatten(struct facts *f, const struct node *record)
{
	const struct node *data = node_get(record, "data"), *open = node_get(record, "conflicts");

	*f = (struct facts){0};
	if (data)
		flatten(f, "", "", data);
	for (size_t i = 0; open && i < open->n; i++) {
		const char *path = node_get_str(open->seq[i], "path");
		const struct node *values = node_get(open->seq[i], "values");
		bool item = oracle_is_item(path);

		drop_path(f, path);
		for (size_t k = 0; k < values->n; k++) {
			const struct node *v = node_get(values->seq[k], "value");
			char *c = v ? oracle_canonical(v) : NULL;

			add(f, path, !v ? ABSENT : item ? PRESENT : c, 1);
			free(c);
		}
	}
}

void
oracle_free(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].value);
	}
	free(f->v);
	*f = (struct facts){0};
}

/* --- the rule of R, fact by fact ------------------------------------------------------- */

static size_t
size(const struct facts *f, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += strcmp(f->v[i].path, path) == 0;
	return n;
}

/* A path that a version does not speak of has the one value "absent". */
static bool
holds(const struct facts *f, const char *path, const char *value)
{
	return has(f, path, value) || (strcmp(value, ABSENT) == 0 && size(f, path) == 0);
}

static int
count(const struct facts *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].path, path) == 0)
			return f->v[i].count;
	return 0;
}

static bool
beneath(const char *path, const char *of)
{
	size_t n = strlen(of);

	return strncmp(path, of, n) == 0 && (path[n] == '.' || path[n] == '{');
}

static bool
beneath_in(const struct facts *x, const struct facts *y, const char *item)
{
	for (size_t i = 0; i < x->n; i++)
		if (beneath(x->v[i].path, item) && (!has(y, x->v[i].path, x->v[i].value) ||
		    count(y, x->v[i].path) != x->v[i].count))
			return false;
	return true;
}

static bool
changed(const struct facts *x, const struct facts *b, const char *item)
{
	return !beneath_in(x, b, item) || !beneath_in(b, x, item);
}

enum fate { MERGED, OURS_ONLY, THEIRS_ONLY, GONE };

static bool
keep(bool o, bool t, bool b)
{
	return b ? o && t : o || t;
}

static void
presence(bool *stays, bool *goes, const struct facts *b, const struct facts *o,
    const struct facts *t, const char *item)
{
	bool in_b = holds(b, item, PRESENT);

	*stays = keep(holds(o, item, PRESENT), holds(t, item, PRESENT), in_b) ||
	    (in_b && holds(o, item, PRESENT) && changed(o, b, item)) ||
	    (in_b && holds(t, item, PRESENT) && changed(t, b, item));
	*goes = keep(holds(o, item, ABSENT), holds(t, item, ABSENT), holds(b, item, ABSENT));
	if (!*stays && !*goes) {
		*stays = holds(o, item, PRESENT) || holds(t, item, PRESENT);
		*goes = holds(o, item, ABSENT) || holds(t, item, ABSENT);
	}
}

/* What becomes of what lies in the items above a path. */
static enum fate
fate_of(const struct facts *b, const struct facts *o, const struct facts *t, const char *path)
{
	for (size_t n = 1; path[n]; n++) {
		char *item;
		bool stays, goes, in_o, in_t;

		if (path[n] != '.')
			continue;
		item = xstrndup(path, n);
		if (!oracle_is_item(item)) {
			free(item);
			continue;
		}
		presence(&stays, &goes, b, o, t, item);
		in_o = holds(o, item, PRESENT);
		in_t = holds(t, item, PRESENT);
		free(item);
		if (!stays)
			return GONE;
		if (!in_o || !in_t)
			return in_o ? OURS_ONLY : THEIRS_ONLY;
	}
	return MERGED;
}

/* The one value at a path; NULL when there are more or none. */
static const char *
only(const struct facts *f, const char *path)
{
	for (size_t i = 0; size(f, path) == 1 && i < f->n; i++)
		if (strcmp(f->v[i].path, path) == 0)
			return f->v[i].value;
	return NULL;
}

/* The sample's text merge again, over canonical strings "a\nb": NULL when not clean, or when
 * there is nothing to merge. */
static char *
text(const struct facts *b, const struct facts *o, const struct facts *t, const char *path)
{
	const char *p[3] = {only(b, path), only(o, path), only(t, path)};
	struct buf out = {0};

	for (int i = 0; i < 3; i++)
		if (!p[i] || *p[i] != '"')
			return NULL;
	if (strcmp(p[0], p[1]) == 0 || strcmp(p[1], p[2]) == 0 || strcmp(p[2], p[0]) == 0)
		return NULL;
	if (!strstr(p[0], "\\n") && !strstr(p[1], "\\n") && !strstr(p[2], "\\n"))
		return NULL;
	for (;;) {
		size_t n[3];
		int take;

		for (int i = 0; i < 3; i++) {
			const char *end = strstr(p[i], "\\n");

			n[i] = end ? (size_t)(end - p[i]) + 2 : strlen(p[i]);
		}
		take = n[1] == n[0] && memcmp(p[1], p[0], n[0]) == 0 ? 2 : 1;
		if (take == 1 && !(n[2] == n[0] && memcmp(p[2], p[0], n[0]) == 0) &&
		    !(n[2] == n[1] && memcmp(p[2], p[1], n[1]) == 0))
			break;
		buf_add(&out, p[take], n[take]);
		for (int i = 0; i < 3; i++)
			p[i] += n[i];
		if (!*p[0] && !*p[1] && !*p[2])
			return buf_take(&out);
		if (!*p[0] || !*p[1] || !*p[2])
			break; /* another number of lines */
	}
	buf_free(&out);
	return NULL;
}

static bool
expect(const struct facts *b, const struct facts *o, const struct facts *t, const char *path,
    const char *value)
{
	bool any = false, r;
	char *merged;

	switch (fate_of(b, o, t, path)) {
	case GONE:
		return strcmp(value, ABSENT) == 0;
	case OURS_ONLY:
		return holds(o, path, value);
	case THEIRS_ONLY:
		return holds(t, path, value);
	case MERGED:
		break;
	}
	if (oracle_is_item(path)) {
		bool stays, goes;

		presence(&stays, &goes, b, o, t, path);
		return strcmp(value, ABSENT) == 0 ? goes : stays;
	}
	if (strncmp(path, "log{", 4) == 0)
		return strcmp(value, ABSENT) == 0 ? !count(o, path) && !count(t, path) :
		    count(o, path) || count(t, path);
	r = keep(holds(o, path, value), holds(t, path, value), holds(b, path, value));
	for (int side = 0; side < 2; side++) {
		const struct facts *f = side ? t : o;

		for (size_t i = 0; i < f->n; i++)
			if (strcmp(f->v[i].path, path) == 0)
				any = any || keep(holds(o, path, f->v[i].value),
				    holds(t, path, f->v[i].value), holds(b, path, f->v[i].value));
	}
	any = any || keep(holds(o, path, ABSENT), holds(t, path, ABSENT), holds(b, path, ABSENT));
	if (!any)
		return holds(o, path, value) || holds(t, path, value);
	if ((merged = text(b, o, t, path))) {
		r = strcmp(merged, value) == 0;
		free(merged);
	}
	return r;
}

static char *
check_path(const struct facts *b, const struct facts *o, const struct facts *t,
    const struct facts *got, const char *path)
{
	const struct facts *all[] = {o, t, got};

	if (holds(got, path, ABSENT) != expect(b, o, t, path, ABSENT))
		return xasprintf("%s: absent is %s", path,
		    holds(got, path, ABSENT) ? "there" : "missing");
	for (int k = 0; k < 3; k++) {
		for (size_t i = 0; i < all[k]->n; i++) {
			const struct fact *f = &all[k]->v[i];

			if (strcmp(f->path, path) == 0 && strcmp(f->value, ABSENT) != 0 &&
			    has(got, path, f->value) != expect(b, o, t, path, f->value))
				return xasprintf("%s: %s is %s", path, f->value,
				    has(got, path, f->value) ? "there" : "missing");
		}
	}
	if (strncmp(path, "log{", 4) == 0 && fate_of(b, o, t, path) == MERGED) {
		int x = count(o, path), y = count(t, path);

		/* only one side touched the list at all: it stands */
		if (count(got, path) != (x > y ? x : y))
			return xasprintf("%s: %d times", path, count(got, path));
	}
	return NULL;
}

static bool
same_log(const struct facts *x, const struct facts *y)
{
	for (int k = 0; k < 2; k++) {
		const struct facts *f = k ? y : x, *g = k ? x : y;

		for (size_t i = 0; i < f->n; i++)
			if (strncmp(f->v[i].path, "log{", 4) == 0 &&
			    count(g, f->v[i].path) != f->v[i].count)
				return false;
	}
	return true;
}

char *
oracle_differs(const struct facts *b, const struct facts *o, const struct facts *t,
    const struct facts *got)
{
	const struct facts *all[] = {b, o, t, got};
	/* append: a side that left the list alone has no say, even where the other removed */
	bool left = same_log(b, o) || same_log(b, t);

	for (int k = 0; k < 4; k++) {
		for (size_t i = 0; i < all[k]->n; i++) {
			const char *path = all[k]->v[i].path;
			char *wrong = NULL;

			if (strncmp(path, "log{", 4) == 0 && left) {
				const struct facts *side = same_log(b, o) ? t : o;

				if (count(got, path) != count(side, path))
					wrong = xasprintf("%s: %d times", path, count(got, path));
			} else {
				wrong = check_path(b, o, t, got, path);
			}
			if (wrong)
				return wrong;
		}
	}
	return NULL;
}

char *
oracle_unequal(const struct facts *x, const struct facts *y)
{
	for (int k = 0; k < 2; k++) {
		const struct facts *f = k ? y : x, *g = k ? x : y;

		for (size_t i = 0; i < f->n; i++)
			if (!has(g, f->v[i].path, f->v[i].value))
				return xasprintf("%s: %s", f->v[i].path, f->v[i].value);
	}
	return NULL;
}
