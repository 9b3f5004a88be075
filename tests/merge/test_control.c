/* Merging control files: docs/formats.md field by field, both ways round, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "merge/control.h"

#define EPOCH "teams/unit/0a1b2c3d.yaml"
#define DOSSIER "records/7/k/7k3f9q2m1x/dossier.yaml"
#define TOMB "erased/7/k/7k3f9q2m1x.yaml"

struct row {
	const char *path, *base, *ours, *theirs; /* NULL: absent */
	const char *want;                        /* NULL: absent */
	const char *reported;                    /* "field;field;" sorted; NULL: none */
};

static void
note(void *ctx, const char *path, const char *field)
{
	struct buf *b = ctx;

	buf_printf(b, "%s %s;", path, field);
}

static struct merge_text
text(const char *s)
{
	return (struct merge_text){s, s ? strlen(s) : 0};
}

static void
merge_one(size_t i, const struct row *r, const char *ours, const char *theirs)
{
	struct buf out = {0}, notes = {0}, want = {0};
	struct err e = {0};
	bool absent = false;

	buf_puts(&out, "kept:"); /* appended to, never overwritten */
	if (merge_control(&out, &absent, r->path, text(r->base), text(ours), text(theirs), note, &notes,
	    &e))
		fail_msg("row %zu: %s", i, e.item[0].text);
	assert_int_equal(absent, r->want == NULL);
	if (strcmp(buf_str(&out) + 5, r->want ? r->want : "") != 0)
		fail_msg("row %zu, %s:\n%s", i, r->path, buf_str(&out) + 5);
	for (const char *p = r->reported; p && *p; p = strchr(p, ';') + 1)
		buf_printf(&want, "%s %.*s;", r->path, (int)strcspn(p, ";"), p);
	if (strcmp(buf_str(&notes), buf_str(&want)) != 0)
		fail_msg("row %zu reports: %s", i, buf_str(&notes));
	buf_free(&out);
	buf_free(&notes);
	buf_free(&want);
	/* nobody listens */
	assert_int_equal(merge_control(&out, &absent, r->path, text(r->base), text(ours), text(theirs),
	    NULL, NULL, &e), 0);
	buf_free(&out);
}

static void
run(const struct row *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		merge_one(i, &t[i], t[i].ours, t[i].theirs);
		merge_one(i, &t[i], t[i].theirs, t[i].ours);
	}
}

#define RUN(rows) run(rows, sizeof rows / sizeof *rows)

static void
one_side_changed_it_stands_to_the_byte(void **state)
{
	static const struct row t[] = {
		{"store.yaml", "a: 1\n", "a:   2\n", "a: 1\n", "a:   2\n", NULL},
		{"store.yaml", "a: 1\n", "a:   2\n", "a:   2\n", "a:   2\n", NULL},
		{"members/anna.yaml", NULL, "handle: anna\n", NULL, "handle: anna\n", NULL},
		{"schema/placement.yaml", "a: 1\n", NULL, "a: 1\n", NULL, NULL},
		{"schema/placement.yaml", "a: 1\n", "a: 2\n", "a: 1\n", "a: 2\n", NULL},
		{EPOCH, NULL, NULL, NULL, NULL, NULL},
		{"teams/unit/0a1b2c3d.age", "x", "y", "x", "y", NULL},
	};

	(void)state;
	RUN(t);
}

#define STORE(name, lang, rest) \
	"akt: 1\nid: 7k3f9q2m1x\nunit: 0a1b2c3d4e\nname: " name "\nlanguage: " lang \
	"\nsettings:\n" rest

