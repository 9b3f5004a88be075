/* The head of an SQL file: what it says, and every fault with its position. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "rules/header.h"
#include "rules/help.h"

static const struct header_key keys[] = {
	{"id", HEADER_MUST}, {"sv", HEADER_MAY}, {"setting", HEADER_MANY}, {NULL, HEADER_MAY},
};

static void
reads_fields(void **state)
{
	static const char text[] =
	    "-- id: X01\n"
	    "\n"
	    "--  sv:   Vårdplan saknas.  \n"
	    "--   Skapa den,\n"
	    "--      genast.\n"
	    "-- # only for who reads the file: not a key\n"
	    "--\n"
	    "-- setting: a_days = 30\r\n"
	    "-- setting:from=2026-01-01\n"
	    "SELECT 1\n-- id: not any more\n";
	struct arena *a = arena_new();
	struct header_setting s;
	struct err e = {0};
	struct header h;

	(void)state;
	assert_int_equal(header_parse(&h, a, text, strlen(text), "f.sql", keys, &e), 0);
	assert_int_equal(h.n, 4);
	assert_string_equal(header_get(&h, "id"), "X01");
	assert_string_equal(header_get(&h, "sv"), "Vårdplan saknas. Skapa den, genast.");
	assert_int_equal(h.v[1].line, 3);
	assert_int_equal(h.v[1].column, 11);
	assert_null(header_get(&h, "en"));
	assert_non_null(strstr(h.sql, "SELECT 1"));
	assert_int_equal(header_setting(&s, a, &h, &h.v[2], &e), 0);
	assert_string_equal(s.name, "a_days");
	assert_true(s.is_int && s.i == 30);
	assert_int_equal(header_setting(&s, a, &h, &h.v[3], &e), 0);
	assert_string_equal(s.text, "2026-01-01");
	assert_false(s.is_int);
	arena_free(a);
}

static const struct {
	const char *text, *want;
} faults[] = {
	{"", "f.sql:1:1: id: is missing\nf.sql:1:1: holds no query\n"},
	{"-- id: a\n", "f.sql:2:1: holds no query\n"},
	{"-- id: a\n/* x */ -- y\n;\n", "f.sql:2:1: holds no query\n"},
	{"SELECT 1\n-- id: a\n", "f.sql:1:1: id: is missing\n"},
	{"-- id: a\n-- id: b\nSELECT 1", "f.sql:2:4: id: stands there twice\n"},
	{"-- id:\n-- sv:   \nSELECT 1", "f.sql:1:4: id: is empty\nf.sql:2:4: sv: is empty\n"},
	{"-- id: a\n-- åä sv: b\n-- other: c\nSELECT 1",
	    "f.sql:2:4: is no `-- key: value`; a comment begins with `-- #`\n"
	    "f.sql:3:4: other: is not known here\n"},
	{"--    goes on with nothing\n-- id: a\nSELECT 1",
	    "f.sql:1:7: is no `-- key: value`; a comment begins with `-- #`\n"},
	{"-- id: a\n-- other: b\n--    c: d\nSELECT 1", "f.sql:2:4: other: is not known here\n"},
	{"-- id: a\xff\nSELECT 1", "f.sql:1:9: this is not UTF-8; save the file as UTF-8\n"},
};

static void
tells_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct arena *a = arena_new();
		struct err e = {0};
		struct header h = {.n = 77};

		assert_int_equal(header_parse(&h, a, faults[i].text, strlen(faults[i].text), "f.sql", keys,
		                     &e), ERR_INVALID);
		assert_string_equal(help_faults(a, &e), faults[i].want);
		assert_int_equal(h.n, 77);
		arena_free(a);
	}
}

static void
has_limits(void **state)
{
	struct arena *a = arena_new();
	struct buf b = {0};
	struct err e = {0};
	struct header h;

	(void)state;
	buf_puts(&b, "-- id: a\n");
	for (int i = 0; i < 400; i++)
		buf_puts(&b, "--   twenty characters..\n");
	buf_puts(&b, "SELECT 1");
	assert_int_equal(header_parse(&h, a, b.p, b.n, "f.sql", keys, &e), ERR_INVALID);
	assert_string_equal(help_faults(a, &e), "f.sql:1:8: id: is too long\n");
	err_clear(&e);
	buf_reset(&b);
	for (int i = 0; i <= HEADER_MAX_FIELDS; i++)
		buf_printf(&b, "-- setting: s%d = 1\n", i);
	buf_puts(&b, "-- id: a\nSELECT 1");
	assert_int_equal(header_parse(&h, a, b.p, b.n, "f.sql", NULL, &e), ERR_INVALID);
	assert_string_equal(help_faults(a, &e),
	    "f.sql:201:4: setting: is one field too many\nf.sql:202:4: id: is one field too many\n");
	err_clear(&e);
	while (b.n <= HEADER_MAX_BYTES)
		buf_puts(&b, "-- # more of it, and more and more and more and more and more\n");
	assert_int_equal(header_parse(&h, a, b.p, b.n, "f.sql", NULL, &e), ERR_INVALID);
	assert_string_equal(help_faults(a, &e), "f.sql: is larger than 64 KiB\n");
	buf_free(&b);
	arena_free(a);
}

static void
refuses_settings(void **state)
{
	static const char text[] = "-- setting: = 3\n-- setting: a 3\n-- setting: a = 3 days\n"
	                           "-- setting: a = 99999999999\n-- setting: A = 1\nSELECT 1";
	struct arena *a = arena_new();
	struct header_setting s = {.name = "kept"};
	struct err e = {0};
	struct header h;

	(void)state;
	assert_int_equal(header_parse(&h, a, text, strlen(text), "f.sql", NULL, &e), 0);
	for (size_t i = 0; i < h.n; i++)
		assert_int_equal(header_setting(&s, a, &h, &h.v[i], &e), ERR_INVALID);
	assert_string_equal(s.name, "kept");
	assert_string_equal(help_faults(a, &e),
	    "f.sql:1:13: setting: is no NAME = VALUE\n"
	    "f.sql:2:13: setting: is no NAME = VALUE\n"
	    "f.sql:3:13: setting: the value is no whole number, nor a word of letters, digits, - . and _\n"
	    "f.sql:4:13: setting: the value is no whole number, nor a word of letters, digits, - . and _\n"
	    "f.sql:5:13: setting: is no NAME = VALUE\n");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_fields),
	    cmocka_unit_test(tells_faults),
	    cmocka_unit_test(has_limits),
	    cmocka_unit_test(refuses_settings),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
