/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_checkpoint
#include "trail/fuzz_checkpoint.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_commit
#include "trail/fuzz_commit.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_state
#include "trail/fuzz_state.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/trail/corpus/checkpoint", one_checkpoint, 1},
	{"tests/trail/corpus/commit", one_commit, 1},
	{"tests/trail/corpus/state", one_state, 8},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
