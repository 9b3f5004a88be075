#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"

static long calls, fault_at;
static int fault_errno;

/* True when this call is the one to fail; errno is set. */
static bool
fault(void)
{
	calls++;
	if (fault_at && --fault_at == 0) {
		errno = fault_errno;
		return true;
	}
	return false;
}

#define CALL(expr) (fault() ? -1 : (expr))

void
os_fault_at(long n, int errnum)
{
	fault_at = n;
	fault_errno = errnum;
}

long
os_calls(void)
{
	return calls;
}

int
os_read_fd(struct buf *out, int fd, size_t max, struct err *e)
{
	size_t start = out->n;

	for (;;) {
		size_t room = 64 * 1024;
		ssize_t n = CALL(read(fd, buf_room(out, room), room));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_os(e, ERR_IO, errno, _("cannot read"));
		if (n == 0)
			return 0;
		out->n += (size_t)n;
		out->p[out->n] = '\0';
		if (out->n - start > max)
			return err_set(e, ERR_INVALID, _("larger than %zu bytes"), max);
	}
}

int
os_read_file(struct buf *out, const char *path, size_t max, struct err *e)
{
	struct stat st;
	int fd = CALL(open(path, O_RDONLY | O_CLOEXEC));
	struct err inner = {0};
	int rc;

	if (fd < 0)
		return err_os(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO, errno,
		    _("cannot open %s"), path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size <= max)
		buf_room(out, (size_t)st.st_size + 64 * 1024);
	rc = os_read_fd(out, fd, max, &inner);
	close(fd);
	if (rc == ERR_INVALID)
		return err_at(e, rc, path, 0, 0, NULL, "%s", inner.item[0].text);
	err_append(e, &inner);
	return rc;
}

int
os_write_fd(int fd, const void *p, size_t n, struct err *e)
{
	const char *s = p;

	while (n > 0) {
		ssize_t w = CALL(write(fd, s, n));

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
			continue;
		}
		if (w < 0)
			return err_os(e, ERR_IO, errno, _("cannot write"));
		s += w;
		n -= (size_t)w;
	}
	return 0;
}

