/* verify against forgers who hold a member's keys, and what was written by others than Akt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "proof.h"
#include "tree/node.h"

static void
stock_git_commits(void **state)
{
	struct oid head;
	char *text;

	(void)state;
	proof_copy("S", "X");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main $(git -C X -c user.name=x -c "
		"user.email=x commit-tree -p main -m x 'main^{tree}')"), 0);
	head = proof_rev("X", "main");
	text = xasprintf("commit %s, rule format: ", proof_short_id(&head));
	proof_expect(5, text, ASK(.who = "anna", .where = "X"));
	free(text);
	/* main's own commit without its signature */
	proof_copy("S", "X");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main $(git -C X cat-file commit main | "
		"sed '/^gpgsig/d;/^ /d' | git -C X hash-object -t commit -w --stdin)"), 0);
	proof_expect(5, "rule format: ", ASK(.who = "anna", .where = "X"));
	/* signed over other bytes */
	proof_copy("S", "X");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main $(git -C X cat-file commit main | "
		"sed 's/^akt: [a-z]*/akt: put/' | git -C X hash-object -t commit -w --stdin)"), 0);
	proof_expect(5, "rule signature: ", ASK(.who = "anna", .where = "X"));
}

static void
a_stranger_signs(void **state)
{
	struct forgery f = {.who = "eve", .where = "X", .handle = "anna", .nparents = 1};
	char *text;
	struct oid made;

	(void)state;
	proof_copy("S", "X");
	f.parent[0] = proof_rev("X", "main");
	f.tree = proof_rev("X", "main^{tree}");
	made = proof_forge(&f);
	text = xasprintf("commit %s, rule signer: ", proof_short_id(&made));
	proof_expect(5, text, ASK(.who = "anna", .where = "X"));
	free(text);
}

static void
swapped_records(void **state)
{
	struct forgery f = {.who = "bo", .where = "X", .nparents = 1};
	char *a = proof_record_path("S", proof_record), *b = proof_record_path("S", proof_other), *text;
	struct oid x, y, made;

	(void)state;
	proof_copy("S", "X");
	text = xasprintf("main:%s", a);
	x = proof_rev("X", text);
	free(text);
	text = xasprintf("main:%s", b);
	y = proof_rev("X", text);
	free(text);
	f.parent[0] = proof_rev("X", "main");
	f.tree = proof_rev("X", "main^{tree}");
	f.update[0] = (struct git_update){a, &y};
	f.update[1] = (struct git_update){b, &x};
	f.nupdates = 2;
	made = proof_forge(&f);
	/* without keys nobody can see it */
	proof_expect(0, NULL, ASK(.where = "X"));
	text = xasprintf("commit %s, rule content: %s: is not the name it lies under: moved or swapped. ",
	    proof_short_id(&made), proof_other);
	proof_expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	free(a);
	free(b);
}

/* Someone else's old version put back: it opens and fits its path. */
static void
an_old_version_put_back(void **state)
{
	struct forgery f = {.who = "bo", .where = "X", .nparents = 1};
	char *a = proof_record_path("S", proof_record), *text;
	struct buf first = {0};
	struct oid old, made;

	(void)state;
	proof_copy("S", "X");
	assert_int_equal(run(&first, "git -C X rev-list --first-parent --reverse main -- %s | head -1", a), 0);
	first.p[OID_HEX] = '\0';
	text = xasprintf("%s:%s", first.p, a);
	old = proof_rev("X", text);
	free(text);
	f.parent[0] = proof_rev("X", "main");
	f.tree = proof_rev("X", "main^{tree}");
	f.update[0] = (struct git_update){a, &old};
	f.nupdates = 1;
	made = proof_forge(&f);
	text = xasprintf("commit %s, rule content: %s: it names another author than the one who signed it",
	    proof_short_id(&made), proof_record);
	proof_expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	/* his own: then the time tells */
	text = xasprintf("git -C T rev-list --all --author='^bo ' --no-merges -- %s", a);
	buf_reset(&first);
	assert_int_equal(run(&first, "%s | tail -1", text), 0);
	free(text);
	first.p[OID_HEX] = '\0';
	proof_copy("S", "X");
	text = xasprintf("%s:%s", first.p, a);
	old = proof_rev("X", text);
	free(text);
	f.time = date_now() + 5;
	proof_forge(&f);
	proof_expect(5, "it names another time than the commit that brought it",
	    ASK(.who = "anna", .where = "X", .content = true));
	buf_free(&first);
	free(a);
}

