/* No history is called good, and no good commit a breach, where something of it could not be read: each read of the walk fails in
 * turn. Linked with --wrap=git_read, --wrap=git_commit_links and --wrap=git_walk (Makefile). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "trail/walked.h"

/* The read that fails, counted down; 0: none. What it gives. */
static size_t at, reads;
static int gives;
/* A commit whose file is there, and is never given. */
static const struct oid *kept_back;

static bool
lost(struct err *e)
{
	reads++;
	if (at == 0 || --at > 0)
		return false;
	err_set(e, gives, "the disk gave nothing");
	return true;
}

int __real_git_read(struct git *g, struct buf *out, enum git_type *type, const struct oid *id, struct err *e);
int __wrap_git_read(struct git *g, struct buf *out, enum git_type *type, const struct oid *id, struct err *e);
int
__wrap_git_read(struct git *g, struct buf *out, enum git_type *type, const struct oid *id, struct err *e)
{
	return lost(e) ? gives : __real_git_read(g, out, type, id, e);
}

int __real_git_commit_links(struct git *g, const struct oid *id, struct oid *tree, struct oid parents[2], size_t *n, struct err *e);
int __wrap_git_commit_links(struct git *g, const struct oid *id, struct oid *tree, struct oid parents[2], size_t *n, struct err *e);
int
__wrap_git_commit_links(struct git *g, const struct oid *id, struct oid *tree, struct oid parents[2], size_t *n, struct err *e)
{
	if (kept_back && oid_equal(id, kept_back))
		return err_set(e, ERR_IO, "cannot read the file: I/O error");
	return lost(e) ? gives : __real_git_commit_links(g, id, tree, parents, n, e);
}

int __real_git_walk(struct git *g, struct oid **out, size_t *n, const struct oid *tip, const struct oid *const *hide, size_t nhide,
    struct err *e);
int __wrap_git_walk(struct git *g, struct oid **out, size_t *n, const struct oid *tip, const struct oid *const *hide, size_t nhide,
    struct err *e);
int
__wrap_git_walk(struct git *g, struct oid **out, size_t *n, const struct oid *tip, const struct oid *const *hide, size_t nhide,
    struct err *e)
{
	if (kept_back)
		return err_set(e, ERR_IO, "cannot read the file: I/O error");
	return lost(e) ? gives : __real_git_walk(g, out, n, tip, hide, nhide, e);
}

static void
each_read(struct store *s, int code)
{
	size_t n = walk_history(s), total;
	struct trail_report r = {0};
	struct err e = {0};

	reads = 0;
	walk_good(s, n);
	total = reads;
	assert_true(total > 20);
	for (size_t nth = 1; nth <= total; nth++) {
		struct walk_log l = {0};
		struct trail_options opt = {.each = walk_each, .ctx = &l};
		int rc;

		r = (struct trail_report){0};
		at = nth;
		gives = code;
		rc = trail_verify(&r, s->g, &s->head, &opt, &e);
		at = 0;
		if (!rc && !r.nfailures)
			fail_msg("read %zu of %zu failed, and all is said to be good", nth, total);
		/* the commit it was of is not given on as good; but where only the report lacks what it says of the head */
		assert_true(rc || l.n < n || oid_equal(&r.failures[0].commit, &s->head));
		for (size_t i = 0; i < r.nfailures; i++)
			if (r.failures[i].rule != RULE_DAMAGE)
				fail_msg("read %zu of %zu failed, and that is called %s", nth, total, r.failures[i].message);
		trail_report_free(&r);
		err_clear(&e);
	}
	walk_good(s, n);
}

static void
the_disk_refuses(void **state)
{
	each_read(*state, ERR_IO);
}

static void
an_object_is_gone(void **state)
{
	each_read(*state, ERR_NOTFOUND);
}

static void
an_object_is_damaged(void **state)
{
	each_read(*state, ERR_DAMAGED);
}

/* Not called missing, nor something for the doctor. */
static void
a_commit_is_kept_back(void **state)
{
	struct store *s = *state;
	struct trail_report r;

	walk_history(s);
	kept_back = &s->head;
	r = walk_verified(s, &s->head);
	kept_back = NULL;
	assert_int_equal(r.nfailures, 1);
	assert_true(oid_equal(&r.failures[0].commit, &s->head));
	assert_int_equal(r.failures[0].rule, RULE_DAMAGE);
	assert_non_null(strstr(r.failures[0].message, "rule damage: cannot read the file: I/O error."));
	trail_report_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WALK_TEST(the_disk_refuses),
	    WALK_TEST(an_object_is_gone),
	    WALK_TEST(an_object_is_damaged),
	    WALK_TEST(a_commit_is_kept_back),
	};

	return cmocka_run_group_tests_name("verify, reads failing", tests, NULL, NULL);
}
