#include "git/lib.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

/* For stock git run on a store: everything it writes is synced; nothing is collected behind
 * our back (a prune beside a writer destroyed branch tips). */
static const char config[] = "[core]\n"
			     "\trepositoryformatversion = 0\n"
			     "\tfilemode = true\n"
			     "\tbare = true\n"
			     "\tlogAllRefUpdates = false\n"
			     "\tfsync = committed,reference,loose-object\n"
			     "[gc]\n"
			     "\tauto = 0\n"
			     "\tautoDetach = false\n"
			     "[receive]\n"
			     "\tautogc = false\n"
			     "\tfsckObjects = true\n"
			     "[fetch]\n"
			     "\tfsckObjects = true\n"
			     "[maintenance]\n"
			     "\tauto = false\n";

const char *
lib_config(size_t *n)
{
	*n = sizeof config - 1;
	return config;
}

/* An empty folder may become a repository; what cannot be looked into is said for what it is. */
static int
must_be_free(const char *path, struct err *e)
{
	DIR *dir = os_absent(path) ? NULL : opendir(path);
	int n = dir || os_absent(path) ? 0 : errno;
	struct dirent *d;
	bool empty = n != ENOTDIR;

	while (errno = 0, dir && empty && (d = readdir(dir)))
		empty = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0;
	if (dir) {
		n = empty ? errno : 0;
		closedir(dir);
	}
	if (n && empty)
		return err_os(e, ERR_IO, n, _("cannot read folder %s"), path);
	return empty ? 0 : err_set(e, ERR_EXISTS, _("%s is there already and not an empty folder"), path);
}

int
git_init(struct git **out, const char *path, struct err *e)
{
	static const char *const dirs[] = {
	    "objects", "objects/info", "objects/pack", "refs", "refs/heads", "refs/tags"};
	char *sub = NULL;
	int rc = must_be_free(path, e);

	if (rc)
		return rc;
	rc = os_mkdirs(path, e);
	for (size_t i = 0; !rc && i < sizeof dirs / sizeof *dirs; i++) {
		sub = xasprintf("%s/%s", path, dirs[i]);
		/* by the umask, as git does: a hub's folder may be shared by a group */
		if (mkdir(sub, 0777) < 0)
			rc = err_os(e, ERR_IO, errno, _("cannot make folder %s"), sub);
		xfree(sub);
	}
	if (rc)
		goto done;
	sub = xasprintf("%s/config", path);
	rc = os_write_file(sub, config, sizeof config - 1, 0644, e);
	xfree(sub);
	for (size_t i = 0; !rc && i < sizeof dirs / sizeof *dirs; i++) {
		sub = xasprintf("%s/%s", path, dirs[i]);
		rc = os_fsync_dir(sub, e);
		xfree(sub);
	}
	if (rc)
		goto done;
	/* HEAD last: only with it the folder is a repository */
	sub = xasprintf("%s/HEAD", path);
	rc = os_write_file(sub, "ref: refs/heads/main\n", 21, 0644, e);
	xfree(sub);
	if (!rc) {
		sub = xasprintf("%s/..", path);
		rc = os_fsync_dir(sub, e);
	}
done:
	free(sub);
	return rc ? rc : git_open(out, path, false, e);
}

/* What would make git show another history than the objects say, or take objects from
 * elsewhere (DESIGN 4: grafts, replace refs, shallow files are refused). */
static int
refuse(const char *path, bool from_env, struct err *e)
{
	static const struct {
		const char *file, *text;
	} bad[] = {
	    {"info/grafts",
		N_("this repository has a grafts file, which changes its history; "
		   "remove info/grafts")},
	    {"shallow",
		N_("this repository is shallow: part of its history is missing; "
		   "clone it anew in full")},
	    {"objects/info/alternates",
		N_("this repository takes objects from another folder; "
		   "remove objects/info/alternates after a full repack")},
	    {"commondir", N_("this is a work tree's folder, not a repository of its own")},
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof bad / sizeof *bad; i++) {
		char *sub = xasprintf("%s/%s", path, bad[i].file);

		/* a host may share objects between its repositories; its hook may read them */
		if (os_exists(sub) && !(from_env && i == 2))
			rc = err_set(e, ERR_DAMAGED, "%s", _(bad[i].text));
		free(sub);
	}
	return rc;
}

