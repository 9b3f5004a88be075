/** Nodes: building, editing, equality, JSON; numbers are kept exact. */
#include "tree/tree_help.h"

static struct node *
y(struct arena *a, const char *s)
{
	return help_parse(a, s, strlen(s), YAML_RAW);
}

static void
edits(void **state)
{
	struct arena *a = arena_new();
	struct node *m = node_map(a), *l = node_seq(a);
	char *got;

	(void)state;
	node_set(a, m, "b", node_int(a, -7));
	node_set(a, m, "a", node_str(a, "x"));
	node_set(a, m, "b", node_bool(a, true));
	for (int i = 0; i < 20; i++)
		node_push(a, l, node_int(a, i));
	while (l->n > 2)
		node_seq_del(l, 1);
	node_seq_insert(a, l, 0, node_null(a));
	node_seq_insert(a, l, 3, node_strn(a, "q\"", 2));
	node_set(a, m, "l", l);
	assert_true(node_del(m, "a"));
	assert_false(node_del(m, "a"));
	assert_false(node_del(l, "a"));
	assert_null(node_get(m, "a"));
	assert_null(node_get(NULL, "a"));
	assert_null(node_get(l, "a"));
	assert_null(node_get_str(m, "b"));
	assert_true(node_get(m, "b")->b);
	got = help_canonical(m);
	assert_string_equal(got, "{\"b\":true,\"l\":[null,0,19,\"q\\\"\"]}");
	free(got);
	arena_free(a);
}

static void
a_nul_hides_no_value(void **state)
{
	struct arena *a = arena_new();
	struct node *m = y(a, "{id: \"abc\\0def\", t: abc}");

	(void)state;
	assert_null(node_get_str(m, "id"));
	assert_string_equal(node_get_str(m, "t"), "abc");
	assert_int_equal(node_get(m, "id")->len, 7);
	assert_false(node_equal(node_get(m, "id"), node_get(m, "t")));
	arena_free(a);
}

static void
clones_stand_alone(void **state)
{
	struct arena *a = arena_new(), *b = arena_new();
	struct node *n = y(a, "{a: [1, {b: x}], c: 1.5}"), *c = node_clone(b, n);
	char *got;

	(void)state;
	assert_true(node_equal(n, c));
	assert_int_equal(c->map[1].column, n->map[1].column);
	node_set(b, c, "d", node_null(b));
	node_push(b, node_get(c, "a"), node_null(b));
	assert_int_equal(n->n, 2);
	assert_int_equal(node_get(n, "a")->n, 2);
	arena_free(a);
	got = help_canonical(c);
	assert_string_equal(got, "{\"a\":[1,{\"b\":\"x\"},null],\"c\":1.5,\"d\":null}");
	free(got);
	arena_free(b);
}

static void
equality(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"1", "1.0", true},
		{"1", "10e-1", true},
		{"0x1F", "31", true},
		{"0o17", "15", true},
		{"-0", "0.0", true},
		{"+1", "1", true},
		{"0.1", "0.10000000000000001", false},
		{"9007199254740993", "9007199254740992.0", false},
		{"9007199254740993", "9007199254740993.0", true},
		{"18446744073709551616", "1.8446744073709551616e19", true},
		{"0x10000000000000000", "18446744073709551616", true},
		{"1e400", "1e401", false},
		{"1e400", "10e399", true},
		{"1e-400", "0", false},
		{"1", "true", false},
		{"0", "false", false},
		{"1", "'1'", false},
		{"null", "~", true},
		{"null", "false", false},
		{"null", "''", false},
		{"", "null", true},
		{"{a: 1, b: 2}", "{b: 2.0, a: 1}", true},
		{"{a: 1, b: 2}", "{a: 1}", false},
		{"{a: 1, b: 2}", "{a: 1, c: 2}", false},
		{"{a: 1, b: 2}", "{b: 1, a: 2}", false},
		{"[1, 2]", "[2, 1]", false},
		{"[1, 2]", "[1, 2, 3]", false},
		{"[]", "{}", false},
		{"[[], {}]", "[[], {}]", true},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena *a = arena_new();
		struct node *x = y(a, rows[i].a), *z = y(a, rows[i].b);
		char *cx = help_canonical(x), *cz = help_canonical(z);

		if (node_equal(x, z) != rows[i].same || node_equal(z, x) != rows[i].same ||
		    (strcmp(cx, cz) == 0) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		free(cx);
		free(cz);
		arena_free(a);
	}
	assert_true(node_equal(NULL, NULL));
	{
		struct arena *a = arena_new();

		assert_false(node_equal(NULL, node_null(a)));
		assert_false(node_equal(node_null(a), NULL));
		arena_free(a);
	}
}

