/** What the tests of git/ share: a scratch folder, stock git to compare with, small objects. */
#ifndef AKT_TESTS_GIT_FIXTURE_H
#define AKT_TESTS_GIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "git/repo.h"

/** A new scratch folder of this program; HOME and git's configuration point into it. */
const char *scratch(void);
/** Removes it: the group teardown. */
int scratch_remove(void **state);

/** malloc'd "<scratch>/<name>". */
char *in_scratch(const char *name);

/** Runs a shell command (printf-like), returns its status; its output goes to `out` or nowhere. */
int sh(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** As sh, which must succeed. */
void must(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Fails the test with the errors' texts unless rc is 0. */
#define ok(rc, e) ok_at((rc), (e), __FILE__, __LINE__)
void ok_at(int rc, const struct err *e, const char *file, int line);
/** The call must fail with `code` and first text `text`; clears e. */
#define fails(rc, e, code, text) fails_at((rc), (e), (code), (text), __FILE__, __LINE__)
void fails_at(
    int rc, struct err *e, enum err_code code, const char *text, const char *file, int line);

/** A commit of the tree with up to two parents, its message `msg`, dated `when`. */
struct oid commit(struct git_batch *b, const struct oid *tree, const struct oid *p1,
    const struct oid *p2, long when, const char *msg);
/** A written commit on top of `parent` (NULL = root) whose tree adds `path` with `text`. */
struct oid save(struct git *g, const struct oid *parent, const char *path, const char *text);
/** A new repository "<scratch>/<name>". */
struct git *fresh(const char *name);

#endif
