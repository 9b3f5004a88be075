/* Paths into documents, and differences between them. */
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
#include "tree/yaml.h"

static const char schema_text[] =
    "properties:\n"
    "  a: {type: string}\n"
    "  in: {type: object, properties: {x: {type: string}, y: {type: string}}}\n"
    "  goals: {type: array, x-akt: {key: k}, items: {type: object, properties: {t: {type: string}, "
    "l: {type: array, items: {type: string}}}}}\n"
    "  more: {type: array, x-akt: {key: k}, items: {type: object}}\n"
    "  tags: {type: array, x-akt: {set: true}, items: {type: string}}\n"
    "  log: {type: array, x-akt: {append: true}, items: {type: string}}\n"
    "  list: {type: array, items: {type: string}}\n"
    "  any: {type: object, additionalProperties: {type: string, format: date}}\n"
    "  either: {type: [array, object], items: {type: string}}\n";

static const char doc_text[] =
    "a: 1\nin: {x: X}\ngoals: [{k: 7f3q, t: one, l: [p, q]}, {k: '0', t: two}]\n"
    "tags: [b, a]\nlist: [u, v]\nempty:\n";

struct fixture {
	struct arena *a;
	struct schema *s;
	const struct shape *sh;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->a = arena_new();
	f->s = help_schema(f->a, schema_text);
	f->sh = schema_shape(f->s);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	schema_free(f->s);
	arena_free(f->a);
	free(f);
	return 0;
}

#define TEN "aaaaaaaaaa"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* more steps than a document has levels */
#define EIGHT "x.x.x.x.x.x.x.x."
#define DEEP EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT EIGHT

static void
test_get(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{"a", "1"}, {"in.x", "X"}, {"in.y", "-"}, {"nope", "-"}, {"nope.deeper", "-"},
		{"goals.7f3q.t", "one"}, {"goals.0.t", "two"}, {"goals.1", "-"}, {"goals.7f3q.l.1", "q"},
		{"list.0", "u"}, {"list.2", "-"}, {"list.00", "-"}, {"list.-1", "-"}, {"list.+", "-"},
		{"list.9999999999", "-"}, {"list.x", "-"}, {"list.1x", "-"}, {"goals.zz.t", "-"}, {LONG, "-"}, {"in." LONG, "-"},
		{"a.b", "-"}, {"", "-"}, {".a", "-"}, {"a.", "-"}, {"in..x", "-"},
	};
	struct fixture *f = *state;
	struct node *doc = help_doc(f->a, doc_text);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got = help_flow(path_get(f->sh, doc, rows[i].path));

		help_equal(rows[i].path, got, rows[i].want);
		free(got);
	}
	/* without a schema lists go by index */
	assert_string_equal(path_get(NULL, doc, "goals.0.k")->text, "7f3q");
}

