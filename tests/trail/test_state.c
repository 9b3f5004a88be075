/* States of a tree: who is where, what is shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/os.h"
#include "ops.h"
#include "trail/state_cache.h"
#include "trail/state_file.h"

/* --- states -------------------------------------------------------------------------------- */

struct unit {
	struct mem *m;
	struct objects o;
	struct state_cache *c;
	struct files f;
	struct state *s;
};

static int
open_unit(struct unit *u, struct err *e)
{
	struct oid id = files_tree(u->m, &u->f);

	state_close(u->s);
	u->s = NULL;
	return state_open(&u->s, u->c, &id, e);
}

static int
setup(void **state)
{
	struct unit *u = calloc(1, sizeof *u);

	u->m = mem_new();
	u->o = mem_objects(u->m);
	u->c = state_cache_new(&u->o);
	mem_unit(u->m, &u->f);
	*state = u;
	return 0;
}

static int
teardown(void **state)
{
	struct unit *u = *state;

	state_close(u->s);
	state_cache_free(u->c);
	files_free(&u->f);
	mem_free(u->m);
	free(u);
	return 0;
}

static void
who_is_where(void **state)
{
	struct unit *u = *state;
	const struct member *m = NULL, *const *all = NULL;
	const char *const *teams = NULL;
	const struct dossier *d = NULL;
	const struct tombstone *t = NULL;
	struct err e = {0};
	uint8_t pk[32];

	assert_int_equal(open_unit(u, &e), 0);
	assert_string_equal(state_store(u->s)->name, "Barn och ungdom");
	assert_int_equal(state_members(u->s, &all), 7);
	assert_string_equal(all[0]->handle, "anna");
	assert_int_equal(all[0]->roles, ROLE_ADMIN | ROLE_STAFF);
	assert_null(state_member(u->s, "olle"));
	mem_key(pk, "cia.laptop");
	assert_string_equal(state_signer(u->s, pk, &m)->id, "cia.laptop");
	assert_string_equal(m->handle, "cia");
	mem_key(pk, "olle.laptop");
	assert_null(state_signer(u->s, pk, NULL));
	assert_string_equal(state_device(u->s, "bo.laptop", &m)->id, "bo.laptop");
	assert_string_equal(m->handle, "bo");
	assert_null(state_device(u->s, "bo.phone", NULL));
	assert_int_equal(state_teams(u->s, &teams), 8);
	assert_string_equal(teams[0], "unit");
	assert_string_equal(teams[7], "~fia");
	assert_true(state_in_team(u->s, "vit", "eva", MEM_NOW));
	assert_false(state_in_team(u->s, "vit", "anna", MEM_NOW));
	assert_false(state_in_team(u->s, "none", "anna", MEM_NOW));
	assert_null(state_epoch(u->s, "none"));
	assert_int_equal(state_dossier(u->s, &d, "d111111111", &e), 0);
	assert_int_equal(d->naccess, 2);
	assert_true(state_may_read(u->s, d, "dan", MEM_NOW));
	assert_false(state_may_read(u->s, d, "fia", MEM_NOW));
	assert_int_equal(state_dossier(u->s, &d, "f333333333", &e), ERR_NOTFOUND);
	assert_string_equal(e.item[0].text, "there is no such dossier");
	assert_int_equal(state_dossier(u->s, &d, "../../etc", NULL), ERR_NOTFOUND);
	assert_int_equal(state_dossier(u->s, &d, "", NULL), ERR_NOTFOUND);
	assert_int_equal(state_tombstone(u->s, &t, "d111111111", NULL), ERR_NOTFOUND);
	assert_string_equal(state_type_write(u->s, "plan")[0], "team:vit");
	assert_string_equal(state_type_write(u->s, "placement")[0], "staff");
	assert_string_equal(state_type_write(u->s, "placement")[1], "supervisor");
	assert_true(state_may_write_type(u->s, "plan", state_member(u->s, "eva"), MEM_NOW));
	assert_false(state_may_write_type(u->s, "plan", state_member(u->s, "anna"), MEM_NOW));
	assert_true(state_may_write_type(u->s, "placement", state_member(u->s, "cia"), MEM_NOW));
	assert_false(state_may_write_type(u->s, "placement", state_member(u->s, "fia"), MEM_NOW));
	assert_false(state_may_write_type(u->s, "placement", state_member(u->s, "dan"), MEM_NOW));
}

