/* DESIGN 5: what was final on one side stands, and what the other wrote is kept beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "merge/rows.h"
#include "schema/schema.h"

static void
locked_closed_fields_stand_and_the_other_sides_values_cannot_win(void **state)
{
#define FINAL(v, rest) "[{path: title, locked: true, values: [{value: " v rest "]}]"
	static const struct row t[] = {
		/* both changed: the later value of the side that did not lock does not win */
		{"{state: draft, title: a}", NULL, "{state: final, title: b}", NULL,
		    "{state: draft, title: c}", NULL, "{state: final, title: b}",
		    FINAL("b", ANNA ", {value: c" BO)},
		/* the locking side never touched the field */
		{"{state: draft, title: a}", NULL, "{state: final, title: a}", NULL,
		    "{state: draft, title: c}", NULL, "{state: final, title: a}",
		    FINAL("a", ANNA ", {value: c" BO)},
		/* added or removed in a closed place */
		{"{state: draft}", NULL, "{state: final}", NULL, "{state: draft, title: c}", NULL,
		    "{state: final}", "[{path: title, locked: true, values: [{absent: true" ANNA
		    ", {value: c" BO "]}]"},
		{"{state: draft, title: a}", NULL, "{state: final, title: a}", NULL, "{state: draft}", NULL,
		    "{state: final, title: a}", FINAL("a", ANNA ", {absent: true" BO)},
		/* the lock itself against another state */
		{"{state: draft}", NULL, "{state: final}", NULL, "{state: review}", NULL, "{state: final}",
		    "[{path: state, locked: true, values: [{value: final" ANNA ", {value: review" BO "]}]"},
		/* open fields merge as ever */
		{"{state: draft, due: 1}", NULL, "{state: final, due: 1}", NULL, "{state: draft, due: 2}",
		    NULL, "{state: final, due: 2}", NULL},
		{"{state: draft, due: 1}", NULL, "{state: final, due: 3}", NULL, "{state: draft, due: 2}",
		    NULL, "{state: final, due: 2}",
		    "[{path: due, values: [{value: 2" BO ", {value: 3" ANNA "]}]"},
		/* lists of a locked record: the whole list, an item, a deletion */
		{"{state: draft, tags: [a]}", NULL, "{state: final, tags: [a]}", NULL,
		    "{state: draft, tags: [a, b]}", NULL, "{state: final, tags: [a]}",
		    "[{path: tags, locked: true, values: [{value: [a]" ANNA ", {value: [a, b]" BO "]}]"},
		{"{state: draft, goals: [{k: a}]}", NULL, "{state: final, goals: [{k: a}]}", NULL,
		    "{state: draft, goals: [{k: a}, {k: b, text: 1}]}", NULL,
		    "{state: final, goals: [{k: a}]}", "[{path: goals.b, locked: true, values: "
		    "[{absent: true" ANNA ", {value: {k: b, text: 1}" BO "]}]"},
		{"{state: draft, goals: [{k: a}]}", NULL, "{state: final, goals: [{k: a}]}", NULL,
		    "{state: draft, goals: []}", NULL, "{state: final, goals: [{k: a}]}",
		    "[{path: goals.a, locked: true, values: [{value: {k: a}" ANNA ", {absent: true" BO "]}]"},
		{"{state: draft, goals: [{k: a, text: 1}]}", NULL, "{state: final, goals: [{k: a, text: 1}]}",
		    NULL, "{state: draft, goals: [{k: a, text: 2}]}", NULL,
		    "{state: final, goals: [{k: a, text: 1}]}", "[{path: goals.a.text, locked: true, values: "
		    "[{value: 1" ANNA ", {value: 2" BO "]}]"},
		/* a third machine's value joins; the locked one still stands */
		{"{state: draft, title: a}", NULL, "{state: final, title: b}",
		    FINAL("b", CIA ", {value: q" ANNA), "{state: draft, title: c}", NULL,
		    "{state: final, title: b}", FINAL("b", CIA ", {value: c" BO ", {value: q" ANNA)},
		/* two machines that both know the lock: still the locked one first */
		{"{state: final, title: b}", NULL, "{state: final, title: b}",
		    FINAL("b", CIA ", {value: q" ANNA), "{state: final, title: b}",
		    FINAL("b", CIA ", {value: c" BO), "{state: final, title: b}",
		    FINAL("b", CIA ", {value: c" BO ", {value: q" ANNA)},
		/* dismissed on one side */
		{"{state: final, title: b}", FINAL("b", CIA ", {value: q" ANNA), "{state: final, title: b}",
		    NULL, "{state: final, title: b, due: 1}", FINAL("b", CIA ", {value: q" ANNA),
		    "{state: final, title: b, due: 1}", NULL},
		/* the lock held before: neither side locks */
		{"{state: final, title: a, due: 1}", NULL, "{state: final, title: a, due: 2}", NULL,
		    "{state: final, title: b, due: 1}", NULL, "{state: final, title: b, due: 2}", NULL},
		/* both locked, differently: ordinary candidates */
		{"{state: draft, title: a}", NULL, "{state: final, title: b}", NULL,
		    "{state: final, title: c}", NULL, "{state: final, title: c}",
		    "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		{"{state: draft, title: a}", NULL, "{state: final, title: b}",
		    FINAL("b", CIA ", {value: q" ANNA), "{state: final, title: c}", NULL,
		    "{state: final, title: c}",
		    "[{path: title, values: [{value: c" BO ", {value: q" ANNA ", {value: b" CIA "]}]"},
		/* no base: made on both, locked on one */
		{"-", NULL, "{state: final, title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: final, title: b}", "[{path: state, locked: true, values: [{value: final" ANNA
		    ", {value: draft" BO "]}, {path: title, locked: true, values: [{value: b" ANNA
		    ", {value: c" BO "]}]"},
		/* clean text is no reason to change a final record */
		{"{state: draft, plan: \"a\\nb\"}", NULL, "{state: final, plan: \"A\\nb\"}", NULL,
		    "{state: draft, plan: \"a\\nB\"}", NULL, "{state: final, plan: \"A\\nb\"}",
		    "[{path: plan, locked: true, values: [{value: \"A\\nb\"" ANNA
		    ", {value: \"a\\nB\"" BO "]}]"},
	};
	/* the mark is kept where the schema, and with it the lock, is unknown */
	static const struct row unknown[] = {
		{"{title: b}", NULL, "{title: b}", FINAL("b", CIA ", {value: q" ANNA), "{title: b}",
		    FINAL("b", CIA ", {value: c" BO), "{title: b}",
		    FINAL("b", CIA ", {value: c" BO ", {value: q" ANNA)},
	};

	(void)state;
	RUN(sample_env_text(true), t);
	RUN(((struct merge_env){0}), unknown);
}

