/* A report's values and rows. */
#include "app/reporting.h"

#include <stdlib.h>
#include <string.h>

#include "app/extras.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "rules/header.h"
#include "tree/node.h"
#include "vault/vault.h"

enum { PARAM_MAX = 200 };

/* --- labels ------------------------------------------------------------------------------- */

/* The shape of TYPE.FIELD, through lists and their items. */
static const struct shape *
shape_of(struct session *s, const char *of)
{
	char type[33], name[128];
	const struct schema *sc = NULL;
	const struct shape *at;
	size_t n = strcspn(of, ".");

	if (n >= sizeof type)
		return NULL;
	memcpy(type, of, n);
	type[n] = '\0';
	if (!storepath_type_ok(type) || vault_schema(s->v, &sc, type, NULL) || !sc)
		return NULL;
	at = schema_shape(sc);
	while (at && of[n] == '.') {
		const char *rest = of + n + 1;
		size_t k = strcspn(rest, ".");

		if (k >= sizeof name)
			return NULL;
		memcpy(name, rest, k);
		name[k] = '\0';
		if (at->is_seq && at->item)
			at = at->item;
		at = shape_field(at, name);
		n += 1 + k;
	}
	return at;
}

static const char *
field_label(void *ctx, const char *of)
{
	const struct shape *f = shape_of(ctx, of);

	return f && (f->label.sv || f->label.en) ? shape_label(f, i18n_lang()) : NULL;
}

static const char *
value_label(void *ctx, const char *of, const char *value)
{
	const struct shape *f = shape_of(ctx, of);

	if (f && f->is_seq && f->item)
		f = f->item;
	for (size_t i = 0; f && i < f->nenum; i++)
		if (strcmp(f->enums[i].value, value) == 0)
			return shape_enum_label(f, value, i18n_lang());
	return NULL;
}

struct result_labels
reporting_labels(struct session *s)
{
	return (struct result_labels){field_label, value_label, s};
}

/* --- queries -------------------------------------------------------------------------------- */

int
reporting_rows(struct reporting *r, struct node **out, const char *sql, struct err *e)
{
	int rc = search_query(r->s, out, sql, r->file, r->today, r->values, r->n, e);

	if (!rc)
		r->rows += (*out)->n;
	return rc;
}

int
reporting_value(struct reporting *r, const char **out, const char *sql, struct err *e)
{
	struct node *rows = NULL;
	const struct node *v;
	int rc = reporting_rows(r, &rows, sql, e);

	if (rc)
		return rc;
	*out = NULL;
	if (!rows->n || !rows->seq[0]->n)
		return 0;
	v = rows->seq[0]->map[0].value;
	if (v->kind == NODE_STR || v->kind == NODE_INT || v->kind == NODE_REAL)
		*out = arena_strdup(r->s->arena, v->text);
	return 0;
}

static struct index_value *
add_value(struct reporting *r, const char *name, const char *text)
{
	struct index_value *v = &r->values[r->n++];

	*v = (struct index_value){.name = name, .text = text};
	return v;
}

/* --- what the program gives besides the records ----------------------------------------------- */

static int
input_reads(struct reporting *r, struct node **out, struct err *e)
{
	return app_reads(r->s, out, NULL, NULL, e);
}

/* A rule that fails is in the list, as such. */
static int
input_todo(struct reporting *r, struct node **out, struct err *e)
{
	struct err inner = {0};
	int rc = app_todo(r->s, out, false, NULL, false, r->today, &inner);

	if (rc == ERR_FINDINGS && *out)
		return 0;
	err_append(e, &inner);
	return rc;
}

static const struct {
	const char *name;
	int (*get)(struct reporting *r, struct node **out, struct err *e);
} inputs[] = {
	{"reads", input_reads}, {"todo", input_todo},
};

bool
reporting_input(const char *name)
{
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
		if (strcmp(inputs[i].name, name) == 0)
			return true;
	return false;
}

static int
input_json(struct reporting *r, const char *name, const char **out, struct err *e)
{
	struct node *list = NULL;
	struct buf b = {0};
	int rc = 0;

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		if (strcmp(inputs[i].name, name) != 0)
			continue;
		rc = inputs[i].get(r, &list, e);
		if (rc)
			return rc;
		node_json(&b, list);
		*out = arena_strdup(r->s->arena, buf_str(&b));
		buf_free(&b);
		return 0;
	}
	return err_at(e, ERR_INVALID, r->file, 0, 0, "inputs", _("names what this program cannot give"));
}

