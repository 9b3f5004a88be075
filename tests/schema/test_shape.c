/* What a schema says of a form, the top of x-akt, and normalising by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "schema/help.h"
#include "tree/node.h"

static const char *const list_names[] = {"value", "key", "set", "append"};

/* One line a field, indented: what the shape knows. Cycles end at depth 3. */
static void
print_shape(struct buf *out, const struct shape *s, unsigned depth)
{
	if (depth > 3) {
		buf_puts(out, " ...\n");
		return;
	}
	buf_printf(out, "%s%s%s%s", s->is_string ? " string" : "", s->is_map ? " map" : "",
	    s->is_seq ? " seq" : "", s->required ? " required" : "");
	if (s->is_seq)
		buf_printf(out, " %s", list_names[s->list]);
	if (s->list_key)
		buf_printf(out, "(%s)", s->list_key);
	if (s->format)
		buf_printf(out, " format=%s", s->format);
	if (s->ref)
		buf_printf(out, " ref=%s", s->ref);
	for (size_t i = 0; i < s->nenum; i++)
		buf_printf(out, " '%s'", s->enums[i].value);
	buf_putc(out, '\n');
	for (size_t i = 0; i < s->nfields; i++) {
		buf_printf(out, "%*s%s:", (int)depth * 2, "", s->fields[i]->name);
		print_shape(out, s->fields[i], depth + 1);
	}
	if (s->rest) {
		buf_printf(out, "%*s*:", (int)depth * 2, "");
		print_shape(out, s->rest, depth + 1);
	}
	if (s->item) {
		buf_printf(out, "%*s-:", (int)depth * 2, "");
		print_shape(out, s->item, depth + 1);
	}
}

static const struct row {
	const char *name, *schema, *want;
} rows[] = {
	{"fields in schema order, required or not",
	    "{type: object, required: [b], properties: {b: {type: string}, a: {type: integer}}}",
	    " map\nb: string required\na:\n"},
	{"first mention decides the order",
	    "{allOf: [{$ref: '#/$defs/base'}], properties: {x: {type: string}, id: {minLength: 1}}, "
	    "$defs: {base: {required: [id], properties: {id: {type: string}, y: {type: string}}}}}",
	    " map\nid: string required\ny: string\nx: string\n"},
	{"conditions bring fields, and require nothing",
	    "{type: object, properties: {s: {enum: [a, b]}}, if: {properties: {s: {const: a}}, "
	    "required: [s]}, then: {required: [on, s], properties: {on: {type: string, format: date}}}, "
	    "else: {properties: {why: {type: string}}}, dependentSchemas: {q: {properties: "
	    "{r: {type: string}}}}}",
	    " map\ns: string 'a' 'b'\non: string format=date\nwhy: string\nr: string\n"},
	{"anyOf and oneOf",
	    "{type: object, properties: {a: {anyOf: [{type: string}, {type: 'null'}]}, "
	    "b: {oneOf: [{const: x}, {const: y}]}, c: {anyOf: [{type: string, format: date}, "
	    "{type: string, maxLength: 0}]}}}",
	    " map\na:\nb: string 'x' 'y'\nc: string format=date\n"},
	{"what if tests is not what is allowed",
	    "{type: object, if: {properties: {n: {const: x}}}, properties: {n: {type: integer}}}",
	    " map\nn:\n"},
	{"kinds without type", "{properties: {a: {properties: {b: true}}, l: {items: {type: string}}, "
	                       "e: {enum: ['1', '2']}, m: {enum: ['1', 2]}}}",
	    " map\na: map\n  b:\nl: seq value\n  -: string\ne: string '1' '2'\nm: '1' '2'\n"},
	{"lists", "{properties: {k: {type: array, x-akt: {key: k}, items: {type: object, "
	          "properties: {t: {type: string}}}}, s: {type: array, x-akt: {set: true}, "
	          "items: {type: string, x-akt: {ref: '*'}}}, a: {type: array, x-akt: {append: true}, "
	          "items: {type: object}}}}",
	    " map\nk: seq key(k)\n  -: map\n    k: string\n    t: string\ns: seq set\n"
	    "  -: string ref=*\na: seq append\n  -: map\n"},
	{"a described key keeps its place",
	    "{properties: {k: {type: array, x-akt: {key: id}, items: {type: object, "
	    "properties: {t: {type: string}, id: {type: string, format: x-id}}}}}}",
	    " map\nk: seq key(id)\n  -: map\n    t: string\n    id: string format=x-id\n"},
	{"one definition in a keyed list and in none",
	    "{properties: {k: {type: array, x-akt: {key: k}, items: {$ref: '#/$defs/i'}}, "
	    "m: {$ref: '#/$defs/i'}}, $defs: {i: {type: object, properties: {t: {type: string}}}}}",
	    " map\nk: seq key(k)\n  -: map\n    k: string\n    t: string\nm: map\n  t: string\n"},
	{"fields without names of their own",
	    "{type: object, patternProperties: {'^x': {type: string}}, additionalProperties: "
	    "{type: string}}",
	    " map\n*: string\n"},
	{"values said twice, of a kind that type rules out, and that are no scalars",
	    "{properties: {a: {allOf: [{enum: [x, y]}, {enum: [y, z]}]}, b: {type: string, enum: [1, [2], {c: 3}]}}}",
	    " map\na: string 'x' 'y' 'z'\nb: string '1'\n"},
	{"two that say the same, and the first that refers",
	    "{properties: {g: {type: array, x-akt: {key: k}, items: {type: object}, allOf: [{x-akt: {key: k}}]}, "
	    "r: {type: string, x-akt: {ref: a}, allOf: [{x-akt: {ref: b}}]}}}",
	    " map\ng: seq key(k)\n  -: map\n    k: string\nr: string ref=a\n"},
	{"one subschema under two names, and a reference that allows all or nothing",
	    "{properties: {a: {$ref: '#/$defs/d'}, b: {$ref: '#/$defs/d'}, c: {$ref: '#/$defs/all'}, e: {$ref: '#/$defs/none'}, "
	    "f: {type: array, items: false}, h: {type: array, items: true, prefixItems: [{type: string}]}}, "
	    "$defs: {d: {type: string}, all: true, none: false}}",
	    " map\na: string\nb: string\nc:\ne:\nf: seq value\nh: seq value\n  -: string\n"},
	{"recursive", "{type: object, properties: {n: {type: string}, in: {$ref: '#'}}}",
	    " map\nn: string\nin: map\n  n: string\n  in: map\n    n: string\n    in: map\n"
	    "      n: ...\n      in: ...\n"},
	{"first under a condition, then without one",
	    "{anyOf: [{$ref: '#/$defs/d'}], allOf: [{$ref: '#/$defs/d'}], "
	    "$defs: {d: {required: [t], properties: {t: {type: string}}}}}",
	    " map\nt: string required\n"},
	{"required by one user of a definition, not by the other",
	    "{properties: {a: {allOf: [{$ref: '#/$defs/i'}], required: [t]}, b: {$ref: '#/$defs/i'}}, "
	    "$defs: {i: {type: object, properties: {t: {type: string}}}}}",
	    " map\na: map\n  t: string required\nb: map\n  t: string\n"},
};

