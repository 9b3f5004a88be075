/* Stands between a program and the system: counts the calls that touch files below AKT_FAULT_DIR, lets one of them fail
 * (or all from it on), stops the program there, or writes down what changes on the disk. Preloaded, so that what
 * libgit2 and SQLite call for themselves is met as well.
 *
 *   AKT_FAULT_DIR    only paths below it, and files opened there
 *   AKT_FAULT_SET    which calls: `write` (whatever changes something), `read` (the others), `alloc` (memory)
 *   AKT_FAULT_AT     the call that fails, 1 for the first; 0 only counts
 *   AKT_FAULT_HOW    an error's number: that call alone; `full`: no space from there on; `readonly`: nothing can
 *                    be changed from there on; `kill`, `int`: that signal before the call
 *                    `each:` and an error's number: a child of the process goes on from every call with that call failed,
 *                    up to its end or the first change it would make, and the process itself goes on as if nothing was
 *   AKT_FAULT_STEP   with `each`: of so many calls one, from AKT_FAULT_AT on
 *   AKT_FAULT_EACH   with `each`: a file that gets a line for each child: the call, how it ended (98: it would have
 *                    changed something, 1000 and more: a signal), and what it said
 *   AKT_FAULT_COUNT  a file that gets the number of calls, and the name of the one that failed
 *   AKT_FAULT_CLOCK  seconds that the clock is wrong by
 *   AKT_FAULT_LOG    a file to which each change is appended, for replay.py */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum set { NONE, WRITE, READ, ALLOC };
enum how { ERROR, FULL, READONLY, KILL, INT, EACH };
enum { CHANGES = 98, CHILD_S = 60 };
enum { FDS = 1024, MAPS = 64 };

static struct {
	bool ready;
	char dir[4096];
	size_t dir_n;
	enum set set;
	enum how how;
	int number;
	long at, calls, step;
	bool child;
	int each; /* a descriptor */
	char failed[64];
	int log;
	long clock;
} fault = {.log = -1, .each = -1};

/* Files below the folder, by descriptor: how they were opened. */
static struct open_file {
	bool on, changes;
} files[FDS];
static struct map {
	char *p;
	size_t n;
	off_t at;
	long id; /* its descriptor may be closed, and be another file's, when it ends */
} maps[MAPS];
static long nmaps;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* What is called before the constructor ran, and by ourselves, goes by the system call. */
static void
put_log(const void *p, size_t n)
{
	const char *s = p;

	while (n > 0) {
		long w = syscall(SYS_write, fault.log, s, n);

		if (w <= 0)
			_exit(99);
		s += w;
		n -= (size_t)w;
	}
}

__attribute__((constructor)) static void
start(void)
{
	const char *set = getenv("AKT_FAULT_SET"), *how = getenv("AKT_FAULT_HOW"),
		   *at = getenv("AKT_FAULT_AT"), *dir = getenv("AKT_FAULT_DIR"),
		   *log = getenv("AKT_FAULT_LOG");

	if (getenv("AKT_FAULT_CLOCK"))
		fault.clock = atol(getenv("AKT_FAULT_CLOCK"));
	if (!dir || !realpath(dir, fault.dir))
		return;
	fault.dir_n = strlen(fault.dir);
	fault.set = !set ? NONE : strcmp(set, "write") == 0 ? WRITE : strcmp(set, "read") == 0 ? READ : ALLOC;
	fault.how = !how ? ERROR : strcmp(how, "full") == 0 ? FULL
		: strcmp(how, "readonly") == 0 ? READONLY : strcmp(how, "kill") == 0 ? KILL
		: strcmp(how, "int") == 0 ? INT : ERROR;
	if (how && strncmp(how, "each:", 5) == 0) {
		const char *step = getenv("AKT_FAULT_STEP"), *each = getenv("AKT_FAULT_EACH");

		fault.how = EACH;
		fault.step = step && atol(step) > 0 ? atol(step) : 1;
		fault.each = each ? (int)syscall(SYS_openat, AT_FDCWD, each, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600) : -1;
	}
	fault.number = fault.how == EACH ? atoi(how + 5) : how && fault.how == ERROR ? atoi(how) : fault.how == FULL ? ENOSPC
		: fault.how == READONLY ? EROFS : EIO;
	fault.at = at ? atol(at) : 0;
	if (log)
		fault.log = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	fault.ready = true;
}

