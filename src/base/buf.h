/** Growing byte string. Contents are wiped when it grows, is reset or freed,
 * so plaintext may pass through it. Always NUL-terminated behind its end. */
#ifndef AKT_BASE_BUF_H
#define AKT_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *p;  /* NULL while empty and never grown */
	size_t n, cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, int c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);
/** Room for n more bytes; returns where they go (not yet counted in b->n). */
void *buf_room(struct buf *b, size_t n);
/** Empties, wiping, keeps the memory. */
void buf_reset(struct buf *b);
/** Wipes and frees; the struct is reusable. */
void buf_free(struct buf *b);
/** The string, "" while empty. Owned by b. */
const char *buf_str(const struct buf *b);
/** Hands the malloc'd, NUL-terminated string to the caller (never NULL); b is empty after. */
char *buf_take(struct buf *b);
/** JSON string literal with quotes, RFC 8259; what is no UTF-8 becomes U+FFFD. */
void buf_json_string(struct buf *b, const char *s, size_t n);

#endif
