#include "vault/txn_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/os.h"
#include "base/secret.h"
#include "trail/policy.h"
#include "trail/verify.h"
#include "vault/keystore.h"

enum { KEY_TRIES = 20 };

/* --- files of a change -------------------------------------------------------- */

static size_t
slot(const struct txn_files *f, const char *path)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */
	size_t i;

	for (const char *s = path; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	for (i = h & (f->nslots - 1); f->slots[i]; i = (i + 1) & (f->nslots - 1))
		if (strcmp(f->v[f->slots[i] - 1].path, path) == 0)
			break;
	return i;
}

void
txn_files_set(struct txn_files *f, const char *path, const struct oid *id)
{
	struct txn_file *x;
	size_t i;

	if ((f->n + 1) * 2 > f->nslots) {
		free(f->slots);
		f->nslots = f->nslots ? f->nslots * 2 : 64;
		f->slots = xcalloc(f->nslots, sizeof *f->slots);
		for (i = 0; i < f->n; i++)
			f->slots[slot(f, f->v[i].path)] = (uint32_t)i + 1;
	}
	i = slot(f, path);
	if (!f->slots[i]) {
		vec_grow(f);
		f->v[f->n] = (struct txn_file){.path = xstrdup(path)};
		f->slots[i] = (uint32_t)++f->n;
	}
	x = &f->v[f->slots[i] - 1];
	x->removed = !id;
	if (id)
		x->id = *id;
}

const struct txn_file *
txn_files_get(const struct txn_files *f, const char *path)
{
	size_t i;

	if (!f->n)
		return NULL;
	i = slot(f, path);
	return f->slots[i] ? &f->v[f->slots[i] - 1] : NULL;
}

void
txn_files_free(struct txn_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].path);
	free(f->v);
	free(f->slots);
	*f = (struct txn_files){0};
}

/* --- life ------------------------------------------------------------------------ */

static int
begin(struct txn **out, struct vault *v, const struct member *founder, struct err *e)
{
	struct txn *t = xcalloc(1, sizeof *t);
	int rc;

	t->v = v;
	t->me = founder;
	rc = vault_lock(&t->lock, v, e);
	if (!rc && !founder)
		rc = vault_refresh(v, e);
	if (!rc && !founder)
		rc = vault_me(v, &t->me, NULL, e);
	if (rc) {
		txn_free(t);
		return rc;
	}
	t->now = date_now();
	t->batch = git_batch_new(v->git);
	t->objects = objects_of_batch(t->batch);
	t->cache = state_cache_new(&t->objects);
	if (v->keys) {
		t->keybatch = git_batch_new(v->keys);
		t->keyobjects = objects_of_batch(t->keybatch);
	}
	*out = t;
	return 0;
}

int
txn_begin(struct txn **out, struct vault *v, struct err *e)
{
	return begin(out, v, NULL, e);
}

int
txn_begin_root(struct txn **out, struct vault *v, const struct member *founder, struct err *e)
{
	return begin(out, v, founder, e);
}

void
txn_free(struct txn *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->nchecks; i++) {
		buf_free(&t->checks[i].plain);
		free(t->checks[i].path);
	}
	free(t->checks);
	for (size_t i = 0; i < t->ndossiers; i++)
		dossier_free(t->dossiers[i]);
	free(t->dossiers);
	free(t->renewed);
	txn_files_free(&t->dossier_at);
	txn_files_free(&t->files);
	txn_files_free(&t->keyfiles);
	if (t->state)
		state_close(t->state);
	if (t->cache)
		state_cache_free(t->cache);
	git_batch_free(t->batch);
	git_batch_free(t->keybatch);
	os_unlock(t->lock);
	free(t);
}

int64_t
txn_now(const struct txn *t)
{
	return t->now;
}

bool
txn_empty(const struct txn *t)
{
	return t->files.n == 0;
}

static void
touched(struct txn *t, const char *path)
{
	enum storepath_kind kind = storepath_parse(NULL, path);

	/* records are no part of the state: a thousand of them do not remake it a thousand times */
	if (kind == PATH_RECORD || kind == PATH_PARKED)
		return;
	if (t->state)
		state_close(t->state);
	t->state = NULL;
	t->members_touched |= kind == PATH_MEMBER;
	t->teams_touched |= kind == PATH_MEMBER || kind == PATH_EPOCH;
}

