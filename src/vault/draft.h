/** What a person has typed and not yet saved, sealed to this device: it outlives a dead editor, a
 * refused save and an empty battery. STORE/akt/drafts/NAME.age */
#ifndef AKT_VAULT_DRAFT_H
#define AKT_VAULT_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct vault;

/** NAME: a record id, or `new-TYPE`. */
int draft_put(struct vault *v, const char *name, const void *p, size_t n, struct err *e);
/** ERR_NOTFOUND when there is none. */
int draft_get(struct vault *v, struct buf *out, const char *name, struct err *e);
/** A line that begins a draft of a new record: the dossiers that it is to lie in or names records of, with a
 * blank between. It belongs to no record, and goes with any of them when that is erased. */
#define DRAFT_ABOUT "#akt-about: "
/** *about: such a draft names a dossier for which `is` says so; false too when it is damaged. ERR_IO when the disk
 * does not give it up. */
int draft_about(struct vault *v, bool *about, const char *name,
    bool (*is)(const void *ctx, const char *dossier), const void *ctx, struct err *e);
/** The names of all, sorted; malloc'd array to *out. ERR_IO when the disk does not give them up. */
struct draft_name {
	char s[80];
};
int draft_names(struct vault *v, struct draft_name **out, size_t *n, struct err *e);
int draft_drop(struct vault *v, const char *name, struct err *e);

#endif
