/* The keywords of JSON Schema 2020-12: Core 8, applicators 10, unevaluated 11, Validation 6
 * to 9. One row each; what stands under them is checked here, once, so that validation may
 * trust it. */
#include "schema/compiler.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "schema/formats.h"
#include "schema/regex.h"
#include "tree/node.h"

static const char dialect[] = "https://json-schema.org/draft/2020-12/schema";

struct row;
typedef void keyword_fn(struct compiler *c, struct keyword *k, const struct row *row);

struct row {
	const char *name;
	keyword_fn *fn;
	size_t at; /* where in struct sub the result goes */
	int step;  /* -1: no part in shapes */
};

static void *
target(struct keyword *k, const struct row *row)
{
	return (char *)k->sub + row->at;
}

/* --- annotations: kind checked, else of no effect ---------------------------- */

static void
any_value(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)c;
	(void)k;
	(void)row;
}

static void
a_string(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	if (k->v->kind != NODE_STR)
		compile_fault(c, k->v, &k->at, _("must be text"));
}

static void
a_bool(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	if (k->v->kind != NODE_BOOL)
		compile_fault(c, k->v, &k->at, _("must be true or false"));
}

static void
a_list(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	if (k->v->kind != NODE_SEQ)
		compile_fault(c, k->v, &k->at, _("must be a list"));
}

static void
a_mapping(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	if (k->v->kind != NODE_MAP)
		compile_fault(c, k->v, &k->at, _("must be a mapping"));
}

static void
unused_schema(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	compile_sub(c, k->v, k->sub->base, &k->at);
}

/* --- core ------------------------------------------------------------------- */

static void
dollar_schema(struct compiler *c, struct keyword *k, const struct row *row)
{
	size_t n = strlen(dialect);

	a_string(c, k, row);
	if (c->mode == SCHEMA_STORE && k->v->kind == NODE_STR &&
	    (strncmp(k->v->text, dialect, n) != 0 ||
	        (k->v->text[n] && strcmp(k->v->text + n, "#") != 0)))
		compile_fault(c, k->v, &k->at, _("must be %s"), dialect);
}

static void
dollar_anchor(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	refs_anchor(c, k);
}

static void
dollar_ref(struct compiler *c, struct keyword *k, const struct row *row)
{
	a_string(c, k, row);
	if (k->v->kind != NODE_STR)
		return;
	vec_grow(&c->pending);
	c->pending.v[c->pending.n++] = (struct pending){k->sub, k->v};
}

static void
dynamic(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	compile_fault(c, k->v, &k->at, _("is not supported; use $ref and $anchor"));
}

/* --- subschemas --------------------------------------------------------------- */

static void
schema(struct compiler *c, struct keyword *k, const struct row *row)
{
	*(struct sub **)target(k, row) = compile_sub(c, k->v, k->sub->base, &k->at);
}

static void
schema_list(struct compiler *c, struct keyword *k, const struct row *row)
{
	struct subs *out = target(k, row);

	if (k->v->kind != NODE_SEQ || k->v->n == 0) {
		compile_fault(c, k->v, &k->at, _("must be a list of schemas, one at least"));
		return;
	}
	out->v = arena_alloc(c->a, k->v->n * sizeof *out->v);
	for (size_t i = 0; i < k->v->n; i++) {
		struct place at = compile_place(&k->at, NULL, i);

		out->v[i] = compile_sub(c, k->v->seq[i], k->sub->base, &at);
	}
	out->n = k->v->n;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct named_sub *)a)->name, ((const struct named_sub *)b)->name);
}

static void
compile_named(struct compiler *c, struct keyword *k, struct named_subs *out)
{
	if (k->v->kind != NODE_MAP) {
		compile_fault(c, k->v, &k->at, _("must be a mapping from names to schemas"));
		return;
	}
	out->v = arena_alloc(c->a, k->v->n * sizeof *out->v);
	out->sorted = arena_alloc(c->a, k->v->n * sizeof *out->v);
	for (size_t i = 0; i < k->v->n; i++) {
		const struct pair *p = &k->v->map[i];
		struct place at = compile_place(&k->at, p->key, 0);

		out->v[i] = (struct named_sub){p->key, compile_sub(c, p->value, k->sub->base, &at)};
	}
	out->n = k->v->n;
	if (out->n) {
		memcpy(out->sorted, out->v, out->n * sizeof *out->v);
		qsort(out->sorted, out->n, sizeof *out->v, by_name);
	}
}

static void
schema_map(struct compiler *c, struct keyword *k, const struct row *row)
{
	compile_named(c, k, target(k, row));
}

static void
dollar_defs(struct compiler *c, struct keyword *k, const struct row *row)
{
	struct named_subs unused = {0};

	(void)row;
	compile_named(c, k, &unused);
}

struct regex *
keywords_regex(struct compiler *c, const struct node *at, const struct place *place,
    const char *pattern, size_t n)
{
	struct schema *s = c->s;
	char why[256] = "";
	struct regex *re = regex_new(pattern, n, why, sizeof why);

	if (!re) {
		compile_fault(c, at, place, _("is not a regular expression: %s"), why);
		return NULL;
	}
	if (s->nregexes == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		s->regexes = xrealloc(s->regexes, s->cap, sizeof(struct regex *));
	}
	s->regexes[s->nregexes++] = re;
	return re;
}

