/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_storepath
#include "merge/fuzz_storepath.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_record
#include "merge/fuzz_record.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_control
#include "merge/fuzz_control.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/merge/corpus/storepath", one_storepath, 5},
	{"tests/merge/corpus/record", one_record, 6},
	{"tests/merge/corpus/control", one_control, 6},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
