/* The public age test vectors (C2SP/CCTV, npm package cctv-age): what opens, and why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "crypt/age.h"
#include "crypt/age_header.h"
#include "crypt/age_stream.h"

enum { KEYS = 4 };

struct vector {
	char name[80], expect[32], payload[65], file_key[33];
	uint8_t sk[KEYS][32];
	char *passphrase[KEYS];
	size_t nsk, npass;
	bool armored, hybrid, unknown;
	struct buf file;
};

struct vectors {
	size_t n, cap;
	struct vector *v;
};

static struct vectors all;

static void
inflate_all(struct buf *out, const void *p, size_t n)
{
	size_t cap = 32u << 20;
	uLongf got = cap;

	assert_int_equal(uncompress(buf_room(out, cap), &got, p, n), Z_OK);
	out->n += got;
}

static void
set_key(struct vector *v, const char *key, const char *val, bool *zipped)
{
	if (strcmp(key, "expect") == 0) {
		snprintf(v->expect, sizeof v->expect, "%s", val);
	} else if (strcmp(key, "payload") == 0) {
		snprintf(v->payload, sizeof v->payload, "%s", val);
	} else if (strcmp(key, "file key") == 0) {
		snprintf(v->file_key, sizeof v->file_key, "%s", val);
	} else if (strcmp(key, "identity") == 0) {
		assert_true(v->nsk < KEYS);
		if (strncmp(val, "AGE-SECRET-KEY-PQ-1", 19) == 0)
			v->hybrid = true;
		else
			assert_int_equal(
			    age_identity_parse(v->sk[v->nsk++], val, strlen(val), NULL), 0);
	} else if (strcmp(key, "passphrase") == 0) {
		assert_true(v->npass < KEYS);
		v->passphrase[v->npass++] = xstrdup(val);
	} else if (strcmp(key, "armored") == 0) {
		v->armored = true;
	} else if (strcmp(key, "compressed") == 0) {
		*zipped = true;
	} else if (strcmp(key, "comment") != 0) {
		v->unknown = true;
	}
}

/* `key: value` lines, an empty line, the file. */
static void
read_vector(struct vector *v, char *p, size_t n)
{
	char *end = p + n;
	bool zipped = false;

	while (p < end && *p != '\n') {
		char *lf = memchr(p, '\n', (size_t)(end - p)), *colon = strstr(p, ": ");

		assert_non_null(lf);
		*lf = '\0';
		assert_true(colon && colon < lf);
		*colon = '\0';
		set_key(v, p, colon + 2, &zipped);
		p = lf + 1;
	}
	assert_true(p < end);
	p++;
	if (zipped)
		inflate_all(&v->file, p, (size_t)(end - p));
	else
		buf_add(&v->file, p, (size_t)(end - p));
}

/* The package holds each file as `var NAME_default = __toBinary("BASE64");`. */
static int
load(void **state)
{
	static const char call[] = "_default = __toBinary(\"";
	const char *dir = getenv("AKT_CCTV");
	char path[512], *at, *name, *text, *quote;
	struct buf js = {0};
	struct err e = {0};

	(void)state;
	snprintf(path, sizeof path, "%s/index.js", dir ? dir : "build/npm/node_modules/cctv-age");
	if (os_read_file(&js, path, 16 << 20, &e) != 0) {
		print_error("%s: the age vectors are not there; get them with: make "
			    "build/npm/cctv-age\n",
		    path);
		return -1;
	}
	for (at = js.p; (at = strstr(at, call)); at = quote + 1) {
		struct vector v = {0};
		size_t n = 0;
		char *bin;

		for (name = at; name[-1] != ' '; name--)
			;
		text = at + sizeof call - 1;
		quote = strchr(text, '"');
		bin = xmalloc((size_t)(quote - text));
		assert_int_equal(
		    sodium_base642bin((uint8_t *)bin, (size_t)(quote - text), text,
			(size_t)(quote - text), NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL),
		    0);
		snprintf(v.name, sizeof v.name, "%.*s", (int)(at - name), name);
		read_vector(&v, bin, n);
		free(bin);
		vec_grow(&all);
		all.v[all.n++] = v;
	}
	buf_free(&js);
	return 0;
}

static int
unload(void **state)
{
	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		buf_free(&all.v[i].file);
		for (size_t j = 0; j < all.v[i].npass; j++)
			free(all.v[i].passphrase[j]);
	}
	free(all.v);
	return 0;
}

