/* Tables from the schemas' shapes. */
#include "index/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "schema/schema.h"

/* Shapes of recursive schemas have no end; SQLite's tables have 2,000 columns at most. */
enum { MAX_DEPTH = 8, MAX_COLUMNS = 1000, MAX_LISTS = 2 };

/* Of every type; from the envelope but the last two, which a field of that name fills. */
static const char *const base_columns[] = {"id", "dossier", "created_by", "created_on",
	"updated_at", "updated_by", "state", "protected"};
enum { NBASE = sizeof base_columns / sizeof *base_columns, COL_STATE = 6, COL_PROTECTED = 7 };

static const char *const list_columns[] = {"_n", "parent", "idx", "outer"};

struct making {
	struct index *ix;
	const char *path[MAX_DEPTH];
	size_t n;
};

static const char *const *
keep_path(struct making *m)
{
	const char **p = arena_alloc(m->ix->a, (m->n + 1) * sizeof *p);

	for (size_t i = 0; i < m->n; i++)
		p[i] = arena_strdup(m->ix->a, m->path[i]);
	return p;
}

static bool
taken(const struct table *t, size_t nfixed, const char *const *fixed, const char *name)
{
	for (size_t i = 0; i < nfixed; i++)
		if (strcasecmp(fixed[i], name) == 0)
			return true;
	for (size_t i = 0; i < t->n; i++)
		if (strcasecmp(t->v[i].name, name) == 0)
			return true;
	return false;
}

