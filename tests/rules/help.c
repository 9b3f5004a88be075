#include "rules/help.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

char *
help_faults(struct arena *a, const struct err *e)
{
	struct buf b = {0};
	char *s;

	for (int i = 0; i < e->n; i++) {
		err_format(&b, &e->item[i]);
		buf_putc(&b, '\n');
	}
	s = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return s;
}