static int
no_replace(void *ctx, const char *ref, const struct oid *id)
{
	(void)ref, (void)id;
	return err_set(ctx, ERR_DAMAGED,
	    _("this repository has replace refs, which change its "
	      "history; remove refs/replace"));
}

/* libgit2 does not look at the format when a bare repository is opened by its path. */
static int
check_format(const char *path, struct err *e)
{
	char *file = xasprintf("%s/config", path);
	git_config *cfg = NULL;
	git_config_iterator *it = NULL;
	git_config_entry *entry;
	int32_t version = 0;
	int rc = 0;

	if (os_absent(file))
		goto done;
	if (git_config_open_ondisk(&cfg, file) < 0) {
		rc = lib_fail(e, ERR_DAMAGED, _("cannot read the repository's config (akt doctor mends it)"));
		goto done;
	}
	if (git_config_get_int32(&version, cfg, "core.repositoryformatversion") < 0)
		version = 0;
	if (version > 0 && git_config_iterator_new(&it, cfg) < 0)
		version = 2;
	while (it && git_config_next(&entry, it) == 0)
		if (strncmp(entry->name, "extensions.", 11) == 0)
			version = 2;
	if (version < 0 || version > 1)
		rc = err_set(e, ERR_DAMAGED,
		    _("this repository's format (SHA-256, partial or newer) is not supported"));
done:
	git_config_iterator_free(it);
	git_config_free(cfg);
	free(file);
	return rc;
}

/* A hook's view: the pushed objects wait in quarantine (git-receive-pack(1)). */
static int
add_env(struct git *g, struct err *e)
{
	static const char *const single[] = {"GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH"};
	const char *list = getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof single / sizeof *single; i++) {
		const char *dir = getenv(single[i]);

		if (dir && *dir && os_is_dir(dir) && lib_odb_add(g->odb, dir, true) < 0)
			rc = lib_fail(e, ERR_DAMAGED, _("cannot read the pushed objects"));
	}
	while (!rc && list && *list) {
		size_t n = strcspn(list, ":");
		char *dir = xstrndup(list, n);

		if (n && os_is_dir(dir) && lib_odb_add(g->odb, dir, true) < 0)
			rc = lib_fail(e, ERR_DAMAGED, _("cannot read the pushed objects"));
		free(dir);
		list += n + (list[n] == ':');
	}
	return rc;
}

/* A hub's host may share objects between its repositories (see refuse): libgit2 follows that itself. */
static int
open_odb(struct git *g)
{
	char *shared = xasprintf("%s/info/alternates", g->objects);
	bool elsewhere = os_exists(shared);
	int rc = 0;

	free(shared);
	if (elsewhere) {
		rc = git_repository_odb(&g->odb, g->repo);
		return rc == 0 ? git_odb_set_commit_graph(g->odb, NULL) : rc;
	}
	rc = lib_odb_open(&g->odb, g->objects);
	return rc == 0 ? git_repository_set_odb(g->repo, g->odb) : rc;
}

int
git_open(struct git **out, const char *path, bool from_env, struct err *e)
{
	struct git *g = xcalloc(1, sizeof *g);
	const char *env = from_env ? getenv("GIT_DIR") : NULL;
	git_config *none = NULL;
	size_t n;
	int rc = 0;

	lib_init();
	if (env && *env)
		path = env;
	n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	g->path = xstrndup(path, n);
	g->objects = xasprintf("%s/objects", g->path);
	if (git_repository_open_bare(&g->repo, g->path) < 0) {
		int refused = disk_refused_repo(g->path);

		if (refused)
			rc = err_os(e, ERR_IO, refused, _("cannot open the repository at %s"), g->path);
		else if (git_repository_open_bare(&g->repo, g->path) < 0)
			rc = err_set(e, ERR_NOTFOUND, _("there is no repository at %s"), g->path);
		if (rc)
			goto done;
	}
	rc = refuse(g->path, from_env, e);
	if (!rc)
		rc = check_format(g->path, e);
	if (rc)
		goto done;
	/* Not even its own config: an include, insteadOf or proxy there redirects. */
	if (git_config_new(&none) < 0 || git_repository_set_config(g->repo, none) < 0 ||
	    open_odb(g) < 0) {
		rc = lib_fail(e, ERR_DAMAGED, _("cannot open the repository (akt doctor mends it)"));
		goto done;
	}
	if (from_env)
		rc = add_env(g, e);
	if (!rc)
		rc = git_ref_each(g, "refs/replace/", no_replace, e, e);
done:
	git_config_free(none);
	if (rc)
		git_close(g);
	else
		*out = g;
	return rc;
}

