/* What several commands take apart the same way. */
#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum { TEXT_FILE_MAX = 16 * 1024 * 1024 };

int
args_number(int *out, const char *s, int low, int high, const char *option, struct err *e)
{
	char *end;
	long v = strtol(s, &end, 10);

	if (!*s || *end || v < low || v > high)
		return err_set(e, ERR_USAGE, _("--%s is a number from %d to %d"), option, low, high);
	*out = (int)v;
	return 0;
}

int
args_duration(int *seconds, const char *s, struct err *e)
{
	char *end;
	long v = strtol(s, &end, 10), unit = 60;

	if (*end == 's')
		unit = 1;
	else if (*end == 'h')
		unit = 3600;
	else if (*end && *end != 'm')
		unit = 0;
	if (end == s || (*end && end[1]) || !unit || v < 1 || v > 86400 / unit)
		return err_set(e, ERR_USAGE, _("--for is a time such as 15m, 8h or 90s, at most 24h"));
	*seconds = (int)(v * unit);
	return 0;
}

/* PATH=VALUE, PATH=@FILE, PATH.+=VALUE */
static int
assignment(struct cli *c, struct assignment *out, const char *text, struct err *e)
{
	const char *eq = strchr(text, '=');
	struct buf file = {0};
	int rc;

	if (!eq || eq == text)
		return err_set(e, ERR_USAGE, _("an assignment is PATH=VALUE"));
	out->path = arena_strndup(c->s.arena, text, (size_t)(eq - text));
	out->value = eq + 1;
	out->from_file = eq[1] == '@';
	if (!out->from_file)
		return 0;
	rc = os_read_file(&file, eq + 2, TEXT_FILE_MAX, e);
	/* what stands behind it would be lost without a word */
	if (!rc && memchr(buf_str(&file), '\0', file.n))
		rc = err_set(e, ERR_INVALID, _("%s holds a NUL byte, so it is no text"), eq + 2);
	if (rc == ERR_NOTFOUND)
		rc = ERR_USAGE;
	if (!rc)
		out->value = arena_strndup(c->s.arena, buf_str(&file), file.n);
	buf_free(&file);
	return rc;
}

int
args_assignments(struct cli *c, struct assignment **out, const char *const *texts, size_t n,
    struct err *e)
{
	struct assignment *v = xcalloc(n + 1, sizeof *v);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = assignment(c, &v[i], texts[i], e);
	if (rc)
		free(v);
	else
		*out = v;
	return rc;
}

int
args_params(struct cli *c, struct assignment **out, size_t *n, struct err *e)
{
	const char **texts;
	size_t count = cli_options(c, "param", &texts);
	struct assignment *v = xcalloc(count + 1, sizeof *v);
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++) {
		const char *eq = strchr(texts[i], '=');

		if (!eq || eq == texts[i])
			rc = err_set(e, ERR_USAGE, _("a parameter is NAME=VALUE"));
		else
			v[i] = (struct assignment){
				.path = arena_strndup(c->s.arena, texts[i], (size_t)(eq - texts[i])), .value = eq + 1};
	}
	free(texts);
	if (rc) {
		free(v);
		return rc;
	}
	*out = v;
	*n = count;
	return 0;
}

int
args_shaped(struct cli *c, struct node **out,
    struct node *(*shape)(struct session *, const struct err *), int rc, struct err *e)
{
	int status = err_exit_status((enum err_code)rc);

	if (c->json && rc && !*out && status != 2 && status != 6) {
		*out = shape(&c->s, e);
		err_clear(e); /* the result has them */
	}
	return rc;
}
