#include "trail/tree256.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"

/* The cache: a header slot, then a power of two of slots; an id's home is its first bytes (ids
 * are uniform), searched from there over PROBES slots. When none of them is free the table
 * doubles, up to SLOTS_MAX; from then on an old entry gives way. It holds files as well as
 * folders: else every save would read and hash the whole dossier it touches.
 *
 * Several processes map the same file and write without a lock. A slot that two of them
 * wrote at once, or that a crash left half-written, fails its checksum and is a miss. */
enum {
	SLOTS_MIN = 4096,
	SLOTS_MAX = 1 << 20, /* 64 MiB */
	PROBES = 32,
	CHECK = 12,
};

struct slot {
	uint8_t key[20], value[32];
	uint8_t check[CHECK]; /* first bytes of SipHash-128(key, value): against accidents */
};
_Static_assert(sizeof(struct slot) == 64, "a slot is one cache line, so pages hold whole slots");

static const char magic[sizeof(struct slot)] = "akt tree256 cache 2\n";

struct tree256 {
	char *path;         /* NULL: memory only */
	struct slot *map;   /* [0] is the header */
	size_t slots;       /* power of two, without the header */
	struct buf blob;    /* the file being hashed; public bytes */
	struct buf at;      /* path of what is being hashed, for messages */
};

static size_t
map_size(size_t slots)
{
	return (slots + 1) * sizeof(struct slot);
}

