/* What the program says of itself. */
#include "cli/cmd.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum { PAGE_MAX = 1024 * 1024 };

static int
write_out(struct buf *b, int rc, struct err *e)
{
	if (!rc)
		rc = os_write_fd(1, b->p, b->n, e);
	buf_free(b);
	return rc;
}

int
cmd_help(struct cli *c, struct node **out, struct err *e)
{
	const struct command *cmd;
	struct buf text = {0};
	int used = 0;

	(void)out;
	cmd = c->nargs ? command_find(c->nargs, c->args, &used) : NULL;
	if (c->nargs && (!cmd || used < c->nargs))
		return no_such_command(c->args[0], e);
	if (cmd)
		help_command(&text, cmd);
	else
		help_overview(&text);
	return write_out(&text, 0, e);
}

int
cmd_complete(struct cli *c, struct node **out, struct err *e)
{
	struct buf words = {0};

	(void)out;
	complete_words(c, &words, c->nargs, c->args);
	return write_out(&words, 0, e);
}

int
cmd_manual(struct cli *c, struct node **out, struct err *e)
{
	struct buf from = {0}, page = {0};
	int rc = os_read_file(&from, c->args[0], PAGE_MAX, e);

	(void)out;
	if (!rc)
		rc = manual_fill(&page, buf_str(&from), c->args[0], e);
	buf_free(&from);
	return write_out(&page, rc == ERR_NOTFOUND ? ERR_USAGE : rc, e);
}
