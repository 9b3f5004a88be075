/* OpenSSH's key blocks and SSHSIG, against ssh-keygen itself and against bytes made to harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "crypt/help.h"
#include "crypt/ssh.h"
#include "crypt/ssh_wire.h"

static const char key_label[] = "OPENSSH PRIVATE KEY", sig_label[] = "SSH SIGNATURE";
static const char malformed_key[] = "the private key block is malformed";
static const char malformed_sig[] = "the signature is malformed";

static void
test_ours_read_by_ssh_keygen(void **state)
{
	uint8_t *sk = secret_alloc(64), back[64], pk[32];
	struct buf text = {0}, want = {0}, got = {0};
	char public[SSH_PUBLIC_TEXT];

	(void)state;
	/* all lengths of padding */
	for (size_t n = 0; n < 9; n++) {
		char comment[16] = "anna.lap";

		comment[n] = '\0';
		ssh_keygen(sk, pk);
		buf_reset(&text);
		ssh_private_format(&text, sk, comment);
		put_file(in_scratch("ours"), text.p, text.n);
		buf_reset(&got);
		assert_int_equal(run(&got, "ssh-keygen -y -f ours"), 0);
		ssh_public_format(public, pk);
		buf_reset(&want);
		buf_printf(&want, "%s%s%s\n", public, n ? " " : "", comment);
		assert_string_equal(got.p, want.p);
		assert_int_equal(ssh_private_parse(back, text.p, text.n, NULL), 0);
		assert_memory_equal(back, sk, 64);
	}
	buf_free(&text);
	buf_free(&want);
	buf_free(&got);
	secret_free(sk);
}

static void
test_theirs_read_by_us(void **state)
{
	struct buf text = {0}, pub = {0}, comment = {0};
	char public[SSH_PUBLIC_TEXT];
	uint8_t sk[64], *pk = sk + 32;
	size_t used = 0;

	(void)state;
	assert_int_equal(run(NULL, "ssh-keygen -q -t ed25519 -N '' -C 'bo.desk' -f theirs"), 0);
	buf_puts(&text, "text before\n");
	get_file(&text, in_scratch("theirs"));
	buf_puts(&text, "text behind\n");
	get_file(&pub, in_scratch("theirs.pub"));
	assert_int_equal(ssh_private_read(sk, &comment, &used, text.p, text.n, NULL), 0);
	assert_string_equal(comment.p, "bo.desk");
	assert_string_equal(text.p + used, "text behind\n");
	ssh_public_format(public, pk);
	assert_memory_equal(pub.p, public, strlen(public));
	assert_string_equal(pub.p + strlen(public), " bo.desk\n");
	buf_free(&text);
	buf_free(&pub);
	buf_free(&comment);
}

static void
test_keys_refused(void **state)
{
	static const struct {
		const char *how;
		enum err_code code;
		const char *text;
	} table[] = {
	    {"ssh-keygen -q -t ed25519 -N secret -f k", ERR_USAGE,
		"this SSH key has a passphrase of its own; make a copy without one first"
		" (ssh-keygen -p)"},
	    {"ssh-keygen -q -t rsa -b 2048 -N '' -f k", ERR_USAGE,
		"only Ed25519 keys can be used; this one is of another type"},
	    {"ssh-keygen -q -t ecdsa -N '' -f k", ERR_USAGE,
		"only Ed25519 keys can be used; this one is of another type"},
	    {"ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f k", ERR_INVALID,
		"there is no OpenSSH private key block"},
	    {": > k", ERR_INVALID, "there is no OpenSSH private key block"},
	    {"printf ' -----BEGIN OPENSSH PRIVATE KEY-----\\n' > k", ERR_INVALID,
		"there is no OpenSSH private key block"},
	    {"printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\\n' > k", ERR_INVALID, malformed_key},
	    {"printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\\n-----END OPENSSH PRIVATE "
	     "KEY-----\\n'"
	     " > k",
		ERR_INVALID, malformed_key},
	    /* line ends of another system, a space, too much padding */
	    {"ssh-keygen -q -t ed25519 -N '' -f k && sed -i 's/$/\\r/' k", ERR_INVALID,
		"there is no OpenSSH private key block"},
	    {"ssh-keygen -q -t ed25519 -N '' -f k && sed -i '3s/$/ /' k", ERR_INVALID,
		malformed_key},
	    {"ssh-keygen -q -t ed25519 -N '' -f k && sed -i '/END/s/^/=\\n/' k", ERR_INVALID,
		malformed_key},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf text = {0};
		struct err e = {0};
		uint8_t sk[64] = {7}, same[64] = {7};

		assert_int_equal(run(NULL, "rm -f k k.pub; %s", table[i].how), 0);
		get_file(&text, in_scratch("k"));
		assert_int_not_equal(ssh_private_parse(sk, buf_str(&text), text.n, &e), 0);
		assert_err(&e, table[i].code, table[i].text);
		assert_memory_equal(sk, same, 64);
		buf_free(&text);
	}
}

