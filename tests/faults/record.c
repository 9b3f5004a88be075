/* What changes on the disk, written down in the order in which it changes, for replay.py. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
record_start(const char *file)
{
	if (file)
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

void
record_enter(void)
{
	pthread_mutex_lock(&lock);
}

void
record_leave(void)
{
	pthread_mutex_unlock(&lock);
}

/* By the system call: write() is what is recorded. */
static void
put(const void *p, size_t n)
{
	const char *s = p;

	while (n > 0) {
		long w = syscall(SYS_write, log_fd, s, n);

		if (w <= 0)
			_exit(99);
		s += w;
		n -= (size_t)w;
	}
}

void
record_note(const char *fmt, ...)
{
	char line[9000];
	va_list ap;
	int n, was = errno;

	if (log_fd < 0)
		return;
	n = snprintf(line, sizeof line, "%ld\t", (long)getpid());
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	line[n++] = '\n';
	put(line, (size_t)n);
	errno = was;
}

void
record_data(const void *p, size_t n)
{
	if (log_fd < 0)
		return;
	put(p, n);
	put("\n", 1);
}

void
record_write(int fd, const void *p, size_t n, off_t at)
{
	if (!inject_on(fd) || n == 0)
		return;
	record_note("write\t%d\t%ld\t%ld", fd, (long)at, (long)n);
	record_data(p, n);
}