static void
signers_list(void **state)
{
	static const char want[] = "anna@s000000000 namespaces=\"git\" {k:anna.laptop}\n"
				   "bo@s000000000 namespaces=\"git\" {k:bo.laptop}\n"
				   "cia@s000000000 namespaces=\"git\" {k:cia.laptop}\n"
				   "dan@s000000000 namespaces=\"git\" {k:dan.laptop}\n"
				   "eva@s000000000 namespaces=\"git\" {k:eva.laptop}\n"
				   "fia@s000000000 namespaces=\"git\" {k:fia.laptop}\n"
				   "recovery@s000000000 namespaces=\"git\" {k:recovery.laptop}\n";
	struct unit *u = *state;
	char *full = mem_fill(want);

	/* a revoked device stays listed: old signatures are still checked */
	files_sub(&u->f, "members/bo.yaml", "  added: 2026-03-02T09:14:00Z\n",
	    "  added: 2026-03-02T09:14:00Z\n  revoked: 2026-04-01T08:00:00Z\n");
	files_signers(u->m, &u->f);
	assert_string_equal(files_get(&u->f, "allowed_signers")->text, full);
	free(full);
}

static void
epochs(void **state)
{
	struct unit *u = *state;
	char(*in)[34] = NULL, *name = mem_fill("{e:n2}"), *first = mem_fill("{e:unit}");

	files_sub(&u->f, "teams/unit/{e:unit}.yaml", "- dan\n",
	    "- dan\nuntil:\n- handle: dan\n  at: 2026-06-30T00:00:00Z\n");
	assert_int_equal(open_unit(u, NULL), 0);
	assert_true(state_in_team(u->s, "unit", "dan", 1782777599));
	assert_false(state_in_team(u->s, "unit", "dan", 1782777600));
	assert_int_equal(state_team_members(u->s, &in, "unit", 1782777600), 3);
	assert_string_equal(in[2], "cia");
	free(in);
	files_put(&u->f, "teams/unit/{e:n1}.yaml",
	    "akt: 1\nteam: unit\nrecipient: {r:n1}\nearlier: {e:unit}\nmembers: [anna, bo]\n");
	files_put(&u->f, "teams/unit/{e:n2}.yaml",
	    "akt: 1\nteam: unit\nrecipient: {r:n2}\nearlier: {e:n1}\nmembers: [anna, eva]\n");
	assert_int_equal(open_unit(u, NULL), 0);
	assert_string_equal(state_epoch(u->s, "unit")->name, name);
	assert_string_equal(state_epoch_named(u->s, "unit", first)->name, first);
	assert_true(state_in_team(u->s, "unit", "eva", MEM_NOW));
	assert_false(state_in_team(u->s, "unit", "bo", MEM_NOW));
	free(name);
	free(first);
}

/* A team of n epochs, sorted by name; `earlier` says where each one's lies, n: nowhere, n + 1: not here. */
static void
make_team(struct team *t, struct epoch *ep, size_t n, const size_t *earlier)
{
	*t = (struct team){.n = n, .v = test_calloc(n, sizeof *t->v)};
	for (size_t i = 0; i < n; i++) {
		ep[i] = (struct epoch){0};
		snprintf(ep[i].name, sizeof ep[i].name, "%08x", (unsigned)i);
		if (earlier[i] != n)
			snprintf(ep[i].earlier, sizeof ep[i].earlier, "%08x", (unsigned)earlier[i]);
		t->v[i] = &ep[i];
	}
	team_index(t);
}

static size_t
steps(const size_t *earlier, size_t n, size_t i)
{
	size_t k = 1;

	for (; earlier[i] < n && k <= n; i = earlier[i])
		k++;
	return k + (k <= n && earlier[i] > n);
}

/* The newest epochs are those with the most before them, in teams of every form. */
static void
newest(void **state)
{
	enum { N = 4, FORMS = 1296 /* (N + 2) to the Nth */ };

	(void)state;
	for (size_t form = 0; form < FORMS; form++) {
		size_t earlier[N], deepest = 0, k = 0;
		struct epoch ep[N];
		struct team t;

		for (size_t i = 0, f = form; i < N; i++, f /= N + 2)
			earlier[i] = f % (N + 2);
		make_team(&t, ep, N, earlier);
		for (size_t i = 0; i < N; i++)
			deepest = steps(earlier, N, i) > deepest ? steps(earlier, N, i) : deepest;
		for (size_t i = 0; i < N; i++)
			if (steps(earlier, N, i) == deepest)
				assert_ptr_equal(k < t.ntips ? t.tips[k++] : NULL, &ep[i]);
		assert_int_equal(k, t.ntips);
		assert_ptr_equal(t.newest, t.tips[0]);
		free(t.tips);
		test_free(t.v);
	}
}

