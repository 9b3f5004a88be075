#include "merge/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "tree/node.h"

void
rows_same(const char *what, size_t row, const struct node *got, const char *want, struct arena *a)
{
	char *p = sample_flow(got), *q = want ? sample_flow(sample_parse(a, want)) : sample_flow(NULL);

	if (strcmp(p, q) != 0)
		fail_msg("row %zu, %s:\n got %s\nwant %s", row, what, p, q);
	free(p);
	free(q);
}

void
rows_run(const struct merge_env *env, const struct row *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new();
		const char *none = "-";
		struct node *base = t[i].base && strcmp(t[i].base, none) == 0 ? NULL :
		    sample_record(a, DAY1, "cia", t[i].base, t[i].base_open);
		struct node *ours = sample_record(a, DAY2, "anna", t[i].ours, t[i].ours_open),
		    *theirs = sample_record(a, DAY3, "bo", t[i].theirs, t[i].theirs_open),
		    *got = sample_merge(a, env, base, ours, theirs);

		rows_same("data", i, node_get(got, "data"), t[i].want, a);
		rows_same("conflicts", i, node_get(got, "conflicts"), t[i].want_open, a);
		arena_free(a);
	}
}
