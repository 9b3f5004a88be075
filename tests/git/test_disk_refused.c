/* A disk that stops in the middle of a folder, or does not say whether a file is there: nobody takes that for the end of the
 * list, or for absence, and goes on to delete, or to say that all is done. Linked with --wrap=readdir and --wrap=lstat (Makefile). */
#include "git/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/os.h"
#include "git/gc.h"
#include "git/mend.h"
#include "git/purge.h"

/* -1: nothing is refused; else how many entries a folder gives first. */
static int entries = -1;
/* Files whose path ends so cannot be looked at; NULL: all can. */
static const char *hidden;

struct dirent *__real_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d);
struct dirent *
__wrap_readdir(DIR *d)
{
	if (entries < 0 || entries-- > 0)
		return __real_readdir(d);
	entries = 0;
	errno = EIO;
	return NULL;
}

int __real_lstat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);
int
__wrap_lstat(const char *path, struct stat *st)
{
	size_t n = strlen(path), m = hidden ? strlen(hidden) : 0;

	if (!hidden || n < m || strcmp(path + n - m, hidden) != 0)
		return __real_lstat(path, st);
	errno = EIO;
	return -1;
}

/* A store of two commits, each of them in a pack of its own, and a key beside the first. */
static struct git *
two_packs(const char *name, struct oid *key, struct oid *head)
{
	struct git *g = fresh(name);
	struct oid first = save(g, NULL, "a", "stays");
	struct err e = {0};

	*key = save(g, NULL, "k", "a key that must go");
	ok(git_ref_set(g, "refs/heads/main", &first, NULL, &e), &e);
	must("cd '%s' && git cat-file --batch-all-objects --batch-check | cut -d' ' -f1 | git pack-objects -q objects/pack/pack && "
	     "git prune-packed", git_path(g));
	*head = save(g, &first, "b", "stays too");
	ok(git_ref_set(g, "refs/heads/main", head, &first, &e), &e);
	must("cd '%s' && git repack -q -d && test $(ls objects/pack/*.pack | wc -l) = 2", git_path(g));
	return g;
}

static void
unharmed(struct git *g, const struct oid *key)
{
	char hex[41];

	oid_format(hex, key);
	must("cd '%s' && git fsck --full && git cat-file -e %s && test $(ls objects/pack/*.pack | wc -l) = 2", git_path(g), hex);
}

/* What cuts the list short would leave an erased key behind, and no word of it. */
static void
purging(void **state)
{
	struct oid key, head;
	struct git *g = two_packs("purge", &key, &head);
	struct err e = {0};

	(void)state;
	for (int n = 0; n < 6; n++) {
		entries = n;
		assert_int_equal(git_purge(g, &key, 1, &e), ERR_IO);
		entries = -1;
		assert_non_null(strstr(e.item[0].text, "cannot list folder "));
		err_clear(&e);
		unharmed(g, &key);
	}
	ok(git_purge(g, &key, 1, &e), &e);
	assert_false(git_has(g, &key));
	assert_true(git_has(g, &head));
	git_close(g);
}

/* A pack that nobody can say is there does not go with all that it holds. */
static void
purging_the_unseen(void **state)
{
	struct oid key, head;
	struct git *g = two_packs("unseen", &key, &head);
	struct err e = {0};

	(void)state;
	hidden = ".pack";
	ok(git_purge(g, &key, 1, &e), &e);
	hidden = NULL;
	assert_false(git_has(g, &key));
	assert_true(git_has(g, &head));
	must("cd '%s' && git fsck --full && test $(git rev-list --objects main | wc -l) = 6", git_path(g));
	git_close(g);
}

static int
count(void *ctx, const char *ref, const struct oid *id)
{
	(void)ref, (void)id;
	++*(int *)ctx;
	return 0;
}

/* Refs that nobody sees lead nowhere: what they hold would be nobody's. */
static void
refs(void **state)
{
	struct oid key, head;
	struct git *g = two_packs("refs", &key, &head);
	struct git_gc *gc = NULL;
	struct err e = {0};
	int n = 0;

	(void)state;
	ok(git_ref_set(g, "refs/akt/keys", &key, NULL, &e), &e);
	for (int nth = 0; nth < 12; nth++) {
		n = 0;
		entries = nth;
		assert_int_equal(git_ref_each(g, "", count, &n, &e), ERR_IO);
		entries = -1;
		assert_int_equal(n, 0);
		err_clear(&e);
		entries = nth;
		assert_int_not_equal(git_gc_pack(&gc, g, GIT_GC_ALL, NULL, NULL, &e), 0);
		entries = -1;
		err_clear(&e);
		unharmed(g, &key);
	}
	ok(git_ref_each(g, "", count, &n, &e), &e);
	assert_int_equal(n, 2);
	git_close(g);
}

