/* Finding records, and what became of them. */
#include "cli/cmd.h"

#include "base/err.h"

int
cmd_list(struct cli *c, struct node **out, struct err *e)
{
	return app_list(&c->s, out, c->nargs ? c->args[0] : NULL, e);
}

int
cmd_todo(struct cli *c, struct node **out, struct err *e)
{
	return app_todo(&c->s, out, cli_flag(c, "mine"), cli_option(c, "team"), cli_flag(c, "history"),
	    cli_option(c, "today"), e);
}

int
cmd_search(struct cli *c, struct node **out, struct err *e)
{
	return app_search(&c->s, out, (const char *const *)c->args, (size_t)c->nargs, e);
}

int
cmd_sql(struct cli *c, struct node **out, struct err *e)
{
	return app_sql(&c->s, out, c->args[0], e);
}

int
cmd_log(struct cli *c, struct node **out, struct err *e)
{
	return app_log(&c->s, out, c->nargs ? c->args[0] : NULL, cli_option(c, "path"), e);
}

int
cmd_diff(struct cli *c, struct node **out, struct err *e)
{
	return app_diff(&c->s, out, c->args[0], c->nargs > 1 ? c->args[1] : NULL,
	    c->nargs > 2 ? c->args[2] : NULL, e);
}
