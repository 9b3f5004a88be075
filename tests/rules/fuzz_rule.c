/* Fuzz target: a rule that is read holds its query within its text, and every fault has a text and no value. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "rules/rule.h"
#include "tree/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const char *const columns[] = {"record", "due_on"};
	struct arena *a = arena_new();
	struct node *row = node_map(a);
	struct rule r = {.lead = -1};
	struct buf b = {0};
	struct err e = {0};

	node_set(a, row, "record", node_str(a, "hive-1"));
	node_set(a, row, "due_on", node_str(a, "2026-03-06"));
	if (rule_parse(&r, a, (const char *)p, n, "f.sql", &e) != 0) {
		if (e.n == 0 || r.lead != -1)
			abort();
	} else {
		if (e.n || !*r.id || r.lead < 0 || strlen(r.sql) > n * 3 || r.header.n > HEADER_MAX_FIELDS)
			abort();
		rule_check_columns(&r, columns, 2, &e);
		rule_text(&b, r.sv, row, "sv", "2026-01-01");
		rule_command(&b, r.next ? r.next : r.en, row);
	}
	buf_free(&b);
	arena_free(a);
	return 0;
}
