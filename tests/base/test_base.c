/* Errors, buffers, dates, ids, hashes, arenas. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/secret.h"

static void
line_is(const struct err_item *it, const char *want)
{
	struct buf b = {0};

	err_format(&b, it);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}

static void
errors_format_like_a_compiler(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_at(&e, ERR_INVALID, "a.yaml", 12, 10, "data.start_on", "is not a %s", "date"),
	    ERR_INVALID);
	err_at(&e, ERR_INVALID, "a.yaml", 3, 0, NULL, "x");
	err_set(&e, ERR_IO, "plain");
	err_os(&e, ERR_IO, 2, "cannot open %s", "f");
	line_is(&e.item[0], "a.yaml:12:10: data.start_on: is not a date");
	line_is(&e.item[1], "a.yaml:3: x");
	line_is(&e.item[2], "plain");
	line_is(&e.item[3], "cannot open f: No such file or directory");
	assert_int_equal(err_code(&e), ERR_INVALID);
}

static void
errors_beyond_the_room_are_counted(void **state)
{
	struct err e = {0}, to = {0};

	(void)state;
	for (int i = 0; i < 20; i++)
		err_set(&e, ERR_IO, "%d", i);
	assert_int_equal(e.n, ERR_ITEMS);
	assert_int_equal(e.lost, 20 - ERR_ITEMS);
	assert_string_equal(e.item[0].text, "0");
	err_append(&to, &e);
	err_append(&to, &e);
	assert_int_equal(to.n, ERR_ITEMS);
	assert_int_equal(to.lost, 16 + 2 * 4);
	assert_int_equal(err_set(NULL, ERR_ACCESS, "nobody looks"), ERR_ACCESS);
}

static void
a_cut_text_ends_on_a_whole_character(void **state)
{
	struct err e = {0};
	char long_name[400];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof long_name; i += 2)
		memcpy(long_name + i, "å", 2);
	long_name[398] = '\0';
	/* one byte more before it, so that the cut would fall inside a character */
	memmove(long_name + 1, long_name, 397);
	long_name[0] = 'x';
	err_at(&e, ERR_IO, long_name, 0, 0, NULL, "t");
	assert_true(strlen(e.item[0].file) < sizeof e.item[0].file);
	assert_int_equal((unsigned char)e.item[0].file[strlen(e.item[0].file) - 1], 0xa5);
}

static void
exit_statuses_are_the_contract(void **state)
{
	static const struct { enum err_code code; int status; } table[] = {
		{ERR_OK, 0}, {ERR_FINDINGS, 1}, {ERR_USAGE, 2}, {ERR_INVALID, 3}, {ERR_ACCESS, 4},
		{ERR_DAMAGED, 5}, {ERR_HUB, 6}, {ERR_NOTFOUND, 4}, {ERR_EXISTS, 2}, {ERR_IO, 5},
		{ERR_RACE, 6}, {ERR_BUSY, 6}, {ERR_CANCELLED, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(err_exit_status(table[i].code), table[i].status);
}

static void
findings_sort_by_place_and_keep_their_order(void **state)
{
	struct diags d = {0};

	(void)state;
	diags_add(&d, "b", 1, 1, "p", "1");
	diags_add(&d, "a", 9, 2, "p", "2");
	diags_add(&d, "a", 9, 2, "p", "3");
	diags_add(&d, "a", 2, 7, NULL, "4");
	diags_sort(&d);
	assert_string_equal(d.v[0].text, "4");
	assert_string_equal(d.v[1].text, "2");
	assert_string_equal(d.v[2].text, "3");
	assert_string_equal(d.v[3].text, "1");
	diags_free(&d);
}

static void
buffers_grow_and_hand_over(void **state)
{
	struct buf b = {0};
	char *s;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.n, strlen(b.p));
	s = buf_take(&b);
	assert_null(b.p);
	assert_memory_equal(s, "0,1,2,", 6);
	free(s);
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
}

static void
json_strings_escape(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_json_string(&b, "a\"\\\n\t\x01\x7f\xc3\xa5\0z", 11);
	assert_string_equal(buf_str(&b), "\"a\\\"\\\\\\n\\t\\u0001\\u007få\\u0000z\"");
	buf_free(&b);
}

static void
dates_exist_or_do_not(void **state)
{
	static const struct { const char *s; int ok; int64_t days; } table[] = {
		{"1970-01-01", 1, 0}, {"1969-12-31", 1, -1}, {"2000-02-29", 1, 11016},
		{"1900-02-29", 0, 0}, {"2024-02-29", 1, 19782}, {"2023-02-29", 0, 0},
		{"2026-13-01", 0, 0}, {"2026-00-10", 0, 0}, {"2026-04-31", 0, 0}, {"2026-4-30", 0, 0},
		{"2026-04-3O", 0, 0}, {"0000-03-01", 1, -719468}, {"9999-12-31", 1, 2932896},
		{"2026-04-300", 0, 0}, {"", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int64_t days = 77;
		char back[11];

		assert_int_equal(date_parse(&days, table[i].s, strlen(table[i].s)), table[i].ok);
		if (!table[i].ok)
			continue;
		assert_int_equal(days, table[i].days);
		date_format(back, days);
		assert_string_equal(back, table[i].s);
	}
}

static void
every_day_of_500_years_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = -100000; day < 100000; day += 7) {
		time_t t = (time_t)(day * 86400);
		char want[32], got[11];
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%Y-%m-%d", &tm);
		date_format(got, day);
		assert_string_equal(got, want);
	}
}