static void
pattern_properties(struct compiler *c, struct keyword *k, const struct row *row)
{
	struct sub *s = k->sub;

	(void)row;
	if (k->v->kind != NODE_MAP) {
		compile_fault(c, k->v, &k->at, _("must be a mapping from patterns to schemas"));
		return;
	}
	s->patterns = arena_alloc(c->a, k->v->n * sizeof *s->patterns);
	for (size_t i = 0; i < k->v->n; i++) {
		const struct pair *p = &k->v->map[i];
		struct node key = {.line = p->line, .column = p->column};
		struct place at = compile_place(&k->at, p->key, 0);
		struct regex *re = keywords_regex(c, &key, &at, p->key, strlen(p->key));
		struct sub *sub = compile_sub(c, p->value, s->base, &at);

		if (re)
			s->patterns[s->npatterns++] = (struct pattern_sub){re, sub};
	}
}

/* --- assertions ------------------------------------------------------------------ */

/* Validation 6.1.1 */
static const struct {
	const char *name;
	unsigned bit;
} types[] = {
	{"null", TYPE_NULL}, {"boolean", TYPE_BOOL}, {"integer", TYPE_INT}, {"number", TYPE_NUM},
	{"string", TYPE_STR}, {"array", TYPE_SEQ}, {"object", TYPE_MAP},
};

static unsigned
type_bit(struct compiler *c, const struct node *n, const struct place *at)
{
	if (n->kind == NODE_STR)
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			if (strcmp(types[i].name, n->text) == 0)
				return types[i].bit;
	/* in YAML an unquoted null is no string; everyone who writes `type: null` means it */
	if (n->kind == NODE_NULL && n->len)
		compile_fault(c, n, at, _("must be written 'null', with quotes"));
	else
		compile_fault(c, n, at,
		    _("must be string, number, integer, boolean, array, object or 'null'"));
	return 0;
}

static void
type(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	if (k->v->kind != NODE_SEQ) {
		k->sub->types = type_bit(c, k->v, &k->at);
		return;
	}
	if (k->v->n == 0)
		compile_fault(c, k->v, &k->at, _("must name at least one type"));
	for (size_t i = 0; i < k->v->n; i++) {
		struct place at = compile_place(&k->at, NULL, i);
		unsigned bit = type_bit(c, k->v->seq[i], &at);

		if (k->sub->types & bit)
			compile_fault(c, k->v->seq[i], &at, _("is in the list twice"));
		k->sub->types |= bit;
	}
}

static void
enumeration(struct compiler *c, struct keyword *k, const struct row *row)
{
	a_list(c, k, row);
	if (k->v->kind == NODE_SEQ)
		k->sub->enumeration = k->v;
}

static void
constant(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)c;
	(void)row;
	k->sub->constant = k->v;
}

static void
number(struct compiler *c, struct keyword *k, const struct row *row)
{
	if (numeric_is(k->v))
		*(const struct node **)target(k, row) = k->v;
	else
		compile_fault(c, k->v, &k->at, _("must be a number"));
}

static void
multiple_of(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	if (numeric_divisor(&k->sub->divisor, k->v))
		k->sub->multiple = k->v;
	else
		compile_fault(c, k->v, &k->at,
		    _("must be a number above 0 with at most 18 digits"));
}

static void
count(struct compiler *c, struct keyword *k, const struct row *row)
{
	if (!numeric_count(target(k, row), k->v))
		compile_fault(c, k->v, &k->at, _("must be a whole number, 0 or more"));
}

static void
unique_items(struct compiler *c, struct keyword *k, const struct row *row)
{
	a_bool(c, k, row);
	k->sub->unique = k->v->kind == NODE_BOOL && k->v->b;
}

static void
pattern(struct compiler *c, struct keyword *k, const struct row *row)
{
	a_string(c, k, row);
	if (k->v->kind != NODE_STR)
		return;
	k->sub->pattern = keywords_regex(c, k->v, &k->at, k->v->text, k->v->len);
	k->sub->pattern_text = k->v->text;
}

static void
format(struct compiler *c, struct keyword *k, const struct row *row)
{
	a_string(c, k, row);
	if (k->v->kind != NODE_STR)
		return;
	/* a misspelt format would assert nothing, unnoticed */
	if (c->mode == SCHEMA_STORE && !formats_known(k->v->text))
		compile_fault(c, k->v, &k->at,
		    _("is not a format of JSON Schema; own ones begin with x-"));
	k->sub->format = formats_find(k->v->text);
	k->sub->format_name = k->v->text;
}

enum { NAMES_COMPARED = 1000 }; /* beyond, a name given twice may pass: it is harmless */

