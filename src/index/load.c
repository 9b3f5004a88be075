/* Tables from the schemas' shapes, and records into them. */
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
#include "tree/node.h"

/* Shapes of recursive schemas have no end; SQLite's tables have 2,000 columns at most. */
enum { MAX_DEPTH = 8, MAX_COLUMNS = 1000, MAX_LISTS = 2 };

/* Of every type; from the envelope but the last two, which a field of that name fills. */
static const char *const base_columns[] = {"id", "dossier", "created_by", "created_on",
	"updated_at", "updated_by", "state", "protected"};
enum { NBASE = sizeof base_columns / sizeof *base_columns, COL_STATE = 6, COL_PROTECTED = 7 };

static const char *const list_columns[] = {"_n", "parent", "idx", "outer"};

/* --- plans ------------------------------------------------------------------------------------- */

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

static struct plan *
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

/* --- records ------------------------------------------------------------------------------------ */

static const struct node *
step(const struct node *n, const char *const *path, size_t npath)
{
	for (size_t i = 0; n && i < npath; i++)
		n = node_get(n, path[i]);
	return n;
}

static void
bind(sqlite3_stmt *s, int at, const struct node *n)
{
	struct buf json = {0};

	switch (n ? n->kind : NODE_NULL) {
	case NODE_NULL:
		sqlite3_bind_null(s, at);
		break;
	case NODE_BOOL:
		sqlite3_bind_int(s, at, n->b);
		break;
	case NODE_INT:
		sqlite3_bind_int64(s, at, n->i);
		break;
	case NODE_REAL:
		sqlite3_bind_double(s, at, n->d);
		break;
	case NODE_STR:
		sqlite3_bind_text(s, at, n->text, (int)n->len, SQLITE_STATIC);
		break;
	case NODE_SEQ:
	case NODE_MAP:
		node_json(&json, n);
		sqlite3_bind_text(s, at, buf_str(&json), (int)json.n, SQLITE_TRANSIENT);
		buf_free(&json);
		break;
	}
}

static int
put_lists(struct index *ix, struct table *t, sqlite3_int64 n, const char *id,
    const struct node *data, int outer, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < t->nlists; i++) {
		struct table *l = &t->lists[i];
		const struct node *seq = step(data, l->path, l->npath);

		for (size_t k = 0; !rc && seq && seq->kind == NODE_SEQ && k < seq->n; k++) {
			int at = 1;

			sqlite3_bind_int64(l->insert, at++, n);
			sqlite3_bind_text(l->insert, at++, id, -1, SQLITE_STATIC);
			sqlite3_bind_int(l->insert, at++, (int)k);
			if (t->path)
				sqlite3_bind_int(l->insert, at++, outer);
			for (size_t c = 0; c < l->n; c++)
				bind(l->insert, at++, step(seq->seq[k], l->v[c].path, l->v[c].npath));
			rc = index_run(ix, l->insert, e);
			if (!rc && l->nlists)
				rc = put_lists(ix, l, n, id, seq->seq[k], (int)k, e);
		}
	}
	return rc;
}

