/* Shared by the files of index/ alone. */
#ifndef AKT_INDEX_PRIVATE_H
#define AKT_INDEX_PRIVATE_H

#include "index/index.h"
#include "index/seal.h"

struct os_lock;

/* One column: the field it is read from, step by step. */
struct column {
	const char *name, *const *path;
	size_t npath;
	bool ref; /* refers to records: indexed */
};

struct table {
	const char *name;
	const char *const *path; /* of a list: where it is, below the record's data or the item */
	size_t npath;
	bool values;             /* items are scalars: column `value` */
	size_t n, cap;
	struct column *v;
	size_t nlists, lists_cap;
	struct table *lists;
	sqlite3_stmt *insert, *drop;
};

struct plan {
	char type[33];
	struct table table;
	const char *const *state;  /* path of x-akt.lock.field; NULL */
	size_t nstate;
};

struct index {
	char *folder; /* NULL: in memory */
	const uint8_t *sk, *pk;
	struct os_lock *lock;
	struct seal *seal;
	sqlite3 *db;
	bool making;  /* afresh: tables are made, not only known */
	struct arena *a; /* plans */
	size_t nplans, plans_cap;
	struct plan **plans;
	sqlite3_stmt *put, *drop, *find, *damaged, *undamaged, *text, *untext, *dossier, *readable,
	    *of_dossier, *facts, *unfacts, *parked, *unparked, *keep, *tag, *record;
	sqlite3_int64 last; /* record put last */
	sqlite3_int64 kept; /* row kept last */
	bool words;         /* its file has the texts' words */
	bool want_words;
	struct index_world world;
	struct node *tables; /* that a query may read; of the query's arena */
	bool refused;        /* by the authorizer */
	bool inside;         /* one of our functions, which asks the index itself */
	long steps;
	index_tick_fn tick;
	void *tick_ctx;
};

/* An index of another version is built anew. */
enum { INDEX_VERSION = 2 };

/* SQLite's last error as ours; ERR_DAMAGED where the file is at fault. */
int index_fail(struct index *ix, struct err *e);
int index_prepare(struct index *ix, sqlite3_stmt **s, const char *sql, struct err *e);
/* Runs a bound statement to its end and resets it. */
int index_run(struct index *ix, sqlite3_stmt *s, struct err *e);
enum { MAX_ROWS = 100000 };
/* The rows of a bound statement, arena-owned; ERR_USAGE where they are more than `most`, or too much text. */
int index_rows(struct index *ix, struct node **out, struct arena *a, sqlite3_stmt *s, size_t most, struct err *e);
/* The names of its columns, no two alike; arena-owned. */
const char **index_names(struct arena *a, sqlite3_stmt *s, int n);
/* Declares what index_world gives, on a connection just opened. */
int world_open(struct index *ix);
/* What was made of the records is no more of them. */
int kept_forget(struct index *ix, struct err *e);
/* NULL: not known. */
struct plan *plan_of(const struct index *ix, const char *type);
/* Finalises every statement and forgets the plans. */
void plans_free(struct index *ix);

#endif
