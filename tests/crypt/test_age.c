/* age files: the pitfalls that the public vectors leave open. */
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
#include "crypt/age_header.h"
#include "crypt/age_stream.h"
#include "crypt/help.h"

/* --- what is refused, and how ------------------------------------------------ */

/* A file for pk whose stanzas the caller writes; MAC and payload are right. */
struct forge {
	uint8_t file_key[AGE_FILE_KEY], sk[32], pk[32];
	struct buf head;
};

static void
forge_start(struct forge *f)
{
	*f = (struct forge){0};
	age_keygen(f->sk, f->pk);
	randombytes_buf(f->file_key, sizeof f->file_key);
	age_header_begin(&f->head);
}

/* A stanza that f->sk opens. */
static void
forge_own(struct forge *f)
{
	uint8_t esk[32], share[32], shared[32], salt[64], key[32], body[AGE_BODY], nonce[12] = {0};

	age_keygen(esk, share);
	assert_int_equal(crypto_scalarmult(shared, esk, f->pk), 0);
	memcpy(salt, share, 32);
	memcpy(salt + 32, f->pk, 32);
	age_hkdf(key, salt, 64, shared, 32, "age-encryption.org/v1/X25519");
	crypto_aead_chacha20poly1305_ietf_encrypt(
	    body, NULL, f->file_key, 16, NULL, 0, NULL, nonce, key);
	age_header_x25519(&f->head, share, body);
}

/* A well-formed stanza for somebody else. */
static void
forge_other(struct forge *f)
{
	uint8_t sk[32], share[32], body[AGE_BODY];

	age_keygen(sk, share);
	randombytes_buf(body, sizeof body);
	age_header_x25519(&f->head, share, body);
}

static int
forge_open(struct forge *f, struct buf *out, size_t hint, enum age_result *res, struct err *e)
{
	uint8_t nonce[AGE_NONCE] = {1};
	int rc;

	age_header_end(&f->head, 0, f->file_key);
	age_stream_seal(&f->head, f->file_key, nonce, "hello", 5);
	rc = age_decrypt(out, (const uint8_t(*)[32])f->sk, 1, hint, f->head.p, f->head.n, res, e);
	buf_free(&f->head);
	return rc;
}

#define SHARE "-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
#define BODY "EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"

/* The whole header is judged, no matter that a key fits before. */
static void
test_stanzas_refused(void **state)
{
	static const char x[] = "an X25519 stanza is malformed",
			  s[] = "the scrypt stanza is malformed",
			  h[] = "the age header is malformed",
			  low[] = "an X25519 stanza has a low-order share",
			  end[] = "the age header's last line is malformed";
	static const struct {
		const char *stanza, *text; /* NULL: opens */
	} table[] = {
	    {SHARE BODY, NULL},
	    {"-> unknown\n\n", NULL},
	    {"-> x25519 a b c d e f\nAAAA\n", NULL},
	    {"-> X25519\n" BODY, x},
	    {"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc more\n" BODY, x},
	    {"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOC\n" BODY, x},
	    {"-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCd\n" BODY, x},
	    {SHARE "\n", x},
	    {SHARE "AAAA\n", x},
	    {SHARE "EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7UA\n", x},
	    {"-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" BODY, low},
	    {"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n" BODY, "a scrypt stanza must be the only one"},
	    {"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 010\n" BODY, s},
	    {"-> scrypt AAAAAAAAAAAAAAAAAAAAAA\n" BODY, s},
	    {"->\n" BODY, h},
	    {"-> \n" BODY, h},
	    {"-> a \n\n", h},
	    {"-> a  b\n\n", h},
	    {"->  a\n\n", h},
	    {"-> a\r\n\n", h},
	    {"-> a\tb\n\n", h},
	    {"-> \xc3\xa5\n\n", h},
	    {"-> a\nAA==\n", h},
	    {"-> a\nAB\n", h},
	    {"-> a\nA\n", h},
	    {"-> a\nAAAA \n", h},
	    {"-> a\n-> b\n\n", h},
	    {"-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", h},
	    {"-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", h},
	    {"-> a\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n", NULL},
	    {"hello\n", h},
	    {"\n", h},
	    {"---\n", end},
	    {"--- x\n", end},
	    {"---TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc \n", end},
	    {"--- TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCd\n", end},
	    {"--- TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\r\n", end},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		for (int order = 0; order < 2; order++) { /* ours first, ours last */
			enum age_result res = AGE_OK;
			struct buf out = {0};
			struct err e = {0};
			struct forge f;
			int rc;

			forge_start(&f);
			if (order == 0)
				forge_own(&f);
			buf_puts(&f.head, table[i].stanza);
			if (order == 1)
				forge_own(&f);
			rc = forge_open(&f, &out, 0, &res, &e);
			if (!table[i].text) {
				assert_int_equal(rc, 0);
				assert_plain(&out, "hello", 5);
			} else {
				assert_int_equal(res, AGE_HEADER);
				assert_int_equal(out.n, 0);
				assert_err(&e, ERR_DAMAGED, table[i].text);
			}
			buf_free(&out);
		}
	}
}

