#include "base/arena.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/secret.h"

enum { FIRST = 16 * 1024, LARGEST = 1024 * 1024 };

struct chunk {
	struct chunk *next;
	size_t size, used;
};

struct arena {
	struct chunk *head;
	size_t grow;
};

/* One small chunk, wiped, for the next arena: documents are opened one after the other, and to map, lock and
 * unmap pages costs more than to read a small one. */
static _Atomic(struct chunk *) spare;

static size_t
align16(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

static struct chunk *
map_chunk(size_t size)
{
	struct chunk *c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		xnomem();
	madvise(c, size, MADV_DONTDUMP);
	/* Beyond RLIMIT_MEMLOCK the page may be swapped; unencrypted swap is
	 * outside what is defended, refusing to open a record would be worse. */
	(void)!mlock(c, size);
	return c;
}

static void
add_chunk(struct arena *a, size_t need)
{
	size_t size = a->grow;
	struct chunk *c;

	need += align16(sizeof *c);
	while (size < need)
		size *= 2;
	c = size == FIRST ? atomic_exchange(&spare, NULL) : NULL;
	if (!c)
		c = map_chunk(size);
	c->next = a->head;
	c->size = size;
	c->used = align16(sizeof *c);
	a->head = c;
	if (a->grow < LARGEST)
		a->grow *= 2;
}

struct arena *
arena_new(void)
{
	struct arena *a = xcalloc(1, sizeof *a);

	a->grow = FIRST;
	return a;
}

/* Wiped and given back, from `c` to the last. */
static void
drop(struct chunk *c)
{
	for (struct chunk *next; c; c = next) {
		struct chunk *none = NULL;
		size_t size = c->size;

		next = c->next;
		secret_wipe(c, c->used);
		if (size != FIRST || !atomic_compare_exchange_strong(&spare, &none, c))
			munmap(c, size);
	}
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	drop(a->head);
	free(a);
}

void
arena_reset(struct arena *a)
{
	size_t start = align16(sizeof(struct chunk));

	if (!a->head)
		return;
	drop(a->head->next);
	a->head->next = NULL;
	secret_wipe((char *)a->head + start, a->head->used - start);
	a->head->used = start;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void *p;

	if (n > SIZE_MAX / 4)
		abort();
	n = align16(n ? n : 1);
	if (!a->head || a->head->size - a->head->used < n)
		add_chunk(a, n);
	p = (char *)a->head + a->head->used;
	a->head->used += n;
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
