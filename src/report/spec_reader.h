/** How spec*.c take a document apart. */
#ifndef AKT_REPORT_SPEC_READER_H
#define AKT_REPORT_SPEC_READER_H

#include "report/spec.h"
#include "tree/node.h"

struct spec_reader {
	struct arena *a;
	const char *file, *text; /* name, and the whole file, for the places of queries */
	struct err *e;
	bool bad;
	const struct spec_section *section; /* whose columns a chart may name */
};

/** A mapping's keys: what each is read by. */
struct spec_key {
	const char *name;
	bool required;
	void (*read)(struct spec_reader *r, const struct node *v, const char *path, void *out);
};

void spec_fault(struct spec_reader *r, const struct node *at, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/** Calls the reader of each key there is with `out`, in the table's order; faults unknown and missing ones. */
void spec_map(struct spec_reader *r, const struct node *v, const char *path,
    const struct spec_key *keys, void *out);
const char *spec_under(struct spec_reader *r, const char *path, const char *key);
const char *spec_item(struct spec_reader *r, const char *path, size_t i);
/** A text, NULL and a fault when it is none or empty. */
const char *spec_string(struct spec_reader *r, const struct node *v, const char *path);
/** A query, moved to where it stands in the file, so that SQLite's positions are the file's. */
const char *spec_query(struct spec_reader *r, const struct node *v, const char *path);
bool spec_flag(struct spec_reader *r, const struct node *v, const char *path);
/** True and no fault when it is a list, of at most `max`. */
bool spec_list(struct spec_reader *r, const struct node *v, const char *path, size_t max);
/** Index of the word in `words` (ends with NULL), -1 and a fault that lists them. */
int spec_word(struct spec_reader *r, const struct node *v, const char *path,
    const char *const *words);
/** [a-z][a-z0-9_]{0,31} */
const char *spec_name(struct spec_reader *r, const struct node *v, const char *path);
void spec_label(struct spec_reader *r, const struct node *v, const char *path, void *out);
/** Index of a column of the section, -1 and a fault. */
int spec_column(struct spec_reader *r, const struct node *v, const char *path);

/** spec_chart.c */
void spec_charts(struct spec_reader *r, const struct node *v, const char *path,
    struct spec_section *s);
/** spec_section.c: `v` is one mapping. */
void spec_section(struct spec_reader *r, const struct node *v, const char *path,
    struct spec_section *s);

#endif
