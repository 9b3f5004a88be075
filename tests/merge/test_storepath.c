/* The grammar of store paths (DESIGN 2), by table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "merge/storepath.h"

#define H32 "a2345678901234567890123456789012"
#define D32 "01234567890123456789012345678901"
#define DOS "records/7/k/7k3f9q2m1x/"

struct row {
	const char *path;
	enum storepath_kind kind;
	const char *name, *epoch, *dossier, *record, *type, *parked;
};

static const struct row good[] = {
	{"store.yaml", PATH_STORE, "", "", "", "", "", ""},
	{"allowed_signers", PATH_SIGNERS, "", "", "", "", "", ""},
	{"members/anna.yaml", PATH_MEMBER, "anna", "", "", "", "", ""},
	{"members/recovery.yaml", PATH_MEMBER, "recovery", "", "", "", "", ""},
	{"members/" H32 ".yaml", PATH_MEMBER, H32, "", "", "", "", ""},
	{"members/a-b_9.yaml", PATH_MEMBER, "a-b_9", "", "", "", "", ""},
	{"teams/unit/0a1b2c3d.yaml", PATH_EPOCH, "unit", "0a1b2c3d", "", "", "", ""},
	{"teams/~anna/0a1b2c3d.yaml", PATH_EPOCH, "~anna", "0a1b2c3d", "", "", "", ""},
	{"teams/~" H32 "/ffffffff.age", PATH_EPOCH_KEY, "~" H32, "ffffffff", "", "", "", ""},
	{"schema/placement.yaml", PATH_SCHEMA, "placement", "", "", "", "", ""},
	{"schema/rules/due-soon.sql", PATH_SCHEMA_EXTRA, "due-soon.sql", "", "", "", "", ""},
	{"schema/reports/r.yaml", PATH_SCHEMA_EXTRA, "r.yaml", "", "", "", "", ""},
	{"schema/generators/g_1.sql", PATH_SCHEMA_EXTRA, "g_1.sql", "", "", "", "", ""},
	{DOS "dossier.yaml", PATH_DOSSIER, "", "", "7k3f9q2m1x", "", "", ""},
	{DOS "placement-3f9k2m7q.yaml.age", PATH_RECORD, "", "", "7k3f9q2m1x",
	    "placement-3f9k2m7q", "placement", ""},
	{DOS "a-lou.yaml.age", PATH_RECORD, "", "", "7k3f9q2m1x", "a-lou", "a", ""},
	{DOS H32 "-" D32 ".yaml.age", PATH_RECORD, "", "", "7k3f9q2m1x", H32 "-" D32, H32, ""},
	{DOS H32 "-" D32 ".yaml.age.parked-0123456789abcdef", PATH_PARKED, "", "", "7k3f9q2m1x",
	    H32 "-" D32, H32, "0123456789abcdef"},
	{"erased/7/k/7k3f9q2m1x.yaml", PATH_TOMBSTONE, "", "", "7k3f9q2m1x", "", "", ""},
};

static const char *const bad[] = {
	"", "/", "//", "store.yml", "Store.yaml", "/store.yaml", "store.yaml/", "./store.yaml", "store.yaml ",
	"a/store.yaml", "allowed_signers.yaml", ".gitattributes", ".git/config", "..", "../store.yaml",
	"members", "members/", "members/.yaml", "members/anna", "members/Anna.yaml",
	"members/1anna.yaml", "members/-a.yaml", "members/~anna.yaml", "members/a.b.yaml",
	"members/\xc3\xa5sa.yaml", "members/anna.yaml/x", "members/a" H32 ".yaml", "members/an\na.yaml",
	"teams/unit/0a1b2c3.yaml", "teams/unit/0a1b2c3d4.yaml", "teams/unit/0A1b2c3d.yaml",
	"teams/unit/0a1b2c3d", "teams/unit/0a1b2c3d.age.yaml", "teams/~/0a1b2c3d.yaml",
	"teams/~~a/0a1b2c3d.yaml", "teams//0a1b2c3d.yaml", "teams/unit.yaml", "teams/unit/x/0a1b2c3d.age",
	"schema/place-ment.yaml", "schema/Placement.yaml", "schema/placement.json", "schema/.yaml",
	"schema/rules/.sql", "schema/rules/a.txt", "schema/other/a.sql", "schema/rules/x/a.sql",
	"schema/rules/A.sql", "schema/rules/../a.sql", "schema/rules/a.sql.", "schema/rules/1.sql",
	"schema/rules/a2345678901234567890123456789012345678901234567890123456789012.sql",
	"records/7/x/7k3f9q2m1x/dossier.yaml", "records/8/k/7k3f9q2m1x/dossier.yaml",
	"records/7/k/7k3f9q2m1/dossier.yaml", "records/7/k/7k3f9q2m1xx/dossier.yaml",
	"records/7/k/7k3f9q2m1l/dossier.yaml", "records/7/k/7K3f9q2m1x/dossier.yaml",
	"records/7k/7k3f9q2m1x/dossier.yaml", "records/7/k/7k3f9q2m1x", "records/7/k/7k3f9q2m1x/",
	"records//k/7k3f9q2m1x/dossier.yaml", "records/77/k/7k3f9q2m1x/dossier.yaml",
	DOS "placement.yaml.age", DOS "placement-ab.yaml.age", DOS "-abc.yaml.age",
	DOS "placement-abc.yaml", DOS "placement-ABC.yaml.age", DOS "placement-a-bc.yaml.age",
	DOS "pla-cement-abc.yaml.age", DOS "Placement-abc.yaml.age", DOS "placement-" D32 "0.yaml.age",
	DOS "a" H32 "-abc.yaml.age", DOS "placement-abc.yaml.age.parked-0123456789abcde",
	DOS "placement-abc.yaml.age.parked-0123456789abcdef0",
	DOS "placement-abc.yaml.age.parked-0123456789ABCDEF", DOS ".yaml.age.parked-0123456789abcdef",
	DOS "placement-abc.yaml.age.parked-0123456789abcdef.parked-0123456789abcdef",
	DOS "placement-abc.yaml.age/x", DOS "dossier.yaml.age", DOS "x/placement-abc.yaml.age",
	"erased/7/k/7k3f9q2m1x", "erased/k/7/7k3f9q2m1x.yaml", "erased/7/k/7k3f9q2m1x.yaml/x",
	"erased/7/k/.yaml", "a/b/c/d/e/f/g/h",
};

static void
paths_of_the_grammar_are_read_in_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		const struct row *r = &good[i];
		struct storepath p;

		memset(&p, 'x', sizeof p);
		assert_int_equal(storepath_parse(&p, r->path), r->kind);
		assert_int_equal(storepath_parse(NULL, r->path), r->kind);
		assert_int_equal(p.kind, r->kind);
		assert_string_equal(p.name, r->name);
		assert_string_equal(p.epoch, r->epoch);
		assert_string_equal(p.dossier, r->dossier);
		assert_string_equal(p.record, r->record);
		assert_string_equal(p.type, r->type);
		assert_string_equal(p.parked, r->parked);
	}
}

static void
every_other_path_is_bad_and_leaves_nothing_half_read(void **state)
{
	static const struct storepath none = {.kind = PATH_BAD};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct storepath p;

		memset(&p, 'x', sizeof p);
		if (storepath_parse(&p, bad[i]) != PATH_BAD)
			fail_msg("accepted: %s", bad[i]);
		assert_memory_equal(&p, &none, sizeof p);
	}
}

static void
one_byte_wrong_anywhere_is_never_read_as_another_kind_of_dossier(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char *path = strdup(good[i].path);

		for (size_t k = 0; path[k]; k++) {
			char was = path[k];

			for (int c = 1; c < 256; c++) {
				struct storepath p;

				path[k] = (char)c;
				if (storepath_parse(&p, path) == PATH_BAD)
					continue;
				/* whatever is accepted has a folder that agrees with itself */
				if (p.dossier[0]) {
					char *at = strstr(path, p.dossier);

					assert_non_null(at);
					assert_int_equal(at[-2], p.dossier[1]);
					assert_int_equal(at[-4], p.dossier[0]);
				}
				assert_true((unsigned char)c < 0x7f && c > 0x20);
			}
			path[k] = was;
		}
		free(path);
	}
}

