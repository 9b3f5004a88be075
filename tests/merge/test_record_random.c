/* Record merging under seeded random histories, against an oracle of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "merge/oracle.h"
#include "merge/record.h"
#include "merge/sample.h"
#include "schema/shape.h"
#include "tree/node.h"

#ifndef ROUNDS
#define ROUNDS 1 /* -DROUNDS=50: a night's worth */
#endif
enum { TRIPLES = 1000 * ROUNDS, ORDERS = 400 * ROUNDS, HISTORIES = 30 * ROUNDS };

enum wild { TAME, CLASHES = 1, LOCKS = 2 };

struct world {
	uint64_t seed;
	struct arena *a;
	struct merge_env env;
	int wild;
	long token, clock;
};

/* splitmix64 */
static uint64_t
rnd(struct world *w, uint64_t n)
{
	uint64_t z = w->seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % n;
}

static struct node *
scalar(struct world *w)
{
	char text[32];

	switch (rnd(w, 8)) {
	case 0:
		return node_int(w->a, (int64_t)rnd(w, 3));
	case 1:
		return node_str(w->a, rnd(w, 2) ? "p" : "q"); /* the same on both sides at times */
	default:
		snprintf(text, sizeof text, "t%ldx", ++w->token);
		return node_str(w->a, text);
	}
}

static struct node *
long_text(struct world *w, const struct node *was)
{
	char line[4][24] = {"a", "b", "c", "d"}, text[128];
	const char *p = was && was->kind == NODE_STR ? was->text : "";

	for (int i = 0; i < 4 && *p; i++) {
		size_t n = strcspn(p, "\n");

		snprintf(line[i], sizeof line[i], "%.*s", (int)n, p);
		p += n + (p[n] == '\n');
	}
	snprintf(line[rnd(w, 4)], sizeof *line, "t%ldx", ++w->token);
	snprintf(text, sizeof text, "%s\n%s\n%s\n%s", line[0], line[1], line[2], line[3]);
	return node_str(w->a, text);
}

static void
set(struct world *w, struct node *map, const char *key, struct node *v)
{
	node_set(w->a, map, key, v);
}

static struct node *
sub(struct world *w, struct node *map, const char *key, bool seq)
{
	struct node *n = node_get(map, key);

	if (!n || n->kind != (seq ? NODE_SEQ : NODE_MAP))
		set(w, map, key, n = seq ? node_seq(w->a) : node_map(w->a));
	return n;
}

/* Item with a random key of five, made when there is none; NULL after removing it. */
static struct node *
item(struct world *w, struct node *list, bool *removed)
{
	char key[2] = {(char)('a' + rnd(w, 5)), '\0'};
	struct node *it;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(node_get_str(list->seq[i], "k"), key) == 0)
			break;
	*removed = i < list->n && rnd(w, 3) == 0;
	if (*removed)
		node_seq_del(list, i);
	else if (i == list->n) {
		set(w, it = node_map(w->a), "k", node_str(w->a, key));
		set(w, it, "text", scalar(w));
		node_seq_insert(w->a, list, rnd(w, list->n + 1), it);
	}
	return *removed ? NULL : list->seq[i < list->n ? i : rnd(w, list->n)];
}

static void
set_or_drop(struct world *w, struct node *map, const char *key)
{
	if (rnd(w, 4) == 0)
		node_del(map, key);
	else
		set(w, map, key, scalar(w));
}

static void
edit_goals(struct world *w, struct node *data)
{
	struct node *list = sub(w, data, "goals", true), *it, *step;
	bool removed;

	if (rnd(w, 8) == 0 && list->n > 1) { /* reordered */
		it = list->seq[0];
		node_seq_del(list, 0);
		node_push(w->a, list, it);
		return;
	}
	it = item(w, list, &removed);
	if (!it)
		return;
	switch (rnd(w, 4)) {
	case 0:
		set_or_drop(w, it, "note");
		break;
	case 1:
		set(w, it, "text", scalar(w));
		break;
	default:
		step = item(w, sub(w, it, "steps", true), &removed);
		if (step)
			set(w, step, "t", scalar(w));
	}
}

static void
edit_elements(struct world *w, struct node *data, const char *name, bool grows)
{
	struct node *list = sub(w, data, name, true);

	if (list->n && rnd(w, 3) == 0 && (!grows || rnd(w, 4) == 0)) {
		node_seq_del(list, rnd(w, list->n));
		return;
	}
	for (struct node *v = scalar(w);; v = scalar(w)) {
		bool there = false;

		for (size_t i = 0; i < list->n; i++)
			there = there || node_equal(list->seq[i], v);
		if (!there || grows) {
			node_push(w->a, list, v);
			return;
		}
	}
}