/* Each of the low-order points, also with the top bit set, before and after our stanza. That
 * libsodium gives no shared secret for them shows that the list is right. */
static void
test_low_order(void **state)
{
	static const char *const points[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};

	(void)state;
	for (size_t i = 0; i < 14; i++) {
		uint8_t point[32], shared[32], body[AGE_BODY] = {0};
		enum age_result res = AGE_OK;
		struct buf out = {0};
		struct err e = {0};
		struct forge f;

		sodium_hex2bin(point, 32, points[i / 2], 64, NULL, NULL, NULL);
		point[31] |= i % 2 ? 0x80 : 0;
		for (size_t hint = 0; hint < 2; hint++) {
			forge_start(&f);
			assert_int_equal(crypto_scalarmult(shared, f.sk, point), -1);
			forge_own(&f);
			age_header_x25519(&f.head, point, body);
			assert_int_equal(forge_open(&f, &out, hint, &res, &e), ERR_DAMAGED);
			assert_int_equal(res, AGE_HEADER);
			assert_err(&e, ERR_DAMAGED, "an X25519 stanza has a low-order share");
		}
		/* nor is anything encrypted to one */
		age_encrypt(&out, (const uint8_t(*)[32])point, 1, "x", 1, &e);
		assert_err(&e, ERR_INVALID, "a recipient is a low-order point, not a key");
		assert_int_equal(out.n, 0);
	}
}

static void
test_limits(void **state)
{
	struct buf out = {0};
	struct err e = {0};
	struct forge f;

	(void)state;
	/* no stanza */
	forge_start(&f);
	forge_open(&f, &out, 0, NULL, &e);
	assert_err(&e, ERR_DAMAGED, "the age header names no recipient");
	/* a thousand and more are read, ours last; with a hint as with none */
	for (size_t n = 0; n < 2; n++) {
		forge_start(&f);
		for (int i = 0; i < 1100; i++)
			forge_other(&f);
		forge_own(&f);
		buf_reset(&out);
		assert_int_equal(forge_open(&f, &out, n * 1100, NULL, &e), 0);
		assert_plain(&out, "hello", 5);
	}
	buf_reset(&out);
	/* the largest count, and one more */
	for (int n = AGE_STANZAS_MAX; n <= AGE_STANZAS_MAX + 1; n++) {
		forge_start(&f);
		forge_own(&f);
		for (int i = 1; i < n; i++)
			buf_puts(&f.head, "-> a\n\n");
		if (forge_open(&f, &out, 0, NULL, &e) != 0)
			assert_err(&e, ERR_DAMAGED, "the age header has more than 2048 stanzas");
		else
			assert_int_equal(n, AGE_STANZAS_MAX);
	}
	/* the largest header, and one byte more */
	for (size_t more = 0; more < 2; more++) {
		size_t room;

		buf_reset(&out);
		forge_start(&f);
		forge_own(&f);
		room =
		    AGE_HEADER_MAX + more - f.head.n - 48 /* MAC line */ - 5 /* the stanza's own */;
		buf_puts(&f.head, "-> ");
		memset(buf_room(&f.head, room), 'a', room);
		f.head.n += room;
		buf_puts(&f.head, "\n\n");
		if (forge_open(&f, &out, 0, NULL, &e) != 0) {
			assert_int_equal(more, 1);
			assert_err(&e, ERR_DAMAGED, "the age header is larger than 262144 bytes");
		} else {
			assert_int_equal(more, 0);
		}
	}
	/* recipients when writing */
	for (size_t n = 0; n <= AGE_STANZAS_MAX + 1; n += AGE_STANZAS_MAX + 1) {
		buf_reset(&out);
		age_encrypt(&out, NULL, n, "x", 1, &e);
		assert_err(&e, ERR_USAGE, "an age file needs 1 to 2048 recipients");
	}
	buf_free(&out);
}