/* As many as a hostile hub may send, each after the other: walked from each of them they would take minutes. */
static void
long_chain(void **state)
{
	enum { N = 60000 };
	size_t *earlier = test_calloc(N, sizeof *earlier);
	struct epoch *ep = test_calloc(N, sizeof *ep);
	struct team t;

	(void)state;
	for (size_t i = 0; i < N; i++)
		earlier[i] = i ? i - 1 : N;
	make_team(&t, ep, N, earlier);
	assert_int_equal(t.ntips, 1);
	assert_ptr_equal(t.newest, &ep[N - 1]);
	free(t.tips);
	test_free(t.v);
	test_free(ep);
	test_free(earlier);
}

/* A circle cannot come about under policy; a tree that has one must not hang its reader. */
static void
circle(void **state)
{
	struct unit *u = *state;

	files_put(&u->f, "teams/unit/{e:n1}.yaml",
	    "akt: 1\nteam: unit\nrecipient: {r:n1}\nearlier: {e:n2}\nmembers: [anna, bo]\n");
	files_put(&u->f, "teams/unit/{e:n2}.yaml",
	    "akt: 1\nteam: unit\nrecipient: {r:n2}\nearlier: {e:n1}\nmembers: [anna]\n");
	assert_int_equal(open_unit(u, NULL), 0);
	assert_non_null(state_epoch(u->s, "unit"));
	assert_true(state_in_team(u->s, "unit", "anna", MEM_NOW));
}

