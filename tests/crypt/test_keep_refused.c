/* Keeping an identity where the system refuses, or interrupts, one call after another: here, in the agent and in the kernel's
 * keyring. Linked with --wrap (Makefile): each call comes by refused() first. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <keyutils.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "crypt/help.h"
#include "crypt/identity.h"
#include "crypt/keep.h"
#include "crypt/kept.h"

enum call {
	NO_CALL,
	SOCKET,
	BIND,
	CHMOD,
	LISTEN,
	GETSOCKOPT,
	SEND,
	RECV,
	FORK,
	WAITPID,
	OPEN,
	FCNTL,
	DUP2,
	CLOSE_RANGE,
	CHDIR,
	SETRLIMIT,
	PRCTL,
	TIMER_CREATE,
	TIMER_SET,
	POLL,
	ACCEPT,
	ADD_KEY,
	KEY_TIMEOUT,
	KEY_LINK,
	KEY_UNLINK,
	KEY_SEARCH,
	KEY_READ,
	KEY_INVALIDATE,
	CALLS
};

/* A stranger answers, instead of an error: getsockopt tells of another user. */
enum { STRANGER = -1 };

/* What is refused: from the nth of these calls on, as many as `times`, in whatever process. */
static struct plan {
	enum call call;
	int nth, times, errnum, seen;
} *plan;

static bool
refused(enum call call)
{
	int n;

	if (plan->call != call)
		return false;
	n = __atomic_add_fetch(&plan->seen, 1, __ATOMIC_SEQ_CST);
	if (n < plan->nth || n >= plan->nth + plan->times)
		return false;
	errno = plan->errnum;
	return true;
}

static void
refuse(enum call call, int nth, int times, int errnum)
{
	*plan = (struct plan){call, nth, times, errnum, 0};
}

#define WRAP(call, type, name, params, args)                                                       \
	type __real_##name params;                                                                 \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		return refused(call) ? -1 : __real_##name args;                                    \
	}

