/* A section of a report: its query, its columns, who may see it outside the unit. */
#include "report/spec_reader.h"

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

enum { MAX_COLUMNS = 32, MAX_LEVELS = 64 };

/* --- columns ---------------------------------------------------------------------------- */

static void
column_name(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_column *c = out;

	c->name = spec_name(r, v, path);
	c->line = v->line;
	c->column = v->column;
}

static void
column_label(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_column *)out)->label);
}

static void
column_kind(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	static const char *const words[] = {"text", "id", "list", "int", "count", "num", "percent", "date",
		"bool", NULL};
	int i = spec_word(r, v, path, words);

	((struct spec_column *)out)->kind = i < 0 ? COL_TEXT : (enum spec_kind)i;
}

static void
column_of(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	const char *s = spec_string(r, v, path);

	if (s && (!strchr(s, '.') || s[0] == '.' || s[strlen(s) - 1] == '.'))
		spec_fault(r, v, path, _("must be TYPE.FIELD"));
	else
		((struct spec_column *)out)->of = s;
}

static void
column_inside(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_column *)out)->inside = spec_flag(r, v, path);
}

static void
column_hidden(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_column *)out)->hidden = spec_flag(r, v, path);
}

static void
column_wide(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_column *)out)->wide = spec_flag(r, v, path);
}

/* read when all columns are known */
static void
column_later(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	(void)r;
	(void)v;
	(void)path;
	(void)out;
}

static void
column_status(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	static const char *const words[] = {"good", "warn", "bad", NULL};
	struct spec_column *c = out;

	if (v->kind != NODE_MAP || v->n > MAX_LEVELS) {
		spec_fault(r, v, path, _("must be a mapping of values to good, warn or bad"));
		return;
	}
	c->nlevel = v->n;
	c->levels = arena_alloc(r->a, (v->n + 1) * sizeof *c->levels);
	for (size_t i = 0; i < v->n; i++) {
		int level = spec_word(r, v->map[i].value, spec_under(r, path, v->map[i].key), words);

		c->levels[i].value = v->map[i].key;
		c->levels[i].level = (enum spec_level)(level + 1);
	}
}

static const struct spec_key column_keys[] = {
	{"name", true, column_name}, {"label", false, column_label}, {"kind", false, column_kind},
	{"of", false, column_of}, {"inside", false, column_inside}, {"hidden", false, column_hidden},
	{"wide", false, column_wide}, {"share", false, column_later}, {"base", false, column_later},
	{"status", false, column_status}, {0},
};

/* What a share or a mean is computed from. */
static void
column_base(struct spec_reader *r, const struct node *v, const char *path, struct spec_column *c)
{
	const struct node *share = node_get(v, "share"), *base = node_get(v, "base");

	c->num = c->den = c->base = -1;
	if (share && (share->kind != NODE_SEQ || share->n != 2)) {
		spec_fault(r, share, spec_under(r, path, "share"), _("must be [PART, WHOLE], two columns"));
	} else if (share) {
		c->num = spec_column(r, share->seq[0], spec_under(r, path, "share.0"));
		c->den = spec_column(r, share->seq[1], spec_under(r, path, "share.1"));
	}
	if (base)
		c->base = spec_column(r, base, spec_under(r, path, "base"));
}

static void
columns(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_section *s = out;

	if (!spec_list(r, v, path, MAX_COLUMNS))
		return;
	s->ncolumns = v->n;
	s->columns = arena_alloc(r->a, v->n * sizeof *s->columns);
	for (size_t i = 0; i < v->n; i++) {
		const char *at = spec_item(r, path, i);
		struct spec_column *c = &s->columns[i];

		spec_map(r, v->seq[i], at, column_keys, c);
		if (v->seq[i]->kind == NODE_MAP && !c->of && !node_get(v->seq[i], "label"))
			spec_fault(r, v->seq[i], spec_under(r, at, "label"),
			    _("is required where the column is of no field"));
		for (size_t k = 0; c->name && k < i; k++)
			if (s->columns[k].name && strcmp(s->columns[k].name, c->name) == 0)
				spec_fault(r, v->seq[i], spec_under(r, at, "name"), _("is there twice"));
	}
	for (size_t i = 0; i < v->n; i++)
		column_base(r, v->seq[i], spec_item(r, path, i), &s->columns[i]);
}

/* --- the section --------------------------------------------------------------------------- */

static void
section_id(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_section *)out)->id = spec_name(r, v, path);
}

static void
section_title(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_section *)out)->title);
}

static void
section_text(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_section *)out)->text);
}