static void
clash(struct world *w, struct node *data)
{
	static const char *const fields[] = {"m", "goals", "tags", "log", "title", "vals"};
	const char *f = fields[rnd(w, 6)];

	switch (rnd(w, 3)) {
	case 0:
		set(w, data, f, scalar(w));
		break;
	case 1:
		set(w, sub(w, data, f, false), "x", scalar(w));
		break;
	default:
		node_push(w->a, sub(w, data, f, true), scalar(w));
	}
}

static void
edit_once(struct world *w, struct node *data)
{
	struct node *m = node_get(data, "m");

	/* a wild edit may have left something else where the others expect maps and lists of items */
	if (w->wild & CLASHES && rnd(w, 6) == 0) {
		clash(w, data);
		return;
	}
	switch (rnd(w, 11)) {
	case 0:
		set_or_drop(w, data, "title");
		break;
	case 1:
		set(w, data, "plan", long_text(w, node_get(data, "plan")));
		break;
	case 2:
		set_or_drop(w, data, "due");
		break;
	case 3:
		set_or_drop(w, sub(w, data, "m", false), rnd(w, 2) ? "x" : "y");
		break;
	case 4:
		set_or_drop(w, sub(w, sub(w, data, "m", false), "n", false), rnd(w, 2) ? "z" : "w");
		break;
	case 5:
		edit_elements(w, data, "tags", false);
		break;
	case 6:
		edit_elements(w, data, "log", true);
		break;
	case 7:
		set(w, data, "vals", node_seq(w->a)); /* one leaf: no token in two of its values */
		for (uint64_t i = rnd(w, 3); i < 3; i++)
			node_push(w->a, node_get(data, "vals"), scalar(w));
		break;
	case 8:
		if (m && rnd(w, 3) == 0)
			node_del(data, "m");
		else
			set(w, data, "extra", scalar(w));
		break;
	default:
		if (w->wild & CLASHES) {
			struct node *g = node_get(data, "goals");

			for (size_t i = 0; g && g->kind == NODE_SEQ && i < g->n; i++)
				if (!node_get_str(g->seq[i], "k"))
					return;
		}
		edit_goals(w, data);
	}
	if (w->wild & LOCKS && rnd(w, 12) == 0)
		set(w, data, "state", node_str(w->a, rnd(w, 3) ? "final" : "draft"));
}

static void
stamp(struct world *w, struct node *r, int who)
{
	static const char *const names[] = {"anna", "bo", "cia", "dan"};
	struct node *u = node_map(w->a);
	char at[DATE_TIME_LEN + 1];

	/* clocks of the machines disagree by up to half a minute */
	date_time_format(at, 1772323200 + (w->clock += 10) + (int64_t)rnd(w, 31));
	set(w, u, "at", node_str(w->a, at));
	set(w, u, "by", node_str(w->a, names[who]));
	set(w, r, "updated", u);
}

/* Empty lists and maps have their own table; the oracle knows leaves only. */
static void
prune(struct node *n)
{
	for (size_t i = n->n; i-- > 0;) {
		struct node *c = n->kind == NODE_SEQ ? n->seq[i] : n->map[i].value;

		if (c->kind != NODE_SEQ && c->kind != NODE_MAP)
			continue;
		prune(c);
		if (c->n == 0 && n->kind == NODE_MAP)
			node_del(n, n->map[i].key);
	}
}

/* A person's save: some edits, or the settling of a conflict. */
static struct node *
save(struct world *w, const struct node *before, int who, int edits)
{
	struct node *r = node_clone(w->a, before), *open = node_get(r, "conflicts");
	struct err e = {0};

	if (open && rnd(w, 3) == 0) {
		struct node *c = open->seq[rnd(w, open->n)], *values = node_get(c, "values");
		bool locked = node_get(c, "locked") != NULL;

		assert_int_equal(merge_resolve(w->a, &w->env, r, node_get_str(c, "path"),
		    node_get(values->seq[locked ? 0 : rnd(w, values->n)], "value"), &e), 0);
	} else {
		for (int i = 0; i < edits; i++)
			edit_once(w, node_get(r, "data"));
		if (!(w->wild & CLASHES))
			prune(node_get(r, "data"));
		shape_normalise(w->a, w->env.shape, node_get(r, "data"));
		merge_settle_edited(w->a, &w->env, before, r);
	}
	stamp(w, r, who);
	return r;
}

static struct node *
first(struct world *w)
{
	struct node *r = sample_record(w->a, "2026-02-01T00:00:00Z", "cia",
	    "{title: t, plan: \"a\\nb\\nc\\nd\", m: {x: 1, n: {z: 1}}, goals: [{k: a, text: u}]}", NULL);

	return save(w, r, 3, 8);
}

static struct node *
merge(struct world *w, const struct node *b, const struct node *o, const struct node *t)
{
	return sample_merge(w->a, &w->env, b, o, t);
}

