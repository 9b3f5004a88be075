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

enum { HEAD = 64, PIECE = 16384 }; /* "<type> <size>" NUL; of a file at a time */

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

/* A loose file, inflated as it is read: no more of it is in memory than one piece. */
struct stream {
	int fd;
	bool end;     /* of the file */
	bool refused; /* by the disk */
	z_stream z;
	unsigned char piece[PIECE];
};

static void *
take(void *none, unsigned n, unsigned size)
{
	(void)none;
	return xcalloc(n, size);
}

static void
give_back(void *none, void *p)
{
	(void)none;
	free(p);
}

/* GIT_ENOTFOUND. */
static int
stream_open(struct stream *s, struct loose_backend *b, const git_oid *id)
{
	char hex[OID_HEX + 1], *path;
	struct oid o;

	lib_oid_set(&o, id);
	oid_format(hex, &o);
	path = xasprintf("%s/%.2s/%s", b->objects, hex, hex + 2);
	/* nor does a pipe in its place keep anybody waiting */
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(path);
	/* as libgit2 says of whatever it cannot open; disk.c tells what is not there from what is refused */
	if (s->fd < 0)
		return GIT_ENOTFOUND;
	s->end = s->refused = false;
	/* what there is no memory for is not damaged */
	s->z = (z_stream){.zalloc = take, .zfree = give_back};
	if (inflateInit(&s->z) == Z_OK)
		return 0;
	close(s->fd);
	return torn();
}

static void
stream_close(struct stream *s)
{
	inflateEnd(&s->z);
	close(s->fd);
}

static void
refill(struct stream *s)
{
	ssize_t n;

	do
		n = read(s->fd, s->piece, sizeof s->piece);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		git_error_set_str(GIT_ERROR_OS, strerror(errno));
		s->refused = true;
	}
	s->end = n <= 0;
	s->z.next_in = s->piece;
	s->z.avail_in = n > 0 ? (uInt)n : 0;
}

/* Up to n bytes; those that did not come are z.avail_out. zlib's code. */
static int
stream_read(struct stream *s, void *to, size_t n)
{
	int rc = Z_OK;

	s->z.next_out = to;
	s->z.avail_out = (uInt)n;
	while (rc == Z_OK && s->z.avail_out) {
		if (!s->z.avail_in && !s->end)
			refill(s);
		/* without more of the file there is at best what zlib still holds; then Z_BUF_ERROR */
		rc = inflate(&s->z, Z_SYNC_FLUSH);
	}
	return rc;
}

/* Nothing comes after what was read: the stream ends there, and the file with it. */
static bool
stream_ends(struct stream *s, int rc)
{
	unsigned char beyond;
	bool more = false;

	if (rc == Z_OK) {
		rc = stream_read(s, &beyond, 1);
		more = !s->z.avail_out;
	}
	if (rc != Z_STREAM_END || more)
		return false;
	if (!s->z.avail_in && !s->end)
		refill(s);
	return !s->z.avail_in && !s->refused;
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

static int
read_object(void **out, size_t *size, git_object_t *type, git_odb_backend *backend,
    const git_oid *id)
{
	char head[HEAD];
	unsigned char *data = NULL;
	struct stream s;
	size_t len, have, n = 0;
	bool whole = false, refused;
	int rc = stream_open(&s, self(backend), id);

	if (rc)
		return rc;
	rc = stream_read(&s, head, sizeof head);
	have = sizeof head - s.z.avail_out;
	len = rc == Z_OK || rc == Z_STREAM_END ? parse_head(head, have, type, &n) : 0;
	if (len && have - len <= n)
		data = git_odb_backend_data_alloc(backend, n + 1);
	if (data) {
		memcpy(data, head + len, have - len);
		/* all of a short one came with its head */
		if (rc == Z_OK)
			rc = stream_read(&s, data + have - len, n - (have - len));
		else if (have - len < n)
			rc = Z_DATA_ERROR;
		whole = (have - len == n || !s.z.avail_out) && stream_ends(&s, rc);
	}
	refused = s.refused;
	stream_close(&s);
	if (!whole) {
		git_odb_backend_data_free(backend, data);
		return refused ? -1 : torn();
	}
	data[n] = '\0';
	*out = data;
	*size = n;
	return 0;
}

static int
read_header(size_t *size, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
	char head[HEAD];
	struct stream s;
	size_t len = 0;
	bool refused;
	int rc = stream_open(&s, self(backend), id);

	if (rc)
		return rc;
	rc = stream_read(&s, head, sizeof head);
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		len = parse_head(head, sizeof head - s.z.avail_out, type, size);
	refused = s.refused;
	stream_close(&s);
	return len ? 0 : refused ? -1 : torn();
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
