#include "crypt/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"

/* Where the kernel forbids keyrings (containers often do), a process holds the identity: forked
 * from the one that unlocked, detached, silent, gone at the timeout. It listens on a UNIX stream
 * socket NAME.sock in a folder that only the user may enter, and speaks with processes of its own
 * user alone (SO_PEERCRED, checked by both sides).
 *
 * One request for each connection, 33 bytes: a letter, then the 32 bytes that bind what is kept to
 * the identity file's path and bytes.
 *
 * - 'G', get: the answer is "+" and the kept bytes up to the end of the stream; or "-" if the
 *   binding is another: then the file was replaced, and the agent forgets and ends.
 *
 * - 'D', drop: the agent takes its socket away, forgets, answers "+" and ends; the binding does
 *   not matter.
 *
 * Anything else ends the connection. */

enum {
	PATH = sizeof((struct sockaddr_un *)NULL)->sun_path,
	REQUEST = 1 + KEEP_BIND,
	/* With a peer that does not speak. The agent hears one at a time: a client must outwait
	 * some silent ones before it. */
	AGENT_PATIENCE_S = 1,
	CLIENT_PATIENCE_S = 10,
	PLACES = 2,
	DROP_TRIES = 3,
};

/* The folder for sockets: the session's own, which is emptied at logout, else the cache. */
static bool
place(char out[PATH], int i)
{
	const char *base = getenv(i == 0 ? "XDG_RUNTIME_DIR" : "HOME");
	int n;

	if (!base || *base != '/')
		return false;
	n = snprintf(out, PATH, "%s%s", base, i == 0 ? "/akt" : "/.cache/akt");
	return n > 0 && n < PATH;
}

static bool
socket_path(char out[PATH], const char *dir, const struct kept *k, const char *suffix)
{
	int n = snprintf(out, PATH, "%s/%.16s%s", dir, k->name, suffix);

	return n > 0 && n < PATH;
}

/* A folder that others could enter might hold their socket. */
static bool
is_private(const char *dir)
{
	struct stat st;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 077) == 0;
}

