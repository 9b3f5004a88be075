/** Memory that lives and dies together: a decrypted document is one arena.
 * Pages are locked where the limit allows, kept out of core dumps, and wiped
 * by arena_free. */
#ifndef AKT_BASE_ARENA_H
#define AKT_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/** Wipes and frees everything; NULL is allowed. */
void arena_free(struct arena *a);
/** Wipes everything and keeps one chunk: for one document after another. */
void arena_reset(struct arena *a);
/** Zeroed, aligned for any type. Owned by the arena. */
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