static void
test_row(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, row->schema);
	struct buf out = {0};

	print_shape(&out, schema_shape(s), 0);
	help_equal(row->name, buf_str(&out), row->want);
	buf_free(&out);
	schema_free(s);
	arena_free(a);
}

static void
test_labels(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a,
	    "x-akt: {label: {sv: Plan}}\n"
	    "properties:\n"
	    "  a: {$ref: '#/$defs/d', x-akt: {label: {sv: Start, en: Begin}}}\n"
	    "  b: {$ref: '#/$defs/d'}\n"
	    "  c: {enum: [x, y], x-akt: {labels: {x: {sv: Kryss}}}}\n"
	    "  e: {enum: [x], x-akt: {label: {en: One}, help: {en: Help}, labels: {x: {sv: Ett}}}, allOf: [{enum: [x], "
	    "x-akt: {label: {sv: Två}, help: {sv: Hjälp}, labels: {x: {en: Two}}}}]}\n"
	    "$defs: {d: {type: string, x-akt: {label: {en: Day}, help: {sv: Hjälp}}}}\n");
	const struct shape *sh = schema_shape(s);

	(void)state;
	assert_string_equal(shape_label(sh, "en"), "Plan");
	assert_string_equal(shape_label(shape_field(sh, "a"), "sv"), "Start");
	assert_string_equal(shape_label(shape_field(sh, "a"), "en"), "Begin");
	assert_string_equal(shape_label(shape_field(sh, "b"), "sv"), "Day");
	assert_string_equal(shape_field(sh, "a")->help.sv, "Hjälp");
	assert_string_equal(shape_label(shape_field(sh, "c"), "sv"), "c");
	assert_string_equal(shape_enum_label(shape_field(sh, "c"), "x", "en"), "Kryss");
	assert_string_equal(shape_enum_label(shape_field(sh, "c"), "y", "en"), "y");
	assert_string_equal(shape_enum_label(shape_field(sh, "c"), "z", "en"), "z");
	assert_string_equal(shape_enum_label(NULL, "z", "en"), "z");
	/* the first that speaks is heard, in whatever language */
	assert_string_equal(shape_label(shape_field(sh, "e"), "sv"), "One");
	assert_string_equal(shape_field(sh, "e")->help.en, "Help");
	assert_null(shape_field(sh, "e")->help.sv);
	assert_string_equal(shape_enum_label(shape_field(sh, "e"), "x", "en"), "Ett");
	assert_null(shape_field(sh, "nope"));
	assert_null(shape_field(NULL, "nope"));
	schema_free(s);
	arena_free(a);
}

