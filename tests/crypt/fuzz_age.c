/* Fuzz target: an age file opens as a whole or leaves nothing; a header of known stanzas is written
 * again byte for byte. The key is fixed, so that the corpus has files that open. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/age.h"
#include "crypt/age_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
age_outcome(const struct buf *out, int rc, enum age_result res, const struct err *e)
{
	if (out->n < 6 || memcmp(out->p, "before", 6) != 0)
		abort();
	if ((rc == 0) != (res == AGE_OK) || (rc == 0) != (e->n == 0) || (rc != 0 && out->n != 6))
		abort();
	if (rc != 0 && rc != (res == AGE_NO_MATCH ? ERR_ACCESS : ERR_DAMAGED))
		abort();
}

static void
age_header_again(const uint8_t *p, size_t n)
{
	struct age_header h = {0};
	struct buf again = {0};

	if (age_header_parse(&h, p, n, NULL) != 0)
		return;
	if (h.n < 1 || h.size > n || h.mac_n >= h.size || age_stanzas(p, n, NULL) != (int)h.n)
		abort();
	age_header_begin(&again);
	for (size_t i = 0; i < h.n; i++) {
		const struct age_stanza *st = &h.v[i];

		if (st->kind == AGE_OTHER || (st->kind == AGE_SCRYPT && st->work_factor > 99))
			goto done; /* what they said is not kept */
		if (st->kind == AGE_X25519)
			age_header_x25519(&again, st->share, st->body);
		else
			age_header_scrypt(&again, st->share, st->work_factor, st->body);
	}
	if (again.n + 3 != h.mac_n || memcmp(again.p, p, again.n) != 0)
		abort();
done:
	buf_free(&again);
	age_header_free(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t sk[2][32] = {"another key, tried first", "the key of the fuzz target"};
	enum age_result res;
	struct buf out = {0};
	struct err e = {0};
	int rc;

	buf_puts(&out, "before");
	rc = age_decrypt(&out, sk, 2, n % 3, p, n, &res, &e);
	age_outcome(&out, rc, res, &e);
	buf_reset(&out);
	err_clear(&e);
	buf_puts(&out, "before");
	rc = age_decrypt_passphrase(&out, "fuzz", 4, p, n, &res, &e);
	age_outcome(&out, rc, res, &e);
	age_header_again(p, n);
	buf_free(&out);
	return 0;
}
