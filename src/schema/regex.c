#include "schema/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/i18n.h"

enum {
	PATTERN_BYTES = 4096,
	PARENS = 100,
	/* backtracking steps: some for any text, more for a long one */
	STEPS = 200000,
	STEPS_PER_BYTE = 20,
	HEAP_KIB = 20000,
};

struct regex {
	pcre2_code *code;
	pcre2_match_data *match; /* scratch; kept so that a match allocates nothing */
	pcre2_match_context *limits;
};

/* ECMA-262 WhiteSpace and LineTerminator; PCRE2's \s is ASCII only without UCP, and UCP
 * would widen \d and \w, which ECMA keeps ASCII. */
#define SPACES \
	"\\x09-\\x0d\\x20\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}" \
	"\\x{205f}\\x{3000}\\x{feff}"

/* Long names of general categories, which ECMA has and this PCRE2 has not. */
static const struct {
	const char *name, *value;
} categories[] = {
	{"Letter", "L"}, {"Cased_Letter", "L&"}, {"Uppercase_Letter", "Lu"},
	{"Lowercase_Letter", "Ll"}, {"Titlecase_Letter", "Lt"}, {"Modifier_Letter", "Lm"},
	{"Other_Letter", "Lo"}, {"Mark", "M"}, {"Nonspacing_Mark", "Mn"}, {"Spacing_Mark", "Mc"},
	{"Enclosing_Mark", "Me"}, {"Number", "N"}, {"Decimal_Number", "Nd"}, {"digit", "Nd"},
	{"Letter_Number", "Nl"}, {"Other_Number", "No"}, {"Punctuation", "P"}, {"punct", "P"},
	{"Connector_Punctuation", "Pc"}, {"Dash_Punctuation", "Pd"}, {"Open_Punctuation", "Ps"},
	{"Close_Punctuation", "Pe"}, {"Initial_Punctuation", "Pi"}, {"Final_Punctuation", "Pf"},
	{"Other_Punctuation", "Po"}, {"Symbol", "S"}, {"Math_Symbol", "Sm"},
	{"Currency_Symbol", "Sc"}, {"Modifier_Symbol", "Sk"}, {"Other_Symbol", "So"},
	{"Separator", "Z"}, {"Space_Separator", "Zs"}, {"Line_Separator", "Zl"},
	{"Paragraph_Separator", "Zp"}, {"Other", "C"}, {"Control", "Cc"}, {"Format", "Cf"},
	{"Surrogate", "Cs"}, {"Private_Use", "Co"}, {"Unassigned", "Cn"},
};

struct translation {
	const char *p, *end;
	struct buf out;
	bool in_class;
	const char *why; /* set: the pattern is wrong */
};

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Exactly n hex digits at p, -1 if not. */
static long
hex_fixed(const struct translation *t, const char *p, int n)
{
	long v = 0;

	if (t->end - p < n)
		return -1;
	for (int i = 0; i < n; i++) {
		if (hex_digit(p[i]) < 0)
			return -1;
		v = v << 4 | hex_digit(p[i]);
	}
	return v;
}

