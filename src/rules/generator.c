#include "rules/generator.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"

enum { WORD_MAX = 64 };

static const char column_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";

static const struct header_key keys[] = {
	{"sv", HEADER_MUST},
	{"en", HEADER_MUST},
	{"type", HEADER_MAY},
	{"param", HEADER_MANY},
	{"setting", HEADER_MANY},
	{"assign", HEADER_MAY},
	{"grant", HEADER_MANY},
	{"update", HEADER_MAY},
	{"append", HEADER_MAY},
	{"set", HEADER_MANY},
	{NULL, HEADER_MAY},
};

struct reading {
	struct generator g;
	struct arena *a;
	struct err *e;
};

/* A name at *p, blanks before and behind it taken; NULL when there is none. */
static const char *
word(struct reading *r, const char **p)
{
	const char *from = *p + strspn(*p, " ");
	size_t n = strspn(from, column_characters);

	if (n == 0 || n > WORD_MAX)
		return NULL;
	*p = from + n;
	*p += strspn(*p, " ");
	return arena_strndup(r->a, from, n);
}

static bool
literal(const char **p, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*p, text, n) != 0)
		return false;
	*p += n;
	*p += strspn(*p, " ");
	return true;
}

static void
bad(struct reading *r, const struct header_field *f, const char *text)
{
	header_bad(&r->g.header, f, text, r->e);
}

static void
read_param(struct reading *r, const struct header_field *f)
{
	struct generator_param *p = &r->g.params[r->g.nparams];
	const char *at = f->value;

	p->at = f;
	p->name = word(r, &at);
	p->text = NULL;
	if (p->name && *at && literal(&at, "=") && *at)
		p->text = at;
	if (!p->name || strchr(p->name, '.') || (*at && !p->text)) {
		bad(r, f, _("must be NAME or NAME = VALUE"));
		return;
	}
	p->random = p->text && strcmp(p->text, "random") == 0;
	if (strcmp(p->name, "today") == 0 || strcmp(p->name, "rows") == 0)
		bad(r, f, _("is bound by the program"));
	for (size_t i = 0; i < r->g.nparams; i++)
		if (strcmp(r->g.params[i].name, p->name) == 0)
			bad(r, f, _("is there twice"));
	r->g.nparams++;
}

static void
read_setting(struct reading *r, const struct header_field *f)
{
	struct header_setting s;

	if (header_setting(&s, r->a, &r->g.header, f, r->e))
		return;
	if (strcmp(s.name, "today") == 0 || generator_param(&r->g, s.name))
		bad(r, f, _("is bound by the program"));
	r->g.settings[r->g.nsettings++] = s;
}

static void
read_assign(struct reading *r, const struct header_field *f)
{
	struct generator_assign *x = &r->g.assign;
	const char *at = f->value;

	x->at = f;
	if (!(x->column = word(r, &at)) || !literal(&at, "from ") || !(x->from = word(r, &at)) ||
	    !literal(&at, "by ") || !(x->by = word(r, &at)) || *at)
		bad(r, f, _("must be COLUMN from LIST by PARAM"));
	else if (!generator_param(&r->g, x->by))
		bad(r, f, _("is drawn by a parameter that the generator does not have"));
}

static void
read_grant(struct reading *r, const struct header_field *f)
{
	struct generator_grant *x = &r->g.grants[r->g.ngrants];
	const char *at = f->value;

	x->at = f;
	if (!(x->who = word(r, &at)) || !literal(&at, "reads ") || !(x->reads = word(r, &at)) ||
	    !literal(&at, "until ") || !(x->until = word(r, &at)) || *at)
		bad(r, f, _("must be COLUMN reads RECORDS until DAY"));
	else
		r->g.ngrants++;
}

static void
read_update(struct reading *r, const struct header_field *f)
{
	const char *at = f->value;

	r->g.update = word(r, &at);
	r->g.update_type = r->g.update ? word(r, &at) : NULL;
	if (!r->g.update_type || *at || strchr(r->g.update_type, '.'))
		bad(r, f, _("must be PARAM TYPE"));
	else if (!generator_param(&r->g, r->g.update))
		bad(r, f, _("names a parameter that the generator does not have"));
}

static void
read_append(struct reading *r, const struct header_field *f)
{
	const char *at = f->value, *end = strchr(f->value, ')');
	bool more = true;

	r->g.list = word(r, &at);
	r->g.items = arena_alloc(r->a, (strlen(f->value) + 1) * sizeof *r->g.items);
	if (!r->g.list || !end || end[1] || !literal(&at, "("))
		more = false;
	while (more) {
		struct generator_item *x = &r->g.items[r->g.nitems];

		x->field = x->column = word(r, &at);
		if (x->field && literal(&at, "="))
			x->column = word(r, &at);
		if (!x->field || !x->column)
			break;
		r->g.nitems++;
		more = literal(&at, ",");
	}
	if (more || !r->g.nitems || at != end)
		bad(r, f, _("must be LIST (FIELD, FIELD = COLUMN)"));
	else if (!r->g.update)
		bad(r, f, _("needs an update: it says which record is changed"));
}

