#include "git/lib.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"

/* Why not git_odb_write: it syncs each object's file and folder before it begins the next, two
 * journal commits apiece. Here all files are written, then synced, then renamed, then the folders
 * are synced: the same guarantee (no name before its bytes are on disk) for about two commits.
 * Deflate is used in its stored form (RFC 1951, 3.2.4): records are ciphertext and small trees
 * are hashes, neither shrinks; repacking compresses the rest. */

struct file {
	int fd;
	char dir[3];
	char *tmp, *path;
};

static void
put_be32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

/* RFC 1950, 8.2 */
static uint32_t
adler32(const unsigned char *p, size_t n)
{
	uint32_t a = 1, b = 0;

	while (n > 0) {
		size_t step = n < 5552 ? n : 5552; /* no overflow before the modulo */

		for (size_t i = 0; i < step; i++) {
			a += p[i];
			b += a;
		}
		a %= 65521;
		b %= 65521;
		p += step;
		n -= step;
	}
	return b << 16 | a;
}

/* "<type> <size>" NUL contents, as a zlib stream of stored blocks. */
static void
encode(struct buf *out, const struct object *o)
{
	static const char *const names[] = {"", "commit", "tree", "blob", "tag"};
	struct buf raw = {0};
	unsigned char sum[4];
	size_t at = 0;

	buf_room(&raw, o->n + 64);
	buf_printf(&raw, "%s %zu", names[o->type], o->n);
	buf_putc(&raw, '\0');
	buf_add(&raw, o->p, o->n);
	buf_room(out, raw.n + raw.n / 0xffff * 5 + 16);
	buf_add(out, "\x78\x01", 2);
	do {
		size_t len = raw.n - at < 0xffff ? raw.n - at : 0xffff;
		unsigned char head[5] = {at + len == raw.n, len & 0xff, (unsigned char)(len >> 8),
		    ~len & 0xff, (unsigned char)(~len >> 8)};

		buf_add(out, head, sizeof head);
		buf_add(out, raw.p + at, len);
		at += len;
	} while (at < raw.n);
	put_be32(sum, adler32((const unsigned char *)raw.p, raw.n));
	buf_add(out, sum, sizeof sum);
	buf_free(&raw);
}

static int
write_tmp(struct git *g, struct file *f, const struct object *o, const char *tmp_name,
    bool *made_dir, struct err *e)
{
	struct buf data = {0};
	char hex[41], *dir;
	int rc = 0;

	oid_format(hex, &o->id);
	memcpy(f->dir, hex, 2);
	f->dir[2] = '\0';
	dir = xasprintf("%s/%s", g->objects, f->dir);
	f->path = xasprintf("%s/%s", dir, hex + 2);
	f->tmp = xasprintf("%s/%s", dir, tmp_name);
	f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (f->fd < 0 && errno == ENOENT) {
		if (mkdir(dir, 0777) == 0 || errno == EEXIST) {
			*made_dir = true;
			f->fd = open(f->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0444);
		}
	}
	if (f->fd < 0) {
		rc = err_os(e, ERR_IO, errno, _("cannot write into the repository"));
		xfree(f->tmp);
	} else {
		encode(&data, o);
		rc = os_write_fd(f->fd, data.p, data.n, e);
	}
	buf_free(&data);
	free(dir);
	return rc;
}

static int
put(struct file *f, struct err *e)
{
	if (rename(f->tmp, f->path) < 0)
		return err_os(e, ERR_IO, errno, _("cannot write into the repository"));
	xfree(f->tmp);
	return 0;
}

static int
sync_dir(struct git *g, const char *name, struct err *e)
{
	char *dir = xasprintf("%s/%s", g->objects, name);
	int rc = os_fsync_dir(dir, e);

	free(dir);
	return rc;
}

int
loose_write(struct git *g, const struct object *o, size_t n, struct err *e)
{
	struct file *f = xcalloc(n + 1, sizeof *f);
	char rnd[ID_RECORD + 1], tmp_name[64];
	bool made_dir = false, sync[256] = {false};
	size_t started = 0;
	int rc = 0;

	id_random(rnd, ID_RECORD);
	while (!rc && started < n) {
		/* git's own gc looks for leftovers under this name */
		snprintf(tmp_name, sizeof tmp_name, "tmp_obj_%s_%zu", rnd, started);
		f[started].fd = -1;
		rc = write_tmp(g, &f[started], &o[started], tmp_name, &made_dir, e);
		started++;
	}
	for (size_t i = 0; !rc && i < n; i++)
		if (fsync(f[i].fd) < 0)
			rc = err_os(e, ERR_IO, errno, _("cannot write into the repository"));
	for (size_t i = 0; !rc && i < n; i++)
		if (o[i].type != GIT_COMMIT) {
			rc = put(&f[i], e);
			sync[strtoul(f[i].dir, NULL, 16)] = true;
		}
	for (unsigned i = 0; !rc && i < 256; i++)
		if (sync[i]) {
			snprintf(tmp_name, sizeof tmp_name, "%02x", i);
			rc = sync_dir(g, tmp_name, e);
		}
	if (!rc && made_dir)
		rc = os_fsync_dir(g->objects, e);
	/* a commit that is there is never fetched again: it lasts only after all that it names */
	for (size_t i = 0; !rc && i < n; i++)
		if (o[i].type == GIT_COMMIT) {
			rc = put(&f[i], e);
			if (!rc)
				rc = sync_dir(g, f[i].dir, e);
		}
	for (size_t i = 0; i < started; i++) {
		if (f[i].fd >= 0)
			close(f[i].fd);
		if (f[i].tmp)
			unlink(f[i].tmp);
		free(f[i].tmp);
		free(f[i].path);
	}
	free(f);
	return rc;
}
