/* What no text of a record may hold (x-akt.guard): found in whichever field it stands, at its place, and never quoted. */
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

#define SCHEMA                                                                                     \
	"type: object\n"                                                                           \
	"x-akt:\n"                                                                                 \
	"  guard:\n"                                                                               \
	"    - pattern: '[0-9]{6}[-+]?[0-9]{4}'\n"                                                 \
	"      check: luhn\n"                                                                      \
	"      digits: 10\n"                                                                       \
	"      message: {sv: är ett nummer, en: is a number}\n"                                    \
	"      warning: {sv: liknar ett nummer, en: looks like a number}\n"                        \
	"    - pattern: 'hemlig'\n"                                                                \
	"      message: {sv: är hemligt, en: is secret}\n"                                         \
	"properties:\n"                                                                            \
	"  text: {type: string}\n"                                                                 \
	"  count: {type: integer}\n"                                                               \
	"  ratio: {type: number}\n"                                                                \
	"  goals: {type: array, x-akt: {key: k}, items: {type: object, properties: {k: {type: string}, text: {type: string}}}}\n" \
	"  words: {type: array, items: {type: string}}\n"

/* 1111111116 checks, 1234567890 does not. */
static void
a_texts_own(void **state)
{
	static const struct {
		const char *text, *says;
		enum schema_guarded want;
	} rows[] = {
		{"", NULL, GUARD_CLEAR},
		{"möte 2026-03-02 kl 09.14", NULL, GUARD_CLEAR},
		{"111111-1116", "is a number", GUARD_HIT},
		{"1111111116", "is a number", GUARD_HIT},
		{"nr 111111+1116.", "is a number", GUARD_HIT},
		{"123456-7890", "looks like a number", GUARD_DOUBT},
		{"123456-7890, 123456-7891", "looks like a number", GUARD_DOUBT},
		/* one that checks begins within one that does not */
		{"21111111116", "is a number", GUARD_HIT},
		{"123456-7890 och 111111-1116", "is a number", GUARD_HIT},
		/* and the step from one to the next is a character, not a byte */
		{"åäö123456-7890åäö111111-1116", "is a number", GUARD_HIT},
		{"det är hemligt", "is secret", GUARD_HIT},
		/* a doubt does not hide what the next pattern finds */
		{"123456-7890 är hemligt", "is secret", GUARD_HIT},
		{"hemli", NULL, GUARD_CLEAR},
	};
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, SCHEMA);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *text = NULL;

		if (schema_guard(s, rows[i].text, strlen(rows[i].text), &text) != rows[i].want)
			fail_msg("%s: %s", rows[i].text, text ? text : "clear");
		if (rows[i].says)
			assert_string_equal(text, rows[i].says);
		else
			assert_null(text);
	}
	schema_free(s);
	arena_free(a);
}

/* A text of many such numbers takes no longer for each than a short one does, else this would take hours. */
static void
a_long_text(void **state)
{
	enum { TIMES = 700000 };
	static const char one[] = "123456-7890 ";
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, SCHEMA);
	struct buf b = {0};
	const char *text = NULL;

	(void)state;
	for (int i = 0; i < TIMES; i++)
		buf_puts(&b, one);
	assert_int_equal(schema_guard(s, b.p, b.n, &text), GUARD_DOUBT);
	assert_string_equal(text, "looks like a number");
	buf_puts(&b, "111111-1116");
	assert_int_equal(schema_guard(s, b.p, b.n, &text), GUARD_HIT);
	buf_free(&b);
	schema_free(s);
	arena_free(a);
}

static void
find(char **faults, char **doubts, const char *schema, const char *yaml)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, schema);
	struct node *doc = help_doc(a, yaml);
	struct diags d = {0}, q = {0};

	if (schema_validate(s, doc, "f.yaml", "data", &d))
		assert_int_equal(d.n, 0);
	else
		assert_true(d.n > 0);
	schema_doubts(s, doc, "f.yaml", "data", &q);
	*faults = help_lines(&d);
	*doubts = help_lines(&q);
	diags_free(&d);
	diags_free(&q);
	schema_free(s);
	arena_free(a);
}

