/** What was opened on this device (DESIGN 4): rows that wait, sealed, until the next sync puts them
 * into the device's own chain (vault/chain.h). Only team `logg` opens them there. */
#ifndef AKT_VAULT_READS_H
#define AKT_VAULT_READS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct vault;

/** Notes that a record was opened by the command `what`. Written by reads_flush. */
void reads_record(struct vault *v, const char *what, const char *record);
/** Notes a list or search: its query (may be empty) and how many records it showed. */
void reads_query(struct vault *v, const char *what, const char *query, size_t hits);
/** Seals what was noted into STORE/akt/reads, one file per command, without waiting for the disk: a power
 * cut may take the last seconds' rows, and opening a record stays fast. A store that cannot be
 * written to is read without a log. vault_close does it too. */
void reads_flush(struct vault *v);
/** Forgets what was noted and frees. */
void reads_free(struct vault *v);

/** The rows that wait, oldest first, as the text of one YAML list; names of their files, each ended by NUL, to
 * `files`. */
int reads_waiting(struct vault *v, struct buf *text, struct buf *files, struct err *e);
/** Deletes these files: they are in the chain. */
void reads_taken(struct vault *v, const struct buf *files);

/** Seals rows to the newest epoch of team `logg`, as log/<n>.age. ERR_NOTFOUND: there is no such team. */
int reads_seal(struct vault *v, struct buf *sealed, const struct buf *text, struct err *e);
/** Opens such a file with what this device has of the team's keys. ERR_ACCESS when it has none that
 * fits. */
int reads_open(struct vault *v, struct buf *text, const void *sealed, size_t n, struct err *e);
/** The form that a hub asks of such a file: an age file to one recipient. */
bool reads_form_ok(const void *sealed, size_t n);

#endif
