#include "sim/rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "git/repo.h"
#include "sim/mem.h"
#include "sim/ops.h"
#include "sync/recompute.h"
#include "trail/verify.h"
#include "vault/vault.h"

enum { ROUNDS = 30 };

static bool
working(const struct world *w, size_t m)
{
	return w->m[m].joined && !w->m[m].out;
}

static struct oid
head_of(const char *path)
{
	struct oid id = {0};
	const struct disk *d = disk_find(path);

	if (d)
		disk_ref_get(d, &id, VAULT_MAIN);
	return id;
}

/* Where nothing has moved since a sync that found nothing to do, another finds nothing either. */
struct quiet {
	bool is;
	size_t moves;
};

static size_t
moves_of(const struct world *w, size_t m, int p)
{
	char keys[PATH_LEN + 16];

	snprintf(keys, sizeof keys, "%s/akt/keys.git", w->m[m].path);
	return disk_moves(w->m[m].path) + disk_moves(keys) + disk_moves(place_path[p]);
}

/* One sync of everybody with everything; true when something moved. */
static bool
round_of(struct world *w, struct quiet quiet[MACHINES][PLACES])
{
	struct waiting waiting;
	bool moved = false;

	for (size_t m = 0; m < w->n && !w->failed; m++) {
		for (int p = 0; p < PLACES && working(w, m) && !w->failed; p++) {
			struct oid mine = head_of(w->m[m].path), hub = head_of(place_path[p]), now, then;
			struct quiet *q = &quiet[m][p];
			size_t moves = moves_of(w, m, p);

			if (q->is && q->moves == moves)
				continue;
			w->now += 7;
			q->is = op_sync(w, m, place_name[p], place_path[p], &waiting) && !waiting.erasing;
			/* what waits is put where an administrator's next sync finds it, beside main */
			if (q->is && (waiting.n || waiting.recovery))
				moved |= op_admit(w, m, place_name[p], place_path[p]) ||
				    moves_of(w, m, p) != moves;
			q->is &= !waiting.n && !waiting.recovery && moves_of(w, m, p) == moves;
			q->moves = moves;
			now = head_of(w->m[m].path);
			then = head_of(place_path[p]);
			moved |= !oid_equal(&mine, &now) || !oid_equal(&hub, &then);
		}
	}
	return moved;
}

static void
verify_head(struct world *w, size_t m, const struct oid *head)
{
	struct trail_report r = {0};
	struct trail_options opt = {0};
	struct err e = {0};
	struct git *g = NULL;
	int rc = git_open(&g, w->m[m].path, false, &e);

	if (!rc)
		rc = trail_verify(&r, g, head, &opt, &e);
	if (rc)
		world_fail(w, "verify at %s: %s", w->m[m].id, e.n ? e.item[0].text : "");
	else if (r.nfailures)
		world_fail(w, "verify at %s: %s", w->m[m].id, r.failures[0].message);
	trail_report_free(&r);
	git_close(g);
}

static int
told(void *ctx, const char *record, enum recompute_verdict verdict, const char *text)
{
	if (verdict == RECOMPUTE_BAD)
		world_fail(ctx, "a merge of %s does not hold: %s", record, text);
	return 0;
}

/* As `verify --content`. */
static void
verify_content(struct world *w, size_t m)
{
	struct oid *ids = NULL;
	struct err e = {0};
	struct vault *v;
	struct recompute *r;
	size_t n = 0;
	int rc;

	if (world_enter(w, m, &e))
		return;
	v = w->m[m].s.v;
	r = recompute_new(v, vault_state(v));
	rc = git_walk(vault_git(v), &ids, &n, vault_head(v), NULL, 0, &e);
	for (size_t i = 0; !rc && i < n; i++)
		rc = recompute_merge(r, &ids[i], told, w, &e);
	if (rc)
		world_fail(w, "verify --content at %s: %s", w->m[m].id, e.n ? e.item[0].text : "");
	free(ids);
	recompute_free(r);
	world_leave(w, m);
}

static int
state_of(struct state **out, const struct oid *commit)
{
	struct objects any = mem_any_objects();
	struct state_cache *c = state_cache_new(&any);
	char hex[OID_HEX + 1] = "";
	struct oid tree;

	memcpy(hex, mem_object(mem_find(commit))->p + 5, OID_HEX);
	oid_parse(&tree, hex);
	return state_open(out, c, &tree, NULL);
}

static bool
knows(const struct oid *commit, const char *device)
{
	struct state *s = NULL;
	bool known = state_of(&s, commit) == 0 && state_device(s, device, NULL);

	state_close(s);
	return known;
}

/* Two sides of which each took the right to say yes from the other's administrators: a person with the
 * recovery identity must give somebody that right first. */
static bool
nobody_may_admit(struct world *w, const struct oid *a, const struct oid *b)
{
	struct state *s[2] = {NULL, NULL};
	bool found = state_of(&s[0], a) || state_of(&s[1], b);

	for (size_t m = 0; m < w->n; m++) {
		bool both = working(w, m);

		for (int i = 0; i < 2 && both; i++) {
			const struct member *x = NULL;
			const struct device *d = state_device(s[i], w->m[m].id, &x);

			both = d && !d->revoked && x->roles & ROLE_ADMIN;
		}
		found |= both;
	}
	state_close(s[0]);
	state_close(s[1]);
	return !found;
}

void
rest(struct world *w)
{
	struct quiet quiet[MACHINES][PLACES] = {0};
	struct oid head = {0};
	size_t first = MACHINES;
	int rounds = 0;

	mem_fault = (struct fault){0};
	mem_before_push = NULL;
	w->op = SIZE_MAX;
	mem_seed(w->plan->seed ^ 0x7e57);
	world_tell(w, "everybody syncs\n");
	for (size_t m = 0; m < w->n; m++)
		w->m[m].off = 0;
	while (round_of(w, quiet) && !w->failed)
		if (++rounds == ROUNDS)
			world_fail(w, "no rest after %d rounds", ROUNDS);
	mem_settle();
	for (int p = 0; p < PLACES; p++) {
		struct oid hub = head_of(place_path[p]);

		/* who was let in by one who was being shut out must be let in again */
		for (size_t m = 0; m < w->n; m++)
			w->m[m].out |= working(w, m) && !knows(&hub, w->m[m].id);
	}
	for (size_t m = 0; m < w->n && !w->failed; m++) {
		struct oid mine = head_of(w->m[m].path);

		if (!w->m[m].joined || w->m[m].rogue)
			continue;
		if (!oid_equal(&mine, &head))
			verify_head(w, m, &mine);
		if (w->m[m].out)
			continue;
		if (first == MACHINES) {
			first = m;
			head = mine;
		}
		if (!oid_equal(&mine, &head) && nobody_may_admit(w, &mine, &head))
			return;
		if (!oid_equal(&mine, &head))
			world_fail(w, "%s and %s do not come together", w->m[first].id, w->m[m].id);
	}
	for (int p = 0; p < PLACES && first < MACHINES && !w->failed; p++) {
		struct oid hub = head_of(place_path[p]);

		if (!oid_equal(&hub, &head) && nobody_may_admit(w, &hub, &head))
			return;
		if (!oid_equal(&hub, &head))
			world_fail(w, "%s does not have what %s has", place_name[p], w->m[first].id);
	}
	for (size_t m = 0; m < w->n && !w->failed; m++)
		if (working(w, m))
			verify_content(w, m);
	if (!w->failed)
		oracle_check(w, first < MACHINES ? &head : NULL);
}
