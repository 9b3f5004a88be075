/* The shape of a schema: what its subschemas, wherever they stand, say together about the
 * form of a value. A shape is built from a list of subschemas that apply to one and the same
 * value; the same list gives the same shape, which is what ends recursive schemas. */
#include "schema/compiler.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { SHAPES = 20000, SHAPE_DEPTH = 200, CLOSURE = 4000, FIELDS = 4000 };

enum {
	COND = 1,   /* applies under a condition: requires nothing */
	TEST = 2,   /* under `if`: tells fields, says nothing of their kind */
	CHOICE = 4, /* under anyOf or oneOf: its const is one of the allowed values */
};

struct entry {
	struct sub *sub;
	const char *name; /* of a field; NULL in a closure */
	unsigned flags;
};

struct entries {
	size_t n, cap;
	struct entry *v;
};

struct built {
	struct shape *shape;
	struct entry *roots;
	size_t n;
	bool required;
	const char *list_key;
};

struct gather {
	struct compiler *c;
	struct { size_t n, cap; struct built *v; } built;
	unsigned depth;
	bool too_large;
};

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* False when there already with no more to say. */
static bool
add_entry(struct entries *to, struct sub *sub, const char *name, unsigned flags)
{
	for (size_t i = 0; i < to->n; i++) {
		struct entry *e = &to->v[i];

		if (e->sub == sub && same_text(name, e->name)) {
			if ((e->flags & flags) == e->flags)
				return false;
			e->flags &= flags;
			return true;
		}
	}
	vec_grow(to);
	to->v[to->n++] = (struct entry){sub, name, flags};
	return true;
}

static void
walk_all(struct gather *g, const struct subs *list, unsigned flags, struct entries *closure,
    struct entries *fields);

/* Everything that applies in place from `s` on, and the fields it mentions, in the order of
 * the schema's text. Depth is bounded by refs_check_progress. */
static void
walk(struct gather *g, struct sub *s, unsigned flags, struct entries *closure,
    struct entries *fields)
{
	if (!s || s->always || s->never)
		return;
	if (closure->n > CLOSURE || fields->n > FIELDS) {
		g->too_large = true;
		return;
	}
	if (!add_entry(closure, s, NULL, flags))
		return;
	for (unsigned i = 0; i < s->nsteps; i++) {
		switch ((enum step)s->steps[i]) {
		case STEP_PROPERTIES:
			for (size_t j = 0; j < s->properties.n; j++)
				add_entry(fields, s->properties.v[j].sub, s->properties.v[j].name,
				    flags);
			break;
		case STEP_REF:
			walk(g, s->ref, flags, closure, fields);
			break;
		case STEP_ALL:
			walk_all(g, &s->all, flags, closure, fields);
			break;
		case STEP_ANY:
			walk_all(g, &s->any, flags | COND | CHOICE, closure, fields);
			break;
		case STEP_ONE:
			walk_all(g, &s->one, flags | COND | CHOICE, closure, fields);
			break;
		case STEP_IF:
			walk(g, s->when, flags | COND | TEST, closure, fields);
			break;
		case STEP_THEN:
			walk(g, s->then, flags | COND, closure, fields);
			break;
		case STEP_ELSE:
			walk(g, s->otherwise, flags | COND, closure, fields);
			break;
		case STEP_DEPENDENT:
			for (size_t j = 0; j < s->dependents.n; j++)
				walk(g, s->dependents.v[j].sub, flags | COND, closure, fields);
			break;
		case STEP_COUNT:
			break;
		}
	}
}

static void
walk_all(struct gather *g, const struct subs *list, unsigned flags, struct entries *closure,
    struct entries *fields)
{
	for (size_t i = 0; i < list->n; i++)
		walk(g, list->v[i], flags, closure, fields);
}

