/* Control files: each fault with its position and words. */
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
#include "mem.h"
#include "trail/state_file.h"

#include "trail/fuzz_state.c"

#define STORE                                                                                      \
	"akt: 1\nid: s000000000\nunit: d000000000\nname: Barn och ungdom\nlanguage: sv\n"          \
	"settings:\n  basis: [gdpr, sol]\n  erase_signers: 2\n"
#define MEMBER(roles, device) "akt: 1\nhandle: bo\nroles: " roles "\ndevices:\n" device
#define DEVICE                                                                                     \
	"- id: bo.laptop\n  recipient: {r:b}\n  signer: {k:b}\n  added: 2026-03-02T09:14:00Z\n"
#define EPOCH "akt: 1\nteam: unit\nrecipient: {r:b}\nmembers: [anna, bo]\n"
#define DOSSIER "akt: 1\ndossier: d111111111\nretention: B\naccess: [unit, ~anna]\n"
#define KEYS "keys:\n- id: {h:1}\n  for: [unit/0a1b2c3d]\n  file: {h:2}\n"
#define STONE                                                                                      \
	"akt: 1\ndossier: d111111111\nbasis: gdpr\nby:\n- handle: anna\n"                          \
	"  at: 2026-05-01T08:00:00Z\n"

enum what { S, M, E, D, T };

static int
read_one(enum what what, const char *text, struct err *e)
{
	struct store_info *s = NULL;
	struct member *m = NULL;
	struct epoch *ep = NULL;
	struct dossier *d = NULL;
	struct tombstone *t = NULL;
	size_t n = strlen(text);
	int rc = 0;

	switch (what) {
	case S:
		rc = state_read_store(&s, "f", text, n, e);
		break;
	case M:
		rc = state_read_member(&m, "f", text, n, e);
		break;
	case E:
		rc = state_read_epoch(&ep, "f", text, n, e);
		break;
	case D:
		rc = state_read_dossier(&d, "f", text, n, e);
		break;
	case T:
		rc = state_read_tombstone(&t, "f", text, n, e);
		break;
	}
	state_free_store(s);
	state_free_member(m);
	state_free_epoch(ep);
	state_free_dossier(d);
	state_free_tombstone(t);
	return rc;
}

