/* Another copy of a store, to take objects from. */
#include "git/mend.h"

#include <stdlib.h>

#include "git/hub.h"
#include "git/lib.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"

struct git_source {
	struct git *g;
	char *folder;  /* where it is read in place */
	char *scratch; /* else: ours, to be removed */
};

/* The repository in a folder: bare, or an ordinary clone's. */
static char *
repository_in(const char *path)
{
	char *objects = xasprintf("%s/objects", path), *inner = xasprintf("%s/.git", path);
	bool clone = !os_is_dir(objects) && os_is_dir(inner);

	free(objects);
	if (clone)
		return inner;
	free(inner);
	return xstrdup(path);
}

static int
open_folder(struct git_source *s, const char *path, struct err *e)
{
	struct err inner = {0};
	int rc;

	s->folder = repository_in(path);
	rc = git_open(&s->g, s->folder, false, &inner);
	if (rc == ERR_NOTFOUND)
		return err_set(e, ERR_HUB, _("the hub's folder is not a git repository"));
	err_append(e, &inner);
	return rc;
}

static int
open_net(struct git_source *s, const char *url, const char *scratch, git_progress_fn progress,
    void *ctx, struct err *e)
{
	const struct git_remote_ref *refs;
	struct git_remote *r = NULL;
	struct git_fetch_ref *f = NULL;
	char rnd[ID_RECORD + 1];
	size_t n, wanted = 0;
	int rc = git_remote_open(&r, url, e);

	if (rc)
		return rc;
	n = git_remote_refs(r, &refs);
	f = xcalloc(n + 1, sizeof *f);
	for (size_t i = 0; i < n; i++)
		if (strncmp(refs[i].name, "refs/", 5) == 0)
			f[wanted++] = (struct git_fetch_ref){refs[i].name, refs[i].name};
	id_random(rnd, ID_RECORD);
	s->scratch = xasprintf("%s/" LIB_INCOMING "%s", scratch, rnd);
	rc = git_init(&s->g, s->scratch, e);
	if (!rc && wanted)
		rc = git_remote_fetch_many(r, s->g, f, wanted, progress, ctx, e);
	free(f);
	git_remote_close(r);
	return rc;
}

int
git_source_open(struct git_source **out, const char *url, const char *scratch,
    git_progress_fn progress, void *ctx, struct err *e)
{
	struct git_source *s = xcalloc(1, sizeof *s);
	const char *path = strncmp(url, "file:///", 8) == 0 ? url + 7 : url;
	bool folder = os_is_dir(path) || (!strstr(url, "://") && !strchr(url, ':'));
	int rc = 0;

	if (folder)
		rc = folder_there(path, e);
	if (folder && !rc)
		rc = open_folder(s, path, e);
	else if (!folder)
		rc = open_net(s, url, scratch, progress, ctx, e);
	if (rc)
		git_source_close(s);
	else
		*out = s;
	return rc;
}

void
git_source_close(struct git_source *s)
{
	if (!s)
		return;
	git_close(s->g);
	if (s->scratch)
		os_remove_tree(s->scratch, NULL);
	free(s->scratch);
	free(s->folder);
	free(s);
}

struct git *
git_source_git(const struct git_source *s)
{
	return s->g;
}

const char *
git_source_folder(const struct git_source *s)
{
	return s->folder;
}