static void
large_maps_in_any_order(void **state)
{
	struct arena *a = arena_new();
	struct node *x = node_map(a), *z = node_map(a);
	char key[16];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		node_append(a, x, key, node_int(a, i));
		snprintf(key, sizeof key, "k%d", 99999 - i);
		node_append(a, z, key, node_int(a, 99999 - i));
	}
	assert_true(node_equal(x, z));
	z->map[50000].value = node_int(a, -1);
	assert_false(node_equal(x, z));
	arena_free(a);
}

static void
numbers(void **state)
{
	static const struct {
		const char *text;
		enum node_kind kind;
		bool integer;
		const char *json;
		double d;
	} rows[] = {
		{"0", NODE_INT, true, "0", 0},
		{"-0", NODE_INT, true, "0", 0},
		{"-0.0", NODE_REAL, true, "0", 0},
		{"007", NODE_INT, true, "7", 7},
		{"9223372036854775807", NODE_INT, true, "9223372036854775807", 0x1p63},
		{"-9223372036854775808", NODE_INT, true, "-9223372036854775808", -0x1p63},
		{"9223372036854775808", NODE_REAL, true, "9223372036854775808", 0x1p63},
		{"-9223372036854775809", NODE_REAL, true, "-9223372036854775809", -0x1p63},
		{"0x7fffffffffffffff", NODE_INT, true, "9223372036854775807", 0x1p63},
		{"0xFFFFFFFFFFFFFFFF", NODE_REAL, true, "18446744073709551615", 0x1p64},
		{"1.0", NODE_REAL, true, "1", 1},
		{"1.", NODE_REAL, true, "1", 1},
		{".5", NODE_REAL, false, "0.5", 0.5},
		{"-.5e1", NODE_REAL, true, "-5", -5},
		{"1e3", NODE_REAL, true, "1000", 1000},
		{"1E+3", NODE_REAL, true, "1000", 1000},
		{"12.340", NODE_REAL, false, "12.34", 12.34},
		{"0.00001", NODE_REAL, false, "0.00001", 1e-5},
		{"0.000001", NODE_REAL, false, "0.000001", 1e-6},
		{"0.0000001", NODE_REAL, false, "1e-7", 1e-7},
		{"1.5e-300", NODE_REAL, false, "1.5e-300", 1.5e-300},
		{"1e39", NODE_REAL, true, "1000000000000000000000000000000000000000", 1e39},
		{"1e40", NODE_REAL, true, "1e+40", 1e40},
		{"1e400", NODE_REAL, true, "1e+400", 1.7976931348623157e308},
		{"-1e400", NODE_REAL, true, "-1e+400", -1.7976931348623157e308},
		{"123456789012345678901234567890", NODE_REAL, true,
		    "123456789012345678901234567890", 123456789012345678901234567890.0},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena *a = arena_new();
		struct node *n = y(a, rows[i].text);
		char *json = help_canonical(n);

		if (n->kind != rows[i].kind || node_is_integer(n) != rows[i].integer ||
		    strcmp(json, rows[i].json) != 0 || n->d != rows[i].d ||
		    strcmp(n->text, rows[i].text) != 0)
			fail_msg("%s: kind %d, %s, %.17g", rows[i].text, n->kind, json, n->d);
		free(json);
		arena_free(a);
	}
}

static void
number_order(void **state)
{
	static const char *const up[] = {"-1e400", "-9223372036854775809", "-9223372036854775808",
	    "-2", "-1.5", "-1e-400", "0", "1e-401", "1e-400", "0.1", "0.11", "0.2", "1", "1.01", "9", "10",
	    "9223372036854775807", "9223372036854775807.5", "9223372036854775808", "1e400"};

	(void)state;
	for (size_t i = 0; i < LEN(up); i++) {
		for (size_t j = 0; j < LEN(up); j++) {
			struct arena *a = arena_new();
			int c = node_number_cmp(y(a, up[i]), y(a, up[j]));

			if ((c > 0) - (c < 0) != (i > j) - (i < j))
				fail_msg("%s, %s: %d", up[i], up[j], c);
			arena_free(a);
		}
	}
}

static void
json(void **state)
{
	struct arena *a = arena_new();
	struct node *n = y(a, "{z: [~, True, 0x10], a: \"l\\n\\t\\e\\\"å\", '': {}, e: []}");
	struct buf b = {0};
	char *c = help_canonical(n);

	(void)state;
	node_json(&b, n);
	assert_string_equal(buf_str(&b),
	    "{\"z\":[null,true,16],\"a\":\"l\\n\\t\\u001b\\\"å\",\"\":{},\"e\":[]}");
	assert_string_equal(c,
	    "{\"\":{},\"a\":\"l\\n\\t\\u001b\\\"å\",\"e\":[],\"z\":[null,true,16]}");
	free(c);
	buf_free(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(a_nul_hides_no_value),
		cmocka_unit_test(clones_stand_alone),
		cmocka_unit_test(equality),
		cmocka_unit_test(large_maps_in_any_order),
		cmocka_unit_test(numbers),
		cmocka_unit_test(number_order),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