static void
test_many_recipients_written(void **state)
{
	enum { N = 300 };
	static uint8_t sk[N][32], pk[N][32];
	struct buf sealed = {0}, plain = {0};

	(void)state;
	for (int i = 0; i < N; i++)
		age_keygen(sk[i], pk[i]);
	assert_int_equal(age_encrypt(&sealed, (const uint8_t(*)[32])pk, N, "x", 1, NULL), 0);
	assert_int_equal(age_stanzas(sealed.p, sealed.n, NULL), N);
	for (size_t i = 0; i < N; i += 100) { /* stanzas stand in the order given */
		buf_reset(&plain);
		assert_int_equal(age_decrypt(&plain, (const uint8_t(*)[32])sk[i], 1, i, sealed.p,
				     sealed.n, NULL, NULL),
		    0);
	}
	/* several keys, the last one fits */
	buf_reset(&plain);
	sodium_memzero(sk, sizeof sk - 32);
	sk[0][0] = 8;
	assert_int_equal(
	    age_decrypt(&plain, (const uint8_t(*)[32])sk, 0, 0, sealed.p, sealed.n, NULL, NULL),
	    ERR_ACCESS);
	assert_int_equal(age_decrypt(&plain, (const uint8_t(*)[32])sk[N - 3], 3, N - 1, sealed.p,
			     sealed.n, NULL, NULL),
	    0);
	assert_plain(&plain, "x", 1);
	buf_free(&sealed);
	buf_free(&plain);
}

static void
test_wrong_key(void **state)
{
	uint8_t sk[32], pk[32], other[32], other_pk[32];
	struct buf sealed = {0}, locked = {0}, out = {0};
	enum age_result res = AGE_OK;
	struct err e = {0};

	(void)state;
	age_keygen(sk, pk);
	age_keygen(other, other_pk);
	age_encrypt(&sealed, (const uint8_t(*)[32])pk, 1, "x", 1, NULL);
	age_encrypt_passphrase(&locked, "p", 1, "x", 1, NULL);
	age_decrypt(&out, (const uint8_t(*)[32])other, 1, 0, sealed.p, sealed.n, &res, &e);
	assert_int_equal(res, AGE_NO_MATCH);
	assert_err(&e, ERR_ACCESS, "none of the keys opens this age file");
	age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, locked.p, locked.n, &res, &e);
	assert_int_equal(res, AGE_NO_MATCH);
	assert_err(&e, ERR_ACCESS, "the age file needs a passphrase, not a key");
	age_decrypt_passphrase(&out, "p", 0, sealed.p, sealed.n, &res, &e);
	assert_int_equal(res, AGE_NO_MATCH);
	assert_err(&e, ERR_ACCESS, "the age file needs a key, not a passphrase");
	age_decrypt_passphrase(&out, "q", 0, locked.p, locked.n, &res, &e);
	assert_int_equal(res, AGE_NO_MATCH);
	assert_err(&e, ERR_ACCESS, "wrong passphrase");
	assert_int_equal(out.n, 0);
	buf_free(&sealed);
	buf_free(&locked);
	buf_free(&out);
}

/* A key whose public half is known, and one that is told a wrong one. */
static void
test_one_key(void **state)
{
	uint8_t sk[2][32], pk[2][32];
	struct buf f = {0}, out = {0};
	enum age_result why;

	(void)state;
	age_keygen(sk[0], pk[0]);
	age_keygen(sk[1], pk[1]);
	assert_int_equal(age_encrypt(&f, (const uint8_t (*)[32])pk, 2, "text", 4, NULL), 0);
	for (size_t i = 0; i < 2; i++)
		for (size_t hint = 0; hint < 3; hint++) {
			buf_reset(&out);
			assert_int_equal(age_decrypt_one(&out, sk[i], pk[i], hint, f.p, f.n, &why, NULL), 0);
			assert_int_equal(why, AGE_OK);
			assert_plain(&out, "text", 4);
		}
	buf_reset(&out);
	assert_int_equal(age_decrypt_one(&out, sk[0], pk[1], 0, f.p, f.n, &why, NULL), ERR_ACCESS);
	assert_int_equal(why, AGE_NO_MATCH);
	assert_int_equal(out.n, 0);
	buf_free(&f);
	buf_free(&out);
}

