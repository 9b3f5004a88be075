/* A supervisor's decision on a record: a record of its own, written once, bound to what the other held.
 * Its type, `approval`, is the engine's; schema/approval.yaml says what it looks like. */
#include "app/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "git/repo.h"
#include "index/index.h"
#include "schema/shape.h"
#include "trail/state.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

static const char type_name[] = "approval";

/* SHA-256 of the canonical text without `updated`, which is no content (DESIGN 2), nor padding. As it is
 * written: what a later schema makes of a record is no change of it. */
void
approval_content(uint8_t digest[32], const struct node *rec)
{
	struct arena *a = arena_new();
	struct node *content = node_map(a);
	struct buf text = {0};

	for (size_t i = 0; i < rec->n; i++) {
		const char *key = rec->map[i].key;
		struct node *v = rec->map[i].value;

		/* an empty list of conflicts is none */
		if (strcmp(key, "updated") != 0 && !(strcmp(key, "conflicts") == 0 && v->n == 0))
			node_set(a, content, key, shape_as_written(a, v));
	}
	yaml_emit(&text, content);
	hash_sha256(digest, text.p, text.n);
	buf_free(&text);
	arena_free(a);
}

static void
content_hash(char hex[65], const struct node *rec)
{
	uint8_t digest[32];

	approval_content(digest, rec);
	hash_hex(hex, digest, 32);
}

/* --- those that there are ----------------------------------------------------------------- */

struct loading {
	struct session *s;
	struct approvals *out;
};

static int
by_record(const void *a, const void *b)
{
	const struct approval *x = a, *y = b;
	int c = strcmp(x->record, y->record);

	if (!c)
		c = strcmp(y->at, x->at); /* the newest first */
	return c ? c : strcmp(y->id, x->id);
}

static int
load_one(void *ctx, const char *path, const struct storepath *p, const struct oid *id)
{
	struct loading *l = ctx;
	struct session *s = l->s;
	struct node *rec = NULL, *data, *created;
	struct approval *x;
	struct err inner;

	err_clear(&inner);
	if (p->kind != PATH_RECORD || strcmp(p->type, type_name) != 0 ||
	    !vault_can_read(s->v, p->dossier))
		return 0;
	/* a decision that cannot be read is not one that was never made */
	if (vault_open_record(s->v, &rec, session_scratch(s), path, id, &inner)) {
		session_unread(s, &inner);
		return 0;
	}
	data = node_get(rec, "data");
	created = node_get(rec, "created");
	if (!node_get_str(data, "record") || !node_get_str(data, "content") ||
	    !node_get_str(data, "decision") || !node_get_str(data, "state") ||
	    strcmp(node_get_str(data, "state"), "final") != 0)
		return 0; /* void */
	vec_grow(l->out);
	x = &l->out->v[l->out->n++];
	x->id = arena_strdup(s->arena, p->record);
	x->record = arena_strdup(s->arena, node_get_str(data, "record"));
	x->content = arena_strdup(s->arena, node_get_str(data, "content"));
	x->at = arena_strdup(s->arena, node_get_str(created, "at"));
	x->by = arena_strdup(s->arena, node_get_str(created, "by"));
	x->earlier = node_get_str(data, "earlier") ? arena_strdup(s->arena, node_get_str(data, "earlier")) : "";
	x->approved = strcmp(node_get_str(data, "decision"), "approved") == 0;
	return 0;
}

static void
sort(struct approvals *x)
{
	if (x->n)
		qsort(x->v, x->n, sizeof *x->v, by_record);
}

int
approvals_load(struct session *s, struct approvals *out, const char *dossier, struct err *e)
{
	const struct schema *sc = NULL;
	struct loading l = {s, out};
	int rc = vault_schema(s->v, &sc, type_name, e);

	*out = (struct approvals){0};
	if (rc || !sc)
		return rc;
	/* approvals lie beside what they are about */
	rc = dossier ? each_in_dossier(s, dossier, load_one, &l, e) :
	               vault_each_record(s->v, vault_tree(s->v), load_one, &l, e);
	sort(out);
	return rc;
}

void
approvals_free(struct approvals *x)
{
	free(x->v);
	*x = (struct approvals){0};
}

static int
of_record(const void *key, const void *x)
{
	return strcmp(key, ((const struct approval *)x)->record);
}

