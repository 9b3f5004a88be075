/* The unlocked identity: in the kernel keyring and in the agent, which must behave alike. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

enum { SOCK = sizeof((struct sockaddr_un *)NULL)->sun_path };

struct place {
	const char *name;
	bool agent;
};

static void
nap(int ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

/* The socket's name, "" when there is none. */
static void
find_socket(char out[SOCK])
{
	struct buf b = {0};

	assert_true(run(&b, "ls run/akt/*.sock 2>/dev/null") < 3);
	*out = 0;
	if (b.n > 1) {
		assert_null(strchr(b.p, ' '));
		assert_true(
		    (size_t)snprintf(out, SOCK, "%s/%.*s", scratch(), (int)b.n - 1, b.p) < SOCK);
	}
	buf_free(&b);
}

static int
connect_to(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
start_place(void **state)
{
	const struct place *p = *state;

	if (!p->agent && !keep_ring_put("akt-test-probe", (const uint8_t *)"x", 1, 5)) {
		print_message("# this machine forbids keyrings\n");
		return 0;
	}
	keep_force_agent(p->agent);
	return 0;
}

static bool
usable(const struct place *p)
{
	return p->agent || keep_ring_put("akt-test-probe", (const uint8_t *)"x", 1, 5);
}

#define NEEDS_PLACE(p)                                                                             \
	do {                                                                                       \
		if (!usable(p))                                                                    \
			skip();                                                                    \
	} while (0)

static void
test_put_get_drop(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path), *other = NULL;
	char relative[300];

	NEEDS_PLACE(*state);
	assert_false(kept_is(path, id));
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_true(kept_is(path, id));
	assert_true(kept_is(path, id));   /* more than once */
	assert_int_equal(id->id[0], 'a'); /* the agent wiped its view of it, not ours */
	/* by another way to the same file */
	snprintf(
	    relative, sizeof relative, "%s/../%s/one.key", scratch(), strrchr(scratch(), '/') + 1);
	assert_true(kept_is(relative, id));
	/* the same bytes elsewhere are another identity file */
	assert_int_equal(run(NULL, "cp one.key copy.key"), 0);
	assert_false(kept_is(in_scratch("copy.key"), id));
	/* and one does not disturb the other */
	other = fresh(in_scratch("two.key"));
	assert_int_equal(keep_put(in_scratch("two.key"), other, 60, NULL), 0);
	assert_true(kept_is(path, id));
	assert_true(kept_is(in_scratch("two.key"), other));
	assert_int_equal(keep_drop(path, NULL), 0);
	assert_false(kept_is(path, id));
	assert_true(kept_is(in_scratch("two.key"), other));
	assert_int_equal(keep_drop(path, NULL), 0); /* again: no error */
	assert_int_equal(keep_drop(in_scratch("two.key"), NULL), 0);
	identity_free(id);
	identity_free(other);
}

static void
test_other_processes(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	int status = 0, fd[2];
	char c;

	NEEDS_PLACE(*state);
	/* put by a process that ends, whose reader sees the end at once */
	assert_int_equal(pipe(fd), 0);
	if (fork() == 0) {
		close(fd[0]);
		_exit(keep_put(path, id, 60, NULL));
	}
	close(fd[1]);
	assert_int_equal(read(fd[0], &c, 1), 0);
	close(fd[0]);
	wait(&status);
	assert_int_equal(status, 0);
	assert_true(kept_is(path, id));
	/* seen from another session, also one whose keyring has no link to the user's */
	if (fork() == 0) {
		struct identity *got = NULL;

		setsid();
		(void)keyctl_join_session_keyring(NULL);
		_exit(keep_get(&got, path, NULL));
	}
	wait(&status);
	assert_int_equal(status, 0);
	/* dropped from there, too */
	if (fork() == 0) {
		setsid();
		(void)keyctl_join_session_keyring(NULL);
		_exit(keep_drop(path, NULL));
	}
	wait(&status);
	assert_int_equal(status, 0);
	assert_false(kept_is(path, id));
	identity_free(id);
}

