/* Files beside the types: schema/rules, reports, generators. In from a folder, out of HEAD, and what is wrong
 * with them. */
#include "app/extras.h"
#include "app/reporting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "git/repo.h"
#include "index/index.h"
#include "rules/generator.h"
#include "rules/rule.h"
#include "vault/vault.h"

enum { EXTRA_MAX_BYTES = 1024 * 1024, FILES_MAX = 1000 };

const char *const extras_folders[EXTRAS_FOLDERS] = {"rules", "reports", "generators"};

void
extras_free(struct extras *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->v[i].path);
		buf_free(&x->v[i].text);
	}
	free(x->v);
	*x = (struct extras){0};
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct extra *)a)->path, ((const struct extra *)b)->path);
}

static void
sort(struct extras *x)
{
	if (x->n)
		qsort(x->v, x->n, sizeof *x->v, by_path);
}

static struct extra *
add(struct extras *x, const char *folder, const char *name)
{
	struct extra *f;

	vec_grow(x);
	f = &x->v[x->n++];
	*f = (struct extra){.path = xasprintf("%s/%s", folder, name)};
	f->folder = folder;
	f->name = f->path + strlen(folder) + 1;
	return f;
}

/* --- a folder on disk ------------------------------------------------------------------------------- */

static bool
name_ok(const char *folder, const char *name)
{
	char *path = xasprintf("schema/%s/%s", folder, name);
	bool ok = storepath_parse(NULL, path) == PATH_SCHEMA_EXTRA;

	free(path);
	return ok;
}

static int
load_folder(struct extras *x, const char *dir, const char *folder, struct err *e)
{
	char *path = xasprintf("%s/%s", dir, folder);
	struct os_names files = {0};
	/* one that cannot be listed is not empty: what the store has of it would go */
	int rc = os_absent(path) ? 0 : os_names(&files, path, "", e);

	for (size_t i = 0; !rc && i < files.n; i++) {
		const char *name = files.v[i], *dot = strrchr(name, '.');
		char *full;

		if (!dot || (strcmp(dot, ".sql") != 0 && strcmp(dot, ".yaml") != 0))
			continue;
		if (!name_ok(folder, name)) {
			rc = err_at(e, ERR_INVALID, name, 0, 0, NULL,
			    _("is no name for such a file (a-z, 0-9, _ and -, at most 60, then .sql or .yaml)"));
		} else if (x->n == FILES_MAX) {
			rc = err_set(e, ERR_INVALID, _("%s holds more than %d files"), path, (int)FILES_MAX);
		} else {
			full = xasprintf("%s/%s", path, name);
			rc = as_usage(os_read_file(&add(x, folder, name)->text, full, EXTRA_MAX_BYTES, e));
			free(full);
		}
	}
	os_names_free(&files);
	free(path);
	return rc;
}

int
extras_load(struct extras *x, bool there[EXTRAS_FOLDERS], const char *dir, struct err *e)
{
	int rc = 0;

	for (int i = 0; i < EXTRAS_FOLDERS; i++) {
		char *path = xasprintf("%s/%s", dir, extras_folders[i]);

		there[i] = !os_absent(path);
		if (!rc)
			rc = load_folder(x, dir, extras_folders[i], e);
		free(path);
	}
	sort(x);
	return rc;
}

/* --- at HEAD --------------------------------------------------------------------------------------- */

struct reading {
	struct session *s;
	struct extras *x;
	const char *folder;
	struct err *e;
};

static int
read_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct reading *r = ctx;
	const char *name = strrchr(path, '/') + 1;

	(void)p;
	if (!name_ok(r->folder, name))
		return 0;
	return git_read(vault_git(r->s->v), &add(r->x, r->folder, name)->text, NULL, id, r->e);
}

int
extras_head(struct session *s, struct extras *x, const char *folder, struct err *e)
{
	struct reading r = {s, x, folder, e};
	char *path = xasprintf("schema/%s", folder);
	int rc = each_in_folder(s, path, read_one, &r, e);

	free(path);
	sort(x);
	return rc;
}

/* --- what is wrong ------------------------------------------------------------------------------------ */

struct checking {
	struct arena *a;
	struct index *ix; /* tables without a row */
	const struct schema_set *types;
	struct session *s; /* for those at HEAD; NULL */
	size_t n, cap;
	struct declared *v;
	size_t nids, ids_cap;
	struct declared *ids; /* rules' ids, as names */
	struct err *e;
};

static void
declare(struct checking *c, const struct header *h, const struct header_field *f)
{
	struct header_setting s;

	if (header_setting(&s, c->a, h, f, c->e))
		return;
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->v[i].set.name, s.name) != 0)
			continue;
		if (strcmp(c->v[i].set.text, s.text) != 0)
			err_at(c->e, ERR_INVALID, h->file, f->line, f->column, f->key,
			    _("%s has another value in %s"), s.name, c->v[i].path);
		return;
	}
	vec_grow(c);
	c->v[c->n++] = (struct declared){s, h->file};
}

