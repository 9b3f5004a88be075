/* Stands between a program and the system: counts the calls that touch files below AKT_FAULT_DIR, lets one of them fail
 * (or all from it on), stops the program there, or writes down what changes on the disk. Preloaded, so that what
 * libgit2 and SQLite call for themselves is met as well.
 *
 *   AKT_FAULT_DIR    only paths below it, and files opened there
 *   AKT_FAULT_SET    which calls: `write` (whatever changes something), `read` (the others), `open` (those that take a
 *                    descriptor), `alloc` (memory)
 *   AKT_FAULT_AT     the call that fails, 1 for the first; 0 only counts
 *   AKT_FAULT_PATH   instead, the first from there on that is come to by this way (path.c)
 *   AKT_FAULT_PATHS  a file that gets each call's way, 8 bytes each
 *   AKT_FAULT_HOW    an error's number: that call alone; `full`: no space from there on; `readonly`: nothing can
 *                    be changed from there on; `kill`, `int`: that signal before the call
 *                    `each:` and an error's number: a child of the process goes on from every call with that call failed,
 *                    up to its end or the first change it would make, and the process itself goes on as if nothing was
 *   AKT_FAULT_STAYS  what read the file that a call failed at fails from there on, as with a disk that gives it up no more
 *   AKT_FAULT_STEP   with `each`: of so many calls one, from AKT_FAULT_AT on
 *   AKT_FAULT_EACH   with `each`: a file that gets a line for each child: the call, its way, how it ended (98: it would
 *                    have changed something, 1000 and more: a signal), and what it said
 *   AKT_FAULT_COUNT  a file that gets the number of calls, and the name of the one that failed
 *   AKT_FAULT_CLOCK  seconds that the clock is wrong by
 *   AKT_FAULT_LOG    a file to which each change is appended, for replay.py */
#include "shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { MAPS = 64 };

static struct map {
	char *p;
	size_t n;
	off_t at;
	long id; /* its descriptor may be closed, and be another file's, when it ends */
} maps[MAPS];
static long nmaps;

static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* One call of a path: counted, and if it was done, written down. */
#define PATH_CALL(ret, set, name, path, call, ...)                                                 \
	do {                                                                                       \
		ret rc_;                                                                           \
		if (!inject_below(path))                                                                  \
			return call;                                                               \
		if (inject_fails(set, name))                                                              \
			return (ret)-1;                                                            \
		record_enter();                                                                           \
		rc_ = call;                                                                        \
		if (rc_ == 0)                                                                      \
			record_note(__VA_ARGS__);                                                         \
		record_leave();                                                                           \
		return rc_;                                                                        \
	} while (0)

/* --- opening and closing ------------------------------------------------------------ */

static int
open_any(const char *name, const char *path, int flags, mode_t mode)
{
	int (*f)(const char *, int, ...) = real(name);
	bool changes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
	struct stat st;
	bool was;
	int fd;

	if (!inject_below(path))
		return f(path, flags, mode);
	if (inject_fails(changes ? WRITE : READ, changes ? "open for writing" : "open"))
		return -1;
	record_enter();
	was = syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0) == 0;
	fd = f(path, flags, mode);
	if (fd >= 0 && fd < FDS) {
		inject_opened(fd, path, changes);
		if (changes && !was)
			record_note("create\t%s", path);
		record_note("open\t%d\t%s", fd, path);
		if (flags & O_TRUNC)
			record_note("truncate\t%d\t0", fd);
	}
	record_leave();
	return fd;
}

#define OPEN(name)                                                                                 \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		mode_t mode = 0;                                                                   \
		va_list ap;                                                                        \
		va_start(ap, flags);                                                               \
		if (flags & O_CREAT)                                                               \
			mode = va_arg(ap, mode_t);                                                 \
		va_end(ap);                                                                        \
		return open_any(#name, path, flags, mode);                                         \
	}
OPEN(open)
OPEN(open64)

int
close(int fd)
{
	int (*f)(int) = real("close");
	bool failing, changes;

	if (!inject_on(fd))
		return f(fd);
	changes = files[fd].changes;
	record_enter();
	files[fd].on = false;
	record_note("close\t%d", fd);
	record_leave();
	failing = inject_fails(changes ? WRITE : READ, "close");
	if (f(fd) < 0)
		return -1;
	if (failing)
		errno = fault.number;
	return failing ? -1 : 0;
}