void
git_close(struct git *g)
{
	if (!g)
		return;
	git_odb_free(g->odb);
	git_repository_free(g->repo);
	free(g->path);
	free(g->objects);
	free(g);
}

const char *
git_path(const struct git *g)
{
	return g->path;
}

int
git_read(struct git *g, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	git_odb_object *obj = NULL;
	enum err_code code;
	char hex[41];
	int refused, rc;

	rc = git_odb_read(&obj, g->odb, lib_oid(id));
	if (rc < 0 && (refused = disk_refused_object(g, id)))
		return err_os(e, ERR_IO, refused, _("cannot read %s"), disk_refused_path());
	if (rc < 0)
		/* what kept it from being read has passed */
		rc = git_odb_refresh(g->odb) < 0 ? rc : git_odb_read(&obj, g->odb, lib_oid(id));
	if (rc < 0) {
		code = lib_read_code(rc);
		oid_format(hex, id);
		if (code == ERR_NOTFOUND)
			return err_set(e, code, _("object %s is missing; akt doctor fetches it again"), hex);
		if (code == ERR_IO)
			return lib_fail(e, code, _("cannot read an object"));
		return err_set(e, code, _("object %s is damaged; akt doctor fetches it again"), hex);
	}
	buf_add(out, git_odb_object_data(obj), git_odb_object_size(obj));
	if (type)
		*type = (enum git_type)git_odb_object_type(obj);
	git_odb_object_free(obj);
	return 0;
}

bool
lib_has(struct git *g, const struct oid *id, bool refresh)
{
	return git_odb_exists_ext(g->odb, lib_oid(id),
		   refresh ? (git_odb_lookup_flags_t)0 : GIT_ODB_LOOKUP_NO_REFRESH) == 1;
}

bool
git_has(struct git *g, const struct oid *id)
{
	if (lib_has(g, id, true))
		return true;
	/* where the disk kept it back, that is remembered (git_disk_error) */
	disk_refused_object(g, id);
	return false;
}

int
git_size(struct git *g, size_t *n, enum git_type *type, const struct oid *id, struct err *e)
{
	git_object_t t;
	char hex[41];
	size_t size;
	int refused, rc;

	mapped_tick(0);
	rc = git_odb_read_header(&size, &t, g->odb, lib_oid(id));
	if (rc < 0 && (refused = disk_refused_object(g, id)))
		return err_os(e, ERR_IO, refused, _("cannot read %s"), disk_refused_path());
	if (rc < 0)
		rc = git_odb_refresh(g->odb) < 0 ? rc
			: git_odb_read_header(&size, &t, g->odb, lib_oid(id));
	if (rc < 0) {
		enum err_code code = lib_read_code(rc);

		oid_format(hex, id);
		return err_set(e, code,
		    code == ERR_NOTFOUND ? _("object %s is missing; akt doctor fetches it again") : _("object %s is damaged; akt doctor fetches it again"),
		    hex);
	}
	*n = size;
	if (type)
		*type = (enum git_type)t;
	return 0;
}

int
git_merge_text(struct buf *out, bool *clean, const char *base, size_t base_n, const char *ours,
    size_t ours_n, const char *theirs, size_t theirs_n, struct err *e)
{
	git_merge_file_input in[3];
	git_merge_file_result result = {0};

	lib_init();
	for (size_t i = 0; i < 3; i++)
		git_merge_file_input_init(&in[i], GIT_MERGE_FILE_INPUT_VERSION);
	in[0].ptr = base_n ? base : "";
	in[0].size = base_n;
	in[1].ptr = ours_n ? ours : "";
	in[1].size = ours_n;
	in[2].ptr = theirs_n ? theirs : "";
	in[2].size = theirs_n;
	if (git_merge_file(&result, &in[0], &in[1], &in[2], NULL) < 0)
		return lib_fail(e, ERR_INVALID, _("cannot merge two texts"));
	*clean = result.automergeable != 0;
	if (*clean)
		buf_add(out, result.ptr, result.len);
	/* it is a record's plaintext */
	if (result.ptr)
		explicit_bzero((void *)(uintptr_t)result.ptr, result.len);
	git_merge_file_result_free(&result);
	return 0;
}
