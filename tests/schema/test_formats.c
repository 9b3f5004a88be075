/* The formats that are asserted, at the edges of their grammars: what is one, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/i18n.h"
#include "schema/formats.h"
#include "schema/schema.h"

struct row {
	const char *text;
	bool is;
};

static void
check(const char *format, const struct row *rows, size_t n)
{
	int bad = 0;

	assert_true(formats_find(format) >= 0);
	for (size_t i = 0; i < n; i++)
		if (schema_format_valid(format, rows[i].text, strlen(rows[i].text)) != rows[i].is) {
			print_error("%s: %s\n", format, rows[i].text);
			bad++;
		}
	assert_int_equal(bad, 0);
}

#define CHECK(format, rows) check(format, rows, sizeof(rows) / sizeof *(rows))

static void
times(void **state)
{
	static const struct row rows[] = {
		{"09:14:00Z", true}, {"09:14:00z", true}, {"09:14:00+01:00", true}, {"09:14:00-23:59", true},
		{"09:14:00.5Z", true}, {"09:14:00.123456789Z", true}, {"23:59:60Z", true},
		/* a leap second is at the end of a day in UTC, wherever it is told */
		{"00:59:60+01:00", true}, {"18:59:60-05:00", true}, {"23:59:60+01:00", false}, {"12:00:60Z", false},
		{"9:14:00Z", false}, {"0a:14:00Z", false}, {"a9:14:00Z", false}, {"09.14:00Z", false},
		{"09:a4:00Z", false}, {"09:14.00Z", false}, {"09:14:0aZ", false}, {"24:00:00Z", false},
		{"09:60:00Z", false}, {"09:14:61Z", false}, {"09:14:00.Z", false}, {"09:14:00", false},
		{"09:14:00.5", false}, {"09:14:00X", false}, {"09:14:00ZZ", false}, {"09:14:00+24:00", false},
		{"09:14:00+01:60", false}, {"09:14:00+0100", false}, {"09:14:00+01.00", false},
		{"09:14:00+0a:00", false}, {"09:14:00+01:0a", false}, {"09:14:00=01:00", false},
		{"09:14Z", false}, {"", false},
	};
	static const struct row days[] = {
		{"2026-03-02T09:14:00Z", true}, {"2026-03-02t09:14:00z", true}, {"2026-03-02 09:14:00Z", false},
		{"2026-02-30T09:14:00Z", false}, {"2026-03-02T09:14Z", false}, {"2026-03-02T", false},
		{"2026-03-02", false},
	};

	(void)state;
	CHECK("time", rows);
	CHECK("date-time", days);
}

static void
durations(void **state)
{
	static const struct row rows[] = {
		{"P3M", true}, {"P14D", true}, {"P1Y2M3D", true}, {"P1Y2M3DT4H5M6S", true}, {"PT1H", true}, {"P2W", true},
		{"PT1M1S", true}, {"P1M1DT1S", true}, {"P1Y1D", false}, {"P1YT", false}, {"PT", false}, {"P", false},
		{"P1", false}, {"PD", false}, {"P1H", false}, {"PT1D", false}, {"P1D1M", false}, {"P1W1D", false},
		{"P1D1W", false}, {"PT1H1S", false}, {"PT1HT1M", false}, {"1D", false}, {"T1HX", false}, {"P1.5D", false}, {"P12", false},
		{"P-1D", false}, {"P1D ", false}, {"P W", false},
	};

	(void)state;
	CHECK("duration", rows);
	/* the end of a text is its length */
	assert_false(schema_format_valid("duration", "P1\0D", 4));
	assert_false(schema_format_valid("uri", "a:\0b", 4));
	assert_false(schema_format_valid("email", "a\0@b", 4));
}

static void
uuids(void **state)
{
	static const struct row rows[] = {
		{"2eb8aa08-aa98-11ea-b4aa-73b441d16380", true}, {"2EB8AA08-AA98-11EA-B4AA-73B441D16380", true},
		{"00000000-0000-0000-0000-000000000000", true}, {"2eb8aa08-aa98-11ea-b4aa-73b441d1638", false},
		{"2eb8aa08-aa98-11ea-b4aa-73b441d163800", false}, {"2eb8aa08aa98-11ea-b4aa-73b441d163800", false},
		{"2eb8aa08-aa98-11ea-b4aa-73b441d1638g", false}, {"2eb8aa08-aa98-11ea-b4aa-73b441d1638G", false},
		{"2eb8aa08-aa98-11ea-b4aa-73b441d1638`", false}, {"2eb8aa08-aa98-11ea-b4aa-73b441d1638@", false},
		{"2eb8aa08-aa98-11ea-b4aa-73b441d1638/", false}, {"2eb8aa08-aa98-11ea-b4aa-73b441d1638:", false},
	};

	(void)state;
	CHECK("uuid", rows);
}

