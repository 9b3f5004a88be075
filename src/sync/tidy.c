/* A hub's repository is kept small by those who push to it: nobody else works there. */
#include "sync/private.h"

#include <stddef.h>

#include "base/err.h"
#include "git/gc.h"
#include "git/purge.h"

int
sync_tidy(void *ctx, struct git *hub, struct err *e)
{
	struct git_gc_report r;
	struct git_gc *gc = NULL;
	struct err unused = {0};

	(void)ctx, (void)e;
	if (git_gc_pays(hub) && git_gc_pack(&gc, hub, GIT_GC_RECENT, NULL, NULL, &unused) == 0)
		git_gc_sweep(gc, 0, &r, &unused);
	git_gc_free(gc);
	return 0;
}

void
sync_tidy_folder(struct git_remote *hub)
{
	struct err unused = {0};

	if (git_gc_pays_there(hub))
		git_remote_folder_run(hub, sync_tidy, NULL, &unused);
}
