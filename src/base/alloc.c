#include "base/alloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

void
xnomem(void)
{
	static const char text[] = "akt: out of memory\n";

	/* no stdio and no translation: they may ask for memory themselves. Guarded memory is unmapped with
	 * the process, and what was not acknowledged is not half there: files come by renames. */
	while (write(STDERR_FILENO, text, sizeof text - 1) < 0 && errno == EINTR)
		;
	_exit(5);
}

void *
xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		xnomem();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		xnomem();
	return p;
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		xnomem();
	p = realloc(p, n && size ? n * size : 1);
	if (!p)
		xnomem();
	return p;
}

void
xtrim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (n < 0)
		xnomem();
	return p;
}
