/* Merged records, made and made again: whoever merges and whoever checks a merge run the same
 * code, so what they disagree on is no honest merge (DESIGN 4, 5). */
#include "sync/recompute.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "merge/record.h"
#include "schema/schema.h"
#include "sync/stamp.h"
#include "trail/policy.h"
#include "trail/verify.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/vault.h"

static int
text_merge(void *ctx, struct buf *out, bool *clean, const char *base, size_t base_n,
    const char *ours, size_t ours_n, const char *theirs, size_t theirs_n, struct err *e)
{
	(void)ctx;
	return git_merge_text(out, clean, base, base_n, ours, ours_n, theirs, theirs_n, e);
}

/* --- one record -------------------------------------------------------------------------- */

/* By either side's lists: a key may have been granted on one of them alone. */
static int
open_one(struct node **out, struct arena *a, const struct recompute_both *b,
    const struct oid *id, struct err *e)
{
	int rc = ERR_ACCESS;

	for (size_t i = 0; i < 2 && rc == ERR_ACCESS && b->by[i]; i++) {
		err_clear(e);
		rc = vault_open_record_by(b->v, out, a, b->by[i], b->path, id, e);
	}
	return rc;
}

struct aside {
	const char *name; /* the record's file */
	bool found;
};

static int
one_name(void *ctx, const char *name, unsigned mode, const struct oid *id)
{
	struct aside *x = ctx;
	size_t n = strlen(x->name);

	(void)mode, (void)id;
	x->found |= strncmp(name, x->name, n) == 0 && strncmp(name + n, ".parked-", 8) == 0;
	return 0;
}

/* A version of the record lies aside in that tree. */
static int
lies_aside(bool *aside, const struct recompute_both *b, const struct oid *root, struct err *e)
{
	struct git *g = vault_git(b->v);
	const char *name = strrchr(b->path, '/');
	char *folder = xasprintf("%.*s", (int)(name - b->path), b->path);
	struct aside x = {.name = name + 1};
	struct buf raw = {0};
	struct err inner = {0};
	struct oid tree;
	unsigned mode;
	int rc = git_tree_find(g, &tree, &mode, root, folder, &inner);

	if (rc == ERR_NOTFOUND) {
		rc = 0;
	} else {
		err_append(e, &inner);
		if (!rc)
			rc = git_read(g, &raw, NULL, &tree, e);
		if (!rc)
			rc = git_tree_each(raw.p, raw.n, one_name, &x, e);
	}
	*aside |= x.found;
	buf_free(&raw);
	free(folder);
	return rc;
}

static int
any_aside(bool *aside, const struct recompute_both *b, struct err *e)
{
	int rc = 0;

	*aside = false;
	for (size_t i = 0; !rc && i < 2; i++)
		rc = lies_aside(aside, b, &b->side_tree[i], e);
	for (size_t i = 0; !rc && i < b->nbases; i++)
		rc = lies_aside(aside, b, &b->base_tree[i], e);
	return rc;
}

/* Base version: of several bases the fold, in commit-id order. */
static int
open_base(struct node **out, bool *opened, struct arena *a, const struct recompute_both *b,
    const struct merge_env *env, struct err *e)
{
	struct node *folded = NULL;
	struct oid last = {0};
	bool aside;
	int rc = any_aside(&aside, b, e);

	for (size_t i = 0; !rc && !aside && i < b->nbases; i++) {
		struct err inner = {0};
		struct node *one = NULL;
		struct oid blob;
		unsigned mode;

		rc = git_tree_find(vault_git(b->v), &blob, &mode, &b->base_tree[i], b->path, &inner);
		if (rc == ERR_NOTFOUND) {
			rc = 0;
			continue;
		}
		err_append(e, &inner);
		if (rc || oid_equal(&blob, &last))
			continue;
		last = blob;
		rc = open_one(&one, a, b, &blob, e);
		*opened = rc == 0;
		if (!rc && folded)
			rc = merge_fold(&folded, a, env, folded, one, e);
		else
			folded = one;
	}
	if (!rc)
		*out = folded;
	return rc;
}

