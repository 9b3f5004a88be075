/* verify and checkpoint against two people's real stores and a hub, and against forgers who hold a
 * member's keys and write commits with the trail's own code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/proof.h"
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
#include "vault/txn.h"

static const char memo[] =
    "$schema: https://json-schema.org/draft/2020-12/schema\n"
    "type: object\n"
    "x-akt: {version: 1, label: {sv: M, en: M}, dossier: unit, title: [title]}\n"
    "unevaluatedProperties: false\n"
    "properties:\n"
    "  title: {type: string, x-akt: {label: {sv: t, en: t}}}\n"
    "  body: {type: string, x-akt: {label: {sv: b, en: b}}}\n";

/* Made once: anna's store and bo's, a hub, two merges, one of them with a conflict. */
static char *top, fingerprint[65], record[66], other[66];

static int
run(struct buf *out, const char *fmt, ...)
{
	struct buf cmd = {0};
	char chunk[4096];
	va_list ap;
	FILE *f;
	size_t n;
	int rc;

	buf_printf(&cmd, "cd '%s' && { ", top);
	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	buf_puts(&cmd, "; } 2>&1");
	f = popen(buf_str(&cmd), "r");
	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		if (out)
			buf_add(out, chunk, n);
	rc = pclose(f);
	buf_free(&cmd);
	return rc;
}

/* A command's session: `who` NULL = nobody, on a machine without an identity. */
static void
open_session(struct session *s, char **store, char **id, const char *who, const char *where)
{
	*s = (struct session){0};
	session_start(s);
	*store = xasprintf("%s/%s", top, where);
	*id = xasprintf("%s/%s.id", top, who ? who : "nobody");
	s->store = *store;
	s->identity_path = *id;
}

static void
shut(struct session *s, char *store, char *id)
{
	session_close(s);
	free(store);
	free(id);
}

static void
expect_ok(int rc, const struct err *e)
{
	for (int i = 0; rc && i < e->n; i++)
		print_message("# %s\n", e->item[i].text);
	assert_int_equal(rc, 0);
}

static void
set(const char *who, const char *where, const char *rec, const char *path, const char *value)
{
	struct assignment a = {path, value, false};
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	char *store, *id;

	open_session(&s, &store, &id, who, where);
	expect_ok(app_set(&s, &out, rec, &a, 1, NULL, 0, NULL, &e), &e);
	shut(&s, store, id);
}

static void
create(char out[66], const char *who, const char *where, const char *title)
{
	struct assignment a = {"title", title, false};
	struct session s;
	struct node *r = NULL;
	struct err e = {0};
	char *store, *id;

	open_session(&s, &store, &id, who, where);
	expect_ok(app_new(&s, &r, "memo", NULL, &a, 1, NULL, false, &e), &e);
	snprintf(out, 66, "%s", node_get_str(r, "id"));
	shut(&s, store, id);
}

static int
try_sync(const char *who, const char *where, struct err *e)
{
	struct session s;
	struct node *out = NULL;
	char *store, *id;
	int rc;

	open_session(&s, &store, &id, who, where);
	rc = app_sync(&s, &out, "hub", e);
	shut(&s, store, id);
	return rc;
}

static void
sync_now(const char *who, const char *where, int want)
{
	struct err e = {0};

	assert_int_equal(try_sync(who, where, &e), want);
}

static void
new_id(const char *who, const char *device)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	struct buf card = {0};
	char *store, *id, *path = xasprintf("%s/%s.card", top, who);

	open_session(&s, &store, &id, who, "S");
	expect_ok(app_id_new(&s, &out, who, device, true, 0, &e), &e);
	identity_card(&card, s.id);
	if (!card.n) {
		expect_ok(session_identity(&s, &e), &e);
		identity_card(&card, s.id);
	}
	expect_ok(os_write_file(path, buf_str(&card), card.n, 0600, &e), &e);
	buf_free(&card);
	free(path);
	shut(&s, store, id);
}

