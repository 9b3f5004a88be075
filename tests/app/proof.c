#include "proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "tree/node.h"

static const char memo[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {version: 1, label: {sv: M, en: M}, dossier: unit, title: [title]}\n"
    "unevaluatedProperties: false\n"
    "properties:\n"
    "  title: {type: string, x-akt: {label: {sv: t, en: t}}}\n"
    "  body: {type: string, x-akt: {label: {sv: b, en: b}}}\n";

char proof_fingerprint[65], proof_record[66], proof_other[66];

/* A command's session: `who` NULL = nobody, on a machine without an identity. */
void
proof_open(struct session *s, char **store, char **id, const char *who, const char *where)
{
	*s = (struct session){0};
	session_start(s);
	*store = xasprintf("%s/%s", run_folder, where);
	*id = xasprintf("%s/%s.id", run_folder, who ? who : "nobody");
	s->store = *store;
	s->identity_path = *id;
}

void
proof_shut(struct session *s, char *store, char *id)
{
	session_close(s);
	free(store);
	free(id);
}

void
proof_ok(int rc, const struct err *e)
{
	for (int i = 0; rc && i < e->n; i++)
		print_message("# %s\n", e->item[i].text);
	assert_int_equal(rc, 0);
}

void
proof_set(const char *who, const char *where, const char *rec, const char *path, const char *value)
{
	struct assignment a = {path, value, false};
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	char *store, *id;

	proof_open(&s, &store, &id, who, where);
	proof_ok(app_set(&s, &out, rec, &a, 1, NULL, 0, NULL, &e), &e);
	proof_shut(&s, store, id);
}

void
proof_create(char out[66], const char *who, const char *where, const char *title)
{
	struct assignment a = {"title", title, false};
	struct session s;
	struct node *r = NULL;
	struct err e = {0};
	char *store, *id;

	proof_open(&s, &store, &id, who, where);
	proof_ok(app_new(&s, &r, "memo", NULL, &a, 1, NULL, false, &e), &e);
	snprintf(out, 66, "%s", node_get_str(r, "id"));
	proof_shut(&s, store, id);
}

int
proof_try_sync(const char *who, const char *where, struct err *e)
{
	struct session s;
	struct node *out = NULL;
	char *store, *id;
	int rc;

	proof_open(&s, &store, &id, who, where);
	rc = app_sync(&s, &out, "hub", e);
	proof_shut(&s, store, id);
	return rc;
}

void
proof_sync_now(const char *who, const char *where, int want)
{
	struct err e = {0};

	assert_int_equal(proof_try_sync(who, where, &e), want);
}

void
proof_new_id(const char *who, const char *device)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	struct buf card = {0};
	char *store, *id, *path = xasprintf("%s/%s.card", run_folder, who);

	proof_open(&s, &store, &id, who, "S");
	proof_ok(app_id_new(&s, &out, who, device, true, 0, &e), &e);
	identity_card(&card, s.id);
	if (!card.n) {
		proof_ok(session_identity(&s, &e), &e);
		identity_card(&card, s.id);
	}
	proof_ok(os_write_file(path, buf_str(&card), card.n, 0600, &e), &e);
	buf_free(&card);
	free(path);
	proof_shut(&s, store, id);
}

int
proof_world(void **state)
{
	const char *const team[] = {"unit"};
	char name[] = "/tmp/akt-proof-XXXXXX", *path, *store, *id, *hub;
	struct session s;
	struct node *out = NULL;
	struct err e = {0};

	(void)state;
	secret_init();
	run_folder = xstrdup(mkdtemp(name));
	hub = xasprintf("%s/hub", run_folder);
	assert_int_equal(run(NULL, "mkdir schema"), 0);
	path = xasprintf("%s/schema/memo.yaml", run_folder);
	proof_ok(os_write_file(path, memo, sizeof memo - 1, 0600, &e), &e);
	free(path);
	proof_new_id("anna", "laptop");
	proof_new_id("bo", "home");
	proof_new_id("eve", "lair");
	proof_open(&s, &store, &id, "anna", "S");
	path = xasprintf("%s/schema", run_folder);
	proof_ok(app_init(&s, &out, store, "Unit", path, "en", &e), &e);
	snprintf(proof_fingerprint, sizeof proof_fingerprint, "%s", node_get_str(out, "fingerprint"));
	free(path);
	path = xasprintf("%s/bo.card", run_folder);
	proof_ok(app_member_add(&s, &out, path, "staff", team, 1, &e), &e);
	free(path);
	/* not app_hub: that wants the shipped hooks, and a folder's hooks are not run anyway */
	assert_int_equal(run(NULL, "git init -q --bare -b main hub"), 0);
	proof_ok(app_remote_add(&s, &out, "hub", hub, &e), &e);
	proof_shut(&s, store, id);
	proof_create(proof_record, "anna", "S", "one");
	proof_create(proof_other, "anna", "S", "two");
	proof_sync_now("anna", "S", 0);
	proof_open(&s, &store, &id, "bo", "T");
	proof_ok(app_join(&s, &out, hub, store, proof_fingerprint, &e), &e);
	proof_shut(&s, store, id);
	proof_set("anna", "S", proof_record, "body", "from anna");
	proof_set("bo", "T", proof_record, "title", "from bo");
	proof_sync_now("anna", "S", 0);
	proof_sync_now("bo", "T", 0);
	proof_sync_now("anna", "S", 0);
	proof_set("anna", "S", proof_record, "title", "anna again");
	proof_set("bo", "T", proof_record, "title", "bo again");
	proof_sync_now("anna", "S", 0);
	proof_sync_now("bo", "T", ERR_FINDINGS);
	/* told here too, once, though bo's machine made the merge */
	proof_sync_now("anna", "S", ERR_FINDINGS);
	proof_sync_now("anna", "S", 0);
	free(hub);
	return 0;
}

