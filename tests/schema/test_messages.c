/* What validation says, word for word, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "schema/help.h"
#include "tree/node.h"

struct row {
	const char *name, *schema, *doc, *want;
};

#define KEY_32 "abcdefghijklmnopqrstuvwxyz_01234"
#define LONG_NAME "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-012345678"
#define TEN_FIELDS(x) x "0: 10000, " x "1: 1, " x "2: 1, " x "3: 1, " x "4: 1, " x "5: 1, " x "6: 1, " x "7: 1, " x "8: 1, " x "9: 1, "
#define FIELDS_120 TEN_FIELDS("fa") TEN_FIELDS("fb") TEN_FIELDS("fc") TEN_FIELDS("fd") TEN_FIELDS("fe") TEN_FIELDS("ff") \
	TEN_FIELDS("fg") TEN_FIELDS("fh") TEN_FIELDS("fi") TEN_FIELDS("fj") TEN_FIELDS("fk") TEN_FIELDS("fl")
#define SIXTY_ITEMS "a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, " \
	"a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, "

static const struct row rows[] = {
	{"valid says nothing", "{type: object, required: [a], properties: {a: {type: string}}}",
	    "a: x\n", ""},
	{"required points at the mapping and names the missing",
	    "{type: object, properties: {in: {type: object, required: [a, b]}}}",
	    "x: 1\nin:\n  b: 1\n", "f.yaml:3:3: data.in.a: is required but missing\n"},
	{"all findings at once, in the order of the text",
	    "{type: object, unevaluatedProperties: false, properties: {d: {type: string, format: date}, "
	    "n: {type: integer, maximum: 5}}}",
	    "z: 1\nn: 6\nd: igår\n",
	    "f.yaml:1:1: data.z: is not a known field\n"
	    "f.yaml:2:4: data.n: must be at most 5\n"
	    "f.yaml:3:4: data.d: is not a date (YYYY-MM-DD)\n"},
	{"unknown field, additionalProperties", "{additionalProperties: false, properties: {a: true}}",
	    "a: 1\nb: 2\n", "f.yaml:2:1: data.b: is not a known field\n"},
	{"unknown field through allOf and $ref",
	    "{allOf: [{$ref: '#/$defs/base'}], unevaluatedProperties: false, "
	    "$defs: {base: {properties: {a: {type: string}}}}}",
	    "a: 1\nb: 2\n",
	    "f.yaml:1:4: data.a: must be text\nf.yaml:2:1: data.b: is not a known field\n"},
	{"an unknown name cannot break the line", "{additionalProperties: false}",
	    "\"a\\nb\": 2\n", "f.yaml:1:1: data.a?b: is not a known field\n"},
	{"types", "{properties: {a: {type: string}, b: {type: integer}, c: {type: number}, "
	          "d: {type: boolean}, e: {type: array}, f: {type: object}, g: {type: 'null'}}}",
	    "a: [x]\nb: 1.5\nc: x\nd: no\ne: x\nf: x\ng: x\n",
	    "f.yaml:1:4: data.a: must be text\n"
	    "f.yaml:2:4: data.b: must be a whole number\n"
	    "f.yaml:3:4: data.c: must be a number\n"
	    "f.yaml:4:4: data.d: must be true or false\n"
	    "f.yaml:5:4: data.e: must be a list\n"
	    "f.yaml:6:4: data.f: must be a group of fields\n"
	    "f.yaml:7:4: data.g: must be empty (null)\n"},
	{"types or null, several types", "{properties: {a: {type: [string, 'null']}, "
	                                 "b: {type: [integer, string]}}}",
	    "a: 1\nb: []\n",
	    "f.yaml:1:4: data.a: must be text or empty (null)\n"
	    "f.yaml:2:4: data.b: is of another kind than the schema allows (string, integer)\n"},
	{"an empty field", "{properties: {a: {type: string}}}", "a:\n",
	    "f.yaml:1:3: data.a: is empty: fill it in or take the line away\n"},
	{"enum with labels", "{properties: {a: {enum: [draft, final], "
	                     "x-akt: {labels: {final: {sv: Slutlig, en: Final}}}}}}",
	    "a: klar\n",
	    "f.yaml:1:4: data.a: is not one of the allowed values: draft, final (Final)\n"},
	{"a long enum is not listed", "{enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}", "14\n",
	    "f.yaml:1:1: data: is not one of the allowed values\n"},
	{"const", "{properties: {a: {const: x}, b: {const: 2}, c: {const: [1]}}}",
	    "a: y\nb: 3\nc: 1\n",
	    "f.yaml:1:4: data.a: must be x\nf.yaml:2:4: data.b: must be 2\n"
	    "f.yaml:3:4: data.c: is not what the schema demands here\n"},
	{"numbers", "{properties: {a: {minimum: 1.5}, b: {exclusiveMinimum: 0}, "
	            "c: {exclusiveMaximum: 1e3}, d: {multipleOf: 0.01}}}",
	    "a: 1\nb: 0\nc: 1000\nd: 0.005\n",
	    "f.yaml:1:4: data.a: must be at least 1.5\nf.yaml:2:4: data.b: must be more than 0\n"
	    "f.yaml:3:4: data.c: must be less than 1e3\nf.yaml:4:4: data.d: must be a multiple of 0.01\n"},
	{"lengths count characters, not bytes", "{properties: {a: {maxLength: 3}, b: {minLength: 4}, "
	                                        "c: {minLength: 1}, d: {maxLength: 1}}}",
	    "a: åäö\nb: åäö\nc: ''\nd: åä\n",
	    "f.yaml:2:4: data.b: is shorter than 4 characters\n"
	    "f.yaml:3:4: data.c: must not be empty\n"
	    "f.yaml:4:4: data.d: is longer than 1 character\n"},
	{"pattern", "{pattern: '^[a-z]{2}$'}", "hemligt\n",
	    "f.yaml:1:1: data: does not have the form that the schema demands (^[a-z]{2}$)\n"},
	{"formats", "{properties: {a: {format: date-time}, b: {format: time}, c: {format: duration}, "
	            "d: {format: email}, e: {format: uuid}, f: {format: uri}, g: {format: hostname}}}",
	    "a: x\nb: x\nc: x\nd: x\ne: x\nf: x\ng: '!'\n",
	    "f.yaml:1:4: data.a: is not a date and time (such as 2026-03-02T09:14:00Z)\n"
	    "f.yaml:2:4: data.b: is not a time of day with its zone (such as 09:14:00Z)\n"
	    "f.yaml:3:4: data.c: is not a duration (such as P3M or P14D)\n"
	    "f.yaml:4:4: data.d: is not an e-mail address\n"
	    "f.yaml:5:4: data.e: is not a UUID\n"
	    "f.yaml:6:4: data.f: is not a full web address or other URI (such as "
	    "https://example.org/)\n"},
	{"lists", "{properties: {a: {minItems: 1}, b: {maxItems: 2}, c: {uniqueItems: true}, "
	          "d: {contains: {const: 1}}, e: {contains: {const: 1}, maxContains: 1}, "
	          "f: {prefixItems: [true], items: false}}}",
	    "a: []\nb: [1, 2, 3]\nc: [x, y, x]\nd: [2]\ne: [1, 1]\nf: [1, 2]\n",
	    "f.yaml:1:4: data.a: must have at least 1 entry\n"
	    "f.yaml:2:4: data.b: must have at most 2 entries\n"
	    "f.yaml:3:11: data.c.2: is in the list twice\n"
	    "f.yaml:4:4: data.d: lacks an entry that the schema demands\n"
	    "f.yaml:5:4: data.e: has too many entries of the kind that the schema counts\n"
	    "f.yaml:6:8: data.f.1: is one entry too many\n"},
	{"mappings", "{properties: {a: {minProperties: 1}, b: {maxProperties: 1}, "
	             "c: {propertyNames: {maxLength: 1}}, d: {dependentRequired: {x: [y]}}}}",
	    "a: {}\nb: {x: 1, y: 1}\nc: {xx: 1}\nd: {x: 1}\n",
	    "f.yaml:1:4: data.a: must have at least 1 field\n"
	    "f.yaml:2:4: data.b: must have at most 1 field\n"
	    "f.yaml:3:5: data.c.xx: is not an allowed name for a field\n"
	    "f.yaml:4:4: data.d.y: is required together with x but missing\n"},
	{"a field the schema forbids", "{properties: {a: false}}", "a: 1\n",
	    "f.yaml:1:1: data.a: is not allowed here\n"},
	{"if, then: the inner finding", "{if: {properties: {s: {const: final}}, required: [s]}, "
	                                "then: {required: [on]}}",
	    "s: final\n", "f.yaml:1:1: data.on: is required but missing\n"},
	{"if, else", "{if: {required: [s]}, else: {required: [t]}}", "u: 1\n",
	    "f.yaml:1:1: data.t: is required but missing\n"},
	{"dependentSchemas", "{dependentSchemas: {a: {required: [b]}}}", "a: 1\n",
	    "f.yaml:1:1: data.b: is required but missing\n"},
	{"anyOf: the branch that got furthest",
	    "{properties: {a: {anyOf: [{type: string, format: date}, {type: 'null'}]}}}", "a: x\n",
	    "f.yaml:1:4: data.a: is not a date (YYYY-MM-DD)\n"},
	{"oneOf: the branch whose kind was meant",
	    "{oneOf: [{properties: {kind: {const: a}}, required: [x]}, "
	    "{properties: {kind: {const: b}}, required: [y, z]}]}",
	    "kind: b\n",
	    "f.yaml:1:1: data.y: is required but missing\n"
	    "f.yaml:1:1: data.z: is required but missing\n"},
	{"oneOf: what an if only asked tells no branch apart",
	    "{oneOf: [{required: [a, b], if: {properties: {k: {const: x}}}}, "
	    "{properties: {kind: {const: q}}}]}",
	    "k: y\nkind: z\n",
	    "f.yaml:1:1: data.a: is required but missing\n"
	    "f.yaml:1:1: data.b: is required but missing\n"},
	{"a mapping of the wrong kind has no unknown fields",
	    "{unevaluatedProperties: false, enum: [{a: 1}]}", "b: 1\n",
	    "f.yaml:1:1: data: is not one of the allowed values: {\"a\":1}\n"},
	{"anyOf: no branch is nearer", "{anyOf: [{required: [a]}, {required: [b]}]}", "c: 1\n",
	    "f.yaml:1:1: data: fits none of the forms allowed here\n"},
	{"anyOf: another kind altogether", "{anyOf: [{type: string}, {type: integer, minimum: 3}]}",
	    "[]\n", "f.yaml:1:1: data: fits none of the forms allowed here\n"},
	{"anyOf of constants", "{anyOf: [{const: a}, {const: b}]}", "c\n",
	    "f.yaml:1:1: data: is not one of the allowed values\n"},
	{"anyOf that fails keeps quiet about unknown fields",
	    "{anyOf: [{properties: {a: true}, required: [a]}, {properties: {b: true}, required: [b]}], "
	    "unevaluatedProperties: false}",
	    "c: 1\n", "f.yaml:1:1: data: fits none of the forms allowed here\n"},
	{"oneOf: more than one", "{oneOf: [{type: string}, {minLength: 1}]}", "x\n",
	    "f.yaml:1:1: data: fits more than one of the forms, of which it must fit exactly one\n"},
	{"not", "{not: {required: [a]}}", "a: 1\n",
	    "f.yaml:1:1: data: has a form that the schema forbids\n"},
	{"not, in the author's words",
	    "{properties: {a: {type: string, not: {pattern: '[0-9]{6}'}, "
	    "x-akt: {message: {sv: nej, en: holds a personal number}}}}}",
	    "a: tel 123456\n", "f.yaml:1:4: data.a: holds a personal number\n"},
	{"not, with the message inside",
	    "{properties: {a: {not: {pattern: '[0-9]{6}', x-akt: {message: {en: no numbers}}}}}}",
	    "a: 123456x\n", "f.yaml:1:4: data.a: no numbers\n"},
	{"a message replaces all findings of its subschema and no others",
	    "{properties: {a: {allOf: [{minLength: 9, pattern: '^b', x-akt: {message: {en: wrong}}}], "
	    "maxLength: 1}}}",
	    "a: xx\n",
	    "f.yaml:1:4: data.a: is longer than 1 character\nf.yaml:1:4: data.a: wrong\n"},
	{"the same finding from two branches is told once",
	    "{allOf: [{required: [a]}, {required: [a]}]}", "b: 1\n",
	    "f.yaml:1:1: data.a: is required but missing\n"},
	{"items of a keyed list go by their keys",
	    "{properties: {g: {type: array, x-akt: {key: k}, items: {type: object, "
	    "properties: {t: {type: string}}, additionalProperties: false}}}}",
	    "g:\n  - {k: 7f3q, t: [1]}\n  - {t: [2], u: 1}\n",
	    "f.yaml:2:18: data.g.7f3q.t: must be text\n"
	    "f.yaml:3:9: data.g.1.t: must be text\nf.yaml:3:14: data.g.1.u: is not a known field\n"},
	{"the key field need not be described", "{properties: {g: {type: array, x-akt: {key: k}, "
	                                        "items: {$ref: '#/$defs/i'}}}, $defs: {i: {type: object, "
	                                        "properties: {t: true}, unevaluatedProperties: false}}}",
	    "g: [{k: a, t: 1}, {k: b}]\n", ""},
	{"but nowhere else than in such a list", "{type: object, properties: {g: {type: array, "
	                                         "x-akt: {key: k}, items: {type: object}}}, "
	                                         "additionalProperties: false}",
	    "k: 1\n", "f.yaml:1:1: data.k: is not a known field\n"},
	{"keys", "{properties: {g: {type: array, x-akt: {key: k}, items: {type: object}}}}",
	    "g: [{k: a}, {k: A}, {k: a}, {k: 1}]\n",
	    "f.yaml:1:17: data.g.1.k: must be 1 to 32 of 0-9, a-z and _, since it names the entry\n"
	    "f.yaml:1:25: data.g.2.k: names another entry of this list already\n"
	    "f.yaml:1:33: data.g.3.k: must be 1 to 32 of 0-9, a-z and _, since it names the entry\n"},
	{"a list of one has nothing twice", "{uniqueItems: true}", "[a]\n", ""},
	{"a list that holds one value three times", "{uniqueItems: true}", "[a, ab, a, b, a]\n",
	    "f.yaml:1:9: data.2: is in the list twice\nf.yaml:1:15: data.4: is in the list twice\n"},
	{"keys at the edges of what names an entry",
	    "{properties: {g: {type: array, x-akt: {key: k}, items: {type: object}}}}",
	    "g: [{k: ''}, {k: a b}, {k: " KEY_32 "}, {k: " KEY_32 "x}, {k: _}]\n",
	    "f.yaml:1:9: data.g.0.k: must be 1 to 32 of 0-9, a-z and _, since it names the entry\n"
	    "f.yaml:1:18: data.g.1.k: must be 1 to 32 of 0-9, a-z and _, since it names the entry\n"
	    "f.yaml:1:67: data.g.3.k: must be 1 to 32 of 0-9, a-z and _, since it names the entry\n"},
	{"a long name is cut, between characters", "{additionalProperties: false}", LONG_NAME "ååå: 1\n",
	    "f.yaml:1:1: data." LONG_NAME "å...: is not a known field\n"},
	{"a branch whose list has an entry too many",
	    "{anyOf: [{prefixItems: [true], items: false}, {prefixItems: [true], unevaluatedItems: false}, "
	    "{maxItems: 1, propertyNames: false}]}",
	    "[1, 2]\n", "f.yaml:1:1: data: fits none of the forms allowed here\n"},
	{"what a branch says of names and of more fields",
	    "{not: {anyOf: [{propertyNames: {maxLength: 1}}, {properties: {b: true}, unevaluatedProperties: false}, "
	    "{maxProperties: 1}]}}",
	    "bb: 1\nc: 2\n", ""},
	{"more entries and fields than are counted on the stack",
	    "{properties: {m: {anyOf: [{properties: {a: true}}, {properties: {b: true}}], unevaluatedProperties: "
	    "{type: integer}}, l: {prefixItems: [true], anyOf: [{contains: {const: 7}}], unevaluatedItems: {type: string}}}}",
	    "m: {a: x, b: x, " FIELDS_120 "c: x}\nl: [1, 7, " SIXTY_ITEMS SIXTY_ITEMS "8]\n",
	    "f.yaml:1:1028: data.m.c: must be a whole number\nf.yaml:2:371: data.l.122: must be text\n"},
	{"of a mapping that is of the wrong kind no field is unknown, however many",
	    "{unevaluatedProperties: false, type: string}", "{" FIELDS_120 "c: x}\n",
	    "f.yaml:1:1: data: must be text\n"},
	{"names, in the author's words", "{propertyNames: {maxLength: 1, x-akt: {message: {en: one letter}}}}", "ab: 1\n",
	    "f.yaml:1:1: data.ab: one letter\n"},
	{"enum of an empty text", "{enum: ['', a]}", "b\n", "f.yaml:1:1: data: is not one of the allowed values: \"\", a\n"},
	{"oneOf: the fewer findings of two that got as far",
	    "{oneOf: [{required: [a, b]}, {required: [c]}, {required: [d, e, f]}]}", "x: 1\n",
	    "f.yaml:1:1: data.c: is required but missing\n"},
	{"oneOf within anyOf: no kind was meant",
	    "{properties: {a: {anyOf: [{oneOf: [{type: string}, {type: integer}]}, {oneOf: [{type: string}, {type: 'null'}]}]}}}",
	    "a: []\n", "f.yaml:1:4: data.a: fits none of the forms allowed here\n"},
	{"anyOf of constants and of lists of values", "{anyOf: [{const: a}, {enum: [b, c]}]}", "d\n",
	    "f.yaml:1:1: data: is not one of the allowed values\n"},
	{"anyOf of values and of a form", "{anyOf: [{const: a}, {minLength: 3}]}", "c\n",
	    "f.yaml:1:1: data: is shorter than 3 characters\n"},
	{"unevaluatedItems", "{prefixItems: [true], unevaluatedItems: false}", "[1, 2]\n",
	    "f.yaml:1:5: data.1: is one entry too many\n"},
	{"never the value", "{properties: {a: {enum: [x]}, b: {pattern: '^q'}, c: {const: 1}}}",
	    "a: hemlig1\nb: hemlig2\nc: hemlig3\n",
	    "f.yaml:1:4: data.a: is not one of the allowed values: x\n"
	    "f.yaml:2:4: data.b: does not have the form that the schema demands (^q)\n"
	    "f.yaml:3:4: data.c: must be 1\n"},
};

static char *
findings(const struct schema *s, const struct node *doc, const char *prefix)
{
	struct diags d = {0};
	bool told = schema_validate(s, doc, "f.yaml", prefix, &d);
	bool silent = schema_validate(s, doc, "f.yaml", prefix, NULL);
	char *lines = help_lines(&d);

	assert_int_equal(told, silent);
	assert_int_equal(told, d.n == 0);
	diags_free(&d);
	return lines;
}

static void
test_rows(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, row->schema);
	char *lines = findings(s, help_doc(a, row->doc), "data");

	help_equal(row->name, lines, row->want);
	free(lines);
	schema_free(s);
	arena_free(a);
}

static void
test_without_prefix(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{required: [a], properties: {b: {type: string}}}");
	char *lines = findings(s, help_doc(a, "b: 1\n"), "");

	(void)state;
	help_equal("without prefix", lines,
	    "f.yaml:1:1: a: is required but missing\nf.yaml:1:4: b: must be text\n");
	free(lines);
	schema_free(s);
	arena_free(a);
}

/* A key that the engine gave is in no reader's file: the entry goes by its index there, by its key in what a program made. */
static void
test_given_keys(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "properties:\n  g: {type: array, x-akt: {key: k}, items: {type: object, "
	                                  "properties: {k: {type: string}, t: {type: string}}}}\n");
	struct node *doc = help_doc(a, "g: [{t: [1]}, {k: b, t: [1]}]\n"), *made = node_clone(a, doc);
	char *lines;

	(void)state;
	shape_normalise(a, schema_shape(s), doc);
	assert_non_null(node_get_str(node_get(doc, "g")->seq[0], "k"));
	lines = findings(s, doc, NULL);
	help_equal("given", lines, "f.yaml:1:9: g.0.t: must be text\nf.yaml:1:25: g.b.t: must be text\n");
	free(lines);
	node_get(made, "g")->seq[0]->line = 0;
	node_set(a, node_get(made, "g")->seq[0], "k", node_str(a, "own"));
	lines = findings(s, made, "data");
	help_equal("made", lines, "f.yaml:1:9: data.g.own.t: must be text\nf.yaml:1:25: data.g.b.t: must be text\n");
	free(lines);
	schema_free(s);
	arena_free(a);
}

