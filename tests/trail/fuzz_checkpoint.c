/* Fuzz target: a checkpoint is read or refused, never half. Replayed over its corpus by test_corpus. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "trail/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct checkpoint c, untouched;
	struct err e = {0};
	int rc = 0;

	secret_init();
	memset(&c, 0x5a, sizeof c);
	untouched = c;
	rc = checkpoint_parse(&c, (const char *)p, n, "note", &e);
	if (rc ? e.n == 0 || memcmp(&c, &untouched, sizeof c) != 0 : e.n != 0 || c.count == 0)
		abort();
	return 0;
}
