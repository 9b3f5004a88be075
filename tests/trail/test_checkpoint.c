#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/ssh.h"
#include "trail/repo.h"
#include "trail/verify.h"

static uint8_t sk[64], pk[32];

static void
make(struct buf *out, uint8_t fill)
{
	struct trail_report r = {.commits = 1234};

	memset(r.head.b, fill, sizeof r.head.b);
	memset(r.head_sha256, fill, sizeof r.head_sha256);
	memset(r.trail, fill, sizeof r.trail);
	checkpoint_format(out, "7k3f9q2m1x", &r, 1700000000, "anna.laptop", sk, pk);
}

static int
keys(void **state)
{
	(void)state;
	secret_init();
	ssh_keygen(sk, pk);
	return 0;
}

static void
round_trip(void **state)
{
	/* hex that YAML would read as numbers among them */
	static const uint8_t fills[] = {0xab, 0x12, 0x1e, 0x00, 0x99};

	(void)state;
	for (size_t i = 0; i < sizeof fills; i++) {
		struct buf b = {0};
		struct checkpoint c;
		struct err e = {0};

		make(&b, fills[i]);
		assert_int_equal(checkpoint_parse(&c, b.p, b.n, "note", &e), 0);
		assert_string_equal(c.store_id, "7k3f9q2m1x");
		assert_string_equal(c.device, "anna.laptop");
		assert_int_equal(c.head.b[19], fills[i]);
		assert_int_equal(c.sha256[31], fills[i]);
		assert_int_equal(c.trail[0], fills[i]);
		assert_int_equal(c.count, 1234);
		assert_int_equal(c.time, 1700000000);
		assert_memory_equal(c.signer, pk, 32);
		buf_free(&b);
	}
}

static char *
replaced(const struct buf *b, const char *from, const char *to)
{
	const char *at = strstr(buf_str(b), from);
	struct buf out = {0};

	assert_non_null(at);
	buf_add(&out, b->p, (size_t)(at - b->p));
	buf_puts(&out, to);
	buf_puts(&out, at + strlen(from));
	return buf_take(&out);
}

static void
refuses(void **state)
{
	static const struct {
		const char *from, *to;
		int code;
		const char *text;
	} rows[] = {
		{"count: 1234", "count: 1235", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"store: 7k3f9q2m1x", "store: 7k3f9q2m1y", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"trail: ab", "trail: aa", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"head: ab", "head: ac", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"sha256: ab", "sha256: ac", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"22:13:20", "22:13:21", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"anna.laptop", "anna.laptip", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
		{"akt: 1", "akt: 2", ERR_INVALID, "is of a version that this program does not know"},
		{"akt: 1", "akt: true", ERR_INVALID, "is of a version that this program does not know"},
		{"store: 7k3f9q2m1x", "store: 7k3f9q2m1", ERR_INVALID, "is not a store id"},
		{"head: ab", "head: aB", ERR_INVALID, "is not 40 lower-case hex digits"},
		{"trail: ab", "trail: a", ERR_INVALID, "is not 64 lower-case hex digits"},
		{"sha256: ab", "sha256: aab", ERR_INVALID, "is not 64 lower-case hex digits"},
		{"count: 1234", "count: 0", ERR_INVALID, "is not a number of commits"},
		{"count: 1234", "count: -5", ERR_INVALID, "is not a number of commits"},
		{"count: 1234", "count: many", ERR_INVALID, "is not a number of commits"},
		{"count: 1234", "count: 99999999999999999999", ERR_INVALID, "is not a number of commits"},
		{"count: 1234", "count: [1]", ERR_INVALID, "this field is a single value"},
		{"count: 1234", "count:", ERR_INVALID, "this field is a single value"},
		{"22:13:20Z", "22:13:20", ERR_INVALID, "is not a time (YYYY-MM-DDTHH:MM:SSZ)"},
		{"anna.laptop", "laptop", ERR_INVALID, "is not a device"},
		{"ssh-ed25519", "ssh-rsa", ERR_INVALID, "is not an ssh-ed25519 public key"},
		{"count: 1234\n", "", ERR_INVALID, "the checkpoint lacks this field"},
		{"count: 1234\n", "count: 1234\nmore: 1\n", ERR_INVALID,
			"the checkpoint has a field that does not belong"},
		{"akt: 1\n", "- akt: 1\n", ERR_INVALID, NULL},
		{"BEGIN SSH", "BEGIN PGP", ERR_DAMAGED,
			"the checkpoint's signature is not good: it was altered, or copied wrongly"},
	};
	struct buf b = {0};

	(void)state;
	make(&b, 0xab);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *bad = replaced(&b, rows[i].from, rows[i].to);
		struct checkpoint c = {.count = 77};
		struct err e = {0};
		int rc = checkpoint_parse(&c, bad, strlen(bad), "note", &e);

		if (rc != rows[i].code || c.count != 77 ||
		    (rows[i].text && strcmp(e.item[0].text, rows[i].text) != 0))
			fail_msg("row %zu: %d %s", i, rc, e.n ? e.item[0].text : "");
		assert_string_equal(e.item[0].file, "note");
		free(bad);
	}
	buf_free(&b);
}

