#include "git/lib.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/i18n.h"

/* The first refusal since git_disk_forget. */
static int first;

int
git_disk_error(struct err *e)
{
	return first ? err_os(e, ERR_IO, first,
	    _("part of the store could not be read, so what would be shown here may not be all")) : 0;
}

void
git_disk_forget(void)
{
	first = 0;
}

static int
keep(int n)
{
	if (!first)
		first = n;
	return n;
}

/* Frees the path. */
static int
refused(char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), n = 0;
	char byte;

	free(path);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	if (read(fd, &byte, 1) < 0 && errno != EISDIR)
		n = errno;
	close(fd);
	return n;
}

int
disk_refused_object(struct git *g, const struct oid *id)
{
	char hex[41], *packs;
	struct dirent *ent;
	DIR *d;
	int n;

	oid_format(hex, id);
	n = refused(xasprintf("%s/%.2s/%s", g->objects, hex, hex + 2));
	if (n)
		return keep(n);
	packs = xasprintf("%s/pack", g->objects);
	d = opendir(packs);
	if (!d)
		n = errno == ENOENT ? 0 : errno;
	/* the end of the list and a fault differ by errno alone */
	while (errno = 0, d && !n && (ent = readdir(d)))
		if (*ent->d_name != '.')
			n = refused(xasprintf("%s/%s", packs, ent->d_name));
	if (d && !n)
		n = errno;
	if (d)
		closedir(d);
	free(packs);
	return keep(n);
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
	int n = refused(xasprintf("%s/HEAD", path));

	return keep(n ? n : refused(xasprintf("%s/objects", path)));
}
