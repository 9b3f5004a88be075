/* What a section's charts draw. */
#include "report/spec_reader.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

enum { MAX_CHARTS = 4, MAX_MARKS = 12, MAX_DISTINCT = 1000 };

static const char *const kinds[] = {"bars", "stacked", "histogram", "dumbbell", "lines", "heat",
	"timeline", NULL};

static void
chart_kind(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	int i = spec_word(r, v, path, kinds);

	((struct spec_chart *)out)->kind = i < 0 ? CHART_BARS : (enum spec_chart_kind)i;
}

#define COLUMN(field) \
	static void \
	chart_##field(struct spec_reader *r, const struct node *v, const char *path, void *out) \
	{ \
		((struct spec_chart *)out)->field = spec_column(r, v, path); \
	}
COLUMN(label)
COLUMN(group)
COLUMN(x)
COLUMN(y)
COLUMN(n)
COLUMN(from)
COLUMN(to)
COLUMN(mark)
#undef COLUMN

static void
chart_series(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_chart *c = out;

	if (!spec_list(r, v, path, CHART_SERIES))
		return;
	c->nseries = v->n;
	for (size_t i = 0; i < v->n; i++)
		c->series[i] = spec_column(r, v->seq[i], spec_item(r, path, i));
}

static void
chart_share(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_chart *)out)->share = spec_flag(r, v, path);
}

static void
chart_percent(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_chart *)out)->percent = spec_flag(r, v, path);
}

static void
chart_nonzero(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_chart *)out)->nonzero = spec_flag(r, v, path);
}

static void
limit_after(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_chart *c = out;

	if (v->kind == NODE_INT || v->kind == NODE_STR)
		c->limit_after = v->text;
	else
		spec_fault(r, v, path, _("must be text or a number"));
}

static void
limit_at(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_chart *)out)->limit_at = spec_column(r, v, path);
}

static void
limit_label(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_chart *)out)->limit);
}

static const struct spec_key limit_keys[] = {
	{"after", false, limit_after}, {"at", false, limit_at}, {"label", true, limit_label}, {0},
};

static void
chart_limit(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_map(r, v, path, limit_keys, out);
	if (v->kind == NODE_MAP && !node_get(v, "after") == !node_get(v, "at"))
		spec_fault(r, v, path, _("must have one of after and at"));
}

static int
distinct(struct spec_reader *r, const struct node *v, const char *path)
{
	if (v->kind == NODE_INT && v->i >= 1 && v->i <= MAX_DISTINCT)
		return (int)v->i;
	spec_fault(r, v, path, _("must be a number from 1 to %d"), MAX_DISTINCT);
	return 0;
}

static void
chart_min_x(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_chart *)out)->min_x = distinct(r, v, path);
}

static void
chart_max_x(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_chart *)out)->max_x = distinct(r, v, path);
}

/* --- a timeline's marks ------------------------------------------------------------------- */

static void
mark_value(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_mark *)out)->value = spec_string(r, v, path);
}

static void
mark_label(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_mark *)out)->label);
}

static void
mark_shape(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	static const char *const words[] = {"bar", "thin", "gap", "circle", "square", "triangle",
		"diamond", "cross", NULL};
	int i = spec_word(r, v, path, words);

	((struct spec_mark *)out)->shape = i < 0 ? MARK_BAR : i;
}

static const struct spec_key mark_keys[] = {
	{"value", true, mark_value}, {"label", true, mark_label}, {"shape", true, mark_shape}, {0},
};

static void
chart_marks(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_chart *c = out;

	if (!spec_list(r, v, path, MAX_MARKS))
		return;
	c->nmarks = v->n;
	c->marks = arena_alloc(r->a, v->n * sizeof *c->marks);
	for (size_t i = 0; i < v->n; i++)
		spec_map(r, v->seq[i], spec_item(r, path, i), mark_keys, &c->marks[i]);
}

static const struct spec_key chart_keys[] = {
	{"kind", true, chart_kind}, {"label", false, chart_label}, {"group", false, chart_group},
	{"x", false, chart_x}, {"y", false, chart_y}, {"n", false, chart_n}, {"from", false, chart_from},
	{"to", false, chart_to}, {"mark", false, chart_mark}, {"series", false, chart_series},
	{"share", false, chart_share}, {"percent", false, chart_percent}, {"nonzero", false, chart_nonzero},
	{"limit", false, chart_limit}, {"min_x", false, chart_min_x}, {"max_x", false, chart_max_x},
	{"marks", false, chart_marks}, {0},
};

/* What each kind cannot do without. */
static const char *const needs[][4] = {
	[CHART_BARS] = {"label", "series"}, [CHART_STACKED] = {"label", "series"},
	[CHART_HISTOGRAM] = {"label", "series"}, [CHART_DUMBBELL] = {"label", "x", "y"},
	[CHART_LINES] = {"label", "x", "y"}, [CHART_HEAT] = {"label", "x", "y"},
	[CHART_TIMELINE] = {"label", "from", "mark", "marks"},
};

void
spec_charts(struct spec_reader *r, const struct node *v, const char *path, struct spec_section *s)
{
	if (!spec_list(r, v, path, MAX_CHARTS))
		return;
	s->ncharts = v->n;
	s->charts = arena_alloc(r->a, v->n * sizeof *s->charts);
	for (size_t i = 0; i < v->n; i++) {
		const char *at = spec_item(r, path, i);
		struct spec_chart *c = &s->charts[i];

		c->label = c->group = c->x = c->y = c->n = c->from = c->to = c->mark = c->limit_at = -1;
		spec_map(r, v->seq[i], at, chart_keys, c);
		for (size_t k = 0; v->seq[i]->kind == NODE_MAP && k < 4 && needs[c->kind][k]; k++)
			if (!node_get(v->seq[i], needs[c->kind][k]))
				spec_fault(r, v->seq[i], spec_under(r, at, needs[c->kind][k]), _("is required"));
	}
}