static void
test_timeout(void **state)
{
	const struct place *place = *state;
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	struct timespec from, to;
	char sock[SOCK];

	NEEDS_PLACE(place);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(keep_put(path, id, 2, NULL), 0);
	assert_true(kept_is(path, id));
	do {
		nap(100);
		clock_gettime(CLOCK_MONOTONIC, &to);
	} while (to.tv_sec - from.tv_sec < 8 && kept_is(path, id));
	assert_in_range(
	    (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000, 900, 5000);
	nap(300);
	find_socket(sock);
	assert_string_equal(sock, "");
	/* put again: the last one counts */
	assert_int_equal(keep_put(path, id, 1, NULL), 0);
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	nap(2200);
	assert_true(kept_is(path, id));
	assert_int_equal(keep_drop(path, NULL), 0);
	identity_free(id);
}

/* A new file under the old name must never find the old identity; nor may the old
 * one come back. */
static void
test_file_replaced(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path), *next = NULL;
	struct buf old = {0};
	char sock[SOCK];

	NEEDS_PLACE(*state);
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_true(kept_is(path, id));
	get_file(&old, path);
	next = fresh(path);
	assert_false(kept_is(path, next));
	put_file(path, old.p, old.n);
	assert_false(kept_is(path, id));
	find_socket(sock);
	assert_string_equal(sock, "");
	/* put over what is kept for the replaced file */
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	identity_free(next);
	next = fresh(path);
	assert_int_equal(keep_put(path, next, 60, NULL), 0);
	assert_true(kept_is(path, next));
	/* lost, then dropped all the same */
	get_file(&old, path);
	os_unlink(path, NULL);
	assert_int_equal(keep_drop(path, NULL), 0);
	buf_reset(&old);
	find_socket(sock);
	assert_string_equal(sock, "");
	identity_free(id);
	identity_free(next);
	buf_free(&old);
}

static void
test_errors(void **state)
{
	const char *path = in_scratch("none.key");
	struct identity *id = identity_new("a", "b"), *got = NULL;
	struct err e = {0};
	char want[300];

	NEEDS_PLACE(*state);
	keep_put(path, id, 0, &e);
	assert_err(&e, ERR_USAGE, "an identity is kept for at least one second");
	snprintf(want, sizeof want, "cannot open %s: No such file or directory", path);
	keep_put(path, id, 60, &e);
	assert_err(&e, ERR_NOTFOUND, want);
	keep_get(&got, path, &e);
	assert_err(&e, ERR_NOTFOUND, want);
	assert_int_equal(keep_drop(path, &e), 0);
	path = in_scratch("no-folder/none.key");
	snprintf(want, sizeof want, "cannot open %s: No such file or directory", path);
	keep_drop(path, &e);
	assert_err(&e, ERR_NOTFOUND, want);
	path = in_scratch("round/none.key");
	(void)!symlink("round", in_scratch("round"));
	snprintf(want, sizeof want, "cannot open %s: Too many levels of symbolic links", path);
	keep_drop(path, &e);
	assert_err(&e, ERR_IO, want);
	assert_int_equal(keep_get(&got, path, NULL), ERR_IO);
	assert_null(got);
	identity_free(id);
}

/* --- the agent alone ------------------------------------------------------- */

