/* Keywords that look at one value alone (Validation 6.1 to 6.3 and 7). */
#include "schema/run.h"

#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "schema/formats.h"
#include "schema/regex.h"
#include "tree/node.h"

enum { ENUM_SHOWN = 12 }; /* values listed in a message */

static const struct {
	unsigned bit;
	const char *name, *text, *or_empty;
} kinds[] = {
	{TYPE_STR, "string", N_("must be text"), N_("must be text or empty (null)")},
	{TYPE_INT, "integer", N_("must be a whole number"),
	    N_("must be a whole number or empty (null)")},
	{TYPE_NUM, "number", N_("must be a number"), N_("must be a number or empty (null)")},
	{TYPE_BOOL, "boolean", N_("must be true or false"),
	    N_("must be true, false or empty (null)")},
	{TYPE_SEQ, "array", N_("must be a list"), N_("must be a list or empty (null)")},
	{TYPE_MAP, "object", N_("must be a group of fields"),
	    N_("must be a group of fields or empty (null)")},
	{TYPE_NULL, "null", N_("must be empty (null)"), N_("must be empty (null)")},
};

static unsigned
types_of(const struct node *n)
{
	switch (n->kind) {
	case NODE_NULL:
		return TYPE_NULL;
	case NODE_BOOL:
		return TYPE_BOOL;
	case NODE_STR:
		return TYPE_STR;
	case NODE_SEQ:
		return TYPE_SEQ;
	case NODE_MAP:
		return TYPE_MAP;
	case NODE_INT:
	case NODE_REAL:
		break;
	}
	/* whether 1.0 is an integer takes reading it */
	return numeric_is_integer(n) ? TYPE_INT | TYPE_NUM : TYPE_NUM;
}

static bool
fail_type(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	struct buf names = {0};

	if (!r->out)
		return false;
	if (n->kind == NODE_NULL)
		return run_fail(r, n->line, n->column, at, "%s",
		    _("is empty: fill it in or take the line away"));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (s->types == kinds[i].bit)
			return run_fail(r, n->line, n->column, at, "%s", _(kinds[i].text));
		if (s->types == (kinds[i].bit | TYPE_NULL))
			return run_fail(r, n->line, n->column, at, "%s", _(kinds[i].or_empty));
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (s->types & kinds[i].bit)
			buf_printf(&names, "%s%s", names.n ? ", " : "", kinds[i].name);
	run_fail(r, n->line, n->column, at, _("is of another kind than the schema allows (%s)"),
	    buf_str(&names));
	buf_free(&names);
	return false;
}

static const char *
value_label(const struct sub *s, const char *value)
{
	for (size_t i = 0; i < s->akt.nlabels; i++)
		if (strcmp(s->akt.labels[i].value, value) == 0)
			return run_text(&s->akt.labels[i].label);
	return NULL;
}

/* The allowed values stand in the schema, so they may be named. */
static void
add_value(struct buf *out, const struct sub *s, const struct node *v)
{
	const char *label = v->kind == NODE_STR ? value_label(s, v->text) : NULL;

	if (v->kind == NODE_STR && v->len == 0)
		buf_puts(out, "\"\"");
	else if (v->kind == NODE_STR)
		buf_add(out, v->text, v->len);
	else
		node_json(out, v);
	if (label)
		buf_printf(out, " (%s)", label);
}

static bool
check_enum(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	const struct node *e = s->enumeration;
	struct buf list = {0};

	r->steps += e->n;
	for (size_t i = 0; i < e->n; i++)
		if (node_equal(e->seq[i], n))
			return true;
	if (!r->out)
		return false;
	if (e->n > ENUM_SHOWN)
		return run_fail(r, n->line, n->column, at, _("is not one of the allowed values"));
	for (size_t i = 0; i < e->n; i++) {
		buf_puts(&list, i ? ", " : "");
		add_value(&list, s, e->seq[i]);
	}
	run_fail(r, n->line, n->column, at, _("is not one of the allowed values: %s"),
	    buf_str(&list));
	buf_free(&list);
	return false;
}

