#include "tree/yaml_text.h"

#include <stdlib.h>
#include <string.h>

#include <uninorm.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "tree/node.h"

/* libyaml clears the whole of its white-space buffer at every gap between words, so that one
 * very long run of blanks makes every later word dear. Longest run times number of runs
 * is held under this, about a second's work; no text that people write comes near. */
static const uint64_t MAX_BLANK_COST = UINT64_C(1) << 33;

enum { NEL = 0x85, LINE_SEPARATOR = 0x2028, PARAGRAPH_SEPARATOR = 0x2029, BOM = 0xfeff };

int32_t
yaml_text_next(const char **s, const char *end)
{
	const unsigned char *p = (const unsigned char *)*s;
	size_t left = (size_t)(end - *s), more;
	int32_t c = p[0], least;

	(*s)++;
	if (c < 0x80)
		return c;
	if (c >= 0xc2 && c <= 0xdf)
		c &= 0x1f, more = 1, least = 0x80;
	else if (c >= 0xe0 && c <= 0xef)
		c &= 0x0f, more = 2, least = 0x800;
	else if (c >= 0xf0 && c <= 0xf4)
		c &= 0x07, more = 3, least = 0x10000;
	else
		return -1;
	if (left <= more)
		return -1;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return -1;
	*s += more;
	return c;
}

static bool
is_control(int32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

bool
yaml_text_printable(int32_t c)
{
	/* YAML 1.1 takes NEL, LS and PS for line breaks, 1.2 does not: they stand escaped only */
	return c >= 0 && !is_control(c) && c != LINE_SEPARATOR && c != PARAGRAPH_SEPARATOR &&
	    c != BOM && c != 0xfffe && c != 0xffff;
}

static const char *
explain(int32_t c, enum yaml_source source)
{
	if (c < 0)
		return _("this is not UTF-8; save the file as UTF-8");
	if (c == '\r' && source == YAML_STORED)
		return _("a carriage return is not allowed; end lines with a line feed alone");
	if (c == '\r')
		return _("a carriage return without a line feed is not allowed; remove it");
	if (c == NEL || c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR)
		return _("this invisible line separator is not allowed; replace it by a new line");
	if (c == BOM)
		return _("a byte order mark is not allowed here; remove it");
	return _("a control character is not allowed; remove it");
}

void
yaml_text_scan(struct yaml_fault *out, const char *s, size_t n, enum yaml_source source)
{
	struct yaml_fault f = {.line = 1, .column = 1};
	const char *p = s, *end = s + n;

	*out = (struct yaml_fault){0};
	for (; p < end; f.index++, f.column++) {
		const char *at = p;
		int32_t c = yaml_text_next(&p, end);

		if (c == '\r' && source != YAML_STORED && p < end && *p == '\n')
			continue;
		if (!yaml_text_printable(c)) {
			f.why = explain(c, source);
			f.at = (size_t)(at - s);
			*out = f;
			return;
		}
		f.blanks = c == ' ' || c == '\t' ? f.blanks + 1 : 0;
		if (c == '\n') {
			f.line++;
			f.column = 0;
		}
	}
}

bool
yaml_text_too_many_blanks(unsigned *line, const char *s, size_t n)
{
	uint64_t runs = 0, run = 0, longest = 0;
	unsigned at = 1;

	*line = 1;
	for (size_t i = 0; i < n; i++) {
		/* line feeds count too, being buffered alike */
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\n' && s[i] != '\r') {
			run = 0;
			continue;
		}
		runs += run++ == 0;
		at += s[i] == '\n';
		if (run > longest) {
			longest = run;
			*line = at;
		}
	}
	return longest * runs > MAX_BLANK_COST;
}

bool
yaml_text_clean(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		int32_t c = yaml_text_next(&s, end);

		if (c < 0 || (is_control(c) && c != '\r' && c != NEL))
			return false;
	}
	return true;
}

/** Below U+0300 nothing composes and nothing is decomposed, nor from U+2002 to U+203F, where quotes,
 * dashes and bullets are: most texts end here. */
static bool
surely_nfc(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0xcc)
			continue;
		if (n - i < 3 || (unsigned char)s[i] != 0xe2 || (unsigned char)s[i + 1] != 0x80 ||
		    (unsigned char)s[i + 2] < 0x82)
			return false;
		i += 2;
	}
	return true;
}

static uint8_t *
normalise(const char *s, size_t n, size_t *len)
{
	uint8_t *p = u8_normalize(UNINORM_NFC, (const uint8_t *)s, n, NULL, len);

	if (!p)
		xnomem(); /* only for want of memory: the text is UTF-8 */
	return p;
}

