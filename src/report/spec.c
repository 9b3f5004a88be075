/* A report's head: title, parameters, how it freezes, what its package holds. */
#include "report/spec.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "report/spec_reader.h"
#include "tree/node.h"

enum { MAX_PARAMS = 16, MAX_SECTIONS = 24, MAX_CHOICES = 64, MAX_REPORTS = 32, MAX_FIELDS = 200 };

/* --- parameters ------------------------------------------------------------------------ */

static void
param_name(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_param *p = out;

	p->name = spec_name(r, v, path);
	/* bound by the program */
	if (p->name && (strcmp(p->name, "today") == 0 || strcmp(p->name, "lang") == 0 ||
	                   strcmp(p->name, "record") == 0 || strcmp(p->name, "readable") == 0 ||
	                   strcmp(p->name, "dossiers") == 0 || strcmp(p->name, "outside") == 0))
		spec_fault(r, v, path, _("is a name that the program gives"));
}

static void
param_label(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec_param *)out)->label);
}

static void
param_type(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	static const char *const words[] = {"text", "int", "date", "choice", NULL};
	int i = spec_word(r, v, path, words);

	((struct spec_param *)out)->kind = i < 0 ? PARAM_TEXT : i;
}

static void
param_default(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_param *p = out;

	if (v->kind == NODE_MAP && v->n == 1 && strcmp(v->map[0].key, "sql") == 0)
		p->sql = spec_query(r, v->map[0].value, spec_under(r, path, "sql"));
	else if (v->kind == NODE_STR || v->kind == NODE_INT)
		p->value = v->text;
	else
		spec_fault(r, v, path, _("must be text, a number or {sql: QUERY}"));
}

static void
param_choices(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_param *p = out;

	if (v->kind != NODE_MAP || !v->n || v->n > MAX_CHOICES) {
		spec_fault(r, v, path, _("must be a mapping of values to labels"));
		return;
	}
	p->nchoices = v->n;
	p->choices = arena_alloc(r->a, v->n * sizeof *p->choices);
	for (size_t i = 0; i < v->n; i++) {
		p->choices[i].value = v->map[i].key;
		spec_label(r, v->map[i].value, spec_under(r, path, v->map[i].key), &p->choices[i].label);
	}
}

static void
param_outside(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	static const char *const words[] = {"any", "month", "quarter", "year", NULL};
	int i = spec_word(r, v, path, words);

	((struct spec_param *)out)->grid = i < 0 ? GRID_DEFAULT : GRID_ANY + i;
}

static const struct spec_key param_keys[] = {
	{"name", true, param_name}, {"label", true, param_label}, {"type", true, param_type},
	{"default", true, param_default}, {"choices", false, param_choices}, {"outside", false, param_outside},
	{0},
};

static void
params(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec *s = out;

	if (!spec_list(r, v, path, MAX_PARAMS))
		return;
	s->nparams = v->n;
	s->params = arena_alloc(r->a, v->n * sizeof *s->params);
	for (size_t i = 0; i < v->n; i++) {
		const char *at = spec_item(r, path, i);
		struct spec_param *p = &s->params[i];

		spec_map(r, v->seq[i], at, param_keys, p);
		if (p->grid > GRID_ANY && p->kind != PARAM_DATE)
			spec_fault(r, v->seq[i], spec_under(r, at, "outside"), _("belongs to the type date"));
		if ((p->kind == PARAM_CHOICE) != (p->nchoices > 0))
			spec_fault(r, v->seq[i], spec_under(r, at, "choices"), _("belongs to the type choice"));
		for (size_t k = 0; p->name && k < i; k++)
			if (s->params[k].name && strcmp(s->params[k].name, p->name) == 0)
				spec_fault(r, v->seq[i], spec_under(r, at, "name"), _("is there twice"));
	}
}

/* --- freezing ---------------------------------------------------------------------------- */

static void
freeze_type(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_freeze *)out)->type = spec_name(r, v, path);
}

static void
freeze_find(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_freeze *)out)->find = spec_query(r, v, path);
}

static void
freeze_data(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_freeze *)out)->data = spec_query(r, v, path);
}

static void
freeze_head(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_freeze *)out)->head = spec_query(r, v, path);
}

static const struct spec_key freeze_keys[] = {
	{"type", true, freeze_type}, {"find", true, freeze_find}, {"data", true, freeze_data},
	{"head", true, freeze_head}, {0},
};

static void
freeze(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_map(r, v, path, freeze_keys, &((struct spec *)out)->freeze);
}

/* --- package ------------------------------------------------------------------------------- */

static size_t
words(struct spec_reader *r, const struct node *v, const char *path, size_t max, const char ***out)
{
	if (!spec_list(r, v, path, max))
		return 0;
	*out = arena_alloc(r->a, v->n * sizeof **out);
	for (size_t i = 0; i < v->n; i++)
		(*out)[i] = spec_string(r, v->seq[i], spec_item(r, path, i));
	return v->n;
}