static void
store_fields_are_values_and_basis_a_set(void **state)
{
	static const struct row t[] = {
		{"store.yaml", STORE("A", "sv", "  basis: [gdpr, sol]\n  erase_signers: 2\n"),
		    STORE("B", "sv", "  basis: [gdpr, lvu, sol]\n  erase_signers: 2\n"),
		    STORE("A", "en", "  basis: [sol]\n  erase_signers: 2\n  go_live: 2026-01-01\n"),
		    STORE("B", "en", "  basis: [lvu, sol]\n  erase_signers: 2\n  go_live: 2026-01-01\n"), NULL},
		/* changed differently on both sides: the base's, reported */
		{"store.yaml", STORE("A", "sv", "  basis: [sol]\n  erase_signers: 2\n"),
		    STORE("B", "sv", "  basis: [sol]\n  erase_signers: 1\n"),
		    STORE("C", "sv", "  basis: [sol]\n  erase_signers: 3\n"),
		    STORE("A", "sv", "  basis: [sol]\n  erase_signers: 2\n"), "name;settings.erase_signers;"},
		/* the base has none: the smaller */
		{"store.yaml", STORE("A", "sv", "  basis: [sol]\n"),
		    STORE("A", "sv", "  basis: [sol]\n  go_live: 2026-02-01\n"),
		    STORE("A", "sv", "  basis: [sol]\n  go_live: 2026-01-01\n"),
		    STORE("A", "sv", "  basis: [sol]\n  go_live: 2026-01-01\n"), "settings.go_live;"},
		/* a unit's own numbers: each a value; the mapping goes with its last */
		{"store.yaml", STORE("A", "sv", "  basis: [sol]\n  values:\n    a: 1\n    b: 1\n    c: 1\n"),
		    STORE("A", "sv", "  basis: [sol]\n  fts: false\n  values:\n    a: 2\n    b: 2\n    c: 1\n"),
		    STORE("A", "sv", "  basis: [sol]\n  values:\n    aa: 7\n    b: 3\n"),
		    STORE("A", "sv", "  basis: [sol]\n  fts: false\n  values:\n    a: 1\n    aa: 7\n    b: 1\n"),
		    "settings.values.a;settings.values.b;"},
		{"store.yaml", STORE("A", "sv", "  basis: [sol]\n  values:\n    a: 1\n    b: 1\n"),
		    STORE("A", "sv", "  basis: [sol]\n  values:\n    b: 1\n"),
		    STORE("A", "en", "  basis: [sol]\n  values:\n    a: 1\n"),
		    STORE("A", "en", "  basis: [sol]\n"), NULL},
		{"store.yaml", STORE("A", "sv", "  basis: [sol]\n"),
		    STORE("A", "sv", "  basis: [sol]\n  values:\n    b: 1\n"),
		    STORE("A", "sv", "  basis: [sol]\n  values:\n    a: 1\n"),
		    STORE("A", "sv", "  basis: [sol]\n  values:\n    a: 1\n    b: 1\n"), NULL},
		/* a field of a later version is a value, behind the known ones */
		{"store.yaml", STORE("A", "sv", "  basis: [sol]\n"),
		    STORE("A", "sv", "  basis: [sol]\nzz: 1\n"), STORE("A", "en", "  basis: [sol]\naa: 1\n"),
		    STORE("A", "en", "  basis: [sol]\naa: 1\nzz: 1\n"), NULL},
	};

	(void)state;
	RUN(t);
}

#define MEMBER(roles, devices) "akt: 1\nhandle: anna\nroles: " roles "\ndevices:" devices
#define DEVICE(id, rest) \
	"\n- id: anna." id "\n  recipient: age1" id "\n  signer: ssh-ed25519 A" id \
	"\n  added: 2026-03-02T09:14:00Z" rest
#define REVOKED(month) "\n  revoked: 2026-" month "-01T08:00:00Z"

