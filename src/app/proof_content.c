/* verify --content: what the records hold, held against the commits that brought them (DESIGN 4). */
#include "app/proof.h"

#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "git/repo.h"
#include "sync/recompute.h"
#include "tree/node.h"
#include "vault/vault.h"

static void
bad(struct proof *p, const char *record, const char *text)
{
	p->bad++;
	proof_fail(p, &p->commit, "content", record, text,
	    _("What this record holds was not written as the trail says it was."));
}

/* --- a commit that is no merge ------------------------------------------------------------- */

struct look {
	struct proof *p;
	const struct commit *c;
};

/* Who wrote a version, and when, stands in it too; a merge later leaves that as it is. */
static void
check_stamp(struct look *l, const char *record, const struct node *rec)
{
	const struct node *updated = node_get(rec, "updated");
	const char *by = node_get_str(updated, "by"), *at = node_get_str(updated, "at");
	char time[DATE_TIME_LEN + 1];

	date_time_format(time, l->c->time);
	if (!by || strcmp(by, l->c->handle) != 0)
		bad(l->p, record, _("it names another author than the one who signed it"));
	else if (!at || strcmp(at, time) != 0)
		bad(l->p, record, _("it names another time than the commit that brought it"));
}

static int
look_at(void *ctx, const char *path, const struct oid *old, unsigned old_mode,
    const struct oid *id, unsigned mode)
{
	struct look *l = ctx;
	struct proof *p = l->p;
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
	p->versions++;
	a = arena_new();
	rc = vault_open_record(p->s->v, &rec, a, path, id, &inner);
	if (rc == 0)
		check_stamp(l, at.record, rec);
	else if (rc != ERR_ACCESS)
		bad(p, at.record, inner.n ? inner.item[0].text : "");
	p->opened += rc != ERR_ACCESS;
	arena_free(a);
	return 0;
}

/* --- a merge --------------------------------------------------------------------------------- */

static int
merged(void *ctx, const char *record, enum recompute_verdict verdict, const char *text)
{
	struct proof *p = ctx;

	p->versions++;
	p->opened += verdict != RECOMPUTE_SEALED;
	if (verdict == RECOMPUTE_BAD)
		bad(p, record, text);
	return 0;
}

int
proof_content_commit(struct proof *p, const struct oid *id, const struct commit *c,
    struct err *e)
{
	struct git *g = vault_git(p->s->v);
	struct look l = {p, c};
	struct oid tree, parents[2];
	size_t n;
	int rc = 0;

	p->commit = *id;
	if (!p->again)
		p->again = recompute_new(p->s->v, vault_state(p->s->v));
	if (c->nparents == 2)
		return recompute_merge(p->again, id, merged, p, e);
	if (c->nparents == 1)
		rc = git_commit_links(g, &c->parent[0], &tree, parents, &n, e);
	return rc ? rc : git_diff(g, c->nparents ? &tree : NULL, &c->tree, look_at, &l, e);
}
