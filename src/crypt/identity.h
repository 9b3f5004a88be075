/** A device's identity: an Ed25519 key that signs and an X25519 key that reads (DESIGN 1). */
#ifndef AKT_CRYPT_IDENTITY_H
#define AKT_CRYPT_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/** In guarded memory; free with identity_free. */
struct identity {
	uint8_t sign_sk[64], sign_pk[32];
	uint8_t age_sk[32], age_pk[32];
	char id[130]; /* handle.device, from the OpenSSH key's comment; or "recovery" */
};

enum { IDENTITY_NAME = 33 }; /* room for a handle or a device and NUL */

/** A handle or device: [a-z][a-z0-9_-]{0,31}. */
bool identity_name_valid(const char *s, size_t n);
/** Fresh keys for a device; NULL when a name is not valid or the handle is `recovery`. The recovery
 * identity itself, which belongs to no device, is identity_new("recovery", NULL). */
struct identity *identity_new(const char *handle, const char *device);
void identity_free(struct identity *id);
/** The plain text: OpenSSH private key block, then the AGE-SECRET-KEY-1 line. */
void identity_format(struct buf *out, const struct identity *id);
/** Empty lines and lines led by # may follow the block. ERR_INVALID, ERR_USAGE for a SSH key of
 * another kind. */
int identity_parse(struct identity **out, const char *s, size_t n, struct err *e);

/** Writes a new identity file, mode 0600 (ERR_EXISTS); passphrase NULL = plain text. Errors of
 * age_encrypt_passphrase too. */
int identity_save(const char *path, const struct identity *id, const char *passphrase,
    int work_factor, struct err *e);
/** As identity_save, over an existing file. */
int identity_replace(const char *path, const struct identity *id, const char *passphrase,
    int work_factor, struct err *e);
/** True when the file needs a passphrase. ERR_NOTFOUND, ERR_INVALID. */
int identity_locked(bool *locked, const char *path, struct err *e);
/** Opens; passphrase NULL for a plain file. ERR_ACCESS: wrong passphrase. A plain file
 * that others may read (mode & 077) is refused with ERR_ACCESS. */
int identity_load(struct identity **out, const char *path, const char *passphrase, struct err *e);

/** Public card: YAML, self-signed (SSHSIG, namespace akt):
 * akt, handle, device, recipient, signer, signature, in this order. The signature is a literal
 * block and covers the lines before it. Adds nothing for the recovery identity, which has no card.
 */
void identity_card(struct buf *out, const struct identity *id);

struct card {
	char handle[IDENTITY_NAME], device[IDENTITY_NAME];
	char id[2 * IDENTITY_NAME]; /* handle.device */
	uint8_t age_pk[32];         /* recipient */
	uint8_t sign_pk[32];        /* signer */
};

/** Reads a card exactly as identity_card writes it, and checks that its signer signed it. `file`
 * names it in errors. ERR_INVALID with line and field; ERR_DAMAGED for a signature that does not
 * fit. */
int card_parse(struct card *out, const char *s, size_t n, const char *file, struct err *e);

/* The unlocked identity of one identity file, kept in the kernel keyring (user keyring,
 * linked from the session), or where that is forbidden in a small agent process behind a socket
 * in $XDG_RUNTIME_DIR (mode 0600, peer uid checked; ~/.cache/akt where that is not set). What is
 * kept is bound to the file's absolute path and to its bytes: a replaced file finds nothing. */

/** Keeps it for `seconds` (at least 1) from now, in place of what was kept for this file. The agent
 * is forked from this process: wipe passphrases before. ERR_NOTFOUND without the file, ERR_USAGE,
 * ERR_IO. */
int keep_put(const char *identity_path, const struct identity *id, int seconds, struct err *e);
/** ERR_NOTFOUND when nothing is kept. */
int keep_get(struct identity **out, const char *identity_path, struct err *e);
/** Forgets it; nothing kept is no error. Works without the identity file too. */
int keep_drop(const char *identity_path, struct err *e);

#endif