/* A folder of somebody's own files is none to make a repository in, and none to clear away when that fails. */
static void
a_folder_in_use(void **state)
{
	char *path = in_scratch("own");
	struct git *g = NULL;
	struct err e = {0};
	struct buf want = {0}, unread = {0};

	(void)state;
	must("mkdir '%s' && echo mine > '%s/.letter'", path, path);
	buf_printf(&want, "%s is there already and not an empty folder", path);
	buf_printf(&unread, "cannot read folder %s: Input/output error", path);
	for (int n = 0; n < 3; n++) {
		int rc;

		entries = n;
		rc = git_init(&g, path, &e);
		entries = -1;
		/* folders have no order: the letter may be among the first */
		assert_true(rc == ERR_IO || (n > 0 && rc == ERR_EXISTS));
		fails(rc, &e, rc, rc == ERR_IO ? buf_str(&unread) : buf_str(&want));
	}
	hidden = "/own";
	fails(git_init(&g, path, &e), &e, ERR_EXISTS, buf_str(&want));
	hidden = NULL;
	must("test \"$(cat '%s/.letter')\" = mine && test $(ls -A '%s' | wc -l) = 1", path, path);
	assert_null(g);
	buf_free(&want);
	buf_free(&unread);
	free(path);
}

/* An object that is not found where the packs could not be listed is not absent: the command ends in that error. */
static void
an_object(void **state)
{
	struct oid absent = {{7}};
	struct git *g = fresh("object");
	struct err e = {0};
	struct buf out = {0};

	(void)state;
	git_disk_forget();
	assert_int_equal(git_read(g, &out, NULL, &absent, &e), ERR_NOTFOUND);
	err_clear(&e);
	assert_int_equal(git_disk_error(&e), 0);
	entries = 0;
	assert_int_equal(git_read(g, &out, NULL, &absent, &e), ERR_IO);
	entries = -1;
	err_clear(&e);
	assert_int_equal(git_disk_error(&e), ERR_IO);
	git_disk_forget();
	buf_free(&out);
	git_close(g);
}

/* What is laid aside never takes the place of what was before, also where the system does not say that it is there. */
static void
laid_aside(void **state)
{
	char *path = in_scratch("ill"), *aside = in_scratch("aside");
	struct err e = {0};

	(void)state;
	must("mkdir -p '%s/objects'", path);
	for (int i = 1; i <= 3; i++) {
		must("echo %d > '%s/objects/f'", i, path);
		hidden = i == 3 ? "/objects/f" : NULL;
		ok(git_mend_aside(path, "objects/f", aside, &e), &e);
		hidden = NULL;
	}
	must("cd '%s/objects' && test \"$(cat f f.2 f.3 | tr -d '\\n')\" = 123 && test ! -e '%s/objects/f'", aside, path);
	/* nothing there is nothing to lay aside */
	ok(git_mend_aside(path, "objects/f", aside, &e), &e);
	free(path);
	free(aside);
}

/* The doctor who cannot list the packs does not call them sound. */
static void
looking(void **state)
{
	struct oid key, head;
	struct git *g = two_packs("look", &key, &head);
	struct git_look *l = NULL;
	struct err e = {0};
	int failed = 0;

	(void)state;
	for (int n = 0; n < 6; n++) {
		entries = n;
		failed += git_look(&l, g, NULL, NULL, &e) == ERR_IO;
		entries = -1;
		err_clear(&e);
		git_look_free(l);
		l = NULL;
	}
	assert_int_equal(failed, 6);
	ok(git_look(&l, g, NULL, NULL, &e), &e);
	assert_false(git_look_bad(l));
	git_look_free(l);
	git_close(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(purging),
	    cmocka_unit_test(purging_the_unseen),
	    cmocka_unit_test(refs),
	    cmocka_unit_test(a_folder_in_use),
	    cmocka_unit_test(an_object),
	    cmocka_unit_test(laid_aside),
	    cmocka_unit_test(looking),
	};

	return cmocka_run_group_tests_name("disk refused", tests, NULL, scratch_remove);
}
