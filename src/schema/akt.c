/* x-akt (DESIGN 3): read strictly, for a misspelt annotation would change who may read or
 * how people's work is merged without anyone noticing. */
#include "schema/compiler.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "tree/node.h"

/* What one x-akt is read into. `top` is the record type's; a scratch one in documents that
 * are only referred to, whose own type is not the matter here. */
struct reading {
	struct compiler *c;
	struct sub *sub;
	struct schema_akt *top;
	bool is_top;
};

typedef void akt_fn(struct reading *r, const struct node *v, const struct place *at);

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";

/* [a-z][a-z0-9_-]{0,31}, as handles and teams are named. */
static bool
is_word(const char *s)
{
	return strspn(s, lower) > 0 &&
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0' && strlen(s) <= 32;
}

static bool
is_team(const char *s)
{
	return is_word(s[0] == '~' ? s + 1 : s);
}

static const char *
need_text(struct reading *r, const struct node *v, const struct place *at)
{
	if (v->kind == NODE_STR && v->len)
		return v->text;
	compile_fault(r->c, v, at, _("must be text"));
	return NULL;
}

/* The fault is at the key, not at its value. */
static void
unknown(struct reading *r, const struct pair *p, const struct place *at)
{
	struct node key = {.line = p->line, .column = p->column};
	struct place place = compile_place(at, p->key, 0);

	compile_fault(r->c, &key, &place, _("is not known here"));
}

static bool
need_map(struct reading *r, const struct node *v, const struct place *at)
{
	if (v->kind == NODE_MAP)
		return true;
	compile_fault(r->c, v, at, _("must be a mapping"));
	return false;
}

static bool
need_list(struct reading *r, const struct node *v, const struct place *at)
{
	if (v->kind == NODE_SEQ)
		return true;
	compile_fault(r->c, v, at, _("must be a list"));
	return false;
}

static struct text_label
read_label(struct reading *r, const struct node *v, const struct place *at)
{
	struct text_label l = {0};

	if (v->kind != NODE_MAP || v->n == 0) {
		compile_fault(r->c, v, at, _("must be a mapping with sv, en or both"));
		return l;
	}
	for (size_t i = 0; i < v->n; i++) {
		struct place key = compile_place(at, v->map[i].key, 0);

		if (strcmp(v->map[i].key, "sv") == 0)
			l.sv = need_text(r, v->map[i].value, &key);
		else if (strcmp(v->map[i].key, "en") == 0)
			l.en = need_text(r, v->map[i].value, &key);
		else
			unknown(r, &v->map[i], at);
	}
	return l;
}

/* --- of any subschema ------------------------------------------------------------- */

static void
label(struct reading *r, const struct node *v, const struct place *at)
{
	r->sub->akt.label = read_label(r, v, at);
	if (r->is_top)
		r->top->label = r->sub->akt.label;
}

static void
help(struct reading *r, const struct node *v, const struct place *at)
{
	r->sub->akt.help = read_label(r, v, at);
}

static void
message(struct reading *r, const struct node *v, const struct place *at)
{
	r->sub->akt.message = read_label(r, v, at);
}

static void
ref(struct reading *r, const struct node *v, const struct place *at)
{
	const char *type = need_text(r, v, at);

	if (type && strcmp(type, "*") != 0 && (!is_word(type) || strchr(type, '-')))
		compile_fault(r->c, v, at, _("must be a record type, or \"*\" for any"));
	r->sub->akt.ref = type;
}

static void
labels(struct reading *r, const struct node *v, const struct place *at)
{
	struct sub_akt *akt = &r->sub->akt;

	if (!need_map(r, v, at))
		return;
	akt->labels = arena_alloc(r->c->a, v->n * sizeof *akt->labels);
	for (size_t i = 0; i < v->n; i++) {
		struct place key = compile_place(at, v->map[i].key, 0);

		akt->labels[akt->nlabels++] = (struct shape_enum){
			.value = v->map[i].key,
			.label = read_label(r, v->map[i].value, &key),
		};
	}
}

