/** SSH's wire encoding (RFC 4251 section 5) and PEM-like armor, for ssh_key.c and sshsig.c alone.
 */
#ifndef AKT_CRYPT_SSH_WIRE_H
#define AKT_CRYPT_SSH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	SSH_BLOB = 51,        /* string "ssh-ed25519", string pk */
	SSH_ARMOR_MAX = 16384 /* bytes inside the largest block that is read */
};

#define SSH_ED25519 "ssh-ed25519"

/** What is left to read. Reading past the end sets p NULL, and every read after it fails. */
struct ssh_in {
	const uint8_t *p;
	size_t n;
};

uint32_t ssh_get_u32(struct ssh_in *in);
/** A string's bytes, owned by the input; its p is NULL on failure. */
struct ssh_in ssh_get_string(struct ssh_in *in);
/** True when the next string is exactly this text. */
bool ssh_get_text(struct ssh_in *in, const char *text);
/** True when the next string is a Ed25519 public key's blob. */
bool ssh_get_pk(uint8_t pk[32], struct ssh_in *in);

void ssh_put_u32(struct buf *out, uint32_t v);
void ssh_put_string(struct buf *out, const void *p, size_t n);
void ssh_put_text(struct buf *out, const char *text);
void ssh_put_pk(struct buf *out, const uint8_t pk[32]);

/** "-----BEGIN label-----", padded base64 in lines of 70, "-----END label-----", LF. */
void ssh_armor(struct buf *out, const char *label, const void *p, size_t n);
/** Opens the armor that starts at the first byte of s: lines end in LF (the last may lack it),
 * base64 is canonical, nothing else stands between. `used` = bytes up to behind the end line. */
bool ssh_unarmor(struct buf *out, size_t *used, const char *label, const char *s, size_t n);

#endif
