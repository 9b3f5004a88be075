/** Arguments that several commands take apart the same way. */
#ifndef AKT_CLI_ARGS_H
#define AKT_CLI_ARGS_H

#include "cli/command.h"

enum { STDIN_MAX = 256 * 1024 * 1024 };

/** A whole number from low to high, else ERR_USAGE naming the option. */
int args_number(int *out, const char *s, int low, int high, const char *option, struct err *e);
/** 90s, 15m, 8h; a bare number is minutes. */
int args_duration(int *seconds, const char *s, struct err *e);
/** PATH=VALUE, PATH=@FILE, PATH.+=VALUE; *out is the caller's to free, what it points at is not. */
int args_assignments(struct cli *c, struct assignment **out, const char *const *texts, size_t n,
    struct err *e);
/** NAME=VALUE of --param; the value as it stands, for a parameter is short and may be @, the record used last: no file is read.
 * *out (and *n) is the caller's to free, what it points at is not. */
int args_params(struct cli *c, struct assignment **out, size_t *n, struct err *e);
/** A command with a JSON shape of its own for failures keeps it, except where it was used wrongly or no
 * hub was reached; what was said then stands in that shape alone. Returns rc. */
int args_shaped(struct cli *c, struct node **out,
    struct node *(*shape)(struct session *, const struct err *), int rc, struct err *e);

#endif
