/** Fuzz target: a schema, a line `---`, a document. Whatever compiles must give the same verdict
 * with and without findings, and its shape must normalise, diff and walk any document. Build:
 * clang -fsanitize=fuzzer,address; test_corpus replays the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void
count(void *ctx, const char *path, const struct node *from, const struct node *to)
{
	require(path && (from || to), "a change of nothing");
	(*(size_t *)ctx)++;
}

static void
use(struct arena *a, const struct schema *s, struct node *doc)
{
	struct diags d = {0};
	struct node *before = node_clone(a, doc);
	size_t changes = 0;

	require(schema_validate(s, doc, "f", "data", &d) == schema_validate(s, doc, "f", "data", NULL),
	    "two verdicts");
	require((d.n == 0) == schema_validate(s, doc, "f", "", NULL), "a verdict without findings");
	diags_free(&d);
	shape_diff(schema_shape(s), doc, before, count, &changes);
	require(changes == 0, "a document differs from itself");
	shape_diff(schema_shape(s), NULL, doc, count, &changes);
	shape_normalise(a, schema_shape(s), doc);
	before = node_clone(a, doc);
	shape_normalise(a, schema_shape(s), doc);
	require(node_equal(before, doc), "normalising twice differs from once");
	for (size_t i = 0; doc->kind == NODE_MAP && i < doc->n; i++) {
		const char *path = doc->map[i].key;

		if (strchr(path, '.') || !*path || strlen(path) > 200 || strcmp(path, "+") == 0)
			continue;
		require(path_get(schema_shape(s), doc, path) == doc->map[i].value, "a lost field");
		path_shape(schema_shape(s), path);
		path_set(a, schema_shape(s), doc, path, node_null(a), NULL);
		path_set(a, schema_shape(s), doc, arena_printf(a, "%s.+.x", path), node_null(a), NULL);
		path_unset(schema_shape(s), doc, arena_printf(a, "%s.0", path), NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)data, size), *cut = strstr(text, "\n---\n");
	size_t n = cut ? (size_t)(cut + 1 - text) : size;
	struct node *schema = NULL, *doc = NULL;

	if (yaml_parse(&schema, a, text, n, "s", YAML_INPUT, NULL))
		goto done;
	if (!cut || yaml_parse(&doc, a, cut + 5, size - n - 4, "f", YAML_INPUT, NULL))
		doc = node_map(a);
	for (int mode = SCHEMA_STORE; mode <= SCHEMA_OPEN; mode++) {
		struct schema *s = NULL;
		struct diags d = {0};
		int rc = schema_compile(&s, schema, "s", (enum schema_mode)mode, NULL, &d, NULL);

		require((rc != 0) == (d.n > 0), "faults without an error, or an error without");
		if (!rc)
			use(a, s, node_clone(a, doc));
		schema_free(s);
		diags_free(&d);
	}
done:
	arena_free(a);
	return 0;
}
