/* Schemas and documents made to hang, overflow or slip through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "schema/help.h"
#include "tree/node.h"

static int
compile(struct schema **s, const struct node *doc, char **lines)
{
	struct diags d = {0};
	int rc = schema_compile(s, doc, "s.yaml", SCHEMA_STORE, NULL, &d, NULL);

	*lines = help_lines(&d);
	diags_free(&d);
	return rc;
}

static void
test_deep_schema(void **state)
{
	struct arena *a = arena_new();
	struct node *n = node_bool(a, true);
	struct schema *s = NULL;
	char *lines;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct node *up = node_map(a);

		node_set(a, up, "not", n);
		n = up;
	}
	assert_int_equal(compile(&s, n, &lines), ERR_INVALID);
	assert_non_null(strstr(lines, "is nested too deep"));
	free(lines);
	arena_free(a);
}

/* A chain of references, each to the next: first to last, and last to first. */
static void
test_long_chain_of_references(void **state)
{
	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		struct arena *a = arena_new();
		struct node *top = node_map(a), *defs = node_map(a);
		struct schema *s = NULL;
		char *lines;

		enum { LONG = 5000 };

		node_set(a, top, "$defs", defs);
		for (int i = 0; i < LONG; i++) {
			int at = backwards ? LONG - 1 - i : i;
			struct node *def = node_map(a);

			if (at + 1 < LONG)
				node_set(a, def, "$ref",
				    node_str(a, arena_printf(a, "#/$defs/d%d", at + 1)));
			node_set(a, defs, arena_printf(a, "d%d", at), def);
		}
		assert_int_equal(compile(&s, top, &lines), ERR_INVALID);
		assert_non_null(strstr(lines, "is reached through too many references"));
		free(lines);
		arena_free(a);
	}
}

/* 2^60 evaluations of one value. */
static void
test_exponential_schema(void **state)
{
	struct arena *a = arena_new();
	struct buf text = {0};
	struct schema *s = NULL;
	struct diags d = {0};
	char *lines;

	(void)state;
	buf_puts(&text, "$ref: '#/$defs/d0'\n$defs:\n");
	for (int i = 0; i < 60; i++)
		buf_printf(&text, "  d%d: {allOf: [{$ref: '#/$defs/d%d'}, {$ref: '#/$defs/d%d'}]}\n", i,
		    i + 1, i + 1);
	buf_puts(&text, "  d60: {type: string}\n");
	s = help_schema(a, buf_str(&text));
	assert_false(schema_validate(s, help_doc(a, "x\n"), "f.yaml", "", &d));
	lines = help_lines(&d);
	assert_string_equal(lines,
	    "f.yaml:1:1: is too deep or too large to be checked against its schema\n");
	free(lines);
	diags_free(&d);
	schema_free(s);
	buf_free(&text);
	arena_free(a);
}

static void
test_deep_document(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{properties: {a: {$ref: '#'}}, type: object}");
	struct node *n = node_map(a);
	struct diags d = {0};

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct node *up = node_map(a);

		node_set(a, up, "a", n);
		n = up;
	}
	assert_false(schema_validate(s, n, "f.yaml", "", &d));
	assert_int_equal(d.n, 1);
	assert_string_equal(d.v[0].text, "is too deep or too large to be checked against its schema");
	diags_free(&d);
	schema_free(s);
	arena_free(a);
}

static void
test_catastrophic_pattern(void **state)
{
	static const char *const schemas[] = {
		"{pattern: '^(a+)+$'}",
		/* must not turn a pattern that gave up into a pass, wherever it stands */
		"{not: {pattern: '^(a+)+$'}}",
		"{anyOf: [{pattern: '^(a+)+$'}, true]}",
		"{if: {pattern: '^(a+)+$'}, then: true, else: true}",
		"{oneOf: [{pattern: '^(a+)+$'}, true]}",
	};
	struct arena *a = arena_new();
	struct node *doc = help_doc(a, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n");

	(void)state;
	for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
		struct schema *s = help_schema(a, schemas[i]);
		struct diags d = {0};

		assert_false(schema_validate(s, doc, "f.yaml", "", NULL));
		assert_false(schema_validate(s, doc, "f.yaml", "", &d));
		assert_int_equal(d.n, 1);
		assert_string_equal(d.v[0].text, "could not be checked: a pattern of the schema takes "
		                                 "too long; ask who keeps it");
		diags_free(&d);
		schema_free(s);
	}
	arena_free(a);
}

