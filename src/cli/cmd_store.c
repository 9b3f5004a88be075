/* Making, getting and keeping a store. */
#include "cli/cmd.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/i18n.h"
#include "cli/args.h"

int
cmd_init(struct cli *c, struct node **out, struct err *e)
{
	const char *name = cli_option(c, "name"), *lang = cli_option(c, "language");

	if (!name)
		return err_set(e, ERR_USAGE, _("give the unit's --name"));
	return app_init(&c->s, out, c->args[0], name, cli_option(c, "schema"), lang ? lang : i18n_lang(),
	    e);
}

int
cmd_hub(struct cli *c, struct node **out, struct err *e)
{
	return app_hub(&c->s, out, c->args[0], e);
}

int
cmd_join(struct cli *c, struct node **out, struct err *e)
{
	const char *f = cli_option(c, "fingerprint");

	if (!f)
		return err_set(e, ERR_USAGE, _("give the --fingerprint that akt init showed: it proves that this is the right store"));
	return app_join(&c->s, out, c->args[0], c->args[1], f, e);
}

int
cmd_schema_put(struct cli *c, struct node **out, struct err *e)
{
	return app_schema_put(&c->s, out, c->args[0], cli_flag(c, "dry-run"), e);
}

int
cmd_store(struct cli *c, struct node **out, struct err *e)
{
	const char **texts = NULL;
	size_t n = cli_options(c, "set", &texts);
	struct assignment *set = NULL;
	int rc = args_assignments(c, &set, texts, n, e);

	if (!rc)
		rc = app_store(&c->s, out, set, n, e);
	free(set);
	free(texts);
	return rc;
}

int
cmd_doctor(struct cli *c, struct node **out, struct err *e)
{
	const char **from;
	size_t n = cli_options(c, "from", &from);
	int rc = app_doctor(&c->s, out, from, n, cli_flag(c, "dry-run"), e);

	free(from);
	return rc;
}

int
cmd_gc(struct cli *c, struct node **out, struct err *e)
{
	return app_gc(&c->s, out, e);
}

int
cmd_status(struct cli *c, struct node **out, struct err *e)
{
	return app_status(&c->s, out, e);
}
