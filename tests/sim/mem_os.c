/* Files, locks, guarded memory, names and tree256 of one process. */
#include "sim/mem_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "base/secret.h"
#include "index/names.h"
#include "trail/state_cache.h"
#include "trail/tree256.h"

/* --- secret: nothing here is -------------------------------------------------------------- */

void
secret_init(void)
{
	if (sodium_init() < 0)
		abort();
}

void *
secret_alloc(size_t n)
{
	return xcalloc(1, n);
}

void
secret_free(void *p)
{
	free(p);
}

void
secret_wipe(void *p, size_t n)
{
	(void)p;
	(void)n;
}

/* --- arenas, without locked pages ------------------------------------------------------------- */

struct chunk {
	struct chunk *next;
	size_t size, used;
};
struct arena {
	struct chunk *head;
};
enum { CHUNK = 16384, ALIGN = 16, SPARE = 1024 };

/* Chunks to be used again; under the sanitizers none, who watch what is free. */
static struct {
	struct chunk *head;
	size_t n;
} spare;

static void
chunk_free(struct chunk *c)
{
#ifndef AKT_SANITIZE
	if (c->size == CHUNK && spare.n < SPARE) {
		c->next = spare.head;
		spare.head = c;
		spare.n++;
		return;
	}
#endif
	free(c);
}

static struct chunk *
chunk_new(size_t size)
{
	struct chunk *c = spare.head;

	if (!c || size != CHUNK)
		return xmalloc(size);
	spare.head = c->next;
	spare.n--;
	return c;
}

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void
arena_reset(struct arena *a)
{
	struct chunk *c, *next;

	for (c = a->head; c; c = next) {
		next = c->next;
		chunk_free(c);
	}
	a->head = NULL;
}

void
arena_free(struct arena *a)
{
	if (a)
		arena_reset(a);
	free(a);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t need = (n + ALIGN) & ~(size_t)(ALIGN - 1);
	void *p;

	if (!a->head || a->head->size - a->head->used < need) {
		size_t size = need + ALIGN * 2 > CHUNK ? need + ALIGN * 2 : CHUNK;
		struct chunk *c = chunk_new(size);

		*c = (struct chunk){a->head, size, ALIGN * 2};
		a->head = c;
	}
	p = (char *)a->head + a->head->used;
	a->head->used += need;
	return memset(p, 0, need);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;
	char *p;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	p = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return p;
}

/* --- os --------------------------------------------------------------------------------------- */

/* Nobody waits for a second try. */
int
nanosleep(const struct timespec *want, struct timespec *left)
{
	(void)want;
	(void)left;
	return 0;
}

struct file {
	char *path, *text;
	size_t n;
	bool kept; /* part of what every schedule starts from */
};
static struct {
	size_t n, cap;
	struct file *v;
} files;

static struct file *
find_file(const char *path)
{
	for (size_t i = 0; i < files.n; i++)
		if (strcmp(files.v[i].path, path) == 0)
			return &files.v[i];
	return NULL;
}

static void
drop_file(struct file *f)
{
	free(f->path);
	free(f->text);
	*f = files.v[--files.n];
}

void
mem_file(const char *path, const char *text, size_t n)
{
	struct file *f = find_file(path);

	if (f)
		drop_file(f);
	vec_grow(&files);
	f = &files.v[files.n++];
	*f = (struct file){.path = xstrdup(path), .text = xmalloc(n + 1), .n = n};
	if (n)
		memcpy(f->text, text, n);
	f->text[n] = '\0';
}

void
mem_files_reset(bool keep)
{
	for (size_t i = 0; i < files.n;) {
		if (keep)
			files.v[i].kept = true;
		if (files.v[i].kept)
			i++;
		else
			drop_file(&files.v[i]);
	}
}

void
mem_files_forget(void)
{
	while (files.n)
		drop_file(&files.v[0]);
	free(files.v);
	files.v = NULL;
	files.cap = 0;
}

int
os_read_file(struct buf *out, const char *path, size_t max, struct err *e)
{
	const struct file *f = find_file(path);

	(void)max;
	if (!f)
		return err_set(e, ERR_NOTFOUND, "no file %s", path);
	buf_add(out, f->text, f->n);
	return 0;
}

int
os_read_fd(struct buf *out, int fd, size_t max, struct err *e)
{
	(void)out, (void)fd, (void)max;
	return err_set(e, ERR_IO, "no descriptors here");
}

int
os_write_file(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	(void)mode;
	if (mem_step(false, false, e))
		return ERR_IO;
	mem_file(path, p, n);
	return mem_step(false, true, e);
}

/* What may be lost is. */
int
os_write_hint(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	(void)path, (void)p, (void)n, (void)mode, (void)e;
	return 0;
}

int
os_create_file(const char *path, const void *p, size_t n, mode_t mode, struct err *e)
{
	return os_write_file(path, p, n, mode, e);
}

int
os_write_fd(int fd, const void *p, size_t n, struct err *e)
{
	(void)fd, (void)p, (void)n, (void)e;
	return 0;
}

