/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_page
#include "index/fuzz_page.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/index/corpus/page", one_page, 9},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