static void
set_list(struct reading *r, const struct node *v, const struct place *at, enum list_kind kind)
{
	if (r->sub->akt.has_list) {
		compile_fault(r->c, v, at, _("only one of key, set, append and value can hold"));
		return;
	}
	r->sub->akt.has_list = true;
	r->sub->akt.list = kind;
}

static void
list_key(struct reading *r, const struct node *v, const struct place *at)
{
	const char *name = need_text(r, v, at);

	if (name && strchr(name, '.'))
		compile_fault(r->c, v, at, _("must be the name of a field"));
	set_list(r, v, at, LIST_KEY);
	r->sub->akt.list_key = name;
}

static void
set_flag(struct reading *r, const struct node *v, const struct place *at, enum list_kind kind)
{
	if (v->kind != NODE_BOOL || !v->b)
		compile_fault(r->c, v, at, _("must be true, or be left out"));
	set_list(r, v, at, kind);
}

static void
list_set(struct reading *r, const struct node *v, const struct place *at)
{
	set_flag(r, v, at, LIST_SET);
}

static void
list_append(struct reading *r, const struct node *v, const struct place *at)
{
	set_flag(r, v, at, LIST_APPEND);
}

static void
list_value(struct reading *r, const struct node *v, const struct place *at)
{
	set_flag(r, v, at, LIST_VALUE);
}

/* --- of a record type ---------------------------------------------------------------- */

static void
version(struct reading *r, const struct node *v, const struct place *at)
{
	size_t n = 0;

	if (!numeric_count(&n, v) || n < 1 || n > INT_MAX)
		compile_fault(r->c, v, at, _("must be a whole number, 1 or more"));
	else
		r->top->version = (int)n;
}

static void
retention(struct reading *r, const struct node *v, const struct place *at)
{
	r->top->retention = need_text(r, v, at);
}

static void
member(struct reading *r, const struct node *v, const struct place *at)
{
	r->top->member = need_text(r, v, at);
}

/* A table's name stands in SQL that people write: no quoting, no dash, nothing of the index's own. */
static void
table(struct reading *r, const struct node *v, const struct place *at)
{
	const char *name = need_text(r, v, at);

	if (name && (!is_word(name) || strchr(name, '-') || strstr(name, "__")))
		compile_fault(r->c, v, at, _("must be a name of a-z, 0-9 and _"));
	r->top->table = name;
}

static const char **
text_list(struct reading *r, size_t *n, const struct node *v, const struct place *at)
{
	const char **out;

	*n = 0;
	if (!need_list(r, v, at))
		return NULL;
	out = arena_alloc(r->c->a, v->n * sizeof *out);
	for (size_t i = 0; i < v->n; i++) {
		struct place item = compile_place(at, NULL, i);
		const char *text = need_text(r, v->seq[i], &item);

		if (text)
			out[(*n)++] = text;
	}
	return out;
}

static void
title(struct reading *r, const struct node *v, const struct place *at)
{
	r->top->title = text_list(r, &r->top->ntitle, v, at);
}

static void
write_roles(struct reading *r, const struct node *v, const struct place *at)
{
	static const char *const roles[] = {"admin", "supervisor", "staff", "auditor"};

	r->top->write = text_list(r, &r->top->nwrite, v, at);
	for (size_t i = 0; v->kind == NODE_SEQ && i < v->n; i++) {
		struct place item = compile_place(at, NULL, i);
		const struct node *one = v->seq[i];
		bool ok = one->kind != NODE_STR;

		for (size_t j = 0; !ok && j < sizeof roles / sizeof *roles; j++)
			ok = strcmp(one->text, roles[j]) == 0;
		if (!ok && !(strncmp(one->text, "team:", 5) == 0 && is_team(one->text + 5)))
			compile_fault(r->c, one, &item,
			    _("must be admin, supervisor, staff, auditor or team:NAME"));
	}
}

