/** What the strict subset refuses, with exact text and position, and how it reads scalars. */
#include "tree/tree_help.h"

#define Q "\xe2\x80\xa8"

/** Text with embedded NULs is given its length by the macro. */
#define T(s) s, sizeof(s) - 1

struct row {
	const char *text;
	size_t n;
	const char *want;
};

static void
refused(const struct row *rows, size_t n, enum yaml_source source)
{
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new();
		struct node *doc = (struct node *)a;
		struct err e = {0};
		int rc = yaml_parse(&doc, a, rows[i].text, rows[i].n, "f.yaml", source, &e);
		char *got = help_errors(&e);

		if (rc != ERR_INVALID || doc != (struct node *)a || strcmp(got, rows[i].want) != 0) {
			print_error("%.200s\n  want %s\n  got  %s (%d)\n", rows[i].text, rows[i].want, got, rc);
			wrong++;
		}
		free(got);
		arena_free(a);
	}
	assert_int_equal(wrong, 0);
}

#define ANCHOR "anchors (&) are not allowed; write the value out, or quote the text"
#define ALIAS "aliases (*) are not allowed; write the value out, or quote the text"
#define TAG "tags (!) are not allowed; remove it, or quote the text"
#define MERGE "merge keys (<<) are not allowed; write the fields out"
#define DIRECTIVE "directives (%) are not allowed; remove the line"
#define SECOND "the document ends before this; one file holds one document"
#define NOKEY "a key must be a text, not a list or a mapping"
#define EMPTYKEY "a key is missing here"
#define NUMBER "this number is infinite, undefined or too long; if it is a text, quote it"
#define CONTROL "a control character is not allowed; remove it"
#define HELD "the text holds a control character; remove it"
#define UTF8 "this is not UTF-8; save the file as UTF-8"
#define SEPARATOR "this invisible line separator is not allowed; replace it by a new line"
#define UNCLOSED "this quoted text is not closed"

static void
not_in_the_subset(void **state)
{
	static const struct row rows[] = {
		{T("a: &x 1\n"), "f.yaml:1:4: a: " ANCHOR},
		{T("&x a: 1\n"), "f.yaml:1:1: " ANCHOR},
		{T("a:\n- b\n- &x\n  c: 1\n"), "f.yaml:3:3: a.1: " ANCHOR},
		{T("a: & b\n"), "f.yaml:1:4: a: " ANCHOR},
		{T("a: [1, *x]\n"), "f.yaml:1:8: a.1: " ALIAS},
		{T("a: **viktigt** nu\n"), "f.yaml:1:4: a: " ALIAS},
		{T("*x : 1\n"), "f.yaml:1:1: " ALIAS},
		{T("å:\n  ö: !!str 1\n"), "f.yaml:2:6: å.ö: " TAG},
		{T("a: ! x\n"), "f.yaml:1:4: a: " TAG},
		{T("a: !e!x y\n"), "f.yaml:1:4: a: " TAG},
		{T("a: !<x y\n"), "f.yaml:1:4: a: " TAG},
		{T("a: !t &x y\n"), "f.yaml:1:4: a: " TAG},
		{T("a: &x !t y\n"), "f.yaml:1:4: a: " ANCHOR},
		{T("!!map {a: 1}\n"), "f.yaml:1:1: " TAG},
		{T("a: !!seq\n- 1\n"), "f.yaml:1:4: a: " TAG},
		{T("a:\n  b: 1\n  <<: {c: 1}\n"), "f.yaml:3:3: a: " MERGE},
		{T("%YAML 1.2\n---\na: 1\n"), "f.yaml:1:1: " DIRECTIVE},
		{T("# x\n\n%TAG ! x\n---\na: 1\n"), "f.yaml:3:1: " DIRECTIVE},
		{T("a: 1\n---\nb: 2\n"), "f.yaml:2:1: " SECOND},
		{T("--- a\n--- b\n"), "f.yaml:2:1: " SECOND},
		{T("a: 1\n...\n# x\nb: 2\n"), "f.yaml:4:1: " SECOND},
		{T("a: 1\n...\n%YAML 1.2\n---\n"), "f.yaml:3:1: " SECOND},
		{T("[a] b\n"), "f.yaml:1:5: " SECOND},
		{T("[a]: 1\n"), "f.yaml:1:1: " NOKEY},
		{T("x:\n- {{a: 1}: 2}\n"), "f.yaml:2:4: x.0: " NOKEY},
		{T("? - a\n: 1\n"), "f.yaml:1:3: " NOKEY},
		{T("a:\n  ?\n  : 1\n"), "f.yaml:2:4: a: " EMPTYKEY},
		{T("a: {b: 1, ? : 1}\n"), "f.yaml:1:13: a: " EMPTYKEY},
		{T("a: .inf\n"), "f.yaml:1:4: a: " NUMBER},
		{T("a: [1, -.INF]\n"), "f.yaml:1:8: a.1: " NUMBER},
		{T(".NaN"), "f.yaml:1:1: " NUMBER},
		{T("a: 1e1000000000000\n"), "f.yaml:1:4: a: " NUMBER},
		{T("a: \"x\\e[2J\"\n"), "f.yaml:1:4: a: " HELD},
		{T("a: \"x\\0\"\n"), "f.yaml:1:4: a: " HELD},
		{T("a:\n  \"x\\u0007\": 1\n"), "f.yaml:2:3: a: " HELD},
		{T("a: \"\\x9b\"\n"), "f.yaml:1:4: a: " HELD},
	};

	(void)state;
	refused(rows, LEN(rows), YAML_STORED);
	refused(rows, LEN(rows), YAML_INPUT);
}

