/* Long texts through a pager, on a terminal. */
#include "cli/command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"

/* True when the text has more lines than the screen. */
static bool
too_long(const struct buf *text)
{
	struct winsize w;
	size_t lines = 0, rows = ioctl(1, TIOCGWINSZ, &w) == 0 && w.ws_row ? w.ws_row : 24;

	for (size_t i = 0; i < text->n; i++)
		lines += text->p[i] == '\n';
	return lines >= rows;
}

static bool
in_path(const char *name)
{
	const char *p = getenv("PATH");
	bool found = false;

	while (p && *p && !found) {
		size_t n = strcspn(p, ":");
		char *file = xasprintf("%.*s/%s", (int)n, p, name);

		found = access(file, X_OK) == 0;
		free(file);
		p += n + (p[n] == ':');
	}
	return found;
}

static void
run_pager(const char *pager, int from)
{
	dup2(from, 0);
	setenv("LESS", "FRX", 0);
	/* what is shown is confidential: less is to write no history, no copy, and start nothing */
	setenv("LESSSECURE", "1", 1);
	setenv("LESSHISTFILE", "-", 1);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(127);
}

bool
pager_show(const struct buf *text)
{
	const char *pager = getenv("PAGER");
	struct buf shown = {0};
	struct err inner = {0};
	int pipe_fd[2], status = 0;
	pid_t pid;

	if (!isatty(1) || !too_long(text))
		return false;
	if (!pager)
		pager = in_path("less") ? "less" : "";
	if (!*pager || strcmp(pager, "cat") == 0 || pipe(pipe_fd) < 0)
		return false;
	pid = fork();
	if (pid < 0) {
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		return false;
	}
	if (pid == 0) {
		close(pipe_fd[1]);
		run_pager(pager, pipe_fd[0]);
	}
	close(pipe_fd[0]);
	signal(SIGINT, SIG_IGN); /* the pager's own matter */
	/* who leaves early has seen enough */
	terminal_shown(&shown, text->p, text->n);
	os_write_fd(pipe_fd[1], shown.p, shown.n, &inner);
	close(pipe_fd[1]);
	buf_free(&shown);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}