static void
test_defaults(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{type: object}");
	const struct schema_akt *akt = schema_akt(s);

	(void)state;
	assert_int_equal(akt->version, 1);
	assert_int_equal(akt->nwrite, 2);
	assert_string_equal(akt->write[0], "staff");
	assert_string_equal(akt->write[1], "supervisor");
	assert_int_equal(akt->ndossier, 1);
	assert_int_equal(akt->dossier[0].kind, DOSSIER_OWN);
	assert_int_equal(akt->naccess, 1);
	assert_string_equal(akt->access[0].team, "unit");
	assert_string_equal(akt->retention, "");
	assert_null(akt->lock_field);
	assert_null(akt->member);
	assert_null(akt->table);
	schema_free(s);
	arena_free(a);
}

static void
test_record_type(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a,
	    "x-akt:\n  version: 3\n  label: {sv: Placering, en: Placement}\n"
	    "  write: [staff, team:placering]\n"
	    "  dossier: [{of: case}, {of: provider, part: checks}, unit]\n"
	    "  retention: B\n"
	    "  access: [{field: handler}, {team: placering, unless: secret}, "
	    "{field: case.handler, if: secret}]\n"
	    "  title: [start_on, provider]\n  lock: {field: state, value: final, open: [ended_on]}\n"
	    "  member: handler\n  table: staff\n"
	    "properties:\n  start_on: {type: string}\n  ended_on: {type: string}\n"
	    "  provider: {type: string, x-akt: {ref: provider}}\n"
	    "  case: {type: string, x-akt: {ref: case}}\n  handler: {type: string}\n"
	    "  secret: {type: boolean}\n  state: {enum: [draft, final]}\n");
	const struct schema_akt *akt = schema_akt(s);

	(void)state;
	assert_int_equal(akt->version, 3);
	assert_string_equal(akt->label.en, "Placement");
	assert_int_equal(akt->nwrite, 2);
	assert_string_equal(akt->write[1], "team:placering");
	assert_int_equal(akt->ndossier, 3);
	assert_int_equal(akt->dossier[0].kind, DOSSIER_OF);
	assert_string_equal(akt->dossier[0].field, "case");
	assert_null(akt->dossier[0].part);
	assert_string_equal(akt->dossier[1].part, "checks");
	assert_int_equal(akt->dossier[2].kind, DOSSIER_UNIT);
	assert_string_equal(akt->retention, "B");
	assert_int_equal(akt->naccess, 3);
	assert_string_equal(akt->access[0].field, "handler");
	assert_int_equal(akt->access[1].nunless, 1);
	assert_string_equal(akt->access[1].unless[0], "secret");
	assert_int_equal(akt->access[1].nwhen, 0);
	assert_string_equal(akt->access[2].field, "case.handler");
	assert_string_equal(akt->access[2].when[0], "secret");
	assert_false(akt->access[2].only);
	assert_int_equal(akt->ntitle, 2);
	assert_string_equal(akt->title[1], "provider");
	assert_string_equal(akt->lock_field, "state");
	assert_string_equal(akt->lock_value, "final");
	assert_int_equal(akt->nopen, 1);
	assert_string_equal(akt->lock_open[0], "ended_on");
	assert_string_equal(akt->member, "handler");
	assert_string_equal(akt->table, "staff");
	schema_free(s);
	arena_free(a);
}

static const char placement[] =
    "properties:\n"
    "  b: {type: string}\n  a: {type: string}\n  n: {type: integer}\n"
    "  in: {type: object, properties: {z: {type: string}, y: {type: string}}}\n"
    "  g: {type: array, x-akt: {key: k}, items: {type: object, properties: {t: {type: string}}}}\n"
    "  m: {type: object, additionalProperties: {type: string}}\n"
    "  l: {type: array, items: {type: string}}\n";

static void
normalised(const char *schema, const char *in, const char *want)
{
	struct arena *a = arena_new();
	struct schema *s = schema ? help_schema(a, schema) : NULL;
	struct node *doc = help_doc(a, in);
	struct buf out = {0}, again = {0};

	shape_normalise(a, s ? schema_shape(s) : NULL, doc);
	node_json(&out, doc);
	help_equal(in, buf_str(&out), want);
	/* a second time changes nothing */
	shape_normalise(a, s ? schema_shape(s) : NULL, doc);
	node_json(&again, doc);
	assert_string_equal(buf_str(&again), want);
	buf_free(&out);
	buf_free(&again);
	schema_free(s);
	arena_free(a);
}

