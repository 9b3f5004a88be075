/* Fuzz target: a loose object's file of any bytes is refused, or both of its readers tell one type and
 * one size; none hangs. Replayed over its corpus by test_corpus. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/lib.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char unpack_dir[64], unpack_fan[80], unpack_file[128];

static void
unpack_require(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
unpack_remove(void)
{
	unlink(unpack_file);
	rmdir(unpack_fan);
	rmdir(unpack_dir);
}

static void
unpack_setup(void)
{
	if (*unpack_dir)
		return;
	lib_init();
	snprintf(unpack_dir, sizeof unpack_dir, "%s/akt-unpack-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	unpack_require(mkdtemp(unpack_dir) != NULL, "mkdtemp");
	snprintf(unpack_fan, sizeof unpack_fan, "%s/ab", unpack_dir);
	snprintf(unpack_file, sizeof unpack_file, "%s/%038d", unpack_fan, 0);
	unpack_require(mkdir(unpack_fan, 0700) == 0, "mkdir");
	atexit(unpack_remove);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	git_odb_backend *b = NULL;
	git_object_t type = 0, said = 0;
	git_oid id = {{0xab}};
	size_t n = 0, length = 0, sum = 0;
	void *p = NULL;
	int fd;

	unpack_setup();
	fd = open(unpack_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	unpack_require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "write");
	close(fd);
	unpack_require(lib_loose_backend(&b, unpack_dir) == 0, "backend");
	if (b->read(&p, &n, &type, b, &id) == 0) {
		unpack_require(b->read_header(&length, &said, b, &id) == 0, "no head of what was read");
		unpack_require(n == length && type == said, "another head");
		/* all of it is there */
		for (size_t i = 0; i < n; i++)
			sum += ((const unsigned char *)p)[i];
		unpack_require(sum <= n * 255, "sum");
		git_odb_backend_data_free(b, p);
	}
	b->free(b);
	return 0;
}
