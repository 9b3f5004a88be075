/* Saving one record: shape, locks, validity, stamp, readers, commit. Every command that changes a record ends
 * here. */
#include "app/private.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/i18n.h"
#include "base/id.h"
#include "merge/record.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct lock_check {
	const struct schema_akt *akt;
	const char *file;
	bool voided;
	struct err *e;
};

static bool
is_field(const char *field, const char *path)
{
	size_t n = strcspn(path, ".");

	return strlen(field) == n && strncmp(field, path, n) == 0;
}

static bool
becomes(const struct node *to, const char *value)
{
	return to && to->kind == NODE_STR && strcmp(to->text, value) == 0;
}

static void
refuse_closed(void *ctx, const char *path, const struct node *from, const struct node *to)
{
	struct lock_check *c = ctx;
	bool lock = is_field(c->akt->lock_field, path);

	(void)from;
	for (size_t i = 0; i < c->akt->nopen && !c->voided; i++)
		if (is_field(c->akt->lock_open[i], path))
			return;
	/* a final record is never deleted, but it may be voided, and a void one be brought back as it was: not
	 * changed and then brought back */
	if (lock && becomes(to, c->voided ? c->akt->lock_value : "void"))
		return;
	err_at(c->e, ERR_INVALID, c->file, 0, 0, path, "%s", c->voided
	    ? _("cannot change any more: the record is void; bring it back first, or write a new one")
	    : _("cannot change any more: the record is final; write a correction or a new version"));
}

static bool
has_state(const struct schema_akt *akt, const struct node *rec, const char *value)
{
	const char *v = akt->lock_field ? node_get_str(node_get(rec, "data"), akt->lock_field) : NULL;

	return v && strcmp(v, value) == 0;
}

int
said_why(struct session *s, const char **why, struct err *e)
{
	struct node *text = NULL;
	int rc;

	if (!*why)
		return 0;
	rc = yaml_text(&text, s->arena, *why, strlen(*why), "--why", e);
	if (!rc)
		*why = text->text[strspn(text->text, " \t\r\n")] ? text->text : NULL;
	return rc;
}

int
save_wants_why(const struct schema *sc, const struct node *before, const char *why, struct err *e)
{
	const struct schema_akt *akt = schema_akt(sc);

	if (why || !before || !akt->lock_field)
		return 0;
	if (has_state(akt, before, "void"))
		return err_set(e, ERR_USAGE, _("the record is void: say why it changes (--why TEXT)"));
	if (has_state(akt, before, akt->lock_value))
		return err_set(e, ERR_USAGE, _("the record is final: say why it changes (--why TEXT)"));
	return 0;
}

int
save_put(struct session *s, struct txn *t, struct node *before, struct node *rec, const char *why,
    bool *changed, struct err *e)
{
	const char *type = node_get_str(rec, "type"), *id = node_get_str(rec, "id");
	const struct schema *sc = NULL;
	const struct member *me;
	struct merge_env env = {0};
	struct node *data = node_get(rec, "data");
	bool dropped = false, closed, voided;
	char file[80];
	int rc;

	*changed = false;
	snprintf(file, sizeof file, "%s.yaml", id);
	rc = vault_schema(s->v, &sc, type, e);
	if (!rc && !sc)
		rc = err_set(e, ERR_USAGE, _("the store has no schema for %s"), type);
	if (!rc)
		rc = vault_me(s->v, &me, NULL, e);
	if (rc)
		return rc;
	env.shape = schema_shape(sc);
	env.akt = schema_akt(sc);
	shape_normalise(s->arena, env.shape, data);
	if (before && merge_same_content(before, rec))
		return 0;
	closed = before && env.akt->lock_field && has_state(env.akt, before, env.akt->lock_value);
	voided = before && env.akt->lock_field && has_state(env.akt, before, "void");
	if (closed || voided) {
		struct lock_check c = {env.akt, file, voided, e};

		shape_diff(env.shape, node_get(before, "data"), data, refuse_closed, &c);
		if (!e->n)
			save_wants_why(sc, before, why, e);
		if (e->n)
			return err_code(e);
	}
	rc = check_added(s, sc, before, rec, file, e);
	if (check_text(sc, why, file, 0, 0, "why", e))
		rc = ERR_INVALID;
	if (rc)
		return rc;
	node_set(s->arena, rec, "v", node_int(s->arena, env.akt->version));
	envelope_stamp(s->arena, rec, me->handle, txn_now(t), why);
	rc = place_follow(s, t, rec, sc, before ? node_get(before, "data") : NULL, e);
	if (!rc && before)
		rc = parked_drop(s, t, &dropped, node_get_str(rec, "dossier"), id, e);
	if (!rc && dropped)
		rc = txn_put_afresh(t, rec, s->arena, e);
	else if (!rc)
		rc = txn_put_record(t, rec, s->arena, changed, e);
	*changed |= dropped;
	return rc;
}

