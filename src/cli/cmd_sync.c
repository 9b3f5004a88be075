/* Hubs, and what two people wrote while apart. */
#include "cli/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "cli/args.h"
#include "tree/node.h"

int
cmd_remote_add(struct cli *c, struct node **out, struct err *e)
{
	return app_remote_add(&c->s, out, c->args[0], c->args[1], e);
}

int
cmd_remote_list(struct cli *c, struct node **out, struct err *e)
{
	return app_remote_list(&c->s, out, e);
}

/* A program that reads JSON finds all that was said in the answer, and there alone. What is no failure found
 * in the hub's history, nor the only reason, is beside them. */
static void
tell_in(struct cli *c, struct node *answer, struct err *e)
{
	const struct node *failures = node_get(answer, "failures");
	struct node *notices = node_get(answer, "notices");

	for (int i = 0; i < e->n; i++) {
		struct buf line = {0};
		bool there = false;

		err_format(&line, &e->item[i]);
		for (size_t k = 0; failures && k < failures->n && !there; k++)
			there = strcmp(failures->seq[k]->text, buf_str(&line)) == 0;
		if (!there)
			node_push(c->s.arena, notices, node_str(c->s.arena, buf_str(&line)));
		buf_free(&line);
	}
	err_clear(e);
}

int
cmd_sync(struct cli *c, struct node **out, struct err *e)
{
	const char *name = c->nargs ? c->args[0] : NULL;
	int rc = args_shaped(c, out, app_sync_failed, cli_flag(c, "erase") ?
	    app_sync_erase(&c->s, out, name, e) : app_sync(&c->s, out, name, e), e);

	if (c->json && *out && e->n)
		tell_in(c, *out, e);
	return rc;
}

int
cmd_conflicts(struct cli *c, struct node **out, struct err *e)
{
	return app_conflicts(&c->s, out, e);
}

int
cmd_resolve(struct cli *c, struct node **out, struct err *e)
{
	const char *take = cli_option(c, "take");
	int n = 0, rc = take ? args_number(&n, take, 1, 1000, "take", e) : 0;

	return rc ? rc : app_resolve(&c->s, out, c->args[0], c->args[1], n, cli_option(c, "value"),
	    cli_flag(c, "drop"), cli_option(c, "why"), e);
}

int
cmd_hook(struct cli *c, struct node **out, struct err *e)
{
	struct buf in = {0};
	int rc = os_read_fd(&in, 0, STDIN_MAX, e);

	if (!rc)
		rc = app_hook(&c->s, out, c->args[0], buf_str(&in), e);
	buf_free(&in);
	return rc;
}
