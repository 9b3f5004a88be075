#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

/* as err.h wraps them for the analyzer */
#undef err_set
#undef err_at
#undef err_os

static void
copy(char *dst, size_t cap, const char *src)
{
	size_t n = src ? strlen(src) : 0;

	if (n >= cap) {
		n = cap - 1;
		/* never cut a UTF-8 sequence in two */
		while (n > 0 && ((unsigned char)src[n] & 0xc0) == 0x80)
			n--;
	}
	if (n)
		memcpy(dst, src, n);
	dst[n] = '\0';
}

static int
add(struct err *e, enum err_code code, const char *file, unsigned line, unsigned column,
    const char *path, const char *fmt, va_list ap)
{
	struct err_item *it;
	char text[1024];

	if (!e)
		return code;
	if (e->n == ERR_ITEMS) {
		e->lost++;
		return code;
	}
	it = &e->item[e->n++];
	it->code = code;
	it->line = line;
	it->column = column;
	copy(it->file, sizeof it->file, file);
	copy(it->path, sizeof it->path, path);
	vsnprintf(text, sizeof text, fmt, ap);
	copy(it->text, sizeof it->text, text);
	return code;
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, code, NULL, 0, 0, NULL, fmt, ap);
	va_end(ap);
	return code;
}

int
err_at(struct err *e, enum err_code code, const char *file, unsigned line, unsigned column,
    const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, code, file, line, column, path, fmt, ap);
	va_end(ap);
	return code;
}

int
err_os(struct err *e, enum err_code code, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, code, NULL, 0, 0, NULL, fmt, ap);
	va_end(ap);
	if (e && !e->lost) {
		struct err_item *it = &e->item[e->n - 1];
		size_t n = strlen(it->text);

		snprintf(it->text + n, sizeof it->text - n, ": %s", strerror(errnum));
	}
	return code;
}

enum err_code
err_code(const struct err *e)
{
	return e->n ? e->item[0].code : ERR_OK;
}

void
err_append(struct err *to, const struct err *from)
{
	for (int i = 0; to && i < from->n; i++) {
		if (to->n == ERR_ITEMS)
			to->lost++;
		else
			to->item[to->n++] = from->item[i];
	}
	if (to)
		to->lost += from->lost;
}

void
err_clear(struct err *e)
{
	e->n = e->lost = 0;
}

const char *
err_name(enum err_code code)
{
	switch (code) {
#define X(id, name, status) case ERR_##id: return name;
	ERR_CODES(X)
#undef X
	}
	return "?";
}

int
err_exit_status(enum err_code code)
{
	switch (code) {
#define X(id, name, status) case ERR_##id: return status;
	ERR_CODES(X)
#undef X
	}
	return 5;
}

static void
format(struct buf *out, const char *file, unsigned line, unsigned column, const char *path,
    const char *text)
{
	if (file && *file) {
		buf_puts(out, file);
		if (line)
			buf_printf(out, ":%u", line);
		if (line && column)
			buf_printf(out, ":%u", column);
		buf_puts(out, ": ");
	}
	if (path && *path)
		buf_printf(out, "%s: ", path);
	buf_puts(out, text);
}

void
err_format(struct buf *out, const struct err_item *it)
{
	format(out, it->file, it->line, it->column, it->path, it->text);
}

void
diag_format(struct buf *out, const struct diag *d)
{
	format(out, d->file, d->line, d->column, d->path, d->text);
}

void
diags_add(struct diags *d, const char *file, unsigned line, unsigned column, const char *path,
    const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vec_grow(d);
	d->v[d->n++] = (struct diag){
		.file = file ? xstrdup(file) : NULL,
		.path = path ? xstrdup(path) : NULL,
		.text = buf_take(&text),
		.line = line,
		.column = column,
	};
}

static bool
before(const struct diag *a, const struct diag *b)
{
	int c = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (c)
		return c < 0;
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

void
diags_sort(struct diags *d)
{
	/* insertion: findings come nearly sorted, and qsort is not stable */
	for (size_t i = 1; i < d->n; i++) {
		struct diag x = d->v[i];
		size_t j = i;

		for (; j > 0 && before(&x, &d->v[j - 1]); j--)
			d->v[j] = d->v[j - 1];
		d->v[j] = x;
	}
}

void
diags_free(struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].file);
		free(d->v[i].path);
		free(d->v[i].text);
	}
	free(d->v);
	*d = (struct diags){0};
}
