#include <string.h>

#include "base/buf.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "tree/yaml_text.h"

enum {
	WIDTH = 80,      /* a list of scalars that fits is written on one line */
	INDENT = 2,
	LONG_KEY = 1000, /* libyaml gives up on `key:` after 1024 characters; `? key` has no limit */
};

enum context { BLOCK, FLOW };

static bool
all_printable(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end)
		if (!yaml_text_printable(yaml_text_next(&s, end)))
			return false;
	return true;
}

/** A single-quoted scalar on one line can carry it. A tab can stand there too, but nobody
 * would see it: it is written \t. */
static bool
fits_single(const char *s, size_t n)
{
	return !memchr(s, '\n', n) && !memchr(s, '\t', n) && all_printable(s, n);
}

/** The characters alone would read back as this text, whatever type that gives. YAML 1.2, 7.3.3,
 * a little narrower: also what libyaml takes otherwise, and what other readers might. */
static bool
fits_plain(const char *s, size_t n, enum context context)
{
	if (n == 0 || s[0] == ' ' || s[n - 1] == ' ' || s[n - 1] == ':' || !fits_single(s, n))
		return false;
	if (strchr("?:,[]{}#&*!|>'\"%@`", s[0]) || (s[0] == '-' && (n == 1 || s[1] == ' ')))
		return false;
	/* at the left margin these would be document marks */
	if (n >= 3 && (memcmp(s, "---", 3) == 0 || memcmp(s, "...", 3) == 0))
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		if ((s[i] == ':' && s[i + 1] == ' ') || (s[i] == ' ' && s[i + 1] == '#'))
			return false;
	if (context == BLOCK)
		return true;
	for (size_t i = 0; i < n; i++)
		if (strchr(",[]{}?", s[i])) /* YAML 1.1 readers stop at a question mark too */
			return false;
	return true;
}

static void
emit_single(struct buf *out, const char *s, size_t n)
{
	buf_putc(out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\'')
			buf_putc(out, '\'');
		buf_putc(out, s[i]);
	}
	buf_putc(out, '\'');
}

static void
emit_double(struct buf *out, const char *s, size_t n)
{
	const char *end = s + n;

	buf_putc(out, '"');
	while (s < end) {
		const char *at = s;
		int32_t c = yaml_text_next(&s, end);

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (c == '\t')
			buf_puts(out, "\\t");
		else if (c == '\r')
			buf_puts(out, "\\r");
		else if (yaml_text_printable(c))
			buf_add(out, at, (size_t)(s - at));
		else if (c < 0)
			buf_puts(out, "\\uFFFD"); /* no UTF-8: no reader would take the byte */
		else if (c < 0x100)
			buf_printf(out, "\\x%02X", (unsigned)c);
		else
			buf_printf(out, "\\u%04X", (unsigned)c); /* all beyond U+FFFF are printable */
	}
	buf_putc(out, '"');
}

/** A text on one line: plain, single-quoted or double-quoted, the first that carries it. */
static void
emit_text(struct buf *out, const char *s, size_t n, enum context context)
{
	if (fits_plain(s, n, context) && node_plain_is_str(s, n))
		buf_add(out, s, n);
	else if (fits_single(s, n))
		emit_single(out, s, n);
	else
		emit_double(out, s, n);
}

/** Also an empty list or mapping. */
static void
emit_scalar(struct buf *out, const struct node *n, enum context context)
{
	if (n->kind == NODE_SEQ || n->kind == NODE_MAP)
		buf_puts(out, n->kind == NODE_SEQ ? "[]" : "{}");
	else if (n->kind == NODE_STR)
		emit_text(out, n->text, n->len, context);
	else
		node_scalar_json(out, n);
}

static void
spaces(struct buf *out, size_t n)
{
	for (; n; n--)
		buf_putc(out, ' ');
}

/** Writes the key, its colon and nothing behind it; a very long key in the explicit form. A key
 * that looks like a number is quoted: we read its text in any case, other readers do not. */
static void
emit_key(struct buf *out, const char *key, size_t indent, enum context context)
{
	struct buf text = {0};

	if (strcmp(key, "<<") == 0)
		buf_puts(&text, "'<<'");
	else
		emit_text(&text, key, strlen(key), context);
	if (text.n <= LONG_KEY) {
		buf_add(out, text.p, text.n);
		buf_putc(out, ':');
	} else if (context == FLOW) {
		buf_printf(out, "? %s :", text.p);
	} else {
		buf_printf(out, "? %s\n", text.p);
		spaces(out, indent);
		buf_putc(out, ':');
	}
	buf_free(&text);
}

/** A literal block carries the text exactly: it has lines, a character in one of them, nothing to
 * escape, and not more than one line feed at its end (no `|+`). */
static bool
fits_literal(const struct node *n)
{
	const char *s = n->text;

	if (n->kind != NODE_STR || !memchr(s, '\n', n->len))
		return false;
	if (n->len >= 2 && s[n->len - 1] == '\n' && s[n->len - 2] == '\n')
		return false;
	for (size_t i = 0;; i++) {
		if (i == n->len)
			return false;
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\n')
			break;
	}
	return all_printable(s, n->len);
}

/** The first line that is not empty tells a reader the indentation, unless the header does. */
static bool
needs_indicator(const char *s)
{
	s += strspn(s, "\n");
	return *s == ' ' || *s == '\t';
}

