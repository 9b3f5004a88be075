/** Allocation that cannot fail: out of memory ends the program, so that
 * no caller carries a half-made state. Sizes read from input are capped by the
 * parsers before they reach these. */
#ifndef AKT_BASE_ALLOC_H
#define AKT_BASE_ALLOC_H

#include <stddef.h>

/** There is no memory left: says so, and ends with the status of ERR_IO. For libraries' own failures too. */
_Noreturn void xnomem(void);
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size); /* n * size, checked */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
/** Gives back to the system what much freed left lying between what is in use. */
void xtrim(void);
/** malloc'd printf. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** Frees *p and sets it NULL. */
#define xfree(p) (free(p), (p) = NULL)

/** Makes room for one more in a vector {n, cap, v}. */
#define vec_grow(vec) \
	((vec)->n < (vec)->cap ? (void)0 : \
	    ((vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8, \
	    (void)((vec)->v = xrealloc((vec)->v, (vec)->cap, sizeof *(vec)->v))))

#endif