static void
test_work_factors(void **state)
{
	static const struct {
		const char *factor;
		int max;
		const char *text;
	} table[] = {
	    {"5", 4, "the age file asks for a work factor above 4"},
	    {"23", 0, "the age file asks for a work factor above 22"},
	    {"23", 99, "the age file asks for a work factor above 22"},
	    {"64", 0, "the age file asks for a work factor above 22"},
	    {"4294967297", 0, "the age file asks for a work factor above 22"},
	    {"99999999999999999999999999", 0, "the age file asks for a work factor above 22"},
	    {"0", 0, "the scrypt stanza is malformed"},
	    {"-1", 0, "the scrypt stanza is malformed"},
	    {"+1", 0, "the scrypt stanza is malformed"},
	    {"0x1", 0, "the scrypt stanza is malformed"},
	    {"1x", 0, "the scrypt stanza is malformed"},
	};
	struct buf out = {0};
	struct err e = {0};

	(void)state;
	for (int wf = -1; wf <= 23; wf += wf == 0 ? 23 : 1) {
		age_encrypt_passphrase(&out, "p", wf, "x", 1, &e);
		assert_err(&e, ERR_USAGE, "the work factor must be 1 to 22");
	}
	age_encrypt_passphrase(&out, "", 10, "x", 1, &e);
	assert_err(&e, ERR_USAGE, "the passphrase is empty");
	assert_int_equal(out.n, 0);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct forge f;

		forge_start(&f);
		buf_printf(&f.head, "-> scrypt AAAAAAAAAAAAAAAAAAAAAA %s\n" BODY, table[i].factor);
		age_header_end(&f.head, 0, f.file_key);
		buf_puts(&f.head, "0123456789abcdef0123456789abcdef");
		age_decrypt_passphrase(&out, "p", table[i].max, f.head.p, f.head.n, NULL, &e);
		assert_err(&e, ERR_DAMAGED, table[i].text);
		buf_free(&f.head);
	}
	buf_free(&out);
}

static void
test_not_age(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		const char *text;
	} table[] = {
	    {"", 0, "this is not an age v1 file"},
	    {"akt: 1\n", 7, "this is not an age v1 file"},
	    {"age-encryption.org/v2\n", 22, "this is not an age v1 file"},
	    {"age-encryption.org/v1\r\n", 23, "this is not an age v1 file"},
	    {"age-encryption.org/v1", 21, "this is not an age v1 file"},
	    {"age-encryption.org/v1\n", 22, "the age header is cut short"},
	    {"age-encryption.org/v1\n-> a", 26, "the age header is cut short"},
	    {"-----BEGIN AGE ENCRYPTED FILE-----\n", 35,
		"this age file is armored text; only the binary form is read"},
	};
	uint8_t sk[32] = {1};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		enum age_result res = AGE_OK;
		struct buf out = {0};
		struct err e = {0};

		assert_int_equal(age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, table[i].p,
				     table[i].n, &res, &e),
		    ERR_DAMAGED);
		assert_int_equal(res, AGE_HEADER);
		assert_err(&e, ERR_DAMAGED, table[i].text);
		assert_int_equal(age_stanzas(table[i].p, table[i].n, NULL), -1);
		buf_free(&out);
	}
}

/* Cut anywhere, any bit changed, anything added: nothing comes out, and what was in `out` stands.
 */
