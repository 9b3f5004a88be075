/* What can be shown afterwards. */
#include "cli/cmd.h"

#include "base/err.h"

int
cmd_verify(struct cli *c, struct node **out, struct err *e)
{
	return app_verify(&c->s, out, cli_flag(c, "content"), cli_flag(c, "full"),
	    cli_option(c, "checkpoint"), cli_option(c, "fingerprint"), e);
}

int
cmd_checkpoint(struct cli *c, struct node **out, struct err *e)
{
	return app_checkpoint(&c->s, out, e);
}

int
cmd_reads(struct cli *c, struct node **out, struct err *e)
{
	return app_reads(&c->s, out, cli_option(c, "by"), cli_option(c, "record"), e);
}