/* A name with what a terminal obeys, which the reader of YAML would have refused. */
static void
test_names_with_controls(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "additionalProperties: false\n");
	struct node *doc = node_map(a);
	char *lines;

	(void)state;
	node_set(a, doc, "a\x7f" "b\x1b[2J", node_int(a, 1));
	lines = findings(s, doc, "data");
	help_equal("controls", lines, "f.yaml: data.a?b?[2J: is not a known field\n");
	free(lines);
	schema_free(s);
	arena_free(a);
}

/* What could not be checked is not valid, is said once, and is no reason for other findings. */
static void
test_giving_up(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "patternProperties: {'^(a+)+$': true, '^(b|a+)+$': {type: string}}\nrequired: [c]\n"
	                                  "anyOf: [{required: [x]}, {required: [y]}]\n");
	struct node *doc = node_map(a);
	char name[4001], *lines;

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(name, 'a', sizeof name - 2);
		name[sizeof name - 2] = (char)('x' + i);
		name[sizeof name - 1] = '\0';
		node_set(a, doc, name, node_int(a, 1));
	}
	lines = findings(s, doc, "data");
	help_equal("giving up", lines, "f.yaml: data.c: is required but missing\n"
	                               "f.yaml: data: could not be checked: a pattern of the schema takes too long; ask who keeps it\n");
	free(lines);
	schema_free(s);
	arena_free(a);
}