static int
put_row(struct index *ix, struct plan *p, sqlite3_int64 n, const char *dossier, const char *id,
    const struct node *rec, struct err *e)
{
	const struct node *data = node_get(rec, "data"), *created = node_get(rec, "created"),
	                  *updated = node_get(rec, "updated"), *protect = node_get(data, "protected"),
	                  *state = node_get(data, "state");
	struct table *t = &p->table;
	const char *on = node_get_str(created, "at");
	int at = 1;
	int rc;

	sqlite3_bind_int64(t->insert, at++, n);
	sqlite3_bind_text(t->insert, at++, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(t->insert, at++, dossier, -1, SQLITE_STATIC);
	bind(t->insert, at++, node_get(created, "by"));
	if (on && strlen(on) >= 10)
		sqlite3_bind_text(t->insert, at, on, 10, SQLITE_STATIC);
	at++;
	bind(t->insert, at++, node_get(updated, "at"));
	bind(t->insert, at++, node_get(updated, "by"));
	bind(t->insert, at++, state ? state : step(data, p->state, p->nstate));
	if (protect && protect->kind != NODE_NULL)
		bind(t->insert, at, protect);
	else
		sqlite3_bind_int(t->insert, at, 0);
	at++;
	for (size_t c = 0; c < t->n; c++)
		bind(t->insert, at++, step(data, t->v[c].path, t->v[c].npath));
	rc = index_run(ix, t->insert, e);
	return rc ? rc : put_lists(ix, t, n, id, data, 0, e);
}

/* What people wrote: not what they chose from a list, nor what names another record or a day. */
static void
texts(struct buf *b, const struct shape *s, const struct node *n)
{
	switch (n->kind) {
	case NODE_STR:
		if (!s || (!s->nenum && !s->ref && !s->format)) {
			buf_add(b, n->text, n->len);
			buf_putc(b, '\n');
		}
		break;
	case NODE_SEQ:
		for (size_t i = 0; i < n->n; i++)
			texts(b, s ? s->item : NULL, n->seq[i]);
		break;
	case NODE_MAP:
		for (size_t i = 0; i < n->n; i++) {
			const struct shape *f = shape_field(s, n->map[i].key);

			texts(b, f ? f : s ? s->rest : NULL, n->map[i].value);
		}
		break;
	case NODE_NULL:
	case NODE_BOOL:
	case NODE_INT:
	case NODE_REAL:
		break;
	}
}

static int
drop_lists(struct index *ix, struct table *t, sqlite3_int64 n, const char *id, struct err *e)
{
	int rc;

	sqlite3_bind_int64(t->drop, 1, n);
	if (t->path)
		sqlite3_bind_text(t->drop, 2, id, -1, SQLITE_STATIC);
	rc = index_run(ix, t->drop, e);
	for (size_t i = 0; !rc && i < t->nlists; i++)
		rc = drop_lists(ix, &t->lists[i], n, id, e);
	return rc;
}

static int
drop_number(struct index *ix, sqlite3_int64 n, const char *type, const char *id, struct err *e)
{
	struct plan *p = plan_of(ix, type);
	int rc;

	if (!p)
		return err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
	rc = drop_lists(ix, &p->table, n, id, e);
	if (!rc)
		rc = index_prepare(ix, &ix->untext, "DELETE FROM akt_search WHERE rowid = ?1", e);
	if (!rc) {
		sqlite3_bind_int64(ix->untext, 1, n);
		rc = index_run(ix, ix->untext, e);
	}
	if (!rc)
		rc = index_prepare(ix, &ix->drop, "DELETE FROM record WHERE rowid = ?1", e);
	if (!rc) {
		sqlite3_bind_int64(ix->drop, 1, n);
		rc = index_run(ix, ix->drop, e);
	}
	return rc;
}

int
index_drop(struct index *ix, const char *dossier, const char *id, struct err *e)
{
	char type[33] = "";
	sqlite3_int64 n = 0;
	int code, rc;

	rc = index_prepare(ix, &ix->undamaged, "DELETE FROM akt_damaged WHERE dossier = ?1 AND id = ?2", e);
	if (!rc) {
		sqlite3_bind_text(ix->undamaged, 1, dossier, -1, SQLITE_STATIC);
		sqlite3_bind_text(ix->undamaged, 2, id, -1, SQLITE_STATIC);
		rc = index_run(ix, ix->undamaged, e);
	}
	if (!rc)
		rc = index_prepare(ix, &ix->find,
		    "SELECT rowid, type FROM record WHERE dossier = ?1 AND id = ?2", e);
	if (rc)
		return rc;
	sqlite3_bind_text(ix->find, 1, dossier, -1, SQLITE_STATIC);
	sqlite3_bind_text(ix->find, 2, id, -1, SQLITE_STATIC);
	code = sqlite3_step(ix->find);
	if (code == SQLITE_ROW) {
		n = sqlite3_column_int64(ix->find, 0);
		snprintf(type, sizeof type, "%s", (const char *)sqlite3_column_text(ix->find, 1));
	} else if (code != SQLITE_DONE) {
		rc = index_fail(ix, e);
	}
	sqlite3_reset(ix->find);
	return rc || code != SQLITE_ROW ? rc : drop_number(ix, n, type, id, e);
}

int
index_put(struct index *ix, const char *type, const char *dossier, const char *id,
    const char *title, const struct shape *shape, const struct node *rec, struct err *e)
{
	struct plan *p = plan_of(ix, type);
	const struct node *data = node_get(rec, "data"), *updated = node_get(rec, "updated"),
	                  *state = p ? step(data, p->state, p->nstate) : NULL;
	struct buf all = {0};
	sqlite3_int64 n;
	int rc;

	if (!p)
		return err_set(e, ERR_USAGE, _("the store has no schema for %s"), type);
	rc = ix->making ? 0 : index_drop(ix, dossier, id, e);
	if (!rc)
		rc = index_prepare(ix, &ix->put,
		    "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", e);
	if (rc)
		return rc;
	sqlite3_bind_text(ix->put, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(ix->put, 2, type, -1, SQLITE_STATIC);
	sqlite3_bind_text(ix->put, 3, dossier, -1, SQLITE_STATIC);
	sqlite3_bind_text(ix->put, 4, title, -1, SQLITE_STATIC);
	bind(ix->put, 5, node_get(updated, "at"));
	bind(ix->put, 6, node_get(updated, "by"));
	bind(ix->put, 7, state);
	rc = index_run(ix, ix->put, e);
	n = sqlite3_last_insert_rowid(ix->db);
	if (!rc && !(state && state->kind == NODE_STR && strcmp(state->text, "void") == 0))
		rc = put_row(ix, p, n, dossier, id, rec, e);
	if (!rc)
		rc = index_prepare(ix, &ix->text, "INSERT INTO akt_search (rowid, text) VALUES (?1, ?2)", e);
	if (!rc && data) {
		texts(&all, shape, data);
		sqlite3_bind_int64(ix->text, 1, n);
		sqlite3_bind_text(ix->text, 2, buf_str(&all), (int)all.n, SQLITE_STATIC);
		rc = index_run(ix, ix->text, e);
		buf_free(&all);
	}
	return rc;
}

int
index_put_damaged(struct index *ix, const char *type, const char *dossier, const char *id,
    struct err *e)
{
	int rc = index_drop(ix, dossier, id, e);

	if (!rc)
		rc = index_prepare(ix, &ix->damaged,
		    "INSERT OR REPLACE INTO akt_damaged (id, dossier, type) VALUES (?1, ?2, ?3)", e);
	if (rc)
		return rc;
	sqlite3_bind_text(ix->damaged, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(ix->damaged, 2, dossier, -1, SQLITE_STATIC);
	sqlite3_bind_text(ix->damaged, 3, type, -1, SQLITE_STATIC);
	return index_run(ix, ix->damaged, e);
}

/* --- dossiers ------------------------------------------------------------------------------------ */

static int
drop_dossier(struct index *ix, const char *dossier, struct err *e)
{
	int rc = index_prepare(ix, &ix->of_dossier,
	    "SELECT id FROM record WHERE dossier = ?1 UNION ALL "
	    "SELECT id FROM akt_damaged WHERE dossier = ?1 LIMIT 1", e);

	while (!rc) {
		char id[66] = "";
		int code;

		sqlite3_bind_text(ix->of_dossier, 1, dossier, -1, SQLITE_STATIC);
		code = sqlite3_step(ix->of_dossier);
		if (code == SQLITE_ROW)
			snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(ix->of_dossier, 0));
		sqlite3_reset(ix->of_dossier);
		if (code == SQLITE_DONE)
			return 0;
		rc = code == SQLITE_ROW ? index_drop(ix, dossier, id, e) : index_fail(ix, e);
	}
	return rc;
}

int
index_dossier(struct index *ix, const char *dossier, bool readable, struct err *e)
{
	int rc = ix->making ? 0 : drop_dossier(ix, dossier, e);

	if (!rc)
		rc = index_prepare(ix, &ix->dossier, "INSERT OR REPLACE INTO akt_dossier VALUES (?1, ?2)", e);
	if (rc)
		return rc;
	sqlite3_bind_text(ix->dossier, 1, dossier, -1, SQLITE_STATIC);
	sqlite3_bind_int(ix->dossier, 2, readable);
	return index_run(ix, ix->dossier, e);
}

bool
index_readable(struct index *ix, const char *dossier)
{
	bool yes;

	if (index_prepare(ix, &ix->readable, "SELECT readable FROM akt_dossier WHERE id = ?1", NULL))
		return false;
	sqlite3_bind_text(ix->readable, 1, dossier, -1, SQLITE_STATIC);
	yes = sqlite3_step(ix->readable) == SQLITE_ROW && sqlite3_column_int(ix->readable, 0);
	sqlite3_reset(ix->readable);
	return yes;
}
