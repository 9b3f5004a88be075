/* verify --content: what the records hold, held against the commits that brought them (DESIGN 4). */
#include "app/proof.h"

#include "base/err.h"
#include "base/i18n.h"
#include "sync/recompute.h"
#include "sync/stamp.h"
#include "vault/vault.h"

static void
bad(struct proof *p, const char *record, const char *text)
{
	p->bad++;
	proof_fail(p, &p->commit, "content", record, text,
	    _("What this record holds was not written as the trail says it was."));
}

static int
looked_at(void *ctx, const char *record, enum recompute_verdict verdict, const char *text)
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
	p->commit = *id;
	if (!p->again)
		p->again = recompute_new(p->s->v, vault_state(p->s->v));
	if (c->nparents == 2)
		return recompute_merge(p->again, id, looked_at, p, e);
	return stamp_commit(p->s->v, vault_state(p->s->v), c, looked_at, p, e);
}