static void
test_set(void **state)
{
	static const struct {
		const char *path, *value, *where, *want; /* `want` at `where` after; else a message */
		const char *error;
	} rows[] = {
		{"a", "2", "a", "2", NULL},
		{"in.y", "Y", "in", "{x: X, y: Y}", NULL},
		{"new.deep.er", "1", "new", "{deep: {er: 1}}", NULL},
		{"empty.x", "1", "empty", "{x: 1}", NULL},
		{"goals.7f3q.t", "uno", "goals.7f3q.t", "uno", NULL},
		{"goals.7f3q", "{t: uno}", "goals.7f3q", "{t: uno, k: 7f3q}", NULL},
		{"goals.new1", "{t: three}", "goals.new1", "{t: three, k: new1}", NULL},
		{"goals.7f3q.l.0", "P", "goals.7f3q.l", "[P, q]", NULL},
		{"list.+", "w", "list", "[u, v, w]", NULL},
		{"list.1", "V", "list", "[u, V]", NULL},
		{"tags.+", "c", "tags", "[b, a, c]", NULL},
		{"tags.+", "a", "tags", "[b, a]", NULL},
		{"log.+", "x", "log", "[x]", NULL},
		{"goals.+", "{t: x}", "goals", NULL, NULL},
		{"goals.+.t", "x", "goals", NULL, NULL},
		{"other.+.t", "x", "other", "[{t: x}]", NULL},
		{"any.day", "2026-01-01", "any", "{day: 2026-01-01}", NULL},
		{"more.new1", "{t: x}", "more", "[{t: x, k: new1}]", NULL},
		{"more.new1.t", "x", NULL, NULL,
		    "more.new1.t: there is no such entry; a new one is added with +"},
		{"more.new1", "x", NULL, NULL,
		    "more.new1: there is no such entry; a new one is added with +"},
		{"more.A", "{t: x}", NULL, NULL, "more.A: there is no such entry; a new one is added with +"},
		{"goals.a-b", "{t: x}", NULL, NULL, "goals.a-b: there is no such entry; a new one is added with +"},
		{"goals." TEN TEN TEN "abc", "{t: x}", NULL, NULL,
		    "goals." TEN TEN TEN "abc: there is no such entry; a new one is added with +"},
		{"goals." TEN TEN TEN "ab", "{t: x}", "goals." TEN TEN TEN "ab.t", "x", NULL},
		{"list.5", "w", NULL, NULL, "list.5: there is no such entry; a new one is added with +"},
		{"list.01", "w", NULL, NULL, "list.01: there is no such entry; a new one is added with +"},
		{"tags.+", "{x: 1}", "tags", "[b, a, {x: 1}]", NULL},
		{"new..x", "1", NULL, NULL,
		    "new..x: is no path: names with dots between them"},
		{"a.b", "1", NULL, NULL, "a.b: leads through a plain value, which has no fields"},
		{"in.x.y.z", "1", NULL, NULL,
		    "in.x.y.z: leads through a plain value, which has no fields"},
		{"list.2", "1", NULL, NULL,
		    "list.2: there is no such entry; a new one is added with +"},
		{"list.x", "1", NULL, NULL,
		    "list.x: there is no such entry; a new one is added with +"},
		{"goals.1.t", "1", NULL, NULL,
		    "goals.1.t: there is no such entry; a new one is added with +"},
		{"goals.7f3q.l.5.x", "1", NULL, NULL,
		    "goals.7f3q.l.5.x: there is no such entry; a new one is added with +"},
		{"goals.BAD", "{t: x}", NULL, NULL,
		    "goals.BAD: there is no such entry; a new one is added with +"},
		{"goals.+", "text", NULL, NULL,
		    "goals.+: an entry of this list is a group of fields"},
		{"log.3", "x", NULL, NULL, "log.3: there is no such entry; a new one is added with +"},
		{"in.+", "x", NULL, NULL, "in.+: + adds to a list, and this is none"},
		{"in.+.x", "x", NULL, NULL, "in.+.x: + adds to a list, and this is none"},
		{"", "1", NULL, NULL, "is no path: names with dots between them"},
		{"goals.7f3q.+", "1", NULL, NULL, "goals.7f3q.+: + adds to a list, and this is none"},
		{"in.y.+", "1", "in.y", "[1]", NULL},
		{"list.+.+", "1", "list", "[u, v, [1]]", NULL},
		{DEEP "x", "1", NULL, NULL, DEEP "x: is no path: names with dots between them"},
		{"either.x", "1", "either", "{x: 1}", NULL},
		{"in..x", "1", NULL, NULL, "in..x: is no path: names with dots between them"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct node *doc = help_doc(f->a, doc_text), *before = node_clone(f->a, doc), *value;
		struct err e = {0};
		int rc;

		assert_int_equal(yaml_parse_value(&value, f->a, rows[i].value, "v", &e), 0);
		rc = path_set(f->a, f->sh, doc, rows[i].path, value, &e);
		if (rows[i].error) {
			struct buf b = {0};

			assert_int_equal(rc, ERR_USAGE);
			err_format(&b, &e.item[0]);
			help_equal(rows[i].path, buf_str(&b), rows[i].error);
			buf_free(&b);
			/* nothing half done */
			assert_true(node_equal(doc, before));
			continue;
		}
		if (rc)
			print_error("%s: %s\n", rows[i].path, e.item[0].text);
		assert_int_equal(rc, 0);
		if (rows[i].want) {
			char *got = help_flow(path_get(f->sh, doc, rows[i].where));

			help_equal(rows[i].path, got, rows[i].want);
			free(got);
		} else {
			assert_int_equal(path_get(f->sh, doc, "goals")->n, 3);
			assert_string_equal(node_get_str(path_get(f->sh, doc, "goals")->seq[2], "t"), "x");
		}
	}
}

/* Without a schema a list is nothing but a list. */
static void
test_set_without_schema(void **state)
{
	struct fixture *f = *state;
	struct node *doc = help_doc(f->a, doc_text);
	struct err e = {0};
	char *got;

	assert_int_equal(path_set(f->a, NULL, doc, "tags.+", node_str(f->a, "a"), &e), 0);
	assert_int_equal(path_set(f->a, NULL, doc, "goals.0", node_str(f->a, "x"), &e), 0);
	assert_int_equal(path_set(f->a, NULL, doc, "goals.7f3q", node_str(f->a, "x"), &e), ERR_USAGE);
	assert_string_equal(e.item[0].text, "there is no such entry; a new one is added with +");
	got = help_flow(doc);
	assert_string_equal(got,
	    "{a: 1, in: {x: X}, goals: [x, {k: '0', t: two}], tags: [b, a, a], list: [u, v], empty: null}");
	free(got);
}

static void
test_unset(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{"a", "{b: {c: 1}, g: [{k: x}], l: [1, 2]}"},
		{"b.c", "{a: 1, b: {}, g: [{k: x}], l: [1, 2]}"},
		{"goals.x", "{a: 1, b: {c: 1}, g: [{k: x}], l: [1, 2]}"},
		{"l.0", "{a: 1, b: {c: 1}, g: [{k: x}], l: [2]}"},
		{"l.7", "{a: 1, b: {c: 1}, g: [{k: x}], l: [1, 2]}"},
		{"no.where", "{a: 1, b: {c: 1}, g: [{k: x}], l: [1, 2]}"},
	};
	struct fixture *f = *state;
	struct node *doc;
	struct err e = {0};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *got;

		doc = help_doc(f->a, "{a: 1, b: {c: 1}, g: [{k: x}], l: [1, 2]}");
		assert_int_equal(path_unset(f->sh, doc, rows[i].path, NULL), 0);
		got = help_flow(doc);
		help_equal(rows[i].path, got, rows[i].want);
		free(got);
	}
	doc = help_doc(f->a, doc_text);
	assert_int_equal(path_unset(f->sh, doc, "goals.7f3q", NULL), 0);
	assert_int_equal(node_get(doc, "goals")->n, 1);
	assert_int_equal(path_unset(f->sh, doc, "a.b", &e), ERR_USAGE);
	assert_string_equal(e.item[0].text, "leads through a plain value, which has no fields");
	err_clear(&e);
	assert_int_equal(path_unset(f->sh, doc, "in..x", &e), ERR_USAGE);
	assert_string_equal(e.item[0].text, "is no path: names with dots between them");
	assert_string_equal(e.item[0].path, "in..x");
	assert_int_equal(path_unset(f->sh, doc, "empty.x", NULL), 0); /* nothing is there */
}

