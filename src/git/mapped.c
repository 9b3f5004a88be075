/* What was read of packs stays mapped, and counts as this program's memory up to all of their size, though the kernel has it
 * once for everybody. libgit2's own remedy, small windows, does not do: its indexer (1.5) takes a window that ends within an
 * object for the end of the pack, and whole packs are called damaged. */
#include "git/lib.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	STEP = 64 << 10,  /* bytes of a file that the kernel maps at once where one is touched */
	EVERY = 64,       /* steps, after which one looks */
	LIMIT = 12 << 20, /* bytes in memory beyond what stays */
	OFTEN = 1500,     /* times given back, after which the same places must be wanted again and again: a long history */
	MORE = 32 << 20   /* bytes in memory then: 100,000 commits are verified in half the time */
};

/* Bytes of files in this process's memory; 0 where the system does not say. */
static size_t
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[256], *p = line;
	unsigned long files = 0;

	if (!f)
		return 0;
	/* pages: size, resident, of those shared with files, ... */
	for (int i = 0; i < 3 && (i || fgets(line, sizeof line, f)); i++)
		files = strtoul(p, &p, 10);
	fclose(f);
	return files * (size_t)sysconf(_SC_PAGESIZE);
}

/* Large shared mappings that nothing is written through: packs. Whatever is looked at again comes again from the file, in any
 * thread and at any moment. The indexes of packs are small, and asked all over: they stay. */
static void
drop(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[256];
	bool begins = true;

	while (f && fgets(line, sizeof line, f)) {
		/* FROM-TO MODE ... */
		char *p = line;
		unsigned long from = strtoul(p, &p, 16), to = *p == '-' ? strtoul(p + 1, &p, 16) : 0;

		if (begins && to > from && to - from > LIMIT && strncmp(p, " r--s ", 6) == 0)
			/* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel says where as a number */
			madvise((void *)from, to - from, MADV_DONTNEED);
		begins = strchr(line, '\n') != NULL;
	}
	if (f)
		fclose(f);
}

void
git_rest(void)
{
	drop();
}

void
mapped_tick(size_t bytes)
{
	static atomic_size_t steps, stays, given;
	size_t more = 1 + bytes / STEP, n = atomic_fetch_add(&steps, more);
	int saved = errno;

	if (n / EVERY == (n + more) / EVERY)
		return;
	n = resident();
	if (!stays)
		stays = n;
	if (n > stays + (given < OFTEN ? LIMIT : MORE)) {
		given++;
		drop();
		stays = resident();
	}
	errno = saved;
}