/* A block put together by hand, with one thing wrong in it. */
struct wrong {
	const char *what;
	const char *cipher, *kdf, *options, *type;
	uint32_t keys, check;
	size_t pk_n, pad, junk;
	bool other_public, other_pk, other_half, nul;
	const char *text;
};

static void
make_block(struct buf *out, const struct wrong *w)
{
	uint8_t sk[64], pk[32], other_sk[64], other[32];
	struct buf key = {0}, bin = {0};

	ssh_keygen(sk, pk);
	ssh_keygen(other_sk, other);
	if (w->other_half)
		memcpy(sk + 32, other, 32);
	ssh_put_u32(&key, 5);
	ssh_put_u32(&key, w->check);
	ssh_put_text(&key, w->type);
	ssh_put_string(&key, w->other_pk ? other : pk, w->pk_n);
	ssh_put_string(&key, sk, 64);
	ssh_put_string(&key, w->nul ? "a\0b" : "a.b", 3);
	for (size_t i = 1; key.n % 8 != 0; i++)
		buf_putc(&key, (int)(i == 1 ? w->pad : i));
	buf_add(&bin, "openssh-key-v1", 15);
	ssh_put_text(&bin, w->cipher);
	ssh_put_text(&bin, w->kdf);
	ssh_put_text(&bin, w->options);
	ssh_put_u32(&bin, w->keys);
	ssh_put_pk(&bin, w->other_public ? other : pk);
	ssh_put_string(&bin, key.p, key.n);
	buf_add(&bin, "xxxxxxxx", w->junk);
	ssh_armor(out, key_label, bin.p, bin.n);
	buf_free(&key);
	buf_free(&bin);
}

static void
test_blocks_refused(void **state)
{
#define GOOD                                                                                       \
	.cipher = "none", .kdf = "none", .options = "", .type = "ssh-ed25519", .keys = 1,          \
	.check = 5, .pk_n = 32, .pad = 1
	static const char apart[] =
	    "the private key block's public and private halves do not belong together";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	static const struct wrong table[] = {
	    {"good", GOOD},
	    {"kdf", GOOD, .kdf = "bcrypt", .text = malformed_key},
	    {"options", GOOD, .options = "x", .text = malformed_key},
	    {"no keys", GOOD, .keys = 0, .text = malformed_key},
	    {"two keys", GOOD, .keys = 2, .text = malformed_key},
	    {"check", GOOD, .check = 6, .text = malformed_key},
	    {"type inside", GOOD, .type = "ssh-ed25518", .text = malformed_key},
	    {"short pk", GOOD, .pk_n = 31, .text = malformed_key},
	    {"padding", GOOD, .pad = 9, .text = malformed_key},
	    {"junk", GOOD, .junk = 8, .text = malformed_key},
	    {"nul", GOOD, .nul = true, .text = malformed_key},
	    {"outer pk", GOOD, .other_public = true, .text = apart},
	    {"inner pk", GOOD, .other_pk = true, .text = apart},
	    {"second half", GOOD, .other_half = true, .text = apart},
	};
#pragma GCC diagnostic pop

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf text = {0};
		struct err e = {0};
		uint8_t sk[64];
		int rc;

		make_block(&text, &table[i]);
		rc = ssh_private_parse(sk, text.p, text.n, &e);
		if (!table[i].text)
			assert_int_equal(rc, 0);
		else
			assert_err(&e, ERR_INVALID, table[i].text);
		buf_free(&text);
	}
}

