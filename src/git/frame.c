/* What a repository must have before it can be opened at all. */
#include "git/mend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/lib.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum { FRAME_MAX = 64 * 1024 * 1024 };

static const char head_text[] = "ref: refs/heads/main\n";

struct frame {
	const char *path, *aside;
	git_finding_fn each;
	void *ctx;
	struct err *e;
};

static int
tell(struct frame *f, enum git_fault fault, const char *file)
{
	struct git_finding x = {.fault = fault, .file = file};

	return f->each(f->ctx, &x);
}

bool
git_mend_known(const char *path)
{
	static const char *const signs[] = {"HEAD", "config", "objects", "refs", "akt"};
	int n = 0;

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		char *sub = xasprintf("%s/%s", path, signs[i]);

		n += os_exists(sub);
		free(sub);
	}
	return n >= 3;
}

int
git_mend_aside(const char *path, const char *file, const char *aside, struct err *e)
{
	char *from = xasprintf("%s/%s", path, file), *to = xasprintf("%s/%s", aside, file), *dir = NULL;
	int rc = 0;

	/* a second one of the same name must not take the place of the first */
	for (int i = 2; !os_absent(to) && i < 1000; i++) {
		free(to);
		to = xasprintf("%s/%s.%d", aside, file, i);
	}
	dir = xstrdup(to);
	*strrchr(dir, '/') = '\0';
	rc = os_mkdirs(dir, e);
	if (!rc && rename(from, to) < 0 && errno != ENOENT)
		rc = err_os(e, ERR_IO, errno, _("cannot move %s aside"), file);
	if (!rc)
		rc = os_fsync_dir(dir, e);
	*strrchr(from, '/') = '\0';
	if (!rc && os_is_dir(from))
		rc = os_fsync_dir(from, e);
	free(dir);
	free(to);
	free(from);
	return rc;
}

/* The old file aside under a second name, then the new over the first: at no moment there is none. */
static int
replace(struct frame *f, const char *file, const char *text, size_t n)
{
	char *path = xasprintf("%s/%s", f->path, file), *old = xasprintf("%s/%s", f->aside, file);
	int rc = os_mkdirs(f->aside, f->e);

	if (!rc && !os_absent(path) && (os_is_dir(path) || link(path, old) < 0))
		rc = git_mend_aside(f->path, file, f->aside, f->e);
	if (!rc)
		rc = os_write_file(path, text, n, 0644, f->e);
	free(old);
	free(path);
	return rc;
}

static int
folders(struct frame *f)
{
	static const char *const need[] = {"objects", "objects/pack", "refs", "refs/heads"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof need / sizeof *need; i++) {
		char *path = xasprintf("%s/%s", f->path, need[i]);

		if (!os_is_dir(path)) {
			rc = tell(f, GIT_FAULT_FOLDER, need[i]);
			if (!rc && f->aside && os_exists(path))
				rc = git_mend_aside(f->path, need[i], f->aside, f->e);
			if (!rc && f->aside && mkdir(path, 0777) < 0)
				rc = err_os(f->e, ERR_IO, errno, _("cannot make folder %s"), path);
		}
		free(path);
	}
	return rc;
}

static int
head(struct frame *f, bool branch)
{
	char *path = xasprintf("%s/HEAD", f->path);
	struct buf text = {0};
	const char *s;
	size_t n;
	bool good;
	int rc = 0;

	os_read_file(&text, path, 4096, NULL);
	s = buf_str(&text);
	n = strcspn(s, "\n");
	good = branch ? n == sizeof head_text - 2 && strncmp(s, head_text, n) == 0 :
	                strncmp(s, "ref: refs/heads/", 16) == 0 || n == OID_HEX;
	if (!good)
		rc = tell(f, GIT_FAULT_HEAD, "HEAD");
	if (!rc && !good && f->aside)
		rc = replace(f, "HEAD", head_text, sizeof head_text - 1);
	buf_free(&text);
	free(path);
	return rc;
}

