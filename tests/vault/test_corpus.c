/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_envelope
#include "vault/fuzz_envelope.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/vault/corpus/envelope", one_envelope, 9},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
