/* The program's own questions, and what an answer is read into. */
#include "index/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { MAX_MIB = 128 };

static struct node *
value_of(struct arena *a, sqlite3_stmt *s, int i)
{
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		return node_int(a, sqlite3_column_int64(s, i));
	case SQLITE_FLOAT: {
		const char *text = (const char *)sqlite3_column_text(s, i);
		struct node *n = node_plain(a, text, strlen(text));

		return n ? n : node_null(a); /* infinite: no value here */
	}
	case SQLITE_TEXT:
	case SQLITE_BLOB: /* of a cast: as text */
		return node_strn(a, (const char *)sqlite3_column_text(s, i),
		    (size_t)sqlite3_column_bytes(s, i));
	default:
		return node_null(a);
	}
}

/* Names of the result's columns, each once: `id`, `id_2`. */
const char **
index_names(struct arena *a, sqlite3_stmt *s, int n)
{
	const char **v = arena_alloc(a, (size_t)(n ? n : 1) * sizeof *v);

	for (int i = 0; i < n; i++) {
		const char *plain = arena_strdup(a, sqlite3_column_name(s, i));
		bool again = true;

		v[i] = plain;
		for (int k = 2; again; k++) {
			again = false;
			for (int j = 0; j < i && !again; j++)
				again = strcmp(v[j], v[i]) == 0;
			if (again)
				v[i] = arena_printf(a, "%s_%d", plain, k);
		}
	}
	return v;
}

/* True when the column holds the same text as the row before: then it is the same node. */
static bool
same_text(const struct node *before, sqlite3_stmt *s, int i)
{
	return before && before->kind == NODE_STR && sqlite3_column_type(s, i) == SQLITE_TEXT &&
	    (size_t)sqlite3_column_bytes(s, i) == before->len &&
	    memcmp(sqlite3_column_text(s, i), before->text, before->len) == 0;
}

/* Many rows cost mostly the pages that they fill: names are shared, and values that repeat. */
static struct node *
row_of(struct arena *a, sqlite3_stmt *s, const char **names, int n, const struct node *before)
{
	struct node *row = node_map(a);

	row->map = arena_alloc(a, (size_t)n * sizeof *row->map);
	row->cap = (size_t)n;
	for (int i = 0; i < n; i++) {
		struct node *same = before ? before->map[i].value : NULL;

		row->map[row->n++] = (struct pair){
			.key = names[i],
			.value = same_text(same, s, i) ? same : value_of(a, s, i),
		};
	}
	return row;
}

/* What a row holds of texts that the one before it does not share. */
static size_t
text_in(const struct node *row, const struct node *before)
{
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++)
		if (!before || row->map[i].value != before->map[i].value)
			n += row->map[i].value->len;
	return n;
}

int
index_rows(struct index *ix, struct node **out, struct arena *a, sqlite3_stmt *s, size_t most, struct err *e)
{
	struct node *list = node_seq(a), *row, *before;
	int n = sqlite3_column_count(s), code;
	const char **names = index_names(a, s, n);
	size_t bytes = 0;

	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		if (list->n == most)
			return err_set(e, ERR_USAGE, _("the query gives more than %d rows: add a LIMIT"),
			    (int)MAX_ROWS);
		before = list->n ? list->seq[list->n - 1] : NULL;
		row = row_of(a, s, names, n, before);
		bytes += text_in(row, before);
		if (bytes > (size_t)MAX_MIB << 20)
			return err_set(e, ERR_USAGE, _("the query gives more than %d MiB of text: ask for less"),
			    (int)MAX_MIB);
		node_push(a, list, row);
	}
	if (code != SQLITE_DONE)
		return index_fail(ix, e);
	*out = list;
	return 0;
}

