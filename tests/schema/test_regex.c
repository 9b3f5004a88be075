/* ECMA-262 expressions, and the resolution of URI references. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "schema/regex.h"
#include "schema/uri.h"

static void
test_match(void **state)
{
	static const struct {
		const char *pattern, *text;
		enum regex_result want;
	} rows[] = {
		{"b", "abc", REGEX_YES}, {"^b", "abc", REGEX_NO}, {"c$", "abc", REGEX_YES},
		/* $ is the very end, not before a last newline */
		{"c$", "abc\n", REGEX_NO}, {"^b", "a\nb", REGEX_NO},
		{"^.$", "å", REGEX_YES}, {"^.$", "\xf0\x9f\x98\x80", REGEX_YES}, {"^.$", "\n", REGEX_NO},
		{"^.$", "\r", REGEX_NO}, {"^.$", "\xe2\x80\xa8", REGEX_NO}, {"^.$", "\f", REGEX_YES},
		{"^\\w$", "é", REGEX_NO}, {"^\\W$", "é", REGEX_YES}, {"^\\d$", "\xd9\xa3", REGEX_NO},
		{"^\\s$", "\xc2\xa0", REGEX_YES}, {"^\\S$", "\xc2\xa0", REGEX_NO},
		{"^[\\s]$", "\xef\xbb\xbf", REGEX_YES}, {"^[\\s\\S]$", "\n", REGEX_YES},
		{"^[\\s\\S]$", "\xc2\xa0", REGEX_YES}, {"^[^\\s]$", "\xc2\xa0", REGEX_NO},
		{"^\\u00e5$", "å", REGEX_YES}, {"^\\u{1f600}$", "\xf0\x9f\x98\x80", REGEX_YES},
		{"^\\ud83d\\ude00$", "\xf0\x9f\x98\x80", REGEX_YES}, {"^\\x41\\x42$", "AB", REGEX_YES},
		{"^[\\u00e0-\\u00ff]+$", "åäö", REGEX_YES}, {"^\\u00C5$", "Å", REGEX_YES},
		{"^\\cA\\ca$", "\x01\x01", REGEX_YES}, {"^\\t\\n\\f\\r\\v$", "\t\n\f\r\v", REGEX_YES},
		{"^[\\b]$", "\b", REGEX_YES}, {"\\bord\\b", "ett ord här", REGEX_YES},
		{"a\\Bb", "ab", REGEX_YES}, {"\\Bb", " b", REGEX_NO},
		{"^\\p{L}+$", "åÄö", REGEX_YES}, {"^\\p{Letter}+$", "1", REGEX_NO},
		{"^\\p{Lowercase_Letter}$", "Å", REGEX_NO}, {"^\\P{Lu}$", "Å", REGEX_NO},
		{"^\\p{gc=Uppercase_Letter}$", "Å", REGEX_YES},
		{"^\\p{General_Category=Nd}$", "7", REGEX_YES}, {"^\\p{Greek}$", "α", REGEX_YES},
		{"^(a)(b)\\2\\1$", "abba", REGEX_YES}, {"^(?<x>a|b)\\k<x>$", "bb", REGEX_YES},
		{"^(?<x>a|b)\\k<x>$", "ba", REGEX_NO}, {"^(?:a|b)+$", "abab", REGEX_YES},
		{"^(?=a)\\w$", "a", REGEX_YES}, {"^(?!a)\\w$", "a", REGEX_NO},
		{"(?<=a)b", "ab", REGEX_YES}, {"(?<!a)b", "ab", REGEX_NO},
		/* a class of ECMA, where [: opens nothing */
		{"^[[:alpha:]$", "[", REGEX_YES}, {"^[[:alpha:]$", "b", REGEX_NO},
		{"[]", "a", REGEX_NO}, {"^[^]$", "\n", REGEX_YES}, {"^[^a]$", "b", REGEX_YES},
		{"^\\/\\.\\-\\@$", "/.-@", REGEX_YES}, {"^a{2}$", "aa", REGEX_YES}, {"^a+?$", "aa", REGEX_YES},
		{"^[a+]+$", "a+", REGEX_YES}, {"^\\++$", "++", REGEX_YES}, {"", "x", REGEX_YES},
		{"^\\0$", "x", REGEX_NO}, {"\\0:", "0:", REGEX_NO}, {"\\0/", "0/", REGEX_NO},
		{"\\0", "0", REGEX_NO}, {"^\\u{10ffff}$", "\xf4\x8f\xbf\xbf", REGEX_YES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char why[200] = "";
		struct regex *r = regex_new(rows[i].pattern, strlen(rows[i].pattern), why, sizeof why);

		if (!r)
			fail_msg("%s: %s", rows[i].pattern, why);
		if (regex_match(r, rows[i].text, strlen(rows[i].text)) != rows[i].want)
			fail_msg("%s and %s", rows[i].pattern, rows[i].text);
		regex_free(r);
	}
	regex_free(NULL);
}

