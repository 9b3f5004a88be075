/** Git objects in a table, and trees written as a map of paths: what policy's tests judge. */
#ifndef TESTS_TRAIL_MEM_H
#define TESTS_TRAIL_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trail/policy.h"

struct mem;

struct mem *mem_new(void);
void mem_free(struct mem *m);
struct objects mem_objects(struct mem *m);
struct oid mem_blob(struct mem *m, const void *p, size_t n);
/** Forgets an object: as if the repository had lost it. */
void mem_lose(struct mem *m, const struct oid *id);
size_t mem_reads(const struct mem *m);
/** The nth read from now and every later one fails with `code`, ERR_IO as from a disk; 0: none. */
void mem_fail_at(struct mem *m, size_t nth, int code);

/** A tree under construction; plain struct copy is not enough: mem_copy. */
struct files {
	size_t n, cap;
	struct file {
		char *path, *text,
		    *source; /* source: as the test wrote it, before canonical form */
		size_t n;
		unsigned mode;
	} * v;
};

void files_free(struct files *f);
void files_copy(struct files *to, const struct files *from);
/** Text with marks filled in: `{e:S}` epoch name, `{r:S}` recipient, `{k:S}` signing key line,
 * `{h:S}` 64 hex digits, all of a seed S. The path may have marks too. Control files are brought
 * into canonical form. */
void files_put(struct files *f, const char *path, const char *text);
void files_put_raw(struct files *f, const char *path, const void *p, size_t n, unsigned mode);
/** A record: an age file to one key, contents by `seed`. */
void files_seal(struct files *f, const char *path, const char *seed);
void files_del(struct files *f, const char *path);
const struct file *files_get(const struct files *f, const char *path);
/** Replaces `old` (both with marks) in the text as it was put. Fails the test when it is not there.
 */
void files_sub(struct files *f, const char *path, const char *old, const char *now);
struct oid files_tree(struct mem *m, const struct files *f);
/** Puts allowed_signers as the members in `f` give it. */
void files_signers(struct mem *m, struct files *f);
/** malloc'd text with marks filled in. */
char *mem_fill(const char *text);
/** The signing key of a seed. */
void mem_key(uint8_t pk[32], const char *seed);

/** A unit: anna (admin, staff), bo (staff), cia (supervisor, staff), dan (auditor), eva (staff),
 * fia (admin), recovery; teams unit (anna, bo, cia, dan), vit (bo, eva) and everybody's own;
 * dossiers 0000000000 (the unit's), d111111111 (unit, ~anna) and e222222222 (~eva); a schema `plan`
 * for team:vit and `note` for admins. */
void mem_unit(struct mem *m, struct files *f);

/** Time of the commits judged. */
enum { MEM_NOW = 1780000000 };

#endif
