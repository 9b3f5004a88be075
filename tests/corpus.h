/** Replays the corpora of fuzz targets in the unit tests: each file as it stands, cut short and with
 * bytes changed. One table and corpus_main() are a whole test program:
 *
 *	#define LLVMFuzzerTestOneInput one_card
 *	#include "crypt/fuzz_card.c"
 *	#undef LLVMFuzzerTestOneInput
 *	static const struct corpus corpora[] = {{"tests/crypt/corpus/card", one_card, 3}};
 */
#ifndef AKT_TESTS_CORPUS_H
#define AKT_TESTS_CORPUS_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/os.h"

struct corpus {
	const char *folder;
	int (*target)(const uint8_t *p, size_t n);
	int at_least; /* files: an empty folder would prove nothing */
};

/* Copies, so that the sanitizer sees a read behind the end. */
static void
corpus_damage(const struct corpus *c, const char *p, size_t n)
{
	size_t step = n / 40 + 1;

	for (size_t i = 0; i < n; i += step) {
		uint8_t *copy = xmalloc(n);

		memcpy(copy, p, n);
		copy[i] ^= 0x15;
		c->target(copy, n);
		free(copy);
		copy = xmalloc(i ? i : 1);
		memcpy(copy, p, i);
		c->target(copy, i);
		free(copy);
	}
}

static void
corpus_replay(void **state)
{
	const struct corpus *c = *state;
	DIR *d = opendir(c->folder);
	int files = 0;

	assert_non_null(d);
	for (struct dirent *f = readdir(d); f; f = readdir(d)) {
		struct buf b = {0};
		char *path;

		if (f->d_name[0] == '.')
			continue;
		path = xasprintf("%s/%s", c->folder, f->d_name);
		assert_int_equal(os_read_file(&b, path, 4 << 20, NULL), 0);
		c->target((const uint8_t *)buf_str(&b), b.n);
		corpus_damage(c, buf_str(&b), b.n);
		buf_free(&b);
		free(path);
		files++;
	}
	closedir(d);
	assert_in_range(files, c->at_least, 100000);
}

static int
corpus_main(const struct corpus *c, size_t n)
{
	struct CMUnitTest *tests = xcalloc(n, sizeof *tests);
	int rc;

	i18n_set("en");
	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
		    c[i].folder, corpus_replay, NULL, NULL, (void *)&c[i]};
	rc = _cmocka_run_group_tests("corpus", tests, n, NULL, NULL);
	free(tests);
	return rc;
}

#endif