static void
a_path_longer_than_any_is_bad(void **state)
{
	char *path = calloc(1, 100001);

	(void)state;
	memset(path, 'a', 100000);
	assert_int_equal(storepath_parse(NULL, path), PATH_BAD);
	memset(path, '/', 100000);
	assert_int_equal(storepath_parse(NULL, path), PATH_BAD);
	free(path);
}

static void
names_have_their_alphabets(void **state)
{
	static const struct {
		const char *s;
		bool handle, team, type, device;
	} t[] = {
		{"anna", true, true, true, false}, {"a", true, true, true, false},
		{"~anna", false, true, false, false}, {"a-b", true, true, false, false},
		{"a_b", true, true, true, false}, {"", false, false, false, false},
		{"~", false, false, false, false}, {"9a", false, false, false, false},
		{"A", false, false, false, false}, {"anna.laptop", false, false, false, true},
		{"anna.", false, false, false, false}, {".laptop", false, false, false, false},
		{"anna.a.b", false, false, false, false}, {"recovery", true, true, true, false},
		{H32, true, true, true, false}, {H32 "x", false, false, false, false},
		{"~" H32, false, true, false, false}, {H32 "." H32, false, false, false, true},
		{"an na", false, false, false, false}, {"anna\n", false, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(storepath_handle_ok(t[i].s), t[i].handle);
		assert_int_equal(storepath_team_ok(t[i].s), t[i].team);
		assert_int_equal(storepath_type_ok(t[i].s), t[i].type);
		assert_int_equal(storepath_device_ok(t[i].s), t[i].device);
	}
}

static void
a_name_in_a_dossier_has_the_fan_out_of_its_id(void **state)
{
	char *p = storepath_in_dossier("7k3f9q2m1x", "dossier.yaml");

	(void)state;
	assert_string_equal(p, DOS "dossier.yaml");
	assert_int_equal(storepath_parse(NULL, p), PATH_DOSSIER);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_the_grammar_are_read_in_full),
		cmocka_unit_test(every_other_path_is_bad_and_leaves_nothing_half_read),
		cmocka_unit_test(one_byte_wrong_anywhere_is_never_read_as_another_kind_of_dossier),
		cmocka_unit_test(a_path_longer_than_any_is_bad),
		cmocka_unit_test(names_have_their_alphabets),
		cmocka_unit_test(a_name_in_a_dossier_has_the_fan_out_of_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