WRAP(SOCKET, int, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(BIND, int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
WRAP(CHMOD, int, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(LISTEN, int, listen, (int fd, int n), (fd, n))
WRAP(SEND, ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
WRAP(RECV, ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))
WRAP(FORK, pid_t, fork, (void), ())
WRAP(WAITPID, pid_t, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags))
WRAP(DUP2, int, dup2, (int from, int to), (from, to))
WRAP(CLOSE_RANGE, int, close_range, (unsigned from, unsigned to, int flags), (from, to, flags))
WRAP(CHDIR, int, chdir, (const char *path), (path))
WRAP(SETRLIMIT, int, setrlimit, (int what, const struct rlimit *to), (what, to))
WRAP(PRCTL, int, prctl, (int what, long a, long b, long c, long d), (what, a, b, c, d))
WRAP(TIMER_CREATE, int, timerfd_create, (int clock, int flags), (clock, flags))
WRAP(TIMER_SET, int, timerfd_settime, (int fd, int flags, const struct itimerspec *to, struct itimerspec *was),
    (fd, flags, to, was))
WRAP(POLL, int, poll, (struct pollfd * v, nfds_t n, int ms), (v, n, ms))
WRAP(ACCEPT, int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags))

int __real_getsockopt(int fd, int level, int name, void *p, socklen_t *n);
int __wrap_getsockopt(int fd, int level, int name, void *p, socklen_t *n);
int
__wrap_getsockopt(int fd, int level, int name, void *p, socklen_t *n)
{
	int rc = __real_getsockopt(fd, level, name, p, n);

	if (!refused(GETSOCKOPT))
		return rc;
	if (plan->errnum != STRANGER)
		return -1;
	((struct ucred *)p)->uid++;
	return rc;
}

/* Locks are not meant. */
int __real_fcntl(int fd, int what, long arg);
int __wrap_fcntl(int fd, int what, long arg);
int
__wrap_fcntl(int fd, int what, long arg)
{
	return what == F_DUPFD && refused(FCNTL) ? -1 : __real_fcntl(fd, what, arg);
}

/* Only of what the agent opens; files have their own tests. */
int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int
__wrap_open(const char *path, int flags, mode_t mode)
{
	return strcmp(path, "/dev/null") == 0 && refused(OPEN) ? -1 : __real_open(path, flags, mode);
}

/* --- a keyring that allows what machines may forbid ------------------------------------------- */

static struct {
	bool allowed, stuck, timed, own, users; /* stuck: what it has it keeps; own: in the process keyring */
	char name[64];
	uint8_t p[KEEP_MAX + 1];
	long n;
} ring;

enum { KEY = 77 };

#define KEY_CALL(call, type, name, params, body)                                                   \
	type __wrap_##name params;                                                                 \
	type __wrap_##name params                                                                  \
	{                                                                                          \
		if (!ring.allowed) {                                                               \
			errno = EPERM;                                                             \
			return -1;                                                                 \
		}                                                                                  \
		if (refused(call))                                                                 \
			return -1;                                                                 \
		body                                                                               \
	}

KEY_CALL(ADD_KEY, key_serial_t, add_key,
    (const char *type, const char *name, const void *p, size_t n, key_serial_t to), {
	    assert_string_equal(type, "user");
	    assert_int_equal(to, KEY_SPEC_PROCESS_KEYRING);
	    snprintf(ring.name, sizeof ring.name, "%s", name);
	    memcpy(ring.p, p, n);
	    ring.n = (long)n;
	    ring.own = true;
	    ring.timed = false;
	    return KEY;
    })
KEY_CALL(KEY_TIMEOUT, long, keyctl_set_timeout, (key_serial_t key, unsigned seconds), {
	assert_int_equal(key, KEY);
	assert_int_equal(seconds, 60);
	ring.timed = true;
	return 0;
})
KEY_CALL(KEY_LINK, long, keyctl_link, (key_serial_t key, key_serial_t to), {
	if (key == KEY_SPEC_USER_KEYRING)
		return 0;
	assert_int_equal(key, KEY);
	assert_int_equal(to, KEY_SPEC_USER_KEYRING);
	assert_true(ring.timed); /* nobody else's before it has its end */
	ring.users = true;
	return 0;
})
KEY_CALL(KEY_UNLINK, long, keyctl_unlink, (key_serial_t key, key_serial_t from), {
	assert_int_equal(key, KEY);
	if (ring.stuck)
		return -1;
	*(from == KEY_SPEC_USER_KEYRING ? &ring.users : &ring.own) = false;
	return 0;
})
KEY_CALL(KEY_SEARCH, long, keyctl_search, (key_serial_t in, const char *type, const char *name, key_serial_t to), {
	assert_int_equal(in, KEY_SPEC_USER_KEYRING);
	assert_string_equal(type, "user");
	assert_int_equal(to, 0);
	errno = ENOKEY;
	return ring.users && strcmp(name, ring.name) == 0 ? KEY : -1;
})
KEY_CALL(KEY_READ, long, keyctl_read, (key_serial_t key, char *p, size_t n), {
	assert_int_equal(key, KEY);
	if (p)
		memcpy(p, ring.p, (size_t)ring.n < n ? (size_t)ring.n : n);
	return ring.n;
})
KEY_CALL(KEY_INVALIDATE, long, keyctl_invalidate, (key_serial_t key), {
	assert_int_equal(key, KEY);
	if (!ring.stuck)
		ring.users = ring.own = false;
	return ring.stuck ? -1 : 0;
})

/* --- the tests ----------------------------------------------------------------------------------- */

static const char start_text[] = "cannot start an agent to keep the identity";
static const char agent_text[] =
    "the agent that keeps the identity does not answer: it may still be unlocked; end the process akt-agent";

/* Nobody holds anything: agents are our children (PR_SET_CHILD_SUBREAPER), and all have ended. */
static void
assert_nothing_left(void)
{
	pid_t pid = 1;

	for (int i = 0; i < 500 && pid >= 0; i++) {
		pid = __real_waitpid(-1, NULL, WNOHANG);
		if (pid == 0)
			nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	}
	assert_int_equal(pid, -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(run(NULL, "ls run/akt home/.cache/akt 2>/dev/null | grep sock"), 1);
	assert_false(ring.users);
}

static const struct {
	enum call call;
	int times, errnum;
	enum { SAID, KEPT, EITHER, UNREACHED } then; /* UNREACHED: said, though it may be kept: nobody can be asked */
} rows[] = {
    {SOCKET, 1, EMFILE, EITHER},
    {SOCKET, 9, EMFILE, UNREACHED},
    {BIND, 1, EADDRINUSE, SAID},
    {CHMOD, 1, EPERM, SAID},
    {LISTEN, 1, EOPNOTSUPP, SAID},
    {GETSOCKOPT, 1, ENOPROTOOPT, SAID},
    {GETSOCKOPT, 1, STRANGER, SAID},
    {SEND, 1, EPIPE, SAID},
    {SEND, 1, EINTR, KEPT},
    {RECV, 1, ECONNRESET, SAID},
    {FORK, 1, EAGAIN, SAID},
    {WAITPID, 1, EINTR, KEPT},
    {OPEN, 1, ENFILE, SAID},
    {FCNTL, 1, EMFILE, SAID},
    {DUP2, 1, EBUSY, SAID},
    {CLOSE_RANGE, 1, ENOSYS, SAID},
    {CHDIR, 1, EACCES, SAID},
    {SETRLIMIT, 1, EPERM, SAID},
    {PRCTL, 1, EINVAL, SAID},
    {TIMER_CREATE, 1, EMFILE, SAID},
    {TIMER_SET, 1, EINVAL, SAID},
    {POLL, 1, EINTR, KEPT},
    {POLL, 1, ENOMEM, SAID},
    {ACCEPT, 1, ECONNABORTED, KEPT},
};

/* It was not started; where this process was refused, why. */
static void
assert_said(struct err *e, int errnum)
{
	char why[200];

	snprintf(why, sizeof why, "%s: %s", start_text, errnum > 0 ? strerror(errnum) : "");
	if (strcmp(e->item[0].text, why) == 0)
		assert_err(e, ERR_IO, why);
	else
		assert_err(e, ERR_IO, start_text);
}

/* One call refused while it is put: it is kept, or it is said that it is not and nobody holds it. */
static void
test_put(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);

	(void)state;
	keep_force_agent(true);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int said = 0, reached = 0;

		for (int nth = 1; nth <= 6; nth++) {
			struct err e = {0};
			int rc, seen;

			refuse(rows[i].call, nth, rows[i].times, rows[i].errnum);
			rc = keep_put(path, id, 60, &e);
			seen = plan->seen;
			refuse(NO_CALL, 0, 0, 0);
			reached += seen >= nth;
			if (rc) {
				said++;
				assert_said(&e, rows[i].errnum);
				if (rows[i].then != UNREACHED)
					assert_false(kept_is(path, id));
			} else {
				(void)kept_is(path, id); /* or the agent has met its end since */
			}
			if (!rc || rows[i].then == UNREACHED)
				assert_int_equal(keep_drop(path, NULL), 0);
			assert_nothing_left();
			if (seen < nth)
				break;
		}
		assert_true(reached > 0);
		if (rows[i].then != EITHER && (rows[i].then == KEPT) != (said == 0))
			fail_msg("row %zu: refused %d times, said %d times", i, reached, said);
	}
	identity_free(id);
}