static void
start(struct world *w, uint64_t seed)
{
	*w = (struct world){.seed = seed * 7919, .a = arena_new(), .wild = (int)(seed % 4)};
	w->env = sample_env_text(w->wild & LOCKS);
}

static void
complain(struct world *w, uint64_t seed, char *wrong, const struct node *b, const struct node *o,
    const struct node *t, const struct node *got)
{
	const struct node *v[] = {b, o, t, got};

	(void)w;
	if (!wrong)
		return;
	for (int i = 0; i < 4; i++) {
		char *text = v[i] ? sample_text(v[i]) : NULL;

		print_error("--- %d\n%s", i, text ? text : "none\n");
		free(text);
	}
	fail_msg("seed %lu: %s", (unsigned long)seed, wrong);
}

static void
same_content(uint64_t seed, const char *law, const struct node *x, const struct node *y)
{
	char *p[2] = {sample_flow(node_get(x, "data")), sample_flow(node_get(x, "conflicts"))},
	    *q[2] = {sample_flow(node_get(y, "data")), sample_flow(node_get(y, "conflicts"))};

	for (int i = 0; i < 2; i++) {
		if (strcmp(p[i], q[i]) != 0)
			fail_msg("seed %lu, %s:\n%s\n%s", (unsigned long)seed, law, p[i], q[i]);
		free(p[i]);
		free(q[i]);
	}
}

/* A descendant of `from`: saves, and at times a merge with another branch of it. */
static struct node *
descend(struct world *w, const struct node *from, int who)
{
	struct node *r = save(w, from, who, 1 + (int)rnd(w, 4));

	if (rnd(w, 2))
		r = merge(w, from, r, save(w, from, 2, 2 + (int)rnd(w, 4)));
	if (rnd(w, 3) == 0)
		r = save(w, r, who, 1 + (int)rnd(w, 2));
	return r;
}

static void
check(struct world *w, uint64_t seed, const struct node *b, const struct node *o,
    const struct node *t, const struct node *got)
{
	struct facts f[4];

	complain(w, seed, oracle_tokens(!(w->wild & CLASHES), b, o, t, got), b, o, t, got);
	if (w->wild == TAME) {
		oracle_flatten(&f[0], b);
		oracle_flatten(&f[1], o);
		oracle_flatten(&f[2], t);
		oracle_flatten(&f[3], got);
		complain(w, seed, oracle_differs(&f[0], &f[1], &f[2], &f[3]), b, o, t, got);
		for (int i = 0; i < 4; i++)
			oracle_free(&f[i]);
		complain(w, seed, oracle_stamps(b, o, t, got), b, o, t, got);
	}
}

static void
random_triples_obey_the_laws_and_the_oracle(void **state)
{
	size_t open = 0, before = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= TRIPLES; seed++) {
		struct world w;
		struct node *b, *o, *t, *got;

		start(&w, seed);
		b = first(&w);
		if (rnd(&w, 2))
			b = descend(&w, b, 2);
		o = descend(&w, b, 0);
		t = descend(&w, b, 1);
		got = merge(&w, b, o, t); /* symmetric: sample_merge does it both ways */
		check(&w, seed, b, o, t, got);
		open += node_get(got, "conflicts") != NULL;
		before += node_get(o, "conflicts") && node_get(b, "conflicts");
		same_content(seed, "merge(b, b, t) = t", merge(&w, b, b, t), t);
		same_content(seed, "merge(b, o, o) = o", merge(&w, b, o, o), o);
		same_content(seed, "merge(-, o, o) = o", merge(&w, NULL, o, o), o);
		same_content(seed, "merge(o, got, o) = got", merge(&w, o, got, o), got);
		same_content(seed, "merge(b, got, got) = got", merge(&w, b, got, got), got);
		arena_free(w.a);
	}
	/* the generator does what it is for */
	assert_true(open > TRIPLES / 4);
	assert_true(before > TRIPLES / 50);
}

static struct node *
fold_two(struct world *w, const struct node *x, const struct node *y)
{
	struct node *one = NULL, *other = NULL;
	struct err e = {0};
	char *p, *q;

	assert_int_equal(merge_fold(&one, w->a, &w->env, x, y, &e), 0);
	assert_int_equal(merge_fold(&other, w->a, &w->env, y, x, &e), 0);
	p = sample_text(one);
	q = sample_text(other);
	assert_string_equal(p, q);
	free(p);
	free(q);
	return one;
}

