/** A small store for tests of the vault: anna alone, teams unit, logg and ~anna, no schemas. */
#ifndef AKT_TESTS_VAULT_STORE_H
#define AKT_TESTS_VAULT_STORE_H

#include "vault/envelope.h"
#include "vault/txn.h"
#include "vault/vault.h"

struct store {
	char *dir, *path;
	struct identity *id;
	struct vault *v;
};

void store_make(struct store *s);
void store_reopen(struct store *s);
void store_free(struct store *s);
/** One for each test, in *state; teardown sets the clock right again. */
int store_setup(void **state);
int store_teardown(void **state);
/** Fails the test, saying why, unless rc is 0. */
void fine(int rc, const struct err *e);
/** An item whose data is {text}. */
struct node *store_record(struct arena *a, const char *id, const char *dossier, int64_t now,
    const char *text);

#endif
