#include "trail/walked.h"

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
#include "crypt/ssh.h"
#include "trail/words.h"

int
walk_setup(void **state)
{
	struct store *s = xcalloc(1, sizeof *s);

	store_new(s);
	*state = s;
	return 0;
}

int
walk_teardown(void **state)
{
	store_free(*state);
	free(*state);
	return 0;
}

void
walk_short(char out[13], const struct oid *id)
{
	char hex[41];

	oid_format(hex, id);
	memcpy(out, hex, 12);
	out[12] = '\0';
}

/* Verifies `tip`; prints what failed so that a broken test says why. */
struct trail_report
walk_verified(struct store *s, const struct oid *tip)
{
	struct trail_options opt = {0};
	struct trail_report r = {0};
	struct err e = {0};

	assert_int_equal(trail_verify(&r, s->g, tip, &opt, &e), 0);
	return r;
}

void
walk_good(struct store *s, size_t commits)
{
	struct trail_report r = walk_verified(s, &s->head);

	for (size_t i = 0; i < r.nfailures; i++)
		print_message("# %s\n", r.failures[i].message);
	assert_int_equal(r.nfailures, 0);
	assert_int_equal(r.nnotices, 0);
	assert_int_equal(r.commits, commits);
	trail_report_free(&r);
}

/* Exactly one failure: of this commit, this rule, with this text (and path) in it. */
void
walk_one(struct store *s, const struct oid *tip, const struct oid *commit,
    enum policy_rule rule, const char *path, const char *text)
{
	struct trail_report r = walk_verified(s, tip);
	struct buf m = {0};
	char hex[13];

	if (r.nfailures != 1 || r.failures[0].rule != rule ||
	    !oid_equal(&r.failures[0].commit, commit)) {
		for (size_t i = 0; i < r.nfailures; i++)
			print_message("# %s\n", r.failures[i].message);
		fail_msg("expected one failure, %s (%s)", policy_rule_name(rule), text);
	}
	walk_short(hex, commit);
	buf_printf(&m, "commit %s, rule %s: ", hex, policy_rule_name(rule));
	if (path)
		buf_printf(&m, "%s: ", path);
	buf_printf(&m, "%s. %s", text, policy_rule_meaning(rule));
	assert_string_equal(r.failures[0].message, buf_str(&m));
	buf_free(&m);
	trail_report_free(&r);
	words_in_swedish(1);
	r = walk_verified(s, tip);
	words_in_swedish(0);
	/* a hash comes before the rule, and in the end the meaning */
	for (char *at = r.failures[0].message, *end; (at = strstr(at, hex)); at = end) {
		end = at + strlen(hex);
		memset(at, 'x', strlen(hex));
	}
	words_add(policy_rule_name(rule), text, r.failures[0].message);
	trail_report_free(&r);
}

void
walk_read(struct store *s, struct buf *raw, struct commit *c, const struct oid *id)
{
	struct objects o = objects_of_git(s->g);
	struct err e = {0};
	uint8_t sha[32];

	assert_int_equal(trail_load(&o, raw, c, sha, id, &e), 0);
}

/* Fields as given, trail too, signed by `by`: what a dishonest program would make. */
struct oid
walk_forge(struct store *s, const struct commit *c, const struct who *by)
{
	struct buf bare = {0}, armor = {0}, raw = {0};
	struct oid id;

	commit_format(&bare, c);
	sshsig_sign(&armor, by->sk, "git", bare.p, bare.n);
	commit_add_signature(&raw, bare.p, bare.n, buf_str(&armor));
	id = store_raw(s, raw.p, raw.n);
	buf_free(&bare);
	buf_free(&armor);
	buf_free(&raw);
	return id;
}

/* Three saves by anna, bo joins, bo's work on one side and anna's on the other, merged. */
size_t
walk_history(struct store *s)
{
	struct oid base, left, right, merged, tree;

	store_save(s, "placement-aaaaaaaa.yaml.age", 1);
	store_save(s, "placement-bbbbbbbb.yaml.age", 1);
	store_save(s, "placement-aaaaaaaa.yaml.age", 2);
	store_add_bo(s);
	base = s->tree;
	tree = base;
	store_record(s, &tree, "placement-cccccccc.yaml.age", 1);
	left = store_sign(s, &s->bo, &tree, &s->head, NULL, "save");
	merged = tree;
	tree = base;
	store_record(s, &tree, "placement-dddddddd.yaml.age", 1);
	right = store_sign(s, &s->anna, &tree, &s->head, NULL, "save");
	/* the merge holds both sides' new files */
	{
		struct objects o = objects_of_git(s->g);
		struct buf text = {0};
		struct err e = {0};
		const char *path = "records/0/a/0a1b2c3d4e/placement-dddddddd.yaml.age";

		assert_int_equal(objects_file(&o, &text, NULL, &tree, path, &e), 0);
		store_put(s, &merged, path, text.p, text.n);
		buf_free(&text);
	}
	left = store_sign(s, &s->bo, &merged, &left, &right, "merge");
	store_move(s, &left, &merged);
	return 8;
}

char *
walk_loose(const struct store *s, const struct oid *id)
{
	char hex[41];

	oid_format(hex, id);
	return xasprintf("%s/repo.git/objects/%.2s/%s", s->folder, hex, hex + 2);
}

void
walk_reopen(struct store *s)
{
	char *path = xasprintf("%s/repo.git", s->folder);
	struct err e = {0};

	git_close(s->g);
	assert_int_equal(git_open(&s->g, path, false, &e), 0);
	free(path);
}

void
walk_lose(struct store *s, const struct oid *id)
{
	char *path = walk_loose(s, id);

	assert_int_equal(remove(path), 0);
	free(path);
	walk_reopen(s);
}

/* Another object's bytes under this id. */
void
walk_swap(struct store *s, const struct oid *id, const struct oid *other)
{
	char *to = walk_loose(s, id), *from = walk_loose(s, other);

	assert_int_equal(repo_run(NULL, "chmod u+w %s && cp %s %s", to, from, to), 0);
	free(to);
	free(from);
	walk_reopen(s);
}

int
walk_each(void *ctx, const struct oid *id, const struct commit *c, const uint8_t trail[32],
    const uint8_t raw_sha256[32])
{
	struct walk_log *l = ctx;

	(void)raw_sha256;
	assert_memory_equal(c->trail, trail, 32);
	if (l->n == 0)
		memcpy(l->first, trail, 32);
	memcpy(l->last, trail, 32);
	l->ids[l->n++] = *id;
	return l->n == l->stop_at ? 77 : 0;
}