/* --- parameters ----------------------------------------------------------------------------------- */

static const char *
given(const struct reporting *r, const struct spec_param *p)
{
	const char *value = NULL;

	for (size_t i = 0; i < r->o->nparams; i++)
		if (strcmp(r->o->params[i].path, p->name) == 0)
			value = r->o->params[i].value;
	return value;
}

static int
wrong(const struct spec_param *p, const char *why, struct err *e)
{
	return err_set(e, ERR_USAGE, "--param %s: %s", p->name, why);
}

static int
check_param(const struct spec_param *p, const char *value, struct err *e)
{
	struct buf list = {0};
	int64_t day;
	int rc = 0;

	if (strlen(value) > PARAM_MAX)
		return wrong(p, _("is too long"), e);
	if (p->kind == PARAM_DATE && !date_parse(&day, value, strlen(value)))
		return wrong(p, _("is not a date (YYYY-MM-DD)"), e);
	if (p->kind == PARAM_INT && (!*value || strlen(value) > 9 || value[strspn(value, "0123456789")]))
		return wrong(p, _("is not a whole number"), e);
	if (p->kind != PARAM_CHOICE)
		return 0;
	for (size_t i = 0; i < p->nchoices; i++) {
		if (strcmp(p->choices[i].value, value) == 0)
			goto done;
		buf_printf(&list, "%s%s", i ? ", " : "", p->choices[i].value);
	}
	rc = err_set(e, ERR_USAGE, _("--param %s: is one of: %s"), p->name, buf_str(&list));
done:
	buf_free(&list);
	return rc;
}

/* For outside: values of which two reports could not be had that differ by the few of some days, or of one group. */
static int
check_grid(const struct spec_param *p, const char *value, struct err *e)
{
	static const char *const months[] = {
		[GRID_MONTH] = "01 02 03 04 05 06 07 08 09 10 11 12", [GRID_QUARTER] = "01 04 07 10", [GRID_YEAR] = "01",
	};
	char month[3] = "";

	if (p->grid == GRID_ANY)
		return 0;
	if (p->grid == GRID_DEFAULT)
		return wrong(p, _("a report for outside the unit has no value but its own: less another, it would tell of the few that part them"), e);
	memcpy(month, value + 5, 2); /* a date: check_param */
	if (strcmp(value + 8, "01") == 0 && strstr(months[p->grid], month))
		return 0;
	return wrong(p, p->grid == GRID_MONTH ? _("outside the unit it is the first day of a month") :
	    p->grid == GRID_QUARTER ? _("outside the unit it is the first day of a quarter") :
	                              _("outside the unit it is the first day of a year"), e);
}

static int
unknown_params(const struct reporting *r, struct err *e)
{
	struct buf list = {0};
	int rc = 0;

	for (size_t k = 0; k < r->spec->nparams; k++)
		buf_printf(&list, "%s%s", k ? ", " : "", r->spec->params[k].name);
	for (size_t i = 0; i < r->o->nparams; i++) {
		bool known = false;

		for (size_t k = 0; k < r->spec->nparams; k++)
			known |= strcmp(r->spec->params[k].name, r->o->params[i].path) == 0;
		if (!known && list.n)
			rc = err_set(e, ERR_USAGE, _("--param: the report has no parameter of that name; it has: %s"),
			    buf_str(&list));
		else if (!known)
			rc = err_set(e, ERR_USAGE, _("--param: the report has no parameters"));
	}
	buf_free(&list);
	return rc;
}

