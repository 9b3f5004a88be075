/* Questions: the program's own, and SQL that people and stores write. */
#include "index/private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { STEPS_A_TICK = 100000, MAX_TICKS = 3000, MAX_ROWS = 100000, MAX_MIB = 128, MAX_VALUE = 1 << 20, MAX_BOUND = 1 << 28 };

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
static const char **
names_of(struct arena *a, sqlite3_stmt *s, int n)
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

static int
rows(struct index *ix, struct node **out, struct arena *a, sqlite3_stmt *s, size_t most, struct err *e)
{
	struct node *list = node_seq(a), *row, *before;
	int n = sqlite3_column_count(s), code;
	const char **names = names_of(a, s, n);
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
		rc = rows(ix, out, a, s, SIZE_MAX, e);
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
		rc = rows(ix, out, a, s, SIZE_MAX, e);
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
		rc = rows(ix, out, a, s, MAX_ROWS, e);
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
		rc = rows(ix, out, a, s, SIZE_MAX, e);
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

/* --- SQL that others write ------------------------------------------------------------------------ */

/* All that is pure or tells the time: nothing that loads, reads files, sees connections or makes much of
 * nothing between two ticks (zeroblob, randomblob, printf). */
static const char *const functions[] = {
	"->", "->>", "abs", "akt_draw", "avg", "ceil", "ceiling", "char", "coalesce", "count", "cume_dist", "date",
	"datetime", "dense_rank", "first_value", "floor", "glob", "group_concat", "hex", "hidden", "ifnull",
	"iif", "instr", "json", "json_array", "json_array_length", "json_each", "json_extract",
	"json_group_array", "json_group_object", "json_object", "json_quote", "json_type", "json_valid",
	"julianday", "known", "lag", "last_value", "lead", "length", "like", "likelihood", "likely", "lower", "ltrim",
	"max", "min", "mod", "nth_value", "ntile", "nullif", "percent_rank", "pow", "power", "quote",
	"rank", "replace", "round", "row_number", "rtrim", "sign", "sqrt", "strftime", "substr", "substring",
	"sum", "time", "total", "trim", "trunc", "typeof", "unicode", "unixepoch", "unlikely", "upper",
};

static int
by_name(const void *key, const void *item)
{
	return strcasecmp(key, *(const char *const *)item);
}

/* akt_draw(seed, id): where the seed puts the id, so that a draw by lot can be done again. */
static void
draw(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	const char *seed = (const char *)sqlite3_value_text(v[0]);
	const char *id = (const char *)sqlite3_value_text(v[1]);

	(void)n;
	if (seed && id)
		sqlite3_result_int64(ctx, (sqlite3_int64)(hash_rank(seed, id) >> 1));
}

/* Read before: an authorizer must not use the connection that asks it. */
static int
load_tables(struct index *ix, struct arena *a, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int code = SQLITE_DONE, rc = index_prepare(ix, &s, "SELECT name FROM akt_table", e);

	ix->tables = node_seq(a);
	while (!rc && (code = sqlite3_step(s)) == SQLITE_ROW)
		node_push(a, ix->tables, node_str(a, (const char *)sqlite3_column_text(s, 0)));
	if (!rc && code != SQLITE_DONE)
		rc = index_fail(ix, e);
	sqlite3_finalize(s);
	if (!rc && sqlite3_create_function_v2(ix->db, "akt_draw", 2,
	        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, draw, NULL, NULL, NULL))
		rc = index_fail(ix, e);
	/* declares the two, which the authorizer would see as making tables */
	if (!rc && sqlite3_exec(ix->db, "SELECT 1 FROM json_each('[]'), json_tree('[]')", NULL, NULL, NULL))
		rc = index_fail(ix, e);
	return rc;
}

static bool
may_read(const struct index *ix, const char *table, const char *column)
{
	/* a query's own WITH, of which no column is read; it can have no name that is the index's own */
	if (!*column)
		return strncasecmp(table, "akt_", 4) != 0 && strncasecmp(table, "sqlite_", 7) != 0 &&
		    strncasecmp(table, "pragma_", 7) != 0;
	for (size_t i = 0; i < ix->tables->n; i++)
		if (strcasecmp(ix->tables->seq[i]->text, table) == 0)
			return true;
	return strcasecmp(table, "json_each") == 0 || strcasecmp(table, "json_tree") == 0;
}

static int
refuse(struct index *ix)
{
	ix->refused = true;
	return SQLITE_DENY;
}

static int
authorize(void *ctx, int action, const char *one, const char *two, const char *schema,
    const char *view)
{
	(void)schema;
	(void)view;
	if (((struct index *)ctx)->inside)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return may_read(ctx, one, two) ? SQLITE_OK : refuse(ctx);
	case SQLITE_FUNCTION:
		return bsearch(two, functions, sizeof functions / sizeof *functions, sizeof *functions,
		           by_name) ? SQLITE_OK : refuse(ctx);
	default:
		return refuse(ctx);
	}
}