/* The decision that stands: the one that no other has followed. Where two were made apart, the newer;
 * clocks alone decide nothing else. */
const struct approval *
approvals_standing(const struct approvals *all, const char *record)
{
	const struct approval *x, *end = all->v + all->n;

	x = all->n ? bsearch(record, all->v, all->n, sizeof *all->v, of_record) : NULL;
	while (x && x > all->v && strcmp(x[-1].record, record) == 0)
		x--;
	for (const struct approval *one = x; x && one < end && strcmp(one->record, record) == 0; one++) {
		bool followed = false;

		for (const struct approval *y = x; y < end && strcmp(y->record, record) == 0; y++)
			followed |= strcmp(y->earlier, one->id) == 0;
		if (!followed)
			return one;
	}
	return NULL; /* none, or a circle, which nobody's program makes */
}

/* What a decision is worth for a record whose content now has this hash. */
static struct node *
shape_of(struct session *s, const struct approval *x, const char *hex)
{
	const char *state;
	struct node *n;

	state = strcmp(hex, x->content) != 0 ? "lapsed" : x->approved ? "approved" : "returned";
	n = node_map(s->arena);
	node_set(s->arena, n, "state", node_str(s->arena, state));
	node_set(s->arena, n, "decision", node_str(s->arena, x->approved ? "approved" : "returned"));
	node_set(s->arena, n, "by", node_str(s->arena, x->by));
	node_set(s->arena, n, "at", node_str(s->arena, x->at));
	node_set(s->arena, n, "id", node_str(s->arena, x->id));
	return n;
}

struct node *
approval_of(struct session *s, const struct approvals *all, const struct node *rec)
{
	const char *id = node_get_str(rec, "id");
	const struct approval *x = id ? approvals_standing(all, id) : NULL;
	char hex[65];

	if (!x)
		return NULL;
	content_hash(hex, rec);
	return shape_of(s, x, hex);
}

int
approval_merged(struct session *s, struct node **out, const struct approvals *all, struct node *rec,
    const char *path, const struct oid *blob, struct err *e)
{
	const char *id = node_get_str(rec, "id");
	struct found f = {.path = arena_strdup(s->arena, path), .blob = *blob};
	struct parked p = {0};
	int rc;

	*out = NULL;
	if (!id || !approvals_standing(all, id))
		return 0;
	snprintf(f.id, sizeof f.id, "%s", id);
	snprintf(f.type, sizeof f.type, "%s", node_get_str(rec, "type"));
	snprintf(f.dossier, sizeof f.dossier, "%s", node_get_str(rec, "dossier"));
	rc = parked_find(s, &p, f.dossier, f.id, e);
	if (!rc && p.n)
		rc = parked_merge(s, &rec, &f, &p, e);
	parked_free(&p);
	if (!rc)
		*out = approval_of(s, all, rec);
	return rc;
}

/* --- from the index ------------------------------------------------------------------------------ */

int
approvals_indexed(struct session *s, struct approvals *all, struct err *e)
{
	const struct schema *sc = NULL;
	struct node *rows = NULL;
	int rc = vault_schema(s->v, &sc, type_name, e);

	if (rc || !sc)
		return rc;
	rc = search_query(s, &rows,
	    "SELECT id, record, content, decision, earlier, updated_at AS at, created_by AS by "
	    "FROM approvals WHERE state = 'final'", NULL, NULL, NULL, 0, e);
	for (size_t i = 0; !rc && i < rows->n; i++) {
		const struct node *r = rows->seq[i];
		const char *earlier = node_get_str(r, "earlier");
		struct approval *x;

		if (!node_get_str(r, "record") || !node_get_str(r, "content") ||
		    !node_get_str(r, "decision") || !node_get_str(r, "at") || !node_get_str(r, "by"))
			continue;
		vec_grow(all);
		x = &all->v[all->n++];
		*x = (struct approval){
			.id = node_get_str(r, "id"),
			.record = node_get_str(r, "record"),
			.content = node_get_str(r, "content"),
			.at = node_get_str(r, "at"),
			.by = node_get_str(r, "by"),
			.earlier = earlier ? earlier : "",
			.approved = strcmp(node_get_str(r, "decision"), "approved") == 0,
		};
	}
	sort(all);
	return rc;
}

