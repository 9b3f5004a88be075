/* What a store's generators make. */
#include "cli/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"

int
cmd_generate(struct cli *c, struct node **out, struct err *e)
{
	const char **texts;
	size_t n = cli_options(c, "param", &texts);
	struct assignment *given = xcalloc(n + 1, sizeof *given);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		const char *eq = strchr(texts[i], '=');

		/* unlike a field's, a value may be @: the record used last */
		if (!eq || eq == texts[i])
			rc = err_set(e, ERR_USAGE, _("a parameter is NAME=VALUE"));
		else
			given[i] = (struct assignment){
				.path = arena_strndup(c->s.arena, texts[i], (size_t)(eq - texts[i])), .value = eq + 1};
	}
	if (!rc)
		rc = app_generate(&c->s, out, c->args[0], given, n, cli_flag(c, "dry-run"), e);
	free(given);
	free(texts);
	return rc;
}