int
os_fsync_dir(const char *path, struct err *e)
{
	int fd = CALL(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int rc = 0;

	if (fd < 0 || CALL(fsync(fd)) < 0)
		rc = err_os(e, ERR_IO, errno, _("cannot sync folder %s"), path);
	if (fd >= 0)
		close(fd);
	return rc;
}

enum put { PUT_NEW, PUT_REPLACE, PUT_HINT };

static int
put_file(const char *path, const void *p, size_t n, mode_t mode, enum put how, struct err *e)
{
	bool replace = how != PUT_NEW, durable = how != PUT_HINT;
	char rnd[ID_RECORD + 1], *dir = xstrdup(path), *tmp = NULL;
	struct err inner = {0};
	int fd = -1, rc = 0;

	id_random(rnd, ID_RECORD);
	tmp = xasprintf("%s.tmp-%s", path, rnd);
	fd = CALL(open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
	if (fd < 0) {
		rc = err_os(e, ERR_IO, errno, _("cannot create %s"), path);
		xfree(tmp);
		goto done;
	}
	rc = os_write_fd(fd, p, n, e);
	if (rc)
		goto done;
	if (durable && CALL(fsync(fd)) < 0) {
		rc = err_os(e, ERR_IO, errno, _("cannot write %s"), path);
		goto done;
	}
	if (replace ? CALL(rename(tmp, path)) < 0 : CALL(link(tmp, path)) < 0) {
		rc = err_os(e, errno == EEXIST ? ERR_EXISTS : ERR_IO, errno, _("cannot write %s"),
		    path);
		goto done;
	}
	if (replace)
		xfree(tmp);
	if (durable)
		rc = os_fsync_dir(dirname(dir), e);
done:
	if (fd >= 0)
		close(fd);
	if (tmp)
		os_unlink(tmp, &inner);
	free(tmp);
	free(dir);
	return rc;
}

int
os_write_file(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	return put_file(path, p, n, mode, PUT_REPLACE, e);
}

int
os_write_hint(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	return put_file(path, p, n, mode, PUT_HINT, e);
}

int
os_create_file(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	return put_file(path, p, n, mode, PUT_NEW, e);
}

int
os_mkdirs(const char *path, struct err *e)
{
	char *copy = xstrdup(path);
	int rc = 0;

	for (char *s = copy + 1;; s++) {
		char c = *s;

		if (c != '/' && c != '\0')
			continue;
		*s = '\0';
		if (CALL(mkdir(copy, 0700)) < 0 && (errno != EEXIST || !os_is_dir(copy))) {
			rc = err_os(e, ERR_IO, errno, _("cannot make folder %s"), copy);
			break;
		}
		*s = c;
		if (!c)
			break;
	}
	free(copy);
	return rc;
}

int
os_unlink(const char *path, struct err *e)
{
	if (CALL(unlink(path)) < 0 && errno != ENOENT)
		return err_os(e, ERR_IO, errno, _("cannot remove %s"), path);
	return 0;
}

int
os_remove_tree(const char *path, struct err *e)
{
	struct dirent *d;
	struct stat st;
	int rc = 0;
	DIR *dir;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_os(e, ERR_IO, errno, _("cannot remove %s"), path);
	if (!S_ISDIR(st.st_mode))
		return os_unlink(path, e);
	dir = opendir(path);
	if (!dir)
		return err_os(e, ERR_IO, errno, _("cannot remove %s"), path);
	while (errno = 0, !rc && (d = readdir(dir))) {
		char *sub;

		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		sub = xasprintf("%s/%s", path, d->d_name);
		rc = os_remove_tree(sub, e);
		free(sub);
	}
	if (!rc && errno)
		rc = err_os(e, ERR_IO, errno, _("cannot list folder %s"), path);
	closedir(dir);
	if (!rc && CALL(rmdir(path)) < 0)
		rc = err_os(e, ERR_IO, errno, _("cannot remove %s"), path);
	return rc;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
os_names(struct os_names *out, const char *path, const char *ending, struct err *e)
{
	struct os_names list = {0};
	size_t m = strlen(ending);
	struct dirent *d;
	int rc = 0;
	DIR *dir = fault() ? NULL : opendir(path);

	if (!dir && errno != ENOENT)
		return err_os(e, ERR_IO, errno, _("cannot list folder %s"), path);
	/* the end of the list and a fault differ by errno alone */
	while (errno = 0, dir && (d = readdir(dir))) {
		size_t n = strlen(d->d_name);

		if (d->d_name[0] == '.' || n <= m || strcmp(d->d_name + n - m, ending) != 0)
			continue;
		vec_grow(&list);
		list.v[list.n++] = xstrdup(d->d_name);
	}
	if (dir && errno)
		rc = err_os(e, ERR_IO, errno, _("cannot list folder %s"), path);
	if (dir)
		closedir(dir);
	if (rc) {
		os_names_free(&list);
		return rc;
	}
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, by_name);
	*out = list;
	return 0;
}

void
os_names_free(struct os_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i]);
	free(names->v);
	*names = (struct os_names){0};
}

bool
os_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool
os_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

bool
os_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *
os_program(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);

	return n > 0 && (size_t)n < sizeof exe ? xstrndup(exe, (size_t)n) : NULL;
}

char *
os_shipped(const char *const *beside, const char *fallback, const char *name)
{
	char *exe = os_program(), *slash = exe ? strrchr(exe, '/') : NULL, *found = NULL;

	for (; slash && !found && *beside; beside++) {
		found = xasprintf("%.*s/%s/%s", (int)(slash - exe), exe, *beside, name);
		if (!os_exists(found)) {
			free(found);
			found = NULL;
		}
	}
	free(exe);
	return found ? found : xasprintf("%s/%s", fallback, name);
}

struct os_lock {
	int fd;
};

int
os_lock(struct os_lock **out, const char *path, int wait_ms, struct err *e)
{
	int fd = CALL(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));

	if (fd < 0)
		return err_os(e, ERR_IO, errno, _("cannot open %s"), path);
	while (CALL(flock(fd, LOCK_EX | LOCK_NB)) < 0) {
		int errnum = errno;

		if (errnum == EINTR)
			continue;
		if (errnum != EWOULDBLOCK || wait_ms <= 0) {
			close(fd);
			if (errnum == EWOULDBLOCK)
				return err_set(e, ERR_BUSY,
				    _("another program is writing to this store; try again"));
			return err_os(e, ERR_IO, errnum, _("cannot lock %s"), path);
		}
		/* often: one who writes without pause leaves only short gaps */
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		wait_ms--;
	}
	*out = xmalloc(sizeof **out);
	(*out)->fd = fd;
	return 0;
}

void
os_unlock(struct os_lock *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}
