/* Arguments in, one call into app/, result or errors out. */
#include "cli/command.h"
#include "cli/print.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "tree/node.h"

bool
cli_flag(const struct cli *c, const char *name)
{
	for (size_t i = 0; i < c->nopts; i++)
		if (strcmp(c->opts[i].spec->name, name) == 0)
			return true;
	return false;
}

const char *
cli_option(const struct cli *c, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < c->nopts; i++)
		if (strcmp(c->opts[i].spec->name, name) == 0)
			value = c->opts[i].value;
	return value;
}

size_t
cli_options(const struct cli *c, const char *name, const char ***out)
{
	const char **v = xcalloc(c->nopts + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < c->nopts; i++)
		if (strcmp(c->opts[i].spec->name, name) == 0)
			v[n++] = c->opts[i].value;
	*out = v;
	return n;
}

const struct option_spec *
command_option(const struct command *cmd, const char *name, size_t n)
{
	for (const struct option_spec *o = cmd->options; o && o->name; o++)
		if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static void
add_option(struct cli *c, const struct option_spec *spec, const char *value)
{
	c->opts = xrealloc(c->opts, c->nopts + 1, sizeof *c->opts);
	c->opts[c->nopts].spec = spec;
	c->opts[c->nopts++].value = value;
}

/* An option without its value, which may be confidential. */
static const char *
bare(struct cli *c, const char *option)
{
	return arena_strndup(c->s.arena, option, strcspn(option, "="));
}

/* Everything behind the command's name. Options and arguments may mix; `--` ends options. */
static int
parse(struct cli *c, int argc, char **argv, struct err *e)
{
	struct buf use = {0};
	bool ended = false;
	int rc = 0;

	c->args = xcalloc((size_t)argc + 1, sizeof *c->args);
	for (int i = 0; i < argc; i++) {
		const struct option_spec *spec;
		const char *name = argv[i] + 2, *value;
		size_t n;

		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
			continue;
		}
		if (!ended && strcmp(argv[i], "-C") == 0) {
			if (i + 1 == argc)
				return err_set(e, ERR_USAGE, _("option %s needs a value: %s"), "-C", "STORE");
			c->s.store = argv[++i];
			continue;
		}
		if (!ended && argv[i][0] == '-' && argv[i][1] && argv[i][1] != '-') {
			/* one-letter forms of options that people expect short */
			for (spec = c->command->options; spec && spec->name; spec++)
				if (spec->name[0] == argv[i][1] && !spec->name[1] && !argv[i][2])
					break;
			if (!spec || !spec->name)
				return err_set(e, ERR_USAGE, _("%s: unknown option %s; see: akt %s --help"),
				    c->command->name, bare(c, argv[i]), c->command->name);
			name = argv[i] + 1;
		} else if (ended || strncmp(argv[i], "--", 2) != 0) {
			c->args[c->nargs++] = argv[i];
			continue;
		}
		n = strcspn(name, "=");
		if (n == 4 && strncmp(name, "json", 4) == 0) {
			c->json = true;
			continue;
		}
		spec = command_option(c->command, name, n);
		if (!spec)
			return err_set(e, ERR_USAGE, _("%s: unknown option %s; see: akt %s --help"),
			    c->command->name, bare(c, argv[i]), c->command->name);
		if (!spec->arg) {
			if (name[n] == '=')
				return err_set(e, ERR_USAGE, _("option --%s takes no value"), spec->name);
			add_option(c, spec, NULL);
			continue;
		}
		if (name[n] == '=')
			value = name + n + 1;
		else if (i + 1 < argc)
			value = argv[++i];
		else
			return err_set(e, ERR_USAGE, _("option --%s needs a value: %s"), spec->name,
			    spec->arg);
		add_option(c, spec, value);
	}
	if (c->nargs < c->command->min || (c->command->max >= 0 && c->nargs > c->command->max)) {
		help_use(&use, c->command);
		rc = err_set(e, ERR_USAGE, "%s", buf_str(&use));
	}
	buf_free(&use);
	return rc;
}

