/** An SQLite file without a byte of plaintext (DESIGN 6). For index/ and its tests alone.
 *
 * Each page of 4,096 bytes holds 4,056 of SQLite's and 40 of ours: nonce 24, tag 16, as reserved bytes
 * of SQLite's format. XChaCha20-Poly1305-IETF; additional data: file id 16, page number u32
 * big-endian from 1. What a page held earlier authenticates too: the file is derived and never
 * believed over the records. */
#ifndef AKT_INDEX_SEAL_H
#define AKT_INDEX_SEAL_H

#include <stdint.h>

#include <sqlite3.h>

enum { SEAL_KEY = 32, SEAL_ID = 16, SEAL_PAGE = 4096, SEAL_RESERVED = 40 };

struct seal;

/** Opens or makes the file, locked for this connection alone until it is closed (another gets
 * SQLITE_BUSY at once); temporary data stays in memory, there is no journal: an update cut short
 * leaves a file to throw away. `key` and `id` are copied. A page that does not authenticate is
 * SQLITE_IOERR_DATA or SQLITE_CORRUPT. SQLite's code; *db set on SQLITE_OK only. */
int seal_open(struct seal **out, sqlite3 **db, const char *path, const uint8_t key[SEAL_KEY],
    const uint8_t id[SEAL_ID]);
/** Closes the connection, whose statements must be finalised, and wipes the key. NULL is allowed. */
void seal_close(struct seal *s, sqlite3 *db);

#endif