static struct slot *
map_memory(size_t slots)
{
	struct slot *m = mmap(NULL, map_size(slots), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		xnomem();
	return m;
}

/* The file as it is, or NULL when it is absent or not whole. */
static struct slot *
map_file(const char *path, size_t *slots)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct slot *m = MAP_FAILED;
	struct stat st;
	size_t n = 0;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		n = (size_t)st.st_size / sizeof *m - 1;
	if (n >= SLOTS_MIN && n <= SLOTS_MAX && (n & (n - 1)) == 0 &&
	    (size_t)st.st_size == map_size(n))
		m = mmap(NULL, map_size(n), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (m == MAP_FAILED)
		return NULL;
	if (memcmp(m, magic, sizeof magic) != 0) {
		munmap(m, map_size(n));
		return NULL;
	}
	*slots = n;
	return m;
}

/* A new, empty table under a name beside `path`, to be renamed over it once filled. Its
 * blocks are reserved: writing into a hole of a full disk would kill the program. */
static struct slot *
map_new_file(const char *tmp, size_t slots)
{
	int fd = open(tmp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct slot *m = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (posix_fallocate(fd, 0, (off_t)map_size(slots)) == 0)
		m = mmap(NULL, map_size(slots), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (m == MAP_FAILED) {
		unlink(tmp);
		return NULL;
	}
	memcpy(m, magic, sizeof magic);
	return m;
}

static void
checksum(uint8_t out[CHECK], const struct slot *s)
{
	static const uint8_t key[crypto_shorthash_siphashx24_KEYBYTES] = "akt tree256";
	uint8_t full[crypto_shorthash_siphashx24_BYTES];

	crypto_shorthash_siphashx24(full, (const uint8_t *)s, offsetof(struct slot, check), key);
	memcpy(out, full, CHECK);
}

static bool
slot_ok(const struct slot *s)
{
	uint8_t check[CHECK];

	checksum(check, s);
	return memcmp(check, s->check, CHECK) == 0;
}

static bool
slot_free(const struct slot *s)
{
	static const struct slot zero;

	return memcmp(s, &zero, sizeof zero) == 0;
}

static struct slot *
probe(struct slot *map, size_t slots, const uint8_t key[20], size_t i)
{
	uint32_t home = 0;

	memcpy(&home, key, sizeof home);
	return &map[1 + ((home + i) & (slots - 1))];
}

static bool
lookup(const struct tree256 *t, uint8_t value[32], const struct oid *id)
{
	for (size_t i = 0; i < PROBES; i++) {
		/* copied first: another process may be writing it */
		struct slot s = *probe(t->map, t->slots, id->b, i);

		if (slot_free(&s))
			return false;
		if (memcmp(s.key, id->b, sizeof s.key) == 0 && slot_ok(&s)) {
			memcpy(value, s.value, sizeof s.value);
			return true;
		}
	}
	return false;
}

/* False when the table must grow first. */
static bool
put(struct slot *map, size_t slots, const struct slot *s)
{
	struct slot *to = NULL;

	for (size_t i = 0; i < PROBES && !to; i++) {
		struct slot *p = probe(map, slots, s->key, i);

		if (slot_free(p) || memcmp(p->key, s->key, sizeof p->key) == 0 || !slot_ok(p))
			to = p;
	}
	if (!to && slots < SLOTS_MAX)
		return false;
	if (!to)
		to = probe(map, slots, s->key, s->value[0] % PROBES);
	*to = *s;
	return true;
}

/* A table of at least `slots`, holding all that the old one did, in place of it. */
static void
rebuild(struct tree256 *t, size_t slots)
{
	char rnd[ID_RECORD + 1], *tmp = NULL;
	struct slot *map = NULL;

	if (t->path) {
		id_random(rnd, ID_RECORD);
		tmp = xasprintf("%s.tmp-%s", t->path, rnd);
	}
again:
	map = tmp ? map_new_file(tmp, slots) : NULL;
	if (!map) {
		xfree(tmp);
		xfree(t->path);
		map = map_memory(slots);
	}
	for (size_t i = 1; t->map && i <= t->slots; i++) {
		struct slot s = t->map[i];

		if (slot_free(&s) || !slot_ok(&s) || put(map, slots, &s))
			continue;
		munmap(map, map_size(slots));
		if (tmp)
			unlink(tmp);
		slots *= 2;
		goto again;
	}
	if (tmp && rename(tmp, t->path) < 0) {
		unlink(tmp); /* the mapping goes on to serve this process */
		xfree(t->path);
	}
	free(tmp);
	if (t->map)
		munmap(t->map, map_size(t->slots));
	t->map = map;
	t->slots = slots;
}

static void
insert(struct tree256 *t, const struct oid *id, const uint8_t value[32])
{
	struct slot s;

	memcpy(s.key, id->b, sizeof s.key);
	memcpy(s.value, value, sizeof s.value);
	checksum(s.check, &s);
	while (!put(t->map, t->slots, &s))
		rebuild(t, t->slots * 2);
}

int
tree256_open(struct tree256 **out, const char *path, struct err *e)
{
	struct tree256 *t = xcalloc(1, sizeof *t);

	(void)e; /* without its file the cache is memory */
	t->path = path ? xstrdup(path) : NULL;
	t->map = path ? map_file(path, &t->slots) : NULL;
	if (!t->map)
		rebuild(t, SLOTS_MIN);
	*out = t;
	return 0;
}

bool
tree256_sound(const char *path)
{
	size_t slots = 0;
	struct slot *map = map_file(path, &slots);
	bool sound = map != NULL;

	for (size_t i = 1; sound && i <= slots; i++) {
		struct slot s = map[i];

		sound = slot_free(&s) || slot_ok(&s);
	}
	if (map)
		munmap(map, map_size(slots));
	return sound;
}

void
tree256_close(struct tree256 *t)
{
	if (!t)
		return;
	munmap(t->map, map_size(t->slots));
	buf_free(&t->blob);
	buf_free(&t->at);
	free(t->path);
	free(t);
}

/* --- hashing -------------------------------------------------------------------------- */

/* git's object id: SHA-256("<type> <size>" NUL contents). */
static void
object_id(uint8_t out[32], const char *type, const void *p, size_t n)
{
	crypto_hash_sha256_state h;
	char head[32];
	int len = snprintf(head, sizeof head, "%s %zu", type, n);

	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, (const unsigned char *)head, (size_t)len + 1);
	crypto_hash_sha256_update(&h, p, n);
	crypto_hash_sha256_final(&h, out);
}

struct level {
	struct tree256 *t;
	const struct objects *o;
	struct buf tree; /* the same entries with 32-byte ids */
	int depth;
	bool said;       /* an entry failed, and `e` says so */
	struct err *e;
};

static int folder(struct tree256 *t, uint8_t out[32], const struct objects *o,
    const struct oid *id, int depth, struct err *e);

static int
file(const struct level *l, uint8_t out[32], const struct oid *id)
{
	struct tree256 *t = l->t;
	int rc = 0;

	if (lookup(t, out, id))
		return 0;
	t->blob.n = 0;
	rc = objects_read(l->o, &t->blob, GIT_BLOB, id, buf_str(&t->at), l->e);
	if (rc)
		return rc;
	object_id(out, "blob", t->blob.p, t->blob.n);
	insert(t, id, out);
	return 0;
}

static int
entry(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct level *l = ctx;
	struct buf *at = &l->t->at;
	size_t was = at->n;
	uint8_t id256[32];
	int rc = 0;

	if (was)
		buf_putc(at, '/');
	buf_puts(at, name);
	switch (mode) {
	case 040000:
		rc = folder(l->t, id256, l->o, id, l->depth + 1, l->e);
		break;
	case 0100644:
		rc = file(l, id256, id);
		break;
	default:
		rc = err_at(l->e, ERR_DAMAGED, NULL, 0, 0, buf_str(at),
		    _("an entry of a folder is neither a plain file nor a folder"));
	}
	at->n = was;
	at->p[was] = '\0';
	l->said = rc != 0;
	if (rc)
		return rc;
	buf_puts(&l->tree, mode == 040000 ? "40000 " : "100644 ");
	buf_add(&l->tree, name, strlen(name) + 1);
	buf_add(&l->tree, id256, sizeof id256);
	return 0;
}

static int
folder(struct tree256 *t, uint8_t out[32], const struct objects *o, const struct oid *id,
    int depth, struct err *e)
{
	struct level l = {.t = t, .o = o, .depth = depth, .e = e};
	struct buf raw = {0};
	struct err inner;
	int rc = 0;

	err_clear(&inner);
	if (lookup(t, out, id))
		return 0;
	if (depth > OBJECTS_DEPTH)
		return err_at(e, ERR_DAMAGED, NULL, 0, 0, buf_str(&t->at),
		    _("the history has folders nested too deeply"));
	rc = objects_read(o, &raw, GIT_TREE, id, buf_str(&t->at), e);
	if (rc)
		goto done;
	rc = git_tree_each(raw.p, raw.n, entry, &l, &inner);
	if (rc && !l.said)
		rc = err_at(e, ERR_DAMAGED, NULL, 0, 0, buf_str(&t->at),
		    _("a folder of the history is malformed"));
	if (rc)
		goto done;
	object_id(out, "tree", l.tree.p, l.tree.n);
	insert(t, id, out);
done:
	buf_free(&raw);
	buf_free(&l.tree);
	return rc;
}

int
tree256_of(struct tree256 *t, uint8_t out[32], const struct objects *o, const struct oid *tree,
    struct err *e)
{
	t->at.n = 0;
	return folder(t, out, o, tree, 0, e);
}