static void
duplicates(void **state)
{
#define TWICE(line) "this key is given twice, first on line " line "; keep one"
	static const struct row rows[] = {
		{T("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: a: " TWICE("1")},
		{T("x:\n- y: {b: 1, a: 1, 'b': 2, \"a\": 3}\n"), "f.yaml:2:19: x.0.y.b: " TWICE("2")},
		{T("1: a\n'1': b\n"), "f.yaml:2:1: 1: " TWICE("1")},
		{T("a: 1\na: 2\na: 3\n"), "f.yaml:2:1: a: " TWICE("1")},
		{T("{z: 1, \"\": 1, '': 2}"), "f.yaml:1:15: " TWICE("1")},
		{T("é: 1\n\"e\\u0301\": 2\n"), "f.yaml:2:1: é: " TWICE("1")},
	};

	(void)state;
	refused(rows, LEN(rows) - 1, YAML_STORED);
	refused(rows, LEN(rows), YAML_INPUT);
	refused(rows, LEN(rows) - 1, YAML_RAW);
}

static void
characters(void **state)
{
	static const struct row both[] = {
		{T("a:\n  b: x\x01y\n"), "f.yaml:2:7: a.b: " CONTROL},
		{T("a: x\x00y\n"), "f.yaml:1:5: a: " CONTROL},
		{T("a: x\n\x1b[2J"), "f.yaml:2:1: " CONTROL},
		{T("a: |\n  x\n  y\x7f\n"), "f.yaml:3:4: a: " CONTROL},
		{T("a: 1\nb\x07: 2\n"), "f.yaml:2:2: " CONTROL},
		{T("a: [1, \"x\x07\"]\n"), "f.yaml:1:10: a.1: " CONTROL},
		{T("a: [1, {b: \x07}]\n"), "f.yaml:1:12: a.1.b: " CONTROL},
		{T("# \xc2\x81\n"), "f.yaml:1:3: " CONTROL},
		{T("a: å\xef\xbf\xbf"), "f.yaml:1:5: a: " CONTROL},
		{T("å: \xff\n"), "f.yaml:1:4: å: " UTF8},
		{T("a: f\xf6r\n"), "f.yaml:1:5: a: " UTF8},
		{T("a: \xc0\x80\n"), "f.yaml:1:4: a: " UTF8},
		{T("a: \xed\xa0\x80\n"), "f.yaml:1:4: a: " UTF8},
		{T("a: \xf4\x90\x80\x80\n"), "f.yaml:1:4: a: " UTF8},
		{T("a: \xe2\x82"), "f.yaml:1:4: a: " UTF8},
		{T("\xff\xfe" "a\0:\0 \0" "1\0"), "f.yaml:1:1: " UTF8},
		{T("a: x" Q "y\n"), "f.yaml:1:5: a: " SEPARATOR},
		{T("a: x\xc2\x85y\n"), "f.yaml:1:5: a: " SEPARATOR},
		{T("a: \xef\xbb\xbfx\n"), "f.yaml:1:4: a: a byte order mark is not allowed here; remove it"},
		{T("a: *x\nb: \x01\n"), "f.yaml:1:4: a: " ALIAS},
	};
	static const struct row stored[] = {
		{T("\xef\xbb\xbf" "a: 1\n"), "f.yaml:1:1: a byte order mark is not allowed here; remove it"},
		{T("a: 1\r\n"), "f.yaml:1:5: a: a carriage return is not allowed; end lines with a line feed "
		    "alone"},
		{T("a: [x, e\xcc\x81]\n"),
		    "f.yaml:1:8: a.1: the text is not in Unicode's normal form NFC; import it again"},
		{T("b:\n  e\xcc\x81: 1\n"),
		    "f.yaml:2:3: b: the text is not in Unicode's normal form NFC; import it again"},
		{T("a: \"e\\u0301\"\n"),
		    "f.yaml:1:4: a: the text is not in Unicode's normal form NFC; import it again"},
	};
	static const struct row input[] = {
		{T("a: 1\rb: 2\n"),
		    "f.yaml:1:5: a: a carriage return without a line feed is not allowed; remove it"},
		{T("\xef\xbb\xbf\xef\xbb\xbf" "a: 1\n"),
		    "f.yaml:1:1: a byte order mark is not allowed here; remove it"},
	};

	(void)state;
	refused(both, LEN(both), YAML_STORED);
	refused(both, LEN(both), YAML_INPUT);
	refused(both, LEN(both), YAML_RAW);
	refused(stored, LEN(stored), YAML_STORED);
	refused(input, LEN(input), YAML_INPUT);
}

static void
syntax(void **state)
{
	static const struct row rows[] = {
		{T("a: 1\nb 2\nc: 3\n"),
		    "f.yaml:2:1: a colon is missing behind this key; add it, or check the indentation"},
		{T("a:\n  b: \"x\n  c: 1\n"), "f.yaml:2:6: a.b: " UNCLOSED},
		{T("a: 'x\n---\n"), "f.yaml:1:4: a: " UNCLOSED},
		{T("a: \"\\d\"\n"),
		    "f.yaml:1:5: a: this backslash begins no known escape; write two, or use single quotes"},
		{T("a: \"\\xZZ\"\n"), "f.yaml:1:7: a: this escape lacks hexadecimal digits"},
		{T("a: \"\\ud800\"\n"), "f.yaml:1:7: a: this escape stands for no Unicode character"},
		{T("a:\n\t- b\n"), "f.yaml:2:1: a: a value cannot begin with this character; quote the text"},
		{T("a:\n  b: |\n  \t c\n   d\n"), "f.yaml:3:3: a.b: a tab cannot indent; use spaces"},
		{T("a: x\n\ty: 1\n"), "f.yaml:2:1: a: a tab cannot indent; use spaces"},
		{T("a: @x\n"), "f.yaml:1:4: a: a value cannot begin with this character; quote the text"},
		{T(": 1\n"), "f.yaml:1:1: a key was expected here; check the indentation"},
		{T("a: b: c\n"), "f.yaml:1:5: a colon is not allowed here; quote the text, "
		    "or check the indentation"},
		{T("a: - b\n"), "f.yaml:1:4: a: a list item cannot begin here; quote the text, "
		    "or check the indentation"},
		{T("a: 'b' c\n"), "f.yaml:1:8: a key was expected here; check the indentation"},
		{T("a: ? b\n"),
		    "f.yaml:1:4: a: a key cannot begin here; quote the text, or check the indentation"},
		{T("- a\nb: 1\n"), "f.yaml:2:1: a list item (-) was expected here; check the indentation"},
		{T("a: [1, 2\nb: 3\n"), "f.yaml:2:2: a: a comma or ] was expected here"},
		{T("a: {b: 1\n"), "f.yaml:2:1: a: a comma or } was expected here"},
		{T("a: [1, , 2]\n"), "f.yaml:1:8: a: a value was expected here"},
		{T("a: [b:,]\n"),
		    "f.yaml:1:6: a: a colon is not allowed here; put a space behind it, or quote the text"},
		{T("a: |x\n"), "f.yaml:1:5: a: text behind | or > must begin on the next line"},
		{T("a: |0\n"), "f.yaml:1:5: a: the indentation behind | or > must be 1 to 9"},
	};

	(void)state;
	refused(rows, LEN(rows), YAML_STORED);
}

/** count times piece, between head and tail; malloc'd through the buffer. */
static void
fill(struct buf *b, const char *head, const char *piece, size_t count, const char *tail)
{
	buf_reset(b);
	buf_puts(b, head);
	while (count--)
		buf_puts(b, piece);
	buf_puts(b, tail);
}

static void
expect(const struct buf *b, const char *want)
{
	struct row row = {b->p, b->n, want};

	if (want) {
		refused(&row, 1, YAML_STORED);
	} else {
		struct arena *a = arena_new();

		help_parse(a, b->p, b->n, YAML_STORED);
		arena_free(a);
	}
}

static void
limits(void **state)
{
	struct buf b = {0}, want = {0};

	(void)state;
	for (int i = 0; i < 64; i++)
		buf_putc(&b, '[');
	for (int i = 0; i < 64; i++)
		buf_putc(&b, ']');
	expect(&b, NULL);
	fill(&b, "a:\n  b: ", "[", 63, "");
	fill(&want, "f.yaml:2:68: a.b", ".0", 62, ": more than 64 levels deep; make it flatter");
	expect(&b, want.p);
	fill(&b, "", "- 1\n", 999999, "");
	expect(&b, NULL);
	fill(&b, "", "- 1\n", 1000000, "");
	expect(&b, "f.yaml:1000000:3: 999999: the document has more than 1000000 values; split it");
	fill(&b, "", "x", YAML_MAX_BYTES, "");
	expect(&b, NULL);
	fill(&b, "", "x", YAML_MAX_BYTES + 1, "");
	expect(&b, "f.yaml: the document is larger than 16 MiB; split it");
	fill(&b, "1", "0", 1000, ".5");
	expect(&b, "f.yaml:1:1: " NUMBER);
	fill(&b, "1", "0", 1000, "");
	expect(&b, NULL);
	fill(&b, "0x", "f", 400, "");
	expect(&b, "f.yaml:1:1: " NUMBER);
	buf_free(&b);
	buf_free(&want);
}

/** Texts that make libyaml, or a careless reader, take hours. */
static void
hostile(void **state)
{
	struct buf b = {0}, blanks = {0}, want = {0};

	(void)state;
	fill(&b, "", "[", 8000000, "");
	fill(&want, "f.yaml:1:65: 0", ".0", 63, ": more than 64 levels deep; make it flatter");
	expect(&b, want.p);
	fill(&b, "a: 1\n", "%TAG !a! x\n", 1000000, "---\n");
	expect(&b, "f.yaml:2:1: " SECOND);
	fill(&blanks, "\na: x", " ", 1000000, "");
	fill(&b, blanks.p, "y ", 2000000, "");
	expect(&b, "f.yaml:2:1: there is too much white space in a row here; remove it");
	fill(&b, "a: |\n  x", " ", 100000, "y z\n");
	expect(&b, NULL);
	fill(&b, "a: ", "x", 2000000, ": 1\n");
	expect(&b, "f.yaml:1:2000004: a colon is not allowed here; quote the text, or check the "
	    "indentation");
	fill(&b, "", "x", 2000000, ": 1\n");
	expect(&b, "f.yaml:1:2000001: a colon is not allowed here; quote the text, or check the "
	    "indentation");
	fill(&b, "? ", "x", 2000000, "\n: 1\n");
	expect(&b, NULL);
	buf_reset(&b);
	for (int i = 0; i < 200000; i++)
		buf_printf(&b, "k%d: 1\n", i * 7919 % 200000);
	expect(&b, NULL);
	buf_puts(&b, "k5: 1\n");
	expect(&b, "f.yaml:200001:1: k5: this key is given twice, first on line 88396; keep one");
	buf_free(&b);
	buf_free(&blanks);
	buf_free(&want);
}

static void
scalars(void **state)
{
	static const struct {
		const char *text;
		enum node_kind kind;
		const char *json;
	} rows[] = {
		{"", NODE_NULL, "null"}, {"~", NODE_NULL, "null"}, {"null", NODE_NULL, "null"},
		{"Null", NODE_NULL, "null"}, {"NULL", NODE_NULL, "null"}, {"nULL", NODE_STR, "\"nULL\""},
		{"true", NODE_BOOL, "true"}, {"True", NODE_BOOL, "true"}, {"TRUE", NODE_BOOL, "true"},
		{"false", NODE_BOOL, "false"}, {"False", NODE_BOOL, "false"}, {"FALSE", NODE_BOOL, "false"},
		{"tRUE", NODE_STR, "\"tRUE\""}, {"no", NODE_STR, "\"no\""}, {"yes", NODE_STR, "\"yes\""},
		{"on", NODE_STR, "\"on\""}, {"Off", NODE_STR, "\"Off\""}, {"y", NODE_STR, "\"y\""},
		{"12", NODE_INT, "12"}, {"-12", NODE_INT, "-12"}, {"+12", NODE_INT, "12"}, {"012", NODE_INT, "12"},
		{"0x1f", NODE_INT, "31"}, {"0xAB", NODE_INT, "171"}, {"0o17", NODE_INT, "15"},
		{"0o18", NODE_STR, "\"0o18\""}, {"0x", NODE_STR, "\"0x\""}, {"0xg", NODE_STR, "\"0xg\""},
		{"-0x1", NODE_STR, "\"-0x1\""}, {"0X1", NODE_STR, "\"0X1\""}, {"0b1", NODE_STR, "\"0b1\""},
		{"1_000", NODE_STR, "\"1_000\""}, {"12:30", NODE_STR, "\"12:30\""},
		{"1.5", NODE_REAL, "1.5"}, {"1.", NODE_REAL, "1"}, {".5", NODE_REAL, "0.5"},
		{"+1.5e-3", NODE_REAL, "0.0015"}, {"1e3", NODE_REAL, "1000"}, {"1E3", NODE_REAL, "1000"},
		{"1e", NODE_STR, "\"1e\""}, {"1e+", NODE_STR, "\"1e+\""}, {"e3", NODE_STR, "\"e3\""},
		{".", NODE_STR, "\".\""}, {"+", NODE_STR, "\"+\""}, {"-.", NODE_STR, "\"-.\""},
		{"1.2.3", NODE_STR, "\"1.2.3\""}, {".e3", NODE_STR, "\".e3\""}, {"+.nan", NODE_STR, "\"+.nan\""},
		{".iNF", NODE_STR, "\".iNF\""}, {"1 000", NODE_STR, "\"1 000\""},
		{"2026-03-16", NODE_STR, "\"2026-03-16\""},
		{"2026-03-02T09:14:00Z", NODE_STR, "\"2026-03-02T09:14:00Z\""}, {"=", NODE_STR, "\"=\""},
		{"'12'", NODE_STR, "\"12\""}, {"\"true\"", NODE_STR, "\"true\""}, {"''", NODE_STR, "\"\""},
		{"|-\n    12", NODE_STR, "\"12\""}, {">-\n    a\n    b", NODE_STR, "\"a b\""}, {"<<", NODE_STR, "\"<<\""},
		{"\"\\/ \\x41 \\u00e5 \\U0001F600\"", NODE_STR, "\"/ A å \xf0\x9f\x98\x80\""},
		{"\"\\r\\N\\L\\P\\_\\uFEFF\"", NODE_STR, "\"\\r\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xc2\xa0\xef\xbb\xbf\""},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		for (int in_list = 0; in_list < 2; in_list++) {
			struct arena *a = arena_new();
			struct buf b = {0};
			const struct node *n;
			char *json;
			bool quoted = strchr("'\"|>", rows[i].text[0]) && rows[i].text[0];

			buf_printf(&b, in_list ? "[{k: %s}]" : "- k: %s", rows[i].text);
			if (in_list && strchr(rows[i].text, '\n')) {
				buf_free(&b);
				arena_free(a);
				continue;
			}
			n = node_get(help_parse(a, b.p, b.n, YAML_STORED)->seq[0], "k");
			json = help_canonical(n);
			if (n->kind != rows[i].kind || strcmp(json, rows[i].json) != 0 || n->plain == quoted ||
			    (n->plain && strcmp(n->text, rows[i].text) != 0))
				fail_msg("%s: kind %d, %s", rows[i].text, n->kind, json);
			free(json);
			buf_free(&b);
			arena_free(a);
		}
	}
}

static void
reads(void **state)
{
	static const struct {
		enum yaml_source source;
		const char *text, *json;
	} rows[] = {
		{YAML_STORED, "", "null"},
		{YAML_STORED, "\n\n# x\n", "null"},
		{YAML_STORED, "---\n", "null"},
		{YAML_STORED, "---\na: 1\n...\n# x\n...\n\n", "{\"a\":1}"},
		{YAML_STORED, "a: 1\n\n\n\n\n", "{\"a\":1}"},
		{YAML_STORED, "2021: a\ntrue: b\n~: c\n'': d\n1.50: e\n",
		    "{\"\":\"d\",\"1.50\":\"e\",\"2021\":\"a\",\"true\":\"b\",\"~\":\"c\"}"},
		{YAML_STORED, "'<<': a\n", "{\"<<\":\"a\"}"},
		{YAML_STORED, "a: [b: 1, {c}, d: {e}]\n",
		    "{\"a\":[{\"b\":1},{\"c\":null},{\"d\":{\"e\":null}}]}"},
		{YAML_STORED, "a: x # y\nb: x#y\n", "{\"a\":\"x\",\"b\":\"x#y\"}"},
		{YAML_STORED, "a: one\n  two\n\n  three\n", "{\"a\":\"one two\\nthree\"}"},
		{YAML_STORED, "? a\n: 1\n? b\n", "{\"a\":1,\"b\":null}"},
		{YAML_STORED, "a: [http://x.se/?q=1#f, 12:30]\n", "{\"a\":[\"http://x.se/?q=1#f\",\"12:30\"]}"},
		{YAML_INPUT, "\xef\xbb\xbf" "a: |\r\n  x\r\n  y\r\nb: 'p\r\n\r\n  q'\r\n",
		    "{\"a\":\"x\\ny\\n\",\"b\":\"p\\nq\"}"},
		{YAML_INPUT, "e\xcc\x81: A\xcc\x8a\n", "{\"é\":\"Å\"}"},
		{YAML_RAW, "e\xcc\x81: \"\\0\\e\"\n", "{\"e\xcc\x81\":\"\\u0000\\u001b\"}"},
		{YAML_RAW, "{\"a\":1,\"b\":[true,null,-1.5e2,\"\\/\\b\"]}",
		    "{\"a\":1,\"b\":[true,null,-150,\"/\\u0008\"]}"},
		{YAML_INPUT, "[\"\\uD83D\\uDCA9\", \"\\\\uD83D\\\\uDCA9\", \"\\ud83d\\ude00x\"]",
		    "[\"\xf0\x9f\x92\xa9\",\"\\\\uD83D\\\\uDCA9\",\"\xf0\x9f\x98\x80x\"]"},
		{YAML_INPUT, "\"\\uD83D\\uDCA9\"", "\"\xf0\x9f\x92\xa9\""},
		{YAML_INPUT, "[a\"\\uD83D\\uDCA9\"]", "[\"a\\\"\\\\uD83D\\\\uDCA9\\\"\"]"},
		{YAML_INPUT, "['\\uD83D\\uDCA9', '\"\\uD83D\\uDCA9']",
		    "[\"\\\\uD83D\\\\uDCA9\",\"\\\"\\\\uD83D\\\\uDCA9\"]"},
		{YAML_INPUT, "\"a\": x, \"\\uD83D\\uDCA9\"\n", "{\"a\":\"x, \\\"\\\\uD83D\\\\uDCA9\\\"\"}"},
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena *a = arena_new();
		struct node *doc = NULL;
		struct err e = {0};
		int rc = yaml_parse(&doc, a, rows[i].text, strlen(rows[i].text), "f", rows[i].source, &e);
		char *json = rc ? help_errors(&e) : help_canonical(doc);

		if (rc || strcmp(json, rows[i].json) != 0)
			fail_msg("%s\n%s", rows[i].text, json);
		free(json);
		arena_free(a);
	}
}

static void
positions(void **state)
{
	static const char text[] =
	    "å: \"ö\\t\"\n"
	    "b:\n"
	    "- x: 1\n"
	    "  y:\n";
	static const char json[] = "[\"\\uD83D\\uDCA9\", {\"\\uD83D\\uDCA9\": 1},\n \"å\\uD83D\\uDCA9\", 2]";
	struct arena *a = arena_new();
	struct node *n = help_parse(a, text, strlen(text), YAML_STORED), *b;

	(void)state;
	assert_int_equal(n->line, 1);
	assert_int_equal(n->column, 1);
	assert_int_equal(n->map[0].value->column, 4);
	b = n->map[1].value;
	assert_int_equal(n->map[1].line, 2);
	assert_int_equal(b->line, 3);
	assert_int_equal(b->column, 1);
	assert_int_equal(b->seq[0]->column, 3);
	assert_int_equal(b->seq[0]->map[0].column, 3);
	assert_int_equal(b->seq[0]->map[0].value->column, 6);
	assert_int_equal(b->seq[0]->map[1].value->line, 4);
	assert_int_equal(b->seq[0]->map[1].value->column, 5);

	n = help_parse(a, json, strlen(json), YAML_INPUT);
	assert_int_equal(n->seq[0]->column, 2);
	assert_int_equal(n->seq[1]->column, 18);
	assert_int_equal(n->seq[1]->map[0].column, 19);
	assert_int_equal(n->seq[1]->map[0].value->column, 35);
	assert_int_equal(n->seq[2]->line, 2);
	assert_int_equal(n->seq[2]->column, 2);
	assert_int_equal(n->seq[3]->column, 19);
	arena_free(a);
}

static void
values(void **state)
{
	static const struct {
		const char *text, *json; /* json, or the whole message */
	} rows[] = {
		{"", "\"\""}, {"  ", "\"\""}, {"2026-03-16", "\"2026-03-16\""}, {"12", "12"}, {" x ", "\"x\""},
		{"\"x\"", "\"x\""}, {"''", "\"\""}, {"null", "null"}, {"~", "null"}, {"no", "\"no\""},
		{"[{text: a}]", "[{\"text\":\"a\"}]"}, {"{a: [1, 2]}", "{\"a\":[1,2]}"}, {"[]", "[]"},
		{"[a,\n b]", "[\"a\",\"b\"]"}, {"it's", "\"it's\""}, {"a, b", "\"a, b\""}, {"-5", "-5"},
		{"\"a\\nb\"", "\"a\\nb\""}, {"e\xcc\x81", "\"é\""}, {"-x", "\"-x\""}, {"a [b] {c}", "\"a [b] {c}\""},
		{"rum # 3", "--set:1:5: what stands from here on would be dropped; quote the text"},
		{"# 3", "--set:1:1: what stands from here on would be dropped; quote the text"},
		{"[a] b", "--set:1:5: what stands from here on would be dropped; quote the text"},
		{"a\nb", "--set:1:1: write a text of several lines in double quotes, with \\n between them"},
		{"|\n a", "--set:1:1: write a text of several lines in double quotes, with \\n between them"},
		{"a: b", "--set:1:1: write a list as [a, b], a mapping as {a: b}, or quote the text"},
		{"- a", "--set:1:1: write a list as [a, b], a mapping as {a: b}, or quote the text"},
		{"-", "--set:1:1: write a list as [a, b], a mapping as {a: b}, or quote the text"},
		{"---", "--set:1:1: a value cannot begin with this character; quote the text"},
		{"--- a", "--set:1:1: a value cannot begin with this character; quote the text"},
		{"...", "--set:1:1: a value was expected here"},
		{"%5", "--set:1:1: a value cannot begin with this character; quote the text"},
		{"@x", "--set:1:1: a value cannot begin with this character; quote the text"},
		{"*x*", "--set:1:1: " ALIAS},
		{"!x", "--set:1:1: " TAG},
		{"[a, &b c]", "--set:1:5: 1: " ANCHOR},
		{"{a: {b: .nan}}", "--set:1:9: a.b: " NUMBER},
		{"a: b: c", "--set:1:1: write a list as [a, b], a mapping as {a: b}, or quote the text"},
		{"[a", "--set:1:3: a comma or ] was expected here"},
		{"\x1b[2J", "--set:1:1: " CONTROL},
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct arena *a = arena_new();
		struct node *n = NULL;
		struct err e = {0};
		int rc = yaml_parse_value(&n, a, rows[i].text, "--set", &e);
		char *got = rc ? help_errors(&e) : help_canonical(n);

		if (strcmp(got, rows[i].json) != 0 || (rc && rc != ERR_INVALID)) {
			print_error("%s\n  want %s\n  got  %s\n", rows[i].text, rows[i].json, got);
			wrong++;
		}
		free(got);
		arena_free(a);
	}
	assert_int_equal(wrong, 0);
}

static void
texts(void **state)
{
	static const char given[] = "\xef\xbb\xbfrad 1\r\nrad e\xcc\x81\n\n";
	struct arena *a = arena_new();
	struct node *n = NULL;
	struct err e = {0};
	char *got;

	(void)state;
	assert_int_equal(yaml_text(&n, a, given, sizeof given - 1, "brev.txt", &e), 0);
	assert_string_equal(n->text, "rad 1\nrad é\n\n");
	assert_int_equal(n->kind, NODE_STR);
	assert_int_equal(yaml_text(&n, a, "", 0, "brev.txt", &e), 0);
	assert_int_equal(n->len, 0);
	assert_int_equal(yaml_text(&n, a, "å\n\x02", 4, "brev.txt", &e), ERR_INVALID);
	got = help_errors(&e);
	assert_string_equal(got, "brev.txt:2:1: " CONTROL);
	free(got);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_in_the_subset),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(characters),
		cmocka_unit_test(syntax),
		cmocka_unit_test(limits),
		cmocka_unit_test(hostile),
		cmocka_unit_test(scalars),
		cmocka_unit_test(reads),
		cmocka_unit_test(positions),
		cmocka_unit_test(values),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