static void
test_agent_peers(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	char sock[SOCK], byte;
	int silent, fd, status = 0;
	struct stat st;

	(void)state;
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	find_socket(sock);
	assert_string_not_equal(sock, "");
	assert_int_equal(stat(sock, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_scratch("run/akt"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* a request that is none; one cut short; one that does not come */
	fd = connect_to(sock);
	assert_int_equal(send(fd, "Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 33, MSG_NOSIGNAL), 33);
	assert_int_equal(read(fd, &byte, 1), 0);
	close(fd);
	fd = connect_to(sock);
	assert_int_equal(write(fd, "G", 1), 1);
	close(fd);
	silent = connect_to(sock);
	assert_true(kept_is(path, id));
	close(silent);
	/* another user who got as far as the socket hears nothing */
	if (getuid() == 0) {
		chmod(scratch(), 0755);
		chmod(in_scratch("run"), 0755);
		chmod(in_scratch("run/akt"), 0755);
		chmod(sock, 0777);
		if (fork() == 0) {
			if (setgid(65534) != 0 || setuid(65534) != 0 || (fd = connect_to(sock)) < 0)
				_exit(1);
			if (send(fd, "Dxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 33, MSG_NOSIGNAL) <
			    0)
				_exit(errno == EPIPE ? 0 : 2);
			_exit(read(fd, &byte, 1) == 1 ? 3 : 0);
		}
		wait(&status);
		assert_int_equal(status, 0);
		/* and a folder that others may enter is not trusted */
		assert_false(kept_is(path, id));
		chmod(in_scratch("run/akt"), 0700);
		chmod(scratch(), 0700);
	}
	assert_true(kept_is(path, id));
	assert_int_equal(keep_drop(path, NULL), 0);
	find_socket(sock);
	assert_string_equal(sock, "");
	identity_free(id);
}

/* A socket that a killed agent left behind. */
static void
test_agent_stale_socket(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char sock[SOCK];
	int fd;

	(void)state;
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	find_socket(sock);
	assert_int_equal(keep_drop(path, NULL), 0);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", sock);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	close(fd);
	assert_false(kept_is(path, id));
	assert_int_equal(keep_drop(path, NULL), 0);
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_true(kept_is(path, id));
	assert_int_equal(keep_drop(path, NULL), 0);
	identity_free(id);
}

static void
test_agent_places(void **state)
{
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	struct err e = {0};
	char run_dir[256], far[300] = "";
	const char *none[4];

	(void)state;
	snprintf(run_dir, sizeof run_dir, "%s", getenv("XDG_RUNTIME_DIR"));
	unsetenv("XDG_RUNTIME_DIR");
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_true(kept_is(path, id));
	assert_int_equal(run(NULL, "ls home/.cache/akt/*.sock > /dev/null"), 0);
	setenv("XDG_RUNTIME_DIR", run_dir, 1); /* found from another session, and put there anew */
	assert_true(kept_is(path, id));
	assert_int_equal(keep_put(path, id, 60, NULL), 0);
	assert_int_equal(run(NULL, "ls home/.cache/akt/*.sock >/dev/null 2>&1"), 2);
	assert_int_equal(keep_drop(path, NULL), 0);
	/* no place: one that is not from the root on, one too long for a socket's name, one that is a file, one that others
	 * may enter */
	memset(far, 'a', sizeof far - 1);
	*far = '/';
	put_file(in_scratch("file"), "x", 1);
	assert_int_equal(run(NULL, "mkdir -p open/akt && chmod 755 open/akt"), 0);
	none[0] = "run";
	none[1] = far;
	none[2] = in_scratch("file");
	none[3] = in_scratch("open");
	for (int i = 0; i < 4; i++) {
		setenv("XDG_RUNTIME_DIR", none[i], 1);
		assert_int_equal(keep_put(path, id, 60, NULL), 0);
		assert_int_equal(run(NULL, "ls home/.cache/akt/*.sock > /dev/null"), 0);
		assert_true(kept_is(path, id));
		assert_int_equal(keep_drop(path, NULL), 0);
		assert_int_equal(run(NULL, "ls home/.cache/akt/*.sock >/dev/null 2>&1"), 2);
	}
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("HOME");
	keep_put(path, id, 60, &e);
	assert_err(&e, ERR_IO,
	    "there is no private folder for an agent's socket: set XDG_RUNTIME_DIR"
	    " or HOME");
	assert_false(kept_is(path, id));
	setenv("XDG_RUNTIME_DIR", run_dir, 1);
	setenv("HOME", in_scratch("home"), 1);
	identity_free(id);
}

/* Each descriptor that keeping takes refused in turn, here and in the agent: it is kept, or it is said that it is not, and
 * nothing stays behind. */
static void
test_agent_without_descriptors(void **state)
{
	static const char start[] = "cannot start an agent to keep the identity";
	const char *path = in_scratch("one.key");
	struct identity *id = fresh(path);
	struct rlimit whole, few;
	int kept = 0, not_started = 0;
	char sock[SOCK];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &whole), 0);
	few = whole;
	for (few.rlim_cur = 3; few.rlim_cur < 24 && kept < 2; few.rlim_cur++) {
		struct err e = {0};
		int rc;

		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		rc = keep_put(path, id, 60, &e);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &whole), 0);
		if (rc) {
			assert_int_equal(rc, ERR_IO);
			not_started += strncmp(e.item[0].text, start, strlen(start)) == 0;
			find_socket(sock);
			assert_string_equal(sock, "");
			assert_false(kept_is(path, id));
			continue;
		}
		kept++;
		assert_true(kept_is(path, id));
		assert_int_equal(keep_drop(path, NULL), 0);
	}
	assert_int_equal(kept, 2);
	assert_true(not_started > 0);
	identity_free(id);
}

int
main(void)
{
	static struct place ring = {"keyring", false}, agent = {"agent", true};
#define IN(f, p)                                                                                   \
	{                                                                                          \
#f " " #p, f, start_place, NULL, &p                                                \
	}
	const struct CMUnitTest tests[] = {
	    IN(test_put_get_drop, ring),
	    IN(test_other_processes, ring),
	    IN(test_timeout, ring),
	    IN(test_file_replaced, ring),
	    IN(test_errors, ring),
	    IN(test_put_get_drop, agent),
	    IN(test_other_processes, agent),
	    IN(test_timeout, agent),
	    IN(test_file_replaced, agent),
	    IN(test_errors, agent),
	    IN(test_agent_peers, agent),
	    IN(test_agent_stale_socket, agent),
	    IN(test_agent_places, agent),
	    IN(test_agent_without_descriptors, agent),
	};

	setenv("XDG_RUNTIME_DIR", in_scratch("run"), 1);
	setenv("HOME", in_scratch("home"), 1);
	return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