/* Only the fields that the lock names are open, and what lies beneath them: not one whose name begins alike. */
static void
only_the_fields_named_open_are_open(void **state)
{
	static const struct row t[] = {
		{"{state: draft, dues: 1}", NULL, "{state: final, dues: 1}", NULL, "{state: draft, dues: 2}", NULL,
		    "{state: final, dues: 1}",
		    "[{path: dues, locked: true, values: [{value: 1" ANNA ", {value: 2" BO "]}]"},
		{"{state: draft, due: {x: 1}}", NULL, "{state: final, due: {x: 1}}", NULL,
		    "{state: draft, due: {x: 2}}", NULL, "{state: final, due: {x: 2}}", NULL},
		{"{state: draft, du: 1}", NULL, "{state: final, du: 1}", NULL, "{state: draft, du: 2}", NULL,
		    "{state: final, du: 1}", "[{path: du, locked: true, values: [{value: 1" ANNA ", {value: 2" BO "]}]"},
	};

	(void)state;
	RUN(sample_env(true), t);
}

/* A state that is no text, or only begins like the lock's, locks nothing. */
static void
only_the_locks_value_locks(void **state)
{
	static const struct row t[] = {
		{"{state: draft, title: a}", NULL, "{state: [final], title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: [final], title: c}", "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		{"{state: draft, title: a}", NULL, "{state: {final: 1}, title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: {final: 1}, title: c}", "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		{"{state: draft, title: a}", NULL, "{state: finally, title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: finally, title: c}", "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
		{"{state: draft, title: a}", NULL, "{state: FINAL, title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: FINAL, title: c}", "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
	};
	/* half a lock is none */
	static const struct row half[] = {
		{"{state: draft, title: a}", NULL, "{state: final, title: b}", NULL, "{state: draft, title: c}", NULL,
		    "{state: final, title: c}", "[{path: title, values: [{value: c" BO ", {value: b" ANNA "]}]"},
	};
	static const struct schema_akt field_alone = {.lock_field = "state"}, no_lock = {0};
	struct merge_env env = sample_env(true);

	(void)state;
	RUN(env, t);
	env.akt = &field_alone;
	RUN(env, half);
	env.akt = &no_lock;
	RUN(env, half);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locked_closed_fields_stand_and_the_other_sides_values_cannot_win),
		cmocka_unit_test(only_the_fields_named_open_are_open),
		cmocka_unit_test(only_the_locks_value_locks),
	};

	return cmocka_run_group_tests_name("merge: locked", tests, NULL, NULL);
}
