/* Programs run. */
#include "sim/real/real.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "sim/world.h"

const char *const way_name[WAYS] = {"folder", "ssh", "http"};
enum way real_way;
const char *real_akt;

enum { STEP_MS = 5 };

const char *
real_url(const char *path)
{
	static char url[512];
	const char *prefix = getenv(real_way == WAY_SSH ? "SIM_SSH_URL" : "SIM_HTTP_URL");

	if (real_way == WAY_FOLDER || strcmp(path, place_path[PLACE_MAIN]) != 0)
		return path;
	snprintf(url, sizeof url, "%s%s", prefix, path);
	return url;
}

void
real_identity(char out[256], const char *id)
{
	snprintf(out, 256, "%s/%s.id", getenv("SIM_ROOT"), id);
}

pid_t
real_start(const char *const *argv, const char *store, const char *identity, int out)
{
	pid_t pid = fork();
	char clock[32];

	if (pid)
		return pid;
	setpgid(0, 0); /* what it starts dies with it */
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	if (store)
		setenv("AKT_STORE", store, 1);
	if (identity) {
		/* the clock is that machine's, not its hub's */
		setenv("AKT_IDENTITY", identity, 1);
		snprintf(clock, sizeof clock, "%lld", (long long)date_now());
		setenv("SIM_CLOCK", clock, 1);
		setenv("LD_PRELOAD", getenv("SIM_CLOCK_SO"), 1);
	}
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

int
real_wait(pid_t pid, long ms, bool *killed)
{
	const struct timespec step = {0, STEP_MS * 1000000};
	int status = 0;

	*killed = false;
	for (long left = ms; ms && left > 0; left -= STEP_MS) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		nanosleep(&step, NULL);
	}
	if (ms) {
		*killed = true;
		kill(-pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	*killed &= WIFSIGNALED(status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
real_run(struct buf *output, const char *const *argv, const char *store, const char *identity)
{
	char name[] = "/tmp/akt-sim-out-XXXXXX", block[4096];
	int fd = mkstemp(name), rc;
	bool killed;
	ssize_t n;

	if (fd < 0)
		abort();
	unlink(name);
	rc = real_wait(real_start(argv, store, identity, fd), 0, &killed);
	for (off_t at = 0; output && (n = pread(fd, block, sizeof block, at)) > 0; at += n)
		buf_add(output, block, (size_t)n);
	close(fd);
	return rc;
}

static void
must(const char *const *argv)
{
	struct buf out = {0};

	if (real_run(&out, argv, NULL, NULL) != 0) {
		fprintf(stderr, "%s failed: %s\n", argv[0], buf_str(&out));
		abort();
	}
	buf_free(&out);
}

void
real_copy(const char *from, const char *to)
{
	real_remove(to);
	must((const char *[]){"cp", "-a", from, to, NULL});
}

void
real_remove(const char *path)
{
	must((const char *[]){"rm", "-rf", path, NULL});
}
