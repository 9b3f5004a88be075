/* The file, its key and the mark of what is whole. */
#include "index/private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "index/memory.h"

#include <sodium.h>

enum { LOCK_WAIT_MS = 2000, KEY_FILE_MAX = 4096 };

static const char base_tables[] =
    "CREATE TABLE akt_mark (one INTEGER PRIMARY KEY, version INTEGER, tree BLOB, keys BLOB,"
    " stamp BLOB, expires INTEGER);"
    "CREATE TABLE akt_table (name TEXT PRIMARY KEY) WITHOUT ROWID;"
    "INSERT INTO akt_table VALUES ('record');"
    "CREATE TABLE akt_dossier (id TEXT PRIMARY KEY, readable INTEGER) WITHOUT ROWID;"
    "CREATE TABLE akt_damaged (id TEXT, dossier TEXT, type TEXT, PRIMARY KEY (dossier, id))"
    " WITHOUT ROWID;"
    "CREATE TABLE record (id TEXT, type TEXT, dossier TEXT, title TEXT, updated_at TEXT,"
    " updated_by TEXT, state TEXT, UNIQUE (dossier, id));"
    "CREATE INDEX record_listed ON record (type, updated_at DESC, id, dossier, title, updated_by);"
    "CREATE INDEX record_id ON record (id);"
    "CREATE TABLE akt_fact (n INTEGER PRIMARY KEY, matter INTEGER, content BLOB);"
    "CREATE INDEX akt_matter ON akt_fact (matter) WHERE matter <> 0;"
    "CREATE TABLE akt_parked (dossier TEXT, id TEXT, mark TEXT, type TEXT,"
    " PRIMARY KEY (dossier, id, mark)) WITHOUT ROWID;"
    "CREATE TABLE akt_kept_key (one INTEGER PRIMARY KEY, key BLOB);"
    "CREATE TABLE akt_kept (n INTEGER PRIMARY KEY, row BLOB);"
    "CREATE TABLE akt_kept_tag (tag TEXT, n INTEGER, PRIMARY KEY (tag, n)) WITHOUT ROWID;";

/* å, ä and ö are letters of their own */
static const char words_table[] =
    "CREATE VIRTUAL TABLE akt_search USING fts5 (text, tokenize = 'unicode61 remove_diacritics 0')";

int
index_fail(struct index *ix, struct err *e)
{
	int code = ix->db ? sqlite3_errcode(ix->db) & 0xff : SQLITE_NOMEM;

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_IOERR ||
	    code == SQLITE_CANTOPEN)
		return err_set(e, ERR_DAMAGED, _("the index cannot be used; it is built anew when it is deleted: akt/index.db"));
	/* SQLite's own words name tables and columns, which are the schemas', never values */
	return err_set(e, ERR_IO, _("the index cannot be used: %s"),
	    ix->db ? sqlite3_errmsg(ix->db) : "");
}

int
index_prepare(struct index *ix, sqlite3_stmt **s, const char *sql, struct err *e)
{
	if (*s || sqlite3_prepare_v3(ix->db, sql, -1, SQLITE_PREPARE_PERSISTENT, s, NULL) == SQLITE_OK)
		return 0;
	return index_fail(ix, e);
}

int
index_run(struct index *ix, sqlite3_stmt *s, struct err *e)
{
	int code, rc;

	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		;
	rc = code == SQLITE_DONE ? 0 : index_fail(ix, e);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s); /* what was bound lives no longer than the caller's document */
	return rc;
}

static char *
path_of(const struct index *ix, const char *name)
{
	return xasprintf("%s/index.%s", ix->folder, name);
}

static void
close_db(struct index *ix)
{
	sqlite3_stmt **all[] = {&ix->put, &ix->drop, &ix->find, &ix->damaged, &ix->undamaged, &ix->text,
		&ix->untext, &ix->dossier, &ix->readable, &ix->of_dossier, &ix->facts, &ix->unfacts,
		&ix->parked, &ix->unparked, &ix->keep, &ix->tag, &ix->record};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		sqlite3_finalize(*all[i]);
		*all[i] = NULL;
	}
	plans_free(ix);
	seal_close(ix->seal, ix->db);
	ix->seal = NULL;
	ix->db = NULL;
}

static int
make_tables(struct index *ix, struct err *e)
{
	ix->words = ix->want_words;
	if (sqlite3_exec(ix->db, base_tables, NULL, NULL, NULL) || world_open(ix) ||
	    (ix->words && sqlite3_exec(ix->db, words_table, NULL, NULL, NULL)))
		return index_fail(ix, e);
	return 0;
}

