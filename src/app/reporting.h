/* A report on its way: what reporting_*.c and report.c share. */
#ifndef AKT_APP_REPORTING_H
#define AKT_APP_REPORTING_H

#include "app/private.h"
#include "index/index.h"
#include "report/result.h"

struct extra;

struct reporting {
	struct session *s;
	const struct report_options *o;
	const struct spec *spec;
	const char *file;      /* schema/reports/NAME.yaml, in messages */
	char today[11];
	const char *record;    /* that it was frozen into; NULL */
	size_t n;              /* values for every query: today, lang, outside, record, inputs, settings, parameters */
	struct index_value *values;
	const char **text;     /* of the parameters, as given or by default */
	size_t rows;           /* that were read, for the log of reading */
};

/* The report of that name at HEAD, upper and lower case alike. ERR_USAGE with the names there are. */
int reporting_load(struct session *s, const struct spec **out, const char **file, const char *name,
    struct err *e);
/* Everything wrong with a report's file: its form, its queries against the tables of `ix`. */
int reporting_check(struct index *ix, struct arena *a, const char *file, const char *text, size_t n,
    struct err *e);
/* Whether the program gives something of that name besides the records. */
bool reporting_input(const char *name);
/* Values of inputs and parameters. `r` has session, options, spec, file. */
int reporting_values(struct reporting *r, struct err *e);
/* Rows of one of the report's queries. */
int reporting_rows(struct reporting *r, struct node **out, const char *sql, struct err *e);
/* The one value of a query's first row; NULL when there is none. */
int reporting_value(struct reporting *r, const char **out, const char *sql, struct err *e);
/* Labels of the types at HEAD. */
struct result_labels reporting_labels(struct session *s);
/* Runs all sections. */
int reporting_run(struct reporting *r, struct result **out, struct err *e);
/* Puts what the report says now into a new record: {id, dossier, commit}. */
int reporting_freeze(struct reporting *r, struct node **out, struct err *e);
/* A package for those who get no account: *out {report, folder, records, reports}. */
int reporting_package(struct reporting *r, struct node **out, struct err *e);

#endif
