/** Fuzz target: base, ours and theirs, divided by lines `~~~`; the base may be empty. Whatever
 * they say, the merge is the same both ways round, can be read again, is its own merge, and
 * each of its conflicts can be settled. Build: clang -fsanitize=fuzzer,address; test_corpus
 * replays the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "merge/record.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char record_schema[] =
    "type: object\nx-akt: {lock: {field: state, value: final, open: [due, m.x]}}\nproperties:\n"
    "  state: {type: string}\n  title: {type: string}\n  plan: {type: string}\n  due: {}\n"
    "  m: {type: object, properties: {x: {}, y: {type: object, properties: {z: {}}}}}\n"
    "  goals: {type: array, x-akt: {key: k}, items: {type: object, properties: {k: {type: string}, "
    "text: {}, steps: {type: array, x-akt: {key: k}, items: {type: object, properties: {k: "
    "{type: string}, t: {}}}}}}}\n"
    "  tags: {type: array, x-akt: {set: true}, items: {}}\n"
    "  log: {type: array, x-akt: {append: true}, items: {}}\n"
    "  vals: {type: array, items: {}}\nadditionalProperties: {type: array, x-akt: {key: k}, items: "
    "{type: object}}\n";

static void
record_require(bool ok, const char *what, const struct node *n)
{
	struct buf text = {0};

	if (ok)
		return;
	yaml_emit(&text, n);
	fprintf(stderr, "%s:\n%s", what, buf_str(&text));
	abort();
}

/* Made once, as the fuzzer calls a million times. */
static struct schema *record_compiled;
static struct arena *record_forever;

/* Takes the longer of two texts where one begins with the other: clean, and loses nothing. */
static int
record_text(void *ctx, struct buf *out, bool *clean, const char *b, size_t bn, const char *o,
    size_t on, const char *t, size_t tn, struct err *e)
{
	(void)ctx;
	(void)b;
	(void)bn;
	(void)e;
	*clean = on <= tn && memcmp(o, t, on) == 0;
	if (*clean)
		buf_add(out, t, tn);
	return 0;
}

/* NULL where there is nothing to merge. */
static struct node *
record_read(struct arena *a, const char *p, size_t n)
{
	static const char *const same[][2] = {
		{"id", "x-abc"}, {"type", "x"}, {"dossier", "0123456789"},
	};
	struct node *doc = NULL;

	if (n == 0 || yaml_parse(&doc, a, p, n, "fuzz", YAML_STORED, NULL) || doc->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		node_set(a, doc, same[i][0], node_str(a, same[i][1]));
	return doc;
}

static bool
record_equal(const struct node *x, const struct node *y)
{
	struct buf p = {0}, q = {0};
	bool equal;

	yaml_emit(&p, x);
	yaml_emit(&q, y);
	equal = p.n == q.n && memcmp(p.p, q.p, p.n) == 0;
	buf_free(&p);
	buf_free(&q);
	return equal;
}

static void
record_settle(struct arena *a, const struct merge_env *env, struct node *got)
{
	struct node *before = node_clone(a, got), *open;
	size_t left = node_get(got, "conflicts") ? node_get(got, "conflicts")->n : 0;

	while ((open = node_get(got, "conflicts"))) {
		const struct node *first = open->seq[0], *values = node_get(first, "values");
		const char *path = node_get_str(first, "path");
		const struct node *v = node_get(values->seq[0], "value");

		/* a value whose place is gone can only be dropped */
		if (merge_resolve(a, env, got, path, v, NULL) &&
		    merge_resolve(a, env, got, path, NULL, NULL))
			return;
		open = node_get(got, "conflicts");
		record_require((open ? open->n : 0) < left, "settled but still open", got);
		left = open ? open->n : 0;
	}
	got = node_clone(a, before);
	merge_settle_edited(a, env, before, got);
	record_require(record_equal(got, before), "settled without an edit", got);
}

static void
record_merge(struct arena *a, const struct merge_env *env, struct node *const v[3])
{
	struct node *x = NULL, *y = NULL, *again = NULL;
	struct buf text = {0};
	struct err e = {0};
	int rc = merge_record(&x, a, env, v[0], v[1], v[2], NULL, &e);

	record_require(rc == merge_record(&y, a, env, v[0], v[2], v[1], NULL, NULL), "one way only", v[1]);
	if (rc) {
		record_require(rc == ERR_INVALID && e.n == 1, "another error", v[1]);
		return;
	}
	record_require(record_equal(x, y), "not symmetric", x);
	yaml_emit(&text, x);
	record_require(!yaml_parse(&y, a, text.p, text.n, "again", YAML_STORED, &e), "unreadable", x);
	record_require(node_equal(x, y), "read as something else", x);
	buf_free(&text);
	for (int i = 0; i < 2; i++) {
		record_require(!merge_record(&again, a, env, i ? v[0] : NULL, x, x, NULL, &e), "no self", x);
		record_require(record_equal(x, again), "not its own merge", x);
	}
	record_settle(a, env, x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *p = (const char *)data, *end = p + size;
	struct node *v[3] = {NULL}, *doc = NULL;
	struct merge_env env = {.text = record_text};
	struct diags d = {0};

	if (!record_forever) {
		record_forever = arena_new();
		if (yaml_parse(&doc, record_forever, record_schema, sizeof record_schema - 1, "s", YAML_STORED, NULL) ||
		    schema_compile(&record_compiled, doc, "s", SCHEMA_STORE, NULL, &d, NULL))
			abort();
	}
	for (int i = 0; i < 3; i++) {
		const char *stop = i < 2 ? memmem(p, (size_t)(end - p), "~~~\n", 4) : end;

		v[i] = record_read(a, p, (size_t)((stop ? stop : end) - p));
		p = stop && stop < end ? stop + 4 : end;
	}
	if (v[1] && v[2]) {
		record_merge(a, &env, v);
		env.shape = schema_shape(record_compiled);
		record_merge(a, &env, v);
		env.akt = schema_akt(record_compiled);
		record_merge(a, &env, v);
		merge_same_content(v[1], v[2]);
	}
	arena_free(a);
	return 0;
}
