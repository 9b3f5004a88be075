/* Fuzz target: what commit_parse accepts is what its fields write, byte for byte but for the
 * armor's inside. Replayed over its corpus by test_corpus. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "trail/commit.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf bare = {0}, payload = {0}, armor = {0}, raw = {0};
	struct commit c;
	struct err e = {0};

	if (commit_parse(&c, p, n, &e)) {
		if (e.n != 1)
			abort();
		return 0;
	}
	commit_format(&bare, &c);
	commit_payload(&payload, p, n, &c);
	if (bare.n != payload.n || memcmp(bare.p, payload.p, bare.n) != 0)
		abort();
	commit_signature(&armor, p, &c);
	commit_add_signature(&raw, bare.p, bare.n, buf_str(&armor));
	if (raw.n != n || memcmp(raw.p, p, n) != 0)
		abort();
	buf_free(&bare);
	buf_free(&payload);
	buf_free(&armor);
	buf_free(&raw);
	return 0;
}