/* While it is got: it, or nothing; and afterwards it is still there, or gone for good. */
static void
test_get(void **state)
{
	static const enum call calls[] = {SOCKET, GETSOCKOPT, SEND, RECV, POLL, ACCEPT};
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	int got = 0, missed = 0;

	(void)state;
	keep_force_agent(true);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		for (int nth = 1; nth <= 4; nth++) {
			bool is;

			assert_int_equal(keep_put(path, id, 60, NULL), 0);
			refuse(calls[i], nth, 1, EIO);
			is = kept_is(path, id);
			refuse(NO_CALL, 0, 0, 0);
			got += is;
			missed += !is;
			if (calls[i] != POLL) /* whose failure ends the agent */
				assert_true(kept_is(path, id));
			assert_int_equal(keep_drop(path, NULL), 0);
			assert_nothing_left();
		}
	assert_true(got > 0);
	assert_true(missed > 0);
	identity_free(id);
}

/* "Locked" is said only where nobody holds it any more. */
static void
test_drop(void **state)
{
	static const struct {
		enum call call;
		int errnum;
	} drops[] = {{SOCKET, EMFILE}, {GETSOCKOPT, EIO}, {GETSOCKOPT, STRANGER}, {SEND, EPIPE}, {RECV, EAGAIN}};
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	struct err e = {0};

	(void)state;
	keep_force_agent(true);
	for (size_t i = 0; i < sizeof drops / sizeof *drops; i++) {
		/* once: asked again */
		for (int nth = 1; nth <= 3; nth++) {
			assert_int_equal(keep_put(path, id, 60, NULL), 0);
			refuse(drops[i].call, nth, 1, drops[i].errnum);
			assert_int_equal(keep_drop(path, &e), 0);
			refuse(NO_CALL, 0, 0, 0);
			assert_false(kept_is(path, id));
			assert_nothing_left();
		}
		/* for ever: not said to be gone */
		assert_int_equal(keep_put(path, id, 60, NULL), 0);
		refuse(drops[i].call, 1, 1000, drops[i].errnum);
		keep_drop(path, &e);
		refuse(NO_CALL, 0, 0, 0);
		assert_err(&e, ERR_IO, agent_text);
		/* where it only did not hear the answer, the agent may have forgotten */
		assert_true(kept_is(path, id) || drops[i].call == RECV);
		assert_int_equal(keep_drop(path, NULL), 0);
		assert_nothing_left();
	}
	/* a folder that others may enter by now is not trusted with anything, but emptied */
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_int_equal(run(NULL, "chmod 755 run/akt"), 0);
	assert_false(kept_is(path, id));
	assert_int_equal(keep_drop(path, NULL), 0);
	assert_nothing_left();
	assert_int_equal(run(NULL, "chmod 700 run/akt"), 0);
	identity_free(id);
}