static void
check_rule(struct checking *c, const struct extra *f)
{
	struct index_question q;
	struct rule r;

	if (rule_parse(&r, c->a, buf_str(&f->text), f->text.n, f->path, c->e))
		return;
	for (size_t i = 0; i < c->nids; i++)
		if (strcmp(c->ids[i].set.name, r.id) == 0)
			header_bad(&r.header, header_field(&r.header, "id"),
			    _("is another rule's name too"), c->e);
	if (c->nids == c->ids_cap) {
		c->ids_cap = c->ids_cap ? c->ids_cap * 2 : 64;
		c->ids = xrealloc(c->ids, c->ids_cap, sizeof *c->ids);
	}
	c->ids[c->nids++] = (struct declared){{.name = r.id}, f->path};
	for (size_t i = 0; i < r.header.n; i++)
		if (strcmp(r.header.v[i].key, "setting") == 0)
			declare(c, &r.header, &r.header.v[i]);
	if (index_query_check(c->ix, &q, c->a, r.sql, f->path, c->e))
		return;
	rule_check_columns(&r, q.columns, q.ncolumns, c->e);
	for (size_t i = 0; i < q.nvalues; i++) {
		bool known = strcmp(q.values[i], "today") == 0;

		for (size_t k = 0; k < r.nsettings; k++)
			known |= strcmp(r.settings[k].name, q.values[i]) == 0;
		if (!known)
			err_at(c->e, ERR_INVALID, f->path, 0, 0, q.values[i],
			    _("is asked for, but no setting of the rule"));
	}
}

static const struct schema *
type_of(struct checking *c, const char *name)
{
	const struct schema *sc = NULL;
	struct err ignored = {0};

	for (size_t i = 0; i < c->types->n; i++)
		if (strcmp(c->types->v[i].type, name) == 0)
			return c->types->v[i].schema;
	if (c->s)
		vault_schema(c->s->v, &sc, name, &ignored);
	return sc;
}

/* Whether one of two dotted fields is the other, or lies in it. */
static bool
overlap(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), least = n < m ? n : m;

	return strncmp(a, b, least) == 0 && (n == m || (n < m ? b : a)[least] == '.');
}

/* True when a list looks at that field: in its own record, or (`own` false) through a reference. */
static bool
looks_at(const char *path, const char *field, bool own)
{
	if (path && own && overlap(path, field))
		return true;
	for (const char *dot = path ? strchr(path, '.') : NULL; dot; dot = strchr(dot + 1, '.'))
		if (overlap(dot + 1, field))
			return true;
	return false;
}

static bool
list_looks_at(const struct schema *sc, const char *field, bool own)
{
	const struct schema_akt *akt = schema_akt(sc);
	bool looks = own && akt->member && overlap(akt->member, field);

	for (size_t i = 0; i < akt->naccess && !looks; i++) {
		const struct schema_access *x = &akt->access[i];

		looks = looks_at(x->field, field, own) || looks_at(x->readers, field, own);
		for (size_t k = 0; k < x->nwhen; k++)
			looks |= looks_at(x->when[k], field, own);
		for (size_t k = 0; k < x->nunless; k++)
			looks |= looks_at(x->unless[k], field, own);
	}
	return looks;
}

struct deciding {
	struct checking *c;
	const char *type, *field;
	bool yes;
};

static int
decided_by(void *ctx, const char *type, const struct schema *sc)
{
	struct deciding *d = ctx;

	for (size_t i = 0; i < d->c->types->n; i++)
		if (strcmp(d->c->types->v[i].type, type) == 0)
			return 0; /* a new one of that name */
	d->yes |= list_looks_at(sc, d->field, strcmp(type, d->type) == 0);
	return 0;
}

/* True when somebody's list depends on that field of that type. What a generator makes is placed by the record
 * as it was before the change, so such a field is for people to set, first. */
static bool
decides(struct checking *c, const char *type, const char *field)
{
	struct deciding d = {c, type, field, false};

	for (size_t i = 0; i < c->types->n; i++)
		d.yes |= list_looks_at(c->types->v[i].schema, field, strcmp(c->types->v[i].type, type) == 0);
	if (c->s && !d.yes)
		each_sound_type(c->s, decided_by, &d, c->e);
	return d.yes;
}