static void
test_nul(void **state)
{
	char why[200];
	struct regex *r = regex_new("^a\\0b$", 6, why, sizeof why);

	(void)state;
	assert_non_null(r);
	assert_int_equal(regex_match(r, "a\0b", 3), REGEX_YES);
	assert_int_equal(regex_match(r, "a\0c", 3), REGEX_NO);
	regex_free(r);
}

/* The first match from a place on, which may be the end; beyond it there is none. */
static void
test_find(void **state)
{
	char why[200];
	struct regex *r = regex_new("a+|$", 4, why, sizeof why);
	size_t start = 9, end = 9;

	(void)state;
	assert_non_null(r);
	assert_int_equal(regex_find(r, "xaax", 4, 0, &start, &end), REGEX_YES);
	assert_int_equal(start, 1);
	assert_int_equal(end, 3);
	assert_int_equal(regex_find(r, "xaax", 4, 2, &start, &end), REGEX_YES);
	assert_int_equal(start, 2);
	assert_int_equal(end, 3);
	assert_int_equal(regex_find(r, "xaax", 4, 4, &start, &end), REGEX_YES);
	assert_int_equal(start, 4);
	assert_int_equal(end, 4);
	assert_int_equal(regex_find(r, "xaax", 4, 5, &start, &end), REGEX_NO);
	assert_int_equal(start, 4);
	regex_free(r);
}

