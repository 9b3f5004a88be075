/* Manual pages: what the command table says, as mdoc, at the places where a page's text asks for it. */
#include "cli/command.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

enum { LINE = 76 };

/* Text of a macro's argument: no word that mdoc would take for a macro, no escapes of its own. */
static void
argument(struct buf *out, const char *s, size_t n)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\')
			buf_puts(out, "\\e");
		else if (s[i] == '"')
			buf_puts(out, "\\(dq");
		else if (s[i] == '-')
			buf_puts(out, "\\-");
		else
			buf_putc(out, s[i]);
	}
	buf_putc(out, '"');
}

/* Columns as mandoc counts them: what is beyond ASCII is an escape of eight to it. */
static size_t
columns(const char *s, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x80)
			total++;
		else if ((s[i] & 0xc0) == 0xc0)
			total += 8;
	return total;
}

/* Running text, in lines as short as mandoc -Tlint wants them. */
static void
text(struct buf *out, const char *s)
{
	size_t line = 0;

	while (*s) {
		size_t n = strcspn(s, " "), wide = columns(s, n);
		bool fresh = !line || line + 1 + wide > LINE;

		if (line)
			buf_putc(out, fresh ? '\n' : ' ');
		line = fresh ? wide : line + 1 + wide;
		if (fresh && (*s == '.' || *s == '\''))
			buf_puts(out, "\\&");
		for (size_t i = 0; i < n; i++)
			if (s[i] == '\\')
				buf_puts(out, "\\e");
			else
				buf_putc(out, s[i]);
		s += n + strspn(s + n, " ");
	}
	buf_putc(out, '\n');
}

/* `TYPE [--set PATH=VALUE]...` in macros, each token with its brackets and dots. */
static void
synopsis(struct buf *out, const char *s)
{
	while (*s) {
		size_t n, open = strspn(s, "[");

		for (size_t i = 0; i < open; i++)
			buf_puts(out, " Oo");
		s += open;
		n = strcspn(s, " ]");
		/* `A,B...` keeps its dots, `A[,B]` its bracket */
		while (s[n] == ']' && memchr(s, '[', n) && n < strcspn(s, " "))
			n++;
		if (n == 1 && *s == '|') {
			buf_puts(out, " |");
		} else if (*s == '-') {
			buf_puts(out, " Fl ");
			argument(out, s + 1, n - 1);
		} else if (n) {
			buf_puts(out, " Ar ");
			argument(out, s, n);
		}
		s += n;
		for (; *s == ']'; s++)
			buf_puts(out, " Oc");
		if (strncmp(s, "...", 3) == 0) {
			buf_puts(out, " Ns Ar ...");
			s += 3;
		}
		s += strspn(s, " ");
	}
	buf_putc(out, '\n');
}

static void
one_synopsis(struct buf *out, const struct command *c)
{
	buf_puts(out, ".Nm akt\n.Cm ");
	argument(out, c->name, strlen(c->name));
	synopsis(out, c->args);
}

static void
one_command(struct buf *out, const struct command *c)
{
	buf_puts(out, ".It Cm ");
	argument(out, c->name, strlen(c->name));
	synopsis(out, c->args);
	text(out, _(c->summary));
	if (!c->options || !c->options->name)
		return;
	buf_puts(out, ".Bl -tag -width Ds -compact\n");
	for (const struct option_spec *o = c->options; o->name; o++) {
		/* Fl gives the first dash of --long */
		buf_printf(out, ".It Fl %s%s", o->name[1] ? "\\-" : "", o->name);
		if (o->arg) {
			buf_puts(out, " Ar ");
			argument(out, o->arg, strlen(o->arg));
		}
		buf_putc(out, '\n');
		text(out, _(o->help));
	}
	buf_puts(out, ".El\n");
}

static int
fill(struct buf *out, const char *group, size_t n, bool synopses, const char *file, int line,
    struct err *e)
{
	bool any = false;

	if (!synopses)
		buf_puts(out, ".Bl -tag -width Ds\n");
	for (const struct command *c = commands; c->name; c++) {
		if (!c->group || strlen(c->group) != n || strncmp(c->group, group, n) != 0)
			continue;
		any = true;
		if (synopses)
			one_synopsis(out, c);
		else
			one_command(out, c);
	}
	if (!synopses)
		buf_puts(out, ".El\n");
	return any ? 0 : err_at(e, ERR_USAGE, file, line, 1, NULL, _("no command has this heading"));
}

int
manual_fill(struct buf *out, const char *from, const char *file, struct err *e)
{
	static const char synopses[] = ".\\\" @synopsis ", all[] = ".\\\" @commands ";
	int rc = 0;

	for (int line = 1; !rc && *from; line++) {
		size_t n = strcspn(from, "\n");

		if (strncmp(from, synopses, sizeof synopses - 1) == 0)
			rc = fill(out, from + sizeof synopses - 1, n - (sizeof synopses - 1), true, file, line, e);
		else if (strncmp(from, all, sizeof all - 1) == 0)
			rc = fill(out, from + sizeof all - 1, n - (sizeof all - 1), false, file, line, e);
		else {
			buf_add(out, from, n);
			buf_putc(out, '\n');
		}
		from += n + (from[n] == '\n');
	}
	return rc;
}
