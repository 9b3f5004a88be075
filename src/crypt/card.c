#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "crypt/age.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"

/* A card is YAML for people and other programs, but here it is read line by line: the signature
 * covers bytes, so there is exactly one way to write a card, and what is not written that way is
 * refused. */

static const char sig_namespace[] = "akt";

/* A name that YAML 1.2 would take for something else than a string is quoted. */
static bool
needs_quotes(const char *name)
{
	return strcmp(name, "null") == 0 || strcmp(name, "true") == 0 || strcmp(name, "false") == 0;
}

static void
put_name(struct buf *out, const char *key, const char *name)
{
	const char *quote = needs_quotes(name) ? "\"" : "";

	buf_printf(out, "%s: %s%s%s\n", key, quote, name, quote);
}

/* The lines that the signature covers. */
static void
put_fields(struct buf *out, const char *handle, const char *device, const uint8_t age_pk[32],
    const uint8_t sign_pk[32])
{
	char recipient[AGE_TEXT], signer[SSH_PUBLIC_TEXT];

	age_recipient_format(recipient, age_pk);
	ssh_public_format(signer, sign_pk);
	buf_puts(out, "akt: 1\n");
	put_name(out, "handle", handle);
	put_name(out, "device", device);
	buf_printf(out, "recipient: %s\nsigner: %s\n", recipient, signer);
}

void
identity_card(struct buf *out, const struct identity *id)
{
	const char *dot = strchr(id->id, '.');
	char handle[IDENTITY_NAME];
	struct buf fields = {0}, sig = {0};

	if (!dot)
		return;
	snprintf(handle, sizeof handle, "%.*s", (int)(dot - id->id), id->id);
	put_fields(&fields, handle, dot + 1, id->age_pk, id->sign_pk);
	sshsig_sign(&sig, id->sign_sk, sig_namespace, fields.p, fields.n);
	buf_add(out, fields.p, fields.n);
	buf_puts(out, "signature: |\n");
	for (const char *s = sig.p; *s;) {
		const char *lf = strchr(s, '\n');

		buf_printf(out, "  %.*s\n", (int)(lf - s), s);
		s = lf + 1;
	}
	buf_free(&fields);
	buf_free(&sig);
}

/* Where reading stands. */
struct in {
	const char *s, *end, *file;
	unsigned line; /* of s, from 1 */
};

/* The value of the next line, which must be `key: value`. */
static int
read_field(const char **value, size_t *n, struct in *in, const char *key, struct err *e)
{
	size_t key_n = strlen(key), left = (size_t)(in->end - in->s);
	const char *lf = memchr(in->s, '\n', left);

	if (!lf || left < key_n + 2 || memcmp(in->s, key, key_n) != 0 ||
	    memcmp(in->s + key_n, ": ", 2) != 0)
		return err_at(e, ERR_INVALID, in->file, in->line, 1, key,
		    _("is not in its place: a card has the lines akt, handle, device, recipient,"
		      " signer, signature, each written as `akt id show` does"));
	*value = in->s + key_n + 2;
	*n = (size_t)(lf - *value);
	in->s = lf + 1;
	in->line++;
	return 0;
}

/* Errors of the line just read. */
static int
bad_field(struct in *in, const char *key, const char *text, struct err *e)
{
	return err_at(
	    e, ERR_INVALID, in->file, in->line - 1, (unsigned)strlen(key) + 3, key, "%s", text);
}

static int
read_name(char name[IDENTITY_NAME], struct in *in, const char *key, struct err *e)
{
	const char *s = NULL;
	size_t n = 0;
	bool quoted;
	int rc = read_field(&s, &n, in, key, e);

	if (rc)
		return rc;
	quoted = n >= 2 && s[0] == '"' && s[n - 1] == '"';
	if (quoted) {
		s++;
		n -= 2;
	}
	if (!identity_name_valid(s, n))
		return bad_field(
		    in, key, _("must be 1 to 32 of a-z, 0-9, _ and -, beginning with a letter"), e);
	snprintf(name, IDENTITY_NAME, "%.*s", (int)n, s);
	if (quoted != needs_quotes(name))
		return bad_field(in, key, _("is not written as `akt id show` writes it"), e);
	return 0;
}