static void
roles_unite_a_removal_wins_devices_are_keyed_and_revoked_stays(void **state)
{
	static const struct row t[] = {
		{"members/anna.yaml", MEMBER("[admin, staff]", DEVICE("a", "") "\n"),
		    MEMBER("[staff, supervisor]", DEVICE("a", "") "\n"),
		    MEMBER("[admin, auditor, staff]", DEVICE("a", "") "\n"),
		    MEMBER("[auditor, staff, supervisor]", DEVICE("a", "") "\n"), NULL},
		/* removed altogether wins, over a new role as well */
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", "") "\n"), MEMBER("[]", DEVICE("a", "") "\n"),
		    MEMBER("[staff]", DEVICE("a", "") DEVICE("b", "") "\n"),
		    MEMBER("[]", DEVICE("a", "") DEVICE("b", "") "\n"), NULL},
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", "") "\n"), MEMBER("[]", DEVICE("a", "") "\n"),
		    MEMBER("[admin]", DEVICE("a", "") "\n"), MEMBER("[]", DEVICE("a", "") "\n"), NULL},
		/* each side took one role of two: nobody was removed */
		{"members/anna.yaml", MEMBER("[admin, staff]", DEVICE("a", "") "\n"),
		    MEMBER("[admin]", DEVICE("a", "") "\n"), MEMBER("[staff]", DEVICE("a", "") "\n"),
		    MEMBER("[admin, staff]", DEVICE("a", "") "\n"), "roles;"},
		/* new devices on both sides, sorted */
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("b", "") "\n"),
		    MEMBER("[staff]", DEVICE("b", "") DEVICE("c", "") "\n"),
		    MEMBER("[staff]", DEVICE("a", "") DEVICE("b", "") "\n"),
		    MEMBER("[staff]", DEVICE("a", "") DEVICE("b", "") DEVICE("c", "") "\n"), NULL},
		/* revoked on one side, on both, taken back */
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", "") "\n"),
		    MEMBER("[staff]", DEVICE("a", REVOKED("04")) "\n"), MEMBER("[admin]", DEVICE("a", "") "\n"),
		    MEMBER("[admin]", DEVICE("a", REVOKED("04")) "\n"), NULL},
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", "") "\n"),
		    MEMBER("[staff]", DEVICE("a", REVOKED("04")) "\n"),
		    MEMBER("[staff]", DEVICE("a", REVOKED("05")) "\n"),
		    MEMBER("[staff]", DEVICE("a", REVOKED("04")) "\n"), NULL},
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", REVOKED("04")) "\n"),
		    MEMBER("[staff]", DEVICE("a", "") "\n"), MEMBER("[admin]", DEVICE("a", REVOKED("04")) "\n"),
		    MEMBER("[admin]", DEVICE("a", REVOKED("04")) "\n"), NULL},
		/* a device that one side left out is not gone */
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", "") DEVICE("b", "") "\n"),
		    MEMBER("[staff]", DEVICE("b", "") "\n"),
		    MEMBER("[admin]", DEVICE("a", "") DEVICE("b", "") "\n"),
		    MEMBER("[admin]", DEVICE("a", "") DEVICE("b", "") "\n"), NULL},
		/* both made the member */
		{"members/anna.yaml", NULL, MEMBER("[staff]", DEVICE("a", "") "\n"),
		    MEMBER("[admin]", DEVICE("b", "") "\n"),
		    MEMBER("[admin, staff]", DEVICE("a", "") DEVICE("b", "") "\n"), NULL},
		/* a device's keys are values */
		{"members/anna.yaml", NULL, MEMBER("[staff]", "\n- id: anna.a\n  recipient: age1y\n"),
		    MEMBER("[staff]", "\n- id: anna.a\n  recipient: age1x\n"),
		    MEMBER("[staff]", "\n- id: anna.a\n  recipient: age1x\n"), "devices.anna.a.recipient;"},
		/* never removed */
		{"members/anna.yaml", MEMBER("[staff]", DEVICE("a", "") "\n"), NULL,
		    MEMBER("[]", DEVICE("a", "") "\n"), MEMBER("[]", DEVICE("a", "") "\n"), NULL},
	};

	(void)state;
	RUN(t);
}

#define TEAM(members, until) \
	"akt: 1\nteam: unit\nrecipient: age1x\nearlier: 1a2b3c4d\nmembers: " members "\n" until
#define UNTIL(who, month) "- handle: " who "\n  at: 2026-" month "-01T08:00:00Z\n"

