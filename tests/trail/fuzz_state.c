/* Fuzz target: a control file is refused with one reason, or it is exactly what the writer writes.
 * Replayed over its corpus by test_corpus. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "trail/state_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
check(int rc, const struct err *e, const struct buf *again, const uint8_t *p, size_t n)
{
	if (rc ? rc != ERR_DAMAGED || e->n != 1 || e->item[0].code != ERR_DAMAGED
	       : again->n != n || memcmp(buf_str(again), p, n) != 0)
		abort();
}

#define TRY(type, read, format, release)                                                           \
	do {                                                                                       \
		struct type *v = NULL;                                                             \
		struct err e_ = {0};                                                               \
		struct buf again = {0};                                                            \
		int rc_ = read(&v, "file", (const char *)p, n, &e_);                               \
		if (!rc_)                                                                          \
			format(&again, v);                                                         \
		check(rc_, &e_, &again, p, n);                                                     \
		release(v);                                                                        \
		buf_free(&again);                                                                  \
	} while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char **list = NULL;
	struct err e = {0};
	int rc;

	TRY(store_info, state_read_store, state_format_store, state_free_store);
	TRY(member, state_read_member, state_format_member, state_free_member);
	TRY(epoch, state_read_epoch, state_format_epoch, state_free_epoch);
	TRY(dossier, state_read_dossier, state_format_dossier, state_free_dossier);
	TRY(tombstone, state_read_tombstone, state_format_tombstone, state_free_tombstone);
	rc = state_read_write(&list, "file", (const char *)p, n, &e);
	if (rc && (rc != ERR_DAMAGED || e.n != 1))
		abort();
	state_free_write(list);
	return 0;
}
