/* Which call fails, and how: see shim.c for what is told. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANGES = 98, CHILD_S = 60, MOST = 1 << 22, CHILD_FDS = 64 };

struct fault fault;
struct open_file files[FDS];

static char dir[4096];
static size_t dir_n;
static long at, calls, step = 1;
static uint64_t path, *paths;
static bool begun, stays;
static uint64_t about, bad; /* files: that of this call, that which cannot be read any more */
static int each = -1;
static char failed[64];

static int
create(const char *file)
{
	return file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
}

__attribute__((constructor)) static void
start(void)
{
	const char *set = getenv("AKT_FAULT_SET"), *how = getenv("AKT_FAULT_HOW"), *s;
	int fd = create(getenv("AKT_FAULT_PATHS"));

	if ((s = getenv("AKT_FAULT_CLOCK")))
		fault.clock = atol(s);
	if (!(s = getenv("AKT_FAULT_DIR")) || !realpath(s, dir))
		return;
	dir_n = strlen(dir);
	fault.set = !set ? NONE : strcmp(set, "write") == 0 ? WRITE : strcmp(set, "read") == 0 ? READ
		: strcmp(set, "open") == 0 ? OPEN : ALLOC;
	fault.how = !how ? ERROR : strcmp(how, "full") == 0 ? FULL : strcmp(how, "readonly") == 0 ? READONLY
		: strcmp(how, "kill") == 0 ? KILL : strcmp(how, "int") == 0 ? INT
		: strncmp(how, "each:", 5) == 0 ? EACH : ERROR;
	fault.number = !how ? EIO : fault.how == EACH ? atoi(how + 5) : fault.how == ERROR ? atoi(how)
		: fault.how == FULL ? ENOSPC : EROFS;
	if (fault.how == EACH)
		each = create(getenv("AKT_FAULT_EACH"));
	if ((s = getenv("AKT_FAULT_STEP")) && atol(s) > 0)
		step = atol(s);
	if ((s = getenv("AKT_FAULT_AT")))
		at = atol(s);
	if ((s = getenv("AKT_FAULT_PATH")))
		path = strtoull(s, NULL, 16);
	stays = getenv("AKT_FAULT_STAYS") != NULL;
	/* a file with holes: what is not called takes no room */
	if (fd >= 0) {
		if (syscall(SYS_ftruncate, fd, MOST * sizeof *paths) == 0)
			paths = (uint64_t *)syscall(SYS_mmap, NULL, MOST * sizeof *paths, PROT_WRITE, MAP_SHARED, fd, 0);
		if (!paths || (void *)paths == MAP_FAILED)
			_exit(99);
		syscall(SYS_close, fd);
	}
	record_start(getenv("AKT_FAULT_LOG"));
	fault.ready = true;
}

__attribute__((destructor)) static void
end(void)
{
	const char *to = getenv("AKT_FAULT_COUNT");
	char text[128];
	int fd;

	if (!fault.ready || !to || fault.child)
		return;
	fault.ready = false;
	fd = create(to);
	snprintf(text, sizeof text, "%ld %s\n", calls, failed);
	syscall(SYS_write, fd, text, strlen(text));
	syscall(SYS_close, fd);
}

/* True in a child, which goes on with the call failed; its end is written down here. By system calls alone: the
 * program may be within the C library, and asks for memory there. */
static bool
try_in_child(long n, uint64_t by)
{
	char said[400] = "", line[500];
	int p[2], status = 0;
	long pid, got, where[CHILD_FDS];

	/* what the child reads from a file that is open in both is not to be lost for the program */
	for (int i = 0; i < CHILD_FDS; i++)
		where[i] = syscall(SYS_lseek, i, 0, SEEK_CUR);
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
	for (int i = 0; i < CHILD_FDS; i++)
		if (where[i] >= 0)
			syscall(SYS_lseek, i, where[i], SEEK_SET);
	for (char *c = said; *c; c++)
		*c = *c == '\n' ? ' ' : *c;
	got = snprintf(line, sizeof line, "%ld %016lx %d %s\n", n, (unsigned long)by,
	    WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status), said);
	if (each >= 0)
		syscall(SYS_write, each, line, got);
	return false;
}

/* The call's number among those that count, 0 if it is none of them. */
static long
number_of(enum set set, const char *name)
{
	if (set != fault.set && (fault.set != OPEN || strncmp(name, "open", 4) != 0))
		return 0;
	return __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
}

bool
inject_fails(enum set set, const char *name)
{
	int was = errno;
	bool fail = false;
	uint64_t by = 0;
	long n;

	/* what was open for writing is closed also by who gives up */
	if (fault.child && set == WRITE && strcmp(name, "close") != 0)
		_exit(CHANGES);
	if (!fault.ready || fault.child || !(n = number_of(set, name)))
		goto done;
	if (paths || fault.how == EACH || (path && !begun && n >= at))
		by = path_of(set, name);
	if (paths && n <= MOST)
		paths[n - 1] = by;
	if (fault.how == EACH)
		fail = at && n >= at && (n - at) % step == 0 && try_in_child(n, by);
	else
		fail = path ? by == path && !begun : at && n == at;
	if (fail && !begun)
		snprintf(failed, sizeof failed, "%s", name);
	begun |= fail;
	if (fail)
		bad = about;
	if (fail && (fault.how == KILL || fault.how == INT)) {
		raise(fault.how == KILL ? SIGKILL : SIGINT);
		fail = false;
	}
done:
	if ((fault.how == FULL || fault.how == READONLY) && set == fault.set && begun)
		fail = true;
	if (stays && begun && set == READ && about == bad)
		fail = true;
	/* what frees room does not want for it */
	if (fault.how == FULL && (strcmp(name, "unlink") == 0 || strcmp(name, "rmdir") == 0))
		fail = false;
	fault.failures += fail;
	errno = fail ? fault.number : was;
	return fail;
}

/* The same for one file, whether or not a slash too many is written. */
static uint64_t
id_of(const char *file)
{
	uint64_t h = 14695981039346656037u;

	for (; *file; file++)
		if (*file != '/' || (file[1] != '/' && file[1]))
			h = (h ^ (unsigned char)*file) * 1099511628211u;
	return h;
}

bool
inject_below(const char *file)
{
	if (!fault.ready || strncmp(file, dir, dir_n) != 0 || (file[dir_n] != '/' && file[dir_n]))
		return false;
	about = id_of(file);
	return true;
}

bool
inject_on(int fd)
{
	if (!fault.ready || fd < 0 || fd >= FDS || !files[fd].on)
		return false;
	about = files[fd].id;
	return true;
}

void
inject_opened(int fd, const char *file, bool changes)
{
	if (fd >= 0 && fd < FDS)
		files[fd] = (struct open_file){true, changes, id_of(file)};
}
