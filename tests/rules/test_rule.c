/* Rules: what a file says, its faults, and texts with a row's values in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "rules/help.h"
#include "rules/rule.h"
#include "tree/node.h"

#define HEAD "-- id: X01\n-- severity: error\n-- sv: a\n-- en: b\n"

static void
reads_a_rule(void **state)
{
	static const char text[] = HEAD
	    "-- lead: 14\n-- role: keeper\n-- requirement: R1 R2\n-- due: soon\n"
	    "-- next_sv: Gör\n-- next_en: Do\n-- next: akt new x --set y={record}\n"
	    "-- setting: a = 1\n-- setting: b = x\nSELECT 1";
	struct arena *a = arena_new();
	struct err e = {0};
	struct rule r;

	(void)state;
	assert_int_equal(rule_parse(&r, a, text, strlen(text), "x01.sql", &e), 0);
	assert_string_equal(r.id, "X01");
	assert_int_equal(r.severity, RULE_ERROR);
	assert_string_equal(rule_severity_name(r.severity), "error");
	assert_int_equal(r.lead, 14);
	assert_string_equal(r.role, "keeper");
	assert_string_equal(r.next, "akt new x --set y={record}");
	assert_int_equal(r.nsettings, 2);
	assert_null(r.lead_setting);
	assert_string_equal(r.settings[1].text, "x");
	arena_free(a);
}

static void
takes_its_lead_from_a_setting(void **state)
{
	static const char text[] = HEAD "-- lead: days\n-- setting: days = 3\nSELECT 1";
	struct arena *a = arena_new();
	struct err e = {0};
	struct rule r;

	(void)state;
	assert_int_equal(rule_parse(&r, a, text, strlen(text), "x01.sql", &e), 0);
	assert_non_null(r.lead_setting);
	assert_int_equal(r.lead_setting->i, 3);
	arena_free(a);
}

static const struct {
	const char *text, *want;
} faults[] = {
	{"SELECT 1", "f:1:1: id: is missing\nf:1:1: severity: is missing\n"
	             "f:1:1: sv: is missing\nf:1:1: en: is missing\n"},
	{"-- id: a b\n-- severity: bad\n-- sv: a\n-- en: b\n-- lead: 14 days\n-- setting: today = 1\nSELECT 1",
	    "f:1:8: id: is no name of letters, digits, _ and -, at most 32\n"
	    "f:2:14: severity: must be error, warning or info\n"
	    "f:6:13: setting: is bound by the program\n"
	    "f:5:10: lead: is no number of days from 0 to 3660, nor a setting of the rule\n"},
	{"-- id: akt.x\n-- severity: info\n-- sv: a\n-- en: b\n-- lead: -1\nSELECT 1",
	    "f:1:8: id: is no name of letters, digits, _ and -, at most 32\n"
	    "f:5:10: lead: is no number of days from 0 to 3660, nor a setting of the rule\n"},
	{"-- id: akt1\n-- severity: info\n-- sv: a\n-- en: b\n-- color: red\nSELECT 1",
	    "f:5:4: color: is not known here\n"},
	{"-- id: akt1\n-- severity: info\n-- sv: a\n-- en: b\nSELECT 1",
	    "f:1:8: id: begins as the program's own rules do\n"},
};

static void
tells_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct arena *a = arena_new();
		struct err e = {0};
		struct rule r = {.lead = 77};

		assert_int_equal(
		    rule_parse(&r, a, faults[i].text, strlen(faults[i].text), "f", &e), ERR_INVALID);
		assert_string_equal(help_faults(a, &e), faults[i].want);
		assert_int_equal(r.lead, 77);
		arena_free(a);
	}
}

static void
checks_columns(void **state)
{
	static const char text[] = "-- id: X\n-- severity: info\n-- sv: {name} {x\n-- en: {Name} {} {gone}\n"
	                           "-- next: y {due_on}{what}\n-- next_draft: z\nSELECT 1";
	static const char *const columns[] = {"record", "name"};
	static const char *const better[] = {"due_on", "gone", "what", "record", "name", "draft"};
	struct arena *a = arena_new();
	struct err e = {0};
	struct rule r;

	(void)state;
	assert_int_equal(rule_parse(&r, a, text, strlen(text), "f", &e), 0);
	assert_int_equal(rule_check_columns(&r, columns, 2, &e), ERR_INVALID);
	assert_string_equal(help_faults(a, &e),
	    "f: due_on: is no column of the query, and must be one\n"
	    "f:6:16: next_draft: names {draft}, which is no column of the query\n"
	    "f:4:8: en: names {gone}, which is no column of the query\n"
	    "f:5:10: next: names {due_on}, which is no column of the query\n"
	    "f:5:10: next: names {what}, which is no column of the query\n");
	err_clear(&e);
	assert_int_equal(rule_check_columns(&r, better, 6, &e), 0);
	arena_free(a);
}

static void
fills_texts(void **state)
{
	struct arena *a = arena_new();
	struct node *row = node_map(a);
	struct buf b = {0};

	(void)state;
	node_set(a, row, "record", node_str(a, "hive-1"));
	node_set(a, row, "due_on", node_str(a, "2026-03-06"));
	node_set(a, row, "late", node_str(a, "2027-10-31"));
	node_set(a, row, "n", node_int(a, 3));
	node_set(a, row, "none", node_null(a));
	node_set(a, row, "odd", node_str(a, "it's; rm\x1b"));
	rule_text(&b, "{record}: {due_on}, {late}; {n}{none} {odd} {gone} {", row, "sv", "2026-01-01");
	assert_string_equal(
	    buf_str(&b), "hive-1: 6 mars, 31 oktober 2027; 3 it's; rm  {gone} {");
	buf_reset(&b);
	rule_text(&b, "{due_on} {late}", row, "en", "2026-01-01");
	assert_string_equal(buf_str(&b), "6 March 31 October 2027");
	buf_reset(&b);
	rule_command(&b, "akt new x --set a={record} b={due_on} c={odd} d={none} e={n}", row);
	assert_string_equal(buf_str(&b),
	    "akt new x --set a=hive-1 b=2026-03-06 c='it'\\''s; rm ' d='' e=3");
	buf_free(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_rule),
	    cmocka_unit_test(takes_its_lead_from_a_setting),
	    cmocka_unit_test(tells_faults),
	    cmocka_unit_test(checks_columns),
	    cmocka_unit_test(fills_texts),
	};

	i18n_set("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
