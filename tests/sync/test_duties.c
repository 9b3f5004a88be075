/* What ends a sync: that nothing was erased is believed only where the tree could be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/secret.h"
#include "git/part.h"
#include "git/repo.h"
#include "sync/run.h"
#include "sync/sync.h"
#include "vault/store.h"

static const struct sync_options plain;

/* anna's store, the hub that it was synced with, and an end of a sync with it, by a repository that has read nothing yet. */
struct last {
	struct store *s;
	char *url, *tree; /* of main: the file of its object */
	struct sync_result r;
	struct run run;
};

static void
begin(struct last *l, void **state)
{
	struct err e = {0};
	struct git *g = NULL;

	*l = (struct last){.s = *state};
	l->url = xasprintf("%s/hub.git", l->s->dir);
	fine(git_init(&g, l->url, &e), &e);
	git_close(g);
	fine(sync_run(&l->r, l->s->v, "hub", l->url, &plain, &e), &e);
	sync_result_free(&l->r);
	l->r = (struct sync_result){0};
	l->run = (struct run){.r = &l->r, .v = l->s->v, .name = "hub", .opt = &plain};
	fine(git_open(&l->run.g, l->s->path, false, &e), &e);
	fine(git_remote_open(&l->run.hub, l->url, &e), &e);
	l->tree = part_loose_path(l->run.g, vault_tree(l->s->v));
	assert_int_equal(unlink(l->tree), 0);
}

static void
end(struct last *l)
{
	/* the next one starts anew, as a program does */
	git_disk_forget();
	git_remote_close(l->run.hub);
	git_close(l->run.g);
	sync_result_free(&l->r);
	free(l->url);
	free(l->tree);
}

/* The disk does not give it up: what was erased would stay at the hub, with a sync that says it is done. */
static void
a_tree_that_cannot_be_read(void **state)
{
	struct last l;
	struct err e = {0};
	char want[200];
	bool again = false;

	begin(&l, state);
	assert_int_equal(symlink(l.tree, l.tree), 0);
	assert_int_equal(duties_finish(&l.run, &again, &e), ERR_IO);
	snprintf(want, sizeof want, "cannot read %s: Too many levels of symbolic links", l.tree);
	assert_string_equal(e.item[0].text, want);
	assert_false(again);
	end(&l);
}

static void
a_tree_that_is_lost(void **state)
{
	struct last l;
	struct err e = {0};
	char want[120], hex[41];
	bool again = false;

	begin(&l, state);
	hash_hex(hex, vault_tree(l.s->v)->b, 20);
	assert_int_equal(duties_finish(&l.run, &again, &e), ERR_DAMAGED);
	snprintf(want, sizeof want, "object %s is missing; akt doctor fetches it again", hex);
	assert_string_equal(e.item[0].text, want);
	end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_tree_that_cannot_be_read, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(a_tree_that_is_lost, store_setup, store_teardown),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