static void
test_all_or_nothing(void **state)
{
	static const size_t lengths[] = {0, 5, 70000};
	uint8_t sk[32], pk[32];

	(void)state;
	age_keygen(sk, pk);
	for (int l = 0; l < 3; l++) {
		void *p = sample(lengths[l]);
		struct buf sealed = {0}, out = {0};
		size_t step = lengths[l] > 5 ? 997 : 1;

		buf_puts(&out, "before");
		age_encrypt(&sealed, (const uint8_t(*)[32])pk, 1, p, lengths[l], NULL);
		memset(buf_room(&out, sealed.n), 0, sealed.n); /* what lies behind the end is looked at below */
		for (size_t n = 0; n < sealed.n; n += step) {
			enum age_result res = AGE_OK;

			assert_int_not_equal(age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0,
						 sealed.p, n, &res, NULL),
			    0);
			assert_int_not_equal(res, AGE_OK);
			assert_int_equal(out.n, 6);
			assert_string_equal(out.p, "before");
			for (int bit = 0; bit < 8; bit += 3) {
				sealed.p[n] ^= (char)(1 << bit);
				assert_int_not_equal(age_decrypt(&out, (const uint8_t(*)[32])sk, 1,
							 0, sealed.p, sealed.n, &res, NULL),
				    0);
				assert_int_not_equal(res, AGE_OK);
				sealed.p[n] ^= (char)(1 << bit);
			}
			assert_string_equal(out.p, "before");
			if (lengths[l] &&
			    out.cap > 6 + lengths[l]) /* nor is it left behind the end */
				assert_memory_not_equal(out.p + 7, (char *)p + 1, 4);
		}
		buf_add(&sealed, "x", 1);
		assert_int_equal(age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, sealed.p,
				     sealed.n, NULL, NULL),
		    ERR_DAMAGED);
		assert_int_equal(age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, sealed.p,
				     sealed.n - 1, NULL, NULL),
		    0);
		assert_int_equal(out.n, 6 + lengths[l]);
		buf_free(&sealed);
		buf_free(&out);
		free(p);
	}
}

/* What each kind of damage is called. */
static void
test_damage_named(void **state)
{
	uint8_t sk[32], pk[32];
	struct buf sealed = {0}, out = {0};
	enum age_result res = AGE_OK;
	struct err e = {0};
	size_t mac;

	(void)state;
	age_keygen(sk, pk);
	age_encrypt(&sealed, (const uint8_t(*)[32])pk, 1, "hello", 5, NULL);
	mac = (size_t)((char *)memmem(sealed.p, sealed.n, "\n--- ", 5) - sealed.p) + 5;
	sealed.p[mac] = sealed.p[mac] == 'A' ? 'B' : 'A';
	age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, sealed.p, sealed.n, &res, &e);
	assert_int_equal(res, AGE_HMAC);
	assert_err(&e, ERR_DAMAGED, "the age header was altered");
	buf_reset(&sealed);
	age_encrypt(&sealed, (const uint8_t(*)[32])pk, 1, "hello", 5, NULL);
	age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, sealed.p, mac + 44 + 15, &res, &e);
	assert_int_equal(res, AGE_HEADER);
	assert_err(&e, ERR_DAMAGED, "the age file is cut short");
	age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, sealed.p, mac + 44 + 16, &res, &e);
	assert_int_equal(res, AGE_PAYLOAD);
	assert_err(&e, ERR_DAMAGED, "the age file's content was altered or cut short");
	buf_free(&sealed);
	buf_free(&out);
}

/* More than 256 chunks: the counter is wider than a byte. */
static void
test_many_chunks(void **state)
{
	enum { N = 257 * 65536 + 1 };
	uint8_t sk[32], pk[32], *p = sample(N);
	struct buf sealed = {0}, out = {0};

	(void)state;
	age_keygen(sk, pk);
	age_encrypt(&sealed, (const uint8_t(*)[32])pk, 1, p, N, NULL);
	assert_int_equal(
	    age_decrypt(&out, (const uint8_t(*)[32])sk, 1, 0, sealed.p, sealed.n, NULL, NULL), 0);
	assert_int_equal(out.n, N);
	assert_memory_equal(out.p, p, N);
	buf_free(&sealed);
	buf_free(&out);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stanzas_refused),
	    cmocka_unit_test(test_low_order),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_many_recipients_written),
	    cmocka_unit_test(test_wrong_key),
	    cmocka_unit_test(test_one_key),
	    cmocka_unit_test(test_work_factors),
	    cmocka_unit_test(test_not_age),
	    cmocka_unit_test(test_all_or_nothing),
	    cmocka_unit_test(test_damage_named),
	    cmocka_unit_test(test_many_chunks),
	};

	return cmocka_run_group_tests_name("age", tests, NULL, NULL);
}
