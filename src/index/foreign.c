/* SQL that people and stores write: what it may read and call, and for how long. */
#include "index/private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "tree/node.h"

enum { STEPS_A_TICK = 100000, MAX_TICKS = 3000, MAX_VALUE = 1 << 20, MAX_BOUND = 1 << 28 };

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
		rc = index_rows(ix, out, a, s, MAX_ROWS, &inner);
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
		q.columns = index_names(a, s, (int)q.ncolumns);
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
