/* Charts against drawings that were looked at: UPDATE=1 in the environment draws them anew. Told apart without
 * colour, no text outside the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/i18n.h"
#include "base/os.h"
#include "report/help.h"
#include "report/svg.h"

#define HEAD "title: {en: T}\nsections:\n- id: s\n  title: {en: S}\n  outside: open\n  sql: S\n  columns:\n"
#define COUNTS \
	HEAD "  - {name: g, label: {en: G}}\n  - {name: l, label: {en: L}}\n  - {name: x, kind: count, label: {en: Done}}\n" \
	     "  - {name: y, kind: count, label: {en: Late}}\n  charts:\n"
#define POINTS \
	HEAD "  - {name: q, label: {en: Q}}\n  - {name: x, label: {en: X}}\n  - {name: y, kind: percent, label: {en: Y}}\n" \
	     "  - {name: n, kind: count, label: {en: N}}\n  charts:\n"
#define TIMES \
	HEAD "  - {name: l, label: {en: L}}\n  - {name: a, kind: date, label: {en: A}}\n" \
	     "  - {name: b, kind: date, label: {en: B}}\n  - {name: m, label: {en: M}}\n  charts:\n"
#define ROUNDS "[{q: 'Q1 & <b>', x: r1, y: 40, n: 12}, {q: 'Q1 & <b>', x: r2, y: 75, n: 4}, " \
	           "{q: Q2, x: r1, y: 60, n: 9}, {q: Q2, x: r2, y: null, n: 0}]"

static const struct {
	const char *name, *spec, *rows;
} table[] = {
	{"stacked", COUNTS "  - {kind: stacked, label: l, group: g, series: [x, y], share: true}\n",
	    "[{g: one, l: first, x: 3, y: 1}, {g: one, l: 'a second with a much longer name than that', x: 0, y: 7}, "
	    "{g: two, l: third, x: 0, y: 0}]"},
	{"bars", COUNTS "  - {kind: bars, label: l, series: [x, y]}\n", "[{g: a, l: b, x: 12345, y: 3}, {g: a, l: c, x: 0, y: null}]"},
	{"histogram", COUNTS "  - {kind: histogram, label: l, series: [x], limit: {after: 8-14, label: {en: 14 days}}}\n",
	    "[{g: a, l: 0-7, x: 5, y: 0}, {g: a, l: 8-14, x: 9, y: 0}, {g: a, l: 15-, x: 2, y: 0}]"},
	{"height", COUNTS "  - {kind: histogram, label: l, series: [x], limit: {at: y, label: {en: Limit}}}\n",
	    "[{g: a, l: 2026-11-02, x: 5, y: 20}, {g: a, l: 2026-11-09, x: 19, y: 20}, {g: a, l: 2026-11-16, x: 31, y: 20}]"},
	{"dumbbell", POINTS "  - {kind: dumbbell, label: q, x: x, y: y, n: n, percent: true}\n", ROUNDS},
	{"lines", POINTS "  - {kind: lines, label: q, x: x, y: y, n: n, percent: true}\n", ROUNDS},
	{"heat", POINTS "  - {kind: heat, label: q, x: x, y: y, n: n, percent: true}\n", ROUNDS},
	{"timeline", TIMES "  - {kind: timeline, label: l, from: a, to: b, mark: m, marks: [{value: bar, shape: bar, label: {en: B}}, "
	                   "{value: gap, shape: gap, label: {en: G}}, {value: dot, shape: circle, label: {en: D}}, "
	                   "{value: x, shape: cross, label: {en: X}}]}\n",
	    "[{l: one, a: 2026-01-10, b: 2026-06-30, m: bar}, {l: one, a: 2026-03-01, b: null, m: dot}, "
	    "{l: two, a: 2026-07-01, b: null, m: bar}, {l: two, a: 2026-05-01, b: 2026-07-01, m: gap}, "
	    "{l: three, a: 2026-02-02, b: null, m: x}, {l: three, a: none, b: none, m: dot}, {l: three, a: 2026-02-02, b: null, m: what}]"},
};

static struct buf
draw(const char *spec, const char *rows)
{
	struct result *r = help_result(help_arena, spec, rows, "en", false);
	struct buf b = {0};

	assert_true(svg_chart(&b, r, &r->sections[0], &r->sections[0].spec->charts[0], "id", "Title <x>"));
	return b;
}

static void
test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf got = draw(table[i].spec, table[i].rows), want = {0};
		char path[128];

		snprintf(path, sizeof path, "tests/report/golden/%s.svg", table[i].name);
		if (getenv("UPDATE"))
			assert_int_equal(os_write_file(path, buf_str(&got), got.n, 0644, NULL), 0);
		assert_int_equal(os_read_file(&want, path, 1 << 20, NULL), 0);
		if (strcmp(buf_str(&got), buf_str(&want)) != 0)
			fail_msg("%s.svg differs from what was looked at", table[i].name);
		buf_free(&got);
		buf_free(&want);
	}
}

/* What a chart is not meant for, it does not draw. */
static void
test_not_meant(void **state)
{
	struct result *r = help_result(help_arena, POINTS "  - {kind: lines, label: q, x: x, y: y, min_x: 3}\n", ROUNDS, "en", false);
	struct buf b = {0}, many = {0};

	(void)state;
	assert_false(svg_chart(&b, r, &r->sections[0], &r->sections[0].spec->charts[0], "id", "T"));
	r = help_result(help_arena, TIMES "  - {kind: timeline, label: l, from: a, mark: m, marks: [{value: x, shape: bar, label: {en: B}}]}\n",
	    "[{l: a, a: never, b: null, m: x}]", "en", false);
	assert_false(svg_chart(&b, r, &r->sections[0], &r->sections[0].spec->charts[0], "id", "T"));
	buf_putc(&many, '[');
	for (int i = 0; i <= 2000; i++)
		buf_printf(&many, "{q: q%d, x: x%d, y: 1, n: 1}, ", i, i);
	buf_putc(&many, ']');
	r = help_result(help_arena, POINTS "  - {kind: heat, label: q, x: x, y: y}\n", buf_str(&many), "en", false);
	buf_free(&many);
	assert_false(svg_chart(&b, r, &r->sections[0], &r->sections[0].spec->charts[0], "id", "T"));
	r = help_result(help_arena, table[0].spec, "[]", "en", false);
	assert_false(svg_chart(&b, r, &r->sections[0], &r->sections[0].spec->charts[0], "id", "T"));
	assert_int_equal(b.n, 0);
}

