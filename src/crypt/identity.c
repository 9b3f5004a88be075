#include "crypt/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/ssh.h"

enum { FILE_MAX = 64 * 1024 };

static const char plain_begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
static const char recovery[] = "recovery";

bool
identity_name_valid(const char *s, size_t n)
{
	if (n < 1 || n >= IDENTITY_NAME || s[0] < 'a' || s[0] > 'z')
		return false;
	for (size_t i = 1; i < n; i++)
		if (!(s[i] >= 'a' && s[i] <= 'z') && !(s[i] >= '0' && s[i] <= '9') && s[i] != '_' &&
		    s[i] != '-')
			return false;
	return true;
}

/* handle.device, or the one identity that has no device. */
static bool
id_valid_text(const char *s, size_t n)
{
	const char *dot = memchr(s, '.', n);
	size_t h = dot ? (size_t)(dot - s) : n;
	bool is_recovery = h == sizeof recovery - 1 && memcmp(s, recovery, h) == 0;

	if (!dot)
		return is_recovery;
	return !is_recovery && identity_name_valid(s, h) && identity_name_valid(dot + 1, n - h - 1);
}

struct identity *
identity_new(const char *handle, const char *device)
{
	struct identity *id;
	char text[2 * IDENTITY_NAME + 1];
	int n =
	    snprintf(text, sizeof text, "%s%s%s", handle, device ? "." : "", device ? device : "");

	if (n < 0 || (size_t)n >= sizeof text || !id_valid_text(text, (size_t)n))
		return NULL;
	id = secret_alloc(sizeof *id);
	memcpy(id->id, text, (size_t)n + 1);
	ssh_keygen(id->sign_sk, id->sign_pk);
	age_keygen(id->age_sk, id->age_pk);
	return id;
}

void
identity_free(struct identity *id)
{
	secret_free(id);
}

void
identity_format(struct buf *out, const struct identity *id)
{
	char line[AGE_TEXT];

	ssh_private_format(out, id->sign_sk, id->id);
	age_identity_format(line, id->age_sk);
	buf_puts(out, line);
	buf_putc(out, '\n');
	secret_wipe(line, sizeof line);
}

/* What stands behind the block: one key line among empty lines and comments. */
static int
read_age_line(uint8_t sk[32], const char *s, size_t n, struct err *e)
{
	int keys = 0;

	while (n > 0) {
		const char *lf = memchr(s, '\n', n);
		size_t line = lf ? (size_t)(lf - s) : n;

		if (line > 0 && *s != '#') {
			if (age_identity_parse(sk, s, line, NULL) != 0)
				return err_set(e, ERR_INVALID,
				    _("the identity holds a line that is"
				      " no AGE-SECRET-KEY-1... line"));
			keys++;
		}
		n -= line + (lf != NULL);
		s += line + (lf != NULL);
	}
	if (keys != 1)
		return err_set(e, ERR_INVALID,
		    _("the identity must hold exactly one AGE-SECRET-KEY-1... line"));
	return 0;
}

int
identity_parse(struct identity **out, const char *s, size_t n, struct err *e)
{
	struct identity *id = NULL;
	struct buf comment = {0};
	size_t used = 0;
	int rc = 0;

	if (n < sizeof plain_begin - 1 || memcmp(s, plain_begin, sizeof plain_begin - 1) != 0)
		return err_set(e, ERR_INVALID,
		    _("this is not an identity: it must begin with an OpenSSH private key"));
	id = secret_alloc(sizeof *id);
	rc = ssh_private_read(id->sign_sk, &comment, &used, s, n, e);
	if (!rc)
		rc = read_age_line(id->age_sk, s + used, n - used, e);
	if (!rc && !id_valid_text(buf_str(&comment), comment.n))
		rc = err_set(e, ERR_INVALID,
		    _("the identity's SSH key must have the comment HANDLE.DEVICE"));
	if (rc)
		goto done;
	memcpy(id->id, comment.p, comment.n + 1);
	memcpy(id->sign_pk, id->sign_sk + 32, 32);
	age_public(id->age_pk, id->age_sk);
	*out = id;
	id = NULL;
done:
	identity_free(id);
	buf_free(&comment);
	return rc;
}

