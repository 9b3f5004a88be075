#include "vault/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "trail/fields.h"
#include "trail/side.h"
#include "trail/verify.h"
#include "tree/yaml.h"
#include "vault/reads.h"
#include "vault/vault_private.h"

enum { SEEN_MAX = 4 * 1024 * 1024, LOG_MAX = 16 * 1024 * 1024 };

static const char verb[] = "seen";

/* --- seen.yaml ------------------------------------------------------------------------------ */

static void
put_hex(struct arena *a, struct node *m, const char *key, const uint8_t *p, size_t n)
{
	char hex[65];

	hash_hex(hex, p, n);
	node_set(a, m, key, node_str(a, hex));
}

static void
put_time(struct arena *a, struct node *m, const char *key, int64_t at)
{
	char text[DATE_TIME_LEN + 1];

	date_time_format(text, at);
	node_set(a, m, key, node_str(a, text));
}

static struct node *
witness_node(struct arena *a, const struct witness *w)
{
	struct node *doc = node_map(a), *others = node_seq(a), *erased = node_seq(a);

	node_set(a, doc, "akt", node_int(a, 1));
	node_set(a, doc, "device", node_str(a, w->device));
	node_set(a, doc, "n", node_int(a, w->n));
	put_time(a, doc, "time", w->time);
	put_hex(a, doc, "head", w->head.b, sizeof w->head.b);
	put_hex(a, doc, "trail", w->trail, 32);
	node_set(a, doc, "count", node_int(a, w->count));
	for (size_t i = 0; i < w->nothers; i++) {
		struct node *one = node_map(a);

		node_set(a, one, "id", node_str(a, w->others[i].id));
		put_hex(a, one, "head", w->others[i].head.b, sizeof w->others[i].head.b);
		put_time(a, one, "time", w->others[i].time);
		node_push(a, others, one);
	}
	if (others->n)
		node_set(a, doc, "others", others);
	for (size_t i = 0; i < w->nerased; i++)
		node_push(a, erased, node_str(a, w->erased[i]));
	if (erased->n)
		node_set(a, doc, "erased", erased);
	return doc;
}

static bool
device_ok(const char *s)
{
	return storepath_device_ok(s) || strcmp(s, "recovery") == 0;
}

static void
get_oid(struct fields *r, struct oid *out, const struct node *m, const char *key)
{
	const char *s = fields_text(r, m, key, false);

	if (s && !oid_parse(out, s))
		fields_bad(r, node_get(m, key), key, _("is not 40 hexadecimal digits"));
}

static int64_t
get_count(struct fields *r, const char *key)
{
	const struct node *v = fields_get(r, r->doc, key, NODE_INT, false);

	if (v && v->i < 1)
		fields_bad(r, v, key, _("is less than 1"));
	return v ? v->i : 0;
}

static int
witness_parse(struct witness **out, const char *p, size_t n, struct err *e)
{
	struct witness *w = xcalloc(1, sizeof *w);
	const struct node *list;
	struct fields r;
	int rc;

	fields_open(&r, "seen.yaml", p, n, e);
	fields_name(&r, w->device, sizeof w->device, r.doc, "device", false, device_ok);
	w->n = get_count(&r, "n");
	w->time = fields_time(&r, r.doc, "time", false);
	get_oid(&r, &w->head, r.doc, "head");
	fields_hash(&r, w->trail, r.doc, "trail");
	w->count = get_count(&r, "count");
	w->nothers = fields_list(&r, &list, r.doc, "others", true, NODE_MAP);
	w->others = xcalloc(w->nothers + 1, sizeof *w->others);
	for (size_t i = 0; i < w->nothers && !r.failed; i++) {
		struct witness_other *o = &w->others[i];

		fields_name(&r, o->id, sizeof o->id, list->seq[i], "id", false, device_ok);
		get_oid(&r, &o->head, list->seq[i], "head");
		o->time = fields_time(&r, list->seq[i], "time", false);
		if (i > 0)
			fields_order(&r, list->seq[i], "others", strcmp(o[-1].id, o->id));
	}
	if (node_get(r.doc, "erased"))
		w->nerased = fields_names(&r, &w->erased, sizeof *w->erased, r.doc, "erased", fields_id_ok);
	rc = fields_close(&r, r.failed ? NULL : witness_node(r.a, w));
	if (rc)
		witness_free(w);
	else
		*out = w;
	return rc;
}

void
witness_free(struct witness *w)
{
	if (!w)
		return;
	free(w->others);
	free(w->erased);
	free(w);
}

/* --- one commit ------------------------------------------------------------------------------- */

static int
read_file(struct git *g, struct buf *out, const struct oid *tree, const char *path, size_t max,
    struct err *e)
{
	struct oid blob;
	unsigned mode;
	enum git_type type;
	size_t n;
	int rc = git_tree_find(g, &blob, &mode, tree, path, e);

