/* Plain files in and out, and age files. */
#include "cli/cmd.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "cli/args.h"

int
cmd_import(struct cli *c, struct node **out, struct err *e)
{
	return app_import(&c->s, out, c->args[0], e);
}

int
cmd_export(struct cli *c, struct node **out, struct err *e)
{
	const char *dir = cli_option(c, "o");

	if (!dir)
		return err_set(e, ERR_USAGE, _("give -o DIR: the folder to write plain files to"));
	return app_export(&c->s, out, (const char *const *)c->args, (size_t)c->nargs, dir, e);
}

int
cmd_encrypt(struct cli *c, struct node **out, struct err *e)
{
	const char **to;
	size_t n = cli_options(c, "r", &to);
	struct buf in = {0}, sealed = {0};
	int rc = 0;

	(void)out;
	to = xrealloc(to, n + (size_t)c->nargs + 1, sizeof *to);
	for (int i = 0; i < c->nargs; i++)
		to[n++] = c->args[i];
	if (!n)
		rc = err_set(e, ERR_USAGE, _("give a recipient: -r age1..."));
	terminal_progress_end(); /* somebody may be typing */
	if (!rc)
		rc = os_read_fd(&in, 0, STDIN_MAX, e);
	if (!rc)
		rc = app_encrypt(&sealed, &in, to, n, e);
	if (!rc)
		rc = os_write_fd(1, sealed.p, sealed.n, e);
	free(to);
	buf_free(&in);
	buf_free(&sealed);
	return rc;
}

int
cmd_decrypt(struct cli *c, struct node **out, struct err *e)
{
	const char *file = cli_option(c, "i");
	struct buf in = {0}, plain = {0};
	int rc;

	(void)out;
	if (file)
		c->s.identity_path = file;
	terminal_progress_end(); /* somebody may be typing */
	rc = os_read_fd(&in, 0, STDIN_MAX, e);
	if (!rc)
		rc = app_decrypt(&c->s, &plain, &in, file, e);
	if (!rc)
		rc = os_write_fd(1, plain.p, plain.n, e);
	buf_free(&in);
	buf_free(&plain);
	return rc;
}