static struct names
name_list(struct compiler *c, const struct node *v, const struct place *at)
{
	struct names out = {0};

	if (v->kind != NODE_SEQ) {
		compile_fault(c, v, at, _("must be a list of field names"));
		return out;
	}
	out.v = arena_alloc(c->a, v->n * sizeof *out.v);
	for (size_t i = 0; i < v->n; i++) {
		struct place item = compile_place(at, NULL, i);

		if (v->seq[i]->kind != NODE_STR) {
			compile_fault(c, v->seq[i], &item, _("must be the name of a field"));
			continue;
		}
		for (size_t j = 0; j < out.n && j < NAMES_COMPARED; j++) {
			if (strcmp(out.v[j], v->seq[i]->text) == 0) {
				compile_fault(c, v->seq[i], &item, _("is in the list twice"));
				break;
			}
		}
		out.v[out.n++] = v->seq[i]->text;
	}
	return out;
}

static void
required(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	k->sub->required = name_list(c, k->v, &k->at);
}

static void
dependent_required(struct compiler *c, struct keyword *k, const struct row *row)
{
	struct sub *s = k->sub;

	a_mapping(c, k, row);
	if (k->v->kind != NODE_MAP)
		return;
	s->dependent = arena_alloc(c->a, k->v->n * sizeof *s->dependent);
	for (size_t i = 0; i < k->v->n; i++) {
		const struct pair *p = &k->v->map[i];
		struct place at = compile_place(&k->at, p->key, 0);

		s->dependent[s->ndependent++] =
		    (struct dependent){p->key, name_list(c, p->value, &at)};
	}
}

static void
x_akt(struct compiler *c, struct keyword *k, const struct row *row)
{
	(void)row;
	akt_compile(c, k);
}

#define AT(field) offsetof(struct sub, field)
static const struct row rows[] = {
	{"$schema", dollar_schema, 0, -1},
	{"$id", a_string, 0, -1}, /* compile_sub has read it: the base of all else here */
	{"$anchor", dollar_anchor, 0, -1},
	{"$defs", dollar_defs, 0, -1},
	{"$ref", dollar_ref, 0, STEP_REF},
	{"$dynamicRef", dynamic, 0, -1},
	{"$dynamicAnchor", dynamic, 0, -1},
	{"$vocabulary", a_mapping, 0, -1},
	{"$comment", a_string, 0, -1},
	{"allOf", schema_list, AT(all), STEP_ALL},
	{"anyOf", schema_list, AT(any), STEP_ANY},
	{"oneOf", schema_list, AT(one), STEP_ONE},
	{"not", schema, AT(neither), -1},
	{"if", schema, AT(when), STEP_IF},
	{"then", schema, AT(then), STEP_THEN},
	{"else", schema, AT(otherwise), STEP_ELSE},
	{"dependentSchemas", schema_map, AT(dependents), STEP_DEPENDENT},
	{"prefixItems", schema_list, AT(prefix), -1},
	{"items", schema, AT(items), -1},
	{"contains", schema, AT(contains), -1},
	{"properties", schema_map, AT(properties), STEP_PROPERTIES},
	{"patternProperties", pattern_properties, 0, -1},
	{"additionalProperties", schema, AT(additional), -1},
	{"propertyNames", schema, AT(property_names), -1},
	{"unevaluatedItems", schema, AT(unevaluated_items), -1},
	{"unevaluatedProperties", schema, AT(unevaluated_properties), -1},
	{"type", type, 0, -1},
	{"enum", enumeration, 0, -1},
	{"const", constant, 0, -1},
	{"multipleOf", multiple_of, 0, -1},
	{"maximum", number, AT(max), -1},
	{"exclusiveMaximum", number, AT(below), -1},
	{"minimum", number, AT(min), -1},
	{"exclusiveMinimum", number, AT(above), -1},
	{"maxLength", count, AT(max_length), -1},
	{"minLength", count, AT(min_length), -1},
	{"pattern", pattern, 0, -1},
	{"maxItems", count, AT(max_items), -1},
	{"minItems", count, AT(min_items), -1},
	{"uniqueItems", unique_items, 0, -1},
	{"maxContains", count, AT(max_contains), -1},
	{"minContains", count, AT(min_contains), -1},
	{"maxProperties", count, AT(max_properties), -1},
	{"minProperties", count, AT(min_properties), -1},
	{"required", required, 0, -1},
	{"dependentRequired", dependent_required, 0, -1},
	{"format", format, 0, -1},
	{"contentEncoding", a_string, 0, -1},
	{"contentMediaType", a_string, 0, -1},
	{"contentSchema", unused_schema, 0, -1},
	{"title", a_string, 0, -1},
	{"description", a_string, 0, -1},
	{"default", any_value, 0, -1},
	{"deprecated", a_bool, 0, -1},
	{"readOnly", a_bool, 0, -1},
	{"writeOnly", a_bool, 0, -1},
	{"examples", a_list, 0, -1},
	{"x-akt", x_akt, 0, -1},
};

bool
keywords_compile(struct compiler *c, struct keyword *k)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].name, k->pair->key) != 0)
			continue;
		if (rows[i].step >= 0)
			k->sub->steps[k->sub->nsteps++] = (unsigned char)rows[i].step;
		rows[i].fn(c, k, &rows[i]);
		return true;
	}
	return false;
}