	if (!rc)
		rc = git_size(g, &n, &type, &blob, e);
	if (!rc && (type != GIT_BLOB || mode != 0100644 || n > max))
		rc = err_set(e, ERR_DAMAGED, _("%s is no file of the size it may have"), path);
	return rc ? rc : git_read(g, out, NULL, &blob, e);
}

static int
read_seen(struct witness **out, struct git *g, const struct oid *tree, struct err *e)
{
	struct buf text = {0};
	int rc = read_file(g, &text, tree, "seen.yaml", SEEN_MAX, e);

	if (!rc)
		rc = witness_parse(out, buf_str(&text), text.n, e);
	buf_free(&text);
	return rc;
}

int
witness_read(struct witness **out, struct git *g, const struct oid *commit, struct err *e)
{
	struct oid tree, parents[2];
	size_t n;
	int rc = git_commit_links(g, commit, &tree, parents, &n, e);

	return rc ? rc : read_seen(out, g, &tree, e);
}

static char *
log_path(const struct witness *w)
{
	return xasprintf("log/%lld.age", (long long)w->n);
}

int
witness_log(struct git *g, struct buf *sealed, const struct oid *commit, struct err *e)
{
	struct oid tree, parents[2];
	struct witness *w = NULL;
	char *path;
	size_t n;
	int rc = git_commit_links(g, commit, &tree, parents, &n, e);

	if (!rc)
		rc = read_seen(&w, g, &tree, e);
	if (rc)
		return rc;
	path = log_path(w);
	rc = read_file(g, sealed, &tree, path, LOG_MAX, e);
	free(path);
	witness_free(w);
	return rc;
}

int
witness_add(struct vault *v, struct oid *out, const struct oid *parent, struct witness *w,
    const struct buf *log, struct err *e)
{
	struct commit c = {.time = date_now(), .nparents = parent != NULL};
	struct git_batch *b = git_batch_new(v->git);
	struct git_update u[2] = {{"seen.yaml", NULL}};
	struct arena *a = arena_new();
	struct witness *before = NULL;
	const struct member *me;
	const struct device *d;
	struct oid seen, sealed;
	struct buf text = {0};
	char *path = NULL;
	int rc = vault_me(v, &me, &d, e);

	if (!rc && parent) {
		c.parent[0] = *parent;
		rc = witness_read(&before, v->git, parent, e);
	}
	if (rc)
		goto done;
	snprintf(w->device, sizeof w->device, "%s", d->id);
	w->n = before ? before->n + 1 : 1;
	w->time = c.time;
	yaml_emit(&text, witness_node(a, w));
	git_batch_add(b, &seen, GIT_BLOB, buf_str(&text), text.n);
	u[0].id = &seen;
	path = log_path(w);
	if (log) {
		git_batch_add(b, &sealed, GIT_BLOB, buf_str(log), log->n);
		u[1] = (struct git_update){path, &sealed};
	}
	rc = git_tree_update(b, &c.tree, NULL, u, log ? 2 : 1, e);
	if (rc)
		goto done;
	memcpy(c.handle, me->handle, sizeof c.handle);
	memcpy(c.store_id, state_store(v->state)->id, sizeof c.store_id);
	memcpy(c.verb, verb, sizeof verb);
	rc = trail_sign(out, b, v->t256, &c, v->id->sign_sk, e);
	if (!rc)
		rc = git_batch_write(b, e);
done:
	witness_free(before);
	git_batch_free(b);
	arena_free(a);
	buf_free(&text);
	free(path);
	return rc;
}

/* --- checking ----------------------------------------------------------------------------------- */

struct check {
	struct git *g;
	struct objects o;
	struct tree256 *t256;
	const struct member *member;
	const struct device *device;
	const char *store_id;
	/* the commit before */
	bool has_parent;
	struct oid parent;
	int64_t n;
	uint8_t trail[32], sha256[32];
	struct err *e;
};

static int
breach(struct check *c, const char *text)
{
	return err_set(c->e, ERR_ACCESS, _("the log of %s: %s"), c->device->id, text);
}

struct names {
	char log[32];
	bool seen, other, logs;
	struct oid folder;
};

static int
root_name(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct names *x = ctx;

	if (strcmp(name, "seen.yaml") == 0 && mode == 0100644) {
		x->seen = true;
	} else if (strcmp(name, "log") == 0 && mode == 040000) {
		x->logs = true;
		x->folder = *id;
	} else {
		x->other = true;
	}
	return 0;
}

static int
log_name(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct names *x = ctx;

	(void)id;
	x->other |= strcmp(name, x->log) != 0 || mode != 0100644;
	return 0;
}

