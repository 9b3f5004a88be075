#include "git/hub.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"

enum { FORCE_TRIES = 20 };

void
hub_add_ref(struct git_remote *r, const char *name, const struct oid *id)
{
	size_t i = 0;
	int c = 1;

	for (i = 0; i < r->refs.n; i++) {
		c = strcmp(r->refs.v[i].name, name);
		if (c >= 0)
			break;
	}
	if (i < r->refs.n && c == 0) {
		if (id) {
			r->refs.v[i].id = *id;
			return;
		}
		free(r->refs.v[i].name);
		memmove(&r->refs.v[i], &r->refs.v[i + 1], (--r->refs.n - i) * sizeof *r->refs.v);
		return;
	}
	if (!id)
		return;
	vec_grow(&r->refs);
	memmove(&r->refs.v[i + 1], &r->refs.v[i], (r->refs.n++ - i) * sizeof *r->refs.v);
	r->refs.v[i] = (struct git_remote_ref){xstrdup(name), *id};
}

void
address_free(struct address *a)
{
	free(a->scheme);
	free(a->user);
	free(a->host);
	free(a->port);
	*a = (struct address){0};
}

/* [user[:password]@]host[:port], host possibly in brackets */
static void
parse_authority(struct address *a, const char *s, size_t n)
{
	const char *at = NULL, *host, *end = s + n, *colon = NULL;

	for (const char *p = s; p < end; p++)
		if (*p == '@')
			at = p;
	host = at ? at + 1 : s;
	if (at)
		a->user = xstrndup(s, strcspn(s, ":@"));
	if (host < end && *host == '[') {
		const char *close = memchr(host, ']', (size_t)(end - host));

		if (close) {
			a->host = xstrndup(host + 1, (size_t)(close - host - 1));
			colon = close + 1 < end && close[1] == ':' ? close + 1 : NULL;
		}
	} else {
		colon = memchr(host, ':', (size_t)(end - host));
		a->host = xstrndup(host, (size_t)((colon ? colon : end) - host));
	}
	if (colon && colon + 1 < end)
		a->port = xstrndup(colon + 1, (size_t)(end - colon - 1));
}

bool
address_parse(struct address *out, const char *url)
{
	const char *sep = strstr(url, "://"), *colon = strchr(url, ':');
	struct address a = {0};

	if (sep) {
		a.scheme = xstrndup(url, (size_t)(sep - url));
		parse_authority(&a, sep + 3, strcspn(sep + 3, "/"));
	} else if (colon && colon < url + strcspn(url, "/")) {
		a.scheme = xstrdup("ssh");
		parse_authority(&a, url, (size_t)(colon - url));
	}
	if (!a.scheme || !a.host || !*a.host ||
	    (strcmp(a.scheme, "ssh") != 0 && strcmp(a.scheme, "http") != 0 &&
		strcmp(a.scheme, "https") != 0)) {
		address_free(&a);
		return false;
	}
	*out = a;
	return true;
}

