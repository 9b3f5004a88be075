/** A rule of a store: schema/rules/NAME.sql, a query whose rows are obligations (DESIGN 3).
 *
 * Keys of its head (rules/header.h):
 * - id: the rule's name, letters, digits, `_` and `-`, 32 at most;
 * - severity: error, warning or info; it holds once the day has passed, before that all is info;
 * - sv, en: what is missing, with {COLUMN} for a column of the row;
 * - next_sv, next_en: what to do about it; next: the command that does it; next_draft: the one where it has
 *   been begun, that is where the row's column `draft` is not null;
 * - lead: days before the day from which it is shown (0), or the name of a setting that says them;
 * - role: who answers for it where the row names nobody;
 * - only: teams, a blank between, who read all that it looks at; others are shown the rows that name them;
 * - requirement: codes of what it serves; due: the day in words; setting: see there.
 *
 * Columns of the row: `record` and `due_on` (a date; NULL: at once) must be there; `person`, who answers
 * for it; `role` in place of the head's, several with a comma between; any other for the texts. The query
 * may ask for :today and the rule's settings.
 *
 * In texts dates are written out, all else as it is; in commands what a shell would not take as one
 * word stands in quotes. A `{` that begins no {COLUMN} is itself. */
#ifndef AKT_RULES_RULE_H
#define AKT_RULES_RULE_H

#include "rules/header.h"

struct buf;
struct node;

enum rule_severity { RULE_INFO, RULE_WARNING, RULE_ERROR };

struct rule {
	const char *file, *id, *sv, *en;
	const char *next_sv, *next_en, *next, *next_draft; /* NULL */
	const char *role, *requirement, *due, *only; /* NULL */
	enum rule_severity severity;
	int lead; /* days */
	const struct header_setting *lead_setting; /* in its place; NULL */
	size_t nsettings;
	struct header_setting *settings;
	const char *sql;
	struct header header; /* for positions */
};

/** All faults are in `e`, ERR_INVALID. In the arena. */
int rule_parse(struct rule *out, struct arena *a, const char *text, size_t n, const char *file,
    struct err *e);
/** That the query gives what the rule needs: its columns' names. ERR_INVALID, with positions. */
int rule_check_columns(const struct rule *r, const char *const *columns, size_t n, struct err *e);
const char *rule_severity_name(enum rule_severity s);

/** A text with the row's columns in it. `lang` is sv or en; `today` YYYY-MM-DD, whose year goes unsaid. */
void rule_text(struct buf *out, const char *text, const struct node *row, const char *lang,
    const char *today);
/** A command with the row's columns in it, each one word of a shell. */
void rule_command(struct buf *out, const char *text, const struct node *row);
/** A date as people of that language write it: 16 mars, 16 mars 2027. */
void rule_day(struct buf *out, const char *date, const char *lang, const char *today);

#endif
