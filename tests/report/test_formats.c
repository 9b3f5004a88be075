/* What comes out: text that stays text in every format, numbers as each language writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/i18n.h"
#include "report/help.h"
#include "report/html.h"
#include "report/plain.h"

static const char spec[] =
    "title: {sv: Titel, en: Title}\n"
    "sections:\n"
    "- id: s\n"
    "  title: {sv: Del, en: Part}\n"
    "  outside: open\n"
    "  sql: S\n"
    "  columns:\n"
    "  - {name: t, label: {en: Text}}\n"
    "  - {name: k, of: hive.kind}\n"
    "  - {name: l, kind: list, of: hive.kind}\n"
    "  - {name: n, kind: num, label: {en: N}}\n"
    "  - {name: p, kind: percent, label: {en: P}}\n"
    "  - {name: b, kind: bool, label: {en: B}, status: {'1': good, '0': bad, none: warn}}\n";

static const char *
text(void (*write)(struct buf *, const struct result *), const struct result *r)
{
	struct buf b = {0};
	const char *out;

	write(&b, r);
	out = arena_strdup(help_arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static void
csv(struct buf *out, const struct result *r)
{
	csv_write(out, r, 0);
}

static void
test_words(void **state)
{
	static const char rows[] = "[{t: a, k: l, l: 'l,x', n: 12345.6, p: 66.7, b: 1}, {t: b, k: x, l: '', n: -7, p: "
	                           "null, b: null}]";

	(void)state;
	assert_string_equal(text(markdown_write, help_result(help_arena, spec, rows, "sv", false)),
	    "# Titel\n\n- As of: 2026-11-20\n- Covers: 3 of 4 dossiers\n\n## Del\n\n"
	    "| Text | Sort | Sort | N | P | B |\n| --- | --- | --- | ---: | ---: | --- |\n"
	    "| a | Låg | Låg, x | 12\u00a0345,6 | 67\u00a0% | Yes |\n| b | x |  | \u22127 |  |  |\n\n2 rows\n");
	assert_string_equal(text(csv, help_result(help_arena, spec, rows, "sv", false)),
	    "Text,Sort,Sort,N,P,B\r\na,Låg,\"Låg, x\",12345.6,66.7,Yes\r\nb,x,,-7,,\r\n");
	assert_non_null(strstr(text(markdown_write, help_result(help_arena, spec, rows, "en", false)), "| 12,345.6 |"));
}

/* Whatever a value holds, it is no markup, no formula, no other cell. */
static void
test_hostile(void **state)
{
	static const char rows[] =
	    "[{t: \"</td><script>alert(1)</script>&amp;'\\\"\", k: \"=cmd|' /C calc'!A1\", l: \"| x | **y** |\\n# z\", n: \"-1+1\", "
	    "p: \"@SUM(1)\", b: \"\\tx\"},"
	    " {t: \"a\u202eb\", k: '+1', l: 'x\"y', n: 1, p: 1, b: 0}]";
	struct result *r = help_result(help_arena, spec, rows, "en", false);
	const char *html = text(html_write, r), *md = text(markdown_write, r), *lines = text(csv, r);

	(void)state;
	assert_null(strstr(html, "<script"));
	assert_non_null(strstr(html, "&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#39;&quot;"));
	assert_non_null(strstr(html, "a\uFFFDb"));
	assert_non_null(strstr(md, "| \\</td\\>\\<script\\>alert(1)\\</script\\>\\&amp;'\" | =cmd\\|' /C calc'!A1 | "
	                           "\\| x \\| \\*\\*y\\*\\* \\| \\# z |"));
	assert_non_null(strstr(lines, ",'=cmd|' /C calc'!A1,"));
	assert_non_null(strstr(lines, ",'-1+1,'@SUM(1),"));
	assert_non_null(strstr(lines, "\r\na\u202eb,'+1,\"x\"\"y\",1,1,No\r\n"));
}

/* Where a spreadsheet parts cells by semicolons, a cell begins within a text. */
static void
test_cells_within(void **state)
{
	static const char rows[] =
	    "[{t: \"a;=1+1;-2; 3\", k: \"a\\n\\n@b\", l: 1, n: 1, p: 1, b: 1}, "
	    "{t: \"\\t=1\", k: 'a;\"=1\"', l: 'a; =b', n: 1, p: 1, b: 1}]";
	struct result *r = help_result(help_arena, spec, rows, "en", false);

	(void)state;
	assert_string_equal(text(csv, r), "Text,Sort,Sort,N,P,B\r\n"
	                                  "a;'=1+1;'-2; 3,\"a\n\n'@b\",1,1,1,Yes\r\n"
	                                  "'\t'=1,\"a;\"\"'=1\"\"\",a; =b,1,1,Yes\r\n");
}