/* The author's words stand for what was found; where no more is told, for nothing. */
static void
test_message_after_the_last_finding(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{items: {type: string}, minItems: 5000, x-akt: {message: {en: too short}}}");
	struct schema *each = help_schema(a, "{items: {type: string, x-akt: {message: {en: no text}}}}");
	struct node *doc = node_seq(a);
	struct diags d = {0};

	(void)state;
	for (int i = 0; i < 2000; i++)
		node_push(a, doc, node_int(a, i));
	assert_false(schema_validate(each, doc, "f.yaml", "", &d));
	assert_int_equal(d.n, 1000);
	assert_string_equal(d.v[0].text, "no text");
	assert_string_equal(d.v[999].text, "no text");
	diags_free(&d);
	assert_false(schema_validate(s, doc, "f.yaml", "", &d));
	assert_int_equal(d.n, 1);
	assert_string_equal(d.v[0].text, "too short");
	diags_free(&d);
	schema_free(s);
	schema_free(each);
	arena_free(a);
}

static void
test_language(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a,
	    "{properties: {a: {not: {type: string}, x-akt: {message: {sv: nej, en: no}}}, "
	    "b: {enum: [x], x-akt: {labels: {x: {sv: Kryss, en: Cross}}}}, "
	    "c: {not: true, x-akt: {message: {en: only English}}}}}");
	struct node *doc = help_doc(a, "a: x\nb: y\nc: 1\n");
	char *lines;

	(void)state;
	i18n_set("sv");
	lines = findings(s, doc, "");
	i18n_set("en");
	/* the catalogue may or may not be there; the schema's own words are */
	assert_non_null(strstr(lines, "a: nej\n"));
	assert_non_null(strstr(lines, "x (Kryss)"));
	assert_non_null(strstr(lines, "c: only English\n"));
	free(lines);
	schema_free(s);
	arena_free(a);
}

