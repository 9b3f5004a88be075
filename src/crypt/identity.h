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
	char id[130]; /* handle.device, from the OpenSSH key's comment */
};

struct identity *identity_new(const char *handle, const char *device);
void identity_free(struct identity *id);
/** The plain text: OpenSSH private key block, then the AGE-SECRET-KEY-1 line. */
void identity_format(struct buf *out, const struct identity *id);
int identity_parse(struct identity **out, const char *s, size_t n, struct err *e);

/** Writes a new identity file, mode 0600 (ERR_EXISTS); passphrase NULL = plain text. */
int identity_save(const char *path, const struct identity *id, const char *passphrase,
    int work_factor, struct err *e);
/** As identity_save, over an existing file. */
int identity_replace(const char *path, const struct identity *id, const char *passphrase,
    int work_factor, struct err *e);
/** True when the file needs a passphrase. ERR_NOTFOUND, ERR_INVALID. */
int identity_locked(bool *locked, const char *path, struct err *e);
/** Opens; passphrase NULL for a plain file. ERR_ACCESS: wrong passphrase. A plain file
 * that others may read (mode & 077) is refused with ERR_ACCESS. */
int identity_load(struct identity **out, const char *path, const char *passphrase,
    struct err *e);

/** Public card: YAML, self-signed (SSHSIG, namespace akt):
 * handle, device, recipient, signer, signature. */
void identity_card(struct buf *out, const struct identity *id);

/* The unlocked identity of one identity file, kept in the kernel keyring (user keyring,
 * linked from the session), or where that is forbidden in a small agent process behind a socket
 * in $XDG_RUNTIME_DIR (mode 0600, peer uid checked). */
int keep_put(const char *identity_path, const struct identity *id, int seconds, struct err *e);
/** ERR_NOTFOUND when nothing is kept. */
int keep_get(struct identity **out, const char *identity_path, struct err *e);
int keep_drop(const char *identity_path, struct err *e);

#endif
