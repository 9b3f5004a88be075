/* Fuzz target: a private key block that is read holds a whole key, which comes back from our own
 * block; a public line that is read is the line that is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypt/ssh.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *line = xstrndup((const char *)p, n), public[SSH_PUBLIC_TEXT];
	struct buf comment = {0}, text = {0}, again = {0};
	uint8_t sk[64], back[64], pk[32];
	struct err e = {0};
	size_t used = 0;

	if (ssh_private_read(sk, &comment, &used, (const char *)p, n, &e) == 0) {
		crypto_sign_ed25519_seed_keypair(pk, back, sk);
		if (used > n || e.n != 0 || memcmp(back, sk, 64) != 0)
			abort();
		ssh_private_format(&text, sk, buf_str(&comment));
		if (ssh_private_read(back, &again, NULL, text.p, text.n, NULL) != 0 ||
		    memcmp(back, sk, 64) != 0 || strcmp(buf_str(&again), buf_str(&comment)) != 0)
			abort();
	} else if (e.n != 1 || comment.n) {
		abort();
	}
	if (ssh_public_parse(pk, line, NULL) == 0) {
		ssh_public_format(public, pk);
		if (strcmp(public, line) != 0)
			abort();
	}
	buf_free(&comment);
	buf_free(&text);
	buf_free(&again);
	free(line);
	return 0;
}
