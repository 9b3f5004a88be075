/* Who can open what, by the boxes alone, held against who was on which list when it was written. */
#include <stdio.h>
#include <string.h>

#include "crypt/age.h"
#include "crypt/identity.h"
#include "sim/lists.h"
#include "sim/mem.h"
#include "sim/oracle.h"
#include "tree/node.h"
#include "vault/vault.h"

/* --- nobody opens what they may not ------------------------------------------------------------------ */

/* The author's device opened one of the team's newest keys then: it could have made the next epoch. */
static bool
renews(struct world *w, struct history *h, const struct keys *k, size_t at, const char *team)
{
	const struct hcommit *c = &h->v[at];
	size_t m = oracle_signer(w, c), object;
	struct epochs e;
	char path[64];

	if (m == MACHINES || !lists_in_team(h, c, team, c->author))
		return false;
	lists_epochs(h, c, team, &e);
	for (size_t i = 0; i < e.n; i++) {
		snprintf(path, sizeof path, "teams/%s/%s.age", team, e.name[i]);
		object = history_file(c, path);
		if (!e.old[i] && object != SIZE_MAX && keys_open_at(h, k, at, &w->m[m], object))
			return true;
	}
	return false;
}

/* A team on the list whose newest key the machine still has and the author's device has not: only one of its
 * own could have renewed it (DESIGN 2). */
static bool
window(struct world *w, struct history *h, const struct keys *k, size_t at, size_t m,
    const char *dossier)
{
	const struct hcommit *c = &h->v[at];
	const struct node *access = node_get(lists_dossier(h, c, dossier), "access");

	for (size_t i = 0; access && i < access->n; i++) {
		const char *team = access->seq[i]->text;
		struct epochs e;

		if (renews(w, h, k, at, team))
			continue;
		lists_epochs(h, c, team, &e);
		for (size_t x = 0; x < e.n; x++) {
			uint8_t pk[32];

			if (!e.old[x] && age_recipient_parse(pk, node_get_str(e.v[x], "recipient"), NULL) == 0 &&
			    keys_hold(k, m, pk))
				return true;
		}
	}
	return false;
}

/* In a team that commit `at` had on the dossier's list, by a commit of the same time, and never before:
 * the author could not know; or let into it later, which gives all that the team read. */
static bool
joined_meanwhile(struct history *h, size_t at, const struct machine *x, const char *dossier)
{
	const struct node *access = node_get(lists_dossier(h, &h->v[at], dossier), "access");

	for (size_t t = 0; access && t < access->n; t++) {
		const char *team = access->seq[t]->text;
		bool before = lists_in_team(h, &h->v[at], team, x->handle) && !lists_belongs(h, &h->v[at], x);
		bool meanwhile = false;

		for (size_t i = 0; i < h->n; i++) {
			if (history_before(h, i, at))
				before |= lists_in_team(h, &h->v[i], team, x->handle) && lists_belongs(h, &h->v[i], x);
			else if (history_before(h, at, i) && lists_in_team(h, &h->v[i], team, x->handle) &&
			    lists_belongs(h, &h->v[i], x))
				return true; /* let into the team later: it gives all that the team read */
			else
				meanwhile |= lists_in_team(h, &h->v[i], team, x->handle) && lists_belongs(h, &h->v[i], x);
		}
		if (meanwhile && !before)
			return true;
	}
	return false;
}

/* A version written in commit `at`: who opens it with what its author knew of must have been on the list
 * then. Who does so by a key given later, or elsewhere at the same time, was on a list there. */
static bool
may_open(struct world *w, struct history *h, const struct keys *k, size_t at, size_t m,
    const char *dossier, size_t object)
{
	const struct machine *x = &w->m[m];

	if (lists_through(h, &h->v[at], x, dossier, true) || window(w, h, k, at, m, dossier))
		return true;
	if (keys_open_at(h, k, at, x, object))
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (!history_before(h, i, at) &&
		    (lists_through(h, &h->v[i], x, dossier, true) || joined_meanwhile(h, i, x, dossier) ||
		        /* granted to a team before one of its own could renew the key */
		        window(w, h, k, i, m, dossier)))
			return true;
	return false;
}

static void
check_new(struct world *w, struct history *h, const struct keys *k, size_t at,
    const struct hfile *f)
{
	char dossier[11] = "", hex[41];

	memcpy(dossier, f->path + 12, 10);
	for (size_t m = 0; m < w->n && !w->failed; m++) {
		if (!keys_open(k, m, f->object) || may_open(w, h, k, at, m, dossier, f->object))
			continue;
		oid_format(hex, &h->v[at].id);
		world_fail(w, "%s can open %s as %s wrote it in %.12s, and must not", w->m[m].id,
		    f->path + 12, h->v[at].author, hex);
	}
}

