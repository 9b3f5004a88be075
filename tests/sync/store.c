/* The vault's small store. */
#include "vault/store.c"
