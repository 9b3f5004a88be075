/* Fuzz target: signatures of anybody over anything; the message is fixed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/ssh.h"
#include "crypt/ssh_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char label[] = "SSH SIGNATURE";
	struct buf bin = {0}, text = {0}, again = {0};
	uint8_t pk[32] = {0};
	struct err e = {0};
	size_t used = 0;
	int rc = sshsig_verify(pk, (const char *)p, n, "akt", "message", 7, &e);

	if ((rc == 0) != (e.n == 0) || (rc && (rc != ERR_DAMAGED || e.n != 1)))
		abort();
	if (ssh_unarmor(&bin, &used, label, (const char *)p, n)) {
		if (used > n || bin.n > SSH_ARMOR_MAX)
			abort();
		ssh_armor(&text, label, bin.p, bin.n);
		if (bin.n &&
		    (!ssh_unarmor(&again, &used, label, text.p, text.n) || again.n != bin.n ||
			memcmp(again.p, bin.p, bin.n) != 0))
			abort();
	} else if (rc == 0) {
		abort();
	}
	buf_free(&bin);
	buf_free(&text);
	buf_free(&again);
	return 0;
}
