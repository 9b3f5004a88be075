#include "vault/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/os.h"
#include "crypt/identity.h"
#include "tree/node.h"

static char unit[] = "0a1b2c3d4e";

void
store_make(struct store *s)
{
	static const char *const basis[] = {"gdpr", "sol"};
	const struct store_info info = {
		.id = "7k3f9q2m1x",
		.unit = "0a1b2c3d4e",
		.name = "Enhet",
		.language = "sv",
		.erase_signers = 2,
		.nbasis = 2,
		.basis = (const char **)basis,
	};
	struct identity *recovery = identity_new("recovery", NULL);
	struct device mine = {.id = "anna.laptop"}, theirs = {.id = "recovery"};
	struct member anna = {.handle = "anna", .roles = ROLE_ADMIN | ROLE_STAFF, .ndevices = 1, .devices = &mine};
	struct member rec = {.handle = "recovery", .roles = ROLE_RECOVERY, .ndevices = 1, .devices = &theirs};
	const char *members[] = {"anna"}, *team = "unit";
	struct buf text = {0};
	struct err e = {0};
	struct txn *t = NULL;
	struct oid id;
	char root[] = "/tmp/akt-test-vault-XXXXXX";

	*s = (struct store){0};
	if (!mkdtemp(root))
		abort();
	s->dir = xstrdup(root);
	s->path = xasprintf("%s/store", root);
	s->id = identity_new("anna", "laptop");
	memcpy(mine.recipient, s->id->age_pk, 32);
	memcpy(mine.signer, s->id->sign_pk, 32);
	memcpy(theirs.recipient, recovery->age_pk, 32);
	memcpy(theirs.signer, recovery->sign_pk, 32);
	if (vault_create(&s->v, s->path, s->id, &e) || txn_begin_root(&t, s->v, &anna, &e))
		goto bad;
	mine.added = theirs.added = txn_now(t);
	state_format_store(&text, &info);
	txn_put(t, "store.yaml", buf_str(&text), text.n);
	if (txn_put_member(t, &anna, &e) || txn_put_member(t, &rec, &e) ||
	    txn_new_epoch(t, "unit", members, 1, &e) || txn_new_epoch(t, "logg", members, 1, &e) ||
	    txn_new_epoch(t, "~anna", members, 1, &e) || txn_new_dossier(t, unit, "", &team, 1, &e) ||
	    txn_commit(t, &id, "init", &e))
		goto bad;
	txn_free(t);
	buf_free(&text);
	identity_free(recovery);
	return;
bad:
	for (int i = 0; i < e.n; i++)
		fprintf(stderr, "store_make: %s %s\n", e.item[i].path, e.item[i].text);
	abort();
}

void
store_reopen(struct store *s)
{
	struct err e = {0};

	vault_close(s->v);
	s->v = NULL;
	if (vault_open(&s->v, s->path, s->id, &e)) {
		fprintf(stderr, "store_reopen: %s\n", e.item[0].text);
		abort();
	}
}

void
store_free(struct store *s)
{
	vault_close(s->v);
	identity_free(s->id);
	os_remove_tree(s->dir, NULL);
	free(s->dir);
	free(s->path);
}

struct node *
store_record(struct arena *a, const char *id, const char *dossier, int64_t now, const char *text)
{
	struct node *rec = envelope_new(a, "item", 1, id, dossier, "anna", now);

	node_set(a, node_get(rec, "data"), "text", node_str(a, text));
	return rec;
}

int
store_setup(void **state)
{
	struct store *s = malloc(sizeof *s);

	store_make(s);
	*state = s;
	return 0;
}

int
store_teardown(void **state)
{
	date_clock_set(-1);
	store_free(*state);
	free(*state);
	return 0;
}

void
fine(int rc, const struct err *e)
{
	for (int i = 0; rc && i < e->n; i++)
		print_message("# %s: %s\n", e->item[i].path, e->item[i].text);
	assert_int_equal(rc, 0);
}
