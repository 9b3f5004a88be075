/* Completion, from the command table: the shells' scripts only carry words to and fro. */
#include "cli/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "tree/node.h"

struct complete {
	struct cli *c;
	struct buf *out;
	const char *begun;           /* what is typed of the word */
	const struct command *cmd;
	const struct option_spec *given[64];
	size_t ngiven;
	const char *first;           /* the first argument, NULL */
};

static void
offer(struct complete *x, const char *word, const char *about)
{
	if (strncmp(word, x->begun, strlen(x->begun)) != 0)
		return;
	buf_puts(x->out, word);
	if (about && *about)
		buf_printf(x->out, "\t%s", about);
	buf_putc(x->out, '\n');
}

static void
offer_kind(struct complete *x, const char *kind)
{
	struct node *list = NULL;
	struct err inner = {0};
	char *type = x->first ? xstrndup(x->first, strcspn(x->first, "-:")) : NULL;

	/* without a store, or in a damaged one, there is simply nothing to offer */
	if ((strcmp(kind, "fields") != 0 || type) &&
	    app_words(&x->c->s, &list, kind, type, x->begun, &inner) == 0)
		for (size_t i = 0; i < list->n; i++)
			offer(x, node_get_str(list->seq[i], "word"), node_get_str(list->seq[i], "about"));
	free(type);
}

static void
offer_roles(struct complete *x)
{
	offer(x, "admin", _("keeps members, teams and schemas; reads nothing by that"));
	offer(x, "supervisor", _("writes, approves"));
	offer(x, "staff", _("writes"));
	offer(x, "auditor", _("verifies"));
}

/* `sv|en`: one of these */
static bool
offer_choices(struct complete *x, const char *choices)
{
	if (!strchr(choices, '|') || !islower((unsigned char)*choices))
		return false;
	while (*choices) {
		size_t n = strcspn(choices, "|");
		char *one = xstrndup(choices, n);

		offer(x, one, NULL);
		free(one);
		choices += n + (choices[n] == '|');
	}
	return true;
}

static void
offer_commands(struct complete *x, const char *first)
{
	size_t n = first ? strlen(first) : 0;
	const char *last = "";

	for (const struct command *cmd = commands; cmd->name; cmd++) {
		const char *space = strchr(cmd->name, ' ');
		char *word;

		if (!cmd->group)
			continue;
		if (first && space && (size_t)(space - cmd->name) == n && strncmp(cmd->name, first, n) == 0)
			offer(x, space + 1, _(cmd->summary));
		if (first)
			continue;
		word = xstrndup(cmd->name, strcspn(cmd->name, " "));
		/* `member` once, not for each of its kind */
		if (!space || strncmp(last, word, strlen(word)) != 0 || last[strlen(word)] != ' ')
			offer(x, word, space ? NULL : _(cmd->summary));
		free(word);
		last = cmd->name;
	}
}

/* What an argument or an option's value is, by its name in the synopsis. */
static void
offer_value(struct complete *x, const char *name, size_t n, bool option)
{
	static const struct {
		const char *name, *kind;
		int where; /* 1: options only, 2: arguments only */
	} kinds[] = {
		{"TYPE", "types", 0}, {"H", "members", 0}, {"T", "teams", 0}, {"A", "readers", 1},
		{"B", "readers", 1}, {"DEVICE", "devices", 0}, {"ID", "devices", 2}, {"CODE", "bases", 0},
		{"PATH=VALUE", "fields", 0}, {"CARD", ":files", 0}, {"FILE", ":files", 0},
		{"IDENTITY", ":files", 0}, {"S", ":files", 1}, {"DIR", ":dirs", 0}, {"STORE", ":dirs", 0},
		{"URL", ":dirs", 0},
	};
	static const struct {
		const char *command, *kind;
	} names[] = {{"sync", "remotes"}, {"admit", "remotes"}, {"report", "reports"}, {"generate", "generators"}};
	char *s = xstrndup(name, n);
	const char *kind = NULL;

	for (size_t i = 0; !kind && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, s) == 0 && kinds[i].where != (option ? 2 : 1))
			kind = kinds[i].kind;
	for (size_t i = 0; strcmp(s, "NAME") == 0 && i < sizeof names / sizeof *names; i++)
		if (!option && strcmp(names[i].command, x->cmd->name) == 0)
			kind = names[i].kind;
	/* a team or a member, where access is given */
	if (kind && strcmp(x->cmd->name, "access") == 0 && strcmp(kind, "teams") == 0)
		kind = "readers";
	if (offer_choices(x, s))
		;
	else if (strcmp(s, "R") == 0)
		offer_roles(x);
	else if (strcmp(s, "COMMAND") == 0)
		offer_commands(x, x->first);
	else if (strcmp(s, "REC") == 0)
		offer(x, "@", _("the record used last"));
	else if (kind && *kind == ':')
		buf_printf(x->out, "%s\n", kind);
	else if (kind)
		offer_kind(x, kind);
	free(s);
}

