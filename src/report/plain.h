/** Results as text: Markdown for reading, CSV and JSON for other programs. */
#ifndef AKT_REPORT_PLAIN_H
#define AKT_REPORT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct node;
struct result;
struct result_section;

/** Markdown with tables (GitHub's); nothing in a value is taken for markup. */
void markdown_write(struct buf *out, const struct result *r);
/** RFC 4180, UTF-8, a heading line, one section's rows (`section` an index); numbers with a point, dates
 * as YYYY-MM-DD. A text that a spreadsheet would take for a formula gets a ' before it. */
void csv_write(struct buf *out, const struct result *r, size_t section);
/** {report, title, today, outside, rounded, params, covers, partial, record, sections: [{id, title, n, omitted, columns:
 * [{name, label, kind}], rows: [{column: value}], total}]}; what is not told is null, and named in the
 * row's `not_told`. */
struct node *json_result(const struct result *r);

/** The facts at the head of a report: what, and in words. False when there are no more. */
bool facts_each(const struct result *r, size_t i, const char **what, const char **text);
/** Why a section shows nothing; NULL when it has rows. */
const char *facts_empty(const struct result *r, const struct result_section *s);
/** What the marks of suppression mean, said where any is; NULL where none is. */
const char *facts_note(const struct result *r, const struct result_section *s);

#endif