int
recompute_record(struct node **merged, struct node **ours, bool *opened, struct arena *a,
    const struct recompute_both *b, struct err *e)
{
	struct merge_env env = {.text = text_merge};
	struct node *base = NULL, *o = NULL, *t = NULL, *out = NULL;
	int rc;

	if (b->schema) {
		env.shape = schema_shape(b->schema);
		env.akt = schema_akt(b->schema);
	}
	rc = open_one(&o, a, b, &b->ours, e);
	if (!rc)
		rc = open_one(&t, a, b, &b->theirs, e);
	*opened = rc == 0;
	if (!rc && !merge_same_content(o, t)) {
		rc = open_base(&base, opened, a, b, &env, e);
		if (!rc)
			rc = merge_record(&out, a, &env, base, o, t, NULL, e);
	}
	if (rc)
		return rc;
	*merged = out;
	*ours = o;
	return 0;
}

/* --- a merge commit ------------------------------------------------------------------------ */

struct schema_entry {
	struct schema_entry *next;
	struct oid blob;
	struct arena *arena;
	struct schema *schema;
};

struct recompute {
	struct vault *v;
	const struct state *by;
	struct objects objects;
	struct schema_entry *schemas; /* neighbouring merges share them */
};

struct recompute *
recompute_new(struct vault *v, const struct state *by)
{
	struct recompute *r = xcalloc(1, sizeof *r);

	r->v = v;
	r->by = by;
	r->objects = objects_of_git(vault_git(v));
	return r;
}

void
recompute_free(struct recompute *r)
{
	struct schema_entry *s, *next;

	for (s = r ? r->schemas : NULL; s; s = next) {
		next = s->next;
		schema_free(s->schema);
		arena_free(s->arena);
		free(s);
	}
	free(r);
}

/* Schema of a type in a tree; *out NULL when it has none. */
static int
schema_at(struct recompute *r, const struct schema **out, const struct oid *tree,
    const char *type, struct err *e)
{
	char *path = xasprintf("schema/%s.yaml", type);
	struct schema_entry *s = NULL;
	struct diags diags = {0};
	struct buf text = {0};
	struct err inner = {0};
	struct node *doc = NULL;
	struct oid blob;
	int rc = objects_file(&r->objects, &text, &blob, tree, path, &inner);

	*out = NULL;
	if (rc) {
		if (rc == ERR_NOTFOUND)
			rc = 0;
		else
			err_append(e, &inner);
		goto done;
	}
	for (s = r->schemas; s; s = s->next)
		if (oid_equal(&s->blob, &blob)) {
			*out = s->schema;
			goto done;
		}
	s = xcalloc(1, sizeof *s);
	s->arena = arena_new();
	s->blob = blob;
	rc = yaml_parse(&doc, s->arena, buf_str(&text), text.n, path, YAML_STORED, e);
	if (!rc)
		rc = schema_compile(&s->schema, doc, path, SCHEMA_STORE, NULL, &diags, e);
	if (rc) {
		arena_free(s->arena);
		free(s);
		goto done;
	}
	s->next = r->schemas;
	r->schemas = s;
	*out = s->schema;
done:
	diags_free(&diags);
	buf_free(&text);
	free(path);
	return rc;
}

struct candidate {
	char *path;
	struct oid ours, theirs;
};

struct merge_commit {
	struct recompute *r;
	struct oid tree, parent[2], parent_tree[2];
	bool have_bases;
	size_t nbases;
	struct oid *base_tree;
	size_t n, cap;
	struct candidate *v;
	recompute_fn each;
	void *ctx;
	struct err *e;
};

static int
collect(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct merge_commit *m = ctx;

	(void)old_mode;
	(void)mode;
	if (!old || !id || storepath_parse(NULL, path) != PATH_RECORD)
		return 0;
	vec_grow(m);
	m->v[m->n++] = (struct candidate){xstrdup(path), *old, *id};
	return 0;
}

