/* A device's chain: what is let in, and every way in which it may be wrong; the log of reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/identity.h"
#include "crypt/ssh.h"
#include "git/repo.h"
#include "trail/verify.h"
#include "vault/reads.h"
#include "vault/store.h"
#include "vault/witness.h"

enum { NOW = 1772442840 }; /* 2026-03-02T09:14:00Z */

static struct witness
seen_now(struct store *s)
{
	struct witness w = {.count = 1};
	uint8_t sha[32];
	struct err e = {0};

	w.head = *vault_head(s->v);
	fine(trail_stated(vault_git(s->v), w.trail, sha, &w.head, &e), &e);
	return w;
}

static struct oid
add(struct store *s, const struct oid *parent, const char *rows)
{
	struct witness w = seen_now(s);
	struct buf text = {0}, log = {0};
	struct err e = {0};
	struct oid id;

	buf_puts(&text, rows ? rows : "");
	if (rows)
		fine(reads_seal(s->v, &log, &text, &e), &e);
	fine(witness_add(s->v, &id, parent, &w, rows ? &log : NULL, &e), &e);
	buf_free(&text);
	buf_free(&log);
	return id;
}

static int
check(struct store *s, const char *device, const struct oid *old, const struct oid *fresh,
    struct err *e)
{
	err_clear(e);
	return witness_check(vault_git(s->v), vault_state(s->v), device, old, fresh, e);
}

static void
a_good_chain(void **state)
{
	static const char rows[] = "- at: 2026-03-02T09:14:00Z\n  what: show\n  record: item-abc\n";
	struct store *s = *state;
	struct witness *w = NULL;
	struct buf sealed = {0}, text = {0};
	struct err e = {0};
	struct oid one, two, three;

	date_clock_set(NOW);
	one = add(s, NULL, NULL);
	two = add(s, &one, rows);
	three = add(s, &two, NULL);
	fine(check(s, "anna.laptop", NULL, &three, &e), &e);
	fine(check(s, "anna.laptop", &one, &three, &e), &e);
	fine(check(s, "anna.laptop", &three, &three, &e), &e);
	assert_int_equal(check(s, "anna.laptop", &three, &one, &e), ERR_RACE);
	assert_string_equal(e.item[0].text, "the log of anna.laptop does not continue what was there");
	fine(witness_read(&w, vault_git(s->v), &two, &e), &e);
	assert_int_equal(w->n, 2);
	assert_int_equal(w->time, NOW);
	assert_string_equal(w->device, "anna.laptop");
	assert_int_equal(w->count, 1);
	fine(witness_log(vault_git(s->v), &sealed, &two, &e), &e);
	assert_int_equal(witness_log(vault_git(s->v), &text, &one, NULL), ERR_NOTFOUND);
	fine(reads_open(s->v, &text, buf_str(&sealed), sealed.n, &e), &e);
	assert_int_equal(text.n, 512);
	assert_memory_equal(buf_str(&text), rows, sizeof rows - 1);
	witness_free(w);
	buf_free(&sealed);
	buf_free(&text);
}

/* A commit of our own making, right but for what the case changes. */
struct forged {
	const char *seen;   /* its text; NULL: as it should be */
	const char *device; /* in it */
	int64_t n, time;    /* 0: right */
	const char *log, *log_text, *other; /* paths of more files */
	const char *verb, *store_id, *handle;
	bool stranger, second_parent, bad_trail, no_parent;
};