static void
three_machines_get_the_same_candidates_in_every_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= ORDERS; seed++) {
		struct world w;
		struct node *b, *v[3], *m[3], *end;
		struct facts f[3];
		char *wrong = NULL;

		start(&w, seed * 4); /* tame */
		w.env.text = NULL; /* a clean text depends on what is merged first, as in git */
		b = first(&w);
		for (int i = 0; i < 3; i++)
			v[i] = save(&w, b, i, 1 + (int)rnd(&w, 4));
		for (int i = 0; i < 3; i++) {
			m[i] = merge(&w, b, merge(&w, b, v[i], v[(i + 1) % 3]), v[(i + 2) % 3]);
			oracle_flatten(&f[i], m[i]);
		}
		for (int i = 0; i < 3 && !wrong; i++)
			if ((wrong = oracle_unequal(&f[i], &f[(i + 1) % 3])))
				complain(&w, seed, wrong, b, m[i], m[(i + 1) % 3], NULL);
		/* when these meet, the bases are the three */
		end = merge(&w, fold_two(&w, fold_two(&w, v[0], v[1]), v[2]), m[0], m[1]);
		for (int i = 0; i < 3; i++)
			oracle_free(&f[i]);
		oracle_flatten(&f[0], m[2]);
		oracle_flatten(&f[1], end);
		complain(&w, seed, oracle_unequal(&f[0], &f[1]), b, m[0], m[1], end);
		oracle_free(&f[0]);
		oracle_free(&f[1]);
		arena_free(w.a);
	}
}

/* --- whole histories --------------------------------------------------------------------- */

enum { COMMITS = 60, MACHINES = 3 };

struct commit {
	struct node *r;
	uint64_t above; /* ancestors, itself too */
	bool merge;
};

/* Merge bases in commit order, folded. */
static struct node *
fold(struct world *w, const struct commit *c, int x, int y)
{
	uint64_t common = c[x].above & c[y].above, bases = common;
	struct node *b = NULL;

	for (int i = 0; i < COMMITS; i++)
		if (common >> i & 1)
			bases &= ~(c[i].above & ~(UINT64_C(1) << i));
	for (int i = 0; i < COMMITS; i++)
		if (bases >> i & 1)
			b = b ? fold_two(w, b, c[i].r) : c[i].r;
	return b;
}

/* A value may leave only by a non-merge commit whose author had it before: for each token
 * of any commit, the head has it or some commit beneath the head dropped it so. */
static void
nothing_was_lost(uint64_t seed, const struct commit *c, const int *parent, int n, int head,
    long tokens)
{
	for (long k = 1; k <= tokens; k++) {
		char token[32];
		bool written = false, dropped = false;

		snprintf(token, sizeof token, "t%ldx", k);
		if (oracle_has(c[head].r, token))
			continue;
		for (int i = 0; i < n; i++) {
			bool here = oracle_has(c[i].r, token);

			written = written || here;
			dropped = dropped || (!here && !c[i].merge && i > 0 &&
			    oracle_has(c[parent[i]].r, token));
		}
		if (written && !dropped)
			fail_msg("seed %lu: %s left without anybody's doing", (unsigned long)seed, token);
	}
}

static void
in_random_histories_with_criss_cross_merges_nothing_is_lost(void **state)
{
	size_t folded = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
		struct commit c[COMMITS];
		int head[MACHINES] = {0}, parent[COMMITS] = {0}, n = 1;
		struct world w;

		start(&w, seed);
		c[0] = (struct commit){first(&w), 1, false};
		while (n < COMMITS) {
			int m = (int)rnd(&w, MACHINES), other = (int)rnd(&w, MACHINES), x = head[m], y = head[other];
			uint64_t bit = UINT64_C(1) << n;

			if (n < COMMITS - 2 * MACHINES && rnd(&w, 2)) {
				c[n] = (struct commit){save(&w, c[x].r, m, 1 + (int)rnd(&w, 3)), c[x].above | bit, false};
				parent[n] = x;
				head[m] = n++;
			} else if (c[x].above >> y & 1) {
				head[other] = x; /* fast forward, or nothing */
				if (n >= COMMITS - 2 * MACHINES && head[0] == head[1] && head[1] == head[2])
					break;
			} else if (c[y].above >> x & 1) {
				head[m] = y;
			} else {
				struct node *b = fold(&w, c, x, y), *got = merge(&w, b, c[x].r, c[y].r);

				check(&w, seed, b, c[x].r, c[y].r, got);
				folded += b != c[0].r && node_get(b, "conflicts") != NULL;
				c[n] = (struct commit){got, c[x].above | c[y].above | bit, true};
				head[m] = n;
				if (rnd(&w, 3)) /* else the other machine makes the same merge, or goes on */
					head[other] = n;
				n++;
			}
		}
		for (int m = 0; m < MACHINES; m++)
			if (c[head[m]].above == (UINT64_C(1) << n) - 1)
				nothing_was_lost(seed, c, parent, n, head[m], w.token);
		arena_free(w.a);
	}
	assert_true(folded > HISTORIES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_triples_obey_the_laws_and_the_oracle),
		cmocka_unit_test(three_machines_get_the_same_candidates_in_every_order),
		cmocka_unit_test(in_random_histories_with_criss_cross_merges_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
