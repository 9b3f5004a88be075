#include "crypt/keep.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/identity.h"

enum { FILE_MAX = 64 * 1024 };

static const char context[] = "akt keep v1"; /* its NUL belongs to it */
static bool agent_only;

void
keep_force_agent(bool on)
{
	agent_only = on;
}

/* The folder is resolved, the file itself need not exist: what is kept for a lost file must
 * still be possible to drop. */
static int
absolute(struct buf *out, const char *path, struct err *e)
{
	char *one = xstrdup(path), *two = xstrdup(path), *dir = realpath(dirname(one), NULL);
	int rc = 0;

	if (dir)
		buf_printf(out, "%s/%s", dir, basename(two));
	else
		rc = err_os(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO, errno,
		    _("cannot open %s"), path);
	free(dir);
	free(one);
	free(two);
	return rc;
}

/* The name alone, so that a replaced file's identity is found to be dropped. */
static int
find_name(struct kept *out, const char *path, struct err *e)
{
	struct buf full = {0}, in = {0};
	uint8_t digest[HASH256];
	int rc = absolute(&full, path, e);

	if (rc)
		goto done;
	buf_add(&in, context, sizeof context);
	buf_add(&in, full.p, full.n);
	hash_sha256(digest, in.p, in.n);
	hash_hex(out->name, digest, sizeof out->name / 2);
done:
	buf_free(&full);
	buf_free(&in);
	return rc;
}

static int
find(struct kept *out, const char *path, struct err *e)
{
	struct buf bytes = {0}, in = {0};
	uint8_t digest[HASH256];
	int rc = find_name(out, path, e);

	if (!rc)
		rc = os_read_file(&bytes, path, FILE_MAX, e);
	if (rc)
		goto done;
	hash_sha256(digest, bytes.p, bytes.n);
	buf_add(&in, context, sizeof context);
	buf_puts(&in, out->name); /* the path, hashed */
	buf_add(&in, digest, sizeof digest);
	hash_sha256(out->bind, in.p, in.n);
done:
	buf_free(&bytes);
	buf_free(&in);
	return rc;
}

int
keep_put(const char *identity_path, const struct identity *id, int seconds, struct err *e)
{
	struct kept k = {0};
	struct buf text = {0};
	uint8_t *p = NULL;
	size_t n = 0;
	int rc = 0;

	if (seconds < 1)
		return err_set(e, ERR_USAGE, _("an identity is kept for at least one second"));
	rc = find(&k, identity_path, e);
	if (rc)
		goto done;
	identity_format(&text, id);
	n = KEEP_BIND + text.n;
	p = secret_alloc(n);
	memcpy(p, k.bind, KEEP_BIND);
	memcpy(p + KEEP_BIND, text.p, text.n);
	buf_free(&text);
	(void)keep_agent_drop(&k);
	if (!agent_only && keep_ring_put(k.name, p, n, seconds))
		goto done;
	(void)keep_ring_drop(k.name);
	/* the object behind `id` is our own, from identity_new or identity_parse */
	rc = keep_agent_put(&k, p, n, seconds, (void *)id, sizeof *id, e);
done:
	secret_free(p);
	buf_free(&text);
	return rc;
}

int
keep_get(struct identity **out, const char *identity_path, struct err *e)
{
	struct kept k = {0};
	uint8_t *p = NULL;
	size_t n = 0;
	int rc = find(&k, identity_path, e);

	if (rc)
		return rc;
	p = secret_alloc(KEEP_MAX);
	if (!agent_only)
		n = keep_ring_get(k.name, p);
	if (n > KEEP_BIND && memcmp(p, k.bind, KEEP_BIND) != 0) {
		(void)keep_ring_drop(k.name); /* the file was replaced */
		n = 0;
	}
	if (n == 0)
		n = keep_agent_get(&k, p);
	if (n <= KEEP_BIND || memcmp(p, k.bind, KEEP_BIND) != 0)
		rc = err_set(e, ERR_NOTFOUND, _("the identity is not unlocked"));
	else
		rc = identity_parse(out, (char *)p + KEEP_BIND, n - KEEP_BIND, e);
	secret_free(p);
	return rc;
}

int
keep_drop(const char *identity_path, struct err *e)
{
	struct kept k = {0};
	int rc = find_name(&k, identity_path, e);
	bool ring, agent;

	if (rc)
		return rc;
	ring = keep_ring_drop(k.name);
	agent = keep_agent_drop(&k);
	if (!agent)
		rc = err_set(e, ERR_IO,
		    _("the agent that keeps the identity does not answer: it may still be unlocked; end the process akt-agent"));
	else if (!ring)
		rc = err_set(e, ERR_IO,
		    _("the kernel does not let go of the identity: it is still unlocked until its time is up"));
	return rc;
}