static int
make_world(void **state)
{
	const char *const team[] = {"unit"};
	char name[] = "/tmp/akt-proof-XXXXXX", *path, *store, *id, *hub;
	struct session s;
	struct node *out = NULL;
	struct err e = {0};

	(void)state;
	secret_init();
	top = xstrdup(mkdtemp(name));
	hub = xasprintf("%s/hub", top);
	assert_int_equal(run(NULL, "mkdir schema"), 0);
	path = xasprintf("%s/schema/memo.yaml", top);
	expect_ok(os_write_file(path, memo, sizeof memo - 1, 0600, &e), &e);
	free(path);
	new_id("anna", "laptop");
	new_id("bo", "home");
	new_id("eve", "lair");
	open_session(&s, &store, &id, "anna", "S");
	path = xasprintf("%s/schema", top);
	expect_ok(app_init(&s, &out, store, "Unit", path, "en", &e), &e);
	snprintf(fingerprint, sizeof fingerprint, "%s", node_get_str(out, "fingerprint"));
	free(path);
	path = xasprintf("%s/bo.card", top);
	expect_ok(app_member_add(&s, &out, path, "staff", team, 1, &e), &e);
	free(path);
	/* not app_hub: that wants the shipped hooks, and a folder's hooks are not run anyway */
	assert_int_equal(run(NULL, "git init -q --bare -b main hub"), 0);
	expect_ok(app_remote_add(&s, &out, "hub", hub, &e), &e);
	shut(&s, store, id);
	create(record, "anna", "S", "one");
	create(other, "anna", "S", "two");
	sync_now("anna", "S", 0);
	open_session(&s, &store, &id, "bo", "T");
	expect_ok(app_join(&s, &out, hub, store, fingerprint, &e), &e);
	shut(&s, store, id);
	set("anna", "S", record, "body", "from anna");
	set("bo", "T", record, "title", "from bo");
	sync_now("anna", "S", 0);
	sync_now("bo", "T", 0);
	sync_now("anna", "S", 0);
	set("anna", "S", record, "title", "anna again");
	set("bo", "T", record, "title", "bo again");
	sync_now("anna", "S", 0);
	sync_now("bo", "T", ERR_FINDINGS);
	/* told here too, once, though bo's machine made the merge */
	sync_now("anna", "S", ERR_FINDINGS);
	sync_now("anna", "S", 0);
	free(hub);
	return 0;
}

static int
end_world(void **state)
{
	(void)state;
	run(NULL, "chmod -R u+w . && rm -rf ./*");
	rmdir(top);
	free(top);
	return 0;
}

/* --- verifying ----------------------------------------------------------------------------- */

struct asked {
	const char *who, *where;
	bool content, full;
	const char *checkpoint, *fingerprint;
};

#define ASK(...) (&(struct asked){__VA_ARGS__})

/* The result as JSON text, for plain comparisons; the exit code returned. */
static int
verify(struct buf *json, const struct asked *q)
{
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	char *store, *id, *note = q->checkpoint ? xasprintf("%s/%s", top, q->checkpoint) : NULL;
	int rc;

	buf_reset(json);
	open_session(&s, &store, &id, q->who, q->where);
	rc = app_verify(&s, &out, q->content, q->full, note, q->fingerprint, &e);
	if (out)
		node_json(json, out);
	else
		for (int i = 0; i < e.n; i++)
			buf_puts(json, e.item[i].text);
	free(note);
	shut(&s, store, id);
	return err_exit_status((enum err_code)rc);
}

static void
expect(int want, const char *text, const struct asked *q)
{
	struct buf json = {0};
	int rc = verify(&json, q);

	if (rc != want || (text && !strstr(buf_str(&json), text)))
		print_message("# exit %d, wanted %d and: %s\n# %s\n", rc, want, text ? text : "",
		    buf_str(&json));
	assert_int_equal(rc, want);
	if (text)
		assert_non_null(strstr(buf_str(&json), text));
	buf_free(&json);
}

static struct oid
rev(const char *where, const char *name)
{
	struct buf out = {0};
	struct oid id;

	assert_int_equal(run(&out, "git -C %s rev-parse %s", where, name), 0);
	out.p[OID_HEX] = '\0';
	assert_true(oid_parse(&id, out.p));
	buf_free(&out);
	return id;
}

static const char *
short_id(const struct oid *id)
{
	static char hex[OID_HEX + 1];

	oid_format(hex, id);
	hex[12] = '\0';
	return hex;
}

static void
copy(const char *from, const char *to)
{
	assert_int_equal(run(NULL, "rm -rf %s && cp -r %s %s && chmod -R u+w %s", to, from, to, to), 0);
}

/* --- forging ------------------------------------------------------------------------------- */

struct forgery {
	const char *who, *where;      /* keys, store */
	const char *handle;           /* author; NULL = who */
	struct oid parent[2];
	size_t nparents;
	struct oid tree;              /* to start from */
	struct git_update update[4];
	size_t nupdates;
	int64_t time;                 /* 0 = now */
};