void
txn_put_blob(struct txn *t, const char *path, const struct oid *id)
{
	txn_files_set(&t->files, path, id);
	touched(t, path);
}

void
txn_put(struct txn *t, const char *path, const void *p, size_t n)
{
	struct oid id;

	git_batch_add(t->batch, &id, GIT_BLOB, p, n);
	txn_put_blob(t, path, &id);
}

void
txn_remove(struct txn *t, const char *path)
{
	txn_files_set(&t->files, path, NULL);
	touched(t, path);
}

int
txn_read(struct txn *t, struct buf *out, const char *path, struct err *e)
{
	const struct txn_file *f = txn_files_get(&t->files, path);

	if (f && f->removed)
		return err_set(e, ERR_NOTFOUND, _("no such file: %s"), path);
	if (f)
		return git_batch_read(t->batch, out, NULL, &f->id, e);
	if (!t->v->have_head)
		return err_set(e, ERR_NOTFOUND, _("no such file: %s"), path);
	return objects_file(&t->objects, out, NULL, &t->v->tree, path, e);
}

int
txn_tree(struct txn *t, struct oid *tree, struct err *e)
{
	struct git_update *u;
	int rc;

	if (!t->files.n) {
		*tree = t->v->tree;
		return 0;
	}
	u = xcalloc(t->files.n, sizeof *u);
	for (size_t i = 0; i < t->files.n; i++) {
		u[i].path = t->files.v[i].path;
		u[i].id = t->files.v[i].removed ? NULL : &t->files.v[i].id;
	}
	rc = git_tree_update(t->batch, tree, t->v->have_head ? &t->v->tree : NULL, u, t->files.n, e);
	free(u);
	return rc;
}

int
txn_state(struct txn *t, const struct state **out, struct err *e)
{
	struct oid tree;
	int rc;

	if (!t->files.n) {
		*out = t->v->state;
		return 0;
	}
	if (!t->state) {
		rc = txn_tree(t, &tree, e);
		if (!rc)
			rc = state_open(&t->state, t->cache, &tree, e);
		if (rc)
			return rc;
	}
	*out = t->state;
	return 0;
}

int
txn_put_member(struct txn *t, const struct member *m, struct err *e)
{
	struct buf text = {0};
	char *path = xasprintf("members/%s.yaml", m->handle);

	(void)e;
	state_format_member(&text, m);
	txn_put(t, path, buf_str(&text), text.n);
	buf_free(&text);
	free(path);
	return 0;
}

int
txn_read_keyfile(void *txn, struct buf *out, const char *dossier, const uint8_t file[32],
    struct err *e)
{
	struct txn *t = txn;
	char *path = vault_keyfile_path(dossier, file);
	const struct txn_file *f = txn_files_get(&t->keyfiles, path);

	free(path);
	if (f)
		return git_batch_read(t->keybatch, out, NULL, &f->id, e);
	return vault_read_keyfile(t->v, out, dossier, file, e);
}

/* --- the commit -------------------------------------------------------------------- */

/* allowed_signers follows the members of the tree. */
static int
derive_signers(struct txn *t, struct err *e)
{
	const struct state *s;
	struct buf text = {0};
	int rc;

	if (!t->members_touched)
		return 0;
	rc = txn_state(t, &s, e);
	if (!rc)
		rc = state_format_signers(&text, s, e);
	if (!rc)
		txn_put(t, "allowed_signers", buf_str(&text), text.n);
	buf_free(&text);
	return rc;
}

/* Policy's own verdict on what we are about to write: a refusal here is a refusal at the hub. */
static int
judge(struct txn *t, const struct oid *id, const struct oid *tree, struct err *e)
{
	struct policy_input in = {0};
	struct verdict *verdict = xcalloc(1, sizeof *verdict);
	struct state *after = NULL;
	struct buf raw = {0};
	struct commit parent = {0};
	int rc;

	rc = git_batch_read(t->batch, &raw, NULL, id, e);
	if (!rc)
		rc = commit_parse(&in.commit, buf_str(&raw), raw.n, e);
	if (!rc)
		rc = state_open(&after, t->cache, tree, e);
	buf_reset(&raw);
	if (!rc && t->v->have_head)
		rc = git_read(t->v->git, &raw, NULL, &t->v->head, e);
	if (!rc && t->v->have_head)
		rc = commit_parse(&parent, buf_str(&raw), raw.n, e);
	if (rc)
		goto done;
	in.id = *id;
	memcpy(in.signer, t->v->id->sign_pk, 32);
	in.before[0] = t->v->have_head ? t->v->state : NULL;
	in.after = after;
	in.parent_tree[0] = t->v->tree;
	in.parent_time[0] = parent.time;
	rc = policy_judge(verdict, &t->objects, &in, e);
	if (!rc && !verdict->ok)
		rc = err_at(e, ERR_ACCESS, NULL, 0, 0, verdict->path, "%s (%s: %s)", verdict->text,
		    policy_rule_name(verdict->rule), policy_rule_meaning(verdict->rule));
done:
	state_close(after);
	buf_free(&raw);
	free(verdict);
	return rc;
}

