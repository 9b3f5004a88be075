#include "git/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"

static char root[64];

const char *
scratch(void)
{
	if (!*root) {
		strcpy(root, "/tmp/akt-git-XXXXXX");
		if (!mkdtemp(root))
			abort();
		setenv("HOME", root, 1);
		setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
		setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
		setenv("GIT_AUTHOR_NAME", "t", 1);
		setenv("GIT_AUTHOR_EMAIL", "t@example.com", 1);
		setenv("GIT_COMMITTER_NAME", "t", 1);
		setenv("GIT_COMMITTER_EMAIL", "t@example.com", 1);
		setenv("LC_ALL", "C", 1);
		unsetenv("SSH_AUTH_SOCK");
	}
	return root;
}

int
scratch_remove(void **state)
{
	struct err e = {0};

	(void)state;
	if (*root && !getenv("AKT_KEEP"))
		os_remove_tree(root, &e);
	return 0;
}

char *
in_scratch(const char *name)
{
	return xasprintf("%s/%s", scratch(), name);
}

static int
run(struct buf *out, const char *fmt, va_list ap)
{
	struct buf cmd = {0}, line = {0};
	char chunk[4096];
	size_t n;
	FILE *f;
	int rc;

	scratch();
	buf_vprintf(&cmd, fmt, ap);
	buf_printf(&line, "{ %s\n} 2>&1", buf_str(&cmd));
	f = popen(buf_str(&line), "r");
	while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		if (out)
			buf_add(out, chunk, n);
	rc = f ? pclose(f) : -1;
	buf_free(&cmd);
	buf_free(&line);
	return WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

int
sh(struct buf *out, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = run(out, fmt, ap);
	va_end(ap);
	return rc;
}

void
must(const char *fmt, ...)
{
	struct buf out = {0};
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = run(&out, fmt, ap);
	va_end(ap);
	if (rc)
		print_error("exit %d: %s\n%s\n", rc, fmt, buf_str(&out));
	buf_free(&out);
	assert_int_equal(rc, 0);
}

void
ok_at(int rc, const struct err *e, const char *file, int line)
{
	if (rc == 0)
		return;
	for (int i = 0; i < e->n; i++)
		print_error("%s: %s\n", err_name(e->item[i].code), e->item[i].text);
	_fail(file, line);
}

void
fails_at(int rc, struct err *e, enum err_code code, const char *text, const char *file, int line)
{
	const char *got = e->n ? e->item[0].text : "(no text)";

	if (rc != (int)code || err_code(e) != code || (text && strcmp(got, text) != 0)) {
		print_error("wanted %s: %s\ngot    %s: %s\n", err_name(code), text ? text : "",
		    err_name((enum err_code)rc), got);
		_fail(file, line);
	}
	err_clear(e);
}

struct oid
commit(struct git_batch *b, const struct oid *tree, const struct oid *p1, const struct oid *p2,
    long when, const char *msg)
{
	struct buf raw = {0};
	struct oid id;
	char hex[41];

	oid_format(hex, tree);
	buf_printf(&raw, "tree %s\n", hex);
	for (int i = 0; i < 2; i++) {
		const struct oid *p = i ? p2 : p1;

		if (!p)
			continue;
		oid_format(hex, p);
		buf_printf(&raw, "parent %s\n", hex);
	}
	buf_printf(&raw,
	    "author t <t@example.com> %ld +0000\ncommitter t <t@example.com> %ld +0000\n"
	    "\n%s\n",
	    when, when, msg);
	git_batch_add(b, &id, GIT_COMMIT, raw.p, raw.n);
	buf_free(&raw);
	return id;
}

struct oid
save(struct git *g, const struct oid *parent, const char *path, const char *text)
{
	static long now = 1700000000;
	struct git_batch *b = git_batch_new(g);
	struct oid blob, tree, old, id;
	size_t n;
	struct err e = {0};
	struct oid parents[2];

	if (parent)
		ok(git_commit_links(g, parent, &old, parents, &n, &e), &e);
	git_batch_add(b, &blob, GIT_BLOB, text, strlen(text));
	ok(git_tree_update(
	       b, &tree, parent ? &old : NULL, &(struct git_update){path, &blob}, 1, &e),
	    &e);
	id = commit(b, &tree, parent, NULL, now++, "save");
	ok(git_batch_write(b, &e), &e);
	git_batch_free(b);
	return id;
}

struct git *
fresh(const char *name)
{
	char *path = in_scratch(name);
	struct git *g = NULL;
	struct err e = {0};

	ok(git_init(&g, path, &e), &e);
	free(path);
	return g;
}