static void
read_dossier(struct reading *r, const struct node *v, const struct place *at,
    struct schema_dossier *out)
{
	*out = (struct schema_dossier){.kind = DOSSIER_OWN};
	if (v->kind == NODE_STR && strcmp(v->text, "own") == 0)
		return;
	if (v->kind == NODE_STR && strcmp(v->text, "unit") == 0) {
		out->kind = DOSSIER_UNIT;
		return;
	}
	if (v->kind != NODE_MAP || !node_get(v, "of")) {
		compile_fault(r->c, v, at,
		    _("must be own, unit, {of: FIELD} or {of: FIELD, part: NAME}"));
		return;
	}
	out->kind = DOSSIER_OF;
	for (size_t i = 0; i < v->n; i++) {
		const struct pair *p = &v->map[i];
		struct place key = compile_place(at, p->key, 0);

		if (strcmp(p->key, "of") == 0) {
			out->field = need_text(r, p->value, &key);
		} else if (strcmp(p->key, "part") == 0) {
			out->part = need_text(r, p->value, &key);
			if (out->part && !is_word(out->part))
				compile_fault(r->c, p->value, &key,
				    _("must be a name of a-z, 0-9, _ and -"));
		} else {
			unknown(r, p, at);
		}
	}
}

static void
dossier(struct reading *r, const struct node *v, const struct place *at)
{
	struct schema_akt *top = r->top;

	top->ndossier = v->kind == NODE_SEQ ? v->n : 1;
	top->dossier = arena_alloc(r->c->a, top->ndossier * sizeof *top->dossier);
	if (v->kind != NODE_SEQ) {
		read_dossier(r, v, at, &top->dossier[0]);
		return;
	}
	if (v->n == 0)
		compile_fault(r->c, v, at, _("must name at least one dossier"));
	for (size_t i = 0; i < v->n; i++) {
		struct place item = compile_place(at, NULL, i);

		read_dossier(r, v->seq[i], &item, &top->dossier[i]);
		if (v->seq[i]->kind == NODE_STR && i + 1 < v->n)
			compile_fault(r->c, v->seq[i], &item,
			    _("must be the last: it always holds"));
	}
}

/* One field, or a list of fields of which any may be true. */
static const char **
condition(struct reading *r, size_t *n, const struct node *v, const struct place *at)
{
	const char **one;

	if (v->kind == NODE_SEQ) {
		if (v->n == 0)
			compile_fault(r->c, v, at, _("must name at least one field"));
		return text_list(r, n, v, at);
	}
	one = arena_alloc(r->c->a, sizeof *one);
	*one = need_text(r, v, at);
	*n = *one != NULL;
	return one;
}

static void
read_access(struct reading *r, const struct node *v, const struct place *at, void *item)
{
	struct schema_access *out = item;
	size_t who = 0;

	if (!need_map(r, v, at))
		return;
	for (size_t i = 0; i < v->n; i++) {
		const struct pair *p = &v->map[i];
		struct place key = compile_place(at, p->key, 0);
		const char **to = strcmp(p->key, "team") == 0 ? &out->team
		    : strcmp(p->key, "field") == 0        ? &out->field
		    : strcmp(p->key, "readers") == 0      ? &out->readers
		                                          : NULL;

		who += to != NULL;
		if (to)
			*to = need_text(r, p->value, &key);
		else if (strcmp(p->key, "if") == 0)
			out->when = condition(r, &out->nwhen, p->value, &key);
		else if (strcmp(p->key, "unless") == 0)
			out->unless = condition(r, &out->nunless, p->value, &key);
		else if (strcmp(p->key, "only") != 0)
			unknown(r, p, at);
		else if (p->value->kind != NODE_BOOL || !p->value->b)
			compile_fault(r->c, p->value, &key, _("must be true, or be left out"));
		else
			out->only = true;
		if (to == &out->team && *to && !is_team(*to))
			compile_fault(r->c, p->value, &key, _("must be a team's name"));
	}
	if (who != 1)
		compile_fault(r->c, v, at, _("must have one of team, field and readers"));
	if (out->only && !out->nwhen)
		compile_fault(r->c, node_get(v, "only"), at,
		    _("needs an if: it says when nobody else may read"));
}