/* What git_init wrote stands in it still; what people added is theirs. */
static bool
config_good(const char *path)
{
	static const char *const need[][2] = {{"core.repositoryformatversion", "0"},
	    {"core.bare", "true"}, {"core.logallrefupdates", "false"},
	    {"core.fsync", "committed,reference,loose-object"}, {"gc.auto", "0"},
	    {"gc.autodetach", "false"}, {"receive.autogc", "false"}, {"receive.fsckobjects", "true"},
	    {"fetch.fsckobjects", "true"}, {"maintenance.auto", "false"}};
	char *file = xasprintf("%s/config", path);
	git_config *cfg = NULL;
	/* libgit2 reads an empty file where there is none */
	bool good = os_exists(file) && git_config_open_ondisk(&cfg, file) == 0;

	for (size_t i = 0; good && i < sizeof need / sizeof *need; i++) {
		git_config_entry *entry = NULL;

		good = git_config_get_entry(&entry, cfg, need[i][0]) == 0 &&
		    strcmp(entry->value ? entry->value : "true", need[i][1]) == 0;
		git_config_entry_free(entry);
	}
	git_config_free(cfg);
	free(file);
	return good;
}

static int
config(struct frame *f)
{
	size_t n;
	const char *text = lib_config(&n);
	int rc = 0;

	lib_init();
	if (!config_good(f->path)) {
		rc = tell(f, GIT_FAULT_CONFIG, "config");
		if (!rc && f->aside)
			rc = replace(f, "config", text, n);
	}
	return rc;
}

struct lines {
	size_t n, cap;
	char **v; /* "<40 hex> <name>\n", and its peeled line */
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a + OID_HEX, *(char *const *)b + OID_HEX);
}

static bool
line_good(const char *s, size_t n)
{
	struct oid id;
	char *copy = xstrndup(s, n), hex[OID_HEX + 1];
	int valid = 0;
	bool good = false;

	if (n > OID_HEX + 1 && copy[OID_HEX] == ' ') {
		snprintf(hex, sizeof hex, "%.40s", copy);
		good = strlen(copy) == n && oid_parse(&id, hex) &&
		    strncmp(copy + OID_HEX + 1, "refs/", 5) == 0 &&
		    git_reference_name_is_valid(&valid, copy + OID_HEX + 1) == 0 && valid;
	}
	free(copy);
	return good;
}

/* The good lines of the file; false when all of it is as git writes it. */
static bool
packed_lines(struct lines *out, const struct buf *text)
{
	const char *s = buf_str(text), *end, *stop = s + text->n;
	bool bad = text->n && stop[-1] != '\n';

	for (bool first = true; s < stop; s = end < stop ? end + 1 : stop, first = false) {
		end = memchr(s, '\n', (size_t)(stop - s));
		end = end ? end : stop;
		if (first && *s == '#') {
			/* what it says of itself is part of how it is read */
			bad |= strncmp(s, "# pack-refs with:", 17) != 0;
			continue;
		}
		if (*s == '^' && end - s == OID_HEX + 1)
			continue; /* of an annotated tag, which no store has */
		if (!line_good(s, (size_t)(end - s))) {
			bad = true;
			continue;
		}
		vec_grow(out);
		out->v[out->n++] = xstrndup(s, (size_t)(end - s));
		bad |= out->n > 1 && by_name(&out->v[out->n - 2], &out->v[out->n - 1]) >= 0;
	}
	return bad;
}

static int
packed_refs(struct frame *f)
{
	char *path = xasprintf("%s/packed-refs", f->path);
	struct lines good = {0};
	struct buf text = {0}, fresh = {0};
	int rc = 0;

	if (os_read_file(&text, path, FRAME_MAX, NULL) == 0 && packed_lines(&good, &text)) {
		rc = tell(f, GIT_FAULT_REFS, "packed-refs");
		if (good.n)
			qsort(good.v, good.n, sizeof *good.v, by_name);
		buf_puts(&fresh, "# pack-refs with: peeled fully-peeled sorted \n");
		for (size_t i = 0; i < good.n; i++)
			if (i == 0 || by_name(&good.v[i - 1], &good.v[i]) != 0)
				buf_printf(&fresh, "%s\n", good.v[i]);
		if (!rc && f->aside)
			rc = replace(f, "packed-refs", fresh.p, fresh.n);
	}
	for (size_t i = 0; i < good.n; i++)
		free(good.v[i]);
	free(good.v);
	buf_free(&text);
	buf_free(&fresh);
	free(path);
	return rc;
}

int
git_mend_frame(const char *path, const char *aside, bool branch, git_finding_fn each, void *ctx,
    struct err *e)
{
	struct frame f = {path, aside, each, ctx, e};
	int rc = folders(&f);

	if (!rc)
		rc = head(&f, branch);
	/* a clone's is its owner's */
	if (!rc && branch)
		rc = config(&f);
	return rc ? rc : packed_refs(&f);
}