static bool
same_user(int fd)
{
	struct ucred peer = {0};
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

static void
set_patience(int fd, int seconds)
{
	struct timeval tv = {.tv_sec = seconds};

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

/* --- the agent ------------------------------------------------------------ */

static bool
send_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

/* Answers one connection; false when the agent must end. */
static bool
answer(int fd, const char *path, const uint8_t *p, size_t n)
{
	uint8_t request[REQUEST];

	set_patience(fd, AGENT_PATIENCE_S);
	if (!same_user(fd) || recv(fd, request, REQUEST, MSG_WAITALL) != REQUEST)
		return true;
	if (request[0] == 'G' && memcmp(request + 1, p, KEEP_BIND) == 0) {
		if (send_all(fd, (const uint8_t *)"+", 1))
			send_all(fd, p, n);
		return true;
	}
	if (request[0] != 'G' && request[0] != 'D')
		return true;
	unlink(path); /* before the answer: who drops may put again at once */
	send_all(fd, (const uint8_t *)(request[0] == 'D' ? "+" : "-"), 1);
	return false;
}

/* Time asleep counts: a lid closed for an hour must not keep the identity an hour longer. */
static int
start_timer(int seconds)
{
	struct itimerspec when = {.it_value.tv_sec = seconds};
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);

	if (fd >= 0 && timerfd_settime(fd, 0, &when, NULL) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Nothing of the parent but the socket: its descriptors (a pipe's reader would wait for us),
 * folder, signals and core dumps are given up. Returns the socket's new descriptor. */
static int
detach(int fd)
{
	struct rlimit none = {0, 0};
	sigset_t all;
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || (fd = fcntl(fd, F_DUPFD, 3)) < 0 || dup2(fd, 3) < 0)
		_exit(1);
	for (int i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			_exit(1);
	if (close_range(4, ~0U, 0) != 0 || chdir("/") != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		_exit(1);
	prctl(PR_SET_NAME, "akt-agent", 0, 0, 0);
	for (int i = 1; i < NSIG; i++)
		signal(i, i == SIGPIPE || i == SIGHUP || i == SIGINT ? SIG_IGN : SIG_DFL);
	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	return 3;
}

static void __attribute__((noreturn))
serve(int fd, const char *path, const uint8_t *p, size_t n, int timer)
{
	struct pollfd wait[2] = {{.fd = fd, .events = POLLIN}, {.fd = timer, .events = POLLIN}};

	for (;;) {
		bool go_on = true;

		if (poll(wait, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (wait[1].revents)
			break;
		if (wait[0].revents) {
			int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

			if (peer >= 0) {
				go_on = answer(peer, path, p, n);
				close(peer);
			}
		}
		if (!go_on)
			_exit(0);
	}
	unlink(path); /* while it still listens: afterwards the name may be another agent's */
	_exit(0);
}

/* --- its clients ---------------------------------------------------------- */

/* Listens on path, which nobody listens on: the caller holds the lock and has dropped
 * what was there. */
static int
listen_on(int *out, const char *path, struct err *e)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	memcpy(addr.sun_path, path, strlen(path) + 1);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0 ||
	    chmod(path, 0600) != 0 || listen(fd, 8) != 0) {
		int errnum = errno;

		if (fd >= 0)
			close(fd);
		unlink(path);
		return err_os(e, ERR_IO, errnum, _("cannot start an agent to keep the identity"));
	}
	*out = fd;
	return 0;
}

/* Nobody of ours listens there. EACCES: in another user's folder. */
static bool
is_nobody(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == ECONNREFUSED || errnum == EACCES;
}

/* Sends one request; the connection, or -1 and errno, which is_nobody when no agent is there. */
static int
ask(const char *path, char what, const struct kept *k)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	uint8_t request[REQUEST];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), errnum;

	if (fd < 0)
		return -1;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	request[0] = (uint8_t)what;
	memcpy(request + 1, k->bind, KEEP_BIND);
	set_patience(fd, CLIENT_PATIENCE_S);
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
		errnum = errno;
	} else {
		errnum = EIO; /* somebody is there */
		if (same_user(fd) && send_all(fd, request, sizeof request))
			return fd;
	}
	close(fd);
	errno = errnum;
	return -1;
}

/* False when it cannot be known that nothing is kept there any more. */
static bool
drop_at(const char *path, const struct kept *k)
{
	/* an agent that forgot may die before it said so: then the next call finds nobody */
	for (int i = 0; i < DROP_TRIES; i++) {
		int fd = ask(path, 'D', k);
		uint8_t yes = 0, sink;
		bool ok;

		if (fd < 0 && is_nobody(errno))
			return true;
		if (fd < 0)
			continue;
		ok = recv(fd, &yes, 1, 0) == 1 && yes == '+';
		while (recv(fd, &sink, 1, 0) == 1) /* to the end: then it is gone */
			;
		close(fd);
		if (ok)
			return true;
	}
	return false;
}

/* Reads "+" of a get, which proves that the agent is there and holds this identity. */
static bool
answers(const char *path, const struct kept *k)
{
	int fd = ask(path, 'G', k);
	uint8_t yes = 0;
	bool ok = fd >= 0 && recv(fd, &yes, 1, 0) == 1 && yes == '+';

	if (fd >= 0)
		close(fd);
	return ok;
}

/* The process that stays: a grandchild, so that nobody has to wait for it. */
static pid_t
fork_agent(int fd, const char *path, uint8_t *p, size_t n, int seconds, void *wipe, size_t wipe_n)
{
	pid_t pid = fork(), inner;
	uint8_t *mine;
	int timer;

	if (pid != 0)
		return pid;
	setsid();
	inner = fork();
	if (inner != 0)
		_exit(inner < 0);
	fd = detach(fd);
	timer = start_timer(seconds);
	if (timer < 0)
		_exit(1);
	/* Locked pages are not inherited as locked: a copy in pages of our own. */
	mine = secret_alloc(n);
	memcpy(mine, p, n);
	secret_wipe(p, n);
	secret_wipe(wipe, wipe_n);
	serve(fd, path, mine, n, timer);
}

int
keep_agent_put(const struct kept *k, uint8_t *p, size_t n, int seconds, void *wipe, size_t wipe_n,
    struct err *e)
{
	char dir[PATH], path[PATH], lock_path[PATH];
	struct os_lock *lock = NULL;
	struct err inner = {0};
	int fd = -1, status = 0, rc = 0, i;
	pid_t pid;

	for (i = 0; i < PLACES; i++)
		if (place(dir, i) && socket_path(path, dir, k, ".sock") &&
		    socket_path(lock_path, dir, k, ".lock") && os_mkdirs(dir, &inner) == 0 &&
		    is_private(dir))
			break;
	if (i == PLACES)
		return err_set(e, ERR_IO,
		    _("there is no private folder for an agent's socket: set"
		      " XDG_RUNTIME_DIR or HOME"));
	err_clear(&inner);
	if (os_lock(&lock, lock_path, 10 * 1000, &inner) != 0)
		return err_set(e, ERR_IO, _("cannot start an agent to keep the identity"));
	(void)drop_at(path, k);
	rc = listen_on(&fd, path, e);
	if (rc)
		goto done;
	pid = fork_agent(fd, path, p, n, seconds, wipe, wipe_n);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(fd);
	fd = -1; /* now only the agent holds it: if that died, connecting fails at once */
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || !answers(path, k)) {
		/* what may have started must not hold it where no one can make it forget */
		if (drop_at(path, k))
			unlink(path);
		rc = err_set(e, ERR_IO, _("cannot start an agent to keep the identity"));
	}
done:
	if (fd >= 0)
		close(fd);
	os_unlock(lock);
	return rc;
}

size_t
keep_agent_get(const struct kept *k, uint8_t *p)
{
	char dir[PATH], path[PATH];
	size_t n = 0;

	for (int i = 0; i < PLACES && n == 0; i++) {
		ssize_t r = 0;
		uint8_t yes = 0;
		int fd;

		if (!place(dir, i) || !socket_path(path, dir, k, ".sock") || !is_private(dir))
			continue;
		fd = ask(path, 'G', k);
		if (fd < 0)
			continue;
		if (recv(fd, &yes, 1, 0) == 1 && yes == '+')
			while (n < KEEP_MAX && (r = recv(fd, p + n, KEEP_MAX - n, 0)) > 0)
				n += (size_t)r;
		if (r < 0)
			n = 0;
		close(fd);
	}
	return n;
}

bool
keep_agent_drop(const struct kept *k)
{
	char dir[PATH], path[PATH];
	bool gone = true;

	/* also in a folder that others may enter by now: a request to forget tells nobody anything */
	for (int i = 0; i < PLACES; i++)
		if (place(dir, i) && socket_path(path, dir, k, ".sock"))
			gone = drop_at(path, k) && gone;
	return gone;
}