static int
number(struct index *ix, size_t *out, const char *sql, const char *value, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = index_prepare(ix, &s, sql, e);

	if (!rc && value)
		sqlite3_bind_text(s, 1, value, -1, SQLITE_STATIC);
	if (!rc && sqlite3_step(s) != SQLITE_ROW)
		rc = index_fail(ix, e);
	if (!rc)
		*out = (size_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return rc;
}

int
index_cover(struct index *ix, size_t *readable, size_t *all, struct err *e)
{
	size_t n = 0, m = 0;
	int rc = number(ix, &n, "SELECT count(*) FROM akt_dossier WHERE readable", NULL, e);

	if (!rc)
		rc = number(ix, &m, "SELECT count(*) FROM akt_dossier", NULL, e);
	if (rc)
		return rc;
	*readable = n;
	*all = m;
	return 0;
}

int
index_list(struct index *ix, struct node **out, struct arena *a, const char *type,
    size_t *damaged, struct err *e)
{
	sqlite3_stmt *s = NULL;
	size_t n = 0;
	int rc = number(ix, &n, type ? "SELECT count(*) FROM akt_damaged WHERE type = ?1"
	                             : "SELECT count(*) FROM akt_damaged", type, e);

	if (!rc)
		rc = index_prepare(ix, &s, type
		    ? "SELECT id, type, dossier, title, updated_at, updated_by FROM record WHERE type = ?1 "
		      "ORDER BY updated_at DESC, id"
		    : "SELECT id, type, dossier, title, updated_at, updated_by FROM record "
		      "ORDER BY type, updated_at DESC, id", e);
	if (!rc && type)
		sqlite3_bind_text(s, 1, type, -1, SQLITE_STATIC);
	if (!rc)
		rc = index_rows(ix, out, a, s, SIZE_MAX, e);
	sqlite3_finalize(s);
	if (!rc)
		*damaged = n;
	return rc;
}

int
index_damaged(struct index *ix, struct node **out, struct arena *a, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = index_prepare(ix, &s, "SELECT dossier FROM akt_damaged ORDER BY dossier", e);

	if (!rc)
		rc = index_rows(ix, out, a, s, SIZE_MAX, e);
	sqlite3_finalize(s);
	return rc;
}

int
index_search(struct index *ix, struct node **out, struct arena *a, const char *const *words,
    size_t n, struct err *e)
{
	struct buf match = {0};
	sqlite3_stmt *s = NULL;
	int rc;

	if (!ix->words)
		return err_set(e, ERR_USAGE,
		    _("here texts are not searched for words: so the unit has decided (akt store, fts)"));
	/* each word a quoted prefix: nothing typed is FTS5's query language */
	for (size_t i = 0; i < n; i++) {
		buf_printf(&match, "%s\"", i ? " AND " : "");
		for (const char *c = words[i]; *c; c++)
			buf_printf(&match, "%s%c", *c == '"' ? "\"" : "", *c);
		buf_puts(&match, "\"*");
	}
	rc = index_prepare(ix, &s,
	    "SELECT id, type, dossier, title FROM akt_search JOIN record ON record.rowid = "
	    "akt_search.rowid WHERE akt_search MATCH ?1 ORDER BY rank, id", e);
	if (!rc)
		sqlite3_bind_text(s, 1, buf_str(&match), (int)match.n, SQLITE_STATIC);
	if (!rc)
		rc = index_rows(ix, out, a, s, MAX_ROWS, e);
	sqlite3_finalize(s);
	buf_free(&match);
	return rc;
}

int
index_matters(struct index *ix, struct node **out, struct arena *a, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = index_prepare(ix, &s,
	    "SELECT id, type, dossier, title, updated_by, what FROM ("
	    "SELECT r.id, r.type, r.dossier, r.title, r.updated_by, 'conflict' AS what "
	    "FROM akt_fact f JOIN record r ON r.rowid = f.n WHERE f.matter <> 0 AND f.matter & 1 "
	    "UNION ALL SELECT r.id, r.type, r.dossier, r.title, r.updated_by, 'invalid' "
	    "FROM akt_fact f JOIN record r ON r.rowid = f.n WHERE f.matter <> 0 AND f.matter & 2 "
	    "UNION ALL SELECT p.id, p.type, p.dossier, r.title, r.updated_by, 'parked' FROM akt_parked p "
	    "LEFT JOIN record r ON r.dossier = p.dossier AND r.id = p.id GROUP BY p.dossier, p.id "
	    "UNION ALL SELECT id, type, dossier, NULL, NULL, 'damaged' FROM akt_damaged) "
	    "ORDER BY id, what, dossier", e);

	if (!rc)
		rc = index_rows(ix, out, a, s, SIZE_MAX, e);
	sqlite3_finalize(s);
	return rc;
}

int
index_record(struct index *ix, bool *there, struct arena *a, const char *id, char dossier[11],
    const char **title, struct err *e)
{
	int rc = index_prepare(ix, &ix->record, "SELECT dossier, title FROM record WHERE id = ?1", e), code;

	if (rc)
		return rc;
	sqlite3_bind_text(ix->record, 1, id, -1, SQLITE_STATIC);
	code = sqlite3_step(ix->record);
	if (code == SQLITE_ROW && sqlite3_column_bytes(ix->record, 0) == 10) {
		const char *text = (const char *)sqlite3_column_text(ix->record, 1);

		memcpy(dossier, sqlite3_column_text(ix->record, 0), 11);
		*title = arena_strdup(a, text ? text : "");
	} else if (code != SQLITE_DONE) {
		rc = index_fail(ix, e);
	}
	sqlite3_reset(ix->record);
	sqlite3_clear_bindings(ix->record);
	if (!rc)
		*there = code == SQLITE_ROW;
	return rc;
}

int
index_content(struct index *ix, bool *there, const char *id, uint8_t content[32], struct err *e)
{
	sqlite3_stmt *s = NULL;
	int code = SQLITE_DONE, rc = index_prepare(ix, &s,
	        "SELECT f.content FROM record r JOIN akt_fact f ON f.n = r.rowid WHERE r.id = ?1", e);

	if (!rc) {
		sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
		code = sqlite3_step(s);
	}
	if (code == SQLITE_ROW && sqlite3_column_bytes(s, 0) == 32)
		memcpy(content, sqlite3_column_blob(s, 0), 32);
	else if (code != SQLITE_DONE)
		rc = index_fail(ix, e);
	sqlite3_finalize(s);
	if (!rc)
		*there = code == SQLITE_ROW;
	return rc;
}

int
index_aside(struct index *ix, bool *aside, const char *id, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int code = SQLITE_DONE, rc = index_prepare(ix, &s, "SELECT 1 FROM akt_parked WHERE id = ?1", e);

	if (!rc) {
		sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
		code = sqlite3_step(s);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = index_fail(ix, e);
	sqlite3_finalize(s);
	if (!rc)
		*aside = code == SQLITE_ROW;
	return rc;
}
