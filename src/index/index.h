/** The records that this person may read, as tables (DESIGN 6): handed in as trees, kept in a sealed
 * file, asked with SQL. Derived: never believed over the records, deleted at will, built anew when
 * anything about it is wrong.
 *
 * Tables:
 * - record (id, type, dossier, title, updated_at, updated_by, state): every readable record;
 * - one a type, named by x-akt.table or the type and an `s`: id, dossier, created_by, created_on,
 *   updated_at, updated_by, state, protected (0 when absent), then each field by its dotted path with
 *   `_` for the dot; booleans are 0 and 1. Records whose x-akt.lock field says `void` are left out;
 * - one a list, TABLE__LIST: parent (record id), idx (from 0), then the items' fields, or `value`;
 *   a list within a list has also `outer`, its item's idx.
 * A name that is taken gets `_2`, `_3` at its end.
 */
#ifndef AKT_INDEX_INDEX_H
#define AKT_INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct index;
struct node;
struct schema_akt;
struct shape;

/** What it was built from; the caller's to compare. */
struct index_mark {
	uint8_t tree[20], keys[20]; /* of records and of dossiers' keys */
	uint8_t stamp[32];          /* of all else that decides what is in it */
	int64_t expires;            /* at this time what may be read changes by itself; 0 = never */
};

/** Opens or makes FOLDER/index.db, for this program alone until it is closed: ERR_BUSY when another has
 * it. Its key lies beside it, sealed to `age_pk`. What is damaged or was cut short is thrown away and
 * made anew, under another key. FOLDER NULL, or one that cannot be written to: in memory. */
int index_open(struct index **out, const char *folder, const uint8_t age_sk[32],
    const uint8_t age_pk[32], struct err *e);
/** What lies in a folder, every page of it read; nothing is changed. INDEX_NONE: nothing whole was ever
 * there, or another program has it. */
enum index_health { INDEX_NONE, INDEX_GOOD, INDEX_BAD };
enum index_health index_examine(const char *folder, const uint8_t age_sk[32]);
/** Removes it and its key. */
int index_remove(const char *folder, struct err *e);
void index_close(struct index *ix);
/** False when nothing whole is in it. */
bool index_mark(struct index *ix, struct index_mark *out);

/** Whether texts may be found by their words, from the next time it is made afresh: else they are not in
 * it, and index_search is ERR_USAGE. True unless said. */
void index_words(struct index *ix, bool on);

/** An update: begin, any number of the calls below, end with the new mark. Nothing holds before end.
 * `afresh`: all is thrown away first, under a new key; then index_type for every type comes first.
 * ERR_DAMAGED from any of them: begin afresh. */
int index_begin(struct index *ix, bool afresh, struct err *e);
int index_end(struct index *ix, const struct index_mark *m, struct err *e);

/** Makes known a type's fields; ERR_INVALID when its table's name is taken. `type`, `shape` and `akt` are
 * not kept. */
int index_type(struct index *ix, const char *type, const struct shape *shape,
    const struct schema_akt *akt, struct err *e);
bool index_knows(const struct index *ix, const char *type);
/** A dossier of the store, readable or not; all its records are dropped. */
int index_dossier(struct index *ix, const char *dossier, bool readable, struct err *e);
/** Whether it holds the dossier's records; false too for one that it has not heard of. */
int index_readable(struct index *ix, bool *yes, const char *dossier, struct err *e);
/** The envelope of a record of a known type, in place of what was there. */
int index_put(struct index *ix, const char *type, const char *dossier, const char *id,
    const char *title, const struct shape *shape, const struct node *rec, struct err *e);
/** Of the record put last: what is the matter with it, and the SHA-256 of its content, by which approvals
 * know it. */
enum { INDEX_CONFLICTS = 1, INDEX_INVALID = 2 };
int index_facts(struct index *ix, unsigned matter, const uint8_t content[32], struct err *e);
/** A version set aside beside a record, or no more there. `mark` tells several apart. */
int index_parked(struct index *ix, const char *type, const char *dossier, const char *id,
    const char *mark, bool there, struct err *e);
/** A readable dossier's record that does not open. */
int index_put_damaged(struct index *ix, const char *type, const char *dossier, const char *id,
    struct err *e);
int index_drop(struct index *ix, const char *dossier, const char *id, struct err *e);