bool
yaml_text_is_nfc(const char *s, size_t n)
{
	uint8_t *p;
	size_t len;
	bool same;

	if (surely_nfc(s, n))
		return true;
	p = normalise(s, n, &len);
	same = len == n && memcmp(p, s, n) == 0;
	secret_wipe(p, len);
	free(p);
	return same;
}

char *
yaml_text_nfc(struct arena *a, const char *s, size_t n, size_t *len)
{
	uint8_t *p;
	char *copy;

	*len = n;
	if (surely_nfc(s, n))
		return arena_strndup(a, s, n);
	p = normalise(s, n, len);
	copy = arena_strndup(a, (const char *)p, *len);
	secret_wipe(p, *len);
	free(p);
	return copy;
}

/** Value of `\uXXXX` at s, -1 when there is none. */
static int32_t
escape_at(const char *s, const char *end)
{
	int32_t v = 0;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int c = (unsigned char)s[i];

		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return -1;
		v = v << 4 | c;
	}
	return v;
}

static void
add_shift(struct yaml_shifts *shifts, size_t index, size_t line)
{
	unsigned by = 2; /* two escapes are 12 characters, one \U escape is 10 */

	if (shifts->n && shifts->v[shifts->n - 1].line == line)
		by += shifts->v[shifts->n - 1].by;
	vec_grow(shifts);
	shifts->v[shifts->n++] = (struct yaml_shift){index, line, by};
}

/** True when the character may follow `prev` (the last one outside strings that was no white
 * space, '"' a closed string, 'a' a word) in JSON. Anything else is YAML of another kind,
 * where a quote need not open a string: there nothing is replaced. */
static bool
json_like(char c, char prev, char root)
{
	if (c == '"')
		return prev == '\0' || ((prev == '{' || prev == '[' || prev == ',' || prev == ':') &&
		    root != '"');
	if (root == '\0')
		return c == '{' || c == '[';
	if (c == ':')
		return prev == '"';
	return root != '"' && (strchr("{}[],+-.", c) || (c >= '0' && c <= '9') ||
	    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

void
yaml_text_join_surrogates(struct buf *out, struct yaml_shifts *shifts, const char *s, size_t n)
{
	const char *p = s, *end = s + n, *copied = s;
	size_t index = 0, line = 0;
	char prev = '\0', root = '\0';
	bool in = false;

	for (; p < end; p++) {
		int32_t high, low;
		char c = *p;

		line += c == '\n';
		index += ((unsigned char)c & 0xc0) != 0x80;
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
			continue;
		if (!in) {
			if (!c || !json_like(c, prev, root))
				break;
			in = c == '"';
			prev = strchr("{}[],:\"", c) ? c : 'a';
			root = root ? root : c;
			continue;
		}
		if (c == '"') {
			in = false;
			continue;
		}
		if (c != '\\')
			continue;
		high = escape_at(p, end);
		low = high >= 0xd800 && high < 0xdc00 ? escape_at(p + 6, end) : -1;
		if (low >= 0xdc00 && low < 0xe000) {
			buf_add(out, copied, (size_t)(p - copied));
			buf_printf(out, "\\U%08X", 0x10000U +
			    ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00));
			add_shift(shifts, index - 1, line);
			index += 9;
			p += 11;
			copied = p + 1;
		} else if (p + 1 < end) {
			p++; /* the escaped character, which may be a quote */
			index++;
			line += *p == '\n';
		}
	}
	buf_add(out, copied, (size_t)(end - copied));
}

int
yaml_text(struct node **out, struct arena *a, const char *s, size_t n, const char *name,
    struct err *e)
{
	struct buf text = {0};
	struct yaml_fault f = {0};
	struct node *str = NULL;
	size_t len = 0;
	char *p = NULL;
	int rc = 0;

	if (n > YAML_MAX_BYTES) {
		rc = err_at(e, ERR_INVALID, name, 0, 0, NULL, "%s",
		    _("the text is larger than 16 MiB; split it"));
		goto done;
	}
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
		s += 3;
		n -= 3;
	}
	yaml_text_scan(&f, s, n, YAML_INPUT);
	if (f.why) {
		rc = err_at(e, ERR_INVALID, name, f.line, f.column, NULL, "%s", f.why);
		goto done;
	}
	for (size_t i = 0; i < n; i++)
		if (s[i] != '\r') /* the scan let none pass but before a line feed */
			buf_putc(&text, s[i]);
	p = yaml_text_nfc(a, buf_str(&text), text.n, &len);
	str = node_strn(a, p, len);
	*out = str;
done:
	buf_free(&text);
	return rc;
}