/* A commit with a good signature and trail value, whatever it holds; main is moved to it. */
static struct oid
forge(const struct forgery *f)
{
	char *id_path = xasprintf("%s/%s.id", top, f->who), *store = xasprintf("%s/%s", top, f->where);
	struct commit c = {.nparents = f->nparents, .time = f->time ? f->time : date_now()};
	struct identity *id = NULL;
	struct tree256 *t256 = NULL;
	struct git_batch *b;
	struct git *g = NULL;
	struct buf raw = {0};
	struct commit parent;
	struct oid out, old;
	struct err e = {0};

	expect_ok(identity_load(&id, id_path, NULL, &e), &e);
	expect_ok(git_open(&g, store, false, &e), &e);
	expect_ok(tree256_open(&t256, NULL, &e), &e);
	b = git_batch_new(g);
	expect_ok(git_tree_update(b, &c.tree, &f->tree, f->update, f->nupdates, &e), &e);
	memcpy(c.parent, f->parent, sizeof c.parent);
	c.merge_rules = f->nparents == 2;
	expect_ok(git_read(g, &raw, NULL, &f->parent[0], &e), &e);
	expect_ok(commit_parse(&parent, raw.p, raw.n, &e), &e);
	snprintf(c.handle, sizeof c.handle, "%s", f->handle ? f->handle : f->who);
	memcpy(c.store_id, parent.store_id, sizeof c.store_id);
	strcpy(c.verb, f->nparents == 2 ? "merge" : "set");
	expect_ok(trail_sign(&out, b, t256, &c, id->sign_sk, &e), &e);
	expect_ok(git_batch_write(b, &e), &e);
	expect_ok(git_ref_get(g, &old, VAULT_MAIN, &e), &e);
	expect_ok(git_ref_set(g, VAULT_MAIN, &out, &old, &e), &e);
	git_batch_free(b);
	tree256_close(t256);
	git_close(g);
	identity_free(id);
	buf_free(&raw);
	free(id_path);
	free(store);
	return out;
}

