/* What sealing costs is told by the same program without it: linked before libindex, this stands in for index/seal.c,
 * with SQLite's own files and otherwise the same settings. The file it leaves is any SQLite program's to read,
 * so it is for measuring alone and no part of akt. */
#include "index/seal.h"

#include <stdlib.h>

#include "base/alloc.h"

struct seal {
	int none;
};

int
seal_open(struct seal **out, sqlite3 **db, const char *path, const uint8_t key[SEAL_KEY],
    const uint8_t id[SEAL_ID])
{
	static const char setup[] =
	    "PRAGMA page_size = 4096; PRAGMA cache_size = -65536; PRAGMA locking_mode = EXCLUSIVE;"
	    "PRAGMA journal_mode = OFF; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
	    "PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; BEGIN EXCLUSIVE; COMMIT";
	sqlite3 *c = NULL;
	int rc = sqlite3_open_v2(path, &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	(void)key;
	(void)id;
	if (rc == SQLITE_OK)
		rc = sqlite3_extended_result_codes(c, 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c, setup, NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		sqlite3_close(c);
		return rc;
	}
	*out = xcalloc(1, sizeof **out);
	*db = c;
	return SQLITE_OK;
}

void
seal_close(struct seal *s, sqlite3 *db)
{
	sqlite3_close(db);
	free(s);
}