/* Behind `\u`: XXXX, a surrogate pair in two, or {X...}. */
static void
unicode_escape(struct translation *t)
{
	long v = -1, low;

	if (t->p < t->end && *t->p == '{') {
		const char *p = t->p + 1;

		for (v = 0; p < t->end && hex_digit(*p) >= 0 && v <= 0x10ffff; p++)
			v = v << 4 | hex_digit(*p);
		if (p == t->p + 1 || p == t->end || *p != '}')
			v = -1;
		t->p = p + 1;
	} else {
		v = hex_fixed(t, t->p, 4);
		t->p += 4;
		if (v >= 0xd800 && v < 0xdc00 && t->end - t->p >= 6 && t->p[0] == '\\' &&
		    t->p[1] == 'u') {
			low = hex_fixed(t, t->p + 2, 4);
			if (low >= 0xdc00 && low < 0xe000) {
				v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
				t->p += 6;
			}
		}
	}
	if (v < 0 || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		t->why = _("\\u must be followed by the four hexadecimal digits of a character");
	else
		buf_printf(&t->out, "\\x{%lx}", (unsigned long)v);
}

static void
property_escape(struct translation *t, char kind)
{
	const char *close = NULL, *name, *equals;
	size_t n;

	if (t->p < t->end && *t->p == '{')
		close = memchr(t->p, '}', (size_t)(t->end - t->p));
	if (!close) {
		t->why = _("\\p must be followed by a property in braces");
		return;
	}
	name = t->p + 1;
	n = (size_t)(close - name);
	equals = memchr(name, '=', n);
	if (equals && ((equals - name == 2 && memcmp(name, "gc", 2) == 0) ||
	                  (equals - name == 16 && memcmp(name, "General_Category", 16) == 0))) {
		n = (size_t)(close - equals - 1);
		name = equals + 1;
	}
	buf_printf(&t->out, "\\%c{", kind);
	for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
		if (strlen(categories[i].name) == n && memcmp(categories[i].name, name, n) == 0) {
			name = categories[i].value;
			n = strlen(name);
			break;
		}
	}
	buf_add(&t->out, name, n);
	buf_putc(&t->out, '}');
	t->p = close + 1;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Behind a backslash. Escapes that ECMA lacks are faults: \A or \h would else silently mean
 * something else in another validator. */
static void
escape(struct translation *t)
{
	static const char unknown[] = N_("there is an escape that regular expressions of JSON "
	                                 "Schema (ECMA-262) do not have");
	char c;
	long v;

	if (t->p == t->end) {
		t->why = _("it ends in a lone backslash");
		return;
	}
	c = *t->p++;
	switch (c) {
	case 'u':
		unicode_escape(t);
		return;
	case 'x':
		v = hex_fixed(t, t->p, 2);
		t->p += 2;
		if (v < 0)
			t->why = _("\\x must be followed by two hexadecimal digits");
		else
			buf_printf(&t->out, "\\x{%lx}", (unsigned long)v);
		return;
	case 'p':
	case 'P':
		property_escape(t, c);
		return;
	case 's':
		buf_puts(&t->out, t->in_class ? SPACES : "[" SPACES "]");
		return;
	case 'S':
		/* in a class PCRE2's own: the usual [\s\S] means all either way */
		buf_puts(&t->out, t->in_class ? "\\S" : "[^" SPACES "]");
		return;
	case 'v':
		buf_puts(&t->out, "\\x0b");
		return;
	case '0':
		if (t->p < t->end && *t->p >= '0' && *t->p <= '9')
			t->why = _(unknown);
		buf_puts(&t->out, "\\x00");
		return;
	case 'c':
		if (t->p == t->end || !is_letter(*t->p)) {
			t->why = _(unknown);
			return;
		}
		buf_printf(&t->out, "\\x{%x}", (unsigned)*t->p++ & 31);
		return;
	case 'b':
		buf_puts(&t->out, t->in_class ? "\\x08" : "\\b");
		return;
	case 'k':
		if (t->in_class || t->p == t->end || *t->p != '<')
			t->why = _(unknown);
		break;
	case 'B':
		if (t->in_class)
			t->why = _(unknown);
		break;
	case 'd': case 'D': case 'w': case 'W': case 't': case 'n': case 'f': case 'r':
		break;
	default:
		if (c >= '1' && c <= '9' && !t->in_class)
			break;
		if ((c >= '0' && c <= '9') || is_letter(c) || (unsigned char)c >= 0x80 ||
		    (unsigned char)c < 0x20) {
			t->why = _(unknown);
			return;
		}
	}
	buf_putc(&t->out, '\\');
	buf_putc(&t->out, c);
}

/* Behind `(`: only the groups ECMA has, so that no PCRE2 verb or option gets through. */
static void
group(struct translation *t)
{
	static const char *const known[] = {"?:", "?=", "?!", "?<=", "?<!", "?<"};
	size_t left = (size_t)(t->end - t->p);

	buf_putc(&t->out, '(');
	if (left == 0 || (*t->p != '?' && *t->p != '*'))
		return;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		size_t n = strlen(known[i]);

		if (left >= n && memcmp(t->p, known[i], n) == 0) {
			buf_add(&t->out, t->p, n);
			t->p += n;
			return;
		}
	}
	t->why = _("there is a group that regular expressions of JSON Schema (ECMA-262) do not "
	           "have");
}