/* seen.yaml, at most one log, and nothing else. */
static int
check_tree(struct check *c, const struct oid *tree, const struct witness *w)
{
	struct names x = {{0}, false, false, false, {{0}}};
	struct buf raw = {0}, sealed = {0};
	char *path = log_path(w);
	int rc = git_read(c->g, &raw, NULL, tree, c->e);

	snprintf(x.log, sizeof x.log, "%s", path + strlen("log/"));
	if (!rc)
		rc = git_tree_each(raw.p, raw.n, root_name, &x, c->e);
	buf_reset(&raw);
	if (!rc && x.logs)
		rc = git_read(c->g, &raw, NULL, &x.folder, c->e);
	if (!rc && x.logs)
		rc = git_tree_each(raw.p, raw.n, log_name, &x, c->e);
	if (!rc && (x.other || !x.seen))
		rc = breach(c, _("it holds something else than what was seen and what was opened"));
	if (!rc && x.logs)
		rc = read_file(c->g, &sealed, tree, path, LOG_MAX, c->e);
	if (!rc && x.logs && !reads_form_ok(buf_str(&sealed), sealed.n))
		rc = breach(c, _("what was opened is not sealed as it must be"));
	buf_free(&raw);
	buf_free(&sealed);
	free(path);
	return rc;
}

static int
check_signer(struct check *c, const struct buf *raw, const struct commit *k)
{
	uint8_t signer[32];
	int rc = side_signer(signer, raw, k, c->e);

	if (rc)
		return breach(c, _("a signature is not good"));
	if (memcmp(signer, c->device->signer, 32) != 0 || strcmp(k->handle, c->member->handle) != 0)
		return breach(c, _("only the device itself writes there"));
	if (strcmp(k->store_id, c->store_id) != 0 || strcmp(k->verb, verb) != 0)
		return breach(c, _("a commit in it is none of a device's log"));
	return 0;
}

static int
check_trail(struct check *c, const struct commit *k)
{
	uint8_t tree[32], trail[32];
	int rc = tree256_of(c->t256, tree, &c->o, &k->tree, c->e);

	if (rc)
		return rc;
	commit_trail(trail, k->nparents, (const uint8_t (*)[32])c->trail,
	    (const uint8_t (*)[32])c->sha256, tree);
	if (memcmp(trail, k->trail, 32) != 0)
		return breach(c, _("its chain is broken"));
	return 0;
}

static int
check_commit(struct check *c, const struct oid *id)
{
	struct witness *w = NULL;
	struct buf raw = {0};
	struct commit k;
	uint8_t sha[32];
	int rc = trail_load(&c->o, &raw, &k, sha, id, c->e);

	if (!rc && (k.nparents != (c->has_parent ? 1 : 0) ||
	               (c->has_parent && !oid_equal(&k.parent[0], &c->parent))))
		rc = err_set(c->e, ERR_RACE, _("the log of %s does not continue what was there"),
		    c->device->id);
	if (!rc)
		rc = check_signer(c, &raw, &k);
	if (!rc)
		rc = check_trail(c, &k);
	if (!rc)
		rc = read_seen(&w, c->g, &k.tree, c->e);
	if (!rc && (strcmp(w->device, c->device->id) != 0 || w->n != c->n + 1 || w->time != k.time))
		rc = breach(c, _("what it says of itself does not fit"));
	if (!rc)
		rc = check_tree(c, &k.tree, w);
	if (!rc) {
		c->has_parent = true;
		c->parent = *id;
		c->n = w->n;
		memcpy(c->trail, k.trail, 32);
		memcpy(c->sha256, sha, 32);
	}
	witness_free(w);
	buf_free(&raw);
	return rc;
}

/* Where the checked part of the chain ends. */
static int
begin_at(struct check *c, const struct oid *old)
{
	struct witness *w = NULL;
	int rc = witness_read(&w, c->g, old, c->e);

	if (!rc)
		rc = trail_stated(c->g, c->trail, c->sha256, old, c->e);
	if (!rc) {
		c->has_parent = true;
		c->parent = *old;
		c->n = w->n;
	}
	witness_free(w);
	return rc;
}

int
witness_check(struct git *g, const struct state *s, const char *device, const struct oid *old,
    const struct oid *fresh, struct err *e)
{
	struct check c = {.g = g, .o = objects_of_git(g), .e = e};
	struct oid *ids = NULL;
	size_t n = 0;
	int rc;

	c.device = state_device(s, device, &c.member);
	if (!c.device)
		return err_set(e, ERR_ACCESS, _("there is no device %s"), device);
	c.store_id = state_store(s)->id;
	rc = tree256_open(&c.t256, NULL, e);
	if (!rc && old)
		rc = begin_at(&c, old);
	if (!rc)
		rc = git_walk(g, &ids, &n, fresh, &old, old ? 1 : 0, e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = check_commit(&c, &ids[i]);
	/* nothing walked: an ancestor of what was there */
	if (!rc && (!c.has_parent || !oid_equal(&c.parent, fresh)))
		rc = err_set(e, ERR_RACE, _("the log of %s does not continue what was there"), device);
	free(ids);
	tree256_close(c.t256);
	return rc;
}
