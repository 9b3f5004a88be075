/* Records into their tables. */
#include "index/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "schema/schema.h"
#include "tree/node.h"

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
drop_row(struct index *ix, sqlite3_stmt **s, const char *sql, sqlite3_int64 n, struct err *e)
{
	int rc = index_prepare(ix, s, sql, e);

	if (rc)
		return rc;
	sqlite3_bind_int64(*s, 1, n);
	return index_run(ix, *s, e);
}

static int
drop_number(struct index *ix, sqlite3_int64 n, const char *type, const char *id, struct err *e)
{
	struct plan *p = plan_of(ix, type);
	int rc;

	if (!p)
		return err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
	rc = drop_lists(ix, &p->table, n, id, e);
	if (!rc && ix->words)
		rc = drop_row(ix, &ix->untext, "DELETE FROM akt_search WHERE rowid = ?1", n, e);
	if (!rc)
		rc = drop_row(ix, &ix->unfacts, "DELETE FROM akt_fact WHERE n = ?1", n, e);
	return rc ? rc : drop_row(ix, &ix->drop, "DELETE FROM record WHERE rowid = ?1", n, e);
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
	n = ix->last = sqlite3_last_insert_rowid(ix->db);
	if (!rc && !(state && state->kind == NODE_STR && strcmp(state->text, "void") == 0))
		rc = put_row(ix, p, n, dossier, id, rec, e);
	if (!rc && ix->words)
		rc = index_prepare(ix, &ix->text, "INSERT INTO akt_search (rowid, text) VALUES (?1, ?2)", e);
	if (!rc && ix->words && data) {
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

int
index_facts(struct index *ix, unsigned matter, const uint8_t content[32], struct err *e)
{
	int rc = index_prepare(ix, &ix->facts, "INSERT INTO akt_fact VALUES (?1, ?2, ?3)", e);

	if (rc)
		return rc;
	sqlite3_bind_int64(ix->facts, 1, ix->last);
	sqlite3_bind_int64(ix->facts, 2, matter);
	sqlite3_bind_blob(ix->facts, 3, content, 32, SQLITE_STATIC);
	return index_run(ix, ix->facts, e);
}

int
index_parked(struct index *ix, const char *type, const char *dossier, const char *id,
    const char *mark, bool there, struct err *e)
{
	sqlite3_stmt **s = there ? &ix->parked : &ix->unparked;
	int rc = index_prepare(ix, s, there
	    ? "INSERT OR REPLACE INTO akt_parked (dossier, id, mark, type) VALUES (?1, ?2, ?3, ?4)"
	    : "DELETE FROM akt_parked WHERE dossier = ?1 AND id = ?2 AND mark = ?3", e);

	if (rc)
		return rc;
	sqlite3_bind_text(*s, 1, dossier, -1, SQLITE_STATIC);
	sqlite3_bind_text(*s, 2, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(*s, 3, mark, -1, SQLITE_STATIC);
	if (there)
		sqlite3_bind_text(*s, 4, type, -1, SQLITE_STATIC);
	return index_run(ix, *s, e);
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

static int
drop_parked(struct index *ix, const char *dossier, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = index_prepare(ix, &s, "DELETE FROM akt_parked WHERE dossier = ?1", e);

	if (!rc) {
		sqlite3_bind_text(s, 1, dossier, -1, SQLITE_STATIC);
		rc = index_run(ix, s, e);
	}
	sqlite3_finalize(s);
	return rc;
}

int
index_dossier(struct index *ix, const char *dossier, bool readable, struct err *e)
{
	int rc = ix->making ? 0 : drop_dossier(ix, dossier, e);

	if (!rc && !ix->making)
		rc = drop_parked(ix, dossier, e);
	if (!rc)
		rc = index_prepare(ix, &ix->dossier, "INSERT OR REPLACE INTO akt_dossier VALUES (?1, ?2)", e);
	if (rc)
		return rc;
	sqlite3_bind_text(ix->dossier, 1, dossier, -1, SQLITE_STATIC);
	sqlite3_bind_int(ix->dossier, 2, readable);
	return index_run(ix, ix->dossier, e);
}

enum { NOT_THERE, CLOSED, OPEN };

static int
ask_dossier(struct index *ix, int *out, const char *dossier, struct err *e)
{
	int answer = NOT_THERE, code;
	int rc = index_prepare(ix, &ix->readable, "SELECT readable FROM akt_dossier WHERE id = ?1", e);

	if (rc)
		return rc;
	sqlite3_bind_text(ix->readable, 1, dossier, -1, SQLITE_STATIC);
	code = sqlite3_step(ix->readable);
	if (code == SQLITE_ROW)
		answer = sqlite3_column_int(ix->readable, 0) ? OPEN : CLOSED;
	else if (code != SQLITE_DONE)
		rc = index_fail(ix, e);
	sqlite3_reset(ix->readable);
	sqlite3_clear_bindings(ix->readable);
	if (!rc)
		*out = answer;
	return rc;
}

int
index_readable(struct index *ix, bool *yes, const char *dossier, struct err *e)
{
	int answer, rc = ask_dossier(ix, &answer, dossier, e);

	if (!rc)
		*yes = answer == OPEN;
	return rc;
}

int
index_hidden(struct index *ix, const char *dossier)
{
	int answer;

	return ask_dossier(ix, &answer, dossier, NULL) ? -1 : answer == CLOSED;
}
