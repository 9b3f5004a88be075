#include "rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "words.h"

struct verdict
rules_judge(struct mem *m, const struct files *before, const struct files *after, const char *by,
    void (*spoil)(struct policy_input *))
{
	struct objects o = mem_objects(m);
	struct state_cache *c = state_cache_new(&o);
	struct state *s[2] = {NULL, NULL};
	struct policy_input in = {0};
	struct verdict v = {0};
	struct err e = {0};
	const char *dot = strchr(by, '.');
	char device[80];

	in.commit.tree = files_tree(m, after);
	snprintf(in.commit.handle, sizeof in.commit.handle, "%.*s", dot ? (int)(dot - by) : 33, by);
	strcpy(in.commit.store_id, "s000000000");
	strcpy(in.commit.verb, "set");
	in.commit.time = MEM_NOW;
	snprintf(device, sizeof device, "%s%s", by, dot ? "" : ".laptop");
	mem_key(in.signer, device);
	if (before) {
		in.commit.nparents = 1;
		in.parent_tree[0] = files_tree(m, before);
		in.parent_time[0] = MEM_NOW - 60;
		assert_int_equal(state_open(&s[0], c, &in.parent_tree[0], &e), 0);
		in.before[0] = s[0];
	}
	if (state_open(&s[1], c, &in.commit.tree, &e)) {
		/* as the walk does */
		v.rule = policy_state_rule(&e);
		snprintf(v.path, sizeof v.path, "%s", e.item[0].file);
		snprintf(v.text, sizeof v.text, "%s", e.item[0].text);
	} else {
		in.after = s[1];
		if (spoil)
			spoil(&in);
		assert_int_equal(policy_judge(&v, &o, &in, &e), 0);
	}
	state_close(s[0]);
	state_close(s[1]);
	state_cache_free(c);
	return v;
}

int
rules_expect(const struct rule_case *t, const struct verdict *v)
{
	char *path = mem_fill(t->path ? t->path : "");
	int bad = 0;

	if (v->ok != !t->text ||
	    (t->text &&
		(v->rule != t->rule || strcmp(v->path, path) != 0 ||
		    strcmp(v->text, t->text) != 0))) {
		print_error("%s: %s %s: %s\n", t->what, v->ok ? "ok" : policy_rule_name(v->rule),
		    v->path, v->text);
		bad = 1;
	}
	free(path);
	return bad;
}

void
rules_in_swedish(struct mem *m, const struct files *before, const struct files *after,
    const struct rule_case *t, void (*spoil)(struct policy_input *))
{
	struct verdict v;

	if (!t->text)
		return;
	words_in_swedish(1);
	v = rules_judge(m, before, after, t->by, spoil);
	words_in_swedish(0);
	words_add(policy_rule_name(t->rule), t->text, v.text);
}

void
rules_run(const struct op *first, size_t nfirst, const struct rule_case *t, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct mem *m = mem_new();
		struct files before, after;
		struct verdict v;

		mem_unit(m, &before);
		ops_apply(m, &before, first, nfirst, NULL);
		files_copy(&after, &before);
		ops_apply(m, &after, t[i].op, RULE_OPS, NULL);
		v = rules_judge(m, &before, &after, t[i].by, NULL);
		bad += rules_expect(&t[i], &v);
		rules_in_swedish(m, &before, &after, &t[i], NULL);
		files_free(&before);
		files_free(&after);
		mem_free(m);
	}
	assert_int_equal(bad, 0);
}
