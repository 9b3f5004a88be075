/** Fuzz target: lines PATH=VALUE as people type them, then `---` and a document. What is set is found there
 * again, what is removed is gone, a refusal changes nothing and says why, and no path leads astray. Build: clang
 * -fsanitize=fuzzer,address; test_corpus replays the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char path_schema[] =
    "type: object\nproperties:\n"
    "  title: {type: string}\n  count: {type: integer}\n"
    "  m: {type: object, properties: {x: {}, y: {type: object, properties: {z: {}}}}}\n"
    "  goals: {type: array, x-akt: {key: k}, items: {type: object, properties: {k: {type: string}, "
    "text: {}, steps: {type: array, x-akt: {key: k}, items: {type: object, properties: {k: "
    "{type: string}, t: {}}}}}}}\n"
    "  tags: {type: array, x-akt: {set: true}, items: {}}\n"
    "  log: {type: array, x-akt: {append: true}, items: {}}\n"
    "  vals: {type: array, items: {}}\nadditionalProperties: {type: array, x-akt: {key: k}, items: "
    "{type: object}}\n";

/* Made once, as the fuzzer calls a million times. */
static struct schema *path_compiled;
static struct arena *path_forever;

static void
path_require(bool ok, const char *what, const char *path)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", path, what);
	abort();
}

static void
try_one(struct arena *a, const struct shape *s, struct node *doc, char *line)
{
	struct node *before = node_clone(a, doc), *value = NULL, *copy;
	struct err e = {0};
	char *text = strchr(line, '=');
	const char *path;
	int rc;

	if (text)
		*text++ = '\0';
	path = path_canonical(a, s, doc, line);
	path_require(strcmp(path_canonical(a, s, doc, path), path) == 0, "another path the second time", line);
	path_require(node_equal(before, doc), "looking changed it", line);
	if (!text) {
		rc = path_unset(s, doc, path, &e);
		/* the next of a list moves up, or an entry of the same key is found: one less it is */
		path_require(rc || !path_get(s, before, path) || !node_equal(before, doc), "still there", line);
	} else {
		if (yaml_parse_value(&value, a, text, path, NULL))
			return;
		copy = node_clone(a, value);
		rc = path_set(a, s, doc, path, value, &e);
		if (!rc && !strchr(path, '+')) {
			struct node *now = path_get(s, doc, path);

			/* an entry of a keyed list gets the path's key */
			path_require(now && (now == value || node_equal(now, copy)), "not there", line);
		}
	}
	path_require((rc != 0) == (e.n > 0), "an error without words, or words without", line);
	path_require(!rc || (rc == ERR_USAGE && node_equal(before, doc)), "a refusal that changed it", line);
	err_clear(&e);
	path_shape(s, path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf all = {0};
	struct arena *a;
	struct node *doc = NULL;
	struct diags d = {0};
	char *text, *rest;
	size_t n;

	if (!path_forever) {
		path_forever = arena_new();
		if (yaml_parse(&doc, path_forever, path_schema, strlen(path_schema), "s", YAML_INPUT, NULL) ||
		    schema_compile(&path_compiled, doc, "s", SCHEMA_STORE, NULL, &d, NULL))
			abort();
		doc = NULL;
	}
	buf_add(&all, data, size);
	text = buf_take(&all);
	n = strlen(text);
	rest = strstr(text, "\n---\n");
	a = arena_new();
	if (rest) {
		*rest = '\0';
		rest += 5;
		if (yaml_parse(&doc, a, rest, n - (size_t)(rest - text), "f", YAML_INPUT, NULL))
			doc = NULL;
	}
	if (!doc || doc->kind != NODE_MAP)
		doc = node_map(a);
	for (char *line = text, *end; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		try_one(a, schema_shape(path_compiled), doc, line);
	}
	arena_free(a);
	free(text);
	return 0;
}