/* Many rows are several drawings, none taller than a page; ids are there once. */
static void
test_pages(void **state)
{
	struct buf rows = {0}, svg;
	int pages = 0, height;

	(void)state;
	buf_putc(&rows, '[');
	for (int i = 0; i < 80; i++)
		buf_printf(&rows, "%s{g: a, l: row %d, x: %d, y: 1}", i ? ", " : "", i, i);
	buf_putc(&rows, ']');
	svg = draw(table[0].spec, buf_str(&rows));
	for (const char *s = buf_str(&svg); (s = strstr(s, "viewBox=\"0 0 720 ")); pages++) {
		s += strlen("viewBox=\"0 0 720 ");
		height = (int)strtol(s, NULL, 10);
		assert_in_range(height, 50, 950);
	}
	assert_int_equal(pages, 3);
	assert_non_null(strstr(buf_str(&svg), "id=\"id-p0\""));
	assert_null(strstr(strstr(buf_str(&svg), "id=\"id-p0\"") + 1, "id=\"id-p0\""));
	assert_non_null(strstr(buf_str(&svg), "row 79"));
	buf_free(&svg);
	buf_free(&rows);
}

static void
test_wrap(void **state)
{
	const char *lines[3];

	(void)state;
	assert_int_equal(svg_wrap(help_arena, "ett två tre", 50, 10, 3, lines), 2);
	assert_string_equal(lines[0], "ett två");
	assert_string_equal(lines[1], "tre");
	assert_int_equal(svg_wrap(help_arena, "genomförandeplansuppföljning", 60, 10, 2, lines), 2);
	assert_non_null(strstr(lines[1], "…"));
	assert_int_equal(svg_wrap(help_arena, "", 60, 10, 2, lines), 0);
	assert_true(svg_width("åäö", 10) == svg_width("aao", 10));
	assert_true(svg_step(100, 6) == 20);
	assert_true(svg_step(3, 6) == 1);
	assert_true(svg_step(1234, 5) == 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_not_meant),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_wrap),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
