/* Replays the corpora of the fuzz targets. */
#include "corpus.h"

#define LLVMFuzzerTestOneInput one_rule
#include "rules/fuzz_rule.c"
#undef LLVMFuzzerTestOneInput

static const struct corpus corpora[] = {
	{"tests/rules/corpus/rule", one_rule, 5},
	/* those that ship */
	{"schema/rules", one_rule, 60},
};

int
main(void)
{
	return corpus_main(corpora, sizeof corpora / sizeof *corpora);
}
