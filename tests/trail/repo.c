#include "trail/repo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/os.h"
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/ssh.h"
#include "merge/storepath.h"
#include "trail/state.h"
#include "trail/verify.h"

#define MUST(expr) must((expr), &err_, #expr)
#define STORE_ID "7k3f9q2m1x"

static struct err err_;

static void
must(int rc, struct err *e, const char *what)
{
	if (!rc)
		return;
	fprintf(stderr, "%s: %s %s\n", what, e->n ? e->item[0].path : "",
	    e->n ? e->item[0].text : "");
	abort();
}

char *
repo_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/akt-trail-XXXXXX", tmp ? tmp : "/tmp");

	secret_init();
	if (!mkdtemp(path))
		abort();
	return path;
}

void
repo_remove(char *folder)
{
	MUST(os_remove_tree(folder, &err_));
	free(folder);
}

int
repo_run(struct buf *out, const char *fmt, ...)
{
	struct buf cmd = {0};
	char chunk[4096];
	va_list ap;
	FILE *in;
	size_t n;
	int status;

	buf_puts(&cmd, "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 LC_ALL=C; ");
	va_start(ap, fmt);
	buf_vprintf(&cmd, fmt, ap);
	va_end(ap);
	in = popen(buf_str(&cmd), "r");
	if (!in)
		abort();
	while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
		if (out)
			buf_add(out, chunk, n);
	status = pclose(in);
	buf_free(&cmd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

uint32_t
repo_random(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

/* --- a store -------------------------------------------------------------------------- */

static void
who_new(struct who *w, const char *handle)
{
	w->handle = handle;
	ssh_keygen(w->sk, w->pk);
	age_keygen(w->xsk, w->xpk);
}

void
store_put(struct store *s, struct oid *tree, const char *path, const char *text, size_t n)
{
	struct git_batch *b = git_batch_new(s->g);
	struct git_update u = {path, NULL};
	struct oid blob;

	if (text) {
		git_batch_add(b, &blob, GIT_BLOB, text, n);
		u.id = &blob;
	}
	MUST(git_tree_update(b, tree, oid_zero(tree) ? NULL : tree, &u, 1, &err_));
	MUST(git_batch_write(b, &err_));
	git_batch_free(b);
}

static void
put_buf(struct store *s, struct oid *tree, const char *path, struct buf *text)
{
	store_put(s, tree, path, buf_str(text), text->n);
	buf_free(text);
}

static void
put_member(struct store *s, struct oid *tree, const struct who *w, unsigned roles)
{
	struct device d = {.added = 1700000000};
	struct member m = {.roles = roles, .ndevices = 1, .devices = &d};
	struct buf text = {0};
	char path[128];

	snprintf(m.handle, sizeof m.handle, "%s", w->handle);
	if (roles & ROLE_RECOVERY)
		snprintf(d.id, sizeof d.id, "recovery");
	else
		snprintf(d.id, sizeof d.id, "%s.laptop", w->handle);
	memcpy(d.recipient, w->xpk, sizeof d.recipient);
	memcpy(d.signer, w->pk, sizeof d.signer);
	state_format_member(&text, &m);
	snprintf(path, sizeof path, "members/%s.yaml", w->handle);
	put_buf(s, tree, path, &text);
}

/* An epoch of a team and its wrapped key; its name to `name`. */
static void
put_epoch(struct store *s, struct oid *tree, const char *team, const char *earlier,
    const struct who *const *who, size_t n, char name[9])
{
	struct epoch e = {.nmembers = n, .members = xcalloc(n, sizeof *e.members)};
	uint8_t sk[32], pk[8][32], digest[32];
	char identity[AGE_TEXT], path[128];
	struct buf text = {0}, key = {0};

	age_keygen(sk, e.recipient);
	hash_sha256(digest, e.recipient, sizeof e.recipient);
	hash_hex(name, digest, 4);
	snprintf(e.team, sizeof e.team, "%s", team);
	snprintf(e.name, sizeof e.name, "%s", name);
	snprintf(e.earlier, sizeof e.earlier, "%s", earlier);
	for (size_t i = 0; i < n; i++) {
		snprintf(e.members[i], sizeof e.members[i], "%s", who[i]->handle);
		memcpy(pk[i], who[i]->xpk, 32);
	}
	memcpy(pk[n], s->recovery.xpk, 32);
	state_format_epoch(&text, &e);
	snprintf(path, sizeof path, "teams/%s/%s.yaml", team, name);
	put_buf(s, tree, path, &text);
	age_identity_format(identity, sk);
	MUST(age_encrypt(&key, (const uint8_t(*)[32])pk, n + 1, identity, strlen(identity), &err_));
	snprintf(path, sizeof path, "teams/%s/%s.age", team, name);
	put_buf(s, tree, path, &key);
	free(e.members);
}

static void
put_signers(struct store *s, struct oid *tree)
{
	struct objects o = objects_of_git(s->g);
	struct state_cache *cache = state_cache_new(&o);
	struct state *state = NULL;
	struct buf text = {0};

	MUST(state_open(&state, cache, tree, &err_));
	MUST(state_format_signers(&text, state, &err_));
	put_buf(s, tree, "allowed_signers", &text);
	state_close(state);
	state_cache_free(cache);
}

void
store_record(struct store *s, struct oid *tree, const char *name, unsigned round)
{
	char text[512], *path = storepath_in_dossier(s->unit, name);
	struct buf sealed = {0};

	memset(text, '\n', sizeof text);
	snprintf(text, sizeof text, "round: %u", round);
	/* encrypted to anyone: policy has no keys */
	MUST(age_encrypt(&sealed, (const uint8_t(*)[32]) & s->anna.xpk, 1, text, sizeof text, &err_));
	put_buf(s, tree, path, &sealed);
	free(path);
}

static void
put_dossier(struct store *s, struct oid *tree, const char *epoch)
{
	struct dossier_key key = {.nfor = 1};
	struct dossier d = {.naccess = 1, .nkeys = 1, .keys = &key};
	char *path = storepath_in_dossier(s->unit, "dossier.yaml");
	struct buf text = {0};

	key.to = xcalloc(1, sizeof *key.to);
	snprintf(key.to[0].team, sizeof key.to[0].team, "unit");
	snprintf(key.to[0].epoch, sizeof key.to[0].epoch, "%s", epoch);
	memset(key.id, 0x11, sizeof key.id);
	memset(key.file, 0x22, sizeof key.file);
	d.access = xcalloc(1, sizeof *d.access);
	snprintf(d.access[0], sizeof d.access[0], "unit");
	snprintf(d.id, sizeof d.id, "%s", s->unit);
	state_format_dossier(&text, &d);
	put_buf(s, tree, path, &text);
	free(path);
	free(d.access);
	free(key.to);
}

static void
put_store(struct store *s, struct oid *tree)
{
	const char *basis[] = {"gdpr", "sol"};
	struct store_info info = {.id = STORE_ID, .name = "Barn och ungdom", .language = "sv",
		.erase_signers = 2, .nbasis = 2, .basis = basis};
	struct buf text = {0};

	memcpy(info.unit, s->unit, sizeof info.unit);
	state_format_store(&text, &info);
	put_buf(s, tree, "store.yaml", &text);
}

void
store_new(struct store *s)
{
	const struct who *anna = &s->anna;
	struct oid tree = {{0}};
	char epoch[9], *path = NULL;

	*s = (struct store){.folder = repo_folder(), .unit = "0a1b2c3d4e", .time = 1700000000};
	path = xasprintf("%s/repo.git", s->folder);
	MUST(git_init(&s->g, path, &err_));
	free(path);
	who_new(&s->anna, "anna");
	who_new(&s->bo, "bo");
	who_new(&s->eve, "eve");
	who_new(&s->recovery, "recovery");
	put_store(s, &tree);
	put_member(s, &tree, &s->anna, ROLE_ADMIN | ROLE_STAFF);
	put_member(s, &tree, &s->recovery, ROLE_RECOVERY);
	put_epoch(s, &tree, "~anna", "", &anna, 1, epoch);
	put_epoch(s, &tree, "logg", "", &anna, 1, epoch);
	put_epoch(s, &tree, "unit", "", &anna, 1, epoch);
	put_dossier(s, &tree, epoch);
	put_signers(s, &tree);
	s->head = store_sign(s, &s->anna, &tree, NULL, NULL, "init");
	store_move(s, &s->head, &tree);
}

void
store_free(struct store *s)
{
	git_close(s->g);
	repo_remove(s->folder);
}

struct oid
store_sign(struct store *s, const struct who *by, const struct oid *tree, const struct oid *p1,
    const struct oid *p2, const char *verb)
{
	struct git_batch *b = git_batch_new(s->g);
	struct commit c = {.tree = *tree, .time = s->time, .store_id = STORE_ID};
	struct tree256 *t = NULL;
	struct oid id;

	if (p1)
		c.parent[c.nparents++] = *p1;
	if (p2)
		c.parent[c.nparents++] = *p2;
	c.merge_rules = p2 ? 1 : 0;
	snprintf(c.handle, sizeof c.handle, "%s", by->handle);
	snprintf(c.verb, sizeof c.verb, "%s", verb);
	MUST(tree256_open(&t, NULL, &err_));
	MUST(trail_sign(&id, b, t, &c, by->sk, &err_));
	MUST(git_batch_write(b, &err_));
	tree256_close(t);
	git_batch_free(b);
	s->time += 60;
	return id;
}

void
store_move(struct store *s, const struct oid *head, const struct oid *tree)
{
	struct oid was;
	bool there = git_ref_get(s->g, &was, "refs/heads/main", NULL) == 0;

	MUST(git_ref_set(s->g, "refs/heads/main", head, there ? &was : NULL, &err_));
	s->head = *head;
	s->tree = *tree;
}

void
store_save(struct store *s, const char *name, unsigned round)
{
	struct oid tree = s->tree, id;

	store_record(s, &tree, name, round);
	id = store_sign(s, &s->anna, &tree, &s->head, NULL, "save");
	store_move(s, &id, &tree);
}

struct oid
store_raw(struct store *s, const void *p, size_t n)
{
	struct git_batch *b = git_batch_new(s->g);
	struct oid id;

	git_batch_add(b, &id, GIT_COMMIT, p, n);
	MUST(git_batch_write(b, &err_));
	git_batch_free(b);
	return id;
}

void
store_add_bo(struct store *s)
{
	const struct who *both[] = {&s->anna, &s->bo}, *bo = &s->bo;
	struct objects o = objects_of_git(s->g);
	struct state_cache *cache = state_cache_new(&o);
	struct state *state = NULL;
	struct oid tree = s->tree, id;
	char was[9], epoch[9];

	MUST(state_open(&state, cache, &s->tree, &err_));
	snprintf(was, sizeof was, "%s", state_epoch(state, "unit")->name);
	state_close(state);
	state_cache_free(cache);
	put_member(s, &tree, &s->bo, ROLE_STAFF);
	put_epoch(s, &tree, "~bo", "", &bo, 1, epoch);
	put_epoch(s, &tree, "unit", was, both, 2, epoch);
	put_signers(s, &tree);
	id = store_sign(s, &s->anna, &tree, &s->head, NULL, "member-add");
	store_move(s, &id, &tree);
}
