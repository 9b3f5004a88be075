#include "schema/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "tree/node.h"
#include "tree/yaml.h"

struct reader {
	struct arena *a;
	const char *p;
};

static void
skip_space(struct reader *r)
{
	r->p += strspn(r->p, " \t\r\n");
}

static void
expect(struct reader *r, char c)
{
	if (*r->p != c)
		fail_msg("malformed JSON: %.30s", r->p);
	r->p++;
	skip_space(r);
}

static unsigned
hex4(struct reader *r)
{
	char digits[5] = {0}, *end;
	unsigned v;

	memcpy(digits, r->p, strnlen(r->p, 4));
	v = (unsigned)strtoul(digits, &end, 16);
	if (end != digits + 4)
		fail_msg("malformed JSON: %.30s", r->p);
	r->p += 4;
	return v;
}

static void
add_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_putc(b, (int)c);
		return;
	}
	if (c < 0x800) {
		buf_putc(b, (int)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_putc(b, (int)(0xe0 | c >> 12));
		} else {
			buf_putc(b, (int)(0xf0 | c >> 18));
			buf_putc(b, (int)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_putc(b, (int)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_putc(b, (int)(0x80 | (c & 0x3f)));
}

static struct node *
read_string(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	struct buf b = {0};
	struct node *n;

	r->p++;
	while (*r->p != '"') {
		const char *known;
		unsigned c;

		if (!*r->p)
			fail_msg("malformed JSON: a string does not end");
		if (*r->p != '\\') {
			buf_putc(&b, *r->p++);
			continue;
		}
		r->p++;
		if (*r->p == 'u') {
			r->p++;
			c = hex4(r);
			if (c >= 0xd800 && c < 0xdc00 && r->p[0] == '\\' && r->p[1] == 'u') {
				r->p += 2;
				c = 0x10000 + ((c - 0xd800) << 10) + (hex4(r) - 0xdc00);
			}
			add_utf8(&b, c);
		} else if (*r->p && (known = strchr(from, *r->p))) {
			buf_putc(&b, to[known - from]);
			r->p++;
		} else {
			fail_msg("malformed JSON: %.30s", r->p);
		}
	}
	n = node_strn(r->a, buf_str(&b), b.n);
	buf_free(&b);
	expect(r, '"');
	return n;
}

static struct node *
read_value(struct reader *r)
{
	struct node *n = NULL;

	if (*r->p == '{') {
		n = node_map(r->a);
		expect(r, '{');
		while (*r->p != '}') {
			const struct node *key = read_string(r);

			expect(r, ':');
			node_set(r->a, n, key->text, read_value(r));
			if (*r->p != '}')
				expect(r, ',');
		}
		expect(r, '}');
	} else if (*r->p == '[') {
		n = node_seq(r->a);
		expect(r, '[');
		while (*r->p != ']') {
			node_push(r->a, n, read_value(r));
			if (*r->p != ']')
				expect(r, ',');
		}
		expect(r, ']');
	} else if (*r->p == '"') {
		n = read_string(r);
	} else {
		/* null, true, false and numbers are the same in YAML */
		size_t len = strcspn(r->p, ",]} \t\r\n");
		struct err e = {0};

		if (!len || yaml_parse_value(&n, r->a, arena_strndup(r->a, r->p, len), "json", &e))
			fail_msg("malformed JSON: %.30s", r->p);
		r->p += len;
		skip_space(r);
	}
	return n;
}

struct node *
json_read(struct arena *a, const char *s)
{
	struct reader r = {a, s};
	struct node *n;

	skip_space(&r);
	n = read_value(&r);
	if (*r.p)
		fail_msg("malformed JSON: something follows");
	return n;
}