static void
places(void **state)
{
	static const struct {
		const char *yaml, *faults, *doubts;
	} rows[] = {
		{"text: allt väl\ncount: 12\n", "", ""},
		{"text: 111111-1116\n", "f.yaml:1:7: data.text: is a number\n", ""},
		{"text: 123456-7890\n", "", "f.yaml:1:7: data.text: looks like a number\n"},
		/* digits alone are a number in YAML */
		{"count: 1111111116\n", "f.yaml:1:8: data.count: is a number\n", ""},
		{"ratio: 111111.1116\n", "", ""},
		{"words:\n- väl\n- 111111-1116\n- 123456-7890\n", "f.yaml:3:3: data.words.1: is a number\n",
		    "f.yaml:4:3: data.words.2: looks like a number\n"},
		/* by the key, where the reader sees one; one that is no text names nothing */
		{"goals:\n- {k: a1, text: 111111-1116}\n- {text: hemligt}\n- {k: 3, text: 123456-7890}\n",
		    "f.yaml:2:17: data.goals.a1.text: is a number\n"
		    "f.yaml:3:10: data.goals.1.text: is secret\n"
		    "f.yaml:4:7: data.goals.2.k: must be 1 to 32 of 0-9, a-z and _, since it names the entry\n"
		    "f.yaml:4:7: data.goals.2.k: must be text\n",
		    "f.yaml:4:16: data.goals.2.text: looks like a number\n"},
		/* also where the schema knows no field */
		{"other: {more: [hemligt, [111111-1116]]}\n",
		    "f.yaml:1:16: data.other.more.0: is secret\nf.yaml:1:26: data.other.more.1.0: is a number\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *faults = NULL, *doubts = NULL;

		find(&faults, &doubts, SCHEMA, rows[i].yaml);
		help_equal(rows[i].yaml, faults, rows[i].faults);
		help_equal(rows[i].yaml, doubts, rows[i].doubts);
		free(faults);
		free(doubts);
	}
}

/* Without digits the match alone is the finding; without a warning what does not check is nothing. */
static void
no_warning_no_check(void **state)
{
	char *faults = NULL, *doubts = NULL;

	(void)state;
	find(&faults, &doubts,
	    "x-akt: {guard: [{pattern: '[0-9]{4}', check: luhn, digits: 4, message: {en: is one}}]}\n",
	    "a: '1234'\nb: '5679'\nc: '1230'\n");
	assert_string_equal(faults, "f.yaml:3:4: data.c: is one\n");
	assert_string_equal(doubts, "");
	free(faults);
	free(doubts);
	find(&faults, &doubts,
	    "x-akt: {guard: [{pattern: '[0-9]{4}', check: luhn, digits: 4, message: {en: is one}, warning: {en: may be one}}]}\n",
	    "a: '1234 1234'\n");
	assert_string_equal(faults, "");
	assert_string_equal(doubts, "f.yaml:1:4: data.a: may be one\n");
	free(faults);
	free(doubts);
	/* a match of fewer digits than the number has is none */
	find(&faults, &doubts,
	    "x-akt: {guard: [{pattern: '[0-9]+', check: luhn, digits: 4, message: {en: is one}}]}\n",
	    "a: '123'\nb: '1230'\n");
	assert_string_equal(faults, "f.yaml:2:4: data.b: is one\n");
	assert_string_equal(doubts, "");
	free(faults);
	free(doubts);
}

/* The last digits of a match count, whatever stands between them; and the step past a doubt is a character. */
static void
digits_within_a_match(void **state)
{
	static const char schema[] =
	    "x-akt: {guard: [{pattern: 'å?[0-9][0-9å :~]*[0-9]', check: luhn, digits: 4, message: {sv: är ett}, "
	    "warning: {sv: liknar ett}}]}\n";
	char *faults = NULL, *doubts = NULL;

	(void)state;
	find(&faults, &doubts, schema,
	    "a: 99991230\nb: 1:2å3~0\nc: å12 31\nd: å1231 å1230\ne: å123å\n");
	assert_string_equal(faults,
	    "f.yaml:1:4: data.a: är ett\nf.yaml:2:4: data.b: är ett\nf.yaml:4:4: data.d: är ett\n");
	assert_string_equal(doubts, "f.yaml:3:4: data.c: liknar ett\nf.yaml:5:4: data.e: liknar ett\n");
	free(faults);
	free(doubts);
}

/* A list that a program made has no lines: its entries go by their keys. */
static void
made_entries(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, SCHEMA);
	struct node *doc = node_map(a), *goals = node_seq(a), *one = node_map(a), *two = node_map(a);
	struct diags d = {0};
	char *lines;

	(void)state;
	node_set(a, doc, "goals", goals);
	node_push(a, goals, one);
	node_push(a, goals, two);
	node_set(a, one, "k", node_str(a, "g1"));
	node_set(a, one, "text", node_str(a, "hemligt"));
	node_set(a, two, "k", node_str(a, "g2"));
	node_set(a, two, "text", node_str(a, "hemligt"));
	two->line = 7; /* read, and its key given */
	assert_false(schema_validate(s, doc, "f.yaml", "data", &d));
	lines = help_lines(&d);
	assert_string_equal(lines, "f.yaml: data.goals.g1.text: is secret\nf.yaml: data.goals.1.text: is secret\n");
	free(lines);
	diags_free(&d);
	schema_free(s);
	arena_free(a);
}

/* A text on which a pattern gives up is refused: what nobody looked at is not clear. */
static void
never_a_silent_pass(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "x-akt: {guard: [{pattern: '(a+)+[bc]', message: {en: may be one}}]}\n");
	const char *text = NULL;
	char many[4000];

	(void)state;
	memset(many, 'a', sizeof many);
	assert_int_equal(schema_guard(s, "aad", 3, &text), GUARD_CLEAR);
	assert_int_equal(schema_guard(s, many, sizeof many, &text), GUARD_HIT);
	assert_string_equal(text, "may be one");
	schema_free(s);
	arena_free(a);
}

static void
no_guard(void **state)
{
	struct arena *a = arena_new();
	struct schema *s = help_schema(a, "type: object\n");
	const char *text = NULL;
	struct diags d = {0};

	(void)state;
	assert_int_equal(schema_guard(s, "111111-1116", 11, &text), GUARD_CLEAR);
	assert_null(text);
	schema_doubts(s, help_doc(a, "a: 111111-1116\n"), "f.yaml", NULL, &d);
	assert_int_equal(d.n, 0);
	diags_free(&d);
	schema_free(s);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_texts_own),
		cmocka_unit_test(a_long_text),
		cmocka_unit_test(places),
		cmocka_unit_test(no_warning_no_check),
		cmocka_unit_test(digits_within_a_match),
		cmocka_unit_test(made_entries),
		cmocka_unit_test(never_a_silent_pass),
		cmocka_unit_test(no_guard),
	};

	i18n_set("en");
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