static int
write_keys_once(struct txn *t, struct err *e)
{
	struct git *g = t->v->keys;
	struct git_update *u = NULL;
	struct oid old, old_tree, parents[2], tree, id;
	struct err inner = {0};
	bool had;
	size_t n;
	int rc;

	rc = git_ref_get(g, &old, VAULT_KEYS, &inner);
	had = rc == 0;
	if (rc == ERR_NOTFOUND)
		rc = 0;
	else if (rc)
		err_append(e, &inner);
	if (!rc && had)
		rc = git_commit_links(g, &old, &old_tree, parents, &n, e);
	if (rc)
		goto done;
	u = xcalloc(t->keyfiles.n, sizeof *u);
	for (size_t i = 0; i < t->keyfiles.n; i++)
		u[i] = (struct git_update){t->keyfiles.v[i].path, &t->keyfiles.v[i].id};
	rc = git_tree_update(t->keybatch, &tree, had ? &old_tree : NULL, u, t->keyfiles.n, e);
	if (rc)
		goto done;
	keystore_commit(t->keybatch, &id, &tree);
	rc = git_batch_write(t->keybatch, e);
	if (!rc)
		rc = git_ref_set(g, VAULT_KEYS, &id, had ? &old : NULL, e);
done:
	free(u);
	return rc;
}

/* refs/akt/keys: always one parentless commit; what it says of itself is nothing. A sync beside us may
 * bring others' keys meanwhile: ours are added to those. */
static int
write_keys(struct txn *t, struct err *e)
{
	struct err inner = {0};
	int rc = 0;

	for (int i = 0; i < KEY_TRIES && t->keyfiles.n && (i == 0 || rc == ERR_RACE); i++) {
		err_clear(&inner);
		rc = write_keys_once(t, &inner);
	}
	err_append(e, &inner);
	return rc;
}

/* A key that does not open is a record lost: each new file opens what it is said to, as far as we are
 * one of those it is for. */
static int
read_key_back(struct txn *t, const struct dossier *d, const struct dossier_key *k, struct err *e)
{
	char *path = vault_keyfile_path(d->id, k->file);
	bool fresh = txn_files_get(&t->keyfiles, path) != NULL;
	const struct keyring_key *key = keyring_get(t->v->ring, k->id);
	struct buf sealed = {0}, plain = {0};
	char *line = secret_alloc(AGE_TEXT + 1);
	int rc = fresh ? vault_read_keyfile(t->v, &sealed, d->id, k->file, e) : 0;

	if (key)
		age_identity_format(line, key->sk);
	for (size_t i = 0; fresh && key && !rc && i < k->nfor; i++) {
		const struct keyring_key *epoch = keyring_get_epoch(t->v->ring, k->to[i].epoch);

		if (!epoch)
			continue;
		buf_reset(&plain);
		rc = age_decrypt_one(&plain, epoch->sk, epoch->pk, i, buf_str(&sealed), sealed.n, NULL, e);
		if (!rc && strncmp(buf_str(&plain), line, strlen(line)) != 0)
			rc = err_set(e, ERR_DAMAGED,
			    _("what was written could not be read back; nothing has been changed"));
	}
	secret_free(line);
	buf_free(&sealed);
	buf_free(&plain);
	free(path);
	return rc;
}

static int
read_keys_back(struct txn *t, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; t->keyfiles.n && !rc && i < t->ndossiers; i++)
		for (size_t k = 0; !rc && k < t->dossiers[i]->nkeys; k++)
			rc = read_key_back(t, t->dossiers[i], &t->dossiers[i]->keys[k], e);
	return rc;
}