static void
times_are_utc_and_strict(void **state)
{
	static const char *const bad[] = {"2026-03-02T09:14:00", "2026-03-02T09:14:00+01:00",
	    "2026-03-02 09:14:00Z", "2026-03-02T24:00:00Z", "2026-03-02T09:60:00Z",
	    "2026-03-02T09:14:60Z", "2026-03-02t09:14:00Z", "2026-02-30T09:14:00Z"};
	char out[DATE_TIME_LEN + 1];
	int64_t t;

	(void)state;
	assert_true(date_time_parse(&t, "2026-03-02T09:14:00Z", 20));
	date_time_format(out, t);
	assert_string_equal(out, "2026-03-02T09:14:00Z");
	assert_true(date_time_parse(&t, "1969-12-31T23:59:59Z", 20));
	assert_int_equal(t, -1);
	date_time_format(out, -1);
	assert_string_equal(out, "1969-12-31T23:59:59Z");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(date_time_parse(&t, bad[i], strlen(bad[i])));
}

static void
ids_are_of_the_alphabet(void **state)
{
	char a[ID_DOSSIER + 1], b[ID_DOSSIER + 1];
	uint8_t digest[32];

	(void)state;
	secret_init();
	id_random(a, ID_DOSSIER);
	id_random(b, ID_DOSSIER);
	assert_true(id_valid(a, ID_DOSSIER));
	assert_string_not_equal(a, b);
	assert_false(id_valid("7k3f9q2m1i", 10)); /* no i, l, o, u */
	assert_false(id_valid("7K3f9q2m1x", 10));
	assert_false(id_valid("7k3f9q2m1", 10));
	assert_false(id_valid("7k3f9q2m1xx", 10));
	/* 5 bits at a time from the left: 0x00 0x44 0x32 ... = 0,1,2,3,4... in Crockford's */
	memset(digest, 0, sizeof digest);
	digest[1] = 0x44;
	digest[2] = 0x32;
	id_from_digest(a, 4, digest);
	assert_string_equal(a, "0123");
	memset(digest, 0xff, sizeof digest);
	id_from_digest(a, 10, digest);
	assert_string_equal(a, "zzzzzzzzzz");
}

static void
hex_is_strict(void **state)
{
	uint8_t out[2] = {9, 9};
	char hex[65];

	(void)state;
	assert_true(hash_unhex(out, 2, "00ff"));
	assert_int_equal(out[1], 255);
	assert_false(hash_unhex(out, 2, "00FF"));
	assert_false(hash_unhex(out, 2, "00f"));
	assert_false(hash_unhex(out, 2, "00fff"));
	assert_false(hash_unhex(out, 2, "00fg"));
	{
		uint8_t sha[32];

		hash_sha256(sha, "abc", 3);
		hash_hex(hex, sha, 32);
	}
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
arenas_hold_much_and_zero_it(void **state)
{
	struct arena *a = arena_new();
	char *first = arena_strdup(a, "first");

	(void)state;
	for (int i = 0; i < 3000; i++) {
		unsigned char *p = arena_alloc(a, 1000);

		for (int k = 0; k < 1000; k += 111)
			assert_int_equal(p[k], 0);
		memset(p, 0xaa, 1000);
	}
	memset(arena_alloc(a, 5000000), 1, 5000000);
	assert_string_equal(first, "first");
	assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
	arena_free(a);
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_format_like_a_compiler),
		cmocka_unit_test(errors_beyond_the_room_are_counted),
		cmocka_unit_test(a_cut_text_ends_on_a_whole_character),
		cmocka_unit_test(exit_statuses_are_the_contract),
		cmocka_unit_test(findings_sort_by_place_and_keep_their_order),
		cmocka_unit_test(buffers_grow_and_hand_over),
		cmocka_unit_test(json_strings_escape),
		cmocka_unit_test(dates_exist_or_do_not),
		cmocka_unit_test(every_day_of_500_years_agrees_with_the_c_library),
		cmocka_unit_test(times_are_utc_and_strict),
		cmocka_unit_test(ids_are_of_the_alphabet),
		cmocka_unit_test(hex_is_strict),
		cmocka_unit_test(arenas_hold_much_and_zero_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
