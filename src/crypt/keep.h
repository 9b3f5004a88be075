/** The two places where an unlocked identity is kept. For crypt/ and its tests alone; others
 * use keep_put, keep_get, keep_drop (crypt/identity.h). */
#ifndef AKT_CRYPT_KEEP_H
#define AKT_CRYPT_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/** Bytes in guarded memory: what the file was when it was unlocked, then the identity as text. */
enum { KEEP_BIND = 32, KEEP_MAX = 4096 };

struct kept {
	char name[33];           /* hex, from the identity file's absolute path */
	uint8_t bind[KEEP_BIND]; /* SHA-256 of that path and of the file's bytes */
};

/** True when it is kept and could be read back. */
bool keep_ring_put(const char *name, const uint8_t *p, size_t n, int seconds);
/** Bytes read into p (which holds KEEP_MAX), 0 when there are none. */
size_t keep_ring_get(const char *name, uint8_t *p);
/** False when the kernel does not let go of it. */
bool keep_ring_drop(const char *name);

/** Starts an agent. The new process copies p and wipes its view of it and of `wipe`. ERR_IO. */
int keep_agent_put(const struct kept *k, uint8_t *p, size_t n, int seconds, void *wipe,
    size_t wipe_n, struct err *e);
/** As keep_ring_get; an agent that holds another file's identity than k's forgets it. */
size_t keep_agent_get(const struct kept *k, uint8_t *p);
/** False when an agent is there that does not say that it forgot. */
bool keep_agent_drop(const struct kept *k);

/** For tests: as where the kernel forbids keyrings. */
void keep_force_agent(bool on);

#endif
