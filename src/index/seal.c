/* A VFS shim over the system's: only the main database file goes through it, whole pages at a time. */
#include "index/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "index/memory.h"

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	BODY = SEAL_PAGE - SEAL_RESERVED,
};

_Static_assert(NONCE + TAG == SEAL_RESERVED, "reserved bytes hold nonce and tag");

/* A VFS of its own for each file: so the key needs no global and no URI to travel in. */
struct seal {
	sqlite3_vfs vfs;
	sqlite3_vfs *below;
	char name[40];
	struct seal_key {
		uint8_t key[SEAL_KEY], id[SEAL_ID];
	} * k; /* guarded */
};

struct seal_file {
	sqlite3_file base;
	const struct seal *seal;
	uint8_t sealed[SEAL_PAGE], plain[SEAL_PAGE];
	/* the system's own file follows */
};

static sqlite3_file *
real(sqlite3_file *f)
{
	return (sqlite3_file *)((uint8_t *)f + sizeof(struct seal_file));
}

static void
additional(uint8_t out[SEAL_ID + 4], const struct seal *s, uint32_t page)
{
	memcpy(out, s->k->id, SEAL_ID);
	for (int i = 0; i < 4; i++)
		out[SEAL_ID + i] = (uint8_t)(page >> (24 - 8 * i));
}

static int
file_close(sqlite3_file *f)
{
	struct seal_file *x = (struct seal_file *)f;

	secret_wipe(x->plain, sizeof x->plain);
	return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
}

/* One page, opened, to `out`. SHORT_READ where the file ends before it. */
static int
read_page(struct seal_file *f, uint8_t out[SEAL_PAGE], sqlite3_int64 page)
{
	sqlite3_file *below = real(&f->base);
	uint8_t ad[SEAL_ID + 4];
	sqlite3_int64 size = 0;
	int rc;

	/* the page number is 32 bits in the format itself */
	if (page >= INT32_MAX)
		return SQLITE_IOERR_READ;
	rc = below->pMethods->xRead(below, f->sealed, SEAL_PAGE, page * SEAL_PAGE);
	if (rc == SQLITE_IOERR_SHORT_READ) {
		rc = below->pMethods->xFileSize(below, &size);
		if (rc == SQLITE_OK)
			/* part of a page is damage; none of it is how SQLite asks whether a file is new */
			rc = size > page * SEAL_PAGE ? SQLITE_IOERR_DATA : SQLITE_IOERR_SHORT_READ;
	}
	if (rc != SQLITE_OK)
		return rc;
	additional(ad, f->seal, (uint32_t)page + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt_detached(out, NULL, f->sealed, BODY,
	        f->sealed + BODY + NONCE, ad, sizeof ad, f->sealed + BODY, f->seal->k->key) != 0)
		return SQLITE_IOERR_DATA;
	memset(out + BODY, 0, SEAL_RESERVED);
	return SQLITE_OK;
}

static int
file_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
	struct seal_file *f = (struct seal_file *)file;
	int rc, from = (int)(at % SEAL_PAGE);

	if (from == 0 && n == SEAL_PAGE) {
		rc = read_page(f, p, at / SEAL_PAGE);
	} else if (n > SEAL_PAGE - from) {
		return SQLITE_IOERR_READ;
	} else {
		/* the header's 100 bytes, and the 16 that tell of another writer */
		rc = read_page(f, f->plain, at / SEAL_PAGE);
		if (rc == SQLITE_OK)
			memcpy(p, f->plain + from, (size_t)n);
	}
	if (rc != SQLITE_OK)
		memset(p, 0, (size_t)n); /* as SQLite wants it of a short read; else so that nothing leaks */
	return rc;
}

static int
file_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct seal_file *f = (struct seal_file *)file;
	sqlite3_file *below = real(file);
	const uint8_t *plain = p;
	uint8_t ad[SEAL_ID + 4];

	/* Byte 20 of the first page is the number of reserved bytes (SQLite file format 1.3): were it less,
	 * the nonce would overwrite data. */
	if (n != SEAL_PAGE || at % SEAL_PAGE || at / SEAL_PAGE >= INT32_MAX ||
	    (at == 0 && plain[20] != SEAL_RESERVED))
		return SQLITE_IOERR_WRITE;
	additional(ad, f->seal, (uint32_t)(at / SEAL_PAGE) + 1);
	randombytes_buf(f->sealed + BODY, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt_detached(f->sealed, f->sealed + BODY + NONCE, NULL,
	    plain, BODY, ad, sizeof ad, NULL, f->sealed + BODY, f->seal->k->key);
	return below->pMethods->xWrite(below, f->sealed, SEAL_PAGE, at);
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return real(f)->pMethods->xTruncate(real(f), n);
}

