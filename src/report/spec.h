/** What a report is: schema/reports/NAME.yaml, read strictly, every fault with its position. SQL over
 * the index, and how to show what it gives. docs/domain.md tells how to write one. */
#ifndef AKT_REPORT_SPEC_H
#define AKT_REPORT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct node;

struct spec_text {
	const char *sv, *en; /* one of them may be NULL */
};

enum spec_kind {
	COL_TEXT,
	COL_ID,      /* of a record */
	COL_LIST,    /* values with commas between, each with its own label */
	COL_INT,     /* a number that counts nobody: days, a year */
	COL_COUNT,   /* how many: what outside the unit is not told below five */
	COL_NUM,
	COL_PERCENT,
	COL_DATE,
	COL_BOOL,    /* 0, 1 */
};

enum spec_level { LEVEL_NONE, LEVEL_GOOD, LEVEL_WARN, LEVEL_BAD };

struct spec_column {
	const char *name;        /* of the query's result */
	unsigned line, column;   /* where it is named */
	struct spec_text label;
	enum spec_kind kind;
	const char *of;          /* TYPE.FIELD, whose labels its values and itself have; NULL */
	bool inside;             /* tells who somebody is: not shown outside */
	bool hidden;             /* for charts alone */
	/* columns a share is computed from; what a mean is of, or what a count is a part of; -1 none */
	int num, den, base;
	bool wide;               /* long text */
	size_t nlevel;
	struct spec_status {
		const char *value;
		enum spec_level level;
	} *levels;
};

enum spec_chart_kind {
	CHART_BARS,      /* a bar for each row, or for each of its series */
	CHART_STACKED,   /* a row's series after each other; share: to 100 % */
	CHART_HISTOGRAM, /* upright, with a limit after one of them or at a height */
	CHART_DUMBBELL,  /* first and last x of each label */
	CHART_LINES,     /* over x, a panel for each label */
	CHART_HEAT,      /* label by x, the value told in each field */
	CHART_TIMELINE,  /* from and to, or one day, under each other by label */
};

enum { CHART_SERIES = 8, SPEC_SUMS = 8 };

struct spec_mark { /* one kind of a timeline's rows */
	const char *value;
	struct spec_text label;
	enum { MARK_BAR, MARK_BAR_THIN, MARK_GAP, MARK_CIRCLE, MARK_SQUARE, MARK_TRIANGLE, MARK_DIAMOND,
		MARK_CROSS } shape;
};

struct spec_chart {
	enum spec_chart_kind kind;
	int label, group, x, y, n, from, to, mark; /* columns; -1 none */
	size_t nseries;
	int series[CHART_SERIES];
	bool share, percent, nonzero; /* nonzero: rows without anything are not drawn */
	const char *limit_after; /* value of the label column; NULL */
	int limit_at;            /* column whose first value is the height; -1 none */
	struct spec_text limit;
	int min_x, max_x;        /* drawn when there are so many different x; 0 = any */
	size_t nmarks;
	struct spec_mark *marks;
};

enum spec_outside {
	OUTSIDE_OMIT,   /* single records of people: left out */
	OUTSIDE_COUNTS, /* groups below five are not told */
	OUTSIDE_OPEN,   /* nothing about individuals */
};

struct spec_sum { /* a column that is the sum of others */
	int total;
	size_t n;
	int part[CHART_SERIES];
};

struct spec_section {
	const char *id;
	struct spec_text title, text, empty;
	struct spec_text text_outside; /* in place of text there, where that speaks of what is not told; both NULL: text */
	const char *sql, *frozen; /* frozen: over the record that the report was frozen into; NULL */
	enum spec_outside outside;
	size_t ncolumns;
	struct spec_column *columns;
	int group;                /* column whose equal values stand under one heading; -1 */
	int n;                    /* column that sums up to the n shown; -1: the rows are counted */
	struct spec_text n_label; /* what they are; empty = "n" */
	bool total;               /* a last row with the sums of the counts */
	size_t nsums;
	struct spec_sum sums[SPEC_SUMS];
	size_t ncharts;
	struct spec_chart *charts;
};

struct spec_param {
	const char *name;
	struct spec_text label;
	enum { PARAM_TEXT, PARAM_INT, PARAM_DATE, PARAM_CHOICE } kind;
	const char *value, *sql; /* default: as it stands, or the query's first value */
	/* What else it may be in a report for outside: nothing, for two that differ in it could be held against each other;
	 * anything; a date at the beginning of a month, quarter, year. */
	enum { GRID_DEFAULT, GRID_ANY, GRID_MONTH, GRID_QUARTER, GRID_YEAR } grid;
	size_t nchoices;
	struct spec_choice {
		const char *value;
		struct spec_text label;
	} *choices;
};

/* A number of the unit's, as rules have them: bound by its name, `i` unless the unit says otherwise. */
struct spec_setting {
	const char *name, *text;
	int64_t i;
};

struct spec_freeze {
	const char *type;   /* of the record; NULL = the report does not freeze */
	const char *find;   /* SQL: the id of the record it was frozen into, if it was */
	const char *data;   /* SQL: one JSON text, the record's fields; null ones are left out */
	/* SQL: one row, from the record: frozen_on, as_of (days), text (shown above the rest), readable and
	 * dossiers (that it covered); each may be left out or NULL. */
	const char *head;
};

struct spec_package {
	bool is;
	size_t nreports;
	const char **reports; /* their names */
	const char *records;  /* SQL: ids of the records to write out */
	size_t ntexts;
	const char **texts;   /* types whose texts go along: of no individual */
	size_t nmasks;
	struct spec_mask {    /* what else is left out of a type's records; other types are not given out */
		const char *type;
		size_t n;
		const char **fields;
	} *masks;
};

struct spec {
	const char *name;
	struct spec_text title, help;
	size_t ninputs;
	const char **inputs;  /* what the program gives besides the records: bound as JSON by that name */
	size_t nsettings;
	struct spec_setting *settings;
	size_t nreaders;
	const char **readers; /* teams whose members read all that it asks for; others are told that they may not */
	size_t nparams;
	struct spec_param *params;
	size_t nsections;
	struct spec_section *sections;
	struct spec_freeze freeze;
	struct spec_package package;
};

/** Reads `doc`, parsed from `text`, which must outlive it, into `a`. ERR_INVALID with every fault. Queries are
 * padded so that their lines and columns are the file's. */
int spec_read(struct spec **out, struct arena *a, const struct node *doc, const char *name,
    const char *file, const char *text, struct err *e);
/** In `lang`, else the other; "" when it has neither. */
const char *spec_text(const struct spec_text *t, const char *lang);

#endif