#define TEN "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void
emails(void **state)
{
	static const struct row rows[] = {
		{"a@b", true}, {"a.b@c.example", true}, {"A@B.Example", true}, {"a+b_c-d@e-f.example", true}, {"\"a b\"@c", true},
		{"\"a\\\"b\"@c", true}, {"a@[192.0.2.1]", true}, {"a@[IPv6:2001:db8::1]", true},
		{"a@1.example", true}, {SIXTY "aaaa@b", true}, {SIXTY "aaaaa@b", false}, {"a@" SIXTY "aaa", true},
		{"a@" SIXTY "aaaa", false}, {"a@" SIXTY "." SIXTY "." SIXTY "." SIXTY "." SIXTY, false},
		{"", false}, {"a", false}, {"a@", false}, {"@b", false}, {".a@b", false}, {"a.@b", false}, {"a..b@c", false},
		{"a.", false}, {"a b@c", false}, {"a\xc3\xa5@b", false}, {"a(b)@c", false}, {"a@b@c", false},
		{"\"a", false}, {"\"a\\", false}, {"\"a\"", false}, {"\"a\"b@c", false}, {"\"a\tb\"@c", false},
		{"\"a\x7f\"@c", false}, {"a@-b", false}, {"a@b-", false}, {"a@b-.c", false}, {"a@b..c", false}, {"a@.b", false},
		{"a@b.", false}, {"a@b_c", false}, {"a@[", false}, {"a@[]", false}, {"a@[192.0.2.1", false},
		{"a@[192.0.2.256]", false}, {"a@[IPv6:x]", false}, {"a@[IPv6:]", false}, {"a@[IPv4:1]", false}, {"a@[1]", false}, {"a@[1.2.3.4", false}, {"a@[::1]", false},
		{"a@" TEN "." SIXTY "." SIXTY "." SIXTY "." SIXTY "." TEN, false},
	};

	(void)state;
	CHECK("email", rows);
}

static void
uris(void **state)
{
	static const struct row rows[] = {
		{"https://example.org/", true}, {"mailto:a@b.example", true}, {"urn:a:b", true}, {"a:", true}, {"A1+-.:b", true},
		{"a://b?c/d?e#f/g?h", true}, {"a:b%2f%C3", true}, {"a://u:p@b:80/", true}, {"a://b:/", true}, {"a://:80", true},
		{"a://", true}, {"a:///b", true}, {"a://[::1]:8080/", true}, {"a://u@[::1]", true}, {"a:b[", false},
		{"", false}, {"a", false}, {":a", false}, {"//a", false}, {"1a:b", false}, {"a_b:c", false}, {"a/b:c", false},
		{"a:b c", false}, {"a:<b>", false}, {"a:\xc3\xa5", false}, {"a:%", false}, {"a:%2", false}, {"a:%g0", false},
		{"a:%0g", false}, {"a:b#c#d", false}, {"a:b?c[", false}, {"a://b[c", false}, {"a://u u@b", false},
		{"a://b@c@d", false}, {"a://b:8a", false}, {"a://b:80:90", false},
		/* addresses in brackets */
		{"a://[1:2:3:4:5:6:7:8]", true}, {"a://[1:2:3:4:5:6:7::]", true}, {"a://[::2:3:4:5:6:7:8]", true},
		{"a://[::]", true}, {"a://[ABCD::ef]", true}, {"a://[1::2:3]", true}, {"a://[::ffff:192.0.2.1]", true},
		{"a://[1:2:3:4:5:6:192.0.2.1]", true}, {"a://[1:2:3:4:5:6:7:192.0.2.1]", false},
		{"a://[1:2:3:4:5:192.0.2.1]", false}, {"a://[::192.0.2.1:1]", false}, {"a://[::1.2.3]", false},
		{"a://[::1.2.3.04]", false}, {"a://[::1.2.3.1234]", false}, {"a://[::1.2.3.]", false}, {"a://[::1.2;3.4]", false},
		{"a://[::1.2.3.12345]", false}, {"a://[123456::]", false}, {"a://[::256.0.0.1]", false},
		{"a://[::1:2:3:4:5:6:192.0.2.1]", false},
		{"a://[1:2:3:4:5:6:7]", false}, {"a://[1:2:3:4:5:6:7:8:9]", false}, {"a://[1:2:3:4:5:6:7:8::]", false},
		{"a://[1::2::3]", false}, {"a://[:1]", false}, {"a://[1:]", false}, {"a://[:::]", false}, {"a://[12345::]", false},
		{"a://[g::]", false}, {"a://[1.]", false}, {"a://[1;2]", false}, {"a://[]", false}, {"a://[", false}, {"a://[::1", false},
		{"a://[::1]x", false},
		/* and those of a version to come */
		{"a://[v1.x]", true}, {"a://[Vaf.a:b-c]", true}, {"a://[v1]", false}, {"a://[v.x]", false}, {"a://[vg.x]", false},
		{"a://[v1.]", false}, {"a://[v1x2]", false}, {"a://[v1.%41]", false}, {"a://[v1.a/b]", false}, {"a://[v1.a@b]", false},
		{"a://[v12]", false},
	};

	(void)state;
	CHECK("uri", rows);
}

static void
unasserted(void **state)
{
	(void)state;
	assert_true(formats_known("hostname"));
	assert_true(formats_known("x-own"));
	assert_true(formats_known("date"));
	assert_false(formats_known("dat"));
	assert_int_equal(formats_find("hostname"), -1);
	assert_true(schema_format_valid("hostname", "-", 1));
	assert_true(schema_format_valid("date", "2026-02-28", 10));
	assert_false(schema_format_valid("date", "2026-02-29", 10));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(durations),
		cmocka_unit_test(uuids),
		cmocka_unit_test(emails),
		cmocka_unit_test(uris),
		cmocka_unit_test(unasserted),
	};

	i18n_set("en");
	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