static char *
record_path(const char *where, const char *rec)
{
	struct buf out = {0};

	assert_int_equal(run(&out, "git -C %s ls-tree -r --name-only main | grep '/%s.yaml.age$'", where,
	    rec), 0);
	out.p[strcspn(out.p, "\n")] = '\0';
	return buf_take(&out);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void
a_good_store(void **state)
{
	char upper[65];

	(void)state;
	expect(0, "\"ok\":true,\"commits\":10,", ASK(.who = "anna", .where = "S"));
	expect(0, "Of 8 record versions, 8 could be opened",
	    ASK(.who = "anna", .where = "S", .content = true));
	expect(0, "\"content\":true,\"failures\":[],\"notices\":[]",
	    ASK(.who = "bo", .where = "T", .content = true));
	expect(0, "Content was not looked at.", ASK(.who = "bo", .where = "T", .full = true));
	expect(0, "The store is the one with the fingerprint",
	    ASK(.who = "bo", .where = "T", .fingerprint = fingerprint));
	for (int i = 0; i < 65; i++)
		upper[i] = (char)(fingerprint[i] >= 'a' ? fingerprint[i] - 32 : fingerprint[i]);
	expect(0, NULL, ASK(.who = "bo", .where = "T", .fingerprint = upper));
}

static void
wrong_use(void **state)
{
	(void)state;
	expect(2, "the fingerprint is 64 hex digits",
	    ASK(.who = "bo", .where = "T", .fingerprint = "abc"));
	expect(2, "the checkpoint's file cannot be read",
	    ASK(.who = "bo", .where = "T", .checkpoint = "absent"));
	expect(2, "there is no repository at", ASK(.who = "bo", .where = "nowhere"));
	expect(4, "no identity on this device", ASK(.where = "S", .content = true));
}

static void
another_fingerprint(void **state)
{
	char wrong[65];

	(void)state;
	memcpy(wrong, fingerprint, sizeof wrong);
	wrong[5] = wrong[5] == '0' ? '1' : '0';
	expect(5, "\"rule\":\"fingerprint\",", ASK(.who = "bo", .where = "T", .fingerprint = wrong));
}

static void
copies_without_identity(void **state)
{
	(void)state;
	assert_int_equal(run(NULL, "git clone -q S plain && git clone -q --bare S bare.git"), 0);
	expect(0, "\"commits\":10", ASK(.where = "plain", .fingerprint = fingerprint));
	expect(0, "\"commits\":10", ASK(.where = "bare.git", .fingerprint = fingerprint));
	expect(0, "Whether newer commits were cut off cannot be seen", ASK(.where = "bare.git"));
	/* with keys, but none of the dossiers' here */
	expect(0, "Of 8 record versions, 0 could be opened",
	    ASK(.who = "anna", .where = "plain", .content = true));
	assert_int_equal(run(NULL, "git clone -q --depth 1 file://%s/S shallow", top), 0);
	expect(5, "\"rule\":\"damage\"", ASK(.where = "shallow"));
	assert_int_equal(run(NULL, "git init -q empty"), 0);
	expect(2, "is a git repository but no Akt store", ASK(.where = "empty"));
}

/* One bit of any object, as long as the history holds it. */
static void
damaged_objects(void **state)
{
	struct buf list = {0};
	size_t seen = 0;

	(void)state;
	assert_int_equal(run(&list, "git -C S rev-list --objects main | cut -c1-40"), 0);
	for (char *at = list.p, *end; (end = strchr(at, '\n')); at = end + 1) {
		char path[64];

		*end = '\0';
		if (seen++ % 4)
			continue;
		copy("S", "X");
		snprintf(path, sizeof path, "X/objects/%.2s/%s", at, at + 2);
		assert_int_equal(run(NULL,
		    "chmod u+w %s && printf '\\001' | dd of=%s bs=1 seek=20 conv=notrunc status=none", path,
		    path), 0);
		expect(5, "\"rule\":\"damage\"",
		    ASK(.who = "anna", .where = "X", .fingerprint = fingerprint));
	}
	assert_true(seen > 50);
	buf_free(&list);
}

static void
a_branch_moved_back(void **state)
{
	struct oid head;
	char *text;

	(void)state;
	copy("S", "X");
	expect(0, NULL, ASK(.who = "anna", .where = "X"));
	head = rev("X", "main");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main main~1"), 0);
	text = xasprintf("commit %s, rule dropped: this device has verified the trail up to this commit",
	    short_id(&head));
	expect(5, text, ASK(.who = "anna", .where = "X"));
	expect(5, text, ASK(.who = "anna", .where = "X", .full = true));
	/* and nothing is claimed that is not so */
	expect(5, "\"proved\":[\"Content was not looked at.\"", ASK(.who = "anna", .where = "X"));
	/* another device cannot know, but its hub's head tells */
	expect(0, "the hub hub has held commits that this store does not contain",
	    ASK(.who = "bo", .where = "X"));
	free(text);
	assert_int_equal(run(NULL, "git -C X update-ref -d refs/heads/main"), 0);
	expect(5, "the store has no branch main any more; akt doctor puts it back", ASK(.who = "anna", .where = "X"));
}

static void
stock_git_commits(void **state)
{
	struct oid head;
	char *text;

	(void)state;
	copy("S", "X");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main $(git -C X -c user.name=x -c "
		"user.email=x commit-tree -p main -m x 'main^{tree}')"), 0);
	head = rev("X", "main");
	text = xasprintf("commit %s, rule format: ", short_id(&head));
	expect(5, text, ASK(.who = "anna", .where = "X"));
	free(text);
	/* main's own commit without its signature */
	copy("S", "X");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main $(git -C X cat-file commit main | "
		"sed '/^gpgsig/d;/^ /d' | git -C X hash-object -t commit -w --stdin)"), 0);
	expect(5, "rule format: ", ASK(.who = "anna", .where = "X"));
	/* signed over other bytes */
	copy("S", "X");
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main $(git -C X cat-file commit main | "
		"sed 's/^akt: [a-z]*/akt: put/' | git -C X hash-object -t commit -w --stdin)"), 0);
	expect(5, "rule signature: ", ASK(.who = "anna", .where = "X"));
}

static void
a_stranger_signs(void **state)
{
	struct forgery f = {.who = "eve", .where = "X", .handle = "anna", .nparents = 1};
	char *text;
	struct oid made;

	(void)state;
	copy("S", "X");
	f.parent[0] = rev("X", "main");
	f.tree = rev("X", "main^{tree}");
	made = forge(&f);
	text = xasprintf("commit %s, rule signer: ", short_id(&made));
	expect(5, text, ASK(.who = "anna", .where = "X"));
	free(text);
}

