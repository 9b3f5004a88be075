/* Fuzz target: an identity that is read comes back from its own text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct identity *id = NULL, *back = NULL;
	struct buf text = {0};
	struct err e = {0};

	if (identity_parse(&id, (const char *)p, n, &e) == 0) {
		identity_format(&text, id);
		if (identity_parse(&back, text.p, text.n, &e) != 0 ||
		    memcmp(back->sign_sk, id->sign_sk, 64) != 0 ||
		    memcmp(back->age_sk, id->age_sk, 32) != 0 ||
		    memcmp(back->age_pk, id->age_pk, 32) != 0 || strcmp(back->id, id->id) != 0)
			abort();
	} else if (e.n != 1 || id) {
		abort();
	}
	identity_free(id);
	identity_free(back);
	buf_free(&text);
	return 0;
}