static void
test_patterns_of_patterns(void **state)
{
	struct arena *a = arena_new();
	struct buf text = {0};
	struct schema *s = NULL;
	char *lines;

	(void)state;
	/* too long */
	buf_puts(&text, "pattern: '");
	for (int i = 0; i < 5000; i++)
		buf_putc(&text, 'a');
	buf_puts(&text, "'\n");
	assert_int_equal(compile(&s, help_doc(a, buf_str(&text)), &lines), ERR_INVALID);
	assert_string_equal(lines,
	    "s.yaml:1:10: pattern: is not a regular expression: it is longer than 4096 bytes\n");
	free(lines);
	/* too deep */
	buf_reset(&text);
	buf_puts(&text, "pattern: '");
	for (int i = 0; i < 1000; i++)
		buf_putc(&text, '(');
	for (int i = 0; i < 1000; i++)
		buf_putc(&text, ')');
	buf_puts(&text, "'\n");
	assert_int_equal(compile(&s, help_doc(a, buf_str(&text)), &lines), ERR_INVALID);
	assert_non_null(strstr(lines, "too deeply nested"));
	free(lines);
	/* too large when compiled */
	assert_int_equal(compile(&s, help_doc(a, "pattern: '((a{1,60000}){1,60000}){1,60000}'\n"),
	    &lines), ERR_INVALID);
	assert_non_null(strstr(lines, "is not a regular expression"));
	free(lines);
	buf_free(&text);
	arena_free(a);
}

/* A long text must not be taken for a catastrophic one. */
static void
test_long_text(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{type: string, not: {pattern: '[0-9]{6}[-+]?[0-9]{4}'}}");
	struct buf text = {0};
	struct node *n;

	(void)state;
	for (int i = 0; i < 200000; i++)
		buf_puts(&text, "ord 12 ");
	n = node_strn(a, text.p, text.n);
	assert_true(schema_validate(s, n, "f.yaml", "", NULL));
	buf_puts(&text, "121212-1212");
	n = node_strn(a, text.p, text.n);
	assert_false(schema_validate(s, n, "f.yaml", "", NULL));
	buf_free(&text);
	schema_free(s);
	arena_free(a);
}

static void
test_long_lists(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "properties:\n  u: {type: array, uniqueItems: true}\n"
	                                  "  g: {type: array, x-akt: {key: k}, items: {type: object}}\n");
	struct node *doc = node_map(a), *u = node_seq(a), *g = node_seq(a);

	(void)state;
	node_set(a, doc, "u", u);
	node_set(a, doc, "g", g);
	for (int i = 0; i < 50000; i++) {
		struct node *item = node_map(a);

		node_push(a, u, node_int(a, i));
		node_push(a, g, item);
	}
	shape_normalise(a, schema_shape(s), doc);
	assert_true(schema_validate(s, doc, "f.yaml", "", NULL));
	node_push(a, u, node_int(a, 7));
	assert_false(schema_validate(s, doc, "f.yaml", "", NULL));
	schema_free(s);
	arena_free(a);
}

/* More findings than anyone reads are cut; the verdict stands. */
static void
test_many_findings(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "{items: {type: string}}");
	struct node *doc = node_seq(a);
	struct diags d = {0};

	(void)state;
	for (int i = 0; i < 100000; i++)
		node_push(a, doc, node_int(a, i));
	assert_false(schema_validate(s, doc, "f.yaml", "", &d));
	assert_true(d.n > 0 && d.n < 100000);
	diags_free(&d);
	schema_free(s);
	arena_free(a);
}

