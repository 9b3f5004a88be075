/* Who belongs, with which devices, and who reads what. */
#include "cli/cmd.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/i18n.h"

int
cmd_member_add(struct cli *c, struct node **out, struct err *e)
{
	const char *roles = cli_option(c, "role"), **teams;
	size_t n = cli_options(c, "team", &teams);
	int rc;

	if (!roles)
		rc = err_set(e, ERR_USAGE, _("give --role: admin, supervisor, staff or auditor"));
	else
		rc = app_member_add(&c->s, out, c->args[0], roles, teams, n, e);
	free(teams);
	return rc;
}

int
cmd_member_remove(struct cli *c, struct node **out, struct err *e)
{
	return app_member_remove(&c->s, out, c->args[0], e);
}

int
cmd_member_role(struct cli *c, struct node **out, struct err *e)
{
	return app_member_role(&c->s, out, c->args[0], c->args[1], e);
}

int
cmd_member_list(struct cli *c, struct node **out, struct err *e)
{
	return app_member_list(&c->s, out, e);
}

int
cmd_device_add(struct cli *c, struct node **out, struct err *e)
{
	return app_device_add(&c->s, out, c->args[0], e);
}

int
cmd_device_revoke(struct cli *c, struct node **out, struct err *e)
{
	return app_device_revoke(&c->s, out, c->args[0], e);
}

int
cmd_admit(struct cli *c, struct node **out, struct err *e)
{
	return app_admit(&c->s, out, c->args[0], c->nargs > 1 ? c->args[1] : NULL, e);
}

int
cmd_team(struct cli *c, struct node **out, struct err *e)
{
	const char **add, **remove;
	size_t nadd = cli_options(c, "add", &add), nremove = cli_options(c, "remove", &remove);
	int rc = app_team(&c->s, out, c->args[0], add, nadd, remove, nremove, e);

	free(add);
	free(remove);
	return rc;
}

int
cmd_access(struct cli *c, struct node **out, struct err *e)
{
	const char *from = cli_option(c, "from"), *to = cli_option(c, "to"), **grant, **revoke;
	size_t ngrant = cli_options(c, "grant", &grant), nrevoke = cli_options(c, "revoke", &revoke);
	int rc;

	if (!from != !to || (from && (c->nargs || ngrant || nrevoke || cli_option(c, "until"))) || (!from && !c->nargs))
		rc = err_set(e, ERR_USAGE, _("use: akt access DOSSIER [--grant T] [--revoke T] [--until DATE], or akt access --from A --to B"));
	else if (from)
		rc = app_handover(&c->s, out, from, to, e);
	else
		rc = app_access(&c->s, out, c->args[0], grant, ngrant, revoke, nrevoke,
		    cli_option(c, "until"), e);
	free(grant);
	free(revoke);
	return rc;
}

int
cmd_exposure(struct cli *c, struct node **out, struct err *e)
{
	return app_exposure(&c->s, out, c->args[0], e);
}