static void
an_epochs_members_and_until_unite_and_the_earlier_stands(void **state)
{
	static const struct row t[] = {
		{EPOCH, TEAM("[anna, bo]", ""), TEAM("[anna, bo, dan]", ""), TEAM("[anna, bo, cia]", ""),
		    TEAM("[anna, bo, cia, dan]", ""), NULL},
		{EPOCH, TEAM("[anna, bo]", ""), TEAM("[anna, bo]", "until:\n" UNTIL("bo", "05")),
		    TEAM("[anna, bo]", "until:\n" UNTIL("anna", "06") UNTIL("bo", "04")),
		    TEAM("[anna, bo]", "until:\n" UNTIL("anna", "06") UNTIL("bo", "04")), NULL},
		/* neither a handle nor an end is taken out of an epoch again */
		{EPOCH, TEAM("[anna, bo]", "until:\n" UNTIL("bo", "05")), TEAM("[anna]", ""),
		    TEAM("[anna, bo, cia]", "until:\n" UNTIL("bo", "05")),
		    TEAM("[anna, bo, cia]", "until:\n" UNTIL("bo", "05")), NULL},
	};

	(void)state;
	RUN(t);
}

#define DOS(retention, access, rest) \
	"akt: 1\ndossier: 7k3f9q2m1x\n" retention "access: " access "\n" rest
#define GRANT(team, month) "- team: " team "\n  at: 2026-" month "-30T00:00:00Z\n"
#define KEY(id, file) "- id: " id "\n  for: [unit/1a2b3c4d]\n  file: " file "\n"

static void
a_dossiers_access_is_a_set_its_until_keyed_and_its_keys_unite(void **state)
{
	static const struct row t[] = {
		{DOSSIER, DOS("", "[placering, unit, ~anna]", "keys:\n" KEY("a1", "f1")),
		    DOS("retention: B\n", "[unit, ~anna, ~cia]", "keys:\n" KEY("a1", "f1") KEY("b1", "f2")),
		    DOS("", "[placering, unit, ~anna, ~bo]", "keys:\n" KEY("a1", "f0") KEY("a1", "f1")),
		    DOS("retention: B\n", "[unit, ~anna, ~bo, ~cia]",
		    "keys:\n" KEY("a1", "f0") KEY("a1", "f1") KEY("b1", "f2")), NULL},
		/* keys stay though one side left them out */
		{DOSSIER, DOS("", "[unit]", "keys:\n" KEY("a1", "f1")), DOS("", "[unit, ~a]", "keys: []\n"),
		    DOS("", "[unit, ~b]", "keys:\n" KEY("a1", "f1")),
		    DOS("", "[unit, ~a, ~b]", "keys:\n" KEY("a1", "f1")), NULL},
		/* nobody may revoke the last reader, and two who revoke each other's may not either */
		{DOSSIER, DOS("", "[unit, ~anna]", "keys: []\n"), DOS("", "[unit]", "keys: []\n"),
		    DOS("", "[~anna]", "keys: []\n"), DOS("", "[unit, ~anna]", "keys: []\n"), "access;"},
		/* ends of grants: changed on one side; on both the earlier; taken away */
		{DOSSIER, DOS("", "[unit]", "until:\n" GRANT("unit", "06") "keys: []\n"),
		    DOS("", "[unit]", "until:\n" GRANT("unit", "09") "keys: []\n"),
		    DOS("", "[unit, ~a]", "until:\n" GRANT("unit", "06") "keys: []\n"),
		    DOS("", "[unit, ~a]", "until:\n" GRANT("unit", "09") "keys: []\n"), NULL},
		{DOSSIER, DOS("", "[unit]", "until:\n" GRANT("unit", "06") "keys: []\n"),
		    DOS("", "[unit]", "until:\n" GRANT("unit", "09") "keys: []\n"),
		    DOS("", "[unit]", "until:\n" GRANT("unit", "07") "keys: []\n"),
		    DOS("", "[unit]", "until:\n" GRANT("unit", "07") "keys: []\n"), NULL},
		{DOSSIER, DOS("", "[unit]", "until:\n" GRANT("unit", "06") "keys: []\n"),
		    DOS("", "[unit]", "keys: []\n"),
		    DOS("", "[unit, ~a]", "until:\n" GRANT("unit", "06") "keys: []\n"),
		    DOS("", "[unit, ~a]", "keys: []\n"), NULL},
		{DOSSIER, DOS("", "[unit]", "until:\n" GRANT("unit", "06") "keys: []\n"),
		    DOS("", "[unit]", "keys: []\n"),
		    DOS("", "[unit]", "until:\n" GRANT("unit", "05") "keys: []\n"),
		    DOS("", "[unit]", "until:\n" GRANT("unit", "05") "keys: []\n"), NULL},
		/* the end goes with its grant */
		{DOSSIER, DOS("", "[unit, ~c]", "until:\n" GRANT("~c", "06") "keys: []\n"),
		    DOS("", "[unit]", "keys: []\n"),
		    DOS("", "[unit, ~c]", "until:\n" GRANT("~c", "05") "keys: []\n"),
		    DOS("", "[unit]", "keys: []\n"), NULL},
		/* the same part opened on two machines */
		{DOSSIER, NULL, DOS("retention: B\n", "[unit]", "keys:\n" KEY("a1", "f1")),
		    DOS("retention: C\n", "[~a]", "keys:\n" KEY("b1", "f2")),
		    DOS("retention: B\n", "[unit, ~a]", "keys:\n" KEY("a1", "f1") KEY("b1", "f2")), "retention;"},
		{DOSSIER, NULL, DOS("", "[unit]", "keys:\n- id: a\n  for: [b/1, a/1]\n  file: f\n"),
		    DOS("", "[unit]", "keys:\n- id: a\n  for: [a/1]\n  file: f\n"),
		    DOS("", "[unit]", "keys:\n- id: a\n  for: [a/1]\n  file: f\n"), "keys.a f.for;"},
	};

	(void)state;
	RUN(t);
}