int
save_record(struct session *s, struct txn *t, struct node *before, struct node *rec,
    const char *why, const char *verb, struct oid *commit, struct err *e)
{
	bool changed;
	int rc = save_put(s, t, before, rec, why, &changed, e);

	/* nothing to change: HEAD's old id */
	if (!rc)
		rc = txn_commit(t, commit, verb, e);
	if (!rc && changed)
		find_remember(s, node_get_str(rec, "id"));
	return rc;
}

int
save_new(struct session *s, struct txn *t, struct node **out, const char *type,
    const struct schema *sc, struct node *data, const char *dossier, struct err *e)
{
	const struct member *me;
	struct node *rec;
	char id[80], file[96], rnd[ID_RECORD + 1], where[ID_DOSSIER + 1];
	bool changed;
	int rc = vault_me(s->v, &me, NULL, e);

	if (rc)
		return rc;
	shape_normalise(s->arena, schema_shape(sc), data);
	id_random(rnd, ID_RECORD);
	snprintf(id, sizeof id, "%s-%s", type, rnd);
	snprintf(file, sizeof file, "%s.yaml", id);
	/* what is wrong in the data is told before what is wrong with its place */
	rec = envelope_new(s->arena, type, schema_akt(sc)->version, id, "0000000000", me->handle,
	    txn_now(t));
	node_set(s->arena, rec, "data", data);
	rc = check_added(s, sc, NULL, rec, file, e);
	/* cut to its length another would be named */
	if (!rc && dossier && !id_valid(dossier, ID_DOSSIER))
		rc = err_set(e, ERR_ACCESS, _("there is no such dossier"));
	else if (!rc && dossier)
		rc = place_fits(s, t, dossier, type, sc, data, e);
	else if (!rc)
		rc = place_record(s, t, where, type, sc, data, e);
	if (rc)
		return rc;
	if (dossier)
		snprintf(where, sizeof where, "%s", dossier);
	node_set(s->arena, rec, "dossier", node_str(s->arena, where));
	rc = save_put(s, t, NULL, rec, NULL, &changed, e);
	if (!rc)
		*out = rec;
	return rc;
}

void
settle_edited(struct session *s, const struct schema *sc, const struct node *before,
    struct node *rec)
{
	struct merge_env env = {.shape = schema_shape(sc), .akt = schema_akt(sc)};

	shape_normalise(s->arena, env.shape, node_get(rec, "data"));
	merge_settle_edited(s->arena, &env, before, rec);
}

struct node *
saved_result(struct session *s, const struct node *rec, const struct oid *commit)
{
	struct node *r = node_map(s->arena), *c = commit_result(s, commit);

	node_set(s->arena, r, "id", node_clone(s->arena, node_get(rec, "id")));
	node_set(s->arena, r, "dossier", node_clone(s->arena, node_get(rec, "dossier")));
	node_set(s->arena, r, "commit", node_get(c, "commit"));
	return r;
}
