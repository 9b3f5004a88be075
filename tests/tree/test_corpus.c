/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_yaml
#include "tree/fuzz_yaml.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/tree/corpus/yaml", one_yaml, 10},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