static void
test_shape_at(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(path_shape(f->sh, "in.x")->name, "x");
	assert_string_equal(path_shape(f->sh, "goals.anything.t")->name, "t");
	assert_string_equal(path_shape(f->sh, "goals.+.t")->name, "t");
	assert_true(path_shape(f->sh, "goals.+.k")->is_string);
	assert_string_equal(path_shape(f->sh, "any.thing")->format, "date");
	assert_true(path_shape(f->sh, "tags.0")->is_string);
	assert_null(path_shape(f->sh, "in.z"));
	assert_null(path_shape(f->sh, "in.x.y"));
	assert_null(path_shape(f->sh, ""));
	assert_null(path_shape(NULL, "a"));
}

static void
test_canonical(void **state)
{
	struct fixture *f = *state;
	struct node *doc = help_doc(f->a, "goals: [{k: 7f3q, l: [p]}, {k: '0'}, {t: x}]\nlist: [u]\n");

	assert_string_equal(path_canonical(f->a, f->sh, doc, "goals.1.t"), "goals.0.t");
	assert_string_equal(path_canonical(f->a, f->sh, doc, "goals.7f3q.l.0"), "goals.7f3q.l.0");
	/* the key 0 comes before the index 0; an item without a key has no other name */
	assert_string_equal(path_canonical(f->a, f->sh, doc, "goals.0.t"), "goals.0.t");
	assert_string_equal(path_canonical(f->a, f->sh, doc, "goals.2.t"), "goals.2.t");
	assert_string_equal(path_canonical(f->a, f->sh, doc, "goals.+.t"), "goals.+.t");
	assert_string_equal(path_canonical(f->a, f->sh, doc, "goals.3.t"), "goals.3.t");
	assert_string_equal(path_canonical(f->a, f->sh, doc, "list.0"), "list.0");
	assert_null(path_canonical(f->a, f->sh, doc, NULL));
	assert_string_equal(path_canonical(f->a, f->sh, NULL, "goals.1.t"), "goals.1.t");
	assert_string_equal(path_canonical(f->a, NULL, doc, "goals.1.t"), "goals.1.t");
	assert_string_equal(path_canonical(f->a, f->sh, doc, "a..b"), "a..b");
}

static void
add_change(void *ctx, const char *path, const struct node *from, const struct node *to)
{
	char *a = help_flow(from), *b = help_flow(to);

	buf_printf(ctx, "%s %s > %s\n", path, a, b);
	free(a);
	free(b);
}