#define WHO(chart) \
	"title: {en: T}\nsections:\n- id: s\n  title: {en: S}\n  outside: open\n  sql: S\n  group: who\n  columns:\n" \
	"  - {name: who, inside: true, label: {en: W}}\n  - {name: g, label: {en: G}}\n" \
	"  - {name: x, kind: count, label: {en: X}}\n  charts:\n  - {kind: bars, " chart "}\n"

/* What is for inside is neither in a heading of the table nor in a chart. */
static void
test_inside(void **state)
{
	static const char *const specs[] = {WHO("label: who, series: [x]"), WHO("label: g, group: who, series: [x]")};
	static const char rows[] = "[{who: somebody, g: a, x: 7}]";

	(void)state;
	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
		const char *html = text(html_write, help_outside(help_arena, specs[i], rows));

		assert_null(strstr(html, "somebody"));
		assert_null(strstr(html, "<figure>"));
		html = text(html_write, help_result(help_arena, specs[i], rows, "en", false));
		assert_non_null(strstr(html, "<th class=\"rowgroup\" scope=\"rowgroup\" colspan=\"2\">somebody<"));
		assert_non_null(strstr(html, "<figure>"));
	}
	assert_non_null(strstr(text(html_write, help_outside(help_arena, WHO("label: g, series: [x]"), rows)), "<figure>"));
}

static void
test_json(void **state)
{
	struct result *r = help_result(help_arena, spec, "[{t: a, k: l, l: '', n: 1, p: 2, b: 1}]", "sv", false);
	struct buf b = {0};

	(void)state;
	node_json(&b, json_result(r));
	assert_string_equal(buf_str(&b),
	    "{\"report\":\"r\",\"title\":\"Titel\",\"today\":\"2026-11-20\",\"outside\":false,\"rounded\":null,\"params\":{},"
	    "\"covers\":{\"readable\":3,\"dossiers\":4},\"partial\":false,\"record\":null,\"sections\":[{\"id\":\"s\",\"title\":\"Del\","
	    "\"n\":1,\"omitted\":false,\"columns\":[{\"name\":\"t\",\"label\":\"Text\",\"kind\":\"text\"},"
	    "{\"name\":\"k\",\"label\":\"Sort\",\"kind\":\"text\"},{\"name\":\"l\",\"label\":\"Sort\",\"kind\":\"list\"},"
	    "{\"name\":\"n\",\"label\":\"N\",\"kind\":\"num\"},{\"name\":\"p\",\"label\":\"P\",\"kind\":\"percent\"},"
	    "{\"name\":\"b\",\"label\":\"B\",\"kind\":\"bool\"}],"
	    "\"rows\":[{\"t\":\"a\",\"k\":\"l\",\"l\":\"\",\"n\":1,\"p\":2,\"b\":1}]}]}");
	buf_free(&b);
}

/* Self-contained: nothing is fetched, nothing runs. */
static void
test_html(void **state)
{
	const char *html = text(html_write, help_result(help_arena, spec, "[]", "sv", false));

	(void)state;
	assert_non_null(strstr(html, "<html lang=\"sv\">"));
	assert_non_null(strstr(html, "default-src 'none'"));
	assert_null(strstr(html, "http:"));
	assert_null(strstr(html, "https:"));
	assert_null(strstr(html, "<link"));
	assert_non_null(strstr(html, "<p>Nothing to show.</p>"));
}

static void
test_missing_column(void **state)
{
	struct result_labels none = {0};
	struct result *r = result_new(help_arena, help_spec(help_arena, spec), "en", &none, false);
	struct node *rows = node_seq(help_arena), *row = node_map(help_arena);
	struct err e = {0};

	(void)state;
	node_set(help_arena, row, "t", node_str(help_arena, "x"));
	node_push(help_arena, rows, row);
	assert_int_equal(result_section(r, 0, rows, "r.yaml", &e), ERR_INVALID);
	assert_string_equal(e.item[0].path, "sections.s.columns.k");
	assert_string_equal(e.item[0].text, "the query gives no such column");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cells_within),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_missing_column),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