/* A value without NUL, short enough for any key. */
static int
read_text(char text[SSH_PUBLIC_TEXT], struct in *in, const char *key, struct err *e)
{
	const char *s = NULL;
	size_t n = 0;
	int rc = read_field(&s, &n, in, key, e);

	if (rc)
		return rc;
	if (n >= SSH_PUBLIC_TEXT || memchr(s, '\0', n))
		return bad_field(in, key, _("is not a public key"), e);
	snprintf(text, SSH_PUBLIC_TEXT, "%.*s", (int)n, s);
	return 0;
}

static int
read_fields(struct card *c, struct in *in, struct err *e)
{
	char text[SSH_PUBLIC_TEXT];
	const char *s = NULL;
	size_t n = 0;
	int rc = read_field(&s, &n, in, "akt", e);

	if (!rc && (n != 1 || *s != '1'))
		rc = bad_field(in, "akt", _("is a version that this program does not know"), e);
	if (!rc)
		rc = read_name(c->handle, in, "handle", e);
	if (!rc && strcmp(c->handle, "recovery") == 0)
		rc = bad_field(in, "handle", _("must not be the recovery identity's name"), e);
	if (!rc)
		rc = read_name(c->device, in, "device", e);
	if (!rc)
		rc = read_text(text, in, "recipient", e);
	if (!rc && age_recipient_parse(c->age_pk, text, NULL) != 0)
		rc = bad_field(in, "recipient", _("is not an age recipient (age1...)"), e);
	if (!rc)
		rc = read_text(text, in, "signer", e);
	if (!rc && ssh_public_parse(c->sign_pk, text, NULL) != 0)
		rc =
		    bad_field(in, "signer", _("is not an Ed25519 public key (ssh-ed25519 ...)"), e);
	return rc;
}

/* `signature: |` and all that is left, each line led by two spaces. */
static int
read_signature(struct buf *out, struct in *in, struct err *e)
{
	const char *s = NULL;
	size_t n = 0;
	int rc = read_field(&s, &n, in, "signature", e);

	if (!rc && (n != 1 || *s != '|'))
		rc = bad_field(in, "signature", _("is not written as `akt id show` writes it"), e);
	while (!rc && in->s < in->end) {
		const char *lf = memchr(in->s, '\n', (size_t)(in->end - in->s));

		if (!lf || lf - in->s < 3 || memcmp(in->s, "  ", 2) != 0)
			return err_at(e, ERR_INVALID, in->file, in->line, 1, "signature",
			    _("is not written as `akt id show` writes it"));
		buf_add(out, in->s + 2, (size_t)(lf + 1 - (in->s + 2)));
		in->s = lf + 1;
		in->line++;
	}
	return rc;
}

int
card_parse(struct card *out, const char *s, size_t n, const char *file, struct err *e)
{
	struct in in = {s, s + n, file, 1};
	struct buf sig = {0};
	struct err inner = {0};
	struct card c = {0};
	const char *fields_end;
	uint8_t pk[32] = {0};
	unsigned line;
	int rc = read_fields(&c, &in, e);

	if (rc)
		goto done;
	fields_end = in.s;
	line = in.line;
	rc = read_signature(&sig, &in, e);
	if (rc)
		goto done;
	rc = sshsig_verify(
	    pk, buf_str(&sig), sig.n, sig_namespace, s, (size_t)(fields_end - s), &inner);
	if (!rc && memcmp(pk, c.sign_pk, 32) != 0)
		rc = err_set(&inner, ERR_DAMAGED, _("the card is not signed by its own signer"));
	if (rc) {
		err_at(e, rc, file, line, 1, "signature", "%s", inner.item[0].text);
		goto done;
	}
	snprintf(c.id, sizeof c.id, "%s.%s", c.handle, c.device);
	*out = c;
done:
	buf_free(&sig);
	return rc;
}