__attribute__((destructor)) static void
end(void)
{
	const char *to = getenv("AKT_FAULT_COUNT");
	char text[128];
	long fd;

	if (!fault.ready || !to || fault.child)
		return;
	fault.ready = false;
	fd = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	snprintf(text, sizeof text, "%ld %s\n", fault.calls, fault.failed);
	syscall(SYS_write, fd, text, strlen(text));
	syscall(SYS_close, fd);
}

/* True in a child, which goes on with the call failed; its end is written down here. By system calls alone: the
 * program may be within the C library, and asks for memory there. */
static bool
try_in_child(long n)
{
	char said[400] = "", line[480];
	int p[2], status = 0;
	long pid, got;

	if (syscall(SYS_pipe2, p, O_CLOEXEC | O_NONBLOCK) < 0)
		_exit(99);
	pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		_exit(99);
	if (pid == 0) {
		syscall(SYS_dup3, p[1], 1, 0);
		syscall(SYS_dup3, p[1], 2, 0);
		fault.child = true;
		alarm(CHILD_S);
		return true;
	}
	while (syscall(SYS_wait4, pid, &status, 0, 0) < 0)
		;
	got = syscall(SYS_read, p[0], said, sizeof said - 1);
	said[got > 0 ? got : 0] = '\0';
	syscall(SYS_close, p[0]);
	syscall(SYS_close, p[1]);
	for (char *c = said; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	got = snprintf(line, sizeof line, "%ld %d %s\n", n,
	    WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status), said);
	if (fault.each >= 0)
		syscall(SYS_write, fault.each, line, got);
	return false;
}

/* True when this call is to fail: errno is set. */
static bool
fails(enum set set, const char *name)
{
	long n;

	if (fault.child && set == WRITE)
		_exit(CHANGES);
	if (!fault.ready || set != fault.set || fault.child)
		return false;
	n = __atomic_add_fetch(&fault.calls, 1, __ATOMIC_SEQ_CST);
	if (fault.how == EACH) {
		int was = errno;
		bool fail = fault.at && n >= fault.at && (n - fault.at) % fault.step == 0 && try_in_child(n);

		errno = fail ? fault.number : was;
		return fail;
	}
	if (!fault.at || n < fault.at || (n > fault.at && fault.how != FULL && fault.how != READONLY))
		return false;
	if (n == fault.at)
		snprintf(fault.failed, sizeof fault.failed, "%s", name);
	if (fault.how == KILL || fault.how == INT) {
		raise(fault.how == KILL ? SIGKILL : SIGINT);
		return false;
	}
	/* what frees room does not want for it */
	if (fault.how == FULL && (strcmp(name, "unlink") == 0 || strcmp(name, "rmdir") == 0))
		return false;
	errno = fault.number;
	return true;
}

static bool
below(const char *path)
{
	return fault.ready && strncmp(path, fault.dir, fault.dir_n) == 0 &&
	    (path[fault.dir_n] == '/' || !path[fault.dir_n]);
}

static bool
on(int fd)
{
	return fault.ready && fd >= 0 && fd < FDS && files[fd].on;
}

/* What happened, in the order in which it happened: the call and its record are one. */
static void
note(const char *fmt, ...)
{
	char line[9000];
	va_list ap;
	int n, was = errno;

	if (fault.log < 0)
		return;
	n = snprintf(line, sizeof line, "%ld\t", (long)getpid());
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	line[n++] = '\n';
	put_log(line, (size_t)n);
	errno = was;
}

static void
note_write(int fd, const void *p, size_t n, off_t at)
{
	if (fault.log < 0 || !on(fd) || n == 0)
		return;
	note("write\t%d\t%ld\t%ld", fd, (long)at, (long)n);
	put_log(p, n);
	put_log("\n", 1);
}

#define ENTER() pthread_mutex_lock(&lock)
#define LEAVE() pthread_mutex_unlock(&lock)
/* One call of a path: counted, and if it was done, written down. */
#define PATH_CALL(ret, set, name, path, call, ...)                                                 \
	do {                                                                                       \
		ret rc_;                                                                           \
		if (!below(path))                                                                  \
			return call;                                                               \
		if (fails(set, name))                                                              \
			return (ret)-1;                                                            \
		ENTER();                                                                           \
		rc_ = call;                                                                        \
		if (rc_ == 0)                                                                      \
			note(__VA_ARGS__);                                                         \
		LEAVE();                                                                           \
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

	if (!below(path))
		return f(path, flags, mode);
	if (fails(changes ? WRITE : READ, changes ? "open for writing" : "open"))
		return -1;
	ENTER();
	was = syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0) == 0;
	fd = f(path, flags, mode);
	if (fd >= 0 && fd < FDS) {
		files[fd] = (struct open_file){true, changes};
		if (changes && !was)
			note("create\t%s", path);
		note("open\t%d\t%s", fd, path);
		if (flags & O_TRUNC)
			note("truncate\t%d\t0", fd);
	}
	LEAVE();
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

	if (!on(fd))
		return f(fd);
	changes = files[fd].changes;
	ENTER();
	files[fd].on = false;
	note("close\t%d", fd);
	LEAVE();
	failing = fails(changes ? WRITE : READ, "close");
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

	return below(path) && fails(READ, "opendir") ? NULL : f(path);
}