DIR *
opendir(const char *path)
{
	DIR *(*f)(const char *) = real("opendir");
	bool mine = inject_below(path);
	DIR *d = mine && inject_fails(READ, "opendir") ? NULL : f(path);

	if (d && mine)
		inject_opened(dirfd(d), path, false);
	return d;
}

int
closedir(DIR *d)
{
	int (*f)(DIR *) = real("closedir"), fd = dirfd(d);

	if (fd >= 0 && fd < FDS)
		files[fd].on = false;
	return f(d);
}

/* --- reading -------------------------------------------------------------------------- */

#define READ_CALL(ret, name, types, args, cond)                                                    \
	ret name types                                                                             \
	{                                                                                          \
		ret(*f) types = real(#name);                                                       \
		return cond && inject_fails(READ, #name) ? -1 : f args;                                   \
	}
READ_CALL(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), inject_on(fd))
READ_CALL(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), inject_on(fd))
READ_CALL(ssize_t, pread64, (int fd, void *p, size_t n, off64_t at), (fd, p, n, at), inject_on(fd))
READ_CALL(int, stat, (const char *restrict path, struct stat *restrict st), (path, st), inject_below(path))
READ_CALL(int, lstat, (const char *restrict path, struct stat *restrict st), (path, st), inject_below(path))
READ_CALL(int, stat64, (const char *restrict path, struct stat64 *restrict st), (path, st), inject_below(path))
READ_CALL(int, lstat64, (const char *restrict path, struct stat64 *restrict st), (path, st), inject_below(path))
READ_CALL(int, fstat, (int fd, struct stat *st), (fd, st), inject_on(fd))
READ_CALL(int, fstat64, (int fd, struct stat64 *st), (fd, st), inject_on(fd))
READ_CALL(int, access, (const char *path, int how), (path, how), inject_below(path))

