/* The draw of a generator's rows: from each row's own column of ids to the one that is drawn. */
#include "rules/generator.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "rules/draw.h"
#include "tree/node.h"
#include "tree/yaml.h"

int
generator_ids(struct node **out, struct arena *a, const struct node *v, const char *file,
    struct err *e)
{
	struct node *list = node_seq(a), *parsed = NULL;
	int rc = 0;

	if (v && v->kind == NODE_STR && v->len && v->text[0] == '[') {
		rc = yaml_parse_value(&parsed, a, v->text, file, e);
		for (size_t i = 0; !rc && i < parsed->n; i++)
			if (parsed->seq[i]->kind == NODE_STR)
				node_push(a, list, parsed->seq[i]);
	} else if (v && v->kind == NODE_STR && v->len) {
		node_push(a, list, (struct node *)v);
	}
	if (!rc)
		*out = list;
	return rc;
}

struct candidates {
	size_t n, cap;
	const char **v; /* by text, each once */
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
each_once(struct candidates *all)
{
	size_t n = 0;

	if (all->n)
		qsort(all->v, all->n, sizeof *all->v, by_text);
	for (size_t i = 0; i < all->n; i++)
		if (i == 0 || strcmp(all->v[i], all->v[i - 1]) != 0)
			all->v[n++] = all->v[i];
	all->n = n;
}

/* What a row is tells it from the others, wherever among them it stands. */
static const char *
name_of(struct arena *a, const struct node *row)
{
	struct buf id = {0};
	const char *name;

	for (size_t k = 0; k < row->n; k++)
		if (row->map[k].key[0] != '_')
			node_canonical(&id, row->map[k].value);
	name = arena_strdup(a, buf_str(&id));
	buf_free(&id);
	return name;
}

static void
choices(struct draw_row *out, struct arena *a, const struct candidates *all,
    const struct node *ids)
{
	size_t *among = arena_alloc(a, (ids->n + 1) * sizeof *among);

	out->among = among;
	for (size_t k = 0; k < ids->n; k++) {
		const char *one = ids->seq[k]->text;
		const char **at = bsearch(&one, all->v, all->n, sizeof *all->v, by_text);
		size_t c = (size_t)(at - all->v), j = 0;

		while (j < out->n && among[j] != c)
			j++;
		if (j == out->n)
			among[out->n++] = c;
	}
}

int
generator_assign(const struct generator *g, struct arena *a, const char *seed,
    struct node *rows, struct err *e)
{
	struct draw_row *draw = xcalloc(rows->n + 1, sizeof *draw);
	struct node **ids = xcalloc(rows->n + 1, sizeof *ids);
	struct candidates all = {0};
	int rc = rows->n <= DRAW_MAX ? 0 :
	    err_set(e, ERR_USAGE, _("a draw is of at most %d"), (int)DRAW_MAX);

	for (size_t i = 0; !rc && i < rows->n; i++) {
		rc = generator_ids(&ids[i], a, node_get(rows->seq[i], g->assign.from), g->file, e);
		for (size_t k = 0; !rc && k < ids[i]->n; k++) {
			vec_grow(&all);
			all.v[all.n++] = ids[i]->seq[k]->text;
		}
	}
	each_once(&all);
	if (!rc && all.n > DRAW_MAX)
		rc = err_set(e, ERR_USAGE, _("a draw is of at most %d"), (int)DRAW_MAX);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		draw[i].id = name_of(a, rows->seq[i]);
		choices(&draw[i], a, &all, ids[i]);
	}
	if (!rc)
		draw_assign(draw, rows->n, all.v, all.n, seed);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		if (draw[i].chosen == DRAW_NOBODY || !all.v)
			rc = err_set(e, ERR_USAGE, _("row %zu: there is nobody to draw from for %s"), i + 1,
			    g->assign.column);
		else
			node_set(a, rows->seq[i], g->assign.column, node_str(a, all.v[draw[i].chosen]));
	}
	free(draw);
	free(ids);
	free(all.v);
	return rc;
}
