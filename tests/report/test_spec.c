/* A report's file: what is wrong with it is said with its place, all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/i18n.h"
#include "report/help.h"

#define HEAD "title: {sv: T, en: T}\n"
#define SECTION HEAD "sections:\n- id: s\n  title: {en: S}\n"
#define COLUMNS "  columns:\n  - {name: k, label: {en: K}}\n  - {name: n, kind: count, label: {en: N}}\n"

static const struct {
	const char *text, *faults;
} table[] = {
	{SECTION "  outside: open\n  sql: SELECT 1\n" COLUMNS, ""},
	{"title: {de: x}\n", "r.yaml:1:9: title.de: is not known here\n"},
	{HEAD, "r.yaml:1:1: sections: is required\n"},
	{"[]", "r.yaml:1:1: must be a mapping\n"},
	{HEAD "sections: []\n", "r.yaml:2:11: sections: must have 1 to 24 items\n"},
	{SECTION "  sql: SELECT 1\n" COLUMNS, "r.yaml:3:3: sections.0.outside: is required\n"},
	{SECTION "  outside: maybe\n  sql: SELECT 1\n" COLUMNS,
	    "r.yaml:5:12: sections.0.outside: must be one of: omit, counts, open\n"},
	{SECTION "  outside: open\n  sql: SELECT 1\n  colums: x\n" COLUMNS,
	    "r.yaml:7:3: sections.0.colums: is not known here\n"},
	{SECTION "  outside: open\n  sql: 1\n" COLUMNS, "r.yaml:6:8: sections.0.sql: must be text\n"},
	{SECTION "  outside: open\n  sql: |\n    SELECT 1\n  columns:\n  - {name: k, kind: date}\n",
	    "r.yaml:9:5: sections.0.columns.0.label: is required where the column is of no field\n"},
	{SECTION "  outside: open\n  sql: S\n  columns:\n  - {name: K, of: hive, kind: x}\n",
	    "r.yaml:8:12: sections.0.columns.0.name: must be a name: a-z, then a-z, 0-9 or _, at most 32\n"
	    "r.yaml:8:31: sections.0.columns.0.kind: must be one of: text, id, list, int, count, num, percent, "
	    "date, bool\n"
	    "r.yaml:8:19: sections.0.columns.0.of: must be TYPE.FIELD\n"
	    "r.yaml:8:5: sections.0.columns.0.label: is required where the column is of no field\n"},
	{SECTION "  outside: open\n  sql: S\n" COLUMNS "  group: z\n  charts: [{kind: bars, label: k, series: [q]}]\n",
	    "r.yaml:10:10: sections.0.group: is none of the section's columns\n"
	    "r.yaml:11:44: sections.0.charts.0.series.0: is none of the section's columns\n"},
	{SECTION "  outside: open\n  sql: S\n" COLUMNS "  charts: [{kind: timeline, label: k, from: n}]\n",
	    "r.yaml:10:12: sections.0.charts.0.mark: is required\n"
	    "r.yaml:10:12: sections.0.charts.0.marks: is required\n"},
	{SECTION "  outside: open\n  sql: S\n" COLUMNS
	         "  charts: [{kind: histogram, label: k, series: [n], limit: {after: a, at: n, label: {en: L}}}]\n",
	    "r.yaml:10:60: sections.0.charts.0.limit: must have one of after and at\n"},
	{SECTION "  outside: open\n  sql: S\n" COLUMNS
	         "  charts: [{kind: histogram, label: k, series: [n], limit: {label: {en: L}}}]\n",
	    "r.yaml:10:60: sections.0.charts.0.limit: must have one of after and at\n"},
	{SECTION "  outside: counts\n  sql: S\n  columns:\n  - {name: a, kind: count, label: {en: A}}\n"
	         "  - {name: p, kind: percent, label: {en: P}}\n  - {name: m, kind: num, label: {en: M}}\n"
	         "  - {name: i, kind: id, label: {en: I}}\n",
	    "r.yaml:9:5: sections.0.columns.1.share: is required in a section of counts: the columns it is computed "
	    "from\n"
	    "r.yaml:10:5: sections.0.columns.2.base: is required in a section of counts: the column that tells of how "
	    "many it is\n"
	    "r.yaml:11:5: sections.0.columns.3.kind: a section of counts names no single records\n"},
	{SECTION "  outside: counts\n  sql: S\n" COLUMNS "  sums: {n: [k], k: [n]}\n",
	    "r.yaml:10:9: sections.0.sums: names a column twice\nr.yaml:10:9: sections.0.sums: names a column twice\n"},
	{SECTION "  outside: open\n  sql: S\n" COLUMNS "  frozen: S\n",
	    "r.yaml:1:1: sections.0.frozen: belongs to a report with freeze\n"},
	{HEAD "params:\n- {name: today, label: {en: P}, type: choice, default: {sq: x}}\n" "sections: x\n",
	    "r.yaml:3:10: params.0.name: is a name that the program gives\n"
	    "r.yaml:3:56: params.0.default: must be text, a number or {sql: QUERY}\n"
	    "r.yaml:3:3: params.0.choices: belongs to the type choice\n"
	    "r.yaml:4:11: sections: must be a list\n"},
	{HEAD "params:\n- {name: p, label: {en: P}, type: int, default: 1, outside: month}\n- {name: q, label: {en: P}, type: date, default: '2026-01-01', outside: day}\n" "sections: x\n",
	    "r.yaml:3:3: params.0.outside: belongs to the type date\n"
	    "r.yaml:4:73: params.1.outside: must be one of: any, month, quarter, year\n"
	    "r.yaml:5:11: sections: must be a list\n"},
	{HEAD "settings: {years: x}\nsections: x\n",
	    "r.yaml:2:19: settings.years: must be a whole number\nr.yaml:3:11: sections: must be a list\n"},
	{HEAD "freeze: {type: t, find: S}\nsections: x\n",
	    "r.yaml:3:11: sections: must be a list\nr.yaml:2:9: freeze.data: is required\n"
	    "r.yaml:2:9: freeze.head: is required\n"},
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_string_equal(help_faults(help_arena, table[i].text), table[i].faults);
}

/* Queries stand where the file has them, so that SQLite's complaints do too. */
static void
test_places(void **state)
{
	const struct spec *s = help_spec(help_arena, SECTION "  outside: open\n  sql: |\n    SELECT 1\n      AS k,\n    2 AS n\n" COLUMNS);

	(void)state;
	assert_string_equal(s->sections[0].sql, "\n\n\n\n\n\n    SELECT 1\n      AS k,\n    2 AS n\n");
	s = help_spec(help_arena, SECTION "  outside: open\n  sql: SELECT 1\n" COLUMNS);
	assert_string_equal(s->sections[0].sql, "\n\n\n\n\n       SELECT 1");
	assert_int_equal(s->sections[0].columns[1].line, 9);
	assert_int_equal(s->sections[0].columns[1].column, 12);
}

static void
test_text(void **state)
{
	struct spec_text t = {.sv = "å"};

	(void)state;
	assert_string_equal(spec_text(&t, "en"), "å");
	t.en = "a";
	assert_string_equal(spec_text(&t, "en"), "a");
	assert_string_equal(spec_text(&t, "sv"), "å");
	assert_string_equal(spec_text(&(struct spec_text){0}, "sv"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_text),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