/* --- who may read does ------------------------------------------------------------------------------ */

/* Nobody at work can open the newest key of the team, nor so hand it on: the recovery identity must. */
static bool
orphaned(struct world *w, struct history *h, const struct hcommit *c, const char *team)
{
	struct epochs e;

	lists_epochs(h, c, team, &e);
	for (size_t i = 0; i < e.n; i++) {
		const uint8_t(*to)[32];
		const char *plain;
		char path[64];
		size_t nto, n, at;

		snprintf(path, sizeof path, "teams/%s/%s.age", team, e.name[i]);
		at = history_file(c, path);
		if (e.old[i] || at == SIZE_MAX ||
		    !mem_box_open(mem_object(at)->p, mem_object(at)->n, &to, &nto, &plain, &n))
			continue;
		for (size_t m = 0; m < w->n; m++)
			for (size_t k = 0; w->m[m].joined && !w->m[m].out && k < nto &&
			     lists_in_team(h, c, team, w->m[m].handle);
			     k++)
				if (memcmp(to[k], w->m[m].identity->age_pk, 32) == 0)
					return false;
	}
	return true;
}

/* Who may read it and works has no key that could be handed on. */
static bool
key_lost(struct world *w, struct history *h, const struct keys *k, const struct hcommit *c,
    const char *dossier, size_t object)
{
	for (size_t m = 0; m < w->n; m++)
		if (w->m[m].joined && !w->m[m].out && reads(h, c, &w->m[m], dossier) &&
		    !lists_audits_only(h, c, &w->m[m]) && keys_open(k, m, object))
			return false;
	return true;
}

/* The latest time that somebody who wrote this version had. */
static int64_t
written_at(const struct history *h, size_t object)
{
	int64_t at = 0;

	for (size_t i = 0; i < h->n; i++)
		for (size_t f = 0; f < h->v[i].nfiles; f++)
			if (h->v[i].files[f].object == object && !history_had(h, &h->v[i], &h->v[i].files[f]) &&
			    h->v[i].time > at)
				at = h->v[i].time;
	return at;
}

static bool
should_open(struct world *w, struct history *h, const struct keys *k, const struct hcommit *c,
    size_t m, const char *dossier, size_t object)
{
	int64_t at = written_at(h, object);
	/* a grant that had ended by the writer's clock gave nothing */
	const char *team = lists_through_at(h, c, &w->m[m], dossier, false, at > c->time ? at : c->time);

	return team && !orphaned(w, h, c, team) && !lists_to_be_erased(h, c, dossier) &&
	    !key_lost(w, h, k, c, dossier, object);
}

static void
check_reads(struct world *w, struct history *h, const struct keys *k, const struct hcommit *c,
    size_t m)
{
	struct machine *x = &w->m[m];
	struct err e = {0};

	world_reboot(w, m); /* it knows no more than its disk and its device's key tell */
	if (world_enter(w, m, &e))
		return;
	for (size_t i = 0; i < c->nfiles && !w->failed; i++) {
		const struct hfile *f = &c->files[i];
		struct node *rec = NULL;
		char dossier[11] = "";
		int rc;

		if (!strstr(f->path, ".yaml.age"))
			continue;
		memcpy(dossier, f->path + 12, 10);
		rc = vault_open_record(x->s.v, &rec, x->s.arena, f->path, &mem_object(f->object)->id, &e);
		if (rc == 0 && !keys_open(k, m, f->object))
			world_fail(w, "%s opens %s without a key", x->id, f->path + 12);
		if (rc && should_open(w, h, k, c, m, dossier, f->object))
			world_fail(w, "%s may read %s through %s and cannot%s: %s", x->id, f->path + 12,
			    lists_through(h, c, x, dossier, false), keys_open(k, m, f->object) ? " though it has the key" : "",
			    e.n ? e.item[0].text : "");
		err_clear(&e);
	}
	world_leave(w, m);
}

void
readers_check(struct world *w, struct history *h, const struct keys *k, size_t head)
{
	for (size_t i = 0; i < h->n && !w->failed; i++) {
		const struct hcommit *c = &h->v[i];

		for (size_t f = 0; f < c->nfiles && !w->failed; f++)
			if (strstr(c->files[f].path, ".yaml.age") && !history_had(h, c, &c->files[f]))
				check_new(w, h, k, i, &c->files[f]);
	}
	for (size_t m = 0; m < w->n && !w->failed; m++)
		if (w->m[m].joined && !w->m[m].out)
			check_reads(w, h, k, &h->v[head], m);
}
