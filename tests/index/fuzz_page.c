/* Fuzz target: a sealed file that someone without its key changed: bytes, lengths, pages moved, pages
 * of its own past put back. It is refused, or every row read of it was once written. The input is a
 * list of such changes, 4 bytes each. Replayed over its corpus by test_corpus. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/alloc.h"
#include "index/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 300, MOST = 64 * SEAL_PAGE };

static const uint8_t page_key[SEAL_KEY] = "k", page_id[SEAL_ID] = "i";
static char page_path[64];
static struct snapshot {
	uint8_t p[MOST];
	size_t n;
} past, now;

static void
page_require(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
page_run(const char *sql)
{
	struct seal *s = NULL;
	sqlite3 *db = NULL;

	page_require(seal_open(&s, &db, page_path, page_key, page_id) == SQLITE_OK, "open");
	page_require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
	seal_close(s, db);
}

static void
page_snapshot(struct snapshot *to)
{
	int fd = open(page_path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to->p, sizeof to->p);

	page_require(n > 4 * SEAL_PAGE && n < MOST, "a file of some pages");
	to->n = (size_t)n;
	close(fd);
}

static void
page_remove(void)
{
	unlink(page_path);
}

/* Two states of one file: each row is (a, 7 a) or (a, 11 a). */
static void
page_setup(void)
{
	int fd;

	if (now.n)
		return;
	snprintf(page_path, sizeof page_path, "%s/akt-page-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	fd = mkstemp(page_path);
	page_require(fd >= 0, "mkstemp");
	close(fd);
	atexit(page_remove);
	page_run("CREATE TABLE t (a INTEGER PRIMARY KEY, b, c); CREATE INDEX i ON t (b);"
		 "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT 300)"
		 "INSERT INTO t SELECT a, 7 * a, hex(zeroblob(40)) FROM n");
	page_snapshot(&past);
	page_run("UPDATE t SET b = 11 * a; DELETE FROM t WHERE a > 250");
	page_snapshot(&now);
}

static void
page_change(struct snapshot *s, const uint8_t *c)
{
	size_t pages = s->n / SEAL_PAGE, at = (size_t)c[1] << 8 | c[2], page, other;

	if (!pages)
		return;
	page = at % pages;
	other = c[3] % pages;
	switch (c[0] % 5) {
	case 0: /* a bit */
		s->p[(at * 16 + (c[3] >> 4)) % s->n] ^= (uint8_t)(1 << (c[3] & 7));
		break;
	case 1: /* cut */
		s->n = at % s->n;
		break;
	case 2: /* a page in another's place */
		memmove(s->p + page * SEAL_PAGE, s->p + other * SEAL_PAGE, SEAL_PAGE);
		break;
	case 3: /* a page as it was */
		if ((page + 1) * SEAL_PAGE <= past.n)
			memcpy(s->p + page * SEAL_PAGE, past.p + page * SEAL_PAGE, SEAL_PAGE);
		break;
	case 4: /* longer */
		if (s->n + SEAL_PAGE <= sizeof s->p) {
			memcpy(s->p + s->n, past.p + other * SEAL_PAGE, SEAL_PAGE);
			s->n += SEAL_PAGE;
		}
		break;
	}
}

static void
page_read(const char *sql)
{
	struct seal *s = NULL;
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int rows = 0;

	if (seal_open(&s, &db, page_path, page_key, page_id) != SQLITE_OK)
		return;
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK) {
		/* a tree whose pages are of two times may lead in circles */
		while (sqlite3_step(q) == SQLITE_ROW && rows++ < 10 * ROWS) {
			sqlite3_int64 a = sqlite3_column_int64(q, 0), b = sqlite3_column_int64(q, 1);

			page_require(a >= 1 && a <= ROWS && (b == 7 * a || b == 11 * a),
			    "a row that nobody wrote");
		}
	}
	sqlite3_finalize(q);
	seal_close(s, db);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snapshot s;
	int fd;

	page_setup();
	s = now;
	for (size_t i = 0; i + 4 <= size && i < 64; i += 4)
		page_change(&s, data + i);
	fd = open(page_path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	page_require(fd >= 0 && write(fd, s.p, s.n) == (ssize_t)s.n, "write");
	close(fd);
	page_read("SELECT a, b FROM t NOT INDEXED");
	page_read("SELECT a, b FROM t INDEXED BY i WHERE b > 0");
	page_read("SELECT a, b, c FROM t WHERE a = 77");
	return 0;
}
