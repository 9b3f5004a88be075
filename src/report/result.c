/* Rows into cells: in words, with totals. */
#include "report/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

struct result *
result_new(struct arena *a, const struct spec *spec, const char *lang,
    const struct result_labels *labels, bool outside)
{
	struct result *r = arena_alloc(a, sizeof *r);

	r->arena = a;
	r->spec = spec;
	r->lang = lang;
	r->labels = *labels;
	r->outside = outside;
	r->nparams = spec->nparams;
	r->params = arena_alloc(a, (spec->nparams + 1) * sizeof *r->params);
	r->nsections = spec->nsections;
	r->sections = arena_alloc(a, (spec->nsections + 1) * sizeof *r->sections);
	for (size_t i = 0; i < r->nsections; i++)
		r->sections[i].spec = &spec->sections[i];
	return r;
}

const struct cell *
result_cell(const struct result_section *s, size_t row, size_t column)
{
	return &s->cells[row * s->spec->ncolumns + column];
}

bool
result_shows(const struct result *r, const struct result_section *s, size_t column)
{
	const struct spec_column *c = &s->spec->columns[column];

	return !c->hidden && !(r->outside && c->inside);
}

const char *
result_label(const struct result *r, const struct spec_column *c)
{
	const char *own = spec_text(&c->label, r->lang), *of = NULL;

	if (!*own && c->of)
		of = r->labels.field(r->labels.ctx, c->of);
	return *own ? own : of ? of : c->name;
}

/* --- in words ----------------------------------------------------------------------------- */

