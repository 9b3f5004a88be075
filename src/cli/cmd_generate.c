/* What a store's generators make. */
#include "cli/cmd.h"

#include <stdlib.h>

#include "base/err.h"
#include "cli/args.h"

int
cmd_generate(struct cli *c, struct node **out, struct err *e)
{
	struct assignment *given = NULL;
	size_t n = 0;
	int rc = args_params(c, &given, &n, e);

	if (!rc)
		rc = app_generate(&c->s, out, c->args[0], given, n, cli_flag(c, "dry-run"), e);
	free(given);
	return rc;
}
