/** Ed25519 in OpenSSH's formats: private key blocks (openssh-key-v1, unencrypted), public
 * key lines, and SSHSIG signatures (PROTOCOL.sshsig). */
#ifndef AKT_CRYPT_SSH_H
#define AKT_CRYPT_SSH_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum { SSH_PUBLIC_TEXT = 96 }; /* "ssh-ed25519 AAAA..." and NUL */

/** sk: libsodium's 64-byte Ed25519 secret key (seed || pk), in guarded memory. */
void ssh_keygen(uint8_t sk[64], uint8_t pk[32]);
void ssh_private_format(struct buf *out, const uint8_t sk[64], const char *comment);
/** Reads the first private key block in the text. ERR_INVALID; ERR_USAGE for other key types and
 * for keys under a passphrase of their own. */
int ssh_private_parse(uint8_t sk[64], const char *s, size_t n, struct err *e);
/** As ssh_private_parse; appends the key's comment (no NUL in it) and says how many bytes of the
 * text end with the block. Both may be NULL. */
int ssh_private_read(
    uint8_t sk[64], struct buf *comment, size_t *used, const char *s, size_t n, struct err *e);
/** "ssh-ed25519 <base64 of the 51-byte blob>", with no comment behind it; ERR_INVALID. */
void ssh_public_format(char out[SSH_PUBLIC_TEXT], const uint8_t pk[32]);
int ssh_public_parse(uint8_t pk[32], const char *s, struct err *e);

/** Armored signature over n bytes in `ns` ("git" or "akt"), sha512. Ends in LF. */
void sshsig_sign(struct buf *out, const uint8_t sk[64], const char *ns, const void *p, size_t n);
/** Checks an armored signature (the armor and nothing else; its last LF may be missing) and tells
 * who made it. ERR_DAMAGED with the reason. Reads sha256 and sha512. */
int sshsig_verify(uint8_t pk[32], const char *armor, size_t armor_n, const char *ns, const void *p,
    size_t n, struct err *e);

#endif