static int
open_memory(struct index *ix, struct err *e)
{
	memory_init();
	if (sqlite3_open_v2(":memory:", &ix->db, SQLITE_OPEN_READWRITE, NULL) ||
	    sqlite3_exec(ix->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL))
		return index_fail(ix, e);
	return make_tables(ix, e);
}

/* A new key before the file that it seals: whatever of the old one is left on the disk is noise. */
static int
open_fresh(struct index *ix, struct err *e)
{
	char *db = path_of(ix, "db"), *key = path_of(ix, "key"), *dirty = path_of(ix, "dirty");
	uint8_t *k = secret_alloc(SEAL_KEY + SEAL_ID);
	struct buf sealed = {0};
	int rc, fd;

	close_db(ix);
	rc = os_unlink(key, e);
	if (!rc)
		rc = os_unlink(db, e);
	randombytes_buf(k, SEAL_KEY + SEAL_ID);
	if (!rc)
		rc = age_encrypt(&sealed, (const uint8_t (*)[32])ix->pk, 1, k, SEAL_KEY + SEAL_ID, e);
	if (!rc)
		rc = os_write_file(key, buf_str(&sealed), sealed.n, 0600, e);
	if (!rc)
		rc = os_unlink(dirty, e);
	if (rc)
		goto done;
	fd = open(db, O_CREAT | O_RDWR | O_CLOEXEC, 0600); /* SQLite would make it for all to read */
	if (fd >= 0)
		close(fd);
	if (seal_open(&ix->seal, &ix->db, db, k, k + SEAL_KEY) != SQLITE_OK)
		rc = err_set(e, ERR_IO, _("the index cannot be made"));
	else
		rc = make_tables(ix, e);
done:
	secret_free(k);
	buf_free(&sealed);
	free(db);
	free(key);
	free(dirty);
	return rc;
}

