/* What a wrong schema is told: every fault at once, word for word, and where. */
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

static const struct row {
	const char *name, *schema, *want; /* want "" compiles */
} rows[] = {
	{"nothing wrong", "{type: object, x-other: 1}", ""},
	{"unknown keyword", "type: object\nproprties: {}\n",
	    "s.yaml:2:1: proprties: is not a JSON Schema keyword; own ones begin with x-\n"},
	{"unknown keyword deep down", "properties:\n  a: {typ: string}\n",
	    "s.yaml:2:7: properties.a.typ: is not a JSON Schema keyword; own ones begin with x-\n"},
	{"keyword of an older draft", "definitions: {}\n",
	    "s.yaml:1:1: definitions: is not a JSON Schema keyword of 2020-12; see $defs\n"},
	{"all faults at once", "type: strng\nminLength: -1\nrequired: a\nproperties: []\n",
	    "s.yaml:1:7: type: must be string, number, integer, boolean, array, object or 'null'\n"
	    "s.yaml:2:12: minLength: must be a whole number, 0 or more\n"
	    "s.yaml:3:11: required: must be a list of field names\n"
	    "s.yaml:4:13: properties: must be a mapping from names to schemas\n"},
	{"wrong kinds, lists",
	    "allOf: []\nanyOf: {}\nprefixItems: 1\nenum: x\nexamples: x\n",
	    "s.yaml:1:8: allOf: must be a list of schemas, one at least\n"
	    "s.yaml:2:8: anyOf: must be a list of schemas, one at least\n"
	    "s.yaml:3:14: prefixItems: must be a list of schemas, one at least\n"
	    "s.yaml:4:7: enum: must be a list\n"
	    "s.yaml:5:11: examples: must be a list\n"},
	{"wrong kinds, schemas", "not: 1\nitems: [true]\nadditionalProperties: x\n",
	    "s.yaml:1:6: not: must be a schema: a mapping, true or false\n"
	    "s.yaml:2:8: items: must be a schema: a mapping, true or false\n"
	    "s.yaml:3:23: additionalProperties: must be a schema: a mapping, true or false\n"},
	{"wrong kinds, scalars",
	    "title: [x]\nuniqueItems: yes\nmultipleOf: 0\nmaximum: x\nformat: 1\npattern: 1\n"
	    "maxItems: 1.5\n",
	    "s.yaml:1:8: title: must be text\n"
	    "s.yaml:2:14: uniqueItems: must be true or false\n"
	    "s.yaml:3:13: multipleOf: must be a number above 0 with at most 18 digits\n"
	    "s.yaml:4:10: maximum: must be a number\n"
	    "s.yaml:5:9: format: must be text\n"
	    "s.yaml:6:10: pattern: must be text\n"
	    "s.yaml:7:11: maxItems: must be a whole number, 0 or more\n"},
	{"not a schema at all", "just text\n",
	    "s.yaml:1:1: must be a schema: a mapping, true or false\n"},
	{"type: null without quotes", "type: null\n",
	    "s.yaml:1:7: type: must be written 'null', with quotes\n"},
	{"wrong kinds, mappings",
	    "patternProperties: []\ndependentRequired: 1\nrequired: [1]\ntype: []\n$vocabulary: x\n",
	    "s.yaml:1:20: patternProperties: must be a mapping from patterns to schemas\n"
	    "s.yaml:2:20: dependentRequired: must be a mapping\n"
	    "s.yaml:3:12: required.0: must be the name of a field\n"
	    "s.yaml:4:7: type: must name at least one type\n"
	    "s.yaml:5:14: $vocabulary: must be a mapping\n"},
	{"twice in a list", "type: [string, string]\nrequired: [a, b, a]\n",
	    "s.yaml:1:16: type.1: is in the list twice\n"
	    "s.yaml:2:18: required.2: is in the list twice\n"},
	{"misspelt format", "format: dat\n",
	    "s.yaml:1:9: format: is not a format of JSON Schema; own ones begin with x-\n"},
	{"known format that is not asserted", "format: hostname\n", ""},
	{"pattern that is none", "pattern: '(a'\n",
	    "s.yaml:1:10: pattern: is not a regular expression: missing closing parenthesis\n"},
	{"pattern of another dialect", "pattern: '\\Aabc'\n",
	    "s.yaml:1:10: pattern: is not a regular expression: there is an escape that regular "
	    "expressions of JSON Schema (ECMA-262) do not have\n"},
	{"pattern with options", "pattern: '(?i)abc'\n",
	    "s.yaml:1:10: pattern: is not a regular expression: there is a group that regular "
	    "expressions of JSON Schema (ECMA-262) do not have\n"},
	{"pattern property that is none", "patternProperties: {'[': true}\n",
	    "s.yaml:1:21: patternProperties.[: is not a regular expression: missing terminating ] "
	    "for character class\n"},
	{"dynamic references", "$dynamicRef: '#a'\n$dynamicAnchor: a\n",
	    "s.yaml:1:14: $dynamicRef: is not supported; use $ref and $anchor\n"
	    "s.yaml:2:17: $dynamicAnchor: is not supported; use $ref and $anchor\n"},
	{"another draft", "$schema: http://json-schema.org/draft-07/schema#\n",
	    "s.yaml:1:10: $schema: must be https://json-schema.org/draft/2020-12/schema\n"},
	{"reference to nothing", "properties:\n  a: {$ref: '#/$defs/x'}\n  b: {$ref: '#x'}\n",
	    "s.yaml:2:13: properties.a.$ref: refers to nothing\n"
	    "s.yaml:3:13: properties.b.$ref: refers to nothing\n"},
	{"reference to another place", "$ref: https://example.org/x\n",
	    "s.yaml:1:7: $ref: refers to a document that is not here; nothing is fetched\n"},
	{"reference that is none", "$ref: '#%zz'\n",
	    "s.yaml:1:7: $ref: is not a reference (RFC 3986)\n"},
	{"reference to itself", "$ref: '#'\n",
	    "s.yaml:1:1: refers to itself without end: the reference never enters a field or a "
	    "list\n"},
	{"reference round a corner", "$defs:\n  a: {allOf: [{$ref: '#/$defs/b'}]}\n"
	                             "  b: {if: {$ref: '#/$defs/a'}}\n",
	    "s.yaml:2:6: $defs.a: refers to itself without end: the reference never enters a field "
	    "or a list\n"},
	{"reference into an own keyword below an $id",
	    "$defs:\n  a: {$id: 'https://x.example/a/', x-own: {t: {$ref: b}}}\n"
	    "  b: {$id: 'https://x.example/a/b', type: string}\n"
	    "properties: {p: {$ref: '#/$defs/a/x-own/t'}}\n", ""},
	{"recursion through a field is fine",
	    "type: object\nproperties: {in: {$ref: '#'}}\nunevaluatedProperties: false\n", ""},
	{"anchors", "$defs:\n  a: {$anchor: 1x}\n  b: {$anchor: y}\n  c: {$anchor: y}\n",
	    "s.yaml:2:16: $defs.a.$anchor: must be a name: letters, digits, '-', '_' and '.', a "
	    "letter or '_' first\n"
	    "s.yaml:4:16: $defs.c.$anchor: is used by another schema already\n"},
	{"$id", "$defs:\n  a: {$id: 'x#y'}\n  b: {$id: z}\n  c: {$id: z}\n",
	    "s.yaml:2:12: $defs.a.$id: must be a URI without a fragment (#...)\n"
	    "s.yaml:4:12: $defs.c.$id: is used by another schema already\n"},
	/* x-akt */
	{"lists of mappings say which",
	    "properties:\n  g: {type: array, items: {type: object}}\n",
	    "s.yaml:2:6: properties.g: is a list of mappings: every list of mappings says which of "
	    "x-akt's key, set, append or value it is\n"},
	{"also when the items are elsewhere",
	    "$defs: {i: {properties: {t: true}}}\nproperties:\n  g: {items: {$ref: '#/$defs/i'}}\n",
	    "s.yaml:3:6: properties.g: is a list of mappings: every list of mappings says which of "
	    "x-akt's key, set, append or value it is\n"},
	{"lists of scalars need not", "properties: {g: {type: array, items: {type: string}}}\n", ""},
	{"unknown x-akt", "x-akt: {labl: {sv: x}}\nproperties: {a: {x-akt: {rf: x}}}\n",
	    "s.yaml:1:9: x-akt.labl: is not known here\n"
	    "s.yaml:2:26: properties.a.x-akt.rf: is not known here\n"},
	{"x-akt of the top further down", "properties: {a: {x-akt: {version: 2}}}\n",
	    "s.yaml:1:35: properties.a.x-akt.version: belongs at the top of the schema\n"},
	{"labels", "x-akt: {label: Text, help: {}, message: {de: x, sv: 1}}\n",
	    "s.yaml:1:16: x-akt.label: must be a mapping with sv, en or both\n"
	    "s.yaml:1:28: x-akt.help: must be a mapping with sv, en or both\n"
	    "s.yaml:1:42: x-akt.message.de: is not known here\n"
	    "s.yaml:1:53: x-akt.message.sv: must be text\n"},
	{"list kinds", "properties:\n  a: {type: array, x-akt: {set: true, append: true}}\n"
	               "  b: {type: array, x-akt: {set: no}}\n  c: {type: array, x-akt: {key: a.b}}\n",
	    "s.yaml:2:47: properties.a.x-akt.append: only one of key, set, append and value can "
	    "hold\n"
	    "s.yaml:3:33: properties.b.x-akt.set: must be true, or be left out\n"
	    "s.yaml:4:33: properties.c.x-akt.key: must be the name of a field\n"},
	{"list kinds and items", "properties:\n  a: {type: string, x-akt: {set: true}}\n"
	                         "  b: {type: array, x-akt: {key: k}, items: {type: string}}\n"
	                         "  c: {type: array, x-akt: {set: true}, items: {type: object}}\n"
	                         "  d: {type: array, x-akt: {key: k}, items: {type: object, "
	                         "properties: {k: {type: integer}}}}\n",
	    "s.yaml:2:6: properties.a.x-akt: key, set, append and value are for lists only\n"
	    "s.yaml:3:6: properties.b.x-akt.key: is for lists of mappings; these items are none\n"
	    "s.yaml:4:6: properties.c.x-akt.set: is for lists of plain values\n"
	    "s.yaml:5:6: properties.d.x-akt.key: must name a field of type string\n"},
	{"a list that says two things",
	    "properties:\n  a: {type: array, x-akt: {key: k}, items: {type: object}, "
	    "allOf: [{x-akt: {value: true}}]}\n",
	    "s.yaml:2:68: properties.a.allOf.0.x-akt: says otherwise than properties.a how the list "
	    "merges\n"},
	{"a list that says two things, where nothing is above it",
	    "type: array\nx-akt: {append: true}\nallOf: [{x-akt: {set: true}}]\n",
	    "s.yaml:3:9: allOf.0.x-akt: says otherwise than x-akt how the list merges\n"},
	{"lists with two keys", "properties:\n  a: {type: array, x-akt: {key: k}, items: {type: object}, allOf: [{x-akt: {key: l}}]}\n",
	    "s.yaml:2:68: properties.a.allOf.0.x-akt: says otherwise than properties.a how the list merges\n"},
	{"keys and sets of items that are not described", "properties:\n  a: {type: array, x-akt: {key: k}}\n"
	    "  b: {type: array, x-akt: {set: true}}\n  c: {type: array, x-akt: {set: true}, items: {type: array}}\n",
	    "s.yaml:2:6: properties.a.x-akt.key: is for lists of mappings; these items are none\n"
	    "s.yaml:4:6: properties.c.x-akt.set: is for lists of plain values\n"},
	{"a list kind that is false", "properties: {a: {type: array, x-akt: {set: false}}}\n",
	    "s.yaml:1:44: properties.a.x-akt.set: must be true, or be left out\n"},
	{"who writes, as no list; a dossier without its field; teams without names",
	    "x-akt:\n  write: staff\n  dossier: {part: p}\n  access: [{team: 1}]\n  table: 'a b'\n",
	    "s.yaml:2:10: x-akt.write: must be a list\n"
	    "s.yaml:3:12: x-akt.dossier: must be own, unit, {of: FIELD} or {of: FIELD, part: NAME}\n"
	    "s.yaml:4:19: x-akt.access.0.team: must be text\n"
	    "s.yaml:5:10: x-akt.table: must be a name of a-z, 0-9 and _\n"},
	{"acknowledgements with a field alone", "x-akt:\n  acknowledges: {record: a, rule: a, field: a}\n",
	    "s.yaml:2:17: x-akt.acknowledges: must have record and rule, and both or none of field and value\n"},
	{"what belongs at the top, at the top of another schema within",
	    "$defs: {a: {$id: a, x-akt: {version: 2}}}\nproperties: {b: {$ref: a}}\n",
	    "s.yaml:1:38: $defs.a.x-akt.version: belongs at the top of the schema\n"},
	{"fields behind references, and roles without values",
	    "x-akt:\n  dossier: {of: r.x}\n  access: [{field: r.handler}, {field: q.x.y}, {readers: r.z}]\n"
	    "  roles: {field: l, teams: {any: t}}\n"
	    "properties: {r: {x-akt: {ref: case}}, l: {type: array, items: {type: string}}, q: {type: object}}\n",
	    "s.yaml:3:40: x-akt.access.1.field: names a field that the schema does not have\n"},
	{"labels of what no text is", "properties:\n  a: {enum: [[1], {b: 2}, ~], x-akt: {labels: {'1': {en: X}}}}\n",
	    "s.yaml:2:53: properties.a.x-akt.labels.1: labels a value that enum does not have\n"},
	{"a value labelled twice keeps its first label",
	    "{properties: {a: {enum: [x], x-akt: {labels: {x: {en: One}}}, allOf: [{enum: [x], x-akt: {labels: {x: {sv: Ett}}}}]}}}", ""},
	{"no fields at all, and names in number", "properties: {}\nrequired: []\n", ""},
	{"acknowledgements without a rule", "x-akt:\n  acknowledges: {record: a}\nproperties: {a: {x-akt: {ref: '*'}}}\n",
	    "s.yaml:2:17: x-akt.acknowledges: must have record and rule, and both or none of field and value\n"},
	{"a list faulty once, used twice",
	    "$defs: {l: {type: array, items: {type: object}}}\nproperties: {a: {$ref: '#/$defs/l'}, b: {$ref: '#/$defs/l'}}\n",
	    "s.yaml:1:12: $defs.l: is a list of mappings: every list of mappings says which of x-akt's key, set, append or "
	    "value it is\n"},
	{"a path that begins with a dot", "x-akt: {access: [{field: .x}]}\n",
	    "s.yaml:1:26: x-akt.access.0.field: names a field that the schema does not have\n"},
	{"as many anchors, ids and documents as one likes",
	    "$defs:\n  a: {$anchor: a}\n  b: {$anchor: b}\n  c: {$anchor: c}\n  d: {$anchor: d}\n  e: {$anchor: e}\n"
	    "  f: {$anchor: f}\n  g: {$anchor: g}\n  h: {$anchor: h}\n  i: {$anchor: i}\n"
	    "  j: {$id: j}\n  k: {$id: k}\n  l: {$id: l}\n  m: {$id: m}\n  n: {$id: n}\n  o: {$id: o}\n  p: {$id: p}\n"
	    "  q: {$id: q}\n  r: {$id: r, type: array, items: {type: object}}\n"
	    "allOf: [{$ref: '#i'}, {$ref: 'r'}]\n",
	    "s.yaml:19:6: $defs.r: is a list of mappings: every list of mappings says which of x-akt's key, set, append or "
	    "value it is\n"},
	{"a reference that ends behind no step, and one to a list's end", "allOf:\n- $ref: '#/$defs/'\n- $ref: '#/allOf/-'\n- $ref: '#/allOf/2x'\n",
	    "s.yaml:2:9: allOf.0.$ref: refers to nothing\ns.yaml:3:9: allOf.1.$ref: refers to nothing\n"
	    "s.yaml:4:9: allOf.2.$ref: refers to nothing\n"},
	{"record type", "x-akt:\n  version: 0\n  write: [boss, team:X, 1]\n  dossier: mine\n"
	                "  retention: 1\n  access: [{team: A}, {if: x}, {team: a, field: b, x: 1}]\n"
	                "  title: x\n  lock: {field: a}\n  member: []\n"
	                "  table: x-y\n",
	    "s.yaml:2:12: x-akt.version: must be a whole number, 1 or more\n"
	    "s.yaml:3:11: x-akt.write.0: must be admin, supervisor, staff, auditor or team:NAME\n"
	    "s.yaml:3:17: x-akt.write.1: must be admin, supervisor, staff, auditor or team:NAME\n"
	    "s.yaml:3:25: x-akt.write.2: must be text\n"
	    "s.yaml:4:12: x-akt.dossier: must be own, unit, {of: FIELD} or {of: FIELD, part: NAME}\n"
	    "s.yaml:5:14: x-akt.retention: must be text\n"
	    "s.yaml:6:19: x-akt.access.0.team: must be a team's name\n"
	    "s.yaml:6:23: x-akt.access.1: must have one of team, field and readers\n"
	    "s.yaml:6:32: x-akt.access.2: must have one of team, field and readers\n"
	    "s.yaml:6:52: x-akt.access.2.x: is not known here\n"
	    "s.yaml:7:10: x-akt.title: must be a list\n"
	    "s.yaml:8:9: x-akt.lock: must have field and value\n"
	    "s.yaml:9:11: x-akt.member: must be text\n"
	    "s.yaml:10:10: x-akt.table: must be a name of a-z, 0-9 and _\n"},
	{"roles and acknowledgements", "x-akt:\n  roles: {teams: {a: X, b: 1}, other: x}\n"
	                               "  acknowledges: {record: r, rule: u, field: f, more: x}\n",
	    "s.yaml:2:10: x-akt.roles: must have field\n"
	    "s.yaml:2:22: x-akt.roles.teams.a: must be a team's name\n"
	    "s.yaml:2:28: x-akt.roles.teams.b: must be text\n"
	    "s.yaml:2:32: x-akt.roles.other: is not known here\n"
	    "s.yaml:3:17: x-akt.acknowledges: must have record and rule, and both or none of field and "
	    "value\n"
	    "s.yaml:3:48: x-akt.acknowledges.more: is not known here\n"},
	{"roles and acknowledgements of fields that are not there",
	    "x-akt:\n  roles: {field: a, teams: {x: t, z: t}}\n"
	    "  acknowledges: {record: r, rule: a, field: g, value: v}\n"
	    "properties: {a: {type: array, items: {enum: [x, y]}}}\n",
	    "s.yaml:2:38: x-akt.roles.teams.z: is not one of the values that the field allows\n"
	    "s.yaml:3:26: x-akt.acknowledges.record: names a field that the schema does not have\n"
	    "s.yaml:3:45: x-akt.acknowledges.field: names a field that the schema does not have\n"},
	{"a name that tables of lists have", "x-akt: {table: a__b}\n",
	    "s.yaml:1:16: x-akt.table: must be a name of a-z, 0-9 and _\n"},
	{"fields that are not there",
	    "x-akt:\n  title: [a, b]\n  lock: {field: s, value: x, open: [c]}\n  member: m\n"
	    "  dossier: [{of: d}, {of: a, part: p}, {of: r, part: Q}]\n"
	    "  access: [{field: a.b}, {field: r.handler, unless: z}]\n"
	    "properties: {a: {type: string}, s: {enum: [t]}, r: {x-akt: {ref: case}}}\n",
	    "s.yaml:5:54: x-akt.dossier.2.part: must be a name of a-z, 0-9, _ and -\n"},
	{"fields that are not there, nothing else wrong",
	    "x-akt:\n  title: [a, b]\n  lock: {field: s, value: x, open: [c]}\n  member: m\n"
	    "  dossier: [{of: d}, {of: a, part: p}, {of: r}]\n"
	    "  access: [{field: a.b}, {field: r.handler, unless: z}]\n"
	    "properties: {a: {type: string}, s: {enum: [t]}, r: {x-akt: {ref: case}}}\n",
	    "s.yaml:2:14: x-akt.title.1: names a field that the schema does not have\n"
	    "s.yaml:3:27: x-akt.lock.value: is not one of the values that the field allows\n"
	    "s.yaml:3:37: x-akt.lock.open.0: names a field that the schema does not have\n"
	    "s.yaml:4:11: x-akt.member: names a field that the schema does not have\n"
	    "s.yaml:5:18: x-akt.dossier.0.of: names a field that the schema does not have\n"
	    "s.yaml:5:27: x-akt.dossier.1.of: names a field that refers to no record: it has no "
	    "x-akt.ref\n"
	    "s.yaml:6:20: x-akt.access.0.field: names a field that the schema does not have\n"
	    "s.yaml:6:53: x-akt.access.1.unless: names a field that the schema does not have\n"},
	{"what no text may hold, said wrongly",
	    "x-akt:\n  guard:\n  - {pattern: '(', message: {en: x}}\n  - {message: x, check: md5}\n"
	    "  - {pattern: a, message: {en: x}, digits: 1, check: luhn, on: b}\n  - 1\n"
	    "  - {pattern: a, message: {en: x}, digits: 9}\n",
	    "s.yaml:3:15: x-akt.guard.0.pattern: is not a regular expression: missing closing "
	    "parenthesis\n"
	    "s.yaml:4:5: x-akt.guard.1: must have pattern and message\n"
	    "s.yaml:4:5: x-akt.guard.1: check and digits belong together\n"
	    "s.yaml:4:15: x-akt.guard.1.message: must be a mapping with sv, en or both\n"
	    "s.yaml:4:25: x-akt.guard.1.check: must be luhn\n"
	    "s.yaml:5:44: x-akt.guard.2.digits: must be a whole number from 2 to 32\n"
	    "s.yaml:5:60: x-akt.guard.2.on: is not known here\n"
	    "s.yaml:6:5: x-akt.guard.3: must be a mapping\n"
	    "s.yaml:7:5: x-akt.guard.4: check and digits belong together\n"},
	{"a guard below the top", "properties:\n  a: {x-akt: {guard: []}}\n",
	    "s.yaml:2:22: properties.a.x-akt.guard: belongs at the top of the schema\n"},
	{"who reads, said wrongly",
	    "x-akt:\n  access:\n  - {field: s, if: [s, z], only: true}\n  - {readers: s}\n"
	    "  - {readers: r, unless: [q, 1]}\n"
	    "properties: {s: {type: boolean}, r: {x-akt: {ref: case}}}\n",
	    "s.yaml:5:30: x-akt.access.2.unless.1: must be text\n"},
	{"who reads, said wrongly, with fields that are not there",
	    "x-akt:\n  access:\n  - {field: s, if: [s, z], only: true}\n  - {readers: s}\n"
	    "  - {readers: q.x, unless: [q, r.t]}\n"
	    "properties: {s: {type: boolean}, r: {x-akt: {ref: case}}}\n",
	    "s.yaml:3:24: x-akt.access.0.if.1: names a field that the schema does not have\n"
	    "s.yaml:4:15: x-akt.access.1.readers: names a field that refers to no record: it has no "
	    "x-akt.ref\n"
	    "s.yaml:5:15: x-akt.access.2.readers: names a field that the schema does not have\n"
	    "s.yaml:5:29: x-akt.access.2.unless.0: names a field that the schema does not have\n"},
	{"who alone reads, said wrongly",
	    "x-akt:\n  access:\n  - {team: a, only: true}\n  - {team: a, if: [], only: false}\n"
	    "  - {team: a, readers: r}\n"
	    "properties: {r: {x-akt: {ref: case}}}\n",
	    "s.yaml:3:21: x-akt.access.0: needs an if: it says when nobody else may read\n"
	    "s.yaml:4:19: x-akt.access.1.if: must name at least one field\n"
	    "s.yaml:4:29: x-akt.access.1.only: must be true, or be left out\n"
	    "s.yaml:5:5: x-akt.access.2: must have one of team, field and readers\n"},
	{"labels of values that are not there",
	    "properties:\n  a: {enum: [x], x-akt: {labels: {y: {sv: Y}}}}\n",
	    "s.yaml:2:38: properties.a.x-akt.labels.y: labels a value that enum does not have\n"},
	{"x-akt of wrong kinds",
	    "x-akt: {lock: 1, access: x, dossier: [], labels: 1}\n"
	    "properties:\n  a: {x-akt: 1}\n  b: {x-akt: {ref: No-Type, key: 1}}\n",
	    "s.yaml:1:15: x-akt.lock: must be a mapping\n"
	    "s.yaml:1:26: x-akt.access: must be a list\n"
	    "s.yaml:1:38: x-akt.dossier: must name at least one dossier\n"
	    "s.yaml:1:50: x-akt.labels: must be a mapping\n"
	    "s.yaml:3:14: properties.a.x-akt: must be a mapping\n"
	    "s.yaml:4:20: properties.b.x-akt.ref: must be a record type, or \"*\" for any\n"
	    "s.yaml:4:34: properties.b.x-akt.key: must be text\n"},
	{"names of types, tables, teams and parts",
	    "x-akt:\n  table: a-b\n  version: 0\n  dossier: [{of: r, part: 'a b'}, {of: r, part: 1}]\n"
	    "  access: [{team: '~'}, {team: aaaaaaaaaabbbbbbbbbbccccccccccddd}, {team: ~bo}]\n"
	    "properties:\n  r: {type: string, x-akt: {ref: a-b}}\n  s: {type: string, x-akt: {ref: ''}}\n"
	    "  t: {type: string, x-akt: {ref: '*'}}\n  u: {type: string, x-akt: {ref: aaaaaaaaaabbbbbbbbbbccccccccccddd}}\n",
	    "s.yaml:2:10: x-akt.table: must be a name of a-z, 0-9 and _\n"
	    "s.yaml:3:12: x-akt.version: must be a whole number, 1 or more\n"
	    "s.yaml:4:27: x-akt.dossier.0.part: must be a name of a-z, 0-9, _ and -\n"
	    "s.yaml:4:49: x-akt.dossier.1.part: must be text\n"
	    "s.yaml:5:19: x-akt.access.0.team: must be a team's name\n"
	    "s.yaml:5:32: x-akt.access.1.team: must be a team's name\n"
	    "s.yaml:7:34: properties.r.x-akt.ref: must be a record type, or \"*\" for any\n"
	    "s.yaml:8:34: properties.s.x-akt.ref: must be text\n"
	    "s.yaml:10:34: properties.u.x-akt.ref: must be a record type, or \"*\" for any\n"},
	{"tables and versions", "x-akt:\n  table: a__b\n  version: 99999999999\n", "s.yaml:2:10: x-akt.table: must be a name of a-z, 0-9 and _\n"
	    "s.yaml:3:12: x-akt.version: must be a whole number, 1 or more\n"},
	{"a table that is no text, a version that is no number", "x-akt:\n  table: 1\n  version: x\n", "s.yaml:2:10: x-akt.table: must be text\n"
	    "s.yaml:3:12: x-akt.version: must be a whole number, 1 or more\n"},
	{"a table's own name", "x-akt:\n  table: hive_2\n  version: 7\n", ""},
	{"what must be a mapping", "x-akt:\n  roles: x\n  acknowledges: [a]\n  access: [a]\n  lock: 1\n  guard: [1]\n", "s.yaml:2:10: x-akt.roles: must be a mapping\n"
	    "s.yaml:3:17: x-akt.acknowledges: must be a mapping\n"
	    "s.yaml:4:12: x-akt.access.0: must be a mapping\n"
	    "s.yaml:5:9: x-akt.lock: must be a mapping\n"
	    "s.yaml:6:11: x-akt.guard.0: must be a mapping\n"},
	{"roles without teams", "x-akt:\n  roles: {field: a}\n  member: a\nproperties: {a: {type: array, items: {type: string}}}\n",
	    ""},
	{"teams that are no mapping", "x-akt:\n  roles: {field: a, teams: [b]}\n", "s.yaml:2:28: x-akt.roles.teams: must be a mapping\n"},
	{"acknowledgements by half", "x-akt:\n  acknowledges: {rule: a}\nproperties: {a: {type: string}}\n", "s.yaml:2:17: x-akt.acknowledges: must have record and rule, and both or none of field and value\n"},
	{"acknowledgements with a value alone",
	    "x-akt:\n  acknowledges: {record: a, rule: a, value: x}\nproperties: {a: {type: string, x-akt: {ref: '*'}}}\n", "s.yaml:2:17: x-akt.acknowledges: must have record and rule, and both or none of field and value\n"},
	{"only, but for what is not true", "x-akt:\n  access: [{field: a, if: a, only: false}, {field: a, if: a, only: 1}]\n"
	    "properties: {a: {type: string}}\n", "s.yaml:2:36: x-akt.access.0.only: must be true, or be left out\n"
	    "s.yaml:2:68: x-akt.access.1.only: must be true, or be left out\n"},
	{"guards at their limits",
	    "x-akt:\n  guard:\n  - {pattern: a, check: luhn, digits: 33, message: {en: x}}\n"
	    "  - {pattern: a, check: luhn, digits: 1, message: {en: x}}\n"
	    "  - {pattern: a, check: luhn, digits: x, message: {en: x}}\n"
	    "  - {pattern: a, check: 1, digits: 2, message: {en: x}}\n  - {pattern: 1, message: {en: x}}\n"
	    "  - {pattern: a}\n  - {pattern: a, check: luhn, digits: 32, message: {en: x}}\n",
	    "s.yaml:3:39: x-akt.guard.0.digits: must be a whole number from 2 to 32\n"
	    "s.yaml:4:39: x-akt.guard.1.digits: must be a whole number from 2 to 32\n"
	    "s.yaml:5:39: x-akt.guard.2.digits: must be a whole number from 2 to 32\n"
	    "s.yaml:6:25: x-akt.guard.3.check: must be luhn\n"
	    "s.yaml:7:15: x-akt.guard.4.pattern: must be text\n"
	    "s.yaml:8:5: x-akt.guard.5: must have pattern and message\n"},
	{"ids, anchors and references that are none",
	    "$id: 'a#%'\n$defs:\n  a: {$anchor: ''}\n  b: {$anchor: 1}\n  c: {$anchor: -a}\n  d: {$anchor: a b}\n"
	    "  e: {$anchor: ok}\n  f: {$anchor: ok}\n  g: {$id: g, $anchor: ok}\n  h: {$id: 'h#x'}\n",
	    "s.yaml:1:6: $id: must be a URI without a fragment (#...)\n"
	    "s.yaml:3:16: $defs.a.$anchor: must be a name: letters, digits, '-', '_' and '.', a letter or '_' first\n"
	    "s.yaml:4:16: $defs.b.$anchor: must be a name: letters, digits, '-', '_' and '.', a letter or '_' first\n"
	    "s.yaml:5:16: $defs.c.$anchor: must be a name: letters, digits, '-', '_' and '.', a letter or '_' first\n"
	    "s.yaml:6:16: $defs.d.$anchor: must be a name: letters, digits, '-', '_' and '.', a letter or '_' first\n"
	    "s.yaml:8:16: $defs.f.$anchor: is used by another schema already\n"
	    "s.yaml:10:12: $defs.h.$id: must be a URI without a fragment (#...)\n"},
	{"dialects", "$schema: https://json-schema.org/draft/2020-12/schema#\n$defs:\n"
	    "  a: {$id: a, $schema: 'https://json-schema.org/draft/2020-12/schemas'}\n"
	    "  b: {$id: b, $schema: 'https://json-schema.org/draft/2020-12/schema#x'}\n"
	    "  c: {$id: c, $schema: 'https://json-schema.org/draft/2020-12/schem'}\n  d: {$id: d, $schema: 1}\n",
	    "s.yaml:3:24: $defs.a.$schema: must be https://json-schema.org/draft/2020-12/schema\n"
	    "s.yaml:4:24: $defs.b.$schema: must be https://json-schema.org/draft/2020-12/schema\n"
	    "s.yaml:5:24: $defs.c.$schema: must be https://json-schema.org/draft/2020-12/schema\n"
	    "s.yaml:6:24: $defs.d.$schema: must be text\n"},
	{"references to nothing", "$defs: {e: {$anchor: ok}}\n"
	    "allOf:\n- $ref: '#/allOf/x'\n- $ref: '#/allOf/01'\n- $ref: '#/allOf/99'\n- $ref: '#/allOf/0x'\n"
	    "- $ref: '#/$defs/~2'\n- $ref: '#/$defs/~'\n- $ref: '#x'\n- $ref: '#%4g'\n- $ref: 'other.yaml'\n- $ref: '#/$defs/e/$anchor/x'\n",
	    "s.yaml:3:9: allOf.0.$ref: refers to nothing\n"
	    "s.yaml:4:9: allOf.1.$ref: refers to nothing\n"
	    "s.yaml:5:9: allOf.2.$ref: refers to nothing\n"
	    "s.yaml:6:9: allOf.3.$ref: refers to nothing\n"
	    "s.yaml:7:9: allOf.4.$ref: refers to nothing\n"
	    "s.yaml:8:9: allOf.5.$ref: refers to nothing\n"
	    "s.yaml:9:9: allOf.6.$ref: refers to nothing\n"
	    "s.yaml:10:9: allOf.7.$ref: is not a reference (RFC 3986)\n"
	    "s.yaml:11:9: allOf.8.$ref: refers to a document that is not here; nothing is fetched\n"
	    "s.yaml:12:9: allOf.9.$ref: refers to nothing\n"},
	{"references that are", "$defs:\n  'a/b': {type: string}\n  'a~b': {type: string}\n  l: {allOf: [{}, {type: string}]}\n"
	    "  g: {$id: 'sub/g.yaml', $anchor: ok, type: string}\n"
	    "allOf:\n- $ref: '#/$defs/a~1b'\n- $ref: '#/$defs/a~0b'\n- $ref: '#/$defs/l/allOf/1'\n- $ref: 'sub/g.yaml#ok'\n"
	    "- $ref: 'sub/g.yaml'\n- minLength: 1\n", ""},
	{"unknown parts of x-akt",
	    "x-akt: {lock: {field: s, value: x, closed: []}, dossier: {of: r, parts: p}}\n"
	    "properties: {s: {type: string}, r: {x-akt: {ref: case}}}\n",
	    "s.yaml:1:36: x-akt.lock.closed: is not known here\n"
	    "s.yaml:1:66: x-akt.dossier.parts: is not known here\n"},
	{"one dossier of a field that is not there", "x-akt: {dossier: {of: r}}\n",
	    "s.yaml:1:23: x-akt.dossier.of: names a field that the schema does not have\n"},
	{"a dossier that always holds must be last",
	    "x-akt: {dossier: [own, {of: r}]}\nproperties: {r: {x-akt: {ref: '*'}}}\n",
	    "s.yaml:1:19: x-akt.dossier.0: must be the last: it always holds\n"},
};