static void
swapped_records(void **state)
{
	struct forgery f = {.who = "bo", .where = "X", .nparents = 1};
	char *a = record_path("S", record), *b = record_path("S", other), *text;
	struct oid x, y, made;

	(void)state;
	copy("S", "X");
	text = xasprintf("main:%s", a);
	x = rev("X", text);
	free(text);
	text = xasprintf("main:%s", b);
	y = rev("X", text);
	free(text);
	f.parent[0] = rev("X", "main");
	f.tree = rev("X", "main^{tree}");
	f.update[0] = (struct git_update){a, &y};
	f.update[1] = (struct git_update){b, &x};
	f.nupdates = 2;
	made = forge(&f);
	/* without keys nobody can see it */
	expect(0, NULL, ASK(.where = "X"));
	text = xasprintf("commit %s, rule content: %s: is not the name it lies under: moved or swapped. ",
	    short_id(&made), other);
	expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	free(a);
	free(b);
}

/* Someone else's old version put back: it opens and fits its path. */
static void
an_old_version_put_back(void **state)
{
	struct forgery f = {.who = "bo", .where = "X", .nparents = 1};
	char *a = record_path("S", record), *text;
	struct buf first = {0};
	struct oid old, made;

	(void)state;
	copy("S", "X");
	assert_int_equal(run(&first, "git -C X rev-list --first-parent --reverse main -- %s | head -1", a), 0);
	first.p[OID_HEX] = '\0';
	text = xasprintf("%s:%s", first.p, a);
	old = rev("X", text);
	free(text);
	f.parent[0] = rev("X", "main");
	f.tree = rev("X", "main^{tree}");
	f.update[0] = (struct git_update){a, &old};
	f.nupdates = 1;
	made = forge(&f);
	text = xasprintf("commit %s, rule content: %s: it names another author than the one who signed it",
	    short_id(&made), record);
	expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	/* his own: then the time tells */
	text = xasprintf("git -C T rev-list --all --author='^bo ' --no-merges -- %s", a);
	buf_reset(&first);
	assert_int_equal(run(&first, "%s | tail -1", text), 0);
	free(text);
	first.p[OID_HEX] = '\0';
	copy("S", "X");
	text = xasprintf("%s:%s", first.p, a);
	old = rev("X", text);
	free(text);
	f.time = date_now() + 5;
	forge(&f);
	expect(5, "it names another time than the commit that brought it",
	    ASK(.who = "anna", .where = "X", .content = true));
	buf_free(&first);
	free(a);
}

/* What bo's store says of the last conflict's merge, its parents and record. */
static void
forge_merge(struct oid *made, const char *where, const struct oid *blob)
{
	struct forgery f = {.who = "bo", .where = where, .nparents = 2};
	char *a = record_path("S", record);
	struct oid merge = rev("S", "main");

	assert_int_equal(run(NULL, "git -C S rev-parse main^2"), 0);
	f.parent[0] = rev("S", "main^1");
	f.parent[1] = rev("S", "main^2");
	f.tree = rev("S", "main^{tree}");
	f.update[0] = (struct git_update){a, blob};
	f.nupdates = 1;
	*made = forge(&f);
	assert_false(oid_equal(made, &merge));
	free(a);
}

static void
merges_that_lie(void **state)
{
	char *a = record_path("S", record), *text = xasprintf("main^1:%s", a);
	struct oid parents_own, altered, made;
	struct buf refused = {0};
	struct err e = {0};

	(void)state;
	/* one side's version stands, the other's is gone */
	copy("S", "X");
	parents_own = rev("S", text);
	free(text);
	forge_merge(&made, "X", &parents_own);
	expect(0, NULL, ASK(.where = "X"));
	text = xasprintf("commit %s, rule content: %s: the merge keeps one side's version and drops the "
		"other's", short_id(&made), record);
	expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	/* new content that is not what merging gives: sealed by the program itself, in a copy of bo's */
	copy("T", "X");
	set("bo", "X", record, "title", "neither");
	text = xasprintf("main:%s", a);
	altered = rev("X", text);
	free(text);
	forge_merge(&made, "X", &altered);
	expect(0, NULL, ASK(.where = "X"));
	text = xasprintf("commit %s, rule content: %s: the merge holds something else than merging both sides",
	    short_id(&made), record);
	expect(5, text, ASK(.who = "bo", .where = "X", .content = true));
	free(text);
	/* and a machine that fetches it refuses the hub: anna's as she was before the merge */
	copy("hub", "hub.good");
	copy("S", "S.before");
	assert_int_equal(run(NULL, "git -C S.before update-ref refs/heads/main main^2 && "
		"git -C S.before for-each-ref --format='%%(refname)' refs/akt/hub | "
		"xargs -n1 git -C S.before update-ref -d && "
		"git -C X push -q -f %s/hub main:main", top), 0);
	assert_int_equal(try_sync("anna", "S.before", &e), ERR_DAMAGED);
	for (int i = 0; i < e.n; i++)
		buf_puts(&refused, e.item[i].text);
	text = xasprintf("the hub is refused, and nothing of it taken: commit %s: %s: the merge holds "
		"something else than merging both sides gives", short_id(&made), record);
	if (!strstr(buf_str(&refused), text))
		print_message("# %s\n", buf_str(&refused));
	assert_non_null(strstr(buf_str(&refused), text));
	free(text);
	copy("hub.good", "hub");
	buf_free(&refused);
	free(a);
}

