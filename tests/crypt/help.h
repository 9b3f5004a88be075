/* What the tests of crypt/ share: a scratch folder, files, other programs. */
#ifndef AKT_TESTS_CRYPT_HELP_H
#define AKT_TESTS_CRYPT_HELP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The scratch folder, made at the first call, removed at exit. */
const char *scratch(void);
/* scratch()/name; valid until the eighth call from now. */
const char *in_scratch(const char *name);
void put_file(const char *path, const void *p, size_t n);
void get_file(struct buf *out, const char *path);
/* Runs a shell command in the scratch folder; its exit status, output in `out` if not NULL. */
int run(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Runs an expect script: `age` asks for passphrases on a terminal only. */
int run_expect(const char *script);
void assert_plain(const struct buf *b, const void *p, size_t n);
/* n bytes that differ from place to place; free() them. */
void *sample(size_t n);

/* The first item's code and exact text; clears e. */
#define assert_err(e, want_code, want_text)                                                        \
	do {                                                                                       \
		assert_int_equal((e)->n, 1);                                                       \
		assert_string_equal((e)->item[0].text, want_text);                                 \
		assert_int_equal((e)->item[0].code, want_code);                                    \
		err_clear(e);                                                                      \
	} while (0)

#endif