/* A list whose items are read one by one, into an array of `size` bytes an item. */
static void *
each_item(struct reading *r, size_t *n, size_t size, const struct node *v, const struct place *at,
    void (*read)(struct reading *, const struct node *, const struct place *, void *out))
{
	char *out;

	if (!need_list(r, v, at))
		return NULL;
	out = arena_alloc(r->c->a, v->n * size);
	/* an arena always gives; make lint does not know that */
	for (size_t i = 0; out && i < v->n; i++) {
		struct place item = compile_place(at, NULL, i);

		read(r, v->seq[i], &item, out + i * size);
	}
	*n = v->n;
	return out;
}

static void
access_list(struct reading *r, const struct node *v, const struct place *at)
{
	struct schema_akt *top = r->top;

	top->access = each_item(r, &top->naccess, sizeof *top->access, v, at, read_access);
}

static void
lock(struct reading *r, const struct node *v, const struct place *at)
{
	struct schema_akt *top = r->top;

	if (!need_map(r, v, at))
		return;
	for (size_t i = 0; i < v->n; i++) {
		const struct pair *p = &v->map[i];
		struct place key = compile_place(at, p->key, 0);

		if (strcmp(p->key, "field") == 0)
			top->lock_field = need_text(r, p->value, &key);
		else if (strcmp(p->key, "value") == 0)
			top->lock_value = need_text(r, p->value, &key);
		else if (strcmp(p->key, "open") == 0)
			top->lock_open = text_list(r, &top->nopen, p->value, &key);
		else
			unknown(r, p, at);
	}
	if (!node_get(v, "field") || !node_get(v, "value"))
		compile_fault(r->c, v, at, _("must have field and value"));
}

static void
read_guard(struct reading *r, const struct node *v, const struct place *at, void *item)
{
	struct schema_guard *out = item;
	const struct node *pattern;
	bool check = false;

	if (!need_map(r, v, at))
		return;
	for (size_t i = 0; i < v->n; i++) {
		const struct pair *p = &v->map[i];
		struct place key = compile_place(at, p->key, 0);
		const char *text;

		if (strcmp(p->key, "pattern") == 0) {
			text = need_text(r, p->value, &key);
			if (text)
				out->pattern = keywords_regex(r->c, p->value, &key, text, p->value->len);
		} else if (strcmp(p->key, "check") == 0) {
			check = true;
			if (p->value->kind != NODE_STR || strcmp(p->value->text, "luhn") != 0)
				compile_fault(r->c, p->value, &key, _("must be luhn"));
		} else if (strcmp(p->key, "digits") == 0) {
			if (!numeric_count(&out->digits, p->value) || out->digits < 2 ||
			    out->digits > SCHEMA_GUARD_DIGITS)
				compile_fault(r->c, p->value, &key, _("must be a whole number from 2 to %d"),
				    SCHEMA_GUARD_DIGITS);
		} else if (strcmp(p->key, "message") == 0) {
			out->message = read_label(r, p->value, &key);
		} else if (strcmp(p->key, "warning") == 0) {
			out->warning = read_label(r, p->value, &key);
		} else {
			unknown(r, p, at);
		}
	}
	pattern = node_get(v, "pattern");
	if (!pattern || !node_get(v, "message"))
		compile_fault(r->c, v, at, _("must have pattern and message"));
	if (check != (node_get(v, "digits") != NULL))
		compile_fault(r->c, v, at, _("check and digits belong together"));
}

static void
guard(struct reading *r, const struct node *v, const struct place *at)
{
	struct schema_akt *top = r->top;

	top->guards = each_item(r, &top->nguards, sizeof *top->guards, v, at, read_guard);
}

