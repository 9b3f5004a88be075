#include "hive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "crypt/age.h"
#include "tree/node.h"
#include "tree/yaml.h"

static const char schema_text[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {label: {en: Hive}, title: [name], lock: {field: state, value: final}}\n"
    "properties:\n"
    "  name: {type: string}\n"
    "  id: {type: string}\n"
    "  keeper: {type: string, x-akt: {ref: person}}\n"
    "  box: {type: object, properties: {frames: {type: integer}, ok: {type: boolean},\n"
    "    kinds: {type: array, items: {type: string}, x-akt: {set: true}}}}\n"
    "  visits: {type: array, x-akt: {key: key}, items: {type: object, properties: {\n"
    "    key: {type: string}, 'on': {type: string, format: date}, note: {type: string},\n"
    "    seen: {type: array, items: {type: string}, x-akt: {set: true}}}}}\n"
    "  box_frames: {type: number}\n"
    "  state: {type: string, enum: [draft, final, void]}\n"
    "  protected: {type: boolean}\n";

struct arena *hive_arena;
struct schema *hive_schema;
uint8_t hive_sk[32], hive_pk[32];
char hive_dir[64];

struct node *
hive_parse(const char *text)
{
	struct err e = {0};
	struct node *n = NULL;

	if (yaml_parse(&n, hive_arena, text, strlen(text), "x.yaml", YAML_INPUT, &e))
		fail_msg("%s", e.item[0].text);
	return n;
}

int
hive_setup(void **state)
{
	struct diags d = {0};
	struct err e = {0};

	(void)state;
	hive_arena = arena_new();
	age_keygen(hive_sk, hive_pk);
	snprintf(hive_dir, sizeof hive_dir, "/tmp/akt-index-XXXXXX");
	if (!mkdtemp(hive_dir) ||
	    schema_compile(&hive_schema, hive_parse(schema_text), "hive.yaml", SCHEMA_STORE, NULL, &d, &e)) {
		for (size_t i = 0; i < d.n; i++)
			fprintf(stderr, "%u: %s %s\n", d.v[i].line, d.v[i].path, d.v[i].text);
		return -1;
	}
	diags_free(&d);
	return 0;
}

int
hive_teardown(void **state)
{
	(void)state;
	schema_free(hive_schema);
	arena_free(hive_arena);
	return os_remove_tree(hive_dir, NULL);
}

void
hive_put(struct index *ix, const char *dossier, const char *id, const char *data)
{
	char text[2000];
	struct err e = {0};

	snprintf(text, sizeof text, "id: %s\ndossier: %s\ncreated: {at: 2026-01-02T03:04:05Z, by: anna}\n"
	    "updated: {at: 2026-02-0%cT03:04:05Z, by: bo}\ndata: %s\n", id, dossier, id[strlen(id) - 1],
	    data);
	if (index_put(ix, "hive", dossier, id, "a title", schema_shape(hive_schema), hive_parse(text), &e))
		fail_msg("%s", e.item[0].text);
}

void
hive_begin(struct index *ix, bool afresh)
{
	assert_int_equal(index_begin(ix, afresh, NULL), 0);
	assert_int_equal(index_type(ix, "hive", schema_shape(hive_schema), schema_akt(hive_schema), NULL), 0);
}

void
hive_end(struct index *ix)
{
	struct index_mark m = {.tree = "tree", .keys = "keys", .stamp = "stamp", .expires = 7};
	struct err e = {0};

	if (index_end(ix, &m, &e))
		fail_msg("%s", e.item[0].text);
}

void
hive_fill(struct index *ix)
{
	hive_begin(ix, true);
	assert_int_equal(index_dossier(ix, "aaaaaaaaaa", true, NULL), 0);
	assert_int_equal(index_dossier(ix, "bbbbbbbbbb", true, NULL), 0);
	assert_int_equal(index_dossier(ix, "cccccccccc", false, NULL), 0);
	hive_put(ix, "aaaaaaaaaa", "hive-001", "{name: Kupan i söder, id: x, keeper: person-1, state: draft,"
	    " box: {frames: 10, ok: true, kinds: [small, large]}, box_frames: 1.5, visits: ["
	    "{key: k1, on: 2026-03-01, note: lugna bin, seen: [q, e]}, {key: k2, note: \"5\"}]}");
	hive_put(ix, "aaaaaaaaaa", "hive-002", "{name: Andra, protected: true, state: final}");
	hive_put(ix, "bbbbbbbbbb", "hive-003", "{name: Borta, state: void}");
	hive_end(ix);
}

struct index *
hive_open_at(const char *folder)
{
	struct index *ix = NULL;
	struct err e = {0};

	if (index_open(&ix, folder, hive_sk, hive_pk, &e))
		fail_msg("%s", e.item[0].text);
	return ix;
}

char *
hive_ask(struct index *ix, const char *sql)
{
	static const struct index_value values[] = {{.name = "today", .text = "2026-03-04"}};
	struct node *out = NULL;
	struct err e = {0};
	struct buf b = {0};

	if (index_query(ix, &out, hive_arena, sql, values, 1, NULL, NULL, &e))
		buf_printf(&b, "%s: %s", err_name(e.item[0].code), e.item[0].text);
	else
		node_json(&b, out);
	return buf_take(&b);
}

void
hive_gives(struct index *ix, const char *sql, const char *want)
{
	char *got = hive_ask(ix, sql);

	if (strcmp(got, want) != 0)
		fail_msg("%s\n got: %s\nwant: %s", sql, got, want);
	free(got);
}
