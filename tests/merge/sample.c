#include "merge/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "schema/schema.h"
#include "tree/node.h"
#include "tree/yaml.h"

static struct shape sh_k = {.name = "k", .is_string = true},
    sh_t = {.name = "t"}, sh_text = {.name = "text"}, sh_note = {.name = "note"},
    sh_x = {.name = "x"}, sh_y = {.name = "y"}, sh_z = {.name = "z"}, sh_w = {.name = "w"},
    sh_state = {.name = "state"}, sh_title = {.name = "title"}, sh_plan = {.name = "plan"},
    sh_due = {.name = "due"}, sh_scalar = {.name = ""};
static struct shape *step_fields[] = {&sh_k, &sh_t};
static struct shape sh_step = {.name = "", .is_map = true, .nfields = 2, .fields = step_fields};
static struct shape sh_steps = {
	.name = "steps", .is_seq = true, .list = LIST_KEY, .list_key = "k", .item = &sh_step};
static struct shape *goal_fields[] = {&sh_k, &sh_text, &sh_note, &sh_steps};
static struct shape sh_goal = {.name = "", .is_map = true, .nfields = 4, .fields = goal_fields};
static struct shape sh_goals = {
	.name = "goals", .is_seq = true, .list = LIST_KEY, .list_key = "k", .item = &sh_goal};
static struct shape *n_fields[] = {&sh_z, &sh_w};
static struct shape sh_n = {.name = "n", .is_map = true, .nfields = 2, .fields = n_fields};
static struct shape *m_fields[] = {&sh_x, &sh_y, &sh_n};
static struct shape sh_m = {.name = "m", .is_map = true, .nfields = 3, .fields = m_fields};
static struct shape sh_tags = {.name = "tags", .is_seq = true, .list = LIST_SET,
	.item = &sh_scalar};
static struct shape sh_log = {.name = "log", .is_seq = true, .list = LIST_APPEND,
	.item = &sh_scalar};
static struct shape sh_vals = {.name = "vals", .is_seq = true, .list = LIST_VALUE,
	.item = &sh_scalar};
static struct shape *doc_fields[] = {&sh_state, &sh_title, &sh_plan, &sh_due, &sh_m, &sh_goals,
	&sh_tags, &sh_log, &sh_vals};
static struct shape sh_doc = {.name = "", .is_map = true, .nfields = 9, .fields = doc_fields};

static const char *open_fields[] = {"due"};
static const struct schema_akt akt_lock = {
	.lock_field = "state", .lock_value = "final", .nopen = 1, .lock_open = open_fields};

const struct shape *
sample_shape(void)
{
	return &sh_doc;
}

struct merge_env
sample_env(bool lock)
{
	return (struct merge_env){.shape = &sh_doc, .akt = lock ? &akt_lock : NULL};
}

struct line {
	const char *p;
	size_t n;
};

static size_t
lines(struct line *out, size_t max, const char *s, size_t n)
{
	const char *end = s + n;
	size_t k = 0;

	while (s < end && k < max) {
		const char *lf = memchr(s, '\n', (size_t)(end - s));

		out[k++] = (struct line){s, (size_t)((lf ? lf + 1 : end) - s)};
		s = lf ? lf + 1 : end;
	}
	return k;
}

static bool
line_same(const struct line *x, const struct line *y)
{
	return x->n == y->n && memcmp(x->p, y->p, x->n) == 0;
}

/* Clean only for equal numbers of lines of which each was changed on one side at most. */
static int
by_line(void *ctx, struct buf *out, bool *clean, const char *b, size_t bn, const char *o,
    size_t on, const char *t, size_t tn, struct err *e)
{
	struct line x[3][64];
	size_t n = lines(x[0], 64, b, bn);

	(void)ctx;
	(void)e;
	assert_true(memcmp(o, t, on < tn ? on : tn) <= 0); /* the smaller bytes are ours */
	*clean = n == lines(x[1], 64, o, on) && n == lines(x[2], 64, t, tn);
	for (size_t i = 0; *clean && i < n; i++) {
		bool ours = !line_same(&x[0][i], &x[1][i]), theirs = !line_same(&x[0][i], &x[2][i]);

		if (ours && theirs && !line_same(&x[1][i], &x[2][i]))
			*clean = false;
		else
			buf_add(out, x[ours ? 1 : 2][i].p, x[ours ? 1 : 2][i].n);
	}
	return 0;
}

struct merge_env
sample_env_text(bool lock)
{
	struct merge_env env = sample_env(lock);

	env.text = by_line;
	return env;
}

struct node *
sample_parse(struct arena *a, const char *yaml)
{
	struct node *n = NULL;
	struct err e = {0};

	if (yaml_parse(&n, a, yaml, strlen(yaml), "test", YAML_STORED, &e))
		fail_msg("%s at %u:%u in: %s", e.item[0].text, e.item[0].line, e.item[0].column, yaml);
	return n;
}

struct node *
sample_record(struct arena *a, const char *at, const char *by, const char *data,
    const char *conflicts)
{
	struct node *r = sample_parse(a,
	    "akt: 1\ntype: placement\nv: 3\nid: placement-3f9k2m7q\ndossier: 7k3f9q2m1x\n"
	    "created: {at: 2026-01-01T00:00:00Z, by: cia}\n"), *u = node_map(a);

	node_set(a, u, "at", node_str(a, at));
	node_set(a, u, "by", node_str(a, by));
	node_set(a, r, "updated", u);
	if (data)
		node_set(a, r, "data", sample_parse(a, data));
	if (conflicts)
		node_set(a, r, "conflicts", sample_parse(a, conflicts));
	return r;
}

char *
sample_text(const struct node *n)
{
	struct buf b = {0};

	yaml_emit(&b, n);
	return buf_take(&b);
}

char *
sample_flow(const struct node *n)
{
	struct buf b = {0};

	if (n)
		yaml_emit_flow(&b, n);
	else
		buf_puts(&b, "-");
	return buf_take(&b);
}

struct node *
sample_merge(struct arena *a, const struct merge_env *env, const struct node *base,
    const struct node *ours, const struct node *theirs)
{
	struct node *x = NULL, *y = NULL;
	struct err e = {0};
	char *p, *q;
	size_t open = 99, want;

	if (merge_record(&x, a, env, base, ours, theirs, &open, &e) ||
	    merge_record(&y, a, env, base, theirs, ours, NULL, &e))
		fail_msg("%s", e.item[0].text);
	want = node_get(x, "conflicts") ? node_get(x, "conflicts")->n : 0;
	assert_int_equal(open, want);
	p = sample_text(x);
	q = sample_text(y);
	assert_string_equal(p, q);
	free(p);
	free(q);
	return x;
}