int
approval_indexed(struct session *s, struct node **out, const struct approvals *all, const char *record,
    struct err *e)
{
	const struct approval *x = approvals_standing(all, record);
	bool there = false, aside = false;
	struct node *rec = NULL;
	uint8_t content[32];
	struct found f;
	char hex[65];
	int rc = x ? index_content(s->index, &there, record, content, e) : 0;

	if (!rc && there)
		rc = index_aside(s->index, &aside, record, e);
	/* the index has the one version; a reader is shown both merged */
	if (!rc && aside)
		rc = find_exact(s, &f, record, e);
	if (!rc && aside)
		rc = open_found(s, &rec, &f, e);
	if (rc)
		return rc;
	if (rec)
		content_hash(hex, rec);
	else if (there)
		hash_hex(hex, content, 32);
	*out = there ? shape_of(s, x, hex) : NULL;
	return 0;
}

/* --- deciding ----------------------------------------------------------------------------------- */

static int
may_decide(struct session *s, int64_t now, struct err *e)
{
	const struct schema *sc = NULL;
	const struct member *me;
	int rc = vault_schema(s->v, &sc, type_name, e);

	if (!rc && !sc)
		rc = err_set(e, ERR_USAGE,
		    _("the store has no record type for approvals: an admin puts approval.yaml, which came with "
		      "the program, in force with: akt schema put"));
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (!rc && !state_may_write_type(vault_state(s->v), type_name, me, now))
		rc = err_set(e, ERR_ACCESS, _("only a supervisor approves a record or returns it"));
	return rc;
}

int
app_approve(struct session *s, struct node **out, const char *name, bool returned, const char *why,
    struct err *e)
{
	const char *decision = returned ? "returned" : "approved";
	const struct approval *earlier = NULL;
	struct approvals all = {0};
	const struct schema *sc = NULL;
	const struct member *me;
	struct node *about = NULL, *rec, *data, *r;
	struct txn *t = NULL;
	struct found f;
	struct oid commit;
	char id[80], rnd[ID_RECORD + 1], hex[65];
	int rc = session_store(s, true, e);

	if (!rc)
		rc = txn_begin(&t, s->v, e);
	if (!rc)
		rc = may_decide(s, txn_now(t), e);
	if (!rc)
		rc = find_record(s, &f, name, e);
	if (!rc && strcmp(f.type, type_name) == 0)
		rc = err_set(e, ERR_USAGE, _("this is an approval itself"));
	if (!rc)
		rc = open_found(s, &about, &f, e);
	if (!rc)
		rc = vault_schema(s->v, &sc, type_name, e);
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (!rc)
		rc = approvals_load(s, &all, f.dossier, e);
	/* the one that this one follows may be among those */
	if (!rc)
		rc = session_damage(s, e);
	if (rc)
		goto done;
	earlier = approvals_standing(&all, f.id);
	content_hash(hex, about);
	id_random(rnd, ID_RECORD);
	snprintf(id, sizeof id, "%s-%s", type_name, rnd);
	rec = envelope_new(s->arena, type_name, schema_akt(sc)->version, id, f.dossier, me->handle,
	    txn_now(t));
	data = node_get(rec, "data");
	node_set(s->arena, data, "record", node_str(s->arena, f.id));
	node_set(s->arena, data, "content", node_str(s->arena, hex));
	node_set(s->arena, data, "decision", node_str(s->arena, decision));
	node_set(s->arena, data, "why", node_str(s->arena, why));
	if (earlier)
		node_set(s->arena, data, "earlier", node_str(s->arena, earlier->id));
	node_set(s->arena, data, "state", node_str(s->arena, "final"));
	rc = save_record(s, t, NULL, rec, why, "approve", &commit, e);
	if (rc)
		goto done;
	/* what was decided on is what one goes on with */
	find_remember(s, f.id);
	r = commit_result(s, &commit);
	node_set(s->arena, r, "id", node_str(s->arena, id));
	node_set(s->arena, r, "dossier", node_str(s->arena, f.dossier));
	node_set(s->arena, r, "record", node_str(s->arena, f.id));
	node_set(s->arena, r, "state", node_str(s->arena, decision));
	*out = r;
done:
	approvals_free(&all);
	txn_free(t);
	return rc;
}
