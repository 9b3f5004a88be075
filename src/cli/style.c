#include "cli/command.h"

const char *
style(const struct cli *c, enum style s)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m", [BOLD] = "\033[1m", [DIM] = "\033[2m", [RED] = "\033[31m",
		[GREEN] = "\033[32m", [YELLOW] = "\033[33m",
	};

	return c->colour ? codes[s] : "";
}
