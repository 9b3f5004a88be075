/* Replays the corpora of the fuzz targets, each file also cut short and with bytes changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os.h"

#define LLVMFuzzerTestOneInput one_storepath
#include "merge/fuzz_storepath.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_record
#include "merge/fuzz_record.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_control
#include "merge/fuzz_control.c"
#undef LLVMFuzzerTestOneInput

/* Copies, so that the sanitizer sees a read behind the end. */
static void
damaged(int (*f)(const uint8_t *, size_t), const char *p, size_t n)
{
	size_t step = n / 40 + 1;

	for (size_t i = 0; i <= n; i += step) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, p, n);
		f(copy, n);
		if (i < n) {
			copy[i] ^= 0x15;
			f(copy, n);
		}
		free(copy);
		copy = malloc(i + 1);
		memcpy(copy, p, i);
		f(copy, i);
		free(copy);
	}
}

static void
replay(const char *name, int (*f)(const uint8_t *, size_t), int at_least)
{
	char *dir = xasprintf("tests/merge/corpus/%s", name);
	DIR *d = opendir(dir);
	int files = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		struct buf text = {0};
		struct err err = {0};
		char *path;

		if (e->d_name[0] == '.')
			continue;
		path = xasprintf("%s/%s", dir, e->d_name);
		assert_int_equal(os_read_file(&text, path, 1 << 20, &err), 0);
		damaged(f, buf_str(&text), text.n);
		buf_free(&text);
		free(path);
		files++;
	}
	closedir(d);
	free(dir);
	assert_true(files >= at_least);
}

static void
storepath_corpus(void **state)
{
	(void)state;
	replay("storepath", one_storepath, 5);
}

static void
record_corpus(void **state)
{
	(void)state;
	replay("record", one_record, 6);
}

static void
control_corpus(void **state)
{
	(void)state;
	replay("control", one_control, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storepath_corpus),
		cmocka_unit_test(record_corpus),
		cmocka_unit_test(control_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