static int
find_bases(struct merge_commit *m)
{
	struct git *g = vault_git(m->r->v);
	struct oid *bases = NULL, parents[2];
	size_t n;
	int rc;

	if (m->have_bases)
		return 0;
	rc = git_merge_bases(g, &bases, &m->nbases, &m->parent[0], &m->parent[1], m->e);
	m->base_tree = xcalloc(m->nbases + 1, sizeof *m->base_tree);
	for (size_t i = 0; !rc && i < m->nbases; i++)
		rc = git_commit_links(g, &bases[i], &m->base_tree[i], parents, &n, m->e);
	m->have_bases = rc == 0;
	free(bases);
	return rc;
}

/* Blob at a path of a tree; *have false when there is none. */
static int
find_blob(struct merge_commit *m, struct oid *blob, bool *have, const struct oid *tree,
    const char *path)
{
	struct err inner = {0};
	unsigned mode;
	int rc = git_tree_find(vault_git(m->r->v), blob, &mode, tree, path, &inner);

	*have = rc == 0;
	if (rc == ERR_NOTFOUND)
		return 0;
	err_append(m->e, &inner);
	return rc;
}

/* A parent's own version stands though the other has another one. Right where only one side changed
 * it since every base, and where the other lies beside it, set aside. */
static int
stands_rightly(struct merge_commit *m, bool *right, const struct candidate *c,
    const struct oid *now)
{
	bool ours_same, theirs_same, have = false;
	struct oid keeps, parked, blob;
	char *path = NULL;
	int rc = find_bases(m);

	ours_same = theirs_same = m->nbases > 0;
	for (size_t i = 0; !rc && i < m->nbases; i++) {
		rc = find_blob(m, &blob, &have, &m->base_tree[i], c->path);
		ours_same &= have && oid_equal(&blob, &c->ours);
		theirs_same &= have && oid_equal(&blob, &c->theirs);
	}
	*right = ours_same || theirs_same;
	if (rc || *right)
		return rc;
	rc = policy_park(&keeps, &parked, &path, &m->r->objects, c->path, &c->ours, &c->theirs, m->e);
	if (!rc && oid_equal(now, &keeps))
		rc = find_blob(m, &blob, &have, &m->tree, path);
	else
		have = false;
	*right = !rc && have && oid_equal(&blob, &parked);
	free(path);
	return rc;
}

static int
check_one(struct merge_commit *m, const struct candidate *c)
{
	struct recompute *r = m->r;
	struct recompute_both both = {.v = r->v, .path = c->path, .ours = c->ours,
	    .theirs = c->theirs, .by = {r->by, NULL}};
	struct node *merged = NULL, *ours = NULL, *stored = NULL;
	struct arena *a = arena_new();
	struct err inner = {0};
	struct storepath p;
	struct oid now;
	bool have = false, right = false, fresh, opened = false;
	const char *text = NULL;
	int rc;

	storepath_parse(&p, c->path);
	rc = find_blob(m, &now, &have, &m->tree, c->path);
	if (rc || !have) /* erased on one side; policy has judged that */
		goto done;
	fresh = !oid_equal(&now, &c->ours) && !oid_equal(&now, &c->theirs);
	if (!fresh)
		rc = stands_rightly(m, &right, c, &now);
	if (!rc && !right)
		rc = find_bases(m);
	if (!rc && !right)
		rc = schema_at(r, &both.schema, &m->tree, p.type, m->e);
	if (rc || right)
		goto done;
	both.nbases = m->nbases;
	both.base_tree = m->base_tree;
	both.side_tree = m->parent_tree;
	if (fresh) {
		int opening = vault_open_record_by(r->v, &stored, a, r->by, c->path, &now, &inner);

		if (opening) {
			rc = m->each(m->ctx, p.record,
			    opening == ERR_ACCESS ? RECOMPUTE_SEALED : RECOMPUTE_BAD,
			    inner.n ? inner.item[0].text : "");
			goto done;
		}
	}
	if (recompute_record(&merged, &ours, &opened, a, &both, &inner) && opened) {
		text = inner.n ? inner.item[0].text : "";
	} else if (!opened) {
		/* what the two sides held cannot be opened here, so nothing can be said */
		rc = fresh ? m->each(m->ctx, p.record, RECOMPUTE_SEALED, "") : 0;
		goto done;
	} else if (!fresh && merged) {
		text = _("the merge keeps one side's version and drops the other's");
	} else if (fresh && (!merged || !node_equal(merged, stored))) {
		text = _("the merge holds something else than merging both sides gives");
	}
	if (fresh || text)
		rc = m->each(m->ctx, p.record, text ? RECOMPUTE_BAD : RECOMPUTE_GOOD, text ? text : "");
done:
	arena_free(a);
	return rc;
}

