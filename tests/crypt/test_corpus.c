/* Replays the corpora of the fuzz targets, each file also cut short and with bytes changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "crypt/help.h"

#define LLVMFuzzerTestOneInput one_age
#include "crypt/fuzz_age.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_bech32
#include "crypt/fuzz_bech32.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_card
#include "crypt/fuzz_card.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_identity
#include "crypt/fuzz_identity.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_sshkey
#include "crypt/fuzz_sshkey.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_sshsig
#include "crypt/fuzz_sshsig.c"
#undef LLVMFuzzerTestOneInput

static const struct target {
	const char *name;
	int (*f)(const uint8_t *p, size_t n);
	int files; /* at least */
} targets[] = {
    {"age", one_age, 6},
    {"bech32", one_bech32, 4},
    {"card", one_card, 3},
    {"identity", one_identity, 3},
    {"sshkey", one_sshkey, 4},
    {"sshsig", one_sshsig, 4},
};

static int (*current)(const uint8_t *p, size_t n);

/* Copies, so that the sanitizer sees a read behind the end. */
static int
damaged(const unsigned char *p, size_t n)
{
	size_t step = n / 40 + 1;

	current(p, n);
	for (size_t i = 0; i < n; i += step) {
		uint8_t *copy = xmalloc(n);

		memcpy(copy, p, n);
		copy[i] ^= 0x15;
		current(copy, n);
		free(copy);
		copy = xmalloc(i ? i : 1);
		memcpy(copy, p, i);
		current(copy, i);
		free(copy);
	}
	return 0;
}

static void
test_replay(void **state)
{
	const struct target *t = *state;

	current = t->f;
	assert_in_range(replay(t->name, damaged), t->files, 10000);
}

int
main(void)
{
	struct CMUnitTest tests[sizeof targets / sizeof *targets];

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		tests[i] = (struct CMUnitTest){
		    targets[i].name, test_replay, NULL, NULL, (void *)&targets[i]};
	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
