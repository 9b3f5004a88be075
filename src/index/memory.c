/* Without memory SQLite goes on as well as it can: it finds no VFS, calls a file damaged, leaves an update half done. */
#include "index/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/alloc.h"
#include "base/secret.h"

/* Nothing that a query may ask for is larger; more is refused to it, and ends nobody. */
enum { MOST = 1 << 30 };

static void *
take(int n)
{
	return n > MOST ? NULL : xmalloc((size_t)n);
}

static int
size_of(void *p)
{
	size_t n = p ? malloc_usable_size(p) : 0;

	return n > MOST ? MOST : (int)n;
}

static void
give_back(void *p)
{
	if (p)
		secret_wipe(p, malloc_usable_size(p));
	free(p);
}

static void *
take_more(void *p, int n)
{
	size_t was = p ? malloc_usable_size(p) : 0;
	void *more;

	if (n > MOST)
		return NULL;
	if (p && (size_t)n <= was)
		return p;
	more = xmalloc((size_t)n);
	if (was)
		memcpy(more, p, was);
	give_back(p);
	return more;
}

static int
round_up(int n)
{
	return n > MOST - 7 ? n : (n + 7) & ~7;
}

static int
begin(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void
end(void *data)
{
	(void)data;
}

static void
start(void)
{
	static const sqlite3_mem_methods methods = {take, give_back, take_more, size_of, round_up, begin,
	    end, NULL};

	/* only refused where SQLite has been used before, and then it is as it was */
	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

void
memory_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
}