/* Whether the file was made with the texts' words in it. */
static bool
has_words(struct index *ix)
{
	static const char ask[] = "SELECT count(*) FROM sqlite_schema WHERE name = 'akt_search'";
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(ix->db, ask, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW;

	ix->words = ok && sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return ok;
}

void
index_words(struct index *ix, bool on)
{
	ix->want_words = on;
}

/* True when what is there opens, is whole and of this version. */
static bool
open_existing(struct index *ix)
{
	char *db = path_of(ix, "db"), *key = path_of(ix, "key"), *dirty = path_of(ix, "dirty");
	struct buf sealed = {0}, plain = {0};
	struct index_mark m;
	bool ok = false;

	if (os_absent(dirty) && os_exists(db) && os_read_file(&sealed, key, KEY_FILE_MAX, NULL) == 0 &&
	    age_decrypt(&plain, (const uint8_t (*)[32])ix->sk, 1, 0, buf_str(&sealed), sealed.n, NULL,
	        NULL) == 0 && plain.n == SEAL_KEY + SEAL_ID)
		ok = seal_open(&ix->seal, &ix->db, db, (uint8_t *)plain.p,
		         (uint8_t *)plain.p + SEAL_KEY) == SQLITE_OK && index_mark(ix, &m);
	if (ok)
		ok = has_words(ix) && world_open(ix) == 0;
	if (!ok)
		close_db(ix);
	buf_free(&sealed);
	buf_free(&plain);
	free(db);
	free(key);
	free(dirty);
	return ok;
}

int
index_open(struct index **out, const char *folder, const uint8_t age_sk[32],
    const uint8_t age_pk[32], struct err *e)
{
	struct index *ix = xcalloc(1, sizeof *ix);
	struct err inner = {0};
	char *lock;
	int rc = 0;

	ix->a = arena_new();
	ix->want_words = true;
	ix->sk = age_sk;
	ix->pk = age_pk;
	if (folder) {
		ix->folder = xstrdup(folder);
		lock = path_of(ix, "lock");
		rc = os_lock(&ix->lock, lock, LOCK_WAIT_MS, &inner);
		free(lock);
		if (rc == ERR_BUSY) {
			err_append(e, &inner);
			goto done;
		}
		if (!rc && !open_existing(ix))
			rc = open_fresh(ix, &inner);
		if (rc) {
			close_db(ix);
			xfree(ix->folder);
		}
	}
	rc = ix->db ? 0 : open_memory(ix, e);
done:
	if (rc)
		index_close(ix);
	else
		*out = ix;
	return rc;
}

static bool
integrity(struct index *ix)
{
	sqlite3_stmt *s = NULL;
	const unsigned char *text = NULL;
	bool ok = sqlite3_prepare_v2(ix->db, "PRAGMA integrity_check(1)", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW && (text = sqlite3_column_text(s, 0)) &&
	    strcmp((const char *)text, "ok") == 0;

	sqlite3_finalize(s);
	return ok && (!ix->words || sqlite3_exec(ix->db,
	                 "INSERT INTO akt_search (akt_search) VALUES ('integrity-check')", NULL, NULL, NULL) == SQLITE_OK);
}

enum index_health
index_examine(const char *folder, const uint8_t age_sk[32])
{
	struct index *ix = xcalloc(1, sizeof *ix);
	enum index_health health = INDEX_NONE;
	char *db, *key, *dirty, *lock;

	ix->a = arena_new();
	ix->sk = age_sk;
	ix->folder = xstrdup(folder);
	db = path_of(ix, "db");
	key = path_of(ix, "key");
	dirty = path_of(ix, "dirty");
	lock = path_of(ix, "lock");
	/* an update that was cut short is no damage: it is made anew at its next use */
	if ((os_exists(db) || os_exists(key)) && os_absent(dirty) &&
	    os_lock(&ix->lock, lock, LOCK_WAIT_MS, NULL) == 0)
		health = open_existing(ix) && integrity(ix) ? INDEX_GOOD : INDEX_BAD;
	index_close(ix);
	free(db);
	free(key);
	free(dirty);
	free(lock);
	return health;
}

int
index_remove(const char *folder, struct err *e)
{
	static const char *const names[] = {"key", "db", "dirty"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++) {
		char *path = xasprintf("%s/index.%s", folder, names[i]);

		rc = os_unlink(path, e);
		free(path);
	}
	return rc;
}

void
index_close(struct index *ix)
{
	if (!ix)
		return;
	close_db(ix);
	os_unlock(ix->lock);
	arena_free(ix->a);
	free(ix->plans);
	free(ix->folder);
	free(ix);
}

static bool
blob(sqlite3_stmt *s, int column, uint8_t *out, int n)
{
	if (sqlite3_column_bytes(s, column) != n)
		return false;
	memcpy(out, sqlite3_column_blob(s, column), (size_t)n);
	return true;
}

bool
index_mark(struct index *ix, struct index_mark *out)
{
	sqlite3_stmt *s = NULL;
	struct index_mark m;
	bool ok = sqlite3_prepare_v2(ix->db, "SELECT tree, keys, stamp, expires, version FROM akt_mark",
	              -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 4) == INDEX_VERSION &&
	    blob(s, 0, m.tree, sizeof m.tree) && blob(s, 1, m.keys, sizeof m.keys) &&
	    blob(s, 2, m.stamp, sizeof m.stamp);

	if (ok) {
		m.expires = sqlite3_column_int64(s, 3);
		*out = m;
	}
	sqlite3_finalize(s);
	return ok;
}

int
index_begin(struct index *ix, bool afresh, struct err *e)
{
	char *dirty = ix->folder ? path_of(ix, "dirty") : NULL;
	int rc = 0;

	if (afresh && dirty) {
		rc = open_fresh(ix, e);
	} else if (afresh) {
		close_db(ix);
		rc = open_memory(ix, e);
	}
	/* on disk before the first page changes: an update cut short means build anew */
	if (!rc && dirty)
		rc = os_write_file(dirty, "", 0, 0600, e);
	if (!rc && sqlite3_exec(ix->db, "BEGIN", NULL, NULL, NULL))
		rc = index_fail(ix, e);
	if (!rc && !afresh)
		rc = kept_forget(ix, e);
	ix->making = afresh;
	free(dirty);
	return rc;
}

int
index_end(struct index *ix, const struct index_mark *m, struct err *e)
{
	char *dirty = ix->folder ? path_of(ix, "dirty") : NULL;
	sqlite3_stmt *s = NULL;
	int rc = index_prepare(ix, &s, "INSERT OR REPLACE INTO akt_mark VALUES (1, ?1, ?2, ?3, ?4, ?5)",
	    e);

	if (!rc) {
		sqlite3_bind_int(s, 1, INDEX_VERSION);
		sqlite3_bind_blob(s, 2, m->tree, sizeof m->tree, SQLITE_STATIC);
		sqlite3_bind_blob(s, 3, m->keys, sizeof m->keys, SQLITE_STATIC);
		sqlite3_bind_blob(s, 4, m->stamp, sizeof m->stamp, SQLITE_STATIC);
		sqlite3_bind_int64(s, 5, m->expires);
		rc = index_run(ix, s, e);
	}
	sqlite3_finalize(s);
	if (!rc && sqlite3_exec(ix->db, "COMMIT", NULL, NULL, NULL))
		rc = index_fail(ix, e);
	/* what was written last is not what is asked first, and who asks has rows to hold */
	if (!rc && ix->making)
		sqlite3_db_release_memory(ix->db);
	ix->making = false;
	if (!rc && dirty)
		rc = os_unlink(dirty, e);
	free(dirty);
	return rc;
}