/* HEAD's control files cannot be read: no command could open the store, verify tells why. */
static void
unreadable_head(void **state)
{
	struct forgery f = {.who = "anna", .where = "X", .nparents = 1};
	struct buf out = {0};
	struct oid blob, made;
	char *text;

	(void)state;
	copy("S", "X");
	assert_int_equal(run(&out, "echo 'nonsense: [' | git -C X hash-object -w --stdin"), 0);
	out.p[OID_HEX] = '\0';
	assert_true(oid_parse(&blob, out.p));
	f.parent[0] = rev("X", "main");
	f.tree = rev("X", "main^{tree}");
	f.update[0] = (struct git_update){"members/bo.yaml", &blob};
	f.nupdates = 1;
	made = forge(&f);
	text = xasprintf("commit %s, rule control: members/bo.yaml: nonsense: a value was expected here",
	    short_id(&made));
	expect(5, text, ASK(.who = "anna", .where = "X"));
	expect(5, text, ASK(.who = "anna", .where = "X", .content = true));
	expect(5, "What the records hold could not be looked at.",
	    ASK(.who = "anna", .where = "X", .content = true));
	free(text);
	buf_free(&out);
}

static int
checkpoint(struct buf *text, const char *who, const char *where, struct err *e)
{
	struct session s;
	struct node *out = NULL;
	char *store, *id;
	int rc;

	open_session(&s, &store, &id, who, where);
	rc = app_checkpoint(&s, &out, e);
	if (!rc)
		buf_puts(text, node_get_str(out, "checkpoint"));
	shut(&s, store, id);
	return rc;
}

static void
put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", top, name);
	struct err e = {0};

	expect_ok(os_write_file(path, text, strlen(text), 0600, &e), &e);
	free(path);
}

static void
checkpoints(void **state)
{
	struct buf note = {0}, early = {0};
	struct err e = {0};
	char *at;

	(void)state;
	copy("S", "X");
	expect_ok(checkpoint(&early, "anna", "X", &e), &e);
	put("early", buf_str(&early));
	expect(0, "The trail contains the checkpoint of ", ASK(.where = "X", .checkpoint = "early"));
	set("anna", "X", record, "body", "more");
	expect(0, "signed by anna.laptop", ASK(.where = "X", .checkpoint = "early"));
	expect_ok(checkpoint(&note, "anna", "X", &e), &e);
	put("note", buf_str(&note));
	expect(0, NULL,
	    ASK(.who = "anna", .where = "X", .checkpoint = "note", .fingerprint = fingerprint));
	/* cut off: the copy holds as far as it goes, the checkpoint says that there was more */
	expect(5, "\"rule\":\"checkpoint\"", ASK(.where = "S", .checkpoint = "note"));
	expect(5, "something was dropped or rewritten since",
	    ASK(.where = "S", .checkpoint = "note"));
	/* a count that was altered, and with it the signature */
	at = strstr(note.p, "count: 11");
	assert_non_null(at);
	at[7] = '2';
	put("note", buf_str(&note));
	expect(5, "the checkpoint's signature is not good", ASK(.where = "X", .checkpoint = "note"));
	put("note", "hello");
	expect(5, "this is not a checkpoint", ASK(.where = "X", .checkpoint = "note"));
	/* no witness for what does not hold, nor from those who do not belong */
	assert_int_equal(run(NULL, "git -C X update-ref refs/heads/main main~1"), 0);
	assert_int_equal(checkpoint(&note, "anna", "X", &e), ERR_DAMAGED);
	assert_string_equal(e.item[1].text,
	    "no checkpoint was made: it would witness a trail that does not hold");
	err_clear(&e);
	assert_int_equal(checkpoint(&note, "eve", "S", &e), ERR_ACCESS);
	buf_free(&note);
	buf_free(&early);
}