/* --- reading -------------------------------------------------------------------------- */

#define READ_CALL(ret, name, types, args, cond)                                                    \
	ret name types                                                                             \
	{                                                                                          \
		ret(*f) types = real(#name);                                                       \
		return cond && fails(READ, #name) ? -1 : f args;                                   \
	}
READ_CALL(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), on(fd))
READ_CALL(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at), on(fd))
READ_CALL(ssize_t, pread64, (int fd, void *p, size_t n, off64_t at), (fd, p, n, at), on(fd))
READ_CALL(int, stat, (const char *restrict path, struct stat *restrict st), (path, st), below(path))
READ_CALL(int, lstat, (const char *restrict path, struct stat *restrict st), (path, st), below(path))
READ_CALL(int, stat64, (const char *restrict path, struct stat64 *restrict st), (path, st), below(path))
READ_CALL(int, lstat64, (const char *restrict path, struct stat64 *restrict st), (path, st), below(path))
READ_CALL(int, fstat, (int fd, struct stat *st), (fd, st), on(fd))
READ_CALL(int, fstat64, (int fd, struct stat64 *st), (fd, st), on(fd))
READ_CALL(int, access, (const char *path, int how), (path, how), below(path))

static void *
map_any(const char *name, void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	void *(*f)(void *, size_t, int, int, int, off_t) = real(name);
	bool changes = prot & PROT_WRITE && flags & MAP_SHARED;
	void *got;

	if (!on(fd))
		return f(p, n, prot, flags, fd, at);
	if (fails(changes ? WRITE : READ, "mmap"))
		return MAP_FAILED;
	got = f(p, n, prot, flags, fd, at);
	for (size_t i = 0; got != MAP_FAILED && changes && i < MAPS; i++)
		if (!maps[i].p) {
			ENTER();
			maps[i] = (struct map){got, n, at, ++nmaps};
			note("map\t%ld\t%d", nmaps, fd);
			LEAVE();
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
			ENTER();
			if (fault.log >= 0) {
				note("mapped\t%ld\t%ld\t%ld", maps[i].id, (long)maps[i].at, (long)maps[i].n);
				put_log(p, maps[i].n);
				put_log("\n", 1);
			}
			LEAVE();
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

	if (!on(fd))
		return f(fd, p, n);
	if (fails(WRITE, "write")) {
		/* a disk that fills up takes what still fits */
		if (fault.how != FULL || n < 2 || fault.calls > fault.at)
			return -1;
		n /= 2;
	}
	ENTER();
	at = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
	w = f(fd, p, n);
	if (w > 0)
		note_write(fd, p, (size_t)w, at);
	LEAVE();
	return w;
}

#define PWRITE(name, type)                                                                         \
	ssize_t name(int fd, const void *p, size_t n, type at)                                     \
	{                                                                                          \
		ssize_t (*f)(int, const void *, size_t, type) = real(#name);                       \
		ssize_t w;                                                                         \
		if (on(fd) && fails(WRITE, #name))                                                 \
			return -1;                                                                 \
		ENTER();                                                                           \
		w = f(fd, p, n, at);                                                               \
		if (w > 0)                                                                         \
			note_write(fd, p, (size_t)w, at);                                          \
		LEAVE();                                                                           \
		return w;                                                                          \
	}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define FD_CALL(name, types, args, ...)                                                            \
	int name types                                                                             \
	{                                                                                          \
		int(*f) types = real(#name);                                                       \
		int rc;                                                                            \
		if (!on(fd))                                                                       \
			return f args;                                                             \
		if (fails(WRITE, #name))                                                           \
			return -1;                                                                 \
		ENTER();                                                                           \
		rc = f args;                                                                       \
		if (rc == 0)                                                                       \
			note(__VA_ARGS__);                                                         \
		LEAVE();                                                                           \
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

/* --- memory ------------------------------------------------------------------------------ */

/* dlsym asks for memory itself: the C library's own names are taken. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static bool
no_memory(void)
{
	return fault.set == ALLOC && fails(ALLOC, "memory");
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
