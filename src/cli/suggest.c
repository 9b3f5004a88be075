/* What may have been meant by a word that is no command. */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

enum { NEAR = 2, WORD_MAX = 32 };

/* Letters to change, put in, take away or swap with the next: optimal string alignment. */
static size_t
distance(const char *a, const char *b)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1], n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= n; i++)
		for (size_t k = 0; k <= m; k++) {
			size_t best;

			if (!i || !k) {
				d[i][k] = i + k;
				continue;
			}
			best = d[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
			if (d[i - 1][k] + 1 < best)
				best = d[i - 1][k] + 1;
			if (d[i][k - 1] + 1 < best)
				best = d[i][k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && d[i - 2][k - 2] + 1 < best)
				best = d[i - 2][k - 2] + 1;
			d[i][k] = best;
		}
	return d[n][m];
}

int
no_such_command(const char *word, struct err *e)
{
	const struct command *near = NULL;
	size_t least = NEAR + 1, n = strlen(word);
	struct buf kinds = {0};
	int rc;

	for (const struct command *c = commands; c->name; c++) {
		const char *space = strchr(c->name, ' ');
		size_t far = c->group ? distance(word, c->name) : least;

		if (space && (size_t)(space - c->name) == n && strncmp(c->name, word, n) == 0)
			buf_printf(&kinds, "%s akt %s", kinds.n ? "," : "", c->name);
		/* of a short word two letters are most of it */
		if (far < least && far < n) {
			least = far;
			near = c;
		}
	}
	if (kinds.n)
		rc = err_set(e, ERR_USAGE, _("%s is the beginning of:%s"), word, buf_str(&kinds));
	else if (near)
		rc = err_set(e, ERR_USAGE, _("no such command: %s; do you mean akt %s?"), word, near->name);
	else
		rc = err_set(e, ERR_USAGE, _("no such command: %s; see: akt --help"), word);
	buf_free(&kinds);
	return rc;
}