#define READDIR(entry, name)                                                                       \
	struct entry *name(DIR *d)                                                                 \
	{                                                                                          \
		struct entry *(*f)(DIR *) = real(#name);                                           \
		return inject_on(dirfd(d)) && inject_fails(READ, #name) ? NULL : f(d);             \
	}
READDIR(dirent, readdir)
READDIR(dirent64, readdir64)

static void *
map_any(const char *name, void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	void *(*f)(void *, size_t, int, int, int, off_t) = real(name);
	bool changes = prot & PROT_WRITE && flags & MAP_SHARED;
	void *got;

	if (!inject_on(fd))
		return f(p, n, prot, flags, fd, at);
	if (inject_fails(changes ? WRITE : READ, "mmap"))
		return MAP_FAILED;
	got = f(p, n, prot, flags, fd, at);
	for (size_t i = 0; got != MAP_FAILED && changes && i < MAPS; i++)
		if (!maps[i].p) {
			record_enter();
			maps[i] = (struct map){got, n, at, ++nmaps};
			record_note("map\t%ld\t%d", nmaps, fd);
			record_leave();
			break;
		}
	return got;
}

void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	return map_any("mmap", p, n, prot, flags, fd, at);
}

void *
mmap64(void *p, size_t n, int prot, int flags, int fd, off64_t at)
{
	return map_any("mmap64", p, n, prot, flags, fd, at);
}

int
munmap(void *p, size_t n)
{
	int (*f)(void *, size_t) = real("munmap");

	for (size_t i = 0; p && i < MAPS; i++)
		if (maps[i].p == p) {
			record_enter();
			record_note("mapped\t%ld\t%ld\t%ld", maps[i].id, (long)maps[i].at, (long)maps[i].n);
			record_data(p, maps[i].n);
			record_leave();
			maps[i].p = NULL;
		}
	return f(p, n);
}

/* --- changing -------------------------------------------------------------------------- */

ssize_t
write(int fd, const void *p, size_t n)
{
	ssize_t (*f)(int, const void *, size_t) = real("write");
	ssize_t w;
	off_t at;

	if (!inject_on(fd))
		return f(fd, p, n);
	if (inject_fails(WRITE, "write")) {
		/* a disk that fills up takes what still fits */
		if (fault.how != FULL || n < 2 || fault.failures > 1)
			return -1;
		n /= 2;
	}
	record_enter();
	at = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
	w = f(fd, p, n);
	if (w > 0)
		record_write(fd, p, (size_t)w, at);
	record_leave();
	return w;
}

#define PWRITE(name, type)                                                                         \
	ssize_t name(int fd, const void *p, size_t n, type at)                                     \
	{                                                                                          \
		ssize_t (*f)(int, const void *, size_t, type) = real(#name);                       \
		ssize_t w;                                                                         \
		if (inject_on(fd) && inject_fails(WRITE, #name))                                                 \
			return -1;                                                                 \
		record_enter();                                                                           \
		w = f(fd, p, n, at);                                                               \
		if (w > 0)                                                                         \
			record_write(fd, p, (size_t)w, at);                                          \
		record_leave();                                                                           \
		return w;                                                                          \
	}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define FD_CALL(name, types, args, ...)                                                            \
	int name types                                                                             \
	{                                                                                          \
		int(*f) types = real(#name);                                                       \
		int rc;                                                                            \
		if (!inject_on(fd))                                                                       \
			return f args;                                                             \
		if (inject_fails(WRITE, #name))                                                           \
			return -1;                                                                 \
		record_enter();                                                                           \
		rc = f args;                                                                       \
		if (rc == 0)                                                                       \
			record_note(__VA_ARGS__);                                                         \
		record_leave();                                                                           \
		return rc;                                                                         \
	}
FD_CALL(fsync, (int fd), (fd), "sync\t%d", fd)
FD_CALL(fdatasync, (int fd), (fd), "sync\t%d", fd)
FD_CALL(ftruncate, (int fd, off_t n), (fd, n), "truncate\t%d\t%ld", fd, (long)n)
FD_CALL(ftruncate64, (int fd, off64_t n), (fd, n), "truncate\t%d\t%ld", fd, (long)n)

int
rename(const char *from, const char *to)
{
	int (*f)(const char *, const char *) = real("rename");

	PATH_CALL(int, WRITE, "rename", to, f(from, to), "rename\t%s\t%s", from, to);
}

int
link(const char *from, const char *to)
{
	int (*f)(const char *, const char *) = real("link");

	PATH_CALL(int, WRITE, "link", to, f(from, to), "link\t%s\t%s", from, to);
}

int
unlink(const char *path)
{
	int (*f)(const char *) = real("unlink");

	PATH_CALL(int, WRITE, "unlink", path, f(path), "unlink\t%s", path);
}

int
rmdir(const char *path)
{
	int (*f)(const char *) = real("rmdir");

	PATH_CALL(int, WRITE, "rmdir", path, f(path), "rmdir\t%s", path);
}

int
mkdir(const char *path, mode_t mode)
{
	int (*f)(const char *, mode_t) = real("mkdir");

	PATH_CALL(int, WRITE, "mkdir", path, f(path, mode), "mkdir\t%s", path);
}

int
fchmod(int fd, mode_t mode)
{
	int (*f)(int, mode_t) = real("fchmod");

	return inject_on(fd) && inject_fails(WRITE, "fchmod") ? -1 : f(fd, mode);
}

int
chmod(const char *path, mode_t mode)
{
	int (*f)(const char *, mode_t) = real("chmod");

	PATH_CALL(int, WRITE, "chmod", path, f(path, mode), "chmod\t%s", path);
}

int
utimes(const char *path, const struct timeval *t)
{
	int (*f)(const char *, const struct timeval *) = real("utimes");

	PATH_CALL(int, WRITE, "utimes", path, f(path, t), "utimes\t%s", path);
}

/* --- the clock ---------------------------------------------------------------------------- */

int
clock_gettime(clockid_t which, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, which, t);

	if (rc == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
		t->tv_sec += fault.clock;
	return rc;
}

time_t
time(time_t *to)
{
	struct timespec t;
	time_t now = clock_gettime(CLOCK_REALTIME, &t) ? -1 : t.tv_sec;

	if (to)
		*to = now;
	return now;
}

int
gettimeofday(struct timeval *restrict to, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &t))
		return -1;
	*to = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
	return 0;
}

/* A child with a call failed does not wait for what its parent has locked. */
int
nanosleep(const struct timespec *t, struct timespec *left)
{
	return fault.child ? 0 : (int)syscall(SYS_nanosleep, t, left);
}

int
usleep(useconds_t us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	return nanosleep(&t, NULL);
}

/* --- memory ------------------------------------------------------------------------------ */

/* dlsym asks for memory itself: the C library's own names are taken. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static bool
no_memory(void)
{
	return fault.set == ALLOC && inject_fails(ALLOC, "memory");
}

void *
malloc(size_t n)
{
	if (no_memory()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	if (no_memory()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	if (no_memory()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(p, n);
}
