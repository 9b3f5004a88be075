/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_schema
#include "schema/fuzz_schema.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput one_path
#include "schema/fuzz_path.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/schema/corpus/schema", one_schema, 10},
	{"tests/schema/corpus/path", one_path, 5},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