static struct oid
forge(struct store *s, const struct oid *parent, const struct forged *f)
{
	struct git_batch *b = git_batch_new(vault_git(s->v));
	struct commit c = {.time = NOW, .nparents = f->no_parent ? 0 : f->second_parent ? 2 : 1,
	    .merge_rules = f->second_parent};
	struct identity *stranger = identity_new("anna", "laptop");
	struct git_update u[4] = {{"seen.yaml", NULL}};
	struct buf text = {0}, log = {0}, rows = {0};
	struct witness w = seen_now(s);
	struct err e = {0};
	struct oid seen, sealed, other, id;
	char at[21], head[41], trail[65];
	size_t nu = 1;

	c.parent[0] = *parent;
	c.parent[1] = *vault_head(s->v);
	date_time_format(at, f->time ? f->time : NOW);
	oid_format(head, &w.head);
	hash_hex(trail, w.trail, 32);
	if (f->seen)
		buf_puts(&text, f->seen);
	else
		buf_printf(&text, "akt: 1\ndevice: %s\nn: %d\ntime: %s\nhead: %s\ntrail: %s\ncount: 1\n",
		    f->device ? f->device : "anna.laptop", f->n ? (int)f->n : f->no_parent ? 1 : 2, at, head,
		    trail);
	git_batch_add(b, &seen, GIT_BLOB, buf_str(&text), text.n);
	u[0].id = &seen;
	if (f->log) {
		buf_puts(&rows, "- a\n");
		fine(reads_seal(s->v, &log, &rows, &e), &e);
		if (f->log_text)
			git_batch_add(b, &sealed, GIT_BLOB, f->log_text, strlen(f->log_text));
		else
			git_batch_add(b, &sealed, GIT_BLOB, log.p, log.n);
		u[nu++] = (struct git_update){f->log, &sealed};
	}
	if (f->other) {
		git_batch_add(b, &other, GIT_BLOB, "x", 1);
		u[nu++] = (struct git_update){f->other, &other};
	}
	fine(git_tree_update(b, &c.tree, NULL, u, nu, &e), &e);
	snprintf(c.handle, sizeof c.handle, "%s", f->handle ? f->handle : "anna");
	snprintf(c.store_id, sizeof c.store_id, "%s", f->store_id ? f->store_id : "7k3f9q2m1x");
	snprintf(c.verb, sizeof c.verb, "%s", f->verb ? f->verb : "seen");
	fine(trail_sign(&id, b, vault_tree256(s->v), &c, f->stranger ? stranger->sign_sk : s->id->sign_sk,
	    &e), &e);
	if (f->bad_trail) {
		struct buf raw = {0}, bare = {0}, armor = {0};
		struct commit k;


		fine(git_batch_read(b, &raw, NULL, &id, &e), &e);
		fine(commit_parse(&k, raw.p, raw.n, &e), &e);
		k.trail[5] ^= 1;
		commit_format(&bare, &k);
		sshsig_sign(&armor, s->id->sign_sk, "git", bare.p, bare.n);
		buf_reset(&raw);
		commit_add_signature(&raw, bare.p, bare.n, buf_str(&armor));
		git_batch_add(b, &id, GIT_COMMIT, raw.p, raw.n);
		buf_free(&raw);
		buf_free(&bare);
		buf_free(&armor);
	}
	fine(git_batch_write(b, &e), &e);
	git_batch_free(b);
	identity_free(stranger);
	buf_free(&text);
	buf_free(&log);
	buf_free(&rows);
	return id;
}

static void
bad_chains(void **state)
{
#define LOG "the log of anna.laptop: "
	static const struct {
		const char *name;
		struct forged f;
		enum err_code code;
		const char *text;
	} cases[] = {
		{"right", {0}, 0, NULL},
		{"right with a log", {.log = "log/2.age"}, 0, NULL},
		{"a stranger's key", {.stranger = true}, ERR_ACCESS, LOG "only the device itself writes there"},
		{"another's name", {.handle = "bo"}, ERR_ACCESS, LOG "only the device itself writes there"},
		{"another store", {.store_id = "0000000000"}, ERR_ACCESS,
		    LOG "a commit in it is none of a device's log"},
		{"another verb", {.verb = "set"}, ERR_ACCESS, LOG "a commit in it is none of a device's log"},
		{"two parents", {.second_parent = true}, ERR_RACE,
		    "the log of anna.laptop does not continue what was there"},
		{"no parent", {.no_parent = true, .other = "x"}, ERR_RACE,
		    "the log of anna.laptop does not continue what was there"},
		{"a broken chain", {.bad_trail = true}, ERR_ACCESS, LOG "its chain is broken"},
		{"another device", {.device = "anna.other"}, ERR_ACCESS, LOG "what it says of itself does not fit"},
		{"a number left out", {.n = 3}, ERR_ACCESS, LOG "what it says of itself does not fit"},
		{"the same number", {.n = 1}, ERR_ACCESS, LOG "what it says of itself does not fit"},
		{"another time", {.time = NOW - 1}, ERR_ACCESS, LOG "what it says of itself does not fit"},
		{"another file", {.other = "x"}, ERR_ACCESS,
		    LOG "it holds something else than what was seen and what was opened"},
		{"two logs", {.log = "log/2.age", .other = "log/3.age"}, ERR_ACCESS,
		    LOG "it holds something else than what was seen and what was opened"},
		{"a log of another number", {.log = "log/1.age"}, ERR_ACCESS,
		    LOG "it holds something else than what was seen and what was opened"},
		{"a log in a folder", {.other = "log/2.age/x"}, ERR_ACCESS,
		    LOG "it holds something else than what was seen and what was opened"},
		{"a log in the clear", {.log = "log/2.age", .log_text = "- what: show\n"}, ERR_ACCESS,
		    LOG "what was opened is not sealed as it must be"},
		{"no form", {.seen = "akt: 1\n"}, ERR_DAMAGED, "is missing"},
		{"no YAML", {.seen = "\t"}, ERR_DAMAGED, NULL},
	};
	struct store *s = *state;
	struct err e = {0};
	struct oid first;

	date_clock_set(NOW);
	first = add(s, NULL, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct oid id = forge(s, &first, &cases[i].f);
		int rc = check(s, "anna.laptop", &first, &id, &e);

		if (rc != (int)cases[i].code || (cases[i].text && strcmp(e.item[0].text, cases[i].text) != 0))
			print_message("# %s: %d %s\n", cases[i].name, rc, e.n ? e.item[0].text : "");
		assert_int_equal(rc, cases[i].code);
		if (cases[i].text)
			assert_string_equal(e.item[0].text, cases[i].text);
	}
	assert_int_equal(check(s, "eve.pc", NULL, &first, &e), ERR_ACCESS);
	assert_string_equal(e.item[0].text, "there is no device eve.pc");
	/* the trail itself is no chain */
	assert_true(check(s, "anna.laptop", NULL, vault_head(s->v), &e) != 0);
}