static enum age_result
open_vector(struct buf *out, const struct vector *v, size_t hint)
{
	enum age_result res = AGE_HEADER, best = AGE_HEADER;
	struct err e = {0};
	int rc = 0;

	if (v->nsk || !v->npass) {
		rc = age_decrypt(out, v->sk, v->nsk, hint, v->file.p, v->file.n, &best, &e);
		assert_int_equal(rc != 0, best != AGE_OK);
		assert_int_equal(err_code(&e),
		    best == AGE_OK             ? ERR_OK
			: best == AGE_NO_MATCH ? ERR_ACCESS
					       : ERR_DAMAGED);
	}
	for (size_t i = 0; i < v->npass && best != AGE_OK; i++) {
		err_clear(&e);
		rc = age_decrypt_passphrase(
		    out, v->passphrase[i], 18, v->file.p, v->file.n, &res, &e);
		assert_int_equal(rc != 0, res != AGE_OK);
		best = res;
	}
	return best;
}

static void
test_vectors(void **state)
{
	static const char *const names[] = {[AGE_OK] = "success",
	    [AGE_NO_MATCH] = "no match",
	    [AGE_HEADER] = "header failure",
	    [AGE_HMAC] = "HMAC failure",
	    [AGE_PAYLOAD] = "payload failure"};
	int count[5] = {0}, armored = 0, hybrid = 0, unknown = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		const struct vector *v = &all.v[i];
		struct buf out = {0};
		uint8_t digest[32];
		char hex[65];

		if (v->armored || v->hybrid || v->unknown) {
			armored += v->armored;
			hybrid += !v->armored && v->hybrid;
			unknown += !v->armored && !v->hybrid;
			continue;
		}
		for (size_t hint = 0; hint < 3; hint++) { /* the order of trying changes nothing */
			enum age_result res;

			if (v->npass && hint) /* scrypt is slow and has one stanza */
				break;
			buf_free(&out);
			res = open_vector(&out, v, hint);
			if (strcmp(names[res], v->expect) != 0) {
				print_error("%s: %s, not %s\n", v->name, names[res], v->expect);
				wrong++;
			}
			if (hint == 0)
				count[res]++;
			if (res != AGE_OK) {
				assert_int_equal(out.n, 0);
				continue;
			}
			hash_sha256(digest, out.p, out.n);
			hash_hex(hex, digest, 32);
			assert_string_equal(hex, v->payload);
		}
		buf_free(&out);
	}
	print_message("# vectors: %zu; skipped: %d armored, %d hybrid, %d with unknown keys\n",
	    all.n, armored, hybrid, unknown);
	assert_int_equal(wrong, 0);
	assert_int_equal(count[AGE_OK], 15);
	assert_int_equal(count[AGE_NO_MATCH], 7);
	assert_int_equal(count[AGE_HEADER], 51);
	assert_int_equal(count[AGE_HMAC], 1);
	assert_int_equal(count[AGE_PAYLOAD], 18);
	assert_int_equal(armored, 33);
	assert_int_equal(hybrid, 18);
	assert_int_equal(unknown, 0);
}

/* With the vector's file key and nonce, our MAC and our chunks are the vector's own bytes. */
static void
test_written_again(void **state)
{
	int done = 0;

	(void)state;
	for (size_t i = 0; i < all.n; i++) {
		const struct vector *v = &all.v[i];
		const uint8_t *p = (const uint8_t *)v->file.p;
		struct buf plain = {0}, again = {0};
		struct age_header h = {0};
		uint8_t file_key[16], mac[32];

		if (v->armored || v->hybrid || strcmp(v->expect, "success") != 0)
			continue;
		assert_int_equal(open_vector(&plain, v, 0), AGE_OK);
		assert_true(hash_unhex(file_key, 16, v->file_key));
		assert_int_equal(age_header_parse(&h, p, v->file.n, NULL), 0);
		age_header_mac(mac, file_key, p, h.mac_n);
		assert_memory_equal(mac, h.mac, 32);
		age_stream_seal(&again, file_key, p + h.size, plain.p, plain.n);
		assert_int_equal(again.n, v->file.n - h.size);
		assert_memory_equal(again.p, p + h.size, again.n);
		buf_free(&plain);
		buf_free(&again);
		age_header_free(&h);
		done++;
	}
	assert_int_equal(done, 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_written_again),
	};

	return cmocka_run_group_tests_name("age_vectors", tests, load, unload);
}
