#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

char *run_folder;

int
run(struct buf *out, const char *fmt, ...)
{
	struct buf cmd = {0};
	char chunk[4096];
	va_list ap;
	FILE *f;
	size_t n;
	int rc;

	buf_printf(&cmd, "cd '%s' && { ", run_folder);
	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	buf_puts(&cmd, "; } 2>&1");
	f = popen(buf_str(&cmd), "r");
	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		if (out)
			buf_add(out, chunk, n);
	rc = pclose(f);
	buf_free(&cmd);
	return rc;
}