static int
tick(void *ctx)
{
	struct index *ix = ctx;

	return ++ix->steps > MAX_TICKS || (ix->tick && ix->tick(ix->tick_ctx));
}

/* Where the query itself begins: behind what is only comment. */
static const char *
beginning(const char *sql)
{
	const char *p = sql;

	for (;;) {
		p += strspn(p, " \t\r\n");
		if (strncmp(p, "--", 2) != 0)
			return *p ? p : sql;
		p += strcspn(p, "\n");
	}
}

/* What is wrong with a statement that someone wrote, at its place when it has one. */
static int
complain(struct index *ix, const char *sql, const char *file, struct err *e, const char *text)
{
	int offset = sqlite3_error_offset(ix->db);
	const char *at = offset >= 0 && (size_t)offset < strlen(sql) ? sql + offset : beginning(sql);
	unsigned line = 1, column = 1;

	if (!file)
		return err_set(e, ERR_USAGE, "%s", text);
	for (const char *p = sql; p < at; p++) {
		column = *p == '\n' ? 1 : column + (((unsigned char)*p & 0xc0) != 0x80);
		line += *p == '\n';
	}
	return err_at(e, ERR_INVALID, file, line, column, NULL, "%s", text);
}

/* Why it failed. The message quotes the statement, which is theirs. */
static int
why(struct index *ix, const char *sql, const char *file, struct err *e)
{
	int code = sqlite3_errcode(ix->db) & 0xff, rc;
	char *text;

	if (code == SQLITE_INTERRUPT && ix->steps > MAX_TICKS)
		return complain(ix, sql, file, e,
		    _("the query takes too long: join on ids, or ask for less"));
	if (code == SQLITE_INTERRUPT)
		return err_set(e, ERR_CANCELLED, _("stopped"));
	/* by what a virtual table prepares, too: SQLite's code is another there */
	if (ix->refused || code == SQLITE_AUTH)
		return complain(ix, sql, file, e,
		    _("a query may only read the tables of records, with plain functions (SELECT)"));
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_IOERR)
		return index_fail(ix, e);
	text = xasprintf(_("the query cannot be run: %s"), sqlite3_errmsg(ix->db));
	rc = complain(ix, sql, file, e, text);
	free(text);
	return rc;
}

/* What is bound may be longer than what a query may make: a log, as JSON. No text is NULL. */
static int
longest(const struct index_value *values, size_t n)
{
	size_t max = MAX_VALUE;

	for (size_t i = 0; i < n; i++)
		if (!values[i].is_int && values[i].text && strlen(values[i].text) >= max)
			max = strlen(values[i].text) + 1;
	return max < MAX_BOUND ? (int)max : MAX_BOUND;
}

static int
bind_values(struct index *ix, const char *sql, const char *file, sqlite3_stmt *s,
    const struct index_value *values, size_t n, struct err *e)
{
	for (int i = 1; i <= sqlite3_bind_parameter_count(s); i++) {
		const char *name = sqlite3_bind_parameter_name(s, i);
		size_t k = 0;

		while (k < n && !(name && name[0] == ':' && strcmp(name + 1, values[k].name) == 0))
			k++;
		if (k == n) {
			char *text = xasprintf(_("the query asks for a value that nobody gave: %s"),
			    name ? name : "?");
			int rc = complain(ix, sql, file, e, text);

			free(text);
			return rc;
		}
		if (values[k].is_int)
			sqlite3_bind_int64(s, i, values[k].i);
		else
			sqlite3_bind_text(s, i, values[k].text, -1, SQLITE_STATIC);
	}
	return 0;
}

