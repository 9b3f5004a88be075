/** A generator of a store: schema/generators/NAME.sql, a query whose rows become records (DESIGN 3).
 *
 * Keys of its head (rules/header.h), all but sv and en optional:
 * - sv, en: what it makes;
 * - type: each row becomes a record of this type. A column is a field by its dotted path; null leaves it out;
 *   columns whose names begin with `_` are the generator's own;
 * - param: `NAME = VALUE`, asked for as `:NAME`; another value comes from --param. Without VALUE it must be given;
 *   `NAME = random`: ten random characters, a seed say;
 * - setting: a number of the store's, as in a rule;
 * - assign: `COLUMN from LIST by PARAM`: the column is drawn from those in the row's own column LIST, a JSON array of
 *   ids, so that the load is even, by the seed in the parameter;
 * - grant: `COLUMN reads RECORDS until DAY`: the member whom the column names may read the dossiers of the records
 *   that another column names (one id, or a JSON array) until the end of the day in the third;
 * - update: `PARAM TYPE`: the parameter names a record of this type, which is changed in the same commit; in the
 *   query it is the record's id;
 * - append: `LIST (FIELD, FIELD = COLUMN)`: each row becomes an item of this list of that record;
 * - set: `FIELD = VALUE`, of that record: a word or number, `:PARAM`, or `:rows`, how many there are. Not a field
 *   that decides who reads something: what is made is placed by the record as it was.
 * The query may ask for :today, its parameters and settings; akt_draw(seed, id) is where a seed puts an id. */
#ifndef AKT_RULES_GENERATOR_H
#define AKT_RULES_GENERATOR_H

#include "rules/header.h"

struct node;

struct generator_param {
	const char *name;
	const char *text; /* NULL: must be given */
	bool random;
	const struct header_field *at;
};

struct generator_assign {
	const char *column, *from, *by;
	const struct header_field *at;
};

struct generator_grant {
	const char *who, *reads, *until;
	const struct header_field *at;
};

struct generator_set {
	const char *field, *value; /* value: as written */
	const struct header_field *at;
};

struct generator_item { /* of append */
	const char *field, *column;
};

struct generator {
	const char *file, *sv, *en;
	const char *type;   /* NULL: none is made */
	size_t nparams;
	struct generator_param *params;
	size_t nsettings;
	struct header_setting *settings;
	struct generator_assign assign; /* column NULL: none */
	size_t ngrants;
	struct generator_grant *grants;
	const char *update, *update_type; /* NULL: none */
	const char *list;   /* of append; NULL */
	size_t nitems;
	struct generator_item *items;
	size_t nsets;
	struct generator_set *sets;
	const char *sql;
	struct header header; /* for positions */
};

/** All faults are in `e`, ERR_INVALID. In the arena. */
int generator_parse(struct generator *out, struct arena *a, const char *text, size_t n,
    const char *file, struct err *e);
/** That the query gives what the head asks for, and asks for what the head has: its columns' and its values' names.
 * ERR_INVALID, with positions. */
int generator_check(const struct generator *g, const char *const *columns, size_t ncolumns,
    const char *const *values, size_t nvalues, struct err *e);
const struct generator_param *generator_param(const struct generator *g, const char *name);

/** A column's ids: a JSON array of them, or one alone; none when it is empty. ERR_INVALID. */
int generator_ids(struct node **out, struct arena *a, const struct node *v, const char *file,
    struct err *e);
/** The draw: gives each row the column of `assign`. ERR_USAGE where a row has nobody to draw from. */
int generator_assign(const struct generator *g, struct arena *a, const char *seed,
    struct node *rows, struct err *e);

#endif
