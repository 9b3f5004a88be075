#include "trail/counted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "trail/repo.h"

static int
counting_read(void *ctx, struct buf *out, enum git_type *type, const struct oid *id,
    struct err *e)
{
	struct counted *f = ctx;

	f->reads++;
	return git_batch_read(f->b, out, type, id, e);
}

int
counted_setup(void **state)
{
	struct counted *f = xcalloc(1, sizeof *f);
	struct err e = {0};
	char *path = NULL;

	f->folder = repo_folder();
	f->cache = xasprintf("%s/cache", f->folder);
	path = xasprintf("%s/repo.git", f->folder);
	assert_int_equal(git_init(&f->g, path, &e), 0);
	free(path);
	f->b = git_batch_new(f->g);
	f->o = (struct objects){counting_read, f};
	*state = f;
	return 0;
}

int
counted_teardown(void **state)
{
	struct counted *f = *state;

	git_batch_free(f->b);
	git_close(f->g);
	repo_remove(f->folder);
	free(f->cache);
	free(f);
	return 0;
}
