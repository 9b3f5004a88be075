/* The official JSON Schema test suite, as Debian packages it: one test per file. What is left
 * out stands in suite-exclusions.txt. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "schema/help.h"
#include "schema/json.h"
#include "tree/node.h"

#define SUITE "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance"
#define EXCLUSIONS "tests/schema/suite-exclusions.txt"

struct exclusion {
	char *file, *group, *test; /* NULL: all */
	unsigned used;
};

static struct {
	size_t n, cap;
	struct exclusion *v;
} exclusions;
static struct {
	size_t n, cap;
	char **v;
} files;
static struct schema_docs docs;
static struct arena *remotes;
static unsigned cases;

static bool
read_file(struct buf *out, const char *path)
{
	char chunk[65536];
	size_t n;
	FILE *f = fopen(path, "rb");

	if (!f)
		return false;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(out, chunk, n);
	fclose(f);
	return true;
}

static struct node *
read_json(struct arena *a, const char *path)
{
	struct buf text = {0};
	struct node *n = NULL;

	if (read_file(&text, path))
		n = json_read(a, buf_str(&text));
	buf_free(&text);
	return n;
}

static bool
excluded(const char *file, const char *group, const char *test)
{
	bool found = false;

	for (size_t i = 0; i < exclusions.n; i++) {
		struct exclusion *x = &exclusions.v[i];

		if (strcmp(x->file, file) == 0 && (!x->group || strcmp(x->group, group) == 0) &&
		    (!x->test || strcmp(x->test, test) == 0)) {
			x->used++;
			found = true;
		}
	}
	return found;
}

static unsigned
run_group(const char *file, const struct node *group)
{
	const char *name = node_get_str(group, "description");
	const struct node *tests = node_get(group, "tests");
	struct schema *s = NULL;
	struct diags faults = {0};
	unsigned failed = 0;
	int rc = schema_compile(&s, node_get(group, "schema"), file, SCHEMA_OPEN, &docs, &faults,
	    NULL);

	for (size_t i = 0; i < tests->n; i++) {
		const struct node *t = tests->seq[i];
		const char *test = node_get_str(t, "description");
		const struct node *data = node_get(t, "data");
		bool want = node_get(t, "valid")->b, silent, told;
		struct diags found = {0};

		if (excluded(file, name, test))
			continue;
		cases++;
		if (rc) {
			char *lines = help_lines(&faults);

			print_error("%s: %s: %s: does not compile: %s", file, name, test, lines);
			free(lines);
			failed++;
			continue;
		}
		silent = schema_validate(s, data, file, "", NULL);
		told = schema_validate(s, data, file, "", &found);
		/* both ways of validating agree, and a refusal says why */
		if (silent != want || told != want || (found.n == 0) != want) {
			char *lines = help_lines(&found);

			print_error("%s: %s: %s: %s, but %s, %zu findings: %s\n", file, name, test,
			    want ? "valid" : "invalid", silent ? "passed" : "refused", found.n, lines);
			free(lines);
			failed++;
		}
		diags_free(&found);
	}
	diags_free(&faults);
	schema_free(s);
	return failed;
}

static void
run_file(void **state)
{
	const char *file = *state;
	struct arena *a = arena_new();
	char *path = xasprintf(SUITE "/tests/draft2020-12/%s", file);
	struct node *groups = read_json(a, path);
	unsigned failed = 0;

	free(path);
	assert_non_null(groups);
	assert_int_equal(groups->kind, NODE_SEQ);
	for (size_t i = 0; i < groups->n; i++)
		failed += run_group(file, groups->seq[i]);
	arena_free(a);
	assert_int_equal(failed, 0);
}

/* Last, when every file has been run. */
static void
test_exclusions_are_all_needed(void **state)
{
	unsigned unused = 0;

	(void)state;
	for (size_t i = 0; i < exclusions.n; i++) {
		if (exclusions.v[i].used)
			continue;
		print_error(EXCLUSIONS ": %s | %s matches nothing\n", exclusions.v[i].file,
		    exclusions.v[i].group ? exclusions.v[i].group : "");
		unused++;
	}
	assert_int_equal(unused, 0);
	/* an emptied suite must not pass */
	assert_true(cases > 1100);
}

static void
test_suite_is_missing(void **state)
{
	(void)state;
	fail_msg("the suite is not at " SUITE
	         ": install the Debian package libtest-json-schema-acceptance-perl");
}