/** Dossiers in it, readable and all. */
int index_cover(struct index *ix, size_t *readable, size_t *all, struct err *e);
/** Rows {id, type, dossier, title, updated_at, updated_by} by type, then latest first; type NULL = all.
 * *damaged: records that do not open. */
int index_list(struct index *ix, struct node **out, struct arena *a, const char *type,
    size_t *damaged, struct err *e);
/** Rows {dossier}, one for each record that does not open. */
int index_damaged(struct index *ix, struct node **out, struct arena *a, struct err *e);
/** Rows {id, type, dossier, title} of records in whose texts every word begins a word, best first. */
int index_search(struct index *ix, struct node **out, struct arena *a, const char *const *words,
    size_t n, struct err *e);

/** Rows {id, type, dossier, title, updated_by, what} by id of records that somebody should look at; what:
 * conflict, invalid, parked, damaged. */
int index_matters(struct index *ix, struct node **out, struct arena *a, struct err *e);
/** Where a record lies and what it is called; *there is false when it is not in it. *title in the arena. */
int index_record(struct index *ix, bool *there, struct arena *a, const char *id, char dossier[11],
    const char **title, struct err *e);
/** The hash that index_facts had; *there is false when the record is not in it. */
int index_content(struct index *ix, bool *there, const char *id, uint8_t content[32], struct err *e);
/** *aside: another version of the record lies beside it. */
int index_aside(struct index *ix, bool *aside, const char *id, struct err *e);

/** Rows kept beside the records until these change: `key` says what else they were made from. False:
 * there are none of that key. (kept.c) */
bool index_kept(struct index *ix, const uint8_t key[32]);
/** Makes `key` the one whose rows are kept; those that were there go. Between begin and end each row has
 * fields (NULL allowed) and tags by which it is found. */
int index_keep_begin(struct index *ix, const uint8_t key[32], struct err *e);
int index_keep(struct index *ix, const char *const *fields, size_t nfields, const char *const *tags,
    size_t ntags, struct err *e);
int index_keep_end(struct index *ix, struct err *e);
/** Rows, in the order they were kept, that have one of the tags (n 0: all), each a list of texts and
 * nulls. */
int index_kept_rows(struct index *ix, struct node **out, struct arena *a, const char *const *tags,
    size_t n, struct err *e);

/** What queries may ask beyond the tables, as functions of SQL; 1 or 0 (-1: an error):
 * - known(ID): a record of that id is in the store, whether this person may read it or not;
 * - hidden(DOSSIER, PART): the part of that name beside the dossier is there and this person may not
 *   read it, so that what is not found there may yet be; -1: the index is damaged. */
struct index_world {
	int (*known)(void *ctx, const char *id);
	int (*hidden)(void *ctx, const char *dossier, const char *part);
	void *ctx;
};
/** `w` is copied; its ctx must live as long as the index is asked. */
void index_world(struct index *ix, const struct index_world *w);
/** 1: a dossier that is in it and that this person may not read, else 0; -1: the index is damaged. */
int index_hidden(struct index *ix, const char *dossier);

/** What ends a long query: non-zero cancels it. */
typedef int (*index_tick_fn)(void *ctx);
struct index_value {
	const char *name, *text; /* `:name` in the query; NULL text is NULL */
	bool is_int;             /* then bound as a number, i */
	int64_t i;
};
/** One SELECT over the tables above, and nothing else: an authorizer with lists of tables and functions,
 * 300 million steps, 100,000 rows. ERR_USAGE with SQLite's reason, ERR_CANCELLED. */
int index_query(struct index *ix, struct node **out, struct arena *a, const char *sql,
    const struct index_value *values, size_t n, index_tick_fn tick, void *ctx, struct err *e);
/** The same of a file's whole text: what is wrong with it is said with its line and column,
 * ERR_INVALID. */
int index_query_file(struct index *ix, struct node **out, struct arena *a, const char *sql,
    const char *file, const struct index_value *values, size_t n, index_tick_fn tick, void *ctx,
    struct err *e);
/** What such a query gives and asks for, found without running it. */
struct index_question {
	size_t ncolumns, nvalues;
	const char **columns, **values; /* values without the colon; in the arena */
};
int index_query_check(struct index *ix, struct index_question *out, struct arena *a,
    const char *sql, const char *file, struct err *e);

#endif
