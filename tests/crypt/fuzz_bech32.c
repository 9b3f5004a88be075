/* Fuzz target: a key's text that is read is the text that is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "crypt/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *text = xstrndup((const char *)p, n), again[AGE_TEXT];
	uint8_t key[32];
	struct err e = {0};

	if (age_recipient_parse(key, text, &e) == 0) {
		age_recipient_format(again, key);
		if (strcmp(text, again) != 0)
			abort();
	}
	if (age_identity_parse(key, (const char *)p, n, &e) == 0) {
		age_identity_format(again, key);
		if (memcmp(p, again, strlen(again)) != 0 || n - strlen(again) > 1)
			abort();
	}
	if (e.n < 1)
		abort(); /* nothing is both */
	free(text);
	return 0;
}