static void
test_refused(void **state)
{
	static const char escape[] = "there is an escape that regular expressions of JSON Schema "
	                             "(ECMA-262) do not have";
	static const char group[] = "there is a group that regular expressions of JSON Schema "
	                            "(ECMA-262) do not have";
	static const struct {
		const char *pattern, *why;
	} rows[] = {
		{"\\", "it ends in a lone backslash"},
		{"\\u12", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\ud800", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\u{}", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\u{110000}", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\u{1100000}", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\ud800\\ue000", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\u{41", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\u", "\\u must be followed by the four hexadecimal digits of a character"}, {"\\ud83d\\u0041", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\ud83d\\x41aa", "\\u must be followed by the four hexadecimal digits of a character"}, {"\\ud83dxu0041", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\ud83d\\uzzzz", "\\u must be followed by the four hexadecimal digits of a character"}, {"\\udc00", "\\u must be followed by the four hexadecimal digits of a character"},
		{"\\xg0", "\\x must be followed by two hexadecimal digits"},
		{"\\pL", "\\p must be followed by a property in braces"},
		{"\\p{L", "\\p must be followed by a property in braces"},
		{"\\p", "\\p must be followed by a property in braces"},
		{"\\c[", escape}, {"\\c`", escape}, {"\\c{", escape}, {"\\k", escape}, {"\\\x01", escape}, {"(?", group},
		{"\\p{gx=L}", "unknown property after \\P or \\p"},
		{"\\p{General_Catxgory=L}", "unknown property after \\P or \\p"},
		{"\\01", escape}, {"\\c1", escape}, {"\\c", escape}, {"\\kx", escape}, {"[\\B]", escape},
		{"[\\k<x>]", escape}, {"\\A", escape}, {"\\z", escape}, {"\\Qa\\E", escape}, {"\\h", escape},
		{"\\R", escape}, {"\\K", escape}, {"\\C", escape}, {"\\å", escape}, {"[\\1]", escape},
		{"(?i)a", group}, {"(?>a)", group}, {"(?R)", group}, {"(?1)", group}, {"(?P<a>b)", group},
		{"(?#x)", group}, {"(*UCP)a", group}, {"(*LIMIT_MATCH=1)a", group}, {"(?|a)", group},
		{"(?(1)a)", group}, {"(?&x)", group}, {"(?C1)", group},
		{"a++", "there is nothing for a + to repeat"},
		{"a*+", "there is nothing for a + to repeat"},
		{"a{2}+", "there is nothing for a + to repeat"},
		{"*", "quantifier does not follow a repeatable item"},
		{"a)", "unmatched closing parenthesis"},
		{"[b-a]", "range out of order in character class"},
		{"\\p{Nonsense}", "unknown property after \\P or \\p"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char why[200] = "";
		struct regex *r = regex_new(rows[i].pattern, strlen(rows[i].pattern), why, sizeof why);

		if (r)
			fail_msg("%s compiles", rows[i].pattern);
		if (strcmp(why, rows[i].why) != 0)
			fail_msg("%s: %s", rows[i].pattern, why);
	}
}

/* RFC 3986 5.4, fragments apart. */
static void
test_resolve(void **state)
{
	static const struct {
		const char *base, *ref, *want, *fragment;
	} rows[] = {
		{"http://a/b/c/d;p?q", "g:h", "g:h", NULL},
		{"http://a/b/c/d;p?q", "g", "http://a/b/c/g", NULL},
		{"http://a/b/c/d;p?q", "./g", "http://a/b/c/g", NULL},
		{"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/", NULL},
		{"http://a/b/c/d;p?q", "/g", "http://a/g", NULL},
		{"http://a/b/c/d;p?q", "//g", "http://g", NULL},
		{"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y", NULL},
		{"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y", NULL},
		{"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q", "s"},
		{"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g", "s"},
		{"http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y", "s"},
		{"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x", NULL},
		{"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q", NULL},
		{"http://a/b/c/d;p?q", ".", "http://a/b/c/", NULL},
		{"http://a/b/c/d;p?q", "./", "http://a/b/c/", NULL},
		{"http://a/b/c/d;p?q", "..", "http://a/b/", NULL},
		{"http://a/b/c/d;p?q", "../g", "http://a/b/g", NULL},
		{"http://a/b/c/d;p?q", "../..", "http://a/", NULL},
		{"http://a/b/c/d;p?q", "../../g", "http://a/g", NULL},
		{"http://a/b/c/d;p?q", "../../../g", "http://a/g", NULL},
		{"http://a/b/c/d;p?q", "/./g", "http://a/g", NULL},
		{"http://a/b/c/d;p?q", "/../g", "http://a/g", NULL},
		{"http://a/b/c/d;p?q", "g.", "http://a/b/c/g.", NULL},
		{"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g", NULL},
		{"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/", NULL},
		{"http://a/b/c/d;p?q", "g/../h", "http://a/b/c/h", NULL},
		{"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y", NULL},
		{"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x", NULL},
		{"http://a", "g", "http://a/g", NULL},
		{"", "case.yaml#/a%20b/~1", "case.yaml", "/a b/~1"},
		{"", "../x", "x", NULL},
		{"", "./x", "x", NULL},
		{"urn:example:a", "#b", "urn:example:a", "b"},
		{"urn:example:a", "#", "urn:example:a", ""},
	};
	struct arena *a = arena_new();
	const char *uri, *fragment;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(uri_resolve(a, &uri, &fragment, rows[i].base, rows[i].ref));
		if (strcmp(uri, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].ref, uri);
		if (rows[i].fragment)
			assert_string_equal(fragment, rows[i].fragment);
		else
			assert_null(fragment);
	}
	assert_false(uri_resolve(a, &uri, &fragment, "", "#%4"));
	assert_false(uri_resolve(a, &uri, &fragment, "", "#%00"));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_resolve),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