/* What bo's store says of the last conflict's merge, its parents and record. */
static void
forge_merge(struct oid *made, const char *where, const struct oid *blob)
{
	struct forgery f = {.who = "bo", .where = where, .nparents = 2};
	char *a = proof_record_path("S", proof_record);
	struct oid merge = proof_rev("S", "main");

	assert_int_equal(run(NULL, "git -C S rev-parse main^2"), 0);
	f.parent[0] = proof_rev("S", "main^1");
	f.parent[1] = proof_rev("S", "main^2");
	f.tree = proof_rev("S", "main^{tree}");
	f.update[0] = (struct git_update){a, blob};
	f.nupdates = 1;
	*made = proof_forge(&f);
	assert_false(oid_equal(made, &merge));
	free(a);
}

static void
merges_that_lie(void **state)
{
	char *a = proof_record_path("S", proof_record), *text = xasprintf("main^1:%s", a);
	struct oid parents_own, altered, made;
	struct buf refused = {0};
	struct err e = {0};

	(void)state;
	/* one side's version stands, the other's is gone */
	proof_copy("S", "X");
	parents_own = proof_rev("S", text);
	free(text);
	forge_merge(&made, "X", &parents_own);
	proof_expect(0, NULL, ASK(.where = "X"));
	text = xasprintf("commit %s, rule content: %s: the merge keeps one side's version and drops the "
		"other's", proof_short_id(&made), proof_record);
	proof_expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	/* new content that is not what merging gives: sealed by the program itself, in a copy of bo's */
	proof_copy("T", "X");
	proof_set("bo", "X", proof_record, "title", "neither");
	text = xasprintf("main:%s", a);
	altered = proof_rev("X", text);
	free(text);
	forge_merge(&made, "X", &altered);
	proof_expect(0, NULL, ASK(.where = "X"));
	text = xasprintf("commit %s, rule content: %s: the merge holds something else than merging both sides",
	    proof_short_id(&made), proof_record);
	proof_expect(5, text, ASK(.who = "bo", .where = "X", .content = true));
	free(text);
	/* and a machine that fetches it refuses the hub: anna's as she was before the merge */
	proof_copy("hub", "hub.good");
	proof_copy("S", "S.before");
	assert_int_equal(run(NULL, "git -C S.before update-ref refs/heads/main main^2 && "
		"git -C S.before for-each-ref --format='%%(refname)' refs/akt/hub | "
		"xargs -n1 git -C S.before update-ref -d && "
		"git -C X push -q -f %s/hub main:main", run_folder), 0);
	assert_int_equal(proof_try_sync("anna", "S.before", &e), ERR_DAMAGED);
	for (int i = 0; i < e.n; i++)
		buf_puts(&refused, e.item[i].text);
	text = xasprintf("the hub is refused, and nothing of it taken: commit %s: %s: the merge holds "
		"something else than merging both sides gives", proof_short_id(&made), proof_record);
	if (!strstr(buf_str(&refused), text))
		print_message("# %s\n", buf_str(&refused));
	assert_non_null(strstr(buf_str(&refused), text));
	free(text);
	proof_copy("hub.good", "hub");
	buf_free(&refused);
	free(a);
}

/* HEAD's control files cannot be read: no command could open the store, verify tells why. */
static void
unreadable_head(void **state)
{
	struct forgery f = {.who = "anna", .where = "X", .nparents = 1};
	struct buf out = {0};
	struct oid blob, made;
	char *text;

	(void)state;
	proof_copy("S", "X");
	assert_int_equal(run(&out, "echo 'nonsense: [' | git -C X hash-object -w --stdin"), 0);
	out.p[OID_HEX] = '\0';
	assert_true(oid_parse(&blob, out.p));
	f.parent[0] = proof_rev("X", "main");
	f.tree = proof_rev("X", "main^{tree}");
	f.update[0] = (struct git_update){"members/bo.yaml", &blob};
	f.nupdates = 1;
	made = proof_forge(&f);
	text = xasprintf("commit %s, rule control: members/bo.yaml: nonsense: a value was expected here",
	    proof_short_id(&made));
	proof_expect(5, text, ASK(.who = "anna", .where = "X"));
	proof_expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	proof_expect(5, "What the records hold could not be looked at.",
	    ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stock_git_commits),
		cmocka_unit_test(a_stranger_signs),
		cmocka_unit_test(swapped_records),
		cmocka_unit_test(an_old_version_put_back),
		cmocka_unit_test(merges_that_lie),
		cmocka_unit_test(unreadable_head),
	};

	return cmocka_run_group_tests_name("forged", tests, proof_world, proof_end);
}
