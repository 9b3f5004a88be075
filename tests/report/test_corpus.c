/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_spec
#include "report/fuzz_spec.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/report/corpus/spec", one_spec, 4},
	/* those that ship */
	{"schema/reports", one_spec, 12},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
