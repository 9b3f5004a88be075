/* Keys as text (BIP 173), and what is none. */
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
#include "crypt/bech32.h"
#include "crypt/help.h"

static void
test_keys_as_text(void **state)
{
	static const char sk_text[] =
	    "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";
	uint8_t sk[32], pk[32], back[32];
	char text[AGE_TEXT], upper[AGE_TEXT];
	struct buf out = {0};

	(void)state;
	assert_int_equal(age_identity_parse(sk, sk_text, strlen(sk_text), NULL), 0);
	age_identity_format(text, sk);
	assert_string_equal(text, sk_text);
	snprintf(upper, sizeof upper, "%s\n", sk_text); /* a line, as it stands in files */
	assert_int_equal(age_identity_parse(back, upper, strlen(upper), NULL), 0);
	assert_memory_equal(back, sk, 32);
	/* age-keygen derives the same recipient */
	age_public(pk, sk);
	age_recipient_format(text, pk);
	assert_int_equal(run(&out, "echo %s | age-keygen -y", sk_text), 0);
	assert_memory_equal(out.p, text, strlen(text));
	assert_int_equal(age_recipient_parse(back, text, NULL), 0);
	assert_memory_equal(back, pk, 32);
	for (int i = 0; i < 50; i++) { /* all of 5-bit packing */
		age_keygen(sk, pk);
		age_identity_format(text, sk);
		assert_int_equal(age_identity_parse(back, text, strlen(text), NULL), 0);
		assert_memory_equal(back, sk, 32);
	}
	buf_free(&out);
}

static void
test_keys_refused(void **state)
{
	static const char good[] = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
	/* under checksums that are right: padding bits that are not zero, a group less, a group
	 * more, another prefix */
	static const char *const summed[] = {
	    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73epp9g8nq",
	    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73egz8c7s0",
	    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73esfj526",
	    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73eqqhruuh4",
	    "agf1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73eq5w9aqe",
	};
	uint8_t pk[32], bytes[32] = {9}, untouched[32] = {9};
	char text[AGE_TEXT], upper[AGE_TEXT];
	struct err e = {0};

	(void)state;
	assert_int_equal(age_recipient_parse(pk, good, NULL), 0);
	for (size_t i = 0; i < strlen(good); i++) {
		/* any other character anywhere; cut short; made longer */
		for (const char *c = "qpzryQ1b io\x80"; *c; c++) {
			strcpy(text, good);
			if (text[i] == *c)
				continue;
			text[i] = *c;
			assert_int_equal(age_recipient_parse(bytes, text, NULL), ERR_INVALID);
		}
		strcpy(text, good);
		text[i] = '\0';
		assert_int_equal(age_recipient_parse(bytes, text, NULL), ERR_INVALID);
	}
	strcpy(upper, good);
	for (char *s = upper; *s; s++)
		*s = *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s;
	assert_int_equal(age_recipient_parse(bytes, upper, NULL), ERR_INVALID);
	snprintf(text, sizeof text, "%sq", good);
	age_recipient_parse(bytes, text, &e);
	assert_err(&e, ERR_INVALID, "is not an age recipient (age1...)");
	age_identity_parse(bytes, good, strlen(good), &e);
	assert_err(&e, ERR_INVALID, "is not an age identity (AGE-SECRET-KEY-1...)");
	assert_int_equal(age_identity_parse(bytes, "", 0, NULL), ERR_INVALID);
	for (size_t i = 0; i < sizeof summed / sizeof *summed; i++)
		assert_int_equal(age_recipient_parse(bytes, summed[i], NULL), ERR_INVALID);
	assert_memory_equal(bytes, untouched, 32);
}

/* The prefix decides the case, and one without letters none. */
static void
test_bech32_cases(void **state)
{
	static const char *const prefixes[] = {"age", "AGE-SECRET-KEY-", "1", "_"};
	uint8_t key[32], back[32] = {0}, untouched[32] = {9};
	char text[BECH32_MAX + 1];

	(void)state;
	for (int i = 0; i < 32; i++)
		key[i] = (uint8_t)(i * 37);
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		size_t h = strlen(prefixes[i]) + 1, n;
		bool upper = *prefixes[i] == 'A';

		bech32_encode(text, prefixes[i], key);
		n = strlen(text);
		assert_int_equal(n, h - 1 + 59);
		assert_true(bech32_decode(back, prefixes[i], text, n));
		assert_memory_equal(back, key, 32);
		memset(back, 9, 1);
		memcpy(back, untouched, 32);
		/* one letter in the other case; a byte beyond all letters; one of another alphabet; an end */
		for (size_t at = h; at < n; at++) {
			static const char other[] = "{}[@bB1\0";
			char was = text[at];

			for (size_t k = 0; k < sizeof other - 1; k++) {
				text[at] = other[k];
				assert_false(bech32_decode(back, prefixes[i], text, n));
			}
			if (was >= (upper ? 'A' : 'a')) {
				text[at] = (char)(was ^ 0x20);
				assert_false(bech32_decode(back, prefixes[i], text, n));
			}
			text[at] = was;
		}
		assert_memory_equal(back, untouched, 32);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys_as_text),
	    cmocka_unit_test(test_keys_refused),
	    cmocka_unit_test(test_bech32_cases),
	};

	return cmocka_run_group_tests_name("age keys", tests, NULL, NULL);
}
