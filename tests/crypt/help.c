#include "crypt/help.h"

#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/os.h"

static char folder[64];
static pid_t owner;

static void
remove_scratch(void)
{
	if (getpid() == owner)
		os_remove_tree(folder, NULL);
}

const char *
scratch(void)
{
	if (!*folder) {
		strcpy(folder, "/tmp/akt-crypt-XXXXXX");
		if (!mkdtemp(folder))
			abort();
		owner = getpid();
		atexit(remove_scratch);
	}
	return folder;
}

const char *
in_scratch(const char *name)
{
	static char path[8][256];
	static int at;

	at = (at + 1) % 8;
	snprintf(path[at], sizeof path[at], "%s/%s", scratch(), name);
	return path[at];
}

void
assert_plain(const struct buf *b, const void *p, size_t n)
{
	assert_int_equal(b->n, n);
	if (n)
		assert_memory_equal(b->p, p, n);
}

void
put_file(const char *path, const void *p, size_t n)
{
	struct err e = {0};

	if (os_write_file(path, p, n, 0600, &e) != 0) {
		fprintf(stderr, "%s\n", e.item[0].text);
		abort();
	}
}

void
get_file(struct buf *out, const char *path)
{
	struct err e = {0};

	if (os_read_file(out, path, 64 << 20, &e) != 0) {
		fprintf(stderr, "%s\n", e.item[0].text);
		abort();
	}
}

int
run(struct buf *out, const char *fmt, ...)
{
	struct buf cmd = {0};
	va_list ap;
	FILE *f;
	int c, status;

	buf_printf(&cmd, "cd %s && { ", scratch());
	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	buf_puts(&cmd, "; } 2>&1");
	f = popen(cmd.p, "r");
	if (!f)
		abort();
	while ((c = getc(f)) != EOF)
		if (out)
			buf_putc(out, c);
		else
			putc(c, stderr);
	status = pclose(f);
	buf_free(&cmd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
run_expect(const char *script)
{
	struct buf out = {0};
	int rc;

	put_file(in_scratch("script.exp"), script, strlen(script));
	rc = run(&out, "expect script.exp");
	if (rc != 0)
		fputs(buf_str(&out), stderr);
	buf_free(&out);
	return rc;
}

void *
sample(size_t n)
{
	uint8_t *p = xmalloc(n ? n : 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 7 + (i >> 8) + 3);
	return p;
}
