/* New stores. */
#include "app/extras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/i18n.h"
#include "base/id.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "git/repo.h"
#include "trail/verify.h"
#include "tree/node.h"
#include "vault/txn.h"
#include "vault/vault.h"

static void
device_of(struct device *d, const struct identity *id, const char *name, int64_t now)
{
	snprintf(d->id, sizeof d->id, "%.65s", name);
	memcpy(d->recipient, id->age_pk, 32);
	memcpy(d->signer, id->sign_pk, 32);
	d->added = now;
}

/* The retention class of the unit's dossier: what the types that go there say. */
static const char *
unit_retention(const struct schema_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct schema_akt *akt = schema_akt(set->v[i].schema);

		for (size_t k = 0; k < akt->ndossier; k++)
			if (akt->dossier[k].kind == DOSSIER_UNIT && *akt->retention)
				return akt->retention;
	}
	return "";
}

/* A unit that brings its own types has those that the program's commands write as well. */
static int
add_engine_types(struct schema_set *set, const char *shipped, struct err *e)
{
	static const char *const types[] = {"approval"};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof types / sizeof *types; i++) {
		char *path = xasprintf("%s/%s.yaml", shipped, types[i]);
		bool there = false;

		for (size_t k = 0; k < set->n && !there; k++)
			there = strcmp(set->v[k].type, types[i]) == 0;
		if (!there && !os_absent(path))
			rc = schema_set_load(set, path, e);
		free(path);
	}
	return rc;
}

int
app_init(struct session *s, struct node **out, const char *dir, const char *name,
    const char *schema_dir, const char *language, struct err *e)
{
	static const char *const basis[] = {"gdpr", "sol"};
	struct identity *recovery = NULL;
	struct member founder = {0}, spare = {0};
	struct device mine = {0}, theirs = {0};
	struct store_info info = {.erase_signers = 2, .nbasis = 2};
	struct schema_set set = {0};
	struct extras extras = {0};
	bool there[EXTRAS_FOLDERS];
	struct buf text = {0};
	struct txn *t = NULL;
	struct node *r;
	struct oid commit;
	uint8_t trail[32] = {0}, raw[32];
	char *shipped = NULL, own[36], hex[65];
	const char *unit_team = "unit", *dot;
	const char *members[1];
	int rc;

	info.basis = (const char **)basis;
	rc = session_identity(s, e);
	if (!rc && strcmp(language, "sv") != 0 && strcmp(language, "en") != 0)
		rc = err_set(e, ERR_USAGE, _("the language is sv or en"));
	shipped = app_shipped("schema");
	if (!rc)
		rc = schema_set_load(&set, schema_dir ? schema_dir : shipped, e);
	if (!rc)
		rc = add_engine_types(&set, shipped, e);
	if (!rc)
		rc = extras_load(&extras, there, schema_dir ? schema_dir : shipped, e);
	if (!rc)
		rc = extras_check(&extras, &set, NULL, e);
	if (!rc)
		rc = vault_create(&s->v, dir, s->id, e);
	if (rc)
		goto done;
	dot = strchr(s->id->id, '.');
	snprintf(founder.handle, sizeof founder.handle, "%.*s", (int)(dot - s->id->id), s->id->id);
	founder.roles = ROLE_ADMIN | ROLE_STAFF;
	founder.ndevices = spare.ndevices = 1;
	founder.devices = &mine;
	spare.devices = &theirs;
	snprintf(spare.handle, sizeof spare.handle, "recovery");
	spare.roles = ROLE_RECOVERY;
	recovery = identity_new("recovery", NULL);
	rc = txn_begin_root(&t, s->v, &founder, e);
	if (rc)
		goto done;
	device_of(&mine, s->id, s->id->id, txn_now(t));
	device_of(&theirs, recovery, "recovery", txn_now(t));
	id_random(info.id, ID_STORE);
	id_random(info.unit, ID_DOSSIER);
	info.name = name;
	info.language = language;
	state_format_store(&text, &info);
	txn_put(t, "store.yaml", buf_str(&text), text.n);
	for (size_t i = 0; i < set.n; i++) {
		char *path = xasprintf("schema/%s.yaml", set.v[i].type);

		txn_put(t, path, buf_str(&set.v[i].text), set.v[i].text.n);
		free(path);
	}
	for (size_t i = 0; i < extras.n; i++) {
		char *path = xasprintf("schema/%s", extras.v[i].path);

		txn_put(t, path, buf_str(&extras.v[i].text), extras.v[i].text.n);
		free(path);
	}
	members[0] = founder.handle;
	snprintf(own, sizeof own, "~%s", founder.handle);
	rc = txn_put_member(t, &founder, e);
	if (!rc)
		rc = txn_put_member(t, &spare, e);
	if (!rc)
		rc = txn_new_epoch(t, "unit", members, 1, e);
	if (!rc)
		rc = txn_new_epoch(t, "logg", members, 1, e);
	if (!rc)
		rc = txn_new_epoch(t, own, members, 1, e);
	if (!rc)
		rc = txn_new_dossier(t, info.unit, unit_retention(&set), &unit_team, 1, e);
	if (!rc)
		rc = txn_commit(t, &commit, "init", e);
	if (rc)
		goto done;
	session_remember(s, dir);
	/* the store stands: whatever comes now, this is the only time that its recovery identity is told */
	rc = trail_stated(vault_git(s->v), trail, raw, &commit, e);
	hash_hex(hex, trail, 32);
	buf_reset(&text);
	identity_format(&text, recovery);
	r = node_map(s->arena);
	node_set(s->arena, r, "store", node_str(s->arena, info.id));
	node_set(s->arena, r, "fingerprint", node_str(s->arena, rc ? "" : hex));
	node_set(s->arena, r, "recovery", node_str(s->arena, buf_str(&text)));
	*out = r;
done:
	txn_free(t);
	identity_free(recovery);
	extras_free(&extras);
	schema_set_free(&set);
	buf_free(&text);
	free(shipped);
	return rc;
}
