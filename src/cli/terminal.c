/* What needs a person at a terminal: passphrases, Ctrl-C. */
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "tree/yaml_text.h"

enum { PASSPHRASE_MAX = 4096 };

static volatile sig_atomic_t interrupted;

/* While a passphrase is asked for: what the terminal was like. */
static struct termios before;
static volatile sig_atomic_t asking = -1;

static void
on_interrupt(int sig)
{
	/* a second Ctrl-C is meant; it must not leave a terminal behind that shows nothing that is typed */
	if (interrupted++) {
		if (asking >= 0)
			tcsetattr(asking, TCSAFLUSH, &before);
		_exit(128 + sig);
	}
}

void
terminal_catch_interrupt(void)
{
	struct sigaction sa = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

bool
terminal_interrupted(void)
{
	return interrupted != 0;
}

/* ESC [ 0 m and its like. */
static size_t
colour(const char *s, size_t n)
{
	size_t k = 2;

	if (n < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (k < n && ((s[k] >= '0' && s[k] <= '9') || s[k] == ';'))
		k++;
	return k < n && s[k] == 'm' ? k + 1 : 0;
}

static bool
turns(int32_t c)
{
	return c == 0x61c || (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

void
terminal_shown(struct buf *out, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		const char *at = s;
		size_t k = colour(s, (size_t)(end - s));
		int32_t c = k ? 0 : yaml_text_next(&s, end);

		if (k)
			s += k;
		if (k || (yaml_text_printable(c) && !turns(c)))
			buf_add(out, at, (size_t)(s - at));
		else
			buf_puts(out, "\xef\xbf\xbd");
	}
}

static int
ask(int tty, struct buf *out, const char *prompt, struct err *e)
{
	struct termios quiet;
	struct buf line = {0};
	int rc = 0;
	char c;

	if (tcgetattr(tty, &before) < 0)
		return err_os(e, ERR_IO, errno, _("cannot ask for the passphrase"));
	quiet = before;
	asking = tty;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(tty, "%s: ", prompt);
	tcsetattr(tty, TCSAFLUSH, &quiet);
	for (;;) {
		/* one that came before the question counts too */
		ssize_t n = interrupted ? 0 : read(tty, &c, 1);

		if (n < 0 && errno == EINTR && !interrupted)
			continue;
		if (n != 1 || interrupted) {
			rc = err_set(e, ERR_CANCELLED, _("stopped"));
			break;
		}
		if (c == '\n' || c == '\r')
			break;
		if (line.n < PASSPHRASE_MAX)
			buf_putc(&line, c);
	}
	tcsetattr(tty, TCSAFLUSH, &before);
	asking = -1;
	dprintf(tty, "\n");
	if (!rc)
		buf_add(out, buf_str(&line), line.n);
	buf_free(&line);
	return rc;
}

int
terminal_passphrase(void *ctx, struct buf *out, const char *prompt, bool confirm, struct err *e)
{
	const char *file = getenv("AKT_PASSPHRASE_FILE");
	struct buf again = {0};
	int tty, rc;

	(void)ctx;
	if (file && *file) {
		rc = os_read_file(out, file, PASSPHRASE_MAX, e);
		if (rc == ERR_NOTFOUND)
			rc = ERR_USAGE; /* the file was named, as an option would name it */
		while (!rc && out->n && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
			out->p[--out->n] = '\0';
		if (!rc && !out->n)
			rc = err_set(e, ERR_USAGE, _("the file of AKT_PASSPHRASE_FILE is empty"));
		return rc;
	}
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (tty < 0)
		return err_set(e, ERR_USAGE,
		    _("a passphrase is needed and there is no terminal to ask on: run akt unlock first, or set AKT_PASSPHRASE_FILE"));
	/* the line belongs to the question now */
	terminal_progress_end();
	rc = ask(tty, out, prompt, e);
	if (!rc && confirm) {
		rc = ask(tty, &again, _("The same once more"), e);
		if (!rc && (again.n != out->n || memcmp(buf_str(&again), buf_str(out), out->n) != 0))
			rc = err_set(e, ERR_USAGE, _("the two were not the same; nothing has been done"));
		if (!rc && out->n < 8)
			rc = err_set(e, ERR_USAGE,
			    _("too short: at least 8 characters; several words make a good passphrase"));
	}
	terminal_progress_begin();
	buf_free(&again);
	close(tty);
	return rc;
}
