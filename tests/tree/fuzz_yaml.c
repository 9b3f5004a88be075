/** Fuzz target: whatever is accepted must come back from its canonical form, and that form must
 * be its own. Build: clang -fsanitize=fuzzer,address; test_corpus replays the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "tree/node.h"
#include "tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int ok, const char *what, const struct buf *text)
{
	if (ok)
		return;
	fprintf(stderr, "%s:\n%s\n", what, buf_str(text));
	abort();
}

static void
one(const char *s, size_t n, enum yaml_source source)
{
	struct arena *a = arena_new();
	struct node *doc = NULL, *back = NULL;
	struct buf text = {0}, again = {0};
	struct err e = {0};

	if (yaml_parse(&doc, a, s, n, "fuzz", source, &e)) {
		require(e.n == 1 && e.item[0].code == ERR_INVALID && *e.item[0].text, "error", &text);
		goto done;
	}
	/* what was normalised on the way in is in the form that a store holds */
	if (source == YAML_INPUT)
		source = YAML_STORED;
	yaml_emit(&text, doc);
	require(!yaml_parse(&back, a, text.p, text.n, "again", source, &e), "own text refused", &text);
	require(node_equal(doc, back), "another tree", &text);
	yaml_emit(&again, back);
	require(text.n == again.n && memcmp(text.p, again.p, text.n) == 0, "not canonical", &text);
	buf_reset(&text);
	yaml_emit_flow(&text, doc);
	require(!yaml_parse(&back, a, text.p, text.n, "flow", source, &e), "own flow refused", &text);
	require(node_equal(doc, back), "another tree from flow", &text);
	node_canonical(&text, back);
done:
	buf_free(&text);
	buf_free(&again);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct node *value = NULL;
	char *s = arena_strndup(a, (const char *)data, size);

	one(s, size, YAML_STORED);
	one(s, size, YAML_INPUT);
	one(s, size, YAML_RAW);
	yaml_parse_value(&value, a, s, "value", NULL);
	arena_free(a);
	return 0;
}
