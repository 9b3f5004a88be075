/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_unpack
#include "git/fuzz_unpack.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_pack_index
#include "git/fuzz_pack_index.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/git/corpus/unpack", one_unpack, 13},
	{"tests/git/corpus/pack_index", one_pack_index, 8},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