int
os_mkdirs(const char *path, struct err *e)
{
	(void)path, (void)e;
	return 0;
}

int
os_unlink(const char *path, struct err *e)
{
	struct file *f = find_file(path);

	if (mem_step(false, false, e))
		return ERR_IO;
	if (f)
		drop_file(f);
	return mem_step(false, true, e);
}

int
os_remove_tree(const char *path, struct err *e)
{
	if (mem_step(false, false, e))
		return ERR_IO;
	disk_drop(path);
	return mem_step(false, true, e);
}

/* Of folders: repositories alone are moved. */
int
rename(const char *from, const char *to)
{
	errno = EIO;
	if (mem_step(false, false, NULL))
		return -1;
	if (!disk_move(from, to))
		return -1;
	return mem_step(false, true, NULL) ? -1 : 0;
}

int
os_fsync_dir(const char *path, struct err *e)
{
	(void)path, (void)e;
	return 0;
}

bool
os_exists(const char *path)
{
	return disk_find(path) || find_file(path);
}

bool
os_absent(const char *path)
{
	return !os_exists(path);
}

bool
os_is_dir(const char *path)
{
	return disk_find(path) != NULL;
}

char *
os_program(void)
{
	return NULL;
}

char *
os_shipped(const char *const *beside, const char *fallback, const char *name)
{
	(void)beside;
	return xasprintf("%s/%s", fallback, name);
}

struct os_lock {
	int held;
};

int
os_lock(struct os_lock **out, const char *path, int wait_ms, struct err *e)
{
	(void)path, (void)wait_ms, (void)e;
	*out = xcalloc(1, sizeof **out);
	return 0;
}

void
os_unlock(struct os_lock *l)
{
	free(l);
}

/* --- tree256: of a tree id that is itself no SHA-1 --------------------------------------------- */

struct tree256 {
	int none;
};

int
tree256_open(struct tree256 **out, const char *path, struct err *e)
{
	(void)path, (void)e;
	*out = xcalloc(1, sizeof **out);
	return 0;
}

bool
tree256_sound(const char *path)
{
	(void)path;
	return true;
}

void
tree256_close(struct tree256 *t)
{
	free(t);
}

int
tree256_of(struct tree256 *t, uint8_t out[32], const struct objects *o, const struct oid *tree,
    struct err *e)
{
	(void)t, (void)o, (void)e;
	memset(out, 0x25, 32);
	memcpy(out, tree->b, sizeof tree->b);
	return 0;
}

/* --- names ---------------------------------------------------------------------------------------- */

struct name {
	char record[66], dossier[11];
};
struct names {
	size_t n, cap;
	struct name *v;
	bool built;
	uint8_t tree[20];
};

int
names_open(struct names **out, const char *path, struct err *e)
{
	(void)path, (void)e;
	*out = xcalloc(1, sizeof **out);
	return 0;
}

int
names_open_existing(struct names **out, const char *path)
{
	return names_open(out, path, NULL);
}

bool
names_sound(struct names *n)
{
	(void)n;
	return true;
}

void
names_close(struct names *n)
{
	if (n)
		free(n->v);
	free(n);
}

bool
names_tree(struct names *n, uint8_t tree[20])
{
	if (n->built)
		memcpy(tree, n->tree, 20);
	return n->built;
}

int
names_begin(struct names *n, bool anew, struct err *e)
{
	(void)e;
	if (anew)
		n->n = 0;
	return 0;
}

int
names_drop(struct names *n, const char *record, const char *dossier, struct err *e)
{
	(void)e;
	for (size_t i = 0; i < n->n; i++)
		if (strcmp(n->v[i].record, record) == 0 && strcmp(n->v[i].dossier, dossier) == 0)
			n->v[i--] = n->v[--n->n];
	return 0;
}

int
names_put(struct names *n, const char *record, const char *dossier, struct err *e)
{
	struct name *x;

	names_drop(n, record, dossier, e);
	vec_grow(n);
	x = &n->v[n->n++];
	memset(x, 0, sizeof *x);
	strncpy(x->record, record, sizeof x->record - 1);
	strncpy(x->dossier, dossier, sizeof x->dossier - 1);
	return 0;
}

int
names_end(struct names *n, const uint8_t tree[20], struct err *e)
{
	(void)e;
	memcpy(n->tree, tree, 20);
	n->built = true;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int c = strcmp(x->record, y->record);

	return c ? c : strcmp(x->dossier, y->dossier);
}

int
names_find(struct names *n, const char *prefix, const char *dossier, size_t max, names_fn each,
    void *ctx, struct err *e)
{
	int rc = 0;

	(void)e;
	if (n->n)
		qsort(n->v, n->n, sizeof *n->v, by_name);
	for (size_t i = 0, hits = 0; !rc && i < n->n && (!max || hits < max); i++) {
		if (strncmp(n->v[i].record, prefix, strlen(prefix)) != 0 ||
		    (dossier && strcmp(n->v[i].dossier, dossier) != 0))
			continue;
		hits++;
		rc = each(ctx, n->v[i].record, n->v[i].dossier);
	}
	return 0;
}
