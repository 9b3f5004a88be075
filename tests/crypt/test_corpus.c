/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

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

static const struct corpus corpora[] = {
	{"tests/crypt/corpus/age", one_age, 6},
	{"tests/crypt/corpus/bech32", one_bech32, 4},
	{"tests/crypt/corpus/card", one_card, 3},
	{"tests/crypt/corpus/identity", one_identity, 3},
	{"tests/crypt/corpus/sshkey", one_sshkey, 4},
	{"tests/crypt/corpus/sshsig", one_sshsig, 4},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