int
proof_end(void **state)
{
	(void)state;
	run(NULL, "chmod -R u+w . && rm -rf ./*");
	rmdir(run_folder);
	free(run_folder);
	return 0;
}

/* The result as JSON text, for plain comparisons; the exit code returned. */
int
proof_verify(struct buf *json, const struct asked *q)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	char *store, *id, *note = q->checkpoint ? xasprintf("%s/%s", run_folder, q->checkpoint) : NULL;
	int rc;

	buf_reset(json);
	proof_open(&s, &store, &id, q->who, q->where);
	rc = app_verify(&s, &out, q->content, q->full, note, q->fingerprint, &e);
	if (out)
		node_json(json, out);
	else
		for (int i = 0; i < e.n; i++)
			buf_puts(json, e.item[i].text);
	free(note);
	proof_shut(&s, store, id);
	return err_exit_status((enum err_code)rc);
}

void
proof_expect(int want, const char *text, const struct asked *q)
{
	struct buf json = {0};
	int rc = proof_verify(&json, q);

	if (rc != want || (text && !strstr(buf_str(&json), text)))
		print_message("# exit %d, wanted %d and: %s\n# %s\n", rc, want, text ? text : "",
		    buf_str(&json));
	assert_int_equal(rc, want);
	if (text)
		assert_non_null(strstr(buf_str(&json), text));
	buf_free(&json);
}

struct oid
proof_rev(const char *where, const char *name)
{
	struct buf out = {0};
	struct oid id;

	assert_int_equal(run(&out, "git -C %s rev-parse %s", where, name), 0);
	out.p[OID_HEX] = '\0';
	assert_true(oid_parse(&id, out.p));
	buf_free(&out);
	return id;
}

const char *
proof_short_id(const struct oid *id)
{
	static char hex[OID_HEX + 1];

	oid_format(hex, id);
	hex[12] = '\0';
	return hex;
}

void
proof_copy(const char *from, const char *to)
{
	assert_int_equal(run(NULL, "rm -rf %s && cp -r %s %s && chmod -R u+w %s", to, from, to, to), 0);
}

/* A commit with a good signature and trail value, whatever it holds; main is moved to it. */
struct oid
proof_forge(const struct forgery *f)
{
	char *id_path = xasprintf("%s/%s.id", run_folder, f->who), *store = xasprintf("%s/%s", run_folder, f->where);
	struct commit c = {.nparents = f->nparents, .time = f->time ? f->time : date_now()};
	struct identity *id = NULL;
	struct tree256 *t256 = NULL;
	struct git_batch *b;
	struct git *g = NULL;
	struct buf raw = {0};
	struct commit parent;
	struct oid out, old;
	struct err e = {0};

	proof_ok(identity_load(&id, id_path, NULL, &e), &e);
	proof_ok(git_open(&g, store, false, &e), &e);
	proof_ok(tree256_open(&t256, NULL, &e), &e);
	b = git_batch_new(g);
	proof_ok(git_tree_update(b, &c.tree, &f->tree, f->update, f->nupdates, &e), &e);
	memcpy(c.parent, f->parent, sizeof c.parent);
	c.merge_rules = f->nparents == 2;
	proof_ok(git_read(g, &raw, NULL, &f->parent[0], &e), &e);
	proof_ok(commit_parse(&parent, raw.p, raw.n, &e), &e);
	snprintf(c.handle, sizeof c.handle, "%s", f->handle ? f->handle : f->who);
	memcpy(c.store_id, parent.store_id, sizeof c.store_id);
	strcpy(c.verb, f->nparents == 2 ? "merge" : "set");
	proof_ok(trail_sign(&out, b, t256, &c, id->sign_sk, &e), &e);
	proof_ok(git_batch_write(b, &e), &e);
	proof_ok(git_ref_get(g, &old, VAULT_MAIN, &e), &e);
	proof_ok(git_ref_set(g, VAULT_MAIN, &out, &old, &e), &e);
	git_batch_free(b);
	tree256_close(t256);
	git_close(g);
	identity_free(id);
	buf_free(&raw);
	free(id_path);
	free(store);
	return out;
}

char *
proof_record_path(const char *where, const char *rec)
{
	struct buf out = {0};

	assert_int_equal(run(&out, "git -C %s ls-tree -r --name-only main | grep '/%s.yaml.age$'", where,
	    rec), 0);
	out.p[strcspn(out.p, "\n")] = '\0';
	return buf_take(&out);
}