static int
file_bytes(struct buf *out, const struct identity *id, const char *passphrase, int work_factor,
    struct err *e)
{
	struct buf text = {0};
	int rc = 0;

	if (!passphrase) {
		identity_format(out, id);
		return 0;
	}
	identity_format(&text, id);
	rc = age_encrypt_passphrase(out, passphrase, work_factor, text.p, text.n, e);
	buf_free(&text);
	return rc;
}

int
identity_save(const char *path, const struct identity *id, const char *passphrase, int work_factor,
    struct err *e)
{
	struct buf bytes = {0};
	struct err inner = {0};
	int rc = 0;

	if (os_exists(path)) /* before a second is spent on scrypt */
		return err_set(e, ERR_EXISTS, _("%s exists already; nothing was written"), path);
	rc = file_bytes(&bytes, id, passphrase, work_factor, &inner);
	if (!rc)
		rc = os_create_file(path, bytes.p, bytes.n, 0600, &inner);
	if (rc == ERR_EXISTS)
		err_set(e, rc, _("%s exists already; nothing was written"), path);
	else if (rc && e)
		err_append(e, &inner);
	buf_free(&bytes);
	return rc;
}

int
identity_replace(const char *path, const struct identity *id, const char *passphrase,
    int work_factor, struct err *e)
{
	struct buf bytes = {0};
	int rc = file_bytes(&bytes, id, passphrase, work_factor, e);

	if (!rc)
		rc = os_write_file(path, bytes.p, bytes.n, 0600, e);
	buf_free(&bytes);
	return rc;
}

/* The file and who may read it, of one and the same open file. */
static int
read_file(struct buf *out, mode_t *mode, const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return err_os(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO, errno,
		    _("cannot open %s"), path);
	if (fstat(fd, &st) < 0)
		rc = err_os(e, ERR_IO, errno, _("cannot open %s"), path);
	else
		rc = os_read_fd(out, fd, FILE_MAX, e);
	*mode = rc ? 0 : st.st_mode;
	close(fd);
	return rc;
}

static int
is_locked(bool *locked, const struct buf *b, const char *path, struct err *e)
{
	int scrypt = 0;

	if (b->n >= sizeof plain_begin - 1 &&
	    memcmp(b->p, plain_begin, sizeof plain_begin - 1) == 0)
		*locked = false;
	else if (age_stanzas(buf_str(b), b->n, &scrypt) == 1 && scrypt)
		*locked = true;
	else
		return err_set(e, ERR_INVALID, _("%s is not an identity file"), path);
	return 0;
}

int
identity_locked(bool *locked, const char *path, struct err *e)
{
	struct buf bytes = {0};
	mode_t mode;
	int rc = read_file(&bytes, &mode, path, e);

	if (!rc)
		rc = is_locked(locked, &bytes, path, e);
	buf_free(&bytes);
	return rc;
}

int
identity_load(struct identity **out, const char *path, const char *passphrase, struct err *e)
{
	struct buf bytes = {0}, plain = {0};
	bool locked = false;
	mode_t mode = 0;
	int rc = read_file(&bytes, &mode, path, e);

	if (!rc)
		rc = is_locked(&locked, &bytes, path, e);
	if (rc)
		goto done;
	if (!locked && (mode & 077))
		rc = err_set(e, ERR_ACCESS,
		    _("%s has no passphrase and others may read it; run chmod 600 on it"), path);
	else if (!locked)
		rc = identity_parse(out, bytes.p, bytes.n, e);
	else if (!passphrase)
		rc = err_set(e, ERR_ACCESS, _("%s needs its passphrase"), path);
	else
		rc = age_decrypt_passphrase(&plain, passphrase, 0, bytes.p, bytes.n, NULL, e);
	if (!rc && locked)
		rc = identity_parse(out, buf_str(&plain), plain.n, e);
done:
	buf_free(&bytes);
	buf_free(&plain);
	return rc;
}