static unsigned
value_type(const struct node *n)
{
	switch (n->kind) {
	case NODE_STR:
		return TYPE_STR;
	case NODE_SEQ:
		return TYPE_SEQ;
	case NODE_MAP:
		return TYPE_MAP;
	case NODE_NULL:
		return TYPE_NULL;
	case NODE_BOOL:
		return TYPE_BOOL;
	case NODE_INT:
	case NODE_REAL:
		break;
	}
	return TYPE_NUM;
}

/* Types that one subschema allows, by type, enum or const; 0 when it says nothing. */
static unsigned
allowed_types(const struct sub *s)
{
	unsigned by_value = 0;

	if (s->constant)
		by_value = value_type(s->constant);
	for (size_t i = 0; s->enumeration && i < s->enumeration->n; i++)
		by_value |= value_type(s->enumeration->seq[i]);
	if (s->types && by_value)
		return s->types & by_value ? s->types & by_value : s->types;
	return s->types | by_value;
}

static void
add_enum(struct gather *g, struct shape *sh, const struct node *v, size_t cap)
{
	if (v->kind == NODE_SEQ || v->kind == NODE_MAP || sh->nenum == cap)
		return;
	for (size_t i = 0; i < sh->nenum; i++)
		if (strcmp(sh->enums[i].value, v->text) == 0)
			return;
	sh->enums[sh->nenum++] = (struct shape_enum){.value = arena_strdup(g->c->a, v->text)};
}

static void
gather_enums(struct gather *g, struct shape *sh, const struct entries *closure)
{
	size_t cap = 0;

	for (size_t i = 0; i < closure->n; i++)
		cap += closure->v[i].sub->enumeration ? closure->v[i].sub->enumeration->n : 1;
	sh->enums = arena_alloc(g->c->a, cap * sizeof *sh->enums);
	for (size_t i = 0; i < closure->n; i++) {
		const struct entry *e = &closure->v[i];

		if (e->flags & TEST)
			continue;
		for (size_t j = 0; e->sub->enumeration && j < e->sub->enumeration->n; j++)
			add_enum(g, sh, e->sub->enumeration->seq[j], cap);
		if (e->sub->constant && (e->flags & CHOICE))
			add_enum(g, sh, e->sub->constant, cap);
	}
	for (size_t i = 0; i < closure->n; i++) {
		const struct sub_akt *akt = &closure->v[i].sub->akt;

		for (size_t j = 0; j < akt->nlabels; j++)
			for (size_t k = 0; k < sh->nenum; k++)
				if (strcmp(sh->enums[k].value, akt->labels[j].value) == 0 &&
				    !sh->enums[k].label.sv && !sh->enums[k].label.en)
					sh->enums[k].label = akt->labels[j].label;
	}
}

/* Kind, labels, format, reference, list kind: the first that speaks is heard. */
static void
gather_words(struct gather *g, struct shape *sh, const struct entries *closure)
{
	const struct sub *list_from = NULL;
	unsigned seen = 0;
	bool all_string = true, all_text = true, properties = false, items = false;

	for (size_t i = 0; i < closure->n; i++) {
		const struct sub *s = closure->v[i].sub;
		const struct sub_akt *akt = &s->akt;
		unsigned types = allowed_types(s);

		if (closure->v[i].flags & TEST)
			continue;
		seen |= types;
		if (types && types != TYPE_STR)
			all_string = false;
		if (types & ~(unsigned)(TYPE_STR | TYPE_NULL))
			all_text = false;
		properties = properties || s->properties.n || s->additional || s->npatterns;
		items = items || s->items || s->prefix.n;
		if (!sh->label.sv && !sh->label.en)
			sh->label = akt->label;
		if (!sh->help.sv && !sh->help.en)
			sh->help = akt->help;
		if (!sh->format)
			sh->format = s->format_name;
		if (!sh->ref)
			sh->ref = akt->ref;
		if (!akt->has_list)
			continue;
		if (list_from &&
		    (sh->list != akt->list || !same_text(sh->list_key, akt->list_key)))
			compile_fault_sub(g->c, s, NULL, "x-akt",
			    _("says otherwise than %s how the list merges"),
			    *list_from->path ? list_from->path : "x-akt");
		if (!list_from) {
			list_from = s;
			sh->list = akt->list;
			sh->list_key = akt->list_key;
		}
	}
	sh->is_string = seen && all_string;
	sh->is_text = (seen & TYPE_STR) && all_text;
	sh->is_map = seen ? (seen & TYPE_MAP) != 0 : properties;
	sh->is_seq = seen ? (seen & TYPE_SEQ) != 0 : items;
	if (list_from && !sh->is_seq)
		compile_fault_sub(g->c, list_from, NULL, "x-akt",
		    _("key, set, append and value are for lists only"));
}

