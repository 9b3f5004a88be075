#include "git/lib.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"

/* No object, list or table of libgit2's comes near it: a damaged or hostile size was read. */
static bool
absurd(size_t n, size_t size)
{
	if (!size || n <= 4 * LIB_MAX_OBJECT / size)
		return false;
	git_error_set_str(GIT_ERROR_ODB, "a size is larger than any may be");
	return true;
}

/* libgit2 calls damaged or missing what it had no memory for, and does not always look. */
static void *
take(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return absurd(n, 1) ? NULL : xmalloc(n);
}

static void *
take_zeroed(size_t n, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	if (absurd(n, size))
		return NULL;
	/* each object that is unpacked or indexed is one of these at least */
	mapped_tick(n * size);
	return xcalloc(n, size);
}

static char *
take_string(const char *s, const char *file, int line)
{
	(void)file, (void)line;
	return xstrdup(s);
}

static char *
take_at_most(const char *s, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return xstrndup(s, strnlen(s, n));
}

static char *
take_part(const char *s, size_t n, const char *file, int line)
{
	char *p = take(n + 1, file, line);

	if (!p)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

static void *
take_more(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return absurd(n, 1) ? NULL : xrealloc(p, n, 1);
}

static void *
take_array_more(void *p, size_t n, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return absurd(n, size) ? NULL : xrealloc(p, n, size);
}

static void *
take_array(size_t n, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return absurd(n, size) ? NULL : xrealloc(NULL, n, size);
}

static void
start(void)
{
	git_allocator memory = {take, take_zeroed, take_string, take_at_most, take_part, take_more,
	    take_array_more, take_array, free};
	static const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
	    GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA};
	int bad = git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &memory) < 0 || git_libgit2_init() < 0;

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		bad |= git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "") < 0;
	bad |= git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, "") < 0;
	bad |= git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) < 0;
	bad |= git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 1) < 0;
	bad |= git_libgit2_opts(GIT_OPT_ENABLE_STRICT_SYMBOLIC_REF_CREATION, 1) < 0;
	bad |= git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) < 0;
	bad |= git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)LIB_CACHE) < 0;
	/* windows into packs stay as large as libgit2 has them: see mapped.c */
	bad |= git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, (size_t)LIB_MAX_OBJECTS) < 0;
	if (git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECT_SIZE, LIB_MAX_OBJECT) < 0) {
		/* came with a security update of Debian's 1.5.1: without it a hub can fill the memory */
		fputs(_("akt: this libgit2 lacks a security update (Debian 12: libgit2-1.5 1.5.1+ds-1+deb12u2): apt upgrade\n"),
		    stderr);
		exit(2);
	}
	if (bad) {
		/* without these options nothing this module promises holds */
		fputs("akt: libgit2 cannot be set up\n", stderr);
		abort();
	}
}

void
lib_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
}

int
lib_fail(struct err *e, enum err_code code, const char *what)
{
	const git_error *last = git_error_last();

	if (last && last->message)
		return err_set(e, code, "%s: %s", what, last->message);
	return err_set(e, code, "%s", what);
}

int
lib_no_pack(struct err *e, int rc)
{
	int n = errno;

	if (!git_error_last() && n)
		return err_os(e, ERR_IO, n, "%s", _("cannot write a pack"));
	return lib_fail(e, lib_read_code(rc) == ERR_IO ? ERR_IO : ERR_DAMAGED, _("cannot write a pack"));
}

enum err_code
lib_read_code(int rc)
{
	const git_error *last = git_error_last();

	if (rc == GIT_ENOTFOUND)
		return ERR_NOTFOUND;
	return last && last->klass == GIT_ERROR_OS ? ERR_IO : ERR_DAMAGED;
}

void
oid_format(char out[41], const struct oid *id)
{
	hash_hex(out, id->b, sizeof id->b);
}

bool
oid_parse(struct oid *id, const char *hex)
{
	struct oid tmp = {{0}};

	if (!hash_unhex(tmp.b, sizeof tmp.b, hex))
		return false;
	*id = tmp;
	return true;
}

void
oid_hash(struct oid *id, enum git_type type, const void *p, size_t n)
{
	git_oid oid;

	lib_init();
	/* fails only for a bad type or where a SHA-1 collision attack was detected */
	if (git_odb_hash(&oid, p ? p : "", n, (git_object_t)type) < 0) {
		fputs("akt: an object cannot be hashed\n", stderr);
		abort();
	}
	lib_oid_set(id, &oid);
}

static size_t
slot(const struct oidset *s, const struct oid *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof h);
	for (i = h & (s->cap - 1); !oid_zero(&s->v[i]); i = (i + 1) & (s->cap - 1))
		if (oid_equal(&s->v[i], id))
			break;
	return i;
}

bool
oidset_has(const struct oidset *s, const struct oid *id)
{
	return s->cap && !oid_zero(id) && !oid_zero(&s->v[slot(s, id)]);
}

bool
oidset_add(struct oidset *s, const struct oid *id)
{
	if (oid_zero(id) || oidset_has(s, id))
		return false;
	if (s->n * 2 >= s->cap) {
		struct oidset old = *s;

		s->cap = old.cap ? old.cap * 2 : 64;
		s->v = xcalloc(s->cap, sizeof *s->v);
		for (size_t i = 0; i < old.cap; i++)
			if (!oid_zero(&old.v[i]))
				s->v[slot(s, &old.v[i])] = old.v[i];
		free(old.v);
	}
	s->v[slot(s, id)] = *id;
	s->n++;
	return true;
}

void
oidset_free(struct oidset *s)
{
	free(s->v);
	*s = (struct oidset){0};
}