static void
test_normalise(void **state)
{
	(void)state;
	normalised(placement, "zz: 1\nn: 1\na: x\nc: 1\nb: y\nin: {y: 1, z: 2}\n",
	    "{\"b\":\"y\",\"a\":\"x\",\"n\":1,\"in\":{\"z\":\"2\",\"y\":\"1\"},\"c\":1,\"zz\":1}");
	/* plain scalars become text where the schema says string, null stays */
	normalised(placement, "a: 007\nb: true\nn: 8\nm: {x: 1.50}\nl: [1, ~, x]\n",
	    "{\"b\":\"true\",\"a\":\"007\",\"n\":8,\"m\":{\"x\":\"1.50\"},\"l\":[\"1\",null,\"x\"]}");
	normalised(placement, "g: [{t: a, k: 7321}, {u: 1, k: b, t: 2}]\n",
	    "{\"g\":[{\"k\":\"7321\",\"t\":\"a\"},{\"k\":\"b\",\"t\":\"2\",\"u\":1}]}");
	normalised(NULL, "b: 2\na: [{d: 1, c: 2}]\n", "{\"a\":[{\"c\":2,\"d\":1}],\"b\":2}");
	normalised(placement, "zz: ~\nyy: 1.5\nxx: true\n", "{\"xx\":true,\"yy\":1.5,\"zz\":null}");
	normalised(placement, "just text\n", "\"just text\"");
}

/* What is stored: as text where the schema says string, or string and null; nothing else is touched, and it can be
 * undone. */
static void
test_texts(void **state)
{
	static const char schema[] = "{type: object, properties: {s: {type: string}, "
	    "n: {type: [string, 'null']}, o: {anyOf: [{type: string, maxLength: 9}, {type: 'null'}]}, "
	    "i: {type: [string, integer]}, l: {type: array, items: {type: string}}, "
	    "g: {type: array, x-akt: {key: k}, items: {type: object, properties: {t: {type: string}}}}, "
	    "m: {type: object, additionalProperties: {type: string}}}}";
	static const char in[] = "s: 1.50\nzz: 7\nn: 2021\no: true\ni: 5\nl: [1e3, ~, '7', x]\n"
	    "g: [{t: 007}]\nm: {x: 1}\na: 2\n";
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, schema);
	struct node *doc = help_doc(a, in), *was;
	struct buf got = {0};

	(void)state;
	shape_texts(schema_shape(s), doc);
	node_json(&got, doc);
	assert_string_equal(buf_str(&got), "{\"s\":\"1.50\",\"zz\":7,\"n\":\"2021\",\"o\":\"true\",\"i\":5,"
	    "\"l\":[\"1e3\",null,\"7\",\"x\"],\"g\":[{\"t\":\"007\"}],\"m\":{\"x\":\"1\"},\"a\":2}");
	was = shape_as_written(a, doc);
	assert_true(node_equal(was, help_doc(a, in)));
	assert_int_equal(node_get(was, "n")->line, 3);
	assert_int_equal(node_get(was, "n")->column, 4);
	assert_int_equal(node_get(doc, "n")->kind, NODE_STR);
	shape_texts(NULL, doc);
	shape_texts(schema_shape(s), NULL);
	buf_free(&got);
	schema_free(s);
	arena_free(a);
}

static void
test_normalise_gives_keys(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, placement);
	struct node *doc = help_doc(a, "g: [{t: a}, {t: b, k: mine}, {t: c, k: ~}, text]\n");
	struct node *g;
	const char *first, *third;

	(void)state;
	shape_normalise(a, schema_shape(s), doc);
	g = node_get(doc, "g");
	first = node_get_str(g->seq[0], "k");
	third = node_get_str(g->seq[2], "k");
	assert_non_null(first);
	assert_int_equal(strlen(first), 4);
	assert_non_null(third);
	assert_string_not_equal(first, third);
	assert_string_equal(node_get_str(g->seq[1], "k"), "mine");
	assert_string_equal(g->seq[0]->map[0].key, "k");
	assert_int_equal(g->seq[3]->kind, NODE_STR);
	schema_free(s);
	arena_free(a);
}

int
main(void)
{
	enum { ROWS = sizeof rows / sizeof *rows };
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_record_type),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_normalise_gives_keys),
	};
	enum { FIXED = sizeof fixed / sizeof *fixed };
	struct CMUnitTest tests[ROWS + FIXED];

	i18n_set("en");
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].name,
			.test_func = test_row,
			.initial_state = (void *)(uintptr_t)&rows[i],
		};
	memcpy(tests + ROWS, fixed, sizeof fixed);
	return _cmocka_run_group_tests("shape", tests, ROWS + FIXED, NULL, NULL);
}