static void
emit_literal(struct buf *out, const struct node *n, size_t indent)
{
	const char *s = n->text, *end = s + n->len;

	buf_putc(out, '|');
	if (needs_indicator(s))
		buf_printf(out, "%d", INDENT);
	if (end[-1] != '\n')
		buf_putc(out, '-');
	buf_putc(out, '\n');
	while (s < end) {
		const char *lf = memchr(s, '\n', (size_t)(end - s));
		size_t len = lf ? (size_t)(lf - s) : (size_t)(end - s);

		if (len) {
			spaces(out, indent);
			buf_add(out, s, len);
		}
		buf_putc(out, '\n');
		s += len + 1;
	}
}

static size_t
columns(const char *s, size_t n)
{
	size_t c = 0;

	for (size_t i = 0; i < n; i++)
		c += ((unsigned char)s[i] & 0xc0) != 0x80;
	return c;
}

/** Writes the list on one line if its items are scalars of one line and it ends within WIDTH, having
 * begun behind what `out` holds since `line`. */
static bool
emit_short_list(struct buf *out, const struct node *n, size_t line)
{
	struct buf text = {0};
	size_t width = columns(out->p ? out->p + line : "", out->n - line);
	bool fits = true;

	buf_putc(&text, '[');
	for (size_t i = 0; fits && i < n->n; i++) {
		const struct node *item = n->seq[i];

		if (i)
			buf_puts(&text, ", ");
		/* at most 4 bytes a character: what is longer than this cannot fit either */
		fits = item->kind != NODE_SEQ && item->kind != NODE_MAP &&
		    !(item->kind == NODE_STR &&
		    (item->len > (size_t)4 * WIDTH || memchr(item->text, '\n', item->len)));
		if (fits)
			emit_scalar(&text, item, FLOW);
		fits = fits && width + columns(text.p, text.n) + 1 <= WIDTH;
	}
	buf_putc(&text, ']');
	if (fits)
		buf_add(out, text.p, text.n);
	buf_free(&text);
	return fits;
}

enum after { AT_START, AFTER_KEY, AFTER_DASH };

static void emit_value(struct buf *out, const struct node *n, size_t indent, enum after after,
    size_t line);

/** The pairs at `indent`. The first begins where `out` ends, in a line of that width. */
static void
emit_pairs(struct buf *out, const struct node *n, size_t indent)
{
	size_t line = out->n - indent;

	for (size_t i = 0; i < n->n; i++) {
		if (i) {
			line = out->n;
			spaces(out, indent);
		}
		emit_key(out, n->map[i].key, indent, BLOCK);
		emit_value(out, n->map[i].value, indent, AFTER_KEY, line);
	}
}

/** As emit_pairs. */
static void
emit_items(struct buf *out, const struct node *n, size_t indent)
{
	size_t line = out->n - indent;

	for (size_t i = 0; i < n->n; i++) {
		if (i) {
			line = out->n;
			spaces(out, indent);
		}
		buf_putc(out, '-');
		emit_value(out, n->seq[i], indent, AFTER_DASH, line);
	}
}

static void
emit_list(struct buf *out, const struct node *n, size_t indent, enum after after, size_t line)
{
	size_t mark = out->n;

	if (after != AT_START)
		buf_putc(out, ' ');
	if (emit_short_list(out, n, line)) {
		buf_putc(out, '\n');
		return;
	}
	if (after == AFTER_KEY) {
		/* a list stands under its key, not indented */
		out->n = mark;
		buf_putc(out, '\n');
		spaces(out, indent);
	}
	emit_items(out, n, after == AFTER_DASH ? indent + INDENT : indent);
}

/** Writes a value behind what stands in its line, and the end of its last line. `indent` is that
 * of the mapping or list it is in; its line begins at `line` in `out`. */
static void
emit_value(struct buf *out, const struct node *n, size_t indent, enum after after, size_t line)
{
	if (n->kind == NODE_SEQ && n->n) {
		emit_list(out, n, indent, after, line);
		return;
	}
	if (n->kind == NODE_MAP && n->n) {
		if (after == AFTER_KEY) {
			buf_putc(out, '\n');
			spaces(out, indent + INDENT);
		} else if (after == AFTER_DASH) {
			buf_putc(out, ' ');
		}
		emit_pairs(out, n, after == AT_START ? indent : indent + INDENT);
		return;
	}
	if (after != AT_START)
		buf_putc(out, ' ');
	/* YAML 1.1 and 1.2 count the indicator differently at the top: not there */
	if (fits_literal(n) && !(after == AT_START && needs_indicator(n->text))) {
		emit_literal(out, n, indent + INDENT);
		return;
	}
	emit_scalar(out, n, BLOCK);
	buf_putc(out, '\n');
}

void
yaml_emit(struct buf *out, const struct node *n)
{
	emit_value(out, n, 0, AT_START, out->n);
}

void
yaml_emit_flow(struct buf *out, const struct node *n)
{
	if (n->kind == NODE_SEQ) {
		buf_putc(out, '[');
		for (size_t i = 0; i < n->n; i++) {
			if (i)
				buf_puts(out, ", ");
			yaml_emit_flow(out, n->seq[i]);
		}
		buf_putc(out, ']');
	} else if (n->kind == NODE_MAP) {
		buf_putc(out, '{');
		for (size_t i = 0; i < n->n; i++) {
			if (i)
				buf_puts(out, ", ");
			emit_key(out, n->map[i].key, 0, FLOW);
			buf_putc(out, ' ');
			yaml_emit_flow(out, n->map[i].value);
		}
		buf_putc(out, '}');
	} else {
		emit_scalar(out, n, FLOW);
	}
}

void
yaml_pad(struct buf *out)
{
	while (out->n % YAML_PAD)
		buf_putc(out, '\n');
}
