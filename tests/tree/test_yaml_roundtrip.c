/** Random trees of nasty strings: what is written reads back as the same tree, and writes
 * again as the same bytes. Seeded: a failure names its case. */
#include "tree/tree_help.h"

static uint64_t seed;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 16) % n);
}

/* Pieces whose concatenation is always in NFC. */
static const char *const atoms[] = {
	"", " ", "  ", "a", "b c", "- ", "-", "--", "---", "...", ": ", ":", "::", " #", "#", "? ", "?", "!", "&x",
	"*x", "|", ">", "%", "@", "`", "{", "}", "[", "]", ",", ", ", "'", "''", "\"", "\\", "\\n", "\n", "\n\n",
	"\n ", " \n", "\n\t", "\t", "\r", "\r\n", "~", "null", "Null", "true", "FALSE", "no", "0x1F", "0o7", "1e3", "12",
	"-1", "+.5", ".inf", ".NaN", "1_000", "2026-03-16", "2026-03-02T09:14:00Z", "12:30:00", "http://x/?a=b#c",
	"<<", "=", "\xc2\xa0", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xf0\x9f\x98\x80",
	"\xc3\xa5\xc3\xa4\xc3\xb6", "\xe2\x82\xac", "\xf0\x9f\xbf\xbe", "M\xc3\xb6te", "text", "  # not", "\n  deeper\n",
	"\n# x\n", "\n---\n", "\n...\n", "%TAG", "key: value", "[a, b]", "{a: b}", "'q'", "\"q\"", "x\n", "?x", ":x", "-x",
	"long words and more long words and yet more of them, until the line is full of long words",
};
static const char *const controls[] = {"\x01", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\xc2\x80", "\xc2\x9f"};
static const char *const numbers[] = {"0", "-1", "0x1F", "0o17", "1e3", "1.50", ".5", "9223372036854775807",
	"-9223372036854775808", "18446744073709551616", "1e400", "-1e-400", "0.1", "123456.789", "1e39", "1e41"};

static void
random_text(struct buf *b, bool raw)
{
	unsigned n = below(20) == 0 ? below(60) : below(5);

	buf_reset(b);
	while (n--) {
		if (raw && below(4) == 0)
			buf_puts(b, controls[below(LEN(controls))]);
		else
			buf_puts(b, atoms[below(LEN(atoms))]);
	}
	if (raw && below(10) == 0)
		buf_putc(b, '\0');
	/* beyond libyaml's 1024 characters for a key */
	for (n = below(200) == 0 ? 300 + below(300) : 0; n; n--)
		buf_puts(b, "\xc3\xa5 \xc2\x85x");
}

static struct node *
random_tree(struct arena *a, int depth, bool raw)
{
	struct buf b = {0};
	struct node *n = NULL;
	unsigned kind = below(depth > 0 ? 10 : 6);

	if (kind < 4) {
		random_text(&b, raw);
		n = node_strn(a, buf_str(&b), b.n);
	} else if (kind == 4) {
		const char *s = numbers[below(LEN(numbers))];

		n = below(2) ? node_plain(a, s, strlen(s)) : node_int(a, (int64_t)seed);
	} else if (kind == 5) {
		n = below(2) ? node_null(a) : node_bool(a, below(2));
	} else if (kind < 8) {
		n = node_seq(a);
		for (unsigned i = below(6); i; i--)
			node_push(a, n, random_tree(a, depth - 1, raw));
	} else {
		n = node_map(a);
		for (unsigned i = below(6); i; i--) {
			random_text(&b, raw);
			node_set(a, n, buf_str(&b), random_tree(a, depth - 1, raw));
		}
	}
	buf_free(&b);
	return n;
}

static void
check(const char *what, unsigned i, const struct node *want, const struct node *got,
    const struct buf *text)
{
	char *a = help_canonical(want), *b = help_canonical(got);

	if (!node_equal(want, got) || strcmp(a, b) != 0)
		fail_msg("case %u, %s:\n%s\n---\n%s\n---\n%s", i, what, buf_str(text), a, b);
	free(a);
	free(b);
}

/** The text as a Windows editor would save it. */
static void
as_windows(struct buf *out, const struct buf *in)
{
	buf_reset(out);
	buf_puts(out, "\xef\xbb\xbf");
	for (size_t i = 0; i < in->n; i++) {
		if (in->p[i] == '\n')
			buf_putc(out, '\r');
		buf_putc(out, in->p[i]);
	}
}

static void
run(unsigned cases, uint64_t start, bool raw)
{
	seed = start;
	for (unsigned i = 0; i < cases; i++) {
		struct arena *a = arena_new();
		struct node *t = random_tree(a, (int)below(6), raw), *back = NULL;
		struct buf text = {0}, again = {0};
		struct err e = {0};

		yaml_emit(&text, t);
		back = help_parse(a, text.p, text.n, raw ? YAML_RAW : YAML_STORED);
		check("block", i, t, back, &text);
		yaml_emit(&again, back);
		if (again.n != text.n || memcmp(again.p, text.p, text.n) != 0)
			fail_msg("case %u: not canonical\n%s\n---\n%s", i, buf_str(&text), buf_str(&again));
		as_windows(&again, &text);
		check("CRLF", i, t, help_parse(a, again.p, again.n, raw ? YAML_RAW : YAML_INPUT), &again);
		yaml_pad(&text);
		assert_int_equal(text.n % YAML_PAD, 0);
		check("padded", i, t, help_parse(a, text.p, text.n, raw ? YAML_RAW : YAML_STORED), &text);

		buf_reset(&text);
		yaml_emit_flow(&text, t);
		assert_null(memchr(text.p, '\n', text.n));
		check("flow", i, t, help_parse(a, text.p, text.n, raw ? YAML_RAW : YAML_STORED), &text);
		if (!raw) {
			if (yaml_parse_value(&back, a, buf_str(&text), "--set", &e))
				fail_msg("case %u: %s: %s", i, e.item[0].text, buf_str(&text));
			check("value", i, t, back, &text);
		}
		buf_free(&text);
		buf_free(&again);
		arena_free(a);
	}
}

static void
stored_trees(void **state)
{
	(void)state;
	run(8000, 0x9e3779b97f4a7c15, false);
}

static void
raw_trees(void **state)
{
	(void)state;
	run(2000, 0x2545f4914f6cdd1d, true);
}

/** Every string of up to three of these characters, in every place. */
static void
short_strings(void **state)
{
	static const char set[] = "a -:#?,[]{}'\"\n\t&*!|>%@.~0\\<=";
	size_t n = sizeof set - 1;

	(void)state;
	for (size_t i = 0; i < n * n * n; i++) {
		char s[4] = {set[i % n], set[i / n % n], set[i / n / n], '\0'};
		struct arena *a = arena_new();
		struct node *t = node_map(a), *l = node_seq(a), *long_list = node_seq(a);
		struct buf text = {0};

		node_push(a, l, node_str(a, s));
		node_push(a, l, node_str(a, "b"));
		node_push(a, long_list, node_str(a, s));
		node_push(a, long_list, node_seq(a));
		node_set(a, t, s, node_str(a, s));
		node_set(a, t, "l", l);
		node_set(a, t, "k", long_list);
		yaml_emit(&text, t);
		check("short", (unsigned)i, t, help_parse(a, text.p, text.n, YAML_STORED), &text);
		buf_reset(&text);
		yaml_emit_flow(&text, t);
		check("short, flow", (unsigned)i, t, help_parse(a, text.p, text.n, YAML_STORED), &text);
		buf_reset(&text);
		yaml_emit(&text, node_get(t, s));
		check("short, alone", (unsigned)i, node_get(t, s),
		    help_parse(a, text.p, text.n, YAML_STORED), &text);
		buf_free(&text);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_trees),
		cmocka_unit_test(raw_trees),
		cmocka_unit_test(short_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
