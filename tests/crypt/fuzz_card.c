/* Fuzz target: a card that is read says what its lines say, and nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char recipient[AGE_TEXT], signer[SSH_PUBLIC_TEXT];
	struct buf want = {0};
	struct card c = {0};
	struct err e = {0};

	if (card_parse(&c, (const char *)p, n, "card", &e) != 0) {
		if (e.n != 1 || *e.item[0].path == '\0' || e.item[0].line < 1 || *c.handle)
			abort();
		return 0;
	}
	age_recipient_format(recipient, c.age_pk);
	ssh_public_format(signer, c.sign_pk);
	buf_printf(&want, "%s.%s", c.handle, c.device);
	if (strcmp(want.p, c.id) != 0)
		abort();
	buf_reset(&want);
	buf_printf(&want, "recipient: %s\nsigner: %s\nsignature: |\n", recipient, signer);
	if (!memmem(p, n, want.p, want.n))
		abort();
	buf_free(&want);
	return 0;
}
