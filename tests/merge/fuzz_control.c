/** Fuzz target: a path on a line, then base, ours and theirs, divided by lines `~~~`; empty =
 * absent. The merge is the same both ways round, and when it looked inside, what it wrote can be
 * read and is what it would write again. Build: clang -fsanitize=fuzzer,address; test_corpus
 * replays the corpus. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "merge/control.h"
#include "merge/storepath.h"
#include "tree/node.h"
#include "tree/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
control_require(bool ok, const char *what, const struct buf *text)
{
	if (ok)
		return;
	fprintf(stderr, "%s:\n%s\n", what, buf_str(text));
	abort();
}

static void
control_note(void *ctx, const char *path, const char *field)
{
	size_t *n = ctx;

	*n += strlen(path) + strlen(field) + 1;
}

static void
control_merge(const char *path, const struct merge_text v[3])
{
	struct arena *a = arena_new();
	struct buf x = {0}, y = {0};
	bool gone = false, gone_too = false, inside = false;
	enum storepath_kind kind = storepath_parse(NULL, path);
	size_t notes = 0, notes_too = 0;
	struct node *doc = NULL;
	struct err e = {0};
	int rc = merge_control(&x, &gone, path, v[0], v[1], v[2], control_note, &notes, &e);

	control_require(rc == merge_control(&y, &gone_too, path, v[0], v[2], v[1], control_note,
	    &notes_too, NULL), "one way only", &x);
	if (rc) {
		control_require(rc == ERR_DAMAGED && e.n == 1 && x.n == 0, "another error", &x);
		goto done;
	}
	control_require(gone == gone_too && notes == notes_too && x.n == y.n &&
	    (x.n == 0 || memcmp(x.p, y.p, x.n) == 0), "not symmetric", &x);
	for (int i = 0; i < 3; i++)
		inside = inside || (v[i].n == x.n && (x.n == 0 || memcmp(v[i].p, x.p, x.n) == 0));
	/* none of the three: then it was merged field by field */
	if (inside || kind == PATH_SIGNERS)
		goto done;
	control_require(!yaml_parse(&doc, a, x.p, x.n, "again", YAML_STORED, &e), "unreadable", &x);
	buf_reset(&y);
	yaml_emit(&y, doc);
	control_require(x.n == y.n && memcmp(x.p, y.p, x.n) == 0, "not canonical", &x);
done:
	buf_free(&x);
	buf_free(&y);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size, *lf = memchr(p, '\n', size);
	struct arena *a = arena_new();
	struct merge_text v[3] = {{NULL, 0}};
	char *path;

	if (lf) {
		path = arena_strndup(a, p, (size_t)(lf - p));
		p = lf + 1;
		for (int i = 0; i < 3; i++) {
			const char *stop = i < 2 ? memmem(p, (size_t)(end - p), "~~~\n", 4) : end;

			if (!stop)
				stop = end;
			if (stop > p)
				v[i] = (struct merge_text){p, (size_t)(stop - p)};
			p = stop < end ? stop + 4 : end;
		}
		control_merge(path, v);
	}
	arena_free(a);
	return 0;
}