const struct command *
command_find(int argc, char **argv, int *used)
{
	const struct command *best = NULL;
	size_t best_n = 0;

	for (const struct command *cmd = commands; cmd->name; cmd++) {
		const char *space = strchr(cmd->name, ' ');
		size_t n = space ? (size_t)(space - cmd->name) : strlen(cmd->name);

		if (strlen(argv[0]) != n || strncmp(argv[0], cmd->name, n) != 0)
			continue;
		if (space && (argc < 2 || strcmp(argv[1], space + 1) != 0))
			continue;
		if (strlen(cmd->name) > best_n) {
			best = cmd;
			best_n = strlen(cmd->name);
			*used = space ? 2 : 1;
		}
	}
	return best;
}

/* *failed, the first errno, where it is not NULL. */
static void
write_all(FILE *to, const struct buf *b, int *failed)
{
	const struct buf *text = b;
	struct buf shown = {0};

	if (b->n && isatty(fileno(to))) {
		terminal_shown(&shown, b->p, b->n);
		text = &shown;
	}
	if (((text->n && fwrite(text->p, 1, text->n, to) != text->n) || fflush(to)) && failed && !*failed)
		*failed = errno;
	buf_free(&shown);
}

static void
show_errors(bool json, const struct err *e, int rc)
{
	struct buf out = {0};

	if (json) {
		buf_printf(&out, "{\"error\": {\"code\": %d, \"messages\": [",
		    err_exit_status((enum err_code)rc));
		for (int i = 0; i < e->n; i++) {
			struct buf line = {0};

			err_format(&line, &e->item[i]);
			buf_puts(&out, i ? ", " : "");
			buf_json_string(&out, buf_str(&line), line.n);
			buf_free(&line);
		}
		buf_puts(&out, "]}}\n");
		write_all(stdout, &out, NULL);
	} else {
		for (int i = 0; i < e->n; i++) {
			/* what has a file and a line reads like a compiler's message */
			if (!e->item[i].line)
				buf_puts(&out, "akt: ");
			err_format(&out, &e->item[i]);
			buf_putc(&out, '\n');
		}
		if (e->lost)
			buf_printf(&out, _("akt: and %d more\n"), e->lost);
		write_all(stderr, &out, NULL);
	}
	buf_free(&out);
}

/* A program that reads JSON must not take what is there for all there is: it finds the error, and what there is
 * beside it. Commands whose shape tells of failures itself keep it. */
static struct node *
beside_error(struct cli *c, struct node *result, struct err *e, int rc)
{
	static const char *const own[] = {"check", "verify", "sync", "admit"};
	int status = err_exit_status((enum err_code)rc);
	struct arena *a = c->s.arena;
	struct node *doc, *error, *messages;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(c->command->name, own[i]) == 0)
			return result;
	if (!c->json || !e->n || status <= 1)
		return result;
	doc = node_map(a), error = node_map(a), messages = node_seq(a);
	for (int i = 0; i < e->n; i++) {
		struct buf line = {0};

		err_format(&line, &e->item[i]);
		node_push(a, messages, node_str(a, buf_str(&line)));
		buf_free(&line);
	}
	err_clear(e);
	node_set(a, error, "code", node_int(a, status));
	node_set(a, error, "messages", messages);
	node_set(a, doc, "error", error);
	node_set(a, doc, "partial", result);
	return doc;
}

/* What was saved and is doubtful all the same; of a check they stand in its result. */
static void
show_warnings(struct cli *c, struct node *result)
{
	const struct node *list = c->s.warnings;
	bool colour = c->colour;
	struct buf out = {0};

	if (!list || !list->n)
		return;
	c->colour = colour && isatty(2);
	if (c->json && result->kind == NODE_MAP)
		node_set(c->s.arena, result, "warnings", c->s.warnings);
	for (size_t i = 0; !c->json && i < list->n; i++) {
		buf_puts(&out, _("warning: "));
		print_finding(c, &out, list->seq[i]);
	}
	c->colour = colour;
	write_all(stderr, &out, NULL);
	buf_free(&out);
}

/* What is read at leisure, and not what must be seen at once. */
static bool
pageable(const struct command *cmd)
{
	static const char *const names[] = {"list", "show", "log", "diff", "search", "sql", "reads", "check",
		"conflicts", "todo", "report", "exposure", "member list"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(cmd->name, names[i]) == 0)
			return true;
	return false;
}