/* The keyring refuses: then the agent keeps it, and the keyring nothing. */
static void
test_keyring(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path), *next = NULL;
	struct err e = {0};

	(void)state;
	keep_force_agent(false);
	ring.allowed = true;
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_true(ring.users);
	assert_false(ring.own);
	assert_true(kept_is(path, id));
	/* what cannot be read, or is longer than anything kept, is nothing */
	refuse(KEY_READ, 1, 1, EACCES);
	assert_false(kept_is(path, id));
	refuse(NO_CALL, 0, 0, 0);
	ring.n = KEEP_MAX + 1;
	assert_false(kept_is(path, id));
	/* another file's is dropped */
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	next = fresh(path);
	assert_false(kept_is(path, next));
	assert_false(ring.users);
	for (enum call c = ADD_KEY; c <= KEY_READ; c++) {
		refuse(c, 1, 1, EDQUOT);
		assert_int_equal(keep_put(path, next, 60, NULL), 0);
		refuse(NO_CALL, 0, 0, 0);
		if (c == KEY_UNLINK) /* it dies with the process */
			assert_true(ring.users);
		assert_true(kept_is(path, next));
		assert_int_equal(keep_drop(path, NULL), 0);
		assert_nothing_left();
	}
	/* one way of letting go is enough; without either it is said */
	for (enum call c = KEY_UNLINK; c < CALLS; c += KEY_INVALIDATE - KEY_UNLINK) {
		assert_int_equal(keep_put(path, next, 60, NULL), 0);
		refuse(c, 1, 9, EACCES);
		assert_int_equal(keep_drop(path, NULL), 0);
		refuse(NO_CALL, 0, 0, 0);
		assert_nothing_left();
	}
	assert_int_equal(keep_put(path, next, 60, NULL), 0);
	ring.stuck = true;
	keep_drop(path, &e);
	assert_err(&e, ERR_IO, "the kernel does not let go of the identity: it is still unlocked until its time is up");
	ring.stuck = false;
	assert_true(kept_is(path, next));
	assert_int_equal(keep_drop(path, NULL), 0);
	assert_nothing_left();
	ring.allowed = false;
	identity_free(id);
	identity_free(next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_put),
	    cmocka_unit_test(test_get),
	    cmocka_unit_test(test_drop),
	    cmocka_unit_test(test_keyring),
	};

	plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (plan == MAP_FAILED || __real_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		abort();
	setenv("XDG_RUNTIME_DIR", in_scratch("run"), 1);
	setenv("HOME", in_scratch("home"), 1);
	return cmocka_run_group_tests_name("keep refused", tests, NULL, NULL);
}