static bool
given(const struct complete *x, const char *name, size_t n)
{
	for (size_t i = 0; i < x->ngiven; i++)
		if (strlen(x->given[i]->name) == n && strncmp(x->given[i]->name, name, n) == 0)
			return true;
	return false;
}

/* The name of argument number `at` in one alternative of a synopsis, NULL when it has not so many. `WORD...` goes on for
 * ever. Options with their values are passed over; *mine: one of them was given. */
static const char *
argument_in(const struct complete *x, const char *s, const char *end, size_t at, size_t *n, bool *mine)
{
	const char *found = NULL;
	size_t i = 0;

	*mine = false;
	while (s < end) {
		const char *p = s + strspn(s, "["), *next = s + strcspn(s, " ");
		const char *name = p + strspn(p, "-");

		next += strspn(next, " ");
		if (*p == '-') {
			size_t k = strcspn(name, " ]");
			const struct option_spec *o = command_option(x->cmd, name, k);

			*mine |= given(x, name, k);
			if (o && o->arg) {
				next += strcspn(next, " ");
				next += strspn(next, " ");
			}
		} else if (!found) {
			size_t len = strcspn(p, " [].");

			if (i++ == at || strncmp(p + len, "...", 3) == 0) {
				found = p;
				*n = len;
			}
		}
		s = next;
	}
	return found;
}

/* The synopsis' name for argument number `at`: of the alternatives ` | ` the one whose option was given. */
static const char *
argument_name(const struct complete *x, size_t at, size_t *n)
{
	const char *best = NULL, *s = x->cmd->args;

	while (s) {
		const char *bar = strstr(s, " | "), *name;
		size_t len = 0;
		bool mine;

		name = argument_in(x, s, bar ? bar : s + strlen(s), at, &len, &mine);
		if (name && (!best || mine)) {
			best = name;
			*n = len;
		}
		s = bar ? bar + 3 : NULL;
	}
	return best;
}

static void
offer_options(struct complete *x)
{
	for (const struct option_spec *o = x->cmd->options; o && o->name; o++) {
		char *word = xasprintf("%s%s", o->name[1] ? "--" : "-", o->name);

		if (o->repeat || !given(x, o->name, strlen(o->name)))
			offer(x, word, _(o->help));
		free(word);
	}
	offer(x, "--json", _("one JSON document on standard output"));
	offer(x, "--help", NULL);
}

/* The words behind the command's name. */
static void
complete_command(struct complete *x, int n, char **words)
{
	const struct option_spec *waits = NULL;
	size_t at = 0, len = 0;
	bool ended = false;
	const char *name;

	for (int i = 0; i + 1 < n; i++) {
		const char *w = words[i], *bare = w + strspn(w, "-");
		size_t k = strcspn(bare, "=");

		if (waits || (!ended && strcmp(w, "-C") == 0 && i + 2 < n && ++i)) {
			waits = NULL;
		} else if (!ended && strcmp(w, "--") == 0) {
			ended = true;
		} else if (!ended && *w == '-' && w[1]) {
			const struct option_spec *o = command_option(x->cmd, bare, k);

			if (o && x->ngiven < sizeof x->given / sizeof *x->given)
				x->given[x->ngiven++] = o;
			waits = o && o->arg && !bare[k] ? o : NULL;
		} else {
			x->first = x->first ? x->first : w;
			at++;
		}
	}
	if (waits) {
		offer_value(x, waits->arg, strlen(waits->arg), true);
	} else if (!ended && *x->begun == '-') {
		offer_options(x);
	} else if (x->cmd->max < 0 || at < (size_t)x->cmd->max) {
		name = argument_name(x, at, &len);
		if (name)
			offer_value(x, name, len, false);
	}
}

void
complete_words(struct cli *c, struct buf *out, int n, char **words)
{
	struct complete x = {.c = c, .out = out, .begun = n ? words[n - 1] : ""};
	int i = 0, used = 0;

	for (; i + 1 < n && words[i][0] == '-'; i++) {
		if (strcmp(words[i], "-C") != 0)
			continue;
		if (++i + 1 == n) {
			buf_puts(out, ":dirs\n");
			return;
		}
		c->s.store = words[i];
	}
	x.cmd = i + 1 < n ? command_find(n - 1 - i, words + i, &used) : NULL;
	if (x.cmd)
		complete_command(&x, n - i - used, words + i + used);
	else if (i + 1 == n && *x.begun == '-') {
		offer(&x, "-C", _("the store"));
		offer(&x, "--json", _("one JSON document on standard output"));
		offer(&x, "--help", NULL);
		offer(&x, "--version", NULL);
	} else if (i + 2 >= n)
		offer_commands(&x, i + 2 == n ? words[i] : NULL);
}