static void
test_public_lines(void **state)
{
	static const char *const bad[] = {"", "ssh-ed25519", "ssh-ed25519 ", "ssh-rsa AAAA",
	    /* a comment, a second space, no padding bits to hide in, the wrong length or type */
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x",
	    "ssh-ed25519  AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n",
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4",
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAHwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE4AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
	    "Ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"};
	static const char good[] =
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
	char again[SSH_PUBLIC_TEXT];
	struct err e = {0};
	uint8_t pk[32];

	(void)state;
	assert_int_equal(ssh_public_parse(pk, good, &e), 0);
	for (int i = 0; i < 32; i++)
		assert_int_equal(pk[i], i);
	ssh_public_format(again, pk);
	assert_string_equal(again, good);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(ssh_public_parse(pk, bad[i], &e), ERR_INVALID);
		assert_err(&e, ERR_INVALID, "is not an Ed25519 public key (ssh-ed25519 ...)");
	}
}

static void
test_signatures_of_ssh_keygen(void **state)
{
	static const char *const hashes[] = {"sha256", "sha512"};
	uint8_t sk[64], pk[32];
	struct buf key = {0}, sig = {0};

	(void)state;
	assert_int_equal(run(NULL, "rm -f s; ssh-keygen -q -t ed25519 -N '' -f s"), 0);
	get_file(&key, in_scratch("s"));
	assert_int_equal(ssh_private_parse(sk, key.p, key.n, NULL), 0);
	for (size_t h = 0; h < 2; h++) {
		for (size_t n = 0; n < 300; n += 149) {
			void *p = sample(n);

			put_file(in_scratch("msg"), p, n);
			buf_reset(&sig);
			assert_int_equal(run(&sig,
					     "ssh-keygen -q -Y sign -f s -n akt -O hashalg=%s"
					     " < msg > msg.sig",
					     hashes[h]),
			    0);
			buf_reset(&sig);
			get_file(&sig, in_scratch("msg.sig"));
			assert_int_equal(sshsig_verify(pk, sig.p, sig.n, "akt", p, n, NULL), 0);
			assert_memory_equal(pk, sk + 32, 32);
			free(p);
		}
	}
	buf_free(&key);
	buf_free(&sig);
}

static void
test_signatures_of_ours(void **state)
{
	uint8_t sk[64], pk[32], who[32];
	struct buf sig = {0}, allowed = {0}, out = {0};
	char public[SSH_PUBLIC_TEXT];

	(void)state;
	ssh_keygen(sk, pk);
	ssh_public_format(public, pk);
	buf_printf(&allowed, "anna@x namespaces=\"git\" %s\n", public);
	put_file(in_scratch("allowed"), allowed.p, allowed.n);
	for (size_t n = 0; n < 300; n += 149) {
		void *p = sample(n);

		buf_reset(&sig);
		sshsig_sign(&sig, sk, "git", p, n);
		put_file(in_scratch("msg"), p, n);
		put_file(in_scratch("msg.sig"), sig.p, sig.n);
		buf_reset(&out);
		assert_int_equal(run(&out,
				     "ssh-keygen -Y verify -f allowed -I anna@x -n git -s msg.sig"
				     " < msg"),
		    0);
		assert_non_null(strstr(out.p, "Good \"git\" signature for anna@x"));
		/* the other namespace is refused by both */
		assert_int_not_equal(
		    run(&out, "ssh-keygen -Y verify -f allowed -I anna@x -n akt -s msg.sig < msg"),
		    0);
		assert_int_equal(sshsig_verify(who, sig.p, sig.n, "git", p, n, NULL), 0);
		assert_memory_equal(who, pk, 32);
		/* the last LF may be missing, as in a commit's header */
		assert_int_equal(sshsig_verify(who, sig.p, sig.n - 1, "git", p, n, NULL), 0);
		free(p);
	}
	buf_free(&sig);
	buf_free(&allowed);
	buf_free(&out);
}

