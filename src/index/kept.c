/* Rows made of the records, kept beside them; and what queries may ask beyond the tables. */
#include "index/private.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

/* A row is its fields one after the other: length, 4 bytes, lowest first, then that many; this length: NULL. */
static const uint32_t no_field = UINT32_MAX;

bool
index_kept(struct index *ix, const uint8_t key[32])
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(ix->db, "SELECT key FROM akt_kept_key", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == 32 &&
	    memcmp(sqlite3_column_blob(s, 0), key, 32) == 0;

	sqlite3_finalize(s);
	return ok;
}

int
kept_forget(struct index *ix, struct err *e)
{
	static const char sql[] = "DELETE FROM akt_kept_key; DELETE FROM akt_kept; DELETE FROM akt_kept_tag";

	return sqlite3_exec(ix->db, sql, NULL, NULL, NULL) ? index_fail(ix, e) : 0;
}

int
index_keep_begin(struct index *ix, const uint8_t key[32], struct err *e)
{
	sqlite3_stmt *s = NULL;
	/* forgets what was kept, too */
	int rc = index_begin(ix, false, e);

	ix->kept = 0;
	if (!rc)
		rc = index_prepare(ix, &s, "INSERT INTO akt_kept_key VALUES (1, ?1)", e);
	if (!rc) {
		sqlite3_bind_blob(s, 1, key, 32, SQLITE_STATIC);
		rc = index_run(ix, s, e);
	}
	sqlite3_finalize(s);
	return rc;
}

static void
add_field(struct buf *b, const char *text)
{
	uint32_t n = text ? (uint32_t)strlen(text) : no_field;

	for (int i = 0; i < 4; i++)
		buf_putc(b, (int)(n >> (8 * i) & 0xff));
	if (text)
		buf_add(b, text, n);
}

int
index_keep(struct index *ix, const char *const *fields, size_t nfields, const char *const *tags,
    size_t ntags, struct err *e)
{
	struct buf row = {0};
	int rc = index_prepare(ix, &ix->keep, "INSERT INTO akt_kept VALUES (?1, ?2)", e);

	for (size_t i = 0; i < nfields; i++)
		add_field(&row, fields[i]);
	if (!rc) {
		sqlite3_bind_int64(ix->keep, 1, ++ix->kept);
		sqlite3_bind_blob(ix->keep, 2, buf_str(&row), (int)row.n, SQLITE_STATIC);
		rc = index_run(ix, ix->keep, e);
	}
	buf_free(&row);
	for (size_t i = 0; !rc && i < ntags; i++) {
		rc = index_prepare(ix, &ix->tag, "INSERT OR IGNORE INTO akt_kept_tag VALUES (?1, ?2)", e);
		if (rc)
			break;
		sqlite3_bind_text(ix->tag, 1, tags[i], -1, SQLITE_STATIC);
		sqlite3_bind_int64(ix->tag, 2, ix->kept);
		rc = index_run(ix, ix->tag, e);
	}
	return rc;
}

int
index_keep_end(struct index *ix, struct err *e)
{
	struct index_mark m;

	if (!index_mark(ix, &m))
		return err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
	return index_end(ix, &m, e);
}

static struct node *
row_of(struct arena *a, const uint8_t *p, size_t n)
{
	struct node *row = node_seq(a);

	while (n >= 4) {
		uint32_t len = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		    (uint32_t)p[3] << 24;

		p += 4;
		n -= 4;
		if (len != no_field && len > n)
			return NULL;
		node_push(a, row, len == no_field ? node_null(a) : node_strn(a, (const char *)p, len));
		p += len == no_field ? 0 : len;
		n -= len == no_field ? 0 : len;
	}
	return n ? NULL : row;
}

int
index_kept_rows(struct index *ix, struct node **out, struct arena *a, const char *const *tags,
    size_t n, struct err *e)
{
	struct node *list = node_seq(a);
	struct buf sql = {0};
	sqlite3_stmt *s = NULL;
	int rc, code = SQLITE_DONE;

	buf_puts(&sql, "SELECT row FROM akt_kept");
	for (size_t i = 0; i < n; i++)
		buf_printf(&sql, "%s?%zu", i ? ", " : " WHERE n IN (SELECT n FROM akt_kept_tag WHERE tag IN (",
		    i + 1);
	buf_puts(&sql, n ? ")) ORDER BY n" : " ORDER BY n");
	rc = index_prepare(ix, &s, buf_str(&sql), e);
	for (size_t i = 0; !rc && i < n; i++)
		sqlite3_bind_text(s, (int)i + 1, tags[i], -1, SQLITE_STATIC);
	while (!rc && (code = sqlite3_step(s)) == SQLITE_ROW) {
		struct node *row = row_of(a, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));

		if (!row)
			rc = err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
		else
			node_push(a, list, row);
	}
	if (!rc && code != SQLITE_DONE)
		rc = index_fail(ix, e);
	sqlite3_finalize(s);
	buf_free(&sql);
	if (!rc)
		*out = list;
	return rc;
}

/* --- functions of queries ------------------------------------------------------------------------------- */

static void
give(sqlite3_context *c, int answer, int code)
{
	if (answer < 0) {
		sqlite3_result_error(c, "cannot be told", -1);
		sqlite3_result_error_code(c, code);
	} else
		sqlite3_result_int(c, answer);
}

static void
known(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct index *ix = sqlite3_user_data(c);
	const char *id = (const char *)sqlite3_value_text(v[0]);

	(void)n;
	if (id)
		give(c, ix->world.known ? ix->world.known(ix->world.ctx, id) : 0, SQLITE_ERROR);
}

static void
hidden(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct index *ix = sqlite3_user_data(c);
	const char *dossier = (const char *)sqlite3_value_text(v[0]),
	           *part = (const char *)sqlite3_value_text(v[1]);
	int answer;

	(void)n;
	if (!dossier || !part)
		return;
	/* statements are prepared anew, and authorized, when an authorizer has come since */
	ix->inside = true;
	answer = ix->world.hidden ? ix->world.hidden(ix->world.ctx, dossier, part) : 0;
	ix->inside = false;
	give(c, answer, SQLITE_CORRUPT);
}

int
world_open(struct index *ix)
{
	return sqlite3_create_function_v2(ix->db, "known", 1, SQLITE_UTF8, ix, known, NULL, NULL, NULL) ||
	    sqlite3_create_function_v2(ix->db, "hidden", 2, SQLITE_UTF8, ix, hidden, NULL, NULL, NULL);
}

void
index_world(struct index *ix, const struct index_world *w)
{
	ix->world = *w;
}
