/* Reading loose objects. libgit2's own reader asks zlib for more of a file that was cut short without
 * end (1.5: git_zstream_get_output_chunk gives nothing and no error), so one torn file would make every
 * program that meets it hang. All else of its backend serves. */
#include "git/lib.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"

enum { HEAD = 64, HEAD_FILE = 512 }; /* "<type> <size>" NUL, and what of a file is enough for it */

struct loose_backend {
	git_odb_backend parent;
	git_odb_backend *inner;
	char *objects;
};

static struct loose_backend *
self(git_odb_backend *b)
{
	return (struct loose_backend *)b;
}

static int
torn(void)
{
	git_error_set_str(GIT_ERROR_ZLIB, "a loose object is damaged");
	return -1;
}

/* The file, or its first bytes. GIT_ENOTFOUND. */
static int
load(struct buf *out, struct loose_backend *b, const git_oid *id, size_t most)
{
	char hex[OID_HEX + 1], *path;
	struct oid o;
	int fd, rc = 0;

	lib_oid_set(&o, id);
	oid_format(hex, &o);
	path = xasprintf("%s/%.2s/%s", b->objects, hex, hex + 2);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* as libgit2 says of whatever it cannot open; disk.c tells what is not there from what is refused */
	if (fd < 0)
		rc = GIT_ENOTFOUND;
	while (rc == 0 && out->n < most) {
		size_t room = most - out->n < 65536 ? most - out->n : 65536;
		ssize_t n = read(fd, buf_room(out, room), room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			git_error_set_str(GIT_ERROR_OS, strerror(errno));
			rc = -1;
		}
		if (n <= 0)
			break;
		out->n += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

/* "<type> <size>" NUL; its length, 0 when it is none. */
static size_t
parse_head(const char *s, size_t n, git_object_t *type, size_t *size)
{
	static const char *const names[] = {"", "commit", "tree", "blob", "tag"};
	const char *end = memchr(s, '\0', n), *digit;
	size_t len, v = 0;

	if (!end)
		return 0;
	for (int i = 1; i <= 4; i++) {
		len = strlen(names[i]);
		if (strncmp(s, names[i], len) != 0 || s[len] != ' ')
			continue;
		digit = s + len + 1;
		if (digit == end || (*digit == '0' && digit + 1 != end))
			return 0;
		for (; digit < end; digit++) {
			if (*digit < '0' || *digit > '9' || v > LIB_MAX_OBJECT)
				return 0;
			v = v * 10 + (size_t)(*digit - '0');
		}
		*type = (git_object_t)i;
		*size = v;
		return v > LIB_MAX_OBJECT ? 0 : (size_t)(end - s) + 1;
	}
	return 0;
}

/* The rest of a stream whose head has been inflated: exactly what the head says, and then its end. */
static bool
inflate_rest(z_stream *z, unsigned char *to, size_t n)
{
	unsigned char beyond;
	int rc = Z_OK;

	z->next_out = to;
	z->avail_out = (uInt)n;
	if (n)
		rc = inflate(z, Z_SYNC_FLUSH);
	if (z->avail_out || (rc != Z_OK && rc != Z_STREAM_END))
		return false;
	z->next_out = &beyond;
	z->avail_out = 1;
	if (rc != Z_STREAM_END)
		rc = inflate(z, Z_FINISH);
	return rc == Z_STREAM_END && z->avail_out == 1 && z->avail_in == 0;
}

static int
read_object(void **out, size_t *size, git_object_t *type, git_odb_backend *backend,
    const git_oid *id)
{
	struct buf file = {0};
	char head[HEAD];
	unsigned char *data = NULL;
	z_stream z;
	size_t len, have, n = 0;
	int rc = load(&file, self(backend), id, LIB_MAX_OBJECT + 65536);

	if (rc) {
		buf_free(&file);
		return rc;
	}
	memset(&z, 0, sizeof z);
	z.next_in = (unsigned char *)file.p;
	z.avail_in = (uInt)file.n;
	z.next_out = (unsigned char *)head;
	z.avail_out = sizeof head;
	if (inflateInit(&z) != Z_OK) {
		buf_free(&file);
		return torn();
	}
	rc = inflate(&z, Z_SYNC_FLUSH);
	have = sizeof head - z.avail_out;
	len = rc == Z_OK || rc == Z_STREAM_END ? parse_head(head, have, type, &n) : 0;
	if (len && have - len <= n)
		data = git_odb_backend_data_alloc(backend, n + 1);
	if (data) {
		memcpy(data, head + len, have - len);
		/* all of a short one came with its head */
		if (rc == Z_STREAM_END ? have - len != n || z.avail_in :
		                         !inflate_rest(&z, data + have - len, n - (have - len))) {
			git_odb_backend_data_free(backend, data);
			data = NULL;
		}
	}
	inflateEnd(&z);
	buf_free(&file);
	if (!data)
		return torn();
	data[n] = '\0';
	*out = data;
	*size = n;
	return 0;
}

static int
read_header(size_t *size, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
	struct buf file = {0};
	char head[HEAD];
	z_stream z;
	size_t len = 0;
	int rc = load(&file, self(backend), id, HEAD_FILE);

	memset(&z, 0, sizeof z);
	if (rc == 0 && inflateInit(&z) != Z_OK)
		rc = torn();
	if (rc == 0) {
		z.next_in = (unsigned char *)file.p;
		z.avail_in = (uInt)file.n;
		z.next_out = (unsigned char *)head;
		z.avail_out = sizeof head;
		rc = inflate(&z, Z_SYNC_FLUSH);
		if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
			len = parse_head(head, sizeof head - z.avail_out, type, size);
		rc = len ? 0 : torn();
		inflateEnd(&z);
	}
	buf_free(&file);
	return rc;
}

static int
exists(git_odb_backend *backend, const git_oid *id)
{
	return self(backend)->inner->exists(self(backend)->inner, id);
}

static int
exists_prefix(git_oid *out, git_odb_backend *backend, const git_oid *id, size_t n)
{
	return self(backend)->inner->exists_prefix(out, self(backend)->inner, id, n);
}

static int
foreach(git_odb_backend *backend, git_odb_foreach_cb each, void *payload)
{
	return self(backend)->inner->foreach(self(backend)->inner, each, payload);
}

static void
release(git_odb_backend *backend)
{
	struct loose_backend *b = self(backend);

	b->inner->free(b->inner);
	free(b->objects);
	free(b);
}

int
lib_loose_backend(git_odb_backend **out, const char *objects)
{
	struct loose_backend *b = xcalloc(1, sizeof *b);

	/* loose_write and packs are how we write: it has no `write` */
	if (git_odb_init_backend(&b->parent, GIT_ODB_BACKEND_VERSION) < 0 ||
	    git_odb_backend_loose(&b->inner, objects, -1, 0, 0, 0) < 0) {
		free(b);
		return -1;
	}
	b->objects = xstrdup(objects);
	b->parent.read = read_object;
	b->parent.read_header = read_header;
	b->parent.exists = exists;
	b->parent.exists_prefix = exists_prefix;
	b->parent.foreach = foreach;
	b->parent.free = release;
	*out = &b->parent;
	return 0;
}

/* libgit2's own order: packs are asked first. */
int
lib_odb_add(git_odb *odb, const char *objects, bool alternate)
{
	git_odb_backend *loose = NULL;
	int rc = lib_loose_backend(&loose, objects);

	if (rc == 0)
		rc = alternate ? git_odb_add_alternate(odb, loose, 1) : git_odb_add_backend(odb, loose, 1);
	if (rc < 0 && loose)
		loose->free(loose);
	return rc < 0 ? rc : lib_odb_add_packs(odb, objects, alternate);
}

int
lib_odb_open(git_odb **out, const char *objects)
{
	git_odb *odb = NULL;
	int rc = git_odb_new(&odb);

	if (rc == 0)
		rc = lib_odb_add(odb, objects, false);
	/* The commit-graph file restates parents without a hash of its own. */
	if (rc == 0)
		rc = git_odb_set_commit_graph(odb, NULL);
	if (rc < 0)
		git_odb_free(odb);
	else
		*out = odb;
	return rc;
}