static char *
joined(struct making *m)
{
	struct buf b = {0};
	char *s;

	for (size_t i = 0; i < m->n; i++)
		buf_printf(&b, "%s%s", i ? "_" : "", m->path[i]);
	s = arena_strdup(m->ix->a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
add_column(struct making *m, struct table *t, const struct shape *f)
{
	bool list = t->path != NULL;
	const char *const *fixed = list ? list_columns : base_columns;
	size_t nfixed = list ? sizeof list_columns / sizeof *list_columns : (size_t)NBASE;
	const char *name = joined(m), *plain = name;

	/* the envelope's columns are filled from the data where it has such a field */
	if (!list && (strcmp(name, "state") == 0 || strcmp(name, "protected") == 0))
		return;
	if (t->n == MAX_COLUMNS)
		return;
	for (int i = 2; taken(t, nfixed, fixed, name); i++)
		name = arena_printf(m->ix->a, "%s_%d", plain, i);
	vec_grow(t);
	t->v[t->n++] = (struct column){
		.name = name,
		.path = keep_path(m),
		.npath = m->n,
		.ref = f->ref != NULL,
	};
}

static void
add_fields(struct making *m, struct table *t, const struct shape *s, int lists)
{
	for (size_t i = 0; i < s->nfields && m->n < MAX_DEPTH; i++) {
		const struct shape *f = s->fields[i];

		m->path[m->n++] = f->name;
		if (f->is_seq && lists < MAX_LISTS) {
			struct making inner = {.ix = m->ix};
			struct table *l;

			if (t->nlists == t->lists_cap) {
				t->lists_cap = t->lists_cap ? t->lists_cap * 2 : 4;
				t->lists = xrealloc(t->lists, t->lists_cap, sizeof *t->lists);
			}
			l = &t->lists[t->nlists++];
			*l = (struct table){
				.name = arena_printf(m->ix->a, "%s__%s", t->name, joined(m)),
				.path = keep_path(m),
				.npath = m->n,
			};
			if (f->item && f->item->nfields) {
				add_fields(&inner, l, f->item, lists + 1);
			} else {
				l->values = true;
				inner.path[inner.n++] = "value";
				add_column(&inner, l, f->item ? f->item : f);
				l->v[0].npath = 0;
			}
		} else if (f->is_map && f->nfields) {
			add_fields(m, t, f, lists);
		} else if (!f->is_seq) {
			add_column(m, t, f);
		}
		m->n--;
	}
}

static void
quoted(struct buf *b, const char *name)
{
	buf_putc(b, '"');
	for (; *name; name++)
		buf_printf(b, "%s%c", *name == '"' ? "\"" : "", *name);
	buf_putc(b, '"');
}

/* Fixed columns first: `record`, then nested lists' three or four, or a type's eight. */
static size_t
fixed_of(const struct table *t, const char *const **names, bool nested)
{
	*names = t->path ? list_columns : base_columns;
	return !t->path ? (size_t)NBASE : nested ? 4 : 3;
}

static int
prepare_table(struct index *ix, struct table *t, bool nested, struct err *e)
{
	struct buf sql = {0};
	const char *const *fixed;
	size_t nfixed = fixed_of(t, &fixed, nested);
	int rc = 0;

	if (ix->making) {
		buf_puts(&sql, "CREATE TABLE ");
		quoted(&sql, t->name);
		for (size_t i = 0; i < nfixed; i++)
			buf_printf(&sql, "%s%s", i ? ", " : " (", fixed[i]);
		for (size_t i = 0; i < t->n; i++) {
			buf_puts(&sql, ", ");
			quoted(&sql, t->v[i].name);
		}
		buf_puts(&sql, "); CREATE INDEX ");
		quoted(&sql, arena_printf(ix->a, "%s ", t->name));
		buf_puts(&sql, " ON ");
		quoted(&sql, t->name);
		buf_printf(&sql, " (%s); INSERT INTO akt_table VALUES ('%s');", t->path ? "parent" : "id",
		    t->name);
		for (size_t i = 0; i < t->n; i++) {
			if (!t->v[i].ref)
				continue;
			buf_puts(&sql, "CREATE INDEX ");
			quoted(&sql, arena_printf(ix->a, "%s %s", t->name, t->v[i].name));
			buf_puts(&sql, " ON ");
			quoted(&sql, t->name);
			buf_puts(&sql, " (");
			quoted(&sql, t->v[i].name);
			buf_puts(&sql, ");");
		}
		if (sqlite3_exec(ix->db, buf_str(&sql), NULL, NULL, NULL))
			rc = sqlite3_errcode(ix->db) == SQLITE_ERROR
			    ? err_set(e, ERR_INVALID,
			          _("the index cannot have a table for a type: its name is taken (x-akt.table)"))
			    : index_fail(ix, e);
		buf_reset(&sql);
	}
	if (!rc) {
		buf_puts(&sql, "INSERT INTO ");
		quoted(&sql, t->name);
		buf_printf(&sql, " (%s", t->path ? "" : "rowid");
		for (size_t i = 0; i < nfixed; i++)
			buf_printf(&sql, "%s%s", i || !t->path ? ", " : "", fixed[i]);
		for (size_t i = 0; i < t->n; i++) {
			buf_puts(&sql, ", ");
			quoted(&sql, t->v[i].name);
		}
		buf_puts(&sql, ") VALUES (?");
		for (size_t i = t->path != NULL; i < nfixed + t->n; i++)
			buf_puts(&sql, ", ?");
		buf_putc(&sql, ')');
		rc = index_prepare(ix, &t->insert, buf_str(&sql), e);
		buf_reset(&sql);
	}
	if (!rc) {
		buf_puts(&sql, "DELETE FROM ");
		quoted(&sql, t->name);
		/* the record's own number too: another dossier may hold, wrongly, the same id */
		buf_puts(&sql, t->path ? " WHERE parent = ?2 AND _n = ?1" : " WHERE rowid = ?1");
		rc = index_prepare(ix, &t->drop, buf_str(&sql), e);
	}
	buf_free(&sql);
	for (size_t i = 0; !rc && i < t->nlists; i++)
		rc = prepare_table(ix, &t->lists[i], t->path != NULL, e);
	return rc;
}

static void
table_free(struct table *t)
{
	sqlite3_finalize(t->insert);
	sqlite3_finalize(t->drop);
	for (size_t i = 0; i < t->nlists; i++)
		table_free(&t->lists[i]);
	free(t->lists);
	free(t->v);
}

void
plans_free(struct index *ix)
{
	for (size_t i = 0; i < ix->nplans; i++) {
		table_free(&ix->plans[i]->table);
		free(ix->plans[i]);
	}
	ix->nplans = 0;
}

struct plan *
plan_of(const struct index *ix, const char *type)
{
	for (size_t i = 0; i < ix->nplans; i++)
		if (strcmp(ix->plans[i]->type, type) == 0)
			return ix->plans[i];
	return NULL;
}

bool
index_knows(const struct index *ix, const char *type)
{
	return plan_of(ix, type) != NULL;
}

int
index_type(struct index *ix, const char *type, const struct shape *shape,
    const struct schema_akt *akt, struct err *e)
{
	struct making m = {.ix = ix};
	struct plan *p;
	int rc;

	if (plan_of(ix, type))
		return 0;
	p = xcalloc(1, sizeof *p);
	snprintf(p->type, sizeof p->type, "%s", type);
	p->table.name = akt->table ? arena_strdup(ix->a, akt->table) : arena_printf(ix->a, "%ss", type);
	if (akt->lock_field) {
		char *path = arena_strdup(ix->a, akt->lock_field), *save = NULL;

		for (char *s = strtok_r(path, ".", &save); s && m.n < MAX_DEPTH;
		     s = strtok_r(NULL, ".", &save))
			m.path[m.n++] = s;
		p->state = keep_path(&m);
		p->nstate = m.n;
		m.n = 0;
	}
	if (shape)
		add_fields(&m, &p->table, shape, 0);
	rc = strncmp(p->table.name, "akt_", 4) == 0 || strncmp(p->table.name, "sqlite_", 7) == 0
	    ? err_set(e, ERR_INVALID,
	          _("the index cannot have a table for a type: its name is taken (x-akt.table)"))
	    : prepare_table(ix, &p->table, false, e);
	if (rc) {
		table_free(&p->table);
		free(p);
		return rc;
	}
	if (ix->nplans == ix->plans_cap) {
		ix->plans_cap = ix->plans_cap ? ix->plans_cap * 2 : 16;
		ix->plans = xrealloc(ix->plans, ix->plans_cap, sizeof *ix->plans);
	}
	ix->plans[ix->nplans++] = p;
	return 0;
}