static void
broken_trees(void **state)
{
	static const struct {
		const char *path, *text, *message;
	} t[] = {
	    {"members/readme.txt", "x", "members/readme.txt: does not belong in a store"},
	    {"teams/unit/note.yaml", "x", "teams/unit/note.yaml: does not belong in a store"},
	    {"teams/file", "x", "teams/file: does not belong in a store"},
	    {"schemas", "x", "schemas: does not belong in a store"},
	    {"members/gus.yaml",
		"akt: 1\nhandle: bo\nroles: []\ndevices:\n- id: bo.x\n  recipient: {r:x}\n"
		"  signer: {k:x}\n  added: 2026-03-02T09:14:00Z\n",
		"members/gus.yaml: does not fit its place: "
		"what the file says of itself is not what its path says"},
	    {"teams/unit/01234567.yaml", "akt: 1\nteam: unit\nrecipient: {r:x}\nmembers: []\n",
		"teams/unit/01234567.yaml: does not fit its place: "
		"what the file says of itself is not what its path says"},
	    {"members/gus.yaml",
		"akt: 1\nhandle: gus\nroles: []\ndevices:\n- id: gus.x\n  recipient: {r:x}\n"
		"  signer: {k:bo.laptop}\n  added: 2026-03-02T09:14:00Z\n",
		"members: two devices have the same signing key"},
	    {"members/gus.yaml", "junk\n",
		"members/gus.yaml:1:1: akt: is not 1, the format that this program reads"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct unit *u;
		void *p;
		struct buf line = {0};
		struct err e = {0};

		setup(&p);
		u = p;
		files_put(&u->f, t[i].path, t[i].text);
		assert_int_equal(open_unit(u, &e), ERR_DAMAGED);
		err_format(&line, &e.item[0]);
		assert_string_equal(buf_str(&line), t[i].message);
		buf_free(&line);
		teardown(&p);
	}
}

/* An erased folder's tombstone stays final when one who signed it leaves. */
static void
final(void **state)
{
	struct unit *u = *state;
	const struct tombstone *t = NULL;

	files_put(&u->f, STONE, ORDER(BY("anna")));
	assert_int_equal(open_unit(u, NULL), 0);
	assert_int_equal(state_tombstone(u->s, &t, "d111111111", NULL), 0);
	assert_false(state_tombstone_final(u->s, t));
	files_put(
	    &u->f, STONE, ORDER(BY("anna") "- handle: cia\n  at: 2026-05-02T08:00:00Z\n"));
	assert_int_equal(open_unit(u, NULL), 0);
	assert_int_equal(state_tombstone(u->s, &t, "d111111111", NULL), 0);
	assert_true(state_tombstone_final(u->s, t));
	files_sub(&u->f, "members/cia.yaml", "roles:\n- staff\n- supervisor\n", "roles: []\n");
	assert_int_equal(open_unit(u, NULL), 0);
	assert_int_equal(state_tombstone(u->s, &t, "d111111111", NULL), 0);
	assert_false(state_tombstone_final(u->s, t));
	files_del(&u->f, "records/d/1/d111111111/dossier.yaml");
	assert_int_equal(open_unit(u, NULL), 0);
	assert_true(state_tombstone_final(u->s, t));
}

/* Neighbouring commits share what they have in common: only the root tree is read anew. */
static void
shared(void **state)
{
	struct unit *u = *state;
	const struct member *was, *is;
	size_t reads;

	assert_int_equal(open_unit(u, NULL), 0);
	was = state_member(u->s, "anna");
	files_seal(&u->f, "records/d/1/d111111111/placement-aaaaaaaa.yaml.age", "new");
	reads = mem_reads(u->m);
	assert_int_equal(open_unit(u, NULL), 0);
	assert_int_equal(mem_reads(u->m) - reads, 1);
	is = state_member(u->s, "anna");
	assert_ptr_equal(was, is);
}

/* Of the dossiers only those are forgotten that came in while who walks through all went by. */
static void
passing(void **state)
{
	struct unit *u = *state;
	const struct dossier *stays = NULL, *passes = NULL, *again = NULL;
	size_t reads;

	assert_int_equal(open_unit(u, NULL), 0);
	assert_int_equal(state_dossier(u->s, &stays, "d111111111", NULL), 0);
	state_cache_passing(u->c, true);
	assert_int_equal(state_dossier(u->s, &passes, "e222222222", NULL), 0);
	reads = mem_reads(u->m);
	assert_int_equal(state_dossier(u->s, &again, "e222222222", NULL), 0);
	assert_ptr_equal(again, passes);
	state_cache_passing(u->c, false);
	assert_int_equal(state_dossier(u->s, &again, "d111111111", NULL), 0);
	assert_ptr_equal(again, stays);
	assert_string_equal(stays->id, "d111111111");
	assert_string_equal(state_member(u->s, "anna")->handle, "anna");
	again = NULL;
	assert_int_equal(state_dossier(u->s, &again, "e222222222", NULL), 0);
	assert_string_equal(again->id, "e222222222");
	assert_true(mem_reads(u->m) > reads);
	/* and from now on it stays */
	passes = again;
	state_cache_passing(u->c, false);
	assert_int_equal(state_dossier(u->s, &again, "e222222222", NULL), 0);
	assert_ptr_equal(again, passes);
}

/* A schema that is lost lets nobody write, whatever it said. */
static void
lost_schema(void **state)
{
	struct unit *u = *state;
	const struct file *f = files_get(&u->f, "schema/plan.yaml");
	struct oid id;

	assert_int_equal(open_unit(u, NULL), 0);
	id = mem_blob(u->m, f->text, f->n);
	mem_lose(u->m, &id);
	assert_null(state_type_write(u->s, "plan")[0]);
}

static void
roles(void **state)
{
	unsigned r = 0;

	(void)state;
	assert_int_equal(role_parse(&r, "admin,staff"), 0);
	assert_int_equal(r, ROLE_ADMIN | ROLE_STAFF);
	assert_int_equal(role_parse(&r, "admin,"), ERR_USAGE);
	assert_int_equal(role_parse(&r, "Admin"), ERR_USAGE);
	assert_int_equal(role_parse(&r, ""), ERR_USAGE);
	assert_int_equal(r, ROLE_ADMIN | ROLE_STAFF);
	assert_string_equal(role_name(ROLE_SUPERVISOR), "supervisor");
	assert_string_equal(role_name(ROLE_SUPERVISOR | ROLE_STAFF), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(who_is_where, setup, teardown),
	    cmocka_unit_test_setup_teardown(signers_list, setup, teardown),
	    cmocka_unit_test_setup_teardown(epochs, setup, teardown),
	    cmocka_unit_test_setup_teardown(circle, setup, teardown),
	    cmocka_unit_test(newest),
	    cmocka_unit_test(long_chain),
	    cmocka_unit_test(broken_trees),
	    cmocka_unit_test_setup_teardown(final, setup, teardown),
	    cmocka_unit_test_setup_teardown(shared, setup, teardown),
	    cmocka_unit_test_setup_teardown(passing, setup, teardown),
	    cmocka_unit_test_setup_teardown(lost_schema, setup, teardown),
	    cmocka_unit_test(roles),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
