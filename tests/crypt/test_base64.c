/* One text for some bytes, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypt/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Every byte at every place of a group. */
static void
test_every_byte(void **state)
{
	(void)state;
	for (int place = 0; place < 4; place++) {
		for (int c = 0; c < 256; c++) {
			char text[4] = {'A', 'A', 'A', 'A'};
			bool known = c != 0 && strchr(alphabet, c);
			uint8_t out[3];
			size_t n = 0;

			text[place] = (char)c;
			assert_int_equal(base64_decode(out, 3, &n, text, 4, false), known);
			assert_int_equal(base64_decode(out, 3, &n, text, 4, true),
			    known || (c == '=' && place == 3));
		}
	}
}

static void
test_table(void **state)
{
	static const struct {
		const char *text;
		int padded, bare; /* bytes, -1 = refused */
	} table[] = {
	    {"", 0, 0}, {"A", -1, -1}, {"AA", -1, 1}, {"AA=", -1, -1}, {"AA==", 1, -1},
	    {"AA===", -1, -1}, {"AAA", -1, 2}, {"AAA=", 2, -1}, {"AAA==", -1, -1}, {"=", -1, -1},
	    {"====", -1, -1}, {"AB", -1, -1}, {"AB==", -1, -1}, {"AAB", -1, -1}, {"AAB=", -1, -1},
	    {"AAAA", 3, 3}, {"AAAA=", -1, -1}, {"AA==AAAA", -1, -1}, {"AAAA\n", -1, -1},
	    {" AAAA", -1, -1}, {"AAAAA", -1, -1}, {"AAAAAA==", 4, -1}, {"AA-_", -1, -1},
	    {"AAAAAAAA", -1, -1}, /* more than there is room for */
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		for (int padded = 0; padded < 2; padded++) {
			int want = padded ? table[i].padded : table[i].bare;
			uint8_t out[5];
			size_t n = 0;
			bool ok = base64_decode(
			    out, sizeof out, &n, table[i].text, strlen(table[i].text), padded);

			assert_int_equal(ok ? (int)n : -1, want);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
