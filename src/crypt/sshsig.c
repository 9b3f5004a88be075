#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "crypt/ssh.h"
#include "crypt/ssh_wire.h"

/* OpenSSH's PROTOCOL.sshsig. The blob names key, namespace, hash and signature; what is signed is
 * not the message but a preamble with its hash, so a signature made for one namespace is
 * worth nothing in another. */
static const char preamble[6] = "SSHSIG";
static const char label[] = "SSH SIGNATURE";

/* "Signed Data, of which the signature goes into the blob above". */
static void
signed_bytes(struct buf *out, const char *ns, const char *hash, const void *p, size_t n)
{
	uint8_t digest[crypto_hash_sha512_BYTES];
	bool wide = strcmp(hash, "sha512") == 0;

	if (wide)
		crypto_hash_sha512(digest, p, n);
	else
		hash_sha256(digest, p, n);
	buf_add(out, preamble, sizeof preamble);
	ssh_put_text(out, ns);
	ssh_put_text(out, "");
	ssh_put_text(out, hash);
	ssh_put_string(out, digest, wide ? 64 : 32);
}

void
sshsig_sign(struct buf *out, const uint8_t sk[64], const char *ns, const void *p, size_t n)
{
	struct buf data = {0}, sig = {0}, blob = {0};
	uint8_t raw[64];

	secret_init();
	signed_bytes(&data, ns, "sha512", p, n);
	crypto_sign_ed25519_detached(raw, NULL, (uint8_t *)data.p, data.n, sk);
	ssh_put_text(&sig, SSH_ED25519);
	ssh_put_string(&sig, raw, sizeof raw);
	buf_add(&blob, preamble, sizeof preamble);
	ssh_put_u32(&blob, 1);
	ssh_put_pk(&blob, sk + 32);
	ssh_put_text(&blob, ns);
	ssh_put_text(&blob, "");
	ssh_put_text(&blob, "sha512");
	ssh_put_string(&blob, sig.p, sig.n);
	ssh_armor(out, label, blob.p, blob.n);
	buf_free(&data);
	buf_free(&sig);
	buf_free(&blob);
}

/* What a signature blob says, before anything of it is believed. */
struct sig {
	uint8_t pk[32];
	const uint8_t *raw; /* 64 bytes, owned by the blob */
	const char *hash;
};

static int
read_blob(struct sig *out, const char *ns, struct ssh_in in, struct err *e)
{
	struct sig s = {0};
	struct ssh_in sig, raw, hash;

	if (in.n < sizeof preamble || memcmp(in.p, preamble, sizeof preamble) != 0)
		return err_set(e, ERR_DAMAGED, _("the signature is malformed"));
	in.p += sizeof preamble;
	in.n -= sizeof preamble;
	if (ssh_get_u32(&in) != 1 || !in.p)
		return err_set(e, ERR_DAMAGED, _("the signature is malformed"));
	if (!ssh_get_pk(s.pk, &in))
		return err_set(e, ERR_DAMAGED, _("the signature is not by an Ed25519 key"));
	if (!ssh_get_text(&in, ns))
		return err_set(e, ERR_DAMAGED, _("the signature was made for another purpose"));
	/* nothing signs the reserved field: a value there could be altered at will */
	if (!ssh_get_text(&in, ""))
		return err_set(e, ERR_DAMAGED, _("the signature is malformed"));
	hash = ssh_get_string(&in);
	if (hash.n == 6 && memcmp(hash.p, "sha512", 6) == 0)
		s.hash = "sha512";
	else if (hash.n == 6 && memcmp(hash.p, "sha256", 6) == 0)
		s.hash = "sha256";
	else
		return err_set(e, ERR_DAMAGED,
		    _("the signature uses a hash other than sha256 and"
		      " sha512"));
	sig = ssh_get_string(&in);
	if (!ssh_get_text(&sig, SSH_ED25519))
		return err_set(e, ERR_DAMAGED, _("the signature is not by an Ed25519 key"));
	raw = ssh_get_string(&sig);
	if (!raw.p || raw.n != 64 || sig.n != 0 || in.n != 0)
		return err_set(e, ERR_DAMAGED, _("the signature is malformed"));
	s.raw = raw.p;
	*out = s;
	return 0;
}

int
sshsig_verify(uint8_t pk[32], const char *armor, size_t armor_n, const char *ns, const void *p,
    size_t n, struct err *e)
{
	struct buf bin = {0}, data = {0};
	struct sig s = {0};
	size_t used = 0;
	int rc = 0;

	secret_init();
	if (!ssh_unarmor(&bin, &used, label, armor, armor_n) || used != armor_n)
		rc = err_set(e, ERR_DAMAGED, _("the signature is malformed"));
	else
		rc = read_blob(&s, ns, (struct ssh_in){(uint8_t *)bin.p, bin.n}, e);
	if (rc)
		goto done;
	signed_bytes(&data, ns, s.hash, p, n);
	if (crypto_sign_ed25519_verify_detached(s.raw, (uint8_t *)data.p, data.n, s.pk) != 0) {
		rc = err_set(e, ERR_DAMAGED, _("the signature does not fit what was signed"));
		goto done;
	}
	memcpy(pk, s.pk, 32);
done:
	buf_free(&bin);
	buf_free(&data);
	return rc;
}
