/** The canonical form, byte by byte. */
#include "tree/tree_help.h"

static void
canonical(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		/* docs/formats.md */
		{"akt: 1\nid: 7k3f9q2m1x\nunit: \"0a1b2c3d4e\"\nname: 'Barn och ungdom'\nsettings: {basis: [gdpr, "
		 "sol], erase_signers: 0x2, go_live: \"2026-01-01\"}\n",
		 "akt: 1\nid: 7k3f9q2m1x\nunit: 0a1b2c3d4e\nname: Barn och ungdom\nsettings:\n  basis: [gdpr, "
		 "sol]\n  erase_signers: 2\n  go_live: 2026-01-01\n"},
		{"{handle: anna, roles: [admin, staff], devices: [{id: anna.laptop, added: 2026-03-02T09:14:00Z}]}",
		 "handle: anna\nroles: [admin, staff]\ndevices:\n- id: anna.laptop\n"
		 "  added: 2026-03-02T09:14:00Z\n"},
		{"{for: [unit/1a2b3c4d, ~anna/5e6f7a8b], access: [~anna, ~]}",
		 "for: [unit/1a2b3c4d, ~anna/5e6f7a8b]\naccess: [~anna, null]\n"},
		/* empty and nested */
		{"", "null\n"},
		{"{}", "{}\n"},
		{"[]", "[]\n"},
		{"{a: {}, b: [], c: , d: ''}", "a: {}\nb: []\nc: null\nd: ''\n"},
		{"[[], {}]", "- []\n- {}\n"},
		{"[[1, [2, [3, {}]]]]", "- - 1\n  - - 2\n    - - 3\n      - {}\n"},
		{"[[1, 2], [{a: [{b: 1}]}]]", "- [1, 2]\n- - a:\n    - b: 1\n"},
		{"{a: {b: {c: [{d: 1, e: 2}, x]}}}", "a:\n  b:\n    c:\n    - d: 1\n      e: 2\n    - x\n"},
		/* scalars in their one form */
		{"[~, True, 0x1F, 1.50, 1e3, -0.0, +5, 1e400]", "[null, true, 31, 1.5, 1000, 0, 5, 1e+400]\n"},
		/* strings that need quotes, and those that do not */
		{"['true', 'no', '12', '1_000', '1e3', '~', 'null', '.inf', '-', '-a', '- a']",
		 "['true', no, '12', 1_000, '1e3', '~', 'null', '.inf', '-', -a, '- a']\n"},
		{"['a: b', 'a:b', 'a:', 'a #b', 'a#b', 'it''s', \"'q'\", '\"q\"']",
		 "['a: b', a:b, 'a:', 'a #b', a#b, it's, '''q''', '\"q\"']\n"},
		{"{a: 'x, y', b: '[x', c: 'x]', d: ['x, y', 'x]', 'x?', '?x', ':x', 'x:?'], e: ':?', f: 'x:?'}",
		 "a: x, y\nb: '[x'\nc: x]\nd: ['x, y', 'x]', 'x?', '?x', ':x', 'x:?']\ne: ':?'\nf: x:?\n"},
		{"{a: ' x', b: 'x ', c: '---', d: '...x', e: \"a\\tb\", f: \"a\\\\b\", g: \"a\\rb\"}",
		 "a: ' x'\nb: 'x '\nc: '---'\nd: '...x'\ne: \"a\\tb\"\nf: a\\b\ng: \"a\\rb\"\n"},
		{"{a: \"\\u0085\\u2028\\uFEFF\", b: \"\\e\\0\\\"\\\\\", c: \"\\uFFFE\\U0001FFFE\\_\"}",
		 "a: \"\\x85\\u2028\\uFEFF\"\nb: \"\\x1B\\x00\\\"\\\\\"\nc: \"\\uFFFE\xf0\x9f\xbf\xbe\xc2\xa0\"\n"},
		/* keys */
		{"{'2021': a, 'true': b, '': c, '<<': d, 'a b': e, 'x: y': f, \"x\\ny\": g, 'p, q': h}",
		 "'2021': a\n'true': b\n'': c\n'<<': d\na b: e\n'x: y': f\n\"x\\ny\": g\np, q: h\n"},
		/* texts of several lines */
		{"\"a\\nb\"", "|-\n  a\n  b\n"},
		{"{a: \"x\\ny\\n\", b: \"x\\n\\ny\", c: \"x\\n\", d: \"\\nx\"}",
		 "a: |\n  x\n  y\nb: |-\n  x\n\n  y\nc: |\n  x\nd: |-\n\n  x\n"},
		{"{a: \"x\\n\\n\", b: \"\\n\", c: \" \\n\", d: \"x\\ry\\n\"}",
		 "a: \"x\\n\\n\"\nb: \"\\n\"\nc: \" \\n\"\nd: \"x\\ry\\n\"\n"},
		{"{a: \"  x\\ny\", b: \"\\n\\tx\\n\", c: \"x \\n  \\ny\\n\", d: \"x\\n \"}",
		 "a: |2-\n    x\n  y\nb: |2\n\n  \tx\nc: |\n  x \n    \n  y\nd: |-\n  x\n   \n"},
		{"\" x\\ny\"", "\" x\\ny\"\n"},
		{"[\"x\\ny\", {a: [\" x\\ny\"]}]", "- |-\n  x\n  y\n- a:\n  - |2-\n     x\n    y\n"},
		{"[[\"x\\ny\\n\"]]", "- - |\n    x\n    y\n"},
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena *a = arena_new();
		struct buf b = {0};

		yaml_emit(&b, help_parse(a, rows[i].in, strlen(rows[i].in), YAML_RAW));
		if (strcmp(buf_str(&b), rows[i].out) != 0) {
			print_error("%s\n--- want\n%s--- got\n%s", rows[i].in, rows[i].out, buf_str(&b));
			wrong++;
		}
		buf_free(&b);
		arena_free(a);
	}
	assert_int_equal(wrong, 0);
}