/* The path of a file:// address, %xx resolved; NULL when it names another host or is malformed. */
static char *
file_path(const char *url)
{
	const char *p = url + strlen("file://");
	struct buf out = {0};

	if (strncmp(p, "localhost/", 10) == 0)
		p += 9;
	if (*p != '/')
		return NULL;
	for (; *p; p++) {
		unsigned v = 0;

		if (*p != '%') {
			buf_putc(&out, *p);
			continue;
		}
		for (int i = 1; i <= 2; i++) {
			unsigned char c = (unsigned char)p[i];

			if (!isxdigit(c)) {
				buf_free(&out);
				return NULL;
			}
			v = v * 16 + (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
		}
		if (v == 0) {
			buf_free(&out);
			return NULL;
		}
		buf_putc(&out, (int)v);
		p += 2;
	}
	return buf_take(&out);
}

int
git_remote_open(struct git_remote **out, const char *url, struct err *e)
{
	struct git_remote *r = xcalloc(1, sizeof *r);
	struct address a = {0};
	char *path = NULL;
	int rc = 0;

	lib_init();
	r->url = xstrdup(url);
	if (strncmp(url, "file://", 7) == 0) {
		path = file_path(url);
		rc = path ? folder_open(r, path, e)
			  : err_set(e, ERR_USAGE, _("the hub's file:// address is malformed"));
	} else if (os_is_dir(url)) {
		rc = folder_open(r, url, e);
	} else if (address_parse(&a, url)) {
		rc = net_open(r, &a, e);
	} else if (strstr(url, "://")) {
		rc = err_set(e, ERR_USAGE,
		    _("a hub is a folder, file://, ssh://, user@host:path, https:// or "
		      "http://"));
	} else {
		rc = folder_open(r, url, e);
	}
	free(path);
	address_free(&a);
	if (rc)
		git_remote_close(r);
	else
		*out = r;
	return rc;
}

void
git_remote_close(struct git_remote *r)
{
	if (!r)
		return;
	git_close(r->hub);
	net_close(r->net);
	for (size_t i = 0; i < r->refs.n; i++)
		free(r->refs.v[i].name);
	free(r->refs.v);
	free(r->url);
	free(r);
}

bool
git_remote_is_folder(const struct git_remote *r)
{
	return r->hub != NULL;
}

size_t
git_remote_refs(const struct git_remote *r, const struct git_remote_ref **refs)
{
	*refs = r->refs.v;
	return r->refs.n;
}

const struct oid *
git_remote_ref(const struct git_remote *r, const char *name)
{
	for (size_t i = 0; i < r->refs.n; i++)
		if (strcmp(r->refs.v[i].name, name) == 0)
			return &r->refs.v[i].id;
	return NULL;
}

/* A side ref is ours to move; still by compare-and-swap, so that two syncs do not interleave. */
static int
force_ref(struct git *g, const char *ref, const struct oid *id, struct err *e)
{
	int rc = ERR_RACE;

	for (int try = 0; rc == ERR_RACE && try < FORCE_TRIES; try++) {
		struct oid now;
		struct err inner = {0};

		rc = git_ref_get(g, &now, ref, &inner);
		if (rc == 0 && oid_equal(&now, id))
			return 0;
		if (rc == 0 || rc == ERR_NOTFOUND) {
			const struct oid *expected = rc == 0 ? &now : NULL;

			err_clear(&inner);
			rc = git_ref_set(g, ref, id, expected, &inner);
		}
		if (rc && (rc != ERR_RACE || try == FORCE_TRIES - 1))
			err_append(e, &inner);
	}
	return rc;
}

/* Fills in what is known of each ref before anything is fetched. */
static int
look_up(struct git_remote *r, struct git *into, struct wanted *w, const struct git_fetch_ref *f,
    bool *damaged, git_progress_fn progress, void *ctx, struct err *e)
{
	const struct oid *id = git_remote_ref(r, f->remote_ref);
	struct err inner = {0};
	int rc;

	if (!id)
		return err_set(e, ERR_NOTFOUND, _("the hub has no ref %s"), f->remote_ref);
	*w = (struct wanted){.remote_ref = f->remote_ref, .local_ref = f->local_ref, .id = *id};
	w->has_base =
	    git_ref_get(into, &w->base, f->local_ref, &inner) == 0 && git_has(into, &w->base);
	if (r->hub || !git_has(into, id))
		return 0;
	err_clear(&inner);
	rc = copy_closure(into, into, id, w->has_base ? &w->base : NULL, progress, ctx, &inner);
	w->here = rc == 0;
	if (rc == ERR_DAMAGED) {
		*damaged = true;
		return 0;
	}
	err_append(e, &inner);
	return rc;
}

int
git_remote_fetch_many(struct git_remote *r, struct git *into, const struct git_fetch_ref *f,
    size_t n, git_progress_fn progress, void *ctx, struct err *e)
{
	struct wanted *w = xcalloc(n + 1, sizeof *w);
	bool damaged = false, all_here = true;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		rc = look_up(r, into, &w[i], &f[i], &damaged, progress, ctx, e);
		all_here &= w[i].here;
	}
	if (!rc && r->net && !all_here)
		rc = net_fetch(r, into, w, n, damaged, progress, ctx, e);
	for (size_t i = 0; !rc && i < n; i++) {
		if (r->hub)
			rc = folder_fetch(
			    r, into, &w[i].id, w[i].has_base ? &w[i].base : NULL, progress, ctx, e);
		if (!rc)
			rc = force_ref(into, w[i].local_ref, &w[i].id, e);
	}
	free(w);
	return rc;
}

int
git_remote_fetch(struct git_remote *r, struct git *into, const char *remote_ref,
    const char *local_ref, git_progress_fn progress, void *ctx, struct err *e)
{
	struct git_fetch_ref f = {remote_ref, local_ref};

	return git_remote_fetch_many(r, into, &f, 1, progress, ctx, e);
}

int
git_remote_push(struct git_remote *r, struct git *from, const char *remote_ref,
    const struct oid *id, bool force, git_receive_fn receive, void *ctx, git_progress_fn progress,
    void *pctx, struct err *e)
{
	const struct oid *advertised = git_remote_ref(r, remote_ref);
	struct oid old = advertised ? *advertised : (struct oid){{0}};
	bool forward = true;
	int rc = 0;

	if (advertised)
		advertised = &old; /* the list moves when the push is done */
	if (id && !git_has(from, id))
		return err_set(
		    e, ERR_NOTFOUND, _("what should be pushed is not in the repository"));
	if (!id && !advertised)
		return 0;
	if (id && advertised && !force) {
		if (git_has(from, &old))
			rc = git_is_ancestor(from, &forward, &old, id, e);
		else
			forward = false;
		if (rc)
			return rc;
		if (!forward)
			return err_set(e, ERR_RACE,
			    _("the hub has changes that are not here yet; sync again"));
	}
	if (id && advertised && oid_equal(&old, id))
		return 0;
	if (r->hub)
		rc = folder_push(
		    r, from, remote_ref, advertised, id, receive, ctx, progress, pctx, e);
	else
		rc = net_push(r, from, remote_ref, advertised, id, progress, pctx, e);
	if (!rc)
		hub_add_ref(r, remote_ref, id);
	return rc;
}