/* Definitions that refer to each other in every way, all of them fields. */
static void
test_tangled_shape(void **state)
{
	struct arena *a = arena_new();
	struct buf text = {0};
	struct schema *s = NULL;
	char *lines;

	(void)state;
	buf_puts(&text, "$ref: '#/$defs/d0'\n$defs:\n");
	for (int i = 0; i < 12; i++)
		buf_printf(&text, "  d%d: {properties: {a: {anyOf: [{$ref: '#/$defs/d%d'}, {$ref: "
		    "'#/$defs/d%d'}]}, b: {allOf: [{$ref: '#/$defs/d%d'}]}}}\n", i, (i + 1) % 12,
		    (i * 7 + 3) % 12, (i * 5 + 2) % 12);
	/* either is fine; it must end, and end well */
	if (compile(&s, help_doc(a, buf_str(&text)), &lines) == 0)
		schema_free(s);
	free(lines);
	buf_free(&text);
	arena_free(a);
}

static void
test_too_many_fields(void **state)
{
	struct arena *a = arena_new();
	struct node *top = node_map(a), *fields = node_map(a);
	struct schema *s = NULL;
	char *lines;

	(void)state;
	node_set(a, top, "properties", fields);
	for (int i = 0; i < 5000; i++)
		node_set(a, fields, arena_printf(a, "f%d", i), node_map(a));
	node_set(a, top, "allOf", help_doc(a, "[{minProperties: 1}]"));
	assert_int_equal(compile(&s, top, &lines), ERR_INVALID);
	assert_string_equal(lines, "s.yaml: is too large, or refers to itself in too many ways, to "
	                           "be laid out as fields\n");
	free(lines);
	arena_free(a);
}

static void
assert_too_large(const struct node *schema)
{
	struct schema *s = NULL;
	char *lines;

	assert_int_equal(compile(&s, schema, &lines), ERR_INVALID);
	assert_string_equal(lines, "s.yaml: is too large, or refers to itself in too many ways, to "
	                           "be laid out as fields\n");
	free(lines);
}

/* Too many subschemas that apply to one value. */
static void
test_too_many_in_place(void **state)
{
	struct arena *a = arena_new();
	struct node *top = node_map(a), *all = node_seq(a);

	(void)state;
	node_set(a, top, "allOf", all);
	for (int i = 0; i < 5000; i++)
		node_push(a, all, help_doc(a, "{minLength: 1}"));
	assert_too_large(top);
	arena_free(a);
}

/* Fields below fields, each of another definition: more levels than a shape has. */
static void
test_too_many_levels(void **state)
{
	struct arena *a = arena_new();
	struct node *top = node_map(a), *defs = node_map(a);

	(void)state;
	node_set(a, top, "$defs", defs);
	node_set(a, top, "$ref", node_str(a, "#/$defs/d0"));
	for (int i = 0; i < 250; i++)
		node_set(a, defs, arena_printf(a, "d%d", i),
		    help_doc(a, i < 249 ? arena_printf(a, "{properties: {a: {$ref: '#/$defs/d%d'}}}", i + 1) : "{type: string}"));
	assert_too_large(top);
	arena_free(a);
}

/* A pointer through more levels than a document has leads nowhere. */
static void
test_long_pointer(void **state)
{
	struct arena *a = arena_new();
	struct node *top = node_map(a), *n = help_doc(a, "{type: string}");
	struct schema *s = NULL;
	struct buf at = {0};
	char *lines;

	(void)state;
	buf_puts(&at, "#");
	for (int i = 0; i < 70; i++) {
		struct node *up = node_map(a);

		node_set(a, up, "not", n);
		n = up;
		buf_puts(&at, "/not");
	}
	node_set(a, top, "not", node_get(n, "not"));
	node_set(a, top, "$ref", node_str(a, buf_str(&at)));
	assert_int_equal(compile(&s, top, &lines), ERR_INVALID);
	assert_non_null(strstr(lines, "$ref: refers to nothing"));
	free(lines);
	buf_free(&at);
	arena_free(a);
}