static bool
check_const(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	struct buf value = {0};

	if (node_equal(s->constant, n))
		return true;
	if (!r->out)
		return false;
	if (s->constant->kind == NODE_MAP || s->constant->kind == NODE_SEQ)
		return run_fail(r, n->line, n->column, at,
		    _("is not what the schema demands here"));
	add_value(&value, s, s->constant);
	run_fail(r, n->line, n->column, at, _("must be %s"), buf_str(&value));
	buf_free(&value);
	return false;
}

static bool
check_number(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	bool ok = true;

	if (s->min && numeric_cmp(n, s->min) < 0)
		RUN_FAIL(r, ok, n->line, n->column, at, _("must be at least %s"),
		    s->min->text);
	if (s->max && numeric_cmp(n, s->max) > 0)
		RUN_FAIL(r, ok, n->line, n->column, at, _("must be at most %s"),
		    s->max->text);
	if (s->above && numeric_cmp(n, s->above) <= 0)
		RUN_FAIL(r, ok, n->line, n->column, at, _("must be more than %s"),
		    s->above->text);
	if (s->below && numeric_cmp(n, s->below) >= 0)
		RUN_FAIL(r, ok, n->line, n->column, at, _("must be less than %s"),
		    s->below->text);
	if (s->multiple && !numeric_is_multiple(n, &s->divisor))
		RUN_FAIL(r, ok, n->line, n->column, at, _("must be a multiple of %s"),
		    s->multiple->text);
	return ok;
}

static size_t
code_points(const char *s, size_t n)
{
	size_t points = 0;

	for (size_t i = 0; i < n; i++)
		points += ((unsigned char)s[i] & 0xc0) != 0x80;
	return points;
}

bool
run_pattern(struct run *r, const struct regex *re, const char *text, size_t n)
{
	switch (regex_match(re, text, n)) {
	case REGEX_YES:
		return true;
	case REGEX_NO:
		return false;
	case REGEX_LIMIT:
		break;
	}
	return run_give_up(r,
	    N_("could not be checked: a pattern of the schema takes too long; ask who keeps it"));
}

static bool
check_string(struct run *r, const struct sub *s, const struct node *n, const struct frame *at)
{
	bool ok = true;

	if (s->min_length > 0 && code_points(n->text, n->len) < s->min_length)
		RUN_TRY(r, ok, s->min_length == 1
		    ? run_fail(r, n->line, n->column, at, _("must not be empty"))
		    : run_fail(r, n->line, n->column, at,
		          ngettext("is shorter than %zu character",
		              "is shorter than %zu characters", s->min_length), s->min_length));
	if (n->len > s->max_length && code_points(n->text, n->len) > s->max_length)
		RUN_FAIL(r, ok, n->line, n->column, at,
		    ngettext("is longer than %zu character", "is longer than %zu characters",
		        s->max_length), s->max_length);
	if (s->pattern && !run_pattern(r, s->pattern, n->text, n->len))
		RUN_FAIL(r, ok, n->line, n->column, at,
		    _("does not have the form that the schema demands (%s)"), s->pattern_text);
	if (s->format >= 0 && !formats_valid(s->format, n->text, n->len))
		RUN_FAIL(r, ok, n->line, n->column, at, "%s", formats_text(s->format));
	return ok;
}

/* Which values a reader meant for another branch shows at the top (branches.c). */
static void
mismatch(struct run *r, const struct frame *at)
{
	if (at->depth < r->mismatch)
		r->mismatch = at->depth;
}

bool
run_scalar(struct run *r, const struct sub *s, const struct node *n, const struct frame *at,
    bool *wrong_kind)
{
	bool ok = true;

	if (s->types && !(s->types & types_of(n))) {
		mismatch(r, at);
		*wrong_kind = true;
		return fail_type(r, s, n, at);
	}
	if (s->enumeration && !check_enum(r, s, n, at)) {
		mismatch(r, at);
		*wrong_kind = true;
		return false;
	}
	if (s->constant && !check_const(r, s, n, at)) {
		mismatch(r, at);
		*wrong_kind = true;
		return false;
	}
	if (n->kind == NODE_STR)
		RUN_TRY(r, ok, check_string(r, s, n, at));
	else if (numeric_is(n))
		RUN_TRY(r, ok, check_number(r, s, n, at));
	return ok;
}