void
txn_check_later(struct txn *t, char *path, const struct oid *blob, struct buf *plain)
{
	if (t->nchecks == t->check_cap) {
		t->check_cap = t->check_cap ? t->check_cap * 2 : 8;
		t->checks = xrealloc(t->checks, t->check_cap, sizeof *t->checks);
	}
	t->checks[t->nchecks++] = (struct txn_check){path, *blob, *plain};
	*plain = (struct buf){0};
}

static int
open_again(struct buf *plain, struct txn *t, const struct txn_check *c, const struct buf *sealed, struct err *e)
{
	struct dossier *d = NULL;
	struct storepath p;
	int rc;

	if (storepath_parse(&p, c->path) == PATH_EPOCH_KEY)
		return age_decrypt_one(plain, t->v->id->age_sk, t->v->id->age_pk, 0, buf_str(sealed), sealed->n, NULL, e);
	rc = txn_dossier(t, &d, p.dossier, e);
	if (!rc)
		rc = vault_decrypt(t->v, plain, d, buf_str(sealed), sealed->n, e);
	dossier_free(d);
	return rc;
}

/* What the disk has is what the person wrote, or nothing moves. */
static int
read_back(struct txn *t, struct err *e)
{
	struct buf sealed = {0}, plain = {0};
	int rc = 0;

	for (size_t i = 0; !rc && i < t->nchecks; i++) {
		const struct txn_check *c = &t->checks[i];
		const struct txn_file *f = txn_files_get(&t->files, c->path);

		if (!f || f->removed || !oid_equal(&f->id, &c->blob))
			continue; /* put again later in the same change */
		buf_reset(&sealed);
		buf_reset(&plain);
		rc = git_read(t->v->git, &sealed, NULL, &c->blob, e);
		if (!rc)
			rc = open_again(&plain, t, c, &sealed, e);
		if (!rc && (plain.n != c->plain.n || memcmp(plain.p, c->plain.p, plain.n) != 0))
			rc = err_set(e, ERR_DAMAGED,
			    _("what was written could not be read back; nothing has been changed"));
	}
	buf_free(&sealed);
	buf_free(&plain);
	return rc;
}

static int
write_commit(struct txn *t, struct oid *id, const struct oid *theirs, const char *verb,
    struct err *e)
{
	const struct store_info *store;
	const struct state *s;
	struct commit c = {0};
	int rc;

	rc = derive_signers(t, e);
	if (!rc)
		rc = txn_state(t, &s, e);
	if (!rc)
		rc = txn_tree(t, &c.tree, e);
	if (rc)
		return rc;
	store = state_store(s);
	c.nparents = !t->v->have_head ? 0 : theirs ? 2 : 1;
	c.parent[0] = t->v->head;
	if (theirs) {
		c.parent[1] = *theirs;
		c.merge_rules = 1;
	}
	memcpy(c.handle, t->me->handle, sizeof c.handle);
	memcpy(c.store_id, store->id, sizeof c.store_id);
	c.time = t->now;
	strncpy(c.verb, verb, sizeof c.verb - 1);
	rc = trail_sign(id, t->batch, t->v->t256, &c, t->v->id->sign_sk, e);
	if (!rc && !theirs)
		rc = judge(t, id, &c.tree, e);
	if (!rc)
		rc = git_batch_write(t->batch, e);
	if (!rc)
		rc = write_keys(t, e);
	if (!rc)
		rc = read_keys_back(t, e);
	if (!rc)
		rc = read_back(t, e);
	return rc;
}

int
txn_commit(struct txn *t, struct oid *id, const char *verb, struct err *e)
{
	struct oid tree;
	int rc;

	rc = txn_tree(t, &tree, e);
	if (rc)
		return rc;
	if (t->v->have_head && oid_equal(&tree, &t->v->tree)) {
		*id = t->v->head;
		return 0;
	}
	rc = write_commit(t, id, NULL, verb, e);
	/* who may read, and which key is current, may have been told wrongly */
	if (!rc)
		rc = git_disk_error(e);
	if (!rc)
		rc = git_ref_set(t->v->git, VAULT_MAIN, id, t->v->have_head ? &t->v->head : NULL, e);
	if (!rc)
		t->v->saved = true;
	return rc ? rc : vault_refresh(t->v, e);
}

int
txn_commit_merge(struct txn *t, struct oid *id, const struct oid *theirs, const char *verb,
    struct err *e)
{
	int rc = write_commit(t, id, theirs, verb, e);

	return rc ? rc : git_disk_error(e);
}
