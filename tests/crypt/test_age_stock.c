/* age files both ways with the stock program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/age.h"
#include "crypt/help.h"

static const size_t sizes[] = {0, 1, 63, 65535, 65536, 65537, 1 << 20};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void
test_age_reads_ours(void **state)
{
	uint8_t sk[3][32], pk[3][32];
	char text[AGE_TEXT];

	(void)state;
	for (int k = 0; k < 3; k++) {
		char name[16];

		age_keygen(sk[k], pk[k]);
		age_identity_format(text, sk[k]);
		snprintf(name, sizeof name, "key%d", k);
		put_file(in_scratch(name), text, strlen(text));
	}
	for (int i = 0; i < SIZES; i++) {
		void *p = sample(sizes[i]);
		struct buf sealed = {0}, plain = {0};

		buf_puts(&sealed, "x"); /* appended to what is there */
		assert_int_equal(
		    age_encrypt(&sealed, (const uint8_t(*)[32])pk, 3, p, sizes[i], NULL), 0);
		assert_int_equal(sealed.n - 1,
		    22 + 98 * 3 + 48 + 16 + sizes[i] +
			16 * (sizes[i] ? (sizes[i] + 65535) / 65536 : 1));
		put_file(in_scratch("sealed.age"), sealed.p + 1, sealed.n - 1);
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(run(NULL, "age -d -i key%zu sealed.age > plain", k), 0);
			buf_reset(&plain);
			get_file(&plain, in_scratch("plain"));
			assert_plain(&plain, p, sizes[i]);
			for (size_t hint = 0; hint < 5; hint++) {
				buf_reset(&plain);
				assert_int_equal(age_decrypt(&plain, (const uint8_t(*)[32])sk[k], 1,
						     hint, sealed.p + 1, sealed.n - 1, NULL, NULL),
				    0);
				assert_plain(&plain, p, sizes[i]);
			}
		}
		buf_free(&sealed);
		buf_free(&plain);
		free(p);
	}
}

static void
test_we_read_age(void **state)
{
	uint8_t sk[32], pk[32];
	char text[AGE_TEXT];

	(void)state;
	age_keygen(sk, pk);
	age_recipient_format(text, pk);
	assert_int_equal(run(NULL, "age-keygen -o other 2>/dev/null"), 0);
	for (int i = 0; i < SIZES; i++) {
		void *p = sample(sizes[i]);
		struct buf sealed = {0}, plain = {0};

		put_file(in_scratch("plain"), p, sizes[i]);
		assert_int_equal(
		    run(NULL, "age -r $(age-keygen -y other) -r %s -o sealed.age plain", text), 0);
		get_file(&sealed, in_scratch("sealed.age"));
		assert_int_equal(age_decrypt(&plain, (const uint8_t(*)[32])sk, 1, 0, sealed.p,
				     sealed.n, NULL, NULL),
		    0);
		assert_plain(&plain, p, sizes[i]);
		buf_free(&sealed);
		buf_free(&plain);
		free(p);
	}
}

static void
test_passphrases_both_ways(void **state)
{
	struct buf sealed = {0}, plain = {0};
	void *p = sample(70000);
	int scrypt = 0;

	(void)state;
	assert_int_equal(age_encrypt_passphrase(&sealed, "Räksmörgås 7", 12, p, 70000, NULL), 0);
	assert_int_equal(age_stanzas(sealed.p, sealed.n, &scrypt), 1);
	assert_true(scrypt);
	put_file(in_scratch("ours.age"), sealed.p, sealed.n);
	assert_int_equal(
	    run_expect("spawn age -d -o ours.txt ours.age\nexpect \"passphrase:\"\n"
		       "send \"Räksmörgås 7\\r\"\nexpect eof\nexit [lindex [wait] 3]\n"),
	    0);
	get_file(&plain, in_scratch("ours.txt"));
	assert_plain(&plain, p, 70000);

	assert_int_equal(
	    run_expect("spawn age -p -o theirs.age ours.txt\nexpect \"passphrase\"\n"
		       "send \"Räksmörgås 7\\r\"\nexpect \"onfirm\"\n"
		       "send \"Räksmörgås 7\\r\"\nexpect eof\nexit [lindex [wait] 3]\n"),
	    0);
	buf_reset(&sealed);
	buf_reset(&plain);
	get_file(&sealed, in_scratch("theirs.age"));
	assert_int_equal(
	    age_decrypt_passphrase(&plain, "Räksmörgås 7", 18, sealed.p, sealed.n, NULL, NULL), 0);
	assert_plain(&plain, p, 70000);
	buf_free(&sealed);
	buf_free(&plain);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_age_reads_ours),
	    cmocka_unit_test(test_we_read_age),
	    cmocka_unit_test(test_passphrases_both_ways),
	};

	return cmocka_run_group_tests_name("age and the stock program", tests, NULL, NULL);
}
