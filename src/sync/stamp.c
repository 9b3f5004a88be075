#include "sync/stamp.h"

#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "merge/storepath.h"
#include "trail/commit.h"
#include "tree/node.h"
#include "vault/vault.h"

struct look {
	struct vault *v;
	const struct state *by;
	const struct commit *c;
	recompute_fn each;
	void *ctx;
	char dossier[11]; /* met last */
	size_t ndossiers;
};

enum { DOSSIERS = 1024 }; /* of a commit, after which those gone by are forgotten now and then */

/* Who wrote a version, and when, stands in it too; a merge later leaves that as it is. NULL: it fits. */
static const char *
misfit(const struct commit *c, const struct node *rec)
{
	const struct node *updated = node_get(rec, "updated");
	const char *by = node_get_str(updated, "by"), *at = node_get_str(updated, "at");
	char time[DATE_TIME_LEN + 1];

	date_time_format(time, c->time);
	if (!by || strcmp(by, c->handle) != 0)
		return _("it names another author than the one who signed it");
	if (!at || strcmp(at, time) != 0)
		return _("it names another time than the commit that brought it");
	return NULL;
}

static int
look_at(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct look *l = ctx;
	enum recompute_verdict verdict = RECOMPUTE_GOOD;
	const char *text = "";
	struct arena *a = NULL;
	struct node *rec = NULL;
	struct err inner = {0};
	struct storepath at;
	int rc;

	(void)old;
	(void)old_mode;
	(void)mode;
	if (!id || storepath_parse(&at, path) != PATH_RECORD)
		return 0;
	if (strcmp(at.dossier, l->dossier) != 0) {
		memcpy(l->dossier, at.dossier, sizeof l->dossier);
		if (++l->ndossiers % DOSSIERS == 0)
			vault_passing(l->v, true);
	}
	a = arena_new();
	rc = vault_open_record_by(l->v, &rec, a, l->by, path, id, &inner);
	if (rc == ERR_ACCESS)
		verdict = RECOMPUTE_SEALED;
	else if (rc)
		text = inner.n ? inner.item[0].text : "";
	else
		text = misfit(l->c, rec);
	if (rc != ERR_ACCESS && (rc || text))
		verdict = RECOMPUTE_BAD;
	rc = l->each(l->ctx, at.record, verdict, text ? text : "");
	arena_free(a);
	return rc;
}

int
stamp_commit(struct vault *v, const struct state *by, const struct commit *c, recompute_fn each,
    void *ctx, struct err *e)
{
	struct look l = {.v = v, .by = by, .c = c, .each = each, .ctx = ctx};
	struct git *g = vault_git(v);
	struct oid tree, parents[2];
	size_t n;
	int rc = 0;

	if (c->nparents == 2)
		return 0;
	if (c->nparents == 1)
		rc = git_commit_links(g, &c->parent[0], &tree, parents, &n, e);
	if (!rc)
		rc = git_diff(g, c->nparents ? &tree : NULL, &c->tree, look_at, &l, e);
	if (l.ndossiers >= DOSSIERS)
		vault_passing(v, false);
	return rc;
}