static void
test_diff(void **state)
{
	static const struct {
		const char *from, *to, *want; /* from NULL: no document */
	} rows[] = {
		{"{a: 1}", "{a: 1}", ""},
		{"{a: 1}", "{a: 1.0}", ""},
		{"{zz: 1, a: x}", "{b: 2, a: y}", "a x > y\nb - > 2\nzz 1 > -\n"},
		{"{in: {x: 1, y: 2}}", "{in: {x: 1, y: 3}}", "in.y 2 > 3\n"},
		{NULL, "{a: 1, in: {x: 1}}", "a - > 1\nin.x - > 1\n"},
		{"{a: 1, in: {x: 1}}", NULL, "a 1 > -\nin.x 1 > -\n"},
		{"{in: {}}", "{}", "in {} > -\n"},
		{"{in: {x: 1}}", "{in: text}", "in {x: 1} > text\n"},
		{"{a: ~}", "{}", "a null > -\n"},
		{"{list: [a, b]}", "{list: [b, a]}", "list [a, b] > [b, a]\n"},
		{"{other: [{k: a}]}", "{other: [{k: b}]}", "other [{k: a}] > [{k: b}]\n"},
		{"{goals: [{k: a, t: 1}, {k: b, t: 2}]}", "{goals: [{k: b, t: 3}, {k: c, t: 4}]}",
		    "goals.a {k: a, t: 1} > -\ngoals.b.t 2 > 3\ngoals.c - > {k: c, t: 4}\n"},
		{"{goals: [{k: a}, {k: b, t: 1}]}", "{goals: [{k: b, t: 2}, {k: a}]}",
		    "goals.b.t 1 > 2\n"
		    "goals [{k: a}, {k: b, t: 1}] > [{k: b, t: 2}, {k: a}]\n"},
		{"{goals: [{k: a}, {k: b}]}", "{goals: [{k: n}, {k: a}, {k: b}]}", "goals.n - > {k: n}\n"},
		{"{goals: [{k: a}, {k: b}, {k: c}, {k: d}]}", "{goals: [{k: d}, {k: c}, {k: b}, {k: a}]}",
		    "goals [{k: a}, {k: b}, {k: c}, {k: d}] > [{k: d}, {k: c}, {k: b}, {k: a}]\n"},
		{"{goals: [{k: a}]}", "{}", "goals.a {k: a} > -\n"},
		{"{goals: [{t: 1}]}", "{goals: [{t: 2}]}", "goals [{t: 1}] > [{t: 2}]\n"},
		{"{goals: [{k: a, t: 1}, {k: a, t: 2}]}", "{goals: [{k: a, t: 1}]}",
		    "goals [{k: a, t: 1}, {k: a, t: 2}] > [{k: a, t: 1}]\n"},
		{"{}", "{goals: []}", "goals - > []\n"},
		{"{}", "{goals: [{k: a}]}", "goals.a - > {k: a}\n"},
		{"{tags: [a, b]}", "{tags: [b, c, a]}", "tags.+ - > c\n"},
		{"{tags: [1, 12, 2]}", "{tags: [12, 1]}", "tags.- 2 > -\n"},
		{"{tags: [ab, a, abc]}", "{tags: [a, abc]}", "tags.- ab > -\n"},
		{"{tags: [b, c]}", "{tags: [a]}", "tags.- b > -\ntags.- c > -\ntags.+ - > a\n"},
		{"{tags: a}", "{tags: [a]}", "tags a > [a]\n"},
		{"{tags: [a]}", "{tags: a}", "tags [a] > a\n"},
		{"{}", "{tags: []}", "tags - > []\n"},
		{"{tags: [a, b]}", "{tags: [c]}", "tags.- a > -\ntags.- b > -\ntags.+ - > c\n"},
		{"{log: [x, x]}", "{log: [x, x, x, y]}", "log.+ - > x\nlog.+ - > y\n"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = {0};

		shape_diff(f->sh, rows[i].from ? help_doc(f->a, rows[i].from) : NULL,
		    rows[i].to ? help_doc(f->a, rows[i].to) : NULL, add_change, &out);
		help_equal(rows[i].from ? rows[i].from : rows[i].to, buf_str(&out), rows[i].want);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_get, setup, teardown),
		cmocka_unit_test_setup_teardown(test_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_set_without_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shape_at, setup, teardown),
		cmocka_unit_test_setup_teardown(test_canonical, setup, teardown),
		cmocka_unit_test_setup_teardown(test_diff, setup, teardown),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