static void
reading_is_noted(void **state)
{
	struct store *s = *state;
	struct buf text = {0}, files = {0}, none = {0};
	struct err e = {0};

	date_clock_set(NOW);
	reads_record(s->v, "show", "item-abc");
	fine(reads_waiting(s->v, &text, &files, &e), &e);
	assert_int_equal(text.n, 0); /* not before it is sealed */
	reads_flush(s->v);
	reads_query(s->v, "search", "Lena: [x]\nLind", 3);
	reads_query(s->v, "search", "\xff\xfe", 0);
	reads_flush(s->v);
	fine(reads_waiting(s->v, &text, &files, &e), &e);
	assert_string_equal(buf_str(&text),
	    "- at: 2026-03-02T09:14:00Z\n  what: show\n  record: item-abc\n"
	    "- at: 2026-03-02T09:14:00Z\n  what: search\n  query: |-\n    Lena: [x]\n    Lind\n  hits: 3\n"
	    "- at: 2026-03-02T09:14:00Z\n  what: search\n  query: '?'\n  hits: 0\n");
	reads_taken(s->v, &files);
	buf_reset(&files);
	fine(reads_waiting(s->v, &none, &files, &e), &e);
	assert_int_equal(none.n + files.n, 0);
	/* closing writes what waits; where it cannot be written nothing stops */
	reads_record(s->v, "edit", "item-abc");
	store_reopen(s);
	fine(reads_waiting(s->v, &none, &files, &e), &e);
	assert_string_equal(buf_str(&none), "- at: 2026-03-02T09:14:00Z\n  what: edit\n  record: item-abc\n");
	buf_free(&text);
	buf_free(&files);
	buf_free(&none);
}

static void
half_written_rows(void **state)
{
	struct store *s = *state;
	struct buf text = {0}, files = {0};
	struct err e = {0};
	char *path = vault_local(s->v, "reads/00000000001-x.age");

	reads_record(s->v, "show", "item-abc");
	reads_flush(s->v);
	fine(os_write_file(path, "age-encryption.org/v1\n", 22, 0600, &e), &e);
	fine(reads_waiting(s->v, &text, &files, &e), &e);
	assert_non_null(strstr(buf_str(&text), "item-abc"));
	assert_int_equal(text.n, strlen("- at: 2026-03-02T09:14:00Z\n  what: show\n  record: item-abc\n"));
	reads_taken(s->v, &files);
	assert_false(os_exists(path));
	buf_free(&text);
	buf_free(&files);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_chain, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(bad_chains, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(reading_is_noted, store_setup, store_teardown),
		cmocka_unit_test_setup_teardown(half_written_rows, store_setup, store_teardown),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
