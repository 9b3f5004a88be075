/* The person's editor on a private tmpfs: plaintext never reaches a disk. */
#include "cli/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"

enum { TMPFS = 0x01021994, RAMFS = 0x858458f6, TEXT_MAX = 16 * 1024 * 1024, POLL_MS = 300 };

/* A folder of our own, mode 0700, in memory alone. */
static int
private_folder(char **out, struct err *e)
{
	const char *const places[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/run/shm"};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct statfs fs;
		char *dir;

		if (!places[i] || !*places[i] || statfs(places[i], &fs) < 0 ||
		    ((unsigned long)fs.f_type != TMPFS && (unsigned long)fs.f_type != RAMFS))
			continue;
		dir = xasprintf("%s/akt-XXXXXX", places[i]);
		if (mkdtemp(dir)) {
			*out = dir;
			return 0;
		}
		free(dir);
	}
	return err_set(e, ERR_IO,
	    _("no folder in memory (tmpfs) to edit in: the text would reach the disk; use akt set instead"));
}

static void
wipe_file(const char *path)
{
	struct stat st;
	FILE *f;

	if (stat(path, &st) == 0 && (f = fopen(path, "r+"))) {
		for (off_t i = 0; i < st.st_size; i++)
			fputc(0, f);
		fclose(f);
	}
	unlink(path);
}

/* While an editor runs, what ends programs is for the editor: a closed window or Ctrl-C must not leave the
 * text lying in the clear, nor lose it. */
static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
enum { SIGNALS = sizeof signals / sizeof *signals };

static volatile sig_atomic_t ending;

static void
on_end(int sig)
{
	ending = sig;
}

static void
hold_signals(struct sigaction was[SIGNALS])
{
	/* the terminal gives Ctrl-C to the editor too; a hang-up or kill is handed on */
	struct sigaction ignore = {.sa_handler = SIG_IGN}, end = {.sa_handler = on_end};

	ending = 0;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], signals[i] == SIGHUP || signals[i] == SIGTERM ? &end : &ignore, &was[i]);
}

static void
restore_signals(const struct sigaction was[SIGNALS])
{
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &was[i], NULL);
}

static pid_t
start_editor(const char *path)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
	const char *program = visual && *visual ? visual : editor && *editor ? editor : "sensible-editor";
	char *line = xasprintf("%s \"$1\"", program);
	pid_t pid = fork();

	if (pid == 0) {
		for (size_t i = 0; i < SIGNALS; i++)
			signal(signals[i], SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		/* no swap or backup file beside what is edited elsewhere than in memory */
		setenv("VIMINIT", "set nobackup nowritebackup noswapfile noundofile viminfo=", 0);
		execl("/bin/sh", "sh", "-c", line, "sh", path, (char *)NULL);
		_exit(127);
	}
	free(line);
	return pid;
}

static int
read_now(struct buf *text, const char *path, struct err *e)
{
	buf_reset(text);
	return os_read_file(text, path, TEXT_MAX, e);
}

int
terminal_edit(void *ctx, struct buf *text, const char *name, bool *changed,
    void (*keep)(void *keep_ctx, const struct buf *text), void *keep_ctx, struct err *e)
{
	struct sigaction handlers[SIGNALS];
	struct timespec was = {0};
	struct buf now = {0};
	struct stat st;
	char *dir = NULL, *path = NULL;
	int status = 0, rc;
	pid_t pid;

	(void)ctx;
	terminal_progress_end();
	rc = private_folder(&dir, e);
	if (rc)
		return rc;
	hold_signals(handlers);
	path = xasprintf("%s/%s.yaml", dir, name);
	rc = os_write_file(path, buf_str(text), text->n, 0600, e);
	if (rc)
		goto done;
	if (stat(path, &st) == 0)
		was = st.st_mtim;
	pid = start_editor(path);
	if (pid < 0) {
		rc = err_os(e, ERR_IO, errno, _("cannot start the editor"));
		goto done;
	}
	/* Each time the editor saves, what it saved is kept sealed: a dead laptop loses nothing saved. */
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (ending)
			kill(pid, ending);
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
		if (stat(path, &st) == 0 &&
		    (st.st_mtim.tv_sec != was.tv_sec || st.st_mtim.tv_nsec != was.tv_nsec)) {
			was = st.st_mtim;
			if (read_now(&now, path, NULL) == 0 && now.n)
				keep(keep_ctx, &now);
		}
	}
	rc = read_now(&now, path, e);
	if (rc)
		goto done;
	*changed = now.n != text->n || memcmp(buf_str(&now), buf_str(text), now.n) != 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		if (*changed)
			keep(keep_ctx, &now);
		rc = err_set(e, ERR_CANCELLED,
		    _("the editor did not end well; nothing saved, what it had saved is kept as a draft"));
		goto done;
	}
	buf_free(text);
	*text = now;
	now = (struct buf){0};
done:
	if (path)
		wipe_file(path);
	os_remove_tree(dir, NULL);
	restore_signals(handlers);
	terminal_progress_begin();
	buf_free(&now);
	free(path);
	free(dir);
	return rc;
}