static struct shape *
build(struct gather *g, const struct entry *roots, size_t n, bool required,
    const char *list_key);

static bool
is_required(const struct entries *closure, const char *name)
{
	for (size_t i = 0; i < closure->n; i++) {
		const struct names *names = &closure->v[i].sub->required;

		for (size_t j = 0; !(closure->v[i].flags & COND) && j < names->n; j++)
			if (strcmp(names->v[j], name) == 0)
				return true;
	}
	return false;
}

/* Entries of `fields` with one name become one field. */
static void
gather_fields(struct gather *g, struct shape *sh, const struct entries *closure,
    const struct entries *fields, const char *list_key)
{
	struct entry *same = xmalloc((fields->n + 1) * sizeof *same);

	/* one more than there are: room for a key that the schema does not describe */
	sh->fields = arena_alloc(g->c->a, (fields->n + 1) * sizeof(struct shape *));
	for (size_t i = 0; i < fields->n; i++) {
		const char *name = fields->v[i].name;
		size_t n = 0;

		if (shape_field(sh, name))
			continue;
		for (size_t j = i; j < fields->n; j++)
			if (strcmp(fields->v[j].name, name) == 0)
				same[n++] = fields->v[j];
		sh->fields[sh->nfields++] = build(g, same, n, is_required(closure, name), NULL);
	}
	if (list_key && sh->is_map && !shape_field(sh, list_key)) {
		struct shape *key = arena_alloc(g->c->a, sizeof *key);

		*key = (struct shape){.name = list_key, .is_string = true, .is_text = true};
		memmove(sh->fields + 1, sh->fields, sh->nfields * sizeof *sh->fields);
		sh->fields[0] = key;
		sh->nfields++;
	}
	free(same);
}

static bool
says_something(const struct sub *s)
{
	return s && !s->always && !s->never;
}

static void
gather_below(struct gather *g, struct shape *sh, const struct entries *closure)
{
	struct entries items = {0}, rest = {0};

	for (size_t i = 0; i < closure->n; i++) {
		struct sub *s = closure->v[i].sub;
		unsigned flags = closure->v[i].flags;

		for (size_t j = 0; j < s->prefix.n; j++)
			add_entry(&items, s->prefix.v[j], "", flags);
		if (says_something(s->items))
			add_entry(&items, s->items, "", flags);
		if (says_something(s->unevaluated_items))
			add_entry(&items, s->unevaluated_items, "", flags);
		for (size_t j = 0; j < s->npatterns; j++)
			if (says_something(s->patterns[j].sub))
				add_entry(&rest, s->patterns[j].sub, "", flags);
		if (says_something(s->additional))
			add_entry(&rest, s->additional, "", flags);
		if (says_something(s->unevaluated_properties))
			add_entry(&rest, s->unevaluated_properties, "", flags);
	}
	if (sh->is_seq && items.n)
		sh->item = build(g, items.v, items.n, false, sh->list_key);
	if (sh->is_map && rest.n)
		sh->rest = build(g, rest.v, rest.n, false, NULL);
	free(items.v);
	free(rest.v);
}

