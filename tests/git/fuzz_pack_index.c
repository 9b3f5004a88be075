/* Fuzz target: a pack's index of any bytes beside a sound pack is refused, or libgit2 may be given it:
 * every object it names is read or refused. Replayed over its corpus by test_corpus. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "git/lib.h"
#include "git/part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made by git: three blobs, one a delta of another. */
static const char index_pack[] = "tests/git/corpus/pack";
static uint8_t index_bytes[4096];
static char index_dir[64], index_file[96], index_beside[96];

static void
index_require(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
index_write(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	index_require(fd >= 0 && write(fd, p, n) == (ssize_t)n, "write");
	close(fd);
}

static void
index_remove(void)
{
	unlink(index_file);
	unlink(index_beside);
	rmdir(index_dir);
}

static void
index_setup(void)
{
	ssize_t n;
	int fd;

	if (*index_dir)
		return;
	lib_init();
	snprintf(index_dir, sizeof index_dir, "%s/akt-index-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	index_require(mkdtemp(index_dir) != NULL, "mkdtemp");
	snprintf(index_file, sizeof index_file, "%s/pack-1.idx", index_dir);
	snprintf(index_beside, sizeof index_beside, "%s/pack-1.pack", index_dir);
	atexit(index_remove);
	fd = open(index_pack, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, index_bytes, sizeof index_bytes);
	index_require(n > 0 && n < (ssize_t)sizeof index_bytes, index_pack);
	close(fd);
	index_write(index_beside, index_bytes, (size_t)n);
}

static int
index_read(const git_oid *id, void *ctx)
{
	git_odb_backend *b = ctx;
	git_object_t type;
	size_t n = 0;
	void *p = NULL;

	if (b->read(&p, &n, &type, b, id) == 0)
		git_odb_backend_data_free(b, p);
	return 0;
}

/* Whether a name leads to a delta against a name: such deltas may stand in a ring, in which libgit2
 * goes round until the limit of memory in lib.c ends it. That holds, but takes seconds each time. */
static bool
index_rings(const uint8_t *data, size_t size)
{
	enum { NAMES = 8 + 1024 };
	uint32_t n = 0, off;
	bool found = false;

	if (size < NAMES)
		return false;
	for (int i = 0; i < 4; i++)
		n = n << 8 | data[NAMES - 4 + i];
	for (uint64_t i = 0, at = NAMES + (uint64_t)n * 24; i < n && at + 4 <= size; i++, at += 4) {
		off = (uint32_t)data[at] << 24 | (uint32_t)data[at + 1] << 16 |
		    (uint32_t)data[at + 2] << 8 | data[at + 3];
		found |= off < sizeof index_bytes && (index_bytes[off] >> 4 & 7) == 7;
	}
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	git_odb_backend *b = NULL;

	index_setup();
	index_write(index_file, data, size);
	if (!part_index_sane(index_file, index_beside) || index_rings(data, size))
		return 0;
	if (git_odb_backend_one_pack(&b, index_file) == 0) {
		b->foreach(b, index_read, b);
		b->free(b);
	}
	return 0;
}