/* what is replaced in the good text (NULL: nothing), by what, and the whole message */
static const struct {
	enum what what;
	const char *text, *old, *now, *message;
} files[] = {
    {S, STORE, NULL, NULL, NULL},
    {S, STORE, "akt: 1", "akt: 2", "f:1:6: akt: is not 1, the format that this program reads"},
    {S, STORE, "akt: 1", "akt: \"1\"", "f:1:6: akt: is not 1, the format that this program reads"},
    {S, STORE, "s000000000", "s00000000l", "f:2:5: id: is not a valid name or code"},
    {S, STORE, "s000000000", "1234567890", "f:2:5: id: is of the wrong kind"},
    {S, STORE, "unit: d000000000\n", "", "f:1:1: unit: is missing"},
    {S, STORE, "Barn och ungdom", "\"\"", "f:4:7: name: is empty"},
    {S, STORE, "Barn och ungdom", "\"a\\0b\"",
	"f:4:7: name: the text holds a control character; remove it"},
    {S, STORE, "Barn och ungdom", "\"a\\nb\"", "f:4:7: name: is too long, or more than one line"},
    {S, STORE, "language: sv", "language: swe", "f:5:11: language: is not a valid name or code"},
    {S, STORE, "gdpr, sol", "sol, gdpr", "f:7:16: basis: is not sorted, or names something twice"},
    {S, STORE, "gdpr, sol", "gdpr, gdpr", "f:7:17: basis: is not sorted, or names something twice"},
    {S, STORE, "gdpr, sol", "gdpr, 1", "f:7:17: basis: has an item of the wrong kind"},
    {S, STORE, "signers: 2", "signers: 0",
	"f:8:18: settings.erase_signers: is not a number from 1 to 9"},
    {S, STORE, "signers: 2\n", "signers: 2\n  go_live: 2026-02-30\n",
	"f:9:12: settings.go_live: is not a date (YYYY-MM-DD)"},
    {S, STORE, "signers: 2\n", "signers: 2\n  go_live: 2026-01-01\n", NULL},
    {S, STORE, "signers: 2\n",
	"signers: 2\n  fts: false\n  go_live: 2026-01-01\n  values:\n    a_days: -3\n    from: 2026-01-01\n",
	NULL},
    {S, STORE, "signers: 2\n", "signers: 2\n  fts: true\n",
	"f:9:1: is not in canonical form, or has a field that does not belong here"},
    {S, STORE, "signers: 2\n", "signers: 2\n  fts: 0\n", "f:9:8: fts: is of the wrong kind"},
    {S, STORE, "signers: 2\n", "signers: 2\n  values: {}\n",
	"f:9:11: settings.values: is empty and should be left out"},
    {S, STORE, "signers: 2\n", "signers: 2\n  values:\n    b: 1\n    a: 1\n",
	"f:11:8: settings.values: is not sorted, or names something twice"},
    {S, STORE, "signers: 2\n", "signers: 2\n  values:\n    a: two words\n",
	"f:10:8: settings.values: is not a valid name or code"},
    {S, STORE, "signers: 2\n", "signers: 2\n  values:\n    a: 1000000000\n",
	"f:10:8: settings.values: is not a valid name or code"},
    {S, STORE, "signers: 2\n", "signers: 2\n  values:\n    A: 1\n",
	"f:10:8: settings.values: is not a valid name or code"},
    {S, STORE, "signers: 2\n", "signers: 2\n  values:\n    a: [1]\n",
	"f:10:8: settings.values: is not a valid name or code"},
    {S, STORE, "signers: 2\n", "signers: 2\n  colour: red\n",
	"f:9:1: is not in canonical form, or has a field that does not belong here"},
    {S, STORE, "unit: d000000000\nname: Barn och ungdom\n",
	"name: Barn och ungdom\nunit: d000000000\n",
	"f:3:1: is not in canonical form, or has a field that does not belong here"},
    {S, STORE, "name: Barn och ungdom", "name: 'Barn och ungdom'",
	"f:4:1: is not in canonical form, or has a field that does not belong here"},
    {S, STORE, "language: sv\n", "language: sv\r\n",
	"f:5:13: language: a carriage return is not allowed; end lines with a line feed alone"},
    {S, STORE, "language: sv\n", "language: sv # svenska\n",
	"f:5:1: is not in canonical form, or has a field that does not belong here"},
    {M, MEMBER("[admin, staff]", DEVICE), NULL, NULL, NULL},
    {M, MEMBER("[]", DEVICE), NULL, NULL, NULL},
    {M, MEMBER("[boss]", DEVICE), NULL, NULL, "f:3:9: roles: is not a role"},
    {M, MEMBER("[\"admin,staff\"]", DEVICE), NULL, NULL, "f:3:9: roles: is not a role"},
    {M, MEMBER("[staff, admin]", DEVICE), NULL, NULL,
	"f:3:1: is not in canonical form, or has a field that does not belong here"},
    {M, MEMBER("[recovery]", DEVICE), NULL, NULL,
	"f:3:8: roles: the recovery identity alone has the role recovery"},
    {M, MEMBER("[staff]", DEVICE), "handle: bo", "handle: Bo",
	"f:2:9: handle: is not a valid name or code"},
    {M, MEMBER("[staff]", DEVICE), "handle: bo", "handle: recovery",
	"f:3:8: roles: the recovery identity alone has the role recovery"},
    {M, MEMBER("[staff]", "[]\n"), "devices:\n", "devices: ", "f:4:10: devices: is empty"},
    {M, MEMBER("[staff]", DEVICE), "bo.laptop", "eva.laptop",
	"f:5:7: devices.id: is not this member's device"},
    {M, MEMBER("[staff]", DEVICE), "bo.laptop", "recovery",
	"f:5:7: devices.id: is not this member's device"},
    {M, MEMBER("[staff]", DEVICE), "bo.laptop", "bo.", "f:5:7: id: is not a valid name or code"},
    {M, MEMBER("[staff]", DEVICE), "{r:b}", "age1qq", "f:6:14: recipient: is not an age recipient"},
    {M, MEMBER("[staff]", DEVICE), "{k:b}", "ssh-rsa AAAA",
	"f:7:11: devices.signer: is not an ssh-ed25519 key"},
    {M, MEMBER("[staff]", DEVICE), "09:14:00Z", "09:14:00+01:00",
	"f:8:10: added: is not a time (YYYY-MM-DDTHH:MM:SSZ)"},
    {M, MEMBER("[staff]", DEVICE DEVICE), NULL, NULL,
	"f:9:3: devices: is not sorted, or names something twice"},
    {E, EPOCH, NULL, NULL, NULL},
    {E, EPOCH "until:\n- handle: bo\n  at: 2026-05-01T08:00:00Z\n", NULL, NULL, NULL},
    {E, EPOCH "until: []\n", NULL, NULL, "f:5:8: until: is empty and should be left out"},
    {E, EPOCH "until:\n- handle: eva\n  at: 2026-05-01T08:00:00Z\n", NULL, NULL,
	"f:6:3: until: names someone who is not in `members`"},
    {E, EPOCH, "members", "earlier: 0a1b2c3\nmembers",
	"f:4:10: earlier: is not a valid name or code"},
    {E, EPOCH, "members", "earlier: {e:b}\nmembers", "f:4:10: earlier: names this epoch itself"},
    {E, EPOCH, "team: unit", "team: ~bo",
	"f:4:10: members: a member's own team has that member and nobody else"},
    {E, EPOCH, "[anna, bo]", "[bo, anna]",
	"f:4:15: members: is not sorted, or names something twice"},
    {D, DOSSIER KEYS, NULL, NULL, NULL},
    {D, DOSSIER "keys: []\n", NULL, NULL, NULL},
    {D, DOSSIER "until:\n- team: ~anna\n  at: 2026-05-01T08:00:00Z\n" KEYS, NULL, NULL, NULL},
    {D, DOSSIER KEYS, "retention: B\n", "retention: \"a b\"\n",
	"f:3:12: retention: is not a valid name or code"},
    {D, DOSSIER KEYS, "[unit, ~anna]", "[]",
	"f:4:9: access: is empty: nobody could read the dossier"},
    {D, DOSSIER KEYS, "[unit, ~anna]", "[~anna, unit]",
	"f:4:17: access: is not sorted, or names something twice"},
    {D, DOSSIER KEYS, "[unit, ~anna]", "[unit, ~~anna]",
	"f:4:16: access: is not a valid name or code"},
    {D, DOSSIER KEYS, "{h:1}", "12", "f:6:7: id: is of the wrong kind"},
    {D, DOSSIER KEYS, "{h:1}", "ab12", "f:6:7: id: is not 64 hexadecimal digits"},
    {D, DOSSIER KEYS, "[unit/0a1b2c3d]", "[]", "f:7:8: keys.for: is empty"},
    {D, DOSSIER KEYS, "unit/0a1b2c3d", "unit", "f:7:9: keys.for: is not TEAM/EPOCH"},
    {D, DOSSIER KEYS, "unit/0a1b2c3d", "unit/0a1b2c3d/", "f:7:9: keys.for: is not TEAM/EPOCH"},
    {D, DOSSIER KEYS, "unit/0a1b2c3d", "/0a1b2c3d", "f:7:9: keys.for: is not TEAM/EPOCH"},
    {D, DOSSIER KEYS, "unit/0a1b2c3d", "unit/0a1b2c3d, unit/0a1b2c3d",
	"f:7:24: keys.for: names an epoch twice"},
    {D, DOSSIER KEYS "- id: {h:1}\n  for: [unit/0a1b2c3d]\n  file: {h:2}\n", NULL, NULL,
	"f:9:3: keys: is not sorted, or names something twice"},
    {T, STONE, NULL, NULL, NULL},
    {T, STONE, "by:\n- handle: anna\n  at: 2026-05-01T08:00:00Z\n", "by: []\n",
	"f:4:5: by: is empty"},
    {T, STONE "- handle: anna\n  at: 2026-05-02T08:00:00Z\n", NULL, NULL,
	"f:7:3: by: is not sorted, or names something twice"},
    {T, STONE, "basis: gdpr", "basis: [gdpr]", "f:3:8: basis: is of the wrong kind"},
};

