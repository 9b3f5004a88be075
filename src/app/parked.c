/* Versions set aside (DESIGN 5): where a merge was made by somebody who may not read or write a record,
 * the other version lies beside it. Readers see the two merged; the next writer stores that and
 * takes the parked file away. */
#include "app/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "sync/recompute.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct listing {
	struct session *s;
	const char *id;
	struct parked *out;
};

static int
one_file(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct listing *l = ctx;

	if (p->kind != PATH_PARKED || strcmp(p->record, l->id) != 0)
		return 0;
	vec_grow(l->out);
	l->out->v[l->out->n].path = arena_strdup(l->s->arena, path);
	l->out->v[l->out->n++].blob = *id;
	return 0;
}

/* One whose key is still on its way is left where it is, and seen once it is here. */
static void
keep_opened(struct session *s, struct parked *p, const char *dossier, const char *id)
{
	char *file = xasprintf("%s.yaml.age", id), *path = storepath_in_dossier(dossier, file);
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct arena *a = arena_new();
		struct node *rec = NULL;
		struct err inner = {0};

		if (vault_open_record(s->v, &rec, a, path, &p->v[i].blob, &inner) != ERR_ACCESS)
			p->v[n++] = p->v[i];
		arena_free(a);
	}
	p->n = n;
	free(path);
	free(file);
}

int
parked_find(struct session *s, struct parked *out, const char *dossier, const char *id,
    struct err *e)
{
	struct listing l = {s, id, out};
	int rc;

	*out = (struct parked){0};
	rc = each_in_dossier(s, dossier, one_file, &l, e);
	if (!rc)
		keep_opened(s, out, dossier, id);
	return rc;
}

void
parked_free(struct parked *p)
{
	free(p->v);
	*p = (struct parked){0};
}

/* A tree that cannot be read has not shown that the path is absent: the wrong merge would be taken for the one. */
static int
has_path(bool *has, struct session *s, const struct oid *commit, const char *path, struct oid *tree, struct err *e)
{
	struct oid parents[2], blob;
	struct err inner = {0};
	unsigned mode;
	size_t n;
	int rc = git_commit_links(vault_git(s->v), commit, tree, parents, &n, e);

	*has = false;
	if (rc)
		return rc;
	rc = git_tree_find(vault_git(s->v), &blob, &mode, tree, path, &inner);
	*has = rc == 0;
	if (rc == ERR_NOTFOUND)
		return 0;
	err_append(e, &inner);
	return rc;
}

/* The merge that set `path` aside: the trees of its bases, malloc'd, and of its parents. */
static int
merge_of(struct session *s, struct recompute_both *both, struct oid **trees, struct oid sides[2],
    const char *path, struct err *e)
{
	struct git *g = vault_git(s->v);
	struct oid *all = NULL, *bases = NULL, tree, parents[2];
	size_t n = 0, nbases = 0, np;
	int rc = git_walk(g, &all, &n, vault_head(s->v), NULL, 0, e);

	for (size_t i = n; !rc && i-- > 0;) {
		bool here = false, before[2] = {false, false};
		struct oid t;

		rc = git_commit_links(g, &all[i], &tree, parents, &np, e);
		if (rc || np != 2)
			continue;
		rc = has_path(&here, s, &all[i], path, &t, e);
		for (int k = 0; !rc && here && k < 2; k++)
			rc = has_path(&before[k], s, &parents[k], path, &sides[k], e);
		if (rc || !here || before[0] || before[1])
			continue;
		rc = git_merge_bases(g, &bases, &nbases, &parents[0], &parents[1], e);
		break;
	}
	*trees = xcalloc(nbases + 1, sizeof **trees);
	for (size_t i = 0; !rc && i < nbases; i++)
		rc = git_commit_links(g, &bases[i], &(*trees)[i], parents, &np, e);
	both->nbases = nbases;
	both->base_tree = *trees;
	both->side_tree = sides;
	free(all);
	free(bases);
	return rc;
}

int
parked_merge(struct session *s, struct node **rec, const struct found *f,
    const struct parked *p, struct err *e)
{
	struct recompute_both both = {
		.v = s->v,
		.path = f->path,
		.ours = f->blob,
		.by = {vault_state(s->v), NULL},
	};
	struct node *merged = NULL, *ours = NULL;
	struct oid *trees = NULL, sides[2] = {*vault_tree(s->v), *vault_tree(s->v)};
	bool opened = false;
	int rc = vault_schema(s->v, &both.schema, f->type, e);

	/* one is the rule; of several the first, and the others once that is stored */
	if (!rc)
		rc = merge_of(s, &both, &trees, sides, p->v[0].path, e);
	both.theirs = p->v[0].blob;
	if (!rc)
		rc = recompute_record(&merged, &ours, &opened, s->arena, &both, e);
	if (!rc)
		*rec = merged ? merged : ours;
	free(trees);
	return rc;
}

int
parked_drop(struct session *s, struct txn *t, bool *dropped, const char *dossier, const char *id,
    struct err *e)
{
	struct parked p;
	int rc = parked_find(s, &p, dossier, id, e);

	*dropped = !rc && p.n;
	if (*dropped)
		txn_remove(t, p.v[0].path);
	parked_free(&p);
	return rc;
}