static char *
faults(const char *yaml, enum schema_mode mode)
{
	struct arena *a = arena_new();
	struct schema *s = NULL, *untouched = (struct schema *)a;
	struct diags d = {0};
	struct err e = {0};
	char *lines;
	int rc;

	s = untouched;
	rc = schema_compile(&s, help_doc(a, yaml), "s.yaml", mode, NULL, &d, &e);
	lines = help_lines(&d);
	if (d.n) {
		assert_int_equal(rc, ERR_INVALID);
		assert_int_equal(e.item[0].code, ERR_INVALID);
		assert_ptr_equal(s, untouched);
	} else {
		assert_int_equal(rc, 0);
		schema_free(s);
	}
	diags_free(&d);
	arena_free(a);
	return lines;
}

static void
test_row(void **state)
{
	const struct row *row = *state;
	char *lines = faults(row->schema, SCHEMA_STORE);

	help_equal(row->name, lines, row->want);
	free(lines);
}

static void
test_open_mode(void **state)
{
	static const struct row open[] = {
		{"unknown keywords are annotations", "{nonsense: 1, format: own, properties: {a: true}}", ""},
		{"any dialect", "{$schema: 'http://json-schema.org/draft-07/schema#'}", ""},
		{"lists of mappings need not say", "{type: array, items: {type: object}}", ""},
		{"wrong kinds are faults all the same", "{minLength: x}",
		    "s.yaml:1:13: minLength: must be a whole number, 0 or more\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		char *lines = faults(open[i].schema, SCHEMA_OPEN);

		help_equal(open[i].name, lines, open[i].want);
		free(lines);
	}
}

/* Faults in a document that is only referred to carry its own name. */
static void
test_other_documents(void **state)
{
	struct arena *a = arena_new();
	struct schema_docs docs = {0};
	struct schema *s = NULL;
	struct diags d = {0};
	struct err e = {0};
	char *lines;

	(void)state;
	docs.v = calloc(2, sizeof *docs.v);
	docs.n = 2;
	docs.v[0].uri = "https://unit.example/common.yaml";
	docs.v[0].doc = help_doc(a, "$defs:\n  day: {type: string, format: date}\n");
	docs.v[1].uri = "broken.yaml";
	docs.v[1].doc = help_doc(a, "{typ: string}");
	assert_int_equal(schema_compile(&s, help_doc(a,
	    "{properties: {a: {$ref: 'https://unit.example/common.yaml#/$defs/day'}}}"), "s.yaml",
	    SCHEMA_STORE, &docs, &d, NULL), 0);
	assert_string_equal(schema_shape(s)->fields[0]->format, "date");
	schema_free(s);
	/* the top of such a document says nothing of the record type */
	docs.v[0].doc = help_doc(a, "x-akt: {version: 9, table: other, write: [auditor]}\ntype: object\n");
	assert_int_equal(schema_compile(&s, help_doc(a, "{$ref: 'https://unit.example/common.yaml', x-akt: {version: 2}}"),
	    NULL, SCHEMA_STORE, &docs, NULL, NULL), 0);
	assert_int_equal(schema_akt(s)->version, 2);
	assert_null(schema_akt(s)->table);
	schema_free(s);
	/* without a place for findings, the number alone */
	assert_int_equal(schema_compile(&s, help_doc(a, "{$ref: broken.yaml, minLength: x}"), "s.yaml", SCHEMA_STORE, &docs, NULL,
	    &e), ERR_INVALID);
	assert_string_equal(e.item[0].text, "the schema has 2 errors");
	assert_int_equal(schema_compile(&s, help_doc(a, "{$ref: broken.yaml}"), "s.yaml",
	    SCHEMA_STORE, &docs, &d, NULL), ERR_INVALID);
	lines = help_lines(&d);
	assert_string_equal(lines,
	    "broken.yaml:1:2: typ: is not a JSON Schema keyword; own ones begin with x-\n");
	free(lines);
	diags_free(&d);
	free(docs.v);
	arena_free(a);
}

int
main(void)
{
	enum { ROWS = sizeof rows / sizeof *rows };
	struct CMUnitTest tests[ROWS + 2];

	i18n_set("en");
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].name,
			.test_func = test_row,
			.initial_state = (void *)(uintptr_t)&rows[i],
		};
	tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(test_open_mode);
	tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(test_other_documents);
	return _cmocka_run_group_tests("faults", tests, ROWS + 2, NULL, NULL);
}
