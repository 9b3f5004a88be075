/** Replays the fuzz corpus: every file that ever broke something stays here. */
#include <dirent.h>

#include "base/os.h"
#include "tree/fuzz_yaml.c"
#include "tree/tree_help.h"

static void
corpus(void **state)
{
	static const char folder[] = "tests/tree/corpus/yaml";
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
		cmocka_unit_test(corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