static void
package_reports(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_package *p = out;

	p->nreports = words(r, v, path, MAX_REPORTS, &p->reports);
}

static void
package_records(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	((struct spec_package *)out)->records = spec_query(r, v, path);
}

static void
package_mask(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_package *p = out;

	if (v->kind != NODE_MAP || v->n > MAX_FIELDS) {
		spec_fault(r, v, path, _("must be a mapping of types to lists of fields"));
		return;
	}
	p->nmasks = v->n;
	p->masks = arena_alloc(r->a, (v->n + 1) * sizeof *p->masks);
	for (size_t i = 0; i < v->n; i++) {
		p->masks[i].type = v->map[i].key;
		if (v->map[i].value->kind != NODE_SEQ || v->map[i].value->n)
			p->masks[i].n = words(r, v->map[i].value, spec_under(r, path, v->map[i].key), MAX_FIELDS,
			    &p->masks[i].fields);
	}
}

static void
package_texts(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec_package *p = out;

	p->ntexts = words(r, v, path, MAX_FIELDS, &p->texts);
}

static const struct spec_key package_keys[] = {
	{"reports", true, package_reports}, {"records", true, package_records},
	{"texts", false, package_texts}, {"mask", false, package_mask}, {0},
};

static void
package(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec *s = out;

	s->package.is = true;
	spec_map(r, v, path, package_keys, &s->package);
}

/* --- the whole ----------------------------------------------------------------------------- */

static void
title(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec *)out)->title);
}

static void
help(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	spec_label(r, v, path, &((struct spec *)out)->help);
}

static void
inputs(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec *s = out;

	if (!spec_list(r, v, path, MAX_PARAMS))
		return;
	s->ninputs = v->n;
	s->inputs = arena_alloc(r->a, v->n * sizeof *s->inputs);
	for (size_t i = 0; i < v->n; i++)
		s->inputs[i] = spec_name(r, v->seq[i], spec_item(r, path, i));
}

static void
settings(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec *s = out;

	if (v->kind != NODE_MAP || !v->n || v->n > MAX_PARAMS) {
		spec_fault(r, v, path, _("must be a mapping of names to whole numbers"));
		return;
	}
	s->nsettings = v->n;
	s->settings = arena_alloc(r->a, v->n * sizeof *s->settings);
	for (size_t i = 0; i < v->n; i++) {
		const struct node *n = v->map[i].value;

		if (n->kind != NODE_INT)
			spec_fault(r, n, spec_under(r, path, v->map[i].key), _("must be a whole number"));
		s->settings[i] = (struct spec_setting){.name = v->map[i].key, .text = n->text, .i = n->i};
	}
}

static void
readers(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec *s = out;

	s->nreaders = words(r, v, path, MAX_PARAMS, &s->readers);
}

static void
sections(struct spec_reader *r, const struct node *v, const char *path, void *out)
{
	struct spec *s = out;

	if (!spec_list(r, v, path, MAX_SECTIONS))
		return;
	s->nsections = v->n;
	s->sections = arena_alloc(r->a, v->n * sizeof *s->sections);
	for (size_t i = 0; i < v->n; i++) {
		const char *at = spec_item(r, path, i);

		spec_section(r, v->seq[i], at, &s->sections[i]);
		for (size_t k = 0; s->sections[i].id && k < i; k++)
			if (s->sections[k].id && strcmp(s->sections[k].id, s->sections[i].id) == 0)
				spec_fault(r, v->seq[i], spec_under(r, at, "id"), _("is there twice"));
	}
}

static const struct spec_key keys[] = {
	{"title", true, title}, {"help", false, help}, {"inputs", false, inputs}, {"readers", false, readers},
	{"settings", false, settings},
	{"params", false, params}, {"sections", false, sections}, {"freeze", false, freeze},
	{"package", false, package}, {0},
};

int
spec_read(struct spec **out, struct arena *a, const struct node *doc, const char *name,
    const char *file, const char *text, struct err *e)
{
	struct spec_reader r = {.a = a, .file = file, .text = text, .e = e};
	struct spec *s = arena_alloc(a, sizeof *s);

	s->name = arena_strdup(a, name);
	spec_map(&r, doc, "", keys, s);
	if (!r.bad && !s->nsections && !s->package.is)
		spec_fault(&r, doc, "sections", _("is required"));
	for (size_t i = 0; i < s->nsections; i++)
		if (!r.bad && s->sections[i].frozen && !s->freeze.type)
			spec_fault(&r, doc, spec_under(&r, spec_item(&r, "sections", i), "frozen"),
			    _("belongs to a report with freeze"));
	if (r.bad)
		return ERR_INVALID;
	*out = s;
	return 0;
}