/* Of more names than are compared one may be there twice: it is as required as once. */
static void
test_many_names(void **state)
{
	struct arena *a = arena_new();
	struct node *top = node_map(a), *names = node_seq(a);
	struct schema *s = NULL;
	struct diags d = {0};
	char *lines;

	(void)state;
	for (int i = 0; i < 1200; i++)
		node_push(a, names, node_str(a, arena_printf(a, "f%d", i)));
	node_push(a, names, node_str(a, "f1100"));
	node_set(a, top, "required", names);
	assert_int_equal(compile(&s, top, &lines), 0);
	free(lines);
	assert_false(schema_validate(s, node_map(a), "f", "", &d));
	assert_int_equal(d.n, 1000);
	diags_free(&d);
	schema_free(s);
	node_push(a, names, node_str(a, "f7"));
	assert_int_equal(compile(&s, top, &lines), ERR_INVALID);
	assert_string_equal(lines, "s.yaml: required.1201: is in the list twice\n");
	free(lines);
	arena_free(a);
}

static void
test_numbers(void **state)
{
	static const struct {
		const char *schema, *doc;
		bool valid;
	} rows[] = {
		{"{multipleOf: 0.0001}", "0.0075", true},
		{"{multipleOf: 0.0001}", "0.00751", false},
		{"{multipleOf: 0.123456789}", "1e308", false},
		{"{multipleOf: 0.5}", "1e308", true},
		{"{multipleOf: 3}", "1e30", false},
		{"{multipleOf: 3}", "3e30", true},
		{"{multipleOf: 999999999999999999}", "999999999999999998000000000000000001", true},
		{"{multipleOf: 999999999999999999}", "999999999999999998000000000000000002", false},
		{"{multipleOf: 1e-300}", "1e300", true},
		{"{multipleOf: 1e300}", "1e-300", false},
		{"{multipleOf: 7}", "-21", true},
		{"{multipleOf: 7}", "0", true},
		{"{maximum: 9223372036854775807}", "9223372036854775808", false},
		{"{maximum: 18446744073709551615}", "18446744073709551615", true},
		{"{minimum: -18446744073709551615}", "-18446744073709551616", false},
		{"{type: integer}", "12345678901234567890123", true},
		{"{type: integer}", "1.0", true},
		{"{type: integer}", "1e3", true},
		{"{type: integer}", "1.5e0", false},
		{"{type: integer}", "0x1F", true},
		{"{const: 31}", "0x1F", true},
		{"{maximum: 0.1}", "0.1000000000000000000001", false},
		{"{maximum: 0.1}", "0.10", true},
		{"{enum: [1.0]}", "1", true},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct schema *s = help_schema(a, rows[i].schema);

		if (schema_validate(s, help_doc(a, rows[i].doc), "f", "", NULL) != rows[i].valid)
			fail_msg("%s and %s", rows[i].schema, rows[i].doc);
		schema_free(s);
	}
	arena_free(a);
}