static void
translate(struct translation *t)
{
	char before = '\0';

	while (t->p < t->end && !t->why) {
		char c = *t->p++;

		if (c == '\\') {
			escape(t);
		} else if (t->in_class) {
			if (c == ']')
				t->in_class = false;
			if (c == '[') /* no POSIX classes in ECMA */
				buf_putc(&t->out, '\\');
			buf_putc(&t->out, c);
		} else if (c == '[') {
			t->in_class = true;
			buf_putc(&t->out, c);
			if (t->p < t->end && *t->p == '^')
				buf_putc(&t->out, *t->p++);
		} else if (c == '(') {
			group(t);
		} else if (c == '+' && before && strchr("+*?}", before)) {
			/* PCRE2 would take a+ + as possessive; in ECMA it is a fault */
			t->why = _("there is nothing for a + to repeat");
		} else if (c == '.') {
			/* all but ECMA's LineTerminator */
			buf_puts(&t->out, "[^\\n\\r\\x{2028}\\x{2029}]");
		} else {
			buf_putc(&t->out, c);
		}
		/* what was escaped is a literal, after which a + repeats */
		before = c == '\\' || t->in_class ? '\0' : c;
	}
}

struct regex *
regex_new(const char *pattern, size_t n, char *why, size_t cap)
{
	struct translation t = {.p = pattern, .end = pattern + n};
	struct regex *r = NULL;
	pcre2_compile_context *ctx = NULL;
	pcre2_code *code = NULL;
	PCRE2_UCHAR text[200];
	PCRE2_SIZE at = 0;
	int fault = 0;

	if (n > PATTERN_BYTES) {
		snprintf(why, cap, _("it is longer than %d bytes"), PATTERN_BYTES);
		return NULL;
	}
	translate(&t);
	if (t.why) {
		snprintf(why, cap, "%s", t.why);
		goto done;
	}
	ctx = pcre2_compile_context_create(NULL);
	if (!ctx)
		goto memory;
	pcre2_set_parens_nest_limit(ctx, PARENS);
	code = pcre2_compile((PCRE2_SPTR)buf_str(&t.out), t.out.n,
	    PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
	        PCRE2_NEVER_BACKSLASH_C, &fault, &at, ctx);
	/* no fault of the pattern's */
	if (!code && fault == PCRE2_ERROR_HEAP_FAILED)
		goto memory;
	if (!code) {
		pcre2_get_error_message(fault, text, sizeof text);
		snprintf(why, cap, "%s", (const char *)text);
		goto done;
	}
	r = xcalloc(1, sizeof *r);
	r->code = code;
	r->match = pcre2_match_data_create(1, NULL);
	r->limits = pcre2_match_context_create(NULL);
	if (!r->match || !r->limits)
		goto memory;
	pcre2_set_heap_limit(r->limits, HEAP_KIB);
done:
	pcre2_compile_context_free(ctx);
	buf_free(&t.out);
	return r;
memory:
	xnomem();
}

void
regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->match);
	pcre2_code_free(r->code);
	free(r);
}

static enum regex_result
search(const struct regex *r, const char *s, size_t n, size_t from)
{
	size_t steps = n < (UINT32_MAX - STEPS) / STEPS_PER_BYTE ? STEPS + STEPS_PER_BYTE * n
	                                                          : UINT32_MAX;
	/* all of the text is looked at for UTF-8 each time, unless told not to: once is enough for it */
	uint32_t options = from > 0 ? PCRE2_NO_UTF_CHECK : 0;
	int rc;

	pcre2_set_match_limit(r->limits, (uint32_t)steps);
	rc = pcre2_match(r->code, (PCRE2_SPTR)s, n, from, options, r->match, r->limits);
	if (rc >= 0)
		return REGEX_YES;
	if (rc == PCRE2_ERROR_NOMEMORY)
		xnomem();
	return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}

enum regex_result
regex_match(const struct regex *r, const char *s, size_t n)
{
	return search(r, s, n, 0);
}

enum regex_result
regex_find(const struct regex *r, const char *s, size_t n, size_t from, size_t *start, size_t *end)
{
	enum regex_result found = from > n ? REGEX_NO : search(r, s, n, from);

	if (found == REGEX_YES) {
		const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);

		*start = at[0];
		*end = at[1];
	}
	return found;
}
