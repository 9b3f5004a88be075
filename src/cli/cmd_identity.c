/* This device's identity. */
#include "cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/i18n.h"
#include "cli/args.h"

static int
work_factor(struct cli *c, int *out, struct err *e)
{
	const char *s = cli_option(c, "work-factor");

	*out = 18;
	return s ? args_number(out, s, 1, 22, "work-factor", e) : 0;
}

int
cmd_id_new(struct cli *c, struct node **out, struct err *e)
{
	const char *handle = cli_option(c, "handle"), *device = cli_option(c, "device");
	int n, rc = work_factor(c, &n, e);

	if (!rc && (!handle || !device))
		rc = err_set(e, ERR_USAGE, _("give --handle and --device"));
	if (!rc)
		rc = app_id_new(&c->s, out, handle, device, cli_flag(c, "no-passphrase"), n, e);
	terminal_progress_end();
	/* the card itself goes to standard output, into a file as a rule */
	if (!rc && !c->json && isatty(2))
		fprintf(stderr, _("The identity is in %s and stays there. Send the card to an admin: it is public.\n"),
		    c->s.identity_path);
	return rc;
}

int
cmd_id_show(struct cli *c, struct node **out, struct err *e)
{
	return app_id_show(&c->s, out, e);
}

int
cmd_id_passphrase(struct cli *c, struct node **out, struct err *e)
{
	const char *file = getenv("AKT_PASSPHRASE_FILE");
	int n, rc = work_factor(c, &n, e);

	/* done, it would have changed nothing */
	if (!rc && file && *file)
		rc = err_set(e, ERR_USAGE,
		    _("AKT_PASSPHRASE_FILE would be the old passphrase and the new one: unset it, and type both"));
	return rc ? rc : app_id_passphrase(&c->s, out, n, e);
}

int
cmd_unlock(struct cli *c, struct node **out, struct err *e)
{
	const char *time = cli_option(c, "for");
	int seconds = 15 * 60, rc = time ? args_duration(&seconds, time, e) : 0;

	return rc ? rc : app_unlock(&c->s, out, seconds, e);
}

int
cmd_lock(struct cli *c, struct node **out, struct err *e)
{
	return app_lock(&c->s, out, e);
}