/* DESIGN 3: every list of mappings says how it merges; what it says must fit its items. */
static void
check_list(struct gather *g, const struct shape *sh, const struct entries *closure)
{
	struct sub *from = NULL;
	const struct shape *key;
	bool says = false;

	for (size_t i = 0; i < closure->n; i++) {
		struct sub *s = closure->v[i].sub;

		if (!from && !(closure->v[i].flags & TEST) && ((s->types & TYPE_SEQ) || s->items))
			from = s;
		says = says || s->akt.has_list;
	}
	if (!from || from->list_faulted || g->c->mode != SCHEMA_STORE)
		return;
	from->list_faulted = true;
	if (!says && sh->item && sh->item->is_map)
		compile_fault_sub(g->c, from, NULL, NULL,
		    _("is a list of mappings: every list of mappings says which of x-akt's key, "
		      "set, append or value it is"));
	else if (sh->list == LIST_KEY && !(sh->item && sh->item->is_map))
		compile_fault_sub(g->c, from, NULL, "x-akt.key",
		    _("is for lists of mappings; these items are none"));
	else if (sh->list == LIST_SET && sh->item && (sh->item->is_map || sh->item->is_seq))
		compile_fault_sub(g->c, from, NULL, "x-akt.set", _("is for lists of plain values"));
	else if (sh->list == LIST_KEY && (key = shape_field(sh->item, sh->list_key)) &&
	    !key->is_string)
		compile_fault_sub(g->c, from, NULL, "x-akt.key",
		    _("must name a field of type string"));
	else
		from->list_faulted = false;
}

static struct shape *
find_built(const struct gather *g, const struct entry *roots, size_t n, bool required,
    const char *list_key)
{
	for (size_t i = 0; i < g->built.n; i++) {
		const struct built *b = &g->built.v[i];
		bool same = b->n == n && b->required == required &&
		    same_text(b->list_key, list_key);

		for (size_t j = 0; same && j < n; j++)
			same = b->roots[j].sub == roots[j].sub &&
			    b->roots[j].flags == roots[j].flags;
		if (same)
			return b->shape;
	}
	return NULL;
}

static struct shape *
build(struct gather *g, const struct entry *roots, size_t n, bool required, const char *list_key)
{
	struct shape *sh = find_built(g, roots, n, required, list_key);
	struct entries closure = {0}, fields = {0};
	struct entry *own;

	if (sh)
		return sh;
	sh = arena_alloc(g->c->a, sizeof *sh);
	*sh = (struct shape){.name = n && roots[0].name ? roots[0].name : "", .required = required};
	if (g->built.n >= SHAPES || g->depth >= SHAPE_DEPTH)
		g->too_large = true;
	if (g->too_large)
		return sh;
	own = arena_alloc(g->c->a, n * sizeof *own);
	if (n)
		memcpy(own, roots, n * sizeof *own);
	/* entered before it is complete: a recursive schema finds itself here */
	vec_grow(&g->built);
	g->built.v[g->built.n++] = (struct built){sh, own, n, required, list_key};
	g->depth++;
	for (size_t i = 0; i < n; i++)
		walk(g, roots[i].sub, roots[i].flags, &closure, &fields);
	gather_words(g, sh, &closure);
	gather_enums(g, sh, &closure);
	gather_fields(g, sh, &closure, &fields, list_key);
	gather_below(g, sh, &closure);
	check_list(g, sh, &closure);
	g->depth--;
	free(closure.v);
	free(fields.v);
	return sh;
}

void
gather_shape(struct compiler *c)
{
	struct gather g = {.c = c};
	struct entry root = {.sub = c->s->root};

	c->s->shape = build(&g, &root, 1, false, NULL);
	if (g.too_large)
		compile_fault_sub(c, c->s->root, NULL, NULL,
		    _("is too large, or refers to itself in too many ways, to be laid out as "
		      "fields"));
	free(g.built.v);
}
