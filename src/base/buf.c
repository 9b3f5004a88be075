#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

void *
buf_room(struct buf *b, size_t n)
{
	if (n >= SIZE_MAX / 4 - b->n)
		abort();
	if (b->n + n + 1 > b->cap) {
		size_t cap = b->cap ? b->cap : 64;
		char *p;

		while (cap < b->n + n + 1)
			cap *= 2;
		/* not realloc: it may leave a copy behind that nobody wipes */
		p = xmalloc(cap);
		if (b->n)
			memcpy(p, b->p, b->n);
		if (b->p)
			secret_wipe(b->p, b->cap);
		free(b->p);
		b->p = p;
		b->cap = cap;
		b->p[b->n] = '\0';
	}
	return b->p + b->n;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_room(b, n);

	if (n)
		memcpy(to, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_putc(struct buf *b, int c)
{
	char ch = (char)c;

	buf_add(b, &ch, 1);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t room;
	int n;

	/* most fit into what there is, and are formatted once */
	buf_room(b, 1);
	room = b->cap - b->n;
	va_copy(again, ap);
	n = vsnprintf(b->p + b->n, room, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	if ((size_t)n >= room) {
		buf_room(b, (size_t)n + 1);
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	}
	b->n += (size_t)n;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_reset(struct buf *b)
{
	if (b->p) {
		secret_wipe(b->p, b->cap);
		b->p[0] = '\0';
	}
	b->n = 0;
}

void
buf_free(struct buf *b)
{
	if (b->p)
		secret_wipe(b->p, b->cap);
	free(b->p);
	*b = (struct buf){0};
}

const char *
buf_str(const struct buf *b)
{
	return b->p ? b->p : "";
}

char *
buf_take(struct buf *b)
{
	char *p;

	buf_room(b, 0);
	p = b->p;
	*b = (struct buf){0};
	return p;
}

/* Length of the UTF-8 sequence at s (at most n bytes); 0 when it is none. */
static size_t
utf8_length(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t k = u[0] < 0x80 ? 1 : u[0] >= 0xc2 && u[0] < 0xe0 ? 2 : u[0] >= 0xe0 && u[0] < 0xf0 ? 3 :
	    u[0] >= 0xf0 && u[0] < 0xf5 ? 4 : 0;

	if (k > n)
		return 0;
	for (size_t i = 1; i < k; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogates, beyond U+10FFFF */
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return k;
}

void
buf_json_string(struct buf *b, const char *s, size_t n)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		switch (c) {
		case '"': buf_puts(b, "\\\""); break;
		case '\\': buf_puts(b, "\\\\"); break;
		case '\n': buf_puts(b, "\\n"); break;
		case '\r': buf_puts(b, "\\r"); break;
		case '\t': buf_puts(b, "\\t"); break;
		default:
			if (c < 0x20 || c == 0x7f) {
				buf_printf(b, "\\u%04x", c);
			} else {
				size_t k = utf8_length(s + i, n - i);

				/* a name given on a command line may hold any bytes; JSON may not */
				if (k)
					buf_add(b, s + i, k);
				else
					buf_puts(b, "\\ufffd");
				i += k ? k - 1 : 0;
			}
		}
	}
	buf_putc(b, '"');
}