int
reporting_values(struct reporting *r, struct err *e)
{
	const struct spec *spec = r->spec;
	int rc = unknown_params(r, e);

	r->values = arena_alloc(r->s->arena, (spec->ninputs + spec->nsettings + spec->nparams + 6) * sizeof *r->values);
	r->text = arena_alloc(r->s->arena, (spec->nparams + 1) * sizeof *r->text);
	add_value(r, "lang", i18n_lang());
	add_value(r, "record", "");
	add_value(r, "readable", arena_printf(r->s->arena, "%zu", r->s->covered));
	add_value(r, "dossiers", arena_printf(r->s->arena, "%zu", r->s->dossiers));
	r->values[r->n++] = (struct index_value){.name = "outside", .text = "", .is_int = true, .i = r->o->outside};
	for (size_t i = 0; i < spec->nsettings; i++) {
		const struct spec_setting *def = &spec->settings[i];

		r->values[r->n++] = settings_value(r->s,
		    &(struct header_setting){.name = def->name, .text = def->text, .is_int = true, .i = def->i});
	}
	for (size_t i = 0; !rc && i < spec->ninputs; i++) {
		const char *json = NULL;

		rc = input_json(r, spec->inputs[i], &json, e);
		if (!rc)
			add_value(r, spec->inputs[i], json);
	}
	for (size_t i = 0; !rc && i < spec->nparams; i++) {
		const struct spec_param *p = &spec->params[i];
		const char *value = given(r, p);
		struct index_value *v;

		if (!value && p->sql)
			rc = reporting_value(r, &value, p->sql, e);
		else if (!value)
			value = p->value;
		value = value ? value : "";
		/* what the report itself falls back on is no slip of the pen */
		if (!rc && given(r, p))
			rc = check_param(p, value, e);
		if (!rc && given(r, p) && r->o->outside)
			rc = check_grid(p, value, e);
		if (rc)
			break;
		r->text[i] = value;
		v = add_value(r, p->name, value);
		if (p->kind == PARAM_INT && *value) {
			v->is_int = true;
			v->i = strtoll(value, NULL, 10);
		}
	}
	return rc;
}

/* --- the sections ------------------------------------------------------------------------------------ */

static const char *
param_text(const struct reporting *r, size_t i)
{
	const struct spec_param *p = &r->spec->params[i];

	for (size_t k = 0; k < p->nchoices; k++)
		if (strcmp(p->choices[k].value, r->text[i]) == 0)
			return spec_text(&p->choices[k].label, i18n_lang());
	return r->text[i];
}

static const char *
head_text(const struct node *rows, const char *key)
{
	const struct node *v = rows->n ? node_get(rows->seq[0], key) : NULL;

	return v && v->kind != NODE_NULL && v->text ? v->text : NULL;
}

/* What the record tells of the day on which it was frozen. */
static int
frozen_head(struct reporting *r, struct result *out, struct err *e)
{
	struct node *rows = NULL;
	const char *number;
	int rc = reporting_rows(r, &rows, r->spec->freeze.head, e);

	if (rc)
		return rc;
	out->record = r->record;
	out->frozen_on = head_text(rows, "frozen_on");
	out->text = head_text(rows, "text");
	out->today = head_text(rows, "as_of");
	out->readable = out->dossiers = 0;
	if ((number = head_text(rows, "readable")))
		out->readable = strtoul(number, NULL, 10);
	if ((number = head_text(rows, "dossiers")))
		out->dossiers = strtoul(number, NULL, 10);
	return 0;
}

static int
partial(struct reporting *r, bool *out, struct err *e)
{
	const struct member *me;
	int rc = vault_me(r->s->v, &me, NULL, e);

	*out = r->spec->nreaders > 0;
	for (size_t i = 0; !rc && i < r->spec->nreaders; i++)
		if (state_in_team(vault_state(r->s->v), r->spec->readers[i], me->handle, date_now()))
			*out = false;
	return rc;
}

int
reporting_run(struct reporting *r, struct result **out, struct err *e)
{
	struct session *s = r->s;
	struct result_labels labels = reporting_labels(s);
	struct result *res = result_new(s->arena, r->spec, i18n_lang(), &labels, r->o->outside);
	int rc = partial(r, &res->partial, e);

	res->today = arena_strdup(s->arena, r->today);
	res->readable = s->covered;
	res->dossiers = s->dossiers;
	if (!rc && r->spec->freeze.type && !r->o->live) {
		rc = reporting_value(r, &r->record, r->spec->freeze.find, e);
		if (!rc && r->record) {
			r->values[1].text = r->record;
			rc = frozen_head(r, res, e);
		}
	}
	for (size_t i = 0; i < r->spec->nparams; i++)
		res->params[i] = (struct result_param){&r->spec->params[i], r->text[i], param_text(r, i)};
	for (size_t i = 0; !rc && i < r->spec->nsections; i++) {
		const struct spec_section *section = &r->spec->sections[i];
		struct node *rows = NULL;

		rc = reporting_rows(r, &rows, r->record && section->frozen ? section->frozen : section->sql, e);
		if (!rc)
			rc = result_section(res, i, rows, r->file, e);
	}
	if (rc)
		return rc;
	result_finish(res);
	*out = res;
	return 0;
}
