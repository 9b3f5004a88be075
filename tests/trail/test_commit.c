#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "trail/commit.h"

#define TREE "1111111111111111111111111111111111111111"
#define P1 "2222222222222222222222222222222222222222"
#define P2 "3333333333333333333333333333333333333333"
#define TRAIL "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define WHO "anna <anna@7k3f9q2m1x> 1700000000 +0000"
#define SIG \
	"gpgsig -----BEGIN SSH SIGNATURE-----\n" \
	" U1NIU0lHAAAAAQ==\n" \
	" -----END SSH SIGNATURE-----\n"

static const char good[] =
    "tree " TREE "\n"
    "parent " P1 "\n"
    "parent " P2 "\n"
    "author " WHO "\n"
    "committer " WHO "\n" SIG "\n"
    "akt: merge\n"
    "\n"
    "Akt-Merge: 1\n"
    "Akt-Trail: 1 " TRAIL "\n";

/* Replaces the first `from` in the good commit. */
static char *
mutate(const char *from, const char *to, size_t to_n, size_t *n)
{
	const char *at = strstr(good, from);
	struct buf b = {0};

	assert_non_null(at);
	buf_add(&b, good, (size_t)(at - good));
	buf_add(&b, to, to_n);
	buf_puts(&b, at + strlen(from));
	*n = b.n;
	return buf_take(&b);
}

static void
reads_a_merge(void **state)
{
	struct commit c;
	struct err e = {0};

	(void)state;
	assert_int_equal(commit_parse(&c, good, sizeof good - 1, &e), 0);
	assert_int_equal(c.tree.b[0], 0x11);
	assert_int_equal(c.nparents, 2);
	assert_int_equal(c.parent[1].b[19], 0x33);
	assert_string_equal(c.handle, "anna");
	assert_string_equal(c.store_id, "7k3f9q2m1x");
	assert_int_equal(c.time, 1700000000);
	assert_string_equal(c.verb, "merge");
	assert_int_equal(c.merge_rules, 1);
	assert_int_equal(c.trail[31], 0xaa);
	assert_memory_equal(good + c.sig_at, SIG, strlen(SIG));
	assert_int_equal(c.sig_n, strlen(SIG));
}