/** A list is on one line as long as it ends in column 80, counted in characters. */
static void
list_width(void **state)
{
	static const struct {
		const char *head, *tail;
	} places[] = {{"", ""}, {"k: ", ""}, {"a:\n  b:\n    k: ", ""}, {"- k: ", ""}, {"- - - ", ""},
	    {"a:\n- k: 1\n  q: ", ""}, {"'2021': ", ""}};

	(void)state;
	for (size_t i = 0; i < LEN(places); i++) {
		for (int over = 0; over < 2; over++) {
			const char *lf = strrchr(places[i].head, '\n');
			size_t used = strlen(lf ? lf + 1 : places[i].head);
			struct arena *a = arena_new();
			struct buf in = {0}, out = {0};
			bool same;

			buf_puts(&in, places[i].head);
			buf_puts(&in, "[1, ");
			for (size_t n = 80 - used - 5 + (size_t)over; n; n--)
				buf_puts(&in, "å");
			buf_puts(&in, "]\n");
			if (i == 4) { /* an outer list is never on one line */
				buf_reset(&in);
				buf_printf(&in, "- - - [1, %0*d]\n", (int)(80 - used - 5) + over, 2);
			}
			yaml_emit(&out, help_parse(a, in.p, in.n, YAML_STORED));
			same = in.n == out.n && memcmp(in.p, out.p, in.n) == 0;
			if (i != 4 && same == over)
				fail_msg("%s%s", buf_str(&in), buf_str(&out));
			buf_free(&in);
			buf_free(&out);
			arena_free(a);
		}
	}
}

static void
flow(void **state)
{
	static const char in[] = "a: |\n  x\n  y\nb:\n- {c: 'p, q', d: }\n- []\n'2': {}\ne: it's\n";
	struct arena *a = arena_new();
	struct buf b = {0};
	char *key = NULL;

	(void)state;
	yaml_emit_flow(&b, help_parse(a, in, strlen(in), YAML_STORED));
	assert_string_equal(buf_str(&b),
	    "{a: \"x\\ny\\n\", b: [{c: 'p, q', d: null}, []], '2': {}, e: it's}");
	buf_reset(&b);
	for (int i = 0; i < 1001; i++)
		buf_putc(&b, 'k');
	key = buf_take(&b);
	{
		struct node *m = node_map(a);
		char want[1100];

		node_set(a, m, key, node_int(a, 1));
		yaml_emit_flow(&b, m);
		snprintf(want, sizeof want, "{? %s : 1}", key);
		assert_string_equal(buf_str(&b), want);
		buf_reset(&b);
		yaml_emit(&b, m);
		snprintf(want, sizeof want, "? %s\n: 1\n", key);
		assert_string_equal(buf_str(&b), want);
	}
	free(key);
	buf_free(&b);
	arena_free(a);
}

static void
padding(void **state)
{
	struct buf b = {0};

	(void)state;
	yaml_pad(&b);
	assert_int_equal(b.n, 0);
	buf_puts(&b, "a: 1\n");
	yaml_pad(&b);
	assert_int_equal(b.n, 512);
	assert_int_equal(strspn(b.p + 4, "\n"), 508);
	yaml_pad(&b);
	assert_int_equal(b.n, 512);
	buf_putc(&b, '\n');
	yaml_pad(&b);
	assert_int_equal(b.n, 1024);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical),
		cmocka_unit_test(list_width),
		cmocka_unit_test(flow),
		cmocka_unit_test(padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
