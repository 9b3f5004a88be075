/** The command table: one row names a command, its arguments, options and what it needs. Help,
 * completion and the manual's synopsis are made from it. */
#ifndef AKT_CLI_COMMAND_H
#define AKT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"

struct buf;
struct cli;

struct option_spec {
	const char *name; /* without the dashes */
	const char *arg;  /* NULL: a flag; else what its argument is called */
	bool repeat;      /* may come again */
	const char *help; /* N_() */
};

struct command {
	const char *name;     /* "member add" */
	const char *args;     /* synopsis of its arguments */
	int min, max;         /* arguments; max -1 = any number */
	const char *group;    /* heading in the overview, N_(); NULL: for programs, not shown */
	const char *summary;  /* N_() */
	const struct option_spec *options; /* ends with {0}; NULL = none */
	/* Makes ONE call into app/. *result set: it is shown, whatever the return value; else the errors are. */
	int (*run)(struct cli *c, struct node **result, struct err *e);
	/* As text for people; NULL: nothing to say beyond success. */
	void (*text)(struct cli *c, struct buf *out, const struct node *result);
};

extern const struct command commands[]; /* ends with a NULL name */

struct cli {
	struct session s;
	const struct command *command;
	bool json, colour;
	int nargs;
	char **args;
	size_t nopts;
	struct { const struct option_spec *spec; const char *value; } *opts;
};

/** The command whose name the words begin with, the longest ("member add" before "member"); *used of the words are its
 * name. NULL when there is none. */
const struct command *command_find(int argc, char **argv, int *used);
/** Its option of that name, without dashes; NULL. */
const struct option_spec *command_option(const struct command *cmd, const char *name, size_t n);

/** ERR_USAGE: what may have been meant (suggest.c). */
int no_such_command(const char *word, struct err *e);

bool cli_flag(const struct cli *c, const char *name);
/** The last value given, NULL when none. */
const char *cli_option(const struct cli *c, const char *name);
/** All values of a repeated option; malloc'd array of borrowed strings. */
size_t cli_options(const struct cli *c, const char *name, const char ***out);

/** Runs a program's arguments to the exit status. */
int cli_main(int argc, char **argv);

/* complete.c */
/** The words that may stand in place of the last of `words`, which begin with what is typed of it: lines `WORD` or
 * `WORD TAB what it is`; a line `:files` or `:dirs` where the shell knows better. Nothing is asked, no key is used. */
void complete_words(struct cli *c, struct buf *out, int n, char **words);
/* manual.c */
/** Copies a manual page's mdoc; a line `.\" @synopsis GROUP` or `.\" @commands GROUP` becomes that of the commands under that
 * heading (in English). ERR_USAGE for a heading that there is not. */
int manual_fill(struct buf *out, const char *text, const char *file, struct err *e);
/* help.c */
void help_overview(struct buf *out);
/** "use: akt NAME ARGUMENTS", no newline. */
void help_use(struct buf *out, const struct command *c);
void help_command(struct buf *out, const struct command *c);

/* places.c */
void places_language(void);
/** Identity, store and where a store is remembered, until arguments say otherwise. */
void places_default(struct session *s);

/* terminal.c: what needs a person */
int terminal_passphrase(void *ctx, struct buf *out, const char *prompt, bool confirm,
    struct err *e);
/** Text as a terminal gets it: what it would obey but for colours, and what turns the direction of what follows, shows as
 * U+FFFD. */
void terminal_shown(struct buf *out, const char *s, size_t n);
/* progress.c: what takes over a second says so on standard error, where that is a terminal. `what` stays where it is. */
void terminal_progress_begin(void);
int terminal_progress(void *ctx, const char *what, size_t done, size_t total);
void terminal_progress_end(void);
/* pager.c */
/** Shows a text that is longer than the screen with PAGER, or less. False: it was not shown. */
bool pager_show(const struct buf *text);
/* style.c: "" without colour */
enum style { PLAIN, BOLD, DIM, RED, GREEN, YELLOW };
const char *style(const struct cli *c, enum style s);
/** Ctrl-C stops long work at its next safe point; a save under way is finished or left undone whole. */
void terminal_catch_interrupt(void);
bool terminal_interrupted(void);
/* editor.c: on a private tmpfs */
int terminal_edit(void *ctx, struct buf *text, const char *name, bool *changed,
    void (*keep)(void *keep_ctx, const struct buf *text), void *keep_ctx, struct err *e);

#endif
