#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

static char **lines;
static size_t nlines;

void
words_in_swedish(int yes)
{
	static char dir[4096];

	if (!*dir) {
		assert_non_null(realpath("build/locale", dir));
		i18n_init(dir);
	}
	i18n_set(yes ? "sv" : "en");
}

void
words_add(const char *rule, const char *english, const char *swedish)
{
	lines = xrealloc(lines, nlines + 1, sizeof *lines);
	lines[nlines++] = xasprintf("%s\n\t%s\n\t%s\n", rule, english, swedish);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
words_stand(const char *name)
{
	char *path = xasprintf("tests/trail/words/%s.txt", name);
	struct buf all = {0}, want = {0};
	struct err e = {0};

	qsort(lines, nlines, sizeof *lines, by_text);
	for (size_t i = 0; i < nlines; i++)
		if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0)
			buf_puts(&all, lines[i]);
	for (size_t i = 0; i < nlines; i++)
		free(lines[i]);
	free(lines);
	lines = NULL;
	nlines = 0;
	if (getenv("UPDATE"))
		assert_int_equal(os_write_file(path, buf_str(&all), all.n, 0644, &e), 0);
	assert_int_equal(os_read_file(&want, path, 1 << 20, &e), 0);
	assert_string_equal(buf_str(&all), buf_str(&want));
	buf_free(&all);
	buf_free(&want);
	free(path);
}