#define GRAVE(basis, by) "akt: 1\ndossier: 7k3f9q2m1x\nbasis: " basis "\nby:\n" by
#define BY(who, month) "- handle: " who "\n  at: 2026-" month "-01T08:00:00Z\n"

static void
a_tombstones_by_unites_and_its_basis_is_a_value(void **state)
{
	static const struct row t[] = {
		{TOMB, NULL, GRAVE("gdpr", BY("bo", "05")), GRAVE("gdpr", BY("anna", "06")),
		    GRAVE("gdpr", BY("anna", "06") BY("bo", "05")), NULL},
		{TOMB, NULL, GRAVE("sol", BY("bo", "05")), GRAVE("gdpr", BY("bo", "04")),
		    GRAVE("gdpr", BY("bo", "04")), "basis;"},
		{TOMB, GRAVE("gdpr", BY("bo", "05")), GRAVE("gdpr", BY("bo", "05") BY("cia", "05")),
		    GRAVE("gdpr", BY("anna", "06") BY("bo", "05")),
		    GRAVE("gdpr", BY("anna", "06") BY("bo", "05") BY("cia", "05")), NULL},
		{TOMB, GRAVE("gdpr", BY("bo", "05")), NULL, GRAVE("gdpr", BY("anna", "06") BY("bo", "05")),
		    GRAVE("gdpr", BY("anna", "06") BY("bo", "05")), NULL},
	};

	(void)state;
	RUN(t);
}

static void
allowed_signers_is_the_union_of_lines_sorted(void **state)
{
	static const struct row t[] = {
		{"allowed_signers", "b@s x\n", "b@s x\nc@s x\n", "a@s x\nb@s x\n", "a@s x\nb@s x\nc@s x\n", NULL},
		{"allowed_signers", "b@s x\n", "", "a@s x\nb@s x\n", "a@s x\nb@s x\n", NULL},
		{"allowed_signers", NULL, "b\n\na", "c\nb", "a\nb\nc\n", NULL},
	};

	(void)state;
	RUN(t);
}

