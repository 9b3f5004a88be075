/* Writing and reading records. */
#include "cli/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/i18n.h"
#include "cli/args.h"

int
cmd_new(struct cli *c, struct node **out, struct err *e)
{
	const char **texts, *from = cli_option(c, "from");
	size_t n = cli_options(c, "set", &texts);
	struct assignment *set = NULL;
	int rc = args_assignments(c, &set, texts, n, e);

	if (from && strcmp(from, "-") == 0)
		terminal_progress_end(); /* somebody may be typing */
	if (!rc)
		rc = app_new(&c->s, out, c->args[0], cli_option(c, "dossier"), set, n, from, !from, e);
	free(texts);
	free(set);
	return rc;
}

int
cmd_set(struct cli *c, struct node **out, struct err *e)
{
	const char **unset;
	size_t nunset = cli_options(c, "unset", &unset), n = (size_t)c->nargs - 1;
	struct assignment *set = NULL;
	int rc = 0;

	if (!n && !nunset)
		rc = err_set(e, ERR_USAGE, _("nothing to change: give PATH=VALUE or --unset PATH"));
	if (!rc)
		rc = args_assignments(c, &set, (const char *const *)c->args + 1, n, e);
	if (!rc)
		rc = app_set(&c->s, out, c->args[0], set, n, unset, nunset, cli_option(c, "why"), e);
	free(unset);
	free(set);
	return rc;
}

int
cmd_edit(struct cli *c, struct node **out, struct err *e)
{
	return app_edit(&c->s, out, c->args[0], cli_option(c, "why"), e);
}

int
cmd_show(struct cli *c, struct node **out, struct err *e)
{
	return app_show(&c->s, out, c->args[0], cli_option(c, "at"), e);
}

int
cmd_approve(struct cli *c, struct node **out, struct err *e)
{
	const char *why = cli_option(c, "why");

	if (!why || !*why)
		return err_set(e, ERR_USAGE, _("give the reason: --why TEXT"));
	return app_approve(&c->s, out, c->args[0], cli_flag(c, "return"), why, e);
}

int
cmd_check(struct cli *c, struct node **out, struct err *e)
{
	const char *schema = cli_option(c, "schema");

	if (schema && !c->nargs)
		return err_set(e, ERR_USAGE, _("name the files to check"));
	return args_shaped(c, out, app_check_failed, schema ?
	    app_check_files(&c->s, out, schema, (const char *const *)c->args, (size_t)c->nargs, e) :
	    app_check(&c->s, out, (const char *const *)c->args, (size_t)c->nargs, e), e);
}

int
cmd_erase(struct cli *c, struct node **out, struct err *e)
{
	return app_erase(&c->s, out, c->args[0], cli_option(c, "basis"), cli_flag(c, "confirm"), e);
}
