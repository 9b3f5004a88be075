/* This device's identity. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"
#include "tree/node.h"

static struct node *
describe(struct session *s)
{
	struct node *r = node_map(s->arena);
	char recipient[AGE_TEXT], signer[SSH_PUBLIC_TEXT];
	struct buf card = {0};

	age_recipient_format(recipient, s->id->age_pk);
	ssh_public_format(signer, s->id->sign_pk);
	identity_card(&card, s->id);
	node_set(s->arena, r, "id", node_str(s->arena, s->id->id));
	node_set(s->arena, r, "recipient", node_str(s->arena, recipient));
	node_set(s->arena, r, "signer", node_str(s->arena, signer));
	node_set(s->arena, r, "file", node_str(s->arena, s->identity_path));
	node_set(s->arena, r, "card", node_str(s->arena, buf_str(&card)));
	buf_free(&card);
	return r;
}

static int
make_folder(const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	char *dir = slash && slash > file ? xstrndup(file, (size_t)(slash - file)) : NULL;
	int rc = dir ? os_mkdirs(dir, e) : 0;

	free(dir);
	return rc;
}

int
app_id_new(struct session *s, struct node **out, const char *handle, const char *device,
    bool plain, int work_factor, struct err *e)
{
	struct buf pass = {0};
	char *full = xasprintf("%s.%s", handle, device);
	int rc = 0;

	if (!storepath_handle_ok(handle) || !storepath_device_ok(full) ||
	    strcmp(handle, "recovery") == 0)
		rc = err_set(e, ERR_USAGE,
		    _("handle and device are a-z first, then a-z, 0-9, _ or -, at most 32 characters"));
	else if (strcmp(device, "lock") == 0)
		rc = err_set(e, ERR_USAGE,
		    _("a device cannot be called lock: git keeps that ending for itself"));
	else if (os_exists(s->identity_path))
		rc = err_set(e, ERR_EXISTS,
		    _("this device has an identity already (%s); it is not overwritten"), s->identity_path);
	if (!rc)
		rc = make_folder(s->identity_path, e);
	if (!rc && !plain)
		rc = s->passphrase ? s->passphrase(s->ctx, &pass, _("New passphrase"), true, e) :
		                     err_set(e, ERR_USAGE, _("a passphrase is needed, or --no-passphrase"));
	if (!rc) {
		s->id = identity_new(handle, device);
		rc = identity_save(s->identity_path, s->id, plain ? NULL : buf_str(&pass), work_factor, e);
	}
	if (!rc)
		*out = describe(s);
	buf_free(&pass);
	free(full);
	return rc;
}

int
app_id_show(struct session *s, struct node **out, struct err *e)
{
	int rc = session_identity(s, e);

	if (!rc)
		*out = describe(s);
	return rc;
}

/* Nothing unlocked; that there is no identity is for others to say. */
static int
forget(struct session *s, struct err *e)
{
	int rc = keep_drop(s->identity_path, e);

	if (rc == ERR_NOTFOUND) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

int
app_id_passphrase(struct session *s, struct node **out, int work_factor, struct err *e)
{
	struct buf pass = {0};
	int rc;

	if (!s->passphrase)
		return err_set(e, ERR_USAGE, _("a passphrase can only be changed at a terminal"));
	rc = forget(s, e); /* the old one is asked for, not taken from memory */
	if (!rc)
		rc = session_identity(s, e);
	if (!rc)
		rc = s->passphrase(s->ctx, &pass, _("New passphrase"), true, e);
	if (!rc)
		rc = identity_replace(s->identity_path, s->id, buf_str(&pass), work_factor, e);
	if (!rc)
		*out = describe(s);
	buf_free(&pass);
	return rc;
}

int
app_unlock(struct session *s, struct node **out, int seconds, struct err *e)
{
	struct err inner = {0};
	bool locked = false;
	int rc = identity_locked(&locked, s->identity_path, &inner);

	if (rc == ERR_NOTFOUND)
		return no_identity(e);
	err_append(e, &inner);
	if (!rc && !locked)
		rc = err_set(e, ERR_USAGE, _("the identity has no passphrase: there is nothing to unlock"));
	if (!rc)
		rc = session_identity(s, e);
	if (!rc)
		rc = keep_put(s->identity_path, s->id, seconds, e);
	if (!rc) {
		*out = node_map(s->arena);
		node_set(s->arena, *out, "id", node_str(s->arena, s->id->id));
		node_set(s->arena, *out, "seconds", node_int(s->arena, seconds));
	}
	return rc;
}

int
app_lock(struct session *s, struct node **out, struct err *e)
{
	int rc = forget(s, e);

	if (!rc)
		*out = node_map(s->arena);
	return rc;
}

/* --- age files by hand ------------------------------------------------------------------- */

int
app_encrypt(struct buf *out, const struct buf *in, const char *const *recipients, size_t n,
    struct err *e)
{
	uint8_t(*pk)[32] = xcalloc(n + 1, sizeof *pk);
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = age_recipient_parse(pk[i], recipients[i], e);
	if (!rc)
		rc = age_encrypt(out, (const uint8_t (*)[32])pk, n, buf_str(in), in->n, e);
	free(pk);
	return rc;
}

/* Every AGE-SECRET-KEY-1 line of a plain text: age's own identity files have no more than that. */
static int
try_keys(struct buf *out, const struct buf *in, const struct buf *text, struct err *e)
{
	uint8_t *sk = secret_alloc(32);
	const char *s = buf_str(text), *end;
	int rc = err_set(NULL, ERR_NOTFOUND, "-");

	for (; rc == ERR_NOTFOUND || rc == ERR_ACCESS; s = end + 1) {
		struct err inner = {0};

		end = strchrnul(s, '\n');
		if (strncmp(s, "AGE-SECRET-KEY-1", 16) == 0) {
			rc = age_identity_parse(sk, s, (size_t)(end - s), &inner);
			if (!rc)
				rc = age_decrypt(out, (const uint8_t (*)[32])sk, 1, 0, buf_str(in), in->n, NULL,
				    &inner);
			if (rc && rc != ERR_ACCESS)
				err_append(e, &inner);
		}
		if (!*end)
			break;
	}
	secret_free(sk);
	return rc;
}

int
app_decrypt(struct session *s, struct buf *out, const struct buf *in, const char *file,
    struct err *e)
{
	struct buf text = {0};
	struct err inner = {0};
	int rc = ERR_NOTFOUND;

	if (file && os_read_file(&text, file, 1 << 20, &inner) == 0)
		rc = try_keys(out, in, &text, e);
	buf_free(&text);
	if (rc == ERR_NOTFOUND) {
		rc = session_identity(s, e);
		if (!rc)
			rc = age_decrypt(out, (const uint8_t (*)[32])&s->id->age_sk, 1, 0, buf_str(in), in->n,
			    NULL, e);
	} else if (rc == ERR_ACCESS) {
		err_set(e, ERR_ACCESS, _("no key of that identity opens this file"));
	}
	return rc;
}
