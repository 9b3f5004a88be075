/* Files: the old or the new one stands, whatever call fails. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"

static char dir[] = "/tmp/akt-test-os-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	secret_init();
	return mkdtemp(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	return os_remove_tree(dir, NULL);
}

static char *
in(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void
content_is(const char *path, const char *want)
{
	struct buf b = {0};
	struct err e = {0};

	assert_int_equal(os_read_file(&b, path, 100, &e), 0);
	assert_string_equal(buf_str(&b), want);
	buf_free(&b);
}


static void
write_replaces_whole(void **state)
{
	char *f = in("a");
	struct err e = {0};
	struct stat st;

	(void)state;
	assert_int_equal(os_write_file(f, "one", 3, 0600, &e), 0);
	assert_int_equal(os_write_file(f, "two", 3, 0600, &e), 0);
	content_is(f, "two");
	assert_int_equal(os_write_hint(f, "three", 5, 0600, &e), 0);
	content_is(f, "three");
	assert_int_equal(stat(f, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(os_create_file(f, "x", 1, 0600, &e), ERR_EXISTS);
	content_is(f, "three");
	free(f);
}

static void
every_call_failed_in_turn_leaves_old_or_new(void **state)
{
	static const int errnums[] = {EIO, ENOSPC, EDQUOT};
	char *f = in("b");
	struct err e = {0};
	long total;

	(void)state;
	assert_int_equal(os_write_file(f, "old", 3, 0600, &e), 0);
	total = os_calls();
	assert_int_equal(os_write_file(f, "new", 3, 0600, &e), 0);
	total = os_calls() - total;
	assert_true(total >= 5);
	for (size_t k = 0; k < sizeof errnums / sizeof *errnums; k++)
		for (long i = 1; i <= total; i++) {
			struct buf b = {0};
			int rc;

			err_clear(&e);
			assert_int_equal(os_write_file(f, "old", 3, 0600, &e), 0);
			os_fault_at(i, errnums[k]);
			rc = os_write_file(f, "new", 3, 0600, &e);
			os_fault_at(0, 0);
			assert_int_equal(os_read_file(&b, f, 100, NULL), 0);
			if (rc == 0) {
				assert_string_equal(buf_str(&b), "new");
			} else {
				assert_int_equal(rc, ERR_IO);
				assert_non_null(strstr(e.item[0].text, strerror(errnums[k])));
				assert_true(strcmp(buf_str(&b), "old") == 0 || strcmp(buf_str(&b), "new") == 0);
			}
			buf_free(&b);
		}
	free(f);
}

static void
reading_is_bounded_and_named(void **state)
{
	char *f = in("c"), *want;
	struct buf b = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(os_read_file(&b, f, 10, &e), ERR_NOTFOUND);
	want = xasprintf("cannot open %s: No such file or directory", f);
	assert_string_equal(e.item[0].text, want);
	free(want);
	err_clear(&e);
	assert_int_equal(os_write_file(f, "12345678901", 11, 0600, &e), 0);
	assert_int_equal(os_read_file(&b, f, 10, &e), ERR_INVALID);
	assert_string_equal(e.item[0].text, "larger than 10 bytes");
	assert_string_equal(e.item[0].file, f);
	buf_free(&b);
	free(f);
}

static void
folders_come_and_go(void **state)
{
	char *deep = in("x/y/z"), *top = in("x"), *file = in("x/y/f"), *link = in("x/y/l"), *kept = in("k");
	struct err e = {0};

	(void)state;
	assert_int_equal(os_mkdirs(deep, &e), 0);
	assert_int_equal(os_mkdirs(deep, &e), 0);
	assert_int_equal(os_write_file(file, "f", 1, 0600, &e), 0);
	assert_int_equal(os_write_file(kept, "k", 1, 0600, &e), 0);
	assert_int_equal(symlink(kept, link), 0);
	assert_int_equal(os_mkdirs(file, &e), ERR_IO);
	assert_int_equal(os_remove_tree(top, &e), 0);
	assert_false(os_exists(top));
	assert_true(os_exists(kept)); /* a link is removed, not followed */
	assert_int_equal(os_remove_tree(top, &e), 0);
	free(deep);
	free(top);
	free(file);
	free(link);
	free(kept);
}

static void
names_are_all_or_an_error(void **state)
{
	char *top = in("n"), *b = in("n/b.age"), *a = in("n/a.age"), *dot = in("n/.c.age"), *bare = in("n/.age"),
	     *other = in("n/d.txt"), *none = in("nowhere");
	struct os_names names = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(os_names(&names, none, "", &e), 0);
	assert_int_equal(names.n, 0);
	assert_int_equal(os_mkdirs(top, &e), 0);
	assert_int_equal(os_write_file(b, "b", 1, 0600, &e), 0);
	assert_int_equal(os_write_file(a, "a", 1, 0600, &e), 0);
	assert_int_equal(os_write_file(dot, "c", 1, 0600, &e), 0);
	assert_int_equal(os_write_file(bare, "", 0, 0600, &e), 0);
	assert_int_equal(os_write_file(other, "d", 1, 0600, &e), 0);
	assert_int_equal(os_names(&names, top, ".age", &e), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.v[0], "a.age");
	assert_string_equal(names.v[1], "b.age");
	os_names_free(&names);
	assert_int_equal(os_names(&names, top, "", &e), 0);
	assert_int_equal(names.n, 3);
	os_names_free(&names);
	assert_int_equal(e.n, 0);
	assert_int_equal(os_names(&names, a, "", &e), ERR_IO);
	err_clear(&e);
	os_fault_at(1, EACCES);
	assert_int_equal(os_names(&names, top, "", &e), ERR_IO);
	os_fault_at(0, 0);
	assert_int_equal(names.n, 0);
	assert_int_equal(os_remove_tree(top, NULL), 0);
	free(top);
	free(a);
	free(b);
	free(dot);
	free(bare);
	free(other);
	free(none);
}

static void
a_lock_dies_with_its_process(void **state)
{
	char *f = in("lock");
	struct os_lock *l = NULL;
	struct err e = {0};
	int fd[2], status;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		if (os_lock(&l, f, 0, &e) == 0 && write(fd[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(fd[0], &c, 1), 1);
	assert_int_equal(os_lock(&l, f, 30, &e), ERR_BUSY);
	assert_string_equal(e.item[0].text, "another program is writing to this store; try again");
	kill(pid, 9);
	waitpid(pid, &status, 0);
	err_clear(&e);
	assert_int_equal(os_lock(&l, f, 1000, &e), 0);
	os_unlock(l);
	os_unlock(NULL);
	close(fd[0]);
	close(fd[1]);
	free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_replaces_whole),
		cmocka_unit_test(every_call_failed_in_turn_leaves_old_or_new),
		cmocka_unit_test(reading_is_bounded_and_named),
		cmocka_unit_test(folders_come_and_go),
		cmocka_unit_test(names_are_all_or_an_error),
		cmocka_unit_test(a_lock_dies_with_its_process),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