/* Findings of an earlier document stay, and stay first. */
static void
test_findings_are_added(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{type: string}");
	struct diags d = {0};

	(void)state;
	assert_false(schema_validate(s, help_doc(a, "1\n"), "z.yaml", "", &d));
	assert_false(schema_validate(s, help_doc(a, "1\n"), "a.yaml", "", &d));
	assert_int_equal(d.n, 2);
	assert_string_equal(d.v[0].file, "z.yaml");
	diags_free(&d);
	schema_free(s);
	arena_free(a);
}

int
main(void)
{
	enum { ROWS = sizeof rows / sizeof *rows };
	struct CMUnitTest tests[ROWS + 7];

	i18n_set("en");
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].name,
			.test_func = test_rows,
			.initial_state = (void *)(uintptr_t)&rows[i],
		};
	tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(test_without_prefix);
	tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(test_language);
	tests[ROWS + 2] = (struct CMUnitTest)cmocka_unit_test(test_findings_are_added);
	tests[ROWS + 3] = (struct CMUnitTest)cmocka_unit_test(test_given_keys);
	tests[ROWS + 4] = (struct CMUnitTest)cmocka_unit_test(test_giving_up);
	tests[ROWS + 5] = (struct CMUnitTest)cmocka_unit_test(test_message_after_the_last_finding);
	tests[ROWS + 6] = (struct CMUnitTest)cmocka_unit_test(test_names_with_controls);
	return _cmocka_run_group_tests("messages", tests, ROWS + 7, NULL, NULL);
}
