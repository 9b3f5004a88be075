#include "crypt/ssh.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "crypt/base64.h"
#include "crypt/ssh_wire.h"

/* OpenSSH's PROTOCOL.key: magic, then cipher, kdf and its options, the number of keys, the
 * public blob, and a private section that is padded to the cipher's block (8 for none). */
static const char magic[] = "openssh-key-v1"; /* its NUL belongs to it */
static const char label[] = "OPENSSH PRIVATE KEY";
static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n";

enum { BLOCK = 8 };

void
ssh_keygen(uint8_t sk[64], uint8_t pk[32])
{
	secret_init();
	crypto_sign_ed25519_keypair(pk, sk);
}

void
ssh_private_format(struct buf *out, const uint8_t sk[64], const char *comment)
{
	struct buf key = {0}, bin = {0};
	const uint8_t *pk = sk + 32;
	uint32_t check;

	secret_init();
	check = randombytes_random(); /* twice the same: how ssh tells a wrong passphrase */
	ssh_put_u32(&key, check);
	ssh_put_u32(&key, check);
	ssh_put_text(&key, SSH_ED25519);
	ssh_put_string(&key, pk, 32);
	ssh_put_string(&key, sk, 64);
	ssh_put_text(&key, comment);
	for (int i = 1; key.n % BLOCK != 0; i++)
		buf_putc(&key, i);
	buf_add(&bin, magic, sizeof magic);
	ssh_put_text(&bin, "none");
	ssh_put_text(&bin, "none");
	ssh_put_text(&bin, "");
	ssh_put_u32(&bin, 1);
	ssh_put_pk(&bin, pk);
	ssh_put_string(&bin, key.p, key.n);
	ssh_armor(out, label, bin.p, bin.n);
	buf_free(&key);
	buf_free(&bin);
}

/* The private section: one Ed25519 key whose halves belong together. A stored public half that
 * is not the seed's would make signatures that give the secret away. */
static int
read_section(uint8_t sk[64], struct buf *comment, const uint8_t public_pk[32], struct ssh_in in,
    struct err *e)
{
	uint32_t one = ssh_get_u32(&in), two = ssh_get_u32(&in);
	struct ssh_in pk, secret, text;
	uint8_t again_pk[32], again[64];
	int rc = 0;

	if (!in.p || one != two || !ssh_get_text(&in, SSH_ED25519))
		return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	pk = ssh_get_string(&in);
	secret = ssh_get_string(&in);
	text = ssh_get_string(&in);
	if (!text.p || pk.n != 32 || secret.n != 64 || memchr(text.p, 0, text.n) || in.n >= BLOCK)
		return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] != i + 1)
			return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	crypto_sign_ed25519_seed_keypair(again_pk, again, secret.p);
	if (sodium_memcmp(again, secret.p, 64) != 0 || memcmp(again_pk, pk.p, 32) != 0 ||
	    memcmp(again_pk, public_pk, 32) != 0) {
		rc = err_set(e, ERR_INVALID,
		    _("the private key block's public and private halves do not belong together"));
		goto done;
	}
	memcpy(sk, again, 64);
	if (comment)
		buf_add(comment, text.p, text.n);
done:
	secret_wipe(again, sizeof again);
	return rc;
}

static int
read_block(uint8_t sk[64], struct buf *comment, struct ssh_in in, struct err *e)
{
	struct ssh_in cipher, kdf, options, blob, section;
	uint8_t pk[32];
	uint32_t keys;

	if (in.n < sizeof magic || memcmp(in.p, magic, sizeof magic) != 0)
		return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	in.p += sizeof magic;
	in.n -= sizeof magic;
	cipher = ssh_get_string(&in);
	kdf = ssh_get_string(&in);
	options = ssh_get_string(&in);
	keys = ssh_get_u32(&in);
	if (!in.p || keys != 1)
		return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	if (cipher.n != 4 || memcmp(cipher.p, "none", 4) != 0)
		return err_set(e, ERR_USAGE,
		    _("this SSH key has a passphrase of its own; make a copy"
		      " without one first (ssh-keygen -p)"));
	if (kdf.n != 4 || memcmp(kdf.p, "none", 4) != 0 || options.n != 0)
		return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	blob = ssh_get_string(&in);
	if (blob.p && !ssh_get_text(&blob, SSH_ED25519))
		return err_set(e, ERR_USAGE,
		    _("only Ed25519 keys can be used; this one is of another"
		      " type"));
	blob = ssh_get_string(&blob);
	section = ssh_get_string(&in);
	if (!blob.p || blob.n != 32 || !section.p || section.n % BLOCK != 0 || in.n != 0)
		return err_set(e, ERR_INVALID, _("the private key block is malformed"));
	memcpy(pk, blob.p, 32);
	return read_section(sk, comment, pk, section, e);
}

int
ssh_private_read(
    uint8_t sk[64], struct buf *comment, size_t *used, const char *s, size_t n, struct err *e)
{
	const char *from = memmem(s, n, begin, sizeof begin - 1);
	struct buf bin = {0};
	size_t size = 0;
	int rc = 0;

	secret_init();
	while (from && from != s && from[-1] != '\n')
		from = memmem(from + 1, n - (size_t)(from + 1 - s), begin, sizeof begin - 1);
	if (!from)
		return err_set(e, ERR_INVALID, _("there is no OpenSSH private key block"));
	if (!ssh_unarmor(&bin, &size, label, from, n - (size_t)(from - s)))
		rc = err_set(e, ERR_INVALID, _("the private key block is malformed"));
	else
		rc = read_block(sk, comment, (struct ssh_in){(uint8_t *)bin.p, bin.n}, e);
	if (!rc && used)
		*used = (size_t)(from - s) + size;
	buf_free(&bin);
	return rc;
}

int
ssh_private_parse(uint8_t sk[64], const char *s, size_t n, struct err *e)
{
	return ssh_private_read(sk, NULL, NULL, s, n, e);
}

void
ssh_public_format(char out[SSH_PUBLIC_TEXT], const uint8_t pk[32])
{
	struct buf blob = {0};
	char text[SSH_BLOB / 3 * 4 + 1];

	ssh_put_text(&blob, SSH_ED25519);
	ssh_put_string(&blob, pk, 32);
	sodium_bin2base64(
	    text, sizeof text, (uint8_t *)blob.p, blob.n, sodium_base64_VARIANT_ORIGINAL);
	snprintf(out, SSH_PUBLIC_TEXT, SSH_ED25519 " %s", text);
	buf_free(&blob);
}

int
ssh_public_parse(uint8_t pk[32], const char *s, struct err *e)
{
	enum { TYPE = sizeof SSH_ED25519 };
	uint8_t blob[SSH_BLOB];
	struct ssh_in in = {blob, sizeof blob};
	size_t n = 0;

	if (strncmp(s, SSH_ED25519 " ", TYPE) != 0)
		return err_set(e, ERR_INVALID, _("is not an Ed25519 public key (ssh-ed25519 ...)"));
	if (!base64_decode(blob, sizeof blob, &n, s + TYPE, strlen(s + TYPE), true) ||
	    n != sizeof blob || !ssh_get_text(&in, SSH_ED25519))
		return err_set(e, ERR_INVALID, _("is not an Ed25519 public key (ssh-ed25519 ...)"));
	in = ssh_get_string(&in);
	if (!in.p || in.n != 32)
		return err_set(e, ERR_INVALID, _("is not an Ed25519 public key (ssh-ed25519 ...)"));
	memcpy(pk, in.p, 32);
	return 0;
}