static void
section_text_outside(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_section *)out)->text_outside);
}

static void
section_empty(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_section *)out)->empty);
}

static void
section_sql(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_section *)out)->sql = spec_query(r, v, path);
}

static void
section_frozen(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_section *)out)->frozen = spec_query(r, v, path);
}

static void
section_outside(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	static const char *const words[] = {"omit", "counts", "open", NULL};
	int i = spec_word(r, v, path, words);

	((struct spec_section *)out)->outside = i < 0 ? OUTSIDE_OMIT : (enum spec_outside)i;
}

static void
section_group(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_section *)out)->group = spec_column(r, v, path);
}

/* {sum: COLUMN, label: {...}} */
static void
n_sum(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_section *)out)->n = spec_column(r, v, path);
}

static void
n_label(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_section *)out)->n_label);
}

static const struct spec_key n_keys[] = {
	{"sum", false, n_sum}, {"label", true, n_label}, {0},
};

static void
section_n(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_map(r, v, path, n_keys, out);
}

static void
section_total(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_section *)out)->total = spec_flag(r, v, path);
}

/* {TOTAL: [PART, ...], ...} */
static void
section_sums(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_section *s = out;

	if (v->kind != NODE_MAP || v->n > SPEC_SUMS) {
		spec_fault(r, v, path, _("must be a mapping of a column to the list of its parts"));
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		struct node key = {.kind = NODE_STR, .text = v->map[i].key, .line = v->map[i].line,
		    .column = v->map[i].column};
		const struct node *parts = v->map[i].value;
		const char *at = spec_under(r, path, v->map[i].key);
		struct spec_sum *sum = &s->sums[s->nsums];

		if (!spec_list(r, parts, at, CHART_SERIES))
			continue;
		sum->total = spec_column(r, &key, at);
		sum->n = parts->n;
		for (size_t k = 0; k < parts->n; k++)
			sum->part[k] = spec_column(r, parts->seq[k], spec_item(r, at, k));
		s->nsums++;
	}
	/* suppression follows one sum along a row and one down a column */
	for (size_t c = 0; c < s->ncolumns; c++) {
		size_t uses = 0;

		for (size_t i = 0; i < s->nsums; i++) {
			uses += s->sums[i].total == (int)c;
			for (size_t k = 0; k < s->sums[i].n; k++)
				uses += s->sums[i].part[k] == (int)c;
		}
		if (uses > 1)
			spec_fault(r, v, path, _("names a column twice"));
	}
}

static void
section_charts(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_charts(r, v, path, out);
}

/* columns first: the others name them */
static const struct spec_key section_keys[] = {
	{"id", true, section_id}, {"title", true, section_title}, {"text", false, section_text},
	{"text_outside", false, section_text_outside},
	{"empty", false, section_empty}, {"outside", true, section_outside},
	{"sql", true, section_sql}, {"frozen", false, section_frozen}, {"columns", true, columns},
	{"group", false, section_group}, {"n", false, section_n}, {"total", false, section_total},
	{"sums", false, section_sums}, {"charts", false, section_charts}, {0},
};

/* Outside, a column of counts that is told must be one that suppression knows, a share one that says what
 * of. */
static void
check_outside(struct spec_reader *r, const struct node *v, const char *path,
    const struct spec_section *s)
{
	const struct node *list = node_get(v, "columns");

	for (size_t i = 0; s->outside == OUTSIDE_COUNTS && i < s->ncolumns; i++) {
		const struct spec_column *c = &s->columns[i];
		const char *at = spec_item(r, spec_under(r, path, "columns"), i);

		if (c->kind == COL_PERCENT && c->num < 0)
			spec_fault(r, list->seq[i], spec_under(r, at, "share"),
			    _("is required in a section of counts: the columns it is computed from"));
		else if (c->kind == COL_NUM && c->base < 0)
			spec_fault(r, list->seq[i], spec_under(r, at, "base"),
			    _("is required in a section of counts: the column that tells of how many it is"));
		else if (c->kind == COL_ID && !c->inside)
			spec_fault(r, list->seq[i], spec_under(r, at, "kind"),
			    _("a section of counts names no single records"));
	}
}

void
spec_section(struct spec_reader *r, const struct node *v, const char *path, struct spec_section *s)
{
	bool bad = r->bad;

	s->group = s->n = -1;
	r->section = s;
	r->bad = false;
	spec_map(r, v, path, section_keys, s);
	if (!r->bad)
		check_outside(r, v, path, s);
	r->bad |= bad;
}