/* Notes that are well signed and do not fit. */
static void
false_checkpoints(void **state)
{
	struct trail_report good = {0}, r;
	struct trail_options opt = {0};
	struct identity *anna = NULL, *eve = NULL;
	struct oid head = rev("S", "main");
	char *path = xasprintf("%s/S", top), *ids[2] = {xasprintf("%s/anna.id", top),
	    xasprintf("%s/eve.id", top)};
	struct git *g = NULL;
	struct buf raw = {0}, text = {0};
	struct commit c;
	struct err e = {0};
	const struct {
		const char *store, *device, *want;
		int bad; /* 1 count, 2 trail, 3 sha256, 4 signer */
	} t[] = {
		{NULL, "anna.laptop", "The trail contains the checkpoint", 0},
		{"0000000000", "anna.laptop", "the checkpoint is of another store", 0},
		{NULL, "anna.laptop", "counts another number of commits", 1},
		{NULL, "anna.laptop", "is not the one that was noted", 2},
		{NULL, "anna.laptop", "is not the one that was noted", 3},
		{NULL, "anna.laptop", "by a device that does not belong to the store", 4},
		{NULL, "bo.home", "by another device than the one it names", 0},
	};

	(void)state;
	expect_ok(identity_load(&anna, ids[0], NULL, &e), &e);
	expect_ok(identity_load(&eve, ids[1], NULL, &e), &e);
	expect_ok(git_open(&g, path, false, &e), &e);
	expect_ok(trail_verify(&good, g, &head, &opt, &e), &e);
	expect_ok(git_read(g, &raw, NULL, &head, &e), &e);
	expect_ok(commit_parse(&c, raw.p, raw.n, &e), &e);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct identity *by = t[i].bad == 4 ? eve : anna;

		r = good;
		r.commits += t[i].bad == 1;
		r.trail[0] ^= t[i].bad == 2;
		r.head_sha256[0] ^= t[i].bad == 3;
		buf_reset(&text);
		checkpoint_format(&text, t[i].store ? t[i].store : c.store_id, &r, date_now(), t[i].device,
		    by->sign_sk, by->sign_pk);
		put("note", buf_str(&text));
		expect(i ? 5 : 0, t[i].want, ASK(.where = "S", .checkpoint = "note"));
	}
	trail_report_free(&good);
	identity_free(anna);
	identity_free(eve);
	git_close(g);
	buf_free(&raw);
	buf_free(&text);
	free(path);
	free(ids[0]);
	free(ids[1]);
}

/* A note of a device revoked since is good if it was made before. */
static void
a_revoked_witness(void **state)
{
	struct buf before = {0};
	struct session s;
	struct node *out = NULL;
	struct err e = {0};
	char *store, *id;

	(void)state;
	copy("T", "X");
	expect_ok(checkpoint(&before, "bo", "X", &e), &e);
	put("before", buf_str(&before));
	date_clock_set(date_now() + 60);
	open_session(&s, &store, &id, "anna", "X");
	expect_ok(app_device_revoke(&s, &out, "bo.home", &e), &e);
	shut(&s, store, id);
	expect(0, "signed by bo.home", ASK(.where = "X", .checkpoint = "before"));
	/* one that bo makes by hand afterwards, of the trail as it is now or as it was */
	for (int i = 0; i < 2; i++) {
		struct trail_report r = {0};
		struct trail_options opt = {0};
		struct oid head = rev("X", i ? "main~1" : "main");
		char *path = xasprintf("%s/X", top), *bo_path = xasprintf("%s/bo.id", top);
		struct identity *bo = NULL;
		struct git *g = NULL;
		struct buf raw = {0};
		struct commit c;

		expect_ok(identity_load(&bo, bo_path, NULL, &e), &e);
		expect_ok(git_open(&g, path, false, &e), &e);
		expect_ok(trail_verify(&r, g, &head, &opt, &e), &e);
		expect_ok(git_read(g, &raw, NULL, &head, &e), &e);
		expect_ok(commit_parse(&c, raw.p, raw.n, &e), &e);
		buf_reset(&before);
		/* dated back, where the head itself gives it away; else not */
		checkpoint_format(&before, c.store_id, &r, i ? date_now() + 10 : c.time - 3600, "bo.home",
		    bo->sign_sk, bo->sign_pk);
		put("after", buf_str(&before));
		expect(5, "by a device that had been revoked", ASK(.where = "X", .checkpoint = "after"));
		trail_report_free(&r);
		identity_free(bo);
		git_close(g);
		buf_free(&raw);
		free(path);
		free(bo_path);
	}
	date_clock_set(-1);
	buf_free(&before);
}