static int
prepare_foreign(struct index *ix, sqlite3_stmt **out, struct arena *a, const char *sql,
    const char *file, struct err *e)
{
	sqlite3_stmt *s = NULL;
	const char *rest = NULL;
	int rc = load_tables(ix, a, e);

	if (rc)
		return rc;
	ix->steps = 0;
	ix->refused = false;
	sqlite3_limit(ix->db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
	sqlite3_progress_handler(ix->db, STEPS_A_TICK, tick, ix);
	sqlite3_set_authorizer(ix->db, authorize, ix);
	if (sqlite3_prepare_v2(ix->db, sql, -1, &s, &rest) != SQLITE_OK)
		rc = why(ix, sql, file, e);
	else if (!s || rest[strspn(rest, " \t\r\n;")])
		rc = complain(ix, sql, file, e, _("give one query"));
	else if (!sqlite3_stmt_readonly(s) || sqlite3_column_count(s) == 0)
		rc = complain(ix, sql, file, e,
		    _("a query may only read the tables of records, with plain functions (SELECT)"));
	if (rc)
		sqlite3_finalize(s);
	else
		*out = s;
	return rc;
}

static void
end_foreign(struct index *ix, sqlite3_stmt *s)
{
	sqlite3_finalize(s);
	sqlite3_set_authorizer(ix->db, NULL, NULL);
	sqlite3_progress_handler(ix->db, 0, NULL, NULL);
	sqlite3_limit(ix->db, SQLITE_LIMIT_LENGTH, 1000000000);
}

int
index_query_file(struct index *ix, struct node **out, struct arena *a, const char *sql,
    const char *file, const struct index_value *values, size_t n, index_tick_fn each, void *ctx,
    struct err *e)
{
	struct err inner = {0};
	sqlite3_stmt *s = NULL;
	int rc;

	ix->tick = each;
	ix->tick_ctx = ctx;
	rc = prepare_foreign(ix, &s, a, sql, file, e);
	if (!rc) {
		sqlite3_limit(ix->db, SQLITE_LIMIT_LENGTH, longest(values, n));
		rc = bind_values(ix, sql, file, s, values, n, e);
	}
	if (!rc) {
		rc = rows(ix, out, a, s, MAX_ROWS, &inner);
		if (rc == ERR_USAGE)
			rc = complain(ix, sql, file, e, inner.item[0].text);
		else if (rc)
			rc = why(ix, sql, file, e);
	}
	end_foreign(ix, s);
	return rc;
}

int
index_query(struct index *ix, struct node **out, struct arena *a, const char *sql,
    const struct index_value *values, size_t n, index_tick_fn each, void *ctx, struct err *e)
{
	return index_query_file(ix, out, a, sql, NULL, values, n, each, ctx, e);
}

int
index_query_check(struct index *ix, struct index_question *out, struct arena *a,
    const char *sql, const char *file, struct err *e)
{
	struct index_question q = {0};
	sqlite3_stmt *s = NULL;
	int rc;

	ix->tick = NULL;
	rc = prepare_foreign(ix, &s, a, sql, file, e);
	if (!rc) {
		int values = sqlite3_bind_parameter_count(s);

		q.ncolumns = (size_t)sqlite3_column_count(s);
		q.columns = names_of(a, s, (int)q.ncolumns);
		q.values = arena_alloc(a, ((size_t)values + 1) * sizeof *q.values);
		for (int i = 1; !rc && i <= values; i++) {
			const char *name = sqlite3_bind_parameter_name(s, i);

			if (!name || name[0] != ':')
				rc = complain(ix, sql, file, e, _("values are asked for as :name"));
			else
				q.values[q.nvalues++] = arena_strdup(a, name + 1);
		}
	}
	end_foreign(ix, s);
	if (!rc)
		*out = q;
	return rc;
}
