#include "git/lib.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"

/* The first refusal since git_disk_forget, and the last there was. */
static int first;
static char *first_path, *last_path;

int
git_disk_error(struct err *e)
{
	return first ? err_os(e, ERR_IO, first,
	    _("%s could not be read, so what would be shown here may not be all"), first_path) : 0;
}

void
git_disk_forget(void)
{
	first = 0;
	xfree(first_path);
}

const char *
disk_refused_path(void)
{
	return last_path;
}

static int
keep(int n)
{
	if (n && !first) {
		first = n;
		first_path = xstrdup(last_path);
	}
	return n;
}

/* Takes the path. */
static int
blame(int n, char *path)
{
	if (n) {
		free(last_path);
		last_path = path;
	} else {
		free(path);
	}
	return n;
}

/* Takes the path. */
static int
refused(char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), n = 0;
	char byte;

	if (fd < 0)
		return blame(errno == ENOENT || errno == ENOTDIR ? 0 : errno, path);
	if (read(fd, &byte, 1) < 0 && errno != EISDIR)
		n = errno;
	close(fd);
	return blame(n, path);
}

int
disk_refused_packs(struct git *g)
{
	char *packs = xasprintf("%s/pack", g->objects);
	DIR *d = opendir(packs);
	struct dirent *ent;
	int n = 0;

	if (!d)
		return keep(blame(errno == ENOENT ? 0 : errno, packs));
	while (errno = 0, !n && (ent = readdir(d)))
		if (*ent->d_name != '.')
			n = refused(xasprintf("%s/%s", packs, ent->d_name));
	if (!n)
		n = blame(errno, xstrdup(packs));
	closedir(d);
	free(packs);
	return keep(n);
}

int
disk_refused_object(struct git *g, const struct oid *id)
{
	char hex[41];
	int n;

	oid_format(hex, id);
	n = refused(xasprintf("%s/%.2s/%s", g->objects, hex, hex + 2));
	return n ? keep(n) : disk_refused_packs(g);
}

int
disk_refused_ref(struct git *g, const char *ref)
{
	int n = refused(xasprintf("%s/%s", g->path, ref));

	return keep(n ? n : refused(xasprintf("%s/packed-refs", g->path)));
}

int
disk_refused_repo(const char *path)
{
	static const char *const parts[] = {"HEAD", "objects", "refs"};
	int n = 0;

	for (size_t i = 0; !n && i < sizeof parts / sizeof *parts; i++)
		n = refused(xasprintf("%s/%s", path, parts[i]));
	return keep(n);
}