static void
positions_and_other_shapes(void **state)
{
	static const char *const texts[] = {"", "\n", "just text", "[]", "{}", "akt: 1\n"};
	struct buf b = {0};
	struct checkpoint c;
	struct err e = {0};
	char *bad;

	(void)state;
	make(&b, 0xab);
	bad = replaced(&b, "count: 1234", "count: none");
	assert_int_equal(checkpoint_parse(&c, bad, strlen(bad), "note", &e), ERR_INVALID);
	assert_int_equal(e.item[0].line, 6);
	assert_int_equal(e.item[0].column, 8);
	assert_string_equal(e.item[0].path, "count");
	free(bad);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		err_clear(&e);
		assert_int_equal(checkpoint_parse(&c, texts[i], strlen(texts[i]), "note", &e),
		    ERR_INVALID);
	}
	err_clear(&e);
	bad = xmalloc(20000);
	memset(bad, '\n', 20000);
	assert_int_equal(checkpoint_parse(&c, bad, 20000, "note", &e), ERR_INVALID);
	assert_string_equal(e.item[0].text, "this is not a checkpoint");
	free(bad);
	buf_free(&b);
}

/* What mail and people do to a note: line ends, a margin, quotes lost or put on. */
static void
survives_mail(void **state)
{
	struct buf b = {0}, crlf = {0};
	struct checkpoint c;
	struct err e = {0};
	char *quoted;

	(void)state;
	make(&b, 0x12);
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '\n')
			buf_putc(&crlf, '\r');
		buf_putc(&crlf, b.p[i]);
	}
	assert_int_equal(checkpoint_parse(&c, crlf.p, crlf.n, "note", &e), 0);
	quoted = replaced(&b, "store: 7k3f9q2m1x", "store: \"7k3f9q2m1x\"");
	assert_int_equal(checkpoint_parse(&c, quoted, strlen(quoted), "note", &e), 0);
	free(quoted);
	/* the row of digits lost its quotes */
	quoted = replaced(&b, "head: '1212121212121212121212121212121212121212'",
	    "head: 1212121212121212121212121212121212121212");
	assert_int_equal(checkpoint_parse(&c, quoted, strlen(quoted), "note", &e), 0);
	free(quoted);
	buf_free(&b);
	buf_free(&crlf);
}

static void
another_signer_or_namespace(void **state)
{
	struct buf b = {0}, armor = {0}, note = {0};
	uint8_t sk2[64], pk2[32];
	struct trail_report r = {.commits = 1};
	struct checkpoint c;
	struct err e = {0};
	const char *at;

	(void)state;
	ssh_keygen(sk2, pk2);
	checkpoint_format(&b, "7k3f9q2m1x", &r, 1700000000, "anna.laptop", sk2, pk);
	assert_int_equal(checkpoint_parse(&c, b.p, b.n, "note", &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text,
	    "the checkpoint was signed by another key than the one it names");
	err_clear(&e);
	/* the same fields, signed as a commit would be */
	at = strstr(buf_str(&b), "signature:");
	sshsig_sign(&armor, sk, "git", b.p, (size_t)(at - b.p));
	buf_add(&note, b.p, (size_t)(at - b.p));
	buf_puts(&note, "signature: |\n");
	for (char *line = strtok(armor.p, "\n"); line; line = strtok(NULL, "\n"))
		buf_printf(&note, "  %s\n", line);
	assert_int_equal(checkpoint_parse(&c, note.p, note.n, "note", &e), ERR_DAMAGED);
	buf_free(&b);
	buf_free(&armor);
	buf_free(&note);
}

/* Without Akt: the lines before `signature` and the signature, given to ssh-keygen. */
static void
stock_tool_checks_it(void **state)
{
	char *folder = repo_folder(), *path = xasprintf("%s/note", folder);
	struct buf b = {0};
	struct err e = {0};

	(void)state;
	make(&b, 0xab);
	assert_int_equal(os_write_file(path, b.p, b.n, 0600, &e), 0);
	assert_int_equal(repo_run(NULL, "cd %s; sed -n '/^signature:/q;p' note >text; "
		"sed '1,/^signature:/d;s/^ *//' note >sig; "
		"ssh-keygen -Y check-novalidate -n akt -s sig <text >/dev/null", folder), 0);
	assert_int_equal(repo_run(NULL, "cd %s; sed -i s/1234/1235/ text; "
		"ssh-keygen -Y check-novalidate -n akt -s sig <text >/dev/null 2>&1", folder), 255);
	buf_free(&b);
	free(path);
	repo_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(round_trip, keys),
		cmocka_unit_test(refuses),
		cmocka_unit_test(positions_and_other_shapes),
		cmocka_unit_test(survives_mail),
		cmocka_unit_test(another_signer_or_namespace),
		cmocka_unit_test(stock_tool_checks_it),
	};

	return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