/* 12 345,6 in Swedish, 12,345.6 in English; groups only from 10 000 on. */
const char *
result_number(const struct result *r, double v, int decimals)
{
	bool sv = strcmp(r->lang, "sv") == 0;
	const char *plain = arena_printf(r->arena, "%.*f", decimals, v), *point = strchr(plain, '.');
	size_t whole = point ? (size_t)(point - plain) : strlen(plain), sign = plain[0] == '-';
	struct buf b = {0};
	const char *out;

	for (size_t i = 0; i < whole; i++) {
		if (i > sign && (whole - i) % 3 == 0 && whole - sign > 4)
			buf_puts(&b, sv ? "\u00a0" : ",");
		if (i < sign)
			buf_puts(&b, "\u2212");
		else
			buf_putc(&b, plain[i]);
	}
	if (point)
		buf_printf(&b, "%s%s", sv ? "," : ".", point + 1);
	out = arena_strdup(r->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static const char *
raw_text(const struct result *r, const struct node *v)
{
	struct buf b = {0};
	const char *out;

	if (v->kind == NODE_STR)
		return arena_strndup(r->arena, v->text, v->len);
	node_scalar_json(&b, v);
	out = arena_strdup(r->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static const char *
value_label(const struct result *r, const struct spec_column *c, const char *value)
{
	const char *label = c->of ? r->labels.value(r->labels.ctx, c->of, value) : NULL;

	return label ? label : value;
}

/* "a,b, c" as group_concat gives it: each by its label. */
static const char *
list_text(const struct result *r, const struct spec_column *c, const char *s)
{
	struct buf b = {0};
	const char *out;

	while (*s) {
		size_t n;

		s += strspn(s, ", ");
		n = strcspn(s, ",");
		if (n)
			buf_printf(&b, "%s%s", b.n ? ", " : "",
			    value_label(r, c, arena_strndup(r->arena, s, n)));
		s += n;
	}
	out = arena_strdup(r->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

/* What a timeline calls the kinds of its rows, its table does too. */
static const char *
mark_label(const struct result *r, const struct result_section *s, size_t column, const char *value)
{
	for (size_t i = 0; i < s->spec->ncharts; i++) {
		const struct spec_chart *c = &s->spec->charts[i];

		for (size_t k = 0; c->mark == (int)column && k < c->nmarks; k++)
			if (strcmp(c->marks[k].value, value) == 0)
				return spec_text(&c->marks[k].label, r->lang);
	}
	return NULL;
}

static const char *
cell_text(const struct result *r, const struct spec_column *c, const struct node *v)
{
	bool number = v && (v->kind == NODE_INT || v->kind == NODE_REAL);

	if (!v || v->kind == NODE_NULL)
		return "";
	switch (c->kind) {
	case COL_BOOL:
		return number && v->d != 0 ? _("Yes") : _("No");
	case COL_COUNT:
	case COL_NUM:
		return number ? result_number(r, v->d, v->kind == NODE_INT || v->d == floor(v->d) ? 0 : 1) :
		                raw_text(r, v);
	case COL_INT: /* a year has no groups */
		return raw_text(r, v);
	case COL_PERCENT:
		return number ? arena_printf(r->arena, "%s\u00a0%%", result_number(r, v->d, 0)) : raw_text(r, v);
	case COL_LIST:
		return list_text(r, c, raw_text(r, v));
	default:
		return value_label(r, c, raw_text(r, v));
	}
}

static enum spec_level
level_of(const struct result *r, const struct spec_column *c, const struct node *v)
{
	const char *s;

	if (!c->nlevel)
		return LEVEL_NONE;
	s = v && v->kind != NODE_NULL ? raw_text(r, v) : "";
	for (size_t i = 0; i < c->nlevel; i++)
		if (strcmp(c->levels[i].value, s) == 0)
			return c->levels[i].level;
	return LEVEL_NONE;
}

bool
result_value(double *out, const struct cell *c)
{
	if (c->state != CELL_SHOWN || !c->value || (c->value->kind != NODE_INT && c->value->kind != NODE_REAL))
		return false;
	*out = c->value->d;
	return true;
}

/* --- totals ----------------------------------------------------------------------------------- */

static int64_t
column_sum(const struct result_section *s, size_t column, size_t nrows)
{
	int64_t sum = 0;

	for (size_t i = 0; i < nrows; i++) {
		const struct node *v = result_cell(s, i, column)->value;

		/* no sum of what one may read comes near the limit */
		if (v && v->kind == NODE_INT && llabs(v->i) <= RESULT_MOST)
			sum += v->i;
	}
	return sum;
}

static void
put(const struct result *r, struct result_section *s, size_t row, size_t column,
    const struct node *v)
{
	const struct spec_column *c = &s->spec->columns[column];
	struct cell *x = &s->cells[row * s->spec->ncolumns + column];

	x->value = v;
	x->text = v && v->kind == NODE_STR ? mark_label(r, s, column, v->text) : NULL;
	if (!x->text)
		x->text = cell_text(r, c, v);
	x->level = level_of(r, c, v);
}

/* The last row: sums of the counts, shares of the sums. */
static void
add_total(const struct result *r, struct result_section *s)
{
	const struct spec_section *spec = s->spec;
	size_t last = s->nrows - 1;
	bool said = false;

	for (size_t c = 0; c < spec->ncolumns; c++) {
		struct cell *x = &s->cells[last * spec->ncolumns + c];

		x->text = "";
		if (spec->columns[c].kind == COL_COUNT) {
			put(r, s, last, c, node_int(r->arena, column_sum(s, c, last)));
		} else if (!said && result_shows(r, s, c) && (int)c != spec->group) {
			x->text = _("All");
			said = true;
		}
	}
	for (size_t c = 0; c < spec->ncolumns; c++) {
		const struct spec_column *col = &spec->columns[c];
		double num, den;

		if (col->kind == COL_PERCENT && col->num >= 0 &&
		    result_value(&num, result_cell(s, last, (size_t)col->num)) &&
		    result_value(&den, result_cell(s, last, (size_t)col->den)) && den > 0) {
			const char *text = arena_printf(r->arena, "%.0f", 100 * num / den);

			put(r, s, last, c, node_plain(r->arena, text, strlen(text)));
		}
	}
}

/* --- sections ----------------------------------------------------------------------------------- */

/* A number that suppression can weigh: of a text or a fraction it would say nothing, and let it pass. */
static bool
is_count(const struct node *v)
{
	return !v || v->kind == NODE_NULL || (v->kind == NODE_INT && v->i >= 0 && v->i <= RESULT_MOST);
}

int
result_section(struct result *r, size_t i, const struct node *rows, const char *file,
    struct err *e)
{
	struct result_section *s = &r->sections[i];
	const struct spec_section *spec = s->spec;
	bool counts = r->outside && spec->outside == OUTSIDE_COUNTS, totals;
	size_t n = spec->ncolumns;

	if (counts && rows->n > RESULT_GROUPS)
		return err_at(e, ERR_INVALID, file, 0, 0, arena_printf(r->arena, "sections.%s.sql", spec->id),
		    _("gives more than %d groups: of so many it takes too long to find what may be told outside the unit"),
		    RESULT_GROUPS);
	for (size_t c = 0; rows->n && c < n; c++)
		if (!node_get(rows->seq[0], spec->columns[c].name))
			return err_at(e, ERR_INVALID, file, 0, 0, arena_printf(r->arena, "sections.%s.columns.%s",
			    spec->id, spec->columns[c].name), _("the query gives no such column"));
	totals = spec->total && rows->n > 1;
	s->n_total = counts && !totals && rows->n;
	s->nrows = rows->n + (totals || s->n_total);
	s->cells = arena_alloc(r->arena, (s->nrows * n + 1) * sizeof *s->cells);
	for (size_t row = 0; row < rows->n; row++)
		for (size_t c = 0; c < n; c++) {
			const struct node *v = node_get(rows->seq[row], spec->columns[c].name);

			if (counts && spec->columns[c].kind == COL_COUNT && !is_count(v))
				return err_at(e, ERR_INVALID, file, 0, 0, arena_printf(r->arena, "sections.%s.columns.%s",
				    spec->id, spec->columns[c].name),
				    _("must be whole numbers from 0 up: of others it is not known what may be told outside the unit"));
			put(r, s, row, c, v);
		}
	s->n = spec->n < 0 ? (int64_t)rows->n : column_sum(s, (size_t)spec->n, rows->n);
	if (totals || s->n_total)
		add_total(r, s);
	s->has_total = totals;
	if (r->outside && spec->outside == OUTSIDE_OMIT) {
		s->omitted = true;
		s->nrows = 0;
		s->has_total = false;
	}
	return 0;
}

static bool
of_counts(const struct result *r, const struct result_section *s)
{
	return r->outside && s->spec->outside == OUTSIDE_COUNTS && !s->omitted && s->nrows;
}

/* The same records, told in two ways. */
static bool
same_records(const struct result_section *a, const struct result_section *b)
{
	return a != b && a->spec->n >= 0 && b->spec->n >= 0 && a->n == b->n &&
	    strcmp(a->spec->columns[a->spec->n].name, b->spec->columns[b->spec->n].name) == 0;
}

/* Whether the sum of a column can be had: as the row of totals, as n, or by adding up. */
static bool
told(const struct result_section *s, size_t column)
{
	bool all = true;

	if (s->has_total)
		return result_cell(s, s->nrows - 1, column)->state == CELL_SHOWN;
	for (size_t i = 0; i < s->nrows - s->n_total; i++)
		all = all && result_cell(s, i, column)->state == CELL_SHOWN;
	return all || ((int)column == s->spec->n && result_cell(s, s->nrows - 1, column)->state == CELL_SHOWN);
}

/* What `a` does not tell of its totals, `b` must not either. True when that is new. */
static bool
link_totals(const struct result_section *a, struct result_section *b)
{
	uint32_t before = b->hide;

	for (size_t c = 0; same_records(a, b) && c < a->spec->ncolumns; c++)
		for (size_t k = 0; k < b->spec->ncolumns; k++)
			if (a->spec->columns[c].kind == COL_COUNT && b->spec->columns[k].kind == COL_COUNT &&
			    strcmp(a->spec->columns[c].name, b->spec->columns[k].name) == 0 &&
			    !told(a, c))
				b->hide |= (uint32_t)1 << k;
	return b->hide != before;
}

void
result_suppress(struct result *r)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < r->nsections; i++)
			if (of_counts(r, &r->sections[i]))
				suppress_section(&r->sections[i]);
		for (size_t i = 0; i < r->nsections; i++)
			for (size_t k = 0; k < r->nsections; k++)
				if (of_counts(r, &r->sections[i]) && of_counts(r, &r->sections[k]))
					more |= link_totals(&r->sections[i], &r->sections[k]);
	}
	for (size_t i = 0; i < r->nsections; i++)
		if (r->outside && r->sections[i].spec->outside == OUTSIDE_COUNTS)
			suppress_wipe(r, &r->sections[i]);
}

static int64_t
in_steps(double v)
{
	return (int64_t)floor(v / RESULT_STEP + 0.5) * RESULT_STEP;
}

static void
tell(struct result *r, struct result_section *s, size_t row, size_t column, int64_t v)
{
	enum spec_level level = result_cell(s, row, column)->level;

	put(r, s, row, column, node_int(r->arena, v));
	s->cells[row * s->spec->ncolumns + column].level = level;
}

/* None and all are said only where it is so. */
static int64_t
share_in_steps(const struct result_section *s, size_t row, const struct spec_column *c, double share)
{
	int64_t v = in_steps(share);
	double num, den;

	if (c->num < 0 || !result_value(&num, result_cell(s, row, (size_t)c->num)) ||
	    !result_value(&den, result_cell(s, row, (size_t)c->den)))
		return v;
	if (num > 0 && v < RESULT_STEP)
		return RESULT_STEP;
	return num < den && v > 100 - RESULT_STEP ? 100 - RESULT_STEP : v;
}

/* Each by itself, the sums too: added up, they would tell less well what they are. Shares first, of what they are of. */
static void
round_section(struct result *r, struct result_section *s)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < s->nrows * s->spec->ncolumns; i++) {
			size_t row = i / s->spec->ncolumns, column = i % s->spec->ncolumns;
			const struct spec_column *c = &s->spec->columns[column];
			double v;

			if (c->kind == (pass ? COL_COUNT : COL_PERCENT) && result_value(&v, &s->cells[i]))
				tell(r, s, row, column, pass ? in_steps(v) : share_in_steps(s, row, c, v));
		}
	if (s->spec->n >= 0)
		s->n = in_steps((double)s->n);
}

void
result_finish(struct result *r)
{
	for (size_t i = 0; i < r->nsections; i++)
		r->sections[i].steps = r->outside;
	result_suppress(r);
	for (size_t i = 0; i < r->nsections; i++)
		if (r->outside && r->sections[i].spec->outside == OUTSIDE_COUNTS)
			round_section(r, &r->sections[i]);
}

const char *
result_text(const struct result *r, const struct result_section *s)
{
	const char *outside = spec_text(&s->spec->text_outside, r->lang);

	return r->outside && *outside ? outside : spec_text(&s->spec->text, r->lang);
}

const char *
result_n(const struct result *r, const struct result_section *s)
{
	const char *label = spec_text(&s->spec->n_label, r->lang);

	if (s->omitted || s->n_state == CELL_WITHHELD)
		return "";
	if (!*label)
		label = "n";
	if (s->n_state == CELL_FEW)
		return arena_printf(r->arena, _("%s: fewer than %d"), label, RESULT_FEW);
	if (s->spec->n >= 0 || label[1])
		return arena_printf(r->arena, "%s: %s", label, result_number(r, (double)s->n, 0));
	return arena_printf(r->arena, ngettext("%lld row", "%lld rows", (unsigned long)s->n),
	    (long long)s->n);
}
