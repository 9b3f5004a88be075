/* Replays the fuzz corpus: every file that ever broke something stays there. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/os.h"
#include "schema/fuzz_schema.c"

#include <cmocka.h>

static void
test_corpus(void **state)
{
	static const char folder[] = "tests/schema/corpus";
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
		assert_int_equal(os_read_file(&b, path, YAML_MAX_BYTES, &e), 0);
		LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.n);
		buf_free(&b);
		files++;
	}
	closedir(d);
	assert_true(files >= 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