static void
show_result(struct cli *c, const struct node *result, int *failed)
{
	struct buf out = {0};

	if (c->json) {
		node_json(&out, result);
		buf_putc(&out, '\n');
	} else if (c->command->text) {
		c->command->text(c, &out, result);
	}
	if (c->json || !pageable(c->command) || !pager_show(&out))
		write_all(stdout, &out, failed);
	buf_free(&out);
}

static int
globals(struct cli *c, int argc, char **argv, struct buf *out, struct err *e)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-C") == 0 && i + 1 == argc) {
			err_set(e, ERR_USAGE, _("option %s needs a value: %s"), "-C", "STORE");
			return -1;
		} else if (strcmp(argv[i], "-C") == 0)
			c->s.store = argv[++i];
		else if (strcmp(argv[i], "--json") == 0)
			c->json = true;
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			help_overview(out);
		else if (strcmp(argv[i], "--version") == 0)
			buf_puts(out, "akt " AKT_VERSION "\n");
		else
			{
			err_set(e, ERR_USAGE, _("unknown option %s; see: akt --help"), bare(c, argv[i]));
			return -1;
		}
	}
	return i;
}

/* https://no-color.org: set and not empty */
static bool
colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(1) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

int
cli_main(int argc, char **argv)
{
	struct cli c = {0};
	struct err *e = xcalloc(1, sizeof *e);
	struct node *result = NULL;
	struct buf out = {0};
	char name[] = "status", *status[] = {name, NULL};
	int rc = 0, used = 0, failed = 0, i;

	signal(SIGPIPE, SIG_IGN);
	secret_init();
	places_language();
	terminal_catch_interrupt();
	session_start(&c.s);
	places_default(&c.s);
	c.s.passphrase = terminal_passphrase;
	c.s.progress = terminal_progress;
	c.s.edit = isatty(0) && isatty(1) ? terminal_edit : NULL;
	c.s.ctx = &c;
	c.colour = colours();
	i = globals(&c, argc, argv, &out, e);
	if (i < 0) {
		rc = ERR_USAGE;
		goto done;
	}
	if (out.n)
		goto done;
	c.command = i < argc ? command_find(argc - i, argv + i, &used) : command_find(1, status, &used);
	used = i < argc ? used : 0;
	if (!c.command) {
		rc = no_such_command(argv[i], e);
		goto done;
	}
	for (int k = i + used; k < argc && strcmp(argv[k], "--") != 0; k++)
		if (strcmp(argv[k], "--help") == 0 || strcmp(argv[k], "-h") == 0) {
			help_command(&out, c.command);
			goto done;
		}
	rc = parse(&c, argc - i - used, argv + i + used, e);
	if (!rc) {
		terminal_progress_begin();
		rc = c.command->run(&c, &result, e);
		if (!rc && (rc = session_disk(&c.s, e)))
			result = NULL;
		/* what could not be read must not be missing without a word */
		if (!rc)
			rc = session_damage(&c.s, e);
		terminal_progress_end();
	}
	if (result) {
		show_warnings(&c, result);
		result = beside_error(&c, result, e, rc);
		show_result(&c, result, &failed);
	}
done:
	/* a program that asked for JSON reads JSON, also where an argument before --json was wrong */
	for (int k = 1; rc == ERR_USAGE && k < argc && strcmp(argv[k], "--") != 0; k++)
		c.json |= strcmp(argv[k], "--json") == 0;
	write_all(stdout, &out, &failed);
	/* beside a result, which then lacks something, for people */
	if (rc && (!result || e->n))
		show_errors(c.json && !result, e, rc);
	rc = err_exit_status((enum err_code)rc);
	session_close(&c.s);
	buf_free(&out);
	free(c.args);
	free(c.opts);
	free(e);
	/* who closed the pipe knows */
	if (failed && failed != EPIPE)
		fputs(_("akt: standard output did not take all of it; what was saved stays saved\n"), stderr);
	if (fflush(stdout) || ferror(stdout))
		rc = rc ? rc : 5;
	return rc;
}
