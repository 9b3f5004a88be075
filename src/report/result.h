/** What a report gave: its sections' rows as cells, put into words of one language, with what must not
 * leave the unit taken out. The formats only write it down. */
#ifndef AKT_REPORT_RESULT_H
#define AKT_REPORT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/spec.h"

struct arena;
struct err;
struct node;

enum {
	RESULT_FEW = 5,   /* groups below it are not told outside the unit */
	RESULT_GROUPS = 5000, /* rows of counts there */
	RESULT_STEP = 5,  /* what is told there of counts and shares is a multiple of it */
	RESULT_BROAD = 30 /* cases: from here on a share in steps does not tell how many its part is */
};

enum cell_state {
	CELL_SHOWN,
	CELL_FEW,      /* below five: not told */
	CELL_WITHHELD, /* told, it would tell another */
};

struct cell {
	const struct node *value; /* NULL or null: none */
	const char *text;         /* for people; "" when none */
	enum cell_state state;
	enum spec_level level;
};

/* The greatest count there is. */
#define RESULT_MOST ((int64_t)1 << 40)

struct result_section {
	const struct spec_section *spec;
	size_t nrows;         /* with the row of totals */
	bool has_total, omitted;
	bool n_total;         /* while suppressing: a last row that is not shown, for the sum that n tells */
	uint32_t hide;        /* columns whose total another section does not tell */
	bool steps;           /* its counts and shares will be told in steps */
	struct cell *cells;   /* nrows * spec->ncolumns */
	int64_t n;            /* records or rows behind it */
	enum cell_state n_state;
};

struct result_param {
	const struct spec_param *spec;
	const char *value, *text;
};

/** Labels of fields and of their values, as the schemas have them. */
struct result_labels {
	const char *(*field)(void *ctx, const char *of);                    /* NULL: none */
	const char *(*value)(void *ctx, const char *of, const char *value); /* NULL: none */
	void *ctx;
};

struct result {
	struct arena *arena;
	const struct spec *spec;
	const char *lang, *today;
	size_t readable, dossiers;     /* that the index covers, of the store's */
	bool outside, partial;         /* partial: the person is in none of the teams that read it all */
	const char *record, *frozen_on, *text; /* what it was frozen into; NULL */
	struct result_labels labels;
	size_t nparams;
	struct result_param *params;
	size_t nsections;
	struct result_section *sections;
};

/** With room for the spec's sections, in the spec's order; fill in the rest. */
struct result *result_new(struct arena *a, const struct spec *spec, const char *lang,
    const struct result_labels *labels, bool outside);
/** Takes in section i's rows, a list of mappings of equal keys. ERR_INVALID when the query gives no such
 * column, and where counts are to go outside that are none; `file` names the report's file. */
int result_section(struct result *r, size_t i, const struct node *rows, const char *file,
    struct err *e);
/** When all sections are in: takes out what must not leave the unit, and rounds what does, so that of two reports one
 * less the other does not tell of those in which they differ. */
void result_finish(struct result *r);
/** The first half of it: within this report nothing that is told tells what is not. */
void result_suppress(struct result *r);

const struct cell *result_cell(const struct result_section *s, size_t row, size_t column);
/** A column of this report that is shown. */
bool result_shows(const struct result *r, const struct result_section *s, size_t column);
const char *result_label(const struct result *r, const struct spec_column *c);
/** A number as this language writes it; in the arena. */
const char *result_number(const struct result *r, double v, int decimals);
/** What stands above the table; "" when nothing. */
const char *result_text(const struct result *r, const struct result_section *s);
/** "12 rows", "Cases: 40" in words; "" where that is not told. */
const char *result_n(const struct result *r, const struct result_section *s);
/** Of a shown cell that has a number. */
bool result_value(double *out, const struct cell *c);

/** suppress.c: marks what is not told of a section of counts; then wipes it. Sections whose n is of one name and
 * equal speak of the same records: a column's total that one does not tell, the others do not tell (s->hide). */
void suppress_section(struct result_section *s);
void suppress_wipe(struct result *r, struct result_section *s);

#endif