static void
the_mark(void **state)
{
	struct proof_mark m, longer;
	struct identity *anna = NULL, *eve = NULL;
	char *path = xasprintf("%s/X/akt/verified", top), *ids[2] = {xasprintf("%s/anna.id", top),
	    xasprintf("%s/eve.id", top)}, *object;
	struct buf text = {0}, hex = {0};
	struct err e = {0};

	(void)state;
	expect_ok(identity_load(&anna, ids[0], NULL, &e), &e);
	expect_ok(identity_load(&eve, ids[1], NULL, &e), &e);
	copy("S", "X");
	run(NULL, "rm -f X/akt/verified");
	assert_false(proof_mark_read(&m, path, anna));
	/* nobody without keys, and no bad trail, leaves one */
	expect(0, NULL, ASK(.where = "X"));
	assert_false(os_exists(path));
	expect(0, NULL, ASK(.who = "anna", .where = "X"));
	assert_true(proof_mark_read(&m, path, anna));
	assert_int_equal(m.trail.commits, 10);
	assert_false(proof_mark_read(&longer, path, eve));
	/* small histories are verified whole all the same */
	set("anna", "X", record, "body", "marked");
	expect(0, "Commits from the first to HEAD: 11.", ASK(.who = "anna", .where = "X"));
	/* larger ones from the mark on */
	proof_mark_write(path, &m, anna);
	proof_mark_worth(5);
	expect(0, "up to which this device verified the trail before: 1.",
	    ASK(.who = "anna", .where = "X"));
	assert_true(proof_mark_read(&m, path, anna));
	assert_int_equal(m.trail.commits, 11);
	expect(0, "up to which this device verified the trail before: 0.",
	    ASK(.who = "anna", .where = "X"));
	expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X", .full = true));
	expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X", .content = true));
	expect(0, "from the first to HEAD: 11",
	    ASK(.who = "anna", .where = "X", .fingerprint = fingerprint));
	expect(0, "from the first to HEAD: 11", ASK(.who = "bo", .where = "X"));
	/* a mark of bo's has replaced anna's */
	expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X"));
	/* a lengthened one, and one signed by somebody else, count for nothing */
	expect_ok(os_read_file(&text, path, 4096, &e), &e);
	*strstr(text.p, "commits: 11") = 'K';
	expect_ok(os_write_file(path, text.p, text.n, 0600, &e), &e);
	assert_false(proof_mark_read(&m, path, anna));
	*strstr(text.p, "Kommits: 11") = 'c';
	strstr(text.p, "commits: 11")[10] = '2';
	expect_ok(os_write_file(path, text.p, text.n, 0600, &e), &e);
	assert_false(proof_mark_read(&m, path, anna));
	expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X"));
	assert_true(proof_mark_read(&m, path, anna));
	proof_mark_write(path, &m, eve);
	expect(0, "from the first to HEAD: 11", ASK(.who = "anna", .where = "X"));
	/* a failure behind the mark shows the whole picture */
	assert_true(proof_mark_read(&m, path, anna));
	assert_int_equal(run(&hex, "git -C X rev-parse main"), 0);
	object = xasprintf("X/objects/%.2s/%.38s", hex.p, hex.p + 2);
	assert_int_equal(run(NULL, "chmod u+w %s && echo x > %s", object, object), 0);
	expect(5, "rule damage", ASK(.who = "anna", .where = "X"));
	proof_mark_worth(2000);
	free(object);
	identity_free(anna);
	identity_free(eve);
	buf_free(&text);
	buf_free(&hex);
	free(path);
	free(ids[0]);
	free(ids[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_store),
		cmocka_unit_test(wrong_use),
		cmocka_unit_test(another_fingerprint),
		cmocka_unit_test(copies_without_identity),
		cmocka_unit_test(damaged_objects),
		cmocka_unit_test(a_branch_moved_back),
		cmocka_unit_test(stock_git_commits),
		cmocka_unit_test(a_stranger_signs),
		cmocka_unit_test(swapped_records),
		cmocka_unit_test(an_old_version_put_back),
		cmocka_unit_test(merges_that_lie),
		cmocka_unit_test(unreadable_head),
		cmocka_unit_test(checkpoints),
		cmocka_unit_test(false_checkpoints),
		cmocka_unit_test(a_revoked_witness),
		cmocka_unit_test(the_mark),
	};

	return cmocka_run_group_tests(tests, make_world, end_world);
}