/* --- set-up ------------------------------------------------------------------------ */

static void
add_file(const char *name)
{
	vec_grow(&files);
	files.v[files.n++] = xstrdup(name);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
list_files(void)
{
	static const char *const optional[] = {
		"optional/bignum.json", "optional/ecmascript-regex.json",
		"optional/float-overflow.json", "optional/non-bmp-regex.json",
		"optional/format/date.json", "optional/format/date-time.json",
		"optional/format/duration.json", "optional/format/email.json",
		"optional/format/time.json", "optional/format/uri.json", "optional/format/uuid.json",
	};
	DIR *d = opendir(SUITE "/tests/draft2020-12");
	const struct dirent *entry;

	if (!d)
		return false;
	while ((entry = readdir(d))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && strcmp(dot, ".json") == 0)
			add_file(entry->d_name);
	}
	closedir(d);
	qsort(files.v, files.n, sizeof *files.v, by_name);
	for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
		add_file(optional[i]);
	return true;
}

/* The suite's other documents, under the address where it says they are. */
static void
load_remotes(const char *below)
{
	char *folder = xasprintf(SUITE "/remotes/%s", below);
	DIR *d = opendir(folder);
	const struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const char *dot = strrchr(entry->d_name, '.');
		char *name = xasprintf("%s%s", below, entry->d_name);
		char *path = xasprintf(SUITE "/remotes/%s", name);
		struct node *doc;

		if (dot && strcmp(dot, ".json") == 0 && (doc = read_json(remotes, path))) {
			docs.v = xrealloc(docs.v, docs.n + 1, sizeof *docs.v);
			docs.v[docs.n].uri = arena_printf(remotes, "http://localhost:1234/%s", name);
			docs.v[docs.n++].doc = doc;
		} else if (!dot && strncmp(entry->d_name, "draft", 5) != 0) {
			char *deeper = xasprintf("%s/", name);

			load_remotes(deeper);
			free(deeper);
		}
		free(name);
		free(path);
	}
	if (d)
		closedir(d);
	free(folder);
}

static char *
trimmed(char *s)
{
	size_t n;

	if (!s)
		return NULL;
	s += strspn(s, " ");
	for (n = strlen(s); n > 0 && strchr(" \n", s[n - 1]); n--)
		;
	s[n] = '\0';
	return xstrdup(s);
}

static void
load_exclusions(void)
{
	char line[1024];
	FILE *f = fopen(EXCLUSIONS, "r");

	if (!f)
		return; /* then what cannot pass fails, and says so */
	while (fgets(line, sizeof line, f)) {
		char *file = line, *group = strstr(line, " | "), *test = NULL;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (group) {
			*group = '\0';
			group += 3;
			test = strstr(group, " | ");
		}
		if (test) {
			*test = '\0';
			test += 3;
		}
		vec_grow(&exclusions);
		exclusions.v[exclusions.n++] =
		    (struct exclusion){trimmed(file), trimmed(group), trimmed(test), 0};
	}
	fclose(f);
}

int
main(void)
{
	struct CMUnitTest *tests, missing[] = {cmocka_unit_test(test_suite_is_missing)};
	int failed;

	if (!list_files())
		return cmocka_run_group_tests(missing, NULL, NULL);
	remotes = arena_new();
	load_remotes("");
	load_remotes("draft2020-12/");
	load_exclusions();
	tests = xcalloc(files.n + 1, sizeof *tests);
	for (size_t i = 0; i < files.n; i++) {
		tests[i].name = files.v[i];
		tests[i].test_func = run_file;
		tests[i].initial_state = files.v[i];
	}
	tests[files.n].name = "exclusions_are_all_needed";
	tests[files.n].test_func = test_exclusions_are_all_needed;
	failed = _cmocka_run_group_tests("suite", tests, files.n + 1, NULL, NULL);
	free(tests);
	for (size_t i = 0; i < files.n; i++)
		free(files.v[i]);
	free(files.v);
	for (size_t i = 0; i < exclusions.n; i++) {
		free(exclusions.v[i].file);
		free(exclusions.v[i].group);
		free(exclusions.v[i].test);
	}
	free(exclusions.v);
	free(docs.v);
	arena_free(remotes);
	return failed;
}