/* Every bit of the blob matters, and so does every byte of the armor. */
static void
test_signature_altered(void **state)
{
	uint8_t sk[64], pk[32], who[32];
	struct buf sig = {0}, bin = {0}, again = {0};
	size_t used = 0;

	(void)state;
	ssh_keygen(sk, pk);
	sshsig_sign(&sig, sk, "akt", "text", 4);
	assert_true(ssh_unarmor(&bin, &used, sig_label, sig.p, sig.n));
	assert_int_equal(bin.n, 173);
	assert_int_equal(used, sig.n);
	for (size_t i = 0; i < bin.n * 8; i++) {
		bin.p[i / 8] ^= (char)(1 << i % 8);
		buf_reset(&again);
		ssh_armor(&again, sig_label, bin.p, bin.n);
		assert_int_equal(
		    sshsig_verify(who, again.p, again.n, "akt", "text", 4, NULL), ERR_DAMAGED);
		bin.p[i / 8] ^= (char)(1 << i % 8);
	}
	for (size_t i = 0; i < bin.n; i++) { /* cut short */
		buf_reset(&again);
		ssh_armor(&again, sig_label, bin.p, i);
		assert_int_equal(
		    sshsig_verify(who, again.p, again.n, "akt", "text", 4, NULL), ERR_DAMAGED);
	}
	for (size_t i = 0; i + 1 < sig.n; i++)
		assert_int_equal(sshsig_verify(who, sig.p, i, "akt", "text", 4, NULL), ERR_DAMAGED);
	buf_free(&sig);
	buf_free(&bin);
	buf_free(&again);
}

struct sig_case {
	const char *ns, *want_ns, *reserved, *hash, *type, *text;
	uint32_t version;
	size_t raw_n, junk;
};

static void
test_signatures_refused(void **state)
{
	static const char other[] = "the signature was made for another purpose",
			  no_ed[] = "the signature is not by an Ed25519 key",
			  unfit[] = "the signature does not fit what was signed";
	static const struct sig_case table[] = {
	    {"akt", "git", "", "sha512", "ssh-ed25519", other, 1, 64, 0},
	    {"", "akt", "", "sha512", "ssh-ed25519", other, 1, 64, 0},
	    {"akt", "akt", "x", "sha512", "ssh-ed25519", malformed_sig, 1, 64, 0},
	    {"akt", "akt", "", "sha384", "ssh-ed25519",
		"the signature uses a hash other than sha256 and sha512", 1, 64, 0},
	    {"akt", "akt", "", "sha512", "ssh-rsa", no_ed, 1, 64, 0},
	    {"akt", "akt", "", "sha512", "ssh-ed25519", malformed_sig, 2, 64, 0},
	    {"akt", "akt", "", "sha512", "ssh-ed25519", malformed_sig, 1, 63, 0},
	    {"akt", "akt", "", "sha512", "ssh-ed25519", malformed_sig, 1, 64, 1},
	    {"akt", "akt", "", "sha512", "ssh-ed25519", unfit, 1, 64, 0},
	    {"akt", "akt", "", "sha256", "ssh-ed25519", unfit, 1, 64, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct sig_case *c = &table[i];
		struct buf sig = {0}, bin = {0}, text = {0};
		uint8_t sk[64], pk[32], raw[64] = {1};
		struct err e = {0};

		ssh_keygen(sk, pk);
		ssh_put_text(&sig, c->type);
		ssh_put_string(&sig, raw, c->raw_n);
		buf_add(&bin, "SSHSIG", 6);
		ssh_put_u32(&bin, c->version);
		ssh_put_pk(&bin, pk);
		ssh_put_text(&bin, c->ns);
		ssh_put_text(&bin, c->reserved);
		ssh_put_text(&bin, c->hash);
		ssh_put_string(&bin, sig.p, sig.n);
		buf_add(&bin, "junk", c->junk);
		ssh_armor(&text, sig_label, bin.p, bin.n);
		assert_int_equal(
		    sshsig_verify(pk, text.p, text.n, c->want_ns, "t", 1, &e), ERR_DAMAGED);
		assert_err(&e, ERR_DAMAGED, c->text);
		buf_puts(&text, "x"); /* text behind the armor */
		sshsig_verify(pk, text.p, text.n, c->want_ns, "t", 1, &e);
		assert_err(&e, ERR_DAMAGED, malformed_sig);
		buf_free(&sig);
		buf_free(&bin);
		buf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ours_read_by_ssh_keygen),
	    cmocka_unit_test(test_theirs_read_by_us),
	    cmocka_unit_test(test_keys_refused),
	    cmocka_unit_test(test_blocks_refused),
	    cmocka_unit_test(test_public_lines),
	    cmocka_unit_test(test_signatures_of_ssh_keygen),
	    cmocka_unit_test(test_signatures_of_ours),
	    cmocka_unit_test(test_signature_altered),
	    cmocka_unit_test(test_signatures_refused),
	};

	return cmocka_run_group_tests_name("ssh", tests, NULL, NULL);
}