static void
control_files(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct buf text = {0}, line = {0};
		const char *at = files[i].old ? strstr(files[i].text, files[i].old) : NULL;
		struct err e = {0};
		char *full;
		int rc;

		if (files[i].old) {
			assert_non_null(at);
			buf_add(&text, files[i].text, (size_t)(at - files[i].text));
			buf_puts(&text, files[i].now);
			buf_puts(&text, at + strlen(files[i].old));
		} else {
			buf_puts(&text, files[i].text);
		}
		full = mem_fill(buf_str(&text));
		rc = read_one(files[i].what, full, &e);
		if (rc)
			err_format(&line, &e.item[0]);
		if (rc != (files[i].message ? ERR_DAMAGED : 0) ||
		    strcmp(buf_str(&line), files[i].message ? files[i].message : "") != 0) {
			print_error("%zu: want %s\n     have %s\n%s\n", i,
			    files[i].message ? files[i].message : "ok", buf_str(&line), full);
			bad++;
		}
		free(full);
		buf_free(&text);
		buf_free(&line);
	}
	assert_int_equal(bad, 0);
}

enum { MANY = 120000 };

static void
add_filled(struct buf *out, const char *text)
{
	char *full = mem_fill(text);

	buf_puts(out, full);
	free(full);
}

/* Of lists as long as a file can hold: comparing each item with each would take hours. */
static void
long_lists(void **state)
{
	struct buf epoch = {0}, values = {0};
	struct err e = {0};

	(void)state;
	add_filled(&epoch, "akt: 1\nteam: unit\nrecipient: {r:b}\nmembers:\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&epoch, "- m%06d\n", i);
	buf_puts(&epoch, "until:\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&epoch, "- handle: m%06d\n  at: 2026-05-01T08:00:00Z\n", i);
	assert_int_equal(read_one(E, buf_str(&epoch), &e), 0);
	buf_puts(&values, STORE "  values:\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&values, "    v%06d: 1\n", i);
	assert_int_equal(read_one(S, buf_str(&values), &e), 0);
	for (int twice = 0; twice < 2; twice++) {
		struct buf keys = {0};

		add_filled(&keys, DOSSIER "keys:\n- id: {h:1}\n  for:\n");
		for (int i = 0; i < MANY; i++)
			buf_printf(&keys, "  - unit/%08x\n", i);
		if (twice)
			buf_puts(&keys, "  - unit/00000000\n");
		add_filled(&keys, "  file: {h:2}\n");
		assert_int_equal(read_one(D, buf_str(&keys), &e), twice ? ERR_DAMAGED : 0);
		buf_free(&keys);
	}
	assert_string_equal(e.item[0].text, "names an epoch twice");
	assert_int_equal(e.item[0].line, 8 + MANY);
	buf_free(&epoch);
	buf_free(&values);
}

/* Cut anywhere or with one byte changed, a file is refused, or still one that reads back. */
static void
hostile_bytes(void **state)
{
	const char *const text[] = {
	    STORE, MEMBER("[admin, staff]", DEVICE), EPOCH, DOSSIER KEYS, STONE};

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		char *full = mem_fill(text[i]);
		size_t n = strlen(full);

		for (size_t k = 0; k < n; k += 3) {
			char was = full[k];

			LLVMFuzzerTestOneInput((const uint8_t *)full, k);
			full[k] = "\0\xff\n:-[ "[k % 7];
			LLVMFuzzerTestOneInput((const uint8_t *)full, n);
			full[k] = was;
		}
		free(full);
	}
}

static void
writers(void **state)
{
	static const struct {
		const char *text;
		const char *const list[4]; /* list[0] NULL: default */
		const char *message;
	} t[] = {
	    {"type: object\n", {NULL}, NULL},
	    {"x-akt:\n  version: 2\n", {NULL}, NULL},
	    {"# comments and any style\nx-akt: {write: ['staff', \"team:vit\"]}\n",
		{"staff", "team:vit"}, NULL},
	    {"x-akt: {write: []}\n", {""}, NULL},
	    {"- a\n", {NULL}, "s:1:1: a schema is a mapping"},
	    {"x-akt: 1\n", {NULL}, "s:1:8: x-akt: is of the wrong kind"},
	    {"x-akt: {write: staff}\n", {NULL}, "s:1:16: write: is of the wrong kind"},
	    {"x-akt: {write: [recovery]}\n", {NULL},
		"s:1:17: x-akt.write: is neither a role nor team:NAME"},
	    {"x-akt: {write: [\"team:\"]}\n", {NULL},
		"s:1:17: x-akt.write: is neither a role nor team:NAME"},
	    {"x-akt: {write: [1]}\n", {NULL},
		"s:1:17: x-akt.write: is neither a role nor team:NAME"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct buf line = {0};
		struct err e = {0};
		char **list = NULL;
		int rc = state_read_write(&list, "s", t[i].text, strlen(t[i].text), &e);

		if (rc)
			err_format(&line, &e.item[0]);
		assert_string_equal(buf_str(&line), t[i].message ? t[i].message : "");
		assert_int_equal(list != NULL, t[i].list[0] != NULL);
		for (size_t k = 0; list && list[k]; k++)
			assert_string_equal(list[k], t[i].list[k]);
		state_free_write(list);
		buf_free(&line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_files),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(hostile_bytes),
		cmocka_unit_test(writers),
	};

	return cmocka_run_group_tests_name("state files", tests, NULL, NULL);
}
