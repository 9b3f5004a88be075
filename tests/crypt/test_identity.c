/* Identity files and cards: what is written can be read by us and by stock tools, all else is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/age.h"
#include "crypt/help.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"

static void
assert_same(const struct identity *a, const struct identity *b)
{
	assert_memory_equal(a, b, sizeof a->sign_sk + sizeof a->sign_pk + 64);
	assert_string_equal(a->id, b->id);
}

static void
test_names(void **state)
{
	static const struct {
		const char *handle, *device;
		bool ok;
	} table[] = {
	    {"a", "b", true},
	    {"anna", "laptop-2_x", true},
	    {"recovery", NULL, true},
	    {"a2345678901234567890123456789012", "b2345678901234567890123456789012", true},
	    {"a23456789012345678901234567890123", "b", false},
	    {"a", "b23456789012345678901234567890123", false},
	    {"", "b", false},
	    {"a", "", false},
	    {"A", "b", false},
	    {"a", "B", false},
	    {"1a", "b", false},
	    {"-a", "b", false},
	    {"a.b", "c", false},
	    {"a", "b.c", false},
	    {"a b", "c", false},
	    {"a{", "c", false},
	    {"a`", "c", false},
	    {"a/", "c", false},
	    {"a:", "c", false},
	    {"a23456789012345678901234567890123a23456789012345678901234567890123", "b", false},
	    {"\xc3\xa5sa", "c", false},
	    {"recovery", "laptop", false},
	    {"anna", NULL, false},
	    {"~anna", "b", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct identity *id = identity_new(table[i].handle, table[i].device);

		assert_int_equal(id != NULL, table[i].ok);
		identity_free(id);
	}
}

static void
test_text(void **state)
{
	static const char *const names[][2] = {{"anna", "laptop"}, {"recovery", NULL}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct identity *id = identity_new(names[i][0], names[i][1]), *back = NULL;
		struct buf text = {0};

		identity_format(&text, id);
		assert_int_equal(identity_parse(&back, text.p, text.n, NULL), 0);
		assert_same(id, back);
		identity_free(back);
		buf_puts(&text, "# a comment\n\n# without LF");
		assert_int_equal(identity_parse(&back, text.p, text.n, NULL), 0);
		assert_same(id, back);
		identity_free(back);
		identity_free(id);
		buf_free(&text);
	}
}

/* A good identity's text, changed in one way. */
static void
test_text_refused(void **state)
{
	static const char two[] = "the identity must hold exactly one AGE-SECRET-KEY-1... line",
			  line[] = "the identity holds a line that is no AGE-SECRET-KEY-1... line",
			  name[] = "the identity's SSH key must have the comment HANDLE.DEVICE",
			  first[] =
			      "this is not an identity: it must begin with an OpenSSH private key";
	static const struct {
		const char *before, *comment, *behind, *text;
		bool no_key;
	} table[] = {
	    {"# x\n", "a.b", "", first, false},
	    {"\n", "a.b", "", first, false},
	    {"", "a.b", "", two, true},
	    {"", "a.b",
		"AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0", two,
		false},
	    {"", "a.b", "hello\n", line, false},
	    {"", "a.b", " \n", line, false},
	    {"", "", "", name, false},
	    {"", "anna", "", name, false},
	    {"", "a.b.c", "", name, false},
	    {"", "recovery.b", "", name, false},
	    {"", "anna@host", "", name, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct identity *id = identity_new("a", "b"), *none = NULL;
		struct buf text = {0};
		char key[AGE_TEXT];
		struct err e = {0};

		buf_puts(&text, table[i].before);
		ssh_private_format(&text, id->sign_sk, table[i].comment);
		age_identity_format(key, id->age_sk);
		if (!table[i].no_key)
			buf_printf(&text, "%s\n", key);
		buf_puts(&text, table[i].behind);
		identity_parse(&none, text.p, text.n, &e);
		assert_err(&e, ERR_INVALID, table[i].text);
		assert_null(none);
		identity_free(id);
		buf_free(&text);
	}
}

static void
test_plain_file(void **state)
{
	struct identity *id = identity_new("anna", "laptop"), *back = NULL;
	const char *path = in_scratch("plain.key");
	char public[SSH_PUBLIC_TEXT], want[512];
	struct buf out = {0};
	struct err e = {0};
	bool locked = true;
	struct stat st;

	(void)state;
	assert_int_equal(identity_save(path, id, NULL, 0, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(identity_locked(&locked, path, &e), 0);
	assert_false(locked);
	assert_int_equal(identity_load(&back, path, NULL, &e), 0);
	assert_same(id, back);
	identity_free(back);
	assert_int_equal(identity_load(&back, path, "not needed", &e), 0);
	identity_free(back);
	back = NULL;

	assert_int_equal(run(&out, "ssh-keygen -y -f plain.key"), 0);
	ssh_public_format(public, id->sign_pk);
	snprintf(want, sizeof want, "%s anna.laptop\n", public);
	assert_string_equal(out.p, want);

	assert_int_equal(identity_save(path, id, NULL, 0, &e), ERR_EXISTS);
	snprintf(want, sizeof want, "%s exists already; nothing was written", path);
	assert_err(&e, ERR_EXISTS, want);

	for (int bits = 1; bits <= 040; bits <<= 1) {
		assert_int_equal(chmod(path, (mode_t)(0600 | bits)), 0);
		identity_load(&back, path, NULL, &e);
		snprintf(want, sizeof want,
		    "%s has no passphrase and others may read it; run chmod 600 on it", path);
		assert_err(&e, ERR_ACCESS, want);
		assert_null(back);
	}
	identity_free(id);
	buf_free(&out);
}

static void
test_locked_file(void **state)
{
	struct identity *id = identity_new("anna", "laptop"), *back = NULL;
	const char *path = in_scratch("locked.key");
	struct buf out = {0}, text = {0};
	char public[SSH_PUBLIC_TEXT], recipient[AGE_TEXT], want[512];
	struct err e = {0};
	bool locked = false;

	(void)state;
	assert_int_equal(identity_save(path, id, "rätt häst", 10, &e), 0);
	assert_int_equal(identity_locked(&locked, path, &e), 0);
	assert_true(locked);
	assert_int_equal(identity_load(&back, path, "rätt häst", &e), 0);
	assert_same(id, back);
	identity_free(back);
	back = NULL;
	identity_load(&back, path, "fel häst", &e);
	assert_err(&e, ERR_ACCESS, "wrong passphrase");
	identity_load(&back, path, NULL, &e);
	snprintf(want, sizeof want, "%s needs its passphrase", path);
	assert_err(&e, ERR_ACCESS, want);
	assert_null(back);

	/* others may read what is locked */
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(identity_load(&back, path, "rätt häst", &e), 0);
	identity_free(back);

	/* the stock tools */
	assert_int_equal(run_expect("spawn age -d -o opened.key locked.key\n"
				    "expect \"passphrase:\"\nsend \"rätt häst\\r\"\nexpect eof\n"
				    "exit [lindex [wait] 3]\n"),
	    0);
	get_file(&text, in_scratch("opened.key"));
	assert_int_equal(identity_parse(&back, text.p, text.n, &e), 0);
	assert_same(id, back);
	identity_free(back);
	assert_int_equal(run(&out, "chmod 600 opened.key && ssh-keygen -y -f opened.key"), 0);
	ssh_public_format(public, id->sign_pk);
	snprintf(want, sizeof want, "%s anna.laptop\n", public);
	assert_string_equal(out.p, want);
	buf_reset(&out);
	assert_int_equal(run(&out, "grep ^AGE-SECRET-KEY-1 opened.key | age-keygen -y"), 0);
	age_recipient_format(recipient, id->age_pk);
	assert_memory_equal(out.p, recipient, strlen(recipient));

	/* a new passphrase, then none */
	assert_int_equal(identity_replace(path, id, "ny", 1, &e), 0);
	assert_int_equal(identity_load(&back, path, "ny", &e), 0);
	assert_same(id, back);
	identity_free(back);
	assert_int_equal(identity_replace(path, id, NULL, 0, &e), 0);
	assert_int_equal(identity_load(&back, path, NULL, &e), 0);
	identity_free(back);
	identity_replace(path, id, "", 10, &e);
	assert_err(&e, ERR_USAGE, "the passphrase is empty");
	identity_replace(path, id, "x", 23, &e);
	assert_err(&e, ERR_USAGE, "the work factor must be 1 to 22");
	assert_int_equal(identity_load(&back, path, NULL, &e), 0); /* still there */
	identity_free(back);
	identity_free(id);
	buf_free(&out);
	buf_free(&text);
}

static void
test_not_an_identity_file(void **state)
{
	struct identity *id = identity_new("a", "b"), *none = NULL;
	const char *path = in_scratch("odd");
	struct buf text = {0}, big = {0};
	char want[512];
	struct err e = {0};
	bool locked;

	(void)state;
	snprintf(want, sizeof want, "cannot open %s: No such file or directory", path);
	identity_locked(&locked, path, &e);
	assert_err(&e, ERR_NOTFOUND, want);
	identity_load(&none, path, NULL, &e);
	assert_err(&e, ERR_NOTFOUND, want);

	snprintf(want, sizeof want, "%s is not an identity file", path);
	/* encrypted to a key, which is how a record begins too */
	age_encrypt(&text, (const uint8_t(*)[32]) & id->age_pk, 1, "x", 1, NULL);
	for (int i = 0; i < 3; i++) {
		put_file(path,
		    i == 0       ? ""
			: i == 1 ? "akt: 1\n"
				 : text.p,
		    i == 0       ? 0
			: i == 1 ? 7
				 : text.n);
		identity_locked(&locked, path, &e);
		assert_err(&e, ERR_INVALID, want);
		identity_load(&none, path, "x", &e);
		assert_err(&e, ERR_INVALID, want);
	}
	/* a passphrase file that holds something else */
	buf_reset(&text);
	age_encrypt_passphrase(&text, "x", 1, "hello", 5, NULL);
	put_file(path, text.p, text.n);
	identity_load(&none, path, "x", &e);
	assert_err(
	    &e, ERR_INVALID, "this is not an identity: it must begin with an OpenSSH private key");
	text.p[text.n - 1] ^= 1;
	put_file(path, text.p, text.n);
	identity_load(&none, path, "x", &e);
	assert_err(&e, ERR_DAMAGED, "the age file's content was altered or cut short");

	memset(buf_room(&big, 70000), 'x', 70000);
	put_file(path, big.p, 70000);
	identity_load(&none, path, NULL, &e);
	assert_err(&e, ERR_INVALID, "larger than 65536 bytes");
	assert_null(none);
	identity_free(id);
	buf_free(&text);
	buf_free(&big);
}

/* --- cards ---------------------------------------------------------------- */

/* libyaml sees one mapping of six pairs, all values plain, quoted or literal strings. */
static void
assert_yaml(const struct buf *card, const char *const value[6])
{
	static const char *const keys[] = {
	    "akt", "handle", "device", "recipient", "signer", "signature"};
	yaml_parser_t parser;
	yaml_document_t doc;
	yaml_node_t *root;

	assert_true(yaml_parser_initialize(&parser));
	yaml_parser_set_input_string(&parser, (const unsigned char *)card->p, card->n);
	assert_true(yaml_parser_load(&parser, &doc));
	root = yaml_document_get_root_node(&doc);
	assert_non_null(root);
	assert_int_equal(root->type, YAML_MAPPING_NODE);
	assert_int_equal(root->data.mapping.pairs.top - root->data.mapping.pairs.start, 6);
	for (int i = 0; i < 6; i++) {
		yaml_node_pair_t *pair = root->data.mapping.pairs.start + i;
		yaml_node_t *k = yaml_document_get_node(&doc, pair->key),
			    *v = yaml_document_get_node(&doc, pair->value);

		assert_string_equal((char *)k->data.scalar.value, keys[i]);
		assert_int_equal(v->type, YAML_SCALAR_NODE);
		if (value[i])
			assert_string_equal((char *)v->data.scalar.value, value[i]);
	}
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
}

/* What a path is that holds no identity, and where none can be made. */
static void
test_places(void **state)
{
	struct identity *id = identity_new("anna", "laptop"), *got = NULL;
	const char *path = in_scratch("loop.key");
	struct err e = {0};
	char want[400];

	(void)state;
	assert_int_equal(symlink("loop.key", path), 0);
	snprintf(want, sizeof want, "cannot open %s: Too many levels of symbolic links", path);
	assert_int_equal(identity_load(&got, path, NULL, &e), ERR_IO);
	assert_err(&e, ERR_IO, want);
	/* a link to nothing is something all the same: what it points to is not made */
	path = in_scratch("nowhere.key");
	assert_int_equal(symlink("gone/gone.key", path), 0);
	snprintf(want, sizeof want, "%s exists already; nothing was written", path);
	assert_int_equal(identity_save(path, id, NULL, 0, &e), ERR_EXISTS);
	assert_err(&e, ERR_EXISTS, want);
	path = in_scratch("one.key");
	put_file(path, "x", 1);
	path = in_scratch("one.key/two.key");
	snprintf(want, sizeof want, "cannot open %s: Not a directory", path);
	assert_int_equal(identity_load(&got, path, NULL, &e), ERR_NOTFOUND);
	assert_err(&e, ERR_NOTFOUND, want);
	assert_int_equal(identity_save(path, id, NULL, 0, NULL), ERR_IO);
	/* a work factor that age itself would not open: nothing is written */
	path = in_scratch("hard.key");
	assert_int_equal(identity_save(path, id, "a passphrase", 60, &e), ERR_USAGE);
	assert_int_equal(access(path, F_OK), -1);
	assert_null(got);
	identity_free(id);
}

static void
test_card(void **state)
{
	static const char *const names[][2] = {
	    {"anna", "laptop"}, {"null", "true"}, {"false", "x-1_"}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct identity *id = identity_new(names[i][0], names[i][1]);
		char recipient[AGE_TEXT], signer[SSH_PUBLIC_TEXT];
		struct buf card = {0};
		struct card c;

		identity_card(&card, id);
		assert_int_equal(card_parse(&c, card.p, card.n, "card.yaml", NULL), 0);
		assert_string_equal(c.handle, names[i][0]);
		assert_string_equal(c.device, names[i][1]);
		assert_string_equal(c.id, id->id);
		assert_memory_equal(c.age_pk, id->age_pk, 32);
		assert_memory_equal(c.sign_pk, id->sign_pk, 32);
		age_recipient_format(recipient, id->age_pk);
		ssh_public_format(signer, id->sign_pk);
		assert_yaml(&card,
		    (const char *const[]){"1", names[i][0], names[i][1], recipient, signer, NULL});
		identity_free(id);
		buf_free(&card);
	}
}

/* ssh-keygen checks a card's signature over the lines before it. */
static void
test_card_by_ssh_keygen(void **state)
{
	struct identity *id = identity_new("anna", "laptop");
	struct buf card = {0}, out = {0};

	(void)state;
	identity_card(&card, id);
	put_file(in_scratch("card.yaml"), card.p, card.n);
	assert_int_equal(run(&out,
			     "sed '/^signature/,$d' card.yaml > fields; sed -n 's/^  //p' "
			     "card.yaml > fields.sig; printf 'anna %%s\\n' \"$(sed -n "
			     "'s/^signer: //p' card.yaml)\" > who; ssh-keygen -Y verify -f who "
			     "-I anna -n akt -s fields.sig < fields"),
	    0);
	assert_non_null(strstr(out.p, "Good \"akt\" signature for anna"));
	identity_free(id);
	buf_free(&card);
	buf_free(&out);
}

static void
test_recovery_has_no_card(void **state)
{
	struct identity *id = identity_new("recovery", NULL);
	struct buf card = {0};

	(void)state;
	identity_card(&card, id);
	assert_int_equal(card.n, 0);
	identity_free(id);
}

static void
replace(struct buf *out, const struct buf *in, const char *from, const char *to)
{
	const char *at = strstr(in->p, from);

	assert_non_null(at);
	buf_add(out, in->p, (size_t)(at - in->p));
	buf_puts(out, to);
	buf_puts(out, at + strlen(from));
}

static void
test_card_refused(void **state)
{
	static const char place[] =
	    "is not in its place: a card has the lines akt, handle, device, recipient, signer,"
	    " signature, each written as `akt id show` does",
			  name[] = "must be 1 to 32 of a-z, 0-9, _ and -, beginning with a letter",
			  written[] = "is not written as `akt id show` writes it",
			  recipient[] = "is not an age recipient (age1...)",
			  signer[] = "is not an Ed25519 public key (ssh-ed25519 ...)",
			  unfit[] = "the signature does not fit what was signed";
	static const struct {
		const char *from, *to, *path, *text;
		unsigned line, column;
		enum err_code code;
	} table[] = {
	    {"akt: 1\n", "", "akt", place, 1, 1, ERR_INVALID},
	    {"akt: 1\n", "# hello\nakt: 1\n", "akt", place, 1, 1, ERR_INVALID},
	    {"akt: 1", "akt: 2", "akt", "is a version that this program does not know", 1, 6,
		ERR_INVALID},
	    {"akt: 1", "akt: 1 ", "akt", "is a version that this program does not know", 1, 6,
		ERR_INVALID},
	    {"akt: 1\n", "akt: 1\r\n", "akt", "is a version that this program does not know", 1, 6,
		ERR_INVALID},
	    {"handle: anna\n", "", "handle", place, 2, 1, ERR_INVALID},
	    {"handle: anna", "handle:  anna", "handle", name, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: Anna", "handle", name, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: \"anna\"", "handle", written, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: null", "handle", written, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: ", "handle", name, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: \"", "handle", name, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: \"anna", "handle", name, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: anna\"", "handle", name, 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: recovery", "handle",
		"must not be the recovery identity's name", 2, 9, ERR_INVALID},
	    {"handle: anna", "handle: bo", "signature", unfit, 6, 1, ERR_DAMAGED},
	    {"device: laptop", "device: a.b", "device", name, 3, 9, ERR_INVALID},
	    {"device: laptop\n", "device: laptop\ndevice: laptop\n", "recipient", place, 4, 1,
		ERR_INVALID},
	    {"recipient: age1", "recipient: age2", "recipient", recipient, 4, 12, ERR_INVALID},
	    {"recipient: age1", "recipient: AGE1", "recipient", recipient, 4, 12, ERR_INVALID},
	    {"signer: ssh-ed25519 ", "signer: ssh-rsa ", "signer", signer, 5, 9, ERR_INVALID},
	    {"signer: ssh-ed25519 ",
		"signer: "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"signer", "is not a public key", 5, 9, ERR_INVALID},
	    {"signature: |", "signature: >", "signature", written, 6, 12, ERR_INVALID},
	    {"signature: |", "signature: |-", "signature", written, 6, 12, ERR_INVALID},
	    {"-----BEGIN", "\n  -----BEGIN", "signature", written, 7, 1, ERR_INVALID},
	    {"signature: |\n", "signer: x\nsignature: |\n", "signature", place, 6, 1, ERR_INVALID},
	    {"  -----BEGIN", " -----BEGIN", "signature", written, 7, 1, ERR_INVALID},
	    {"  -----BEGIN", "   -----BEGIN", "signature", "the signature is malformed", 6, 1,
		ERR_DAMAGED},
	    {"  -----END SSH SIGNATURE-----\n", "  -----END SSH SIGNATURE-----\nmore: 1\n",
		"signature", written, 13, 1, ERR_INVALID},
	    {"  -----END SSH SIGNATURE-----\n", "  -----END SSH SIGNATURE-----", "signature",
		written, 12, 1, ERR_INVALID},
	};
	struct identity *id = identity_new("anna", "laptop");
	struct buf card = {0};

	(void)state;
	identity_card(&card, id);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf bad = {0};
		struct card c = {0};
		struct err e = {0};

		replace(&bad, &card, table[i].from, table[i].to);
		assert_int_equal(card_parse(&c, bad.p, bad.n, "card.yaml", &e), table[i].code);
		assert_int_equal(e.item[0].line, table[i].line);
		assert_int_equal(e.item[0].column, table[i].column);
		assert_string_equal(e.item[0].path, table[i].path);
		assert_string_equal(e.item[0].file, "card.yaml");
		assert_err(&e, table[i].code, table[i].text);
		assert_int_equal(*c.handle, 0);
		buf_free(&bad);
	}
	/* cut short anywhere, one bit changed anywhere */
	for (size_t n = 0; n < card.n; n++) {
		struct card c;

		assert_int_not_equal(card_parse(&c, card.p, n, "card.yaml", NULL), 0);
		card.p[n] ^= 1;
		assert_int_not_equal(card_parse(&c, card.p, card.n, "card.yaml", NULL), 0);
		card.p[n] ^= 1;
	}
	identity_free(id);
	buf_free(&card);
}

/* Somebody's card signed by another: the signature is good, but not the card's own. */
static void
test_card_signed_by_another(void **state)
{
	struct identity *anna = identity_new("anna", "laptop"), *bo = identity_new("bo", "desk");
	struct buf card = {0}, sig = {0}, forged = {0};
	const char *fields_end;
	struct err e = {0};
	struct card c;

	(void)state;
	identity_card(&card, anna);
	fields_end = strstr(card.p, "signature: |\n");
	sshsig_sign(&sig, bo->sign_sk, "akt", card.p, (size_t)(fields_end - card.p));
	buf_add(&forged, card.p, (size_t)(fields_end - card.p));
	buf_puts(&forged, "signature: |\n");
	for (char *line = strtok(sig.p, "\n"); line; line = strtok(NULL, "\n"))
		buf_printf(&forged, "  %s\n", line);
	card_parse(&c, forged.p, forged.n, NULL, &e);
	assert_int_equal(e.item[0].line, 6);
	assert_err(&e, ERR_DAMAGED, "the card is not signed by its own signer");
	identity_free(anna);
	identity_free(bo);
	buf_free(&card);
	buf_free(&sig);
	buf_free(&forged);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_text_refused),
	    cmocka_unit_test(test_plain_file),
	    cmocka_unit_test(test_locked_file),
	    cmocka_unit_test(test_not_an_identity_file),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_card),
	    cmocka_unit_test(test_card_by_ssh_keygen),
	    cmocka_unit_test(test_recovery_has_no_card),
	    cmocka_unit_test(test_card_refused),
	    cmocka_unit_test(test_card_signed_by_another),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