/* Fields that a generator fills are those of its types. */
static void
check_fields(struct checking *c, const struct generator *g, const struct index_question *q)
{
	const struct schema *type = g->type ? type_of(c, g->type) : NULL,
	                    *target = g->update_type ? type_of(c, g->update_type) : NULL;
	const struct shape *list;

	if (g->type && !type)
		header_bad(&g->header, header_field(&g->header, "type"), _("names a record type that there is not"), c->e);
	if (g->update && !target)
		header_bad(&g->header, header_field(&g->header, "update"), _("names a record type that there is not"),
		    c->e);
	for (size_t i = 0; type && i < q->ncolumns; i++)
		if (q->columns[i][0] != '_' && !path_shape(schema_shape(type), q->columns[i]))
			err_at(c->e, ERR_INVALID, g->file, 0, 0, q->columns[i],
			    _("is a column that is no field of the type; begin it with _ if it is not to be one"));
	if (type && g->assign.column && g->assign.column[0] != '_' &&
	    !path_shape(schema_shape(type), g->assign.column))
		header_bad(&g->header, g->assign.at, _("is no field of the type"), c->e);
	for (size_t i = 0; target && i < g->nsets; i++)
		if (!path_shape(schema_shape(target), g->sets[i].field))
			header_bad(&g->header, g->sets[i].at, _("is no field of the type"), c->e);
		else if (decides(c, g->update_type, g->sets[i].field))
			header_bad(&g->header, g->sets[i].at,
			    _("decides who reads records; set it by hand before the generator is run"), c->e);
	list = target && g->list ? path_shape(schema_shape(target), g->list) : NULL;
	if (target && g->list && (!list || !list->is_seq || !list->item || !list->item->nfields))
		header_bad(&g->header, header_field(&g->header, "append"), _("is no list of groups of fields"), c->e);
	else if (list && decides(c, g->update_type, g->list))
		header_bad(&g->header, header_field(&g->header, "append"),
		    _("decides who reads records; set it by hand before the generator is run"), c->e);
	for (size_t i = 0; list && list->item && i < g->nitems; i++)
		if (!path_shape(list->item, g->items[i].field))
			header_bad(&g->header, header_field(&g->header, "append"), _("is no field of the list"), c->e);
}

static void
check_generator(struct checking *c, const struct extra *f)
{
	struct index_question q;
	struct generator g;

	if (generator_parse(&g, c->a, buf_str(&f->text), f->text.n, f->path, c->e))
		return;
	for (size_t i = 0; i < g.header.n; i++)
		if (strcmp(g.header.v[i].key, "setting") == 0)
			declare(c, &g.header, &g.header.v[i]);
	if (index_query_check(c->ix, &q, c->a, g.sql, f->path, c->e))
		return;
	generator_check(&g, q.columns, q.ncolumns, q.values, q.nvalues, c->e);
	check_fields(c, &g, &q);
}

static void
check_report(struct checking *c, const struct extra *f)
{
	reporting_check(c->ix, c->a, f->path, buf_str(&f->text), f->text.n, c->e);
}

static const struct {
	const char *folder, *ending;
	void (*check)(struct checking *, const struct extra *);
} kinds[] = {
	{"rules", ".sql", check_rule},
	{"reports", ".yaml", check_report},
	{"generators", ".sql", check_generator},
};

static void
check_file(struct checking *c, const struct extra *f)
{
	const char *dot = strrchr(f->name, '.');
	bool known = false;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i].folder, f->folder) != 0 || strcmp(kinds[i].ending, dot) != 0)
			continue;
		known = true;
		kinds[i].check(c, f);
	}
	if (!known)
		err_at(c->e, ERR_INVALID, f->path, 0, 0, NULL, _("is not what this folder holds"));
}

static int
tables_of(struct index *ix, const struct schema_set *types, struct session *s, struct err *e)
{
	static const struct index_mark none;
	int rc = index_begin(ix, true, e);

	for (size_t i = 0; !rc && i < types->n; i++)
		rc = index_type(ix, types->v[i].type, schema_shape(types->v[i].schema),
		    schema_akt(types->v[i].schema), e);
	if (!rc && s)
		rc = search_types(s, ix, e);
	return rc ? rc : index_end(ix, &none, e);
}

int
extras_check(const struct extras *x, const struct schema_set *types, struct session *s,
    struct err *e)
{
	static const uint8_t nobody[32]; /* in memory nothing is sealed */
	struct checking c = {.types = types, .s = s, .e = e};
	int before = e->n + e->lost, rc;

	if (x->n == 0)
		return 0;
	rc = index_open(&c.ix, NULL, nobody, nobody, e);
	if (!rc)
		rc = tables_of(c.ix, types, s, e);
	c.a = arena_new();
	for (size_t i = 0; !rc && i < x->n; i++)
		check_file(&c, &x->v[i]);
	free(c.v);
	free(c.ids);
	arena_free(c.a);
	index_close(c.ix);
	return rc ? rc : e->n + e->lost != before ? ERR_INVALID : 0;
}

/* --- one name, two rules ---------------------------------------------------------------- */

int
extras_twice(struct session *s,
    void (*each)(void *ctx, const char *file, const char *first, const char *id), void *ctx, struct err *e)
{
	struct extras x = {0};
	struct rule *r;
	size_t n = 0;
	int rc = extras_head(s, &x, "rules", e);

	r = xcalloc(x.n + 1, sizeof *r);
	for (size_t i = 0; !rc && i < x.n; i++) {
		struct err inner = {0};
		size_t k = 0;

		/* what cannot be read is told of elsewhere */
		if (rule_parse(&r[n], s->arena, buf_str(&x.v[i].text), x.v[i].text.n,
		        arena_strdup(s->arena, x.v[i].path), &inner))
			continue;
		while (k < n && strcmp(r[k].id, r[n].id) != 0)
			k++;
		if (k < n)
			each(ctx, r[n].file, r[k].file, r[n].id);
		else
			n++;
	}
	free(r);
	extras_free(&x);
	return rc;
}
