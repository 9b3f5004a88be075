/** Key files that main names and that are damaged or missing, for doctor. */
#ifndef AKT_SYNC_MEND_KEYS_H
#define AKT_SYNC_MEND_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct git;
struct vault;

struct mend_keys {
	bool mend;      /* in: put them back; else only count */
	size_t damaged; /* that refs/akt/keys does not give */
	size_t missing; /* of these: that nobody has */
};

/** Each key file that HEAD's dossiers name is looked for in the key repository, also among blobs that no tree
 * names any more, then in refs/akt/keys of `sources`; its name says what its content must be. The caller
 * holds the writer lock and keystore_lock when it mends. */
int sync_mend_keys(struct mend_keys *out, struct vault *v, struct git *const *sources, size_t n,
    struct err *e);

#endif
