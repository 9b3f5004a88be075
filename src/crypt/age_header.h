/** The header of an age file and what is derived from it (age spec, "Header"). For crypt/ alone. */
#ifndef AKT_CRYPT_AGE_HEADER_H
#define AKT_CRYPT_AGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* age itself has no limits; these leave room for 1,000 recipients twice over. */
enum {
	AGE_HEADER_MAX = 256 * 1024,
	AGE_STANZAS_MAX = 2048,
	AGE_FILE_KEY = 16,
	AGE_BODY = AGE_FILE_KEY + 16, /* file key wrapped by ChaCha20-Poly1305 */
	AGE_SALT = 16,
};

enum age_kind { AGE_OTHER, AGE_X25519, AGE_SCRYPT };

/** A stanza of a kind we know; of others only the kind is kept. */
struct age_stanza {
	enum age_kind kind;
	int work_factor;   /* scrypt */
	uint8_t share[32]; /* X25519: ephemeral share; scrypt: salt */
	uint8_t body[AGE_BODY];
};

/** Zero-initialise; age_header_free. */
struct age_header {
	size_t n, cap;
	struct age_stanza *v;
	size_t mac_n; /* the MAC covers this many bytes, up to and including "---" */
	size_t size;  /* all of the header with its last LF */
	uint8_t mac[32];
};

/** Reads and checks the whole header before any key is tried: every stanza of a known kind has
 * its exact arguments and lengths, a share is no low-order point, scrypt stands alone. ERR_DAMAGED.
 */
int age_header_parse(struct age_header *out, const uint8_t *p, size_t n, struct err *e);
void age_header_free(struct age_header *h);

/** The three parts of writing: version line, stanzas, MAC line (over all since `start` in out). */
void age_header_begin(struct buf *out);
void age_header_x25519(struct buf *out, const uint8_t share[32], const uint8_t body[AGE_BODY]);
void age_header_scrypt(
    struct buf *out, const uint8_t salt[AGE_SALT], int work_factor, const uint8_t body[AGE_BODY]);
void age_header_end(struct buf *out, size_t start, const uint8_t file_key[AGE_FILE_KEY]);

/** HKDF-SHA-256 (RFC 5869) with 32 bytes out. */
void age_hkdf(uint8_t okm[32], const void *salt, size_t salt_n, const void *ikm, size_t ikm_n,
    const char *info);
/** HMAC over n bytes of header. */
void age_header_mac(uint8_t mac[32], const uint8_t file_key[AGE_FILE_KEY], const void *p, size_t n);

#endif