int
recompute_merge(struct recompute *r, const struct oid *commit, recompute_fn each, void *ctx,
    struct err *e)
{
	struct merge_commit m = {.r = r, .each = each, .ctx = ctx, .e = e};
	struct git *g = vault_git(r->v);
	struct oid parents[2];
	size_t n = 0, nparents;
	int rc = git_commit_links(g, commit, &m.tree, m.parent, &n, e);

	if (rc || n != 2)
		return rc;
	for (int i = 0; !rc && i < 2; i++)
		rc = git_commit_links(g, &m.parent[i], &m.parent_tree[i], parents, &nparents, e);
	if (!rc)
		rc = git_diff(g, &m.parent_tree[0], &m.parent_tree[1], collect, &m, e);
	for (size_t i = 0; !rc && i < m.n; i++)
		rc = check_one(&m, &m.v[i]);
	for (size_t i = 0; i < m.n; i++)
		free(m.v[i].path);
	free(m.v);
	free(m.base_tree);
	return rc;
}

/* --- what a hub sends ------------------------------------------------------------------------ */

struct fetched {
	const struct oid *commit;
	recompute_note note;
	void *ctx;
	struct err *e;
};

static int
refuse(void *ctx, const char *record, enum recompute_verdict verdict, const char *text)
{
	struct fetched *f = ctx;
	char hex[OID_HEX + 1];

	if (verdict != RECOMPUTE_BAD)
		return 0;
	oid_format(hex, f->commit);
	return err_set(f->e, ERR_DAMAGED,
	    _("the hub is refused, and nothing of it taken: commit %.12s: %s: %s"), hex, record, text);
}

static int
tell(void *ctx, const char *record, enum recompute_verdict verdict, const char *text)
{
	struct fetched *f = ctx;

	if (verdict == RECOMPUTE_BAD)
		f->note(f->ctx, f->commit, record, text);
	return 0;
}

static int
check_fetched(struct recompute *r, struct fetched *f)
{
	struct buf raw = {0};
	struct commit c;
	uint8_t sha[32];
	int rc = trail_load(&r->objects, &raw, &c, sha, f->commit, f->e);

	buf_free(&raw);
	if (!rc && c.nparents == 2)
		rc = recompute_merge(r, f->commit, refuse, f, f->e);
	else if (!rc && f->note)
		rc = stamp_commit(r->v, r->by, &c, tell, f, f->e);
	return rc;
}

int
recompute_fetched(struct vault *v, const struct oid *tip, const struct oid *ids, size_t n,
    recompute_note note, void *ctx, struct err *e)
{
	struct objects o = objects_of_git(vault_git(v));
	struct state_cache *cache = state_cache_new(&o);
	struct state *by = NULL;
	struct recompute *r = NULL;
	struct oid tree, parents[2];
	size_t nparents;
	int rc = git_commit_links(vault_git(v), tip, &tree, parents, &nparents, e);

	if (!rc)
		rc = state_open(&by, cache, &tree, e);
	if (!rc)
		r = recompute_new(v, by);
	for (size_t i = 0; !rc && i < n; i++) {
		struct fetched f = {&ids[i], note, ctx, e};

		rc = check_fetched(r, &f);
	}
	recompute_free(r);
	if (by)
		state_close(by);
	state_cache_free(cache);
	return rc;
}