/* roles: {field: FIELD, teams: {ROLE: TEAM}} */
static void
roles(struct reading *r, const struct node *v, const struct place *at)
{
	const struct node *teams = node_get(v, "teams");
	struct place key = compile_place(at, "teams", 0);

	if (!need_map(r, v, at))
		return;
	for (size_t i = 0; i < v->n; i++) {
		struct place one = compile_place(at, v->map[i].key, 0);

		if (strcmp(v->map[i].key, "field") == 0)
			r->top->roles_field = need_text(r, v->map[i].value, &one);
		else if (strcmp(v->map[i].key, "teams") != 0)
			unknown(r, &v->map[i], at);
	}
	if (!node_get(v, "field"))
		compile_fault(r->c, v, at, _("must have field"));
	if (!teams || !need_map(r, teams, &key))
		return;
	r->top->roles = arena_alloc(r->c->a, (teams->n + 1) * sizeof *r->top->roles);
	for (size_t i = 0; i < teams->n; i++) {
		struct place one = compile_place(&key, teams->map[i].key, 0);
		const char *team = need_text(r, teams->map[i].value, &one);

		if (team && !is_team(team))
			compile_fault(r->c, teams->map[i].value, &one, _("must be a team's name"));
		r->top->roles[r->top->nroles++] =
		    (struct schema_role){teams->map[i].key, team};
	}
}

/* acknowledges: {record: FIELD, rule: FIELD, field: FIELD, value: VALUE} */
static void
acknowledges(struct reading *r, const struct node *v, const struct place *at)
{
	struct schema_akt *top = r->top;

	if (!need_map(r, v, at))
		return;
	for (size_t i = 0; i < v->n; i++) {
		const struct pair *p = &v->map[i];
		struct place key = compile_place(at, p->key, 0);
		const char **to = strcmp(p->key, "record") == 0 ? &top->ack_record
		    : strcmp(p->key, "rule") == 0           ? &top->ack_rule
		    : strcmp(p->key, "field") == 0          ? &top->ack_field
		    : strcmp(p->key, "value") == 0          ? &top->ack_value
		                                            : NULL;

		if (to)
			*to = need_text(r, p->value, &key);
		else
			unknown(r, p, at);
	}
	if (!node_get(v, "record") || !node_get(v, "rule") ||
	    !node_get(v, "field") != !node_get(v, "value"))
		compile_fault(r->c, v, at, _("must have record and rule, and both or none of field and value"));
}

static const struct {
	const char *name;
	akt_fn *fn;
	bool top_only;
} rows[] = {
	{"label", label, false}, {"help", help, false}, {"message", message, false},
	{"ref", ref, false}, {"labels", labels, false}, {"key", list_key, false},
	{"set", list_set, false}, {"append", list_append, false}, {"value", list_value, false},
	{"version", version, true}, {"write", write_roles, true}, {"dossier", dossier, true},
	{"retention", retention, true}, {"access", access_list, true}, {"title", title, true},
	{"lock", lock, true}, {"member", member, true}, {"table", table, true},
	{"roles", roles, true}, {"acknowledges", acknowledges, true},
	{"guard", guard, true},
};

void
akt_compile(struct compiler *c, struct keyword *k)
{
	struct schema_akt scratch = {0};
	bool is_top = k->at.up && !k->at.up->up;
	struct reading r = {
		.c = c,
		.sub = k->sub,
		.is_top = is_top,
		.top = is_top && k->sub->src == c->resources.v[0].root ? &c->s->akt : &scratch,
	};

	if (!need_map(&r, k->v, &k->at))
		return;
	for (size_t i = 0; i < k->v->n; i++) {
		const struct pair *p = &k->v->map[i];
		struct place at = compile_place(&k->at, p->key, 0);
		size_t j = 0;

		while (j < sizeof rows / sizeof *rows && strcmp(rows[j].name, p->key) != 0)
			j++;
		if (j == sizeof rows / sizeof *rows)
			unknown(&r, p, &k->at);
		else if (rows[j].top_only && !is_top)
			compile_fault(c, p->value, &at, _("belongs at the top of the schema"));
		else
			rows[j].fn(&r, p->value, &at);
	}
}