static int
file_sync(sqlite3_file *f, int flags)
{
	return real(f)->pMethods->xSync(real(f), flags);
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}

static int
file_lock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xLock(real(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int
file_check_lock(sqlite3_file *f, int *held)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), held);
}

/* Nothing is passed on: size hints and chunks would let the system's VFS grow the file by itself. */
static int
file_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
file_sector(sqlite3_file *f)
{
	(void)f;
	return SEAL_PAGE;
}

static int
file_device(sqlite3_file *f)
{
	(void)f;
	return 0;
}

/* Version 1: no shared memory, so no WAL; no fetch, so no mapping past the decryption. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_device,
};

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct seal_file *f = (struct seal_file *)file;
	struct seal *s = vfs->pAppData;
	int rc;

	file->pMethods = NULL;
	/* journals, temporary and attached files would be plaintext on disk, or decide what is true */
	if (!name || !(flags & SQLITE_OPEN_MAIN_DB))
		return SQLITE_CANTOPEN;
	memset(f, 0, sizeof *f);
	f->seal = s;
	rc = s->below->xOpen(s->below, name, real(file), flags, out_flags);
	if (rc == SQLITE_OK)
		file->pMethods = &methods;
	return rc;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)name;
	(void)sync;
	return SQLITE_IOERR_DELETE;
}

/* Asked of journals alone: one that lies there is not ours, and not believed. */
static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)name;
	(void)flags;
	*out = 0;
	return SQLITE_OK;
}

static int
vfs_path(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	struct seal *s = vfs->pAppData;

	return s->below->xFullPathname(s->below, name, n, out);
}

static int
vfs_random(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	randombytes_buf(out, (size_t)n);
	return n;
}

static int
vfs_sleep(sqlite3_vfs *vfs, int us)
{
	struct seal *s = vfs->pAppData;

	return s->below->xSleep(s->below, us);
}

static int
vfs_time(sqlite3_vfs *vfs, double *out)
{
	struct seal *s = vfs->pAppData;

	return s->below->xCurrentTime(s->below, out);
}

static int
vfs_last_error(sqlite3_vfs *vfs, int n, char *out)
{
	struct seal *s = vfs->pAppData;

	return s->below->xGetLastError(s->below, n, out);
}

/* An extension of the same process could read every page. */
static void *
vfs_dl_open(sqlite3_vfs *vfs, const char *name)
{
	(void)vfs;
	(void)name;
	return NULL;
}

static void
vfs_dl_error(sqlite3_vfs *vfs, int n, char *out)
{
	(void)vfs;
	sqlite3_snprintf(n, out, "no extensions");
}

void
seal_close(struct seal *s, sqlite3 *db)
{
	sqlite3_close(db);
	if (!s)
		return;
	sqlite3_vfs_unregister(&s->vfs);
	secret_free(s->k);
	free(s);
}

int
seal_open(struct seal **out, sqlite3 **db, const char *path, const uint8_t key[SEAL_KEY],
    const uint8_t id[SEAL_ID])
{
	/* The exclusive lock is taken by reading under it; synchronous NORMAL: a commit is on disk before
	 * its caller clears the mark that says "half done". */
	static const char setup[] =
	    "PRAGMA page_size = 4096; PRAGMA cache_size = -16384; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF;"
	    "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA synchronous = NORMAL;"
	    "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; BEGIN EXCLUSIVE; COMMIT";
	struct seal *s = xcalloc(1, sizeof *s);
	sqlite3 *c = NULL;
	int rc, reserve = SEAL_RESERVED;

	secret_init();
	memory_init();
	s->below = sqlite3_vfs_find(NULL);
	s->k = secret_alloc(sizeof *s->k);
	memcpy(s->k->key, key, SEAL_KEY);
	memcpy(s->k->id, id, SEAL_ID);
	snprintf(s->name, sizeof s->name, "akt-seal-%p", (void *)s);
	s->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = (int)sizeof(struct seal_file) + s->below->szOsFile,
		.mxPathname = s->below->mxPathname,
		.zName = s->name,
		.pAppData = s,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_path,
		.xDlOpen = vfs_dl_open,
		.xDlError = vfs_dl_error,
		.xRandomness = vfs_random,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_last_error,
	};
	rc = sqlite3_vfs_register(&s->vfs, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_open_v2(path, &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, s->name);
	if (rc == SQLITE_OK)
		rc = sqlite3_extended_result_codes(c, 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_file_control(c, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c, setup, NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		seal_close(s, c);
		return rc;
	}
	*out = s;
	*db = c;
	return SQLITE_OK;
}
