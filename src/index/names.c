#include "index/names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "index/memory.h"

enum { SUM = crypto_shorthash_siphashx24_BYTES };

struct names {
	sqlite3 *db;
	sqlite3_stmt *put, *drop, *find;
	uint8_t sum[SUM]; /* of the rows, while they are changed */
};

static int
fail(struct names *n, struct err *e)
{
	return err_set(e, ERR_IO, _("the list of record names cannot be used (%s); delete akt/names.db"),
	    sqlite3_errmsg(n->db));
}

static int
prepare(struct names *n)
{
	return sqlite3_prepare_v2(n->db, "INSERT OR IGNORE INTO record VALUES (?1, ?2)", -1,
	           &n->put, NULL) ||
	    sqlite3_prepare_v2(n->db, "DELETE FROM record WHERE id = ?1 AND dossier = ?2", -1,
	        &n->drop, NULL) ||
	    sqlite3_prepare_v2(n->db,
	        "SELECT id, dossier FROM record WHERE id >= ?1 AND id < ?1 || '{' "
	        "AND (?2 IS NULL OR dossier = ?2) ORDER BY id, dossier LIMIT ?3",
	        -1, &n->find, NULL);
}

static int
open_db(struct names *n, const char *path)
{
	/* Derived data: no journal, no fsync; what a crash leaves half-written is rebuilt. */
	static const char setup[] =
	    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	    "CREATE TABLE IF NOT EXISTS record (id TEXT NOT NULL, dossier TEXT NOT NULL,"
	    " PRIMARY KEY (id, dossier)) WITHOUT ROWID;"
	    "CREATE TABLE IF NOT EXISTS built (one INTEGER PRIMARY KEY, tree BLOB, whole INTEGER,"
	    " sum BLOB);";

	memory_init();
	if (sqlite3_open_v2(path ? path : ":memory:", &n->db,
	        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return -1;
	sqlite3_busy_timeout(n->db, 5000);
	return sqlite3_exec(n->db, setup, NULL, NULL, NULL) || prepare(n);
}

static void
close_db(struct names *n)
{
	sqlite3_finalize(n->put);
	sqlite3_finalize(n->drop);
	sqlite3_finalize(n->find);
	sqlite3_close(n->db);
	*n = (struct names){0};
}

int
names_open(struct names **out, const char *path, struct err *e)
{
	struct names *n = xcalloc(1, sizeof *n);

	if (open_db(n, path)) {
		int code = sqlite3_errcode(n->db);

		close_db(n);
		/* never in the way: damaged is thrown away, and where no file can be (read-only disk) memory serves */
		if (path && (code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR))
			unlink(path);
		else
			path = NULL;
		if (open_db(n, path)) {
			int rc = fail(n, e);

			close_db(n);
			free(n);
			return rc;
		}
	}
	*out = n;
	return 0;
}

int
names_open_existing(struct names **out, const char *path)
{
	struct names *n = xcalloc(1, sizeof *n);

	memory_init();
	if (sqlite3_open_v2(path, &n->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK || prepare(n)) {
		names_close(n);
		return ERR_DAMAGED;
	}
	*out = n;
	return 0;
}

void
names_close(struct names *n)
{
	if (!n)
		return;
	close_db(n);
	free(n);
}

bool
names_tree(struct names *n, uint8_t tree[20])
{
	sqlite3_stmt *s = NULL;
	bool ok = false;

	if (sqlite3_prepare_v2(n->db, "SELECT tree FROM built WHERE one = 1 AND whole = 1", -1, &s,
	        NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == 20) {
		memcpy(tree, sqlite3_column_blob(s, 0), 20);
		ok = true;
	}
	sqlite3_finalize(s);
	return ok;
}

/* Rows are summed by exclusive or, so that the sum follows each change: what stands in the file is then
 * told from what a fault of the disk made of it. */
static void
sum_row(uint8_t sum[SUM], const char *record, const char *dossier)
{
	static const uint8_t key[crypto_shorthash_siphashx24_KEYBYTES] = "akt names";
	uint8_t one[SUM];
	char *text = xasprintf("%s/%s", record, dossier);

	crypto_shorthash_siphashx24(one, (const uint8_t *)text, strlen(text), key);
	for (size_t i = 0; i < SUM; i++)
		sum[i] ^= one[i];
	free(text);
}

static bool
stated_sum(struct names *n, uint8_t sum[SUM])
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(n->db, "SELECT sum FROM built WHERE one = 1", -1, &s, NULL) ==
	        SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) == SUM;

	if (ok)
		memcpy(sum, sqlite3_column_blob(s, 0), SUM);
	sqlite3_finalize(s);
	return ok;
}

/* What would come twice leaves no trace in the sum, and where the rows do not ascend nothing is found by searching. */
bool
names_sound(struct names *n)
{
	uint8_t sum[SUM] = {0}, stated[SUM];
	char *last = xstrdup("");
	sqlite3_stmt *s = NULL;
	int code = SQLITE_ERROR;
	bool ascend = true;

	if (stated_sum(n, stated) &&
	    sqlite3_prepare_v2(n->db, "SELECT id, dossier FROM record", -1, &s, NULL) == SQLITE_OK)
		while (ascend && (code = sqlite3_step(s)) == SQLITE_ROW) {
			/* what has become a blob reads the same, and is looked for elsewhere */
			bool text = sqlite3_column_type(s, 0) == SQLITE_TEXT && sqlite3_column_type(s, 1) == SQLITE_TEXT;
			const char *id = text ? (const char *)sqlite3_column_text(s, 0) : "",
			           *dossier = text ? (const char *)sqlite3_column_text(s, 1) : "";
			/* the separator is below all that ids are made of */
			char *row = xasprintf("%s\1%s", id, dossier);

			ascend = text && strcmp(last, row) < 0;
			if (ascend)
				sum_row(sum, id, dossier);
			free(last);
			last = row;
		}
	free(last);
	sqlite3_finalize(s);
	return code == SQLITE_DONE && memcmp(sum, stated, SUM) == 0;
}

int
names_begin(struct names *n, bool anew, struct err *e)
{
	memset(n->sum, 0, sizeof n->sum);
	/* the caller brings what differs from what is there: that must not go */
	if (!anew && !stated_sum(n, n->sum))
		return fail(n, e);
	/* `whole` falls before the first row changes: an update cut short means rebuild */
	if (sqlite3_exec(n->db, "INSERT OR REPLACE INTO built VALUES (1, NULL, 0, NULL); BEGIN", NULL, NULL,
	        NULL) ||
	    (anew && sqlite3_exec(n->db, "DELETE FROM record", NULL, NULL, NULL)))
		return fail(n, e);
	return 0;
}

static int
run(struct names *n, sqlite3_stmt *s, const char *record, const char *dossier, struct err *e)
{
	int code;

	sqlite3_bind_text(s, 1, record, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, dossier, -1, SQLITE_STATIC);
	code = sqlite3_step(s);
	sqlite3_reset(s);
	if (code == SQLITE_DONE && sqlite3_changes(n->db))
		sum_row(n->sum, record, dossier);
	return code == SQLITE_DONE ? 0 : fail(n, e);
}

int
names_put(struct names *n, const char *record, const char *dossier, struct err *e)
{
	return run(n, n->put, record, dossier, e);
}

int
names_drop(struct names *n, const char *record, const char *dossier, struct err *e)
{
	return run(n, n->drop, record, dossier, e);
}

int
names_end(struct names *n, const uint8_t tree[20], struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(n->db, "INSERT OR REPLACE INTO built VALUES (1, ?1, 1, ?2)", -1, &s,
	        NULL) ||
	    sqlite3_bind_blob(s, 1, tree, 20, SQLITE_STATIC) ||
	    sqlite3_bind_blob(s, 2, n->sum, SUM, SQLITE_STATIC) || sqlite3_step(s) != SQLITE_DONE ||
	    sqlite3_exec(n->db, "COMMIT", NULL, NULL, NULL))
		rc = fail(n, e);
	sqlite3_finalize(s);
	return rc;
}

int
names_find(struct names *n, const char *prefix, const char *dossier, size_t max, names_fn each,
    void *ctx, struct err *e)
{
	int code, rc = 0;

	sqlite3_bind_text(n->find, 1, prefix, -1, SQLITE_STATIC);
	if (dossier)
		sqlite3_bind_text(n->find, 2, dossier, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(n->find, 2);
	sqlite3_bind_int64(n->find, 3, max ? (sqlite3_int64)max : -1);
	while (!rc && (code = sqlite3_step(n->find)) == SQLITE_ROW)
		rc = each(ctx, (const char *)sqlite3_column_text(n->find, 0),
		    (const char *)sqlite3_column_text(n->find, 1));
	if (!rc && code != SQLITE_DONE)
		rc = fail(n, e);
	sqlite3_reset(n->find);
	return rc;
}