static void
refuses(void **state)
{
	/* {what is replaced, by what, message, line} */
	static const struct {
		const char *from, *to, *text;
		unsigned line;
	} rows[] = {
		{"tree ", "treE ", "the commit does not begin with its tree", 1},
		{"tree " TREE, "tree " P1 "0", "the tree's id is not 40 lower-case hex digits", 1},
		{"tree 11", "tree 1A", "the tree's id is not 40 lower-case hex digits", 1},
		{"tree 11", "tree  1", "the tree's id is not 40 lower-case hex digits", 1},
		{"tree " TREE "\n", "", "the commit does not begin with its tree", 1},
		{"tree " TREE "\n", "tree " TREE "\ntree " TREE "\n",
			"the commit has no author after its tree and parents", 2},
		{"parent 22", "parent 2B", "a parent's id is not 40 lower-case hex digits", 2},
		{"parent " P1, "parent " P1 " ", "a line of the commit ends in a space", 2},
		{"parent " P1, "parent " P2, "the commit names the same parent twice", 3},
		{"parent " P1, "parent " P1 "\nparent " TREE, "the commit has more than two parents", 4},
		{"parent " P1 "\n", "", "the commit claims to be a merge but has not two parents", 11},
		{"author " WHO "\n", "", "the commit has no author after its tree and parents", 4},
		{"author anna", "author  anna", "the author's name is no handle", 4},
		{"author anna", "author Anna", "the author's name is no handle", 4},
		{"author anna", "author an na", "the author's name is no handle", 4},
		{"author anna", "author a12345678901234567890123456789012",
			"the author's name is no handle", 4},
		{"author anna <", "author anna<",
			"the author line is not `handle <handle@store> time zone`", 4},
		{"author anna <", "author <",
			"the author line is not `handle <handle@store> time zone`", 4},
		{"author anna <", "author  <", "the author's name is no handle", 4},
		{"x> 17", "x 17", "the author line is not `handle <handle@store> time zone`", 4},
		{"x> 17", "x>17", "the author line is not `handle <handle@store> time zone`", 4},
		{"<anna@", "<bo@", "the author's address is not `handle@store` of the same handle", 4},
		{"<anna@", "<annx@", "the author's address is not `handle@store` of the same handle", 4},
		{"<anna@", "<anna.", "the author's address is not `handle@store` of the same handle", 4},
		{"@7k3f9q2m1x>", "@7k3f9q2m1>",
			"the author's address is not `handle@store` of the same handle", 4},
		{"@7k3f9q2m1x>", "@7k3f9q2m1u>", "the author's address names no store id", 4},
		{"@7k3f9q2m1x>", "@7K3f9q2m1x>", "the author's address names no store id", 4},
		{"1700000000", "-1700000000", "the commit is dated before 1970", 4},
		{"1700000000", "01700000000", "the commit's time is not a plain number of seconds", 4},
		{"1700000000", "+1700000000", "the commit's time is not a plain number of seconds", 4},
		{"1700000000", " 1700000000", "the commit's time is not a plain number of seconds", 4},
		{"1700000000", "0x17", "the commit's time zone is not +0000 (UTC)", 4},
		{"1700000000", "253402300800", "the commit is dated after the year 9999", 4},
		{"1700000000", "99999999999999999999999999", "the commit is dated after the year 9999", 4},
		{"+0000", "+0100", "the commit's time zone is not +0000 (UTC)", 4},
		{"+0000", "-0000", "the commit's time zone is not +0000 (UTC)", 4},
		{"+0000", "+00000", "the commit's time zone is not +0000 (UTC)", 4},
		{" +0000", "", "the commit's time zone is not +0000 (UTC)", 4},
		{"committer " WHO "\n", "", "the commit has no committer after its author", 5},
		{"committer anna", "committer anne",
			"the committer is not the author, or at another time", 5},
		{"committer " WHO, "committer anna <anna@7k3f9q2m1x> 1700000001 +0000",
			"the committer is not the author, or at another time", 5},
		{"committer anna", "committer  anna",
			"the committer is not the author, or at another time", 5},
		{SIG, "", "the commit has no signature after its committer", 6},
		{SIG, "encoding UTF-8\n" SIG,
			"the commit has an encoding header, which Akt never writes", 6},
		{SIG "\n", SIG "encoding UTF-8\n\n",
			"the commit has an encoding header, which Akt never writes", 9},
		{SIG "\n", SIG "mergetag object " P1 "\n\n",
			"the commit has a mergetag header, which Akt never writes", 9},
		{SIG, "mergetag object " P1 "\n" SIG,
			"the commit has a mergetag header, which Akt never writes", 6},
		{SIG "\n", SIG "HG:extra x\n\n", "the commit has a header that Akt never writes", 9},
		{SIG "\n", SIG "gpgsigx y\n\n", "the commit has a header that Akt never writes", 9},
		{SIG, SIG SIG, "the commit has more than one signature", 9},
		{SIG, "gpgsig-sha256 x\n" SIG, "the commit has a second kind of signature header "
			"(gpgsig-...), which git would leave out of what is signed", 6},
		{SIG "\n", SIG "gpgsig-sha256 x\n\n", "the commit has a second kind of signature header "
			"(gpgsig-...), which git would leave out of what is signed", 9},
		{"committer ", "gpgsig-x y\ncommitter ", "the commit has a second kind of signature "
			"header (gpgsig-...), which git would leave out of what is signed", 5},
		{"BEGIN SSH", "BEGIN PGP", "the commit's signature is not an SSH signature", 6},
		{" -----END SSH SIGNATURE-----\n", "", "the commit's signature has no end line", 8},
		{" U1NIU0lHAAAAAQ==\n", "U1NIU0lHAAAAAQ==\n", "the commit's signature has no end line", 7},
		{" -----END SSH SIGNATURE-----\n", " -----END SSH SIGNATURE-----\n x\n",
			"the commit's signature goes on after its end line", 9},
		{" U1NIU0lHAAAAAQ==\n", " \n", "a line of the commit ends in a space", 7},
		{"\n\nakt: ", "\nakt: ", "the commit has a header that Akt never writes", 9},
		{"akt: merge\n\n", "\nakt: merge\n\n", "the message does not begin with `akt: `", 10},
		{"akt: ", "Akt: ", "the message does not begin with `akt: `", 10},
		{"akt: merge", "akt: Merge", "the message's verb is not 1 to 32 of a-z, 0-9 and `-`", 10},
		{"akt: merge", "akt: me rge", "the message's verb is not 1 to 32 of a-z, 0-9 and `-`", 10},
		{"akt: merge", "akt:  merge", "the message's verb is not 1 to 32 of a-z, 0-9 and `-`", 10},
		{"akt: merge", "akt: mergemergemergemergemergemergemerg",
			"the message's verb is not 1 to 32 of a-z, 0-9 and `-`", 10},
		{"akt: merge", "akt: merge ", "a line of the commit ends in a space", 10},
		{"akt: merge\n\n", "akt: merge\n", "the message has no empty line after its first", 11},
		{"akt: merge\n\n", "akt: merge\n\n\n",
			"the merge does not name its rules (Akt-Merge)", 12},
		{"Akt-Merge: 1\n", "", "the merge does not name its rules (Akt-Merge)", 12},
		{"Akt-Merge: 1", "Akt-Merge: 2", "the merge was made by rules that this program does not "
			"know; a newer akt may", 12},
		{"Akt-Merge: 1", "Akt-Merge: 01", "the merge was made by rules that this program does not "
			"know; a newer akt may", 12},
		{"Akt-Merge: 1\n", "Akt-Merge: 1\nAkt-Merge: 1\n",
			"the message has a line where only its trail value may stand", 13},
		{"Akt-Merge: 1\n", "Akt-Merge: 1\nSigned-off-by: x\n",
			"the message has a line where only its trail value may stand", 13},
		{"Akt-Trail: 1 " TRAIL "\n", "",
			"the message has a line where only its trail value may stand", 13},
		{"Akt-Trail: 1 ", "Akt-Trail: 2 ", "the trail value is of a version that this program does "
			"not know; a newer akt may", 13},
		{"Akt-Trail: 1 ", "Akt-Trail:1 ", "the trail value is of a version that this program does "
			"not know; a newer akt may", 13},
		{"Akt-Trail: 1 a", "Akt-Trail: 1 A", "the trail value is not 64 lower-case hex digits", 13},
		{"Akt-Trail: 1 a", "Akt-Trail: 1 ", "the trail value is not 64 lower-case hex digits", 13},
		{"Akt-Trail: 1 a", "Akt-Trail: 1 aa", "the trail value is not 64 lower-case hex digits", 13},
		{TRAIL "\n", TRAIL "\n\n", "the message goes on after its trail value", 14},
		{TRAIL "\n", TRAIL "\nAkt-Trail: 1 " TRAIL "\n",
			"the message goes on after its trail value", 14},
		{TRAIL "\n", TRAIL, "the last line of the commit does not end in a line feed", 13},
		{"akt: merge\n", "akt: merge\r\n", "the commit contains a carriage return", 10},
		{"akt: merge", "akt: m\xc3\xa9rge", "the commit contains a byte that is not ASCII", 10},
		{"akt: merge", "akt: m\trge", "the commit contains a control character", 10},
		{"akt: merge", "akt: m\x7frge", "the commit contains a control character", 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct commit c = {.time = 77};
		struct err e = {0};
		size_t n;
		char *raw = mutate(rows[i].from, rows[i].to, strlen(rows[i].to), &n);
		int rc = commit_parse(&c, raw, n, &e);

		if (rc != ERR_DAMAGED || strcmp(e.item[0].text, rows[i].text) != 0 ||
		    e.item[0].line != rows[i].line || e.n != 1)
			fail_msg("row %zu (%s): %d, line %u: %s", i, rows[i].to, rc, e.item[0].line,
			    e.item[0].text);
		assert_int_equal(c.time, 77); /* untouched on failure */
		free(raw);
	}
}

static void
refuses_nul_empty_and_huge(void **state)
{
	struct commit c;
	struct err e = {0};
	size_t n;
	char *raw = mutate("akt: merge", "akt: m\0rge", 10, &n), *huge;

	(void)state;
	assert_int_equal(commit_parse(&c, raw, n, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "the commit contains a NUL byte");
	assert_int_equal(e.item[0].line, 10);
	free(raw);
	err_clear(&e);
	raw = mutate(TRAIL "\n", TRAIL "\n\0", strlen(TRAIL) + 2, &n);
	assert_int_equal(commit_parse(&c, raw, n, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "the commit contains a NUL byte");
	free(raw);
	err_clear(&e);
	assert_int_equal(commit_parse(&c, "", 0, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "the commit is empty");
	err_clear(&e);
	huge = xmalloc(COMMIT_MAX + 1);
	memset(huge, 'a', COMMIT_MAX + 1);
	assert_int_equal(commit_parse(&c, huge, COMMIT_MAX + 1, &e), ERR_DAMAGED);
	assert_string_equal(e.item[0].text, "the commit is larger than 64 KiB");
	free(huge);
}

/* Every proper prefix is refused: nothing is read past the end (ASan), nothing is optional. */
static void
refuses_every_prefix(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof good - 1; n++) {
		struct commit c;
		struct err e = {0};
		char *raw = xmalloc(n + 1);

		memcpy(raw, good, n);
		assert_int_equal(commit_parse(&c, raw, n, &e), ERR_DAMAGED);
		assert_int_equal(e.n, 1);
		free(raw);
	}
}

/* What is accepted is exactly what the fields write. */
static void
format_gives_the_bytes_back(void **state)
{
	static const char root[] =
	    "tree " TREE "\n"
	    "author recovery <recovery@0000000000> 0 +0000\n"
	    "committer recovery <recovery@0000000000> 0 +0000\n" SIG "\n"
	    "akt: init\n"
	    "\n"
	    "Akt-Trail: 1 " TRAIL "\n";
	const char *both[] = {good, root};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf bare = {0}, armor = {0}, raw = {0}, payload = {0};
		struct commit c;
		struct err e = {0};

		assert_int_equal(commit_parse(&c, both[i], strlen(both[i]), &e), 0);
		commit_format(&bare, &c);
		commit_payload(&payload, both[i], strlen(both[i]), &c);
		assert_string_equal(buf_str(&bare), buf_str(&payload));
		commit_signature(&armor, both[i], &c);
		assert_string_equal(buf_str(&armor), "-----BEGIN SSH SIGNATURE-----\n"
			"U1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n");
		commit_add_signature(&raw, bare.p, bare.n, buf_str(&armor));
		assert_string_equal(buf_str(&raw), both[i]);
		buf_free(&bare);
		buf_free(&armor);
		buf_free(&raw);
		buf_free(&payload);
	}
}

/* Values computed with Python's hashlib. */
static void
trail_values(void **state)
{
	static const char *expected[] = {
		"01345cc90193baab249dad71a55862555dd41d21661189c6d9d04bdc26139cc4",
		"f8cfb33b95d2f8c9472ee2f9369cc16935f1dc27f89b7ab7ec7fab1cb7b4612c",
		"e432fd0b7dd1e300a5442245702f08eb25c5376e4896270cc8b52dc672485cdf",
	};
	uint8_t trail[2][32], sha[2][32], tree[32], out[32];
	char hex[65];

	(void)state;
	memset(trail[0], 1, 32);
	memset(sha[0], 2, 32);
	memset(trail[1], 3, 32);
	memset(sha[1], 4, 32);
	memset(tree, 5, 32);
	for (size_t n = 0; n <= 2; n++) {
		commit_trail(out, n, (const uint8_t(*)[32])trail, (const uint8_t(*)[32])sha, tree);
		hash_hex(hex, out, 32);
		assert_string_equal(hex, expected[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_merge),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_nul_empty_and_huge),
		cmocka_unit_test(refuses_every_prefix),
		cmocka_unit_test(format_gives_the_bytes_back),
		cmocka_unit_test(trail_values),
	};

	return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
