/* Saving one record: shape, locks, validity, stamp, readers, commit. Every command that changes a record ends
 * here. */
#include "app/private.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/i18n.h"
#include "merge/record.h"
#include "tree/node.h"
#include "tree/yaml.h"
#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct lock_check {
	const struct schema_akt *akt;
	const char *file;
	struct err *e;
};

static void
refuse_closed(void *ctx, const char *path, const struct node *from, const struct node *to)
{
	struct lock_check *c = ctx;
	size_t n = strcspn(path, ".");

	(void)from;
	for (size_t i = 0; i < c->akt->nopen; i++)
		if (strlen(c->akt->lock_open[i]) == n && strncmp(c->akt->lock_open[i], path, n) == 0)
			return;
	/* a final record is never deleted, but it may be voided */
	if (strlen(c->akt->lock_field) == n && strncmp(c->akt->lock_field, path, n) == 0 && to &&
	    to->kind == NODE_STR && strcmp(to->text, "void") == 0)
		return;
	err_at(c->e, ERR_INVALID, c->file, 0, 0, path,
	    _("cannot change any more: the record is final; write a correction or a new version"));
}

static bool
is_locked(const struct schema_akt *akt, const struct node *rec)
{
	const char *v = akt->lock_field ? node_get_str(node_get(rec, "data"), akt->lock_field) : NULL;

	return v && strcmp(v, akt->lock_value) == 0;
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
save_record(struct session *s, struct txn *t, struct node *before, struct node *rec,
    const char *why, const char *verb, struct oid *commit, struct err *e)
{
	const char *type = node_get_str(rec, "type"), *id = node_get_str(rec, "id");
	const struct schema *sc = NULL;
	const struct member *me;
	struct merge_env env = {0};
	struct node *data = node_get(rec, "data");
	bool changed = false, dropped = false;
	char file[80];
	int rc;

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
	if (before && merge_same_content(before, rec)) {
		*commit = *vault_head(s->v);
		return 0;
	}
	if (before && is_locked(env.akt, before)) {
		struct lock_check c = {env.akt, file, e};

		shape_diff(env.shape, node_get(before, "data"), data, refuse_closed, &c);
		if (!e->n && !why)
			err_set(e, ERR_USAGE, _("the record is final: say why it changes (--why TEXT)"));
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
		rc = txn_put_record(t, rec, s->arena, &changed, e);
	if (!rc)
		rc = txn_commit(t, commit, verb, e);
	if (!rc)
		find_remember(s, id);
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
