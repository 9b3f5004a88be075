/* The result as a tree in the shape of --json. */
#include "report/plain.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "report/result.h"
#include "tree/node.h"

static const char *const kind_names[] = {"text", "id", "list", "int", "count", "num", "percent",
	"date", "bool"};

static struct node *
row(const struct result *r, const struct result_section *s, size_t i)
{
	struct node *m = node_map(r->arena), *hidden = node_seq(r->arena);

	for (size_t c = 0; c < s->spec->ncolumns; c++) {
		const struct cell *x = result_cell(s, i, c);
		const char *name = s->spec->columns[c].name;

		if (!result_shows(r, s, c))
			continue;
		node_append(r->arena, m, name, x->value && x->state == CELL_SHOWN ?
		    node_clone(r->arena, x->value) : node_null(r->arena));
		if (x->state != CELL_SHOWN)
			node_push(r->arena, hidden, node_str(r->arena, name));
	}
	if (hidden->n)
		node_append(r->arena, m, "not_told", hidden);
	return m;
}

static struct node *
section(const struct result *r, const struct result_section *s)
{
	struct arena *a = r->arena;
	struct node *m = node_map(a), *columns = node_seq(a), *rows = node_seq(a);

	node_append(a, m, "id", node_str(a, s->spec->id));
	node_append(a, m, "title", node_str(a, spec_text(&s->spec->title, r->lang)));
	node_append(a, m, "n", s->omitted || s->n_state != CELL_SHOWN ? node_null(a) : node_int(a, s->n));
	node_append(a, m, "omitted", node_bool(a, s->omitted));
	for (size_t c = 0; c < s->spec->ncolumns; c++) {
		struct node *one = node_map(a);

		if (!result_shows(r, s, c))
			continue;
		node_append(a, one, "name", node_str(a, s->spec->columns[c].name));
		node_append(a, one, "label", node_str(a, result_label(r, &s->spec->columns[c])));
		node_append(a, one, "kind", node_str(a, kind_names[s->spec->columns[c].kind]));
		node_push(a, columns, one);
	}
	node_append(a, m, "columns", columns);
	for (size_t i = 0; i < s->nrows - s->has_total; i++)
		node_push(a, rows, row(r, s, i));
	node_append(a, m, "rows", rows);
	if (s->has_total)
		node_append(a, m, "total", row(r, s, s->nrows - 1));
	return m;
}

struct node *
json_result(const struct result *r)
{
	struct arena *a = r->arena;
	struct node *m = node_map(a), *params = node_map(a), *covers = node_map(a),
	            *sections = node_seq(a);

	node_append(a, m, "report", node_str(a, r->spec->name));
	node_append(a, m, "title", node_str(a, spec_text(&r->spec->title, r->lang)));
	node_append(a, m, "today", r->today ? node_str(a, r->today) : node_null(a));
	node_append(a, m, "outside", node_bool(a, r->outside));
	node_append(a, m, "rounded", r->outside ? node_int(a, RESULT_STEP) : node_null(a));
	for (size_t i = 0; i < r->nparams; i++)
		node_append(a, params, r->params[i].spec->name, node_str(a, r->params[i].value));
	node_append(a, m, "params", params);
	node_append(a, covers, "readable", node_int(a, (int64_t)r->readable));
	node_append(a, covers, "dossiers", node_int(a, (int64_t)r->dossiers));
	node_append(a, m, "covers", covers);
	node_append(a, m, "partial", node_bool(a, r->partial));
	node_append(a, m, "record", r->record ? node_str(a, r->record) : node_null(a));
	for (size_t i = 0; i < r->nsections; i++)
		node_push(a, sections, section(r, &r->sections[i]));
	node_append(a, m, "sections", sections);
	return m;
}
