/* Hubs, and what two people wrote while apart. */
#include "cli/cmd.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "cli/args.h"

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

int
cmd_sync(struct cli *c, struct node **out, struct err *e)
{
	const char *name = c->nargs ? c->args[0] : NULL;

	return args_shaped(c, out, app_sync_failed, cli_flag(c, "erase") ?
	    app_sync_erase(&c->s, out, name, e) : app_sync(&c->s, out, name, e), e);
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
