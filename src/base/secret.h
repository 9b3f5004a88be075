/** Keys: guarded pages (libsodium), locked, wiped by their free. */
#ifndef AKT_BASE_SECRET_H
#define AKT_BASE_SECRET_H

#include <stddef.h>

/** Starts libsodium, switches core dumps off; aborts where that fails. Idempotent. */
void secret_init(void);
/** n zeroed bytes in guarded memory. Costs four mappings: few and larger. */
void *secret_alloc(size_t n);
/** Wipes and frees; NULL is allowed. */
void secret_free(void *p);
void secret_wipe(void *p, size_t n);

#endif