/* Beyond the suite's cases: what is nearly right. */
static void
test_formats(void **state)
{
	static const struct {
		const char *format, *text;
		bool valid;
	} rows[] = {
		{"date", "2026-02-29", false}, {"date", "2026-2-9", false}, {"date", "", false},
		{"date", " 2026-02-09", false}, {"date", "2026-02-09 ", false}, {"date", "0000-01-01", true},
		{"time", "09:14:00", false}, {"time", "09:14Z", false}, {"time", "09:14:00.Z", false},
		{"time", "23:59:60Z", true}, {"time", "12:00:60Z", false}, {"time", "24:00:00Z", false},
		{"date-time", "2026-03-02 09:14:00Z", false}, {"date-time", "2026-03-02T09:14:00+01:00", true},
		{"date-time", "2026-03-02T09:14:00+0100", false},
		{"duration", "P1Y1D", false}, {"duration", "PT1H1S", false}, {"duration", "P1.5D", false},
		{"duration", "P3M", true}, {"duration", "p3M", false}, {"duration", "P1WT1H", false},
		{"duration", "-P1D", false}, {"duration", "P1YT1H", true},
		{"email", "a@b", true}, {"email", "a@", false}, {"email", "@b", false}, {"email", "a b@c", false},
		{"email", "a@b..c", false}, {"email", "a@-b.c", false}, {"email", "a@b-.c", false},
		{"email", "\"\"@b", true}, {"email", "\"a\"b@c", false}, {"email", "a@[1.2.3]", false},
		{"email", "\"a\\\"b\"@c", true}, {"email", "\"a\\", false},
		{"email", "a@[IPv6:1::2::3]", false}, {"email", "åsa@b.se", false},
		{"uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g", false},
		{"uri", "https://example.org/a b", false}, {"uri", "https://example.org/%zz", false},
		{"uri", "https://[::1]:80/", true}, {"uri", "https://[::1/", false},
		{"uri", "https://example.org/å", false}, {"uri", "https://a:b:c/", false},
		{"uri", "1a:b", false}, {"uri", "a:", true}, {"uri", "https://example.org/a#b#c", false},
		{"uri", "https://example.org/<x>", false}, {"uri", "https://[v1.a:b]/", true},
		{"uri", "https://[1:2:3:4:5:6:7:8::]/", false}, {"uri", "https://[1:2:3:4:5:6:7::]/", true},
		{"uri", "https://[1:2:3:4:5:6:7]/", false}, {"uri", "https://[1:2:3:4:5:6:1.2.3.4]/", true},
		{"hostname", "!", true}, /* an annotation */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (schema_format_valid(rows[i].format, rows[i].text, strlen(rows[i].text)) !=
		    rows[i].valid)
			fail_msg("%s %s", rows[i].format, rows[i].text);
	/* a NUL does not end what is checked */
	assert_false(schema_format_valid("date", "2026-03-02\0x", 12));
	assert_false(schema_format_valid("uri", "a:b\0c", 5));
	assert_false(schema_format_valid("email", "a@b\0c", 5));
}

/* A record of 30 fields, as many as a unit has in ten years. The bound is loose, for slow
 * machines and sanitizers: it catches another order of growth, not a slow day. */
static void
test_speed(void **state)
{
	struct arena *a = arena_new();
	struct buf schema = {0}, text = {0};
	struct schema *s;
	struct node *doc;
	clock_t start;
	double seconds;

	(void)state;
	buf_puts(&schema, "type: object\nunevaluatedProperties: false\nrequired: [f0, f9, f20]\n"
	                  "allOf: [{if: {properties: {f1: {const: nope}}}, then: {required: [q]}}]\n"
	                  "properties:\n");
	for (int i = 0; i < 30; i++) {
		buf_printf(&schema, "  f%d: {type: string, %s}\n", i,
		    i % 3 == 0       ? "format: date"
		        : i % 3 == 1 ? "maxLength: 200, not: {pattern: '[0-9]{6}[-+ ]?[0-9]{4}'}"
		                     : "enum: [a, b, c, d]");
		buf_printf(&text, "f%d: %s\n", i,
		    i % 3 == 0 ? "2026-03-02" : i % 3 == 1 ? "barnet bor hos sin mormor" : "d");
	}
	s = help_schema(a, buf_str(&schema));
	doc = help_doc(a, buf_str(&text));
	start = clock();
	for (int i = 0; i < 10000; i++)
		assert_true(schema_validate(s, doc, "f.yaml", "data", NULL));
	seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	print_message("# 10,000 records of 30 fields: %.2f s\n", seconds);
	assert_true(seconds < 8);
	schema_free(s);
	buf_free(&schema);
	buf_free(&text);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deep_schema),
		cmocka_unit_test(test_long_chain_of_references),
		cmocka_unit_test(test_exponential_schema),
		cmocka_unit_test(test_deep_document),
		cmocka_unit_test(test_catastrophic_pattern),
		cmocka_unit_test(test_patterns_of_patterns),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_many_findings),
		cmocka_unit_test(test_tangled_shape),
		cmocka_unit_test(test_too_many_fields),
		cmocka_unit_test(test_too_many_in_place),
		cmocka_unit_test(test_too_many_levels),
		cmocka_unit_test(test_long_pointer),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_speed),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