static void
read_set(struct reading *r, const struct header_field *f)
{
	struct generator_set *x = &r->g.sets[r->g.nsets];
	const char *at = f->value;

	x->at = f;
	x->field = word(r, &at);
	if (!x->field || !literal(&at, "=") || !*at) {
		bad(r, f, _("must be FIELD = VALUE"));
		return;
	}
	x->value = at;
	r->g.nsets++;
	if (*at == ':' && strcmp(at, ":rows") != 0 && !generator_param(&r->g, at + 1))
		bad(r, f, _("names a parameter that the generator does not have"));
	if (!r->g.update)
		bad(r, f, _("needs an update: it says which record is changed"));
}

static const struct {
	const char *key;
	void (*read)(struct reading *, const struct header_field *);
} readers[] = {
	/* in this order: the later ones ask for parameters and what is updated */
	{"param", read_param}, {"setting", read_setting}, {"update", read_update},
	{"assign", read_assign}, {"grant", read_grant}, {"append", read_append}, {"set", read_set},
};

int
generator_parse(struct generator *out, struct arena *a, const char *text, size_t n,
    const char *file, struct err *e)
{
	struct reading r = {.g = {.file = file}, .a = a, .e = e};
	struct generator *g = &r.g;
	int before = e->n + e->lost, rc;

	rc = header_parse(&g->header, a, text, n, file, keys, e);
	if (rc)
		return rc;
	g->params = arena_alloc(a, (g->header.n + 1) * sizeof *g->params);
	g->settings = arena_alloc(a, (g->header.n + 1) * sizeof *g->settings);
	g->grants = arena_alloc(a, (g->header.n + 1) * sizeof *g->grants);
	g->sets = arena_alloc(a, (g->header.n + 1) * sizeof *g->sets);
	for (size_t k = 0; k < sizeof readers / sizeof *readers; k++)
		for (size_t i = 0; i < g->header.n; i++)
			if (strcmp(g->header.v[i].key, readers[k].key) == 0)
				readers[k].read(&r, &g->header.v[i]);
	g->type = header_get(&g->header, "type");
	g->sv = header_get(&g->header, "sv");
	g->en = header_get(&g->header, "en");
	g->sql = g->header.sql;
	if (!g->type && !g->update)
		err_at(e, ERR_INVALID, file, 0, 0, NULL, _("makes nothing: it has neither type nor update"));
	if (e->n + e->lost != before)
		return ERR_INVALID;
	*out = *g;
	return 0;
}

const struct generator_param *
generator_param(const struct generator *g, const char *name)
{
	for (size_t i = 0; i < g->nparams; i++)
		if (strcmp(g->params[i].name, name) == 0)
			return &g->params[i];
	return NULL;
}

/* --- the query ---------------------------------------------------------------------------------- */

struct columns {
	const struct generator *g;
	size_t n;
	const char *const *v;
	struct err *e;
};

static bool
has(const char *const *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i], name) == 0)
			return true;
	return false;
}

static void
need(const struct columns *c, const char *name, const struct header_field *f)
{
	const char *drawn = c->g->assign.column;

	if (!has(c->v, c->n, name) && !(drawn && strcmp(drawn, name) == 0))
		err_at(c->e, ERR_INVALID, c->g->file, f->line, f->column, f->key,
		    _("names %s, which is no column of the query"), name);
}

int
generator_check(const struct generator *g, const char *const *columns, size_t ncolumns,
    const char *const *values, size_t nvalues, struct err *e)
{
	struct columns c = {g, ncolumns, columns, e};
	int before = e->n + e->lost;

	if (g->assign.column) {
		if (!has(columns, ncolumns, g->assign.from))
			need(&c, g->assign.from, g->assign.at);
		if (has(columns, ncolumns, g->assign.column))
			header_bad(&g->header, g->assign.at, _("is a column of the query already"), e);
	}
	for (size_t i = 0; i < g->ngrants; i++) {
		need(&c, g->grants[i].who, g->grants[i].at);
		need(&c, g->grants[i].reads, g->grants[i].at);
		need(&c, g->grants[i].until, g->grants[i].at);
	}
	for (size_t i = 0; i < g->nitems; i++)
		need(&c, g->items[i].column, header_field(&g->header, "append"));
	for (size_t i = 0; i < nvalues; i++) {
		bool known = strcmp(values[i], "today") == 0 || generator_param(g, values[i]);

		for (size_t k = 0; k < g->nsettings; k++)
			known |= strcmp(g->settings[k].name, values[i]) == 0;
		if (!known)
			err_at(e, ERR_INVALID, g->file, 0, 0, values[i],
			    _("is asked for, but no parameter or setting of the generator"));
	}
	return e->n + e->lost != before ? ERR_INVALID : 0;
}
