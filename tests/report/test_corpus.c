/* Replays the fuzz corpus, each file also cut short and with bytes changed. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/os.h"
#include "report/fuzz_spec.c"

#include <cmocka.h>

/* Copies, so that the sanitizer sees a read behind the end. */
static void
damaged(const char *p, size_t n)
{
	size_t part = n / 40 + 1;

	LLVMFuzzerTestOneInput((const uint8_t *)p, n);
	for (size_t i = 0; i < n; i += part) {
		uint8_t *copy = xmalloc(n);

		memcpy(copy, p, n);
		copy[i] ^= 0x15;
		LLVMFuzzerTestOneInput(copy, n);
		free(copy);
		copy = xmalloc(i ? i : 1);
		memcpy(copy, p, i);
		LLVMFuzzerTestOneInput(copy, i);
		free(copy);
	}
}

static void
test_corpus(void **state)
{
	static const char folder[] = "tests/report/corpus/spec";
	DIR *d = opendir(folder);
	struct dirent *f;
	int files = 0;

	(void)state;
	assert_non_null(d);
	while ((f = readdir(d))) {
		struct buf b = {0};
		struct err e = {0};
		char path[512];

		if (f->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
		assert_int_equal(os_read_file(&b, path, 1024 * 1024, &e), 0);
		damaged(buf_str(&b), b.n);
		buf_free(&b);
		files++;
	}
	closedir(d);
	assert_true(files >= 4);
}

/* The shipped ones as they stand. */
static void
test_shipped(void **state)
{
	static const char folder[] = "schema/reports";
	DIR *d = opendir(folder);
	struct dirent *f;
	int files = 0;

	(void)state;
	assert_non_null(d);
	while ((f = readdir(d))) {
		struct buf b = {0};
		struct err e = {0};
		char path[512];

		if (f->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
		assert_int_equal(os_read_file(&b, path, 1024 * 1024, &e), 0);
		LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.n);
		buf_free(&b);
		files++;
	}
	closedir(d);
	assert_true(files >= 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_shipped),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