static void
a_schema_is_one_value_and_sealed_or_free_text_opaque(void **state)
{
	static const struct row t[] = {
		{"schema/placement.yaml", "type: object\n", "type: string\n", "type: array\n", "type: object\n", ";"},
		{"schema/placement.yaml", NULL, "type: string\n", "type: array\n", "type: array\n", ";"},
		{"schema/placement.yaml", "type: object\n", "type: string\n", NULL, "type: object\n", ";"},
		/* not YAML at all: still one value */
		{"schema/placement.yaml", NULL, "{", "[", "[", ";"},
		{"schema/rules/due.sql", "zero", "one", "two", "zero", ";"},
		/* SHA-256 of "two" is 3fc4cc..., of "one" 7692c3... */
		{"schema/reports/due.yaml", NULL, "one", "two", "two", ";"},
		{"schema/rules/due.sql", "zero", NULL, "one", "one", NULL},
		{"teams/unit/0a1b2c3d.age", "zero", "one", "two", "two", NULL},
		{"teams/unit/0a1b2c3d.age", NULL, "one", "two", "two", NULL},
	};

	(void)state;
	RUN(t);
}

static void
what_is_not_of_the_expected_form_is_one_value_and_nothing_breaks(void **state)
{
	static const struct row t[] = {
		{"members/anna.yaml", "roles: [a]\n", "roles: b\n", "roles: [c]\n", "roles: [a]\n", "roles;"},
		{"members/anna.yaml", "devices: []\n", "devices:\n- id: 1\n", "devices:\n- id: x\n", "devices: []\n",
		    "devices;"},
		{"members/anna.yaml", NULL, "devices: [{id: x}, {id: x}]\n", "devices: [{id: x}]\n",
		    "devices:\n- id: x\n- id: x\n", "devices;"},
		{"members/anna.yaml", NULL, "[1]\n", "a: 1\n", "[1]\n", ";"},
		{"store.yaml", "settings: {go_live: x}\n", "settings: 1\n", "settings: {go_live: y}\n",
		    "settings:\n  go_live: x\n", "settings;"},
		{"store.yaml", NULL, "", "akt: 1\n", "null\n", ";"},
		{"store.yaml", NULL, "akt: 1.0\n", "akt: 1\n", "akt: 1\n", NULL},
	};

	(void)state;
	RUN(t);
}

static void
a_damaged_version_is_named_with_its_position(void **state)
{
	static const char *const bad[][4] = {
		{"a: 1\n", "b: [\n", "c: 1\n", "members/anna.yaml"},
		{"a: 1\n", "c: 1\n", "a: 1\na: 2\n", "members/anna.yaml"},
		{"a: &x 1\n", "c: 1\n", "b: 1\n", "members/anna.yaml"},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf out = {0};
		struct err e = {0};
		bool absent = true;

		assert_int_equal(merge_control(&out, &absent, bad[i][3], text(bad[i][0]), text(bad[i][1]),
		    text(bad[i][2]), NULL, NULL, &e), ERR_DAMAGED);
		assert_int_equal(out.n, 0);
		assert_true(absent);
		assert_int_equal(e.n, 1);
		assert_int_equal(e.item[0].code, ERR_DAMAGED);
		assert_string_equal(e.item[0].file, "members/anna.yaml");
		assert_true(e.item[0].line > 0);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_side_changed_it_stands_to_the_byte),
		cmocka_unit_test(store_fields_are_values_and_basis_a_set),
		cmocka_unit_test(roles_unite_a_removal_wins_devices_are_keyed_and_revoked_stays),
		cmocka_unit_test(an_epochs_members_and_until_unite_and_the_earlier_stands),
		cmocka_unit_test(a_dossiers_access_is_a_set_its_until_keyed_and_its_keys_unite),
		cmocka_unit_test(a_tombstones_by_unites_and_its_basis_is_a_value),
		cmocka_unit_test(allowed_signers_is_the_union_of_lines_sorted),
		cmocka_unit_test(a_schema_is_one_value_and_sealed_or_free_text_opaque),
		cmocka_unit_test(what_is_not_of_the_expected_form_is_one_value_and_nothing_breaks),
		cmocka_unit_test(a_damaged_version_is_named_with_its_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
